package banyan.jobs.conform;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of a person's decision on whom a party means ({@link Links}). */
public final class LinkDecisions {
    private LinkDecisions() {}

    public static Dataset<Row> rows(Inputs in) {
        // A line that somebody left blank says nothing of what another decided on it.
        return Field.read(
                        in.table("raw_link_decisions").where("trim(decision) <> ''"),
                        Field.text("party"),
                        Field.text("candidate"),
                        Field.code("decision", "link_decisions"),
                        Field.date("decided_on"),
                        Field.text("decided_by"))
                .withColumn("record_id", concat_ws("/", col("party"), col("candidate")));
    }
}
