package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import banyan.jobs.score.ComplaintRates;
import banyan.jobs.score.SampleFailures;
import banyan.models.Policy;
import banyan.schemas.Rows;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is worked out of samples and complaints for the fields that have a class of their own. */
class SpecialTest {
    private static final LocalDate DAY = LocalDate.of(2025, 6, 30);

    @TempDir
    static Path dir;

    @AfterAll
    static void stop() {
        Rows.spark().stop();
    }

    /** P makes, S sells, and F, by the label of a sample, is nobody we know. */
    @Test
    void aFailedSampleCountsAgainstWhoMadeItAndLessAgainstWhoSoldIt() {
        Dataset<Row> entities = Rows.table("entities", """
                record_id | entity_id | credit_code | known_from | withdrawn | version
                P         | P         | CODEP       | 2020-01-01 | false     | 1
                S         | S         | CODES       | 2020-01-01 | false     | 1
                """);
        Dataset<Row> samplings = Rows.table("samplings", """
                record_id      | entity_id | credit_code | entity_name | producer_credit_code | producer_name | result | kind        | reported_on | sampled_on | known_from | withdrawn | version | file | line
                own            | P         | CODEP       | | CODEP                | P             | fail   | supervisory | 2025-06-01  | 2025-05-01 | 2025-06-01 | false     | 1       | f    | 1
                sold           | S         | CODES       | | CODEP                | P             | fail   | supervisory | 2025-06-01  | 2025-05-01 | 2025-06-01 | false     | 1       | f    | 2
                passed         | S         | CODES       | | CODEP                | P             | pass   | supervisory | 2025-06-01  | 2025-05-01 | 2025-06-01 | false     | 1       | f    | 3
                of a stranger  | S         | CODES       | | CODEF                | F             | fail   | special     | 2025-06-01  | 2025-05-01 | 2025-06-01 | false     | 1       | f    | 4
                of a name      | S         | CODES       | |                      | F             | fail   | special     | 2025-06-01  | 2025-05-01 | 2025-06-01 | false     | 1       | f    | 5
                loose          | S         | CODES       | |                      |               | fail   | monitoring  | 2025-06-01  | 2025-05-01 | 2025-06-01 | false     | 1       | f    | 6
                unlinked shop  |           |             | | CODEP                | P             | fail   | supervisory | 2025-06-01  | 2025-05-01 | 2025-06-01 | false     | 1       | f    | 7
                taken back     | S         | CODES       | | CODEP                | P             | fail   | supervisory | 2025-06-01  | 2025-05-01 | 2025-06-01 | true      | 1       | f    | 8
                at its gate | P |  | 某某食品厂 |  | 某某 食品厂 | fail | supervisory | 2025-06-01 | 2025-05-01 | 2025-06-01 | false | 1 | f | 9
                by its sign | S |  | 乐家小店 |  | 某某食品厂 | fail | supervisory | 2025-06-01 | 2025-05-01 | 2025-06-01 | false | 1 | f | 10
                a visit | S | CODES |  |  |  | fail | inspection | 2025-06-01 | 2025-05-01 | 2025-06-01 | false | 1 | f | 11
                """);

        assertThat(SampleFailures.rows(inputs(Map.of("entities", entities, "samplings", samplings)))
                        .selectExpr("concat_ws(' ', entity_id, role, '/', record_id, line)")
                        .collectAsList())
                .extracting(row -> row.getString(0))
                .containsExactlyInAnyOrder(
                        "P producer / own 1",
                        "P producer / at its gate 9",
                        "S seller / by its sign 10",
                        "P producer / sold 2",
                        "P producer / unlinked shop 7",
                        "S seller / sold 2",
                        "S seller / of a stranger 4",
                        "S seller / of a name 5",
                        "S sole / loose 6");
    }

    /**
     * Forty shops of a kind: three complained of one, one person complained three times of another, one ticket of a third was found true,
     * one shop is half a year old, of the others one or five unknown people complained, and three hotels are too few to be a kind.
     */
    @Test
    void aRateIsToWhatIsExpectedAndWhoComplainsForALivingWeighsLittle() {
        List<Map<String, Object>> complaints = new ArrayList<>();
        List<Map<String, Object>> people = new ArrayList<>();
        for (int n = 0; n < 3; n++) {
            file(complaints, people, "many", "anybody" + n, "settled", false);
            file(complaints, people, "hunted", "hunter", "failed", false);
        }
        for (int n = 0; n < 36; n++) {
            for (int t = 0; t < (n % 2 == 0 ? 1 : 5); t++) {
                file(complaints, people, "shop" + n, null, "settled", false);
            }
        }
        file(complaints, people, "guilty", "hunter", "accepted", true);
        file(complaints, people, "guilty", "another", "refused", false);
        file(complaints, people, "young", null, "pending", false);
        file(complaints, people, "hotel0", "guest", "settled", false);

        Map<String, Row> rates = rates(traders(), complaints, people);

        double hunters = round(1 / (1 + Math.log(4)));
        Map<String, Double> weighted = new TreeMap<>(Map.of(
                "many",
                3.0,
                "hunted",
                hunters * 3,
                "guilty",
                1.0,
                "young",
                1.0,
                "hotel0",
                1.0,
                "hotel1",
                0.0,
                "hotel2",
                0.0));
        for (int n = 0; n < 36; n++) {
            weighted.put("shop" + n, n % 2 == 0 ? 1.0 : 5.0);
        }
        Map<String, Double> counted = new TreeMap<>(weighted);
        counted.put("hunted", 3.0);
        Map<String, Double> expected = expected(weighted);
        double prior = prior(weighted, expected);
        double plain = prior(counted, expected(counted));
        assertThat(prior).isBetween(1.0, 100.0);
        assertThat(rates).hasSize(41);
        rates.forEach((id, row) -> {
            double y = weighted.get(id);
            double e = expected.get(id);
            double rate = (y + prior) / (e + prior);
            double alike = (counted.get(id) + plain) / (expected(counted).get(id) + plain);
            assertThat(row.<BigDecimal>getAs("weighted").doubleValue()).isEqualTo(round(y));
            assertThat(row.<BigDecimal>getAs("expected").doubleValue()).isEqualTo(round(e));
            assertThat(row.<BigDecimal>getAs("prior").doubleValue()).isEqualTo(prior);
            assertThat(row.<BigDecimal>getAs("rate"))
                    .isEqualByComparingTo(
                            BigDecimal.valueOf(round(Math.min(rate, alike))).setScale(2, RoundingMode.DOWN));
        });
        assertThat(rates.get("hotel0").<String>getAs("like")).isEqualTo("all");
        assertThat(rates.get("many").<String>getAs("like")).isEqualTo("individual F 0");
        assertThat(rates.get("guilty").<Integer>getAs("tickets")).isOne();
    }

    /** {@code classification §11.9}: tickets of one person can lower but never raise a rate compared with as many of different people. */
    @Test
    void onePersonNeverWeighsMoreThanManyAndTheOrderOfTicketsDoesNotMatter() {
        Random random = new Random(11);
        List<Map<String, Object>> complaints = new ArrayList<>();
        List<Map<String, Object>> people = new ArrayList<>();
        for (int n = 0; n < 200; n++) {
            file(
                    complaints,
                    people,
                    "shop" + random.nextInt(36),
                    "p" + random.nextInt(40),
                    "settled",
                    random.nextInt(9) == 0);
        }
        Map<String, Row> cleaned = rates(traders(), complaints, people);
        Map<String, Row> unknown = rates(traders(), complaints, List.of());
        java.util.Collections.shuffle(complaints, random);
        java.util.Collections.shuffle(people, random);

        assertThat(rates(traders(), complaints, people)).isEqualTo(cleaned);
        assertThat(cleaned.keySet()).isEqualTo(unknown.keySet());
        cleaned.forEach((entity, row) -> assertThat(row.<BigDecimal>getAs("rate"))
                .isLessThanOrEqualTo(unknown.get(entity).getAs("rate")));
        cleaned.forEach((entity, row) -> assertThat(row.<BigDecimal>getAs("weighted"))
                .isLessThanOrEqualTo(unknown.get(entity).getAs("weighted"))
                .isGreaterThanOrEqualTo(
                        BigDecimal.valueOf(row.<Integer>getAs("tickets")).movePointLeft(1)));
    }

    /** What is expected of each: the shops are a kind, the three hotels are taken with all. */
    private static Map<String, Double> expected(Map<String, Double> tickets) {
        double all = tickets.values().stream().mapToDouble(w -> w).sum();
        double perMonth = (all - 1) / (39 * 12 + 6);
        Map<String, Double> expected = new TreeMap<>();
        tickets.keySet()
                .forEach(id -> expected.put(
                        id,
                        id.startsWith("hotel") ? 12 * all / (42 * 12 + 6) : (id.equals("young") ? 6 : 12) * perMonth));
        return expected;
    }

    private static double prior(Map<String, Double> tickets, Map<String, Double> expected) {
        double squares = expected.values().stream().mapToDouble(SpecialTest::sq).sum();
        double surplus = tickets.entrySet().stream()
                .mapToDouble(y -> sq(y.getValue() - expected.get(y.getKey())) - expected.get(y.getKey()))
                .sum();
        return round(squares / surplus);
    }

    private static double sq(double x) {
        return x * x;
    }

    private static double round(double x) {
        return BigDecimal.valueOf(x).setScale(4, RoundingMode.HALF_UP).doubleValue();
    }

    private static List<Map<String, Object>> traders() {
        List<Map<String, Object>> traders = new ArrayList<>();
        List<String> shops = new ArrayList<>(List.of("many", "hunted", "guilty", "young"));
        for (int n = 0; n < 36; n++) {
            shops.add("shop" + n);
        }
        shops.forEach(id -> traders.add(Map.of(
                "entity_id",
                id,
                "record_id",
                id,
                "status",
                "active",
                "entity_kind",
                "individual",
                "sector",
                "F",
                "established_on",
                id.equals("young") ? "2024-12-30" : "2015-01-01",
                "known_from",
                "2020-01-01",
                "withdrawn",
                false)));
        for (int n = 0; n < 3; n++) {
            traders.add(Map.of(
                    "entity_id",
                    "hotel" + n,
                    "record_id",
                    "hotel" + n,
                    "status",
                    "active",
                    "entity_kind",
                    "enterprise",
                    "sector",
                    "H",
                    "established_on",
                    "2015-01-01",
                    "known_from",
                    "2020-01-01",
                    "withdrawn",
                    false,
                    "capital_yuan",
                    20000000));
        }
        traders.add(Map.of(
                "entity_id",
                "gone",
                "record_id",
                "gone",
                "status",
                "cancelled",
                "entity_kind",
                "individual",
                "sector",
                "F",
                "known_from",
                "2020-01-01",
                "withdrawn",
                false));
        return traders;
    }

    private static void file(
            List<Map<String, Object>> complaints,
            List<Map<String, Object>> people,
            String about,
            String by,
            String outcome,
            boolean verified) {
        String ticket = "T" + complaints.size();
        complaints.add(Map.of(
                "record_id",
                ticket,
                "entity_id",
                about,
                "kind",
                "complaint",
                "outcome",
                outcome,
                "filed_on",
                "2025-06-01",
                "verified",
                verified,
                "case_filed",
                false,
                "known_from",
                "2025-06-02",
                "withdrawn",
                false));
        Map<String, Object> who = new HashMap<>(
                Map.of("record_id", ticket, "filed_on", "2025-06-01", "known_from", "2025-06-02", "withdrawn", false));
        who.put("complainant", by);
        people.add(who);
    }

    private static Map<String, Row> rates(
            List<Map<String, Object>> traders, List<Map<String, Object>> complaints, List<Map<String, Object>> people) {
        return ComplaintRates.rows(inputs(Map.of(
                        "entities", Rows.of("entities", traders),
                        "complaints", Rows.of("complaints", complaints),
                        "complainants", Rows.of("complainants", people))))
                .collectAsList()
                .stream()
                .collect(Collectors.toMap(row -> row.getAs("entity_id"), row -> row, (a, b) -> a, TreeMap::new));
    }

    private static Inputs inputs(Map<String, Dataset<Row>> tables) {
        return new Inputs(new Lake(Rows.spark(), dir.toString()), Set.of(), DAY, DAY, Policy.packaged(), "zh")
                .with(tables, null);
    }
}
