package banyan.jobs.score;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.ln;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * One row per enterprise that was complained of in the 12 months to the day: weighted complaints to what is expected of its like,
 * shrunk by a gamma-Poisson model ({@code handbook: specialised §6}, {@code warnings §4}; Marshall 1991, moments), so that neither size
 * nor chance makes anybody red.
 *
 * <p>y is Poisson with mean λE, λ gamma with mean 1 and shape a; E is the weighted complaints of its like per month of trading, times its
 * own months. From var(y) = E + E²/a over all enterprises follows a = ΣE² / Σ((y − E)² − E), of which no more than 100 and no less than 1
 * is taken (proposed default): with less, one ticket of a small shop would count as many times what is expected. The rate is
 * (y + a) / (E + a), or what comes of it with all tickets alike where that is less: a city whose professionals weigh little expects less
 * of everybody, and nobody is to be worse for it ({@code classification §11.9}).
 */
public final class ComplaintRates {
    private static final String COUNTED =
            "kind <> 'consultation' and outcome not in ('refused', 'withdrawn') and filed_on > add_months(as_of, -12)";

    /** Of fewer enterprises, or weighted tickets, nobody can tell what is to be expected: then all are alike. Proposed default. */
    private static final String FEW = "members < 30 or all_tickets < 5";

    private static final String EXACT = "decimal(24,8)";

    private ComplaintRates() {}

    public static Dataset<Row> rows(Inputs in) {
        Dataset<Row> complained = weighted(in)
                .groupBy("entity_id")
                .agg(
                        count(lit(1)).cast("int").as("tickets"),
                        sum("weight").cast("decimal(14,4)").as("weighted"));
        Dataset<Row> all = traders(in)
                .join(complained, new String[] {"entity_id"}, "left")
                .withColumn("weighted", coalesce(col("weighted"), lit(0)).cast("decimal(14,4)"))
                .withColumn("counted", coalesce(col("tickets"), lit(0)).cast("decimal(14,4)"));
        Dataset<Row> cleaned = rates(all, "weighted");
        Dataset<Row> plain =
                rates(all, "counted").select(col("entity_id"), col("rate").as("plain"));
        return in.stamped(cleaned.where("tickets > 0")
                .join(plain, "entity_id")
                .select(
                        col("entity_id"),
                        col("counted_like").as("like"),
                        col("tickets"),
                        col("weighted"),
                        col("expected").cast("decimal(14,4)"),
                        col("prior"),
                        least(col("rate"), col("plain")).as("rate")));
    }

    /** With counted_like, expected, prior and rate of the tickets in a column. */
    private static Dataset<Row> rates(Dataset<Row> all, String tickets) {
        Column y = col(tickets);
        Dataset<Row> city = all.agg(sum(y).as("w"), sum("months").as("m"));
        Dataset<Row> likes = all.groupBy("like")
                .agg(
                        count(lit(1)).as("members"),
                        sum(y).as("all_tickets"),
                        sum("months").as("all_months"))
                .crossJoin(city)
                .select(
                        col("like"),
                        when(expr(FEW), "all").otherwise(col("like")).as("counted_like"),
                        when(expr(FEW), expr("w / m"))
                                .otherwise(expr("all_tickets / all_months"))
                                .cast(EXACT)
                                .as("per_month"));
        Dataset<Row> expected = all.join(broadcast(likes), "like")
                .withColumn("expected", col("per_month").multiply(col("months")).cast(EXACT));
        Column off = y.minus(col("expected"));
        Column surplus = off.multiply(off).minus(col("expected")).cast(EXACT);
        Dataset<Row> prior = expected.agg(
                        sum(expr("expected * expected").cast(EXACT)).as("squares"),
                        sum(surplus).as("surplus"))
                .select(when(
                                col("surplus").gt(0),
                                least(lit(100), greatest(expr("try_divide(squares, surplus)"), lit(1))))
                        .otherwise(100) // no more spread than chance gives
                        .cast("decimal(14,4)")
                        .as("prior"));
        return expected.crossJoin(prior)
                .withColumn(
                        "rate",
                        y.plus(col("prior"))
                                .divide(col("expected").plus(col("prior")))
                                .cast("decimal(14,4)"));
    }

    /** The tickets that count, with their weight: those who complain for a living weigh little, what was found true weighs in full. */
    private static Dataset<Row> weighted(Inputs in) {
        Dataset<Row> tickets = in.known("complaints")
                .where("entity_id is not null")
                .withColumn("as_of", lit(in.asOf()))
                .where(COUNTED);
        Dataset<Row> who = in.known("complainants")
                .withColumn("as_of", lit(in.asOf()))
                .where("complainant is not null and filed_on > add_months(as_of, -12)");
        Dataset<Row> often = who.join(
                        who.groupBy("complainant")
                                .agg(count(lit(1)).as("filed"))
                                .where("filed > 1"),
                        "complainant")
                .select("record_id", "filed");
        Column rare = greatest(expr("0.1"), lit(1).divide(lit(1).plus(ln(col("filed")))));
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

    /** Every enterprise in operation, with what it is like and how many of the 12 months it traded. */
    private static Dataset<Row> traders(Inputs in) {
        Column since = coalesce(expr("months_between(as_of, established_on)"), lit(12));
        Column capital = when(col("capital_yuan").lt(1_000_000), "1")
                .when(col("capital_yuan").lt(10_000_000), "2")
                .when(col("capital_yuan").geq(10_000_000), "3")
                .otherwise("0");
        return in.known("entities")
                .where("status in ('active', 'suspended')")
                .withColumn("as_of", lit(in.asOf()))
                .select(
                        col("entity_id"),
                        concat_ws(" ", col("entity_kind"), coalesce(col("sector"), lit("-")), capital)
                                .as("like"),
                        least(lit(12), greatest(lit(1), since))
                                .cast("decimal(8,4)")
                                .as("months"));
    }
}
