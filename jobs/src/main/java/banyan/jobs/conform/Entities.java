package banyan.jobs.conform;

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
        Column code = CreditCode.normal(col("credit_code"));
        Column wellFormed = when(CreditCode.wellFormed(code), code);
        Column number = Text.clean(col("reg_no"));
        Column ownNumber = concat(col("sender"), lit(":"), Text.clean(col("record_no")));
        Column id = coalesce(wellFormed, number, ownNumber);
        Column industry = regexp_extract(Text.clean(col("industry_code")), "^[A-Ta-t]?([0-9]{2,4})$", 1);
        return Field.read(
                in.table("raw_registrations"),
                Field.of("record_id", id),
                Field.of("entity_id", id),
                Field.of("credit_code", code),
                Field.of("credit_code_ok", CreditCode.checked(code)),
                Field.text("reg_no"),
                Field.text("record_no"),
                Field.text("name"),
                Field.of("name_key", Text.nameKey(col("name"))),
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
                        Text.clean(col("industry_code")).isNotNull().and(industry.equalTo(""))),
                Field.of("sector", Codes.of("sectors").code(substring(industry, 1, 2))),
                Field.of("area_code", Codes.of("areas").codeOrSelf(col("area_code"))),
                Field.text("address"),
                Field.code("address_kind", "address_kinds", "ordinary"));
    }
}
