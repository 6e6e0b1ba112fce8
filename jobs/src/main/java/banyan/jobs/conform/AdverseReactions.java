package banyan.jobs.conform;

import static banyan.jobs.conform.Field.raw;
import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of a report of an adverse reaction under the enterprise that answers for the product; nothing of the patient is taken in. */
public final class AdverseReactions {
    private AdverseReactions() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "adverse_reactions",
                        Field.of("report_no", Penalties.decisionNo(raw("report_no"))),
                        Field.text("product"),
                        Field.text("batch_no"),
                        Field.text("reaction"),
                        Field.flag("serious"),
                        Field.date("occurred_on"),
                        Field.date("reported_on"))
                .withColumn("record_id", col("report_no"));
    }
}
