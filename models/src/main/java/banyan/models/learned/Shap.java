package banyan.models.learned;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What each variable adds to the score of each case, exactly: the Shapley values of the trees with what is not known weighted by the
 * cases that came by (TreeSHAP, path-dependent; Lundberg and others 2018, algorithm 2). Columns that were made of one variable are
 * added up.
 */
final class Shap {
    private Shap() {}

    static Parts of(Trees trees, List<Values> values, int cases) {
        double[][] x = trees.columns(values, cases);
        Map<String, Integer> places = new LinkedHashMap<>();
        int[] variable = new int[x.length];
        for (int c = 0; c < x.length; c++) {
            String name = trees.preparation().columns().get(c).variable();
            variable[c] = places.computeIfAbsent(name, n -> places.size());
        }
        double expected = trees.base();
        for (Trees.Tree tree : trees.trees()) {
            expected += expected(tree, 0);
        }
        double[][] parts = new double[places.size()][cases];
        IntStream.range(0, cases).parallel().forEach(i -> {
            double[] phi = new double[x.length];
            for (Trees.Tree tree : trees.trees()) {
                new Walk(tree, x, i, phi).from(0, new Path(0), 1, 1, -1);
            }
            for (int c = 0; c < phi.length; c++) {
                parts[variable[c]][i] += phi[c];
            }
        });
        return new Parts(expected, List.copyOf(places.keySet()), parts);
    }

    private static double expected(Trees.Tree tree, int node) {
        if (tree.column()[node] < 0) {
            return tree.value()[node];
        }
        int left = tree.left()[node];
        int right = tree.right()[node];
        double cover = tree.cover()[left] + tree.cover()[right];
        return (tree.cover()[left] * expected(tree, left) + tree.cover()[right] * expected(tree, right)) / cover;
    }

    /**
     * The columns asked about on the way to a node. Of each: the share of the ways on which it is unknown that lead here, whether it
     * leads here where it is known, and the weight of the sets of as many known columns.
     */
    private static final class Path {
        final int[] column;
        final double[] unknown;
        final double[] known;
        final double[] weight;
        int length;

        Path(int room) {
            column = new int[room];
            unknown = new double[room];
            known = new double[room];
            weight = new double[room];
        }

        /** This path and one step more. */
        Path and(double isUnknown, double isKnown, int of) {
            Path next = new Path(length + 1);
            System.arraycopy(column, 0, next.column, 0, length);
            System.arraycopy(unknown, 0, next.unknown, 0, length);
            System.arraycopy(known, 0, next.known, 0, length);
            System.arraycopy(weight, 0, next.weight, 0, length);
            next.length = length + 1;
            next.column[length] = of;
            next.unknown[length] = isUnknown;
            next.known[length] = isKnown;
            next.weight[length] = length == 0 ? 1 : 0;
            for (int i = length - 1; i >= 0; i--) {
                next.weight[i + 1] += isKnown * next.weight[i] * (i + 1) / (length + 1);
                next.weight[i] = isUnknown * next.weight[i] * (length - i) / (length + 1);
            }
            return next;
        }

        /** This path as if step {@code at} had not been taken. */
        Path without(int at) {
            Path rest = new Path(length - 1);
            rest.length = length - 1;
            double[] weights = weightsWithout(at);
            for (int i = 0, n = 0; i < length; i++) {
                if (i != at) {
                    rest.column[n] = column[i];
                    rest.unknown[n] = unknown[i];
                    rest.known[n] = known[i];
                    n++;
                }
            }
            System.arraycopy(weights, 0, rest.weight, 0, length - 1);
            return rest;
        }

        double[] weightsWithout(int at) {
            double[] weights = new double[length - 1];
            double one = known[at];
            double zero = unknown[at];
            double next = weight[length - 1];
            for (int i = length - 2; i >= 0; i--) {
                if (one != 0) {
                    weights[i] = next * length / ((i + 1) * one);
                    next = weight[i] - weights[i] * zero * (length - 1 - i) / length;
                } else {
                    weights[i] = weight[i] * length / (zero * (length - 1 - i));
                }
            }
            return weights;
        }
    }

    private record Walk(Trees.Tree tree, double[][] x, int at, double[] phi) {
        void from(int node, Path before, double isUnknown, double isKnown, int of) {
            Path path = before.and(isUnknown, isKnown, of);
            int asked = tree.column()[node];
            if (asked < 0) {
                for (int i = 1; i < path.length; i++) {
                    double weight = Arrays.stream(path.weightsWithout(i)).sum();
                    phi[path.column[i]] += weight * (path.known[i] - path.unknown[i]) * tree.value()[node];
                }
                return;
            }
            double share = 1;
            double known = 1;
            for (int i = 1; i < path.length; i++) {
                if (path.column[i] == asked) {
                    share = path.unknown[i];
                    known = path.known[i];
                    path = path.without(i);
                    break;
                }
            }
            int left = tree.left()[node];
            int right = tree.right()[node];
            double cover = tree.cover()[left] + tree.cover()[right];
            boolean goesLeft = tree.goesLeft(node, x, at);
            from(left, path, share * tree.cover()[left] / cover, goesLeft ? known : 0, asked);
            from(right, path, share * tree.cover()[right] / cover, goesLeft ? 0 : known, asked);
        }
    }
}
