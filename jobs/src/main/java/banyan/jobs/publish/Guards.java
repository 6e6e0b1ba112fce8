package banyan.jobs.publish;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Lake;
import banyan.models.ClassPairs;
import banyan.models.Policy;
import banyan.models.RiskClass;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * How far the class shares lie from what other cities see, a list from the one of a month back, and counties from each other: what looks
 * like a mistake in data or policy, and may be none. Whoever knows better answers for it by name.
 */
final class Guards {
    private Guards() {}

    /**
     * @param list supervision_list of the day
     * @param riskClasses those of the day
     */
    static List<Gate.Check> checks(
            Lake lake, Policy.Gate gate, LocalDate asOf, Dataset<Row> list, Dataset<Row> riskClasses) {
        Policy.Guards guards = gate.guards();
        List<Gate.Check> checks = new ArrayList<>();
        LocalDate upTo = asOf.minusMonths(guards.months_back());
        SortedSet<LocalDate> before = lake.days("risk_classes").headSet(upTo.plusDays(1));
        if (!before.isEmpty()) {
            ClassPairs pairs = pairs(lake.read("risk_classes", before.last()), riskClasses);
            if (Math.max(pairs.classified(0), pairs.classified(1)) >= gate.min_entities_for_shares()) {
                checks.addAll(moves(guards, before.last(), pairs));
            }
        }
        checks.add(counties(guards, list));
        return checks;
    }

    /**
     * Whether a class has its share of the classified.
     *
     * @param classes class → entities
     * @param classified entities with a class, at least one
     */
    static Gate.Check share(Policy.Share band, Map<String, Long> classes, long classified) {
        BigDecimal percent = BigDecimal.valueOf(
                        100 * classes.get(band.riskClass().name()))
                .divide(BigDecimal.valueOf(classified), 1, RoundingMode.HALF_UP);
        boolean inside = percent.compareTo(band.min()) >= 0 && percent.compareTo(band.max()) <= 0;
        return check(
                "share of class " + band.riskClass(),
                !inside,
                percent + " %, expected " + band.min() + " to " + band.max() + " %");
    }

    private static ClassPairs pairs(Dataset<Row> then, Dataset<Row> now) {
        return ClassPairs.of(then.select(col("entity_id"), col("risk_class").as("then"))
                .join(now.select(col("entity_id"), col("risk_class").as("now")), new String[] {"entity_id"}, "full")
                .groupBy(coalesce(col("then"), lit("none")), coalesce(col("now"), lit("none")))
                .agg(count(lit(1)))
                .collectAsList()); // a row for each pair of classes
    }

    static List<Gate.Check> moves(Policy.Guards guards, LocalDate before, ClassPairs pairs) {
        String shifts = Stream.of(RiskClass.values())
                .map(one ->
                        String.format(Locale.ROOT, "%s %.1f → %.1f %%", one, pairs.share(one, 0), pairs.share(one, 1)))
                .collect(Collectors.joining(", "));
        double shift = Stream.of(RiskClass.values())
                .mapToDouble(one -> Math.abs(pairs.share(one, 1) - pairs.share(one, 0)))
                .max()
                .orElse(0);
        double gone = pairs.classified(0) == 0 ? 0 : 100.0 * pairs.gone() / pairs.classified(0);
        double twoSteps = pairs.both() == 0 ? 0 : 100.0 * pairs.moved(2) / pairs.both();
        return List.of(
                check(
                        "class shares since " + before,
                        shift > guards.share_shift().doubleValue(),
                        shifts + "; at most " + guards.share_shift() + " points"),
                check(
                        "stability of the shares since " + before,
                        pairs.stability() > guards.stability().doubleValue(),
                        String.format(Locale.ROOT, "PSI %.4f, at most %s", pairs.stability(), guards.stability())),
                check(
                        "moves by two classes since " + before,
                        twoSteps > guards.two_steps().doubleValue(),
                        String.format(
                                Locale.ROOT,
                                "%,d of %,d entities (%.2f %%), at most %s %%",
                                pairs.moved(2),
                                pairs.both(),
                                twoSteps,
                                guards.two_steps())),
                check(
                        "entities without a class since " + before,
                        gone > guards.gone().doubleValue(),
                        String.format(
                                Locale.ROOT,
                                "%,d of %,d (%.2f %%), at most %s %%",
                                pairs.gone(),
                                pairs.classified(0),
                                gone,
                                guards.gone())));
    }

    private static Gate.Check counties(Policy.Guards guards, Dataset<Row> list) {
        Dataset<Row> areas = list.groupBy("area_name")
                .agg(
                        count(lit(1)),
                        sum(when(col("risk_class").isin("C", "D"), 1).otherwise(0)))
                .orderBy("area_name");
        return counties(guards, areas.collectAsList()); // a row for each county
    }

    /** @param areas name, how many are classified, and how many of them C or D */
    static Gate.Check counties(Policy.Guards guards, List<Row> areas) {
        double all = areas.stream().mapToLong(area -> area.getLong(1)).sum();
        double grave = areas.stream().mapToLong(area -> area.getLong(2)).sum();
        double city = grave / Math.max(1, all);
        double most = guards.county_ratio().doubleValue();
        List<String> apart = new ArrayList<>();
        int compared = 0;
        for (Row area : areas) {
            double expected = city * area.getLong(1);
            if (expected < guards.county_least()) {
                continue;
            }
            compared++;
            double ratio = area.getLong(2) / expected;
            if (ratio > most || ratio * most < 1) {
                apart.add(String.format(
                        Locale.ROOT,
                        "%s %.1f %% C and D, the city %.1f %%",
                        area.getString(0),
                        100.0 * area.getLong(2) / area.getLong(1),
                        100 * city));
            }
        }
        return check(
                "counties alike",
                !apart.isEmpty(),
                apart.isEmpty()
                        ? compared + " counties within " + guards.county_ratio() + " times the city's share of C and D"
                        : String.join("; ", apart) + "; at most " + guards.county_ratio() + " times, either way");
    }

    private static Gate.Check check(String name, boolean breached, String found) {
        return new Gate.Check(name, breached ? Gate.Verdict.BLOCK : Gate.Verdict.PASS, found, true);
    }
}
