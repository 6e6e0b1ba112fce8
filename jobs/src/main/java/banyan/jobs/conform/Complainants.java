package banyan.jobs.conform;

import static banyan.jobs.conform.Field.raw;
import static org.apache.spark.sql.functions.coalesce;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of who made a complaint or report, as a pseudonym. */
public final class Complainants {
    private Complainants() {}

    public static Dataset<Row> rows(Inputs in) {
        return Field.read(
                in.table("raw_complainants"),
                Field.of("record_id", raw("ticket_no")),
                Field.date("filed_on"),
                Field.of("complainant", coalesce(raw("phone"), raw("id_number"))));
    }
}
