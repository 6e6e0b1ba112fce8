package banyan.jobs.conform;

import static banyan.jobs.conform.Field.raw;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.lower;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of one item result of a sample or of one routine inspection, under the party it was taken from. */
public final class Samplings {
    private Samplings() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "samplings",
                        Field.of("record_id", concat_ws("/", raw("sample_no"), raw("item"))),
                        Field.text("sample_no"),
                        Field.text("item"),
                        Field.date("sampled_on"),
                        Field.date("reported_on"),
                        Field.code("kind", "sampling_kinds"),
                        Field.code("stage", "stages"),
                        Field.text("product"),
                        Field.text("category"),
                        Field.code("result", "results"),
                        Field.flag("rechecked"),
                        Field.of("severity", lower(raw("severity"))),
                        Field.text("findings"),
                        Field.of("producer_credit_code", CreditCode.normal(raw("producer_credit_code"))),
                        Field.text("producer_name"))
                .withColumn("reported_on", coalesce(col("reported_on"), col("sampled_on")));
    }
}
