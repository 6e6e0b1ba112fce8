package banyan.jobs.conform;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_distinct;
import static org.apache.spark.sql.functions.array_min;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * One row per number or name and the days on which we knew of one enterprise alone that bears it or bore it: what records are linked by
 * ({@link Links}). A number is a credit code, a 15-digit number or a sender's own; a name counts within its area and, for records
 * without one, in the whole city. An enterprise that the register took back bears nothing while it is away.
 */
public final class EntityKeys {
    private EntityKeys() {}

    public static Dataset<Row> rows(Inputs in) {
        return of(in.table("entities"));
    }

    static Dataset<Row> of(Dataset<Row> entities) {
        Dataset<Row> away = entities.where(col("withdrawn").and(Versions.counts()))
                .groupBy("entity_id")
                .agg(collect_list(struct(
                                col("known_from").as("from"), col("known_to").as("to")))
                        .as("away"));
        Dataset<Row> borne = keysOf(entities.where(not(col("withdrawn"))))
                .join(broadcast(away), new String[] {"entity_id"}, "left")
                .withColumn("there", when(col("away").isNull(), array(always())).otherwise(between(col("away"))))
                .select(col("key"), col("entity_id"), explode(col("there")).as("there"));
        Column bearers = col("bearers");
        Column sole = Timeline.of(
                Timeline.days(array_min(transform(bearers, b -> b.getField("from"))), bearers),
                day -> Timeline.let(
                        array_distinct(transform(Timeline.at(bearers, day), b -> b.getField("entity_id"))),
                        ids -> when(size(ids).equalTo(1), ids.getItem(0))));
        return borne.groupBy("key")
                .agg(collect_set(struct("entity_id", "there.from", "there.to")).as("bearers"))
                .select(col("key"), explode(sole).as("sole"))
                .where("sole.value is not null")
                .selectExpr("key", "sole.value entity_id", "sole.from known_from", "sole.to known_to");
    }

    /** From the day on which a row of an enterprise was known. */
    private static Column always() {
        return struct(col("known_from").as("from"), lit(null).cast("date").as("to"));
    }

    /** The same without the days on which the enterprise was away. */
    private static Column between(Column away) {
        Column there = Timeline.of(
                Timeline.days(col("known_from"), away),
                day -> size(Timeline.at(away, day)).equalTo(0));
        return transform(filter(there, t -> t.getField("value")), t -> struct(t.getField("from"), t.getField("to")));
    }

    /** Each key that an entity bears or has borne: entity_id, key and the day from which a version that bears it was known. */
    public static Dataset<Row> keysOf(Dataset<Row> entities) {
        Column keys = array(
                credit(col("credit_code")),
                registered(col("reg_no")),
                own(col("sender"), col("record_no")),
                named(coalesce(col("area_code"), lit("?")), col("name_key")),
                named(lit("*"), col("name_key")));
        return entities.select(
                        col("entity_id"), col("known_from"), explode(keys).as("key"))
                .where(col("key").isNotNull());
    }

    /** The key of a record's number: of its credit code, or the old number in its place, or else the sender's own; null without one. */
    static Column ofNumber(Column code, Column sender, Column own) {
        return when(code.rlike("^[0-9]{15}$"), registered(code))
                .when(code.isNotNull(), credit(code))
                .when(own.isNotNull(), own(sender, own));
    }

    /** The key of a record's name in its area; null without a name. */
    static Column ofName(Column area, Column nameKey) {
        return named(coalesce(area, lit("*")), nameKey);
    }

    private static Column credit(Column code) {
        return concat(lit("credit_code "), code);
    }

    private static Column registered(Column number) {
        return concat(lit("reg_no "), number);
    }

    private static Column own(Column sender, Column number) {
        return concat(lit("entity_no "), sender, lit(" "), number);
    }

    private static Column named(Column area, Column nameKey) {
        return concat(lit("name "), area, lit(" "), nameKey);
    }
}
