package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import banyan.jobs.bench.Trial;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The benchmark as a whole, on a small city: what it promises to tell, and that the peers agree. Never how long anything takes. */
class BenchTest {
    private static final Path PEERS = Cli.ROOT.resolve("jobs/target/bench-lib");

    @Test
    @Tag("long")
    void duckDbComesToTheSameRowsAndLists(@TempDir Path work) throws Exception {
        JsonNode found = compare(work, "duckdb");
        assertThat(found.path("tables"))
                .extracting(t -> t.path("table").asString(""))
                .contains("contributions", "special_contributions", "special_classes", "terms");
        assertThat(found.path("same_bytes").properties())
                .extracting(java.util.Map.Entry::getKey)
                .containsExactly("special_list", "supervision_list");
        assertThat(found.path("same_bytes"))
                .allSatisfy(same -> assertThat(same.asBoolean(false)).isTrue());
    }

    @Test
    @Tag("long")
    void sparkPutTogetherPlainlyComesToTheSameClasses(@TempDir Path work) throws Exception {
        compare(work, "naive");
    }

    /** Beside Spark, which spills, that is a result and no fault of the benchmark. */
    @Test
    @Tag("long")
    void aPeerWhoseMemoryIsTooLittleSaysWhere(@TempDir Path work) throws Exception {
        Path city = work.resolve("city");
        Cli.Ended generated =
                Cli.inside("generate", "--entities", "2000", "--seed", "7", "--days", "1", "--to", city.toString());
        assertThat(generated.code()).as(generated.out()).isZero();
        Path told = work.resolve("told.txt");
        Process peer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-cp",
                        String.join(
                                File.pathSeparator,
                                duckdb().toString(),
                                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))),
                        "banyan.jobs.bench.DuckDbPeer",
                        city.toString(),
                        work.resolve("kept").toString(),
                        "2026-01-01",
                        "2",
                        Long.toString(12 << 20))
                .redirectOutput(told.toFile())
                .redirectError(work.resolve("err.txt").toFile())
                .start();

        assertThat(peer.waitFor()).as(Files.readString(work.resolve("err.txt"))).isZero();
        JsonNode run = Json.read(Files.readAllLines(told).get(0));
        assertThat(run.path("unfinished").asString("")).startsWith("In bench/").contains("Out of Memory");
        assertThat(run.path("stages")).isNotEmpty();
        ObjectNode result = Json.object();
        result.putArray("agreement")
                .addObject()
                .put("peer", "duckdb")
                .put("unfinished", run.path("unfinished").asString());
        assertThat(Trial.agreed(result)).isTrue();
        assertThat(Trial.text(result)).contains("duckdb   not finished: In bench/");
    }

    /** The results hold what is promised of them. Returns what they say of the agreement. */
    private static JsonNode compare(Path work, String other) throws Exception {
        Cli.Ended ended = Cli.run(
                List.of(duckdb()),
                "bench",
                "city",
                "--entities",
                "2000",
                "--days",
                "1",
                "--peers",
                other,
                "--memory",
                "1500m",
                "--work",
                work.resolve("bench").toString(),
                "--json");
        assertThat(ended.code()).as(ended.out()).isZero();
        JsonNode result = Json.read(ended.lastLine());
        assertThat(result.path("peers"))
                .extracting(p -> p.path("peer").asString(""))
                .containsExactly("banyan", other);
        assertThat(result.path("agreement")).hasSize(1).allSatisfy(a -> {
            assertThat(a.path("agrees").asBoolean(false)).as(a.toString()).isTrue();
            assertThat(a.path("tables")).isNotEmpty().allSatisfy(t -> {
                assertThat(t.path("differences").asLong(-1)).as(t.toString()).isZero();
                assertThat(t.path("rows").asLong(0)).as(t.toString()).isPositive();
            });
            assertThat(a.path("tables"))
                    .filteredOn(t -> t.path("table").asString("").equals("risk_classes"))
                    .allSatisfy(t -> assertThat(t.path("rows").asLong(0)).isGreaterThan(1900));
            assertThat(a.path("peer_list").asLong(0))
                    .isEqualTo(a.path("list").asLong(-1))
                    .isPositive();
        });
        for (JsonNode peer : result.path("peers")) {
            JsonNode median = peer.path("median");
            assertThat(median.properties())
                    .extracting(java.util.Map.Entry::getKey)
                    .contains("seconds", "cpu_seconds", "peak_bytes", "shuffle_bytes", "bytes_written", "bytes_kept");
            assertThat(median.path("bytes_kept").asLong(0)).isPositive();
            assertThat(median.path("stages"))
                    .extracting(s -> s.path("stage").asString(""))
                    .containsExactly("ingest", "conform", "score", "publish");
            assertThat(median.path("stages")).allSatisfy(s -> {
                assertThat(s.path("rows").asLong(0)).isPositive();
                assertThat(s.path("seconds").asDouble(-1)).isNotNegative();
            });
        }
        assertThat(result.path("ratios"))
                .extracting(r -> r.path("peer").asString(""))
                .containsExactly(other);
        assertThat(result.path("machine").path("cores").asInt(0)).isPositive();
        assertThat(work.resolve("bench/bench.json")).exists();
        assertThat(Files.readString(work.resolve("bench/bench.txt"))).contains("Banyan / " + other);
        return result.path("agreement").path(0);
    }

    private static Path duckdb() throws IOException {
        try (Stream<Path> jars = Files.list(PEERS)) {
            return jars.filter(jar -> jar.toString().endsWith(".jar"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void aPeerThatNobodyKnowsIsAWrongCommand(@TempDir Path work) throws Exception {
        Path day = Files.createDirectories(work.resolve("in/2025-06-01"));
        Files.writeString(day.resolve("penalties.csv"), "decision_no\nx\n");
        Cli.Ended ended = Cli.inside(
                "bench",
                "city",
                "--deliveries",
                work.resolve("in").toString(),
                "--peers",
                "polars",
                "--work",
                work.toString());
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.out()).contains("the peers are duckdb and naive");
    }
}
