package banyan.models.learned;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import banyan.models.Plan;
import banyan.models.Policy;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cities whose true weights are known: what inspections of them must be found to say. */
class ReweightingTest {
    private static final List<String> INDICATORS = List.of("too_little", "right", "too_much", "rare", "never");
    private static final Plan.Fit BOUNDS =
            Policy.packaged().plan(LocalDate.of(2025, 6, 30)).fit();
    private static final List<String> GROUPS = List.of("one", "one", "other", "other", "other");

    /** Of each indicator an enterprise has 0, 50 or 150 points; a hundred stand for one log odds, times the indicator's true factor. */
    private static Reweighting.Cases city(int cases, double[] truth, long seed) {
        Random random = new Random(seed);
        double[][] points = new double[INDICATORS.size()][cases];
        double[] score = new double[cases];
        double[] problem = new double[cases];
        double[] pi = new double[cases];
        for (int c = 0; c < cases; c++) {
            double odds = -2.5;
            for (int i = 0; i < points.length; i++) {
                double chance = i < 3 ? 0.25 : i == 3 ? 15.0 / cases : 0;
                points[i][c] = random.nextDouble() >= chance ? 0 : random.nextBoolean() ? 50 : 150;
                score[c] += points[i][c];
                odds += truth[i] * points[i][c] / 100;
            }
            pi[c] = score[c] >= 100 ? 0.5 : 0.1; // who has more points is drawn more often
            problem[c] = random.nextDouble() < 1 / (1 + Math.exp(-odds)) ? 1 : 0;
        }
        int[] fold = IntStream.range(0, cases).map(c -> c * 31).toArray();
        return new Reweighting.Cases(
                INDICATORS,
                GROUPS,
                Set.of(),
                Map.of("one", 1000, "other", 1000),
                points,
                points,
                new double[cases],
                score,
                problem,
                pi,
                fold);
    }

    @Test
    void plantedFactorsAreFoundAgain() {
        Reweighting said = Reweighting.of(city(20_000, new double[] {1.8, 1, 0.3, 1, 1}, 7), BOUNDS);

        double all = said.slope(); // what a point stands for on the whole lies between the three
        assertThat(all).isBetween(0.6, 1.4);
        assertThat(said.weights().get(0).told() * all).isCloseTo(1.8, within(0.25));
        assertThat(said.weights().get(1).told() * all).isCloseTo(1, within(0.25));
        assertThat(said.weights().get(2).told() * all).isCloseTo(0.3, within(0.25));
        assertThat(said.weights())
                .extracting(Reweighting.Weight::proposed)
                .containsExactly(true, false, true, false, false);
        assertThat(said.weights().get(1).factor())
                .as("what is not proposed stays")
                .isEqualTo(1);
        assertThat(said.weights().get(2).factor()).as("bounded by a half").isEqualTo(0.5);
        assertThat(said.weights().get(0).found())
                .isGreaterThan(said.weights().get(0).expected());
        assertThat(said.weights().get(2).found())
                .isLessThan(said.weights().get(2).expected());
        assertThat(said.nothing()).isEmpty();
        assertThat(said.after().auc()).isGreaterThan(said.before().auc() + 0.005);
        assertThat(said.chance()).isLessThan(0.01);
        assertThat(said.effective()).as("of 20,000 that weigh otherwise").isBetween(8_000.0, 19_000.0);
    }

    /** Points that speak against a problem are surely too many, however far below a half the factor would lie. */
    @Test
    void whatLiesFarBelowAHalfIsProposedAsAHalf() {
        long proposed = IntStream.range(0, 10)
                .mapToObj(seed -> Reweighting.of(city(1_500, new double[] {1.2, 1.2, -0.6, 1, 1}, 40 + seed), BOUNDS))
                .map(said -> said.weights().get(2))
                .filter(weight -> weight.proposed() && weight.factor() == 0.5)
                .count();

        assertThat(proposed).isGreaterThanOrEqualTo(8);
    }

    /** Where every point is worth the same, of twenty cities at most one is told otherwise, and few indicators. */
    @Test
    void whereTheWeightsAreRightNothingIsProposed() {
        List<Reweighting> said = IntStream.range(0, 20)
                .mapToObj(seed -> Reweighting.of(city(3_000, new double[] {1, 1, 1, 1, 1}, 100 + seed), BOUNDS))
                .toList();

        assertThat(said.stream().filter(one -> one.nothing().isEmpty()).count()).isLessThanOrEqualTo(1);
        assertThat(said.stream()
                        .flatMap(one -> one.weights().stream())
                        .filter(Reweighting.Weight::proposed)
                        .count())
                .as("of 60 indicators that have cases enough")
                .isLessThanOrEqualTo(6);
    }

    @Test
    void ofAnIndicatorWithFewCasesNothingIsSaid() {
        Reweighting said = Reweighting.of(city(4_000, new double[] {1, 1, 1, 40, 1}, 9), BOUNDS);

        assertThat(said.weights().get(3).cases()).isBetween(1, BOUNDS.least() - 1);
        assertThat(said.weights().get(3).proposed()).isFalse();
        assertThat(said.weights().get(4).cases()).isZero();
        assertThat(said.weights().get(4).factor()).isEqualTo(1);
    }

    /** 400 and 260 of a group that gives 480; a bonus of 60 and no more than there is; ten points of others. */
    @ParameterizedTest
    @CsvSource({
        "400, 260, 30, 0,   1, 1, 1, 510",
        "400, 260, 30, 0,   1, 2, 1, 510",
        "400,   0, 30, 0,   2, 1, 1, 510",
        "400,   0, 30, 0, 0.5, 1, 2, 260",
        "  0,   0, 15, -25, 1, 1, 1, 0",
        "  0,   0, 15, -25, 1, 1, 2, 5",
        "  0,   0, 30, -25, 1, 1, 0.5, 0",
        "400, 260, 90, -60, 2, 2, 2, 520",
    })
    void theScoreIsThatOfTheIndex(
            double a, double b, double c, double off, double fa, double fb, double fc, double score) {
        double own = Math.max(0, Math.min(480, a + b) + Math.min(100, c) + off);
        Reweighting.Cases one = new Reweighting.Cases(
                List.of("a", "b", "c"),
                List.of("g", "g", "h"),
                Set.of(),
                Map.of("g", 480, "h", 100),
                new double[][] {{a}, {b}, {c}},
                new double[][] {{a}, {b}, {c}},
                new double[] {off},
                new double[] {own + 10},
                new double[] {1},
                new double[] {1},
                new int[] {0});

        assertThat(one.score(0, new double[] {fa, fb, fc})).isEqualTo(score + 10);
    }

    /** One of two twins stands in for the other: neither is multiplied, whatever the cases say. */
    @Test
    void twinsStay() {
        Reweighting.Cases city = city(20_000, new double[] {1.8, 1, 0.3, 1, 1}, 7);
        Reweighting said = Reweighting.of(
                new Reweighting.Cases(
                        INDICATORS,
                        GROUPS,
                        Set.of("too_much"),
                        city.caps(),
                        city.points(),
                        city.counted(),
                        city.off(),
                        city.score(),
                        city.problem(),
                        city.pi(),
                        city.fold()),
                BOUNDS);

        assertThat(said.weights()).extracting(Reweighting.Weight::indicator).isEqualTo(INDICATORS);
        assertThat(said.weights())
                .extracting(Reweighting.Weight::proposed)
                .containsExactly(true, false, false, false, false);
        assertThat(said.weights().get(2).found())
                .isLessThan(said.weights().get(2).expected());
    }

    @Test
    void theOrderOfTheCasesDoesNotMatter() {
        Reweighting.Cases city = city(2_000, new double[] {1.8, 1, 0.3, 1, 1}, 11);
        List<Integer> order = new ArrayList<>(IntStream.range(0, 2_000).boxed().toList());
        Collections.shuffle(order, new Random(3));
        int[] at = order.stream().mapToInt(Integer::intValue).toArray();
        double[][] points =
                Arrays.stream(city.points()).map(one -> taken(one, at)).toArray(double[][]::new);
        Reweighting one = Reweighting.of(city, BOUNDS);
        Reweighting other = Reweighting.of(
                new Reweighting.Cases(
                        INDICATORS,
                        GROUPS,
                        Set.of(),
                        city.caps(),
                        points,
                        points,
                        city.off(),
                        taken(city.score(), at),
                        taken(city.problem(), at),
                        taken(city.pi(), at),
                        IntStream.of(at).map(c -> city.fold()[c]).toArray()),
                BOUNDS);

        for (int i = 0; i < INDICATORS.size(); i++) {
            assertThat(other.weights().get(i).told())
                    .isCloseTo(one.weights().get(i).told(), within(1e-6));
        }
        assertThat(other.after().auc()).isCloseTo(one.after().auc(), within(1e-9));
    }

    @Test
    void aScoreThatTellsNothingIsNoGroundForFactors() {
        Reweighting blind = Reweighting.of(city(2_000, new double[] {0, 0, 0, 0, 0}, 13), BOUNDS);
        assertThat(blind.nothing())
                .hasValueSatisfying(why -> assertThat(why)
                        .startsWith("the score does not surely tell problems from none: a hundred points stand for"));
        assertThat(blind.weights()).isEmpty();
        assertThat(blind.after()).isEqualTo(blind.before());

        Reweighting.Cases city = city(2_000, new double[] {1, 1, 1, 1, 1}, 13);
        Reweighting sound = Reweighting.of(
                new Reweighting.Cases(
                        INDICATORS,
                        GROUPS,
                        Set.of(),
                        city.caps(),
                        city.points(),
                        city.counted(),
                        city.off(),
                        city.score(),
                        new double[2_000],
                        city.pi(),
                        city.fold()),
                BOUNDS);
        assertThat(sound.nothing()).contains("of 2000 inspected there are not two with a problem and two without");
    }

    private static double[] taken(double[] all, int[] at) {
        return IntStream.of(at).mapToDouble(c -> all[c]).toArray();
    }
}
