package banyan.models.learned;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import banyan.models.learned.Calibration.Line;
import banyan.schemas.Rows;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/** A model that was kept says what it said when it was fitted, wherever it is asked. */
class LearnedTest {
    private static final int CASES = 1200;
    private static final String DEFINITION = """
            name: { zh: 甲, en: A }
            basis: "proposed default"
            outcome: { table: samplings, bad: "severity = 'critical'", happened: sampled_on, months: 1, delay: 30 }
            features:
              - { id: x, name: { zh: 一, en: One }, table: entities, measure: "count(1)" }
              - { id: y, name: { zh: 二, en: Two }, table: samplings, measure: "count(1)" }
              - { id: z, name: { zh: 三, en: Three }, table: samplings, measure: "avg(1)" }
            """;

    /** Risk rises with x, falls with y, in sector A from a higher level; a tenth of y is not known. */
    private static Cohorts cases(long seed) {
        Random random = new Random(seed);
        double[] x = new double[CASES];
        double[] y = new double[CASES];
        double[] z = new double[CASES];
        double[] bad = new double[CASES];
        String[] peers = new String[CASES];
        for (int i = 0; i < CASES; i++) {
            peers[i] = random.nextInt(3) == 0 ? "A" : random.nextInt(50) == 0 ? "R" : "F";
            x[i] = random.nextInt(8) + (peers[i].equals("A") ? 3 : 0);
            y[i] = random.nextInt(10) == 0 ? Double.NaN : random.nextGaussian() / 3;
            z[i] = random.nextInt(2);
            double odds = -2 + 0.3 * x[i] - (Double.isNaN(y[i]) ? 0 : 2 * y[i]);
            bad[i] = random.nextDouble() < Logistic.probability(odds) ? 1 : 0;
        }
        long[] day = new long[CASES];
        return new Cohorts(
                Sample.of(
                        List.of(new Values.Numbers("x", x), new Values.Numbers("y", y), new Values.Numbers("z", z)),
                        bad),
                day,
                day,
                day,
                peers,
                new double[CASES],
                peers,
                bad,
                bad);
    }

    private static Learned learned(Kind kind, Cohorts cases) {
        return Learned.of(
                "x",
                DEFINITION,
                kind,
                new Learned.Fitted("2025-01-01", "2024-01-01", "2024-10-01", CASES, 1),
                kind.fit(cases.sample(), new double[0], Kind.Engine.xgboost, 1),
                new Line(0.1, 0.9),
                cases,
                everybody(cases));
    }

    private static Selection.Everybody everybody(Cohorts cases) {
        return new Selection.Everybody(
                cases.sample().variables(),
                new boolean[CASES],
                cases.drawn(),
                cases.sample().bad(),
                cases.peer(),
                CASES);
    }

    private static final List<Kind> KEPT = List.of(Kind.scorecard, Kind.gbm, Kind.logit);

    @Test
    void keptAsItWas() {
        Cohorts cases = cases(1);
        List<Values> other = cases(2).sample().variables();
        for (Kind kind : KEPT) {
            Learned learned = learned(kind, cases);
            Learned again = Learned.parse(learned.json());
            assertThat(again.json()).as(kind.name()).isEqualTo(learned.json());
            assertThat(again.version("")).isEqualTo(learned.version("")).matches("[0-9a-f]{12}");
            assertThat(again.version("checks")).isNotEqualTo(again.version(""));
            assertThat(again.of().scores(other, CASES)).isEqualTo(learned.of().scores(other, CASES));
            assertThat(again.of().parts(other, CASES).of()[0])
                    .isEqualTo(learned.of().parts(other, CASES).of()[0]);
            assertThat(again.asked().ids()).containsExactly("x", "y", "z");
            assertThat(learned(kind, cases).version("")).as("fitted twice").isEqualTo(learned.version(""));
        }
        assertThat(learned(Kind.scorecard, cases(3)).version(""))
                .isNotEqualTo(learned(Kind.scorecard, cases).version(""));
    }

    /** Parts of every kind add up to the score, or it is not told; so do those of the usual case. */
    @Test
    void partsAndWhatIsUsual() {
        Cohorts cases = cases(1);
        for (Kind kind : KEPT) {
            Learned learned = learned(kind, cases);
            double[] scores = learned.of().scores(cases.sample().variables(), CASES);
            Parts parts = learned.of().parts(cases.sample().variables(), CASES);
            parts.of(scores);
            scores[7] += 1e-3;
            assertThatThrownBy(() -> parts.of(scores))
                    .as(kind.name())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Cannot explain case 7");
            assertThat(learned.usual())
                    .as("a sector of few is compared with all")
                    .containsOnlyKeys("", "A", "F");
            assertThat(learned.usual("R")).isEqualTo(learned.usual(""));
            assertThat(learned.usual("A")[0]).as("x is higher there").isGreaterThan(learned.usual("F")[0]);
        }
    }

    @Test
    void reasonsAreWhatIsAboveTheUsual() {
        Learned learned = learned(Kind.scorecard, cases(1));
        assertThat(learned.reasons(new double[] {0.5, 0.9, 0.2}, new double[] {0.1, 0.1, 0.3}, 3))
                .containsExactly(1, 0);
        assertThat(learned.reasons(new double[] {0.5, 0.5, 0.5}, new double[3], 2))
                .as("of equal ones the first")
                .containsExactly(0, 1);
        assertThat(learned.reasons(new double[3], new double[3], 3)).isEmpty();
    }

    /** Spread over partitions of any size rows are given what arrays are given, and what was kept of them says so again. */
    @Test
    void scoredBySpark() {
        Cohorts cases = cases(1);
        Cohorts others = cases(5);
        double[][] numbers = others.sample().variables().stream()
                .map(v -> ((Values.Numbers) v).of())
                .toArray(double[][]::new);
        List<Row> rows = IntStream.range(0, CASES)
                .mapToObj(i -> RowFactory.create(
                        "e" + i,
                        others.peer()[i],
                        numbers[0][i],
                        Double.isNaN(numbers[1][i]) ? null : numbers[1][i],
                        numbers[2][i]))
                .toList();
        Dataset<Row> features = Rows.spark()
                .createDataFrame(
                        rows, StructType.fromDDL("entity_id string, peer string, x double, y double, z double"));
        for (Kind kind : List.of(Kind.scorecard, Kind.gbm)) {
            Learned learned = learned(kind, cases);
            double[] scores = learned.of().scores(others.sample().variables(), CASES);
            Map<String, Row> scored = new HashMap<>();
            Scoring.of(features.repartition(7), learned.json())
                    .collectAsList()
                    .forEach(row -> scored.put(row.getAs("entity_id"), row));
            assertThat(scored).hasSize(CASES);
            List<List<String>> kept = new ArrayList<>();
            for (int i = 0; i < CASES; i++) {
                Row row = scored.get("e" + i);
                assertThat(row.<BigDecimal>getAs("score"))
                        .isEqualByComparingTo(BigDecimal.valueOf(scores[i]).setScale(8, RoundingMode.HALF_UP));
                assertThat(row.<BigDecimal>getAs("probability").doubleValue())
                        .isCloseTo(learned.probability(scores[i]), within(1e-8));
                kept.add(row.getList(row.fieldIndex("features")));
            }
            assertThat(learned.of().scores(Scoring.read(kept), CASES))
                    .as("from the features that were kept")
                    .isEqualTo(scores);
            double[] asKept = scored.values().stream()
                    .mapToDouble(row -> row.<BigDecimal>getAs("score").doubleValue())
                    .toArray();
            assertThat(learned(kind, others)
                            .scores()
                            .psi(learned(kind, others).scores().counted(rounded(learned(kind, others), others))))
                    .as("of the same enterprises nothing has moved")
                    .isZero();
            assertThat(learned.scores().psi(learned.scores().counted(asKept))).isBetween(0.0, 0.1);
            assertThat(Scoring.of(features.coalesce(1), learned.json()).collectAsList())
                    .containsExactlyInAnyOrderElementsOf(scored.values());
        }
    }

    private static double[] rounded(Learned learned, Cohorts cases) {
        return Arrays.stream(learned.of().scores(cases.sample().variables(), CASES))
                .map(Scoring::rounded)
                .toArray();
    }

    /** Σ (now − then)·ln(now ÷ then) with half a case in every bin, by hand. */
    @Test
    void stability() {
        Drift drift = Drift.of(new double[] {1, 1, 1, 2, 2, 3, 3, 4, Double.NaN, Double.NaN});
        assertThat(drift.cuts()).containsExactly(2, 3, 4);
        assertThat(drift.cases()).containsExactly(3, 2, 2, 1, 2);
        assertThat(drift.psi(drift.cases())).isZero();
        long[] now = drift.counted(new double[] {1, 2, 3, 4, 5, 0, 2.5, 3.5, Double.NaN, 9});
        assertThat(now).containsExactly(2, 2, 2, 3, 1);
        double expected = (2.5 - 3.5) / 12.5 * Math.log(2.5 / 3.5)
                + (3.5 - 1.5) / 12.5 * Math.log(3.5 / 1.5)
                + (1.5 - 2.5) / 12.5 * Math.log(1.5 / 2.5);
        assertThat(drift.psi(now)).isCloseTo(expected, within(1e-12));
        assertThat(drift.byChance(now)).isCloseTo(4 * (0.1 + 0.1), within(1e-12));
        assertThat(Drift.of(new double[] {5, 5, 5}).cases()).as("all alike").containsExactly(3, 0);
        assertThat(Drift.of(new double[] {Double.NaN}).cases())
                .as("never known")
                .containsExactly(0, 1);
    }

    /** Of the same city it is on average what chance makes it. */
    @Test
    void stabilityByChance() {
        Random random = new Random(1);
        double sum = 0;
        double expected = 0;
        int trials = 200;
        for (int t = 0; t < trials; t++) {
            Drift then = Drift.of(random.doubles(2000).toArray());
            long[] now = then.counted(random.doubles(3000).toArray());
            sum += then.psi(now) / trials;
            expected += then.byChance(now) / trials;
        }
        assertThat(sum).isCloseTo(expected, within(0.15 * expected));
    }

    /** Probabilities twice too extreme and too low are put right by many cases, and hardly touched by few. */
    @Test
    void lines() {
        Random random = new Random(2);
        int n = 20_000;
        double[] said = new double[n];
        double[] bad = new double[n];
        for (int i = 0; i < n; i++) {
            double odds = random.nextGaussian();
            said[i] = Logistic.probability(2 * odds - 1);
            bad[i] = random.nextDouble() < Logistic.probability(odds) ? 1 : 0;
        }
        double[] ones = BinningTest.ones(n);
        Line line = Line.fit(said, bad, ones);
        assertThat(line.slope()).isCloseTo(0.5, within(0.02));
        assertThat(line.intercept()).isCloseTo(0.5, within(0.03));
        assertThat(Calibration.Truth.of(Arrays.stream(said).map(line::at).toArray(), bad, ones)
                        .slope())
                .isCloseTo(1, within(0.02));
        Line few = Line.fit(Arrays.copyOf(said, 20), Arrays.copyOf(bad, 20), BinningTest.ones(20));
        assertThat(few.slope()).as("of twenty cases little is learned").isBetween(0.7, 1.1);
        assertThat(Line.fit(said, new double[n], ones)).as("all alike").isEqualTo(Line.NONE);
        assertThat(Line.NONE.at(0.3)).isCloseTo(0.3, within(1e-12));
        assertThat(IntStream.range(1, 100).mapToDouble(k -> line.at(k / 100.0)).toArray())
                .as("the order stays")
                .isSorted();
    }
}
