package banyan.jobs.ingest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/**
 * A Parquet file of records on their way to Spark: {@code d}, the delivery, {@code l}, the line, and the values as text in {@code v0},
 * {@code v1}, ….
 */
final class StagedFile implements AutoCloseable {
    private final ParquetWriter<Line> out;

    private record Line(long line, List<String> values) {}

    /** @param columns how many values a record has at most */
    StagedFile(Path file, Configuration conf, String delivery, int columns) throws IOException {
        out = new Builder(file, conf, new Rows(delivery, columns))
                .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
                .withCompressionCodec(CompressionCodecName.LZ4_RAW)
                .withDictionaryEncoding(
                        false) // read once or twice, then deleted: looking for repeats costs more than they do
                .build();
    }

    /** The schema of such a file. */
    static String ddl(int columns) {
        StringBuilder ddl = new StringBuilder("d string, l bigint");
        for (int c = 0; c < columns; c++) {
            ddl.append(", v").append(c).append(" string");
        }
        return ddl.toString();
    }

    void write(long line, List<String> values) throws IOException {
        out.write(new Line(line, values));
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    private static final class Builder extends ParquetWriter.Builder<Line, Builder> {
        private final Rows rows;

        Builder(Path file, Configuration conf, Rows rows) throws IOException {
            super(HadoopOutputFile.fromPath(file, conf));
            this.rows = rows;
            withConf(conf);
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        @SuppressWarnings("deprecation") // abstract there, so it must be here
        protected WriteSupport<Line> getWriteSupport(Configuration conf) {
            return rows;
        }
    }

    private static final class Rows extends WriteSupport<Line> {
        private final Binary delivery;
        private final MessageType schema;
        private RecordConsumer to;

        Rows(String delivery, int columns) {
            this.delivery = Binary.fromString(delivery);
            List<Type> fields = new ArrayList<>();
            fields.add(text(Type.Repetition.REQUIRED, "d"));
            fields.add(Types.required(PrimitiveTypeName.INT64).named("l"));
            for (int c = 0; c < columns; c++) {
                fields.add(text(Type.Repetition.OPTIONAL, "v" + c));
            }
            schema = new MessageType("records", fields);
        }

        private static Type text(Type.Repetition repetition, String name) {
            return Types.primitive(PrimitiveTypeName.BINARY, repetition)
                    .as(LogicalTypeAnnotation.stringType())
                    .named(name);
        }

        @Override
        @SuppressWarnings("deprecation") // abstract there, so it must be here
        public WriteContext init(Configuration conf) {
            return new WriteContext(schema, Map.of());
        }

        @Override
        public void prepareForWrite(RecordConsumer consumer) {
            to = consumer;
        }

        @Override
        public void write(Line line) {
            to.startMessage();
            to.startField("d", 0);
            to.addBinary(delivery);
            to.endField("d", 0);
            to.startField("l", 1);
            to.addLong(line.line);
            to.endField("l", 1);
            for (int c = 0; c < line.values.size(); c++) {
                String value = line.values.get(c);
                if (value != null) {
                    String name = schema.getFieldName(c + 2);
                    to.startField(name, c + 2);
                    to.addBinary(Binary.fromString(value));
                    to.endField(name, c + 2);
                }
            }
            to.endMessage();
        }
    }
}
