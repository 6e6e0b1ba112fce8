package banyan.jobs.conform;

import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of an accident for which an enterprise was found responsible. */
public final class Accidents {
    private Accidents() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "accidents",
                        Field.text("accident_no"),
                        Field.code("kind", "accident_kinds"),
                        Field.code("grade", "accident_grades"),
                        Field.date("happened_on"),
                        Field.date("determined_on"),
                        Field.text("authority"))
                .withColumn("record_id", Linked.decision(col("accident_no")));
    }
}
