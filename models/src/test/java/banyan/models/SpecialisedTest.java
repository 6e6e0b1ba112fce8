package banyan.models;

import static org.assertj.core.api.Assertions.assertThat;

import banyan.schemas.Rows;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecialisedTest {
    private static final LocalDate DAY = LocalDate.of(2025, 6, 30);
    private static final Policy POLICY = Policy.packaged();

    @ParameterizedTest
    @CsvSource({
        "food, anhui_120, 30 50 75 120",
        "food, method_2016, 30 45 60 100",
        "food, draft_40_40_20, 30 45 60 100",
        "ip, points, 29 59 89 270",
        "ip, decayed, 29 59 89 270",
        "consumer, exposure_adjusted, 24 49 74 100",
        "consumer, index, 24 49 74 100",
        "individual, general, 199 499 749 1000"
    })
    void theLastScoreOfEachClass(String field, String scheme, String lasts) {
        Index index = Policy.index(POLICY.fields().get(field), scheme, DAY);
        String[] last = lasts.split(" ");
        for (int c = 0; c < last.length; c++) {
            int score = Integer.parseInt(last[c]);
            String here = RiskClass.values()[c].name();
            String next = c == 3 ? "D" : RiskClass.values()[c + 1].name();
            assertThat(Rows.spark()
                            .range(1)
                            .select(index.classOf(functions.lit(score)), index.classOf(functions.lit(score + 1)))
                            .head()
                            .toString())
                    .isEqualTo("[" + here + "," + next + "]");
        }
        assertThat(index.classes().groups().stream().mapToInt(Policy.Group::cap).sum())
                .isEqualTo(Integer.parseInt(last[3]));
    }

    /** By it a day's rows are carried over: another scheme, or another version of an indicator, is another edition. */
    @Test
    void anEditionTellsTheSchemesInForce() {
        assertThat(Policy.index(POLICY.fields().get("ip"), "points", DAY).edition())
                .isNotEqualTo(
                        Policy.index(POLICY.fields().get("ip"), "decayed", DAY).edition());
        assertThat(POLICY.specialised(DAY).edition())
                .isEqualTo(POLICY.specialised(DAY.plusDays(1)).edition())
                .contains("food anhui_120 ", "ip points ", "consumer_rate@2000-01-01");
    }

    /** Of a table that is built whole every day, what no indicator names may change without anybody's points. */
    @ParameterizedTest
    @CsvSource({
        "complaint_rates, rate, true",
        "complaint_rates, expected, false",
        "sample_failures, item, true",
        "sample_failures, role, true",
        "sample_failures, reported_on, true",
        "sample_failures, line, false",
        "risk_classes, risk_class, true",
        "licences, kind, true",
        "licences, issued_on, true"
    })
    void anIndicatorNamesTheColumnsOfItsExpressions(String table, String column, boolean named) {
        assertThat(POLICY.specialised(DAY).names(table, column)).isEqualTo(named);
    }

    /**
     * Worked by hand. A food maker of capital below a million has 30 points (made food), a dairy 40, a caterer 25, a fruit shop 15. What is
     * said after the class is what moved it.
     */
    @Test
    void theSchemesOfFoodByHand() {
        String fine = "penalties fine 50000 销售不合格食品 2025-06-01";
        String old = "penalties fine 50000 销售不合格食品 2023-01-02";
        String halted = "penalties suspension 0 超范围使用添加剂 2025-06-01";
        String made = "sample_failures producer supervisory";
        String sold = "sample_failures seller supervisory";
        String cases = String.join(
                "\n",
                // scheme | industry | general | facts → class score by_score combined reasons
                "anhui_120 | 1411 | A | | A 30 A A ",
                "anhui_120 | 1411 | B | | B 37 B B ",
                "anhui_120 | 5223 | D | | B 35 B D ",
                "anhui_120 | 1440 | A | | B 40 B B ",
                "anhui_120 | 1440 | unclassified | | B 40 B B ",
                "anhui_120 | 6210 | A | " + sold + " | B 35 B B ",
                "anhui_120 | 6210 | A | " + made + " | C 55 C C ",
                "anhui_120 | 1411 | A | " + fine + " | C 45 B C food_offence",
                "anhui_120 | 1411 | A | " + halted + " | D 80 D D food_offence",
                "anhui_120 | 1440 | D | " + halted + "; " + made + " | D 120 D D food_offence",
                "anhui_120 | 5223 | A | inspections refused | C 45 B C food_refusal",
                "anhui_120 | 1440 | A | awards quality_award | A 40 B A food_award",
                "anhui_120 | 1440 | A | awards quality_award; " + fine + " | D 55 C D food_offence",
                "anhui_120 | 5223 | A | listings serious | D 15 A D food_serious_list",
                "method_2016 | 1440 | D | | A 40 B D food_clean_years",
                "method_2016 | 1440 | A | " + old + " | B 43 B B ",
                "method_2016 | 1411 | A | " + made + " | D 60 C D food_sample_failed",
                "method_2016 | 6210 | A | " + sold + " | B 35 B B ",
                "method_2016 | 1411 | A | recalls ordered | D 50 C D food_recall_open",
                "method_2016 | 1411 | A | inspections refused; recalls ordered | D 80 D D food_recall_open food_refusal",
                "draft_40_40_20 | 1411 | D | | B 50 C D food_clean_years",
                "draft_40_40_20 | 1411 | D | " + halted + "; " + made + " | D 90 D D food_offence food_sample_failed");
        Map<String, String> expected = new TreeMap<>();
        Map<String, String> found = new TreeMap<>();
        cases.lines().forEach(line -> {
            String[] parts = line.split("\\|", -1);
            expected.put(line, parts[4].strip());
        });
        for (String scheme : POLICY.fields().get("food").schemes().keySet()) {
            List<String> of =
                    cases.lines().filter(line -> line.startsWith(scheme + " ")).toList();
            found.putAll(classes(scheme, of));
        }

        assertThat(found).isEqualTo(expected);
    }

    private static Map<String, String> classes(String scheme, List<String> cases) {
        Map<String, List<Map<String, Object>>> given = new HashMap<>();
        for (int c = 0; c < cases.size(); c++) {
            String[] parts = cases.get(c).split("\\|", -1);
            String entity = "E" + c;
            add(
                    given,
                    "entities",
                    entity,
                    Map.of(
                            "industry_code",
                            parts[1].strip(),
                            "status",
                            "active",
                            "established_on",
                            "2015-01-02",
                            "capital_yuan",
                            500000));
            add(given, "risk_classes", entity, Map.of("risk_class", parts[2].strip()));
            for (String fact : parts[3].strip().isEmpty()
                    ? new String[0]
                    : parts[3].strip().split("; ")) {
                String[] words = fact.split(" ");
                add(
                        given,
                        words[0],
                        entity,
                        switch (words[0]) {
                            case "penalties" ->
                                Map.of(
                                        "kinds",
                                        List.of(words[1]),
                                        "amount_yuan",
                                        words[2],
                                        "violation",
                                        words[3],
                                        "decided_on",
                                        words[4]);
                            case "sample_failures" ->
                                Map.of("role", words[1], "kind", words[2], "item", "lead", "reported_on", "2025-06-01");
                            case "inspections" -> Map.of("result", words[1], "inspected_on", "2025-06-01");
                            case "awards" -> Map.of("kind", words[1], "awarded_on", "2025-01-02");
                            case "recalls" -> Map.of("kind", words[1], "announced_on", "2025-05-02");
                            default -> Map.of("list", words[1], "listed_on", "2025-01-02");
                        });
            }
        }
        Specialised food =
                new Specialised(List.of(Policy.index(POLICY.fields().get("food"), scheme, DAY)), DAY, List.of());
        Map<String, Dataset<Row>> facts = new HashMap<>();
        food.tables().forEach(table -> facts.put(table, Rows.of(table, given.getOrDefault(table, List.of()))));
        Dataset<Row> contributions = food.contributions(food.measure(facts.get("entities"), facts));
        Map<String, String> found = new TreeMap<>();
        food.classes(contributions, facts.get("risk_classes"))
                .collectAsList()
                .forEach(row -> found.put(
                        cases.get(
                                Integer.parseInt(row.<String>getAs("entity_id").substring(1))),
                        (row.getAs("special_class") + " " + row.getAs("score") + " " + row.getAs("class_by_score") + " "
                                        + row.getAs("combined_class") + " "
                                        + String.join(" ", row.<String>getList(row.fieldIndex("reason_codes"))))
                                .strip()));
        return found;
    }

    private static void add(
            Map<String, List<Map<String, Object>>> given, String table, String entity, Map<String, Object> row) {
        List<Map<String, Object>> rows = given.computeIfAbsent(table, t -> new ArrayList<>());
        Map<String, Object> all = new HashMap<>(row);
        all.put("entity_id", entity);
        if (!table.equals("risk_classes")) {
            all.put("record_id", "R" + rows.size());
        }
        rows.add(all);
    }

    /** All fields at once give what each gives alone, and nobody is in a field that does not speak of him. */
    @Test
    void theFieldsAreMeasuredTogetherAndDoNotMix() {
        Map<String, List<Map<String, Object>>> given = new HashMap<>();
        for (String trade : List.of("F 5223", "C 1411", "H 6210", "M 7520", "I 6510")) {
            add(
                    given,
                    "entities",
                    trade.substring(2),
                    Map.of("industry_code", trade.substring(2), "sector", trade.substring(0, 1), "status", "active"));
            add(given, "risk_classes", trade.substring(2), Map.of("risk_class", "A"));
            add(
                    given,
                    "penalties",
                    trade.substring(2),
                    Map.of(
                            "kinds",
                            List.of("fine"),
                            "amount_yuan",
                            50000,
                            "violation",
                            "销售不合格食品",
                            "decided_on",
                            "2025-06-01"));
        }
        add(given, "entities", "closed", Map.of("industry_code", "6210", "sector", "H", "status", "cancelled"));
        add(
                given,
                "complaints",
                "6510",
                Map.of(
                        "kind",
                        "report",
                        "outcome",
                        "accepted",
                        "filed_on",
                        "2025-06-01",
                        "problem",
                        "商标侵权",
                        "verified",
                        true,
                        "case_filed",
                        true));
        Specialised all = POLICY.specialised(DAY);
        Map<String, Dataset<Row>> facts = new HashMap<>();
        all.tables().forEach(table -> facts.put(table, Rows.of(table, given.getOrDefault(table, List.of()))));
        Dataset<Row> entities = facts.get("entities").where(all.inScope());

        List<String> together = told(all, entities, facts);

        List<String> apart = new ArrayList<>();
        all.fields()
                .forEach(field -> apart.addAll(told(new Specialised(List.of(field), DAY, List.of()), entities, facts)));
        assertThat(together)
                .containsExactlyInAnyOrderElementsOf(apart)
                .containsExactlyInAnyOrder(
                        "1411 food C 45",
                        "5223 food B 30",
                        "5223 consumer A 0",
                        "6210 food C 40",
                        "6210 consumer A 0",
                        "7520 ip A 0",
                        "6510 ip A 10",
                        "6510 consumer A 15");
    }

    /** A shop's general class is that of its own index: the worse of it and of its class in the field counts there. */
    @Test
    void anIndividualBusinessHasItsGeneralClassFromItsOwnIndex() {
        Map<String, List<Map<String, Object>>> given = new HashMap<>();
        for (String shop : List.of("clean", "fined", "listed", "classed")) {
            add(
                    given,
                    "entities",
                    shop,
                    Map.of(
                            "industry_code",
                            "5223",
                            "sector",
                            "F",
                            "status",
                            "active",
                            "entity_kind",
                            "individual",
                            "established_on",
                            "2015-01-02"));
            add(given, "risk_classes", shop, Map.of("risk_class", "unclassified"));
        }
        add(
                given,
                "penalties",
                "fined",
                Map.of(
                        "kinds",
                        List.of("fine"),
                        "amount_yuan",
                        60000,
                        "violation",
                        "计量违法",
                        "decided_on",
                        "2025-06-01"));
        add(given, "listings", "listed", Map.of("list", "serious", "listed_on", "2025-01-02"));
        add(given, "province_classes", "classed", Map.of("risk_class", "C", "classed_on", "2025-05-31"));
        add(given, "province_classes", "fined", Map.of("risk_class", "A", "classed_on", "2025-05-31"));
        Specialised all = POLICY.specialised(DAY);
        Map<String, Dataset<Row>> facts = new HashMap<>();
        all.tables().forEach(table -> facts.put(table, Rows.of(table, given.getOrDefault(table, List.of()))));

        assertThat(all.classes(all.contributions(all.measure(facts.get("entities"), facts)), facts.get("risk_classes"))
                        .where("field in ('individual', 'food')")
                        .selectExpr(
                                "concat_ws(' ', entity_id, field, score, special_class, general_class, combined_class, '('"
                                        + " || city_class || province_class || ')', reason_codes)")
                        .collectAsList())
                .extracting(row -> row.getString(0))
                .containsExactlyInAnyOrder(
                        "clean individual 0 A A",
                        "clean food 15 A A A",
                        "fined individual 235 B B (BA)",
                        "fined food 15 A B B",
                        "listed individual 15 D D ib_serious_list",
                        "listed food 15 D D D food_serious_list",
                        "classed individual 0 C C (AC) ib_province_c",
                        "classed food 15 A C C");
    }

    private static List<String> told(Specialised fields, Dataset<Row> entities, Map<String, Dataset<Row>> facts) {
        return fields
                .classes(fields.contributions(fields.measure(entities, facts)), facts.get("risk_classes"))
                .collectAsList()
                .stream()
                .map(row -> row.getAs("entity_id") + " " + row.getAs("field") + " " + row.getAs("special_class") + " "
                        + row.getAs("score"))
                .toList();
    }
}
