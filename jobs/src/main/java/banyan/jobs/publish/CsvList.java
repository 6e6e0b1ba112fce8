package banyan.jobs.publish;

import banyan.schemas.Contract;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.QuoteMode;
import org.apache.spark.sql.Row;

/** A list as CSV, for machines and for Excel. */
final class CsvList {
    private CsvList() {}

    /** RFC 4180 in UTF-8 with line feeds; the header bears the columns' names. */
    static void forMachines(Path file, Contract list, Iterator<Row> rows) throws IOException {
        CSVFormat format = CSVFormat.RFC4180.builder().setRecordSeparator("\n").get();
        write(file, "", format, list, Contract.Property::name, value -> value, rows);
    }

    /**
     * UTF-8 with byte-order mark, CR LF, all quoted, Chinese header, codes in words, and no text that a spreadsheet could take for a
     * formula.
     */
    static void forExcel(Path file, Contract list, String lang, Iterator<Row> rows) throws IOException {
        CSVFormat format =
                CSVFormat.RFC4180.builder().setQuoteMode(QuoteMode.ALL).get();
        Function<Object, Object> cell = value -> value instanceof String text ? guarded(text) : value;
        write(file, "\uFEFF", format, list, Contract.Property::businessName, cell, InWords.of(list, lang, rows));
    }

    private static void write(
            Path file,
            String start,
            CSVFormat format,
            Contract list,
            Function<Contract.Property, String> title,
            Function<Object, Object> cell,
            Iterator<Row> rows)
            throws IOException {
        List<Contract.Property> columns = list.properties();
        try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
                CSVPrinter csv = new CSVPrinter(out, format)) {
            out.write(start);
            csv.printRecord(columns.stream().map(title));
            while (rows.hasNext()) {
                Row row = rows.next();
                csv.printRecord(IntStream.range(0, columns.size()).mapToObj(c -> cell.apply(row.get(c))));
            }
        }
    }

    /** OWASP's list of first characters, and their full-width forms. */
    static String guarded(String text) {
        String bare = text.stripLeading();
        boolean risky = !bare.isEmpty() && "=+-@＝＋－＠".indexOf(bare.charAt(0)) >= 0
                || !text.isEmpty() && "\t\r\n\0".indexOf(text.charAt(0)) >= 0;
        return risky ? "'" + text : text;
    }
}
