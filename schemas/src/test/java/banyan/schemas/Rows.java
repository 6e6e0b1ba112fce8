package banyan.schemas;

import static org.apache.spark.sql.functions.col;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Rows for tests: text tables and maps, typed by a contract; columns left out are null. */
public final class Rows {
    private static SparkSession spark;

    private Rows() {}

    /** One small session a module. */
    public static synchronized SparkSession spark() {
        if (spark == null || spark.sparkContext().isStopped()) {
            spark = SparkSession.builder()
                    .master("local[2]")
                    .config("spark.ui.enabled", "false")
                    .config("spark.sql.shuffle.partitions", "2")
                    .config("spark.sql.session.timeZone", "Asia/Shanghai")
                    .config("spark.sql.datetime.java8API.enabled", "true")
                    .config("spark.sql.codegen.wholeStage", "false")
                    .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
                    .config("spark.sql.constraintPropagation.enabled", "false") // as the product has it
                    .getOrCreate();
            spark.sparkContext().setLogLevel("ERROR");
        }
        return spark;
    }

    /** A header and rows, cells apart by |, typed by the contract of a table; an empty cell is null. */
    public static Dataset<Row> table(String contract, String text) {
        List<String> lines = text.lines().filter(l -> !l.isBlank()).toList();
        List<String> names = cells(lines.get(0));
        List<Map<String, Object>> rows = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            Map<String, Object> row = new java.util.HashMap<>();
            List<String> cells = cells(line);
            for (int c = 0; c < names.size(); c++) {
                row.put(names.get(c), cells.get(c).isEmpty() ? null : cells.get(c));
            }
            rows.add(row);
        }
        return of(contract, rows);
    }

    /** Maps of column to value, typed by the contract of a table. A list becomes an array. */
    public static Dataset<Row> of(String contract, List<Map<String, Object>> rows) {
        StructType type = Contract.of(contract).structType();
        rows.forEach(row -> row.keySet().forEach(name -> Contract.of(contract).property(name)));
        List<Row> texts = rows.stream()
                .map(row -> RowFactory.create(Arrays.stream(type.fields())
                        .map(f -> text(row.get(f.name())))
                        .toArray()))
                .toList();
        StructType allText = new StructType(Arrays.stream(type.fields())
                .map(f -> new StructField(f.name(), DataTypes.StringType, true, f.metadata()))
                .toArray(StructField[]::new));
        Column[] typed = Arrays.stream(type.fields())
                .map(f -> (f.dataType() instanceof org.apache.spark.sql.types.ArrayType
                                ? org.apache.spark.sql.functions.split(col(f.name()), ",")
                                : col(f.name()).cast(f.dataType()))
                        .as(f.name()))
                .toArray(Column[]::new);
        return spark().createDataFrame(texts, allText).select(typed);
    }

    private static String text(Object value) {
        return value instanceof List<?> list
                ? String.join(",", list.stream().map(Object::toString).toList())
                : value == null ? null : value.toString();
    }

    private static List<String> cells(String line) {
        return Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
    }
}
