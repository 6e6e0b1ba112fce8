package banyan.models;

import static org.apache.spark.sql.functions.greatest;
import static org.assertj.core.api.Assertions.assertThat;

import banyan.schemas.Rows;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A class gets worse at once, and better by time when two monthly runs have said so. */
class HysteresisTest {
    private static final Policy POLICY = Policy.packaged();

    @ParameterizedTest
    @CsvSource({
        "2025-06-29, 2025-05-31 2025-04-30",
        "2025-06-30, 2025-05-31",
        "2025-07-01, 2025-06-30 2025-05-31",
        "2025-01-15, 2024-12-31 2024-11-30",
        "2024-02-28, 2024-01-31 2023-12-31",
        "2024-02-29, 2024-01-31",
        "2025-02-28, 2025-01-31",
    })
    void theLastDayOfAMonthIsARunItself(LocalDate day, String runs) {
        assertThat(POLICY.on(day).hysteresis().orElseThrow().runs())
                .extracting(LocalDate::toString)
                .containsExactly(runs.split(" "));
    }

    /**
     * Three failed samples of 80 count 168 from 11 June on, when they are older than six months: 240 was class B. Of each enterprise the day, its
     * records (a table's first letter, day, what, and how many or, of a listing, the day of its end), and the class, score and run that it is kept for.
     */
    @Test
    void whoKeepsAClassAndWhoDoesNot() {
        String cases = """
                in the month in which it got better     | 2025-06-15 | s 2024-12-10 fail 3 | B 240 2025-05-31
                at the first run that finds it so       | 2025-06-30 | s 2024-12-10 fail 3 | B 240 2025-05-31
                until the second run                    | 2025-07-30 | s 2024-12-10 fail 3 | B 240 2025-05-31
                which is the second                     | 2025-07-31 | s 2024-12-10 fail 3 |
                the day before, nothing is better       | 2025-06-10 | s 2024-12-10 fail 3 |
                worse at once                           | 2025-06-15 | s 2024-12-10 fail 3, s 2025-06-12 fail 3 |
                a rule that says as much leaves it out  | 2025-06-15 | s 2024-12-10 fail 2, l 2025-01-02 no_disclosure |
                a rule that says less does not          | 2025-06-15 | s 2024-12-10 fail 6, l 2025-01-02 no_report, c 2025-05-01 settled 20 | C 520 2025-05-31
                what ended is over at the run too       | 2025-06-15 | s 2025-05-01 fail 1, l 2025-01-02 false_information 2025-06-12 |
                what came later was not there           | 2025-06-15 | s 2024-12-10 fail 2, s 2025-06-12 fail 1 |
                the years that were owed at the run     | 2025-07-01 | s 2025-05-01 fail 1, r 2022 missing 1, r 2023 missing 2, r 2024 filed 0 | B 240 2025-06-30
                a report that fell due since            | 2025-07-10 | s 2025-01-09 fail 2, r 2024 missing 1 |
                a report that was filed since           | 2025-06-15 | s 2024-12-10 fail 2, r 2023 filed 0 |
                a report that was filed late since      | 2025-06-15 | s 2024-12-10 fail 2, c 2025-05-01 settled 5, r 2023 late 2025-06-12 |
                a shop, at 40 a sample                  | 2025-06-15 | s 2024-12-10 fail 6 | B 240 2025-05-31
                a shop in the second run                | 2025-07-31 | s 2024-12-10 fail 6 |
                a shop that owed two reports at the run | 2025-07-01 | s 2025-05-01 fail 2, r 2022 missing 1, r 2023 missing 2, r 2024 filed 0 | B 240 2025-06-30
                what speaks for it lifts nobody at once | 2025-06-15 | s 2025-05-01 fail 2, l 2024-01-02 unreachable 2025-03-01, a 2025-06-10 a_rated_taxpayer | B 214 2025-05-31
                """;
        Map<String, String> expected = new TreeMap<>();
        Map<String, String> actual = new TreeMap<>();
        cases.lines().forEach(line -> {
            String[] of = line.split("\\|", -1);
            String name = of[0].strip();
            expected.put(name, of[3].strip());
            actual.put(name, kept(name.startsWith("a shop"), LocalDate.parse(of[1].strip()), of[2].strip()));
        });

        assertThat(actual).isEqualTo(expected);
    }

    /** Random histories of all tables: scores are what contributions add up to, and with a record less nobody is worse. */
    @Test
    void withARecordLessNobodyIsWorse() {
        LocalDate day = LocalDate.of(2025, 6, 20);
        Map<String, Dataset<Row>> facts = CrossingTest.facts(new Random(77), day);
        Map<String, Dataset<Row>> less = new HashMap<>(facts);
        less.computeIfPresent("penalties", (table, rows) -> rows.where("crc32(record_id) % 3 > 0"));
        less.computeIfPresent("samplings", (table, rows) -> rows.where("crc32(record_id) % 3 > 0"));
        less.computeIfPresent("listings", (table, rows) -> rows.where("crc32(record_id) % 3 > 0"));

        List<Row> told = new ArrayList<>();
        for (Index index : Stream.concat(Stream.of(POLICY.on(day)), POLICY.specialised(day).instead().stream())
                .toList()) {
            Map<String, String> all = classes(index, facts, day, told);
            Map<String, String> cured = classes(index, less, day, told);
            assertThat(all.values()).as(index.id()).contains("A", "B");
            all.forEach((entity, is) -> assertThat(cured.get(entity)).as(entity).isLessThanOrEqualTo(is));
        }
        assertThat(told).as("who keeps a class").isNotEmpty();
        Index index = POLICY.on(day);
        Map<String, Row> added =
                byEntity(index.scores(index.contributions(index.measure(facts.get("entities"), facts))));
        assertThat(added).hasSizeGreaterThan(100);
        Dataset<Row> scores = index.hysteresis().orElseThrow().atRunsAndNow(facts.get("entities"), facts);
        byEntity(scores.where(scores.col("as_of").equalTo(day)))
                .forEach((entity, row) -> assertThat(row)
                        .as(entity)
                        .isEqualTo(added.getOrDefault(entity, RowFactory.create(entity, day, 0, null))));
    }

    private static Map<String, Row> byEntity(Dataset<Row> scores) {
        return scores.collectAsList().stream().collect(Collectors.toMap(row -> row.getString(0), row -> row));
    }

    /** The worst of the class by score, that of rules, and the one that is kept. */
    private static Map<String, String> classes(
            Index index, Map<String, Dataset<Row>> facts, LocalDate day, List<Row> told) {
        Dataset<Row> entities = facts.get("entities");
        Hysteresis hysteresis = index.hysteresis().orElseThrow();
        Dataset<Row> scores = hysteresis.atRunsAndNow(entities, facts);
        Dataset<Row> now = scores.where(scores.col("as_of").equalTo(day));
        Map<String, String> classes = new TreeMap<>();
        now.select(now.col("entity_id"), greatest(index.classOf(now.col("score")), now.col("floor")))
                .collectAsList()
                .forEach(row -> classes.put(row.getString(0), row.getString(1)));
        List<Row> held = hysteresis.held(scores).collectAsList();
        told.addAll(held);
        held.forEach(row -> {
            assertThat(row.<String>getAs("class_floor")).isGreaterThan(classes.get(row.<String>getAs("entity_id")));
            classes.put(row.getAs("entity_id"), row.getAs("class_floor"));
        });
        return classes;
    }

    private static String kept(boolean shop, LocalDate day, String records) {
        Index index = shop ? POLICY.specialised(day).instead().orElseThrow() : POLICY.on(day);
        Map<String, List<Map<String, Object>>> rows = new HashMap<>();
        rows.put(
                "entities",
                List.of(Map.of(
                        "entity_id",
                        "E",
                        "record_id",
                        "E",
                        "established_on",
                        "2015-01-02",
                        "entity_kind",
                        shop ? "individual" : "enterprise")));
        for (String record : records.split(", ")) {
            String[] of = record.split(" ");
            String table = Map.of(
                            "l", "listings", "s", "samplings", "c", "complaints", "a", "awards", "r", "obligations")
                    .get(of[0]);
            int times = "sc".contains(of[0]) ? Integer.parseInt(of[3]) : 1;
            for (int n = 0; n < times; n++) {
                rows.computeIfAbsent(table, t -> new ArrayList<>()).add(record(day, of, n));
            }
        }
        Map<String, Dataset<Row>> facts = new HashMap<>();
        for (String table : index.tables()) {
            if (!table.equals("obligations") || rows.containsKey(table)) {
                facts.put(table, Rows.of(table, rows.getOrDefault(table, List.of())));
            }
        }
        Hysteresis hysteresis = index.hysteresis().orElseThrow();
        return hysteresis.held(hysteresis.atRunsAndNow(facts.get("entities"), facts)).collectAsList().stream()
                .map(row -> row.getAs("class_floor") + " "
                        + row.<java.math.BigDecimal>getAs("value").intValue() + " " + row.getAs("run_on"))
                .collect(Collectors.joining(", "));
    }

    private static Map<String, Object> record(LocalDate day, String[] of, int n) {
        Map<String, Object> record = new HashMap<>(Map.of("entity_id", "E", "record_id", String.join("/", of) + n));
        switch (of[0]) {
            case "l" -> {
                record.putAll(Map.of("listed_on", of[1], "list", "abnormal", "reason", of[2]));
                if (of.length > 3) {
                    record.put("removed_on", of[3]);
                }
            }
            case "s" ->
                record.putAll(Map.of("reported_on", of[1], "result", of[2], "rechecked", false, "item", of[1] + n));
            case "r" -> {
                int year = Integer.parseInt(of[1]);
                LocalDate due = LocalDate.of(year + 1, 6, 30);
                record.putAll(
                        Map.of("report_year", year, "due_on", due, "late", of[2].equals("late"), "all_zero", false));
                record.putAll(Map.of(
                        "missing",
                        of[2].equals("missing"),
                        "missing_run",
                        of[2].equals("late") ? 0 : Integer.parseInt(of[3])));
                record.put("filed_on", of[2].equals("late") ? of[3] : null);
                record.put("latest", due.isBefore(day) && !due.plusYears(1).isBefore(day));
            }
            case "c" -> record.putAll(Map.of("filed_on", of[1], "kind", "complaint", "outcome", of[2]));
            default -> record.putAll(Map.of("awarded_on", of[1], "kind", of[2]));
        }
        return record;
    }
}
