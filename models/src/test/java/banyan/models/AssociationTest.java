package banyan.models;

import static org.assertj.core.api.Assertions.assertThat;

import banyan.schemas.Rows;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What reaches an enterprise from others: handbook classification §9, worked by hand. */
class AssociationTest {
    private final Index index = Policy.packaged().on(LocalDate.of(2025, 6, 30));
    private final Association association = index.association().orElseThrow();

    /** Somebody who bears a key, and since when until when. */
    private record End(String key, String entity, String tie, String weight, String since, String until) {
        static End of(String key, String entity, String tie) {
            return of(key, entity, tie, null, null);
        }

        static End of(String key, String entity, String tie, String since, String until) {
            return new End(key, entity, tie, WEIGHTS.get(tie), since, until);
        }

        String sql() {
            return String.format(
                    "('%s', '%s', '%s', '%s', cast(%s as decimal(4,2)), cast(%s as date), cast(%s as date), %s)",
                    key,
                    key,
                    entity,
                    tie,
                    weight,
                    quoted(since),
                    quoted(until),
                    until == null || until.compareTo("2025-06-30") >= 0);
        }
    }

    private static final Map<String, String> WEIGHTS = Map.of(
            "legal_representative", "0.6",
            "control", "0.6",
            "stake", "0.3",
            "executive", "0.2",
            "branch", "0.8",
            "address_unit", "0.15");

    /** A contribution of a source; day null where its records are of none. */
    private record Point(String entity, int counted, String kind, String floor, String day) {
        static Point of(String entity, int counted) {
            return new Point(entity, counted, "indicator", null, null);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "both legally represented by one, legal_representative, legal_representative, 500, 300.0000, 72",
        "an executive here and the representative there: the weaker end, legal_representative, executive, 500, 100.0000, 24",
        "a holder of a half, control, control, 250, 150.0000, 36",
        "a quarter, stake, control, 250, 75.0000, 18",
        "office and branch, branch, branch, 1000, 800.0000, 120",
        "one room, address_unit, address_unit, 412, 61.8000, 15",
        "half a point is rounded up, address_unit, address_unit, 14, 2.1000, 1"
    })
    void oneHop(String why, String there, String here, int own, String value, int points) {
        List<Row> rows = reaching(List.of(End.of("k", "S", there), End.of("k", "T", here)), Point.of("S", own));

        assertThat(rows).as(why).hasSize(1);
        assertThat(told(rows.get(0))).isEqualTo("T associated_risk " + value + " " + points);
    }

    @Test
    void nothingBelowHalfAPoint() {
        assertThat(reaching(
                        List.of(End.of("k", "S", "address_unit"), End.of("k", "T", "address_unit")), Point.of("S", 13)))
                .isEmpty();
    }

    @Test
    void theSecondHopHalvesAndThereIsNoThird() {
        List<Row> rows = reaching(
                List.of(
                        End.of("k", "S", "legal_representative"),
                        End.of("k", "M", "legal_representative"),
                        End.of("l", "M", "control"),
                        End.of("l", "T", "control"),
                        End.of("m", "T", "branch"),
                        End.of("m", "U", "branch")),
                Point.of("S", 800));

        assertThat(rows.stream().map(AssociationTest::told))
                .containsExactly("M associated_risk 480.0000 115", "T associated_risk 144.0000 35");
        assertThat(rows.get(1).<String>getList(rows.get(1).fieldIndex("path")))
                .containsExactly("control M", "legal_representative S");
        assertThat(rows.get(1).<String>getList(rows.get(1).fieldIndex("evidence")))
                .containsExactly("S", "M");
    }

    @Test
    void whatTiesMoreThanFiftyTiesNobody() {
        for (int bound : new int[] {50, 51}) {
            List<End> ends = new ArrayList<>(List.of(End.of("k", "S", "address_unit")));
            for (int n = 1; n < bound; n++) {
                ends.add(End.of("k", "T" + n, "address_unit"));
            }
            assertThat(reaching(ends, Point.of("S", 1000))).hasSize(bound == 50 ? 49 : 0);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "held then and now, 2020-01-01, , 2021-05-05, , 60",
        "the first day counts, 2021-05-05, , 2021-05-05, , 60",
        "before the person came, 2021-05-06, , 2021-05-05, ,",
        "the last day counts, 2020-01-01, 2021-05-05, 2021-05-05, , 60",
        "after the person left, 2020-01-01, 2021-05-04, 2021-05-05, ,",
        "left there long since but was there then, 2020-01-01, 2022-01-01, 2021-05-05, , 60",
        "left here, 2020-01-01, , 2021-05-05, 2024-01-01,",
        "a point of no day counts while the role is held, 2024-01-01, , , , 60",
        "and no longer, 2020-01-01, 2022-01-01, , ,"
    })
    void whatAPersonCausedCountsWhileTheRoleWasHeld(
            String why, String since, String until, String day, String left, Integer points) {
        List<Row> rows = reaching(
                List.of(
                        End.of("k", "S", "legal_representative", since, until),
                        End.of("k", "T", "legal_representative", null, left)),
                new Point("S", 417, "indicator", null, day));

        assertThat(rows.stream().map(AssociationTest::told))
                .as(why)
                .containsExactlyElementsOf(
                        points == null ? List.of() : List.of("T associated_risk 250.2000 " + points));
    }

    /** Two of four records happened in the time, and nobody passes on more than there is: a bonus of before is no part of it. */
    @Test
    void ofSeveralRecordsAsMuchAsTheirShareInTheTime() {
        List<Row> rows = reaching(
                List.of(
                        End.of("k", "S", "legal_representative", "2021-01-01", "2022-12-31"),
                        End.of("k", "T", "legal_representative")),
                new Point(
                        "S",
                        400,
                        "indicator",
                        null,
                        "2020-05-05', date'2021-05-05', date'2022-05-05', date'2023-05-05"));
        List<Row> capped = reaching(
                List.of(
                        End.of("k", "S", "legal_representative", "2021-01-01", null),
                        End.of("k", "T", "legal_representative")),
                new Point("S", 100, "indicator", null, "2021-05-05"),
                new Point("S", -20, "bonus", null, "2020-05-05"));

        assertThat(rows.stream().map(AssociationTest::told)).containsExactly("T associated_risk 120.0000 29");
        assertThat(capped.stream().map(AssociationTest::told)).containsExactly("T associated_risk 48.0000 12");
    }

    /** A holder of fifty, and of one more. */
    @Test
    void aHolderIsNotCountedAmongWhatItHolds() {
        for (int held : new int[] {50, 51}) {
            List<String> ends = new ArrayList<>();
            for (int n = 1; n <= held; n++) {
                String key = "S holds T" + n;
                ends.add("('" + key + "', 'S', 'S', 'control', 0.6, null, null, true)");
                ends.add("('" + key + "', 'S', 'T" + n + "', 'control', 0.6, null, null, true)");
            }
            assertThat(reaching(String.join(", ", ends), Point.of("S", 1000))).hasSize(held == 50 ? 50 : 0);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "an override into D, legal_representative, legal_representative, override, D, 2021-05-05, true",
        "a tie of another kind, control, legal_representative, override, D, 2021-05-05, false",
        "a floor is no override, legal_representative, legal_representative, floor, C, 2021-05-05, false",
        "before the person came, legal_representative, legal_representative, override, D, 2019-05-05, false"
    })
    void siblingsOfADirectDAreNotInTheBestClass(
            String why, String there, String here, String kind, String floor, String day, boolean held) {
        List<Row> rows = reaching(
                List.of(End.of("k", "S", there, "2020-01-01", null), End.of("k", "T", here)),
                new Point("S", 0, kind, floor, day));

        assertThat(rows.stream().map(AssociationTest::told))
                .as(why)
                .containsExactlyElementsOf(held ? List.of("T sibling_of_d null 0 ≥B") : List.of());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "nothing of its own, 0, 0, 72, 72",
        "on top of its own, 140, 0, 72, 72",
        "the bonus is taken from both together, 10, -25, 20, 5",
        "the bonus of both is capped at 60, 0, -75, 72, 12",
        "no further than the last point of class C, 740, 0, 72, 9",
        "who is in D by its own stays there with more, 760, 0, 72, 72",
        "on the boundary of D, 749, 0, 72, 0"
    })
    void counted(String why, int own, int bonus, int points, int counted) {
        Dataset<Row> reaching = Rows.spark()
                .sql("select 'T' entity_id, 'associated_risk' indicator, cast(" + points + " as decimal(14,4)) points");
        Dataset<Row> contributions = Rows.of(
                "contributions",
                List.of(
                        Map.of("entity_id", "T", "kind", "indicator", "points", own, "counted", own),
                        Map.of("entity_id", "T", "kind", "bonus", "points", bonus, "counted", 0)));

        assertThat(association.counted(reaching, contributions).head().<Integer>getAs("counted"))
                .as(why)
                .isEqualTo(counted);
    }

    /** Random graphs: the greatest of all paths of one and two hops, found by trying each. */
    @Test
    void theGreatestOfAllPaths() {
        Set<End> ends = new LinkedHashSet<>();
        Map<String, Integer> own = new TreeMap<>();
        List<String> ties = List.copyOf(new TreeMap<>(WEIGHTS).keySet());
        for (long seed = 1; seed <= 20; seed++) { // so many graphs that nothing ties to each other
            Random random = new Random(seed);
            for (int n = 0; n < 30; n++) {
                ends.add(End.of(
                        seed + "k" + random.nextInt(12),
                        seed + "E" + random.nextInt(10),
                        ties.get(random.nextInt(ties.size()))));
            }
            for (int n = 0; n < 3; n++) {
                own.put(seed + "E" + random.nextInt(10), 200 + random.nextInt(800));
            }
        }
        Point[] points = own.entrySet().stream()
                .map(e -> Point.of(e.getKey(), e.getValue()))
                .toArray(Point[]::new);
        Map<String, String> found = reaching(List.copyOf(ends), points).stream()
                .collect(Collectors.toMap(
                        row -> row.getAs("entity_id"),
                        row -> row.<BigDecimal>getAs("value").toPlainString(),
                        (a, b) -> a,
                        TreeMap::new));

        assertThat(found).hasSizeGreaterThan(100).isEqualTo(byHand(List.copyOf(ends), own));
    }

    private static Map<String, String> byHand(List<End> ends, Map<String, Integer> own) {
        Map<String, BigDecimal> risks = new TreeMap<>();
        own.forEach((source, score) -> {
            for (End[] first : ties(ends, source)) {
                BigDecimal once = BigDecimal.valueOf(score).multiply(weaker(first));
                risks.merge(first[1].entity, once, BigDecimal::max);
                for (End[] second : ties(ends, first[1].entity)) {
                    if (!second[1].entity.equals(source)) {
                        BigDecimal twice = once.multiply(weaker(second)).multiply(new BigDecimal("0.5"));
                        risks.merge(second[1].entity, twice, BigDecimal::max);
                    }
                }
            }
        });
        return risks.entrySet().stream()
                .filter(risk -> risk.getValue().multiply(new BigDecimal("0.24")).compareTo(new BigDecimal("0.5")) >= 0)
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        risk -> risk.getValue()
                                .setScale(4, RoundingMode.HALF_UP)
                                .toPlainString(),
                        (a, b) -> a,
                        TreeMap::new));
    }

    private static List<End[]> ties(List<End> ends, String from) {
        return ends.stream()
                .filter(end -> end.entity.equals(from))
                .flatMap(end -> ends.stream()
                        .filter(other -> other.key.equals(end.key) && !other.entity.equals(from))
                        .map(other -> new End[] {end, other}))
                .toList();
    }

    private static BigDecimal weaker(End[] tie) {
        return new BigDecimal(tie[0].weight).min(new BigDecimal(tie[1].weight));
    }

    private List<Row> reaching(List<End> ends, Point... points) {
        return reaching(ends.stream().map(End::sql).collect(Collectors.joining(", ")), points);
    }

    private List<Row> reaching(String ends, Point... points) {
        Dataset<Row> tied = Rows.spark()
                .sql(
                        "select key, hub, entity_id, tie, cast(weight as decimal(4,2)) weight, cast(since_on as date) since_on,"
                                + " cast(until_on as date) until_on, holds from values " + ends
                                + " as t(key, hub, entity_id, tie, weight, since_on, until_on, holds)");
        String all = List.of(points).stream()
                .map(p -> String.format(
                        "('%s', %d, '%s', %s, %s)",
                        p.entity,
                        p.counted,
                        p.kind,
                        quoted(p.floor),
                        p.day == null ? "cast(array() as array<date>)" : "array(date'" + p.day + "')"))
                .collect(Collectors.joining(", "));
        Dataset<Row> sources = Rows.spark()
                .sql("select entity_id, collect_list(struct(counted, kind, class_floor, days)) points from values "
                        + all + " as t(entity_id, counted, kind, class_floor, days) group by entity_id");
        return association
                .reaching(tied, sources)
                .orderBy("entity_id", "indicator")
                .collectAsList();
    }

    private static String quoted(String text) {
        return text == null ? "cast(null as string)" : "'" + text + "'";
    }

    private static String told(Row row) {
        String floor = row.getAs("class_floor");
        return row.getAs("entity_id") + " " + row.getAs("indicator") + " " + row.getAs("value") + " "
                + row.<BigDecimal>getAs("points").stripTrailingZeros().toPlainString()
                + (floor == null ? "" : " ≥" + floor);
    }
}
