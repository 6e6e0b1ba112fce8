package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The set a model is fitted on: what was known then, how it turned out, and that what came later changes neither. */
class SnapshotTest {
    private static final String X = "91350199MA00000001";
    private static final String Y = "91350199MA00000002";

    @TempDir
    Path dir;

    private static Map<String, String> inspection(String number, String code, String day, String severity) {
        Map<String, String> record = new HashMap<>(Map.of(
                "sample_no", number,
                "sampled_on", day,
                "reported_on", day,
                "kind", "inspection",
                "stage", "catering",
                "result", severity.isEmpty() ? "pass" : "fail",
                "severity", severity,
                "credit_code", code));
        return record;
    }

    private void deliver(String day, String table, List<Map<String, String>> records) throws IOException {
        Cli.deliver(dir.resolve("in/" + day + "/" + table + ".csv"), table, records);
    }

    private Cli.Ended snapshot(String from, String to, String... more) {
        String[] args = {
            "snapshot",
            "critical_finding",
            "--lake",
            dir.resolve("lake").toString(),
            "--from",
            from,
            "--to",
            to,
            "--csv",
            dir.resolve("set.csv").toString()
        };
        String[] all = java.util.Arrays.copyOf(args, args.length + more.length);
        System.arraycopy(more, 0, all, args.length, more.length);
        return Cli.inside(all);
    }

    private void conform(String day) {
        Cli.conform(
                dir.resolve("in"),
                dir.resolve("lake"),
                LocalDate.parse(day),
                "identities",
                "entities",
                "entity_keys",
                "entity_traits",
                "link_decisions",
                "quarantine_decisions",
                "links",
                "samplings");
    }

    @Test
    void whatComesLaterChangesNothing() throws IOException {
        deliver(
                "2025-01-10",
                "raw_registrations",
                List.of(
                        Cli.registration("1", X, "福州甲示例有限公司", "350102", "甲路1号"),
                        Cli.registration("2", Y, "福州乙示例有限公司", "350102", "乙路1号")));
        deliver(
                "2025-01-10",
                "raw_samplings",
                List.of(inspection("S1", X, "2024-11-02", "critical"), inspection("S2", Y, "2024-12-02", "")));
        deliver(
                "2025-02-10",
                "raw_samplings",
                List.of(inspection("S3", X, "2025-02-05", ""), inspection("S4", Y, "2025-02-06", "critical")));
        // Late: it happened before the day, and was not known on it.
        deliver("2025-03-10", "raw_samplings", List.of(inspection("S5", X, "2025-01-20", "critical")));
        deliver("2025-05-10", "raw_samplings", List.of(inspection("S6", Y, "2025-05-02", "")));
        conform("2025-05-10");

        Cli.Ended unripe = snapshot("2025-04-01", "2025-04-01");
        assertThat(unripe.code()).isEqualTo(3);
        assertThat(unripe.out()).contains("the outcome of 2025-04-01 is ripe on 2025-07-01");
        assertThat(dir.resolve("set.csv")).doesNotExist();
        assertThat(snapshot("2025-02-01", "2025-01-01").code())
                .as("from after to")
                .isEqualTo(2);

        Cli.Ended first = snapshot("2025-02-01", "2025-04-01");
        assertThat(first.code()).as(first.out()).isZero();
        assertThat(first.out())
                .contains("2025-02-01        2 cases       1 bad", "2 cases of 1 days, 1 bad")
                .contains("not ripe on 2025-05-10, until when its sources have delivered: 2025-04-01");
        String set = Files.readString(dir.resolve("set.csv"));
        List<String> lines = set.lines().toList();
        assertThat(lines.get(0))
                .startsWith("entity_id,as_of,looked_on,bad,months_open,inspections_36m,days_since_inspection,");
        // X had one inspection, critical, 91 days before; Y one, 61 days before, and was found critical afterwards.
        assertThat(lines.subList(1, lines.size()))
                .hasSize(2)
                .anySatisfy(l -> assertThat(l).contains(",2025-02-01,2025-02-05,0,121,1,91,1,1,1,"))
                .anySatisfy(l -> assertThat(l).contains(",2025-02-01,2025-02-06,1,121,1,61,0,0,0,"));

        // What had turned out is another matter by July; what was known when it was ripe, on 1 May, is not.
        Map<String, String> withdrawn = inspection("S4", Y, "2025-02-06", "critical");
        withdrawn.put("action", "withdraw");
        deliver(
                "2025-07-10",
                "raw_samplings",
                List.of(
                        withdrawn,
                        inspection("S7", X, "2025-02-07", "critical"),
                        inspection("S8", X, "2025-01-02", "critical")));
        conform("2025-07-10");
        assertThat(snapshot("2025-02-01", "2025-02-01").code()).isZero();
        assertThat(Files.readString(dir.resolve("set.csv"))).isEqualTo(set);

        // On the day after that the critical one was known still.
        Cli.Ended april = snapshot("2025-02-01", "2025-04-01");
        assertThat(april.out()).contains("2025-04-01        1 cases       0 bad");
        String later = Files.readString(dir.resolve("set.csv"))
                .lines()
                .reduce((a, b) -> b)
                .orElseThrow();
        assertThat(later).contains(",2025-04-01,2025-05-02,0,123,2,54,1,1,1,");

        // Days whose outcome was not ripe when the test began are in neither part.
        Cli.Ended parts = snapshot("2025-02-01", "2025-04-01", "--test-from", "2025-04-01");
        assertThat(parts.out()).contains("not ripe when the test began: 2025-02-01");
        assertThat(Files.readString(dir.resolve("set.csv")))
                .contains("bad,part,")
                .contains(",0,test,")
                .doesNotContain("train");
    }

    @Test
    void aModelThatIsNotThere() {
        Cli.Ended unknown = Cli.inside(
                "snapshot",
                "fortune",
                "--lake",
                dir.toString(),
                "--from",
                "2025-01-01",
                "--to",
                "2025-01-01",
                "--csv",
                "x");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.out()).contains("The models are critical_finding");
    }
}
