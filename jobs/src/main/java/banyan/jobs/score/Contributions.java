package banyan.jobs.score;

import banyan.jobs.Inputs;
import banyan.models.Index;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per entity in scope and indicator that gave points, or per rule that set its class. */
public final class Contributions {
    private Contributions() {}

    public static Dataset<Row> rows(Inputs in) {
        Index index = in.index();
        Dataset<Row> entities = in.known("entities");
        Map<String, Dataset<Row>> facts = new HashMap<>();
        for (String table : index.tables()) {
            facts.put(table, table.equals("obligations") ? in.table(table) : in.known(table));
        }
        Dataset<Row> scored = entities.where(index.inScope());
        return in.stamped(index.contributions(index.measure(scored, facts)));
    }
}
