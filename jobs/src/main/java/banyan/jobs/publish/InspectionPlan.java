package banyan.jobs.publish;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_compact;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_distinct;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.year;

import banyan.jobs.Inputs;
import banyan.jobs.conform.Identities;
import banyan.jobs.score.PlanResults;
import banyan.models.Draw;
import banyan.models.Index;
import banyan.models.Plan;
import banyan.models.Teams;
import banyan.schemas.Codes;
import banyan.schemas.Workdays;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;

/** One row per entity drawn to be inspected on an item in a batch of the year, and the reserve: double-random, by the classes of a day. */
public final class InspectionPlan {
    /** What the frame is made of. */
    public static final Set<String> READS =
            Set.of("entities", "identities", "risk_classes", "special_classes", "inspections", "repairs");

    private static final String[] STRATUM = Draw.STRATUM.toArray(String[]::new);

    private final Inputs in;
    private final Plan plan;
    private final Plan.Batch batch;
    private final String seed;
    private final Draw draw;
    private final Dataset<Row> earlier;

    /**
     * @param in of the day of the classes; reads {@link #READS}
     * @param earlier the rows of inspection_plan of earlier batches of the year
     * @param first the first day of the first batch of the year that was drawn; the batch's own where none was
     */
    public InspectionPlan(Inputs in, Plan plan, Plan.Batch batch, String seed, Dataset<Row> earlier, LocalDate first) {
        this.in = in;
        this.plan = plan;
        this.batch = batch;
        this.seed = seed;
        this.draw = new Draw(plan, batch.id(), seed, batch.monthsSince(first));
        this.earlier = Identities.followed(earlier, Identities.goingOn(in))
                .drop("entity_id")
                .withColumnRenamed("now", "entity_id");
    }

    private Dataset<Row> before() {
        return earlier.where(not(col("reserve")));
    }

    /**
     * One row per item and entity in business that may be inspected on it: what {@link Draw} asks for, and what the plan says of it. The
     * general class of those for whom the general index is not made is that of the field that stands for it.
     */
    public Dataset<Row> frame() {
        Column[] standing = in.specialised().fields().stream()
                .filter(field -> in.field(field.id()).general())
                .map(field -> lit(field.id()))
                .toArray(Column[]::new);
        Dataset<Row> classes = in.table("risk_classes")
                .where("risk_class <> 'unclassified'")
                .select(col("entity_id"), lit(Index.GENERAL).as("field"), col("risk_class"), col("score"))
                .unionByName(in.table("special_classes")
                        .select(
                                col("entity_id"),
                                when(col("field").isin((Object[]) standing), Index.GENERAL)
                                        .otherwise(col("field"))
                                        .as("field"),
                                col("combined_class").as("risk_class"),
                                col("score")));
        Column[] items = plan.items().stream()
                .map(item -> when(
                        col("field")
                                .equalTo(item.field())
                                .and(col("entity_kind")
                                        .isin(item.ratios().keySet().toArray())),
                        item.id()))
                .toArray(Column[]::new);
        Dataset<Row> drawn =
                before().groupBy("item", "entity_id").agg(count(lit(1)).as("drawn"));
        return in.known("entities")
                .where("status = 'active'")
                .select(
                        col("entity_id"),
                        col("credit_code"),
                        col("name"),
                        col("entity_kind"),
                        coalesce(col("area_code"), lit("none")).as("area_code"))
                .join(classes, "entity_id")
                .withColumn("item", explode(array_compact(array(items))))
                .drop("field")
                .join(drawn, new String[] {"item", "entity_id"}, "left")
                .join(visits(), new String[] {"entity_id"}, "left")
                .withColumn("drawn", coalesce(col("drawn"), lit(0L)))
                .withColumn("visits", coalesce(col("visits"), lit(0L)));
    }

    /**
     * entity_id, visits this year: those of our plans, made or to be made, and the inspections of the kinds that count which were none of
     * these. One inspection on many items, and a visit and its result, count once.
     */
    private Dataset<Row> visits() {
        Dataset<Row> planned = earlier.select("entity_id", "plan_id", "visit_no", "reserve", "from_day", "due_date")
                .distinct();
        Dataset<Row> made = in.known("inspections")
                .where(col("kind").isin(plan.counted().toArray()))
                .where(year(col("inspected_on"))
                        .equalTo(batch.from().getYear())
                        .and(col("entity_id").isNotNull()))
                .select("entity_id", "plan_no", "kind", "inspected_on")
                .distinct();
        Dataset<Row> visits = made.join(
                        planned,
                        made.col("entity_id")
                                .equalTo(planned.col("entity_id"))
                                .and(PlanResults.numbered().or(PlanResults.inTime())),
                        "left")
                .select(
                        made.col("entity_id"),
                        coalesce(col("plan_id"), col("inspected_on").cast("string"))
                                .as("visit"));
        return before().select(col("entity_id"), col("plan_id").as("visit"))
                .unionByName(visits)
                .groupBy("entity_id")
                .agg(count_distinct(col("visit")).as("visits"));
    }

    /**
     * What was drawn, kept until it is closed.
     *
     * @param rows of inspection_plan
     * @param strata rows of plan_strata
     * @param visits entities to be inspected, on however many items
     * @param withoutTeam those of them that too few inspectors of the roster may inspect
     */
    public record Drawn(Dataset<Row> rows, Dataset<Row> strata, long visits, long withoutTeam)
            implements AutoCloseable {
        @Override
        public void close() {
            rows.unpersist();
        }
    }

    /** How many of each stratum are to be drawn: {@link Draw#strata}. */
    public Dataset<Row> strata() {
        return strata(frame());
    }

    private Dataset<Row> strata(Dataset<Row> frame) {
        return draw.strata(
                frame, before().where(col("arm").equalTo("risk")).withColumn("risk_class", col("class_at_selection")));
    }

    /**
     * The draw.
     *
     * @param roster those who inspect; empty where nobody says who they are
     */
    public Drawn draw(List<Teams.Inspector> roster) {
        Dataset<Row> frame = frame().persist();
        Dataset<Row> asked = strata(frame);
        List<Row> few = asked.collectAsList(); // some hundred for each item
        Dataset<Row> strata = in.local(few, asked.schema().toDDL());
        Dataset<Row> drawn = draw.drawn(frame, strata, draw.controls(few)).persist();
        try {
            // No more of them than the inspectors can make in the batch.
            List<Row> visits = visits(drawn).collectAsList();
            SortedMap<String, List<String>> teams = Teams.of(
                    visits.stream().map(InspectionPlan::visit).toList(), roster, batch.id(), seed, plan.inspectors());
            Dataset<Row> rows = rows(drawn, numbered(visits, teams)).persist();
            rows.count(); // while what it is made of is there
            Dataset<Row> counted = counted(drawn);
            return new Drawn(
                    rows,
                    strata(
                            strata,
                            in.local(counted.collectAsList(), counted.schema().toDDL())),
                    visits.size(),
                    visits.size() - teams.size());
        } finally {
            drawn.unpersist();
            frame.unpersist();
        }
    }

    /** entity_id, area_code, items, in the order in which visits are numbered. */
    private static Dataset<Row> visits(Dataset<Row> drawn) {
        return drawn.where(not(col("reserve")))
                .groupBy("entity_id", "area_code")
                .agg(collect_set("item").as("items"))
                .orderBy("area_code", "entity_id");
    }

    private static Teams.Visit visit(Row row) {
        return new Teams.Visit(row.getString(0), row.getString(1), Set.copyOf(row.getList(2)));
    }

    private Dataset<Row> numbered(List<Row> visits, Map<String, List<String>> teams) {
        List<Row> numbered = IntStream.range(0, visits.size())
                .mapToObj(i -> {
                    String entity = visits.get(i).getString(0);
                    List<String> team = teams.get(entity);
                    return RowFactory.create(
                            entity,
                            String.format("%s-%06d", batch.id(), i + 1),
                            team == null ? null : String.join("|", team));
                })
                .toList();
        return in.local(numbered, "entity_id string, visit_no string, inspectors string");
    }

    private Dataset<Row> rows(Dataset<Row> drawn, Dataset<Row> visits) {
        Column name = lit(null).cast("string");
        Column level = lit(null).cast("string");
        for (Plan.Item item : plan.items()) {
            Column here = col("item").equalTo(item.id());
            name = when(here, item.name().in(in.lang())).otherwise(name);
            level = when(here, item.level().name()).otherwise(level);
        }
        Column inspected = not(col("reserve"));
        LocalDate published =
                Workdays.official().after(batch.to(), plan.publish_within()).orElse(null);
        return in.stamped(drawn.join(broadcast(visits), new String[] {"entity_id"}, "left")
                .withColumn("plan_id", lit(batch.id()))
                .withColumn("visit_no", when(inspected, col("visit_no")))
                .withColumn("inspectors", when(inspected, col("inspectors")))
                .withColumn("item_name", name)
                .withColumn("item_level", level)
                .withColumn("area_name", Codes.of("areas").nameOf(col("area_code"), in.lang()))
                .withColumn("class_at_selection", col("risk_class"))
                .withColumn("score_at_selection", col("score"))
                .withColumn(
                        "from_day",
                        lit(
                                in.asOf().isBefore(batch.from())
                                        ? batch.from()
                                        : in.asOf().plusDays(1)))
                .withColumn("due_date", lit(batch.to()))
                .withColumn("publish_due", lit(published).cast("date"))
                .withColumn("usage_notice", lit(SupervisionList.notice(in.lang())))
                .withColumn("plan_version", lit(plan.version())));
    }

    /** Of each stratum how many each arm drew, and the last of the risk arm. */
    private static Dataset<Row> counted(Dataset<Row> drawn) {
        Column risk = col("arm").equalTo("risk").and(not(col("reserve")));
        return drawn.groupBy(Stream.of(STRATUM).map(functions::col).toArray(Column[]::new))
                .agg(
                        count(when(risk, lit(1))).as("drawn"),
                        count(when(col("arm").equalTo("control"), lit(1))).as("controls"),
                        max(when(risk, col("draw_key"))).as("last_key"));
    }

    private Dataset<Row> strata(Dataset<Row> strata, Dataset<Row> counted) {
        return in.stamped(strata.join(broadcast(counted), STRATUM, "left")
                .withColumn("plan_id", lit(batch.id()))
                .withColumn("drawn", coalesce(col("drawn"), lit(0L)))
                .withColumn("controls", coalesce(col("controls"), lit(0L))));
    }
}
