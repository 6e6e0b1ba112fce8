package banyan.models.learned;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MeasuredTest {

    @Test
    void byHand() {
        Measured perfect =
                Measured.of(new double[] {0.1, 0.2, 0.8, 0.9}, new double[] {0, 0, 1, 1}, BinningTest.ones(4));
        assertThat(perfect.auc()).isEqualTo(1);
        assertThat(perfect.ks()).isEqualTo(1);
        assertThat(perfect.brier()).isCloseTo((0.01 + 0.04 + 0.04 + 0.01) / 4, within(1e-15));
        Measured level = Measured.of(new double[] {0.5, 0.5, 0.5, 0.5}, new double[] {0, 1, 0, 1}, BinningTest.ones(4));
        assertThat(level.auc()).isEqualTo(0.5);
        assertThat(level.ks()).isZero();
        Measured one = Measured.of(new double[] {0.5, 0.6}, new double[] {1, 1}, BinningTest.ones(2));
        assertThat(one.auc()).isNaN();
        assertThat(one.ks()).isNaN();
        assertThatThrownBy(() -> Measured.of(new double[] {Double.NaN}, new double[] {1}, BinningTest.ones(1)))
                .hasMessageContaining("case 0 is not a number");
    }

    /** Pair by pair, on scores with many ties and weights of 1 to 3. */
    @Test
    void pairByPair() {
        Random random = new Random(5);
        for (int trial = 0; trial < 50; trial++) {
            int n = 2 + random.nextInt(60);
            double[] p = IntStream.range(0, n)
                    .mapToDouble(i -> random.nextInt(8) / 8.0)
                    .toArray();
            double[] bad = IntStream.range(0, n)
                    .mapToDouble(i -> i < 2 ? i : random.nextInt(2))
                    .toArray();
            double[] weight = IntStream.range(0, n)
                    .mapToDouble(i -> 1 + random.nextInt(3))
                    .toArray();
            double pairs = 0;
            double right = 0;
            double largest = 0;
            for (int i = 0; i < n; i++) {
                double above = 0;
                double goodAbove = 0;
                for (int j = 0; j < n; j++) {
                    if (bad[i] == 1 && bad[j] == 0) {
                        pairs += weight[i] * weight[j];
                        right += weight[i] * weight[j] * (p[i] > p[j] ? 1 : p[i] == p[j] ? 0.5 : 0);
                    }
                    above += bad[j] == 1 && p[j] >= p[i] ? weight[j] : 0;
                    goodAbove += bad[j] == 0 && p[j] >= p[i] ? weight[j] : 0;
                }
                double allBad = sum(weight, bad, 1);
                double allGood = sum(weight, bad, 0);
                largest = Math.max(largest, Math.abs(above / allBad - goodAbove / allGood));
            }
            Measured measured = Measured.of(p, bad, weight);
            assertThat(measured.auc()).isCloseTo(right / pairs, within(1e-12));
            assertThat(measured.ks()).isCloseTo(largest, within(1e-12));
        }
    }

    private static double sum(double[] weight, double[] bad, double kind) {
        return IntStream.range(0, weight.length)
                .filter(i -> bad[i] == kind)
                .mapToDouble(i -> weight[i])
                .sum();
    }

    @Test
    void theOrderOfCasesDoesNotMatter() {
        Random random = new Random(6);
        double[] p = random.doubles(200).toArray();
        double[] bad =
                IntStream.range(0, 200).mapToDouble(i -> random.nextInt(2)).toArray();
        int[] order = IntStream.range(0, 200).map(i -> (i * 77 + 13) % 200).toArray();
        double[] otherP = Arrays.stream(order).mapToDouble(i -> p[i]).toArray();
        double[] otherBad = Arrays.stream(order).mapToDouble(i -> bad[i]).toArray();
        Measured one = Measured.of(p, bad, BinningTest.ones(200));
        Measured other = Measured.of(otherP, otherBad, BinningTest.ones(200));
        assertThat(other.auc()).isEqualTo(one.auc());
        assertThat(other.ks()).isEqualTo(one.ks());
    }
}
