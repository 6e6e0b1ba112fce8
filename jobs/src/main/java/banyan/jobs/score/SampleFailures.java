package banyan.jobs.score;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import banyan.schemas.Text;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * One row per failed item of a sample, inspections aside, and enterprise it counts against: whoever was sampled, and the producer on the
 * label where that is another; the same it is by code or by name. A seller must not inherit the fault of a producer in full ({@code handbook: specialised §3.2}).
 */
public final class SampleFailures {
    private SampleFailures() {}

    public static Dataset<Row> rows(Inputs in) {
        Dataset<Row> failed = in.known("samplings").where("result = 'fail' and kind <> 'inspection'");
        Dataset<Row> producers = in.known("entities")
                .where("credit_code is not null")
                .select(
                        col("credit_code").as("producer_credit_code"),
                        col("entity_id").as("producer"));
        Dataset<Row> labelled = producers.join(
                broadcast(failed.select("producer_credit_code").distinct()), "producer_credit_code", "left_semi");
        Dataset<Row> all = failed.join(broadcast(labelled), new String[] {"producer_credit_code"}, "left");
        Column named =
                col("producer_credit_code").isNotNull().or(col("producer_name").isNotNull());
        Column own = Stream.of(
                        col("producer").equalTo(col("entity_id")),
                        col("producer_credit_code").equalTo(col("credit_code")),
                        Text.nameKey(col("producer_name")).equalTo(Text.nameKey(col("entity_name"))))
                .map(same -> coalesce(same, lit(false)))
                .reduce(lit(false), Column::or);
        Column role = when(named.and(own), "producer").when(named, "seller").otherwise("sole");
        Dataset<Row> sampled = all.where("entity_id is not null").withColumn("role", role);
        Dataset<Row> made = all.where("producer is not null and not producer <=> entity_id")
                .withColumn("entity_id", col("producer"))
                .withColumn("role", lit("producer"));
        return in.stamped(sampled.unionByName(made)
                .select("entity_id", "record_id", "role", "kind", "item", "severity", "reported_on", "file", "line"));
    }
}
