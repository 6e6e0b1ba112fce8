package banyan.jobs.ingest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.dhatim.fastexcel.reader.Cell;
import org.dhatim.fastexcel.reader.CellType;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.dhatim.fastexcel.reader.ReadingOptions;
import org.dhatim.fastexcel.reader.Row;
import org.dhatim.fastexcel.reader.Sheet;

/** One sheet of an XLSX workbook. Dates come as yyyy-MM-dd (HH:mm:ss), numbers without exponent; wholly blank rows are passed over. */
final class XlsxFile {
    private static final long MAX_ENTRY = 2L << 30;
    private static final int MAX_ENTRIES = 1000;
    private static final int MAX_RATIO = 200;

    private XlsxFile() {}

    /**
     * @param sheet name; the first sheet where null
     * @param headerRow row of the header, from 1
     * @throws UnreadableFile if the file is cut short, no workbook, a zip bomb, or has no such sheet or header
     */
    static void read(Path file, String sheet, int headerRow, Records records) throws IOException {
        refuseBombs(file);
        try (ReadableWorkbook book = new ReadableWorkbook(file.toFile(), new ReadingOptions(true, false))) {
            Sheet found = sheet == null
                    ? book.getFirstSheet()
                    : book.findSheet(sheet)
                            .orElseThrow(() -> new UnreadableFile("it has no sheet " + sheet + "; it has "
                                    + String.join(
                                            ", ",
                                            book.getSheets().map(Sheet::getName).toList())));
            try (Stream<Row> rows = found.openStream()) {
                read(rows.iterator(), headerRow, records);
            }
        } catch (UnreadableFile | UncheckedIOException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new UnreadableFile("it is no readable workbook (" + e.getMessage() + ")");
        }
    }

    private static void read(Iterator<Row> rows, int headerRow, Records records) throws IOException {
        List<String> names = null;
        while (rows.hasNext()) {
            Row row = rows.next();
            if (row.getRowNum() < headerRow) {
                continue;
            }
            List<String> values = values(row, names == null ? row.getCellCount() : names.size());
            if (row.getRowNum() == headerRow) {
                names = header(values);
                records.columns(names);
            } else if (names == null) {
                break;
            } else if (values.stream().anyMatch(v -> v != null)) {
                if (row.getCellCount() > names.size() && values.size() > names.size()) {
                    records.unreadable(
                            row.getRowNum(),
                            values.size() + " cells where the header has " + names.size(),
                            String.join(",", shown(values)));
                } else {
                    records.record(row.getRowNum(), values);
                }
            }
        }
        if (names == null) {
            throw new UnreadableFile("it holds no header in row " + headerRow);
        }
    }

    private static List<String> header(List<String> cells) {
        List<String> names = new ArrayList<>(cells);
        while (!names.isEmpty() && names.get(names.size() - 1) == null) {
            names.remove(names.size() - 1);
        }
        if (names.isEmpty() || names.contains(null)) {
            throw new UnreadableFile("its header has a column without a name: " + names);
        }
        names.replaceAll(String::strip);
        if (names.stream().distinct().count() < names.size()) {
            throw new UnreadableFile("its header names a column twice: " + String.join(", ", names));
        }
        return names;
    }

    /** At least {@code width} values; more only where a cell beyond holds something. */
    private static List<String> values(Row row, int width) {
        List<String> values = new ArrayList<>();
        for (int c = 0; c < Math.max(width, row.getCellCount()); c++) {
            values.add(text(row.getOptionalCell(c).orElse(null)));
        }
        while (values.size() > width && values.get(values.size() - 1) == null) {
            values.remove(values.size() - 1);
        }
        return values;
    }

    private static List<String> shown(List<String> values) {
        return values.stream().map(v -> v == null ? "" : v).toList();
    }

    private static String text(Cell cell) {
        if (cell == null || cell.getType() == CellType.EMPTY) {
            return null;
        }
        if (cell.getType() == CellType.NUMBER
                || cell.getType() == CellType.FORMULA && cell.getValue() instanceof BigDecimal) {
            if (isDate(cell.getDataFormatString()) && cell.getType() == CellType.NUMBER) {
                LocalDateTime at = cell.asDate();
                return at.toLocalTime().toSecondOfDay() == 0
                        ? at.toLocalDate().toString()
                        : at.format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT));
            }
            return new BigDecimal(cell.getRawValue()).stripTrailingZeros().toPlainString();
        }
        String text = cell.getText();
        return text == null || text.isBlank() ? null : text;
    }

    private static boolean isDate(String format) {
        if (format == null) {
            return false;
        }
        String bare = format.toLowerCase(Locale.ROOT).replaceAll("\"[^\"]*\"|\\[[^\\]]*\\]|\\\\.", "");
        return bare.contains("yy") || bare.contains("d") && bare.contains("m");
    }

    private static void refuseBombs(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            if (zip.size() > MAX_ENTRIES) {
                throw new UnreadableFile(
                        "it is a zip of " + zip.size() + " entries; a workbook has at most " + MAX_ENTRIES);
            }
            for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().map(e -> (ZipEntry) e)::iterator) {
                if (entry.getSize() > MAX_ENTRY
                        || entry.getSize() > (long) MAX_RATIO * Math.max(entry.getCompressedSize(), 1024)) {
                    throw new UnreadableFile("its part " + entry.getName() + " unpacks to " + entry.getSize()
                            + " bytes, too much to be a sheet");
                }
            }
        } catch (ZipException e) {
            throw new UnreadableFile("it is cut short or no XLSX workbook (" + e.getMessage() + ")");
        }
    }
}
