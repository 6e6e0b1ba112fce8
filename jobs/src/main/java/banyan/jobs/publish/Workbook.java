package banyan.jobs.publish;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.when;

import banyan.models.Index;
import banyan.models.Policy;
import banyan.schemas.Codes;
import banyan.schemas.Contract;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.LocalDate;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.dhatim.fastexcel.BorderStyle;
import org.dhatim.fastexcel.Worksheet;

/**
 * The list as the risk-warning team opens it: sheets 说明, 名单, 指标明细, one for each field with a class of its own and each model, 省市差异, 字段. Every code is a text cell, and no text can become a
 * formula. The same list gives the same bytes.
 */
final class Workbook {
    /** Rows of a sheet; the format's own limit is 1,048,576. */
    static final int MAX_ROWS = 1_000_000;

    /** Letters of a sheet's name, by the format. */
    private static final int NAME = 28;

    static final String FONT = "宋体";
    private static final int FLUSH = 1000;

    /** How many entities of the list have their points laid open in the workbook, and how many of a field are shown. */
    static final int DETAILED = 20_000;

    private final org.dhatim.fastexcel.Workbook book;
    private final Edition edition;

    private Workbook(org.dhatim.fastexcel.Workbook book, Edition edition) {
        this.book = book;
        this.edition = edition;
    }

    static void write(Path file, Edition edition) throws IOException {
        Path raw = Path.of(file + ".raw");
        try (OutputStream out = Files.newOutputStream(raw);
                org.dhatim.fastexcel.Workbook book = new org.dhatim.fastexcel.Workbook(out, "Banyan", "1.0")) {
            book.setCompressionLevel(Deflater.BEST_SPEED); // what is read again at once, and packed with one date
            book.setGlobalDefaultFont(FONT, 11);
            Workbook sheets = new Workbook(book, edition);
            about(book, edition.say("说明", "About"), Cover.lines(edition));
            sheets.list(edition.list().toLocalIterator());
            sheets.details(details(edition).toLocalIterator());
            for (Index field : edition.policy().specialised(edition.asOf()).fields()) {
                sheets.field(field.id());
            }
            for (String model : edition.models().keySet()) {
                sheets.model(model);
            }
            if (edition.apart().isPresent()) {
                sheets.apart(edition.apart().get());
            }
            fields(
                    book,
                    edition.lang(),
                    Stream.of(
                                    Stream.of("supervision_list", "special_list"),
                                    edition.models().isEmpty() ? Stream.<String>of() : Stream.of("prediction_list"),
                                    edition.apart().map(rows -> "class_differences").stream())
                            .flatMap(lists -> lists));
        }
        reproducible(raw, file, edition.asOf());
        Files.delete(raw);
    }

    /** What the list is and how to read it, a line each. */
    static void about(org.dhatim.fastexcel.Workbook book, String name, List<Cover.Line> lines) throws IOException {
        Worksheet sheet = book.newWorksheet(name);
        sheet.width(0, 22);
        sheet.width(1, 100);
        for (int r = 0; r < lines.size(); r++) {
            sheet.inlineString(r, 0, lines.get(r).label());
            sheet.style(r, 0).bold().verticalAlignment("top").set();
            sheet.inlineString(r, 1, lines.get(r).text());
            sheet.style(r, 1).wrapText(true).set();
        }
        sheet.finish();
    }

    private void list(Iterator<Row> rows) throws IOException {
        int[] widths = {7, 22, 22, 34, 12, 11, 12, 11, 22, 10, 9, 10, 9, 9, 26, 46, 46, 46, 10, 60, 12, 12, 14};
        list("supervision_list", edition.say("名单", "List"), widths, rows);
    }

    /** The first of a field's list; all of it are in the CSV. */
    private void field(String id) throws IOException {
        int[] widths = {10, 12, 7, 22, 22, 34, 12, 11, 12, 11, 10, 9, 9, 46, 46, 46, 60, 12, 12, 14};
        String name = edition.policy().fields().get(id).name().in(edition.lang());
        list(
                "special_list",
                name,
                widths,
                first(edition.special().where(col("field").equalTo(id))));
    }

    /** The first of a model's list; all of it are in the CSV. */
    private void model(String id) throws IOException {
        int[] widths = {16, 24, 7, 22, 22, 34, 12, 11, 12, 9, 9, 10, 16, 40, 40, 40, 15, 60, 12, 12, 14};
        String sheet = edition.say("模型 ", "Model ") + id;
        list(
                "prediction_list",
                sheet.substring(0, Math.min(sheet.length(), NAME)),
                widths,
                first(edition.predicted().where(col("model").equalTo(id))));
    }

    /** The first whom city and province class otherwise; all of them are in the CSV. */
    private void apart(Dataset<Row> rows) throws IOException {
        int[] widths = {7, 22, 22, 34, 12, 11, 12, 9, 9, 9, 11, 9, 46, 46, 46, 60, 12, 12, 14};
        list("class_differences", edition.say("省市差异", "Province and city"), widths, first(rows));
    }

    private static Iterator<Row> first(Dataset<Row> list) {
        return list.where(col("rank").leq(DETAILED)).orderBy("rank").toLocalIterator();
    }

    private void list(String list, String sheet, int[] widths, Iterator<Row> rows) throws IOException {
        Iterator<Row> said = InWords.of(Contract.of(list), edition.lang(), rows);
        sheets(book, sheet, titles(list, edition.lang()), widths, said, MAX_ROWS);
    }

    /** The columns of a list by the names its readers know. */
    static List<String> titles(String list, String lang) {
        return Contract.of(list).properties().stream()
                .map(column -> lang.equals("en") ? column.name() : column.businessName())
                .toList();
    }

    private void details(Iterator<Row> rows) throws IOException {
        List<String> titles = edition.chinese()
                ? List.of(
                        "序号", "主体标识", "名称", "类型", "指标组", "指标或规则", "指标值", "风险分（封顶前）", "计入分", "最低类别", "依据记录数", "依据记录（最近）")
                : List.of(
                        "rank",
                        "entity_id",
                        "name",
                        "kind",
                        "group",
                        "indicator",
                        "value",
                        "points",
                        "counted",
                        "floor",
                        "evidence_count",
                        "evidence");
        int[] widths = {7, 22, 34, 11, 13, 34, 12, 14, 9, 9, 11, 80};
        sheets(book, edition.say("指标明细", "Contributions"), titles, widths, rows, MAX_ROWS);
    }

    /** One row per contribution of the first entities: what a reader needs of it, in the language of the list. */
    private static Dataset<Row> details(Edition edition) {
        Index index = edition.index();
        return edition.contributionsOfFirst(DETAILED)
                .select(
                        col("rank"),
                        col("entity_id"),
                        col("name"),
                        Codes.of("contribution_kinds").nameOf(col("kind"), edition.lang()),
                        group(index, edition.lang()),
                        index.nameOf(col("indicator"), edition.lang()),
                        col("value"),
                        col("points"),
                        col("counted"),
                        col("class_floor"),
                        col("evidence_count"),
                        concat_ws("；", col("evidence")));
    }

    /** What the group of a contribution is called. */
    private static Column group(Index index, String lang) {
        boolean english = lang.equals("en");
        Column name =
                when(col("group").equalTo("bonus"), english ? "Bonus" : "减分激励").otherwise(english ? "Rule" : "规则");
        for (Policy.Group group : index.classes().groups()) {
            name = when(col("group").equalTo(group.id()), group.name().in(lang)).otherwise(name);
        }
        return name;
    }

    /** What the columns of some lists mean. */
    static void fields(org.dhatim.fastexcel.Workbook book, String lang, Stream<String> lists) throws IOException {
        boolean english = lang.equals("en");
        Worksheet sheet = book.newWorksheet(english ? "Fields" : "字段");
        header(
                sheet,
                english ? List.of("column", "Chinese name", "type", "meaning") : List.of("列", "名称", "类型", "含义"),
                new int[] {20, 22, 18, 90});
        int r = 1;
        List<Contract.Property> columns =
                lists.flatMap(list -> Contract.of(list).properties().stream()).toList();
        for (Contract.Property p : columns) {
            sheet.inlineString(r, 0, p.name());
            sheet.inlineString(r, 1, p.businessName());
            sheet.inlineString(r, 2, p.physicalType());
            sheet.inlineString(r++, 3, english ? p.description() : p.help().orElseThrow());
        }
        sheet.finish();
    }

    private static void header(Worksheet sheet, List<String> titles, int[] widths) {
        for (int c = 0; c < titles.size(); c++) {
            sheet.width(c, c < widths.length ? widths[c] : 16);
            sheet.inlineString(0, c, titles.get(c));
            sheet.style(0, c)
                    .bold()
                    .fillColor("0A4EA2")
                    .fontColor("FFFFFF")
                    .wrapText(true)
                    .borderStyle(BorderStyle.THIN)
                    .set();
        }
        sheet.freezePane(0, 1);
        sheet.repeatRows(0);
        sheet.pageOrientation("landscape");
        sheet.fitToWidth((short) 1);
        sheet.fitToHeight((short) 0);
    }

    /** All rows, on as many sheets as it takes: 名单, 名单2, …; at least one. Returns how many rows there were. */
    static long sheets(
            org.dhatim.fastexcel.Workbook book,
            String name,
            List<String> titles,
            int[] widths,
            Iterator<Row> rows,
            int rowsOfOne)
            throws IOException {
        int n = 1;
        long all = 0;
        do {
            Worksheet sheet = book.newWorksheet(n == 1 ? name : name + n);
            header(sheet, titles, widths);
            all += rows(sheet, rows, titles.size(), rowsOfOne);
            sheet.setAutoFilter(0, 0, 0, titles.size() - 1);
            sheet.finish();
            n++;
        } while (rows.hasNext());
        return all;
    }

    private static int rows(Worksheet sheet, Iterator<Row> rows, int width, int most) throws IOException {
        int r = 0;
        while (r < most && rows.hasNext()) {
            Row row = rows.next();
            r++;
            for (int c = 0; c < width; c++) {
                Object value = row.get(c);
                if (value instanceof Number number) {
                    sheet.value(r, c, number);
                } else if (value != null) {
                    sheet.inlineString(r, c, value.toString());
                }
            }
            if (r % FLUSH == 0) {
                sheet.flush();
            }
        }
        return r;
    }

    /** The same parts with one date: the day of the list, not that of the writing. */
    static void reproducible(Path raw, Path file, LocalDate asOf) throws IOException {
        FileTime time = FileTime.fromMillis(315532800000L);
        try (ZipFile in = new ZipFile(raw.toFile());
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            for (ZipEntry part : (Iterable<ZipEntry>) in.stream().map(e -> (ZipEntry) e)::iterator) {
                ZipEntry entry = new ZipEntry(part.getName());
                entry.setLastModifiedTime(time);
                out.putNextEntry(entry);
                if (part.getName().equals("docProps/core.xml")) {
                    ByteArrayOutputStream core = new ByteArrayOutputStream();
                    in.getInputStream(part).transferTo(core);
                    out.write(core.toString(StandardCharsets.UTF_8)
                            .replaceAll("(<dcterms:(created|modified)[^>]*>)[^<]*", "$1" + asOf + "T00:00:00Z")
                            .getBytes(StandardCharsets.UTF_8));
                } else {
                    in.getInputStream(part).transferTo(out);
                }
                out.closeEntry();
            }
        }
    }
}
