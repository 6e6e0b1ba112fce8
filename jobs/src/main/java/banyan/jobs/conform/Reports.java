package banyan.jobs.conform;

import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of the annual report of one enterprise and year. */
public final class Reports {
    private static final String MONEY = "decimal(20,2)";

    private Reports() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "reports",
                        Field.integer("report_year"),
                        Field.date("filed_on"),
                        Field.wan("assets_yuan", "assets_wan", MONEY),
                        Field.wan("liabilities_yuan", "liabilities_wan", MONEY),
                        Field.wan("revenue_yuan", "revenue_wan", MONEY),
                        Field.wan("profit_yuan", "profit_wan", MONEY),
                        Field.wan("tax_yuan", "tax_wan", MONEY),
                        Field.integer("employees"))
                .withColumn("record_id", Linked.owned(col("report_year")));
    }
}
