package banyan.models;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import banyan.schemas.Contract;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Who keeps a class by score that it had: it gets worse at once, and better when so many monthly runs have said so ({@code handbook:
 * classification §6}, proposed default). A run is the last day of a month, and measured of that day are the records that count today: what
 * was repaired, corrected or taken back since keeps nobody back, a listing that ended since is over there too, and nothing that happened
 * later is seen. So what waits is what got better with time: decay, windows, age, and what new records speak for. Overrides, floors, the
 * province's class and what comes from others come and go at once.
 */
public final class Hysteresis {
    private final Policy.Hysteresis rules;
    private final Index index;

    Hysteresis(Policy.Hysteresis rules, Index index) {
        this.rules = rules;
        this.index = index;
    }

    /** The runs before a day that must have said so too, the last one first: of the last day of a month, itself a run, one less. */
    public List<LocalDate> runs(LocalDate day) {
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
     * @param now {@link Index#scores} of the day; who is not there scores 0
     * @param entities one row per entity that is classified on the day
     * @param facts table → its rows as known on the day, as {@link Index#measure} takes them
     * @return entity_id, indicator, kind, group, value (the score then), points (0), class_floor, source_table, evidence,
     *     evidence_count, and counted (0), as contributions have; run_on, the run's day
     */
    public Dataset<Row> held(Dataset<Row> now, Dataset<Row> entities, Map<String, Dataset<Row>> facts, LocalDate day) {
        return runs(day).stream()
                .map(run -> scores(entities, facts, day, run)
                        .select(
                                col("entity_id"),
                                struct(
                                                index.classOf(col("score")).as("class_floor"),
                                                col("score"),
                                                lit(run).as("run_on"))
                                        .as("was")))
                .reduce(Dataset::union)
                .orElseThrow()
                .where(col("was.class_floor").gt(RiskClass.A.name()))
                .groupBy("entity_id")
                .agg(max("was").as("was"))
                .join(now.select("entity_id", "score", "floor"), new String[] {"entity_id"}, "left")
                .where(col("was.class_floor").gt(greatest(index.classOf(coalesce(col("score"), lit(0))), col("floor"))))
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

    /** {@link Index#scores} at a run, of those who were there by then. */
    private Dataset<Row> scores(Dataset<Row> entities, Map<String, Dataset<Row>> facts, LocalDate day, LocalDate run) {
        Map<String, Dataset<Row>> then = new HashMap<>(facts);
        then.replaceAll((table, rows) -> at(Contract.of(table), rows, day, run));
        Dataset<Row> there = entities.where(coalesce(col("established_on").leq(lit(run)), lit(true)));
        return index.on(run).scores(there, then);
    }

    /** The records of a table that had happened at a run, those that ended between it and the day as over. */
    private static Dataset<Row> at(Contract contract, Dataset<Row> rows, LocalDate day, LocalDate run) {
        Dataset<Row> happened = contract.custom("happened")
                .map(on -> rows.where(col(on).leq(lit(run))))
                .orElse(rows);
        return contract.custom("ended")
                .map(on -> happened.withColumn(
                        on,
                        when(col(on).leq(lit(day)), least(col(on), lit(run))).otherwise(col(on))))
                .orElse(happened);
    }
}
