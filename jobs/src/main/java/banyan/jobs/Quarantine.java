package banyan.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;

import banyan.schemas.Contract;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What was set aside because it broke a contract. */
public final class Quarantine {
    private Quarantine() {}

    /** Table, rule and number of records that break it, most first. */
    public static List<Row> reasons(Lake lake) {
        return Contract.all().keySet().stream()
                .filter(lake::hasQuarantine)
                .map(table -> lake.readQuarantine(table).select("table", "broken"))
                .reduce(Dataset::unionByName)
                .map(all -> all.select(col("table"), expr("explode(broken) as rule"))
                        .groupBy("table", "rule")
                        .agg(count(lit(1)).as("n"))
                        .orderBy(col("n").desc(), col("table"), col("rule"))
                        .collectAsList())
                .orElse(List.of());
    }
}
