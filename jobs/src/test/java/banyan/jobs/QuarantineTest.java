package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import banyan.schemas.Rows;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.dhatim.fastexcel.reader.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Records that were set aside go back to their sender, are answered, come again or are read again: from the first delivery to an empty
 * quarantine, by the command line.
 */
class QuarantineTest {
    private static final String HEADER =
            "decision_no,credit_code,decided_on,published_on,violation,kinds,fine_yuan,action\n";

    private static final String REGISTER =
            "record_no,credit_code,name,entity_kind,status,established_on,area_code,action\n";

    private static final String[] BUILT = {"entities", "entity_keys", "quarantine_decisions", "penalties"};

    @TempDir
    Path dir;

    @Test
    void whatWasSetAsideGoesBackAndIsAnsweredSentAgainOrReadAgain() throws IOException {
        // As it will be corrected to: what comes then repeats it.
        deliver("2025-05-30/penalties_0.csv", HEADER + "R2,91350199MA00000000,2025-05-02,2025-05-02,标签,罚款,100,\n");
        // Of 150 enterprises one is taken back by a word that the strict contract lacks, and there again before that is
        // let through.
        deliver("2025-05-30/registrations_0.csv", registrations(150, ""));
        deliver("2025-06-01/registrations_1.csv", registrations(150, "撤回"));
        deliver("2025-06-03/registrations_2.csv", registrations(150, ""));
        // Of three records two break the contract of their table; one is refused by a raw contract stricter than ours.
        StringBuilder first = new StringBuilder(HEADER);
        for (int i = 0; i < 300; i++) {
            first.append("D" + i + ",91350199MA00000000,2025-05-01,2025-05-08,标签,罚款,100,\n");
        }
        first.append("W1,91350199MA00000000,2025-05-01,,标签,罚站,100,\n"); // no such kind, and not to come again
        first.append("F1,91350199MA00000000,someday,,标签,罚款,100,\n"); // to be sent again
        first.append(
                "R1,91350199MA00000000,2025-05-02,2025-05-01,标签,罚款,100,撤回\n"); // a word that the strict contract lacks
        first.append(
                "R2,91350199MA00000000,2025-05-02,2025-05-01,标签,罚款,100,撤回\n"); // corrected before it is let through
        first.append("R3,91350199MA00000000,2025-05-02,2025-05-01,标签,罚款,100,撤回\n"); // not to come again
        deliver("2025-06-01/penalties_1.csv", first.toString());
        Path contracts = Cli.ROOT.resolve("schemas/contracts");
        try (Stream<Path> all = Files.walk(contracts)) {
            for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
                Path copy = dir.resolve("front/contracts").resolve(contracts.relativize(file));
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
        for (String table : List.of("raw_penalties", "raw_registrations")) {
            Path strict = dir.resolve("front/contracts/1-raw/" + table + ".yaml");
            Files.writeString(strict, Files.readString(strict).replace("|撤回|", "|"));
        }
        Cli.Ended run = Cli.run(
                List.of(dir.resolve("front")),
                "run",
                "--deliveries",
                in().toString(),
                "--lake",
                lake(),
                "--as-of",
                "2025-06-01");
        assertThat(run.code()).as(run.out()).isZero();
        assertThat(inside("quarantine", "list", "--lake", lake()))
                .contains("1  penalties: kinds cannot be read, 1 open (first: 2025-06-01/penalties_1.csv line 302)")
                .contains("1  penalties: decided_on cannot be read, 1 open")
                .contains("3  raw_penalties: action has the wrong form, 3 open");

        assertThat(inside("quarantine", "export", "--lake", lake(), "--to", dir.toString()))
                .contains("6 records to");
        Path book = dir.resolve("数据质量回退单_direct.xlsx");
        List<List<String>> sheet = rows(book);
        assertThat(sheet).hasSize(7);
        assertThat(sheet.get(1))
                .contains("2025-06-01", "2025-06-01/penalties_1.csv", "302", "行政处罚", "处罚种类：无法识别")
                .anyMatch(cell -> cell.contains("处罚决定书文号：W1；") && cell.contains("处罚种类：罚站"));
        assertThat(sheet.get(2)).contains("处罚决定日期：无法识别；处罚决定日期：必填").anyMatch(cell -> cell.contains("处罚决定日期：someday"));
        assertThat(sheet.get(3)).contains("操作：格式不符");
        assertThat(Cli.inside("quarantine", "export", "--lake", lake(), "--to", dir.toString()))
                .satisfies(again -> assertThat(again.code()).isEqualTo(2))
                .satisfies(again -> assertThat(again.out()).contains("may hold answers"));

        answer(sheet, Set.of(1, 5), "免予更正", in().resolve("2025-06-03/quality_return/数据质量回退单_direct.xlsx"));
        deliver(
                "2025-06-03/penalties_2.csv",
                HEADER + "F1,91350199MA00000000,2025-05-01,,标签,罚款,100,\n"
                        + "R2,91350199MA00000000,2025-05-02,2025-05-02,标签,罚款,100,\n");
        Cli.conform(in(), dir.resolve("lake"), LocalDate.of(2025, 6, 3), BUILT);
        assertThat(Cli.inside(
                        "quarantine",
                        "replay",
                        "--deliveries",
                        in().toString(),
                        "--lake",
                        lake(),
                        "--as-of",
                        "2025-06-02"))
                .satisfies(early -> assertThat(early.code()).isEqualTo(2))
                .satisfies(early -> assertThat(early.out()).contains("days up to 2025-06-03 were built without them"));
        String replayed = inside(
                "quarantine", "replay", "--deliveries", in().toString(), "--lake", lake(), "--as-of", "2025-06-05");
        assertThat(replayed).contains("4 records read again: 3 let through, 0 repeat another, 1 stay set aside.");
        assertThat(inside(
                        "quarantine",
                        "replay",
                        "--deliveries",
                        in().toString(),
                        "--lake",
                        lake(),
                        "--as-of",
                        "2025-06-05"))
                .contains("1 records read again: 0 let through, 0 repeat another, 1 stay set aside.");
        // A second answer, much smaller than the first.
        answer(
                List.of(sheet.get(0), sheet.get(2)),
                Set.of(1),
                "已更正",
                in().resolve("2025-06-05/quality_return/数据质量回退单_direct_2.xlsx"));
        Cli.conform(in(), dir.resolve("lake"), LocalDate.of(2025, 6, 5), BUILT);

        Lake lake = new Lake(Session.open(), lake());
        assertThat(lake.read("penalties")
                        .where("decision_no in ('F1', 'R1', 'R2', 'R3') and known_to is null")
                        .selectExpr("concat(decision_no, ' ', known_from, ' ', withdrawn)")
                        .orderBy("decision_no")
                        .collectAsList())
                .extracting(row -> row.getString(0))
                .containsExactly("F1 2025-06-03 false", "R1 2025-06-05 true", "R2 2025-05-30 false");
        assertThat(lake.read("deliveries")
                        .where("file like '%penalties_1.csv'")
                        .selectExpr("concat_ws(' ', records, accepted, quarantined, duplicates)")
                        .collectAsList())
                .extracting(row -> row.getString(0))
                .containsExactly("305 304 1 0");
        assertThat(inside("quarantine", "list", "--lake", lake()))
                .contains("1  penalties: kinds cannot be read, 0 open")
                .contains("1  penalties: decided_on cannot be read, 0 open")
                .contains(
                        "1  raw_penalties: action has the wrong form, 0 open (first: 2025-06-01/penalties_1.csv line 306)");
        assertThat(Quarantine.records(lake)
                        .orElseThrow()
                        .selectExpr("concat(line, ' ', status)")
                        .orderBy("line")
                        .collectAsList())
                .extracting(row -> row.getString(0))
                .containsExactly("302 waived", "303 fixed", "306 waived");
        assertThat(inside(
                        "quarantine",
                        "export",
                        "--lake",
                        lake(),
                        "--to",
                        dir.resolve("none").toString()))
                .contains("Nothing in quarantine is open.");
        assertThat(inside("quality", "--lake", lake()))
                .contains("Sources on 2025-06-05")
                .contains("raw_penalties        last 2025-06-03  due within  31 days  in time")
                .contains("raw_complaints       last never       due within   7 days  LATE")
                .contains("penalties                  302 of       302  credit code leads to no enterprise")
                .contains("quarantine  2025-06-01/penalties_1.csv: 3 of 305: action has the wrong form");

        // What comes last of one whose repeat is no longer there.
        deliver("2025-06-06/penalties_3.csv", HEADER + "R2,91350199MA00000000,2025-05-02,2025-05-02,标签,罚款,200,\n");
        deliver("2025-06-06/registrations_3.csv", registrations(1, "").replace("存续", "注销"));
        Cli.conform(in(), dir.resolve("lake"), LocalDate.of(2025, 6, 6), BUILT);
        Map<String, Lake.Written> night = new TreeMap<>();
        for (String table : List.of("penalties", "entities")) {
            assertThat(told(lake, table).path("increment").asBoolean()).isTrue();
            night.put(table, lake.scan(table, null));
        }
        inside("build", "entities", "penalties", "--lake", lake(), "--as-of", "2025-06-06");
        night.forEach((table, built) -> {
            assertThat(told(lake, table).path("increment").asBoolean()).isFalse();
            assertThat(lake.scan(table, null))
                    .as("%s built whole", table)
                    .extracting(Lake.Written::rows, Lake.Written::fingerprint)
                    .containsExactly(built.rows(), built.fingerprint());
        });
    }

    /** The first with an action. */
    private static String registrations(int many, String action) {
        return REGISTER
                + IntStream.range(0, many)
                        .mapToObj(n -> String.format(
                                "G%d,91350199MA1%07d,福州示例榕达%d商行,企业,存续,2015-01-01,350102,%s%n",
                                n, n, n, n == 0 ? action : ""))
                        .collect(Collectors.joining());
    }

    /** What the newest build of a table says of itself. */
    private static JsonNode told(Lake lake, String table) {
        return lake.built(table, null).orElseThrow().told();
    }

    @AfterAll
    static void stop() {
        Rows.spark().stop();
    }

    private Path in() {
        return dir.resolve("in");
    }

    private String lake() {
        return dir.resolve("lake").toString();
    }

    private void deliver(String file, String text) throws IOException {
        Path to = in().resolve(file);
        Files.createDirectories(to.getParent());
        Files.writeString(to, text);
    }

    private static String inside(String... arguments) {
        Cli.Ended ended = Cli.inside(arguments);
        assertThat(ended.code()).as(ended.out()).isZero();
        return ended.out();
    }

    private static List<List<String>> rows(Path book) throws IOException {
        try (InputStream in = Files.newInputStream(book);
                ReadableWorkbook read = new ReadableWorkbook(in)) {
            return read.getFirstSheet().read().stream()
                    .map((Row row) -> row.stream()
                            .map(cell -> cell == null ? "" : cell.getText())
                            .toList())
                    .toList();
        }
    }

    /** The sheet again, with an answer in one row. */
    private static void answer(List<List<String>> sheet, Set<Integer> rows, String answer, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Map<String, String> filled = Map.of("处理结果", answer, "处理日期", "2025-06-02", "处理单位", "法规科（示例）");
        try (OutputStream out = Files.newOutputStream(to);
                Workbook book = new Workbook(out, "Test", "1.0")) {
            Worksheet copy = book.newWorksheet("数据质量回退单");
            List<String> titles = sheet.get(0);
            for (int r = 0; r < sheet.size(); r++) {
                for (int c = 0; c < titles.size(); c++) {
                    String there = c < sheet.get(r).size() ? sheet.get(r).get(c) : "";
                    copy.inlineString(r, c, rows.contains(r) ? filled.getOrDefault(titles.get(c), there) : there);
                }
            }
        }
    }
}
