package banyan.jobs.conform;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.split;
import static org.apache.spark.sql.functions.when;

import banyan.schemas.Codes;
import banyan.schemas.Text;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Which entity a record belongs to. First by number: credit code, 15-digit number, or the sender's own number; then by the exact
 * normalised name in the same county, if one entity alone bears it. Nothing is merged on a guess; what finds no entity stays, unlinked.
 */
public final class Links {
    private Links() {}

    /** A table's own fields and, after them, those that links are made of. */
    static Field[] with(Field... own) {
        return Stream.concat(
                        Stream.of(own),
                        Stream.of(
                                Field.of("credit_code", CreditCode.normal(Field.raw("credit_code"))),
                                Field.text("entity_no"),
                                Field.text("entity_name"),
                                Field.of("area_code", Codes.of("areas").codeOrSelf(Field.raw("area_code")))))
                .toArray(Field[]::new);
    }

    /**
     * The records with entity_id and link_tier. Keys are first narrowed to those the records ask for, names to those asked for by a
     * record whose number led nowhere: what then remains is small enough to be sent to the records instead of sorting them.
     *
     * @param keys {@link EntityKeys}
     * @param few whether what the records ask for fits into memory
     */
    static Dataset<Row> attach(Dataset<Row> records, Dataset<Row> keys, boolean few) {
        Dataset<Row> asking = records.withColumn(
                        "__number", EntityKeys.ofNumber(col("credit_code"), col("sender"), col("entity_no")))
                .withColumn("__name", EntityKeys.ofName(col("area_code"), Text.nameKey(col("entity_name"))));
        Dataset<Row> numbered = found(asking, keys, "number", asking, few);
        return found(numbered, keys, "name", numbered.where("__by_number is null"), few)
                .withColumn("entity_id", coalesce(col("__by_number"), col("__by_name")))
                .withColumn(
                        "link_tier",
                        when(
                                        col("__by_number").isNotNull(),
                                        split(col("__number"), " ").getItem(0))
                                .when(col("__by_name").isNotNull(), "name_area")
                                .otherwise("unlinked"))
                .drop("__number", "__name", "__by_number", "__by_name");
    }

    /** The records with {@code __by_<what>}, the entity that their key {@code __<what>} leads to. */
    private static Dataset<Row> found(
            Dataset<Row> records, Dataset<Row> keys, String what, Dataset<Row> asking, boolean few) {
        Dataset<Row> asked = asking.select(col("__" + what).as("key")).distinct();
        Dataset<Row> found = keys.join(few ? broadcast(asked) : asked, new String[] {"key"}, "left_semi")
                .select(col("key").as("__key"), col("entity_id").as("__by_" + what));
        return records.join(few ? broadcast(found) : found, col("__" + what).equalTo(col("__key")), "left")
                .drop("__key");
    }

    /**
     * {@code row_hash} of the records that some keys may lead elsewhere now; those of a sender's own numbers, which a conformed table
     * does not keep, are found in the raw one.
     *
     * @param records a conformed table's rows
     * @param raw the raw table's rows
     * @param keys one row for each {@code key} that leads elsewhere, to none or to one for the first time; few
     */
    public static Dataset<Row> affected(Dataset<Row> records, Dataset<Row> raw, Dataset<Row> keys) {
        Column number =
                EntityKeys.ofNumber(col("credit_code"), col("sender"), lit(null).cast("string"));
        Column name = when(
                col("link_tier").isin("entity_no", "name_area", "unlinked"),
                EntityKeys.ofName(col("area_code"), Text.nameKey(col("entity_name"))));
        Dataset<Row> own = raw.where(col("entity_no").isNotNull())
                .select(
                        col("row_hash"),
                        EntityKeys.ofNumber(lit(null).cast("string"), col("sender"), Text.clean(col("entity_no")))
                                .as("key"));
        return records.select(col("row_hash"), explode(array(number, name)).as("key"))
                .unionByName(own)
                .join(broadcast(keys), new String[] {"key"}, "left_semi")
                .select("row_hash")
                .distinct();
    }

    /** The key of a decision about a party: one decision may name many, and each is a record of its own. */
    static Column ofParty(Column number) {
        return concat_ws("/", number, coalesce(col("entity_id"), col("credit_code"), Text.nameKey(col("entity_name"))));
    }
}
