package banyan.schemas;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.date_format;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.try_to_date;
import static org.apache.spark.sql.functions.when;

import java.nio.charset.Charset;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser;

/**
 * A sending system: how its own files become raw tables. One file {@code schemas/senders/<sender>.yaml}, no code.
 *
 * @param database where its records lie; null for a sender that brings files
 * @param ignored glob patterns of files that are left out on purpose
 */
public record Sender(String sender, Name name, Database database, List<SentFile> files, List<String> ignored) {
    private static SortedMap<String, Sender> packaged;

    /** The sender's name in both languages. */
    public record Name(String zh, String en) {}

    /**
     * One kind of file.
     *
     * @param match glob pattern of its name; two kinds with one pattern take the same file into two tables
     * @param encoding null where it is to be detected (UTF-8, else GB18030)
     * @param delimiter one character, a comma where null
     * @param sheet sheet of an XLSX; the first where null
     * @param header_row row of the header, from 1
     * @param header_rows how many rows the header of an XLSX has, 1 where null: a column is then named 上格/下格
     * @param with a second file of the same delivery whose columns are joined by a key; every record of this file is kept
     * @param fields field of the raw table → Spark SQL over the file's columns
     * @param codes field → the sender's own word → the word it stands for
     * @param dates field → date forms it may have; a text of no such form stays as it came
     * @param ignored columns left out on purpose
     * @param narrowed columns of a Parquet file whose type was agreed to hold less than before
     * @param quarantine_limit share of records that may break the contract, where the contract's own limit does not fit this sender
     */
    public record SentFile(
            String match,
            String table,
            String encoding,
            String delimiter,
            String sheet,
            Integer header_row,
            Integer header_rows,
            With with,
            Map<String, String> fields,
            Map<String, Map<String, String>> codes,
            Map<String, List<String>> dates,
            List<String> ignored,
            List<String> narrowed,
            Double quarantine_limit) {
        /** A column in an expression, in backticks or bare. */
        private static final Pattern NAMES = Pattern.compile("`([^`]+)`|([\\p{L}_][\\p{L}\\p{N}_]*)");

        /** A field as a Column over the file's columns: expression, then code words, then date forms. */
        public Column field(String field) {
            Column value = expr(fields.get(field)).cast("string");
            for (Map.Entry<String, String> word : Optional.ofNullable(codes)
                    .orElse(Map.of())
                    .getOrDefault(field, Map.of())
                    .entrySet()) {
                value = when(trim(value).equalTo(word.getKey()), lit(word.getValue()))
                        .otherwise(value);
            }
            List<Column> forms = new ArrayList<>();
            for (String form : Optional.ofNullable(dates).orElse(Map.of()).getOrDefault(field, List.of())) {
                forms.add(date_format(try_to_date(trim(value), form), "yyyy-MM-dd"));
            }
            forms.add(value);
            return coalesce(forms.toArray(Column[]::new));
        }

        /** The column that a field is, as it stands; empty of a field that is made of one or more. */
        public Optional<String> column(String field) {
            Matcher bare = NAMES.matcher(fields.getOrDefault(field, "").strip());
            return bare.matches()
                    ? Optional.of(bare.group(1) == null ? bare.group(2) : bare.group(1))
                    : Optional.empty();
        }

        private boolean knows(String column) {
            return Optional.ofNullable(ignored).orElse(List.of()).contains(column) || takes(column);
        }

        /** Whether a column of the file is used by a field. */
        public boolean takes(String column) {
            return with != null && with.key.equals(column)
                    || fields.values().stream().anyMatch(expression -> names(expression, column));
        }

        private static boolean names(String expression, String column) {
            return NAMES.matcher(expression)
                    .results()
                    .anyMatch(name -> column.equals(name.group(1)) || column.equals(name.group(2)));
        }

        public int headerRow() {
            return header_row == null ? 1 : header_row;
        }

        public int headerRows() {
            return header_rows == null ? 1 : header_rows;
        }
    }

    public record With(String match, String key) {}

    /**
     * A database that is read for new records, each reading one file of this sender, {@code <table>_<watermark>.parquet}.
     *
     * @param dialect postgresql, mysql or oracle
     * @param environment address, account and password are in the variables {@code <environment>_URL}, {@code _USER}, {@code _PASSWORD}
     */
    public record Database(String dialect, String environment, List<Read> reads) {}

    /**
     * One table of it.
     *
     * @param table its name, with the schema where it needs one
     * @param watermark a column that grows with every change of a row: an instant or a number
     * @param overlap how far each reading goes back before the last: an ISO 8601 duration, or a number
     * @param partition a column of whole numbers or days by which the rows are read in parts; null to read them as one
     * @param parts how many parts
     */
    public record Read(String table, String watermark, String overlap, String partition, Integer parts) {}

    /** Every sender of the class path, by name. */
    public static synchronized SortedMap<String, Sender> all() {
        if (packaged == null) {
            SortedMap<String, Sender> senders = new TreeMap<>();
            Definitions.packaged("senders", ".yaml").forEach((file, text) -> {
                Sender sender = parse(file, text);
                if (!file.equals(sender.sender + ".yaml")) {
                    throw new InvalidDefinition(
                            file, "its sender is " + sender.sender + "; file and sender must agree");
                }
                senders.put(sender.sender, sender);
            });
            packaged = Collections.unmodifiableSortedMap(senders);
        }
        return packaged;
    }

    /** @throws InvalidDefinition if it names a table or field that no contract has, an unknown encoding, or cannot be parsed */
    public static Sender parse(String file, String text) {
        Sender sender = Definitions.yaml(file, text, Sender.class);
        for (SentFile sent : sender.files) {
            Contract contract = Contract.of(sent.table);
            if (sender.files.stream()
                            .filter(other -> other.match.equals(sent.match) && other.table.equals(sent.table))
                            .count()
                    > 1) {
                throw new InvalidDefinition(
                        file,
                        sent.match + " is taken into " + sent.table + " twice; let one entry under files name it");
            }
            sent.fields.forEach((field, expression) -> {
                if (!contract.columnNames().contains(field)) {
                    throw new InvalidDefinition(
                            file,
                            sent.match + " fills " + field + ", and " + sent.table + " has no such column; it has "
                                    + String.join(", ", contract.columnNames()));
                }
                try {
                    new CatalystSqlParser().parseExpression(expression);
                } catch (Exception e) {
                    throw new InvalidDefinition(
                            file,
                            field + " is no Spark SQL: "
                                    + e.getMessage().lines().findFirst().orElse(""));
                }
            });
            Optional.ofNullable(sent.codes).orElse(Map.of()).keySet().forEach(f -> usedField(file, sent, f));
            Optional.ofNullable(sent.dates).orElse(Map.of()).keySet().forEach(f -> usedField(file, sent, f));
            checkPeople(file, sender, sent);
            if (sent.encoding != null && !Charset.isSupported(sent.encoding)) {
                throw new InvalidDefinition(file, "the encoding " + sent.encoding + " is unknown");
            }
            if (sent.delimiter != null && sent.delimiter.length() != 1) {
                throw new InvalidDefinition(file, "the delimiter must be one character, not '" + sent.delimiter + "'");
            }
        }
        Optional.ofNullable(sender.database).ifPresent(database -> checkDatabase(file, sender, database));
        return sender;
    }

    /** What tells of people is taken over by the reader, before any expression: so it must be a column, and that column nothing else. */
    private static void checkPeople(String file, Sender sender, SentFile sent) {
        List<String> people = people(sent);
        List<String> columns = sender.files.stream()
                .filter(other -> other.match.equals(sent.match))
                .flatMap(other -> people(other).stream()
                        .map(field -> other.column(field)
                                .orElseThrow(() -> new InvalidDefinition(
                                        file,
                                        field + " tells of people: it must be one column as it stands, not "
                                                + other.fields.get(field)))))
                .toList();
        sent.fields.keySet().stream()
                .filter(field -> !people.contains(field))
                .forEach(field -> columns.stream()
                        .filter(column -> SentFile.names(sent.fields.get(field), column))
                        .findFirst()
                        .ifPresent(column -> {
                            throw new InvalidDefinition(
                                    file, field + " is made of " + column + ", which tells of people");
                        }));
    }

    /** The fields of a kind that tell of people. */
    private static List<String> people(SentFile sent) {
        return sent.fields.keySet().stream()
                .filter(field -> Contract.of(sent.table).columnNames().contains(field)
                        && Contract.of(sent.table).property(field).identity().isPresent())
                .toList();
    }

    private static void checkDatabase(String file, Sender sender, Database database) {
        if (database.dialect == null
                || database.environment == null
                || !database.environment.matches("[A-Z][A-Z0-9_]*")
                || Optional.ofNullable(database.reads).orElse(List.of()).isEmpty()) {
            throw new InvalidDefinition(
                    file, "a database needs a dialect, an environment in capitals, and at least one table under reads");
        }
        for (Read read : database.reads) {
            if (read.table == null
                    || read.watermark == null
                    || read.overlap == null
                    || !read.overlap.matches("[0-9]+|P.+")
                    || (read.partition == null) != (read.parts == null)) {
                throw new InvalidDefinition(
                        file,
                        "a table that is read needs table, watermark and overlap (a number or a duration like PT2H), and"
                                + " partition and parts or neither");
            }
            if (sender.kindsOf(read.table + "_0.parquet").isEmpty()) {
                throw new InvalidDefinition(
                        file, "no entry under files matches " + read.table + "_….parquet, as which its rows will come");
            }
        }
    }

    /** How a file of this sender is read, by its name: once for each table it is taken into; none of a file that is not known. */
    public List<SentFile> kindsOf(String fileName) {
        return files.stream()
                .filter(f -> matches(f.match, fileName))
                .findFirst()
                .map(first ->
                        files.stream().filter(f -> f.match.equals(first.match)).toList())
                .orElse(List.of());
    }

    /** Whether a column of the files that are read in this way, or also in this way, is used or left out on purpose. */
    public boolean knows(SentFile kind, String column) {
        return files.stream().filter(f -> f.match.equals(kind.match)).anyMatch(f -> f.knows(column));
    }

    /** Whether a file is left out on purpose, or is the second file of another. */
    public boolean ignores(String fileName) {
        return Optional.ofNullable(ignored).orElse(List.of()).stream().anyMatch(glob -> matches(glob, fileName))
                || files.stream().anyMatch(f -> f.with != null && matches(f.with.match, fileName));
    }

    public static boolean matches(String glob, String fileName) {
        return FileSystems.getDefault().getPathMatcher("glob:" + glob).matches(Path.of(fileName));
    }

    private static void usedField(String file, SentFile sent, String field) {
        if (!sent.fields.containsKey(field)) {
            throw new InvalidDefinition(
                    file, sent.match + " has codes or dates for " + field + ", which is no field of it");
        }
    }
}
