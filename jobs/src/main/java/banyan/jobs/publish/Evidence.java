package banyan.jobs.publish;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Lake;
import banyan.jobs.Lookup;
import java.time.LocalDate;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Where the records behind contributions came from: of each the version that was known, its file and line. */
public final class Evidence {
    private static final List<String> SOURCE = List.of("record_id", "file", "line", "known_from", "known_to");

    private final Map<String, Source> sources;

    private Evidence(Map<String, Source> sources) {
        this.sources = sources;
    }

    /** A record's source. */
    public record Source(String file, long line) {}

    /** The sources of some contributions, found in one pass over the tables they name. */
    public static Evidence of(Lake lake, LocalDate knownAt, List<Row> contributions) {
        Map<String, Source> sources = new HashMap<>();
        wanted(contributions, (contribution, record) -> true).entrySet().stream()
                .map(e -> known(lake, knownAt, e.getKey(), List.copyOf(e.getValue())))
                .reduce(Dataset::union)
                .ifPresent(found -> found.collectAsList()
                        .forEach(r -> sources.put(
                                r.getString(0) + " " + r.getString(1), new Source(r.getString(2), r.getLong(3)))));
        return new Evidence(sources);
    }

    /**
     * The sources of the contributions of one entity, by the pages that hold its own records. A record that is not among them has been
     * linked to another entity since it was counted, and is sought in the whole table. Not so an annual report owed: its id begins with
     * the entity, and so does that of a report only if it is the entity's own or nobody's.
     */
    public static Evidence of(Lookup lookup, LocalDate knownAt, String entity, List<Row> contributions) {
        Evidence own = new Evidence(each(
                wanted(contributions, (contribution, record) -> true),
                (table, records) -> known(lookup, knownAt, read(table), "entity_id", List.of(entity), records)));
        Map<String, Source> strange = each(
                wanted(contributions, (contribution, record) -> own.source(contribution, record) == null),
                (table, records) -> read(table).equals(table)
                        ? known(lookup, knownAt, table, "record_id", records, records)
                        : known(lookup, knownAt, read(table), "entity_id", Collections.singleton(null), records));
        strange.forEach(own.sources::putIfAbsent);
        return own;
    }

    /** What is found in each table, several read at once. */
    private static Map<String, Source> each(
            SortedMap<String, TreeSet<String>> wanted, BiFunction<String, Set<String>, Map<String, Source>> known) {
        Map<String, Source> sources = new ConcurrentHashMap<>();
        wanted.entrySet().parallelStream()
                .forEach(e -> known.apply(e.getKey(), e.getValue())
                        .forEach((record, source) -> sources.put(e.getKey() + " " + record, source)));
        return sources;
    }

    private static Map<String, Source> known(
            Lookup lookup,
            LocalDate knownAt,
            String table,
            String column,
            Collection<String> values,
            Set<String> records) {
        Map<String, Source> found = new HashMap<>();
        for (Row row : lookup.rows(table, null, column, values, SOURCE)) {
            if (records.contains(row.<String>getAs("record_id")) && Lookup.known(row, knownAt)) {
                found.put(row.getAs("record_id"), new Source(row.getAs("file"), row.<Long>getAs("line")));
            }
        }
        return found;
    }

    /** Table → ids of the records behind the contributions. */
    private static SortedMap<String, TreeSet<String>> wanted(List<Row> contributions, BiPredicate<Row, String> which) {
        SortedMap<String, TreeSet<String>> wanted = new TreeMap<>();
        for (Row contribution : contributions) {
            List<String> records = records(contribution).stream()
                    .filter(record -> which.test(contribution, record))
                    .toList();
            for (String table : records.isEmpty() ? List.<String>of() : tables(contribution)) {
                wanted.computeIfAbsent(table, t -> new TreeSet<>()).addAll(records);
            }
        }
        return wanted;
    }

    /** An annual report owed is looked for among the reports received. */
    private static String read(String table) {
        return table.equals("obligations") ? "reports" : table;
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

    private static Dataset<Row> known(Lake lake, LocalDate knownAt, String table, List<String> records) {
        Dataset<Row> wanted =
                lake.local(records.stream().map(RowFactory::create).toList(), "record_id string");
        return lake.read(read(table))
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
