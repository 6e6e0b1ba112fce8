package banyan.jobs.score;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per record and term that runs, was missed, or is open on the day. */
public final class Terms {
    private Terms() {}

    public static Dataset<Row> rows(Inputs in) {
        return in.terms().stream()
                .filter(term -> in.isThere(term.table()))
                .map(term -> term.rows(in.used(term.table(), in.known(term.table())), in.asOf()))
                .reduce(Dataset::unionByName)
                .map(in::stamped)
                .orElseGet(() -> in.none("terms"));
    }
}
