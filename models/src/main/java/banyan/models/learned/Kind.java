package banyan.models.learned;

/** Kinds of model, each with the settings it is fitted with. */
public enum Kind {
    /** Weights of evidence in a logistic regression: whole points that a person can add up. */
    scorecard,
    /** A logistic regression on the variables as they are. */
    logit,
    /** Boosted trees. */
    gbm,
    /** A random forest. */
    forest;

    /** λ of the logistic regressions where nothing else is asked, as in scikit-learn. */
    public static final double RIDGE = 1;

    /** Who grows boosted trees. */
    public enum Engine {
        xgboost,
        smile
    }

    /**
     * @param codes numbers that are codes, in every variable
     * @param engine who grows the trees of {@link #gbm}
     * @param ridge λ of the logistic regressions
     * @throws IllegalArgumentException if the sample holds no two kinds of cases, or the engine cannot be loaded
     */
    public Model fit(Sample sample, double[] codes, Engine engine, double ridge) {
        return switch (this) {
            case scorecard -> Scorecard.fit(sample, Bins.Manner.CARD.specials(codes), ridge);
            case logit -> RawLogistic.fit(sample, codes, ridge);
            case forest -> SmileTrees.forest(sample, codes, SmileTrees.Forest.USUAL);
            case gbm ->
                switch (engine) {
                    case xgboost -> XgBoost.fit(sample, codes, XgBoost.Settings.USUAL);
                    case smile -> SmileTrees.boosting(sample, codes, SmileTrees.Boosting.USUAL);
                };
        };
    }
}
