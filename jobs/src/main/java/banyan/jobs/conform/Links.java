package banyan.jobs.conform;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
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
final class Links {
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

    /** The records with entity_id and link_tier. */
    static Dataset<Row> attach(Dataset<Row> records, Dataset<Row> entities) {
        Column code = col("credit_code");
        Column number = when(code.rlike("^[0-9]{15}$"), concat(lit("reg_no "), code))
                .when(code.isNotNull(), concat(lit("credit_code "), code))
                .when(
                        col("entity_no").isNotNull(),
                        concat(lit("entity_no "), col("sender"), lit(" "), col("entity_no")));
        Column name = concat_ws(" ", coalesce(col("area_code"), lit("*")), Text.nameKey(col("entity_name")));
        Dataset<Row> byNumber = numbers(entities);
        Dataset<Row> byName = names(entities);
        return records.withColumn("__number", number)
                .withColumn("__name", when(col("entity_name").isNotNull(), name))
                .join(byNumber, col("__number").equalTo(col("__of_number")), "left")
                .join(byName, col("__name").equalTo(col("__of_name")), "left")
                .withColumn("entity_id", coalesce(col("__by_number"), col("__by_name")))
                .withColumn(
                        "link_tier",
                        when(
                                        col("__by_number").isNotNull(),
                                        split(col("__number"), " ").getItem(0))
                                .when(col("__by_name").isNotNull(), "name_area")
                                .otherwise("unlinked"))
                .drop("__number", "__name", "__of_number", "__of_name", "__by_number", "__by_name");
    }

    /** The key of a decision about a party: one decision may name many, and each is a record of its own. */
    static Column ofParty(Column number) {
        return concat_ws("/", number, coalesce(col("entity_id"), col("credit_code"), Text.nameKey(col("entity_name"))));
    }

    private static Dataset<Row> numbers(Dataset<Row> entities) {
        return unique(
                entities,
                array(
                        concat(lit("credit_code "), col("credit_code")),
                        concat(lit("reg_no "), col("reg_no")),
                        concat(lit("entity_no "), col("sender"), lit(" "), col("record_no"))),
                "__of_number",
                "__by_number");
    }

    private static Dataset<Row> names(Dataset<Row> entities) {
        return unique(
                entities,
                array(
                        concat_ws(" ", coalesce(col("area_code"), lit("?")), col("name_key")),
                        concat_ws(" ", lit("*"), col("name_key"))),
                "__of_name",
                "__by_name");
    }

    private static Dataset<Row> unique(Dataset<Row> entities, Column keys, String key, String entity) {
        return entities.select(col("entity_id"), explode(keys).as(key))
                .where(col(key).isNotNull())
                .groupBy(key)
                .agg(min("entity_id").as(entity), countDistinct("entity_id").as("n"))
                .where("n = 1")
                .drop("n");
    }
}
