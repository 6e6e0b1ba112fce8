package banyan.schemas;

import com.ibm.icu.text.SpoofChecker;
import com.ibm.icu.text.Transliterator;
import java.lang.Character.UnicodeScript;
import java.text.Normalizer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Signs that people write for each other in names and addresses, each brought to one: full width, circled and compatibility forms
 * (NFKC), traditional characters and variants (ICU, Traditional-Simplified), Greek and Cyrillic letters that look Latin (ICU, Unicode
 * TR 39), Chinese numerals as digits. One sign for one sign, so that Spark can translate them.
 */
public final class Signs {
    private static final String NUMERALS = "〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖";
    private static final String DIGITS = "00123456789123456789";

    /** Variants in names that ICU leaves as they are. */
    private static final Map<String, String> VARIANTS =
            new TreeMap<>(Map.of("\uD842\uDFB7", "吉", "啓", "启", "菴", "庵", "峯", "峰", "燿", "耀"));

    private static final Set<UnicodeScript> LOOK_LATIN = Set.of(UnicodeScript.CYRILLIC, UnicodeScript.GREEK);
    private static final Map<Integer, Integer> ONE = pairs();
    private static final String WRITTEN = join(ONE.keySet());
    private static final String MEANT = join(ONE.values());

    private Signs() {}

    /** The signs that stand for another, in the order of {@link #meant}. */
    public static String written() {
        return WRITTEN;
    }

    /** What each of {@link #written} stands for. */
    public static String meant() {
        return MEANT;
    }

    /** A text in which each sign stands for itself. */
    public static String one(String text) {
        return text.codePoints()
                .map(sign -> ONE.getOrDefault(sign, sign))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static Map<Integer, Integer> pairs() {
        Map<Integer, Integer> pairs = new LinkedHashMap<>();
        Map<Integer, Integer> simplified = simplified();
        SpoofChecker looks = new SpoofChecker.Builder().build();
        for (int sign = 0xA0; sign < 0xFFFF; sign++) {
            if (!Character.isDefined(sign) || sign >= Character.MIN_SURROGATE && sign <= Character.MAX_SURROGATE) {
                continue;
            }
            int one = single(Normalizer.normalize(Character.toString(sign), Normalizer.Form.NFKC), sign);
            one = simplified.getOrDefault(one, one);
            if (LOOK_LATIN.contains(UnicodeScript.of(one))) {
                int latin = single(looks.getSkeleton(Character.toString(one)), one);
                one = latin < 0x80 ? latin : one;
            }
            int numeral = NUMERALS.indexOf(one);
            one = numeral < 0 ? one : DIGITS.charAt(numeral);
            if (one != sign) {
                pairs.put(sign, one);
            }
        }
        VARIANTS.forEach((written, meant) -> pairs.put(written.codePointAt(0), meant.codePointAt(0)));
        return pairs;
    }

    /** The simplified form of each Chinese character that has another. */
    private static Map<Integer, Integer> simplified() {
        StringBuilder all = new StringBuilder();
        for (int sign = 0x3400; sign <= 0x9FFF; sign++) {
            all.appendCodePoint(sign).append('\n'); // apart, so that no rule sees two
        }
        int[] to = Transliterator.getInstance("Traditional-Simplified")
                .transliterate(all.toString())
                .codePoints()
                .toArray();
        Map<Integer, Integer> simplified = new LinkedHashMap<>();
        for (int sign = 0x3400; sign <= 0x9FFF; sign++) {
            simplified.put(sign, to[2 * (sign - 0x3400)]);
        }
        return simplified;
    }

    private static int single(String text, int otherwise) {
        return text.codePointCount(0, text.length()) == 1 ? text.codePointAt(0) : otherwise;
    }

    private static String join(Iterable<Integer> signs) {
        return java.util.stream.StreamSupport.stream(signs.spliterator(), false)
                .map(Character::toString)
                .collect(Collectors.joining());
    }
}
