package banyan.schemas;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.lower;
import static org.apache.spark.sql.functions.map;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.try_element_at;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.apache.spark.sql.Column;

/**
 * One code list: {@code schemas/codes/<name>.csv}. A sender may write the code, its Chinese name or any synonym, in either width and
 * case; an obsolete code with a successor becomes its successor.
 */
public record Codes(String name, List<Code> codes) {

    /** One code; {@code validFrom} and {@code validTo} are null where unlimited, {@code successor} null where it stands. */
    public record Code(
            String code,
            String zh,
            String en,
            List<String> synonyms,
            String parent,
            LocalDate validFrom,
            LocalDate validTo,
            String successor) {
        public String in(String lang) {
            return lang.equals("en") ? en : zh;
        }
    }

    /** @throws InvalidDefinition if there is no such list or one word means two codes */
    public static Codes of(String name) {
        return READ.computeIfAbsent(name, Codes::read);
    }

    private static final Map<String, Codes> READ = new ConcurrentHashMap<>();

    private static Codes read(String name) {
        String text = Definitions.packaged("codes", ".csv").get(name + ".csv");
        if (text == null) {
            throw new InvalidDefinition("codes/" + name + ".csv", "there is no such code list");
        }
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .setNullString("")
                .get();
        List<Code> codes = new ArrayList<>();
        try {
            for (CSVRecord r : format.parse(new StringReader(text))) {
                codes.add(new Code(
                        r.get("code"),
                        r.get("zh"),
                        r.get("en"),
                        r.get("synonyms") == null
                                ? List.of()
                                : List.of(r.get("synonyms").split("\\|")),
                        r.get("parent"),
                        day(r.get("valid_from")),
                        day(r.get("valid_to")),
                        r.get("successor")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Codes(name, List.copyOf(codes));
    }

    /** The code that a word in half width means; null where the list has no such word. */
    public Column code(Column word) {
        Column[] entries = words().entrySet().stream()
                .flatMap(e -> java.util.stream.Stream.of(lit(e.getKey()), lit(e.getValue())))
                .toArray(Column[]::new);
        return try_element_at(map(entries), lower(trim(word)));
    }

    /** The code a word means, or the word itself where the list does not know it (an open list, such as areas). */
    public Column codeOrSelf(Column word) {
        return coalesce(code(word), word);
    }

    /** The name of a code in a language ("zh" or "en"); the code itself where the list does not know it. */
    public String nameOf(String code, String lang) {
        return codes.stream()
                .filter(c -> c.code.equals(code))
                .map(c -> c.in(lang))
                .findFirst()
                .orElse(code);
    }

    /** The name of a code column in a language; the code itself where the list does not know it. */
    public Column nameOf(Column code, String lang) {
        Column[] entries = codes.stream()
                .flatMap(c -> java.util.stream.Stream.of(lit(c.code), lit(c.in(lang))))
                .toArray(Column[]::new);
        return coalesce(try_element_at(map(entries), code), code);
    }

    private Map<String, String> words() {
        Map<String, String> words = new LinkedHashMap<>();
        for (Code code : codes) {
            String meaning = code.successor == null ? code.code : code.successor;
            List<String> all = new ArrayList<>(code.synonyms);
            all.add(code.code);
            all.add(code.zh);
            for (String word : all) {
                String other = words.put(halfWidth(word), meaning);
                if (other != null && !other.equals(meaning)) {
                    throw new InvalidDefinition(
                            "codes/" + name + ".csv", word + " means both " + other + " and " + meaning);
                }
            }
        }
        return words;
    }

    /** A word as words are compared: half width, small letters, no blanks at its ends. */
    public static String halfWidth(String word) {
        return java.text.Normalizer.normalize(word, java.text.Normalizer.Form.NFKC)
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    private static LocalDate day(String text) {
        return text == null ? null : LocalDate.parse(text);
    }
}
