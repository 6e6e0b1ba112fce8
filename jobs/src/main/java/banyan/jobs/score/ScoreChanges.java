package banyan.jobs.score;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_compact;
import static org.apache.spark.sql.functions.array_except;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.flatten;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.regexp_extract;
import static org.apache.spark.sql.functions.sequence;
import static org.apache.spark.sql.functions.slice;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import banyan.jobs.Parallel;
import banyan.models.Index;
import banyan.schemas.Contract;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Why scores moved from one day to another, exactly additive: one world after the other is measured, from the earlier day to the later,
 * and what a step adds is put down to its cause. First the earlier day under the policy of the later. Then time passes over the very
 * records that counted: decay, windows, terms, reports that fall due. Then, on the later day, records are repaired; corrected or
 * withdrawn; found to belong to another enterprise; and new ones come. What reaches an enterprise from others is told last.
 */
public final class ScoreChanges {
    /** What moves a score, in the order in which the steps are taken. */
    public static final List<String> CAUSES =
            List.of("policy", "time", "repairs", "corrections", "merges", "new_facts", "associations");

    /** The causes of which each is a record's; until the first of them has happened, what counted on the earlier day does. */
    private static final List<String> OF_RECORDS = CAUSES.subList(2, 6);

    private static final int STAGES = OF_RECORDS.size() + 1;
    private static final int RECORDS = 20;

    private static final Column AT_LAST = col("entity_id").endsWith("#" + (STAGES - 1));

    private final Inputs was;
    private final Inputs is;
    private final Dataset<Row> both;
    private final Map<String, Dataset<Row>> records = new ConcurrentSkipListMap<>();

    private ScoreChanges(Inputs was, Inputs is, Dataset<Row> both) {
        this.was = was.only(both.select("entity_id"));
        this.is = is.only(both.select("entity_id"));
        this.both = both;
        TreeSet<String> read = new TreeSet<>(List.of("entities"));
        Stream.of(was, is)
                .flatMap(day -> Contributions.known(day, day.index().tables()).stream())
                .map(ScoreChanges::read)
                .forEach(read::add);
        // Worked out now, each apart: one plan of them all would take minutes to be made.
        Parallel.each(
                List.copyOf(read),
                table -> records.put(table, records(table, was, is).localCheckpoint()));
    }

    /**
     * One row per entity: entity_id, class_was, class_is, score_was, score_is, an int column for each of {@link #CAUSES}, which add up to
     * the difference of the scores; in {@code why} what each did ({@code time: penalty_decisions 150 → 105}), in {@code rules} the rules
     * that came and went ({@code + abnormal_now}), and in {@code records} the records that did ({@code new_facts: penalties 榕…}).
     *
     * @param was the earlier day, as it was known, and {@code is} the later one; both as they were built but for the policy, which is that
     *     of the later one
     * @param both those rows of {@link #both} to tell of, each with a class on both days
     */
    public static Dataset<Row> rows(Inputs was, Inputs is, Dataset<Row> both) {
        return new ScoreChanges(was, is, both.localCheckpoint()).rows();
    }

    private Dataset<Row> rows() {
        List<Column> totals = new ArrayList<>();
        List<Column> said = new ArrayList<>();
        for (int step = 0; step < CAUSES.size(); step++) {
            Column before = col("step_" + step);
            Column after = col("step_" + (step + 1));
            totals.add(sum(after.minus(before)).cast("int").as(CAUSES.get(step)));
            said.add(when(
                    after.notEqual(before),
                    concat(lit(CAUSES.get(step) + ": "), col("indicator"), lit(" "), before, lit(" → "), after)));
        }
        totals.add(array_sort(flatten(collect_list(array_compact(array(said.toArray(Column[]::new))))))
                .as("why"));
        Dataset<Row> causes = steps().groupBy("entity_id")
                .agg(totals.get(0), totals.subList(1, totals.size()).toArray(Column[]::new));
        Column none = array().cast("array<string>");
        List<Column> told = new ArrayList<>(
                List.of(col("entity_id"), col("class_was"), col("class_is"), col("score_was"), col("score_is")));
        CAUSES.forEach(cause -> told.add(coalesce(col(cause), lit(0)).as(cause)));
        told.add(coalesce(col("why"), none).as("why"));
        told.add(concat(turned("+ ", "is", "was"), turned("- ", "was", "is")).as("rules"));
        told.add(coalesce(col("records"), none).as("records"));
        return both.join(causes, new String[] {"entity_id"}, "left")
                .join(told(), new String[] {"entity_id"}, "left")
                .select(told.toArray(Column[]::new));
    }

    private static Column turned(String sign, String here, String there) {
        return org.apache.spark.sql.functions.transform(
                array_sort(array_except(col("rules_" + here), col("rules_" + there))), rule -> concat(lit(sign), rule));
    }

    /** One row per entity of either day: entity_id, and its class, score and rules on each, class_was to rules_is; null where it was not. */
    public static Dataset<Row> both(Inputs was, Inputs is) {
        return classes(was, "was").join(classes(is, "is"), new String[] {"entity_id"}, "full");
    }

    private static Dataset<Row> classes(Inputs in, String side) {
        return in.table("risk_classes")
                .select(
                        col("entity_id"),
                        col("risk_class").as("class_" + side),
                        col("score").as("score_" + side),
                        col("reason_codes").as("rules_" + side));
    }

    /** The records that came, went or changed, by entity: of each cause the first twenty. */
    private Dataset<Row> told() {
        return records.entrySet().stream()
                .map(e -> e.getValue()
                        .where("cause is not null")
                        .select(
                                col("entity_id"),
                                col("cause"),
                                concat(col("cause"), lit(": " + e.getKey() + " "), col("record_id"))
                                        .as("record")))
                .reduce(Dataset::union)
                .orElseThrow()
                .distinct()
                .groupBy("entity_id", "cause")
                .agg(slice(array_sort(collect_list("record")), 1, RECORDS).as("records"))
                .groupBy("entity_id")
                .agg(array_sort(flatten(collect_list("records"))).as("records"));
    }

    /** Of each entity and indicator what it counted: step_0 as stored, and step_n after the n-th cause. */
    private Dataset<Row> steps() {
        int last = CAUSES.size();
        Column ownFrom = when(col("step").equalTo(last - 1), array(lit(last - 1), lit(last)))
                .otherwise(array(col("step")));
        Dataset<Row> own = counted(was.table("contributions"), lit(0))
                .unionByName(counted(earlier(), lit(1)))
                .unionByName(later())
                .withColumn("step", explode(ownFrom)); // the last step is of others
        Dataset<Row> others = counted(was.table("associations"), explode(sequence(lit(0), lit(last - 1))))
                .unionByName(counted(is.table("associations"), lit(last)));
        List<Column> sums = new ArrayList<>();
        for (int step = 0; step <= last; step++) {
            sums.add(coalesce(sum(when(col("step").equalTo(step), col("counted"))), lit(0))
                    .cast("int")
                    .as("step_" + step));
        }
        return own.unionByName(others)
                .groupBy("entity_id", "indicator")
                .agg(sums.get(0), sums.subList(1, sums.size()).toArray(Column[]::new));
    }

    private static Dataset<Row> counted(Dataset<Row> contributions, Column step) {
        return contributions.select(col("entity_id"), col("indicator"), col("counted"), step.as("step"));
    }

    /** The earlier day under the policy of the later. */
    private Dataset<Row> earlier() {
        return measured(was, was, table -> records.get(table).where("since = 0").drop("since", "until", "cause"));
    }

    /**
     * The later day at every stage at once, each an enterprise of its own. What a source first told of, and so what is no longer unknown,
     * is new at the last.
     */
    private Dataset<Row> later() {
        Column stage = regexp_extract(col("entity_id"), "#([0-9]+)$", 1).cast("int");
        Dataset<Row> before =
                measured(is, was, table -> staged(records.get(table)).where(not(AT_LAST)));
        Dataset<Row> last = measured(is, is, table -> staged(records.get(table)).where(AT_LAST));
        return counted(before.unionByName(last), stage.plus(2))
                .withColumn("entity_id", regexp_extract(col("entity_id"), "^(.*)#[0-9]+$", 1));
    }

    /**
     * The contributions of a day, made of these rows of each table.
     *
     * @param covered the day whose sources had told of something
     */
    private static Dataset<Row> measured(Inputs day, Inputs covered, Function<String, Dataset<Row>> rows) {
        Index index = day.index();
        Dataset<Row> entities = rows.apply("entities");
        Map<String, Dataset<Row>> facts = new HashMap<>();
        Contributions.known(covered, index.tables())
                .forEach(table -> facts.put(
                        table,
                        table.equals("obligations")
                                ? Obligations.of(day.asOf(), covered, entities, rows.apply("reports"))
                                : day.used(table, rows.apply(table))));
        return index.contributions(index.measure(entities.where(index.inScope()), facts))
                .localCheckpoint();
    }

    /** What a table that is worked out is made of. */
    private static String read(String table) {
        return table.equals("obligations") ? "reports" : table;
    }

    private static Dataset<Row> staged(Dataset<Row> rows) {
        Column last = coalesce(col("until"), lit(STAGES)).minus(1);
        return rows.withColumn("stage", explode(sequence(col("since"), last)))
                .withColumn("entity_id", concat(col("entity_id"), lit("#"), col("stage")))
                .drop("since", "until", "stage", "cause");
    }

    /**
     * The records of a table that count on either day, with the stages from which and until which they do, and the cause where that is not
     * all of them.
     *
     * @param before and {@code after}: the days, of all entities
     */
    private Dataset<Row> records(String table, Inputs before, Inputs after) {
        String[] key = {"entity_id", "record_id"};
        Dataset<Row> there = was.known(table);
        Dataset<Row> here = is.known(table);
        Dataset<Row> other = there.select(
                        col("entity_id"), col("record_id"), col("row_hash").as("hash_was"))
                .join(
                        here.select(
                                col("entity_id"),
                                col("record_id"),
                                col("row_hash").as("hash_is")),
                        key,
                        "full")
                .where(not(col("hash_was").eqNullSafe(col("hash_is"))));
        Dataset<Row> ids = other.select("record_id").distinct();
        Column gone = cause("is", after.asOf(), "corrections");
        Column came = cause("was", before.asOf(), "new_facts");
        Column cause = when(col("hash_is").isNull(), gone)
                .when(col("hash_was").isNull(), came)
                .otherwise("corrections");
        Dataset<Row> caused = other.join(version(table, before, ids, "was"), new String[] {"record_id"}, "left")
                .join(version(table, after, ids, "is"), new String[] {"record_id"}, "left")
                .withColumn("cause", cause)
                .select("entity_id", "record_id", "cause");
        Column at = lit(null).cast("int");
        for (int stage = 1; stage < STAGES; stage++) {
            at = when(col("cause").equalTo(OF_RECORDS.get(stage - 1)), lit(stage))
                    .otherwise(at);
        }
        return there.join(caused, key, "left")
                .withColumn("since", lit(0))
                .withColumn("until", at)
                .unionByName(here.join(caused, key)
                        .withColumn("since", at)
                        .withColumn("until", lit(null).cast("int")));
    }

    /**
     * Why a record does not count on one day that counts on the other.
     *
     * @param side the day on which it does not
     * @param unheard the cause where nothing had been heard of it, or it had not happened yet
     */
    private static Column cause(String side, LocalDate day, String unheard) {
        return when(col("version_" + side).isNull(), unheard)
                .when(not(col("entity_" + side).eqNullSafe(col("entity_id"))), "merges")
                .when(col("withdrawn_" + side), "corrections")
                .when(col("happened_" + side).gt(lit(day)), unheard)
                .otherwise("repairs");
    }

    /** The versions in which some records were known on a day, whether they count or not. */
    private static Dataset<Row> version(String table, Inputs in, Dataset<Row> ids, String side) {
        Column happened = Contract.of(table)
                .custom("happened")
                .map(org.apache.spark.sql.functions::col)
                .orElse(lit(null).cast("date"));
        return in.received(table)
                .join(ids, new String[] {"record_id"}, "left_semi")
                .select(
                        col("record_id"),
                        col("version").as("version_" + side),
                        col("entity_id").as("entity_" + side),
                        col("withdrawn").as("withdrawn_" + side),
                        happened.as("happened_" + side));
    }
}
