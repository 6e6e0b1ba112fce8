package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import banyan.schemas.Rows;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.dhatim.fastexcel.reader.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the model leaves to a person goes out as a workbook, comes back as a delivery, and is then linked. */
class LinksReviewTest {
    private static final String MEANT = "91350199M000000001";

    @TempDir
    Path dir;

    @Test
    void whatAPersonDecidesInTheWorkbookIsLinked() throws IOException {
        deliver(
                "2025-06-01/registrations_1.csv",
                "raw_registrations",
                shop(MEANT, "福州示例泰和服装有限公司", "福州市晋安区泰和路9号101室"),
                shop("91350199M000000002", "福州示例泰和服装商行", "福州市晋安区泰和路9号102室"));
        deliver("2025-06-01/complaints_1.csv", "raw_complaints", complaint("T1"), complaint("T2"));
        run("2025-06-01");
        Path book = dir.resolve("归集复核_20250601.xlsx");
        Path truth = Files.writeString(
                dir.resolve("links.csv"), "ticket_no,credit_code\nT1," + MEANT + "\nT2," + MEANT + "\n");

        assertThat(inside(0, "links", "export", "--lake", lake(), "--to", book.toString()))
                .contains("1 rows to decide");
        assertThat(inside(0, "evaluate", "links", "--lake", lake(), "--truth", truth.toString()))
                .contains("2 records without a code: precision 0.0000, recall 0.0000, for review 100.00 %");
        List<List<String>> sheet = rows(book);
        assertThat(sheet.get(0)).contains("结论", "记录数", "候选主体标识", "当事人指称");
        assertThat(sheet.get(1)).contains("2", "泰和服庄", MEANT, "福州示例泰和服装有限公司", "晋安区");
        assertThat(sheet.get(1).toString()).contains("名称：差一两个字 -", "地址（到室）：同门牌同室 +");

        Path folder = Files.createDirectories(dir.resolve("in/2025-06-02/links_review"));
        copy(sheet, folder.resolve("归集复核_甲.xlsx"), Map.of("结论", "采纳", "复核日期", "2025-06-02", "复核单位", "信用监管科（示例）"));
        copy(sheet, folder.resolve("归集复核_乙.xlsx"), Map.of()); // another's copy, left blank, undoes nothing
        run("2025-06-02");

        assertThat(new Lake(Session.open(), lake())
                        .read("complaints")
                        .where("known_to is null")
                        .selectExpr("concat(record_id, ' ', link_tier, ' ', entity_id)")
                        .orderBy("record_id")
                        .collectAsList())
                .extracting(row -> row.getString(0))
                .containsExactly("T1 accepted " + MEANT, "T2 accepted " + MEANT);
        assertThat(inside(0, "evaluate", "links", "--lake", lake(), "--truth", truth.toString()))
                .contains("2 records without a code: precision 1.0000, recall 1.0000, for review 0.00 %");
        assertThat(inside(2, "links", "export", "--lake", lake(), "--to", book.toString()))
                .contains("may hold decisions");
        assertThat(inside(
                        3,
                        "train",
                        "links",
                        "--lake",
                        lake(),
                        "--to",
                        dir.resolve("links.yaml").toString()))
                .contains("100 are needed");
    }

    @AfterAll
    static void stop() {
        Rows.spark().stop();
    }

    private String lake() {
        return dir.resolve("lake").toString();
    }

    private void run(String day) {
        inside(0, "run", "--deliveries", dir.resolve("in").toString(), "--lake", lake(), "--as-of", day);
    }

    private static String inside(int code, String... arguments) {
        Cli.Ended ended = Cli.inside(arguments);
        assertThat(ended.code()).as(ended.out()).isEqualTo(code);
        return ended.out();
    }

    private static Map<String, String> shop(String code, String name, String address) {
        return Cli.registration("R" + code, code, name, "350111", address);
    }

    private static Map<String, String> complaint(String ticket) {
        return Map.of(
                "ticket_no", ticket,
                "kind", "投诉",
                "filed_on", "2025-05-01",
                "entity_name", "泰和服庄",
                "area_code", "350111",
                "address", "泰和路9号101室",
                "outcome", "处理中");
    }

    @SafeVarargs
    private void deliver(String file, String table, Map<String, String>... records) throws IOException {
        Cli.deliver(dir.resolve("in").resolve(file), table, records);
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

    /** The sheet again, with some cells of its first row filled in. */
    private static void copy(List<List<String>> sheet, Path to, Map<String, String> filled) throws IOException {
        try (OutputStream out = Files.newOutputStream(to);
                Workbook book = new Workbook(out, "Test", "1.0")) {
            Worksheet copy = book.newWorksheet("归集复核");
            List<String> titles = sheet.get(0);
            for (int r = 0; r < sheet.size(); r++) {
                for (int c = 0; c < titles.size(); c++) {
                    String there = c < sheet.get(r).size() ? sheet.get(r).get(c) : "";
                    copy.inlineString(r, c, r == 0 ? there : filled.getOrDefault(titles.get(c), there));
                }
            }
        }
    }
}
