package banyan.jobs.conform;

import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
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
                .withColumn("record_id", Linked.owned(col("change_no"), col("item"), col("approved_on")));
    }
}
