package banyan.jobs;

import banyan.jobs.DeltaFiles.DataFile;
import banyan.schemas.Contract;
import io.delta.kernel.expressions.Column;
import io.delta.kernel.expressions.Literal;
import io.delta.kernel.expressions.Predicate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.filter2.predicate.FilterApi;
import org.apache.parquet.filter2.predicate.FilterPredicate;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.io.api.Binary;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of a few entities, read straight from the files of the lake, without a session: Delta's kernel tells the files of the
 * version that was newest when the table was first asked for, and of those only the pages are read that may hold a wanted value. The rows are those that {@link Lake#read} and a
 * filter would give, in no order; they come at once where the rows of a file are sorted by what is sought.
 */
public final class Lookup {
    private static final String HADOOP = "spark.hadoop.";

    private final String root;
    private final Configuration conf;
    private final Map<String, Optional<DeltaFiles>> versions = new ConcurrentHashMap<>();

    /** @param root a folder, or a URI that Hadoop can open */
    public Lookup(String root) {
        this.root = root.contains("://")
                ? root
                : Path.of(root).toAbsolutePath().normalize().toString();
        this.conf = new Configuration();
        System.getProperties().stringPropertyNames().forEach(key -> set(key, System.getProperty(key)));
        Session.fixed().forEach(this::set);
    }

    /** A setting of Spark's that is Hadoop's, as a session passes it on. */
    private void set(String key, String value) {
        if (key.startsWith(HADOOP)) {
            conf.set(key.substring(HADOOP.length()), value);
        }
    }

    /**
     * The rows of a table that have one of some values in a text column.
     *
     * @param day the day to read of a table that keeps its days apart; null for another table
     * @param values null among them stands for null
     * @param columns the columns to give, in that order
     * @return rows that know their columns' names; none where the table was never written
     */
    public List<Row> rows(String table, LocalDate day, String column, Collection<String> values, List<String> columns) {
        Contract contract = Contract.of(table);
        String path = root + "/" + contract.folder() + "/" + table;
        Optional<DeltaFiles> version =
                values.isEmpty() ? Optional.empty() : versions.computeIfAbsent(path, at -> DeltaFiles.newest(at, conf));
        if (version.isEmpty()) {
            return List.of();
        }
        StructType all = contract.structType();
        StructType asked = new StructType(columns.stream().map(all::apply).toArray(StructField[]::new));
        FilterCompat.Filter pages = FilterCompat.get(anyOf(column, values));
        return files(version.get(), day, column, values).parallelStream()
                .flatMap(file -> rows(file, asked, column, pages).stream())
                .toList();
    }

    /** Whether a version of a record, of a row with known_from and known_to, is what was known on a day. */
    public static boolean known(Row version, LocalDate day) {
        LocalDate to = version.getAs("known_to");
        return !version.<LocalDate>getAs("known_from").isAfter(day) && (to == null || to.isAfter(day));
    }

    private List<DataFile> files(DeltaFiles table, LocalDate day, String column, Collection<String> values) {
        Predicate some = someOf(column, values);
        return table.of(day == null ? some : new Predicate("AND", DeltaFiles.onDay(day), some));
    }

    private List<Row> rows(DataFile file, StructType asked, String sought, FilterCompat.Filter pages) {
        TreeSet<String> columns = new TreeSet<>(List.of(asked.fieldNames()));
        columns.add(sought);
        List<Row> rows = new ArrayList<>();
        try (ParquetReader<Row> reader = ParquetReader.builder(
                        new ParquetRows(asked, columns, file.partition()), new org.apache.hadoop.fs.Path(file.path()))
                .withConf(conf)
                .withFilter(pages)
                .build()) {
            for (Row row = reader.read(); row != null; row = reader.read()) {
                rows.add(row);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }

    /** For Parquet: row groups, pages and rows. */
    private static FilterPredicate anyOf(String column, Collection<String> values) {
        return values.stream()
                .map(value -> (FilterPredicate)
                        FilterApi.eq(FilterApi.binaryColumn(column), value == null ? null : Binary.fromString(value)))
                .reduce(FilterApi::or)
                .orElseThrow();
    }

    /** The same for the kernel: files, by their statistics. */
    private static Predicate someOf(String column, Collection<String> values) {
        return values.stream()
                .map(value -> value == null
                        ? new Predicate("IS_NULL", new Column(column))
                        : new Predicate("=", new Column(column), Literal.ofString(value)))
                .reduce((a, b) -> new Predicate("OR", a, b))
                .orElseThrow();
    }
}
