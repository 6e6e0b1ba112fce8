package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The samples on a real standalone cluster, started by the launcher as a user would: the list is the one of a local run, byte for byte.
 * Needs the packaged jars, and so runs after they are made ({@code integration-test}).
 */
@Tag("long")
class ClusterTest {
    private static final Path HOME = Cli.ROOT.resolve("jobs/target/cluster");
    private static final SparkCluster CLUSTER = new SparkCluster(HOME);
    private static final String DAY = "2025-06-30";

    /** Parquet's footer orders a set of encodings by chance, so its bytes and with them the manifest's hash may differ. */
    private static final String STEADY = "(?!.*(parquet|manifest|SHA256SUMS)).*";

    private static final List<String> SMALL = List.of(
            "spark.executor.memory=600m",
            "spark.executor.cores=1",
            "spark.cores.max=2",
            "spark.sql.codegen.wholeStage=false",
            "spark.sql.codegen.factoryMode=NO_CODEGEN",
            "spark.sql.adaptive.enabled=false",
            "spark.sql.shuffle.partitions=2");

    private static String reference;
    private static JsonNode referenceRows;

    @BeforeAll
    static void start() throws IOException {
        Cli.delete(HOME);
        Files.createDirectories(HOME);
        // Maven has just packaged it, but leaves a jar alone whose classes are as before: the launcher would build
        // again.
        Files.setLastModifiedTime(Cli.ROOT.resolve("jobs/target/banyan-jobs-0.1.0.jar"), FileTime.from(Instant.now()));
        Local run = localRun();
        reference = published(run.publish);
        referenceRows = rows(run.summary);
        CLUSTER.start();
    }

    @AfterAll
    static void stop() {
        CLUSTER.close();
    }

    @BeforeEach
    void twoWorkers() throws IOException {
        CLUSTER.twoWorkers();
    }

    @Test
    void theDriverHere() throws Exception {
        Started run = launch(HOME.resolve("client"), List.of(), DAY);

        assertThat(run.code()).as(run.out()).isZero();
        assertThat(published(HOME.resolve("client/publish"))).isEqualTo(reference);
        assertThat(rows(run.summary())).isEqualTo(referenceRows);
        assertThat(CLUSTER.log()).contains("Registered app banyan");
    }

    @Test
    void theDriverOnTheCluster() throws Exception {
        Started run = launch(HOME.resolve("driver"), submit("cluster"), DAY);

        assertThat(run.code()).as(run.out()).isZero();
        assertThat(run.out()).contains("is FINISHED");
        assertThat(published(HOME.resolve("driver/publish"))).isEqualTo(reference);
    }

    /** Spark's own client ends in 0 then. */
    @Test
    void aDriverThatFailedOnTheClusterIsTold() throws Exception {
        Started there = launch(HOME.resolve("refused"), submit("cluster"), "2999-01-01");
        Started here = launch(HOME.resolve("refused"), submit("client"), "2999-01-01");

        assertThat(there.code()).as(there.out()).isOne();
        assertThat(there.out()).contains("is FAILED");
        assertThat(here.code()).as(here.out()).isEqualTo(Refusal.Exit.USAGE.code);
    }

    @Test
    void aWorkerKilledOnTheWay() throws Exception {
        Path home = HOME.resolve("killed");
        Started run = launch(home, submit("client"), DAY);
        Path commit = home.resolve("lake/2-conformed/entities/_delta_log/00000000000000000000.json");
        CLUSTER.await("the first conformed table", () -> Files.exists(commit) || !run.process.isAlive());
        assertThat(run.process.isAlive())
                .as("still running when %s appeared", commit)
                .isTrue();
        assertThat(CLUSTER.busyWorkers()).isEqualTo(2);

        CLUSTER.killAWorker();

        assertThat(run.code()).as(run.out()).isZero();
        assertThat(run.out()).contains("is now LOST");
        assertThat(published(home.resolve("publish"))).isEqualTo(reference);
        assertThat(rows(run.summary())).isEqualTo(referenceRows);
    }

    /** The launcher at work. */
    private record Started(Process process, Path file) {
        String out() throws IOException {
            return Files.readString(file, StandardCharsets.UTF_8);
        }

        String summary() throws IOException {
            return out().lines()
                    .filter(line -> line.startsWith("{"))
                    .findFirst()
                    .orElse("{}");
        }

        int code() throws InterruptedException {
            try {
                return process.waitFor(5, TimeUnit.MINUTES) ? process.exitValue() : -1;
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        }
    }

    /** The options of {@code ./banyan submit}, with the settings that Banyan brings for such a cluster. */
    private static List<String> submit(String mode) {
        List<String> options = new ArrayList<>(List.of(
                "submit",
                "--properties-file",
                Cli.ROOT.resolve("jobs/cluster/standalone.conf").toString(),
                "--master",
                CLUSTER.url(),
                "--deploy-mode",
                mode,
                "--driver-memory",
                "1g"));
        SMALL.forEach(setting -> options.addAll(List.of("--conf", setting)));
        options.add("--");
        return options;
    }

    /** @param submit what stands before the command; nothing where the launcher itself is to find the cluster */
    private static Started launch(Path home, List<String> submit, String day) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(Cli.ROOT.resolve("banyan").toString()));
        command.addAll(submit);
        command.addAll(command(home, day));
        Path out = Files.createTempFile(HOME, "run", ".out");
        ProcessBuilder process =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile());
        process.environment().keySet().removeIf(name -> name.startsWith("SPARK_") || name.startsWith("BANYAN_"));
        process.environment().put("JAVA_HOME", System.getProperty("java.home"));
        process.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        process.environment().put("BANYAN_MEMORY", "1g");
        String light = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m";
        if (submit.isEmpty()) {
            process.environment().put("BANYAN_MASTER", CLUSTER.url());
            light += " -D" + String.join(" -D", SMALL);
        }
        process.environment().put("BANYAN_JAVA_OPTS", light);
        return new Started(process.start(), out);
    }

    /** A run in one process: where it published, and its last line. */
    private record Local(Path publish, String summary) {}

    /** GoldenTest's run, if it came after the classes, or else one of our own. */
    private static Local localRun() throws IOException {
        Path golden = Cli.ROOT.resolve("jobs/target/golden");
        Path summary = golden.resolve("summary.json");
        if (Files.exists(summary) && Files.getLastModifiedTime(summary).compareTo(newestClass()) > 0) {
            return new Local(golden.resolve("publish"), Files.readString(summary));
        }
        Path home = HOME.resolve("local");
        Cli.Ended run = Cli.run(command(home, DAY).toArray(String[]::new));
        assertThat(run.code()).as(run.out()).isZero();
        return new Local(home.resolve("publish"), run.lastLine());
    }

    private static List<String> command(Path home, String day) {
        return List.of(
                "run",
                "--deliveries",
                Cli.SAMPLES.toAbsolutePath().toString(),
                "--as-of",
                day,
                "--lake",
                home.toAbsolutePath().resolve("lake").toString(),
                "--publish",
                home.toAbsolutePath().resolve("publish").toString(),
                "--json");
    }

    private static FileTime newestClass() throws IOException {
        FileTime newest = FileTime.fromMillis(0);
        for (String module : List.of("schemas", "models", "jobs")) {
            try (Stream<Path> files = Files.walk(Cli.ROOT.resolve(module + "/target/classes"))) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    FileTime time = Files.getLastModifiedTime(file);
                    newest = time.compareTo(newest) > 0 ? time : newest;
                }
            }
        }
        return newest;
    }

    /** Rows, quarantined and duplicates of each table, as they were counted while they were written. */
    private static JsonNode rows(String summary) {
        return Json.read(summary).get("tables");
    }

    /** Every file of what was published with its hash, and of rows the fingerprint. */
    private static String published(Path publish) throws IOException {
        String hashes = Cli.hashes(publish, STEADY);
        assertThat(hashes).contains("latest.json", ".csv", ".xlsx", ".html");
        JsonNode pointer = Json.read(Files.readString(publish.resolve("supervision_list/latest.json")));
        Path snapshot =
                publish.resolve("supervision_list/" + pointer.get("snapshot").asString());
        assertThat(banyan.jobs.publish.SnapshotFolder.whole(snapshot)).isTrue();
        return hashes
                + Json.read(Files.readString(snapshot.resolve("manifest.json"))).get("fingerprint");
    }
}
