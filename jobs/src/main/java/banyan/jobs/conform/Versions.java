package banyan.jobs.conform;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lag;
import static org.apache.spark.sql.functions.lead;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.split;
import static org.apache.spark.sql.functions.when;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;

/**
 * The versions of each record, in the order in which we received them. A record of which the sender has an older state to tell than
 * we know already (an earlier {@code changed_on}) never counts: the highest source version wins, not the last arrived. The same holds
 * of one that was set aside, let through later, and delivered before another that counts already: {@code file} begins with its day.
 */
public final class Versions {
    private Versions() {}

    /**
     * @param rows valid rows with record_id, known_from, changed_on, row_hash and lineage; read more than once
     * @param few whether the ids of all records fit into memory: then only records of more than one row are sorted
     * @return the same without repeats of what was already known, with version and known_to; known_to equals known_from where a
     *     version never counted
     */
    public static Dataset<Row> of(Dataset<Row> rows, boolean few) {
        if (!few) {
            return ordered(rows);
        }
        Dataset<Row> often =
                broadcast(rows.groupBy("record_id").count().where("count > 1").drop("count"));
        Column none = lit(null).cast("date");
        return rows.join(often, new String[] {"record_id"}, "left_anti")
                .withColumn("known_to", none)
                .withColumn("version", lit(1))
                .unionByName(ordered(rows.join(often, new String[] {"record_id"}, "left_semi")));
    }

    private static Dataset<Row> ordered(Dataset<Row> rows) {
        WindowSpec received =
                Window.partitionBy("record_id").orderBy("known_from", "changed_on", "file", "line", "delivery");
        WindowSpec before = received.rowsBetween(Window.unboundedPreceding(), Window.currentRow());
        Column newest = max("changed_on").over(before);
        Column newer = coalesce(
                col("changed_on").gt(max("changed_on").over(received.rowsBetween(Window.unboundedPreceding(), -1))),
                lit(false));
        Column overtaken = col("delivered_on").lt(max("delivered_on").over(before));
        Column outdated = coalesce(col("changed_on").lt(newest), lit(false)).or(overtaken.and(not(newer)));
        Column delivered = coalesce(split(col("file"), "/").getItem(0).try_cast("date"), col("known_from"));
        WindowSpec counting = Window.partitionBy("record_id", "outdated")
                .orderBy("known_from", "changed_on", "file", "line", "delivery");
        Column repeat = coalesce(lag("row_hash", 1).over(counting).equalTo(col("row_hash")), lit(false));
        Column next = lead("known_from", 1).over(counting);
        return rows.withColumn("delivered_on", delivered)
                .withColumn("outdated", outdated)
                .withColumn("repeat", repeat)
                .where(not(col("repeat")))
                .withColumn("known_to", when(col("outdated"), col("known_from")).otherwise(next))
                .withColumn("version", row_number().over(received))
                .drop("delivered_on", "outdated", "repeat");
    }
}
