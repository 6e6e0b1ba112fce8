package banyan.jobs.score;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.make_date;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sequence;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.year;

import banyan.jobs.Inputs;
import java.time.LocalDate;
import java.time.MonthDay;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/**
 * One row per annual report an enterprise, individual business or cooperative in operation owed by the day. A report is due on 30 June of
 * the year after, the first in the year after set-up (企业信息公示暂行条例 art. 8; 个体工商户年度报告暂行办法 art. 3; 农民专业合作社年度报告公示暂行办法
 * art. 4). Years before the first that the source covers of a kind of entity are unknown, not missing: of a kind of which no report was
 * received there is no obligation to tell of.
 */
public final class Obligations {
    private static final MonthDay WINDOW_CLOSES = MonthDay.of(6, 30);

    /** With what credit codes begin, by the register that gives them (GB 32100-2015): of most reports the code tells the kind. */
    private static final String ENTERPRISE = "91";

    private static final String INDIVIDUAL = "92";

    private static final String COOPERATIVE = "93";

    private Obligations() {}

    public static Dataset<Row> rows(Inputs in) {
        return in.stamped(of(in.asOf(), in, in.known("entities"), in.known("reports")));
    }

    /**
     * The same of these enterprises and reports, without stamps.
     *
     * @param covered what the source covers is told by what was known there
     */
    static Dataset<Row> of(LocalDate day, Inputs covered, Dataset<Row> entities, Dataset<Row> reports) {
        int lastDue = lastDue(day);
        Dataset<Row> since = coveredFrom(covered);
        Column firstYear = greatest(year(col("established_on")), col("covered_from"));
        Dataset<Row> owed = entities.where("status in ('active', 'suspended') and established_on is not null"
                        + " and entity_kind in ('enterprise', 'individual', 'cooperative')")
                .select("entity_id", "entity_kind", "established_on")
                .join(broadcast(since), "entity_kind")
                .withColumn("first_year", firstYear)
                .where(col("first_year").leq(lastDue))
                .select(
                        col("entity_id"),
                        col("first_year"),
                        explode(sequence(col("first_year"), lit(lastDue))).as("report_year"));
        Dataset<Row> filed = reports.where("entity_id is not null")
                .select(
                        "entity_id",
                        "report_year",
                        "filed_on",
                        "assets_yuan",
                        "liabilities_yuan",
                        "revenue_yuan",
                        "profit_yuan",
                        "tax_yuan");
        Column due = make_date(
                col("report_year").plus(1), lit(WINDOW_CLOSES.getMonthValue()), lit(WINDOW_CLOSES.getDayOfMonth()));
        Column missing = col("filed_on").isNull();
        Column lastFiled = max(when(col("filed_on").isNotNull(), col("report_year")))
                .over(Window.partitionBy("entity_id")
                        .orderBy("report_year")
                        .rowsBetween(Window.unboundedPreceding(), Window.currentRow()));
        Column run =
                col("report_year").minus(coalesce(lastFiled, col("first_year").minus(1)));
        Column zero = col("assets_yuan")
                .equalTo(0)
                .and(col("revenue_yuan").equalTo(0))
                .and(col("profit_yuan").equalTo(0))
                .and(col("tax_yuan").equalTo(0));
        return owed.join(filed, new String[] {"entity_id", "report_year"}, "left")
                .withColumn("record_id", concat_ws("/", col("entity_id"), col("report_year")))
                .withColumn("due_on", due)
                .withColumn("late", coalesce(col("filed_on").gt(due), lit(false)))
                .withColumn("missing", missing)
                .withColumn("missing_run", when(missing, run).otherwise(0))
                .withColumn("latest", col("report_year").equalTo(lastDue))
                .withColumn("all_zero", zero);
    }

    /** The last year whose report is due, and the first that the source covers of each kind of entity. */
    public static String frame(Inputs in) {
        return lastDue(in.asOf())
                + coveredFrom(in).orderBy("entity_kind").collectAsList().stream()
                        .map(kind -> " " + kind.getString(0) + " " + kind.get(1))
                        .collect(Collectors.joining());
    }

    private static int lastDue(LocalDate day) {
        return MonthDay.from(day).isAfter(WINDOW_CLOSES) ? day.getYear() - 1 : day.getYear() - 2;
    }

    /** entity_kind → the first year that a report received from one of it is about. */
    private static Dataset<Row> coveredFrom(Inputs in) {
        Column byCode = when(col("credit_code").startsWith(ENTERPRISE), "enterprise")
                .when(col("credit_code").startsWith(INDIVIDUAL), "individual")
                .when(col("credit_code").startsWith(COOPERATIVE), "cooperative");
        Dataset<Row> told = in.knownOfAll("reports")
                .groupBy(
                        byCode.as("by_code"),
                        when(byCode.isNull(), col("entity_id")).as("entity_id"))
                .agg(min("report_year").as("covered_from"));
        Dataset<Row> others = in.knownOfAll("entities")
                .join(broadcast(told.where("by_code is null and entity_id is not null")), "entity_id")
                .select("entity_kind", "covered_from");
        return told.where("by_code is not null")
                .select(col("by_code").as("entity_kind"), col("covered_from"))
                .union(others)
                .groupBy("entity_kind")
                .agg(min("covered_from").as("covered_from"));
    }
}
