package banyan.jobs.ingest;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.row_number;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Quarantine;
import banyan.jobs.Refusal;
import banyan.schemas.Contract;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.expressions.Window;

/**
 * Reads once more, by the senders and contracts of today, the files of which records were set aside before they got into a raw table.
 * What is let through now is known from the day of the replay, for until then nothing could know it: what was published before stays
 * as it is. A record that was answered stays set aside, for its sender sent another in its place or takes it for right. Begun again
 * after a crash it adds nothing twice: what lies in the raw table already is passed over, the ledger is counted from what lies there,
 * and a record leaves quarantine last.
 */
public final class Replay {
    private static final String[] PLACE = {"delivery", "line"};

    private final Lake lake;
    private final LocalDate day;
    private final Reading reading;

    /**
     * @param day from which what is let through is known
     * @param pseudonym empty where the lake has no key
     */
    public Replay(Lake lake, LocalDate day, Optional<Pseudonym> pseudonym) {
        this.lake = lake;
        this.day = day;
        this.reading = new Reading(lake, pseudonym);
    }

    /**
     * What came of it: records = accepted + duplicates + quarantined.
     *
     * @param records how many had been set aside
     * @param duplicates how many repeat a record that had been accepted
     * @param quarantined how many stay set aside
     * @param remarks files that are gone, among others
     */
    public record Replayed(long records, long accepted, long duplicates, long quarantined, List<String> remarks) {}

    /**
     * @throws Refusal with exit 2 if a later day was built already, 3 if a file cannot be read any more; nothing was written then
     */
    public Replayed of(Deliveries deliveries) {
        Row last = lake.read("runs").agg(max("known_at")).head();
        if (!last.isNullAt(0) && last.getLocalDate(0).isAfter(day)) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot let records through as known from " + day + ": days up to " + last.getLocalDate(0)
                            + " were built without them. Give --as-of " + last.getLocalDate(0) + " or a later day.");
        }
        SortedMap<String, List<DeliveredFile>> files = new TreeMap<>();
        for (Contract contract : Contract.all().values()) {
            if (contract.raw() && lake.hasQuarantine(contract.id())) {
                List<DeliveredFile> found = files(contract.id(), deliveries);
                if (!found.isEmpty()) {
                    files.put(contract.id(), found);
                }
            }
        }
        Replayed all = new Replayed(0, 0, 0, 0, List.of());
        try {
            lake.clearStaging();
            files.values().forEach(of -> of.forEach(reading::stage));
            reading.refuseIfAny();
            SortedMap<String, Dataset<Row>> read = new TreeMap<>();
            files.forEach((table, of) -> reading.rows(Contract.of(table), of).ifPresent(rows -> read.put(table, rows)));
            reading.refuseIfAny();
            for (Map.Entry<String, Dataset<Row>> table : read.entrySet()) {
                Replayed one = again(table.getKey(), files.get(table.getKey()), table.getValue());
                all = new Replayed(
                        all.records + one.records,
                        all.accepted + one.accepted,
                        all.duplicates + one.duplicates,
                        all.quarantined + one.quarantined,
                        List.of());
            }
        } finally {
            lake.clearStaging();
        }
        return new Replayed(
                all.records,
                all.accepted,
                all.duplicates,
                all.quarantined,
                reading.remarks().stream().sorted().toList());
    }

    /** The files, by their bytes, that records of a table were set aside of. */
    private List<DeliveredFile> files(String table, Deliveries deliveries) {
        Map<String, DeliveredFile> there = new HashMap<>();
        deliveries.files().stream()
                .filter(file -> file.table().equals(table))
                .forEach(file -> there.putIfAbsent(file.sha256(), file));
        List<DeliveredFile> files = new ArrayList<>();
        for (Row row : lake.readQuarantine(table)
                .groupBy("delivery", "file")
                .agg(count(lit(1)))
                .orderBy("file")
                .collectAsList()) {
            DeliveredFile file = there.get(row.getString(0));
            if (file == null) {
                reading.remarks()
                        .add(row.getString(1) + " is not there any more, or has other bytes; its " + row.getLong(2)
                                + " records stay set aside");
            } else {
                files.add(file);
            }
        }
        return files;
    }

    private Replayed again(String table, List<DeliveredFile> files, Dataset<Row> read) {
        String slice = "delivery in ("
                + files.stream().map(f -> "'" + f.sha256() + "'").sorted().collect(Collectors.joining(", ")) + ")";
        Dataset<Row> aside = lake.aside(lake.readQuarantine(table)
                .where(slice)
                .select("delivery", "line")
                .distinct());
        Dataset<Row> there = lake.read(table).where(slice).select("delivery", "line", "row_hash");
        Dataset<Row> here = read.join(broadcast(aside), PLACE, "left_semi").withColumn("table", lit(table));
        Dataset<Row> rows = Quarantine.answered(lake, here)
                .withColumn("__stays", expr("size(__broken) > 0 or decision is not null"))
                .drop("decision")
                .withColumn(
                        "__nth",
                        row_number()
                                .over(Window.partitionBy("delivery", "row_hash", "__stays")
                                        .orderBy("line")))
                .persist();
        try {
            Dataset<Row> good = rows.where("not __stays and __nth = 1")
                    .join(there, new String[] {"delivery", "row_hash"}, "left_anti")
                    .drop("table")
                    .withColumn("received_on", lit(day));
            long records = aside.count();
            String metadata = Json.object()
                    .put("replayed", day.toString())
                    .put("table", table)
                    .put("slice", slice)
                    .toString();
            long accepted = good.isEmpty()
                    ? 0
                    : lake.append(table, good.coalesce(1), metadata).rows();
            Dataset<Row> answered = rows.where("__stays and size(__broken) = 0").select("delivery", "line");
            Dataset<Row> stay = lake.aside(rows.where("size(__broken) > 0")
                    .withColumn("broken", col("__broken"))
                    .withColumn("record", col("__record"))
                    .select(Contract.of("quarantine").columns())
                    .unionByName(lake.readQuarantine(table)
                            .join(broadcast(answered), PLACE, "left_semi")
                            .select(Contract.of("quarantine").columns())));
            record(table, slice, counted(stay), metadata);
            long quarantined = lake.replaceQuarantine(
                            table, stay.coalesce(1).sortWithinPartitions("file", "line"), slice, metadata)
                    .rows();
            return new Replayed(records, accepted, records - accepted - quarantined, quarantined, List.of());
        } finally {
            rows.unpersist();
        }
    }

    /**
     * Counts in the ledger anew what lies in the raw table of each delivery.
     *
     * @param quarantined delivery → how many of its records stay set aside
     */
    private void record(String table, String slice, Map<String, Long> quarantined, String metadata) {
        Map<String, Long> accepted = counted(lake.read(table).where(slice));
        Dataset<Row> before = lake.read("deliveries")
                .where(slice)
                .select(Contract.of("deliveries").columns());
        List<Row> ledger = before.collectAsList().stream()
                .map(row -> row.getAs("table").equals(table) && row.getAs("replay_of") == null
                        ? counted(
                                row,
                                accepted.getOrDefault(row.<String>getAs("delivery"), 0L),
                                quarantined.getOrDefault(row.<String>getAs("delivery"), 0L))
                        : row)
                .toList();
        lake.replace("deliveries", lake.rows(ledger, "deliveries").coalesce(1), slice, metadata);
    }

    private static Map<String, Long> counted(Dataset<Row> rows) {
        return rows.groupBy("delivery").count().collectAsList().stream()
                .collect(Collectors.toMap(row -> row.getString(0), row -> row.getLong(1)));
    }

    private static Row counted(Row row, long accepted, long quarantined) {
        Object[] values = new Object[row.length()];
        for (int c = 0; c < values.length; c++) {
            values[c] = switch (row.schema().fieldNames()[c]) {
                case "accepted" -> accepted;
                case "quarantined" -> quarantined;
                case "duplicates" -> row.<Long>getAs("records") - accepted - quarantined;
                default -> row.get(c);
            };
        }
        return RowFactory.create(values);
    }
}
