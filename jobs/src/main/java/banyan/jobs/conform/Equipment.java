package banyan.jobs.conform;

import static banyan.jobs.conform.Field.raw;
import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of a piece of special equipment under the enterprise that uses it: lift, boiler, gas cylinder …. */
public final class Equipment {
    private Equipment() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in,
                        "equipment",
                        Field.of("equipment_no", Penalties.decisionNo(raw("equipment_no"))),
                        Field.code("kind", "equipment_kinds"),
                        Field.code("status", "equipment_statuses"),
                        Field.date("registered_on"),
                        Field.date("inspected_on"),
                        Field.date("due_on"),
                        Field.code("result", "results"),
                        Field.integer("faults"),
                        Field.of("maintained_by", CreditCode.normal(raw("maintained_by"))))
                .withColumn("record_id", col("equipment_no"));
    }
}
