package banyan.jobs.publish;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Lake;
import banyan.jobs.Lookup;
import banyan.schemas.Contract;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Where the records behind contributions came from: of each the version that was known, its file and line. */
public final class Evidence {
    private static final List<String> SOURCE = List.of("record_id", "file", "line", "known_from", "known_to");
    private static final List<String> LINK = List.of("link_tier", "party");

    private final Map<String, Source> sources;

    private Evidence(Map<String, Source> sources) {
        this.sources = sources;
    }

    /**
     * A record's source, and how it was linked to its enterprise.
     *
     * @param tier link_tier; null of a record that needs no link
     * @param party of the table links; null where it bears a good credit code
     * @param day the day that the record speaks of
     */
    public record Source(String file, long line, String tier, String party, LocalDate day) {}

    /** The sources of some contributions, found in one pass over the tables they name. */
    public static Evidence of(Lake lake, LocalDate knownAt, List<Row> contributions) {
        Map<String, Source> sources = new HashMap<>();
        wanted(contributions).entrySet().stream()
                .map(e -> known(lake, knownAt, e.getKey(), List.copyOf(e.getValue())))
                .reduce(Dataset::union)
                .ifPresent(found -> found.collectAsList()
                        .forEach(r -> sources.put(
                                r.getString(0) + " " + r.getString(1),
                                new Source(
                                        r.getString(2),
                                        r.getLong(3),
                                        r.getString(4),
                                        r.getString(5),
                                        r.getLocalDate(6)))));
        return new Evidence(sources);
    }

    /**
     * The sources of the contributions of one entity, several tables read at once, by the pages that hold its own records: those that
     * were known to be its own then lie there still, whomever they were found to belong to since.
     *
     * @param day the day that the contributions speak of
     */
    public static Evidence of(Lookup lookup, LocalDate day, LocalDate knownAt, String entity, List<Row> contributions) {
        Map<String, Source> sources = new ConcurrentHashMap<>();
        wanted(contributions).entrySet().parallelStream().forEach(e -> {
            String table = read(e.getKey());
            Map<String, Source> found = Contract.of(table).daily()
                    ? workedOut(lookup, day, table, entity)
                    : known(lookup, knownAt, table, entity, e.getValue());
            found.forEach((record, source) -> sources.put(e.getKey() + " " + record, source));
        });
        return new Evidence(sources);
    }

    /** The sources that a day's table names itself; none of one that is worked out of an enterprise as a whole. */
    private static Map<String, Source> workedOut(Lookup lookup, LocalDate day, String table, String entity) {
        List<String> columns = List.of("record_id", "file", "line");
        Map<String, Source> found = new HashMap<>();
        if (Contract.of(table).columnNames().containsAll(columns)) {
            lookup.rows(table, day, "entity_id", List.of(entity), columns)
                    .forEach(row -> found.put(
                            row.getString(0), new Source(row.getString(1), row.getLong(2), null, null, null)));
        }
        return found;
    }

    private static Map<String, Source> known(
            Lookup lookup, LocalDate knownAt, String table, String entity, Set<String> records) {
        List<String> days = Contract.of(table).linked();
        List<String> columns = Stream.of(SOURCE, days.isEmpty() ? days : LINK, days)
                .flatMap(List::stream)
                .toList();
        Map<String, Source> found = new HashMap<>();
        for (Row row : lookup.rows(table, null, "entity_id", List.of(entity), columns)) {
            if (records.contains(row.<String>getAs("record_id")) && Lookup.known(row, knownAt)) {
                LocalDate day = days.stream()
                        .map(row::<LocalDate>getAs)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null);
                found.put(
                        row.getAs("record_id"),
                        new Source(
                                row.getAs("file"),
                                row.<Long>getAs("line"),
                                days.isEmpty() ? null : row.getAs("link_tier"),
                                days.isEmpty() ? null : row.getAs("party"),
                                day));
            }
        }
        return found;
    }

    /** Table → ids of the records behind the contributions. */
    private static SortedMap<String, TreeSet<String>> wanted(List<Row> contributions) {
        SortedMap<String, TreeSet<String>> wanted = new TreeMap<>();
        for (Row contribution : contributions) {
            List<String> records = records(contribution);
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
        List<String> days = Contract.of(read(table)).linked();
        Column none = lit(null).cast("string");
        Column day = days.isEmpty()
                ? none.cast("date")
                : coalesce(
                        days.stream().map(org.apache.spark.sql.functions::col).toArray(Column[]::new));
        return lake.read(read(table))
                .where(col("known_from")
                        .leq(lit(knownAt))
                        .and(col("known_to").isNull().or(col("known_to").gt(lit(knownAt)))))
                .join(broadcast(wanted), "record_id")
                .select(
                        lit(table),
                        col("record_id"),
                        col("file"),
                        col("line"),
                        days.isEmpty() ? none : col("link_tier"),
                        days.isEmpty() ? none : col("party"),
                        day);
    }

    private static List<String> tables(Row contribution) {
        String tables = contribution.getAs("source_table");
        return tables == null || tables.isEmpty() ? List.of() : List.of(tables.split(","));
    }
}
