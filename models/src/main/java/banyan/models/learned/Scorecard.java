package banyan.models.learned;

import java.util.ArrayList;
import java.util.List;

/**
 * Weights of evidence in a logistic regression: the log odds of a bad case are {@code intercept + Σ coefficient·woe(bin)}. Weight of
 * evidence rises with risk, so that every coefficient is above 0: a variable whose coefficient came out otherwise says, beside the
 * others, the opposite of what it says alone, and is left out.
 *
 * @param variables in the order they were given, without those left out
 * @param fit the regression on the weights of evidence of {@code variables}
 * @param leftOut why each of the other variables is not in the card
 */
public record Scorecard(List<Bins> variables, Logistic fit, List<LeftOut> leftOut) implements Model {

    /** A variable that is not in the card. */
    public record LeftOut(String variable, String why) {}

    /**
     * @param manner how each variable is put into bins
     * @param ridge λ of {@link Logistic#fit}
     */
    public static Scorecard fit(Sample sample, Bins.Manner manner, double ridge) {
        List<Bins> kept = new ArrayList<>();
        List<double[]> columns = new ArrayList<>();
        List<LeftOut> leftOut = new ArrayList<>();
        for (Values values : sample.variables()) {
            Bins bins = Bins.of(values, sample.bad(), sample.weight(), manner);
            if (bins.iv() == 0) {
                leftOut.add(new LeftOut(values.name(), bins.status()));
            } else {
                kept.add(bins);
                columns.add(worth(bins, values));
            }
        }
        while (true) {
            Logistic fit = Logistic.fit(columns.toArray(double[][]::new), sample.bad(), sample.weight(), ridge);
            int worst = -1;
            for (int k = 0; k < kept.size(); k++) {
                double coefficient = fit.coefficients()[k];
                if (!(coefficient > 0) && (worst < 0 || coefficient < fit.coefficients()[worst])) {
                    worst = k;
                }
            }
            if (worst < 0) {
                return new Scorecard(List.copyOf(kept), fit, List.copyOf(leftOut));
            }
            leftOut.add(new LeftOut(kept.get(worst).variable(), "its sign is against its own bins"));
            kept.remove(worst);
            columns.remove(worst);
        }
    }

    private static double[] worth(Bins bins, Values values) {
        double[] worth = bins.worth();
        int[] index = bins.index(values);
        double[] column = new double[index.length];
        for (int i = 0; i < column.length; i++) {
            column[i] = worth[index[i]];
        }
        return column;
    }

    @Override
    public double[] probability(List<Values> values, int cases) {
        double[][] columns = new double[variables.size()][];
        for (int k = 0; k < columns.length; k++) {
            Bins bins = variables.get(k);
            columns[k] = worth(bins, Model.named(values, bins.variable()));
        }
        double[] probability = fit.logOdds(columns, cases);
        for (int i = 0; i < cases; i++) {
            probability[i] = Logistic.probability(probability[i]);
        }
        return probability;
    }
}
