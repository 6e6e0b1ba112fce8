package banyan.models;

import static org.assertj.core.api.Assertions.assertThat;

import banyan.schemas.Rows;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class CuresTest {
    private static final LocalDate DAY = LocalDate.of(2025, 6, 30);
    private final Index index = Policy.packaged().on(DAY);

    /** 180 for the listing and 80 for the report, no better than C together; each alone would do, the listing (54 from then on) for more. */
    @Test
    void ofRecordsThatEachWouldDoTheBetterComesFirst() {
        Cures.Answer answer =
                answer(Map.of("listings", List.of(listing("unreachable")), "obligations", List.of(missing(2023, 1))));

        assertThat(answer.riskClass() + " " + answer.score()).isEqualTo("C 260");
        assertThat(said(answer)).containsExactly("A 134: L", "B 210: E/2023");
        assertThat(answer.all().riskClass() + " " + answer.all().score()).isEqualTo("A 59");
    }

    /** The floor of a penalty of the last year stands while one of the two does. */
    @Test
    void twoPenaltiesMustBothBeRepairedNoneEarlierThanItsTerm() {
        Cures.Answer answer = answer(Map.of(
                "penalties",
                List.of(
                        penalty("P1", "fine", "labels", "2024-12-01"),
                        penalty("P2", "fine", "经营超过保质期的食品", "2025-05-01"))));

        assertThat(answer.riskClass()).isEqualTo("B");
        assertThat(said(answer)).containsExactly("A 0: P1 P2");
        assertThat(answer.ways().get(0).items().stream().map(Cures.Item::from))
                .containsExactlyInAnyOrder(LocalDate.of(2025, 6, 1), LocalDate.of(2026, 5, 1));
    }

    /** Both penalties would do (310 are left), and so would one and the report (400); but nobody is repaired while on a list. */
    @Test
    void aPenaltyIsRepairedOnlyWithTheListingGone() {
        Cures.Answer answer = answer(Map.of(
                "penalties",
                List.of(
                        penalty("P1", "confiscation", "labels", "2025-03-01"),
                        penalty("P2", "confiscation", "labels", "2025-05-01")),
                "listings",
                List.of(listing("false_information")),
                "obligations",
                List.of(missing(2022, 1), missing(2023, 2))));

        assertThat(answer.riskClass() + " " + answer.score()).isEqualTo("C 640");
        assertThat(said(answer)).containsExactlyInAnyOrder("B 425: L P1", "B 425: L P2");
    }

    @Test
    void whatMayNeverBeRepairedEarlyIsNoWay() {
        Cures.Answer answer = answer(Map.of(
                "penalties",
                List.of(
                        penalty("P1", "suspension", "labels", "2025-05-01"),
                        penalty("P2", "fine", "labels", "2025-05-02"))));

        assertThat(answer.riskClass()).isEqualTo("D");
        assertThat(answer.curable()).extracting(Cures.Item::record).containsExactly("P2");
        assertThat(answer.ways()).isEmpty();
        assertThat(answer.all().riskClass()).isEqualTo("D");
    }

    /** Whatever is cured, the province's class stays until the province gives another. */
    @Test
    void whatTheProvinceSaysIsNotCured() {
        Cures.Answer answer = answer(Map.of(
                "listings",
                List.of(listing("unreachable")),
                "province_classes",
                List.of(Map.of(
                        "entity_id",
                        "E",
                        "record_id",
                        "E/2025-05-31",
                        "risk_class",
                        "D",
                        "classed_on",
                        "2025-05-31"))));

        assertThat(answer.riskClass()).isEqualTo("D");
        assertThat(answer.curable()).extracting(Cures.Item::record).containsExactly("L");
        assertThat(answer.ways()).isEmpty();
        assertThat(answer.all().riskClass()).isEqualTo("D");
    }

    /** Two years old since 10 June the penalties count 110 (A), at the run before 220 (B): with one of them gone, 88 there too. */
    @Test
    void whatIsRepairedKeepsNobodyInTheClassItHad() {
        Cures.Answer answer = answer(Map.of(
                "penalties",
                List.of(
                        penalty("P1", "confiscation", "labels", "2023-06-10"),
                        penalty("P2", "confiscation", "labels", "2023-06-10"))));

        assertThat(answer.riskClass() + " " + answer.score()).isEqualTo("B 110");
        assertThat(said(answer)).containsExactlyInAnyOrder("A 44: P1", "A 44: P2");
    }

    /** Renewed, the newest licence of a kind counts: it does not make way for one that lapsed before it. */
    @Test
    void aLicenceThatLapsedTwiceIsRenewedOnce() {
        Cures.Answer answer = answer(Map.of(
                "licences",
                List.of(
                        Map.of(
                                "record_id",
                                "OLD",
                                "kind",
                                "food_operation",
                                "issued_on",
                                "2015-03-01",
                                "valid_to",
                                "2020-02-28"),
                        Map.of(
                                "record_id",
                                "NEW",
                                "kind",
                                "food_operation",
                                "issued_on",
                                "2020-03-01",
                                "valid_to",
                                "2025-02-28")),
                "listings",
                List.of(listing("false_information"))));

        assertThat(answer.riskClass() + " " + answer.score()).isEqualTo("B 210");
        assertThat(answer.curable()).extracting(Cures.Item::record).containsExactlyInAnyOrder("L", "NEW");
        assertThat(answer.all().score())
                .as("150 × 0.3 of the listing that ended, less 25")
                .isEqualTo(20);
    }

    /** 220 for the fine and 80 for the mark: with the mark lifted 220 are left, and the fine is not repaired while the mark stands. */
    @Test
    void anIndividualBusinessIsLiftedByItsOwnIndex() {
        Index own = Policy.packaged().specialised(DAY).instead().orElseThrow();
        Cures.Answer answer = of(
                own,
                shop(
                        own,
                        Map.of(
                                "penalties", penalty("P", "fine", "labels", "2025-05-01"),
                                "listings", listing("no_report"))));

        assertThat(answer.riskClass() + " " + answer.score()).isEqualTo("B 300");
        assertThat(said(answer)).containsExactly("A 0: L P");
        assertThat(answer.all().riskClass() + " " + answer.all().score()).isEqualTo("A 0");
    }

    /** Of two missing reports and the mark for them the larger counts; whatever is cured, an enterprise of its operator stays what it is. */
    @Test
    void aShopThatOwesReports() {
        Index own = Policy.packaged().specialised(DAY).instead().orElseThrow();
        Map<String, Dataset<Row>> facts = shop(
                own,
                Map.of(
                        "listings", listing("no_report"),
                        "obligations", missing(2023, 2),
                        "penalties", penalty("P", "fine", "labels", "2025-05-01")));
        Cures.Answer alone = of(own, facts);
        facts.put(
                "owner_businesses",
                Rows.of(
                        "owner_businesses",
                        List.of(Map.of(
                                "entity_id", "E", "record_id", "F", "entity_kind", "enterprise", "risk_class", "D"))));
        Cures.Answer tied = of(own, facts);

        assertThat(alone.riskClass() + " " + alone.score()).isEqualTo("B 380");
        assertThat(said(alone)).containsExactly("A 160: L P");
        assertThat(tied.riskClass() + " " + tied.score()).isEqualTo("B 380");
        assertThat(said(tied)).as("no better than B for that enterprise").isEmpty();
    }

    /** Of an individual business and one record of each of some tables: all that its index measures. */
    private static Map<String, Dataset<Row>> shop(Index own, Map<String, Map<String, Object>> records) {
        Map<String, Object> shop = Map.of(
                "record_id", "E", "established_on", "2015-01-02", "status", "active", "entity_kind", "individual");
        Map<String, Map<String, Object>> all = new HashMap<>(records);
        all.put("entities", shop);
        Map<String, Dataset<Row>> facts = new HashMap<>();
        own.tables().forEach(table -> facts.put(table, Rows.of(table, List.of())));
        all.forEach((table, record) -> {
            Map<String, Object> its = new HashMap<>(record);
            its.put("entity_id", "E");
            facts.put(table, Rows.of(table, List.of(its)));
        });
        return facts;
    }

    private static Cures.Answer of(Index own, Map<String, Dataset<Row>> facts) {
        return Cures.of(
                own,
                Specialised.alone(own, DAY),
                Policy.packaged().terms(),
                DAY,
                facts.get("entities"),
                facts,
                Rows.of("associations", List.of()));
    }

    @Test
    void whoIsInTheBestClassNeedsNothing() {
        Cures.Answer answer = answer(Map.of());

        assertThat(answer.riskClass()).isEqualTo("A");
        assertThat(answer.curable()).isEmpty();
        assertThat(answer.ways()).isEmpty();
    }

    private static List<String> said(Cures.Answer answer) {
        return answer.ways().stream()
                .map(way -> way.riskClass() + " " + way.score() + ": "
                        + way.items().stream().map(Cures.Item::record).sorted().collect(Collectors.joining(" ")))
                .toList();
    }

    /** 100 come from others: of the 260 that a listing and a report cost, a cure of either leaves it in B. */
    @Test
    void whatReachesItFromOthersStays() {
        Map<String, Object> associated = Map.of(
                "entity_id",
                "E",
                "indicator",
                "associated_risk",
                "kind",
                "indicator",
                "group",
                "association",
                "points",
                100);
        Cures.Answer answer = answer(
                Map.of("listings", List.of(listing("unreachable")), "obligations", List.of(missing(2023, 1))),
                Rows.of("associations", List.of(associated)));

        assertThat(answer.riskClass() + " " + answer.score()).isEqualTo("C 360");
        assertThat(said(answer)).containsExactly("B 234: L", "B 310: E/2023");
        assertThat(answer.all().riskClass() + " " + answer.all().score()).isEqualTo("A 159");
    }

    private Cures.Answer answer(Map<String, List<Map<String, Object>>> given) {
        return answer(given, Rows.of("associations", List.of()));
    }

    private Cures.Answer answer(Map<String, List<Map<String, Object>>> given, Dataset<Row> reaching) {
        List<Map<String, Object>> entities = List.of(Map.of(
                "entity_id",
                "E",
                "record_id",
                "E",
                "established_on",
                "2015-01-02",
                "status",
                "active",
                "entity_kind",
                "enterprise"));
        Map<String, Dataset<Row>> facts = new HashMap<>();
        index.tables().forEach(table -> {
            List<Map<String, Object>> rows = new ArrayList<>();
            given.getOrDefault(table, List.of()).forEach(row -> {
                Map<String, Object> own = new HashMap<>(row);
                own.put("entity_id", "E");
                rows.add(own);
            });
            facts.put(table, Rows.of(table, table.equals("entities") ? entities : rows));
        });
        return Cures.of(index, index, Policy.packaged().terms(), DAY, Rows.of("entities", entities), facts, reaching);
    }

    private static Map<String, Object> listing(String reason) {
        return Map.of("record_id", "L", "list", "abnormal", "reason", reason, "listed_on", "2025-01-02");
    }

    private static Map<String, Object> missing(int year, int run) {
        return Map.of(
                "record_id",
                "E/" + year,
                "report_year",
                year,
                "missing",
                true,
                "late",
                false,
                "latest",
                year == 2023,
                "missing_run",
                run);
    }

    private static Map<String, Object> penalty(String id, String kind, String violation, String day) {
        return Map.of(
                "record_id",
                id,
                "kinds",
                List.of(kind),
                "amount_yuan",
                50000,
                "violation",
                violation,
                "decided_on",
                day,
                "published_on",
                day);
    }
}
