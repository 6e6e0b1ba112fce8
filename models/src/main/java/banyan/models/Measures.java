package banyan.models;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/**
 * What is measured of enterprises on a day, or on several: all indicators over one table in one aggregation of it.
 *
 * @param decay indicator → the factors by which its records' points shrink with their age
 */
record Measures(List<Indicator> indicators, Map<String, List<Policy.Decay>> decay, LocalDate day) {
    /** What is measured of a table stands, until it is taken apart, in a column of this and the table's name. */
    private static final String OF = "__of_";

    /** One aggregate of something of a record: count(if(…)). */
    private static final Pattern AGGREGATE = Pattern.compile("(?i)(?:count|sum|min|max|avg)\\((?:distinct )?(.*)\\)");

    /** The indicators of some indexes, each under its own classes. */
    static Measures of(List<Index> indexes, LocalDate day) {
        Map<String, List<Policy.Decay>> decay = new HashMap<>();
        indexes.forEach(index -> index.indicators()
                .forEach(i -> decay.put(i.id(), index.classes().decay())));
        return new Measures(
                indexes.stream().flatMap(index -> index.indicators().stream()).toList(), decay, day);
    }

    /**
     * {@link Index#measure}.
     *
     * @param kept columns of entities that are kept
     */
    Dataset<Row> wide(Dataset<Row> entities, Map<String, Dataset<Row>> facts, String... kept) {
        Column today = lit(day).cast("date");
        Map<String, Dataset<Row>> dated = new HashMap<>(facts);
        dated.replaceAll((table, rows) -> rows.drop("as_of").withColumn("as_of", today));
        return wide(entities, dated, List.of("entity_id"), kept);
    }

    /**
     * Values and points of each entity on each of some days, without the records they rest on, which cost more than all else.
     *
     * @param entities with {@code as_of}, a row for each day
     * @param facts likewise, each with the records that count on the day
     */
    Dataset<Row> bare(Dataset<Row> entities, Map<String, Dataset<Row>> facts) {
        return wide(entities, facts, List.of("entity_id", "as_of"));
    }

    /** @param key of one day the entity; of several it and the day, and no evidence */
    private Dataset<Row> wide(
            Dataset<Row> entities, Map<String, Dataset<Row>> facts, List<String> key, String... kept) {
        boolean evidence = key.size() == 1;
        Dataset<Row> wide = entities.select(Stream.concat(key.stream(), Stream.of(kept))
                .map(org.apache.spark.sql.functions::col)
                .toArray(Column[]::new));
        for (String table :
                new TreeSet<>(indicators.stream().map(Indicator::table).toList())) {
            List<Indicator> here =
                    indicators.stream().filter(i -> i.table().equals(table)).toList();
            if (facts.containsKey(table)) {
                wide = wide.join(
                        together(aggregated(facts.get(table), here, key), table, key),
                        key.toArray(String[]::new),
                        "left");
            }
        }
        Column none = array().cast("array<string>");
        List<Column> values = new ArrayList<>();
        key.forEach(column -> values.add(col(column)));
        Stream.of(kept).forEach(column -> values.add(col(column)));
        for (Indicator i : indicators) {
            if (!facts.containsKey(i.table())) {
                values.add(lit(null).cast(Index.VALUE).as(i.id())); // alone: it gives no points, and has no evidence
                continue;
            }
            Column absent = lit(i.each() == null ? i.absent() : BigDecimal.ZERO).cast(Index.VALUE);
            Column of = col(OF + i.table());
            values.add(coalesce(of.getField(i.id() + "__value"), absent).as(i.id()));
            if (evidence) {
                values.add(coalesce(of.getField(i.id() + "__evidence"), none).as(i.id() + "__evidence"));
                values.add(coalesce(of.getField(i.id() + "__count"), lit(0)).as(i.id() + "__count"));
            }
            values.add(
                    (i.each() == null ? lit(0) : coalesce(of.getField(i.id() + "__sum"), lit(0))).as(i.id() + "__sum"));
        }
        Dataset<Row> measured = wide.select(values.toArray(Column[]::new));
        List<Column> scored = new ArrayList<>(List.of(col("*")));
        List<Indicator> known =
                indicators.stream().filter(i -> facts.containsKey(i.table())).toList();
        known.forEach(i -> scored.add(points(i).as(i.id() + "__raw")));
        List<Column> twinned = new ArrayList<>(List.of(col("*")));
        known.forEach(i -> twinned.add(afterTwin(i, known).cast(Index.POINTS).as(i.id() + "__points")));
        return measured.select(scored.toArray(Column[]::new)).select(twinned.toArray(Column[]::new));
    }

    /**
     * All that is measured of a table in one column: joined to the next, a row is written out anew, and of most tables an entity has no
     * record, which then costs one null and not one for every indicator.
     */
    private static Dataset<Row> together(Dataset<Row> aggregated, String table, List<String> key) {
        Column[] measured = Stream.of(aggregated.columns())
                .filter(column -> !key.contains(column))
                .map(org.apache.spark.sql.functions::col)
                .toArray(Column[]::new);
        Column[] all = Stream.concat(
                        key.stream().map(org.apache.spark.sql.functions::col),
                        Stream.of(struct(measured).as(OF + table)))
                .toArray(Column[]::new);
        return aggregated.select(all);
    }

    /** Checks every expression against an empty frame of the one table that is measured. */
    void check(Dataset<Row> empty) {
        aggregated(empty.drop("as_of").withColumn("as_of", lit(day)), indicators, List.of("entity_id"))
                .schema();
        crossing(indicators.get(0).table(), empty, day).schema();
        indicators.stream().filter(i -> i.cure() != null).forEach(i -> {
            Cures.curable(i, empty, day).schema();
            Cures.cured(i.cure(), empty.withColumn("as_of", lit(day)), lit(true))
                    .schema();
        });
    }

    /** One aggregation: the key and, for each indicator, value, sum of record points and, of one day, evidence and count. */
    private Dataset<Row> aggregated(Dataset<Row> facts, List<Indicator> here, List<String> key) {
        boolean evidence = key.size() == 1;
        Dataset<Row> rows = facts.where(col("entity_id").isNotNull());
        boolean recorded = List.of(rows.columns()).contains("record_id"); // not what was worked out of an enterprise
        if (here.stream().allMatch(Measures::onlyInWindow)) {
            rows = rows.where(here.stream().map(i -> "(" + inWindow(i) + ")").collect(Collectors.joining(" or ")));
        }
        List<Column> weights = new ArrayList<>(List.of(col("*")));
        List<Column> costs = new ArrayList<>(List.of(col("*")));
        for (Indicator i : here) {
            if (i.each() != null) {
                Column weight = weight(i, false);
                weights.add((i.newest() == null
                                ? weight
                                : when(newest(i, key), weight).otherwise(0))
                        .as(i.id() + "__weight"));
                costs.add(cost(i, key).cast(Index.POINTS).as(i.id() + "__cost"));
            }
        }
        rows = rows.select(weights.toArray(Column[]::new)).select(costs.toArray(Column[]::new));
        List<Column> aggregates = new ArrayList<>();
        for (Indicator i : here) {
            String counts = i.each() == null ? inWindow(i) : i.id() + "__cost > 0";
            String value = i.each() == null ? filtered(i.measure(), counts) : filtered("count(1)", counts);
            aggregates.add(expr(value).cast(Index.VALUE).as(i.id() + "__value"));
            if (evidence) {
                String order =
                        i.window() == null ? "cast(null as date)" : i.window().ending();
                String list = filtered("collect_list(struct(" + order + " as day, record_id))", counts);
                String newest = recorded
                        ? "slice(transform(sort_array(" + list + ", false), x -> x.record_id), 1, " + Index.EVIDENCE
                                + ")"
                        : "cast(array() as array<string>)";
                aggregates.add(expr(newest).as(i.id() + "__evidence"));
                aggregates.add(expr(recorded ? filtered("count(1)", counts) : "0")
                        .cast("int")
                        .as(i.id() + "__count"));
            }
            if (i.each() != null) {
                aggregates.add(
                        expr("sum(" + i.id() + "__cost)").cast(Index.POINTS).as(i.id() + "__sum"));
            }
        }
        return rows.groupBy(
                        key.stream().map(org.apache.spark.sql.functions::col).toArray(Column[]::new))
                .agg(aggregates.get(0), aggregates.subList(1, aggregates.size()).toArray(Column[]::new));
    }

    /** {@link Index#crossing}. */
    Dataset<Row> crossing(String table, Dataset<Row> facts, LocalDate before) {
        List<Indicator> here =
                indicators.stream().filter(i -> i.table().equals(table)).toList();
        List<Column> parts = here.stream().flatMap(i -> parts(i).stream()).toList();
        if (parts.isEmpty()) {
            return facts.select("entity_id").limit(0);
        }
        Column part = struct(parts.toArray(Column[]::new));
        return facts.drop("as_of")
                .where(col("entity_id").isNotNull())
                .withColumn("as_of", lit(before))
                .withColumn("__before", part)
                .withColumn("as_of", lit(day))
                .where(not(col("__before").eqNullSafe(part)))
                .select("entity_id");
    }

    /** What one record puts into an indicator on the day {@code as_of}. */
    private List<Column> parts(Indicator i) {
        Column in = coalesce(expr(inWindow(i)), lit(false));
        if (i.each() != null) {
            Column weight = when(in, weight(i, true)).otherwise(lit(0));
            Column counts = weight(i, false).gt(0);
            return i.decay() ? List.of(weight, counts, decay(i)) : List.of(weight, counts);
        }
        if (!i.measure().toLowerCase(Locale.ROOT).contains("as_of")) {
            return List.of(in);
        }
        // What the aggregate is taken of; where that cannot be told, the day itself, so that every record crosses.
        Matcher call = AGGREGATE.matcher(i.measure().strip());
        boolean told = call.matches() && balanced(call.group(1));
        return List.of(in, told ? expr("struct(" + call.group(1) + ")") : col("as_of"));
    }

    private static boolean balanced(String text) {
        int depth = 0;
        for (int c = 0; c < text.length() && depth >= 0; c++) {
            depth += text.charAt(c) == '(' ? 1 : text.charAt(c) == ')' ? -1 : 0;
        }
        return depth == 0;
    }

    /** Whether records outside its window change nothing: no precedent is sought there, and none is as good as some that count 0. */
    private static boolean onlyInWindow(Indicator i) {
        return i.recurrence() == null
                && (i.each() != null || i.absent() != null && i.absent().signum() == 0);
    }

    /** Points of one record before factors: the first line that fits; with terms, 0 once the line's own months are over. */
    private static Column weight(Indicator i, boolean terms) {
        Column weight = lit(0);
        for (int n = i.each().size() - 1; n >= 0; n--) {
            Indicator.Line line = i.each().get(n);
            Column points = lit(line.points());
            if (terms && line.months() != null) {
                points = when(expr(before(i.window().ending(), line.months())), points)
                        .otherwise(lit(0));
            }
            weight = when(expr(line.when()), points).otherwise(weight);
        }
        return weight;
    }

    /** Points of one record in the window, times recurrence and decay. */
    private Column cost(Indicator i, List<String> key) {
        Column cost = when(col(i.id() + "__weight").gt(0), weight(i, true))
                .otherwise(0)
                .cast(Index.POINTS);
        if (i.recurrence() != null) {
            cost = cost.multiply(recurrence(i, key));
        }
        if (i.decay()) {
            cost = cost.multiply(decay(i));
        }
        return when(expr(inWindow(i)), cost).otherwise(lit(0));
    }

    private static Column newest(Indicator i, List<String> key) {
        Column[] same = Stream.concat(key.stream(), Stream.of(i.newest().of()))
                .map(org.apache.spark.sql.functions::col)
                .toArray(Column[]::new);
        return row_number()
                .over(Window.partitionBy(same)
                        .orderBy(col(i.newest().by()).desc(), col("record_id").desc()))
                .equalTo(1);
    }

    /**
     * The factor of the n-th same thing within the months. Only records that weigh something count, a passed sample is no precedent;
     * records of one day are told apart by record_id.
     */
    private static Column recurrence(Indicator i, List<String> key) {
        Indicator.Recurrence r = i.recurrence();
        String weighs = i.id() + "__weight > 0";
        String same = "partition by " + String.join(", ", key) + ", " + r.same() + ", " + weighs;
        String sameDay = same + ", " + i.window().ending();
        Column nth = expr("count(1) over (" + same + " order by " + i.window().ending() + " range between interval '"
                + r.months()
                + "' month preceding and current row) - count(1) over (" + sameDay + ") + row_number() over (" + sameDay
                + " order by record_id)");
        Column factor = lit(r.times().get(r.times().size() - 1));
        for (int n = r.times().size() - 1; n >= 1; n--) {
            factor = when(nth.leq(n), lit(r.times().get(n - 1))).otherwise(factor);
        }
        return when(col(r.same()).isNull(), lit(r.times().get(0)))
                .otherwise(factor)
                .cast("decimal(6,3)");
    }

    private Column decay(Indicator i) {
        List<Policy.Decay> steps = decay.get(i.id());
        Column factor = lit(BigDecimal.ZERO);
        for (int d = steps.size() - 1; d >= 0; d--) {
            Policy.Decay step = steps.get(d);
            factor = when(
                            expr("as_of <= add_months(" + i.window().ending() + ", " + step.months() + ")"),
                            lit(step.factor()))
                    .otherwise(factor);
        }
        return factor.cast("decimal(6,3)");
    }

    private static String inWindow(Indicator i) {
        String where = i.where() == null ? "true" : "(" + i.where() + ")";
        return i.window() == null
                ? where
                : where + " and " + i.window().ending() + " <= as_of and "
                        + before(i.window().ending(), i.window().months());
    }

    /** Half open: a term of n months from 29 February ends on 28 February, and the record is out on that day. */
    private static String before(String column, int months) {
        return "as_of < add_months(" + column + ", " + months + ")";
    }

    private static String filtered(String aggregate, String condition) {
        return aggregate + " filter (where " + condition + ")";
    }

    private static Column points(Indicator i) {
        if (i.each() != null) {
            return coalesce(col(i.id() + "__sum"), lit(0)).cast(Index.POINTS);
        }
        Column points = lit(0);
        List<Indicator.Band> bands = Optional.ofNullable(i.points()).orElse(List.of());
        for (int b = bands.size() - 1; b >= 0; b--) {
            Indicator.Band band = bands.get(b);
            points = band.below() == null
                    ? lit(band.points())
                    : when(col(i.id()).lt(band.below()), lit(band.points())).otherwise(points);
        }
        return when(col(i.id()).isNull(), lit(0)).otherwise(points).cast(Index.POINTS);
    }

    /** Of two twins the larger counts; of equals the one that names the other gives way. */
    private static Column afterTwin(Indicator i, List<Indicator> known) {
        Column own = col(i.id() + "__raw");
        if (known.stream().anyMatch(other -> other.id().equals(i.twin()))) {
            return when(own.gt(col(i.twin() + "__raw")), own).otherwise(lit(0));
        }
        return known.stream()
                .filter(other -> i.id().equals(other.twin()))
                .findFirst()
                .map(other -> when(own.geq(col(other.id() + "__raw")), own).otherwise(lit(0)))
                .orElse(own);
    }
}
