package banyan.models;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count_distinct;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.negate;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.reverse;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.slice;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.when;

import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * What reaches an enterprise from others that it is tied to ({@code handbook: classification §9}, proposed default):
 * {@code R(e) = max over paths of at most 2 hops of own(n) · Π w · farther^(hops−1)}, and {@code points · min(1, R / at)} of it.
 *
 * <p>Only own scores go out, so that there is no feedback, and only from enterprises that are badly classed by themselves. Of what an
 * indicator counts as much goes out through a person as the share of its records that happened while that person held the role. Nobody
 * comes into class D by this alone.
 */
public final class Association {
    private static final String RISK = "decimal(20,9)"; // a score times weights of two decimals, twice

    /** A day of a source's record lies in the time of a tie. */
    private static final String IN_TIME = "d between coalesce(since_on, d) and coalesce(until_on, d)";

    /** Of a contribution as much as the share of its records in that time; what is of no day while the tie holds. */
    private static final String PART =
            "if(size(p.days) = 0, if(holds, p.counted, 0), p.counted * size(filter(p.days, d -> " + IN_TIME
                    + ")) / size(p.days))";

    private final Policy.Association rules;
    private final Policy.Classes classes;

    Association(Policy.Association rules, Policy.Classes classes) {
        this.rules = rules;
        this.classes = classes;
    }

    /** Whether risk goes out from an enterprise, of its row of {@link Index#classes} by its own points. */
    public Column goesOut() {
        return coalesce(col("city_class").geq(rules.from_class().name()), lit(false));
    }

    /**
     * The tie that a row makes: struct of tie and weight, of the first that fits; null where none does.
     *
     * @param of what the rows tell: roles, names, addresses, telephones or agents
     */
    public Column tie(Policy.Tie.Of of) {
        Column tie = lit(null).cast("struct<tie:string,weight:decimal(4,2)>");
        List<Policy.Tie> ties = rules.ties().stream().filter(t -> t.of() == of).toList();
        for (int t = ties.size() - 1; t >= 0; t--) {
            String fits = ties.get(t).when() == null ? "true" : ties.get(t).when();
            Column here = struct(
                    lit(ties.get(t).id()).as("tie"),
                    lit(ties.get(t).weight()).cast("decimal(4,2)").as("weight"));
            tie = when(expr(fits), here).otherwise(tie);
        }
        return tie;
    }

    /**
     * What reaches enterprises: one row for each whom points reach, and one for each whom a rule keeps from the best class.
     *
     * @param ends one row for each end of a tie: key (whoever bears one is tied), hub (who or what binds them; an enterprise by its entity_id), entity_id, tie, weight,
     *     since_on and until_on (first and last day; null where open), holds (whether on the day it does)
     * @param sources one row per enterprise from which risk goes out: entity_id and points, an array of struct of counted, kind,
     *     class_floor and days, those on which its records happened; none where they are of no day
     * @return entity_id, indicator, kind, group, value (R), points, class_floor, source_table, evidence (entity ids on the way, beginning
     *     where the risk comes from), evidence_count, path ({@code "tie entity_id"} of each step, beginning at the enterprise)
     */
    public Dataset<Row> reaching(Dataset<Row> ends, Dataset<Row> sources) {
        Dataset<Row> tied = shared(ends).persist(StorageLevel.MEMORY_AND_DISK()); // read for each hop
        Dataset<Row> first = first(tied, sources);
        Dataset<Row> all = rules.hops() < 2 ? first : first.unionByName(second(tied, first));
        Column risk = negate(col("best.less"));
        Column full = lit(rules.points());
        Column points = round(least(risk.multiply(full).divide(rules.at()), full), 0);
        Column passed = reverse(transform(col("best.path"), step -> regexp_replace(step, lit("^\\S+ "), lit(""))));
        Column none = array().cast("array<string>");
        Column reached = row(rules.id(), "indicator", rules.group(), risk, points, null, passed, col("best.path"));
        Column ruled = row(
                rules.sibling().id(),
                "floor",
                "rule",
                lit(null),
                lit(0),
                rules.sibling().riskClass(),
                col("rulers"),
                none);
        return all.groupBy(col("target").as("entity_id"))
                .agg(
                        min(struct(negate(col("risk")).as("less"), size(col("path")), col("path")))
                                .as("best"),
                        array_sort(collect_set(when(col("ruled"), col("source"))))
                                .as("rulers"))
                .select(
                        col("entity_id"),
                        explode(array(
                                        when(points.gt(0), reached),
                                        when(size(col("rulers")).gt(0), ruled)))
                                .as("c"))
                .where("c is not null")
                .select("entity_id", "c.*");
    }

    /**
     * Adds {@code counted}: what the points add to the score of the enterprise's own, whatever the caps and the bonus cut; none of it
     * beyond class C.
     *
     * @param reaching what {@link #reaching} gives
     * @param own {@link Index#contributions} of the same enterprises, or of more
     */
    public Dataset<Row> counted(Dataset<Row> reaching, Dataset<Row> own) {
        Column bonus = col("kind").equalTo(Index.BONUS);
        Dataset<Row> sums = own.groupBy("entity_id")
                .agg(
                        sum(when(bonus, 0).otherwise(col("counted"))).as("__given"),
                        sum(when(bonus, col("points")).otherwise(0)).as("__off"));
        int most = classes.groups().stream().mapToInt(Policy.Group::cap).sum();
        int last = classes.bands().get(classes.bands().size() - 1).from();
        Column before = coalesce(col("__given"), lit(0))
                .plus(greatest(coalesce(col("__off"), lit(0)), lit(-classes.bonus_cap())));
        Column score = within(before, most);
        Column after = within(before.plus(col("points")), most);
        Column held = when(score.lt(last), least(after, lit(last - 1))).otherwise(after);
        return reaching.join(sums, new String[] {"entity_id"}, "left")
                .withColumn("counted", held.minus(score).cast("int"))
                .drop("__given", "__off");
    }

    /** An enterprise's own contributions and what reaches it from others, in the columns of the former. */
    public static Dataset<Row> added(Dataset<Row> own, Dataset<Row> others) {
        Column[] columns = Stream.of(own.columns())
                .map(org.apache.spark.sql.functions::col)
                .toArray(Column[]::new);
        return own.unionByName(others.select(columns));
    }

    private static Column within(Column points, int most) {
        return greatest(lit(0), least(lit(most), points));
    }

    private static Column row(
            String id,
            String kind,
            String group,
            Column value,
            Column points,
            RiskClass floor,
            Column evidence,
            Column path) {
        return struct(
                lit(id).as("indicator"),
                lit(kind).as("kind"),
                lit(group).as("group"),
                value.cast(Index.VALUE).as("value"),
                points.cast(Index.POINTS).as("points"),
                lit(floor == null ? null : floor.name()).cast("string").as("class_floor"),
                lit("entities").as("source_table"),
                slice(evidence, 1, Index.EVIDENCE).as("evidence"),
                size(evidence).as("evidence_count"),
                path.as("path"));
    }

    /**
     * Without ends that tie nobody: of a key of one bearer, or of a hub: an agent, a park, a holding body, whoever it bound before too.
     *
     * @param ends with hub (who or what binds) and entity_id
     * @return the other columns of those that tie
     */
    public Dataset<Row> shared(Dataset<Row> ends) {
        Column bound = count_distinct(when(col("hub").notEqual(col("entity_id")), col("entity_id")));
        Dataset<Row> binding = ends.groupBy("hub")
                .agg(count_distinct(col("entity_id")).as("bearers"), bound.as("bound"))
                .where(col("bearers").geq(2).and(col("bound").leq(rules.hub())))
                .select("hub");
        return ends.join(binding, new String[] {"hub"}, "left_semi").drop("hub");
    }

    private Dataset<Row> first(Dataset<Row> tied, Dataset<Row> sources) {
        Column all = expr("aggregate(points, 0, (sum, p) -> sum + p.counted)");
        Column part = expr("aggregate(points, cast(0 as double), (sum, p) -> sum + " + PART + ")")
                .cast("decimal(10,4)");
        Column direct = expr("exists(points, p -> p.kind = 'override' and p.class_floor = 'D'"
                + " and if(size(p.days) = 0, holds, exists(p.days, d -> " + IN_TIME + ")))");
        String sibling = rules.sibling().tie();
        Column ruled = col("direct")
                .and(col("tie").equalTo(sibling))
                .and(col("other_tie").equalTo(sibling));
        Dataset<Row> out = sources.join(tied, "entity_id")
                .select(
                        col("key"),
                        col("entity_id").as("source"),
                        col("tie"),
                        col("weight"),
                        greatest(least(part, all), lit(0)).as("own"),
                        direct.as("direct"));
        Dataset<Row> reached = out.join(others(tied), "key")
                .where("target <> source")
                .withColumn("ruled", ruled)
                .select(
                        col("source"),
                        col("target"),
                        col("own")
                                .multiply(weaker().getField("weight"))
                                .cast(RISK)
                                .as("risk"),
                        array(concat(weaker().getField("tie"), lit(" "), col("source")))
                                .as("path"),
                        col("ruled"));
        return reached.groupBy("source", "target")
                .agg(
                        min(struct(negate(col("risk")).as("less"), col("path"))).as("best"),
                        max("ruled").as("ruled"))
                .select(
                        col("source"),
                        col("target"),
                        negate(col("best.less")).as("risk"),
                        col("best.path").as("path"),
                        col("ruled"));
    }

    private Dataset<Row> second(Dataset<Row> tied, Dataset<Row> first) {
        Dataset<Row> between =
                tied.where("holds").select(col("key"), col("entity_id").as("between"), col("tie"), col("weight"));
        return first.withColumnRenamed("target", "between")
                .where("risk > 0")
                .join(between, "between")
                .join(others(tied), "key")
                .where("target <> source and target <> between")
                .select(
                        col("source"),
                        col("target"),
                        col("risk")
                                .multiply(weaker().getField("weight"))
                                .multiply(lit(rules.farther()))
                                .cast(RISK)
                                .as("risk"),
                        concat(array(concat(weaker().getField("tie"), lit(" "), col("between"))), col("path"))
                                .as("path"),
                        lit(false).as("ruled"));
    }

    /** The far ends of ties, which must hold on the day. */
    private static Dataset<Row> others(Dataset<Row> tied) {
        return tied.where("holds")
                .select(
                        col("key"),
                        col("entity_id").as("target"),
                        col("tie").as("other_tie"),
                        col("weight").as("other_weight"));
    }

    /** A tie is as strong as the weaker of its two ends. */
    private static Column weaker() {
        return least(
                struct(col("weight"), col("tie")),
                struct(col("other_weight").as("weight"), col("other_tie").as("tie")));
    }
}
