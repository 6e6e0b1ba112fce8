package banyan.jobs.score;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per member of a field and day: its class there, and the worse of that and the general class. */
public final class SpecialClasses {
    private SpecialClasses() {}

    public static Dataset<Row> rows(Inputs in) {
        return in.stamped(in.specialised().classes(SpecialContributions.all(in), in.table("risk_classes")));
    }
}
