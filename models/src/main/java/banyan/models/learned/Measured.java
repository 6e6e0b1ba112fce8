package banyan.models.learned;

import java.util.Arrays;
import java.util.List;
import smile.sort.QuickSort;

/**
 * How well scores tell bad cases from good ones. Weighted; cases of equal scores count half for and half against.
 *
 * @param auc the chance that a bad case drawn at random has a higher score than a good one
 * @param ks the largest difference between the shares of bad and of good cases above any score (Kolmogorov and Smirnov)
 * @param brier mean squared difference between probability and outcome
 */
public record Measured(double auc, double ks, double brier) {

    /**
     * @param probability of being bad, a case
     * @param bad 1 or 0 a case; where all are alike, AUC and KS are not a number
     * @param weight of each case
     */
    public static Measured of(double[] probability, double[] bad, double[] weight) {
        double[] sorted = probability.clone();
        int[] order = QuickSort.sort(sorted);
        double allBad = 0;
        double all = 0;
        double squared = 0;
        for (int i = 0; i < bad.length; i++) {
            if (Double.isNaN(probability[i])) {
                throw new IllegalArgumentException("Cannot measure: the score of case " + i + " is not a number.");
            }
            all += weight[i];
            allBad += weight[i] * bad[i];
            squared += weight[i] * (probability[i] - bad[i]) * (probability[i] - bad[i]);
        }
        double allGood = all - allBad;
        double below = 0;
        double pairs = 0;
        double badBelow = 0;
        double ks = 0;
        for (int i = 0; i < order.length; ) {
            double tiedBad = 0;
            double tiedGood = 0;
            int j = i;
            for (; j < order.length && sorted[j] == sorted[i]; j++) {
                tiedBad += weight[order[j]] * bad[order[j]];
                tiedGood += weight[order[j]] * (1 - bad[order[j]]);
            }
            pairs += tiedBad * (below + tiedGood / 2);
            below += tiedGood;
            badBelow += tiedBad;
            ks = Math.max(ks, Math.abs(badBelow / allBad - below / allGood));
            i = j;
        }
        boolean both = allBad > 0 && allGood > 0;
        return new Measured(both ? pairs / (allBad * allGood) : Double.NaN, both ? ks : Double.NaN, squared / all);
    }

    /** The mean of each measure. */
    public static Measured mean(List<Measured> folds) {
        return new Measured(
                folds.stream().mapToDouble(Measured::auc).average().orElse(Double.NaN),
                folds.stream().mapToDouble(Measured::ks).average().orElse(Double.NaN),
                folds.stream().mapToDouble(Measured::brier).average().orElse(Double.NaN));
    }

    /** Weighted mean of the outcome. */
    static double rate(double[] bad, double[] weight) {
        double sum = 0;
        for (int i = 0; i < bad.length; i++) {
            sum += weight[i] * bad[i];
        }
        return sum / Arrays.stream(weight).sum();
    }
}
