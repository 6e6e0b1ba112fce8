package banyan.jobs.conform;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of a change of registration: name, address, legal representative, shareholders, capital …. */
public final class Changes {
    private Changes() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "changes",
                        Field.text("change_no"),
                        Field.code("item", "change_items"),
                        Field.date("approved_on"),
                        Field.wan("capital_from_yuan", "capital_from", "decimal(20,2)"),
                        Field.wan("capital_to_yuan", "capital_to", "decimal(20,2)"))
                .withColumn("capital_from_yuan", ofCapital("capital_from_yuan"))
                .withColumn("capital_to_yuan", ofCapital("capital_to_yuan"))
                .withColumn("record_id", Linked.owned(col("change_no"), col("item"), col("approved_on")));
    }

    /** An amount that a change of something else is about is no capital. */
    private static Column ofCapital(String amount) {
        return when(col("item").equalTo("capital"), col(amount));
    }
}
