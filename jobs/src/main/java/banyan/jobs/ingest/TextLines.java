package banyan.jobs.ingest;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The lines of a text file, decoded strictly, with bounded memory. Lines are cut at the byte 0x0A, which in UTF-8 and GB18030 is never
 * part of another character; a lone CR or CR LF ends a line too.
 */
final class TextLines implements AutoCloseable {
    /** A longer line is one unreadable record. */
    static final int MAX_LINE = 1 << 20;

    private static final int SNIFF = 1 << 20;
    private static final Set<String> ASCII_SUPERSETS =
            Set.of("UTF-8", "GB18030", "GBK", "GB2312", "US-ASCII", "ISO-8859-1", "Big5", "windows-1252");

    /** One line; {@code fault} is null where it could be decoded. */
    record Line(long number, String text, String fault) {}

    private final InputStream in;
    private final Charset charset;
    private long number;
    private boolean afterCr;
    private long offset;

    TextLines(Path file, Charset charset) throws IOException {
        if (!ASCII_SUPERSETS.contains(charset.name())) {
            throw new UnreadableFile("the encoding " + charset.name()
                    + " is not one that can be cut into lines; deliver UTF-8 or GB18030");
        }
        this.in = open(file);
        this.charset = charset;
    }

    /** UTF-8 if the first megabyte is strict UTF-8, else GB18030: a guess, and told as one. */
    static Charset guess(Path file) throws IOException {
        byte[] start;
        try (InputStream in = open(file)) {
            start = in.readNBytes(SNIFF);
        } catch (EOFException | ZipException e) {
            throw new UnreadableFile("it is cut short or no gzip file (" + e.getMessage() + ")");
        }
        int end = start.length;
        if (end == SNIFF) {
            while (end > 0 && start[end - 1] != '\n') {
                end--;
            }
        }
        try {
            StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(start, 0, end));
            return StandardCharsets.UTF_8;
        } catch (CharacterCodingException e) {
            return Charset.forName("GB18030");
        }
    }

    /** The next line; null at the end. */
    Line next() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        long start = offset;
        boolean any = false;
        boolean tooLong = false;
        int b;
        try {
            while ((b = in.read()) >= 0) {
                offset++;
                if (afterCr) {
                    afterCr = false;
                    if (b == '\n') {
                        start = offset;
                        continue;
                    }
                }
                any = true;
                if (b == '\n' || b == '\r') {
                    afterCr = b == '\r';
                    break;
                }
                if (bytes.size() < MAX_LINE) {
                    bytes.write(b);
                } else {
                    tooLong = true;
                }
            }
        } catch (EOFException | ZipException e) {
            throw new UnreadableFile("it is cut short after line " + number + " (" + e.getMessage() + ")");
        }
        if (!any) {
            return null;
        }
        number++;
        byte[] line = bytes.toByteArray();
        if (tooLong) {
            return new Line(number, new String(line, 0, 200, StandardCharsets.ISO_8859_1), "line is longer than 1 MiB");
        }
        try {
            String text = charset.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(line))
                    .toString();
            text = number == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text;
            return new Line(number, text, text.indexOf('\0') >= 0 ? "line holds a NUL character" : null);
        } catch (CharacterCodingException e) {
            String shown = new String(line, 0, Math.min(line.length, 200), StandardCharsets.ISO_8859_1);
            return new Line(number, shown, "line is not " + charset.name() + " (byte offset " + start + ")");
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private static InputStream open(Path file) throws IOException {
        InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        try {
            return file.toString().endsWith(".gz")
                    ? new BufferedInputStream(new GZIPInputStream(raw, 1 << 16), 1 << 16)
                    : raw;
        } catch (EOFException | ZipException e) {
            raw.close();
            throw new UnreadableFile("it is cut short or no gzip file (" + e.getMessage() + ")");
        }
    }
}
