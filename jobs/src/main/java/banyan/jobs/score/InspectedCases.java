package banyan.jobs.score;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;

import banyan.jobs.Inputs;
import banyan.jobs.Pipeline;
import banyan.models.Association;
import banyan.models.Index;
import banyan.models.Indicator;
import banyan.models.Plan;
import banyan.models.Policy;
import banyan.models.learned.Reweighting;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Enterprises that were inspected by plans on items of the general class, with the points they had when they were drawn: as the index of
 * that day gives them over what was known then, by the policy at hand, whichever they were drawn by. What reached them from others is
 * taken as the day has it.
 */
public final class InspectedCases {
    private InspectedCases() {}

    /** Points of an indicator, as they are and as they count. */
    private record Points(double exact, double counted) {}

    /** What was found, and what was known. */
    private record Case(double problem, double pi, int fold, double score, double off, Map<String, Points> points) {}

    /** The items whose class is the general one. */
    public static List<String> items(Plan plan) {
        return plan.items().stream()
                .filter(item -> item.field().equals(Index.GENERAL))
                .map(Plan.Item::id)
                .toList();
    }

    /**
     * @param index by which all days are measured alike
     * @param days a plan's id → the day it was drawn by, known as it was then; each reads {@link Pipeline#ofClasses}
     * @param results rows of plan_results: the reserve is in no rate, and not among the cases
     * @param items {@link #items}
     */
    public static Reweighting.Cases of(
            Index index, Map<String, Inputs> days, Dataset<Row> results, List<String> items) {
        List<Case> cases = new ArrayList<>();
        days.forEach((plan, day) -> {
            Dataset<Row> inspected = results.where(col("plan_id")
                    .equalTo(plan)
                    .and(col("item").isin(items.toArray()))
                    .and(not(col("reserve")))
                    .and(col("problem").isNotNull()));
            known(day, inspected).collectAsList().forEach(row -> cases.add(read(row))); // bounded by who is inspected
        });
        List<Indicator> indicators =
                index.indicators().stream().filter(i -> i.group() != null).toList();
        double[][] points = new double[indicators.size()][cases.size()];
        double[][] counted = new double[indicators.size()][cases.size()];
        for (int i = 0; i < indicators.size(); i++) {
            for (int c = 0; c < cases.size(); c++) {
                Points of = cases.get(c).points.getOrDefault(indicators.get(i).id(), new Points(0, 0));
                points[i][c] = of.exact;
                counted[i][c] = of.counted;
            }
        }
        Set<String> twins = indicators.stream()
                .filter(i -> i.twin() != null)
                .flatMap(i -> Stream.of(i.id(), i.twin()))
                .collect(Collectors.toSet());
        return new Reweighting.Cases(
                indicators.stream().map(Indicator::id).toList(),
                indicators.stream().map(Indicator::group).toList(),
                twins,
                index.classes().groups().stream().collect(Collectors.toMap(Policy.Group::id, Policy.Group::cap)),
                points,
                counted,
                cases.stream()
                        .mapToDouble(of -> Math.max(of.off, -index.classes().bonus_cap()))
                        .toArray(),
                cases.stream().mapToDouble(Case::score).toArray(),
                cases.stream().mapToDouble(Case::problem).toArray(),
                cases.stream().mapToDouble(Case::pi).toArray(),
                cases.stream().mapToInt(Case::fold).toArray());
    }

    /** Those of a plan's results that had a class, in the order of their ids: problem, pi, score, points. */
    private static Dataset<Row> known(Inputs day, Dataset<Row> inspected) {
        Dataset<Row> entities = inspected.select("entity_id").distinct().localCheckpoint(); // read for each table
        Inputs some = day.only(broadcast(entities));
        Dataset<Row> own = Contributions.rows(some.with("obligations", Obligations.rows(some)))
                .localCheckpoint();
        Dataset<Row> classes = some.index()
                .classes(Association.added(own, some.table("associations")), some.known("entities"))
                .where("risk_class <> 'unclassified'")
                .select("entity_id", "score");
        Dataset<Row> points = own.where("kind in ('indicator', 'bonus')")
                .groupBy("entity_id")
                .agg(collect_list(struct("indicator", "points", "counted", "kind"))
                        .as("points"));
        return inspected
                .select("item", "entity_id", "problem", "pi")
                .join(classes, "entity_id")
                .join(points, new String[] {"entity_id"}, "left")
                .orderBy("entity_id", "item");
    }

    private static Case read(Row row) {
        Map<String, Points> points = new HashMap<>();
        double off = 0;
        List<Row> given = row.isNullAt(row.fieldIndex("points")) ? List.of() : row.getList(row.fieldIndex("points"));
        for (Row one : given) {
            double exact = one.<BigDecimal>getAs(1).doubleValue();
            if (one.getString(3).equals("bonus")) {
                off += exact;
            } else {
                points.put(one.getString(0), new Points(exact, one.getInt(2)));
            }
        }
        return new Case(
                row.<Boolean>getAs("problem") ? 1 : 0,
                row.getAs("pi"),
                row.<String>getAs("entity_id").hashCode(),
                row.<Integer>getAs("score"),
                off,
                points);
    }
}
