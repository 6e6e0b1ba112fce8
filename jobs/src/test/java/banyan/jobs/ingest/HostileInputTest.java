package banyan.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that break a reader, by mistake or on purpose: each is refused, or costs the one record it stands in. */
class HostileInputTest {
    private static final String SHEET = "xl/worksheets/sheet1.xml";

    @TempDir
    Path dir;

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE"})
    void utf16IsRefused(String charset) throws IOException {
        Path file = Files.write(dir.resolve("x.csv"), "\uFEFFa,b\n1,2\n".getBytes(Charset.forName(charset)));

        assertThatThrownBy(() -> TextLines.guess(file))
                .isInstanceOf(UnreadableFile.class)
                .hasMessage("it is UTF-16; deliver UTF-8 or GB18030");
    }

    @Test
    void aLineOf50MegabytesIsOneRecord() throws IOException {
        Path file = dir.resolve("x.csv");
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write("a,b\n".getBytes(StandardCharsets.UTF_8));
            byte[] piece = "x".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 50; i++) {
                out.write(piece);
            }
            out.write("\n1,2\n".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(csv(file)).containsExactly("2! line is longer than 1 MiB", "3: 1|2");
    }

    @Test
    void aGzipBombIsRefusedBeforeItIsUnpacked() throws IOException {
        Path file = dir.resolve("x.csv.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            byte[] lines = ("a".repeat(999) + "\n").repeat(1000).getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 100; i++) {
                out.write(lines);
            }
        }
        assertThatThrownBy(() -> csv(file))
                .isInstanceOf(UnreadableFile.class)
                .hasMessageContaining("it unpacks to more than 200 times its size, after line 67108");
    }

    /** @param honest whether the archive says how large the part is */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aZipBombIsRefused(boolean honest) throws IOException {
        Path file = dir.resolve("x.xlsx");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            out.putNextEntry(new ZipEntry(SHEET));
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 32; i++) {
                out.write(zeros);
            }
            out.closeEntry();
        }
        if (!honest) {
            byte[] bytes = Files.readAllBytes(file);
            int directory = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("PK\u0001\u0002");
            bytes[directory + 24] = 1;
            bytes[directory + 25] = bytes[directory + 26] = bytes[directory + 27] = 0;
            Files.write(file, bytes);
        }
        assertThatThrownBy(() -> xlsx(file))
                .isInstanceOf(UnreadableFile.class)
                .hasMessageMatching(
                        "its part xl/worksheets/sheet1.xml unpacks to more than \\d+ bytes, too much to be a sheet");
    }

    /** An entity that names a file, and entities that multiply: neither is resolved. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE x [<!ENTITY e SYSTEM \"CANARY\">]>",
                "<!DOCTYPE x [<!ENTITY a \"canary\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY e \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>"
            })
    void anEntityIsNotResolved(String doctype) throws IOException {
        Path canary = Files.writeString(dir.resolve("canary.txt"), "canary");
        Path file = workbook(sheet -> sheet.replaceFirst(
                        "<worksheet", doctype.replace("CANARY", canary.toUri().toString()) + "<worksheet")
                .replace("cell", "&e;"));
        Told told = new Told();
        try {
            XlsxFile.read(file, null, 1, 1, told);
        } catch (UnreadableFile e) {
            assertThat(e.getMessage()).startsWith("it is no readable workbook");
        }
        assertThat(told.lines).noneMatch(line -> line.contains("canary"));
    }

    @Test
    void aFormulaGivesTheValueThatWasLastSeenAndIsNotWorkedOut() throws IOException {
        Path file = workbook(sheet -> sheet.replace(
                "</sheetData>",
                "<row r=\"3\"><c r=\"A3\"><f>1+1</f><v>5</v></c><c r=\"B3\" t=\"str\"><f>HYPERLINK(\"http://127.0.0.1\")</f>"
                        + "<v>shown</v></c></row><row r=\"4\"><c r=\"A4\"><f>1+1</f></c><c r=\"B4\" t=\"e\"><f>1/0</f>"
                        + "<v>#DIV/0!</v></c></row></sheetData>"));

        assertThat(xlsx(file)).containsExactly("2: cell|=1+1", "3: 5|shown", "4: ∅|#DIV/0!");
    }

    @Test
    void aFormulaInACsvIsText() throws IOException {
        Path file = Files.writeString(dir.resolve("x.csv"), "a,b\n=cmd|' /C calc'!A0,\"=1+1\"\n");

        assertThat(csv(file)).containsExactly("2: =cmd|' /C calc'!A0|=1+1");
    }

    /** Written out, the first would have a thousand million digits. */
    @Test
    void aNumberOfAnySizeStaysSmall() throws IOException {
        Path json = Files.writeString(dir.resolve("x.jsonl"), "{\"a\":1e999999999,\"b\":1e20}\n");
        Told told = new Told();
        JsonLinesFile.read(json, StandardCharsets.UTF_8, told);
        assertThat(told.lines).containsExactly("1: 1E+999999999|100000000000000000000");

        Path file = workbook(sheet -> sheet.replace(
                "</sheetData>",
                "<row r=\"3\"><c r=\"A3\"><v>1E999999999</v></c><c r=\"B3\"><v>1E3</v></c></row></sheetData>"));
        assertThat(xlsx(file)).containsExactly("2: cell|=1+1", "3: 1E+999999999|1000");
    }

    /** A record is told from others that are alike by the row it stands in. */
    @Test
    void aWorkbookHasEachRowOnce() throws IOException {
        Path file = workbook(
                sheet -> sheet.replace("</sheetData>", "<row r=\"2\"><c r=\"A2\"><v>1</v></c></row></sheetData>"));

        assertThatThrownBy(() -> xlsx(file)).hasMessageContaining("its row 2 comes after its row 2");
    }

    @Test
    void anObjectOfAnyDepthIsOneRecord() throws IOException {
        Path json = Files.writeString(dir.resolve("x.jsonl"), "{\"a\":" + "[".repeat(100_000) + "\n{\"a\":1}\n");
        Told told = new Told();
        JsonLinesFile.read(json, StandardCharsets.UTF_8, told);

        assertThat(told.lines).containsExactly("1! line is no JSON object", "2: 1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                // upper row, lower row; names
                "'工单号,涉及主体,,处理'; ',名称,代码,结果'; '工单号,涉及主体/名称,涉及主体/代码,处理/结果'",
                "'工单号,涉及主体,,处理'; ',名称,代码,'; '工单号,涉及主体/名称,涉及主体/代码,处理'",
                "'甲,乙'; '甲,'; '甲/甲,乙'",
            })
    void aHeaderOfTwoRowsNamesGroupAndColumn(String upper, String lower, String names) throws IOException {
        Path file = dir.resolve("x.xlsx");
        try (OutputStream out = Files.newOutputStream(file);
                Workbook book = new Workbook(out, "Test", "1.0")) {
            Worksheet sheet = book.newWorksheet("s");
            List<String> rows = List.of("一个标题", upper, lower, "1,2,3,4");
            for (int r = 0; r < rows.size(); r++) {
                String[] cells = rows.get(r).split(",", -1);
                for (int c = 0; c < Math.min(cells.length, names.split(",").length); c++) {
                    if (!cells[c].isEmpty()) {
                        sheet.inlineString(r, c, cells[c]);
                    }
                }
            }
        }
        Told told = new Told();
        XlsxFile.read(file, null, 2, 2, told);

        assertThat(told.columns).containsExactly(names.split(","));
        assertThat(told.lines).hasSize(1);
    }

    private static List<String> csv(Path file) throws IOException {
        Told told = new Told();
        CsvFile.read(file, StandardCharsets.UTF_8, ',', 1, told);
        return told.lines;
    }

    private static List<String> xlsx(Path file) throws IOException {
        Told told = new Told();
        XlsxFile.read(file, null, 1, 1, told);
        return told.lines;
    }

    /** A workbook of one sheet with columns a and b and the row cell, =1+1 (as text), its XML changed. */
    private Path workbook(java.util.function.UnaryOperator<String> change) throws IOException {
        Path whole = dir.resolve("whole.xlsx");
        try (OutputStream out = Files.newOutputStream(whole);
                Workbook book = new Workbook(out, "Test", "1.0")) {
            Worksheet sheet = book.newWorksheet("s");
            sheet.inlineString(0, 0, "a");
            sheet.inlineString(0, 1, "b");
            sheet.inlineString(1, 0, "cell");
            sheet.inlineString(1, 1, "=1+1");
        }
        Path file = dir.resolve("x.xlsx");
        try (ZipFile in = new ZipFile(whole.toFile());
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            in.stream().forEach(entry -> copy(in, entry, out, change));
        }
        return file;
    }

    private static void copy(
            ZipFile in, ZipEntry entry, ZipOutputStream out, java.util.function.UnaryOperator<String> change) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            in.getInputStream(entry).transferTo(bytes);
            out.putNextEntry(new ZipEntry(entry.getName()));
            out.write(
                    entry.getName().equals(SHEET)
                            ? change.apply(bytes.toString(StandardCharsets.UTF_8))
                                    .getBytes(StandardCharsets.UTF_8)
                            : bytes.toByteArray());
            out.closeEntry();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
