package banyan.jobs.score;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_except;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.array_union;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.flatten;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.slice;
import static org.apache.spark.sql.functions.transform;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * One row per entity whose class on a day would be another, had all been known then that is known now: late records, corrections,
 * withdrawals. What was built for the day is read, not changed.
 */
public final class Restatements {
    private static final int RECORDS = 20;

    private Restatements() {}

    /**
     * @param in of the day, known at a later one; reads the day's contributions and risk_classes as they were built, and all that they
     *     are built from
     */
    public static Dataset<Row> rows(Inputs in) {
        Dataset<Row> points = Contributions.rows(in.with("obligations", Obligations.rows(in)))
                .persist(StorageLevel.MEMORY_AND_DISK());
        Dataset<Row> is = RiskClasses.rows(in.with("contributions", points))
                .select(
                        col("entity_id"),
                        col("risk_class").as("class_is"),
                        col("score").as("score_is"));
        Dataset<Row> was = in.table("risk_classes")
                .select(
                        col("entity_id"),
                        col("risk_class").as("class_was"),
                        col("score").as("score_was"),
                        col("known_at").as("was_known_at"));
        Dataset<Row> moved = was.join(is, new String[] {"entity_id"}, "full")
                .where(not(col("class_was").eqNullSafe(col("class_is"))));
        return in.stamped(moved.join(
                        causes(in.table("contributions"), points, moved.select("entity_id")),
                        new String[] {"entity_id"},
                        "left")
                .withColumn("why", coalesce(col("why"), array().cast("array<string>")))
                .withColumn("records", coalesce(col("records"), array().cast("array<string>"))));
    }

    /** Of some entities: which indicators count otherwise, and the evidence that came or went. */
    private static Dataset<Row> causes(Dataset<Row> was, Dataset<Row> is, Dataset<Row> entities) {
        String[] key = {"entity_id", "indicator"};
        Column none = array().cast("array<string>");
        Column before = coalesce(col("evidence_was"), none);
        Column after = coalesce(col("evidence_is"), none);
        Column turned = array_union(array_except(before, after), array_except(after, before));
        Column what = concat(
                col("indicator"),
                lit(" "),
                coalesce(col("counted_was").cast("string"), lit("none")),
                lit(" → "),
                coalesce(col("counted_is").cast("string"), lit("none")));
        return side(was, "was")
                .join(side(is, "is"), key, "full")
                .join(broadcast(entities), new String[] {"entity_id"}, "left_semi")
                .where(not(col("counted_was").eqNullSafe(col("counted_is"))))
                .select(
                        col("entity_id"),
                        what.as("what"),
                        transform(
                                        slice(array_sort(turned), 1, RECORDS),
                                        id -> concat(
                                                coalesce(col("table_is"), col("table_was"), lit("?")), lit(" "), id))
                                .as("records"))
                .groupBy("entity_id")
                .agg(
                        array_sort(collect_list("what")).as("why"),
                        array_sort(flatten(collect_list("records"))).as("records"));
    }

    private static Dataset<Row> side(Dataset<Row> contributions, String side) {
        return contributions.select(
                col("entity_id"),
                col("indicator"),
                col("counted").as("counted_" + side),
                col("evidence").as("evidence_" + side),
                col("source_table").as("table_" + side));
    }
}
