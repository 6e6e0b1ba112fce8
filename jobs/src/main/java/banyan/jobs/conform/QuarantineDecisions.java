package banyan.jobs.conform;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of an answer to a record that was set aside and sent back. */
public final class QuarantineDecisions {
    private QuarantineDecisions() {}

    public static Dataset<Row> rows(Inputs in) {
        // A line that somebody left blank says nothing of what another answered on it.
        return Field.read(
                        in.table("raw_quarantine_decisions").where("trim(decision) <> ''"),
                        Field.text("of_table"),
                        Field.text("of_delivery"),
                        Field.of("of_line", Field.raw("of_line").cast("bigint")),
                        Field.code("decision", "quarantine_decisions"),
                        Field.date("decided_on"),
                        Field.text("decided_by"),
                        Field.text("note"))
                .withColumn("record_id", concat_ws("/", col("of_table"), col("of_delivery"), col("of_line")));
    }
}
