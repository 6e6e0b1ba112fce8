package banyan.jobs.ingest;

import banyan.jobs.Refusal;
import banyan.schemas.Sender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.LocalInputFile;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A database in which a sender keeps its records for us (前置库). What is new in it is written down as a delivery of that sender, one Parquet
 * file a table, and from there on is a file like any other: taken in once, kept, replayable. Only the columns that {@code
 * schemas/senders} takes leave the database; a file with columns that tell of people may be opened by its owner alone.
 *
 * <p>How far a table was read stands in the name of its newest file. Each reading goes back by an overlap, for a transaction may have
 * committed later than one that began after it; rows that come twice are repeats. A reading ends at the watermark that was the highest
 * when it began: what changes meanwhile is newer, and comes next time.
 */
public final class FrontDatabase {
    private final SparkSession spark;
    private final Sender sender;
    private final Dialect dialect;
    private final UnaryOperator<String> environment;

    /**
     * @param environment name → value of a variable, null where there is none
     * @throws Refusal with exit 2 if the sender has no database or a variable is missing, 4 if its dialect is unknown
     */
    public FrontDatabase(SparkSession spark, Sender sender, UnaryOperator<String> environment) {
        this.spark = spark;
        this.sender = sender;
        if (sender.database() == null) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot fetch from " + sender.sender() + ": schemas/senders/" + sender.sender()
                            + ".yaml names no database.");
        }
        this.dialect = dialect(sender);
        this.environment = environment;
        String missing = String.join(
                ", ",
                Stream.of("_URL", "_USER", "_PASSWORD")
                        .map(part -> sender.database().environment() + part)
                        .filter(name -> environment.apply(name) == null)
                        .toList());
        if (!missing.isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot fetch from " + sender.sender() + ": the environment lacks " + missing
                            + ". Address, account and password come from there alone.");
        }
    }

    /**
     * A file that was written, below the deliveries folder.
     *
     * @param rows how many it has
     * @param future how many of them have a watermark later than the day: they are read each time until their sender corrects it
     */
    public record Fetched(Path file, long rows, long future) {}

    /**
     * @param day under which the rows are received
     * @return a file for each table that had something new
     * @throws Refusal with exit 75 if the database does not answer, 4 if it lacks a table or a column that the sender's fields are made
     *     of, 3 if no row has a watermark
     */
    public List<Fetched> fetch(Path deliveries, LocalDate day) {
        List<Fetched> fetched = new ArrayList<>();
        try (Connection connection = connect()) {
            for (Sender.Read read : sender.database().reads()) {
                fetch(connection, read, deliveries, day).ifPresent(fetched::add);
            }
        } catch (SQLException e) {
            throw new Refusal(
                    e.getSQLState() != null && e.getSQLState().startsWith("42")
                            ? Refusal.Exit.DEFINITION
                            : Refusal.Exit.AGAIN,
                    "Cannot fetch from " + sender.sender() + ": "
                            + e.getMessage().lines().findFirst().orElse("")
                            + ". Check the database, its account and schemas/senders/" + sender.sender()
                            + ".yaml, and try again.");
        } catch (UnreadableFile e) {
            throw new Refusal(
                    Refusal.Exit.DEFINITION, "Cannot fetch from " + sender.sender() + ": " + e.getMessage() + ".");
        } catch (IOException e) {
            throw new Refusal(Refusal.Exit.AGAIN, "Cannot write to " + deliveries + ": " + e + ".");
        }
        return fetched;
    }

    private Optional<Fetched> fetch(Connection connection, Sender.Read read, Path deliveries, LocalDate day)
            throws SQLException, IOException {
        String table = dialect.table(read.table());
        String column = dialect.quoted(read.watermark());
        Optional<Watermark> newest = Watermark.of(one(connection, "SELECT MAX(" + column + ") FROM " + table)[0]);
        Watermark tomorrow = new Watermark(day.plusDays(1).atStartOfDay(), null);
        Watermark future = newest.filter(w -> w.at() != null).map(w -> tomorrow).orElse(null);
        Optional<Watermark> until =
                newest.isPresent() && future != null && newest.get().compareTo(future) >= 0
                        ? Watermark.of(one(
                                connection,
                                "SELECT MAX(" + column + ") FROM " + table + " WHERE " + column + " < "
                                        + future.literal())[0])
                        : newest;
        Optional<Watermark> last = last(deliveries, read);
        if (until.isEmpty() && number(connection, "SELECT COUNT(*) FROM " + table) > 0) {
            throw new Refusal(
                    Refusal.Exit.DATA,
                    "Cannot fetch from " + sender.sender() + ": no row of " + read.table() + " has a "
                            + read.watermark() + " up to " + day
                            + ", by which it is to be told what is new. Have the sender fill it.");
        }
        if (until.isEmpty() || last.isPresent() && until.get().compareTo(last.get()) <= 0) {
            return Optional.empty();
        }
        until.get().less(read.overlap()); // told now, not when the second reading needs it
        long beyond = newest.equals(until)
                ? 0
                : number(connection, "SELECT COUNT(*) FROM " + table + " WHERE " + column + " >= " + future.literal());
        Watermark after = last.map(w -> w.less(read.overlap())).orElse(null);
        String condition = dialect.between(read.watermark(), after, until.get(), future);
        Dataset<Row> rows = rows(connection, read, condition);
        Path aside = deliveries
                .resolve(Deliveries.INCOMING)
                .resolve("fetch")
                .resolve(sender.sender())
                .resolve(read.table());
        delete(aside);
        boolean people = sender.kindsOf(read.table() + "_0.parquet").stream().anyMatch(Staged::mayName);
        Files.createDirectories(aside.getParent());
        if (people) {
            close(aside.getParent(), "rwx------");
        }
        write(rows, aside);
        Path home = deliveries.resolve(day.toString()).resolve(sender.sender());
        Files.createDirectories(home);
        Path file = home.resolve(read.table() + "_" + until.get().name() + ".parquet");
        Path part;
        try (Stream<Path> parts = Files.list(aside)) {
            part = parts.filter(p -> p.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow(() -> new Refusal(
                            Refusal.Exit.USAGE,
                            "Cannot write " + file
                                    + ": what the executors wrote of it is not on this machine. Fetch into a"
                                    + " folder that driver and executors all have mounted at one path."));
        }
        long n = count(part);
        if (people) {
            close(part, "rw-------");
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        delete(aside);
        return Optional.of(new Fetched(deliveries.relativize(file), n, beyond));
    }

    /** To its owner alone, where the store knows owners; elsewhere the rights of the store hold. */
    private static void close(Path path, String rights) throws IOException {
        if (Files.getFileStore(path).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(rights));
        }
    }

    private void write(Dataset<Row> rows, Path folder) {
        try {
            rows.repartition(1).write().parquet("file://" + folder);
        } catch (Exception e) { // Spark's exceptions are checked ones that it does not declare
            throw new Refusal(
                    Refusal.Exit.AGAIN,
                    "Cannot fetch from " + sender.sender() + ": reading stopped midway ("
                            + ExceptionUtils.getRootCauseMessage(e)
                                    .lines()
                                    .findFirst()
                                    .orElse("")
                            + "). Nothing was delivered; try again.");
        }
    }

    private static long number(Connection connection, String query) throws SQLException {
        return ((Number) one(connection, query)[0]).longValue();
    }

    private static long count(Path parquet) throws IOException {
        try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(parquet))) {
            return reader.getRecordCount();
        }
    }

    /** Read in parts where the sender names a column to part by: each part over a connection of its own. */
    private Dataset<Row> rows(Connection connection, Sender.Read read, String condition) throws SQLException {
        List<String> columns = columns(connection, read);
        Map<String, String> options = new HashMap<>(Map.of(
                "url", secret("_URL"),
                "user", secret("_USER"),
                "password", secret("_PASSWORD"),
                "driver", dialect.driver(),
                "sessionInitStatement", dialect.readOnly(),
                "fetchsize", "10000",
                "dbtable", dialect.rows(read.table(), columns, condition)));
        if (read.partition() != null) {
            String by = dialect.quoted(read.partition());
            Object[] bounds = one(
                    connection,
                    "SELECT MIN(" + by + "), MAX(" + by + ") FROM " + dialect.table(read.table()) + " WHERE "
                            + condition);
            if (bounds[0] != null) {
                options.put("partitionColumn", read.partition());
                options.put("lowerBound", bounds[0].toString());
                options.put("upperBound", bounds[1].toString());
                options.put("numPartitions", String.valueOf(read.parts()));
            }
        }
        DataFrameReader reader = spark.read().format("jdbc").options(options);
        return reader.load();
    }

    /** The columns that the files of this sender take and what it is parted by; no other leaves the database. */
    private List<String> columns(Connection connection, Sender.Read read) throws SQLException {
        List<Sender.SentFile> kinds = sender.kindsOf(read.table() + "_0.parquet");
        List<String> columns = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet none =
                        statement.executeQuery("SELECT * FROM " + dialect.table(read.table()) + " WHERE 1 = 0")) {
            for (int c = 1; c <= none.getMetaData().getColumnCount(); c++) {
                String name = none.getMetaData().getColumnName(c);
                if (kinds.stream().anyMatch(kind -> kind.takes(name)) || name.equals(read.partition())) {
                    columns.add(name);
                }
            }
        }
        StructType there = new StructType(columns.stream()
                .map(name -> new StructField(name, DataTypes.StringType, true, Metadata.empty()))
                .toArray(StructField[]::new));
        kinds.forEach(kind -> kind.fields().keySet().forEach(field -> {
            try {
                spark.createDataFrame(List.of(), there)
                        .select(kind.field(field))
                        .schema();
            } catch (Exception e) {
                throw new UnreadableFile(read.table() + " does not have what " + field + " is made of, "
                        + kind.fields().get(field) + "; it has " + String.join(", ", columns));
            }
        }));
        return columns;
    }

    /** How far the files go that were written before, on any day. */
    private Optional<Watermark> last(Path deliveries, Sender.Read read) throws IOException {
        if (!Files.isDirectory(deliveries)) {
            return Optional.empty();
        }
        String start = read.table() + "_";
        try (Stream<Path> days = Files.list(deliveries)) {
            return days.map(d -> d.resolve(sender.sender()))
                    .filter(Files::isDirectory)
                    .flatMap(FrontDatabase::files)
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(start) && name.endsWith(".parquet"))
                    .map(name -> Watermark.inName(name.substring(start.length(), name.length() - ".parquet".length())))
                    .flatMap(Optional::stream)
                    .max(Comparator.naturalOrder());
        }
    }

    private static Stream<Path> files(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList().stream();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Connection connect() throws SQLException {
        try {
            Class.forName(dialect.driver());
        } catch (ClassNotFoundException e) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot fetch from " + sender.sender() + ": its driver " + dialect.driver()
                            + " is not on the class path. Name the driver's jar in BANYAN_JARS.");
        }
        Properties account = new Properties();
        account.put("user", secret("_USER"));
        account.put("password", secret("_PASSWORD"));
        Connection connection = DriverManager.getConnection(secret("_URL"), account);
        try (Statement statement = connection.createStatement()) {
            statement.execute(dialect.readOnly());
        }
        return connection;
    }

    private static Object[] one(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            Object[] values = new Object[row.getMetaData().getColumnCount()];
            for (int c = 0; c < values.length; c++) {
                values[c] = row.getMetaData().getColumnType(c + 1) == Types.TIMESTAMP
                        ? row.getTimestamp(c + 1) // Oracle's own class otherwise
                        : row.getObject(c + 1);
            }
            return values;
        }
    }

    private String secret(String part) {
        return environment.apply(sender.database().environment() + part);
    }

    private static Dialect dialect(Sender sender) {
        return Stream.of(Dialect.values())
                .filter(d -> d.name().equals(sender.database().dialect()))
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        Refusal.Exit.DEFINITION,
                        "Cannot use " + sender.sender() + ".yaml: the dialect "
                                + sender.database().dialect() + " is none of " + List.of(Dialect.values()) + "."));
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : (Iterable<Path>) all.sorted(Comparator.reverseOrder())::iterator) {
                    Files.delete(path);
                }
            }
        }
    }
}
