package banyan.jobs.conform;

import static banyan.jobs.conform.Field.raw;
import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of a licence: to produce or trade food, drugs, devices …. */
public final class Licences {
    private Licences() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "licences",
                        Field.of("licence_no", Penalties.decisionNo(raw("licence_no"))),
                        Field.code("kind", "licence_kinds"),
                        Field.code("status", "licence_statuses"),
                        Field.text("authority"),
                        Field.date("issued_on"),
                        Field.date("valid_to"),
                        Field.date("ended_on"))
                .withColumn("record_id", Linked.decision(col("licence_no")));
    }
}
