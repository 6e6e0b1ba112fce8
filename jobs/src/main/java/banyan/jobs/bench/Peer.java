package banyan.jobs.bench;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Pipeline;
import banyan.schemas.Contract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import tools.jackson.databind.JsonNode;

/** Who does the work: each in a process of its own, start-up included, from an empty folder. */
enum Peer {
    /** {@code banyan run --publish}, started as the launcher starts it. */
    BANYAN("Banyan: run --publish, with gate, report, workbook and Delta log") {
        @Override
        Measured run(Task task, Path home, Clock clock) {
            Path shuffles = home.resolve("shuffles");
            List<String> flags = metered(Child.likeTheLauncher(task.threads, task.memory), shuffles);
            Child.Ended ended = new Child(home.resolve("out.txt"), clock)
                    .run(flags, Child.classPath(false), "banyan.jobs.Main", commandLine(task, home));
            JsonNode summary = Json.read(ended.lastLine());
            Map<String, Long> rows = new TreeMap<>();
            summary.path("tables").forEach(t -> {
                String table = t.path("name").asString("");
                if (!ALONE.contains(table)) {
                    rows.merge(Contract.of(table).folder(), t.path("rows").asLong(0), Long::sum);
                }
            });
            List<Measured.Mark> marks = new ArrayList<>();
            for (String stage : STAGES) {
                String folder = FOLDERS.get(stage);
                long last = Pipeline.TABLES.stream()
                        .filter(t -> Contract.of(t.name()).folder().equals(folder))
                        .mapToLong(t -> new DeltaLog(
                                        home.resolve("lake").resolve(folder).resolve(t.name()))
                                .lastCommit())
                        .max()
                        .orElse(0);
                marks.add(new Measured.Mark(stage, last, rows.getOrDefault(folder, 0L)));
            }
            return Measured.of(ended.trace(), marks, shuffles, home, summary.path("classes"), null);
        }

        @Override
        Dataset<Row> rows(String table, Function<String, Lake> lakes, Path home) {
            return lakes.apply(home.resolve("lake").toString()).read(table);
        }

        @Override
        Map<String, Path> lists(Path home) {
            try (Stream<Path> files = Files.walk(home.resolve("lists"))) {
                return files.filter(f -> f.getFileName().toString().matches(".*_[0-9]{8}\\.csv"))
                        .collect(Collectors.toMap(
                                f -> f.getFileName().toString().replaceFirst("_[0-9]{8}\\.csv", ""), f -> f));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    },

    /** The same work in DuckDB. */
    DUCKDB("DuckDB: the same work in SQL written by hand; no gate, report, workbook or Delta log") {
        @Override
        Measured run(Task task, Path home, Clock clock) {
            List<String> flags = Child.untuned(task.threads, HEAP);
            List<String> arguments = List.of(
                    task.deliveries.toString(),
                    home.resolve("kept").toString(),
                    task.day.toString(),
                    Integer.toString(task.threads),
                    Long.toString(task.memory));
            return told(
                    new Child(home.resolve("out.txt"), clock)
                            .run(flags, Child.classPath(true), "banyan.jobs.bench.DuckDbPeer", arguments),
                    null,
                    home.resolve("kept"));
        }

        @Override
        List<String> tables() {
            return List.of(
                    "contributions",
                    "holds",
                    "risk_classes",
                    "sample_failures",
                    "complaint_rates",
                    "special_contributions",
                    "special_classes",
                    "terms");
        }

        @Override
        Dataset<Row> rows(String table, Function<String, Lake> lakes, Path home) {
            Path kept = home.resolve("kept/3-scored/" + table + ".parquet");
            return lakes.apply(home.toString()).parquet(List.of(kept.toUri().toString()), null);
        }

        @Override
        Map<String, Path> lists(Path home) {
            Path published = home.resolve("kept/4-published");
            return new TreeMap<>(Map.of(
                    "supervision_list", published.resolve("supervision_list.csv"),
                    "special_list", published.resolve("special_list.csv")));
        }
    },

    /** A first draft in Spark. */
    NAIVE(
            "Naive Spark: default settings, read.csv, an aggregation and a join an indicator; conformed tables by Banyan's functions") {
        @Override
        Measured run(Task task, Path home, Clock clock) {
            Path shuffles = home.resolve("shuffles");
            List<String> flags = metered(Child.untuned(task.threads, task.memory), shuffles);
            flags.addAll(NaivePeer.sparksDefaults());
            List<String> arguments =
                    List.of(task.deliveries.toString(), home.resolve("kept").toString(), task.day.toString());
            return told(
                    new Child(home.resolve("out.txt"), clock)
                            .run(flags, Child.classPath(false), "banyan.jobs.bench.NaivePeer", arguments),
                    shuffles,
                    home.resolve("kept"));
        }

        @Override
        Dataset<Row> rows(String table, Function<String, Lake> lakes, Path home) {
            return lakes.apply(home.resolve("kept/lake").toString()).read(table);
        }
    };

    /** DuckDB's memory lies outside the heap. */
    private static final long HEAP = 256L << 20;

    /**
     * Of what the first draft does not work out, classes of the fields and terms, and of associations, of which the town tells nothing,
     * the time counts; their rows are in no stage's number.
     */
    private static final Set<String> ALONE = Set.of(
            "associations",
            "holds",
            "terms",
            "sample_failures",
            "complaint_rates",
            "owner_businesses",
            "special_contributions",
            "special_classes",
            "special_list");

    static final List<String> STAGES = List.of("ingest", "conform", "score", "publish");
    private static final Map<String, String> FOLDERS =
            Map.of("ingest", "1-raw", "conform", "2-conformed", "score", "3-scored", "publish", "4-published");

    final String what;

    Peer(String what) {
        this.what = what;
    }

    /** What all are given. */
    record Task(Path deliveries, LocalDate day, int threads, long memory) {}

    /** @param home an empty folder */
    abstract Measured run(Task task, Path home, Clock clock);

    /** The tables that it makes and that are compared with Banyan's. */
    List<String> tables() {
        return List.of("risk_classes");
    }

    /** The rows of a table that a run left. */
    abstract Dataset<Row> rows(String table, Function<String, Lake> lakes, Path home);

    /** List → its CSV, which should be the same byte for byte; none where a peer writes CSV of another form. */
    Map<String, Path> lists(Path home) {
        return Map.of();
    }

    static List<String> commandLine(Task task, Path home) {
        return List.of(
                "run",
                "--deliveries",
                task.deliveries.toString(),
                "--lake",
                home.resolve("lake").toString(),
                "--as-of",
                task.day.toString(),
                "--publish",
                home.resolve("lists").toString(),
                "--despite",
                "benchmark: a city made up for measuring, whatever its class shares",
                "--quiet",
                "--json");
    }

    private static List<String> metered(List<String> launched, Path shuffles) {
        List<String> flags = new ArrayList<>(launched);
        flags.add("-Dspark.extraListeners=" + ShuffleMeter.class.getName());
        flags.add("-D" + ShuffleMeter.FILE + "=" + shuffles);
        return flags;
    }

    private static Measured told(Child.Ended ended, Path shuffles, Path kept) {
        JsonNode told = Json.read(ended.lastLine());
        List<Measured.Mark> marks = new ArrayList<>();
        told.path("stages")
                .forEach(s -> marks.add(new Measured.Mark(
                        s.path("stage").asString(""),
                        s.path("ended").asLong(0),
                        s.path("rows").asLong(0))));
        return Measured.of(
                ended.trace(),
                marks,
                shuffles,
                kept,
                told.path("classes"),
                told.path("unfinished").asString(null));
    }

    /** Rows on the list of a run. */
    static long list(Measured run) {
        return run.stages().get(run.stages().size() - 1).rows();
    }
}
