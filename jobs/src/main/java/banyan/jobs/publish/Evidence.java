package banyan.jobs.publish;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Lake;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Where a record came from: the version of it that was known, its file and line. */
public final class Evidence {
    private Evidence() {}

    /** A record's source. */
    public record Source(String file, long line) {}

    /**
     * @param ids source table → record ids; an annual report owed is looked for among the reports received
     * @return table and record id, joined by a blank → source; a record that was never received has none
     */
    public static Map<String, Source> sources(Lake lake, LocalDate knownAt, SortedMap<String, SortedSet<String>> ids) {
        Map<String, Source> sources = new HashMap<>();
        ids.forEach((table, wanted) -> {
            String received = table.equals("obligations") ? "reports" : table;
            Dataset<Row> keys = lake.strings(new ArrayList<>(wanted)).toDF("record_id");
            Dataset<Row> known = lake.read(received)
                    .where(col("known_from")
                            .leq(lit(knownAt))
                            .and(col("known_to").isNull().or(col("known_to").gt(lit(knownAt)))))
                    .select("record_id", "file", "line");
            List<Row> found = known.join(org.apache.spark.sql.functions.broadcast(keys), "record_id")
                    .collectAsList();
            found.forEach(r -> sources.put(table + " " + r.getString(0), new Source(r.getString(1), r.getLong(2))));
        });
        return sources;
    }
}
