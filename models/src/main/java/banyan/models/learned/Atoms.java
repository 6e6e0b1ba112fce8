package banyan.models.learned;

import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.stream.IntStream;
import smile.sort.QuickSort;

/**
 * The values of one variable in ascending order, cut into pieces that binning never divides. Atom i holds the values of
 * [{@code from[i]}, {@code from[i + 1]}); the first begins at minus infinity, the last ends at infinity, and an edge lies halfway
 * between the two values it parts.
 *
 * @param from lower edges, ascending; {@code from[0]} is minus infinity
 * @param bad weight of the bad cases of each atom
 * @param good weight of the good cases of each atom
 * @param squares sum of the squared weights of each atom; the number of cases where every weight is 1
 */
public record Atoms(double[] from, double[] bad, double[] good, double[] squares) {

    /**
     * @param value one number a case; none may be NaN
     * @param bad 1 for a bad case, 0 for a good one
     * @param weight weight of each case, above 0 and finite
     * @param limit atoms there may be at most; where there are more distinct values, neighbours are put together so that each atom
     *     holds about the same weight
     */
    public static Atoms of(double[] value, double[] bad, double[] weight, int limit) {
        double[] sorted = value.clone();
        int[] order = QuickSort.sort(sorted);
        int n = 0;
        double[] first = new double[value.length];
        double[] last = new double[value.length];
        double[] bads = new double[value.length];
        double[] goods = new double[value.length];
        double[] squares = new double[value.length];
        int distinct = distinct(sorted);
        double total = Arrays.stream(weight).sum();
        double gone = 0;
        for (int i = 0; i < sorted.length; i++) {
            boolean same = i > 0 && sorted[i] == sorted[i - 1];
            boolean full = distinct <= limit || gone >= total * n / limit;
            if (!same && (n == 0 || full)) {
                first[n++] = sorted[i];
            }
            int row = order[i];
            last[n - 1] = sorted[i];
            bads[n - 1] += weight[row] * bad[row];
            goods[n - 1] += weight[row] * (1 - bad[row]);
            squares[n - 1] += weight[row] * weight[row];
            gone += weight[row];
        }
        double[] from = new double[n];
        for (int i = 0; i < n; i++) {
            from[i] = i == 0 ? Double.NEGATIVE_INFINITY : between(last[i - 1], first[i]);
        }
        return new Atoms(from, Arrays.copyOf(bads, n), Arrays.copyOf(goods, n), Arrays.copyOf(squares, n));
    }

    /** Atoms from counts of groups that already stand in an order of their own, such as categories by rate: edges are 0.5, 1.5 … */
    public static Atoms ordered(double[] bad, double[] good, double[] squares) {
        double[] from = new double[bad.length];
        for (int i = 0; i < from.length; i++) {
            from[i] = i == 0 ? Double.NEGATIVE_INFINITY : i - 0.5;
        }
        return new Atoms(from, bad, good, squares);
    }

    private static int distinct(double[] sorted) {
        int distinct = sorted.length == 0 ? 0 : 1;
        for (int i = 1; i < sorted.length; i++) {
            distinct += sorted[i] == sorted[i - 1] ? 0 : 1;
        }
        return distinct;
    }

    private static double between(double low, double high) {
        double middle = low / 2 + high / 2;
        return middle > low ? middle : high;
    }

    public int size() {
        return from.length;
    }

    /** Weight of all cases. */
    public double weight() {
        return Arrays.stream(bad).sum() + Arrays.stream(good).sum();
    }

    /**
     * Atoms that a classification tree over this one variable would leave (Breiman and others 1984): the leaf whose best split lowers
     * Gini impurity most is split next, as scikit-learn does with {@code max_leaf_nodes}. An atom without bad or without good cases
     * is then joined to the one after it, the last to the one before, as OptBinning does with its pre-bins.
     *
     * @param leaves leaves at most
     * @param least weight a leaf must have
     */
    public Atoms cart(int leaves, double least) {
        double[] b = sums(bad);
        double[] g = sums(good);
        PriorityQueue<Split> frontier = new PriorityQueue<>();
        Split root = split(b, g, 0, size(), least);
        if (root != null) {
            frontier.add(root);
        }
        int[] starts = new int[size()];
        int n = 1;
        while (n < leaves && !frontier.isEmpty()) {
            Split next = frontier.poll();
            starts[n++] = next.at;
            Split left = split(b, g, next.begin, next.at, least);
            Split right = split(b, g, next.at, next.end, least);
            if (left != null) {
                frontier.add(left);
            }
            if (right != null) {
                frontier.add(right);
            }
        }
        int[] sorted = Arrays.copyOf(starts, n);
        Arrays.sort(sorted);
        return joined(sorted).mixed();
    }

    /** A leaf of atoms begin … end − 1 parted before atom {@code at}, and how far that lowers weighted impurity. */
    private record Split(int begin, int at, int end, double gain) implements Comparable<Split> {
        @Override
        public int compareTo(Split other) {
            int byGain = Double.compare(other.gain, gain);
            return byGain != 0 ? byGain : Integer.compare(begin, other.begin);
        }
    }

    private static Split split(double[] b, double[] g, int begin, int end, double least) {
        Split best = null;
        double whole = impurity(b[end] - b[begin], g[end] - g[begin]);
        if (whole <= 1e-12) {
            return null;
        }
        for (int at = begin + 1; at < end; at++) {
            double leftBad = b[at] - b[begin];
            double leftGood = g[at] - g[begin];
            double rightBad = b[end] - b[at];
            double rightGood = g[end] - g[at];
            if (leftBad + leftGood < least || rightBad + rightGood < least) {
                continue;
            }
            double gain = whole - impurity(leftBad, leftGood) - impurity(rightBad, rightGood);
            if (best == null || gain > best.gain + 1e-12) {
                best = new Split(begin, at, end, gain);
            }
        }
        return best;
    }

    /** Gini impurity times weight. */
    private static double impurity(double bad, double good) {
        double weight = bad + good;
        return weight == 0 ? 0 : 2 * bad * good / weight;
    }

    /** Without an atom that lacks bad or good cases: each is joined to the one after it, the last to the one before, all at once, and again. */
    private Atoms mixed() {
        boolean[] dropped = new boolean[size()];
        for (int i = 0; i < size() && size() > 1; i++) {
            if (bad[i] == 0 || good[i] == 0) {
                dropped[Math.min(i + 1, size() - 1)] = true;
            }
        }
        int[] starts = IntStream.range(0, size()).filter(i -> !dropped[i]).toArray();
        return starts.length == size() ? this : joined(starts).mixed();
    }

    /** @param starts the first atom of each larger one, ascending, beginning with 0 */
    Atoms joined(int[] starts) {
        double[][] sums = new double[3][starts.length];
        double[] edges = new double[starts.length];
        for (int i = 0; i < starts.length; i++) {
            edges[i] = from[starts[i]];
            int end = i + 1 < starts.length ? starts[i + 1] : size();
            for (int a = starts[i]; a < end; a++) {
                sums[0][i] += bad[a];
                sums[1][i] += good[a];
                sums[2][i] += squares[a];
            }
        }
        return new Atoms(edges, sums[0], sums[1], sums[2]);
    }

    /** sums[i] = the sum of the first i. */
    static double[] sums(double[] parts) {
        double[] sums = new double[parts.length + 1];
        for (int i = 0; i < parts.length; i++) {
            sums[i + 1] = sums[i] + parts[i];
        }
        return sums;
    }
}
