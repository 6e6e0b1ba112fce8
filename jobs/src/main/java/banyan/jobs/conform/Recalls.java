package banyan.jobs.conform;

import static banyan.jobs.conform.Field.raw;
import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of a recall of a product by the enterprise that made or imported it. */
public final class Recalls {
    private Recalls() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "recalls",
                        Field.of("recall_no", Penalties.decisionNo(raw("recall_no"))),
                        Field.text("product"),
                        Field.text("batch_no"),
                        Field.code("kind", "recall_kinds"),
                        Field.integer("level"),
                        Field.integer("units"),
                        Field.date("announced_on"),
                        Field.date("completed_on"))
                .withColumn("record_id", Linked.decision(col("recall_no")));
    }
}
