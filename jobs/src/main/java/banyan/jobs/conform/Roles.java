package banyan.jobs.conform;

import static banyan.jobs.conform.Field.raw;
import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of a role that a person or an enterprise holds in an enterprise: legal representative, shareholder, director …. */
public final class Roles {
    private Roles() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "roles",
                        Field.code("role", "role_kinds"),
                        Field.text("person"),
                        Field.text("person_shown"),
                        Field.text("telephone"),
                        Field.of("holder_credit_code", CreditCode.normal(raw("holder_credit_code"))),
                        Field.decimal("share_percent", "decimal(9,4)"),
                        Field.date("since_on"),
                        Field.date("until_on"))
                .withColumn(
                        "record_id",
                        Linked.owned(col("role"), col("person"), col("holder_credit_code"), col("since_on")));
    }
}
