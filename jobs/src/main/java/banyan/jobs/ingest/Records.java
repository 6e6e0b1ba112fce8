package banyan.jobs.ingest;

import java.io.IOException;
import java.math.BigDecimal;
import java.util.List;

/** What a reader finds in a delivered file, in file order. Every record is told of exactly once: as a record or as unreadable. */
public interface Records {
    /** The file's column names, told once and before any record. */
    void columns(List<String> names) throws IOException;

    /**
     * @param line line or row of the record, from 1
     * @param values as many as columns; null where blank
     */
    void record(long line, List<String> values) throws IOException;

    /**
     * @param why the rule it breaks
     * @param text as much of the record as can be shown
     */
    void unreadable(long line, String why, String text) throws IOException;

    /** A number as people write it, without exponent; one with more than 400 places as it stands, for it would fill the memory. */
    static String plain(BigDecimal number) {
        return Math.abs((long) number.scale()) > 400 ? number.toString() : number.toPlainString();
    }
}
