package banyan.jobs.conform;

import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of an observed price of one item at one seller on one day. */
public final class Prices {
    private Prices() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "prices",
                        Field.text("item"),
                        Field.text("price_unit"),
                        Field.yuan("price_yuan", "decimal(18,2)"),
                        Field.date("observed_on"))
                .withColumn("record_id", Linked.owned(col("item"), col("observed_on")));
    }
}
