package banyan.jobs.score;

import banyan.jobs.Inputs;
import banyan.models.Specialised;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per member of a field and indicator that gave points there, or rule that set its class; one of kind member for each. */
public final class SpecialContributions {
    private SpecialContributions() {}

    public static Dataset<Row> rows(Inputs in) {
        Specialised fields = in.specialised();
        if (fields.fields().isEmpty()) {
            return in.none("special_contributions");
        }
        Dataset<Row> entities = in.known("entities").where(fields.inScope());
        return in.stamped(fields.contributions(fields.measure(entities, Contributions.facts(in, fields.tables()))));
    }
}
