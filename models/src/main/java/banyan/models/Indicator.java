package banyan.models;

import banyan.schemas.Contract;
import banyan.schemas.Definitions;
import banyan.schemas.InvalidDefinition;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.regex.Pattern;

/**
 * What is measured of an enterprise and what it costs: one file {@code policy/indicators/<indicator>.yaml}.
 *
 * <p>Either one aggregate ({@code measure}) whose value falls into a band of {@code points}, or points for {@code each} record, times
 * recurrence and decay, which add up. The language ends here: what fits neither is computed as a column of a table and then measured.
 *
 * @param name what the indicator is called
 * @param say the reason in words; {value} stands for what was measured
 * @param basis the rule it rests on, and whether that rule is public
 * @param from first day it is in force
 * @param to first day it is no longer; null while it stands
 * @param group group of the index, as in policy/classes; null where it is only measured, for rules
 * @param table table it measures, as known on the day
 * @param where the records that matter; all where null
 * @param window the months up to the day in which a record counts; ever where null
 * @param measure a Spark SQL aggregate
 * @param absent the value of an enterprise without records
 * @param points bands of the measured value: the first that fits
 * @param each points of one record: the first line that fits
 * @param newest of the records alike in something only the newest counts; all where null
 * @param recurrence what repeating the same thing multiplies the points by
 * @param decay whether a record's points shrink with its age by the policy's decay
 * @param twin an indicator for the same fault seen elsewhere: of the two only the larger counts
 * @param cure how an enterprise may end the weight of a record; null where it may not
 * @param examples cases that are run as tests
 */
public record Indicator(
        String id,
        Words name,
        Words say,
        String basis,
        LocalDate from,
        LocalDate to,
        String group,
        String table,
        String where,
        Window window,
        String measure,
        BigDecimal absent,
        List<Band> points,
        List<Line> each,
        Newest newest,
        Recurrence recurrence,
        Boolean decay,
        String twin,
        Cure cure,
        List<Example> examples) {
    public Indicator {
        decay = decay != null && decay;
    }

    /** A record whose day {@code ending} is d counts on day t if d ≤ t < d + months. */
    public record Window(int months, String ending) {}

    /** Points of a value below {@code below}; of any value where it is null. */
    public record Band(BigDecimal below, int points) {}

    /** Points of a record for which {@code when} holds; for {@code months} after its day where given, else for the whole window. */
    public record Line(String when, int points, Integer months) {}

    /** Of the records with the same value of column {@code of} the last by the day {@code by} counts, and no other. */
    public record Newest(String of, String by) {}

    /** The n-th record with the same value of column {@code same} within {@code months} costs times[n-1]; the last entry serves all later. */
    public record Recurrence(String same, int months, List<BigDecimal> times) {}

    /**
     * What an enterprise may do about a record, and from when.
     *
     * @param name what is to be done
     * @param when the records for which it may be done
     * @param term the term that opens it, of a record that has it; may be done at once where null
     * @param given a condition over indicator values as they are then, without which it may not be done; null for none
     * @param becomes column → what it is then, Spark SQL over the record; the record is gone where null
     */
    public record Cure(Words name, String when, String term, String given, Map<String, String> becomes) {}

    /** Records of one enterprise, and the value and points they must give. Columns left out are null. */
    public record Example(
            @JsonProperty("case") String name,
            LocalDate as_of,
            List<Map<String, Object>> rows,
            BigDecimal value,
            BigDecimal points) {}

    /**
     * @param file its path; {@code …/id.yaml}, or {@code …/id@2026-04-01.yaml} for a later version of the same
     * @throws InvalidDefinition if keys, table or form are wrong
     */
    public static Indicator parse(String file, String text) {
        Indicator written = Definitions.yaml(file, text, Indicator.class);
        String id = file.substring(file.lastIndexOf('/') + 1).replaceFirst("(@[0-9-]+)?\\.yaml$", "");
        Indicator i = written.with(id, written.group);
        if (i.name == null || i.basis == null || i.from == null || i.table == null || i.examples == null) {
            throw new InvalidDefinition(file, "name, basis, from, table and examples are needed");
        }
        if ((i.measure == null) == (i.each == null)) {
            throw new InvalidDefinition(file, "it needs either measure (with points) or each, not both");
        }
        if (i.newest != null && (i.each == null || i.recurrence != null || i.where != null || i.window != null)) {
            throw new InvalidDefinition(file, "newest needs each, and goes with no recurrence, where or window");
        }
        if ((i.decay || i.recurrence != null) && (i.each == null || i.window == null)) {
            throw new InvalidDefinition(file, "decay and recurrence need each and window");
        }
        if (i.points != null && i.points.stream().limit(i.points.size() - 1L).anyMatch(b -> b.below == null)) {
            throw new InvalidDefinition(
                    file, "only the last band of points may be without below; those after it are out of reach");
        }
        if (!Contract.all().containsKey(i.table)) {
            throw new InvalidDefinition(file, "there is no table " + i.table);
        }
        if (i.cure != null && (i.cure.name == null || i.cure.when == null)) {
            throw new InvalidDefinition(file, "a cure needs name and when");
        }
        return i;
    }

    /** Whether it is in force on a day. */
    public boolean inForce(LocalDate day) {
        return !from.isAfter(day) && (to == null || day.isBefore(to));
    }

    /** Whether any of its expressions names a column of its table, or something that is written like it. */
    boolean names(String column) {
        List<String> texts = new ArrayList<>(Arrays.asList(where, measure));
        if (window != null) {
            texts.add(window.ending);
        }
        if (each != null) {
            each.forEach(line -> texts.add(line.when));
        }
        if (newest != null) {
            texts.addAll(List.of(newest.of, newest.by));
        }
        if (recurrence != null) {
            texts.add(recurrence.same);
        }
        Pattern word = Pattern.compile("\\b" + column + "\\b", Pattern.CASE_INSENSITIVE);
        return texts.stream()
                .anyMatch(text -> text != null && word.matcher(text).find());
    }

    /** The same, only measured where a scheme has no such group. */
    Indicator in(List<Policy.Group> groups) {
        return groups.stream().anyMatch(g -> g.id().equals(group)) ? this : with(id, null);
    }

    private Indicator with(String id, String group) {
        return with(id, group, from, to, points, each, examples);
    }

    /** The points of its lines, or of its bands, in their order. */
    public List<Integer> given() {
        return each != null
                ? each.stream().map(Line::points).toList()
                : points.stream().map(Band::points).toList();
    }

    /** The same in force on other days. */
    Indicator from(LocalDate from, LocalDate to) {
        return with(id, group, from, to, points, each, examples);
    }

    /** The same with other cases. */
    Indicator with(List<Example> others) {
        return with(id, group, from, to, points, each, others);
    }

    /** The same with other points in each line or band. */
    Indicator times(IntUnaryOperator other) {
        return with(
                id,
                group,
                from,
                to,
                points == null
                        ? null
                        : points.stream()
                                .map(band -> new Band(band.below, other.applyAsInt(band.points)))
                                .toList(),
                each == null
                        ? null
                        : each.stream()
                                .map(line -> new Line(line.when, other.applyAsInt(line.points), line.months))
                                .toList(),
                examples);
    }

    private Indicator with(
            String id,
            String group,
            LocalDate from,
            LocalDate to,
            List<Band> points,
            List<Line> each,
            List<Example> examples) {
        return new Indicator(
                id,
                name,
                say,
                basis,
                from,
                to,
                group,
                table,
                where,
                window,
                measure,
                absent,
                points,
                each,
                newest,
                recurrence,
                decay,
                twin,
                cure,
                examples);
    }
}
