package banyan.models.learned;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What inspections say of the points of an index. First how many log odds of a problem a point stands for, all points alike; then, of
 * each indicator, by what its own points would have to be multiplied. A factor is held near 1 by a normal prior and within half and
 * twice, so that one quarter's results cannot turn an index over ({@code handbook: classification §7, §12}; all bounds proposed
 * defaults). It is a proposal: who adopts it is a person.
 *
 * @param slope log odds of a problem by which a hundred points raise it
 * @param slopeError its standard error
 * @param cases inspected where there was something to check, {@code problems} of them with a finding
 * @param effective as many cases drawn alike would tell as much (Kish 1965): each weighs 1/pi
 * @param weights one for each indicator
 * @param before AUC of the score as it is, of cases as they were inspected
 * @param after the same with the factors, each case by those fitted on the other folds
 * @param chance how likely a difference of these as large is by chance (DeLong 1988), two-sided
 */
public record Reweighting(
        double slope,
        double slopeError,
        int cases,
        int problems,
        double effective,
        List<Weight> weights,
        DeLong.One before,
        DeLong.One after,
        double chance) {
    /** Fewer cases in which an indicator gave points say nothing of it. */
    public static final int LEAST = 30;

    private static final int FOLDS = 5;
    /** Of a factor, before anything is known of it: the ridge that this is as prior is its inverse square. */
    private static final double SPREAD = 0.5;
    /** Of the first step: enough to keep it finite. */
    private static final double SLIGHT = 1e-6;

    private static final double LESS = 0.5;
    private static final double MORE = 2;
    private static final double Z = 1.959963984540054; // of a normal distribution, 95 percent

    /**
     * What the cases say of one indicator.
     *
     * @param cases those in which it gave points, {@code problems} of them with a finding
     * @param expected how many findings the score as it is expects among them
     * @param factor by which its points would tell most, 0.5 to 2; 1 where nothing is to be told
     * @param error its standard error
     */
    public record Weight(String indicator, int cases, int problems, double expected, double factor, double error) {
        /** Whether enough cases say surely that it is not 1. */
        public boolean proposed() {
            return cases >= LEAST && Math.abs(factor - 1) > Z * error;
        }
    }

    /** Whether factors are proposed, and tell problems from none better than the score does, of cases they were not fitted on. */
    public boolean better() {
        return weights.stream().anyMatch(Weight::proposed) && after.auc() > before.auc();
    }

    /**
     * @param indicators whose points may be multiplied
     * @param counted [indicator][case] points that count in the score
     * @param score of each case: all that counts, of other things too
     * @param problem 1 where a problem was found, 0 where none was
     * @param pi how likely the case was to be drawn, above 0
     * @param fold of each case any whole number that is the same on every run
     * @throws IllegalArgumentException where the cases are all of a kind, or the score does not tell them apart: then there is nothing
     *     for factors to improve on
     */
    public static Reweighting of(
            List<String> indicators, double[][] counted, double[] score, double[] problem, double[] pi, int[] fold) {
        int n = problem.length;
        Fit all = Fit.of(
                indicators, counted, score, problem, pi, IntStream.range(0, n).toArray());
        double[] after = new double[n];
        for (int f = 0; f < FOLDS; f++) {
            int here = f;
            int[] others = IntStream.range(0, n)
                    .filter(c -> Math.floorMod(fold[c], FOLDS) != here)
                    .toArray();
            int[] held = IntStream.range(0, n)
                    .filter(c -> Math.floorMod(fold[c], FOLDS) == here)
                    .toArray();
            if (held.length > 0) {
                List<Weight> weights = Fit.of(indicators, counted, score, problem, pi, others).weights;
                for (int c : held) {
                    after[c] = score[c];
                    for (int i = 0; i < weights.size(); i++) {
                        if (weights.get(i).proposed()) {
                            after[c] += (weights.get(i).factor() - 1) * counted[i][c];
                        }
                    }
                }
            }
        }
        DeLong both = DeLong.of(new double[][] {score, after}, problem);
        double variance = both.varianceOfDifference();
        double difference = both.auc()[1] - both.auc()[0];
        return new Reweighting(
                all.slope,
                all.slopeError,
                n,
                (int) IntStream.range(0, n).mapToDouble(c -> problem[c]).sum(),
                all.effective,
                all.weights,
                new DeLong.One(both.auc()[0], both.error(0)),
                new DeLong.One(both.auc()[1], both.error(1)),
                variance > 0 ? DeLong.pValue(difference, variance) : 1);
    }

    /** What some of the cases say. */
    private record Fit(double slope, double slopeError, double effective, List<Weight> weights) {
        static Fit of(
                List<String> indicators,
                double[][] counted,
                double[] score,
                double[] problem,
                double[] pi,
                int[] cases) {
            double[] bad = of(problem, cases, 1);
            double[] hundreds = of(score, cases, 0.01);
            double sum = IntStream.of(cases).mapToDouble(c -> 1 / pi[c]).sum();
            double squares =
                    IntStream.of(cases).mapToDouble(c -> 1 / (pi[c] * pi[c])).sum();
            double effective = sum * sum / squares;
            double[] weight = IntStream.of(cases)
                    .mapToDouble(c -> effective / sum / pi[c])
                    .toArray();
            if (!DeLong.tells(bad)) {
                throw new IllegalArgumentException(
                        "of " + bad.length + " cases there are not two with a problem and two without");
            }
            Logistic told = Logistic.fit(new double[][] {hundreds}, bad, weight, SLIGHT);
            double slope = told.coefficients()[0];
            if (!(slope > Z * told.errors()[1])) {
                throw new IllegalArgumentException(String.format(
                        java.util.Locale.ROOT,
                        "the score does not tell problems from none: a hundred points stand for %.3f ± %.3f log odds of one",
                        slope,
                        Z * told.errors()[1]));
            }
            double[] offset = told.logOdds(new double[][] {hundreds}, bad.length);
            double[][] x = new double[counted.length][];
            for (int i = 0; i < x.length; i++) {
                x[i] = of(counted[i], cases, slope / 100);
            }
            Logistic factors = Logistic.fit(x, bad, weight, 1 / (SPREAD * SPREAD), offset);
            List<Weight> weights = new ArrayList<>();
            for (int i = 0; i < x.length; i++) {
                int here = 0;
                int problems = 0;
                double expected = 0;
                for (int c = 0; c < bad.length; c++) {
                    if (x[i][c] != 0) {
                        here++;
                        problems += (int) bad[c];
                        expected += Logistic.probability(offset[c]);
                    }
                }
                double factor = here == 0 ? 1 : Math.max(LESS, Math.min(MORE, 1 + factors.coefficients()[i]));
                weights.add(new Weight(indicators.get(i), here, problems, expected, factor, factors.errors()[i + 1]));
            }
            return new Fit(slope, told.errors()[1], effective, weights);
        }

        private static double[] of(double[] all, int[] cases, double times) {
            return IntStream.of(cases).mapToDouble(c -> all[c] * times).toArray();
        }
    }
}
