package banyan.jobs;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import banyan.schemas.Contract;
import banyan.schemas.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read without a session is what a session reads. */
class LookupTest {
    private static SparkSession spark;

    @TempDir
    Path dir;

    private Lake lake;

    @BeforeAll
    static void session() {
        System.setProperty("spark.master", "local[2]");
        if (Rows.spark().conf().get("spark.sql.extensions", "").isEmpty()) {
            Rows.spark().stop();
        }
        spark = Session.open();
    }

    @BeforeEach
    void open() {
        lake = new Lake(spark, dir.resolve("湖 a+b%20c [x]{y}").toString());
    }

    @Test
    void rowsOfAnEntityAreThoseThatSparkReads() {
        replace("penalties", penalties(0, 3000, 700), null, 1);

        assertSame("penalties", null, "entity_id", ids(0, 40));
        assertSame("penalties", null, "entity_id", List.of("E00007", "E00699", "nobody"));
        assertSame("penalties", null, "entity_id", Collections.singletonList(null));
        assertSame("penalties", null, "entity_id", Arrays.asList("E00013", null));
        assertSame("penalties", null, "record_id", List.of("R0000000", "R0002999"));
        assertSame("penalties", null, "credit_code", List.of("甲", "🌳", "E00001"));
        assertThat(new Lookup(lake.root()).rows("penalties", null, "entity_id", List.of(), List.of("line")))
                .isEmpty();
    }

    @Test
    void theNewestVersionCountsAfterSlicesWereReplacedAndFilesBroughtTogether() {
        for (int n = 0; n < 12; n++) { // past the tenth commit there is a checkpoint
            replace("penalties", penalties(n * 10, n * 10 + 200, 50), n % 4 == 0 ? null : "line >= 10", n);
        }
        assertSame("penalties", null, "entity_id", ids(0, 50));
        assertSame("penalties", null, "entity_id", List.of(id(49)));

        spark.sql("OPTIMIZE delta.`" + lake.path("penalties") + "`");
        assertSame("penalties", null, "entity_id", ids(0, 50));
    }

    @Test
    void aDayIsReadAlone() {
        for (String day : List.of("2025-06-29", "2025-06-30", "2025-06-29")) {
            replace("contributions", contributions(day), "as_of = '" + day + "'", day.hashCode());
        }

        for (String day : List.of("2025-06-29", "2025-06-30", "2025-07-01")) {
            assertSame("contributions", LocalDate.parse(day), "entity_id", ids(0, 20));
        }
    }

    @Test
    void momentsAndLongNumbersAreRead() {
        replace("runs", runs(), null, 1);

        assertSame("runs", null, "run_id", List.of("r000001", "r000002"));
    }

    @Test
    void aTableNeverWrittenHasNoRows() throws IOException {
        assertThat(new Lookup(lake.root()).rows("entities", null, "entity_id", List.of("E"), List.of("entity_id")))
                .isEmpty();
        Files.createDirectories(Path.of(lake.path("entities"), "_delta_log"));
        assertThat(new Lookup(lake.root()).rows("entities", null, "entity_id", List.of("E"), List.of("entity_id")))
                .isEmpty();
    }

    @Test
    void aFlippedBitIsRefusedOrDoesNoHarm() throws IOException {
        replace("penalties", penalties(0, 2000, 50), null, 1);
        List<String> whole = text(all());
        Path file = files("part-.*\\.parquet").get(0);
        byte[] bytes = Files.readAllBytes(file);
        Files.delete(file); // another may be its hard link
        Files.delete(file.resolveSibling("." + file.getFileName() + ".crc")); // Hadoop's own sums would find it too
        List<Throwable> refused = new ArrayList<>();
        for (int at = 4; at < bytes.length; at += bytes.length / 60) {
            byte[] flipped = bytes.clone();
            flipped[at] ^= 0x04;
            Files.write(file, flipped);
            try {
                assertThat(text(all())).as("byte %d", at).isEqualTo(whole);
            } catch (RuntimeException e) {
                refused.add(e);
            }
        }

        assertThat(refused).anySatisfy(e -> assertThat(e).hasStackTraceContaining("CRC checksum verification failed"));
    }

    @Test
    void aLogThatWasCutIsRefused() throws IOException {
        replace("penalties", penalties(0, 300, 50), null, 1);
        replace("penalties", penalties(0, 400, 50), null, 2);
        Path commit = files("0{19}1\\.json").get(0);
        Files.delete(commit);
        Files.createFile(commit);
        Files.deleteIfExists(commit.resolveSibling("." + commit.getFileName() + ".crc"));

        assertThatThrownBy(this::all).hasMessageContaining("its log is damaged: 00000000000000000001.json is empty");
    }

    private List<Row> all() {
        return new Lookup(lake.root())
                .rows(
                        "penalties",
                        null,
                        "entity_id",
                        ids(0, 50),
                        Contract.of("penalties").columnNames());
    }

    private List<Path> files(String name) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(lake.path("penalties")))) {
            return files.filter(f -> f.getFileName().toString().matches(name)).toList();
        }
    }

    private void replace(String table, Dataset<Row> rows, String slice, int n) {
        lake.replace(table, rows, slice, "{\"n\":" + n + "}");
    }

    private void assertSame(String table, LocalDate day, String column, List<String> values) {
        List<String> columns = Contract.of(table).columnNames();
        Dataset<Row> rows = lake.read(table)
                .where(col(column)
                        .isin(values.stream().filter(v -> v != null).toArray())
                        .or(
                                values.stream().anyMatch(v -> v == null)
                                        ? col(column).isNull()
                                        : org.apache.spark.sql.functions.lit(false)));
        if (day != null) {
            rows = rows.where(col("as_of").equalTo(day));
        }
        List<Row> read = rows.select(Contract.of(table).columns()).collectAsList();
        List<Row> found = new Lookup(lake.root()).rows(table, day, column, values, columns);

        assertThat(found).containsExactlyInAnyOrderElementsOf(read);
        assertThat(text(found)).isEqualTo(text(read)); // the scale of a number, too
        assertThat(found)
                .allSatisfy(row -> assertThat(row.schema().fieldNames()).containsExactlyElementsOf(columns));
    }

    private static List<String> text(List<Row> rows) {
        return rows.stream()
                .map(r -> r.mkString("|").replace("ArraySeq(", "List("))
                .sorted()
                .toList();
    }

    private static List<String> ids(int from, int to) {
        List<String> ids = new ArrayList<>();
        for (int id = from; id < to; id++) {
            ids.add(id(id));
        }
        return ids;
    }

    private static String id(int id) {
        return String.format("E%05d", id);
    }

    private static Dataset<Row> penalties(int from, int to, int entities) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int n = from; n < to; n++) {
            Map<String, Object> row = new HashMap<>();
            row.put("record_id", String.format("R%07d", n));
            row.put("entity_id", n % 17 == 3 ? null : id(n * 31 % entities));
            row.put("credit_code", List.of("甲", "🌳", "E00001", "榕").get(n % 4));
            row.put("decided_on", LocalDate.of(1899, 12, 30).plusDays(n * 37L));
            row.put("repaired_on", n % 5 == 0 ? null : "2025-06-30");
            row.put("kinds", n % 7 == 0 ? null : n % 7 == 1 ? List.of("fine") : List.of("fine", "suspension"));
            row.put("fine_yuan", n % 3 == 0 ? null : n + ".50");
            row.put("amount_yuan", n % 2 == 0 ? "9999999999999999.99" : "-0.01");
            row.put("withdrawn", n % 2 == 0);
            row.put("file", "2025-06-30/处罚_" + n % 3 + ".csv");
            row.put("line", 4_000_000_000L * (n % 2) + n);
            row.put("known_from", "2025-06-30");
            row.put("version", n % 9 + 1);
            rows.add(row);
        }
        return Rows.of("penalties", rows);
    }

    private static Dataset<Row> contributions(String day) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int n = 0; n < 60; n++) {
            Map<String, Object> row = new HashMap<>();
            row.put("entity_id", id(n % 20));
            row.put("indicator", "i" + n / 20 + "_" + day);
            row.put("value", n % 4 == 0 ? null : n + ".1250");
            row.put("points", "-" + n + ".5");
            row.put("counted", n - 30);
            row.put("evidence", List.of("a" + n, "b"));
            row.put("as_of", day);
            row.put("known_at", day);
            rows.add(row);
        }
        return Rows.of("contributions", rows);
    }

    private static Dataset<Row> runs() {
        return Rows.of(
                "runs",
                List.of(
                        Map.of("run_id", "r000001", "started_at", "2025-06-30 23:59:59.123456", "seconds", "1.5"),
                        Map.of("run_id", "r000002", "started_at", "1901-01-01 00:00:00", "rows", Long.MAX_VALUE),
                        Map.of("run_id", "r000003")));
    }
}
