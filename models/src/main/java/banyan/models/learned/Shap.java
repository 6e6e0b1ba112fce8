package banyan.models.learned;

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
        int depth =
                trees.trees().stream().mapToInt(tree -> depth(tree, 0)).max().orElse(0);
        ThreadLocal<Walk> walks = ThreadLocal.withInitial(() -> new Walk(x, depth));
        IntStream.range(0, cases).parallel().forEach(i -> {
            double[] phi = new double[x.length];
            Walk walk = walks.get();
            for (Trees.Tree tree : trees.trees()) {
                walk.through(tree, i, phi);
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

        /** Becomes another one. */
        void become(Path other) {
            length = other.length;
            System.arraycopy(other.column, 0, column, 0, length);
            System.arraycopy(other.unknown, 0, unknown, 0, length);
            System.arraycopy(other.known, 0, known, 0, length);
            System.arraycopy(other.weight, 0, weight, 0, length);
        }

        /** Takes one step more. */
        void extend(double isUnknown, double isKnown, int of) {
            column[length] = of;
            unknown[length] = isUnknown;
            known[length] = isKnown;
            weight[length] = length == 0 ? 1 : 0;
            for (int i = length - 1; i >= 0; i--) {
                weight[i + 1] += isKnown * weight[i] * (i + 1) / (length + 1);
                weight[i] = isUnknown * weight[i] * (length - i) / (length + 1);
            }
            length++;
        }

        /** Becomes as if step {@code at} had not been taken. */
        void unwind(int at) {
            double one = known[at];
            double zero = unknown[at];
            double next = weight[length - 1];
            for (int i = length - 2; i >= 0; i--) {
                if (one != 0) {
                    double here = weight[i];
                    weight[i] = next * length / ((i + 1) * one);
                    next = here - weight[i] * zero * (length - 1 - i) / length;
                } else {
                    weight[i] = weight[i] * length / (zero * (length - 1 - i));
                }
            }
            for (int i = at; i < length - 1; i++) {
                column[i] = column[i + 1];
                unknown[i] = unknown[i + 1];
                known[i] = known[i + 1];
            }
            length--;
        }

        /** The sum of the weights as if step {@code at} had not been taken. */
        double sumWithout(int at) {
            double one = known[at];
            double zero = unknown[at];
            double next = weight[length - 1];
            double sum = 0;
            for (int i = length - 2; i >= 0; i--) {
                if (one != 0) {
                    double here = next * length / ((i + 1) * one);
                    sum += here;
                    next = weight[i] - here * zero * (length - 1 - i) / length;
                } else {
                    sum += weight[i] * length / (zero * (length - 1 - i));
                }
            }
            return sum;
        }
    }

    /** Goes through trees for one case at a time, with the room for it made once. */
    private static final class Walk {
        private final double[][] x;
        private final Path[] paths;
        private Trees.Tree tree;
        private int at;
        private double[] phi;

        Walk(double[][] x, int depth) {
            this.x = x;
            this.paths = IntStream.range(0, depth + 2).mapToObj(Path::new).toArray(Path[]::new);
        }

        /** Adds what each column adds to the score of a case. */
        void through(Trees.Tree of, int ofCase, double[] added) {
            tree = of;
            at = ofCase;
            phi = added;
            from(0, 1, 1, 1, -1);
        }

        private void from(int node, int level, double isUnknown, double isKnown, int of) {
            Path path = paths[level];
            path.become(paths[level - 1]);
            path.extend(isUnknown, isKnown, of);
            int asked = tree.column()[node];
            if (asked < 0) {
                for (int i = 1; i < path.length; i++) {
                    phi[path.column[i]] += path.sumWithout(i) * (path.known[i] - path.unknown[i]) * tree.value()[node];
                }
                return;
            }
            double share = 1;
            double known = 1;
            for (int i = 1; i < path.length; i++) {
                if (path.column[i] == asked) {
                    share = path.unknown[i];
                    known = path.known[i];
                    path.unwind(i);
                    break;
                }
            }
            int left = tree.left()[node];
            int right = tree.right()[node];
            double cover = tree.cover()[left] + tree.cover()[right];
            boolean goesLeft = tree.goesLeft(node, x, at);
            from(left, level + 1, share * tree.cover()[left] / cover, goesLeft ? known : 0, asked);
            from(right, level + 1, share * tree.cover()[right] / cover, goesLeft ? 0 : known, asked);
        }
    }

    private static int depth(Trees.Tree tree, int node) {
        return tree.column()[node] < 0
                ? 1
                : 1 + Math.max(depth(tree, tree.left()[node]), depth(tree, tree.right()[node]));
    }
}
