package banyan.models;

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
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The cases that a policy's own files give, run: all of one day are measured at once, each as an enterprise of its own. */
public final class Examples {
    private Examples() {}

    /**
     * @param file of the indicator, below the policy folder
     * @param value what was measured, and {@code points} before caps and twins
     */
    public record Outcome(
            String file, Indicator indicator, Indicator.Example example, BigDecimal value, BigDecimal points) {
        public boolean holds() {
            return alike(value, example.value()) && alike(points, example.points());
        }

        /** What is wrong, in the form in which every fault of a policy is told. */
        public String said() {
            return file + ", examples, " + example.name() + ": gives value "
                    + plain(value)
                    + " and points " + plain(points) + "; it says " + plain(example.value()) + " and "
                    + plain(example.points()) + ": mend the rule or the case";
        }

        private static boolean alike(BigDecimal one, BigDecimal other) {
            return one == null || other == null ? one == other : one.compareTo(other) == 0;
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
        Map<LocalDate, List<Outcome>> cases = new TreeMap<>();
        cases(cases, "", policy.indicators());
        policy.fields().forEach((id, field) -> cases(cases, "special/" + id + "/", field.indicators()));
        List<Outcome> outcomes = new ArrayList<>();
        cases.forEach((day, of) -> outcomes.addAll(run(policy, day, of, rows)));
        return outcomes;
    }

    private static void cases(Map<LocalDate, List<Outcome>> cases, String folder, List<Indicator> indicators) {
        indicators.forEach(i -> i.examples()
                .forEach(e -> cases.computeIfAbsent(e.as_of(), d -> new ArrayList<>())
                        .add(new Outcome(folder + "indicators/" + i.id() + ".yaml", i, e, null, null))));
    }

    private static List<Outcome> run(
            Policy policy,
            LocalDate day,
            List<Outcome> cases,
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
            Outcome one = cases.get(c);
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
        facts.forEach((table, of) -> frames.put(table, rows.apply(table, of)));
        Map<String, Row> measured = new HashMap<>();
        measures.wide(rows.apply("entities", entities), frames)
                .collectAsList() // a row a case
                .forEach(row -> measured.put(row.getAs("entity_id"), row));
        List<Outcome> outcomes = new ArrayList<>();
        for (int c = 0; c < cases.size(); c++) {
            Outcome one = cases.get(c);
            Row row = measured.get("E" + c);
            outcomes.add(new Outcome(
                    one.file,
                    one.indicator,
                    one.example,
                    row.getAs(one.indicator.id()),
                    row.getAs(one.indicator.id() + "__raw")));
        }
        return outcomes;
    }
}
