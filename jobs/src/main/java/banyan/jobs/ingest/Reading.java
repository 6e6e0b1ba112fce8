package banyan.jobs.ingest;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.to_json;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.schemas.Contract;
import banyan.schemas.Sender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.types.DataType;
import tools.jackson.databind.JsonNode;

/** Reads delivered files as rows of raw contracts. All that is wrong with any of them is told at once. */
final class Reading {
    private static final List<String> LINEAGE =
            List.of("sender", "delivery", "file", "line", "received_on", "row_hash");

    private static final String FOLDERS = "^.*/";

    /** Up to two letters between a column's name and a wrong one. */
    private static final LevenshteinDistance LIKENESS = new LevenshteinDistance(2);

    private final Lake lake;
    private final Optional<Pseudonym> pseudonym;
    private final Map<String, Staged> staged = new ConcurrentHashMap<>();
    private final List<String> refused = Collections.synchronizedList(new ArrayList<>());
    private final List<String> remarks = Collections.synchronizedList(new ArrayList<>());
    private final Set<DeliveredFile> unread = ConcurrentHashMap.newKeySet();

    /** @param pseudonym empty where the lake has no key: then no file that tells of people is read */
    Reading(Lake lake, Optional<Pseudonym> pseudonym) {
        this.lake = lake;
        this.pseudonym = pseudonym;
    }

    /** Files that are refused, each with why. */
    List<String> refused() {
        return refused;
    }

    /** What a reader of the result should know. */
    List<String> remarks() {
        return remarks;
    }

    /** A file that was staged. */
    Staged of(DeliveredFile file) {
        return staged.get(file.key());
    }

    /** The fields of a raw contract that come from the file. */
    static List<String> fields(Contract contract) {
        return fieldsOf(contract).stream().map(Contract.Property::name).toList();
    }

    /** Decodes, splits and counts a file. */
    void stage(DeliveredFile file) {
        try {
            Staged read = staged.computeIfAbsent(file.key(), key -> Staged.of(file, staging(file), pseudonym, lake));
            if (read.guessed() && !read.encoding().equals("UTF-8")) {
                remarks.add(
                        file.name() + ": no encoding is declared; it is no UTF-8 and was read as " + read.encoding());
            }
            if (file.kind() != null && file.kind().with() != null) {
                staged.put(file.key() + " with", companion(file));
            }
        } catch (UnreadableFile e) {
            refuse(file, e.getMessage());
        }
    }

    private static String staging(DeliveredFile file) {
        return file.key().replace(' ', '-');
    }

    /**
     * Whether what a file tells of people stays out, for want of a key: where the same file tells other things too, those are taken in
     * without it. A file of people alone is refused.
     */
    boolean leavesOut(DeliveredFile file) {
        if (pseudonym.isPresent() || file.kind() == null || !Staged.tellsOfPeople(file.kind())) {
            return false;
        }
        boolean more = file.kinds().stream().anyMatch(k -> !Staged.tellsOfPeople(k));
        if (more) {
            remarks.add(file.name() + ": who is behind its records is left out (" + file.table()
                    + "), for the environment lacks " + Pseudonym.KEY);
        }
        return more;
    }

    private void refuse(DeliveredFile file, String why) {
        unread.add(file);
        refused.add(file.name() + ": " + why);
    }

    /** Whether a file could not be read as a whole; that was told. */
    boolean isUnread(DeliveredFile file) {
        return unread.contains(file);
    }

    private Staged companion(DeliveredFile file) {
        Sender.With with = file.kind().with();
        try {
            List<String> found = beside(file).stream()
                    .filter(name -> Sender.matches(with.match(), name.substring(name.lastIndexOf('/') + 1)))
                    .toList();
            if (found.size() != 1) {
                throw new UnreadableFile(found.size() + " files " + with.match() + " lie beside it; it needs one");
            }
            String name = found.get(0);
            Staged read = file.entry() == null
                    ? Staged.of(file, file.path().resolveSibling(name), null, staging(file) + "-with", pseudonym, lake)
                    : Staged.of(file, file.path(), name, staging(file) + "-with", pseudonym, lake);
            if (read.unreadable() > 0) {
                throw new UnreadableFile(name + " has " + read.unreadable() + " records that cannot be read");
            }
            return read;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String folder(String entry) {
        return entry.substring(0, entry.lastIndexOf('/') + 1);
    }

    /** The names of the files in a file's folder, of its zip if it came in one. */
    private static List<String> beside(DeliveredFile file) throws IOException {
        if (file.entry() != null) {
            String folder = folder(file.entry());
            return Archive.names(file.path()).stream()
                    .filter(name -> folder(name).equals(folder))
                    .toList();
        }
        try (Stream<Path> siblings = Files.list(file.path().getParent())) {
            return siblings.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }

    /**
     * The records of staged files of one table, the unreadable included: the contract's fields, lineage, in {@code __broken} the rules
     * they break and in {@code __record} what there is of them as JSON; empty where all are refused.
     */
    Optional<Dataset<Row>> rows(Contract contract, List<DeliveredFile> files) {
        refuseOtherKey(contract, files);
        refuseNarrower(contract, files);
        Map<String, List<DeliveredFile>> alike = new LinkedHashMap<>();
        files.forEach(file -> alike.computeIfAbsent(form(file, staged.get(file.key())), f -> new ArrayList<>())
                .add(file));
        Dataset<Row> all = null;
        for (List<DeliveredFile> group : alike.values()) {
            try {
                Dataset<Row> rows = alike(contract, group);
                all = all == null ? rows : all.unionByName(rows);
            } catch (UnreadableFile e) {
                group.forEach(file -> refuse(file, e.getMessage()));
            }
        }
        if (all == null) {
            return Optional.empty();
        }
        List<Staged> bad = files.stream()
                .map(file -> staged.get(file.key()))
                .filter(read -> read.unreadable() > 0)
                .toList();
        all = bad.isEmpty() ? all : all.unionByName(unreadable(contract, bad));
        return Optional.of(lineage(all, files));
    }

    /** A table with pseudonyms under two keys would hold each person twice. */
    private void refuseOtherKey(Contract contract, List<DeliveredFile> files) {
        for (Contract.Property person : contract.properties()) {
            List<DeliveredFile> telling = files.stream()
                    .filter(file -> staged.get(file.key()).people().contains(person.name()))
                    .toList();
            if (!person.restricted() || telling.isEmpty()) {
                continue;
            }
            String given = pseudonym.orElseThrow().mark();
            lake
                    .read(contract.id())
                    .where(col(person.name()).isNotNull())
                    .select(substring(col(person.name()), 1, given.length()))
                    .limit(1)
                    .collectAsList()
                    .stream()
                    .map(row -> row.getString(0))
                    .filter(known -> !known.equals(given))
                    .map(known ->
                            "it tells of people, and this lake knows them under the key " + known + "…, not under "
                                    + given + "…, which " + Pseudonym.KEY
                                    + " holds. Give that key, or take all deliveries into a new lake under the new one")
                    .forEach(why -> telling.forEach(file -> refuse(file, why)));
        }
    }

    /**
     * A column of a Parquet file whose type holds less than in the delivery before may have lost what no longer fits: it is refused,
     * unless the sender's entry says that it was agreed.
     */
    private void refuseNarrower(Contract contract, List<DeliveredFile> files) {
        List<DeliveredFile> typed = files.stream()
                .filter(file -> !staged.get(file.key()).types().isEmpty())
                .sorted(Comparator.comparing(DeliveredFile::receivedOn).thenComparing(DeliveredFile::name))
                .toList();
        if (typed.isEmpty()) {
            return;
        }
        Map<String, Row> last = new HashMap<>();
        lake.read("deliveries")
                .where(col("table").equalTo(contract.id()).and(col("types").isNotNull()))
                .where(col("received_on").leq(lit(typed.get(0).receivedOn())))
                .groupBy(col("sender"), kind(col("file")).as("kind"), col("types"))
                .agg(max(struct("received_on", "file")).as("newest"))
                .selectExpr("concat_ws(' ', sender, kind)", "types", "newest.file", "newest.received_on")
                .orderBy("received_on", "file")
                .collectAsList() // as many as there were forms
                .forEach(row -> last.put(row.getString(0), row));
        for (DeliveredFile file : typed) {
            Map<String, String> types = staged.get(file.key()).types();
            String kind =
                    file.sender() + " " + file.name().replaceFirst(FOLDERS, "").replaceAll("[0-9]+", "#");
            Row before =
                    last.put(kind, RowFactory.create(kind, Json.of(types).toString(), file.name(), file.receivedOn()));
            if (before != null) {
                List<String> less = narrower(Json.read(before.getString(1)), types, file.kind());
                if (!less.isEmpty()) {
                    refuse(
                            file,
                            String.join("; ", less) + " in " + before.getString(2)
                                    + ". What does not fit may have been cut off: have it written as before"
                                    + (file.kind() == null
                                            ? ""
                                            : ", or list the column under narrowed of "
                                                    + file.kind().match() + " in schemas/senders/" + file.sender()
                                                    + ".yaml"));
                }
            }
        }
    }

    /** Files whose names differ in their numbers alone are of one kind. */
    private static Column kind(Column file) {
        return regexp_replace(regexp_replace(file, FOLDERS, ""), "[0-9]+", "#");
    }

    /** What holds less than it did, by column, other than was agreed of a kind; null for a file in the contract's own columns. */
    static List<String> narrower(JsonNode were, Map<String, String> types, Sender.SentFile kind) {
        List<String> agreed = kind == null || kind.narrowed() == null ? List.of() : kind.narrowed();
        return types.entrySet().stream()
                .filter(column -> were.has(column.getKey()) && !agreed.contains(column.getKey()))
                .filter(column -> !Cast.canUpCast(
                        DataType.fromDDL(were.get(column.getKey()).asString()), DataType.fromDDL(column.getValue())))
                .map(column -> "its column " + column.getKey() + " is " + column.getValue() + " and was "
                        + were.get(column.getKey()).asString())
                .toList();
    }

    /** Files of one form, a kind of a sender with one header, are read as one. */
    private static String form(DeliveredFile file, Staged read) {
        boolean alone = read.bad() == null || file.kind() != null && file.kind().with() != null;
        return file.sender() + " " + (file.kind() == null ? "" : file.kind().match()) + " " + read.columns()
                + (alone ? file.name() : "");
    }

    /**
     * The records of files of one form, in the contract's fields, with {@code __file}, line, row_hash, the text it is the hash of in
     * {@code __hashed}, __broken and __record.
     */
    private Dataset<Row> alike(Contract contract, List<DeliveredFile> files) {
        DeliveredFile file = files.get(0);
        Dataset<Row> delivered =
                Staged.rows(lake, files.stream().map(f -> staged.get(f.key())).toList());
        List<String> columns =
                Stream.of(delivered.columns()).filter(c -> !c.startsWith("__")).toList();
        Staged with = staged.get(file.key() + " with");
        if (with != null) {
            delivered = joined(
                    delivered,
                    Staged.rows(lake, List.of(with)).drop("__line", "__file"),
                    file.kind().with().key());
        }
        List<Column> fields =
                new ArrayList<>(List.of(col("__file"), col("__line").as("line")));
        List<String> missing = new ArrayList<>();
        for (Contract.Property property : fieldsOf(contract)) {
            Column field = lit(null).cast("string");
            if (List.of(delivered.columns()).contains(Staged.PERSON + property.name())) {
                field = col("`" + Staged.PERSON + property.name() + "`");
            } else if (file.kind() == null) {
                if (columns.contains(property.name())) {
                    field = col(property.name());
                } else if (property.required()) {
                    missing.add(property.name() + " is missing");
                }
            } else if (file.kind().fields().containsKey(property.name())) {
                field = file.kind().field(property.name());
                resolve(delivered, property.name(), field, missing);
            }
            fields.add(field.as(property.name()));
        }
        List<String> unknown = columns.stream()
                .filter(c -> file.kind() == null
                        ? fieldsOf(contract).stream().noneMatch(p -> p.name().equals(c))
                        : !Sender.all().get(file.sender()).knows(file.kind(), c))
                .toList();
        if (file.kind() == null) {
            renamed(contract, columns, unknown, missing);
        }
        if (!missing.isEmpty()) {
            throw new UnreadableFile("its header is wrong: " + String.join("; ", missing) + ". The header reads: "
                    + String.join(", ", columns));
        }
        if (!unknown.isEmpty()) {
            files.forEach(f -> remarks.add(f.name() + ": new columns are left out: " + String.join(", ", unknown)));
        }
        Column[] hashed = fieldsOf(contract).stream()
                .map(p -> coalesce(col(p.name()), lit("\u001e")))
                .toArray(Column[]::new);
        return delivered
                .select(fields.toArray(Column[]::new))
                .withColumn("__hashed", concat_ws("\u001f", hashed))
                .withColumn("row_hash", sha2(col("__hashed"), 256))
                .withColumn("__broken", contract.broken(LINEAGE.toArray(String[]::new)))
                .withColumn(
                        "__record",
                        to_json(struct(fieldsOf(contract).stream()
                                .filter(p -> !p.restricted())
                                .map(p -> col(p.name()))
                                .toArray(Column[]::new))));
    }

    /** A new column that is named nearly like one that is not there is no new one: without it the old would be read as blank. */
    private static void renamed(Contract contract, List<String> columns, List<String> unknown, List<String> missing) {
        for (String column : unknown) {
            fields(contract).stream()
                    .filter(field -> !columns.contains(field))
                    .filter(field -> LIKENESS.apply(column.toLowerCase(Locale.ROOT), field) >= 0)
                    .min(Comparator.comparing(field -> LIKENESS.apply(column.toLowerCase(Locale.ROOT), field)))
                    .ifPresent(field ->
                            missing.add(column + " is no column of " + contract.id() + ", is it " + field + "?"));
        }
    }

    /** Sender, delivery, file and day of each record, by the delivery it came in. */
    private Dataset<Row> lineage(Dataset<Row> rows, List<DeliveredFile> files) {
        List<Row> of = files.stream()
                .map(f -> RowFactory.create(f.sha256(), f.sender(), f.name(), f.receivedOn()))
                .toList();
        Dataset<Row> lineage = lake.local(of, "delivery string, sender string, file string, received_on date");
        return rows.join(broadcast(lineage), col("__file").equalTo(col("delivery")))
                .drop("__file");
    }

    private Dataset<Row> unreadable(Contract contract, List<Staged> files) {
        List<Column> columns = new ArrayList<>();
        fieldsOf(contract).forEach(p -> columns.add(lit(null).cast("string").as(p.name())));
        columns.add(col("__file"));
        columns.add(col("__line").as("line"));
        Column told = concat_ws(":", col("__line"), col("text"));
        columns.add(told.as("__hashed"));
        columns.add(told.as("row_hash"));
        columns.add(array(col("why")).as("__broken"));
        columns.add(to_json(struct(col("text"))).as("__record"));
        return Staged.unreadable(lake, files).select(columns.toArray(Column[]::new));
    }

    private static Dataset<Row> joined(Dataset<Row> delivered, Dataset<Row> with, String key) {
        if (!with.groupBy(key).count().where("count > 1").isEmpty()) {
            throw new UnreadableFile("the file beside it holds a " + key + " twice");
        }
        Dataset<Row> renamed = with.withColumnRenamed(key, "__key");
        return delivered
                .join(renamed, delivered.col(key).equalTo(renamed.col("__key")), "left")
                .drop("__key");
    }

    private static void resolve(Dataset<Row> delivered, String name, Column field, List<String> missing) {
        try {
            delivered.select(field).schema();
        } catch (Exception e) {
            String why = e instanceof AnalysisException a ? a.getSimpleMessage() : e.getMessage();
            missing.add(name + ": "
                    + why.lines().findFirst().orElse("").replaceAll("^\\[[A-Z_.]+\\] |\\.? SQLSTATE: .*$", ""));
        }
    }

    private static List<Contract.Property> fieldsOf(Contract contract) {
        return contract.properties().stream()
                .filter(p -> !LINEAGE.contains(p.name()))
                .toList();
    }

    /** @throws Refusal with exit 3 naming every refused file and why */
    void refuseIfAny() {
        if (!refused.isEmpty()) {
            Collections.sort(refused);
            throw new Refusal(
                    Refusal.Exit.DATA,
                    "Cannot take in " + refused.size() + (refused.size() == 1 ? " file" : " files")
                            + "; nothing was taken in.\n     "
                            + String.join("\n     ", refused)
                            + "\nHave the sender correct it, or teach schemas/senders to read it, and run the same command again.");
        }
    }
}
