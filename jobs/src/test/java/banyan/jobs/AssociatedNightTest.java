package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import banyan.jobs.ingest.Pseudonym;
import banyan.jobs.score.ScoreChanges;
import banyan.schemas.Rows;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A night on which nothing happened to an enterprise but to another that it is tied to: carried on, and equal to a full rebuild. */
@Tag("long")
class AssociatedNightTest {
    private static final LocalDate FIRST = LocalDate.of(2025, 7, 2);
    private static final String[] TABLES = {
        "entities",
        "entity_keys",
        "penalties",
        "roles",
        "obligations",
        "contributions",
        "associations",
        "risk_classes",
        "owner_businesses",
        "special_contributions",
        "special_classes"
    };
    private static final String SHOP = "92350199MA00000090";

    @TempDir
    Path dir;

    @AfterAll
    static void stop() {
        Rows.spark().stop();
    }

    @Test
    @SuppressWarnings("unchecked")
    void neighboursOfWhatHappenedAreWorkedOutAnew() throws IOException {
        List<Map<String, String>> firms = new ArrayList<>();
        for (int n = 0; n < 40; n++) {
            firms.add(Cli.registration("R" + n, code(n), "福州示例企业" + n + "有限公司", "350102", ""));
        }
        Map<String, String> shop = new HashMap<>(Cli.registration("R90", SHOP, "示例便利店", "350102", ""));
        shop.put("entity_kind", "个体工商户");
        firms.add(shop);
        deliver(FIRST, "raw_registrations", firms.toArray(Map[]::new));
        deliver(
                FIRST,
                "raw_roles",
                role("法定代表人", "350199198502020018", "", "", code(1)),
                role("法定代表人", "350199198502020018", "", "", code(2)),
                role("经营者", "350199198502020018", "", "", SHOP),
                role("股东", "", code(2), "70", code(3)));
        List<Map<String, String>> fines = new ArrayList<>();
        for (int n = 9; n < 29; n++) {
            fines.add(penalty("N" + n, "罚款", code(n)));
        }
        deliver(FIRST, "raw_penalties", fines.toArray(Map[]::new));
        build(FIRST);
        LocalDate next = FIRST.plusDays(1);
        Map<String, String> smaller = new HashMap<>(penalty("N9", "罚款", code(9)));
        smaller.put("fine_yuan", "20000");
        Map<String, String> withdrawn = new HashMap<>(penalty("N10", "罚款", code(10)));
        withdrawn.put("action", "撤回");
        deliver(next, "raw_penalties", penalty("S1", "责令停产停业", code(1)), smaller, withdrawn);
        build(next);
        Lake lake = new Lake(Cli.session(), lake());
        List<String> carried = classes(lake, next);

        assertThat(classes(lake, FIRST)).contains(code(1) + " A 0", code(2) + " A 0", code(3) + " A 0");
        assertThat(carried)
                .contains(
                        code(1) + " D 320", code(2) + " B 46", code(3) + " A 14", code(9) + " A 30", code(10) + " A 0");
        assertThat(ofShop(lake, FIRST)).containsExactly("A []");
        assertThat(ofShop(lake, next))
                .as("its operator's enterprise was ordered to stop")
                .containsExactly("B [ib_operator_of_d]");
        String newest = lake.commits("risk_classes").iterator().next().metadata();
        assertThat(Json.read(newest).path("increment").asBoolean()).isTrue();
        assertThat(Cli.inside(
                                "build",
                                "contributions",
                                "associations",
                                "risk_classes",
                                "owner_businesses",
                                "special_contributions",
                                "special_classes",
                                "--lake",
                                lake(),
                                "--as-of",
                                next.toString())
                        .code())
                .isZero();
        assertThat(classes(new Lake(Cli.session(), lake()), next)).isEqualTo(carried);
        assertThat(ofShop(new Lake(Cli.session(), lake()), next)).containsExactly("B [ib_operator_of_d]");
        Cli.Ended diff =
                Cli.inside("diff", "--lake", lake(), "--from", FIRST.toString(), "--to", next.toString(), "--json");
        assertThat(diff.code()).as(diff.out()).isZero();
        List<String> causes = new ArrayList<>();
        Json.read(diff.out().lines().reduce((a, b) -> b).orElseThrow())
                .get("entities")
                .forEach(one -> {
                    String points = ScoreChanges.CAUSES.stream()
                            .filter(cause -> one.get(cause).asInt() != 0)
                            .map(cause -> " " + cause + " " + one.get(cause).asInt())
                            .collect(Collectors.joining());
                    causes.add(one.get("entity_id").asString() + points);
                });
        assertThat(causes)
                .containsExactly(
                        code(1) + " new_facts 320",
                        code(2) + " associations 46",
                        code(10) + " corrections -150",
                        code(9) + " corrections -120",
                        code(3) + " associations 14");
    }

    private static List<String> classes(Lake lake, LocalDate day) {
        return lake.read("risk_classes", day).orderBy("entity_id").collectAsList().stream()
                .map((Row row) -> row.getAs("entity_id") + " " + row.getAs("risk_class") + " " + row.getAs("score"))
                .toList();
    }

    private static List<String> ofShop(Lake lake, LocalDate day) {
        return lake.read("special_classes", day).where("entity_id = '" + SHOP + "'").collectAsList().stream()
                .map(row -> row.getAs("special_class") + " " + row.getList(row.fieldIndex("reason_codes")))
                .toList();
    }

    private void build(LocalDate day) {
        Cli.conform(
                dir.resolve("in"),
                dir.resolve("lake"),
                day,
                Pseudonym.from(name -> "0123456789abcdef".repeat(4)),
                TABLES);
    }

    @SafeVarargs
    private void deliver(LocalDate day, String table, Map<String, String>... records) throws IOException {
        String file = table.substring("raw_".length()) + "_" + day + ".csv";
        Cli.deliver(dir.resolve("in/" + day + "/" + file), table, records);
    }

    private static Map<String, String> role(String role, String person, String holder, String share, String of) {
        return Map.of(
                "role", role,
                "person", person,
                "person_shown", person.isEmpty() ? "" : "测试庚",
                "holder_credit_code", holder,
                "share_percent", share,
                "since_on", "2015-01-01",
                "credit_code", of);
    }

    private static Map<String, String> penalty(String number, String kind, String of) {
        return Map.of(
                "decision_no", number,
                "credit_code", of,
                "decided_on", "2025-06-30",
                "published_on", "2025-06-30",
                "violation", "示例",
                "kinds", kind,
                "fine_yuan", "50000");
    }

    private String lake() {
        return dir.resolve("lake").toString();
    }

    private static String code(int n) {
        return String.format("91350199MA%08d", n);
    }
}
