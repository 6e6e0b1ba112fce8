package banyan.jobs.score;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.try_element_at;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import banyan.models.Findings;
import banyan.models.Plan;
import banyan.models.RiskClass;
import banyan.schemas.Workdays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/** One row per entity drawn on an item, and what became of it by a day. */
public final class PlanResults {
    public static final Set<String> READS = Set.of("inspections", "repairs");

    private static final String[] DRAWN = {"plan_id", "item", "entity_id"};

    private PlanResults() {}

    /**
     * A drawn entity's inspection is the first of it on the item that bears the plan's or the visit's number or, where it bears none, was
     * double-random and lies in the plan's time; a follow-up is none.
     *
     * @param in of the day; reads {@link #READS}
     * @param planned rows of inspection_plan drawn by then
     * @param plans those of the plans' ledger: plan_id, from_day
     * @param policies every plan of the policy: their items' names are what results call them
     */
    public static Dataset<Row> rows(Inputs in, Dataset<Row> planned, Dataset<Row> plans, List<Plan> policies) {
        Dataset<Row> drawn = planned.where(not(col("reserve")))
                .withColumnRenamed("policy_version", "drawn_by_policy")
                .drop("publish_due", "as_of", "known_at")
                .join(plans.select("plan_id", "from_day"), "plan_id");
        Column[] words = policies.stream()
                .flatMap(plan -> plan.items().stream())
                .flatMap(item -> Stream.of(
                                item.id(), item.name().zh(), item.name().en())
                        .flatMap(word -> Stream.of(lit(word), lit(item.id()))))
                .toArray(Column[]::new);
        Dataset<Row> inspections = in.known("inspections")
                .where(col("entity_id").isNotNull().and(not(col("kind").equalTo("follow_up"))))
                .select(
                        col("entity_id"),
                        col("plan_no"),
                        col("kind"),
                        try_element_at(map(words), col("item")).as("on_item"),
                        col("inspected_on"),
                        col("published_on"),
                        col("result"),
                        col("record_id"));
        Column numbered = col("plan_no").isin(col("plan_id"), col("visit_no"));
        Column inTime = col("plan_no")
                .isNull()
                .and(col("kind").equalTo("double_random"))
                .and(col("inspected_on").between(col("from_day"), col("due_date")));
        Dataset<Row> found = drawn.join(inspections, "entity_id")
                .where(numbered.and(coalesce(col("on_item").equalTo(col("item")), lit(true)))
                        .or(inTime.and(col("on_item").equalTo(col("item")))))
                .withColumn(
                        "nth",
                        row_number()
                                .over(Window.partitionBy("plan_id", "item", "entity_id")
                                        .orderBy(col("plan_no").isNull(), col("inspected_on"), col("record_id"))))
                .where("nth = 1")
                .select("plan_id", "item", "entity_id", "inspected_on", "published_on", "result", "record_id");
        Column due = Workdays.official().after(col("inspected_on"), in.plan().publish_within());
        return in.stamped(drawn.join(found, DRAWN, "left")
                .withColumn("publish_due", due)
                .withColumn("problem", problem())
                .withColumn("state", state(in)));
    }

    /** Nine results are public (handbook supervision §6): one says that all is well, one that there was nothing to look at. */
    private static Column problem() {
        return when(col("result").notEqual("no_activity"), col("result").notEqual("no_problem"));
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

    /** What was found, by class and arm. @param results rows of a day */
    public static Findings findings(Dataset<Row> results) {
        Column stands = lit(1.0).divide(col("pi"));
        return new Findings(results
                .groupBy("class_at_selection", "arm")
                .agg(
                        count(lit(1)),
                        count(col("inspected_on")),
                        count(col("problem")),
                        count(when(col("problem"), lit(1))),
                        coalesce(sum(when(col("problem").isNotNull(), stands)), lit(0.0)),
                        coalesce(sum(when(col("problem"), stands)), lit(0.0)))
                .orderBy("class_at_selection", "arm")
                .collectAsList()
                .stream()
                .map(row -> new Findings.Group(
                        RiskClass.valueOf(row.getString(0)),
                        row.getString(1).equals("control"),
                        row.getLong(2),
                        row.getLong(3),
                        row.getLong(4),
                        row.getLong(5),
                        row.getDouble(6),
                        row.getDouble(7)))
                .toList());
    }
}
