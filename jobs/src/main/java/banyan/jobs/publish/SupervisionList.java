package banyan.jobs.publish;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.get;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map_from_entries;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.try_element_at;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import banyan.jobs.score.Contributions;
import banyan.models.Index;
import banyan.schemas.Codes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/** One row per classified entity, first to be inspected first: class D to A, then score, then entity_id. */
public final class SupervisionList {
    private SupervisionList() {}

    /** What every list says of itself. */
    public static String notice(String lang) {
        return lang.equals("en")
                ? "Internal reference for allocating inspections: no rating, no sanction, not for publication, nobody exempt from sampling"
                : "内部参考：仅用于配置监督检查资源，不评价、不惩戒、不公开、不免抽";
    }

    public static Dataset<Row> rows(Inputs in) {
        Index index = in.index();
        Dataset<Row> said = said(
                Contributions.all(in).where("counted > 0 or kind in ('override', 'floor', 'province')"),
                reason(index, in.lang()),
                "entity_id");
        Dataset<Row> entities = in.known("entities")
                .select("entity_id", "credit_code", "name", "entity_kind", "area_code", "industry_code", "sector");
        return in.stamped(ranked(in.table("risk_classes")
                        .where("risk_class <> 'unclassified'")
                        .join(entities, "entity_id"))
                .join(said, "entity_id", "left")
                .withColumn("area_name", Codes.of("areas").nameOf(col("area_code"), in.lang()))
                .withColumn("sector_name", Codes.of("sectors").nameOf(col("sector"), in.lang()))
                .withColumn("reason_1", reasonOf(0))
                .withColumn("reason_2", reasonOf(1))
                .withColumn("reason_3", reasonOf(2))
                .withColumn("reason_codes", concat_ws(";", col("reason_codes")))
                .withColumn("evidence_count", coalesce(col("evidence_count"), lit(0)))
                .withColumn("usage_notice", lit(notice(in.lang()))));
    }

    /** The rows of all classified entities, each with its place. */
    public static Dataset<Row> ranked(Dataset<Row> rows) {
        return rows.withColumn(
                "rank",
                row_number()
                        .over(Window.orderBy(
                                col("risk_class").desc(), col("score").desc(), col("entity_id"))));
    }

    /** What is said of each contribution, by indicator, and how many records the points rest on; one row for each key. */
    static Dataset<Row> said(Dataset<Row> contributions, Column reason, String key, String... more) {
        return contributions
                .groupBy(key, more)
                .agg(
                        map_from_entries(collect_list(struct(col("indicator"), reason.as("text"))))
                                .as("said"),
                        sum(when(col("kind").equalTo("indicator"), col("evidence_count"))
                                        .otherwise(0))
                                .cast("int")
                                .as("evidence_count"));
    }

    /** The n-th reason: rules that set the class come before the points. */
    static Column reasonOf(int n) {
        Column ids = org.apache.spark.sql.functions.concat(col("reason_codes"), col("top_reasons"));
        return try_element_at(col("said"), coalesce(get(ids, lit(n)), lit("")));
    }

    /** A decimal number with no more digits behind its point than it has. */
    static Column plain(Column decimal) {
        return regexp_replace(decimal.cast("string"), "\\.?0+$", "");
    }

    /** Each contribution in words: "近36个月行政处罚3件（330分）". */
    static Column reason(Index index, String lang) {
        Column value = coalesce(plain(col("value")), lit(""));
        Column text = index.reasonOf(col("indicator"), value, lang);
        Column points = lang.equals("en")
                ? concat(lit(" ("), col("counted"), lit(" points)"))
                : concat(lit("（"), col("counted"), lit("分）"));
        return concat(text, when(col("kind").equalTo("indicator"), points).otherwise(lit("")));
    }
}
