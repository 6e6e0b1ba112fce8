package banyan.jobs.score;

import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * One row per entity whose class on a day would be another, had all been known then that is known now: late records, corrections,
 * withdrawals. What was built for the day is read, not changed.
 */
public final class Restatements {
    private Restatements() {}

    /**
     * @param in of the day, known at a later one; reads the day's contributions and risk_classes as they were built, and all that they
     *     are built from
     */
    public static Dataset<Row> rows(Inputs in) {
        Dataset<Row> was = in.table("risk_classes")
                .select(
                        col("entity_id"),
                        col("risk_class"),
                        col("score"),
                        col("known_at").as("was_known_at"));
        return in.stamped(Moves.rows(new Moves.World(Contributions.all(in), was), Moves.World.of(Moves.anew(in))));
    }
}
