package banyan.jobs.conform;

import static banyan.jobs.conform.Field.raw;
import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of a clue from monitoring: online trading, advertising, public opinion. */
public final class Clues {
    private Clues() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "clues",
                        Field.of("clue_no", Penalties.decisionNo(raw("clue_no"))),
                        Field.code("kind", "clue_kinds"),
                        Field.text("topic"),
                        Field.text("platform"),
                        Field.date("found_on"),
                        Field.code("outcome", "clue_outcomes"),
                        Field.date("checked_on"))
                .withColumn("record_id", col("clue_no"));
    }
}
