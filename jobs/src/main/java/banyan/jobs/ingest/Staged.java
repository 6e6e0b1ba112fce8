package banyan.jobs.ingest;

import banyan.jobs.Lake;
import banyan.schemas.Sender;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A file after our own reader has decoded, split and counted it: validated UTF-8 JSON lines that Spark may read. Records are {@code
 * {"d":delivery,"l":line,"v":[values]}}, unreadable ones {@code {"d":delivery,"l":line,"why":rule,"text":record}}.
 *
 * @param delivery SHA-256 of the delivered file
 * @param encoding null for XLSX and Parquet
 * @param guessed whether the encoding was guessed, not declared
 * @param columns the file's column names
 * @param records how many records were read, the unreadable included
 */
record Staged(
        String delivery,
        Path good,
        Path bad,
        String encoding,
        boolean guessed,
        List<String> columns,
        long records,
        long unreadable) {

    /** @throws UnreadableFile if the file cannot be read as a whole */
    static Staged of(DeliveredFile file, Path folder) {
        return of(file.path(), file.format(), file.kind(), file.sha256(), folder.resolve(file.sha256()));
    }

    /** @param aside path prefix of the two files to write */
    static Staged of(Path file, String format, Sender.SentFile kind, String delivery, Path aside) {
        Path good = Path.of(aside + ".records");
        Path bad = Path.of(aside + ".unreadable");
        try {
            if (Files.size(file) == 0) {
                throw new UnreadableFile("it is empty: 0 bytes");
            }
            Files.createDirectories(aside.getParent());
            if (format.equals("parquet")) {
                return new Staged(delivery, file, null, null, false, List.of(), 0, 0);
            }
            String declared = kind == null ? null : kind.encoding();
            Charset charset =
                    format.equals("xlsx") ? null : declared == null ? TextLines.guess(file) : Charset.forName(declared);
            try (Sink sink = new Sink(delivery, good, bad)) {
                switch (format) {
                    case "xlsx" ->
                        XlsxFile.read(
                                file, kind == null ? null : kind.sheet(), kind == null ? 1 : kind.headerRow(), sink);
                    case "jsonl" -> JsonLinesFile.read(file, charset, sink);
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
                        sink.records,
                        sink.unreadable);
            }
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("No space left")) {
                throw new UncheckedIOException(e);
            }
            throw new UnreadableFile("it cannot be read (" + e.getMessage() + ")");
        }
    }

    /** The records of files with one header as rows: the columns as text, {@code __line}, and {@code __file}, the delivery. */
    static Dataset<Row> rows(Lake lake, List<Staged> files) {
        Staged first = files.get(0);
        if (first.bad == null) {
            return files.stream()
                    .map(f -> f.parquetRows(lake))
                    .reduce(Dataset::unionByName)
                    .orElseThrow();
        }
        Dataset<Row> staged =
                lake.staged(files.stream().map(Staged::good).toList(), "d string, l bigint, v array<string>");
        List<Column> named = new ArrayList<>(
                List.of(functions.col("d").as("__file"), functions.col("l").as("__line")));
        for (int c = 0; c < first.columns.size(); c++) {
            named.add(functions.get(functions.col("v"), functions.lit(c)).as(first.columns.get(c)));
        }
        return staged.select(named.toArray(Column[]::new));
    }

    private Dataset<Row> parquetRows(Lake lake) {
        Dataset<Row> delivered = lake.parquet(good);
        List<Column> cast = new ArrayList<>();
        cast.add(functions.lit(delivery).as("__file"));
        cast.add(functions.expr("_metadata.row_index + 1").as("__line"));
        for (String name : delivered.columns()) {
            cast.add(functions.col("`" + name + "`").cast("string").as(name));
        }
        return delivered.select(cast.toArray(Column[]::new));
    }

    private static final class Sink implements Records, AutoCloseable {
        private static final JsonFactory JSON = new JsonFactory();
        private final List<String> columns = new ArrayList<>();
        private final String delivery;
        private final BufferedWriter goodOut;
        private final BufferedWriter badOut;
        private long records;
        private long unreadable;

        Sink(String delivery, Path good, Path bad) throws IOException {
            this.delivery = delivery;
            goodOut = Files.newBufferedWriter(good, StandardCharsets.UTF_8);
            badOut = Files.newBufferedWriter(bad, StandardCharsets.UTF_8);
        }

        @Override
        public void columns(List<String> names) {
            columns.addAll(names);
        }

        @Override
        public void record(long line, List<String> values) {
            records++;
            write(goodOut, json -> {
                json.writeStringProperty("d", delivery);
                json.writeNumberProperty("l", line);
                json.writeArrayPropertyStart("v");
                for (String value : values) {
                    if (value == null) {
                        json.writeNull();
                    } else {
                        json.writeString(value);
                    }
                }
                json.writeEndArray();
            });
        }

        @Override
        public void unreadable(long line, String why, String text) {
            records++;
            unreadable++;
            write(badOut, json -> {
                json.writeStringProperty("d", delivery);
                json.writeNumberProperty("l", line);
                json.writeStringProperty("why", why);
                json.writeStringProperty("text", text.length() > 4000 ? text.substring(0, 4000) : text);
            });
        }

        private static void write(BufferedWriter out, java.util.function.Consumer<JsonGenerator> fields) {
            try {
                java.io.StringWriter line = new java.io.StringWriter();
                try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), line)) {
                    json.writeStartObject();
                    fields.accept(json);
                    json.writeEndObject();
                }
                out.write(line.toString());
                out.write('\n');
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            goodOut.close();
            badOut.close();
        }
    }
}
