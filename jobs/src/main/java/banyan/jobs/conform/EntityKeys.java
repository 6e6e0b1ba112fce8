package banyan.jobs.conform;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_contains;
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
import static org.apache.spark.sql.functions.get;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.instr;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.split;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.substring_index;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * One row per number or name and the days on which we knew of one enterprise alone that bears it or bore it: what records are linked by
 * ({@link Linked}). A number is a credit code, a 15-digit number or a sender's own; a name counts within its area and, for records
 * without one, in the whole city. A number that is an enterprise's id leads to it while it is there; one that was merged into another
 * passes its keys on. An enterprise that the register took back bears nothing while it is away.
 */
public final class EntityKeys {
    private EntityKeys() {}

    public static Dataset<Row> rows(Inputs in) {
        return of(in.table("entities"), in.table("identities"));
    }

    static Dataset<Row> of(Dataset<Row> entities, Dataset<Row> identities) {
        Dataset<Row> away = entities.where(col("withdrawn").and(Versions.counts()))
                .groupBy("entity_id")
                .agg(collect_list(struct(
                                col("known_from").as("from"), col("known_to").as("to")))
                        .as("away"));
        Column bearers = col("bearers");
        Column number = split(col("key"), " ").getItem(1); // what it names leads to it, whoever bears it too
        Column first = get(bearers, lit(0));
        Column lone = size(bearers).equalTo(1).and(first.getField("to").isNull());
        Column alone = Timeline.since(first.getField("from"), first.getField("entity_id"));
        Column ofMany = Timeline.of(
                Timeline.days(array_min(transform(bearers, b -> b.getField("from"))), bearers),
                day -> Timeline.let(
                        array_distinct(transform(Timeline.at(bearers, day), b -> b.getField("entity_id"))),
                        ids -> when(array_contains(ids, number), number)
                                .when(size(ids).equalTo(1), ids.getItem(0))));
        return keysOf(entities.where("not withdrawn and moved_to is null"))
                .join(broadcast(Identities.histories(identities)), new String[] {"sender", "record_no"}, "left")
                .withColumn("b", when(col("stood").isNull(), array(always())).otherwise(passed()))
                .select(col("key"), explode(col("b")).as("b"))
                .select("key", "b.*")
                .join(broadcast(away), new String[] {"entity_id"}, "left")
                .withColumn("b", when(col("away").isNull(), array(bearer())).otherwise(there()))
                .select(col("key"), explode(col("b")).as("b"))
                // Keys begin alike: by a hash before them they are sorted without a look at all of each.
                .groupBy(xxhash64(col("key")), col("key"))
                .agg(collect_set("b").as("bearers"))
                // Most are borne by one, and the days of the others are looked at by what is not compiled.
                .withColumn("soles", when(lone, alone).otherwise(ofMany))
                .select(col("key"), explode(col("soles")).as("sole"))
                .where("sole.value is not null")
                .selectExpr("key", "sole.value entity_id", "sole.from known_from", "sole.to known_to");
    }

    /** The enterprise of a row bears its key from the day on which the row was known. */
    private static Column always() {
        return struct(
                col("entity_id"),
                col("known_from").as("from"),
                lit(null).cast("date").as("to"));
    }

    /** The key of a record of the register is borne by whom it stood for, whomever it stood for when it told the key. */
    private static Column passed() {
        Column passed = transform(
                col("stood"),
                s -> struct(
                        s.getField("entity_id").as("entity_id"),
                        greatest(s.getField("from"), col("known_from")).as("from"),
                        s.getField("to").as("to")));
        return filter(passed, p -> coalesce(p.getField("to").gt(p.getField("from")), lit(true)));
    }

    private static Column bearer() {
        return struct("entity_id", "from", "to");
    }

    /** The same without the days on which the enterprise was away. */
    private static Column there() {
        Column there = Timeline.of(
                Timeline.days(col("from"), col("away"), array(bearer())),
                day -> size(Timeline.at(col("away"), day)).equalTo(0).and(coalesce(day.lt(col("to")), lit(true))));
        return transform(
                filter(there, t -> t.getField("value")),
                t -> struct(
                        col("entity_id"),
                        t.getField("from").as("from"),
                        t.getField("to").as("to")));
    }

    /** Each key that an entity bears or has borne: entity_id, the record of the register, the day from which it was known, and key. */
    public static Dataset<Row> keysOf(Dataset<Row> entities) {
        Column keys = array(
                credit(col("credit_code")),
                registered(col("reg_no")),
                own(col("sender"), col("record_no")),
                named(coalesce(col("area_code"), lit("?")), col("name_key")),
                named(lit("*"), col("name_key")));
        return entities.select(
                        col("entity_id"),
                        col("sender"),
                        col("record_no"),
                        col("known_from"),
                        explode(keys).as("key"))
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

    /** The normalised name in a key that {@link #ofName} made; null of another. */
    static Column nameKey(Column key) {
        return when(key.startsWith("name "), substring_index(key, " ", -1)); // there is no blank in it
    }

    /** The credit code, or the old number in its place, in a key that {@link #ofNumber} made; null of another. */
    static Column code(Column key) {
        return when(
                key.startsWith("credit_code ").or(key.startsWith("reg_no ")),
                key.substr(instr(key, " ").plus(1), length(key)));
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
