package banyan.jobs.conform;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * One row per number or name that one enterprise alone bears: what records are linked by ({@link Links}). A number is a credit code, a
 * 15-digit number or a sender's own; a name counts within its area and, for records without one, in the whole city.
 */
public final class EntityKeys {
    private EntityKeys() {}

    public static Dataset<Row> rows(Inputs in) {
        return of(in.table("entities"));
    }

    static Dataset<Row> of(Dataset<Row> entities) {
        return keysOf(entities)
                .groupBy("key")
                .agg(min("entity_id").as("entity_id"), max("entity_id").as("other"))
                .where(col("entity_id").equalTo(col("other")))
                .drop("other");
    }

    /** Each key that an entity bears or has borne: entity_id and key. */
    public static Dataset<Row> keysOf(Dataset<Row> entities) {
        Column keys = array(
                credit(col("credit_code")),
                registered(col("reg_no")),
                own(col("sender"), col("record_no")),
                named(coalesce(col("area_code"), lit("?")), col("name_key")),
                named(lit("*"), col("name_key")));
        return entities.select(col("entity_id"), explode(keys).as("key"))
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
