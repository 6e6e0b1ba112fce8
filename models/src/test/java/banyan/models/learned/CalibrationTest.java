package banyan.models.learned;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import banyan.models.learned.Calibration.Isotonic;
import banyan.models.learned.Calibration.Truth;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CalibrationTest {

    /** Equal scores are one, whatever the order of their cases: Smile's own scaling gives 0.0 for the one and 0.5 for the other. */
    @Test
    void equalScoresAreOne() {
        double[] scores = {0.3, 0.3, 0.3, 0.3};
        for (double[] bad : new double[][] {{0, 0, 1, 1}, {1, 1, 0, 0}, {0, 1, 0, 1}}) {
            assertThat(Isotonic.fit(scores, bad, BinningTest.ones(4), 0).at(0.3))
                    .isEqualTo(0.5);
        }
    }

    @Test
    void neverFallsAndKeepsTheMean() {
        Random random = new Random(1);
        for (int trial = 0; trial < 50; trial++) {
            int n = 50 + random.nextInt(500);
            double[] scores = IntStream.range(0, n)
                    .mapToDouble(i -> random.nextInt(30) / 30.0)
                    .toArray();
            double[] bad = Arrays.stream(scores)
                    .map(s -> random.nextDouble() < s * s ? 1 : 0)
                    .toArray();
            double[] weight = IntStream.range(0, n)
                    .mapToDouble(i -> 1 + random.nextInt(3))
                    .toArray();
            Isotonic map = Isotonic.fit(scores, bad, weight, trial % 2 == 0 ? 0 : 10);
            for (int k = 1; k < map.score().length; k++) {
                assertThat(map.score()[k]).isGreaterThan(map.score()[k - 1]);
                assertThat(map.probability()[k]).isGreaterThan(map.probability()[k - 1]);
            }
            double before = 0;
            for (int k = 0; k <= 60; k++) {
                double p = map.at(k / 60.0);
                assertThat(p).isGreaterThanOrEqualTo(before).isBetween(0.0, 1.0);
                before = p;
            }
            int[] order = IntStream.range(0, n).map(i -> n - 1 - i).toArray();
            Isotonic turned =
                    Isotonic.fit(at(scores, order), at(bad, order), at(weight, order), trial % 2 == 0 ? 0 : 10);
            assertThat(turned.probability()).containsExactly(map.probability(), within(1e-12));
        }
    }

    private static double[] at(double[] of, int[] order) {
        return Arrays.stream(order).mapToDouble(i -> of[i]).toArray();
    }

    /** By hand: 1 of 4, then 3 of 4, then 2 of 4; the last two are pooled to 5 of 8. */
    @Test
    void byHand() {
        double[] scores = {1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3};
        double[] bad = {1, 0, 0, 0, 1, 1, 1, 0, 1, 1, 0, 0};
        Isotonic map = Isotonic.fit(scores, bad, BinningTest.ones(12), 0);
        assertThat(map.score()).containsExactly(1, 2.5);
        assertThat(map.probability()).containsExactly(0.25, 0.625);
        assertThat(map.at(1.75)).isCloseTo(0.4375, within(1e-12));
        assertThat(map.at(-5)).isEqualTo(0.25);
        assertThat(map.at(9)).isEqualTo(0.625);
    }

    @Test
    void truthIsToldFromExaggeration() {
        Random random = new Random(2);
        int n = 20_000;
        double[] odds = IntStream.range(0, n)
                .mapToDouble(i -> -1 + random.nextGaussian())
                .toArray();
        double[] bad = Arrays.stream(odds)
                .map(o -> random.nextDouble() < Logistic.probability(o) ? 1 : 0)
                .toArray();
        double[] honest = Arrays.stream(odds).map(Logistic::probability).toArray();
        double[] loud =
                Arrays.stream(odds).map(o -> Logistic.probability(2 * o)).toArray();
        Truth truth = Truth.of(honest, bad, BinningTest.ones(n));
        assertThat(truth.slope()).isCloseTo(1, within(0.06));
        assertThat(truth.intercept()).isCloseTo(0, within(0.06));
        assertThat(truth.error()).isLessThan(0.015);
        Truth exaggerated = Truth.of(loud, bad, BinningTest.ones(n));
        assertThat(exaggerated.slope()).isCloseTo(0.5, within(0.03));
        assertThat(exaggerated.error()).isGreaterThan(0.05);
        assertThat(Truth.of(new double[] {0.5}, new double[] {1}, BinningTest.ones(1))
                        .slope())
                .isNaN();
    }

    /** DeLong by its definition: every pair. */
    @Test
    void deLongByItsDefinition() {
        Random random = new Random(3);
        for (int trial = 0; trial < 20; trial++) {
            int n = 20 + random.nextInt(40);
            double[] bad = IntStream.range(0, n)
                    .mapToDouble(i -> i < 4 ? i % 2 : random.nextInt(2))
                    .toArray();
            double[][] scores = new double[2][];
            for (int k = 0; k < 2; k++) {
                scores[k] = Arrays.stream(bad).map(b -> random.nextInt(6) + b).toArray();
            }
            DeLong found = DeLong.of(scores, bad);
            int[] ill = IntStream.range(0, n).filter(i -> bad[i] == 1).toArray();
            int[] well = IntStream.range(0, n).filter(i -> bad[i] == 0).toArray();
            double[][] ofIll = new double[2][ill.length];
            double[][] ofWell = new double[2][well.length];
            for (int k = 0; k < 2; k++) {
                for (int i = 0; i < ill.length; i++) {
                    for (int j = 0; j < well.length; j++) {
                        double over = Double.compare(scores[k][ill[i]], scores[k][well[j]]) / 2.0 + 0.5;
                        ofIll[k][i] += over / well.length;
                        ofWell[k][j] += over / ill.length;
                    }
                }
                assertThat(found.auc()[k])
                        .isCloseTo(
                                Measured.of(scores[k], bad, BinningTest.ones(n)).auc(), within(1e-12));
            }
            for (int a = 0; a < 2; a++) {
                for (int b = 0; b < 2; b++) {
                    double expected = covariance(ofIll[a], ofIll[b]) / ill.length
                            + covariance(ofWell[a], ofWell[b]) / well.length;
                    assertThat(found.variance()[a][b]).isCloseTo(expected, within(1e-12));
                }
            }
        }
        assertThatThrownBy(() -> DeLong.of(new double[][] {{1, 2}}, new double[] {1, 0}))
                .hasMessageContaining("two of each kind");
    }

    private static double covariance(double[] a, double[] b) {
        double meanA = Arrays.stream(a).average().getAsDouble();
        double meanB = Arrays.stream(b).average().getAsDouble();
        return IntStream.range(0, a.length)
                        .mapToDouble(i -> (a[i] - meanA) * (b[i] - meanB))
                        .sum()
                / (a.length - 1);
    }
}
