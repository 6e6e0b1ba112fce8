package banyan.jobs.conform;

import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per version of the class that the province gave an entity on a day. */
public final class ProvinceClasses {
    private ProvinceClasses() {}

    public static Dataset<Row> rows(Inputs in) {
        return Linked.records(
                        in, "province_classes", Field.code("risk_class", "province_classes"), Field.date("classed_on"))
                .withColumn("record_id", Linked.owned(col("classed_on")));
    }
}
