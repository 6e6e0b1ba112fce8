package banyan.jobs;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.api.InitContext;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The records of a Parquet file as Spark's rows, with the values that Spark reads from it: for the types that contracts use. A column
 * that the file has not is the value of its folder, or null.
 */
final class ParquetRows extends ReadSupport<Row> {
    private final StructType asked;
    private final Collection<String> columns;
    private final Map<String, String> partition;

    /**
     * @param asked the columns of the rows
     * @param columns the columns to read: those asked for and those that are filtered by
     * @param partition the values of the file's folder
     */
    ParquetRows(StructType asked, Collection<String> columns, Map<String, String> partition) {
        this.asked = asked;
        this.columns = columns;
        this.partition = partition;
    }

    @Override
    public ReadContext init(InitContext context) {
        MessageType file = context.getFileSchema();
        return new ReadContext(new MessageType(
                file.getName(),
                columns.stream().filter(file::containsField).map(file::getType).toList()));
    }

    @Override
    @SuppressWarnings("deprecation") // abstract, so it must be there
    public RecordMaterializer<Row> prepareForRead(
            Configuration conf, Map<String, String> metadata, MessageType file, ReadContext context) {
        Fields fields = new Fields(context.getRequestedSchema());
        return new RecordMaterializer<>() {
            @Override
            public Row getCurrentRecord() {
                return row(fields);
            }

            @Override
            public GroupConverter getRootConverter() {
                return fields;
            }
        };
    }

    private Row row(Fields fields) {
        Object[] values = new Object[asked.length()];
        for (int i = 0; i < values.length; i++) {
            StructField field = asked.fields()[i];
            values[i] = partition.containsKey(field.name())
                    ? ofFolder(partition.get(field.name()), field.dataType())
                    : of(fields.value(field.name()), field.dataType());
        }
        return new GenericRowWithSchema(values, asked);
    }

    private static Object ofFolder(String value, DataType type) {
        if (value == null || type.equals(DataTypes.StringType)) {
            return value;
        }
        if (type.equals(DataTypes.DateType)) {
            return LocalDate.parse(value);
        }
        throw new IllegalStateException("no table is kept in folders of " + type.simpleString());
    }

    private static Object of(Object value, DataType type) {
        if (value == null) {
            return null;
        } else if (type.equals(DataTypes.StringType)) {
            return ((Binary) value).toStringUsingUTF8();
        } else if (type.equals(DataTypes.IntegerType) || type.equals(DataTypes.BooleanType)) {
            return value;
        } else if (type.equals(DataTypes.LongType)) {
            return ((Number) value).longValue();
        } else if (type.equals(DataTypes.DateType)) {
            return LocalDate.ofEpochDay((Integer) value);
        } else if (type.equals(DataTypes.TimestampType)) {
            return Instant.EPOCH.plus((Long) value, ChronoUnit.MICROS);
        } else if (type instanceof DecimalType decimal) {
            BigInteger unscaled = value instanceof Binary binary
                    ? new BigInteger(binary.getBytes())
                    : BigInteger.valueOf(((Number) value).longValue());
            return new BigDecimal(unscaled, decimal.scale());
        } else if (type instanceof ArrayType array) {
            List<Object> items = new ArrayList<>();
            ((List<?>) value).forEach(item -> items.add(of(item, array.elementType())));
            return CollectionConverters.asScala(items).toSeq();
        }
        throw new IllegalStateException("no contract has the type " + type.simpleString());
    }

    /** The values of the record at hand, as the file holds them; each is replaced by the next record's. */
    private static final class Fields extends GroupConverter {
        private final MessageType schema;
        private final Object[] values;
        private final Converter[] converters;

        Fields(MessageType schema) {
            this.schema = schema;
            this.values = new Object[schema.getFieldCount()];
            this.converters = new Converter[schema.getFieldCount()];
            for (int i = 0; i < converters.length; i++) {
                int at = i;
                Type type = schema.getType(i);
                converters[i] = type.isPrimitive()
                        ? new Value(value -> values[at] = value)
                        : new Items(type, items -> values[at] = items);
            }
        }

        Object value(String column) {
            return schema.containsField(column) ? values[schema.getFieldIndex(column)] : null;
        }

        @Override
        public Converter getConverter(int field) {
            return converters[field];
        }

        @Override
        public void start() {
            java.util.Arrays.fill(values, null);
        }

        @Override
        public void end() {}
    }

    /** A list in the form that Spark writes: {@code list.element}. */
    private static final class Items extends GroupConverter {
        private final java.util.function.Consumer<Object> to;
        private final GroupConverter repeated;
        private List<Object> items;
        private Object item;

        Items(Type type, java.util.function.Consumer<Object> to) {
            Type list = type.asGroupType().getType(0);
            if (list.isPrimitive()
                    || list.asGroupType().getFieldCount() != 1
                    || !list.asGroupType().getType(0).isPrimitive()) {
                throw new IllegalStateException("no contract has the type " + type);
            }
            this.to = to;
            Converter element = new Value(value -> item = value);
            this.repeated = new GroupConverter() {
                @Override
                public Converter getConverter(int field) {
                    return element;
                }

                @Override
                public void start() {
                    item = null;
                }

                @Override
                public void end() {
                    items.add(item);
                }
            };
        }

        @Override
        public Converter getConverter(int field) {
            return repeated;
        }

        @Override
        public void start() {
            items = new ArrayList<>();
        }

        @Override
        public void end() {
            to.accept(items);
        }
    }

    private static final class Value extends PrimitiveConverter {
        private final java.util.function.Consumer<Object> to;

        Value(java.util.function.Consumer<Object> to) {
            this.to = to;
        }

        @Override
        public void addBinary(Binary value) {
            to.accept(value.copy());
        }

        @Override
        public void addBoolean(boolean value) {
            to.accept(value);
        }

        @Override
        public void addInt(int value) {
            to.accept(value);
        }

        @Override
        public void addLong(long value) {
            to.accept(value);
        }
    }
}
