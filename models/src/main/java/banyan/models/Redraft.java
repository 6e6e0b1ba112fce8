package banyan.models;

import banyan.schemas.InvalidDefinition;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import tools.jackson.databind.ObjectMapper;

/**
 * The files of a policy with the points of some indicators multiplied from a day on. What is in force until then stays, word for word
 * but for its days: a day of the past is scored as it was. The cases of either version are moved to days on which it is in force, with what
 * it makes of them.
 */
public final class Redraft {
    /** Points are written in fives. */
    private static final BigDecimal STEP = BigDecimal.valueOf(5);

    private static final int YEAR = 12; // months
    /** Years, or months, by which a case is moved at most. */
    private static final int FAR = 100;

    private static final Pattern POINTS = Pattern.compile("(?<=points: )\\d+");
    private static final Pattern FROM = Pattern.compile("(?m)^from:.*$");
    private static final Pattern TO = Pattern.compile("(?m)^to:.*\\R");
    private static final Pattern EXAMPLES = Pattern.compile("(?m)^examples:");
    private static final Pattern DAY = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
    private static final ObjectMapper JSON = new ObjectMapper();

    private Redraft() {}

    /** Points times a factor, to the nearest five; some stay some, and none moves against the factor. */
    public static int points(int points, BigDecimal times) {
        BigDecimal steps = BigDecimal.valueOf(points).multiply(times).divide(STEP, 0, RoundingMode.HALF_UP);
        int fives = steps.max(BigDecimal.ONE).multiply(STEP).intValueExact();
        boolean more = times.compareTo(BigDecimal.ONE) > 0;
        return points == 0 ? 0 : more ? Math.max(points, fives) : Math.min(points, fives);
    }

    /**
     * @param files path below the policy folder → text
     * @param times indicator of the general index → the factor of its points, above 0
     * @param from first day of the new versions
     * @param note what the first line of each of them says, without line breaks
     * @param rows as of {@link Examples#run}
     * @throws InvalidDefinition where none of an indicator is in force on that day, or one begins on it
     */
    public static SortedMap<String, String> of(
            SortedMap<String, String> files,
            Map<String, BigDecimal> times,
            LocalDate from,
            String note,
            BiFunction<String, List<Map<String, Object>>, Dataset<Row>> rows) {
        SortedMap<String, String> drafted = new TreeMap<>(files);
        Map<String, String> drafts = new TreeMap<>();
        times.forEach((id, factor) -> {
            String path = inForce(files, id, from);
            Indicator old = Indicator.parse(path, files.get(path));
            if (old.from().equals(from)) {
                throw new InvalidDefinition(path, "it begins on " + from + " itself; choose a later day");
            }
            String text = files.get(path);
            Matcher cases = EXAMPLES.matcher(text);
            String head = cases.find() ? text.substring(0, cases.start()) : text;
            String ended = FROM.matcher(TO.matcher(head).replaceFirst(""))
                    .replaceFirst("from: " + old.from() + "\nto: " + from);
            if (old.examples().stream().allMatch(one -> one.as_of().isBefore(from))) {
                drafted.put(path, ended + text.substring(head.length()));
            } else {
                drafts.put(path, ended);
                drafted.put(path, ended + examples(moved(old.examples(), old.from(), from)));
            }
            String scaled = POINTS.matcher(head)
                    .replaceAll(found -> String.valueOf(points(Integer.parseInt(found.group()), factor)));
            String draft = "# " + note + "\n" + FROM.matcher(scaled).replaceFirst("from: " + from);
            String as = "indicators/" + id + "@" + from + ".yaml";
            drafts.put(as, draft);
            drafted.put(as, draft + examples(moved(old.examples(), from, old.to())));
            same(path, old.from(old.from(), from), drafted.get(path));
            same(as, old.from(from, old.to()).times(points -> points(points, factor)), drafted.get(as));
        });
        Policy policy = Policy.of(drafted);
        drafts.forEach((path, draft) -> drafted.put(
                path, draft + examples(Examples.answered(policy, Indicator.parse(path, drafted.get(path)), rows))));
        return drafted;
    }

    /** A text is edited as a text: what it says otherwise than the days, the points and the cases must have stayed. */
    private static void same(String path, Indicator meant, String drafted) {
        if (!meant.with(List.of()).equals(Indicator.parse(path, drafted).with(List.of()))) {
            throw new InvalidDefinition(
                    path,
                    "its points cannot be multiplied where they stand; write each as `points: N`, and examples last");
        }
    }

    private static String inForce(SortedMap<String, String> files, String id, LocalDate day) {
        return files.keySet().stream()
                .filter(path -> path.matches("indicators/" + id + "(@[0-9-]+)?\\.yaml"))
                .filter(path -> Indicator.parse(path, files.get(path)).inForce(day))
                .findFirst()
                .orElseThrow(() ->
                        new InvalidDefinition("indicators/" + id + ".yaml", "no version of it is in force on " + day));
    }

    /** The cases, each moved by as few whole years as bring it to a day from {@code from} on and before {@code to}; by months where none do. */
    private static List<Indicator.Example> moved(List<Indicator.Example> examples, LocalDate from, LocalDate to) {
        return examples.stream()
                .map(one -> {
                    int months = Stream.of(YEAR, 1)
                            .flatMap(step -> IntStream.rangeClosed(-FAR, FAR)
                                    .mapToObj(n -> n * step)
                                    .sorted(Comparator.comparing(Math::abs)))
                            .filter(by -> {
                                LocalDate day = one.as_of().plusMonths(by);
                                return !day.isBefore(from) && (to == null || day.isBefore(to));
                            })
                            .findFirst()
                            .orElseThrow(() -> new InvalidDefinition(
                                    "policy",
                                    "a version from " + from + " to " + to + " is too short for a case of its own"));
                    return new Indicator.Example(
                            one.name(),
                            one.as_of().plusMonths(months),
                            one.rows().stream().map(row -> moved(row, months)).toList(),
                            one.value(),
                            one.points());
                })
                .toList();
    }

    private static Map<String, Object> moved(Map<String, Object> row, int months) {
        Map<String, Object> later = new LinkedHashMap<>(row);
        later.replaceAll((column, value) ->
                value instanceof String text && DAY.matcher(text).matches()
                        ? LocalDate.parse(text).plusMonths(months).toString()
                        : value);
        return later;
    }

    /** The cases as they stand in a file: JSON is YAML. */
    private static String examples(List<Indicator.Example> examples) {
        return examples.stream()
                .map(one -> {
                    Map<String, Object> written = new LinkedHashMap<>();
                    written.put("case", one.name());
                    written.put("as_of", one.as_of().toString());
                    written.put("rows", one.rows());
                    written.put("value", one.value());
                    written.put("points", one.points());
                    return "  - " + JSON.writeValueAsString(written) + "\n";
                })
                .collect(Collectors.joining("", "examples:\n", ""));
    }
}
