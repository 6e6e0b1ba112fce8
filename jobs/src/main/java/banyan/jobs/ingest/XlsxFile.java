package banyan.jobs.ingest;

import java.io.IOException;
import java.io.InputStream;
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
    private static final long MAX_RATIO = 200;

    private XlsxFile() {}

    /**
     * @param sheet name; the first sheet where null
     * @param headerRow first row of the header, from 1
     * @param headerRows how many rows it has: a column is named by those that are not blank, from the top, with / between; a blank in
     *     an upper row belongs to the cell on its left where something stands below it, as where cells were merged
     * @throws UnreadableFile if the file is cut short, no workbook, a zip bomb, or has no such sheet or header
     */
    static void read(Path file, String sheet, int headerRow, int headerRows, Records records) throws IOException {
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
                read(rows.iterator(), headerRow, headerRows, records);
            }
        } catch (UnreadableFile | UncheckedIOException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new UnreadableFile("it is no readable workbook (" + e.getMessage() + ")");
        }
    }

    private static void read(Iterator<Row> rows, int headerRow, int headerRows, Records records) throws IOException {
        List<List<String>> above = new ArrayList<>();
        List<String> names = null;
        int last = 0;
        while (rows.hasNext()) {
            Row row = rows.next();
            if (row.getRowNum() <= last) { // a record is told from others by where it stands
                throw new UnreadableFile("its row " + row.getRowNum() + " comes after its row " + last);
            }
            last = row.getRowNum();
            if (row.getRowNum() < headerRow) {
                continue;
            }
            List<String> values = values(row, names == null ? row.getCellCount() : names.size());
            if (row.getRowNum() < headerRow + headerRows) {
                above.add(values);
                if (row.getRowNum() == headerRow + headerRows - 1) {
                    names = header(above);
                    records.columns(names);
                }
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

    private static List<String> header(List<List<String>> rows) {
        List<String> names = new ArrayList<>(rows.get(rows.size() - 1));
        for (int r = rows.size() - 2; r >= 0; r--) {
            List<String> row = rows.get(r);
            String group = null;
            for (int c = 0; c < Math.max(row.size(), names.size()); c++) {
                if (c == names.size()) {
                    names.add(null);
                }
                String own = c < row.size() ? row.get(c) : null;
                group = own != null || names.get(c) == null ? own : group;
                names.set(c, names.get(c) == null ? group : group == null ? names.get(c) : group + "/" + names.get(c));
            }
        }
        return named(names);
    }

    private static List<String> named(List<String> cells) {
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
            return Records.plain(new BigDecimal(cell.getRawValue()).stripTrailingZeros());
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
                refuseBomb(zip, entry);
            }
        } catch (ZipException e) {
            throw new UnreadableFile("it is cut short or no XLSX workbook (" + e.getMessage() + ")");
        }
    }

    /** Counts what a part really unpacks to: what the archive says of it may be a lie. */
    private static void refuseBomb(ZipFile zip, ZipEntry entry) throws IOException {
        long most = Math.min(MAX_ENTRY, MAX_RATIO * Math.max(entry.getCompressedSize(), 1024));
        long size = Math.max(0, entry.getSize());
        try (InputStream in = zip.getInputStream(entry)) {
            byte[] buffer = new byte[1 << 16];
            long seen = 0;
            for (int n = 0; n >= 0 && seen <= most && size <= most; n = in.read(buffer)) {
                seen += n;
            }
            if (Math.max(size, seen) > most) {
                throw new UnreadableFile("its part " + entry.getName() + " unpacks to more than " + most
                        + " bytes, too much to be a sheet");
            }
        }
    }
}
