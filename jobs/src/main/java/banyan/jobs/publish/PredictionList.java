package banyan.jobs.publish;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.get;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.substring_index;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import banyan.jobs.learn.Registry;
import banyan.models.Forecast;
import banyan.schemas.Codes;
import java.util.Arrays;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/**
 * One row per entity that a champion speaks of, most likely first, with its class by the rules beside it: where both say otherwise a
 * person should look.
 */
public final class PredictionList {
    private PredictionList() {}

    public static Dataset<Row> rows(Inputs in) {
        Column name = lit(null).cast("string");
        Column[] reasons = new Column[3];
        Arrays.fill(reasons, lit(null).cast("string"));
        for (Map.Entry<String, Registry> one :
                Registry.all(in.table("models"), in.table("model_states")).entrySet()) {
            Registry.Version champion = one.getValue().champion(in.asOf()).orElse(null);
            if (champion != null) {
                Forecast forecast = champion.learned().asked();
                Column here = col("model").equalTo(one.getKey());
                name = when(here, forecast.name().in(in.lang())).otherwise(name);
                for (int n = 0; n < reasons.length; n++) {
                    reasons[n] = when(here, reason(forecast, n, in.lang())).otherwise(reasons[n]);
                }
            }
        }
        Column all = count(lit(1)).over(Window.partitionBy("model"));
        Column order = row_number()
                .over(Window.partitionBy("model").orderBy(col("probability").desc(), col("entity_id")));
        Column high = col("risk_class")
                .equalTo("A")
                .and(col("rank").leq(col("all").multiply(in.models().first() / 100)));
        Column low = col("risk_class")
                .equalTo("D")
                .and(col("rank").gt(col("all").multiply(in.models().lower() / 100)));
        Dataset<Row> entities =
                in.known("entities").select("entity_id", "credit_code", "name", "entity_kind", "area_code");
        return in.stamped(in.table("predictions")
                .where(col("state").equalTo("champion"))
                .join(entities, "entity_id")
                .join(in.table("risk_classes").select("entity_id", "risk_class"), new String[] {"entity_id"}, "left")
                .withColumn("rank", order)
                .withColumn("all", all)
                .withColumn("risk_class", coalesce(col("risk_class"), lit("unclassified")))
                .withColumn("discordance", when(high, "model_higher").when(low, "rules_higher"))
                .withColumn(
                        "decile",
                        col("rank")
                                .minus(1)
                                .multiply(10)
                                .divide(col("all"))
                                .cast("int")
                                .plus(1))
                .withColumn("probability", col("probability").cast("decimal(5,4)"))
                .withColumn("model_name", name)
                .withColumn("area_name", Codes.of("areas").nameOf(col("area_code"), in.lang()))
                .withColumn("reason_1", reasons[0])
                .withColumn("reason_2", reasons[1])
                .withColumn("reason_3", reasons[2])
                .withColumn("usage_notice", lit(SupervisionList.notice(in.lang()))));
    }

    /** The n-th reason with its value: "近36个月检查次数：3". */
    private static Column reason(Forecast forecast, int n, String lang) {
        Column id = get(col("reasons"), lit(n));
        Column said = lit(null).cast("string");
        for (Forecast.Feature feature : forecast.features()) {
            said = when(id.equalTo(feature.id()), feature.name().in(lang)).otherwise(said);
        }
        Column value = substring_index(
                get(filter(col("features"), f -> substring_index(f, "=", 1).equalTo(id)), lit(0)), "=", -1);
        Column unknown = lit(lang.equals("en") ? "not known" : "不详");
        return concat(
                said,
                lit(lang.equals("en") ? ": " : "："),
                when(value.equalTo(""), unknown)
                        .otherwise(SupervisionList.plain(value.cast("double").cast("decimal(20,3)"))));
    }
}
