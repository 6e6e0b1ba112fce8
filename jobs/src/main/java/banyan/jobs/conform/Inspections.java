package banyan.jobs.conform;

import static banyan.jobs.conform.Field.raw;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of the result of an inspection of an enterprise on one item (抽查事项); who inspected is not taken in. */
public final class Inspections {
    private Inspections() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "inspections",
                        Field.of("inspection_no", Penalties.decisionNo(raw("inspection_no"))),
                        Field.text("plan_no"),
                        Field.text("item"),
                        Field.code("kind", "inspection_kinds"),
                        Field.date("inspected_on"),
                        Field.date("published_on"),
                        Field.code("result", "inspection_results"),
                        Field.text("authority"))
                .withColumn("record_id", concat_ws("/", Linked.decision(col("inspection_no")), col("item")));
    }
}
