package banyan.jobs.ingest;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * A delimited text file (RFC 4180). A quoted field may run over lines, up to 200 lines or 64 KiB; a quote that is not closed by then
 * costs the one line it stands on, and reading goes on with the next.
 */
public final class CsvFile {
    private static final int MAX_LINES = 200;
    private static final int MAX_CHARS = 64 * 1024;

    private final CSVFormat format;
    private final char delimiter;
    private final Deque<TextLines.Line> pushedBack = new ArrayDeque<>();
    private final TextLines lines;
    private final Records records;
    private int width;

    private CsvFile(TextLines lines, char delimiter, Records records) {
        this.lines = lines;
        this.records = records;
        this.delimiter = delimiter;
        this.format = CSVFormat.RFC4180
                .builder()
                .setDelimiter(delimiter)
                .setIgnoreEmptyLines(false)
                .get();
    }

    /**
     * @param headerRow line of the header, from 1; lines above it are passed over
     * @throws UnreadableFile if there is no header, or a column is named twice
     */
    static void read(Path file, Charset charset, char delimiter, int headerRow, Records records) throws IOException {
        try (TextLines lines = new TextLines(file, charset)) {
            new CsvFile(lines, delimiter, records).read(headerRow);
        }
    }

    /**
     * A file of unknown make, its header in the first line: the encoding is guessed, and the delimiter is the one of , ; | and tab that
     * the header holds most of.
     *
     * @throws UnreadableFile if there is no header, or a column is named twice
     */
    public static void read(Path file, Records records) throws IOException {
        Charset charset = TextLines.guess(file);
        char delimiter = ',';
        try (TextLines lines = new TextLines(file, charset)) {
            TextLines.Line header = lines.next();
            for (char candidate : header == null ? new char[0] : new char[] {';', '|', '\t'}) {
                delimiter = count(header.text(), candidate) > count(header.text(), delimiter) ? candidate : delimiter;
            }
        }
        read(file, charset, delimiter, 1, records);
    }

    /** Outside quotes. */
    private static int count(String text, char of) {
        boolean quoted = false;
        int count = 0;
        for (int i = 0; i < text.length(); i++) {
            quoted ^= text.charAt(i) == '"';
            count += !quoted && text.charAt(i) == of ? 1 : 0;
        }
        return count;
    }

    private void read(int headerRow) throws IOException {
        TextLines.Line header = null;
        for (int row = 1; row <= headerRow; row++) {
            header = lines.next();
        }
        if (header == null || header.fault() != null || header.text().isBlank()) {
            throw new UnreadableFile(
                    header == null
                            ? "it holds no header in line " + headerRow
                            : "its header in line " + headerRow + " cannot be read"
                                    + (header.fault() == null ? "" : ": " + header.fault()));
        }
        List<String> names = fields(header.text());
        if (names == null) {
            throw new UnreadableFile("its header in line " + headerRow + " is no CSV");
        }
        names = names.stream().map(String::strip).toList();
        if (names.stream().distinct().count() < names.size()) {
            throw new UnreadableFile("its header names a column twice: " + String.join(", ", names));
        }
        width = names.size();
        records.columns(names);
        TextLines.Line line;
        while ((line = next()) != null) {
            if (line.fault() != null) {
                records.unreadable(line.number(), line.fault(), line.text());
            } else if (!line.text().isBlank()) {
                record(line);
            }
        }
    }

    private void record(TextLines.Line first) throws IOException {
        List<TextLines.Line> more = new ArrayList<>();
        StringBuilder text = new StringBuilder(first.text());
        while (open(text)) {
            TextLines.Line line = more.size() < MAX_LINES && text.length() < MAX_CHARS ? next() : null;
            if (line != null) {
                more.add(line);
            }
            if (line == null || line.fault() != null) {
                giveUp(first, more, "a quote is not closed");
                return;
            }
            text.append('\n').append(line.text());
        }
        List<String> values = fields(text);
        if (values == null) {
            giveUp(first, more, "a quote stands where none may");
        } else if (values.size() != width) {
            giveUp(first, more, values.size() + " fields where the header has " + width);
        } else {
            values.replaceAll(value -> value.isBlank() ? null : value);
            records.record(first.number(), values);
        }
    }

    /** Only the first line is given up; those read for it are read again. */
    private void giveUp(TextLines.Line first, List<TextLines.Line> more, String why) throws IOException {
        records.unreadable(first.number(), why, first.text());
        for (int i = more.size() - 1; i >= 0; i--) {
            pushedBack.push(more.get(i));
        }
    }

    private TextLines.Line next() throws IOException {
        return pushedBack.isEmpty() ? lines.next() : pushedBack.pop();
    }

    private static boolean open(CharSequence text) {
        boolean open = false;
        for (int i = 0; i < text.length(); i++) {
            open ^= text.charAt(i) == '"';
        }
        return open;
    }

    private List<String> fields(CharSequence text) {
        String plain = text.toString();
        if (plain.indexOf('"') < 0) {
            return cut(plain);
        }
        try (CSVParser parser = CSVParser.parse(new StringReader(plain), format)) {
            List<CSVRecord> parsed = parser.getRecords();
            return parsed.size() == 1 ? new ArrayList<>(parsed.get(0).toList()) : null;
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }

    /** A line without quotes, cut at its delimiters: what the parser would do, without one parser a line. */
    private List<String> cut(String line) {
        List<String> values = new ArrayList<>(Math.max(width, 8));
        int from = 0;
        int to;
        while ((to = line.indexOf(delimiter, from)) >= 0) {
            values.add(line.substring(from, to));
            from = to + 1;
        }
        values.add(line.substring(from));
        return values;
    }
}
