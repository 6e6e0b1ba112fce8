package banyan.models.learned;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Cities whose true weights are known: what inspections of them must be found to say. */
class ReweightingTest {
    private static final List<String> INDICATORS = List.of("too_little", "right", "too_much", "rare", "never");

    /**
     * Inspected enterprises: of each indicator's points those that count are 0, 50 or 150; a hundred points stand for one log odds, times
     * the indicator's true factor.
     */
    private record City(double[][] counted, double[] score, double[] problem, double[] pi, int[] fold) {
        static City of(int cases, double[] truth, long seed) {
            Random random = new Random(seed);
            double[][] counted = new double[INDICATORS.size()][cases];
            double[] score = new double[cases];
            double[] problem = new double[cases];
            double[] pi = new double[cases];
            for (int c = 0; c < cases; c++) {
                double odds = -2.5;
                for (int i = 0; i < counted.length; i++) {
                    double chance = i < 3 ? 0.25 : i == 3 ? 15.0 / cases : 0;
                    counted[i][c] = random.nextDouble() >= chance ? 0 : random.nextBoolean() ? 50 : 150;
                    score[c] += counted[i][c];
                    odds += truth[i] * counted[i][c] / 100;
                }
                pi[c] = score[c] >= 100 ? 0.5 : 0.1; // who has more points is drawn more often
                problem[c] = random.nextDouble() < 1 / (1 + Math.exp(-odds)) ? 1 : 0;
            }
            return new City(
                    counted,
                    score,
                    problem,
                    pi,
                    IntStream.range(0, cases).map(c -> c * 31).toArray());
        }

        Reweighting fitted() {
            return Reweighting.of(INDICATORS, counted, score, problem, pi, fold);
        }
    }

    @Test
    void plantedFactorsAreFoundAgain() {
        Reweighting said = City.of(20_000, new double[] {1.8, 1, 0.3, 1, 1}, 7).fitted();

        double all = said.slope(); // what a point stands for on the whole lies between the three
        assertThat(all).isBetween(0.6, 1.4);
        assertThat(said.weights().get(0).factor() * all).isCloseTo(1.8, within(0.25));
        assertThat(said.weights().get(1).factor() * all).isCloseTo(1, within(0.25));
        assertThat(said.weights())
                .extracting(Reweighting.Weight::proposed)
                .containsExactly(true, false, true, false, false);
        assertThat(said.weights().get(2).factor()).as("bounded by a half").isEqualTo(0.5);
        assertThat(said.better()).isTrue();
        assertThat(said.after().auc()).isGreaterThan(said.before().auc() + 0.005);
        assertThat(said.chance()).isLessThan(0.01);
        assertThat(said.effective()).as("of 20,000 that weigh otherwise").isBetween(8_000.0, 19_000.0);
    }

    /** Where every point is worth the same, of twenty cities at most a few are told otherwise. */
    @Test
    void whereTheWeightsAreRightLittleIsProposed() {
        long proposed = IntStream.range(0, 20)
                .mapToObj(seed ->
                        City.of(3_000, new double[] {1, 1, 1, 1, 1}, 100 + seed).fitted())
                .flatMap(said -> said.weights().stream())
                .filter(Reweighting.Weight::proposed)
                .count();

        assertThat(proposed).as("of 60 indicators that have cases enough").isLessThanOrEqualTo(6);
    }

    @Test
    void ofAnIndicatorWithFewCasesNothingIsSaid() {
        Reweighting said = City.of(4_000, new double[] {1, 1, 1, 40, 1}, 9).fitted();

        assertThat(said.weights().get(3).cases()).isBetween(1, Reweighting.LEAST - 1);
        assertThat(said.weights().get(3).proposed()).isFalse();
        assertThat(said.weights().get(4).cases()).isZero();
        assertThat(said.weights().get(4).factor()).isEqualTo(1);
    }

    @Test
    void theOrderOfTheCasesDoesNotMatter() {
        City city = City.of(2_000, new double[] {1.8, 1, 0.3, 1, 1}, 11);
        List<Integer> order = Arrays.asList(IntStream.range(0, 2_000).boxed().toArray(Integer[]::new));
        java.util.Collections.shuffle(order, new Random(3));
        int[] at = order.stream().mapToInt(Integer::intValue).toArray();
        City shuffled = new City(
                Arrays.stream(city.counted).map(one -> taken(one, at)).toArray(double[][]::new),
                taken(city.score, at),
                taken(city.problem, at),
                taken(city.pi, at),
                IntStream.of(at).map(c -> city.fold[c]).toArray());

        Reweighting one = city.fitted();
        Reweighting other = shuffled.fitted();

        for (int i = 0; i < INDICATORS.size(); i++) {
            assertThat(other.weights().get(i).factor())
                    .isCloseTo(one.weights().get(i).factor(), within(1e-6));
        }
        assertThat(other.after().auc()).isCloseTo(one.after().auc(), within(1e-9));
    }

    @Test
    void aScoreThatTellsNothingIsNoGroundForFactors() {
        City city = City.of(2_000, new double[] {0, 0, 0, 0, 0}, 13);
        assertThatThrownBy(city::fitted)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the score does not tell problems from none: a hundred points stand for");

        City sound = new City(city.counted, city.score, new double[2_000], city.pi, city.fold);
        assertThatThrownBy(sound::fitted)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there are not two with a problem and two without");
    }

    private static double[] taken(double[] all, int[] at) {
        return IntStream.of(at).mapToDouble(c -> all[c]).toArray();
    }
}
