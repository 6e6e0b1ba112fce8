package banyan.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import banyan.schemas.Contract;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import tools.jackson.databind.JsonNode;

/**
 * Where tables live: Delta tables by path, {@code LAKE/<folder>/<table>}, folders as in schemas/contracts, and {@code
 * LAKE/quarantine/<table>}. The only class that reads or writes them.
 */
public final class Lake {
    /** A file below this many bytes is a crumb; {@link Session} tells Delta so too. */
    static final long CRUMB = 32L << 20;

    /** So many crumbs are left to lie. */
    private static final int CRUMBS = 16;

    /** Delta's name for the application that numbers its writes. */
    static final String WRITER = "banyan";

    /** So many rows are kept in the driver's memory, and sent to every core with what is joined to them. */
    static final int FEW = 20_000;

    private final SparkSession spark;
    private final String root;
    private final AtomicInteger asides = new AtomicInteger();

    /**
     * @param root a folder, or a URI that Hadoop can open
     * @throws Refusal with exit 2 if it is a folder, and the cluster would look for it elsewhere than on this machine's disks
     */
    public Lake(SparkSession spark, String root) {
        this.spark = spark;
        this.root = root.contains("://")
                ? root
                : Path.of(root).toAbsolutePath().normalize().toString();
        URI standard = FileSystem.getDefaultUri(conf());
        if (!root.contains("://") && !"file".equals(standard.getScheme())) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot use " + root + " as a lake: paths without a scheme are those of " + standard
                            + " here, and its lock would lie on this machine. Give file://" + this.root + " or "
                            + standard.resolve(this.root) + ".");
        }
    }

    /**
     * What a write left in its slice: how many rows, how many of them are records as they were received ({@link Contract#received}),
     * and the sum of the rows' 64-bit hashes: equal rows in any order give equal sums.
     */
    public record Written(long version, long rows, long received, String fingerprint) {
        private static Written of(long version, Object rows, Object received, Object fingerprint) {
            return new Written(
                    version,
                    ((Number) rows).longValue(),
                    received == null ? 0 : ((Number) received).longValue(),
                    text((BigDecimal) fingerprint));
        }

        /** With rows that came to them. */
        Written plus(Written more) {
            BigInteger sum = new BigInteger(fingerprint).add(new BigInteger(more.fingerprint));
            return new Written(more.version, rows + more.rows, received + more.received, sum.toString());
        }
    }

    /** How many files a table had and has, and how many that no kept version needs were deleted. */
    public record Tidied(long before, long after, long deleted) {}

    /** A commit of a table: its version and what {@link #replace} was told about it; empty where that wrote it not. */
    public record Commit(long version, String metadata) {}

    /** A version of a table that a run built, and what the run said of it: what its rows depend on. */
    record Build(long version, JsonNode told) {}

    public SparkSession spark() {
        return spark;
    }

    public String root() {
        return root;
    }

    public String path(String table) {
        return root + "/" + Contract.of(table).folder() + "/" + table;
    }

    public String quarantinePath(String table) {
        return root + "/quarantine/" + table;
    }

    /** The rows of a table in its newest version; none, in the contract's columns, where it was never written. */
    public Dataset<Row> read(String table) {
        return read(path(table), Contract.of(table), DeltaFiles::all);
    }

    /** The rows of one day of a table that keeps its days apart; the files of the others are not looked at. */
    public Dataset<Row> read(String table, LocalDate day) {
        return read(path(table), Contract.of(table), files -> files.of(DeltaFiles.onDay(day)))
                .where(col("as_of").equalTo(functions.lit(day)));
    }

    /** The days that a table which keeps its days apart holds, by its log alone. */
    public SortedSet<LocalDate> days(String table) {
        return DeltaFiles.newest(path(table), conf()).map(DeltaFiles::all).orElse(List.of()).stream()
                .map(file -> LocalDate.parse(file.partition().get("as_of")))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * The rows of a table as they were in an earlier version; empty where the log or the files of then are no longer there.
     *
     * @param version that {@link #version} told once
     */
    Optional<Dataset<Row>> read(String table, long version) {
        return DeltaFiles.at(path(table), version, conf())
                .filter(files ->
                        files.all().stream().map(DeltaFiles.DataFile::path).allMatch(this::exists))
                .map(files -> read(path(table), Contract.of(table), files, DeltaFiles::all));
    }

    public Dataset<Row> readQuarantine(String table) {
        return read(quarantinePath(table), Contract.of("quarantine"), DeltaFiles::all);
    }

    public Dataset<Row> empty(String table) {
        return spark.createDataFrame(List.of(), Contract.of(table).structType());
    }

    /** By plain Parquet: Delta's own reader asks for jobs of its own, to find the files of a table and to filter them. */
    private Dataset<Row> read(String path, Contract contract, Function<DeltaFiles, List<DeltaFiles.DataFile>> some) {
        return DeltaFiles.newest(path, conf())
                .map(files -> read(path, contract, files, some))
                .orElseGet(() -> spark.createDataFrame(List.of(), contract.structType()));
    }

    private Dataset<Row> read(
            String path, Contract contract, DeltaFiles of, Function<DeltaFiles, List<DeltaFiles.DataFile>> some) {
        StructType schema = with(of.schema(), contract.structType());
        List<String> files =
                some.apply(of).stream().map(DeltaFiles.DataFile::path).toList();
        if (files.isEmpty()) {
            return spark.createDataFrame(List.of(), schema);
        }
        Dataset<Row> rows = files(files, spark.read().schema(schema).option("basePath", path));
        if (rows.inputFiles().length != files.size()) { // a listing passes over what goes while it lists
            throw new IllegalStateException("Cannot read " + path + ": its log tells of " + files.size()
                    + " files, of which " + rows.inputFiles().length + " are there.");
        }
        return rows.select(Stream.of(schema.fieldNames()).map(functions::col).toArray(Column[]::new));
    }

    /** The columns of a table and, after them, those that its contract has got since: null in what was written before. */
    private static StructType with(StructType there, StructType now) {
        return Stream.of(now.fields())
                .filter(field ->
                        field.nullable() && !List.of(there.fieldNames()).contains(field.name()))
                .reduce(there, StructType::add, (a, b) -> a);
    }

    /**
     * The rows that came to an unpartitioned table after a version, read from the files that brought them; empty where rows were also
     * taken away since, or the log or the files of then are no longer there.
     */
    Optional<Dataset<Row>> added(String table, long after) {
        List<String> files = new ArrayList<>();
        List<FileStatus> commits = logFiles(path(table)).stream()
                .filter(f -> versionOf(f) > after)
                .sorted(Comparator.comparingLong(Lake::versionOf))
                .toList();
        if (versionAt(path(table)) < after || !commits.isEmpty() && versionOf(commits.get(0)) != after + 1) {
            return Optional.empty();
        }
        for (FileStatus commit : commits) {
            List<JsonNode> actions = actions(commit);
            if (actions.stream().noneMatch(action -> action.has("commitInfo"))) {
                return Optional.empty();
            }
            for (JsonNode action : actions) {
                JsonNode add = action.path("add");
                if (action.path("remove").path("dataChange").asBoolean(false)) {
                    return Optional.empty();
                }
                if (add.path("dataChange").asBoolean(false)) {
                    files.add(path(table) + "/"
                            + URI.create(add.get("path").asString()).getPath());
                }
            }
        }
        return files.stream().allMatch(this::exists)
                ? Optional.of(
                        files.isEmpty()
                                ? empty(table)
                                : parquet(files, Contract.of(table).structType().toDDL()))
                : Optional.empty();
    }

    private List<JsonNode> actions(FileStatus commit) {
        try (BufferedReader lines = open(commit)) {
            return lines.lines().map(Json::read).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean exists(String file) {
        try {
            org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(file);
            return path.getFileSystem(conf()).exists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private BufferedReader open(FileStatus file) throws IOException {
        return new BufferedReader(new InputStreamReader(
                file.getPath().getFileSystem(conf()).open(file.getPath()), StandardCharsets.UTF_8));
    }

    /** The newest version of a table that changed its rows, which {@link #tidy} does not; -1 where it was never written. */
    public long version(String table) {
        for (Commit commit : commits(table)) {
            if (!commit.metadata().isEmpty()) {
                return commit.version();
            }
        }
        return versionAt(path(table));
    }

    /**
     * Sets the session to how much is at hand, in the raw tables or the deliveries they are filled from.
     *
     * @param delivered bytes of the deliveries, as text
     */
    public void tune(long delivered) {
        Session.tune(spark, Math.max(delivered, held()));
    }

    /** The raw tables of which anything had been delivered by a day. */
    public Set<String> delivered(LocalDate knownAt) {
        return read("deliveries")
                .where(col("received_on").leq(lit(knownAt)))
                .select("table")
                .distinct()
                .collectAsList()
                .stream()
                .map(row -> row.getString(0))
                .collect(Collectors.toSet());
    }

    /** How much the files of all raw tables take. */
    private long held() {
        return Contract.all().values().stream()
                .filter(Contract::raw)
                .mapToLong(contract -> bytes(contract.id()))
                .sum();
    }

    /** How much the files of a table take, by its log. */
    long bytes(String table) {
        return DeltaFiles.newest(path(table), conf()).map(DeltaFiles::all).orElse(List.of()).stream()
                .mapToLong(DeltaFiles.DataFile::bytes)
                .sum();
    }

    public boolean hasQuarantine(String table) {
        return versionAt(quarantinePath(table)) >= 0;
    }

    private long versionAt(String path) {
        return logFiles(path).stream().mapToLong(Lake::versionOf).max().orElse(-1);
    }

    /** The commits of a table, newest first, without those that the log no longer holds. */
    public Iterable<Commit> commits(String table) {
        return commitsAt(path(table));
    }

    /**
     * The newest build of a table, or of one of its days; empty where the log tells of none.
     *
     * @param day null for the table as a whole
     */
    Optional<Build> built(String table, LocalDate day) {
        for (Commit commit : commits(table)) {
            JsonNode told = commit.metadata().isEmpty() ? null : Json.read(commit.metadata());
            if (told != null
                    && (day == null || day.toString().equals(told.path("as_of").asString("")))) {
                return Optional.of(new Build(commit.version(), told));
            }
        }
        return Optional.empty();
    }

    public Iterable<Commit> quarantineCommits(String table) {
        return commitsAt(quarantinePath(table));
    }

    private Iterable<Commit> commitsAt(String path) {
        List<FileStatus> files = new ArrayList<>(logFiles(path));
        files.sort(Comparator.comparingLong(Lake::versionOf).reversed());
        return () -> files.stream()
                .map(f -> new Commit(versionOf(f), metadata(f).orElse("")))
                .iterator();
    }

    /**
     * Replaces a slice of a table, or all of it, in one atomic commit, and proves that the commit is ours.
     *
     * @param slice Spark SQL predicate that every row satisfies; null replaces the whole table
     * @param metadata JSON object that identifies this build; it is kept in the commit
     * @throws IllegalStateException if another writer came first and the commit was skipped
     */
    public Written replace(String table, Dataset<Row> rows, String slice, String metadata) {
        return write(path(table), Contract.of(table), rows, slice, "overwrite", metadata);
    }

    public Written replaceQuarantine(String table, Dataset<Row> rows, String slice, String metadata) {
        return write(quarantinePath(table), Contract.of("quarantine"), rows, slice, "overwrite", metadata);
    }

    /** Adds rows of which the table holds none yet: {@link #replace} without the search for those to replace. */
    public Written append(String table, Dataset<Row> rows, String metadata) {
        return write(path(table), Contract.of(table), rows, null, "append", metadata);
    }

    /** On a file system of this machine; elsewhere the rights of the store's own folder hold, which whoever runs the store sets. */
    private void closeRestrictedZone() {
        if (root.contains("://")) {
            return;
        }
        try {
            Path zone = Path.of(root, Contract.RESTRICTED);
            Files.createDirectories(zone);
            if (Files.getFileStore(zone).supportsFileAttributeView("posix")) {
                Files.setPosixFilePermissions(zone, PosixFilePermissions.fromString("rwx------"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Written write(
            String path, Contract contract, Dataset<Row> rows, String slice, String mode, String metadata) {
        if (contract.folder().equals(Contract.RESTRICTED)) {
            closeRestrictedZone();
        }
        // A damaged log is refused here; to find it out Delta would rebuild the table's state after each commit.
        Optional<DeltaFiles> there = DeltaFiles.newest(path, conf());
        long before = there.map(DeltaFiles::version).orElse(-1L);
        Observation observed = new Observation();
        Column[] columns = contract.columns();
        Dataset<Row> counted = withComments(rows, contract)
                .observe(
                        observed,
                        count(lit(1)).as("rows"),
                        sum(when(contract.received(), 1)).as("received"),
                        sum(xxhash64(columns).cast("decimal(38,0)")).as("fingerprint"));
        DataFrameWriter<Row> writer = counted.write()
                .format("delta")
                .mode(mode)
                .option("txnAppId", WRITER)
                .option("txnVersion", Long.toString(before + 1))
                .option("userMetadata", metadata);
        if (before < 0) {
            writer = writer.option("delta.dataSkippingStatsColumns", String.join(",", contract.statistics()));
        }
        boolean otherColumns = there.map(
                        files -> !List.of(files.schema().fieldNames()).equals(contract.columnNames()))
                .orElse(false);
        if (otherColumns && slice == null && mode.equals("overwrite")) {
            writer = writer.option("overwriteSchema", "true"); // of a lake that an earlier version of the contract made
        } else if (otherColumns) {
            writer = writer.option("mergeSchema", "true");
        }
        if (slice != null && before >= 0) {
            writer = writer.option("replaceWhere", slice);
        }
        if (contract.daily()) {
            writer = writer.partitionBy("as_of");
        }
        writer.save(path);
        long version = prove(path, before, metadata);
        java.util.Map<String, Object> seen = seen(observed);
        return Written.of(version, seen.get("rows"), seen.get("received"), seen.get("fingerprint"));
    }

    private static java.util.Map<String, Object> seen(Observation observed) {
        try {
            return observed.getAsJava();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Dataset<Row> withComments(Dataset<Row> rows, Contract contract) {
        Column[] columns = java.util.Arrays.stream(contract.structType().fields())
                .map(f -> col(f.name()).cast(f.dataType()).as(f.name(), f.metadata()))
                .toArray(Column[]::new);
        return rows.select(columns);
    }

    /**
     * Rows and fingerprint as they lie on disk now.
     *
     * @param day the day of a table that keeps its days apart; null for all of a table
     */
    public Written scan(String table, LocalDate day) {
        Row seen = account(table, day == null ? read(table) : read(table, day));
        return Written.of(version(table), seen.get(0), seen.get(1), seen.get(2));
    }

    /** The fingerprint of rows that were read from a table. */
    public static String fingerprint(String table, Dataset<Row> rows) {
        return text(account(table, rows).getDecimal(2));
    }

    /** Rows, those of them received as they are, and the sum of their 64-bit hashes; null where there are none. */
    private static Row account(String table, Dataset<Row> rows) {
        return rows.agg(
                        count(lit(1)),
                        sum(when(Contract.of(table).received(), 1)),
                        sum(xxhash64(Contract.of(table).columns()).cast("decimal(38,0)")))
                .head();
    }

    private static String text(BigDecimal fingerprint) {
        return fingerprint == null ? "0" : fingerprint.toBigInteger().toString();
    }

    /**
     * Brings the crumbs of a table together where there are many, and deletes files that no kept version needs. Rows and {@link
     * #version} stay as they are; a reader that has opened the table goes on reading.
     *
     * @param clean whether to look for files to delete: that lists the folder
     */
    public Tidied tidy(String table, boolean clean) {
        String at = "delta.`" + path(table) + "`";
        List<DeltaFiles.DataFile> files = files(table);
        long bytes = files.stream().mapToLong(DeltaFiles.DataFile::bytes).sum();
        boolean crumbs = !Contract.of(table).daily() && files.size() - bytes / CRUMB > CRUMBS;
        if (crumbs) {
            spark.sql("OPTIMIZE " + at).head();
        }
        long deleted = 0;
        if (clean) {
            deleted = dataFiles(table);
            // Delta tells of it on stdout, where our own lines belong.
            scala.Console.withOut(
                    OutputStream.nullOutputStream(),
                    () -> spark.sql("VACUUM " + at).head());
            deleted -= dataFiles(table);
        }
        return new Tidied(files.size(), crumbs ? files(table).size() : files.size(), deleted);
    }

    private List<DeltaFiles.DataFile> files(String table) {
        return DeltaFiles.newest(path(table), conf()).map(DeltaFiles::all).orElse(List.of());
    }

    private long dataFiles(String table) {
        try {
            org.apache.hadoop.fs.Path folder = new org.apache.hadoop.fs.Path(path(table));
            RemoteIterator<LocatedFileStatus> files =
                    folder.getFileSystem(conf()).listFiles(folder, true);
            long found = 0;
            while (files.hasNext()) {
                found += files.next().getPath().getName().endsWith(".parquet") ? 1 : 0;
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Delta's own account of a table: minReaderVersion, properties and the like. */
    public Row detail(String table) {
        return spark.sql("DESCRIBE DETAIL delta.`" + path(table) + "`").head();
    }

    /** Parquet files outside the lake, as rows of a given schema, or of their own where it is null. */
    public Dataset<Row> parquet(List<String> files, String schema) {
        return files(files, schema == null ? spark.read() : spark.read().schema(schema));
    }

    /** Rows of files; a path is never a pattern. */
    private static Dataset<Row> files(List<String> files, DataFrameReader reader) {
        return reader.option("mergeSchema", "false")
                .parquet(files.stream()
                        .map(file -> file.replaceAll("[\\[\\]{}*?\\\\]", "\\\\$0"))
                        .toArray(String[]::new));
    }

    /** Rows of one partition, in their order, as one Parquet file outside the lake. */
    public void parquetFile(Dataset<Row> rows, Path file) throws IOException {
        Path folder = Path.of(file + ".parts");
        rows.write()
                .mode("overwrite")
                .option("compression", "zstd")
                .parquet(folder.toUri().toString());
        try (Stream<Path> parts = Files.list(folder)) {
            for (Path part : (Iterable<Path>) parts::iterator) {
                if (part.getFileName().toString().startsWith("part-")) {
                    Files.move(part, file);
                } else {
                    Files.delete(part);
                }
            }
        }
        Files.delete(folder);
        if (!Files.exists(file)) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot write " + file
                            + ": what the executors wrote of it is not on this machine. Publish to a folder that driver and"
                            + " executors all have mounted at one path.");
        }
    }

    /**
     * Rows as CSV outside the lake, one file for each value of the keys, {@code FOLDER/k1=v1/k2=v2/part-….csv}, sorted by the order columns,
     * which are left out: the same rows give the same bytes however they were spread.
     */
    public static void csvFiles(Dataset<Row> rows, Path folder, List<String> keys, List<String> order) {
        Column[] by = keys.stream().map(functions::col).toArray(Column[]::new);
        Column[] sorted =
                Stream.concat(keys.stream(), order.stream()).map(functions::col).toArray(Column[]::new);
        rows.repartition(by)
                .sortWithinPartitions(sorted)
                .drop(order.toArray(String[]::new))
                .write()
                .partitionBy(keys.toArray(String[]::new))
                .option("header", "true")
                .option("nullValue", "")
                .option("emptyValue", "")
                .option("escape", "\"")
                .csv(folder.toUri().toString());
    }

    /** The rows of a CSV file with a header, all text. */
    public Dataset<Row> csv(java.nio.file.Path file) {
        return spark.read()
                .option("header", "true")
                .option("escape", "\"")
                .csv(file.toUri().toString());
    }

    /** One row for each id of 0 to n − 1. */
    public Dataset<Row> ids(long n) {
        return spark.range(n).toDF("id");
    }

    /** A few rows of the driver. */
    public Dataset<Row> local(List<Row> rows, String schema) {
        return spark.createDataFrame(rows, org.apache.spark.sql.types.StructType.fromDDL(schema));
    }

    public Dataset<Row> rows(List<Row> rows, String table) {
        return spark.createDataFrame(rows, Contract.of(table).structType());
    }

    /** Where a file in passing lies: beside the tables, for all that read the lake can read it there. */
    public String staging(String name) {
        return root + "/.staging/" + name;
    }

    /**
     * Rows that are used more than once, worked out now and kept in passing: a few in the driver's memory, more, after
     * a second time of working them out, where all that read the lake can read them.
     */
    public Dataset<Row> aside(Dataset<Row> rows) {
        List<Row> few = rows.limit(FEW + 1).collectAsList();
        return few.size() <= FEW ? spark.createDataFrame(few, rows.schema()) : staged(rows);
    }

    /** The same of rows that most likely are many: worked out once, where all that read the lake can read them. */
    Dataset<Row> staged(Dataset<Row> rows) {
        String file = staging("aside-" + asides.incrementAndGet());
        rows.write().mode("overwrite").option("compression", "lz4_raw").parquet(file);
        return files(List.of(file), spark.read().schema(rows.schema()));
    }

    /** Deletes all files in passing, and lets go of all frames kept in memory. */
    public void clearStaging() {
        spark.catalog().clearCache();
        org.apache.hadoop.fs.Path folder = new org.apache.hadoop.fs.Path(root, ".staging");
        try {
            folder.getFileSystem(conf()).delete(folder, true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Hadoop's settings, for what writes beside Spark. */
    public Configuration conf() {
        return spark.sparkContext().hadoopConfiguration();
    }

    /** How many files suit so many rows: a core writes a quarter of a million in a few seconds, and no table ends in crumbs. */
    public static int files(long rows) {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, rows / 250_000));
    }

    /**
     * Takes the run lock: one writer a lake. It is freed when the process ends, however it ends.
     *
     * @throws Refusal with exit 5 if another run holds it, 2 if the lake cannot be a folder
     */
    @SuppressWarnings("resource")
    public AutoCloseable lock() {
        boolean file = root.startsWith("file://");
        if (root.contains("://") && !file) {
            return () -> {};
        }
        Path folder = file ? Path.of(URI.create(root)) : Path.of(root);
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot use " + root + " as a lake: it is a file. Give a folder, or a path where one can be made.");
        }
        try {
            Files.createDirectories(folder);
            FileChannel channel =
                    FileChannel.open(folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                channel.close();
                throw new Refusal(
                        Refusal.Exit.LOCKED,
                        "Cannot write to " + root
                                + ": another run holds its lock. Wait for it to end, then run the same command again.");
            }
            return channel::close;
        } catch (IOException e) {
            throw new Refusal(
                    Refusal.Exit.USAGE, "Cannot write to " + root + ": " + e + ". Check the folder and its rights.");
        }
    }

    private long prove(String path, long before, String metadata) {
        List<FileStatus> files = logFiles(path);
        return files.stream()
                .filter(f -> versionOf(f) > before)
                .filter(f -> metadata(f).filter(metadata::equals).isPresent())
                .mapToLong(Lake::versionOf)
                .max()
                .orElseThrow(() -> new IllegalStateException(
                        "Cannot prove the write to " + path + ": no commit after version " + before
                                + " is ours. Another run wrote at the same time; run the same command again."));
    }

    private List<FileStatus> logFiles(String path) {
        return DeltaFiles.commits(path, conf());
    }

    private Optional<String> metadata(FileStatus file) {
        try (BufferedReader lines = open(file)) {
            String line;
            while ((line = lines.readLine()) != null) {
                if (line.startsWith("{\"commitInfo\"")) {
                    return Optional.ofNullable(Json.read(line).get("commitInfo").get("userMetadata"))
                            .map(node -> node.asString());
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long versionOf(FileStatus file) {
        return Long.parseLong(file.getPath().getName().substring(0, 20));
    }
}
