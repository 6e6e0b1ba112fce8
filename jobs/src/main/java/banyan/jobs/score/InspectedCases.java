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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Enterprises that were inspected by a plan on items of the general class, with the points they had when it was drawn: as the index of
 * that day gives them over what was known then, by the policy at hand, whichever they were drawn by.
 *
 * @param indicators whose points there are, in their order
 * @param counted [indicator][case] points that counted in the score
 * @param score of each case, with what reached it from others
 * @param problem 1 where a problem was found, 0 where none was
 * @param pi how likely it was to be drawn
 * @param fold of each case a number of its enterprise's
 */
public record InspectedCases(
        List<String> indicators, double[][] counted, double[] score, double[] problem, double[] pi, int[] fold) {
    /** What is read of a plan's day. */
    public static final Set<String> READS = reads();

    /** A case: what was found, and what was known. */
    private record Case(double problem, double pi, int fold, double score, Map<String, Integer> counted) {}

    private static Set<String> reads() {
        Set<String> reads = Pipeline.reads("obligations", "contributions", "associations", "risk_classes");
        reads.addAll(Set.of("contributions", "associations"));
        return reads;
    }

    /** The items whose class is the general one. */
    public static List<String> items(Plan plan) {
        return plan.items().stream()
                .filter(item -> item.field().equals(Index.GENERAL))
                .map(Plan.Item::id)
                .toList();
    }

    /**
     * @param days a plan's id → the day it was drawn by, known as it was then; all measured alike; each reads {@link #READS}
     * @param results rows of plan_results: the reserve is in no rate, and not among the cases
     * @param items {@link #items}
     */
    public static InspectedCases of(Map<String, Inputs> days, Dataset<Row> results, List<String> items) {
        List<Case> cases = new ArrayList<>();
        List<String> indicators = new ArrayList<>();
        days.forEach((plan, day) -> {
            if (indicators.isEmpty()) {
                day.index().indicators().stream()
                        .filter(i -> i.group() != null)
                        .map(Indicator::id)
                        .forEach(indicators::add);
            }
            Dataset<Row> inspected = results.where(col("plan_id")
                    .equalTo(plan)
                    .and(col("item").isin(items.toArray()))
                    .and(not(col("reserve")))
                    .and(col("problem").isNotNull()));
            known(day, inspected).collectAsList().forEach(row -> cases.add(read(row))); // bounded by who is inspected
        });
        double[][] counted = new double[indicators.size()][cases.size()];
        for (int i = 0; i < counted.length; i++) {
            for (int c = 0; c < cases.size(); c++) {
                counted[i][c] = cases.get(c).counted.getOrDefault(indicators.get(i), 0);
            }
        }
        return new InspectedCases(
                List.copyOf(indicators),
                counted,
                cases.stream().mapToDouble(Case::score).toArray(),
                cases.stream().mapToDouble(Case::problem).toArray(),
                cases.stream().mapToDouble(Case::pi).toArray(),
                cases.stream().mapToInt(Case::fold).toArray());
    }

    /** Those of a plan's results that had a class, in the order of their ids: entity_id, problem, pi, score, points. */
    private static Dataset<Row> known(Inputs day, Dataset<Row> inspected) {
        Dataset<Row> entities = inspected.select("entity_id").distinct().localCheckpoint(); // read for each table
        Inputs some = day.only(broadcast(entities));
        Dataset<Row> own = Contributions.rows(some.with("obligations", Obligations.rows(some)))
                .localCheckpoint();
        Dataset<Row> all = Association.added(own, some.table("associations"));
        Dataset<Row> classes = some.index()
                .classes(all, some.known("entities"))
                .where("risk_class <> 'unclassified'")
                .select("entity_id", "score");
        Dataset<Row> points = own.where("kind = 'indicator'")
                .groupBy("entity_id")
                .agg(collect_list(struct("indicator", "counted")).as("points"));
        return inspected
                .select("item", "entity_id", "problem", "pi")
                .join(classes, "entity_id")
                .join(points, new String[] {"entity_id"}, "left")
                .orderBy("entity_id", "item");
    }

    private static Case read(Row row) {
        Map<String, Integer> counted = new HashMap<>();
        if (!row.isNullAt(row.fieldIndex("points"))) {
            row.<Row>getList(row.fieldIndex("points")).forEach(one -> counted.put(one.getString(0), one.getInt(1)));
        }
        return new Case(
                row.<Boolean>getAs("problem") ? 1 : 0,
                row.getAs("pi"),
                row.<String>getAs("entity_id").hashCode(),
                row.<Integer>getAs("score"),
                counted);
    }
}
