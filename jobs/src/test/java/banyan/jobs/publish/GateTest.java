package banyan.jobs.publish;

import static org.assertj.core.api.Assertions.assertThat;

import banyan.jobs.Lake;
import banyan.models.Policy;
import banyan.schemas.Rows;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the gate lets pass and what it blocks: one change to a sound day a case. */
class GateTest {
    private static final Policy POLICY = Policy.packaged();
    private static final String CLASSES = """
            entity_id | risk_class   | score | known_at   | policy_version
            E1        | A            | 0     | 2025-06-30 | POLICY
            E2        | C            | 250   | 2025-06-30 | POLICY
            U         | unclassified |       | 2025-06-30 | POLICY
            """;
    private static final String LIST = """
            entity_id | risk_class | score | known_at   | policy_version
            E1        | A          | 0     | 2025-06-30 | POLICY
            E2        | C          | 250   | 2025-06-30 | POLICY
            """;
    private static final String CONTRIBUTIONS = """
            entity_id | counted | class_floor
            E2        | 200     |
            E2        | 50      |
            E2        | 0       | C
            """;

    @TempDir
    Path folder;

    @Test
    void aSoundDayPasses() {
        Gate.Findings found = findings(LIST, CONTRIBUTIONS, CLASSES);

        assertThat(found.blocks(true)).isEmpty();
        assertThat(found.classes())
                .containsExactly(entry("A", 1), entry("B", 0), entry("C", 1), entry("D", 0), entry("unclassified", 1));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            value = {
                "an entity twice on the list; list; + E1 | A | 0 | 2025-06-30 | POLICY; every classified entity listed once",
                "an entity missing from the list; list; - E1; every classified entity listed once",
                "one missing and another twice; list; - E1 + E2 | C | 250 | 2025-06-30 | POLICY; every classified entity listed once",
                "one on the list that has no class; list; + E9 | D | 900 | 2025-06-30 | POLICY; list and classes agree",
                "an unclassified one in place of another; list; - E1 + U | unclassified | | 2025-06-30 | POLICY; list and classes agree",
                "another class on the list; list; - E2 + E2 | B | 250 | 2025-06-30 | POLICY; list and classes agree",
                "another score on the list; list; - E2 + E2 | C | 251 | 2025-06-30 | POLICY; list and classes agree",
                "a list known at another day; list; - E2 + E2 | C | 250 | 2025-06-29 | POLICY; list and classes agree",
                "a list under another policy; list; - E2 + E2 | C | 250 | 2025-06-30 | 0123456789ab; list and classes agree",
                "an entity classed twice; classes; + E1 | A | 0 | 2025-06-30 | POLICY; every classified entity listed once",
                "a class without a score; classes; - E1 + E1 | A | | 2025-06-30 | POLICY; points add up to the score",
                "points that do not add up; contributions; + E2 | 1 | ; points add up to the score",
                "points of one without any in its score; contributions; + E1 | 7 | ; points add up to the score",
                "a class better than its floor; contributions; + E1 | 0 | B; points add up to the score",
            })
    void aFaultBlocks(String fault, String table, String change, String check) {
        String list = table.equals("list") ? changed(LIST, change) : LIST;
        String contributions = table.equals("contributions") ? changed(CONTRIBUTIONS, change) : CONTRIBUTIONS;
        String classes = table.equals("classes") ? changed(CLASSES, change) : CLASSES;

        assertThat(findings(list, contributions, classes).blocks(true))
                .extracting(Gate.Check::name)
                .contains(check);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            value = {
                "sound; ; ; ; PASS",
                "a member not listed; ; - E1 ; ; BLOCK",
                "listed twice; ; + E1 | food | B | C | 40 | 2025-06-30 | POLICY ; ; BLOCK",
                "listed though none; ; + E9 | food | B | B | 40 | 2025-06-30 | POLICY ; ; BLOCK",
                "another class on the list; ; - E1 + E1 | food | A | C | 40 | 2025-06-30 | POLICY ; ; BLOCK",
                "a list of another day's knowledge; ; - E1 + E1 | food | B | C | 40 | 2025-06-29 | POLICY ; ; BLOCK",
                "points that do not add up; ; ; + E1 | food | 1 ; BLOCK",
                "points of the other field; ; ; - E2 + E2 | food | 10 ; BLOCK",
                "classes without a list; + E3 | ip | A | A | 0 | 2025-06-30 | POLICY ; ; ; BLOCK"
            })
    void aMemberOfAFieldIsListedAsItIsClassed(
            String fault, String classes, String list, String contributions, Gate.Verdict verdict) {
        String members = """
                entity_id | field | special_class | combined_class | score | known_at   | policy_version
                E1        | food  | B             | C              | 40    | 2025-06-30 | POLICY
                E2        | ip    | A             | A              | 10    | 2025-06-30 | POLICY
                """;
        String points = """
                entity_id | field | counted
                E1        | food  | 30
                E1        | food  | 10
                E2        | ip    | 10
                """;

        assertThat(Gate.fields(
                                frame("special_classes", changed(members, classes)),
                                frame("special_list", changed(members, list)),
                                frame("special_contributions", changed(points, contributions)),
                                POLICY.version())
                        .verdict())
                .isEqualTo(verdict);
    }

    /** Of three months: one is unknown, one closed, one an individual business, two have classes of both. */
    @Test
    void whomTheProvinceClassesAndNobodyHereIsTold() {
        Dataset<Row> given = frame("province_classes", """
                entity_id | credit_code | risk_class | classed_on
                E1        | C1          | A          | 2025-05-31
                E1        | C1          | B          | 2025-04-30
                E2        | C2          | B          | 2025-05-31
                E3        | C3          | B          | 2025-04-30
                E4        | C4          | C          | 2025-05-31
                          | C5          | D          | 2025-05-31
                          | C6          | D          | 2025-03-31
                """);
        Dataset<Row> classes = frame("risk_classes", """
                entity_id | city_class
                E1        | A
                E2        | C
                E3        |
                E4        |
                """);
        Dataset<Row> special = frame("special_classes", """
                entity_id | field      | city_class
                E3        | individual | B
                E1        | food       | B
                """);

        LocalDate day = LocalDate.of(2025, 6, 30);
        assertThat(Province.placed(day, 3, given, classes, special))
                .isEqualTo(
                        new Gate.Check(
                                "whom the province classes has a class here",
                                Gate.Verdict.WARN,
                                "of 5 that the province classed in 3 months, 1 are not in the register and 1 have no class here"));
        assertThat(Province.placed(day, 3, given.where("entity_id in ('E1', 'E2')"), classes, special)
                        .verdict())
                .isEqualTo(Gate.Verdict.PASS);
    }

    private static Dataset<Row> frame(String table, String text) {
        return Rows.table(table, text.replace("POLICY", POLICY.version()));
    }

    @Test
    void anEmptyListBlocks() {
        assertThat(findings(
                                LIST.lines().findFirst().orElseThrow(),
                                CONTRIBUTIONS,
                                CLASSES.lines().findFirst().orElseThrow())
                        .blocks(true))
                .isNotEmpty();
    }

    private Gate.Findings findings(String list, String contributions, String classes) {
        return Gate.findings(
                new Lake(Rows.spark(), folder.toString()),
                POLICY,
                LocalDate.of(2025, 6, 30),
                Rows.table("supervision_list", list.replace("POLICY", POLICY.version())),
                Rows.table("contributions", contributions),
                Rows.table("risk_classes", classes.replace("POLICY", POLICY.version())));
    }

    /** "- E1" takes the rows of E1 away, "+ row" adds one. */
    private static String changed(String text, String change) {
        String changed = text;
        if (change == null) {
            return changed;
        }
        for (String part : List.of(change.strip().split("(?=[-+] )"))) {
            String what = part.substring(2).strip();
            changed = part.startsWith("-") ? changed.replaceAll("(?m)^" + what + " .*\\n", "") : changed + what + "\n";
        }
        return changed;
    }

    private static java.util.Map.Entry<String, Long> entry(String name, long n) {
        return java.util.Map.entry(name, n);
    }
}
