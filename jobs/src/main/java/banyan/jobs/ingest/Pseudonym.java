package banyan.jobs.ingest;

import banyan.jobs.Refusal;
import banyan.schemas.Contract;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.text.Normalizer;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.commons.codec.binary.Base32;

/**
 * What stands for a person: HMAC-SHA256 under a secret key, of the kind of identity and the identity in one form. Without the key
 * nobody can try all numbers out, as one can with a plain hash. The same identity has the same pseudonym in every table; another key
 * gives others, which is why they begin with four letters that tell the key.
 *
 * <p>The key stands in the environment alone, as {@value #KEY}: at least 64 hex digits. It is never written, to a log neither.
 */
public final class Pseudonym {
    public static final String KEY = "BANYAN_PEOPLE_KEY";

    private static final int[] WEIGHTS = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    private static final Base32 LETTERS = new Base32();

    private final SecretKeySpec key;
    private final String mark;

    private Pseudonym(byte[] key) {
        this.key = new SecretKeySpec(key, "HmacSHA256");
        this.mark = letters("key", "", 4);
    }

    /**
     * @param environment name → value of a variable, null where there is none
     * @return empty where there is no key
     * @throws Refusal with exit 2 if the key is none
     */
    public static Optional<Pseudonym> from(UnaryOperator<String> environment) {
        return Optional.ofNullable(environment.apply(KEY)).map(text -> {
            if (!text.strip().matches("(?:[0-9a-fA-F]{2}){32,}")) {
                throw new Refusal(
                        Refusal.Exit.USAGE,
                        "Cannot use " + KEY
                                + ": it must be at least 64 hex digits, as `openssl rand -hex 32` makes them, and has "
                                + text.strip().length() + " characters.");
            }
            return new Pseudonym(HexFormat.of().parseHex(text.strip()));
        });
    }

    /** The four letters with which every pseudonym under this key begins. */
    String mark() {
        return mark;
    }

    /** Four letters of the key, a point and 26 letters or digits of 130 bits; null of a blank. */
    String of(Contract.Identity kind, String written) {
        String one = normal(kind, written);
        return one == null ? null : mark + "." + letters(kind.name(), one, 26);
    }

    private String letters(String kind, String text, int length) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            byte[] code = mac.doFinal((kind + "\u001f" + text).getBytes(StandardCharsets.UTF_8));
            return LETTERS.encodeAsString(code).substring(0, length).toLowerCase(Locale.ROOT);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    /** The identity in one form: a 15-digit number of a citizen as the 18-digit one (GB 11643), a phone number without +86. */
    static String normal(Contract.Identity kind, String written) {
        if (written == null) {
            return null;
        }
        String plain = Normalizer.normalize(written, Normalizer.Form.NFKC)
                .replaceAll("[\\s\\p{Cf}]", "")
                .toUpperCase(Locale.ROOT);
        String one = switch (kind) {
            case id_number -> plain.matches("[0-9]{15}") ? eighteen(plain) : plain;
            case phone -> phone(plain);
            case person_name -> plain.replaceAll("[·•.．]", "");
            case amount -> amount(plain);
        };
        return one.isEmpty() ? null : one;
    }

    /** Blank of what is no number of a telephone: masked, too short, or one digit over and over for a caller who withheld his. */
    private static String phone(String plain) {
        String digits = plain.replaceAll("[^0-9]", "").replaceFirst("^(?:00)?86(?=1[0-9]{10}$)", "");
        return plain.matches(".*[*X].*") || digits.matches("[0-9]{0,6}|([0-9])\\1*") ? "" : digits;
    }

    /**
     * As {@code Field} reads it, 万 as 万元. Blank of what is longer than capital is, as numbers of people and telephones are, and of a
     * foreign currency, whose worth the day of the text would have to tell.
     */
    private static String amount(String plain) {
        String bare = plain.replaceAll("人民币|[()]", "").replaceFirst("万$", "万元");
        if (!bare.matches("(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\\.[0-9]+)?(?:万元|元)?")) {
            return "";
        }
        int digits = bare.replaceFirst("[.万元].*", "").replace(",", "").length();
        return digits <= (bare.endsWith("万元") ? 9 : bare.endsWith("元") ? 13 : 6) ? bare : "";
    }

    private static String eighteen(String fifteen) {
        String seventeen = fifteen.substring(0, 6) + "19" + fifteen.substring(6);
        int sum = 0;
        for (int i = 0; i < 17; i++) {
            sum += (seventeen.charAt(i) - '0') * WEIGHTS[i];
        }
        return seventeen + "10X98765432".charAt(sum % 11);
    }

    /** As much of an identity as may be shown: the six digits of the region, three of a phone, the first sign of a name, an amount; null of a blank. */
    static String masked(Contract.Identity kind, String written) {
        String one = normal(kind, written);
        if (one == null || kind == Contract.Identity.amount) {
            return one;
        }
        int shown = switch (kind) {
            case id_number -> 6;
            case phone -> 3;
            case person_name, amount -> 1;
        };
        int signs = one.codePointCount(0, one.length());
        int kept = one.offsetByCodePoints(0, Math.min(shown, signs / 2));
        return one.substring(0, kept) + (kind == Contract.Identity.person_name ? "**" : "*".repeat(signs - kept));
    }
}
