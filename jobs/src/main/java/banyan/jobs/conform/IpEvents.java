package banyan.jobs.conform;

import static banyan.jobs.conform.Field.raw;
import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of a finding on intellectual property against an enterprise: abnormal filing, bad-faith mark, infringement …. */
public final class IpEvents {
    private IpEvents() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "ip_events",
                        Field.of("event_no", Penalties.decisionNo(raw("event_no"))),
                        Field.code("kind", "ip_event_kinds"),
                        Field.text("right_no"),
                        Field.date("decided_on"),
                        Field.date("corrected_on"),
                        Field.text("authority"))
                .withColumn("record_id", Linked.decision(col("event_no")));
    }
}
