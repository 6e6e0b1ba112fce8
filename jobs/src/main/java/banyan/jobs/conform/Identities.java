package banyan.jobs.conform;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.lag;
import static org.apache.spark.sql.functions.lead;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;

/**
 * One row per period in which a record of the register stood for an enterprise, of the records of which the enterprise changed: one
 * that was without a credit code got one, or a wrong one was put right. The period before stays what it was. Where no other record of
 * the register stands for the enterprise left behind, that one is <em>merged</em> into the new one: it ends, and its history is found
 * under the new one from that day on. Where another does, this one is <em>split</em> off, and the other lives on.
 */
public final class Identities {
    private static final String[] RECORD = {"sender", "record_no"};

    private Identities() {}

    public static Dataset<Row> rows(Inputs in) {
        Dataset<Row> raw = in.table("raw_registrations");
        Dataset<Row> ids = Entities.ids(raw);
        Dataset<Row> changed = ids.groupBy("sender", "record_no")
                .agg(min("entity_id").as("one"), max("entity_id").as("other"))
                .where(not(col("one").equalTo(col("other"))))
                .select("sender", "record_no");
        if (changed.isEmpty()) {
            return in.none("identities");
        }
        Dataset<Row> involved = ids.join(broadcast(changed), RECORD, "left_semi")
                .select("entity_id")
                .distinct();
        return periods(Entities.good(Entities.of(raw, involved)));
    }

    /**
     * before → now: of every enterprise that was merged into another, as known, the one that goes on with it, at most four mergers on.
     * Each before stands there once, and none for which a record of the register stands again.
     *
     * @param in reads identities
     */
    public static Dataset<Row> goingOn(Inputs in) {
        Dataset<Row> known = in.began("identities");
        Dataset<Row> standing =
                in.received("identities").select(col("entity_id").as("before"));
        Dataset<Row> merged = known.where(col("event").equalTo("merged"))
                .groupBy("before")
                .agg(max_by(col("entity_id"), struct("known_from", "sender", "record_no", "period"))
                        .as("now"))
                .join(standing.distinct(), new String[] {"before"}, "left_anti");
        Dataset<Row> goingOn = merged;
        for (int hop = 0; hop < 3; hop++) {
            Dataset<Row> next =
                    merged.select(col("before").as("now"), col("now").as("then"));
            goingOn = goingOn.join(next, new String[] {"now"}, "left")
                    .select(col("before"), coalesce(col("then"), col("now")).as("now"));
        }
        return goingOn;
    }

    /** Rows with their entity_id as {@code now}, the enterprise that goes on with it. @param goingOn what {@link #goingOn} gives */
    public static Dataset<Row> followed(Dataset<Row> rows, Dataset<Row> goingOn) {
        return rows.join(goingOn.withColumnRenamed("before", "entity_id"), new String[] {"entity_id"}, "left")
                .withColumn("now", coalesce(col("now"), col("entity_id")));
    }

    /** @param said what registrations say of some enterprises, all records that ever stood for one of them */
    static Dataset<Row> periods(Dataset<Row> said) {
        WindowSpec record = Window.partitionBy("sender", "record_no");
        WindowSpec history = record.orderBy("version");
        Column line = struct("delivery", "line");
        Dataset<Row> versions = Versions.of(
                        said.withColumn("record_id", concat_ws("/", col("sender"), col("record_no"))), false)
                .where(Versions.counts().and(not(col("withdrawn"))));
        Dataset<Row> periods = versions.withColumn("before", lag("entity_id", 1).over(history))
                .withColumn("last", lag(line, 1).over(history))
                .where("before is null or before <> entity_id")
                .withColumn("period", row_number().over(history))
                .withColumn("known_to", lead("known_from", 1).over(history))
                .withColumn("periods", max("period").over(record))
                .where("periods > 1");
        Dataset<Row> others = versions.select(
                col("entity_id").as("__entity"),
                col("sender").as("__sender"),
                col("record_no").as("__no"),
                col("known_from").as("__from"),
                col("known_to").as("__to"),
                struct(col("known_from"), col("changed_on"), col("file"), line.as("line"))
                        .as("__place"));
        Column another = col("before")
                .equalTo(col("__entity"))
                .and(not(col("sender")
                        .equalTo(col("__sender"))
                        .and(col("record_no").equalTo(col("__no")))))
                .and(col("__from").leq(col("known_from")))
                .and(coalesce(col("__to").gt(col("known_from")), lit(true)));
        String[] period = {"sender", "record_no", "period"};
        Dataset<Row> staying = periods.join(others, another)
                .groupBy("sender", "record_no", "period")
                .agg(max("__place").getField("line").as("staying"));
        return periods.join(staying, period, "left")
                .withColumn(
                        "event",
                        when(
                                col("before").isNotNull(),
                                when(col("staying").isNotNull(), "split").otherwise("merged")))
                .withColumn("said", when(col("before").isNotNull(), coalesce(col("staying"), col("last"))))
                .withColumn("said_delivery", col("said.delivery"))
                .withColumn("said_line", col("said.line"));
    }

    /** The periods of the records that changed: sender, record_no and, as intervals, {@code stood}. */
    static Dataset<Row> histories(Dataset<Row> identities) {
        return identities
                .groupBy("sender", "record_no")
                .agg(collect_list(struct(
                                col("entity_id"),
                                col("known_from").as("from"),
                                col("known_to").as("to")))
                        .as("stood"));
    }
}
