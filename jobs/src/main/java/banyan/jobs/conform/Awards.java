package banyan.jobs.conform;

import static banyan.jobs.conform.Field.raw;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of an award or a mark of trust: A-rated taxpayer, quality award, high-tech enterprise, commitment kept …. */
public final class Awards {
    private Awards() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "awards",
                        Field.of("award_no", Penalties.decisionNo(raw("award_no"))),
                        Field.code("kind", "award_kinds"),
                        Field.text("authority"),
                        Field.date("awarded_on"),
                        Field.date("valid_to"))
                .withColumn("record_id", concat_ws("/", Linked.decision(col("award_no")), col("kind")));
    }
}
