package banyan.jobs.conform;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lag;
import static org.apache.spark.sql.functions.lead;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.split;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;

/**
 * The versions of each record, in the order in which we received them. A record of which the sender has an older state to tell than
 * we know already (an earlier {@code changed_on}) never counts: the highest source version wins, not the last arrived. The same holds
 * of one that was set aside, let through later, and delivered before another that counts already: {@code file} begins with its day.
 *
 * <p>A record that is found to belong to another enterprise, without having been delivered anew, has a version more from the day on
 * which that was known ({@code known_from} after {@code received_on}), if it is the one that counts then.
 */
public final class Versions {
    private Versions() {}

    /**
     * @param rows valid rows with record_id, known_from, changed_on, row_hash and lineage, read more than once; those that may belong
     *     to one enterprise and later to another also with received_on, entity_id, link_tier and {@code until}, the day from which
     *     they are known to belong elsewhere or otherwise
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
        return rows.join(often, new String[] {"record_id"}, "left_anti")
                .withColumn("known_to", until(rows))
                .withColumn("version", lit(1))
                .drop("until")
                .unionByName(ordered(rows.join(often, new String[] {"record_id"}, "left_semi")));
    }

    /** Whether a version ever counted. */
    static Column counts() {
        return coalesce(col("known_to").gt(col("known_from")), lit(true));
    }

    private static boolean linked(Dataset<Row> rows) {
        return List.of(rows.columns()).contains("until");
    }

    private static Column until(Dataset<Row> rows) {
        return linked(rows) ? col("until") : lit(null).cast("date");
    }

    private static Dataset<Row> ordered(Dataset<Row> rows) {
        boolean linked = linked(rows);
        Column until = until(rows);
        Column own = linked ? col("known_from").equalTo(col("received_on")) : lit(true);
        Column place = struct(
                (linked ? col("received_on") : col("known_from")).as("received_on"),
                col("changed_on"),
                col("file"),
                col("line"),
                col("delivery"));
        WindowSpec received =
                Window.partitionBy("record_id").orderBy("known_from", "changed_on", "file", "line", "delivery");
        WindowSpec before = received.rowsBetween(Window.unboundedPreceding(), Window.currentRow());
        Column newest = max(when(col("own"), col("changed_on"))).over(before);
        Column newer = coalesce(
                col("changed_on")
                        .gt(max(when(col("own"), col("changed_on")))
                                .over(received.rowsBetween(Window.unboundedPreceding(), -1))),
                lit(false));
        Column overtaken = col("delivered_on")
                .lt(max(when(col("own"), col("delivered_on"))).over(before));
        Column outdated = coalesce(col("changed_on").lt(newest), lit(false)).or(overtaken.and(not(newer)));
        Column delivered = coalesce(split(col("file"), "/").getItem(0).try_cast("date"), col("known_from"));
        Column standing =
                max(when(col("own").and(not(col("outdated"))), col("place"))).over(before);
        Column never = linked
                ? max(col("own").and(col("outdated"))).over(Window.partitionBy("record_id", "place"))
                : lit(false);
        WindowSpec counting = Window.partitionBy("record_id", "outdated")
                .orderBy("known_from", "changed_on", "file", "line", "delivery");
        Column[] told = Stream.concat(
                        Stream.of("row_hash"), linked ? Stream.of("entity_id", "link_tier") : Stream.empty())
                .map(org.apache.spark.sql.functions::col)
                .toArray(Column[]::new);
        Column lasts = coalesce(lag(until, 1).over(counting).gt(col("known_from")), lit(true));
        Column repeat = coalesce(lag("told", 1).over(counting).equalTo(col("told")), lit(false))
                .and(lasts);
        Column next = least(lead("known_from", 1).over(counting), until);
        Column stands = coalesce(col("place").geq(col("standing")), lit(true))
                .and(coalesce(col("changed_on").geq(newest), lit(true)))
                .and(not(col("never")));
        return rows.withColumn("own", own)
                .withColumn("place", place)
                .withColumn("delivered_on", delivered)
                .withColumn("outdated", outdated)
                .withColumn("standing", standing)
                .withColumn("never", never)
                .withColumn("stands", stands)
                .where("own or stands")
                .withColumn("outdated", col("own").and(col("outdated")))
                .withColumn("told", struct(told))
                .withColumn("repeat", repeat)
                .where(not(col("repeat")))
                .withColumn("known_to", when(col("outdated"), col("known_from")).otherwise(next))
                .where(col("own").or(counts()))
                .withColumn("version", row_number().over(received))
                .drop(
                        "own",
                        "place",
                        "delivered_on",
                        "outdated",
                        "standing",
                        "never",
                        "stands",
                        "told",
                        "repeat",
                        "until");
    }
}
