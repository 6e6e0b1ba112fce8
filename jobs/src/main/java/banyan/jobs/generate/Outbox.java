package banyan.jobs.generate;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import tools.jackson.databind.node.ObjectNode;

/**
 * A synthetic city's deliveries on disk: {@code TO/<received-on>/<table>_<yyyymmdd>[_<part>].csv}, and what was planted, apart from
 * them, in {@code TO/expected/}. The same city gives the same bytes, whatever the cores and partitions.
 */
public final class Outbox {
    /** Numbers that one file of the first delivery spans; a real sender splits large exports too. */
    private static final long PART = 500_000;

    private final Lake lake;
    private final Path to;
    private final City city;

    /**
     * @param lake whose session does the work
     * @param to a folder that is empty or not there
     * @param entities how many entities the city will have by the last day
     * @param first day of the first delivery, which holds all that was known by then
     * @param until day of the last
     * @param years how far back facts reach before the first
     */
    public Outbox(Lake lake, Path to, long seed, long entities, LocalDate first, LocalDate until, int years) {
        this.lake = lake;
        this.to = to;
        this.city = new City(seed, entities, first, until, years);
    }

    /** How many files and bytes were written. */
    public record Written(SortedMap<String, Long> files, long bytes) {}

    public Written write() throws IOException {
        Path staging = to.resolve(".staging");
        Records records = new Records(city, lake::ids);
        SortedMap<String, Long> files = new TreeMap<>();
        long bytes = 0;
        Column part = when(
                        col("received_on").equalTo(lit(city.first())),
                        floor(col("id").divide(lit(PART))))
                .otherwise(0);
        for (Map.Entry<String, Dataset<Row>> table : records.tables().entrySet()) {
            Path folder = staging.resolve(table.getKey());
            Lake.csvFiles(
                    table.getValue().withColumn("part", part),
                    folder,
                    List.of("received_on", "part"),
                    List.of("id", "state"));
            for (Path file : parts(folder)) {
                bytes += Files.size(file);
                deliver(file, table.getKey());
                files.merge(table.getKey(), 1L, Long::sum);
            }
        }
        expected(records, staging.resolve("truth"));
        delete(staging);
        return new Written(files, bytes);
    }

    /** From {@code received_on=2025-06-01/part=0/part-….csv} to {@code 2025-06-01/penalties_20250601.csv}. */
    private void deliver(Path file, String table) throws IOException {
        String day = valueOf(file.getParent().getParent());
        long part = Long.parseLong(valueOf(file.getParent()));
        Path folder = Files.createDirectories(to.resolve(day));
        String name = table + "_" + day.replace("-", "") + (part == 0 ? "" : String.format("_%04d", part)) + ".csv";
        Files.move(file, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private static String valueOf(Path folder) {
        String name = folder.getFileName().toString();
        return name.substring(name.indexOf('=') + 1);
    }

    private void expected(Records records, Path folder) throws IOException {
        Path expected = Files.createDirectories(to.resolve("expected"));
        expected(records.truth().withColumn("order", col("rank")), folder, expected.resolve("truth.csv"));
        expected(
                records.linkTruth().withColumnRenamed("id", "order"),
                folder.resolveSibling("links"),
                expected.resolve("links.csv"));
        ObjectNode about = Json.object()
                .put("synthetic", true)
                .put("seed", city.seed())
                .put("entities", city.entities())
                .put("first", city.first().toString())
                .put("until", city.until().toString())
                .put("years", city.years());
        Files.writeString(expected.resolve("city.json"), Json.pretty(about), StandardCharsets.UTF_8);
    }

    private static void expected(Dataset<Row> rows, Path folder, Path to) throws IOException {
        Lake.csvFiles(rows.withColumn("all", lit(1)), folder, List.of("all"), List.of("order"));
        for (Path file : parts(folder)) {
            Files.move(file, to, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static List<Path> parts(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(f -> f.getFileName().toString().matches("part-.*\\.csv"))
                    .sorted()
                    .toList();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                Files.delete(file);
            }
        }
    }
}
