package banyan.jobs.conform;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.lower;

import banyan.jobs.Inputs;
import banyan.schemas.Text;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of one item result of a sample or of one routine inspection, under the party it was taken from. */
public final class Samplings {
    private Samplings() {}

    public static Dataset<Row> rows(Inputs in) {
        Field sampled = Field.date("sampled_on");
        Field reported = Field.date("reported_on");
        Dataset<Row> read = Field.read(
                in.table("raw_samplings"),
                Conformed.with(
                        Links.fields(),
                        Field.of("record_id", concat_ws("/", Text.clean(col("sample_no")), Text.clean(col("item")))),
                        Field.text("sample_no"),
                        Field.text("item"),
                        sampled,
                        new Field("reported_on", coalesce(reported.value(), sampled.value()), reported.unreadable()),
                        Field.code("kind", "sampling_kinds"),
                        Field.code("stage", "stages"),
                        Field.text("product"),
                        Field.text("category"),
                        Field.code("result", "results"),
                        Field.flag("rechecked"),
                        Field.of("severity", lower(Text.clean(col("severity")))),
                        Field.text("findings"),
                        Field.of("producer_credit_code", CreditCode.normal(col("producer_credit_code"))),
                        Field.text("producer_name")));
        return Links.attach(read, in.table("entities"));
    }
}
