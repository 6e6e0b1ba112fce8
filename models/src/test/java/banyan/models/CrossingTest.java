package banyan.models;

import static org.assertj.core.api.Assertions.assertThat;

import banyan.schemas.Contract;
import banyan.schemas.Rows;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An entity that time alone changes is named; one that is not named is measured as before. */
class CrossingTest {
    private static final int ENTITIES = 150;

    @ParameterizedTest
    @CsvSource("2, 2024-02-28, 2024-03-01")
    void whatIsMeasuredOtherwiseThanBeforeIsNamed(long seed, LocalDate before, LocalDate day) {
        Map<String, Dataset<Row>> facts = facts(new Random(seed), before);
        Index then = Policy.packaged().on(before);
        Index now = Policy.packaged().on(day);
        Specialised fieldsThen = Policy.packaged().specialised(before);
        Specialised fieldsNow = Policy.packaged().specialised(day);

        named(
                now.tables(),
                table -> now.crossing(table, facts.get(table), before),
                then.measure(facts.get("entities"), facts),
                now.measure(facts.get("entities"), facts));
        named(
                fieldsNow.tables(),
                table -> fieldsNow.crossing(table, facts.get(table), before),
                fieldsThen.measure(facts.get("entities"), facts),
                fieldsNow.measure(facts.get("entities"), facts));
    }

    /** @param crossing of a table the entities that time alone changes */
    private static void named(
            Iterable<String> tables, Function<String, Dataset<Row>> crossing, Dataset<Row> then, Dataset<Row> now) {
        Set<String> named = new TreeSet<>();
        for (String table : tables) {
            crossing.apply(table).collectAsList().forEach(r -> named.add(r.getString(0)));
        }
        Map<String, Row> was = byEntity(then);
        Set<String> changed = new TreeSet<>();
        byEntity(now).forEach((entity, row) -> {
            if (!row.equals(was.get(entity))) {
                changed.add(entity);
            }
        });

        assertThat(changed).isNotEmpty().isSubsetOf(named);
        assertThat(named).as("not simply all").hasSizeLessThan(ENTITIES);
    }

    private static Map<String, Row> byEntity(Dataset<Row> measured) {
        return measured.collectAsList().stream().collect(Collectors.toMap(row -> row.getAs("entity_id"), row -> row));
    }

    @Test
    void twoDaysOfOnePolicyHaveTheSameEdition() {
        Policy policy = Policy.packaged();

        assertThat(policy.on(LocalDate.of(2025, 6, 30)).edition())
                .isEqualTo(policy.on(LocalDate.of(2025, 7, 1)).edition())
                .contains("penalty_decisions@2000-01-01");
    }

    /** Rows of every table that is measured. */
    static Map<String, Dataset<Row>> facts(Random random, LocalDate day) {
        Map<String, List<Map<String, Object>>> rows = new HashMap<>();
        for (int i = 0; i < ENTITIES; i++) {
            String entity = "E" + i;
            add(
                    rows,
                    "entities",
                    entity,
                    Map.of(
                            "established_on",
                            day.minusDays(random.nextInt(2600)),
                            "capital_yuan",
                            "200000000",
                            "paid_in_yuan",
                            "0",
                            "status",
                            "active",
                            "entity_kind",
                            i % 3 == 0 ? "individual" : "enterprise",
                            "industry_code",
                            List.of("1411", "7520", "5211").get(i % 3)));
            add(rows, "risk_classes", entity, Map.of("risk_class", "B"));
            if (random.nextInt(3) > 0) {
                continue; // most have no record
            }
            add(
                    rows,
                    "penalties",
                    entity,
                    Map.of(
                            "decided_on",
                            past(random, day),
                            "amount_yuan",
                            1000 * random.nextInt(200),
                            "violation",
                            "v" + random.nextInt(2),
                            "kinds",
                            List.of(random.nextBoolean() ? "fine" : "suspension")));
            add(
                    rows,
                    "samplings",
                    entity,
                    Map.of(
                            "reported_on",
                            past(random, day),
                            "result",
                            "fail",
                            "rechecked",
                            random.nextBoolean(),
                            "item",
                            "lead"));
            add(
                    rows,
                    "complaints",
                    entity,
                    Map.of("filed_on", past(random, day), "kind", "report", "outcome", "settled", "verified", true));
            LocalDate listed = past(random, day);
            add(
                    rows,
                    "listings",
                    entity,
                    Map.of(
                            "listed_on",
                            listed,
                            "removed_on",
                            listed.plusDays(random.nextInt(900)),
                            "list",
                            "abnormal",
                            "reason",
                            List.of("no_report", "unreachable", "no_disclosure").get(random.nextInt(3))));
            add(
                    rows,
                    "obligations",
                    entity,
                    Map.of(
                            "report_year",
                            2023,
                            "due_on",
                            "2024-06-30",
                            "filed_on",
                            past(random, day),
                            "late",
                            random.nextBoolean(),
                            "missing",
                            false,
                            "missing_run",
                            0,
                            "latest",
                            true));
            addFromOtherSources(rows, entity, random, day);
        }
        Map<String, Dataset<Row>> facts = new HashMap<>();
        rows.forEach((table, all) -> facts.put(table, Rows.of(table, all)));
        return facts;
    }

    private static void addFromOtherSources(
            Map<String, List<Map<String, Object>>> rows, String entity, Random random, LocalDate day) {
        add(rows, "changes", entity, Map.of("approved_on", past(random, day), "item", "name"));
        for (int n = 0; n < 2; n++) {
            LocalDate issued = past(random, day);
            LocalDate valid = issued.plusDays(random.nextInt(900));
            add(rows, "licences", entity, Map.of("issued_on", issued, "valid_to", valid, "kind", "workshop"));
        }
        add(rows, "inspections", entity, Map.of("inspected_on", past(random, day), "result", "unreachable"));
        String[] listed = {"listed_on", "removed_on"};
        lasting(rows, "court_listings", entity, random, day, listed, "enforced", "dishonest");
        lasting(rows, "tax_listings", entity, random, day, listed, "abnormal_household", "major_violation");
        String[] noticed = {"registered_on", "ended_on"};
        lasting(rows, "notices", entity, random, day, noticed, "equity_pledge", "equity_freeze", "liquidation");
        String[] awarded = {"awarded_on", "valid_to"};
        lasting(rows, "awards", entity, random, day, awarded, "a_rated_taxpayer", "high_tech", "commitment");
        for (int n = random.nextInt(3); n > 0; n--) {
            String given = "ABCD".substring(random.nextInt(4)).substring(0, 1);
            add(
                    rows,
                    "province_classes",
                    entity,
                    Map.of("risk_class", given, "classed_on", day.minusDays(random.nextInt(200))));
        }
        add(rows, "clues", entity, Map.of("found_on", past(random, day), "outcome", "confirmed"));
        if (random.nextInt(6) == 0) { // in which class D is for three years
            add(
                    rows,
                    "accidents",
                    entity,
                    Map.of("determined_on", past(random, day), "kind", "food", "grade", "major"));
        }
        if (random.nextInt(3) == 0) {
            for (int n = 0; n < 2; n++) {
                add(
                        rows,
                        "owner_businesses",
                        entity,
                        Map.of("status", "cancelled", "entity_kind", "individual", "ended_on", past(random, day)));
            }
        }
        add(
                rows,
                "sample_failures",
                entity,
                Map.of(
                        "reported_on",
                        past(random, day),
                        "kind",
                        "supervisory",
                        "role",
                        "producer",
                        "item",
                        "lead",
                        "severity",
                        "serious"));
        add(rows, "complaint_rates", entity, Map.of("rate", "2.5"));
        add(rows, "ip_events", entity, Map.of("decided_on", past(random, day), "kind", "infringement"));
        add(rows, "traceability", entity, Map.of("month", past(random, day), "due_batches", 9, "entered_batches", 3));
        add(rows, "recalls", entity, Map.of("announced_on", past(random, day), "kind", "ordered"));
    }

    /** @param days the columns of the day on which it begins, and of the day on which it ends */
    private static void lasting(
            Map<String, List<Map<String, Object>>> rows,
            String table,
            String entity,
            Random random,
            LocalDate day,
            String[] days,
            String... kinds) {
        LocalDate past = past(random, day);
        LocalDate until = past.plusDays(random.nextInt(900));
        String kind = kinds[random.nextInt(kinds.length)];
        add(rows, table, entity, Map.of(days[0], past, days[1], until, "kind", kind));
    }

    /** Often just a number of months ago, give or take a day: where windows, terms and steps of decay end. */
    private static LocalDate past(Random random, LocalDate day) {
        int[] months = {3, 6, 12, 24, 36};
        return random.nextBoolean()
                ? day.minusMonths(months[random.nextInt(months.length)]).plusDays(random.nextInt(9) - 4L)
                : day.minusDays(random.nextInt(1300));
    }

    private static void add(
            Map<String, List<Map<String, Object>>> rows, String table, String entity, Map<String, Object> values) {
        List<Map<String, Object>> of = rows.computeIfAbsent(table, t -> new ArrayList<>());
        Map<String, Object> row = new HashMap<>(values);
        row.put("entity_id", entity);
        if (Contract.of(table).columnNames().contains("record_id")) {
            row.put("record_id", table + of.size());
        }
        of.add(row);
    }
}
