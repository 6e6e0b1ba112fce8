package banyan.jobs.publish;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Lake;
import banyan.models.Policy;
import banyan.models.RiskClass;
import banyan.schemas.Contract;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What a list must satisfy before it is published: integrity blocks, a class share out of its band warns. */
public final class Gate {
    private Gate() {}

    public enum Verdict {
        PASS,
        WARN,
        BLOCK
    }

    /** One check and what it found, in words. */
    public record Check(String name, Verdict verdict, String found) {}

    /** @param classes class → entities, with unclassified */
    public static List<Check> checks(Lake lake, LocalDate asOf, Policy whole, Map<String, Long> classes) {
        Policy.Gate policy = whole.gate();
        List<Check> checks = new ArrayList<>();
        checks.add(conservation(lake));
        checks.add(scores(lake, asOf));
        checks.add(coverage(lake, asOf, classes));
        checks.add(agreement(lake, asOf, whole.version()));
        long classified = classes.entrySet().stream()
                .filter(e -> !e.getKey().equals("unclassified"))
                .mapToLong(Map.Entry::getValue)
                .sum();
        if (classified >= policy.min_entities_for_shares()) {
            for (Policy.Share share : policy.class_shares()) {
                checks.add(share(share, classes, classified));
            }
        }
        return checks;
    }

    /** For every delivery records = accepted + quarantined + duplicates, and the raw tables hold just the accepted rows. */
    private static Check conservation(Lake lake) {
        Dataset<Row> deliveries = lake.read("deliveries");
        long unbalanced = deliveries
                .where("records <> accepted + quarantined + duplicates")
                .count();
        Map<String, Long> there = new HashMap<>();
        rawCounts(lake).collectAsList().forEach(r -> there.put(r.getString(0), r.getLong(1)));
        StringBuilder wrong = new StringBuilder();
        long total = 0;
        for (Row row : deliveries
                .groupBy("table")
                .agg(sum("accepted"))
                .orderBy("table")
                .collectAsList()) {
            long found = there.getOrDefault(row.getString(0), 0L);
            total += found;
            if (found != row.getLong(1)) {
                wrong.append(String.format(
                        Locale.ROOT,
                        "; %s holds %,d rows, %,d were accepted",
                        row.getString(0),
                        found,
                        row.getLong(1)));
            }
        }
        boolean kept = unbalanced == 0 && wrong.isEmpty();
        return new Check(
                "every record accounted for",
                kept ? Verdict.PASS : Verdict.BLOCK,
                kept
                        ? String.format(Locale.ROOT, "%,d accepted rows lie in the raw tables", total)
                        : unbalanced + " deliveries do not balance" + wrong);
    }

    /** Rows of each raw table by a forced scan; a bare count is answered from the log even if a file is gone. */
    private static Dataset<Row> rawCounts(Lake lake) {
        return Contract.all().values().stream()
                .filter(c -> c.folder().equals("1-raw"))
                .map(c -> lake.read(c.id())
                        .select(lit(c.id()).as("table"), col("row_hash"))
                        .groupBy("table")
                        .agg(count("row_hash")))
                .reduce(Dataset::union)
                .orElseThrow();
    }

    /** Counted points add up to the score, and no class is better than its floor, for every entity. */
    private static Check scores(Lake lake, LocalDate asOf) {
        Dataset<Row> sums = day(lake, "contributions", asOf)
                .groupBy("entity_id")
                .agg(sum("counted").as("sum"), expr("max(class_floor)").as("floor"));
        Row wrong = day(lake, "risk_classes", asOf)
                .where("risk_class <> 'unclassified'")
                .join(
                        sums,
                        scala.jdk.javaapi.CollectionConverters.asScala(List.of("entity_id"))
                                .toSeq(),
                        "left")
                .agg(
                        sum(when(col("score").notEqual(coalesce(col("sum"), lit(0))), 1)
                                .otherwise(0)),
                        sum(when(col("risk_class").lt(coalesce(col("floor"), lit("A"))), 1)
                                .otherwise(0)),
                        count(lit(1)))
                .head();
        long off = wrong.isNullAt(0) ? 0 : wrong.getLong(0);
        long better = wrong.isNullAt(1) ? 0 : wrong.getLong(1);
        return new Check(
                "points add up to the score",
                off + better == 0 ? Verdict.PASS : Verdict.BLOCK,
                String.format(
                        Locale.ROOT,
                        "%,d entities, %,d sums off, %,d classes better than a floor",
                        wrong.getLong(2),
                        off,
                        better));
    }

    /** Every classified entity is on the list once, and the list is not empty. */
    private static Check coverage(Lake lake, LocalDate asOf, Map<String, Long> classes) {
        long classified = classes.entrySet().stream()
                .filter(e -> !e.getKey().equals("unclassified"))
                .mapToLong(Map.Entry::getValue)
                .sum();
        Row list = day(lake, "supervision_list", asOf)
                .agg(count(lit(1)), countDistinct("entity_id"))
                .head();
        boolean covered = list.getLong(0) == classified && list.getLong(1) == classified && classified > 0;
        return new Check(
                "every classified entity listed once",
                covered ? Verdict.PASS : Verdict.BLOCK,
                String.format(
                        Locale.ROOT,
                        "%,d classified, %,d listed, %,d of them distinct",
                        classified,
                        list.getLong(0),
                        list.getLong(1)));
    }

    /** The list says of every entity what the classes say, both under the policy at hand: neither was built without the other. */
    private static Check agreement(Lake lake, LocalDate asOf, String policyVersion) {
        Dataset<Row> classes = day(lake, "risk_classes", asOf)
                .select(
                        col("entity_id"),
                        col("risk_class").as("c"),
                        col("score").as("s"),
                        col("known_at").as("k"),
                        col("policy_version").as("p"));
        long off = day(lake, "supervision_list", asOf)
                .join(
                        classes,
                        scala.jdk.javaapi.CollectionConverters.asScala(List.of("entity_id"))
                                .toSeq(),
                        "left")
                .where(org.apache.spark.sql.functions.not(coalesce(
                        col("risk_class")
                                .equalTo(col("c"))
                                .and(col("score").equalTo(col("s")))
                                .and(col("known_at").equalTo(col("k")))
                                .and(col("policy_version").equalTo(col("p")))
                                .and(col("policy_version").equalTo(policyVersion)),
                        lit(false))))
                .count();
        return new Check(
                "list and classes agree",
                off == 0 ? Verdict.PASS : Verdict.BLOCK,
                String.format(
                        Locale.ROOT,
                        "%,d rows differ in class, score, known-at or policy version %s",
                        off,
                        policyVersion));
    }

    private static Check share(Policy.Share share, Map<String, Long> classes, long classified) {
        RiskClass riskClass = share.riskClass();
        BigDecimal percent = BigDecimal.valueOf(100 * classes.getOrDefault(riskClass.name(), 0L))
                .divide(BigDecimal.valueOf(classified), 1, RoundingMode.HALF_UP);
        boolean inside = percent.compareTo(share.min()) >= 0 && percent.compareTo(share.max()) <= 0;
        return new Check(
                "share of class " + riskClass,
                inside ? Verdict.PASS : Verdict.WARN,
                percent + " %, expected " + share.min() + " to " + share.max() + " %");
    }

    private static Dataset<Row> day(Lake lake, String table, LocalDate asOf) {
        return lake.read(table).where(col("as_of").equalTo(lit(asOf)));
    }
}
