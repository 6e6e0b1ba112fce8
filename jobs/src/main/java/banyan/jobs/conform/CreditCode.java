package banyan.jobs.conform;

import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.conv;
import static org.apache.spark.sql.functions.instr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.reverse;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.translate;
import static org.apache.spark.sql.functions.upper;
import static org.apache.spark.sql.functions.when;

import org.apache.spark.sql.Column;

/** The unified social credit code of GB 32100-2015: 18 characters of 31, the last a check digit. */
public final class CreditCode {
    private static final String ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";

    /** The alphabet lacks I, O, S, V and Z, the digits of a number to the base of 34 do not: what a sign from J on is as such a digit. */
    private static final String LETTERS_FROM_J = "JKLMNPQRTUWXY";

    private static final String DIGITS_FROM_18 = "IJKLMNOPQRSTU";

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
        return when(wellFormed(code), sign(check(code)).equalTo(substring(code, 18, 1)));
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
        return concat(seventeen, sign(check(seventeen)));
    }

    /**
     * c18 = (31 − Σ value·weight mod 31) mod 31. The weights are the powers of 3 from 1 on, modulo 31, as those of 34 are: the code
     * written backwards is a number to the base of 34 that leaves what the sum leaves, and is read at once instead of sign by sign; in two
     * parts, for it is greater than a bigint.
     */
    private static Column check(Column code) {
        Column backwards = reverse(translate(substring(code, 1, 17), LETTERS_FROM_J, DIGITS_FROM_18));
        Column left = number(substring(backwards, 1, 8)).mod(31).multiply(29); // 34^9 leaves 29
        Column sum = left.plus(number(substring(backwards, 9, 9)).mod(31));
        return pmod(lit(31).minus(sum.mod(31)), lit(31));
    }

    private static Column number(Column digits) {
        return conv(digits, 34, 10).cast("bigint");
    }

    /** Whether a code bears the area 350199, which no county has: the entity is synthetic. */
    public static Column madeUp(Column code) {
        return substring(code, 3, 6).equalTo("350199");
    }

    private static Column sign(Column value) {
        return substring(lit(ALPHABET), value.plus(1).cast("int"), lit(1));
    }
}
