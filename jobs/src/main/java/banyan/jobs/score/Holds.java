package banyan.jobs.score;

import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Inputs;
import banyan.models.Association;
import banyan.models.Hysteresis;
import banyan.models.Index;
import java.time.LocalDate;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * One row per enterprise or individual business that keeps a class it had ({@link Hysteresis}), under the index that it is classified by:
 * what is added to its contributions. What it was at a run of a month is worked out from what is known on the day, never read from what
 * was built then.
 */
public final class Holds {
    private Holds() {}

    public static Dataset<Row> rows(Inputs in) {
        return indexes(in)
                .map(index -> rows(in, index))
                .reduce(Dataset::unionByName)
                .orElseThrow();
    }

    /** Of one index alone; none where it lets nobody keep a class. */
    static Dataset<Row> rows(Inputs in, Index index) {
        return index.hysteresis().isEmpty() ? in.none("holds") : in.stamped(of(in, index));
    }

    private static Dataset<Row> of(Inputs in, Index index) {
        Hysteresis hysteresis = index.hysteresis().orElseThrow();
        Dataset<Row> entities = in.known("entities").where(index.inScope());
        Map<String, Dataset<Row>> facts = Contributions.facts(in, own(index));
        // The points of enterprises are there; those in fields wait for the general classes, and so for this.
        Dataset<Row> scores = index.id().equals(Index.GENERAL)
                ? index.scores(Association.added(in.table("contributions"), in.table("associations")))
                        .union(hysteresis.atRuns(entities, facts))
                : hysteresis.atRunsAndNow(entities, facts);
        return hysteresis.held(scores).withColumn("field", lit(index.id()));
    }

    /** The versions of both indexes in force, the tables of which something is known, and the runs that are looked back to. */
    public static String frame(Inputs in) {
        return indexes(in)
                .map(index -> index.edition()
                        + " of "
                        + String.join(",", Contributions.known(in, own(index)))
                        + index.hysteresis().map(h -> " since " + h.runs()).orElse(""))
                .collect(Collectors.joining("; "));
    }

    /**
     * The entities of records whose use ended since, and of those that the index of individual businesses sees otherwise; whose points as
     * an enterprise are others is told by its contributions.
     */
    public static Dataset<Row> crossing(Inputs in, LocalDate before) {
        Set<String> tables = new TreeSet<>();
        indexes(in).forEach(index -> tables.addAll(own(index)));
        return Contributions.crossing(
                in,
                tables,
                before,
                (table, rows) -> in.specialised()
                        .instead()
                        .map(field -> field.crossing(table, rows, before))
                        .orElseGet(() -> rows.select("entity_id").limit(0)));
    }

    /** What it measures of an entity itself. */
    private static Set<String> own(Index index) {
        Set<String> own = new TreeSet<>();
        index.tables().forEach(own::add);
        own.removeIf(Hysteresis::ofOthers);
        return own;
    }

    /** That of enterprises, and that of those whose class is the general one though they are none. */
    private static Stream<Index> indexes(Inputs in) {
        return Stream.concat(Stream.of(in.index()), in.specialised().instead().stream());
    }
}
