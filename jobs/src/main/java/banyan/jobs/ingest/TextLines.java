package banyan.jobs.ingest;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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

    /** A gzip file that unpacks to more than so many times its size, and to more than 64 MiB, is refused: text packs ten- to thirtyfold. */
    static final int MAX_RATIO = 200;

    private static final long ALWAYS = 64 << 20;
    private static final int SNIFF = 1 << 20;
    private static final Set<String> ASCII_SUPERSETS =
            Set.of("UTF-8", "GB18030", "GBK", "GB2312", "US-ASCII", "ISO-8859-1", "Big5", "windows-1252");

    /** One line; {@code fault} is null where it could be decoded. */
    record Line(long number, String text, String fault) {}

    private final InputStream in;
    private final Charset charset;
    private final CharsetDecoder strict;
    private final byte[] buffer = new byte[1 << 16];
    private int at;
    private int end;
    private byte[] line = new byte[1 << 10];
    private final long most;
    private long number;
    private long offset;

    TextLines(Path file, Charset charset) throws IOException {
        if (!ASCII_SUPERSETS.contains(charset.name())) {
            throw new UnreadableFile("the encoding " + charset.name()
                    + " is not one that can be cut into lines; deliver UTF-8 or GB18030");
        }
        this.in = open(file);
        this.most = packed(file) ? Math.max(ALWAYS, MAX_RATIO * Files.size(file)) : Long.MAX_VALUE;
        this.charset = charset;
        this.strict = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    /**
     * UTF-8 if the first megabyte is strict UTF-8, else GB18030: a guess, and told as one.
     *
     * @throws UnreadableFile if it begins with the mark of UTF-16, whose line ends are no single bytes
     */
    static Charset guess(Path file) throws IOException {
        byte[] start;
        try (InputStream in = open(file)) {
            start = in.readNBytes(SNIFF);
        } catch (EOFException | ZipException e) {
            throw new UnreadableFile("it is cut short or no gzip file (" + e.getMessage() + ")");
        }
        int mark = start.length < 2 ? 0 : (start[0] & 0xFF) << 8 | start[1] & 0xFF;
        if (mark == 0xFEFF || mark == 0xFFFE) {
            throw new UnreadableFile("it is UTF-16; deliver UTF-8 or GB18030");
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
        long start = offset;
        int length = 0;
        boolean tooLong = false;
        try {
            if (!more()) {
                return null;
            }
            boolean ended = false;
            while (!ended && more()) {
                int from = at;
                while (at < end && buffer[at] != '\n' && buffer[at] != '\r') {
                    at++;
                }
                int kept = Math.min(at - from, MAX_LINE - length);
                tooLong |= kept < at - from;
                if (length + kept > line.length) {
                    line = Arrays.copyOf(line, 2 * (length + kept));
                }
                System.arraycopy(buffer, from, line, length, kept);
                length += kept;
                offset += at - from;
                ended = at < end && endOfLine();
            }
        } catch (EOFException | ZipException e) {
            throw new UnreadableFile("it is cut short after line " + number + " (" + e.getMessage() + ")");
        }
        if (offset > most) {
            throw new UnreadableFile("it unpacks to more than " + MAX_RATIO + " times its size, after line " + number);
        }
        number++;
        if (tooLong) {
            return new Line(number, new String(line, 0, 200, StandardCharsets.ISO_8859_1), "line is longer than 1 MiB");
        }
        try {
            String text = decoded(length);
            text = number == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text;
            return new Line(number, text, text.indexOf('\0') >= 0 ? "line holds a NUL character" : null);
        } catch (CharacterCodingException e) {
            String shown = new String(line, 0, Math.min(length, 200), StandardCharsets.ISO_8859_1);
            return new Line(number, "byte offset " + start + ": " + shown, "line is not " + charset.name());
        }
    }

    /** Takes the LF, CR LF or CR that the buffer stands at. */
    private boolean endOfLine() throws IOException {
        offset++;
        if (buffer[at++] == '\r' && more() && buffer[at] == '\n') {
            at++;
            offset++;
        }
        return true;
    }

    /** Whether there is a byte at {@code at}; fills the buffer where it is used up. */
    private boolean more() throws IOException {
        if (at == end) {
            at = 0;
            end = Math.max(0, in.read(buffer));
        }
        return at < end;
    }

    /** The quick decoder puts U+FFFD where it cannot read; only a text that holds one is worth the strict decoder. */
    private String decoded(int length) throws CharacterCodingException {
        if (charset == StandardCharsets.UTF_8) {
            String text = new String(line, 0, length, StandardCharsets.UTF_8);
            if (text.indexOf('\uFFFD') < 0) {
                return text;
            }
        }
        return strict.decode(ByteBuffer.wrap(line, 0, length)).toString();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private static boolean packed(Path file) {
        return file.toString().endsWith(".gz");
    }

    private static InputStream open(Path file) throws IOException {
        InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        try {
            return packed(file) ? new BufferedInputStream(new GZIPInputStream(raw, 1 << 16), 1 << 16) : raw;
        } catch (EOFException | ZipException e) {
            raw.close();
            throw new UnreadableFile("it is cut short or no gzip file (" + e.getMessage() + ")");
        }
    }
}
