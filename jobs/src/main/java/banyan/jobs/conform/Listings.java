package banyan.jobs.conform;

import static banyan.jobs.conform.Field.raw;
import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of an entry in the abnormal-operation or the serious-dishonesty list. */
public final class Listings {
    private Listings() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "listings",
                        Field.of("listing_no", Penalties.decisionNo(raw("listing_no"))),
                        Field.code("list", "lists"),
                        Field.code("reason", "listing_reasons"),
                        Field.text("authority"),
                        Field.integer("report_year"),
                        Field.date("listed_on"),
                        Field.date("removed_on"),
                        Field.text("removal_reason"),
                        Field.date("repaired_on"))
                .withColumn("record_id", Linked.decision(col("listing_no")));
    }
}
