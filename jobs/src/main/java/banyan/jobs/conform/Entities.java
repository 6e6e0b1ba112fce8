package banyan.jobs.conform;

import static banyan.jobs.conform.Field.raw;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.regexp_extract;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import banyan.schemas.Codes;
import banyan.schemas.Text;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of what we knew of an enterprise, individual business or cooperative. */
public final class Entities {
    private Entities() {}

    public static Dataset<Row> rows(Inputs in) {
        Column industry = regexp_extract(raw("industry_code"), "^[A-Ta-t]?([0-9]{2,4})$", 1);
        Column id = coalesce(
                when(CreditCode.wellFormed(col("credit_code")), col("credit_code")),
                col("reg_no"),
                concat(col("sender"), lit(":"), col("record_no")));
        return Field.read(
                        in.table("raw_registrations"),
                        Field.of("credit_code", CreditCode.normal(raw("credit_code"))),
                        Field.text("reg_no"),
                        Field.text("record_no"),
                        Field.text("name"),
                        Field.of("name_key", Text.nameKey(raw("name"))),
                        Field.code("entity_kind", "entity_kinds", "enterprise"),
                        Field.text("legal_form"),
                        Field.code("status", "statuses", "unknown"),
                        Field.date("established_on"),
                        Field.date("ended_on"),
                        Field.wan("capital_yuan", "capital_wan", "decimal(20,2)"),
                        Field.wan("paid_in_yuan", "paid_in_wan", "decimal(20,2)"),
                        new Field(
                                "industry_code",
                                when(industry.notEqual(""), industry),
                                raw("industry_code")
                                        .isNotNull()
                                        .and(col("industry_code").isNull())),
                        Field.of("area_code", Codes.of("areas").codeOrSelf(raw("area_code"))),
                        Field.text("address"),
                        Field.code("address_kind", "address_kinds", "ordinary"))
                .withColumn("entity_id", id)
                .withColumn("record_id", col("entity_id"))
                .withColumn("credit_code_ok", CreditCode.checked(col("credit_code")))
                .withColumn("sector", Codes.of("sectors").code(substring(col("industry_code"), 1, 2)));
    }
}
