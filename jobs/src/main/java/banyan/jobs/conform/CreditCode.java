package banyan.jobs.conform;

import static org.apache.spark.sql.functions.instr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.upper;
import static org.apache.spark.sql.functions.when;

import org.apache.spark.sql.Column;

/** The unified social credit code of GB 32100-2015: 18 characters of 31, the last a check digit. */
public final class CreditCode {
    private static final String ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    private static final int[] WEIGHTS = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    private static final String FORM = "^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$";

    private CreditCode() {}

    /** A cleaned code in upper case without inner blanks and invisible characters. */
    public static Column normal(Column code) {
        return upper(regexp_replace(code, "[\\s\\p{Cf}]", ""));
    }

    /** Whether a normal code has the form of one, whatever its check digit. */
    public static Column wellFormed(Column code) {
        return code.rlike(FORM);
    }

    /** Whether the check digit of a well-formed code fits: c18 = (31 − Σ value·weight mod 31) mod 31. Null where it is not well-formed. */
    public static Column checked(Column code) {
        Column sum = lit(0);
        for (int i = 0; i < WEIGHTS.length; i++) {
            sum = sum.plus(value(code, i + 1).multiply(WEIGHTS[i]));
        }
        return when(wellFormed(code), pmod(lit(31).minus(sum.mod(31)), lit(31)).equalTo(value(code, 18)));
    }

    /** Whether a code bears the area 350199, which no county has: the entity is synthetic. */
    public static Column madeUp(Column code) {
        return substring(code, 3, 6).equalTo("350199");
    }

    private static Column value(Column code, int position) {
        return instr(lit(ALPHABET), substring(code, position, 1)).minus(1);
    }
}
