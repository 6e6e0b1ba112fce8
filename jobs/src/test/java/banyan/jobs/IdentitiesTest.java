package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import banyan.jobs.conform.Identities;
import banyan.models.Policy;
import banyan.schemas.Contract;
import banyan.schemas.Rows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A record of the register that stands for another enterprise than before: a shop that gets its first credit code, and a firm that was
 * given the code of another by mistake, and later again. What was known before stays; from then on the history is where it belongs.
 */
class IdentitiesTest {
    private static final LocalDate FIRST = LocalDate.of(2025, 6, 1);
    private static final String OLD = "350100100000017";
    private static final String SHOP = "91350199MA00000017";
    private static final String LATER = "91350199MA00000058";
    private static final String WRONG = "91350199MA00000025";
    private static final String RIGHT = "91350199MA00000033";
    private static final String[] TABLES = {"identities", "entities", "entity_keys", "penalties"};

    @TempDir
    Path dir;

    @AfterAll
    static void stop() {
        Rows.spark().stop();
    }

    @Test
    void mergesAndSplitsAreKnownFromTheirDayAndNeverRewriteWhatWasKnown() throws IOException {
        deliver(
                FIRST,
                "registrations",
                "R1,," + OLD + ",福州示例甲商行,个体工商户",
                "R3," + WRONG + ",,福州示例丙有限公司,企业",
                "R2," + WRONG + ",,福州示例乙有限公司,企业",
                "R4,91350199MA00000041,,福州示例丁有限公司,企业");
        deliver(
                FIRST,
                "penalties",
                "by_old_number," + OLD + ",,",
                "by_code," + WRONG + ",,",
                "by_name,,,福州示例乙有限公司",
                "by_the_register_own_number,,R2,",
                "of_the_one_mistaken_for_another,,,福州示例丙有限公司",
                "of_a_bystander,,R4,",
                "by_the_code_between," + SHOP + ",,");
        deliver(
                FIRST.plusDays(1),
                "registrations",
                "R1," + SHOP + "," + OLD + ",福州示例甲商行,个体工商户",
                "R2," + RIGHT + ",,福州示例乙有限公司,企业");
        conform(FIRST.plusDays(1));
        deliver(FIRST.plusDays(2), "registrations", "R2," + WRONG + ",,福州示例乙有限公司,企业");
        deliver(FIRST.plusDays(3), "registrations", "R1," + LATER + "," + OLD + ",福州示例甲商行,个体工商户");
        conform(FIRST.plusDays(3));
        Lake lake = lake("lake");

        assertThat(texts(lake, "identities", "concat_ws(' ', record_no, period, entity_id, event, before, known_from)"))
                .containsExactly(
                        "R1 1 " + OLD + " 2025-06-01",
                        "R1 2 " + SHOP + " merged " + OLD + " 2025-06-02",
                        "R1 3 " + LATER + " merged " + SHOP + " 2025-06-04",
                        "R2 1 " + WRONG + " 2025-06-01",
                        "R2 2 " + RIGHT + " split " + WRONG + " 2025-06-02",
                        "R2 3 " + WRONG + " merged " + RIGHT + " 2025-06-03");
        assertThat(goingOn(lake, FIRST)).isEmpty();
        assertThat(goingOn(lake, FIRST.plusDays(1))).containsExactly(OLD + " " + SHOP);
        assertThat(goingOn(lake, FIRST.plusDays(3)))
                .as("two mergers on; and an enterprise that is itself again goes on with itself")
                .containsExactlyInAnyOrder(OLD + " " + LATER, SHOP + " " + LATER, RIGHT + " " + WRONG);
        assertThat(known(lake, "entities", "concat_ws(' ', entity_id, name)", FIRST))
                .containsExactly(OLD + " 福州示例甲商行", WRONG + " 福州示例乙有限公司", "91350199MA00000041 福州示例丁有限公司");
        assertThat(known(lake, "entities", "concat_ws(' ', entity_id, name)", FIRST.plusDays(1)))
                .containsExactly(
                        SHOP + " 福州示例甲商行", WRONG + " 福州示例丙有限公司", RIGHT + " 福州示例乙有限公司", "91350199MA00000041 福州示例丁有限公司");
        assertThat(known(lake, "entities", "concat_ws(' ', entity_id, name)", FIRST.plusDays(2)))
                .containsExactly(SHOP + " 福州示例甲商行", WRONG + " 福州示例乙有限公司", "91350199MA00000041 福州示例丁有限公司");
        assertThat(penalties(lake, FIRST))
                .containsExactly(
                        "by_code " + WRONG,
                        "by_name " + WRONG,
                        "by_old_number " + OLD,
                        "by_the_code_between",
                        "by_the_register_own_number " + WRONG,
                        "of_a_bystander 91350199MA00000041",
                        "of_the_one_mistaken_for_another " + WRONG);
        assertThat(penalties(lake, FIRST.plusDays(1)))
                .containsExactly(
                        "by_code " + WRONG,
                        "by_name " + RIGHT,
                        "by_old_number " + SHOP,
                        "by_the_code_between " + SHOP,
                        "by_the_register_own_number " + RIGHT,
                        "of_a_bystander 91350199MA00000041",
                        "of_the_one_mistaken_for_another " + WRONG);
        assertThat(penalties(lake, FIRST.plusDays(2)))
                .containsExactly(
                        "by_code " + WRONG,
                        "by_name " + WRONG,
                        "by_old_number " + SHOP,
                        "by_the_code_between " + SHOP,
                        "by_the_register_own_number " + WRONG,
                        "of_a_bystander 91350199MA00000041",
                        "of_the_one_mistaken_for_another " + WRONG);
        assertThat(penalties(lake, FIRST.plusDays(3)))
                .as("what was merged twice")
                .contains("by_old_number " + LATER, "by_the_code_between " + LATER);
        assertThat(texts(lake, "entities", "concat_ws(' ', entity_id, moved_to, withdrawn, known_from)"))
                .as("why an enterprise ended")
                .contains(OLD + " " + SHOP + " true 2025-06-02", WRONG + " " + RIGHT + " false 2025-06-02");

        Cli.conform(dir.resolve("in"), dir.resolve("at once"), FIRST.plusDays(3), TABLES);
        for (String table : TABLES) {
            assertThat(lake("at once").scan(table, null).fingerprint())
                    .as(table + " taken in at once")
                    .isEqualTo(lake.scan(table, null).fingerprint());
        }
    }

    private void conform(LocalDate day) {
        Cli.conform(dir.resolve("in"), dir.resolve("lake"), day, TABLES);
    }

    private Lake lake(String name) {
        return new Lake(Cli.session(), dir.resolve(name).toString());
    }

    private static List<String> penalties(Lake lake, LocalDate day) {
        return known(lake, "penalties", "concat_ws(' ', decision_no, entity_id)", day).stream()
                .sorted()
                .toList();
    }

    private static List<String> known(Lake lake, String table, String text, LocalDate day) {
        return lake
                .read(table)
                .where("not withdrawn and known_from <= date'" + day + "' and (known_to is null or known_to > date'"
                        + day + "')")
                .orderBy("record_id")
                .selectExpr(text)
                .collectAsList()
                .stream()
                .map(r -> r.getString(0))
                .toList();
    }

    private static List<String> texts(Lake lake, String table, String text) {
        return lake.read(table).selectExpr(text + " t").orderBy("t").collectAsList().stream()
                .map(r -> r.getString(0))
                .toList();
    }

    /** @param lines of registrations record_no, credit_code, reg_no, name, entity_kind; of penalties decision_no, credit_code, entity_no, entity_name */
    private void deliver(LocalDate day, String table, String... lines) throws IOException {
        List<String> all = Contract.of("raw_" + table).columnNames();
        List<String> columns = all.subList(0, all.indexOf("sender"));
        List<String> given = table.equals("registrations")
                ? List.of("record_no", "credit_code", "reg_no", "name", "entity_kind")
                : List.of("decision_no", "credit_code", "entity_no", "entity_name");
        List<String> file = new ArrayList<>(List.of(String.join(",", columns)));
        for (String line : lines) {
            String[] cells = line.split(",", -1);
            file.add(String.join(
                    ",",
                    columns.stream()
                            .map(c -> given.contains(c)
                                    ? cells[given.indexOf(c)]
                                    : switch (c) {
                                        case "status" -> "存续";
                                        case "area_code" -> "350102";
                                        case "established_on" -> "2019-01-01";
                                        case "decided_on" -> "2025-05-01";
                                        case "kinds" -> "警告";
                                        default -> "";
                                    })
                            .toList()));
        }
        Path folder = Files.createDirectories(dir.resolve("in").resolve(day.toString()));
        Files.writeString(
                folder.resolve(table + "_" + day + ".csv"), String.join("\n", file) + "\n", StandardCharsets.UTF_8);
    }

    private static List<String> goingOn(Lake lake, LocalDate day) {
        Inputs in = new Inputs(lake, Set.of("identities"), day, day, Policy.packaged(), "zh");
        return Identities.goingOn(in).collectAsList().stream()
                .map(row -> row.getAs("before") + " " + row.getAs("now"))
                .toList();
    }
}
