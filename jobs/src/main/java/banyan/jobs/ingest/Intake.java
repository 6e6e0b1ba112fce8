package banyan.jobs.ingest;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.xxhash64;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Parallel;
import banyan.jobs.Quality;
import banyan.jobs.Refusal;
import banyan.schemas.Contract;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Takes deliveries into the raw tables, each exactly once. All new files are read, counted and checked before a row is written; one
 * that is refused stops them all. For every file: records = accepted + quarantined + duplicates.
 */
public final class Intake {
    /** So many hashes are sent to every core. */
    private static final long FEW = 1_000_000;

    private final Lake lake;
    private final Reading reading;
    private final List<String> refused;
    private final List<String> remarks;

    /** @param pseudonym empty where the lake has no key: then no file that tells of people is taken in */
    public Intake(Lake lake, Optional<Pseudonym> pseudonym) {
        this.lake = lake;
        this.reading = new Reading(lake, pseudonym);
        this.refused = reading.refused();
        this.remarks = reading.remarks();
    }

    /** What became of one file. */
    private record Counts(long records, long accepted, long quarantined, long duplicates) {}

    /**
     * @param redated whether the bytes of one of the files lie in the raw table already, under a later day
     * @param rows all records, with {@code __repeats}, whether one before it in its delivery is alike
     */
    private record Batch(
            List<DeliveredFile> files,
            boolean redated,
            Dataset<Row> rows,
            Map<String, Counts> counts,
            List<Row> metrics) {
        long sum(ToLongFunction<Counts> of) {
            return counts.values().stream().mapToLong(of).sum();
        }
    }

    /** What was taken in: how many files, what a reader should know, and raw table → version, rows, quarantined, duplicates. */
    public record Taken(int files, int already, List<String> remarks, SortedMap<String, long[]> tables) {
        public static final Taken NOTHING = new Taken(0, 0, List.of(), new TreeMap<>());
    }

    /**
     * @param run id of the run, kept in each commit
     * @throws Refusal with exit 3 naming every refused file and why; nothing was written then
     */
    public Taken take(Deliveries deliveries, String run) {
        Map<String, List<Row>> known = known(deliveries.files());
        Map<String, DeliveredFile> first = new HashMap<>();
        List<Row> ledger = new ArrayList<>();
        SortedMap<String, List<DeliveredFile>> fresh = new TreeMap<>();
        int already = 0;
        for (DeliveredFile file : deliveries.files()) {
            if (reading.leavesOut(file)) {
                continue;
            }
            List<Row> before = known.getOrDefault(file.key(), List.of());
            if (before.stream().anyMatch(row -> row.getAs("file").equals(file.name()))) {
                already++;
            } else if (first.containsKey(file.key())) {
                continue; // told of when the first of them is
            } else if (before.stream().anyMatch(row -> !file.receivedOn().isBefore(row.getAs("received_on")))) {
                String original = original(before).getAs("file");
                remarks.add(file.name() + " holds the same bytes as " + original + ": no new rows");
                ledger.add(replay(file, original, original(before).<Long>getAs("records")));
            } else {
                first.put(file.key(), file);
                fresh.computeIfAbsent(file.table(), t -> new ArrayList<>()).add(file);
                before.forEach(row -> ledger.add(overtaken(row, file)));
                if (!before.isEmpty()) {
                    remarks.add(file.name() + " holds the same bytes as "
                            + original(before).getAs("file") + ", received later: its records are known from "
                            + file.receivedOn());
                }
            }
        }
        SortedMap<String, long[]> tables = new TreeMap<>();
        if (fresh.isEmpty() && ledger.isEmpty()) {
            return new Taken(0, already, remarks, tables);
        }
        SortedMap<String, Batch> batches = new TreeMap<>();
        try {
            lake.clearStaging();
            Parallel.each(fresh.values().stream().flatMap(List::stream).toList(), reading::stage);
            reading.refuseIfAny();
            Parallel.each(List.copyOf(fresh.keySet()), table -> {
                Batch batch = batch(table, fresh.get(table), known, run);
                if (batch != null) {
                    synchronized (batches) {
                        batches.put(table, batch);
                    }
                }
            });
            reading.refuseIfAny();
            Parallel.each(List.copyOf(batches.keySet()), table -> {
                long[] written = write(table, batches.get(table), run);
                synchronized (tables) {
                    tables.put(table, written);
                }
            });
            batches.values()
                    .forEach(batch -> batch.files.forEach(
                            file -> ledger.add(row(file, reading.of(file), batch.counts.get(file.sha256())))));
            for (DeliveredFile file : deliveries.files()) {
                DeliveredFile original = first.get(file.key());
                boolean told = known.getOrDefault(file.key(), List.of()).stream()
                        .anyMatch(row -> row.getAs("file").equals(file.name()));
                if (original != null && !told && !original.name().equals(file.name())) {
                    remarks.add(file.name() + " holds the same bytes as " + original.name() + ": no new rows");
                    Counts counts = batches.get(file.table()).counts.get(file.sha256());
                    ledger.add(replay(file, original.name(), counts.records));
                }
            }
            measured(batches.values(), run);
            record(ledger, run);
        } finally {
            lake.clearStaging();
        }
        Collections.sort(remarks);
        return new Taken(ledger.size(), already, List.copyOf(remarks), tables);
    }

    /** The ledger's rows of the bytes at hand, by {@link DeliveredFile#key}. */
    private Map<String, List<Row>> known(List<DeliveredFile> files) {
        if (files.isEmpty()) {
            return Map.of();
        }
        Object[] shas = files.stream().map(DeliveredFile::sha256).distinct().toArray();
        return lake
                .read("deliveries")
                .where(col("delivery").isin(shas))
                .select(Contract.of("deliveries").columns())
                .collectAsList()
                .stream()
                .collect(Collectors.groupingBy(row -> row.getAs("delivery") + " " + row.getAs("table")));
    }

    private static Row original(List<Row> alike) {
        return alike.stream()
                .filter(row -> row.getAs("replay_of") == null)
                .findFirst()
                .orElseThrow();
    }

    private Batch batch(String table, List<DeliveredFile> files, Map<String, List<Row>> known, String run) {
        Contract contract = Contract.of(table);
        Optional<Dataset<Row>> read = reading.rows(contract, files);
        if (read.isEmpty()) {
            return null;
        }
        Dataset<Row> rows = read.get();
        LocalDate earliest = files.stream()
                .map(DeliveredFile::receivedOn)
                .min(Comparator.naturalOrder())
                .orElseThrow();
        Profile profile =
                Profile.of(contract, files, rows, Reading.fields(contract), Quality.usual(lake, table, earliest), run);
        refused.addAll(profile.refusals());
        remarks.addAll(profile.remarks());
        Optional<Dataset<Row>> alike = alike(rows);
        Map<String, Long> repeats = alike.map(Intake::repeats).orElse(Map.of());
        Map<String, Counts> counts = counts(contract, files, rows, profile.numbers(), repeats);
        long again = counts.values().stream().mapToLong(Counts::duplicates).sum();
        Dataset<Row> told = alike.isPresent() && again > 0
                ? repeating(rows, alike.get(), again <= FEW)
                : rows.withColumn("__repeats", lit(false));
        return new Batch(
                files, files.stream().anyMatch(file -> known.containsKey(file.key())), told, counts, profile.metrics());
    }

    /**
     * What stands more than once in a delivery: delivery and row_hash, how many ({@code n}), the line of the first ({@code __first}), and
     * whether they break a rule; kept until {@link Lake#clearStaging}. Empty where nothing can. Only rows that have a short hash in common
     * are hashed in full to compare them.
     */
    private static Optional<Dataset<Row>> alike(Dataset<Row> rows) {
        Dataset<Row> hashed = rows.withColumn("__short", xxhash64(col("delivery"), col("__hashed")));
        Dataset<Row> twice = hashed.groupBy("__short")
                .count()
                .where("count > 1")
                .select("__short")
                .persist();
        long shorts = twice.count();
        if (shorts == 0) {
            return Optional.empty();
        }
        return Optional.of(hashed.join(shorts <= FEW ? broadcast(twice) : twice, new String[] {"__short"}, "left_semi")
                .groupBy("delivery", "row_hash")
                .agg(
                        count(lit(1)).as("n"),
                        min("line").as("__first"),
                        max(size(col("__broken")).gt(0)).as("broken"))
                .where("n > 1")
                .persist());
    }

    /** Delivery → how many of its records repeat one before, those that are set aside left out. */
    private static Map<String, Long> repeats(Dataset<Row> alike) {
        return alike.where("not broken").groupBy("delivery").agg(sum(col("n").minus(1))).collectAsList().stream()
                .collect(Collectors.toMap(r -> r.getString(0), r -> r.getLong(1)));
    }

    private static Dataset<Row> repeating(Dataset<Row> rows, Dataset<Row> alike, boolean few) {
        Dataset<Row> firsts = alike.where("not broken").select("delivery", "row_hash", "__first");
        return rows.join(few ? broadcast(firsts) : firsts, new String[] {"delivery", "row_hash"}, "left")
                .withColumn("__repeats", coalesce(col("line").gt(col("__first")), lit(false)))
                .drop("__first");
    }

    /**
     * @param numbers of the deliveries
     * @param repeats delivery → how many of its records repeat one before
     */
    private Map<String, Counts> counts(
            Contract contract,
            List<DeliveredFile> files,
            Dataset<Row> rows,
            Map<String, Profile.Numbers> numbers,
            Map<String, Long> repeats) {
        Map<String, Counts> counts = new LinkedHashMap<>();
        numbers.forEach((delivery, n) -> {
            long again = repeats.getOrDefault(delivery, 0L);
            counts.put(delivery, new Counts(n.records(), n.records() - n.broken() - again, n.broken(), again));
        });
        for (DeliveredFile file : files) {
            Counts of = counts.computeIfAbsent(file.sha256(), sha -> new Counts(0, 0, 0, 0));
            if (reading.isUnread(file)) {
                continue;
            }
            if (of.records == 0) {
                refused.add(
                        file.name() + ": it holds no record. If the sender had nothing to send, take the file away");
            } else if (of.quarantined > of.records * limit(contract, file)) {
                refused.add(String.format(
                        Locale.ROOT,
                        "%s: %,d of %,d records break the contract of %s; it allows %.1f %%\n%s",
                        file.name(),
                        of.quarantined,
                        of.records,
                        contract.id(),
                        limit(contract, file) * 100,
                        reasons(rows.where(col("delivery").equalTo(file.sha256())))));
            }
        }
        return counts;
    }

    private static double limit(Contract contract, DeliveredFile file) {
        return file.kind() == null || file.kind().quarantine_limit() == null
                ? contract.quarantineLimit()
                : file.kind().quarantine_limit();
    }

    private static String reasons(Dataset<Row> rows) {
        return rows
                .where("size(__broken) > 0")
                .select(expr("explode(__broken) as rule"), col("line"))
                .groupBy("rule")
                .agg(count(lit(1)).as("n"), expr("min(line)"))
                .orderBy(col("n").desc(), col("rule"))
                .limit(5)
                .collectAsList()
                .stream()
                .map(r -> String.format(
                        Locale.ROOT, "     %,9d  %s (first in line %d)", r.getLong(1), r.getString(0), r.getLong(2)))
                .collect(Collectors.joining("\n"));
    }

    /** Quarantine first, then the accepted rows; both carry the same slice, so either can be written again. */
    private long[] write(String table, Batch batch, String run) {
        String slice = slice(batch.files.stream());
        long quarantined = batch.sum(Counts::quarantined);
        String metadata = metadata(table, run, slice);
        boolean again = batch.redated && lake.hasQuarantine(table);
        if (quarantined > 0 || again || attempted(lake.quarantineCommits(table), batch.files)) {
            lake.replaceQuarantine(
                    table,
                    batch.rows
                            .where("size(__broken) > 0")
                            .withColumn("table", lit(table))
                            .withColumn("broken", col("__broken"))
                            .withColumn("record", col("__record"))
                            .coalesce(1)
                            .sortWithinPartitions("file", "line"),
                    slice,
                    metadata);
        }
        Dataset<Row> accepted = batch.rows.where("size(__broken) = 0 and not __repeats");
        Dataset<Row> files = accepted.coalesce(Lake.files(batch.sum(Counts::accepted)));
        Lake.Written written = batch.redated || attempted(lake.commits(table), batch.files)
                ? lake.replace(table, files, slice, metadata)
                : lake.append(table, files, metadata);
        return new long[] {written.version(), written.rows(), quarantined, batch.sum(Counts::duplicates)};
    }

    /** Whether a run that did not live to write its ledger may have taken one of the files in before. */
    private static boolean attempted(Iterable<Lake.Commit> commits, List<DeliveredFile> files) {
        for (Lake.Commit commit : commits) {
            if (files.stream().anyMatch(file -> commit.metadata().contains(file.sha256()))) {
                return true;
            }
        }
        return false;
    }

    private void measured(Collection<Batch> batches, String run) {
        List<Row> metrics = batches.stream().flatMap(b -> b.metrics.stream()).toList();
        if (!metrics.isEmpty()) {
            String slice = batches.stream()
                    .map(b -> "`table` = '" + b.files.get(0).table() + "' and " + slice(b.files.stream()))
                    .collect(Collectors.joining(") or (", "(", ")"));
            lake.replace(
                    "dq_metrics",
                    lake.rows(metrics, "dq_metrics").coalesce(1),
                    slice,
                    metadata("dq_metrics", run, slice));
        }
    }

    private static String slice(Stream<DeliveredFile> files) {
        return "delivery in ("
                + files.map(f -> "'" + f.sha256() + "'").distinct().sorted().collect(Collectors.joining(", ")) + ")";
    }

    private void record(List<Row> ledger, String run) {
        ledger.sort(Comparator.comparing((Row r) -> r.<String>getAs(1)).thenComparing(r -> r.<String>getAs(3)));
        String slice = "delivery in ("
                + ledger.stream()
                        .map(r -> "'" + r.getString(2) + "'")
                        .distinct()
                        .collect(Collectors.joining(", ")) + ")";
        Dataset<Row> rows = lake.rows(ledger, "deliveries");
        Dataset<Row> kept = lake.read("deliveries")
                .where(slice)
                .join(rows.select("delivery", "table", "file"), new String[] {"delivery", "table", "file"}, "left_anti")
                .select(Contract.of("deliveries").columns());
        lake.replace("deliveries", kept.unionByName(rows).coalesce(1), slice, metadata("deliveries", run, slice));
    }

    private static String metadata(String table, String run, String slice) {
        return Json.object()
                .put("run", run)
                .put("table", table)
                .put("slice", slice)
                .toString();
    }

    private static Row row(DeliveredFile file, Staged read, Counts counts) {
        return row(file, read, counts, null);
    }

    /** A file whose bytes were taken in before: all its records are duplicates. */
    private static Row replay(DeliveredFile file, String original, long records) {
        return row(file, null, new Counts(records, 0, 0, records), original);
    }

    /** What the ledger says from now on of a file whose bytes came again from an earlier day. */
    private static Row overtaken(Row before, DeliveredFile by) {
        Object[] values = new Object[before.length()];
        for (int c = 0; c < values.length; c++) {
            values[c] = switch (before.schema().fieldNames()[c]) {
                case "accepted", "quarantined" -> 0L;
                case "duplicates" -> before.getAs("records");
                case "replay_of" -> by.name();
                default -> before.get(c);
            };
        }
        return RowFactory.create(values);
    }

    /** @param read null where the file was not read again */
    private static Row row(DeliveredFile file, Staged read, Counts counts, String original) {
        return RowFactory.create(
                file.receivedOn(),
                file.name(),
                file.sha256(),
                file.table(),
                file.sender(),
                file.format(),
                read == null ? null : read.encoding(),
                read != null && read.guessed(),
                file.bytes(),
                counts.records,
                counts.accepted,
                counts.quarantined,
                counts.duplicates,
                original,
                read == null || read.types().isEmpty()
                        ? null
                        : Json.of(read.types()).toString());
    }
}
