package banyan.jobs.publish;

import static org.apache.spark.sql.functions.add_months;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.sum;

import banyan.jobs.Inputs;
import banyan.jobs.Lake;
import banyan.jobs.Quality;
import banyan.models.Policy;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What the gate asks where the province sends classes of its own. */
final class Province {
    private Province() {}

    /** None where the province had sent nothing by the day on which the list is known. */
    static List<Gate.Check> checks(
            Lake lake, Policy policy, LocalDate asOf, Dataset<Row> list, Dataset<Row> riskClasses) {
        if (!sends(lake, list)) {
            return List.of();
        }
        LocalDate knownAt = list.select("known_at").head().getLocalDate(0);
        Dataset<Row> special = lake.read("special_classes", asOf);
        Dataset<Row> given =
                new Inputs(lake, Set.of("province_classes"), asOf, knownAt, policy, "en").known("province_classes");
        List<Gate.Check> checks = new ArrayList<>();
        checks.add(apart(riskClasses, special, lake.read("class_differences", asOf), policy.version()));
        policy.on(asOf).indicators().stream()
                .filter(i -> i.table().equals("province_classes") && i.window() != null)
                .mapToInt(i -> i.window().months())
                .max()
                .ifPresent(months -> checks.add(placed(asOf, months, given, riskClasses, special)));
        return checks;
    }

    /** Whether the province had sent classes by the day on which a list is known; an empty list is of no day. */
    static boolean sends(Lake lake, Dataset<Row> list) {
        return lake.version("raw_province_classes") >= 0
                && list.select("known_at").limit(1).collectAsList().stream()
                        .anyMatch(row -> lake.delivered(row.getAs(0)).contains("raw_province_classes"));
    }

    /** Whom city and province class otherwise is listed once, by the classes that were worked out, and nobody else is. */
    private static Gate.Check apart(
            Dataset<Row> riskClasses, Dataset<Row> special, Dataset<Row> list, String policyVersion) {
        Column[] said = {
            col("entity_id"),
            col("city_class"),
            col("province_class"),
            col("risk_class"),
            col("known_at"),
            col("policy_version")
        };
        Dataset<Row> classed = riskClasses
                .select(said)
                .union(special.withColumnRenamed("special_class", "risk_class").select(said))
                .where("province_class <> city_class");
        Row found = classed.withColumn("times", lit(1))
                .union(list.select(said).withColumn("times", lit(-1)))
                .groupBy(said)
                .agg(sum("times").as("times"), count(lit(1)).as("rows"))
                .agg(
                        count(lit(1)),
                        Quality.number(col("times")
                                .notEqual(0)
                                .or(col("rows").notEqual(2))
                                .or(col("policy_version").notEqual(policyVersion))))
                .head();
        return Gate.listed(
                "differences from the province listed once, as they were classed",
                "%,d rows, %,d of them not listed once as they were classed, under policy %s",
                found,
                policyVersion);
    }

    /**
     * Of those whom the province classed within the months in which that counts, how many are nobody in the register, or have no class here: told, for either of
     * both should find out who is right.
     *
     * @param months the window of the indicator of those classes
     * @param given province_classes as known on the day
     */
    static Gate.Check placed(
            LocalDate asOf, int months, Dataset<Row> given, Dataset<Row> riskClasses, Dataset<Row> special) {
        Dataset<Row> here = riskClasses
                .where("city_class is not null")
                .select("entity_id")
                .union(special.where("city_class is not null").select("entity_id"))
                .distinct()
                .withColumn("here", lit(true));
        Dataset<Row> parties = given.where(add_months(col("classed_on"), months).gt(lit(asOf)))
                .select(
                        col("entity_id"),
                        coalesce(col("entity_id"), col("credit_code"), col("party"))
                                .as("whom"))
                .distinct()
                .join(here, new String[] {"entity_id"}, "left");
        Column known = col("entity_id").isNotNull();
        Row found = parties.agg(
                        count(lit(1)),
                        Quality.number(not(known)),
                        Quality.number(known.and(col("here").isNull())))
                .head();
        long strangers = found.isNullAt(1) ? 0 : found.getLong(1);
        long classless = found.isNullAt(2) ? 0 : found.getLong(2);
        return new Gate.Check(
                "whom the province classes has a class here",
                strangers + classless == 0 ? Gate.Verdict.PASS : Gate.Verdict.WARN,
                String.format(
                        Locale.ROOT,
                        "of %,d that the province classed in %d months, %,d are not in the register and %,d have no class here",
                        found.getLong(0),
                        months,
                        strangers,
                        classless));
    }
}
