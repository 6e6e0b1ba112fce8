package banyan.jobs.conform;

import static banyan.jobs.conform.Field.raw;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of an entry of an enterprise in the lists of the courts: dishonest judgment debtors (失信被执行人), restricted consumption, enforcement. */
public final class CourtListings {
    private CourtListings() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "court_listings",
                        Field.of("case_no", Penalties.decisionNo(raw("case_no"))),
                        Field.code("kind", "court_list_kinds"),
                        Field.text("court"),
                        Field.yuan("amount_yuan", "decimal(18,2)"),
                        Field.date("listed_on"),
                        Field.date("removed_on"))
                .withColumn("record_id", concat_ws("/", Linked.decision(col("case_no")), col("kind")));
    }
}
