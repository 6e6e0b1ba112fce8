package banyan.jobs.publish;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import banyan.jobs.score.SpecialContributions;
import banyan.models.Index;
import banyan.schemas.Codes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/** One row per member of a field, first to be inspected first in it: by the class that counts there, then by class and score of the field. */
public final class SpecialList {
    private SpecialList() {}

    public static Dataset<Row> rows(Inputs in) {
        Column reason = lit(null).cast("string");
        Column called = lit(null).cast("string");
        for (Index field : in.specialised().fields()) {
            Column here = col("field").equalTo(field.id());
            reason = when(here, SupervisionList.reason(field, in.lang())).otherwise(reason);
            called = when(here, in.field(field.id()).name().in(in.lang())).otherwise(called);
        }
        Dataset<Row> said = SupervisionList.said(
                SpecialContributions.all(in).where("counted > 0 or kind in ('override', 'floor', 'province', 'step')"),
                reason,
                "entity_id",
                "field");
        Dataset<Row> entities =
                in.known("entities").select("entity_id", "credit_code", "name", "entity_kind", "area_code");
        return in.stamped(ranked(in.table("special_classes").join(entities, "entity_id"))
                .join(said, new String[] {"entity_id", "field"}, "left")
                .withColumn("field_name", called)
                .withColumn("area_name", Codes.of("areas").nameOf(col("area_code"), in.lang()))
                .withColumn("reason_1", SupervisionList.reasonOf(0))
                .withColumn("reason_2", SupervisionList.reasonOf(1))
                .withColumn("reason_3", SupervisionList.reasonOf(2))
                .withColumn("usage_notice", lit(SupervisionList.notice(in.lang()))));
    }

    /** The rows of all members, each with its place in its field. */
    public static Dataset<Row> ranked(Dataset<Row> rows) {
        return rows.withColumn(
                "rank",
                row_number()
                        .over(Window.partitionBy("field")
                                .orderBy(
                                        col("combined_class").desc(),
                                        col("special_class").desc(),
                                        col("score").desc(),
                                        col("entity_id"))));
    }
}
