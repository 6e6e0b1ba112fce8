package banyan.jobs.score;

import static org.apache.spark.sql.functions.add_months;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_distinct;
import static org.apache.spark.sql.functions.date_add;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.ln;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.months_between;
import static org.apache.spark.sql.functions.sequence;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import banyan.models.Policy;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * One row per enterprise that was complained of in the 12 months to the day: weighted complaints to what is expected of its like,
 * shrunk by a gamma-Poisson model ({@code handbook: specialised §6}, {@code warnings §4}; Marshall 1991, moments), so that neither size
 * nor chance makes anybody red.
 *
 * <p>y is Poisson with mean λE, λ gamma with mean 1 and shape a; E is the weighted complaints of its like per month of trading, times its
 * own months. From var(y) = E + E²/a over all enterprises follows a = ΣE² / Σ((y − E)² − E), within the bounds of
 * {@link Policy.Rates}. The rate is (y + a) / (E + a), or what comes of it with all tickets alike where that is less: a city whose professionals weigh little expects less
 * of everybody, and nobody is to be worse for it ({@code classification §11.9}). It is cut to so many digits as the policy says, never rounded up.
 */
public final class ComplaintRates {
    /** The two ways in which tickets are counted: by their weight, and all alike. */
    private static final List<String> WAYS = List.of("weighted", "counted");

    private static final String EXACT = "decimal(24,8)";
    private static final String KEPT = "decimal(14,4)";

    private ComplaintRates() {}

    public static Dataset<Row> rows(Inputs in) {
        Policy.Field consumer = in.field("consumer");
        if (consumer == null || consumer.rates() == null) {
            return in.none("complaint_rates");
        }
        Policy.Rates rates = consumer.rates();
        Dataset<Row> complained = weighted(in, rates)
                .groupBy("entity_id")
                .agg(
                        count(lit(1)).cast("int").as("tickets"),
                        sum("weight").cast(KEPT).as("weighted"));
        Dataset<Row> all = traders(in, rates)
                .join(complained, new String[] {"entity_id"}, "left")
                .withColumn("weighted", coalesce(col("weighted"), lit(0)).cast(KEPT))
                .withColumn("counted", coalesce(col("tickets"), lit(0)).cast(KEPT));
        Dataset<Row> expected = all.join(broadcast(likes(all, rates)), "like");
        List<Column> sums = new ArrayList<>();
        for (String way : WAYS) {
            expected = expected.withColumn(
                    "expected_" + way,
                    col("month_" + way).multiply(col("months")).cast(EXACT));
            Column e = col("expected_" + way);
            Column off = col(way).minus(e);
            sums.add(sum(e.multiply(e).cast(EXACT)).as("squares_" + way));
            sums.add(sum(off.multiply(off).minus(e).cast(EXACT)).as("surplus_" + way));
        }
        Dataset<Row> rated = expected.where("tickets > 0").crossJoin(expected.agg(sums.get(0), tail(sums)));
        for (String way : WAYS) {
            Column prior = when(
                            col("surplus_" + way).gt(0),
                            least(
                                    lit(rates.prior_most()),
                                    greatest(
                                            lit(rates.prior_least()),
                                            expr("try_divide(squares_" + way + ", surplus_" + way + ")"))))
                    .otherwise(rates.prior_most()); // no more spread than chance gives
            rated = rated.withColumn("prior_" + way, prior.cast(KEPT))
                    .withColumn(
                            "rate_" + way,
                            expr("(" + way + " + prior_" + way + ") / (expected_" + way + " + prior_" + way + ")")
                                    .cast(KEPT));
        }
        boolean told = !Contributions.known(in, List.of("complainants")).isEmpty();
        Dataset<Row> grouped = told
                ? rated.join(crowds(in, rates), new String[] {"entity_id"}, "left")
                        .withColumn("crowd", coalesce(col("crowd"), lit(0)))
                : rated.withColumn("crowd", lit(null).cast("int")); // nobody knows who complained
        return in.stamped(grouped.select(
                col("entity_id"),
                col("counted_like").as("like"),
                col("tickets"),
                col("weighted"),
                col("expected_weighted").cast(KEPT).as("expected"),
                col("prior_weighted").as("prior"),
                floor(least(col("rate_weighted"), col("rate_counted")), lit(rates.digits()))
                        .cast(KEPT)
                        .as("rate"),
                col("crowd")));
    }

    /**
     * One row per enterprise: entity_id and crowd, the most people who complained of one problem of it within some days. Whoever
     * complains on a day is of the group of each of the days from then on, so that one count a day tells them all, whatever platform
     * draws a third of a city's tickets.
     */
    private static Dataset<Row> crowds(Inputs in, Policy.Rates rates) {
        Column days = sequence(col("filed_on"), date_add(col("filed_on"), rates.group_days() - 1));
        return tickets(in, rates)
                .where("problem is not null")
                .join(who(in, rates).select("record_id", "complainant"), "record_id")
                .select(
                        col("entity_id"),
                        col("problem"),
                        col("complainant"),
                        explode(days).as("day"))
                .groupBy("entity_id", "problem", "day")
                .agg(count_distinct(col("complainant")).as("people"))
                .groupBy("entity_id")
                .agg(max("people").cast("int").as("crowd"));
    }

    /** Tickets per month of trading of each kind, in {@code month_<way>}: those of all where the kind is too small to tell. */
    private static Dataset<Row> likes(Dataset<Row> all, Policy.Rates rates) {
        List<Column> sums = new ArrayList<>(
                List.of(count(lit(1)).as("members"), sum("months").as("of_months")));
        WAYS.forEach(way -> sums.add(sum(way).as("of_" + way)));
        List<Column> whole = new ArrayList<>(List.of(sum("months").as("all_months")));
        WAYS.forEach(way -> whole.add(sum(way).as("all_" + way)));
        List<Column> likes = new ArrayList<>(List.of(
                col("like"),
                when(few("weighted", rates), "all").otherwise(col("like")).as("counted_like")));
        WAYS.forEach(way -> likes.add(when(few(way, rates), expr("all_" + way + " / all_months"))
                .otherwise(expr("of_" + way + " / of_months"))
                .cast(EXACT)
                .as("month_" + way)));
        return all.groupBy("like")
                .agg(sums.get(0), tail(sums))
                .crossJoin(all.agg(whole.get(0), tail(whole)))
                .select(likes.toArray(Column[]::new));
    }

    private static Column few(String way, Policy.Rates rates) {
        return col("members").lt(rates.members()).or(col("of_" + way).lt(rates.tickets()));
    }

    private static Column[] tail(List<Column> columns) {
        return columns.subList(1, columns.size()).toArray(Column[]::new);
    }

    /** Of the tickets that count the weight: those who complain for a living weigh little, what was found true weighs in full. */
    private static Dataset<Row> weighted(Inputs in, Policy.Rates rates) {
        Dataset<Row> tickets = tickets(in, rates);
        Dataset<Row> who = who(in, rates);
        Dataset<Row> often = who.join(
                        who.groupBy("complainant")
                                .agg(count(lit(1)).as("filed"))
                                .where("filed > 1"),
                        "complainant")
                .select("record_id", "filed");
        Column rare = greatest(lit(rates.least_weight()), lit(1).divide(lit(1).plus(ln(col("filed")))));
        return tickets.join(often, new String[] {"record_id"}, "left")
                .withColumn(
                        "weight",
                        when(
                                        col("verified")
                                                .or(col("case_filed"))
                                                .or(col("filed").isNull()),
                                        lit(1))
                                .otherwise(rare)
                                .cast("decimal(6,4)"))
                .select("entity_id", "weight");
    }

    /** The tickets that count. */
    private static Dataset<Row> tickets(Inputs in, Policy.Rates rates) {
        return in.known("complaints")
                .where("entity_id is not null and kind <> 'consultation' and outcome not in ('refused', 'withdrawn')")
                .where(recent(in, rates));
    }

    /** Who filed which ticket, by pseudonym. */
    private static Dataset<Row> who(Inputs in, Policy.Rates rates) {
        return in.known("complainants").where("complainant is not null").where(recent(in, rates));
    }

    private static Column recent(Inputs in, Policy.Rates rates) {
        return col("filed_on").gt(add_months(lit(in.asOf()), -rates.months()));
    }

    /** Every enterprise in operation, with what it is like and how many of the months it traded. */
    private static Dataset<Row> traders(Inputs in, Policy.Rates rates) {
        Column since = coalesce(months_between(lit(in.asOf()), col("established_on")), lit(rates.months()));
        Column band = lit(0);
        for (BigDecimal from : rates.capital_bands()) {
            band = band.plus(when(col("capital_yuan").geq(from), 1).otherwise(0));
        }
        return in.known("entities")
                .where("status in ('active', 'suspended')")
                .select(
                        col("entity_id"),
                        concat_ws(
                                        " ",
                                        col("entity_kind"),
                                        coalesce(col("sector"), lit("-")),
                                        when(col("capital_yuan").isNull(), 0).otherwise(band.plus(1)))
                                .as("like"),
                        least(lit(rates.months()), greatest(lit(1), since))
                                .cast("decimal(8,4)")
                                .as("months"));
    }
}
