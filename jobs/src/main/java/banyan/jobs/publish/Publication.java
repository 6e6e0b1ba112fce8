package banyan.jobs.publish;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Parallel;
import banyan.jobs.Refusal;
import banyan.jobs.Sha256;
import banyan.jobs.conform.CreditCode;
import banyan.jobs.score.Contributions;
import banyan.models.Policy;
import banyan.schemas.Contract;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import tools.jackson.databind.node.ObjectNode;

/**
 * A supervision list, with the lists of the fields that have a class of their own, of the models in force, and of those whom the
 * province classes otherwise, as other people and systems get it: {@code TO/supervision_list/<snapshot>/} with CSV (for machines, for Excel), XLSX, Parquet, report, manifest and SHA256SUMS,
 * {@code TO/supervision_list/<day>.json}, which points to the day's, and {@code TO/supervision_list/latest.json}, moved last, to
 * that of the newest day: a list made later for an earlier day does not move it back. A snapshot never changes
 * once it is there, holds nothing of the clock, and is named after its own content: the same list is the same bytes, but for
 * Parquet, whose footer orders a set of encodings by chance (its rows are the same, in the same order).
 */
public final class Publication {
    private static final String LIST = "supervision_list";
    private static final String SPECIAL = "special_list";
    private static final String PREDICTED = "prediction_list";
    private static final String APART = "class_differences";
    private static final String POINTS = "contributions";

    private final Lake lake;
    private final Policy policy;
    private final LocalDate asOf;
    private final SnapshotFolder folder;
    private final String lang;
    private final Optional<Answer> answer;

    /** Who answers, by name, for a list that a guard of the gate refused, and why. */
    public record Answer(String by, String reason) {
        /** @throws Refusal with exit 2 if it is no {@code NAME: REASON} */
        public static Answer of(String despite) {
            String[] parts = despite.split("[:：]", 2);
            if (parts.length < 2 || parts[0].isBlank() || parts[1].isBlank()) {
                throw new Refusal(
                        Refusal.Exit.USAGE,
                        "Cannot take --despite '" + despite
                                + "' as an answer: write who answers and why, as 'NAME: REASON'.");
            }
            return new Answer(parts[0].strip(), parts[1].strip());
        }
    }

    /** @param answer for what the guards of the gate refuse; empty where nobody answers */
    public Publication(Lake lake, Policy policy, LocalDate asOf, Path to, String lang, Optional<Answer> answer) {
        this.answer = answer;
        this.lake = lake;
        this.policy = policy;
        this.asOf = asOf;
        this.folder = new SnapshotFolder(to.resolve(LIST));
        this.lang = lang;
    }

    /** Where the list lies, whether it was there before, and what the gate found. */
    public record Published(Path snapshot, boolean already, Gate.Findings gate) {}

    /** What the rows of a day's list come to; another list has another. */
    public static String fingerprint(Lake lake, LocalDate asOf) {
        return lake.scan(LIST, asOf).fingerprint();
    }

    /** Class → entities of a day, in the order A, B, C, D, unclassified. */
    public static Map<String, Long> classes(Lake lake, LocalDate asOf) {
        Map<String, Long> classes = new LinkedHashMap<>();
        Gate.CLASSES.forEach(c -> classes.put(c, 0L));
        day(lake, "risk_classes", asOf)
                .groupBy("risk_class")
                .agg(count(lit(1)))
                .collectAsList()
                .forEach(r -> classes.put(r.getString(0), r.getLong(1)));
        return classes;
    }

    /** What the gate finds of a day, with nothing written. */
    public static Gate.Findings gate(Lake lake, Policy policy, LocalDate asOf) {
        return Gate.findings(
                lake, policy, asOf, day(lake, LIST, asOf), points(lake, asOf), day(lake, "risk_classes", asOf));
    }

    /** The same, kept in gate_checks. */
    public static Gate.Findings checked(Lake lake, Policy policy, LocalDate asOf) {
        Gate.Findings gate = gate(lake, policy, asOf);
        gate.keep(lake, asOf, policy.version());
        return gate;
    }

    /**
     * Gate, snapshot, exports, report, pointer.
     *
     * @throws Refusal with exit 3 if the gate blocks; what was published before stays as it is
     */
    public Published publish() {
        Dataset<Row> list = day(lake, LIST, asOf)
                .select(Contract.of(LIST).columns())
                .orderBy("rank")
                .persist();
        Dataset<Row> contributions = points(lake, asOf).persist();
        List<Beside> all =
                List.of(beside(SPECIAL, "field", "rank"), beside(PREDICTED, "model", "rank"), beside(APART, "rank"));
        boolean province = Province.sends(lake, list);
        List<Beside> beside = all.stream()
                .filter(one -> switch (one.name) {
                    case APART -> province;
                    case PREDICTED -> !one.rows.isEmpty(); // only where a model is in force
                    default -> true;
                })
                .toList();
        try {
            Map<String, String> prints = new ConcurrentHashMap<>();
            AtomicReference<Gate.Findings> found = new AtomicReference<>();
            List<Runnable> looks = new ArrayList<>(List.of(
                    () -> found.set(
                            Gate.findings(lake, policy, asOf, list, contributions, day(lake, "risk_classes", asOf))),
                    () -> prints.put(LIST, Lake.fingerprint(LIST, list)),
                    () -> prints.put(POINTS, Lake.fingerprint(POINTS, contributions))));
            beside.forEach(one -> looks.add(() -> prints.put(one.name, Lake.fingerprint(one.name, one.rows))));
            Parallel.each(looks, Runnable::run);
            Gate.Findings gate = found.get();
            gate.keep(lake, asOf, policy.version());
            String fingerprint = Stream.of(
                            Stream.of(LIST, POINTS), beside.stream().map(Beside::name))
                    .flatMap(names -> names)
                    .map(prints::get)
                    .collect(Collectors.joining(" ", "", " " + lang));
            Optional<Path> there = snapshotOf(fingerprint);
            refuse(asOf, gate, answer.isPresent() || there.isPresent());
            Path snapshot = there.isPresent() ? there.get() : write(list, contributions, beside, gate, fingerprint);
            point(snapshot);
            return new Published(snapshot, there.isPresent(), gate);
        } catch (IOException e) {
            throw folder.unwritable(e);
        } finally {
            list.unpersist();
            contributions.unpersist();
            all.forEach(one -> one.rows.unpersist());
        }
    }

    /**
     * A list that goes out beside the supervision list.
     *
     * @param rows of the day, cached
     * @param order of its rows
     */
    private record Beside(String name, Dataset<Row> rows, Column[] order) {}

    private Beside beside(String name, String... columns) {
        Column[] order = Stream.of(columns).map(functions::col).toArray(Column[]::new);
        Dataset<Row> rows = day(lake, name, asOf)
                .select(Contract.of(name).columns())
                .orderBy(order)
                .persist();
        return new Beside(name, rows, order);
    }

    /**
     * @param answered whether somebody answers for what a guard refuses
     * @throws Refusal with exit 3 if the gate blocks the list of the day
     */
    public static void refuse(LocalDate asOf, Gate.Findings gate, boolean answered) {
        List<Gate.Check> blocks = gate.blocks(answered);
        if (blocks.isEmpty()) {
            return;
        }
        boolean answerable = blocks.stream().allMatch(Gate.Check::answerable);
        throw new Refusal(
                Refusal.Exit.DATA,
                "Cannot publish the list of " + asOf + ": the gate refused it.\n     "
                        + blocks.stream().map(c -> c.name() + ": " + c.found()).collect(Collectors.joining("\n     "))
                        + "\nThe list published before stays in force. "
                        + (answerable
                                ? "If it is right all the same, answer for it with --despite 'NAME: REASON'."
                                : "Build the day again with `banyan build all`, then publish."));
    }

    /** Writes all files aside, then moves them into place at once. */
    private Path write(
            Dataset<Row> list, Dataset<Row> contributions, List<Beside> beside, Gate.Findings gate, String fingerprint)
            throws IOException {
        Path staging = folder.staging();
        Map<Path, Export> machines = new LinkedHashMap<>();
        Path csv = file(staging, LIST, ".csv");
        machines.put(csv, () -> CsvList.forMachines(csv, Contract.of(LIST), list.toLocalIterator()));
        for (Beside one : beside) {
            Path text = file(staging, one.name, ".csv");
            machines.put(text, () -> CsvList.forMachines(text, Contract.of(one.name), one.rows.toLocalIterator()));
        }
        Parallel.each(List.copyOf(machines.values()), this::write);
        Edition edition = new Edition(
                asOf + "-" + sha256(machines.keySet()).substring(0, 12),
                asOf,
                list.head().getAs("known_at"),
                policy,
                lang,
                gate.classes(),
                !list.where(CreditCode.madeUp(col("entity_id"))).isEmpty(),
                list,
                contributions,
                rows(beside, SPECIAL),
                rows(beside, PREDICTED),
                beside.stream()
                        .filter(one -> one.name.equals(APART))
                        .map(Beside::rows)
                        .findFirst());
        List<Export> exports = new ArrayList<>(List.of(
                () -> Report.write(staging.resolve("report.html"), lake, edition),
                () -> Workbook.write(file(staging, LIST, ".xlsx"), edition),
                () -> CsvList.forExcel(
                        file(staging, LIST, "_excel.csv"), Contract.of(LIST), lang, list.toLocalIterator()),
                () -> lake.parquetFile(
                        list.coalesce(1).sortWithinPartitions("rank"), file(staging, LIST, ".parquet"))));
        for (Beside one : beside) {
            exports.add(() -> CsvList.forExcel(
                    file(staging, one.name, "_excel.csv"), Contract.of(one.name), lang, one.rows.toLocalIterator()));
            exports.add(() -> lake.parquetFile(
                    one.rows.coalesce(1).sortWithinPartitions(one.order), file(staging, one.name, ".parquet")));
        }
        Parallel.each(exports, this::write);
        return folder.settle(edition.id(), manifest(edition, gate, fingerprint));
    }

    private Path file(Path folder, String list, String ending) {
        return folder.resolve(list + "_" + asOf.toString().replace("-", "") + ending);
    }

    private Dataset<Row> rows(List<Beside> beside, String name) {
        return beside.stream()
                .filter(one -> one.name.equals(name))
                .map(Beside::rows)
                .findFirst()
                .orElseGet(() -> lake.empty(name));
    }

    /** Of all files one after the other. */
    private static String sha256(Iterable<Path> files) throws IOException {
        List<InputStream> open = new ArrayList<>();
        for (Path file : files) {
            open.add(Files.newInputStream(file));
        }
        try (InputStream all = new SequenceInputStream(Collections.enumeration(open))) {
            return Sha256.of(all).sha256();
        }
    }

    /** One form of the list. */
    private interface Export {
        void write() throws IOException;
    }

    private void write(Export export) {
        try {
            export.write();
        } catch (IOException e) {
            throw folder.unwritable(e);
        }
    }

    private ObjectNode manifest(Edition edition, Gate.Findings gate, String fingerprint) {
        ObjectNode manifest = Json.object()
                .put("name", LIST)
                .put("snapshot", edition.id())
                .put("as_of", asOf.toString())
                .put("known_at", edition.knownAt().toString())
                .put("policy_version", policy.version())
                .put("contract_version", Contract.of(LIST).version())
                .put("usage_notice", SupervisionList.notice(lang))
                .put("rows", edition.list().count())
                .put("fingerprint", fingerprint);
        manifest.set("classes", Json.of(edition.classes()));
        edition.predicted()
                .groupBy("model", "model_version")
                .count()
                .orderBy("model")
                .collectAsList()
                .forEach(row -> manifest.withArray("models")
                        .addObject()
                        .put("model", row.getString(0))
                        .put("model_version", row.getString(1))
                        .put("rows", row.getLong(2))
                        .put("contract_version", Contract.of(PREDICTED).version()));
        manifest.set("gate", gate.json());
        if (gate.checks().stream().anyMatch(c -> c.verdict() == Gate.Verdict.BLOCK)) {
            answer.ifPresent(
                    a -> manifest.putObject("despite").put("by", a.by()).put("reason", a.reason()));
        }
        return manifest;
    }

    /** The snapshot that holds just these rows and whose files are whole, if there is one. */
    private Optional<Path> snapshotOf(String fingerprint) {
        return folder.whole(
                asOf + "-",
                manifest -> fingerprint.equals(manifest.path("fingerprint").asString("")));
    }

    /** The day's own pointer and, unless a later day is out already, that to the newest list. */
    private void point(Path snapshot) {
        ObjectNode to = Json.object()
                .put("name", LIST)
                .put("snapshot", snapshot.getFileName().toString())
                .put("as_of", asOf.toString())
                .put("path", snapshot.getFileName() + "/manifest.json");
        folder.point(asOf.toString(), to);
        if (!folder.day("latest").filter(asOf::isBefore).isPresent()) {
            folder.point("latest", to);
        }
    }

    private static Dataset<Row> points(Lake lake, LocalDate asOf) {
        return Contributions.all(day(lake, POINTS, asOf), day(lake, "associations", asOf), day(lake, "holds", asOf));
    }

    private static Dataset<Row> day(Lake lake, String table, LocalDate asOf) {
        return lake.read(table, asOf);
    }
}
