package banyan.models.learned;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.distribution.NormalDistribution;
import smile.sort.QuickSort;

/**
 * How sure an AUC is, and whether one model's is higher than another's on the same cases (DeLong, DeLong and Clarke-Pearson 1988, by
 * the mid-ranks of Sun and Xu 2014). Cases count once each.
 *
 * @param auc of each model
 * @param variance [model][model]: covariance of the AUCs
 */
public record DeLong(double[] auc, double[][] variance) {
    private static final NormalDistribution NORMAL = new NormalDistribution();

    /**
     * @param scores [model][case]
     * @param bad 1 or 0 a case; at least two of each
     */
    public static DeLong of(double[][] scores, double[] bad) {
        int models = scores.length;
        int m = 0;
        for (double b : bad) {
            m += (int) b;
        }
        int n = bad.length - m;
        if (m < 2 || n < 2) {
            throw new IllegalArgumentException("Cannot say how sure an AUC is: of " + bad.length + " cases " + m
                    + " are bad; two of each kind are needed.");
        }
        double[] auc = new double[models];
        double[][] ofBad = new double[models][];
        double[][] ofGood = new double[models][];
        for (int k = 0; k < models; k++) {
            double[] badScores = chosen(scores[k], bad, 1);
            double[] goodScores = chosen(scores[k], bad, 0);
            double[] both = new double[m + n];
            System.arraycopy(badScores, 0, both, 0, m);
            System.arraycopy(goodScores, 0, both, m, n);
            double[] all = midRanks(both);
            double[] badRanks = midRanks(badScores);
            double[] goodRanks = midRanks(goodScores);
            ofBad[k] = new double[m];
            ofGood[k] = new double[n];
            for (int i = 0; i < m; i++) {
                ofBad[k][i] = (all[i] - badRanks[i]) / n;
                auc[k] += ofBad[k][i] / m;
            }
            for (int j = 0; j < n; j++) {
                ofGood[k][j] = 1 - (all[m + j] - goodRanks[j]) / m;
            }
        }
        double[][] variance = new double[models][models];
        for (int a = 0; a < models; a++) {
            for (int b = 0; b < models; b++) {
                variance[a][b] = covariance(ofBad[a], ofBad[b]) / m + covariance(ofGood[a], ofGood[b]) / n;
            }
        }
        return new DeLong(auc, variance);
    }

    /**
     * An AUC and its standard error.
     *
     * @param auc not a number, as the error, where there are not two cases of each kind
     */
    public record One(double auc, double error) {}

    /** Of the scores of one model. */
    public static One of(double[] scores, double[] bad) {
        if (!tells(bad)) {
            return new One(Double.NaN, Double.NaN);
        }
        DeLong one = of(new double[][] {scores}, bad);
        return new One(one.auc[0], one.error(0));
    }

    /** Whether there are two cases of each kind, without which nothing is sure. */
    public static boolean tells(double[] bad) {
        double sum = Arrays.stream(bad).sum();
        return sum >= 2 && bad.length - sum >= 2;
    }

    private static double[] chosen(double[] scores, double[] bad, double kind) {
        List<Double> chosen = new ArrayList<>();
        for (int i = 0; i < bad.length; i++) {
            if (bad[i] == kind) {
                chosen.add(scores[i]);
            }
        }
        return chosen.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Ranks from 1; equal values share the mean of theirs. */
    private static double[] midRanks(double[] values) {
        double[] sorted = values.clone();
        int[] order = QuickSort.sort(sorted);
        double[] ranks = new double[values.length];
        for (int i = 0; i < sorted.length; ) {
            int j = i;
            while (j < sorted.length && sorted[j] == sorted[i]) {
                j++;
            }
            for (int k = i; k < j; k++) {
                ranks[order[k]] = (i + 1 + j) / 2.0;
            }
            i = j;
        }
        return ranks;
    }

    private static double covariance(double[] a, double[] b) {
        double meanA = Arrays.stream(a).average().orElseThrow();
        double meanB = Arrays.stream(b).average().orElseThrow();
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - meanA) * (b[i] - meanB);
        }
        return sum / (a.length - 1);
    }

    /** Standard error of a model's AUC. */
    public double error(int model) {
        return Math.sqrt(variance[model][model]);
    }

    /** Variance of the first model's AUC less the second's. */
    public double varianceOfDifference() {
        return Math.max(0, variance[0][0] + variance[1][1] - 2 * variance[0][1]);
    }

    /** Two-sided p of a difference of this size being chance; 1 where there is none. */
    public static double pValue(double difference, double variance) {
        if (difference == 0) {
            return 1;
        }
        return variance == 0 ? 0 : 2 * NORMAL.cumulativeProbability(-Math.abs(difference) / Math.sqrt(variance));
    }
}
