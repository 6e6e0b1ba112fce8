package banyan.jobs.ingest;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;

/**
 * How far a table of a front-end database has been read: an instant or a number that only grows from one change of a row to the next.
 *
 * @param at null for a number
 * @param number null for an instant
 */
record Watermark(LocalDateTime at, BigDecimal number) implements Comparable<Watermark> {
    private static final DateTimeFormatter SQL = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT);
    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSSSSS", Locale.ROOT);

    /** As the JDBC driver gave it; empty for null, that is for a table without rows. */
    static Optional<Watermark> of(Object value) {
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof java.sql.Timestamp timestamp) {
            return Optional.of(new Watermark(micros(timestamp.toLocalDateTime()), null));
        }
        if (value instanceof java.sql.Date date) {
            return Optional.of(new Watermark(date.toLocalDate().atStartOfDay(), null));
        }
        if (value instanceof LocalDateTime at) {
            return Optional.of(new Watermark(micros(at), null));
        }
        if (value instanceof Number number) {
            return Optional.of(new Watermark(null, new BigDecimal(number.toString())));
        }
        throw new UnreadableFile(
                "its watermark is a " + value.getClass().getSimpleName() + ", neither an instant nor a number");
    }

    /** Never earlier: a row of that very instant must be no later than its literal. */
    private static LocalDateTime micros(LocalDateTime at) {
        LocalDateTime down = at.truncatedTo(ChronoUnit.MICROS);
        return down.equals(at) ? at : down.plus(1, ChronoUnit.MICROS);
    }

    /** From the name of the file that was read up to it; empty where it is none. */
    static Optional<Watermark> inName(String text) {
        try {
            return Optional.of(
                    text.contains("T")
                            ? new Watermark(LocalDateTime.parse(text, NAME), null)
                            : new Watermark(null, new BigDecimal(text)));
        } catch (DateTimeParseException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** As it stands in the name of a file. */
    String name() {
        return at == null ? number.toPlainString() : at.format(NAME);
    }

    /** As SQL has it, in all three dialects. */
    String literal() {
        return at == null ? number.toPlainString() : "TIMESTAMP '" + at.format(SQL) + "'";
    }

    /**
     * @param overlap ISO 8601 duration, or a number
     * @throws UnreadableFile if it does not fit this kind of watermark
     */
    Watermark less(String overlap) {
        try {
            return at == null
                    ? new Watermark(null, number.subtract(new BigDecimal(overlap)))
                    : new Watermark(at.minus(Duration.parse(overlap)), null);
        } catch (NumberFormatException | DateTimeParseException e) {
            throw new UnreadableFile("the overlap " + overlap + " is no "
                    + (at == null
                            ? "number, and its watermark is one"
                            : "duration like PT2H or P1D, and its watermark is an instant"));
        }
    }

    @Override
    public int compareTo(Watermark other) {
        return at == null ? number.compareTo(other.number) : at.compareTo(other.at);
    }
}
