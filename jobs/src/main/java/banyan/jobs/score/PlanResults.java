package banyan.jobs.score;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.lower;
import static org.apache.spark.sql.functions.map;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.try_element_at;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import banyan.jobs.conform.Identities;
import banyan.models.Findings;
import banyan.models.Plan;
import banyan.models.RiskClass;
import banyan.schemas.Workdays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/** One row per entity drawn on an item in the plan's look back, and of the reserve that was inspected, and what became of it by a day. */
public final class PlanResults {
    public static final Set<String> READS = Set.of("identities", "inspections", "repairs");

    private static final String[] DRAWN = {"plan_id", "item", "entity_id"};

    private PlanResults() {}

    /** Whether an inspection says that it belongs to a plan's row, by the number of the plan or of the visit. */
    public static Column numbered() {
        return col("plan_no").isin(col("plan_id"), col("visit_no"));
    }

    /** Whether an inspection that says nothing of it can be but that of a plan's row: double-random, and in the plan's time. */
    public static Column inTime() {
        return col("plan_no")
                .isNull()
                .and(col("kind").equalTo("double_random"))
                .and(not(col("reserve")))
                .and(col("inspected_on").between(col("from_day"), col("due_date")));
    }

    /**
     * A drawn entity's inspection is the first of it on the item that bears the plan's or the visit's number or, where it bears none, was
     * double-random and lies in the plan's time; a follow-up is none. Where it names no item, the entity must have been drawn for one
     * alone; an item that no plan names is none of ours.
     *
     * @param in of the day; reads {@link #READS}
     * @param planned rows of inspection_plan drawn by then
     * @param policies every plan of the policy: their items' names are what results call them
     */
    public static Dataset<Row> rows(Inputs in, Dataset<Row> planned, List<Plan> policies) {
        Dataset<Row> drawn = Identities.followed(
                        planned.where(col("due_date")
                                .geq(lit(in.asOf().minusMonths(in.plan().look_back())))),
                        Identities.goingOn(in))
                .withColumnRenamed("policy_version", "drawn_by_policy")
                .withColumn("items", count(lit(1)).over(Window.partitionBy("plan_id", "entity_id")))
                .drop("publish_due", "as_of", "known_at");
        Dataset<Row> inspections = in.known("inspections")
                .where(col("entity_id").isNotNull().and(not(col("kind").equalTo("follow_up"))))
                .select(
                        col("entity_id").as("now"),
                        col("plan_no"),
                        col("kind"),
                        col("item").as("item_said"),
                        try_element_at(words(policies), lower(col("item"))).as("on_item"),
                        col("inspected_on"),
                        col("published_on"),
                        col("result"),
                        col("record_id"));
        Column onItem = col("on_item").equalTo(col("item"));
        Dataset<Row> found = drawn.join(inspections, "now")
                .where(numbered()
                        .and(onItem.or(
                                col("item_said").isNull().and(col("items").equalTo(1))))
                        .or(inTime().and(onItem)))
                .withColumn(
                        "nth",
                        row_number()
                                .over(Window.partitionBy("plan_id", "item", "entity_id")
                                        .orderBy(col("plan_no").isNull(), col("inspected_on"), col("record_id"))))
                .where("nth = 1")
                .select("plan_id", "item", "entity_id", "inspected_on", "published_on", "result", "record_id");
        Column due = Workdays.official().after(col("inspected_on"), in.plan().publish_within());
        return in.stamped(drawn.join(found, DRAWN, "left")
                .where(not(col("reserve")).or(col("inspected_on").isNotNull()))
                .withColumn("publish_due", due)
                .withColumn("problem", problem(in.plan()))
                .withColumn("state", state(in)));
    }

    private static Column words(List<Plan> policies) {
        Map<String, String> words = new LinkedHashMap<>();
        policies.forEach(plan ->
                plan.items().forEach(item -> item.words().forEach(word -> words.put(word, item.id()))));
        return map(words.entrySet().stream()
                .flatMap(word -> Stream.of(lit(word.getKey()), lit(word.getValue())))
                .toArray(Column[]::new));
    }

    /** Whether a result finds a problem; null where there was nothing to check. */
    private static Column problem(Plan plan) {
        return when(
                not(col("result").isin(plan.not_checked().toArray())),
                not(col("result").isin(plan.sound().toArray())));
    }

    private static Column state(Inputs in) {
        return when(
                        col("inspected_on").isNull(),
                        when(col("due_date").lt(lit(in.asOf())), "overdue").otherwise("open"))
                .when(
                        least(coalesce(col("published_on"), lit(in.asOf())), lit(in.asOf()))
                                .gt(col("publish_due")),
                        "unpublished")
                .otherwise("done");
    }

    /**
     * What was found, item → by class.
     *
     * @param results rows of a day
     * @param strata rows of plan_strata: how many there are of each class, by the newest plan
     */
    public static SortedMap<String, Findings> findings(Dataset<Row> results, Dataset<Row> strata) {
        Column checked = col("problem").isNotNull();
        Column stands = lit(1.0).divide(col("pi"));
        Dataset<Row> newest = strata.groupBy("item").agg(max("as_of").as("as_of"));
        List<Row> entities = strata.join(newest, new String[] {"item", "as_of"})
                .groupBy("item", "risk_class")
                .agg(sum("entities").as("entities"))
                .collectAsList();
        List<Row> found = results.where(not(col("reserve")).and(checked))
                .groupBy("item", "class_at_selection")
                .agg(
                        count(when(col("problem"), lit(1))).as("problems"),
                        count(lit(1)).as("checked"),
                        sum(when(col("problem"), stands).otherwise(0.0))
                                .divide(sum(stands))
                                .as("weighted"),
                        count(when(col("arm").equalTo("control").and(col("problem")), lit(1)))
                                .as("control_problems"),
                        count(when(col("arm").equalTo("control"), lit(1))).as("control"))
                .collectAsList();
        SortedMap<String, Findings> findings = new TreeMap<>();
        entities.stream().map(row -> row.<String>getAs("item")).distinct().forEach(item -> {
            List<Row> here = of(found, item);
            List<Findings.OfClass> classes = Stream.of(RiskClass.values())
                    .map(riskClass -> ofClass(
                            riskClass,
                            of(entities, item).stream()
                                    .filter(row -> row.getAs("risk_class").equals(riskClass.name()))
                                    .mapToLong(row -> row.<Long>getAs("entities"))
                                    .sum(),
                            here.stream()
                                    .filter(row ->
                                            row.getAs("class_at_selection").equals(riskClass.name()))
                                    .findFirst()))
                    .toList();
            findings.put(
                    item,
                    new Findings(classes, new Findings.Rate(total(here, "control_problems"), total(here, "control"))));
        });
        return findings;
    }

    private static Findings.OfClass ofClass(RiskClass riskClass, long entities, Optional<Row> found) {
        return new Findings.OfClass(
                riskClass,
                entities,
                new Findings.Rate(
                        found.map(row -> row.<Long>getAs("problems")).orElse(0L),
                        found.map(row -> row.<Long>getAs("checked")).orElse(0L)),
                found.map(row -> row.<Double>getAs("weighted")).orElse(Double.NaN));
    }

    private static List<Row> of(List<Row> rows, String item) {
        return rows.stream().filter(row -> row.getAs("item").equals(item)).toList();
    }

    private static long total(List<Row> rows, String column) {
        return rows.stream().mapToLong(row -> row.<Long>getAs(column)).sum();
    }
}
