package banyan.models.learned;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import smile.base.cart.CART;
import smile.base.cart.DecisionNode;
import smile.base.cart.InternalNode;
import smile.base.cart.Node;
import smile.base.cart.OrdinalNode;
import smile.base.cart.RegressionNode;
import smile.base.cart.SplitRule;
import smile.classification.GradientTreeBoost;
import smile.classification.RandomForest;
import smile.data.DataFrame;
import smile.data.formula.Formula;
import smile.data.vector.BaseVector;
import smile.data.vector.DoubleVector;
import smile.data.vector.IntVector;
import smile.math.MathEx;

/**
 * Trees grown by Smile: boosting (Friedman 2001) and a random forest (Breiman 2001). Smile takes neither missing values nor weights:
 * numbers are filled with the median, with a column that says so, and a sample whose weights differ is refused.
 */
public final class SmileTrees {
    private static final String LABEL = "label";

    private SmileTrees() {}

    /**
     * @param rounds trees
     * @param leaves of each at most
     * @param rate share of what a tree says that is believed
     * @param part share of the cases that each tree sees
     * @param least cases a leaf must have
     */
    public record Boosting(int rounds, int leaves, double rate, double part, int least, long seed) {
        public static final Boosting USUAL = new Boosting(200, 8, 0.05, 0.8, 20, 1);
    }

    /**
     * @param trees how many
     * @param depth of each at most
     * @param least cases a leaf must have
     */
    public record Forest(int trees, int depth, int least, long seed) {
        public static final Forest USUAL = new Forest(300, 20, 5, 1);
    }

    /** @param specials codes that are no numbers */
    public static Trees boosting(Sample sample, double[] specials, Boosting settings) {
        Preparation preparation = prepared(sample, specials);
        DataFrame frame = frame(preparation, sample);
        MathEx.setSeed(settings.seed());
        GradientTreeBoost model = GradientTreeBoost.fit(
                Formula.lhs(LABEL),
                frame,
                settings.rounds(),
                20,
                settings.leaves(),
                settings.least(),
                settings.rate(),
                settings.part());
        // Smile's log odds are 2·(b + rate·Σ tree); b has no getter, and follows from any one case.
        List<Trees.Tree> trees = new ArrayList<>();
        for (CART tree : model.trees()) {
            trees.add(tree(tree.root(), 2 * settings.rate()));
        }
        Trees rest = new Trees(preparation, 0, List.copyOf(trees), false, true);
        double[] both = new double[2];
        model.predict(frame.get(0), both);
        double base = Math.log(both[1] / both[0])
                - rest.scores(sample.at(new int[] {0}).variables(), 1)[0];
        return new Trees(preparation, base, rest.trees(), false, true).checked(sample, 1e-9, row -> {
            model.predict(frame.get(row), both);
            return Math.log(both[1] / both[0]);
        });
    }

    /**
     * Each tree adds the share of bad cases in its leaf, as much as it was right on the cases it had not seen.
     *
     * @param specials codes that are no numbers
     */
    public static Trees forest(Sample sample, double[] specials, Forest settings) {
        Preparation preparation = prepared(sample, specials);
        int columns = preparation.columns().size();
        DataFrame frame = frame(preparation, sample);
        RandomForest model = RandomForest.fit(
                Formula.lhs(LABEL),
                frame,
                settings.trees(),
                Math.max(1, (int) Math.sqrt(columns)),
                SplitRule.GINI,
                settings.depth(),
                Math.max(2, sample.size() / settings.least()),
                settings.least(),
                1.0,
                null,
                LongStream.range(settings.seed(), settings.seed() + settings.trees()));
        List<Trees.Tree> trees = new ArrayList<>();
        double all = Arrays.stream(model.models()).mapToDouble(m -> m.weight).sum();
        for (RandomForest.Model one : model.models()) {
            trees.add(tree(one.tree.root(), one.weight / all));
        }
        double[] both = new double[2];
        return new Trees(preparation, 0, List.copyOf(trees), false, false).checked(sample, 1e-9, row -> {
            model.predict(frame.get(row), both);
            return both[1];
        });
    }

    private static Preparation prepared(Sample sample, double[] specials) {
        for (double weight : sample.weight()) {
            if (weight != sample.weight()[0]) {
                throw new IllegalArgumentException(
                        "Cannot fit trees by Smile: it takes no weights, and those of the sample differ.");
            }
        }
        Preparation preparation = Preparation.of(sample, specials, 0.01, true);
        if (preparation.columns().isEmpty()) {
            throw new IllegalArgumentException("Cannot fit trees: no variable has two values.");
        }
        return preparation;
    }

    private static DataFrame frame(Preparation preparation, Sample sample) {
        double[][] x = preparation.apply(sample.variables(), sample.size());
        List<BaseVector<?, ?, ?>> vectors = new ArrayList<>();
        int[] label = new int[sample.size()];
        for (int i = 0; i < label.length; i++) {
            label[i] = (int) sample.bad()[i];
        }
        vectors.add(IntVector.of(LABEL, label));
        for (int c = 0; c < x.length; c++) {
            vectors.add(DoubleVector.of("x" + c, x[c]));
        }
        return DataFrame.of(vectors.toArray(BaseVector[]::new));
    }

    /** @param scale what a leaf's value is multiplied with */
    private static Trees.Tree tree(Node root, double scale) {
        List<Node> nodes = new ArrayList<>(List.of(root));
        List<int[]> children = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            if (nodes.get(i) instanceof InternalNode inner) {
                children.add(new int[] {nodes.size(), nodes.size() + 1});
                nodes.add(inner.trueChild());
                nodes.add(inner.falseChild());
            } else {
                children.add(null);
            }
        }
        int n = nodes.size();
        Trees.Tree tree = new Trees.Tree(
                new int[n], new double[n], new int[n], new int[n], new boolean[n], new double[n], new double[n]);
        for (int i = 0; i < n; i++) {
            tree.cover()[i] = nodes.get(i).size();
            if (nodes.get(i) instanceof OrdinalNode inner) {
                tree.column()[i] = inner.feature();
                tree.threshold()[i] = Math.nextUp(threshold(inner)); // Smile goes left where it is not above
                tree.left()[i] = children.get(i)[0];
                tree.right()[i] = children.get(i)[1];
            } else {
                tree.column()[i] = -1;
                tree.value()[i] = scale * value(nodes.get(i));
            }
        }
        return tree;
    }

    private static double value(Node leaf) {
        if (leaf instanceof DecisionNode counted) {
            return counted.posteriori(new double[2])[1];
        }
        return ((RegressionNode) leaf).output();
    }

    private static double threshold(OrdinalNode node) {
        try {
            Field value = OrdinalNode.class.getDeclaredField("value");
            value.setAccessible(true);
            return value.getDouble(node);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Cannot read a threshold of Smile's trees: has its version changed?", e);
        }
    }
}
