package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Spark's own standalone cluster on the loopback address: a master and two workers, each a process that knows the jars of a Spark
 * installation and none of ours.
 */
final class SparkCluster implements AutoCloseable {
    private static final Pattern MASTER = Pattern.compile("Starting Spark master at (spark://127\\.0\\.0\\.1:\\d+)");
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Path home;
    private final List<Process> workers = new ArrayList<>();
    private Process master;
    private String url;
    private int started;

    /** @param home where the installation, the logs and the work of the cluster lie */
    SparkCluster(Path home) {
        this.home = home.toAbsolutePath();
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
    }

    void start() throws IOException {
        Path jars = Files.createDirectories(home.resolve("spark/jars"));
        Path brought = Cli.ROOT.resolve("jobs/cluster/target/spark.classpath");
        for (String jar : Files.readString(brought).strip().split(File.pathSeparator)) {
            Files.createSymbolicLink(jars.resolve(Path.of(jar).getFileName()), Path.of(jar));
        }
        master = java(
                "master",
                "org.apache.spark.deploy.master.Master",
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--webui-port",
                "0");
        await("a master", () -> MASTER.matcher(log()).find());
        Matcher said = MASTER.matcher(log());
        assertThat(said.find()).isTrue();
        url = said.group(1);
    }

    /** Starts workers until there are two, and waits until the master knows them. */
    void twoWorkers() throws IOException {
        workers.removeIf(worker -> !worker.isAlive());
        while (workers.size() < 2) {
            started++;
            workers.add(java(
                    "worker" + started,
                    "org.apache.spark.deploy.worker.Worker",
                    "--host",
                    "127.0.0.1",
                    "--port",
                    "0",
                    "--webui-port",
                    "0",
                    "--cores",
                    "2",
                    "--memory",
                    "2g",
                    "--work-dir",
                    home.resolve("work" + started).toString(),
                    url));
        }
        await("two workers", () -> log().split("Registering worker", -1).length - 1 >= started);
    }

    String url() {
        return url;
    }

    /** How many workers have an executor, or a driver, at work. */
    long busyWorkers() {
        return workers.stream()
                .filter(w -> w.descendants().findAny().isPresent())
                .count();
    }

    /** Kills a worker and all it runs, without a word. */
    void killAWorker() {
        kill(workers.remove(workers.size() - 1));
    }

    /** What the master has said. */
    String log() {
        try {
            return Files.readString(home.resolve("master.log"), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for something to become true, no longer than it may take. */
    void await(String what, BooleanSupplier there) {
        Instant end = Instant.now().plus(PATIENCE);
        while (!there.getAsBoolean()) {
            assertThat(Instant.now())
                    .as("waiting for %s; the master said%n%s", what, log())
                    .isBefore(end);
            try {
                assertThat(master.waitFor(20, TimeUnit.MILLISECONDS)).as(log()).isFalse();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private Process java(String name, String... command) throws IOException {
        List<String> all = new ArrayList<>(Cli.java());
        all.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
        all.add(home.resolve("spark/jars") + "/*");
        all.addAll(List.of(command));
        ProcessBuilder process = new ProcessBuilder(all)
                .redirectErrorStream(true)
                .redirectOutput(home.resolve(name + ".log").toFile());
        process.environment().put("SPARK_HOME", home.resolve("spark").toString());
        process.environment().put("SPARK_SCALA_VERSION", "2.13");
        process.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        process.environment().put("SPARK_LOCAL_DIRS", home.resolve("scratch").toString());
        process.environment().put("JDK_JAVA_OPTIONS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1");
        return process.start();
    }

    @Override
    public void close() {
        workers.forEach(SparkCluster::kill);
        workers.clear();
        if (master != null) {
            kill(master);
        }
    }

    private static void kill(Process process) {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(0, process.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(each -> each.onExit().join());
    }
}
