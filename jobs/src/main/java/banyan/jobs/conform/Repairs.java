package banyan.jobs.conform;

import static banyan.jobs.conform.Field.raw;
import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of a decision on the repair of a penalty or a listing (信用修复). */
public final class Repairs {
    private Repairs() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "repairs",
                        Field.of("repair_no", Penalties.decisionNo(raw("repair_no"))),
                        Field.code("object", "repair_objects"),
                        Field.of("record_no", Penalties.decisionNo(raw("record_no"))),
                        Field.date("applied_on"),
                        Field.date("effective_on"),
                        Field.code("outcome", "repair_outcomes"),
                        Field.text("authority"))
                .withColumn("record_id", Linked.decision(col("repair_no")));
    }
}
