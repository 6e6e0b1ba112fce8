package banyan.models.learned;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import banyan.models.learned.Trees.Tree;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Trees of every engine as arrays; that they score as the engine does is checked whenever they are fitted. */
class TreesTest {
    private static final int CASES = 1500;

    /** Numbers with gaps and codes, and words; risk rises with x, is highest in the middle of y, and differs by word. */
    private static Sample sample(long seed, int cases) {
        Random random = new Random(seed);
        double[] x = new double[cases];
        double[] y = new double[cases];
        double[] noise = new double[cases];
        String[] word = new String[cases];
        double[] bad = new double[cases];
        for (int i = 0; i < cases; i++) {
            x[i] = random.nextGaussian();
            y[i] = random.nextGaussian();
            noise[i] = random.nextInt(5);
            word[i] = List.of("a", "b", "c").get(random.nextInt(3));
            double odds = -1 + x[i] + (Math.abs(y[i]) < 0.5 ? 1.5 : 0) + (word[i].equals("c") ? 1 : 0);
            bad[i] = random.nextDouble() < Logistic.probability(odds) ? 1 : 0;
            x[i] = random.nextInt(10) == 0 ? Double.NaN : random.nextInt(10) == 0 ? -99 : x[i];
            word[i] = random.nextInt(12) == 0 ? null : word[i];
        }
        return Sample.of(
                List.of(
                        new Values.Numbers("x", x),
                        new Values.Numbers("y", y),
                        new Values.Numbers("noise", noise),
                        new Values.Words("word", word)),
                bad);
    }

    private static final double[] CODES = {-99};

    private static Map<String, Trees> fitted(Sample sample) {
        return Map.of(
                "xgboost", XgBoost.fit(sample, CODES, new XgBoost.Settings(40, 3, 0.2, 0.8, 1, 7)),
                "boosting", SmileTrees.boosting(sample, CODES, new SmileTrees.Boosting(40, 6, 0.2, 0.8, 5, 7)),
                "forest", SmileTrees.forest(sample, CODES, new SmileTrees.Forest(40, 6, 5, 7)));
    }

    @Test
    void everyEngineLearnsAndIsTheSameTwice() {
        Sample sample = sample(1, CASES);
        Sample other = sample(2, CASES);
        Map<String, Trees> first = fitted(sample);
        Map<String, Trees> again = fitted(sample);
        first.forEach((engine, trees) -> {
            double[] probability = trees.probability(other.variables(), CASES);
            assertThat(probability).as(engine).isEqualTo(again.get(engine).probability(other.variables(), CASES));
            assertThat(Measured.of(probability, other.bad(), other.weight()).auc())
                    .as(engine)
                    .isBetween(0.68, 0.85);
            assertThat(Arrays.stream(probability)).as(engine).allMatch(p -> p >= 0 && p <= 1);
        });
    }

    /** On every case the parts add up (or they are refused), and what is not in the model adds nothing. */
    @Test
    void partsAddUp() {
        Sample sample = sample(1, CASES);
        fitted(sample).forEach((engine, trees) -> {
            Parts shap = Shap.of(trees, sample.variables(), CASES);
            double[] scores = trees.scores(sample.variables(), CASES);
            for (int i = 0; i < CASES; i += 50) {
                double sum = shap.base();
                for (double[] part : shap.of()) {
                    sum += part[i];
                }
                assertThat(sum).as(engine).isCloseTo(scores[i], within(1e-8));
            }
            assertThat(shap.importance())
                    .as(engine)
                    .extracting(Map.Entry::getKey)
                    .endsWith("noise");
        });
    }

    /** Against the definition: all sets of known columns, on random trees in which columns come up more than once. */
    @Test
    void theDefinitionOfShapley() {
        Random random = new Random(3);
        int columns = 5;
        List<Preparation.Column> names = IntStream.range(0, columns)
                .mapToObj(c -> new Preparation.Column(
                        "v" + c, Preparation.Kind.NUMBER, Double.NaN, null, Double.NaN, new double[0]))
                .toList();
        for (int trial = 0; trial < 30; trial++) {
            List<Tree> grown = List.of(grown(random, columns, 4), grown(random, columns, 4));
            Trees trees = new Trees(new Preparation(names), 0.5, grown, false, true);
            double[][] x = new double[columns][4];
            for (double[] column : x) {
                Arrays.setAll(column, i -> random.nextDouble());
            }
            x[0][3] = Double.NaN;
            List<Values> values = IntStream.range(0, columns)
                    .mapToObj(c -> (Values) new Values.Numbers("v" + c, x[c]))
                    .toList();
            Parts shap = Shap.of(trees, values, 4);
            for (int at = 0; at < 4; at++) {
                for (int c = 0; c < columns; c++) {
                    assertThat(shap.of()[c][at]).isCloseTo(shapley(grown, x, at, c, columns), within(1e-9));
                }
            }
        }
    }

    /** A full tree of random columns and thresholds. */
    private static Tree grown(Random random, int columns, int depth) {
        int inner = (1 << depth) - 1;
        int n = 2 * inner + 1;
        Tree tree = new Tree(
                new int[n], new double[n], new int[n], new int[n], new boolean[n], new double[n], new double[n]);
        for (int i = n - 1; i >= 0; i--) {
            tree.column()[i] = i < inner ? random.nextInt(columns) : -1;
            tree.threshold()[i] = random.nextDouble();
            tree.left()[i] = 2 * i + 1;
            tree.right()[i] = 2 * i + 2;
            tree.missingLeft()[i] = random.nextBoolean();
            tree.value()[i] = random.nextGaussian();
            tree.cover()[i] = i < inner ? tree.cover()[2 * i + 1] + tree.cover()[2 * i + 2] : 1 + random.nextInt(20);
        }
        return tree;
    }

    private static double shapley(List<Tree> trees, double[][] x, int at, int column, int columns) {
        double sum = 0;
        for (int set = 0; set < 1 << columns; set++) {
            if ((set >> column & 1) == 1) {
                continue;
            }
            int size = Integer.bitCount(set);
            double weight = factorial(size) * factorial(columns - size - 1) / factorial(columns);
            for (Tree tree : trees) {
                sum += weight * (given(tree, x, at, set | 1 << column, 0) - given(tree, x, at, set, 0));
            }
        }
        return sum;
    }

    private static double given(Tree tree, double[][] x, int at, int set, int node) {
        if (tree.column()[node] < 0) {
            return tree.value()[node];
        }
        double left = given(tree, x, at, set, tree.left()[node]);
        double right = given(tree, x, at, set, tree.right()[node]);
        if ((set >> tree.column()[node] & 1) == 1) {
            return tree.goesLeft(node, x, at) ? left : right;
        }
        double share = tree.cover()[tree.left()[node]] / tree.cover()[node];
        return share * left + (1 - share) * right;
    }

    private static double factorial(int n) {
        return IntStream.rangeClosed(1, n).asDoubleStream().reduce(1, (a, b) -> a * b);
    }

    @Test
    void whatSmileCannotDoIsRefused() {
        Sample sample = sample(4, 50);
        double[] weight = BinningTest.ones(50);
        weight[7] = 2;
        Sample weighted = new Sample(sample.variables(), sample.bad(), weight);
        assertThatThrownBy(() -> SmileTrees.forest(weighted, CODES, SmileTrees.Forest.USUAL))
                .hasMessage("Cannot fit trees by Smile: it takes no weights, and those of the sample differ.");
    }

    /** Only XGBoost's trees take weights: a case of weight 2 pulls as two cases do. */
    @Test
    void weightsPull() {
        Sample sample = sample(5, CASES);
        double[] weight = Arrays.stream(sample.bad()).map(b -> b == 1 ? 3 : 1).toArray();
        Sample weighted = new Sample(sample.variables(), sample.bad(), weight);
        XgBoost.Settings settings = new XgBoost.Settings(40, 3, 0.2, 0.8, 1, 7);
        double plain = Measured.rate(
                XgBoost.fit(sample, CODES, settings).probability(sample.variables(), CASES), sample.weight());
        double pulled = Measured.rate(
                XgBoost.fit(weighted, CODES, settings).probability(sample.variables(), CASES), sample.weight());
        double rate = Measured.rate(sample.bad(), sample.weight());
        assertThat(plain).isCloseTo(rate, within(0.02));
        assertThat(pulled).isGreaterThan(rate + 0.1);
    }

    /** Nothing to learn from: the rate of all. */
    @Test
    void constantColumns() {
        Sample sample = Sample.of(
                List.of(new Values.Numbers("c", new double[] {1, 1, 1, 1}), new Values.Words("w", new String[4])),
                new double[] {1, 0, 0, 0});
        assertThat(Arrays.stream(
                        XgBoost.fit(sample, CODES, XgBoost.Settings.USUAL).probability(sample.variables(), 4)))
                .allSatisfy(p -> assertThat(p).isCloseTo(0.25, within(1e-12)));
    }
}
