package banyan.jobs;

import banyan.jobs.ingest.Deliveries;
import banyan.jobs.ingest.Intake;
import banyan.jobs.ingest.Pseudonym;
import banyan.models.Policy;
import banyan.schemas.Contract;
import banyan.schemas.Rows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The real command line in a process of its own, as the launcher starts it. */
final class Cli {
    static final Path ROOT = Path.of(System.getProperty("banyan.root", ".."));
    static final Path SAMPLES = ROOT.resolve("data-samples");

    /** As the launcher starts what reads little: rows are read faster than code for them is compiled. */
    private static final Map<String, String> SMALL = Map.of(
            "spark.master", "local[2]",
            "spark.sql.codegen.wholeStage", "false",
            "spark.sql.codegen.factoryMode", "NO_CODEGEN",
            "spark.sql.adaptive.enabled", "false",
            "spark.sql.shuffle.partitions", "2");

    private Cli() {}

    record Ended(int code, String out) {
        String lastLine() {
            return out.lines().reduce((a, b) -> b).orElse("");
        }
    }

    static Ended run(String... arguments) {
        return run(List.of(), arguments);
    }

    /** @param frontOfClassPath folders whose files are seen before the packaged ones */
    static Ended run(List<Path> frontOfClassPath, String... arguments) {
        return run(frontOfClassPath, Map.of(), arguments);
    }

    /** @param environment variables, beside those that this process has */
    static Ended run(Map<String, String> environment, String... arguments) {
        return run(List.of(), environment, arguments);
    }

    private static Ended run(List<Path> frontOfClassPath, Map<String, String> environment, String... arguments) {
        try {
            Path out = Files.createTempFile("banyan", ".out");
            Process process = start(out, frontOfClassPath, environment, arguments);
            int code = process.waitFor();
            String text = Files.readString(out, StandardCharsets.UTF_8);
            Files.delete(out);
            return new Ended(code, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Delivers a file of records in a raw contract's own columns. */
    @SafeVarargs
    @SuppressWarnings("varargs")
    static void deliver(Path file, String table, Map<String, String>... records) throws IOException {
        deliver(file, table, List.of(records));
    }

    static void deliver(Path file, String table, List<Map<String, String>> records) throws IOException {
        List<String> names = Contract.of(table).columnNames();
        List<String> columns = names.subList(0, names.indexOf("sender"));
        StringBuilder text = new StringBuilder(String.join(",", columns)).append('\n');
        for (Map<String, String> record : records) {
            text.append(columns.stream().map(c -> record.getOrDefault(c, "")).collect(Collectors.joining(",")))
                    .append('\n');
        }
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    /** What a register delivers of an enterprise in operation since 2015. */
    static Map<String, String> registration(String number, String code, String name, String area, String address) {
        return Map.of(
                "record_no", number,
                "credit_code", code,
                "name", name,
                "entity_kind", "企业",
                "status", "存续",
                "established_on", "2015-01-01",
                "area_code", area,
                "address", address);
    }

    /** A row of supervision_list, such as makes a day built. */
    static Dataset<Row> listed(String entity, LocalDate day) {
        return Rows.of(
                "supervision_list",
                List.of(Map.of(
                        "rank", 1,
                        "entity_id", entity,
                        "name", entity,
                        "risk_class", "A",
                        "as_of", day)));
    }

    /** A prediction of model m. */
    static Dataset<Row> predicted(String version, String state, LocalDate day) {
        return Rows.of(
                "predictions",
                List.of(Map.of(
                        "entity_id", "E1", "model", "m", "model_version", version, "state", state, "as_of", day)));
    }

    /** A folder and all that lies below it. */
    static Path copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
        return to;
    }

    /** The same command line inside this process, with its one session: quick, for commands that only look or are refused. */
    static Ended inside(String... arguments) {
        makeWay();
        java.io.PrintStream out = System.out;
        java.io.PrintStream err = System.err;
        java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
        try (java.io.PrintStream both = new java.io.PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            System.setOut(both);
            System.setErr(both);
            int code = Main.run(arguments);
            return new Ended(code, bytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    /** What {@code run} does first, and no more: takes in what is new and builds some tables. */
    static void conform(Path deliveries, Path lake, LocalDate day, String... tables) {
        conform(deliveries, lake, day, Optional.empty(), tables);
    }

    static void conform(Path deliveries, Path lake, LocalDate day, Optional<Pseudonym> pseudonym, String... tables) {
        Lake open = new Lake(session(), lake.toString());
        Clock clock = Clock.systemDefaultZone();
        Runner runner =
                new Runner(open, Policy.packaged(), day, day, "zh", "test", clock, new Progress(null, false, clock));
        new Intake(open, pseudonym).take(Deliveries.in(deliveries, day), runner.run());
        runner.buildAll(Stream.of(tables).map(Pipeline::table).toList(), false);
        runner.record();
    }

    /** The session that commands inside this process use. */
    static SparkSession session() {
        makeWay();
        return Session.open();
    }

    private static void makeWay() {
        SMALL.forEach(System::setProperty);
        if (Rows.spark().conf().get("spark.sql.extensions", "").isEmpty()) {
            Rows.spark().stop();
        }
    }

    static Process start(Path out, List<Path> frontOfClassPath, String... arguments) throws IOException {
        return start(out, frontOfClassPath, Map.of(), arguments);
    }

    private static Process start(
            Path out, List<Path> frontOfClassPath, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> command = java();
        command.addAll(List.of(
                "-Xmx2g",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:ReservedCodeCacheSize=256m",
                "-Dfile.encoding=UTF-8"));
        SMALL.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.add("-cp");
        StringBuilder path = new StringBuilder();
        frontOfClassPath.forEach(p -> path.append(p).append(java.io.File.pathSeparator));
        command.add(path + System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add("banyan.jobs.Main");
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** This JDK's java, with what Spark needs of it. */
    static List<String> java() {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(a -> a.startsWith("--add-")
                        || a.startsWith("--enable")
                        || a.startsWith("--sun")
                        || a.startsWith("-Dio.netty")
                        || a.equals("-XX:+IgnoreUnrecognizedVMOptions"))
                .forEach(command::add);
        return command;
    }

    /** Each file below a folder, by its path there, with its bytes as hex. */
    static String hashes(Path folder, String pattern) {
        try (Stream<Path> files = Files.walk(folder)) {
            StringBuilder all = new StringBuilder();
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile).sorted()::iterator) {
                String name = folder.relativize(file).toString();
                if (name.matches(pattern)) {
                    all.append(String.format(Locale.ROOT, "%s %s%n", name, hash(file)));
                }
            }
            return all.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(Path file) throws IOException {
        try {
            return java.util.HexFormat.of()
                    .formatHex(
                            java.security.MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : (Iterable<Path>) files.sorted(java.util.Comparator.reverseOrder())::iterator) {
                    Files.delete(file);
                }
            }
        }
    }
}
