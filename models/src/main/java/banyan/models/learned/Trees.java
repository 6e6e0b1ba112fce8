package banyan.models.learned;

import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Binary trees that add up to a score, whoever grew them, in plain arrays: nodes are numbered from 0, the root, and a case goes left
 * where its value is below the node's threshold.
 *
 * @param preparation how variables become columns
 * @param base what the score begins with
 * @param trees each adds the value of the leaf a case ends in
 * @param single whether values are rounded to float before they are compared, as XGBoost does
 * @param logistic whether the score is log odds; if not, it is the probability
 */
public record Trees(Preparation preparation, double base, List<Tree> trees, boolean single, boolean logistic)
        implements Model {

    /**
     * @param column a node's column, −1 at a leaf
     * @param threshold below which a case goes left
     * @param left number of the left child
     * @param right number of the right child
     * @param missingLeft where a case without a value goes
     * @param value what a leaf adds to the score
     * @param cover weight of the cases of the sample that came by
     */
    public record Tree(
            int[] column,
            double[] threshold,
            int[] left,
            int[] right,
            boolean[] missingLeft,
            double[] value,
            double[] cover) {

        /** @param x [column][case] */
        double of(double[][] x, int at) {
            int node = 0;
            while (column[node] >= 0) {
                node = goesLeft(node, x, at) ? left[node] : right[node];
            }
            return value[node];
        }

        boolean goesLeft(int node, double[][] x, int at) {
            double of = x[column[node]][at];
            return Double.isNaN(of) ? missingLeft[node] : of < threshold[node];
        }
    }

    /** [column][case] as the trees see them. */
    double[][] columns(List<Values> values, int cases) {
        double[][] x = preparation.apply(values, cases);
        if (single) {
            for (double[] column : x) {
                for (int i = 0; i < cases; i++) {
                    column[i] = (float) column[i];
                }
            }
        }
        return x;
    }

    @Override
    public double[] scores(List<Values> values, int cases) {
        double[][] x = columns(values, cases);
        double[] scores = new double[cases];
        for (int i = 0; i < cases; i++) {
            double score = base;
            for (Tree tree : trees) {
                score += tree.of(x, i);
            }
            scores[i] = score;
        }
        return scores;
    }

    private static final int CHECKED = 1000;

    /**
     * Itself, where it scores the first thousand cases as those who grew it do.
     *
     * @param theirs the score of the case of this number
     * @throws IllegalStateException if a score differs by more than the tolerance
     */
    Trees checked(Sample sample, double tolerance, IntToDoubleFunction theirs) {
        int[] rows = IntStream.range(0, Math.min(CHECKED, sample.size())).toArray();
        double[] ours = scores(sample.at(rows).variables(), rows.length);
        for (int row : rows) {
            double other = theirs.applyAsDouble(row);
            if (!(Math.abs(ours[row] - other) <= tolerance)) {
                throw new IllegalStateException("Cannot keep these trees: case " + row + " scores " + ours[row]
                        + " by their arrays and " + other + " by those who grew them.");
            }
        }
        return this;
    }

    @Override
    public Parts parts(List<Values> values, int cases) {
        return Shap.of(this, values, cases);
    }
}
