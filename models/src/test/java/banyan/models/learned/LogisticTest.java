package banyan.models.learned;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import smile.classification.LogisticRegression;

class LogisticTest {

    /** R 4.2.2, {@code glm(y ~ x1 + x2, family = binomial, weights = w)}: glm.R beside the figures. */
    @Test
    void theFiguresOfR() throws IOException {
        List<String> lines;
        try (InputStream in = LogisticTest.class.getResourceAsStream("/figures/glm.csv")) {
            lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
        double[][] columns = new double[4][60];
        for (int i = 0; i < 60; i++) {
            String[] cells = lines.get(i + 1).split(",");
            for (int c = 0; c < 4; c++) {
                columns[c][i] = Double.parseDouble(cells[c]);
            }
        }
        Logistic fit = Logistic.fit(Arrays.copyOf(columns, 2), columns[2], columns[3], 0);
        double[] estimates = {fit.intercept(), fit.coefficients()[0], fit.coefficients()[1]};
        for (int k = 0; k < 3; k++) {
            String[] cells = lines.get(62 + k).split(",");
            assertThat(estimates[k]).isCloseTo(Double.parseDouble(cells[1]), within(1e-8));
            assertThat(fit.errors()[k]).isCloseTo(Double.parseDouble(cells[2]), within(1e-8));
            if (k > 0) {
                assertThat(fit.pValues()[k - 1]).isCloseTo(Double.parseDouble(cells[3]), within(1e-8));
            }
        }
        assertThat(fit.separated()).isFalse();
    }

    /** Smile's own, which takes no weights; its penalty does not touch the intercept either. */
    @Test
    void smilesFiguresWithARidge() {
        double[][] x = drawn(3, 400, 5);
        int[] labels = labels(x, 4);
        double[] bad = IntStream.of(labels).asDoubleStream().toArray();
        double[][] rows = new double[400][3];
        for (int i = 0; i < 400; i++) {
            for (int c = 0; c < 3; c++) {
                rows[i][c] = x[c][i];
            }
        }
        double[] theirs =
                LogisticRegression.binomial(rows, labels, 2, 1e-10, 500).coefficients();
        Logistic ours = Logistic.fit(x, bad, BinningTest.ones(400), 2);
        for (int c = 0; c < 3; c++) {
            assertThat(ours.coefficients()[c]).isCloseTo(theirs[c], within(1e-4));
        }
        assertThat(ours.intercept()).isCloseTo(theirs[3], within(1e-4));
    }

    /** A case of weight 3 is three cases. */
    @Test
    void weightsAreCases() {
        double[][] x = drawn(2, 100, 6);
        double[] bad = IntStream.of(labels(x, 7)).asDoubleStream().toArray();
        double[] weight = IntStream.range(0, 100).mapToDouble(i -> 1 + i % 3).toArray();
        int[] rows = IntStream.range(0, 100)
                .flatMap(i -> IntStream.range(0, 1 + i % 3).map(k -> i))
                .toArray();
        double[][] many = Arrays.stream(x)
                .map(column -> IntStream.of(rows).mapToDouble(i -> column[i]).toArray())
                .toArray(double[][]::new);
        double[] manyBad = IntStream.of(rows).mapToDouble(i -> bad[i]).toArray();
        Logistic weighted = Logistic.fit(x, bad, weight, 0.5);
        Logistic replicated = Logistic.fit(many, manyBad, BinningTest.ones(rows.length), 0.5);
        assertThat(weighted.coefficients()).containsExactly(replicated.coefficients(), within(1e-9));
        assertThat(weighted.errors()).containsExactly(replicated.errors(), within(1e-9));
    }

    @Test
    void whatSeparatesIsTold() {
        double[] x = {1, 2, 3, 4, 5, 6};
        double[] bad = {0, 0, 0, 1, 1, 1};
        assertThat(Logistic.fit(new double[][] {x}, bad, BinningTest.ones(6), 0).separated())
                .isTrue();
        assertThat(Logistic.fit(new double[][] {x}, bad, BinningTest.ones(6), 1).separated())
                .isFalse();
    }

    /** Without a ridge a column that follows from others is left at 0; with one, twins share. */
    @Test
    void aColumnThatFollowsFromOthers() {
        double[][] x = drawn(2, 300, 8);
        double[] bad = IntStream.of(labels(x, 9)).asDoubleStream().toArray();
        double[] sum =
                IntStream.range(0, 300).mapToDouble(i -> x[0][i] + x[1][i]).toArray();
        Logistic two = Logistic.fit(x, bad, BinningTest.ones(300), 0);
        Logistic three = Logistic.fit(new double[][] {x[0], x[1], sum}, bad, BinningTest.ones(300), 0);
        assertThat(three.coefficients()[2]).isZero();
        assertThat(three.errors()[3]).isNaN();
        assertThat(three.pValues()[2]).isEqualTo(1);
        assertThat(three.coefficients()[0]).isCloseTo(two.coefficients()[0], within(1e-9));
        Logistic twins = Logistic.fit(new double[][] {x[0], x[0]}, bad, BinningTest.ones(300), 1);
        assertThat(twins.coefficients()[0]).isCloseTo(twins.coefficients()[1], within(1e-9));
    }

    @Test
    void oneKindOfCaseIsRefused() {
        assertThatThrownBy(() -> Logistic.fit(new double[][] {{1, 2}}, new double[2], BinningTest.ones(2), 1))
                .hasMessage("Cannot fit: of 2 cases none are bad; both kinds are needed.");
        assertThatThrownBy(() -> Logistic.fit(new double[1][10], BinningTest.ones(10), BinningTest.ones(10), 1))
                .hasMessage("Cannot fit: of 10 cases all are bad; both kinds are needed.");
    }

    private static double[][] drawn(int columns, int n, long seed) {
        Random random = new Random(seed);
        double[][] x = new double[columns][n];
        for (double[] column : x) {
            Arrays.setAll(column, i -> random.nextGaussian());
        }
        return x;
    }

    private static int[] labels(double[][] x, long seed) {
        Random random = new Random(seed);
        return IntStream.range(0, x[0].length)
                .map(i -> random.nextDouble() < Logistic.probability(-0.5 + x[0][i] - 0.5 * x[1][i]) ? 1 : 0)
                .toArray();
    }
}
