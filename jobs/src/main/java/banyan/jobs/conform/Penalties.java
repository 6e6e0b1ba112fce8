package banyan.jobs.conform;

import static banyan.jobs.conform.Field.raw;
import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.array_distinct;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.split;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.translate;

import banyan.jobs.Inputs;
import banyan.schemas.Codes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of a penalty decision, under the enterprise it was imposed on. */
public final class Penalties {
    private static final String MONEY = "decimal(18,2)";

    private Penalties() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "penalties",
                        Field.of("decision_no", decisionNo(raw("decision_no"))),
                        Field.text("authority"),
                        Field.date("decided_on"),
                        Field.date("published_on"),
                        Field.text("violation"),
                        kinds(),
                        Field.yuanOrZero("fine_yuan", MONEY),
                        Field.yuanOrZero("confiscated_yuan", MONEY),
                        Field.date("repaired_on"))
                .withColumn("record_id", Linked.decision(col("decision_no")))
                .withColumn(
                        "amount_yuan",
                        col("fine_yuan").plus(col("confiscated_yuan")).cast(MONEY));
    }

    /** City and province write one number with other blanks and brackets; it is one decision. */
    static Column decisionNo(Column written) {
        return translate(regexp_replace(written, "\\s", ""), "[]()【】﹝﹞", "〔〕〔〕〔〕〔〕");
    }

    /** A kind that the code list does not know makes the row unreadable: it would cost nothing. */
    private static Field kinds() {
        Column codes = transform(
                split(raw("kinds"), "[,;、；]\\s*"),
                word -> coalesce(Codes.of("penalty_kinds").code(word), lit("?")));
        Column known = array_sort(array_distinct(codes));
        return new Field("kinds", known, array_contains(col("kinds"), "?"));
    }
}
