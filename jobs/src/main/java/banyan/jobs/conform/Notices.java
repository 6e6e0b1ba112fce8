package banyan.jobs.conform;

import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of what the register publishes of an enterprise: shares pledged or frozen, liquidation, an objection. */
public final class Notices {
    private Notices() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "notices",
                        Field.text("notice_no"),
                        Field.code("kind", "notice_kinds"),
                        Field.date("registered_on"),
                        Field.date("ended_on"),
                        Field.text("authority"))
                .withColumn("record_id", Linked.decision(col("notice_no")));
    }
}
