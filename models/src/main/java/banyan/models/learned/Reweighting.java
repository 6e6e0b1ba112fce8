package banyan.models.learned;

import banyan.models.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What inspections say of the points of an index. First how many log odds of a problem a point stands for, all points alike; then, of
 * each indicator, by what its own points would have to be multiplied. A factor is held near 1 by a normal prior and within bounds
 * ({@link Plan.Fit}), so that one quarter's results cannot turn an index over ({@code handbook: classification §7, §12}). It is a
 * proposal: who adopts it is a person. Errors take the slope for known, and the inspections of one enterprise on
 * several items or in several batches for independent.
 *
 * @param cases inspected where there was something to check, {@code problems} of them with a finding
 * @param effective as many cases drawn alike would tell as much (Kish 1965): each weighs 1/pi
 * @param slope log odds of a problem by which a hundred points raise it, and {@code slopeError} its standard error; not a number where
 *     the cases are all of a kind
 * @param weights one for each indicator; none where the score does not tell problems from none
 * @param before AUC of the score as it is, of cases as they were inspected
 * @param after the same with the factors, caps of groups kept, points not rounded; each case by the factors fitted on the other folds
 * @param chance how likely a difference of these as large is by chance (DeLong 1988), two-sided
 * @param bounds of what is proposed
 */
public record Reweighting(
        int cases,
        int problems,
        double effective,
        double slope,
        double slopeError,
        List<Weight> weights,
        DeLong.One before,
        DeLong.One after,
        double chance,
        Plan.Fit bounds) {
    private static final int FOLDS = 5;
    /** Of the first step: enough to keep it finite. */
    private static final double SLIGHT = 1e-6;

    private static final double Z = 1.959963984540054; // of a normal distribution, 95 percent

    /**
     * Enterprises that were inspected, and what they had been given.
     *
     * @param indicators that give points, and {@code groups} the group of each
     * @param fixed those whose points are not multiplied: of two twins the one stands in for the other
     * @param caps group → the most points it gives
     * @param points [indicator][case] before caps
     * @param counted [indicator][case] as they count in the score
     * @param off of each case the points that bonuses take off, 0 or below
     * @param score of each case: all that counts, of other things too
     * @param problem 1 where a problem was found, 0 where none was
     * @param pi how likely the case was to be drawn, above 0
     * @param fold of each case any whole number that is its enterprise's on every run
     */
    public record Cases(
            List<String> indicators,
            List<String> groups,
            Set<String> fixed,
            Map<String, Integer> caps,
            double[][] points,
            double[][] counted,
            double[] off,
            double[] score,
            double[] problem,
            double[] pi,
            int[] fold) {
        int count() {
            return problem.length;
        }

        /** The score of a case with the points of each indicator multiplied, as the index adds them up, but not rounded. */
        double score(int c, double[] factors) {
            return score[c] + own(c, i -> factors[i]) - own(c, i -> 1);
        }

        /** What indicators and bonuses come to. */
        private double own(int c, IntToDoubleFunction factor) {
            Map<String, Double> sums = new TreeMap<>();
            for (int i = 0; i < points.length; i++) {
                sums.merge(groups.get(i), points[i][c] * factor.applyAsDouble(i), Double::sum);
            }
            double given = sums.entrySet().stream()
                    .mapToDouble(group -> Math.min(caps.get(group.getKey()), group.getValue()))
                    .sum();
            int most = caps.values().stream().mapToInt(Integer::intValue).sum();
            return Math.max(0, Math.min(most, given + off[c]));
        }
    }

    /**
     * What the cases say of one indicator.
     *
     * @param cases those in which it gave points
     * @param found share of them with a finding, each weighing 1/pi, and {@code expected} the share that the score as it is expects; not a
     *     number where there are none
     * @param told the factor by which its points would tell most; 1 where nothing is to be told
     * @param error its standard error; not a number where its points are not multiplied
     * @param proposed whether enough cases say surely that it is not 1
     * @param factor what is proposed, within the bounds; 1 where nothing is
     */
    public record Weight(
            String indicator,
            int cases,
            double found,
            double expected,
            double told,
            double error,
            boolean proposed,
            double factor) {
        static Weight of(
                String indicator,
                int cases,
                double found,
                double expected,
                double told,
                double error,
                Plan.Fit bounds) {
            boolean proposed = cases >= bounds.least() && Math.abs(told - 1) > Z * error;
            double bounded = Math.max(bounds.least_factor(), Math.min(bounds.most_factor(), told));
            return new Weight(indicator, cases, found, expected, told, error, proposed, proposed ? bounded : 1);
        }
    }

    /** Why nothing is proposed; empty where something is that tells problems from none better than the score does, of cases it was not fitted on. */
    public Optional<String> nothing() {
        if (Double.isNaN(slope)) {
            return Optional.of("of " + cases + " inspected there are not two with a problem and two without");
        }
        if (weights.isEmpty()) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "the score does not surely tell problems from none: a hundred points stand for %.2f ± %.2f log odds of one",
                    slope,
                    slopeError));
        }
        if (weights.stream().noneMatch(Weight::proposed)) {
            return Optional.of("no indicator's points are surely too many or too few");
        }
        return after.auc() > before.auc() && chance <= bounds.chance()
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "of cases they were not fitted on, the factors do not surely tell problems from none better than the score does:"
                                + " AUC %.4f against %.4f, p %.3f",
                        after.auc(),
                        before.auc(),
                        chance));
    }

    /** @param bounds of what is proposed */
    public static Reweighting of(Cases cases, Plan.Fit bounds) {
        int n = cases.count();
        int problems =
                (int) IntStream.range(0, n).mapToDouble(c -> cases.problem[c]).sum();
        Fit all = Fit.of(cases, IntStream.range(0, n).toArray(), bounds);
        if (!DeLong.tells(cases.problem)) {
            DeLong.One none = new DeLong.One(Double.NaN, Double.NaN);
            return new Reweighting(
                    n, problems, all.effective, Double.NaN, Double.NaN, List.of(), none, none, 1, bounds);
        }
        double[] after = cases.score.clone();
        for (int f = 0; f < FOLDS; f++) {
            int here = f;
            int[] others = IntStream.range(0, n)
                    .filter(c -> Math.floorMod(cases.fold[c], FOLDS) != here)
                    .toArray();
            List<Weight> weights = Fit.of(cases, others, bounds).weights;
            if (weights.isEmpty()) {
                continue; // of these nothing is proposed: the score as it is
            }
            double[] factors = weights.stream().mapToDouble(Weight::factor).toArray();
            IntStream.range(0, n)
                    .filter(c -> Math.floorMod(cases.fold[c], FOLDS) == here)
                    .forEach(c -> after[c] = cases.score(c, factors));
        }
        DeLong both = DeLong.of(new double[][] {cases.score, after}, cases.problem);
        double variance = both.varianceOfDifference();
        double difference = both.auc()[1] - both.auc()[0];
        return new Reweighting(
                n,
                problems,
                all.effective,
                all.slope,
                all.slopeError,
                all.weights,
                new DeLong.One(both.auc()[0], both.error(0)),
                new DeLong.One(both.auc()[1], both.error(1)),
                variance > 0 ? DeLong.pValue(difference, variance) : 1,
                bounds);
    }

    /** What some of the cases say; no weights where they do not tell. */
    private record Fit(double slope, double slopeError, double effective, List<Weight> weights) {
        static Fit of(Cases cases, int[] some, Plan.Fit bounds) {
            double[] bad = of(cases.problem, some, 1);
            double[] hundreds = of(cases.score, some, 0.01);
            double sum = IntStream.of(some).mapToDouble(c -> 1 / cases.pi[c]).sum();
            double squares = IntStream.of(some)
                    .mapToDouble(c -> 1 / (cases.pi[c] * cases.pi[c]))
                    .sum();
            double effective = some.length == 0 ? 0 : sum * sum / squares;
            double[] weight = IntStream.of(some)
                    .mapToDouble(c -> effective / sum / cases.pi[c])
                    .toArray();
            if (!DeLong.tells(bad)) {
                return new Fit(Double.NaN, Double.NaN, effective, List.of());
            }
            Logistic whole = Logistic.fit(new double[][] {hundreds}, bad, weight, SLIGHT);
            double slope = whole.coefficients()[0];
            double error = whole.errors()[1];
            if (!(slope > Z * error)) {
                return new Fit(slope, error, effective, List.of());
            }
            double[] offset = whole.logOdds(new double[][] {hundreds}, bad.length);
            int[] free = IntStream.range(0, cases.counted.length)
                    .filter(i -> !cases.fixed.contains(cases.indicators.get(i)))
                    .toArray();
            double[][] x = IntStream.of(free)
                    .mapToObj(i -> of(cases.counted[i], some, slope / 100))
                    .toArray(double[][]::new);
            Logistic factors = Logistic.fit(x, bad, weight, 1 / (bounds.spread() * bounds.spread()), offset);
            List<Weight> weights = new ArrayList<>();
            for (int i = 0, column = 0; i < cases.counted.length; i++) {
                boolean moves = column < free.length && free[column] == i;
                double told = moves ? 1 + factors.coefficients()[column] : 1;
                double of = moves ? factors.errors()[column + 1] : Double.NaN;
                column += moves ? 1 : 0;
                double[] given = of(cases.counted[i], some, 1);
                weights.add(weight(cases.indicators.get(i), given, bad, weight, offset, told, of, bounds));
            }
            return new Fit(slope, error, effective, weights);
        }

        private static Weight weight(
                String indicator,
                double[] x,
                double[] bad,
                double[] weight,
                double[] offset,
                double told,
                double error,
                Plan.Fit bounds) {
            int here = 0;
            double all = 0;
            double found = 0;
            double expected = 0;
            for (int c = 0; c < x.length; c++) {
                if (x[c] != 0) {
                    here++;
                    all += weight[c];
                    found += weight[c] * bad[c];
                    expected += weight[c] * Logistic.probability(offset[c]);
                }
            }
            return Weight.of(indicator, here, found / all, expected / all, here == 0 ? 1 : told, error, bounds);
        }

        private static double[] of(double[] all, int[] some, double times) {
            return IntStream.of(some).mapToDouble(c -> all[c] * times).toArray();
        }
    }
}
