package banyan.jobs;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import banyan.schemas.Contract;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * What is measured of records, beside setting aside those that break their contract: rules that only warn, blanks, how a delivery
 * compares with those before it, and how old a source is. Kept in the table dq_metrics.
 */
public final class Quality {
    /** With fewer deliveries before it a delivery is compared with none. Proposed default. */
    public static final int LEAST = 5;

    /** Deliveries of so many days before are looked at. Proposed default. */
    private static final int DAYS = 90;

    private Quality() {}

    /** What came of measuring one thing. */
    public enum Verdict {
        pass,
        warning,
        quarantine
    }

    /** Rule → the sum that counts the rows that break it, for a contract's warnings. */
    public static SortedMap<String, Column> sums(Contract contract, Column among) {
        SortedMap<String, Column> sums = new TreeMap<>();
        contract.warnings().forEach((rule, keeps) -> sums.put(rule, number(among.and(not(keeps)))));
        return sums;
    }

    /** How many rows a condition is true of, among so many as there are: 0 among none. */
    public static Column number(Column condition) {
        return coalesce(sum(when(condition, 1).otherwise(0)), lit(0)).cast("bigint");
    }

    /** Rule → how many rows broke it, from rows with the rules they broke in a column. */
    public static SortedMap<String, Long> broken(Dataset<Row> rows, String column) {
        SortedMap<String, Long> broken = new TreeMap<>();
        rows.select(expr("explode(" + column + ") as rule"))
                .groupBy("rule")
                .agg(count(lit(1)))
                .collectAsList()
                .forEach(r -> broken.put(r.getString(0), r.getLong(1)));
        return broken;
    }

    /** Delivery → rule → how many of its rows broke it, of some deliveries; nothing is asked where there are none. */
    public static Map<String, Map<String, Long>> brokenOf(Dataset<Row> rows, List<String> deliveries) {
        Map<String, Map<String, Long>> broken = new HashMap<>();
        if (!deliveries.isEmpty()) {
            rows.where(col("delivery").isin(deliveries.toArray()))
                    .select(col("delivery"), expr("explode(__broken) as rule"))
                    .groupBy("delivery", "rule")
                    .agg(count(lit(1)))
                    .collectAsList()
                    .forEach(r -> broken.computeIfAbsent(r.getString(0), d -> new TreeMap<>())
                            .put(r.getString(1), r.getLong(2)));
        }
        return broken;
    }

    /** A row of dq_metrics about a table that was built. */
    static Row built(
            String table, String run, LocalDate day, String rule, long checked, long failed, Contract contract) {
        Verdict verdict = failed == 0
                ? Verdict.pass
                : contract.warnings().containsKey(rule) ? Verdict.warning : Verdict.quarantine;
        return RowFactory.create(table, run, day, null, null, null, rule, checked, failed, null, verdict.name());
    }

    /**
     * Sender and rule → what is usual of a table's deliveries: the median number of records, of other rules the median share.
     *
     * @param before the day from which no delivery is looked at any more
     */
    public static Map<String, BigDecimal> usual(Lake lake, String table, LocalDate before) {
        Map<String, BigDecimal> usual = new HashMap<>();
        Column measured = when(col("rule").equalTo("records"), col("checked").cast("double"))
                .otherwise(col("failed").divide(col("checked")));
        lake.read("dq_metrics")
                .where(col("table").equalTo(table).and(col("delivery").isNotNull()))
                .where(col("measured_on")
                        .geq(before.minusDays(DAYS))
                        .and(col("measured_on").lt(before)))
                .where(col("checked").gt(0))
                .groupBy("sender", "rule")
                .agg(count(lit(1)), org.apache.spark.sql.functions.median(measured))
                .where(col("count(1)").geq(LEAST))
                .collectAsList()
                .forEach(r -> usual.put(
                        r.getString(0) + " " + r.getString(1),
                        BigDecimal.valueOf(r.getDouble(3)).setScale(4, RoundingMode.HALF_UP)));
        return usual;
    }

    /**
     * A source of which deliveries are due within so many days.
     *
     * @param last day of its newest delivery; null where there never was one: what it would tell is unknown, not nothing
     * @param stale days from then to the day asked for; null where there never was one
     */
    public record Source(String table, LocalDate last, Long stale, int due, boolean optional) {
        public boolean late() {
            return last == null ? !optional : stale > due;
        }

        public String said() {
            return table + ": "
                    + (last == null ? "never delivered" : stale + " days since the last delivery")
                    + ", due within " + due;
        }
    }

    /** The sources whose contract says when they are due, as they stood on a day. */
    public static List<Source> sources(Lake lake, LocalDate day) {
        Map<String, LocalDate> last = new HashMap<>();
        lake.read("deliveries")
                .where(col("received_on").leq(lit(day)))
                .groupBy("table")
                .agg(max("received_on"))
                .collectAsList()
                .forEach(r -> last.put(r.getString(0), r.getLocalDate(1)));
        List<Source> sources = new ArrayList<>();
        Contract.all()
                .values()
                .forEach(contract -> contract.dueWithin().ifPresent(due -> {
                    Optional<LocalDate> there = Optional.ofNullable(last.get(contract.id()));
                    sources.add(new Source(
                            contract.id(),
                            there.orElse(null),
                            there.map(d -> ChronoUnit.DAYS.between(d, day)).orElse(null),
                            due,
                            contract.optional()));
                }));
        return sources;
    }

    /**
     * How much of what a table holds breaks a rule that warns.
     *
     * @param checked records in the version that is known
     * @param failed how many of them break it
     */
    public record Standing(String table, String rule, long checked, long failed) {}

    /** The rules that warn and that some record breaks in the version known on a day; one pass over each table. */
    public static List<Standing> standing(Lake lake, LocalDate knownAt) {
        List<Standing> all = Collections.synchronizedList(new ArrayList<>());
        Parallel.each(
                Contract.all().values().stream()
                        .filter(c -> c.bitemporal() && !c.warnings().isEmpty() && lake.version(c.id()) >= 0)
                        .toList(),
                contract -> {
                    Map<String, Column> sums = sums(contract, lit(true));
                    Row row = lake.read(contract.id())
                            .where(col("known_from").leq(lit(knownAt)).and(not(col("withdrawn"))))
                            .where(col("known_to").isNull().or(col("known_to").gt(lit(knownAt))))
                            .agg(count(lit(1)), sums.values().toArray(Column[]::new))
                            .head();
                    int at = 1;
                    for (String rule : sums.keySet()) {
                        if (row.getLong(at) > 0) {
                            all.add(new Standing(contract.id(), rule, row.getLong(0), row.getLong(at)));
                        }
                        at++;
                    }
                });
        return all.stream()
                .sorted(Comparator.comparing(Standing::table).thenComparing(Standing::rule))
                .toList();
    }

    /** What was measured of deliveries and did not pass, newest first. */
    public static Dataset<Row> remarkable(Lake lake, LocalDate day) {
        return lake.read("dq_metrics")
                .where(col("measured_on").leq(lit(day)))
                .where("delivery is not null and verdict <> 'pass'")
                .orderBy(
                        col("measured_on").desc(),
                        col("table"),
                        col("file"),
                        col("failed").desc(),
                        col("rule"));
    }
}
