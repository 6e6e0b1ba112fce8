package banyan.models.learned;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import smile.sort.QuickSort;

/** Scores made into probabilities, and how true probabilities are. */
public final class Calibration {
    private Calibration() {}

    /**
     * A map from scores to probabilities that never falls: pool-adjacent-violators on the means of equal scores (Ayer and others 1955),
     * so that the order of the cases does not matter; blocks with few events joined to the next; straight lines between the middles of
     * the blocks.
     *
     * @param score middles of the blocks, ascending
     * @param probability of each block, ascending
     */
    public record Isotonic(double[] score, double[] probability) {

        /**
         * @param events weight of bad cases a block should have, such as 50; the last may have fewer
         */
        public static Isotonic fit(double[] scores, double[] bad, double[] weight, double events) {
            double[] sorted = scores.clone();
            int[] order = QuickSort.sort(sorted);
            List<double[]> blocks = new ArrayList<>(); // weight, bad, weight·score
            double all = 0;
            for (int i = 0; i < sorted.length; ) {
                double[] block = new double[3];
                int j = i;
                for (; j < sorted.length && sorted[j] == sorted[i]; j++) {
                    int row = order[j];
                    block[0] += weight[row];
                    block[1] += weight[row] * bad[row];
                    block[2] += weight[row] * sorted[j];
                }
                all += block[0];
                blocks.add(block);
                while (blocks.size() > 1
                        && share(blocks.get(blocks.size() - 2)) >= share(blocks.get(blocks.size() - 1))) {
                    join(blocks, blocks.size() - 2);
                }
                i = j;
            }
            for (int b = 0; b < blocks.size() - 1; ) {
                if (blocks.get(b)[1] < events) {
                    join(blocks, b);
                } else {
                    b++;
                }
            }
            if (blocks.size() > 1 && blocks.get(blocks.size() - 1)[1] < events) {
                join(blocks, blocks.size() - 2);
            }
            double least = 1 / (all + 2);
            double[] middle = blocks.stream().mapToDouble(b -> b[2] / b[0]).toArray();
            double[] probability = blocks.stream()
                    .mapToDouble(b -> Math.min(1 - least, Math.max(least, share(b))))
                    .toArray();
            return new Isotonic(middle, probability);
        }

        private static double share(double[] block) {
            return block[1] / block[0];
        }

        /** The block of this number and the one after it become one. */
        private static void join(List<double[]> blocks, int at) {
            double[] next = blocks.remove(at + 1);
            for (int k = 0; k < 3; k++) {
                blocks.get(at)[k] += next[k];
            }
        }

        public double at(double of) {
            int last = score.length - 1;
            if (of <= score[0] || last == 0) {
                return probability[0];
            }
            if (of >= score[last]) {
                return probability[last];
            }
            int above = 1;
            while (score[above] < of) {
                above++;
            }
            double part = (of - score[above - 1]) / (score[above] - score[above - 1]);
            return probability[above - 1] + part * (probability[above] - probability[above - 1]);
        }
    }

    /**
     * Probabilities moved on a straight line of log odds (logistic recalibration; Cox 1958, Platt 1999): what few cases can tell of how
     * extreme they are and how high. The order of the cases stays.
     *
     * @param slope above 0
     */
    public record Line(double intercept, double slope) {
        /** Probabilities as they are. */
        public static final Line NONE = new Line(0, 1);

        /** How far from 1 a slope is expected to be before anything is seen, as a standard deviation. */
        private static final double FAR = 0.25;

        /**
         * The most likely line, where slopes of 1 ± 0.25 are expected before anything is seen: of few cases little more than the level is
         * learned, of many all. {@link #NONE} where all cases are alike, or the line would turn their order.
         */
        public static Line fit(double[] probability, double[] bad, double[] weight) {
            double share = Measured.rate(bad, weight);
            if (!(share > 0 && share < 1)) {
                return NONE;
            }
            double[] odds = Arrays.stream(probability).map(Calibration::logOdds).toArray();
            // The distance of the slope from 1 is held back as a coefficient is by a ridge.
            Logistic fit = Logistic.fit(new double[][] {odds}, bad, weight, 1 / (FAR * FAR), odds);
            Line line = new Line(fit.intercept(), 1 + fit.coefficients()[0]);
            return line.slope > 0 ? line : NONE;
        }

        public double at(double probability) {
            return Logistic.probability(intercept + slope * logOdds(probability));
        }
    }

    private static double logOdds(double probability) {
        double p = Math.min(1 - 1e-9, Math.max(1e-9, probability));
        return Math.log(p / (1 - p));
    }

    /**
     * How true probabilities are (Cox 1958; Hosmer and Lemeshow 1980).
     *
     * @param intercept of the outcome's log odds on those of the probabilities; 0 where they are true
     * @param slope of the same; 1 where they are true, below 1 where they are too extreme
     * @param error mean distance of probability and outcome in ten groups of about the same weight
     */
    public record Truth(double intercept, double slope, double error) {
        private static final int GROUPS = 10;

        /** Where all cases are alike nothing can be said: not a number. */
        public static Truth of(double[] probability, double[] bad, double[] weight) {
            double share = Measured.rate(bad, weight);
            if (!(share > 0 && share < 1)) {
                return new Truth(Double.NaN, Double.NaN, Double.NaN);
            }
            double[] odds = Arrays.stream(probability).map(Calibration::logOdds).toArray();
            if (Arrays.stream(odds).allMatch(o -> o == odds[0])) {
                return new Truth(Double.NaN, Double.NaN, error(probability, bad, weight));
            }
            Logistic fit = Logistic.fit(new double[][] {odds}, bad, weight, 0);
            return new Truth(fit.intercept(), fit.coefficients()[0], error(probability, bad, weight));
        }

        private static double error(double[] probability, double[] bad, double[] weight) {
            double[] sorted = probability.clone();
            int[] order = QuickSort.sort(sorted);
            double all = Arrays.stream(weight).sum();
            double error = 0;
            double gone = 0;
            double difference = 0;
            int group = 1;
            for (int i = 0; i < order.length; i++) {
                int row = order[i];
                gone += weight[row];
                difference += weight[row] * (probability[row] - bad[row]);
                boolean tied = i + 1 < order.length && sorted[i + 1] == sorted[i];
                if (i + 1 == order.length || !tied && gone >= all * group / GROUPS) {
                    error += Math.abs(difference);
                    difference = 0;
                    group = (int) (gone * GROUPS / all) + 1;
                }
            }
            return error / all;
        }
    }
}
