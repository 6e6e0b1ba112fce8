package banyan.jobs.conform;

import static org.apache.spark.sql.functions.concat;
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
    private static final String LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final int[] ORGANISATION_WEIGHTS = {3, 7, 9, 10, 5, 8, 4, 2};
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

    /** Whether the check digit of a well-formed code fits. Null where it is not well-formed. */
    public static Column checked(Column code) {
        return when(wellFormed(code), check(code).equalTo(value(code, 18)));
    }

    /** The first 16 characters of a code with the check character of the organisation after them (GB 11714). */
    public static Column withOrganisationCheck(Column sixteen) {
        Column sum = lit(0);
        for (int i = 0; i < ORGANISATION_WEIGHTS.length; i++) {
            Column value = instr(lit(LETTERS), substring(sixteen, 9 + i, 1)).minus(1);
            sum = sum.plus(value.multiply(ORGANISATION_WEIGHTS[i]));
        }
        return concat(
                sixteen,
                substring(
                        lit("0123456789X"),
                        pmod(lit(11).minus(sum.mod(11)), lit(11)).plus(1),
                        lit(1)));
    }

    /** The first 17 characters of a code with its check character. */
    public static Column withCheck(Column seventeen) {
        return concat(seventeen, substring(lit(ALPHABET), check(seventeen).plus(1), lit(1)));
    }

    /** c18 = (31 − Σ value·weight mod 31) mod 31. */
    private static Column check(Column code) {
        Column sum = lit(0);
        for (int i = 0; i < WEIGHTS.length; i++) {
            sum = sum.plus(value(code, i + 1).multiply(WEIGHTS[i]));
        }
        return pmod(lit(31).minus(sum.mod(31)), lit(31));
    }

    /** Whether a code bears the area 350199, which no county has: the entity is synthetic. */
    public static Column madeUp(Column code) {
        return substring(code, 3, 6).equalTo("350199");
    }

    private static Column value(Column code, int position) {
        return instr(lit(ALPHABET), substring(code, position, 1)).minus(1);
    }
}
