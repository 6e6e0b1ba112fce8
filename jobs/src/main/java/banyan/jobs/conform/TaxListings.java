package banyan.jobs.conform;

import static banyan.jobs.conform.Field.raw;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of an entry of an enterprise in the lists of the tax authority: abnormal household (非正常户), major violation, arrears. */
public final class TaxListings {
    private TaxListings() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "tax_listings",
                        Field.of("notice_no", Penalties.decisionNo(raw("notice_no"))),
                        Field.code("kind", "tax_list_kinds"),
                        Field.text("authority"),
                        Field.yuan("amount_yuan", "decimal(18,2)"),
                        Field.date("listed_on"),
                        Field.date("removed_on"))
                .withColumn("record_id", concat_ws("/", Linked.decision(col("notice_no")), col("kind")));
    }
}
