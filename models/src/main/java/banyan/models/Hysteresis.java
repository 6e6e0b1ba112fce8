package banyan.models;

import static org.apache.spark.sql.functions.add_months;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import banyan.schemas.Contract;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Who keeps a class by score that it had: it gets worse at once, and better when so many monthly runs have said so ({@code handbook:
 * classification §6}, proposed default). A run is the last day of a month, and measured of that day are the records that count today: what
 * was repaired, corrected or taken back since keeps nobody back, a listing that ended or a report that was filed since is so there too, and
 * nothing that happened later is seen; what had happened and was received later is. So what waits is what got better with time: decay,
 * windows, age, and what new records speak for. Overrides, floors, the province's class and what comes from others come and go at once.
 */
public final class Hysteresis {
    /** The reports that are owed by the day; a run has others. */
    static final String OWED = "obligations";

    private final Policy.Hysteresis rules;
    private final Index index;
    private final LocalDate day;

    Hysteresis(Policy.Hysteresis rules, Index index, LocalDate day) {
        this.rules = rules;
        this.index = index;
        this.day = day;
    }

    /** Whether a table tells of others that an entity is tied to: what they are comes and goes at once, and no run is measured of it. */
    public static boolean ofOthers(String table) {
        return Contract.of(table).custom("tells_of").filter("others"::equals).isPresent();
    }

    /** The runs before the day that must have said so too, the last one first: of the last day of a month, itself a run, one less. */
    public List<LocalDate> runs() {
        YearMonth last = YearMonth.from(day.plusDays(1)).minusMonths(1);
        return Stream.iterate(last, month -> month.minusMonths(1))
                .limit(rules.runs())
                .map(YearMonth::atEndOfMonth)
                .filter(run -> run.isBefore(day))
                .toList();
    }

    /**
     * One row per entity that was in a worse class by its own score at a run than it is now, by score and rules: a contribution of kind
     * floor, the worst class that it had.
     *
     * @param scores {@link #atRuns}, and {@link Index#scores} of the day itself; who is not there on the day scores 0
     * @return entity_id, indicator, kind, group, value (the score then), points (0), class_floor, source_table, evidence,
     *     evidence_count, and counted (0), as contributions have; run_on, the run's day
     */
    public Dataset<Row> held(Dataset<Row> scores) {
        Column now = col("as_of").equalTo(lit(day));
        Column byScore = index.classOf(col("score"));
        return scores.groupBy("entity_id")
                .agg(
                        max(when(
                                        not(now),
                                        struct(
                                                byScore.as("class_floor"),
                                                col("score"),
                                                col("as_of").as("run_on"))))
                                .as("was"),
                        max(when(now, greatest(byScore, col("floor")))).as("is"))
                .where(col("was.class_floor").gt(coalesce(col("is"), lit(RiskClass.A.name()))))
                .select(
                        col("entity_id"),
                        lit(rules.id()).as("indicator"),
                        lit("floor").as("kind"),
                        lit("rule").as("group"),
                        col("was.score").cast(Index.VALUE).as("value"),
                        lit(0).cast(Index.POINTS).as("points"),
                        lit(0).as("counted"),
                        col("was.class_floor").as("class_floor"),
                        lit("entities").as("source_table"),
                        array().cast("array<string>").as("evidence"),
                        lit(0).as("evidence_count"),
                        col("was.run_on").as("run_on"));
    }

    /**
     * {@link Index#scores} at the runs, of those who were there by then.
     *
     * @param entities one row per entity that is classified on the day
     * @param facts table → its rows as known on the day, as {@link Index#measure} takes them
     */
    public Dataset<Row> atRuns(Dataset<Row> entities, Map<String, Dataset<Row>> facts) {
        return scores(entities, facts, runs());
    }

    /** {@link #atRuns}, and on the day itself. */
    public Dataset<Row> atRunsAndNow(Dataset<Row> entities, Map<String, Dataset<Row>> facts) {
        return scores(
                entities, facts, Stream.concat(runs().stream(), Stream.of(day)).toList());
    }

    /** All days at once, so that a table is read and aggregated once for them. */
    private Dataset<Row> scores(Dataset<Row> entities, Map<String, Dataset<Row>> facts, List<LocalDate> days) {
        Column each = explode(
                array(days.stream().map(org.apache.spark.sql.functions::lit).toArray(Column[]::new)));
        Map<String, Dataset<Row>> then = new HashMap<>(facts);
        then.keySet().removeIf(Hysteresis::ofOthers);
        then.replaceAll(
                (table, rows) -> at(Contract.of(table), rows.drop("as_of").withColumn("as_of", each)));
        Column there = coalesce(col("established_on").leq(col("as_of")), lit(true));
        return index.scores(
                entities.drop("as_of")
                        .withColumn("as_of", each)
                        .where(there.or(col("as_of").equalTo(lit(day)))),
                then);
    }

    /**
     * The records of a table that had happened by {@code as_of}, those that ended between it and the day as over. A report is owed from
     * the day after it was due, and is the latest for a year from then on; one that was filed later is filed, and says nothing yet.
     */
    private Dataset<Row> at(Contract contract, Dataset<Row> rows) {
        if (contract.id().equals(OWED)) {
            Column since = coalesce(col("filed_on").gt(col("as_of")), lit(false));
            Column figure = when(not(since), col("liabilities_yuan"));
            return rows.where(col("due_on").lt(col("as_of")))
                    .withColumn("latest", col("as_of").leq(add_months(col("due_on"), 12)))
                    .withColumn("late", col("late").and(not(since)))
                    .withColumn("all_zero", col("all_zero").and(not(since)))
                    .withColumn("liabilities_yuan", figure);
        }
        Dataset<Row> happened = contract.custom("happened")
                .map(on -> rows.where(col(on).leq(col("as_of"))))
                .orElse(rows);
        return contract.custom("ended")
                .map(on -> happened.withColumn(
                        on,
                        when(col(on).leq(lit(day)), least(col(on), col("as_of")))
                                .otherwise(col(on))))
                .orElse(happened);
    }
}
