package banyan.jobs.conform;

import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of how many of the batches that an enterprise should have entered into food tracing in a month it entered. */
public final class Traceability {
    private Traceability() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "traceability",
                        Field.date("month"),
                        Field.integer("due_batches"),
                        Field.integer("entered_batches"))
                .withColumn("record_id", Linked.owned(col("month")));
    }
}
