package banyan.models;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What an enterprise could do to be in a better class: the smallest sets of its records that, were they cured, would lift it. All sets are
 * tried at once, each as an enterprise of its own under the very index that classified it.
 */
public final class Cures {
    /** So many records are tried, the weightiest; and so many of them together, or all. */
    private static final int RECORDS = 12;

    private static final int TOGETHER = 3;
    private static final int WAYS = 3;

    private Cures() {}

    /**
     * A record that may be cured.
     *
     * @param indicator by which it may
     * @param from the first day on which it may; null where at once
     */
    public record Item(String table, String record, Indicator indicator, LocalDate from) {}

    /** Records that, all cured, lead to a class and score. */
    public record Way(List<Item> items, String riskClass, int score) {}

    /**
     * @param riskClass as it is
     * @param curable records that weigh and may be cured, the weightiest first, 12 at most
     * @param ways the smallest sets that lead to a better class, the best first, three at most; none where none does
     * @param all what all of them together lead to
     */
    public record Answer(String riskClass, int score, List<Item> curable, List<Way> ways, Way all) {}

    /**
     * @param index whose indicators may be cured
     * @param by how class and points follow from it: itself, or {@link Specialised#alone}
     * @param terms of the policy: those that cures name open them
     * @param entity the one row of the enterprise, with entity_id
     * @param facts table → its own rows, as known on the day; of a table that is not there the source never delivered
     * @param reaching what reaches it from others, of {@link Association#reaching}: no cure of its own changes that
     */
    public static Answer of(
            Index index,
            Classing by,
            List<Term> terms,
            LocalDate day,
            Dataset<Row> entity,
            Map<String, Dataset<Row>> facts,
            Dataset<Row> reaching) {
        List<Row> contributions =
                by.contributions(by.measure(entity, facts).localCheckpoint()).collectAsList(); // some forty rows
        List<Item> items = items(index, terms, day, facts, contributions);
        List<List<Item>> sets = sets(items);
        Map<String, Row> classes = new HashMap<>();
        tried(index, by, day, entity, facts, reaching, items, sets)
                .forEach(row -> classes.put(row.getAs("entity_id"), row));
        List<Way> tried = new ArrayList<>();
        for (int s = 0; s < sets.size(); s++) {
            Row row = classes.get("#" + s);
            tried.add(new Way(sets.get(s), row.getAs("risk_class"), row.getAs("score")));
        }
        Way now = tried.get(0);
        Way all = tried.get(tried.size() - 1);
        List<Way> better = tried.stream()
                .filter(way -> way.riskClass.compareTo(now.riskClass) < 0)
                .filter(way -> way.items.stream()
                        .allMatch(item -> item.indicator.cure().given() == null
                                || classes.get("#" + tried.indexOf(way)).<Boolean>getAs(given(item.indicator))))
                .toList();
        int least = better.stream().mapToInt(way -> way.items.size()).min().orElse(0);
        return new Answer(
                now.riskClass,
                now.score,
                items,
                better.stream()
                        .filter(way -> way.items.size() == least)
                        .sorted(Comparator.comparing(Way::riskClass).thenComparing(Way::score))
                        .limit(WAYS)
                        .toList(),
                all);
    }

    /** The records of a table that an indicator's cure is for. */
    static Dataset<Row> curable(Indicator i, Dataset<Row> facts, LocalDate day) {
        return facts.drop("as_of").withColumn("as_of", lit(day)).where(i.cure().when());
    }

    /** Those of them that may be cured, now or later: record_id and, in {@code from}, since when; null where at once. */
    private static Dataset<Row> curable(Indicator i, List<Term> terms, Dataset<Row> facts, LocalDate day) {
        Dataset<Row> curable = curable(i, facts, day);
        return terms.stream()
                .filter(term -> term.id().equals(i.cure().term()))
                .findFirst()
                .map(term -> term.compiled(curable, lit(day))
                        .where(col(Term.STATE).isNotNull().and(col(Term.ENDS).isNotNull()))
                        .select(col("record_id"), col(Term.ENDS).as("from")))
                .orElseGet(() ->
                        curable.select(col("record_id"), lit(null).cast("date").as("from")));
    }

    /** The rows of a table, those for which {@code cured} holds as they would be then. */
    static Dataset<Row> cured(Indicator.Cure cure, Dataset<Row> rows, Column cured) {
        if (cure.becomes() == null) {
            return rows.where(not(coalesce(cured, lit(false))));
        }
        cure.becomes().keySet().forEach(column -> rows.schema().apply(column)); // one that is none would do nothing
        return rows.select(Stream.of(rows.columns())
                .map(column -> cure.becomes().containsKey(column)
                        ? when(
                                        cured,
                                        expr(cure.becomes().get(column))
                                                .cast(rows.schema()
                                                        .apply(column)
                                                        .dataType()))
                                .otherwise(col(column))
                                .as(column)
                        : col(column))
                .toArray(Column[]::new));
    }

    private static List<Item> items(
            Index index, List<Term> terms, LocalDate day, Map<String, Dataset<Row>> facts, List<Row> contributions) {
        Map<String, Double> weights = new HashMap<>();
        for (Row c : contributions) {
            List<String> evidence = c.getList(c.fieldIndex("evidence"));
            double weight = c.getAs("class_floor") == null
                    ? c.<BigDecimal>getAs("points").doubleValue() / Math.max(1, evidence.size())
                    : 1000;
            for (String table : c.<String>getAs("source_table").split(",")) {
                evidence.forEach(record -> weights.merge(table + " " + record, weight, Math::max));
            }
        }
        Map<String, Item> items = new LinkedHashMap<>();
        index.indicators().stream()
                .filter(i -> i.cure() != null && facts.containsKey(i.table()))
                .forEach(i -> curable(i, terms, facts.get(i.table()), day)
                        .where(col("record_id").isin(recordsOf(i.table(), weights)))
                        .orderBy("record_id")
                        .collectAsList() // of those that weigh, which name no more than 50 each
                        .forEach(row -> items.putIfAbsent(
                                i.table() + " " + row.getString(0),
                                new Item(i.table(), row.getString(0), i, row.getAs("from")))));
        return items.entrySet().stream()
                .filter(item -> weights.get(item.getKey()) > 0)
                .sorted(Comparator.comparing((Map.Entry<String, Item> item) -> -weights.get(item.getKey()))
                        .thenComparing(Map.Entry::getKey))
                .limit(RECORDS)
                .map(Map.Entry::getValue)
                .toList();
    }

    private static Object[] recordsOf(String table, Map<String, Double> weights) {
        return weights.keySet().stream()
                .filter(key -> key.startsWith(table + " "))
                .map(key -> key.substring(table.length() + 1))
                .toArray();
    }

    /** No record, then one, two and three, and at last all. */
    private static List<List<Item>> sets(List<Item> items) {
        List<List<Item>> sets = new ArrayList<>(List.of(List.of()));
        for (int from = 0, size = 1; size <= Math.min(TOGETHER, items.size()); size++) {
            int until = sets.size();
            for (int s = from; s < until; s++) {
                List<Item> set = sets.get(s);
                int next = set.isEmpty() ? 0 : items.indexOf(set.get(set.size() - 1)) + 1;
                for (int i = next; i < items.size(); i++) {
                    sets.add(
                            Stream.concat(set.stream(), Stream.of(items.get(i))).toList());
                }
            }
            from = until;
        }
        if (items.size() > TOGETHER) {
            sets.add(items);
        }
        return sets;
    }

    /** The class, and whether each cure may be done then, of every set: what is cured keeps nobody in a class that it had, either. */
    private static List<Row> tried(
            Index index,
            Classing by,
            LocalDate day,
            Dataset<Row> entity,
            Map<String, Dataset<Row>> facts,
            Dataset<Row> reaching,
            List<Item> items,
            List<List<Item>> sets) {
        List<Column> numbers = new ArrayList<>();
        List<Column> cures = new ArrayList<>();
        for (int s = 0; s < sets.size(); s++) {
            numbers.add(lit("#" + s));
            for (Item item : sets.get(s)) {
                cures.add(struct(
                        lit("#" + s).as("__set"),
                        lit(item.indicator.id()).as("__indicator"),
                        lit(item.record).as("__record")));
            }
        }
        Map<String, Indicator> curing = new TreeMap<>();
        items.forEach(item -> curing.put(item.indicator.id(), item.indicator));
        Dataset<Row> copies = broadcast(exploded(entity, numbers).withColumnRenamed("c", "__set"));
        Dataset<Row> entities = copied(entity, copies);
        Map<String, Dataset<Row>> tried = new HashMap<>();
        facts.forEach((table, rows) -> tried.put(table, copied(rows, copies)));
        List<Column> given = new ArrayList<>(List.of(col("entity_id")));
        curing.values().forEach(i -> {
            Dataset<Row> of = exploded(entity, cures)
                    .select("c.*")
                    .where(col("__indicator").equalTo(i.id()))
                    .withColumn("__cured", lit(true));
            tried.computeIfPresent(
                    i.table(),
                    (table, rows) -> cured(
                                    i.cure(),
                                    rows.join(
                                                    broadcast(of),
                                                    col("entity_id")
                                                            .equalTo(col("__set"))
                                                            .and(col("record_id")
                                                                    .equalTo(col("__record"))),
                                                    "left")
                                            .withColumn("as_of", lit(day)),
                                    col("__cured"))
                            .drop("__set", "__indicator", "__record", "__cured", "as_of"));
            if (i.cure().given() != null) {
                given.add(coalesce(expr(i.cure().given()), lit(false)).as(given(i)));
            }
        });
        Dataset<Row> wide = by.measure(entities, tried).localCheckpoint(); // what follows is planned in no time
        Dataset<Row> own = by.contributions(wide);
        Dataset<Row> all = index.association()
                .map(association -> association.counted(copied(reaching, copies), own))
                .map(others -> Association.added(own, others))
                .orElse(own);
        Dataset<Row> kept = index.hysteresis()
                .map(hysteresis -> hysteresis.held(
                        index.id().equals(Index.GENERAL)
                                ? index.scores(all).union(hysteresis.atRuns(entities, tried))
                                : hysteresis.atRunsAndNow(entities, tried)))
                .map(held -> Association.added(all, held))
                .orElse(all);
        return by.classes(kept, entities)
                .join(wide.select(given.toArray(Column[]::new)), "entity_id")
                .collectAsList(); // a row a set
    }

    private static Dataset<Row> exploded(Dataset<Row> one, List<Column> values) {
        return one.select(explode(array(values.toArray(Column[]::new))).as("c"));
    }

    private static String given(Indicator i) {
        return i.id() + "__given";
    }

    private static Dataset<Row> copied(Dataset<Row> rows, Dataset<Row> copies) {
        Column[] columns = Stream.of(rows.columns())
                .map(column -> column.equals("entity_id") ? col("__set").as("entity_id") : col(column))
                .toArray(Column[]::new);
        return rows.crossJoin(copies).select(columns);
    }
}
