package banyan.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import banyan.schemas.Contract;
import banyan.schemas.Definitions;
import banyan.schemas.InvalidDefinition;
import banyan.schemas.Rows;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IndexTest {
    private static final LocalDate DAY = LocalDate.of(2025, 6, 30);
    private final Index index = Policy.packaged().on(DAY);

    @ParameterizedTest
    @CsvSource({"0, A", "199, A", "200, B", "499, B", "500, C", "749, C", "750, D", "1000, D"})
    void aScoreOnABoundaryBelongsToTheWorseClass(int score, String riskClass) {
        Row row = Rows.spark()
                .range(1)
                .select(index.classOf(org.apache.spark.sql.functions.lit(score)))
                .head();

        assertThat(row.getString(0)).isEqualTo(riskClass);
    }

    @Test
    void ofTwoTwinsOnlyTheLargerCounts() {
        Scored both = score(Map.of("obligations", List.of(missing(1)), "listings", List.of(listing("no_report"))));
        Scored worse = score(Map.of("obligations", List.of(missing(2)), "listings", List.of(listing("no_report"))));

        assertThat(both.points).containsEntry("reports_missing", 80).doesNotContainKey("listed_no_report");
        assertThat(worse.points).containsEntry("reports_missing", 160).doesNotContainKey("listed_no_report");
    }

    @Test
    void aGroupNeverGivesMoreThanItsCapAndTheRowsStillAddUp() {
        List<Map<String, Object>> fines = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            fines.add(penalty("P" + i, "2025-05-0" + (i + 1), "confiscation", "labels"));
        }

        Scored scored = score(Map.of("penalties", fines, "listings", List.of(listing("unreachable"))));

        assertThat(scored.points.get("penalty_decisions") + scored.points.getOrDefault("listed_unreachable", 0))
                .isEqualTo(480);
        assertThat(scored.score).isEqualTo(480 + scored.points.getOrDefault("entity_age", 0));
    }

    @Test
    void aBonusNeverTakesMoreThanThereIs() {
        Map<String, Dataset<Row>> facts = new HashMap<>();
        index.tables().forEach(t -> facts.put(t, Rows.of(t, List.of())));
        facts.put(
                "entities",
                Rows.of(
                        "entities",
                        List.of(Map.of("entity_id", "E", "record_id", "E", "established_on", "2021-06-30"))));
        Scored clean = scored(facts);

        assertThat(clean.points).containsEntry("entity_age", 10).containsEntry("clean_record", -10);
        assertThat(clean.score).isZero();
    }

    @Test
    void anOverrideOutranksTheScoreAndNamesItsEvidence() {
        Scored listed = score(Map.of(
                "listings",
                List.of(Map.of(
                        "entity_id",
                        "E",
                        "record_id",
                        "L9",
                        "list",
                        "serious",
                        "reason",
                        "serious_violation",
                        "listed_on",
                        "2024-01-02"))));

        assertThat(listed.riskClass).isEqualTo("D");
        assertThat(listed.reasons).containsExactly("serious_list");
        assertThat(listed.evidence.get("serious_list")).containsExactly("L9");
    }

    /** A source that never delivered is unknown: no rule and no bonus rests on it, and one of another source is as it was. */
    @Test
    void whatNobodyDeliveredIsUnknownAndNotNothing() {
        Dataset<Row> entities = Rows.of(
                "entities", List.of(Map.of("entity_id", "E", "record_id", "E", "established_on", "2015-06-30")));
        Map<String, Dataset<Row>> facts = new HashMap<>();
        index.tables().forEach(t -> facts.put(t, Rows.of(t, List.of())));
        facts.put("entities", entities);
        Row all = index.measure(entities, facts).head();
        facts.remove("samplings");
        facts.remove("court_listings");
        Dataset<Row> less = index.measure(entities, facts);

        assertThat(all.<BigDecimal>getAs("sampling_failures")).isZero();
        assertThat(less.head().<BigDecimal>getAs("sampling_failures")).isNull();
        assertThat(less.head().<BigDecimal>getAs("judgment_dishonest")).isNull();
        assertThat(less.head().<BigDecimal>getAs("penalty_decisions")).isZero();
        assertThat(less.columns()).doesNotContain("sampling_failures__points");
        assertThat(index.contributions(less).collectAsList()).isEmpty();
    }

    /** What other departments know: a list that decides the class, one that costs points, and what takes points off a missing report's 80. */
    @Test
    void whatOtherDepartmentsKnow() {
        String cases = """
                court_listings | dishonest          | 2025-01-02 | 1  | D 80 judgment_defaulter
                court_listings | enforced           | 2025-01-02 | 1  | A 140 judgment_debtor 60
                court_listings | restricted         | 2025-01-02 | 2  | B 200 judgment_debtor 120
                tax_listings   | major_violation    | 2025-01-02 | 1  | D 80 serious_tax_list
                tax_listings   | major_violation    | 2022-06-30 | 1  | A 80
                tax_listings   | abnormal_household | 2025-01-02 | 2  | A 180 tax_listed 100
                tax_listings   | arrears            | 2025-01-02 | 1  | A 80
                awards         | a_rated_taxpayer   | 2025-01-02 | 2  | A 60 a_rated_taxpayer_bonus -20
                awards         | high_tech          | 2025-01-02 | 1  | A 65 honours_bonus -15
                awards         | commitment         | 2025-01-02 | 3  | A 65 commitments_bonus -15
                awards         | commitment         | 2025-01-02 | 15 | A 20 commitments_bonus -60
                awards         | red_list           | 2025-01-02 | 1  | A 80
                """;
        Map<String, List<Map<String, Object>>> given = new HashMap<>();
        Map<String, String> expected = new TreeMap<>();
        List<Map<String, Object>> entities = new ArrayList<>();
        cases.lines().map(line -> line.split("\\s*\\|\\s*")).forEach(one -> {
            String id = "E" + (10 + entities.size());
            entities.add(Map.of("entity_id", id, "status", "active", "entity_kind", "enterprise"));
            Map<String, Object> missing = new HashMap<>(missing(1));
            missing.put("entity_id", id);
            given.computeIfAbsent("obligations", t -> new ArrayList<>()).add(missing);
            for (int n = 0; n < Integer.parseInt(one[3]); n++) {
                String day = one[0].equals("awards") ? "awarded_on" : "listed_on";
                given.computeIfAbsent(one[0], t -> new ArrayList<>())
                        .add(Map.of("entity_id", id, "record_id", id + n, "kind", one[1], day, one[2]));
            }
            expected.put(id, one[4]);
        });
        Map<String, Dataset<Row>> facts = new HashMap<>();
        given.forEach((table, rows) -> facts.put(table, Rows.of(table, rows)));
        Dataset<Row> known = Rows.of("entities", entities);
        Dataset<Row> contributions =
                index.contributions(index.measure(known, facts)).cache();
        Map<String, String> actual = new TreeMap<>();
        index.classes(contributions, known)
                .collectAsList()
                .forEach(row -> actual.put(
                        row.getAs("entity_id"),
                        row.getAs("risk_class") + " " + row.getAs("score")
                                + row.<String>getList(row.fieldIndex("reason_codes")).stream()
                                        .map(" "::concat)
                                        .collect(Collectors.joining())));
        contributions
                .where("counted <> 0 and indicator <> 'reports_missing'")
                .collectAsList()
                .forEach(row -> actual.merge(
                        row.getAs("entity_id"),
                        " " + row.getAs("indicator") + " " + row.getAs("counted"),
                        String::concat));

        assertThat(actual).isEqualTo(expected);
    }

    /** On which list it is, what the province said when; then the class that counts, the city's and the province's, and the rules named. */
    @Test
    void theWorseOfCityAndProvinceCounts() {
        String cases = """
                        |                          | A A null
                        | A 2025-06-30             | A A A
                        | D 2025-05-31             | D A D province_d
                no_report | B 2025-05-31             | B B B abnormal_now
                no_report | A 2025-05-31             | B B A abnormal_now
                no_report | C 2025-05-31             | C B C province_c abnormal_now
                serious   | C 2025-05-31             | D D C serious_list
                        | D 2025-04-30, B 2025-05-31 | B A B province_b
                        | C 2025-04-01             | C A C province_c
                        | C 2025-03-31             | A A null
                        | D 2025-07-31             | A A null
                """;
        List<Map<String, Object>> entities = new ArrayList<>(
                List.of(Map.of("entity_id", "gone", "status", "cancelled", "entity_kind", "enterprise")));
        List<Map<String, Object>> listings = new ArrayList<>();
        List<Map<String, Object>> classes = new ArrayList<>(List.of(
                Map.of("entity_id", "gone", "record_id", "gone", "risk_class", "D", "classed_on", "2025-05-31")));
        Map<String, String> expected = new TreeMap<>(Map.of("gone", "unclassified null null"));
        cases.lines().map(line -> line.split("\\|", -1)).forEach(one -> {
            String id = "E" + (10 + entities.size());
            entities.add(Map.of("entity_id", id, "status", "active", "entity_kind", "enterprise"));
            if (!one[0].isBlank()) {
                Map<String, Object> listing = new HashMap<>(listing("no_report"));
                listing.putAll(Map.of("entity_id", id, "record_id", id));
                listing.put("list", one[0].strip().equals("serious") ? "serious" : "abnormal");
                listings.add(listing);
            }
            for (String said : one[1].isBlank() ? new String[0] : one[1].strip().split(", ")) {
                String[] words = said.split(" ");
                classes.add(Map.of(
                        "entity_id", id, "record_id", id + words[1], "risk_class", words[0], "classed_on", words[1]));
            }
            expected.put(id, one[2].strip());
        });
        Dataset<Row> known = Rows.of("entities", entities);
        Map<String, Dataset<Row>> facts = Map.of(
                "listings", Rows.of("listings", listings), "province_classes", Rows.of("province_classes", classes));
        Map<String, String> actual = new TreeMap<>();
        index.classes(index.contributions(index.measure(known.where(index.inScope()), facts)), known)
                .collectAsList()
                .forEach(row -> actual.put(
                        row.getAs("entity_id"),
                        (row.getAs("risk_class") + " " + row.getAs("city_class") + " " + row.getAs("province_class")
                                        + " " + String.join(" ", row.<String>getList(row.fieldIndex("reason_codes"))))
                                .strip()));

        assertThat(actual).isEqualTo(expected);
    }

    /** Inspections are known, court lists are not: an adverse record of the one is adverse all the same. */
    @Test
    void oneUnknownSourceHidesNoAdverseRecordOfAnother() {
        Map<String, Dataset<Row>> facts = new HashMap<>();
        index.tables().forEach(t -> facts.put(t, Rows.of(t, List.of())));
        facts.remove("court_listings");
        List<Map<String, Object>> old = List.of(
                Map.of("entity_id", "E1", "record_id", "E1", "established_on", "2021-06-30"),
                Map.of("entity_id", "E2", "record_id", "E2", "established_on", "2021-06-30"));
        facts.put("entities", Rows.of("entities", old));
        facts.put(
                "inspections",
                Rows.of(
                        "inspections",
                        List.of(Map.of(
                                "entity_id",
                                "E1",
                                "record_id",
                                "I",
                                "result",
                                "refused",
                                "inspected_on",
                                "2025-06-01"))));

        assertThat(index.contributions(index.measure(Rows.of("entities", old), facts))
                        .where("indicator = 'clean_record'")
                        .collectAsList())
                .extracting(row -> row.<String>getAs("entity_id"))
                .containsExactly("E2");
    }

    @ParameterizedTest
    @CsvSource({
        "active, individual, not_an_enterprise",
        "cancelled, enterprise, not_operating",
        "cancelled, individual, not_operating"
    })
    void whatTheIndexDoesNotCoverHasNoClassAndSaysWhy(String status, String kind, String because) {
        Row row = index.classes(
                        Rows.of("contributions", List.of()),
                        Rows.of("entities", List.of(Map.of("entity_id", "E", "status", status, "entity_kind", kind))))
                .head();

        assertThat(row.<String>getAs("risk_class")).isEqualTo("unclassified");
        assertThat(row.<String>getAs("unclassified_because")).isEqualTo(because);
        assertThat(row.<Integer>getAs("score")).isNull();
    }

    /** Random histories: the rows of every entity add up, no cap is exceeded, order does not matter, one more fault never helps. */
    @Test
    void pointsAddUpWhateverTheHistory() {
        Random random = new Random(20250630);
        List<Map<String, Object>> entities = new ArrayList<>();
        List<Map<String, Object>> penalties = new ArrayList<>();
        List<Map<String, Object>> more = new ArrayList<>();
        for (int e = 0; e < 60; e++) {
            String id = "E" + e;
            entities.add(Map.of(
                    "entity_id",
                    id,
                    "record_id",
                    id,
                    "status",
                    "active",
                    "entity_kind",
                    "enterprise",
                    "established_on",
                    LocalDate.of(2025, 1, 1).minusMonths(random.nextInt(200)).toString()));
            for (int p = random.nextInt(6); p > 0; p--) {
                penalties.add(randomPenalty(random, id, p));
            }
            more.add(randomPenalty(random, id, 99));
        }
        List<Map<String, Object>> shuffled = new ArrayList<>(penalties);
        java.util.Collections.shuffle(shuffled, random);
        List<Map<String, Object>> worse = new ArrayList<>(penalties);
        worse.addAll(more);

        Map<String, Integer> scores = scores(entities, penalties);

        assertThat(scores(entities, shuffled)).isEqualTo(scores);
        scores(entities, worse).forEach((id, score) -> assertThat(score).as(id).isGreaterThanOrEqualTo(scores.get(id)));
        assertThat(scores.values()).allMatch(score -> score >= 0 && score <= 1000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "indicators/report_late.yaml | latest and late | latest and layt         | layt",
                "indicators/reports_missing.yaml | max(if(latest, missing_run, 0)) | max(if(latest, missing_runn, 0)) | missing_runn",
                "indicators/report_late.yaml | group: dynamic  | grup: dynamic           | grup",
                "indicators/report_late.yaml | group: dynamic  | group: dynamics         | no group dynamics",
                "indicators/report_late.yaml | table: obligations | table: duties        | no table duties",
                "classes/2000-01-01.yaml     | listed_serious > 0 | listed_seriously > 0 | listed_seriously",
                "classes/2000-01-01.yaml     | bonus_cap: 60   | bonus_kap: 60           | int is missing",
                "gate.yaml                   | min_entities_for_shares: 200 | min_entities_for_shares: x | x",
            })
    void aWrongPolicyIsRefusedBeforeAnyDataIsRead(String file, String was, String is, String why) {
        SortedMap<String, String> files = new TreeMap<>(Definitions.packaged("policy", ".yaml"));
        files.compute(file.strip(), (f, text) -> text.replace(was.strip(), is.strip()));

        assertThatThrownBy(() -> {
                    Index wrong = Policy.of(files).on(DAY);
                    Map<String, Dataset<Row>> empty = new HashMap<>();
                    wrong.tables().forEach(t -> empty.put(t, Rows.of(t, List.of())));
                    wrong.check(Rows.of("entities", List.of()), empty);
                })
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining(why.strip());
    }

    @Test
    void thePolicyVersionFollowsEveryLetterOfThePolicy() {
        SortedMap<String, String> files = new TreeMap<>(Definitions.packaged("policy", ".yaml"));
        String before = Policy.of(files).version();
        files.compute("gate.yaml", (f, text) -> text + "\n# signed\n");

        assertThat(Policy.of(files).version()).isNotEqualTo(before).hasSize(12);
    }

    @Test
    void twoVersionsOfAnIndicatorMayNotBeInForceAtOnce() {
        SortedMap<String, String> files = new TreeMap<>(Definitions.packaged("policy", ".yaml"));
        files.put(
                "indicators/report_late@2026-04-01.yaml",
                files.get("indicators/report_late.yaml")
                        .replace("2000-01-01", "2026-04-01")
                        .replace("as_of: 2025", "as_of: 2026"));

        assertThatThrownBy(() -> Policy.of(files))
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining("2026-04-01");

        files.compute(
                "indicators/report_late.yaml",
                (f, text) -> text.replace("from: 2000-01-01", "from: 2000-01-01\nto: 2026-04-01"));
        assertThat(Policy.of(files).on(LocalDate.of(2026, 4, 1)).indicators())
                .filteredOn(i -> i.id().equals("report_late"))
                .hasSize(1);
    }

    @Test
    void allIndicatorsOverOneTableCostOneAggregation() {
        Map<String, Dataset<Row>> facts = new HashMap<>();
        index.tables().forEach(t -> facts.put(t, Rows.of(t, List.of())));

        String plan = index.measure(Rows.of("entities", List.of()), facts)
                .queryExecution()
                .optimizedPlan()
                .toString();

        int tables = 0;
        for (String ignored : index.tables()) {
            tables++;
        }
        assertThat(plan.lines().filter(l -> l.contains("Aggregate [")).count()).isLessThanOrEqualTo(tables);
    }

    private record Scored(
            int score,
            String riskClass,
            List<String> reasons,
            Map<String, Integer> points,
            Map<String, List<String>> evidence) {}

    /** Of an enterprise of which only these tables are known: that is quicker than many without rows. */
    private Scored score(Map<String, List<Map<String, Object>>> given) {
        Map<String, Dataset<Row>> facts = new HashMap<>();
        given.forEach((table, rows) -> facts.put(table, Rows.of(table, rows)));
        return scored(facts);
    }

    private Scored scored(Map<String, Dataset<Row>> facts) {
        Dataset<Row> entities =
                Rows.of("entities", List.of(Map.of("entity_id", "E", "status", "active", "entity_kind", "enterprise")));
        Dataset<Row> contributions =
                index.contributions(index.measure(entities, facts)).cache();
        Map<String, Integer> points = new TreeMap<>();
        Map<String, List<String>> evidence = new TreeMap<>();
        for (Row row : contributions.collectAsList()) {
            if (row.<Integer>getAs("counted") != 0) {
                points.put(row.getAs("indicator"), row.getAs("counted"));
            }
            evidence.put(row.getAs("indicator"), row.getList(row.fieldIndex("evidence")));
        }
        Row row = index.classes(contributions, entities).head();
        int sum = points.values().stream().mapToInt(Integer::intValue).sum();
        assertThat(row.<Integer>getAs("score")).isEqualTo(sum);
        return new Scored(sum, row.getAs("risk_class"), row.getList(row.fieldIndex("reason_codes")), points, evidence);
    }

    private Map<String, Integer> scores(List<Map<String, Object>> entities, List<Map<String, Object>> penalties) {
        Map<String, Dataset<Row>> facts = new HashMap<>();
        facts.put("penalties", Rows.of("penalties", penalties));
        Dataset<Row> known = Rows.of("entities", entities);
        facts.put("entities", known);
        Dataset<Row> contributions =
                index.contributions(index.measure(known, facts)).cache();
        Map<String, BigDecimal> groups = new HashMap<>();
        Map<String, Integer> sums = new TreeMap<>();
        for (Row row : contributions.collectAsList()) {
            sums.merge(row.getAs("entity_id"), row.<Integer>getAs("counted"), Integer::sum);
            groups.merge(
                    row.<String>getAs("entity_id") + row.<String>getAs("group"),
                    BigDecimal.valueOf(row.<Integer>getAs("counted")),
                    BigDecimal::add);
        }
        assertThat(groups.values()).allMatch(sum -> sum.intValue() <= 481);
        Map<String, Integer> scores = new TreeMap<>();
        index.classes(contributions, known)
                .collectAsList()
                .forEach(r -> scores.put(r.getAs("entity_id"), r.getAs("score")));
        scores.forEach(
                (id, score) -> assertThat(sums.getOrDefault(id, 0)).as(id).isEqualTo(score));
        return scores;
    }

    private static Map<String, Object> randomPenalty(Random random, String entity, int n) {
        String[] kinds = {"fine", "confiscation", "suspension", "warning", "licence_revoked"};
        return Map.of(
                "entity_id",
                entity,
                "record_id",
                entity + "-" + n,
                "decided_on",
                DAY.minusDays(random.nextInt(1300)).toString(),
                "kinds",
                List.of(kinds[random.nextInt(kinds.length)]),
                "amount_yuan",
                random.nextInt(150_000),
                "violation",
                "v" + random.nextInt(2));
    }

    private static Map<String, Object> penalty(String id, String day, String kind, String violation) {
        return Map.of(
                "entity_id",
                "E",
                "record_id",
                id,
                "decided_on",
                day,
                "kinds",
                List.of(kind),
                "amount_yuan",
                1,
                "violation",
                violation);
    }

    private static Map<String, Object> missing(int years) {
        return Map.of("entity_id", "E", "record_id", "E/2023", "missing", true, "latest", true, "missing_run", years);
    }

    private static Map<String, Object> listing(String reason) {
        return Map.of(
                "entity_id",
                "E",
                "record_id",
                "L-" + reason,
                "list",
                "abnormal",
                "reason",
                reason,
                "listed_on",
                "2025-01-02");
    }

    @Test
    void everyMeasuredTableHasAContract() {
        index.tables().forEach(t -> assertThat(Contract.all()).containsKey(t));
    }
}
