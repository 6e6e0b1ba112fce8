package banyan.jobs.conform;

import static banyan.jobs.conform.Field.raw;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of a complaint, report or consultation, under the entity it is about. */
public final class Complaints {
    private Complaints() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                in,
                "complaints",
                Field.of("record_id", raw("ticket_no")),
                Field.code("kind", "complaint_kinds"),
                Field.date("filed_on"),
                Field.text("problem"),
                Field.text("product"),
                Field.code("outcome", "outcomes", "pending"),
                Field.flag("verified"),
                Field.flag("case_filed"),
                Field.date("closed_on"),
                Field.yuan("amount_yuan", "decimal(18,2)"),
                Field.text("address"));
    }
}
