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

    /** What names are matched on: half width, upper case, without blanks, brackets and middle dots. */
    public static Column nameKey(Column name) {
        return nullif(upper(regexp_replace(halfWidth(name), PASSED_OVER, "")), lit(""));
    }

    /** {@link #nameKey(Column)} of one name, without Spark; null for a name of which nothing remains. */
    public static String nameKey(String name) {
        StringBuilder narrow = new StringBuilder(name);
        for (int i = 0; i < narrow.length(); i++) {
            int wide = WIDE.indexOf(narrow.charAt(i));
            if (wide >= 0) {
                narrow.setCharAt(i, NARROW.charAt(wide));
            }
        }
        String key = narrow.toString().replaceAll(PASSED_OVER, "").toUpperCase(Locale.ROOT);
        return key.isEmpty() ? null : key;
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
