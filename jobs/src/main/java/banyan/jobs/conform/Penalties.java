package banyan.jobs.conform;

import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.array_distinct;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.split;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.translate;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import banyan.schemas.Codes;
import banyan.schemas.Text;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of a penalty decision, under the enterprise it was imposed on. */
public final class Penalties {
    private Penalties() {}

    public static Dataset<Row> rows(Inputs in) {
        Field fine = Field.yuan("fine_yuan", "decimal(18,2)", "0");
        Field confiscated = Field.yuan("confiscated_yuan", "decimal(18,2)", "0");
        Dataset<Row> read = Field.read(
                in.table("raw_penalties"),
                Conformed.with(
                        Links.fields(),
                        Field.of("record_id", decisionNo()),
                        Field.of("decision_no", decisionNo()),
                        Field.text("authority"),
                        Field.date("decided_on"),
                        Field.date("published_on"),
                        Field.text("violation"),
                        kinds(),
                        fine,
                        confiscated,
                        Field.of("amount_yuan", fine.value().plus(confiscated.value()).cast("decimal(18,2)")),
                        Field.date("repaired_on")));
        return Links.attach(read, in.table("entities"));
    }

    /** City and province write one number with other blanks and brackets; it is one decision. */
    private static Column decisionNo() {
        return translate(regexp_replace(Text.clean(col("decision_no")), "\\s", ""), "[]()【】﹝﹞", "〔〕〔〕〔〕〔〕");
    }

    /** A kind that the code list does not know makes the row unreadable: it would have no severity. */
    private static Field kinds() {
        Column words = split(Text.clean(col("kinds")), "[,;、；]\\s*");
        Column codes = transform(words, word -> coalesce(Codes.of("penalty_kinds").code(word), lit("?")));
        Column unknown = array_contains(codes, "?").or(size(codes).equalTo(0));
        return new Field(
                "kinds", when(not(unknown), array_sort(array_distinct(codes))), coalesce(unknown, lit(false)));
    }
}
