package banyan.jobs.publish;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.instr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import banyan.jobs.Pipeline;
import banyan.schemas.Codes;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.functions;

/**
 * One row per entity that city and province class otherwise, farthest apart first: what either of both should look into. Where the
 * province sends no classes there is none.
 */
public final class ClassDifferences {
    private static final String CLASSES = "ABCD";

    private ClassDifferences() {}

    public static Dataset<Row> rows(Inputs in) {
        if (!in.delivered().containsAll(Pipeline.sources("province_classes"))) {
            return in.none("class_differences");
        }
        Dataset<Row> general = apart(in.table("risk_classes"), "risk_class", in.table("supervision_list"), "entity_id");
        Dataset<Row> fields = apart(
                        in.table("special_classes"), "special_class", in.table("special_list"), "entity_id", "field")
                .drop("field");
        boolean english = in.lang().equals("en");
        return in.stamped(general.unionByName(fields)
                .join(
                        in.known("entities").select("entity_id", "credit_code", "name", "entity_kind", "area_code"),
                        "entity_id")
                .withColumn(
                        "rank",
                        row_number()
                                .over(Window.orderBy(
                                        abs(place("city_class").minus(place("province_class")))
                                                .desc(),
                                        col("risk_class").desc(),
                                        col("entity_id"))))
                .withColumn(
                        "worse",
                        when(col("province_class").gt(col("city_class")), english ? "province" : "省级更差")
                                .otherwise(english ? "city" : "本市更差"))
                .withColumn("area_name", Codes.of("areas").nameOf(col("area_code"), in.lang()))
                .withColumn("usage_notice", lit(SupervisionList.notice(in.lang()))));
    }

    /**
     * Those whose two classes differ, with what the list says of them.
     *
     * @param counts the column of the class that counts
     * @param key of classes and list alike
     */
    private static Dataset<Row> apart(Dataset<Row> classes, String counts, Dataset<Row> list, String... key) {
        return classes.where("province_class <> city_class")
                .select(columns(
                        key,
                        col("score"),
                        col("city_class"),
                        col("province_class"),
                        col(counts).as("risk_class")))
                .join(list.select(columns(key, col("reason_1"), col("reason_2"), col("reason_3"))), key, "inner");
    }

    private static Column[] columns(String[] key, Column... more) {
        return Stream.concat(Stream.of(key).map(functions::col), Stream.of(more))
                .toArray(Column[]::new);
    }

    private static Column place(String column) {
        return instr(lit(CLASSES), col(column));
    }
}
