package banyan.jobs.score;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_except;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.array_union;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.flatten;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.slice;
import static org.apache.spark.sql.functions.transform;

import banyan.jobs.Inputs;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Whose class is another in one world than in another, and by which points and records. */
public final class Moves {
    private static final int RECORDS = 20;

    private Moves() {}

    /**
     * A day in one world.
     *
     * @param contributions of the day
     * @param classes entity_id, risk_class and score, and what else is to be kept of it
     */
    record World(Dataset<Row> contributions, Dataset<Row> classes) {
        /** That of enterprises, of a day whose points and classes are there: built, or worked out {@link Moves#anew}. */
        static World of(Inputs classed) {
            return new World(
                    Contributions.all(classed),
                    classed.table("risk_classes").select("entity_id", "risk_class", "score"));
        }

        /** A world in which nobody has a class. */
        World withNobody() {
            return new World(contributions.limit(0), classes.limit(0));
        }

        /** The same in the fields, worked out anew of a day whose general classes are there: field → its world, members alone. */
        static SortedMap<String, World> fields(Inputs classed) {
            Inputs in = classed.with(
                            "sample_failures", SampleFailures.rows(classed).localCheckpoint())
                    .with("complaint_rates", ComplaintRates.rows(classed).localCheckpoint())
                    .with("owner_businesses", OwnerBusinesses.rows(classed).localCheckpoint());
            Dataset<Row> holds = in.specialised()
                    .instead()
                    .map(field -> Holds.rows(in, field).localCheckpoint())
                    .orElseGet(() -> in.none("holds"));
            Inputs all = in.with("holds", holds)
                    .with("special_contributions", SpecialContributions.rows(in).localCheckpoint());
            Dataset<Row> contributions = SpecialContributions.all(all);
            Dataset<Row> classes = SpecialClasses.rows(all).localCheckpoint();
            SortedMap<String, World> fields = new TreeMap<>();
            in.specialised().fields().forEach(field -> {
                Column here = col("field").equalTo(field.id());
                fields.put(
                        field.id(),
                        new World(
                                contributions.where(here),
                                classes.where(here)
                                        .select(
                                                col("entity_id"),
                                                col("special_class").as("risk_class"),
                                                col("score"))));
            });
            return fields;
        }
    }

    /** The day with all that general classes follow from worked out anew from the conformed tables, and with them. */
    static Inputs anew(Inputs in) {
        Inputs owing = in.with("obligations", Obligations.rows(in));
        Inputs owned = owing.with("contributions", Contributions.rows(owing).localCheckpoint());
        Inputs tied = owned.with("associations", Associations.rows(owned).localCheckpoint());
        Inputs held = tied.with("holds", Holds.rows(tied).localCheckpoint());
        return held.with("risk_classes", RiskClasses.rows(held).localCheckpoint());
    }

    /**
     * One row per entity whose class differs: entity_id, class_was, class_is, score_was, score_is, in {@code why} which indicators count
     * otherwise ({@code penalty_decisions 150 → none}), and in {@code records} the evidence that came or went.
     */
    static Dataset<Row> rows(World one, World other) {
        Column none = array().cast("array<string>");
        Dataset<Row> was =
                one.classes.withColumnRenamed("risk_class", "class_was").withColumnRenamed("score", "score_was");
        Dataset<Row> is = other.classes.select(
                col("entity_id"), col("risk_class").as("class_is"), col("score").as("score_is"));
        Dataset<Row> moved = was.join(is, new String[] {"entity_id"}, "full")
                .where(not(col("class_was").eqNullSafe(col("class_is"))));
        Dataset<Row> causes = causes(one.contributions, other.contributions, moved.select("entity_id"));
        return moved.join(causes, new String[] {"entity_id"}, "left")
                .withColumn("why", coalesce(col("why"), none))
                .withColumn("records", coalesce(col("records"), none));
    }

    /** Of some entities: which indicators count otherwise, and the evidence that came or went. */
    private static Dataset<Row> causes(Dataset<Row> was, Dataset<Row> is, Dataset<Row> entities) {
        String[] key = {"entity_id", "indicator"};
        Column none = array().cast("array<string>");
        Column before = coalesce(col("evidence_was"), none);
        Column after = coalesce(col("evidence_is"), none);
        Column turned = array_union(array_except(before, after), array_except(after, before));
        Column what = concat(
                col("indicator"),
                lit(" "),
                coalesce(col("counted_was").cast("string"), lit("none")),
                lit(" → "),
                coalesce(col("counted_is").cast("string"), lit("none")));
        return side(was, "was")
                .join(side(is, "is"), key, "full")
                .join(broadcast(entities), new String[] {"entity_id"}, "left_semi")
                .where(not(col("counted_was").eqNullSafe(col("counted_is"))))
                .select(
                        col("entity_id"),
                        what.as("what"),
                        transform(
                                        slice(array_sort(turned), 1, RECORDS),
                                        id -> concat(
                                                coalesce(col("table_is"), col("table_was"), lit("?")), lit(" "), id))
                                .as("records"))
                .groupBy("entity_id")
                .agg(
                        array_sort(collect_list("what")).as("why"),
                        array_sort(flatten(collect_list("records"))).as("records"));
    }

    private static Dataset<Row> side(Dataset<Row> contributions, String side) {
        return contributions.select(
                col("entity_id"),
                col("indicator"),
                col("counted").as("counted_" + side),
                col("evidence").as("evidence_" + side),
                col("source_table").as("table_" + side));
    }
}
