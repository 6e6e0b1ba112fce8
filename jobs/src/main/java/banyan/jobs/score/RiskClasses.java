package banyan.jobs.score;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per entity and day: its credit-risk class, or why it has none. */
public final class RiskClasses {
    private RiskClasses() {}

    public static Dataset<Row> rows(Inputs in) {
        return in.stamped(in.index().classes(Contributions.all(in), in.known("entities")));
    }
}
