package banyan.schemas;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.nullif;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.translate;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.upper;
import static org.apache.spark.sql.functions.when;

import java.util.Locale;
import org.apache.spark.sql.Column;

/** Text as senders write it, brought to one form. */
public final class Text {
    private static final String WIDE = wide();
    private static final String NARROW = narrow();
    private static final String PASSED_OVER = "[\\s\\p{Cf}()\\[\\]{}〔〕【】·•.,，。'\"-]";
    private static final String BETWEEN = PASSED_OVER.replace("-", "");

    private Text() {}

    /** Full-width letters, digits, punctuation and the ideographic space in half width, blanks at both ends gone; blank is null. */
    public static Column clean(Column text) {
        return nullif(trim(halfWidth(text)), lit(""));
    }

    /** U+FF01 to U+FF5E and U+3000 as the ASCII characters they imitate. */
    public static Column halfWidth(Column text) {
        return when(mayBeWide(text), translate(text, WIDE, NARROW)).otherwise(text);
    }

    /** Whether there is anything to translate, by bytes: to look for them costs a twentieth of translating. */
    private static Column mayBeWide(Column text) {
        return text.contains("　")
                .or(text.contains(bytes(0xEF, 0xBC))) // U+FF00 to U+FF3F
                .or(text.contains(bytes(0xEF, 0xBD))); // U+FF40 to U+FF7F
    }

    private static Column bytes(int first, int second) {
        return lit(new byte[] {(byte) first, (byte) second}).cast("string");
    }

    /**
     * What names are matched on: signs that are written for each other brought to one ({@link Signs}), upper case, without blanks,
     * brackets and middle dots.
     */
    public static Column nameKey(Column name) {
        Column one = translate(name, Signs.written(), Signs.meant());
        return nullif(upper(regexp_replace(one, PASSED_OVER, "")), lit(""));
    }

    /** {@link #nameKey(Column)} of one name, without Spark; null for a name of which nothing remains. */
    public static String nameKey(String name) {
        String key = Signs.one(name).replaceAll(PASSED_OVER, "").toUpperCase(Locale.ROOT);
        return key.isEmpty() ? null : key;
    }

    /** An address in the signs of a name key, with hyphens, and with tens written out as digits: 十八号 is 18号. */
    public static Column addressKey(Column address) {
        Column one = translate(address, Signs.written(), Signs.meant());
        Column key = upper(regexp_replace(one, BETWEEN, ""));
        Column tens = regexp_replace(
                regexp_replace(regexp_replace(key, "([0-9])十([0-9])", "$1$2"), "([0-9])十", "$10"), "十([0-9])", "1$1");
        return nullif(when(key.contains("十"), regexp_replace(tens, "十", "10")).otherwise(key), lit(""));
    }

    private static String wide() {
        StringBuilder wide = new StringBuilder("　");
        for (char c = '！'; c <= '～'; c++) {
            wide.append(c);
        }
        return wide.toString();
    }

    private static String narrow() {
        StringBuilder narrow = new StringBuilder(" ");
        for (char c = '!'; c <= '~'; c++) {
            narrow.append(c);
        }
        return narrow.toString();
    }
}
