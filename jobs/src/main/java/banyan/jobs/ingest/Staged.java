package banyan.jobs.ingest;

import banyan.jobs.Lake;
import banyan.schemas.Contract;
import banyan.schemas.Sender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;

/**
 * A file after our own reader has decoded, split and counted it: two {@link StagedFile}s that Spark may read, of its records, and of
 * what is none, with why and as much of the text as can be shown.
 *
 * @param delivery SHA-256 of the delivered file
 * @param good of its records; for a delivered Parquet file that tells of no people that file itself
 * @param bad null for such a Parquet file
 * @param encoding null for XLSX and Parquet
 * @param guessed whether the encoding was guessed, not declared
 * @param columns the file's column names; none of such a Parquet file
 * @param types column that is taken → its type in a Parquet file; empty for others
 * @param people the fields that tell of people of which the file has the column
 * @param records how many records were read, the unreadable included
 */
record Staged(
        String delivery,
        String good,
        String bad,
        String encoding,
        boolean guessed,
        List<String> columns,
        Map<String, String> types,
        List<String> people,
        long records,
        long unreadable) {
    /** Before the field's name: the column with what is kept of a person. */
    static final String PERSON = "__person ";

    private static final int SHOWN = 4000;
    private static final String WITHHELD = "（含不采集的列，不留存原文；请按来源文件和行号查对）";

    /**
     * A field that tells of a person. Its column goes no further than our own reader: what is staged is the pseudonym, or the mask.
     *
     * @param pseudonym null where the mask is kept
     */
    private record Person(String field, Contract.Identity identity, String column, Pseudonym pseudonym) {
        String of(String written) {
            return pseudonym == null ? Pseudonym.masked(identity, written) : pseudonym.of(identity, written);
        }
    }

    /**
     * @param name of the two files to write
     * @param pseudonym empty where the lake has no key
     * @throws UnreadableFile if the file cannot be read as a whole
     */
    static Staged of(DeliveredFile file, String name, Optional<Pseudonym> pseudonym, Lake lake) {
        return of(file, file.path(), file.entry(), name, pseudonym, lake);
    }

    /**
     * @param delivered the file of the delivery
     * @param file that file, or one that lies beside it and is joined to it, or the zip that holds it
     * @param entry its name in the zip; null where it lies in none
     * @param name of the two files to write
     */
    static Staged of(
            DeliveredFile delivered, Path file, String entry, String name, Optional<Pseudonym> pseudonym, Lake lake) {
        if (entry == null) {
            return of(
                    delivered,
                    file,
                    DeliveredFile.format(file.getFileName().toString()),
                    name,
                    pseudonym,
                    lake,
                    file.toUri().toString());
        }
        Path unpacked = null;
        try {
            unpacked = Archive.unpacked(file, entry);
            String format = DeliveredFile.format(entry);
            String parquet = unpacked.toUri().toString();
            if (format.equals("parquet") && !besidesPeople(delivered)) { // read by every core, after this file is gone
                parquet = lake.staging(name + ".parquet");
                org.apache.hadoop.fs.Path to = new org.apache.hadoop.fs.Path(parquet);
                to.getFileSystem(lake.conf()).copyFromLocalFile(new org.apache.hadoop.fs.Path(unpacked.toUri()), to);
            }
            return of(delivered, unpacked, format, name, pseudonym, lake, parquet);
        } catch (IOException e) {
            throw unreadable(e);
        } finally {
            delete(unpacked);
        }
    }

    /** The fields that tell of people, of those that are taken from a file. */
    private static List<Contract.Property> people(DeliveredFile file) {
        return people(file.table())
                .filter(p -> file.kind() == null || file.kind().fields().containsKey(p.name()))
                .toList();
    }

    private static Stream<Contract.Property> people(String table) {
        return Contract.of(table).properties().stream().filter(p -> p.identity().isPresent());
    }

    /** Whether a file tells of people, in the table at hand or in another that it is taken into: then Spark gets none of its columns raw. */
    private static boolean besidesPeople(DeliveredFile file) {
        return !people(file).isEmpty() || file.kinds().stream().anyMatch(Staged::mayName);
    }

    /** Whether a column that is taken from a sender's file may name people: it goes no further than our own reader. */
    static boolean mayName(Sender.SentFile kind) {
        return people(kind.table()).anyMatch(p -> kind.fields().containsKey(p.name()));
    }

    /** Whether a sender's file is taken into a table under pseudonyms. */
    static boolean tellsOfPeople(Sender.SentFile kind) {
        return people(kind.table())
                .anyMatch(p -> p.restricted() && kind.fields().containsKey(p.name()));
    }

    private static void delete(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param parquet where Spark finds the file, if it is a Parquet file */
    private static Staged of(
            DeliveredFile delivered,
            Path file,
            String format,
            String name,
            Optional<Pseudonym> pseudonym,
            Lake lake,
            String parquet) {
        Contract contract = Contract.of(delivered.table());
        Sender.SentFile kind = delivered.kind();
        String delivery = delivered.sha256();
        List<Contract.Property> people = people(delivered);
        String good = lake.staging(name + ".records");
        String bad = lake.staging(name + ".unreadable");
        try {
            if (Files.size(file) == 0) {
                throw new UnreadableFile("it is empty: 0 bytes");
            }
            List<String> own = Reading.fields(contract);
            Predicate<String> taken = kind == null ? own::contains : kind::takes;
            Map<String, String> types =
                    format.equals("parquet") ? types(lake.parquet(List.of(parquet), null), taken) : Map.of();
            if (format.equals("parquet") && !besidesPeople(delivered)) {
                return new Staged(delivery, parquet, null, null, false, List.of(), types, List.of(), 0, 0);
            }
            String declared = kind == null ? null : kind.encoding();
            Charset charset = format.matches("xlsx|parquet")
                    ? null
                    : declared == null ? TextLines.guess(file) : Charset.forName(declared);
            List<Person> persons = people.stream()
                    .map(p -> new Person(
                            p.name(),
                            p.identity().orElseThrow(),
                            kind == null ? p.name() : kind.column(p.name()).orElseThrow(),
                            p.restricted() ? pseudonym.orElseThrow(Staged::keyless) : null))
                    .toList();
            Predicate<String> plain = taken.and(column -> persons.stream().noneMatch(p -> p.column.equals(column)));
            try (Sink sink = new Sink(delivery, good, bad, plain, persons, lake.conf())) {
                switch (format) {
                    case "xlsx" ->
                        XlsxFile.read(
                                file,
                                kind == null ? null : kind.sheet(),
                                kind == null ? 1 : kind.headerRow(),
                                kind == null ? 1 : kind.headerRows(),
                                sink);
                    case "jsonl" -> JsonLinesFile.read(file, charset, sink);
                    case "parquet" -> read(lake, parquet, sink);
                    case "csv" ->
                        CsvFile.read(
                                file,
                                charset,
                                kind == null || kind.delimiter() == null
                                        ? ','
                                        : kind.delimiter().charAt(0),
                                kind == null ? 1 : kind.headerRow(),
                                sink);
                    default -> throw new UnreadableFile("its format " + format + " is not read");
                }
                return new Staged(
                        delivery,
                        good,
                        bad,
                        charset == null ? null : charset.name(),
                        charset != null && declared == null,
                        List.copyOf(sink.columns),
                        types,
                        sink.people.stream().map(Person::field).toList(),
                        sink.records,
                        sink.unreadable);
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private static RuntimeException unreadable(IOException e) {
        return String.valueOf(e.getMessage()).contains("No space left")
                ? new UncheckedIOException(e)
                : new UnreadableFile("it cannot be read (" + e.getMessage() + ")");
    }

    private static UnreadableFile keyless() {
        return new UnreadableFile(
                "it tells of people, who are taken in under pseudonyms alone, and the environment lacks "
                        + Pseudonym.KEY
                        + ". Make a key once for this lake, as `openssl rand -hex 32` does, and keep it outside of it");
    }

    /**
     * The records of files with one header as rows: the columns as text, null where they are not taken in or tell of people, of those
     * what is kept as {@code __person <field>}, {@code __line}, and {@code __file}, the delivery.
     */
    static Dataset<Row> rows(Lake lake, List<Staged> files) {
        Staged first = files.get(0);
        if (first.bad == null) {
            return files.stream()
                    .map(f -> f.parquetRows(lake))
                    .reduce(Dataset::unionByName)
                    .orElseThrow();
        }
        List<Column> named = new ArrayList<>(
                List.of(functions.col("d").as("__file"), functions.col("l").as("__line")));
        for (int c = 0; c < first.columns.size(); c++) {
            named.add(functions.col("v" + c).as(first.columns.get(c)));
        }
        int width = first.columns.size() + first.people.size();
        for (int p = 0; p < first.people.size(); p++) {
            named.add(functions.col("v" + (first.columns.size() + p)).as(PERSON + first.people.get(p)));
        }
        return lake.parquet(files.stream().map(Staged::good).toList(), StagedFile.ddl(width))
                .select(named.toArray(Column[]::new));
    }

    /** What could not be read: {@code __file}, {@code __line}, {@code why} and {@code text}. */
    static Dataset<Row> unreadable(Lake lake, List<Staged> files) {
        return lake.parquet(files.stream().map(Staged::bad).toList(), StagedFile.ddl(2))
                .toDF("__file", "__line", "why", "text");
    }

    private Dataset<Row> parquetRows(Lake lake) {
        return texts(lake, good).withColumn("__file", functions.lit(delivery));
    }

    /** The rows of a Parquet file as texts, with {@code __line}. */
    private static Dataset<Row> texts(Lake lake, String parquet) {
        Dataset<Row> delivered = lake.parquet(List.of(parquet), null);
        List<Column> cast = new ArrayList<>();
        cast.add(functions.expr("_metadata.row_index + 1").as("__line"));
        for (String name : delivered.columns()) {
            Column text = functions.col("`" + name + "`").cast("string");
            cast.add(functions.when(functions.trim(text).notEqual(""), text).as(name)); // blank is null, as of any file
        }
        return delivered.select(cast.toArray(Column[]::new));
    }

    /** A Parquet file that tells of people is read row by row, so that Spark writes nothing of it down anywhere. */
    private static void read(Lake lake, String parquet, Sink sink) throws IOException {
        Dataset<Row> rows = texts(lake, parquet);
        List<String> names = List.of(rows.columns()).subList(1, rows.columns().length);
        sink.columns(names);
        for (Iterator<Row> all = rows.toLocalIterator(); all.hasNext(); ) {
            Row row = all.next();
            sink.record(
                    row.getLong(0),
                    IntStream.rangeClosed(1, names.size())
                            .mapToObj(row::getString)
                            .toList());
        }
    }

    private static Map<String, String> types(Dataset<Row> rows, Predicate<String> taken) {
        return Stream.of(rows.schema().fields())
                .filter(field -> taken.test(field.name()))
                .collect(Collectors.toMap(
                        StructField::name, f -> f.dataType().catalogString(), (a, b) -> a, TreeMap::new));
    }

    private static final class Sink implements Records, AutoCloseable {
        private final String delivery;
        private final String goodFile;
        private final Predicate<String> taken;
        private final List<Person> persons;
        private final Configuration conf;
        private final StagedFile bad;
        private List<String> columns = List.of();
        private List<Person> people = List.of();
        private List<Boolean> kept = List.of();
        private StagedFile good;
        private long records;
        private long unreadable;

        /** @param taken the columns that are taken in as they are: what cannot be read is shown only of a file that has no others */
        Sink(
                String delivery,
                String goodFile,
                String badFile,
                Predicate<String> taken,
                List<Person> persons,
                Configuration conf)
                throws IOException {
            this.delivery = delivery;
            this.goodFile = goodFile;
            this.taken = taken;
            this.persons = persons;
            this.conf = conf;
            this.bad = new StagedFile(new org.apache.hadoop.fs.Path(badFile), conf, delivery, 2);
        }

        @Override
        public void columns(List<String> names) throws IOException {
            columns = names;
            people = persons.stream().filter(p -> names.contains(p.column)).toList();
            kept = names.stream().map(taken::test).toList();
            good = new StagedFile(
                    new org.apache.hadoop.fs.Path(goodFile), conf, delivery, names.size() + people.size());
        }

        @Override
        public void record(long line, List<String> values) throws IOException {
            records++;
            List<String> staged = new ArrayList<>(values);
            for (Person person : people) {
                staged.add(person.of(values.get(columns.indexOf(person.column))));
            }
            for (int c = 0; c < kept.size(); c++) {
                if (!kept.get(c)) {
                    staged.set(c, null);
                }
            }
            good.write(line, staged);
        }

        @Override
        public void unreadable(long line, String why, String text) throws IOException {
            records++;
            unreadable++;
            String shown = columns.stream().allMatch(taken) ? text : WITHHELD;
            bad.write(line, List.of(why, shown.length() > SHOWN ? shown.substring(0, SHOWN) : shown));
        }

        @Override
        public void close() throws IOException {
            bad.close();
            if (good != null) {
                good.close();
            }
        }
    }
}
