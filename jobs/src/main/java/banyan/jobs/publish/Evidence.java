package banyan.jobs.publish;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Lake;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Where the records behind contributions came from: of each the version that was known, its file and line. */
public final class Evidence {
    private final Map<String, Source> sources;

    private Evidence(Map<String, Source> sources) {
        this.sources = sources;
    }

    /** A record's source. */
    public record Source(String file, long line) {}

    /** The sources of some contributions, found in one pass over the tables they name. */
    public static Evidence of(Lake lake, LocalDate knownAt, List<Row> contributions) {
        SortedMap<String, TreeSet<String>> wanted = new TreeMap<>();
        for (Row contribution : contributions) {
            for (String table : tables(contribution)) {
                wanted.computeIfAbsent(table, t -> new TreeSet<>()).addAll(records(contribution));
            }
        }
        Map<String, Source> sources = new HashMap<>();
        wanted.entrySet().stream()
                .map(e -> known(lake, knownAt, e.getKey(), List.copyOf(e.getValue())))
                .reduce(Dataset::union)
                .ifPresent(found -> found.collectAsList()
                        .forEach(r -> sources.put(
                                r.getString(0) + " " + r.getString(1), new Source(r.getString(2), r.getLong(3)))));
        return new Evidence(sources);
    }

    /** Ids of the records a contribution rests on, the newest first, at most {@link banyan.models.Index#EVIDENCE}. */
    public static List<String> records(Row contribution) {
        return contribution.getList(contribution.fieldIndex("evidence"));
    }

    /** Null for a record that was never received: an annual report owed. */
    public Source source(Row contribution, String record) {
        for (String table : tables(contribution)) {
            Source source = sources.get(table + " " + record);
            if (source != null) {
                return source;
            }
        }
        return null;
    }

    /** An annual report owed is looked for among the reports received. */
    private static Dataset<Row> known(Lake lake, LocalDate knownAt, String table, List<String> records) {
        Dataset<Row> wanted =
                lake.local(records.stream().map(RowFactory::create).toList(), "record_id string");
        return lake.read(table.equals("obligations") ? "reports" : table)
                .where(col("known_from")
                        .leq(lit(knownAt))
                        .and(col("known_to").isNull().or(col("known_to").gt(lit(knownAt)))))
                .join(broadcast(wanted), "record_id")
                .select(lit(table), col("record_id"), col("file"), col("line"));
    }

    private static List<String> tables(Row contribution) {
        String tables = contribution.getAs("source_table");
        return tables == null || tables.isEmpty() ? List.of() : List.of(tables.split(","));
    }
}
