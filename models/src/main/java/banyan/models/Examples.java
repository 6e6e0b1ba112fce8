package banyan.models;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import banyan.schemas.Contract;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The cases that a policy's own files give, run: all of one day are measured at once, each as an enterprise of its own. */
public final class Examples {
    private Examples() {}

    /**
     * @param file of the rule, below the policy folder
     * @param example what the case is called
     * @param gives what the rule makes of it, and {@code says}: what the case says it must
     */
    public record Outcome(String file, String example, String gives, String says) {
        public boolean holds() {
            return gives.equals(says);
        }

        /** What is wrong, in the form in which every fault of a policy is told. */
        public String said() {
            return file + ", examples, " + example + ": gives " + gives + "; it says " + says
                    + ": mend the rule or the case";
        }
    }

    /** A case of an indicator. */
    private record Case(String file, Indicator indicator, Indicator.Example example) {
        Outcome gives(BigDecimal value, BigDecimal points) {
            return new Outcome(file, example.name(), said(value, points), said(example.value(), example.points()));
        }

        private static String said(BigDecimal value, BigDecimal points) {
            return "value " + plain(value) + " and points " + plain(points);
        }

        private static String plain(BigDecimal number) {
            return number == null ? "null" : number.stripTrailingZeros().toPlainString();
        }
    }

    /**
     * @param rows table and rows, each a map from column to value → a frame in the table's contract
     * @return one outcome an example, in the order of the policy's files within a day
     */
    public static List<Outcome> run(Policy policy, BiFunction<String, List<Map<String, Object>>, Dataset<Row>> rows) {
        Map<LocalDate, List<Case>> cases = new TreeMap<>();
        cases(cases, "", policy.indicators());
        policy.fields().forEach((id, field) -> cases(cases, "special/" + id + "/", field.indicators()));
        List<Outcome> outcomes = new ArrayList<>();
        cases.forEach((day, of) -> outcomes.addAll(run(policy, day, of, rows)));
        policy.terms().forEach(term -> outcomes.addAll(run(term, rows)));
        return outcomes;
    }

    private static void cases(Map<LocalDate, List<Case>> cases, String folder, List<Indicator> indicators) {
        indicators.forEach(i -> i.examples()
                .forEach(e -> cases.computeIfAbsent(e.as_of(), d -> new ArrayList<>())
                        .add(new Case(folder + "indicators/" + i.id() + ".yaml", i, e))));
    }

    /**
     * An indicator's cases with what it makes of them, whatever they say.
     *
     * @param policy in which this version of it is in force on their days
     */
    static List<Indicator.Example> answered(
            Policy policy, Indicator indicator, BiFunction<String, List<Map<String, Object>>, Dataset<Row>> rows) {
        Map<LocalDate, List<Case>> days = new TreeMap<>();
        cases(days, "", List.of(indicator));
        Map<Indicator.Example, Row> given = new HashMap<>();
        days.forEach((day, of) -> {
            List<Row> measured = measured(policy, day, of, rows);
            for (int c = 0; c < of.size(); c++) {
                given.put(of.get(c).example, measured.get(c));
            }
        });
        return indicator.examples().stream()
                .map(one -> new Indicator.Example(
                        one.name(),
                        one.as_of(),
                        one.rows(),
                        number(given.get(one).getAs(indicator.id())),
                        number(given.get(one).getAs(indicator.id() + "__raw"))))
                .toList();
    }

    private static BigDecimal number(BigDecimal measured) {
        if (measured == null) {
            return null;
        }
        BigDecimal plain = measured.stripTrailingZeros();
        return plain.scale() < 0 ? plain.setScale(0) : plain;
    }

    private static List<Outcome> run(
            Policy policy,
            LocalDate day,
            List<Case> cases,
            BiFunction<String, List<Map<String, Object>>, Dataset<Row>> rows) {
        List<Row> measured = measured(policy, day, cases, rows);
        List<Outcome> outcomes = new ArrayList<>();
        for (int c = 0; c < cases.size(); c++) {
            Case one = cases.get(c);
            Row row = measured.get(c);
            outcomes.add(one.gives(row.getAs(one.indicator.id()), row.getAs(one.indicator.id() + "__raw")));
        }
        return outcomes;
    }

    /** What is measured of each case of a day, with value and points of its indicator. */
    private static List<Row> measured(
            Policy policy,
            LocalDate day,
            List<Case> cases,
            BiFunction<String, List<Map<String, Object>>, Dataset<Row>> rows) {
        List<Index> indexes = new ArrayList<>(List.of(policy.on(day)));
        indexes.addAll(policy.specialised(day).fields());
        Set<String> asked = new HashSet<>();
        cases.forEach(one -> {
            asked.add(one.indicator.id());
            asked.add(one.indicator.twin());
        });
        Measures measures = Measures.of(
                indexes.stream()
                        .map(index -> new Index(
                                index.id(),
                                index.scheme(),
                                index.indicators().stream()
                                        .filter(i -> asked.contains(i.id()))
                                        .toList(),
                                index.classes(),
                                day))
                        .toList(),
                day);
        List<Map<String, Object>> entities = new ArrayList<>();
        Map<String, List<Map<String, Object>>> facts = new HashMap<>();
        for (int c = 0; c < cases.size(); c++) {
            Case one = cases.get(c);
            entities.add(Map.of("entity_id", "E" + c));
            List<Map<String, Object>> of = facts.computeIfAbsent(one.indicator.table(), t -> new ArrayList<>());
            for (int r = 0; r < one.example.rows().size(); r++) {
                Map<String, Object> row = new HashMap<>(one.example.rows().get(r));
                row.put("entity_id", "E" + c);
                if (Contract.of(one.indicator.table()).columnNames().contains("record_id")) {
                    row.putIfAbsent("record_id", "R" + r);
                }
                of.add(row);
            }
        }
        Map<String, Dataset<Row>> frames = new HashMap<>();
        facts.forEach((table, of) -> frames.put(table, policy.inUse(table, rows.apply(table, of), day)));
        Map<String, Row> measured = new HashMap<>();
        measures.wide(rows.apply("entities", entities), frames)
                .collectAsList() // a row a case
                .forEach(row -> measured.put(row.getAs("entity_id"), row));
        return IntStream.range(0, cases.size())
                .mapToObj(c -> measured.get("E" + c))
                .toList();
    }

    /** The cases of a term, each with its own day, in one go. */
    private static List<Outcome> run(Term term, BiFunction<String, List<Map<String, Object>>, Dataset<Row>> rows) {
        List<Map<String, Object>> records = new ArrayList<>();
        Column day = lit(null).cast("date");
        for (int c = 0; c < term.examples().size(); c++) {
            Map<String, Object> record = new HashMap<>(term.examples().get(c).row());
            record.putIfAbsent("entity_id", "E");
            record.put("record_id", "R" + c);
            records.add(record);
            day = when(
                            col("record_id").equalTo("R" + c),
                            lit(term.examples().get(c).as_of()))
                    .otherwise(day);
        }
        Map<String, Row> compiled = new HashMap<>();
        term.compiled(rows.apply(term.table(), records), day)
                .select(
                        col("record_id"),
                        col(Term.ENDS).as("ends_on"),
                        col(Term.STATE).as("state"))
                .collectAsList() // a row a case
                .forEach(row -> compiled.put(row.getAs("record_id"), row));
        List<Outcome> outcomes = new ArrayList<>();
        for (int c = 0; c < term.examples().size(); c++) {
            Term.Example one = term.examples().get(c);
            Row row = compiled.get("R" + c);
            outcomes.add(new Outcome(
                    term.file(),
                    one.name(),
                    "ends " + row.getAs("ends_on") + " and state " + row.getAs("state"),
                    "ends " + one.ends() + " and state " + one.state()));
        }
        return outcomes;
    }
}
