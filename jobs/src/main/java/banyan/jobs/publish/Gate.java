package banyan.jobs.publish;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Quality;
import banyan.jobs.learn.Registry;
import banyan.models.Policy;
import banyan.schemas.Contract;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import tools.jackson.databind.node.ArrayNode;

/** What a list must satisfy before it is published: integrity blocks, what {@link Guards} find may be answered for, a late source warns. */
public final class Gate {
    private static final String NONE = "unclassified";
    static final List<String> CLASSES = List.of("A", "B", "C", "D", NONE);

    private Gate() {}

    public enum Verdict {
        PASS,
        WARN,
        BLOCK
    }

    /**
     * One check and what it found, in words.
     *
     * @param answerable whether a list that it blocks may be published all the same, if somebody answers for it by name
     */
    public record Check(String name, Verdict verdict, String found, boolean answerable) {
        Check(String name, Verdict verdict, String found) {
            this(name, verdict, found, false);
        }
    }

    /**
     * What the gate saw of a day.
     *
     * @param classes class → entities, in the order A, B, C, D, unclassified
     */
    public record Findings(Map<String, Long> classes, List<Check> checks) {
        /** Keeps the checks of a day in gate_checks; where they stand there already nothing is written. */
        void keep(Lake lake, LocalDate asOf, String policyVersion) {
            List<Row> rows = checks.stream()
                    .map(check -> RowFactory.create(
                            check.name, check.verdict.name(), check.answerable, check.found, asOf, policyVersion))
                    .toList();
            Dataset<Row> there = lake.read("gate_checks", asOf)
                    .select(Contract.of("gate_checks").columns());
            if (there.orderBy("check")
                    .collectAsList()
                    .equals(rows.stream()
                            .sorted(Comparator.comparing(row -> row.getString(0)))
                            .toList())) {
                return;
            }
            lake.replace(
                    "gate_checks",
                    lake.rows(rows, "gate_checks").coalesce(1),
                    "as_of = '" + asOf + "'",
                    Json.object()
                            .put("table", "gate_checks")
                            .put("as_of", asOf.toString())
                            .put("policy", policyVersion)
                            .toString());
        }

        /** One object a check: its name, verdict and what was found. */
        public ArrayNode json() {
            ArrayNode told = Json.array();
            checks.forEach(c -> told.addObject()
                    .put("check", c.name())
                    .put("verdict", c.verdict().name())
                    .put("found", c.found()));
            return told;
        }

        /** @param answered whether somebody answers for what can be answered for */
        List<Check> blocks(boolean answered) {
            return checks.stream()
                    .filter(c -> c.verdict() == Verdict.BLOCK && !(answered && c.answerable()))
                    .toList();
        }
    }

    /**
     * @param asOf the day
     * @param list supervision_list of the day
     * @param contributions those of the day
     * @param riskClasses those of the day
     */
    static Findings findings(
            Lake lake,
            Policy policy,
            LocalDate asOf,
            Dataset<Row> list,
            Dataset<Row> contributions,
            Dataset<Row> riskClasses) {
        Totals totals = totals(list, contributions, riskClasses, policy.version());
        List<Check> checks = new ArrayList<>();
        checks.add(conservation(lake));
        checks.add(scores(totals));
        checks.add(coverage(totals));
        checks.add(agreement(totals, policy.version()));
        checks.add(fields(
                lake.read("special_classes", asOf),
                lake.read("special_list", asOf),
                lake.read("special_contributions", asOf),
                policy.version()));
        checks.addAll(Province.checks(lake, policy, asOf, list, riskClasses));
        if (lake.version("model_states") >= 0) {
            checks.add(inForce(
                    Registry.all(lake.read("models"), lake.read("model_states")),
                    lake.read("predictions", asOf),
                    asOf));
        }
        if (lake.version("predictions") >= 0) {
            checks.add(
                    predictions(lake.read("predictions", asOf), lake.read("prediction_list", asOf), policy.version()));
            checks.addAll(drift(lake.read("model_drift", asOf), policy));
        }
        checks.add(sources(lake, asOf));
        if (totals.classified() >= policy.gate().min_entities_for_shares()) {
            policy.gate()
                    .class_shares()
                    .forEach(share -> checks.add(Guards.share(share, totals.classes, totals.classified())));
        }
        if (policy.gate().guards() != null) {
            checks.addAll(Guards.checks(lake, policy.gate(), asOf, list, riskClasses));
        }
        return new Findings(totals.classes, checks);
    }

    /** Every member of a field is listed there once, in the class and with the score that were worked out, to which its points add up. */
    static Check fields(Dataset<Row> classes, Dataset<Row> list, Dataset<Row> contributions, String policyVersion) {
        Column[] key = {col("entity_id"), col("field")};
        Column said = struct(
                col("special_class"), col("combined_class"), col("score"), col("known_at"), col("policy_version"));
        Column nothing = lit(null)
                .cast(
                        "struct<special_class:string,combined_class:string,score:int,known_at:date,policy_version:string>");
        Column points = lit(null).cast("bigint");
        Row found = classes.select(key[0], key[1], said.as("classed"), nothing.as("listed"), points.as("points"))
                .union(list.select(key[0], key[1], nothing, said, points))
                .union(contributions.select(
                        key[0], key[1], nothing, nothing, col("counted").cast("bigint")))
                .groupBy(key)
                .agg(
                        max("classed").as("classed"),
                        max("listed").as("listed"),
                        count("listed").as("times"),
                        sum("points").as("points"))
                .agg(
                        count(lit(1)),
                        number(not(coalesce(
                                col("times")
                                        .equalTo(1)
                                        .and(col("classed").equalTo(col("listed")))
                                        .and(col("classed.score").equalTo(col("points")))
                                        .and(col("classed.policy_version").equalTo(policyVersion)),
                                lit(false)))))
                .head();
        long wrong = found.isNullAt(1) ? 0 : found.getLong(1);
        return new Check(
                "members of fields listed once, their points add up",
                wrong == 0 ? Verdict.PASS : Verdict.BLOCK,
                wrong == 0
                        ? String.format(
                                Locale.ROOT, "%,d members are listed once each, their points add up", found.getLong(0))
                        : String.format(
                                Locale.ROOT,
                                "%,d of %,d members are not listed as they were classed, under policy %s",
                                wrong,
                                found.getLong(0),
                                policyVersion));
    }

    /**
     * Whether nothing is listed otherwise.
     *
     * @param told of how many there are, how many are listed otherwise, and the policy version
     * @param found both numbers; the second null where there are none
     */
    static Check listed(String name, String told, Row found, String policyVersion) {
        long wrong = found.isNullAt(1) ? 0 : found.getLong(1);
        return new Check(
                name,
                wrong == 0 ? Verdict.PASS : Verdict.BLOCK,
                String.format(Locale.ROOT, told, found.getLong(0), wrong, policyVersion));
    }

    /** What was scored is what the registry says is in force: nobody was promoted or retired behind the list's back. */
    public static Check inForce(Map<String, Registry> registries, Dataset<Row> predictions, LocalDate asOf) {
        List<String> told = new ArrayList<>();
        registries.forEach((model, registry) -> registry.scoring(asOf)
                .forEach(version -> told.add(model + " " + version.version() + " "
                        + registry.state(version.version(), asOf).orElseThrow())));
        List<String> scored = predictions.select("model", "model_version", "state").distinct().collectAsList().stream()
                .map(row -> row.getString(0) + " " + row.getString(1) + " " + row.getString(2))
                .toList();
        boolean same = told.size() == scored.size() && told.containsAll(scored);
        return new Check(
                "models in force scored",
                same ? Verdict.PASS : Verdict.BLOCK,
                same
                        ? told.size() + " versions are in force, and scored"
                        : "in force: " + String.join(", ", told) + "; scored: " + String.join(", ", scored));
    }

    /** Every entity a champion speaks of is listed once with the probability that was worked out. */
    static Check predictions(Dataset<Row> predictions, Dataset<Row> list, String policyVersion) {
        Column[] key = {col("entity_id"), col("model"), col("model_version")};
        Column said = struct(
                col("probability").cast("decimal(5,4)").as("probability"), col("known_at"), col("policy_version"));
        Column nothing = lit(null).cast("struct<probability:decimal(5,4),known_at:date,policy_version:string>");
        Row found = predictions
                .where(col("state").equalTo("champion"))
                .select(key[0], key[1], key[2], said.as("foretold"), nothing.as("listed"))
                .union(list.select(key[0], key[1], key[2], nothing, said))
                .groupBy(key)
                .agg(
                        max("foretold").as("foretold"),
                        max("listed").as("listed"),
                        count("listed").as("times"))
                .agg(
                        count(lit(1)),
                        number(not(coalesce(
                                col("times")
                                        .equalTo(1)
                                        .and(col("foretold").equalTo(col("listed")))
                                        .and(col("foretold.policy_version").equalTo(policyVersion)),
                                lit(false)))))
                .head();
        return listed(
                "predictions listed once, as they were worked out",
                "%,d predictions of champions, %,d listed otherwise, under policy %s",
                found,
                policyVersion);
    }

    /** How far the scores of a model have moved from those of the cases it was fitted on; told, and nothing more. */
    private static List<Check> drift(Dataset<Row> drift, Policy policy) {
        return drift.where(col("measure").equalTo("score")).orderBy("model", "model_version").collectAsList().stream()
                .map(row -> new Check(
                        "drift of " + row.getAs("model") + " " + row.getAs("model_version"),
                        row.<BigDecimal>getAs("psi").doubleValue()
                                        > policy.models().drift()
                                ? Verdict.WARN
                                : Verdict.PASS,
                        String.format(
                                Locale.ROOT,
                                "score index %.3f, by chance %.3f, at most %.2f; it expects %,.0f bad of %,d, AUC %s",
                                row.<BigDecimal>getAs("psi"),
                                row.<BigDecimal>getAs("psi_by_chance"),
                                policy.models().drift(),
                                row.<BigDecimal>getAs("expected_bad"),
                                row.<Long>getAs("entities"),
                                row.isNullAt(row.fieldIndex("expected_auc"))
                                        ? "not known"
                                        : row.<BigDecimal>getAs("expected_auc").setScale(3, RoundingMode.HALF_UP))))
                .toList();
    }

    /** For every delivery records = accepted + quarantined + duplicates, and the raw tables hold just the accepted rows. */
    private static Check conservation(Lake lake) {
        Map<String, Long> there = new HashMap<>();
        rawCounts(lake)
                .map(Dataset::collectAsList)
                .orElse(List.of())
                .forEach(r -> there.put(r.getString(0), r.getLong(1)));
        StringBuilder wrong = new StringBuilder();
        long unbalanced = 0;
        long total = 0;
        for (Row row : lake.read("deliveries")
                .groupBy("table")
                .agg(
                        sum("accepted"),
                        sum(when(
                                        col("records")
                                                .equalTo(col("accepted")
                                                        .plus(col("quarantined"))
                                                        .plus(col("duplicates"))),
                                        0)
                                .otherwise(1)))
                .orderBy("table")
                .collectAsList()) {
            long found = there.getOrDefault(row.getString(0), 0L);
            total += found;
            unbalanced += row.getLong(2);
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

    /** Rows of each raw table by a forced scan: a bare count would be answered by the footers of the files. */
    private static Optional<Dataset<Row>> rawCounts(Lake lake) {
        return Contract.all().values().stream()
                .filter(c -> c.raw() && lake.version(c.id()) >= 0)
                .map(c -> lake.read(c.id())
                        .select(lit(c.id()).as("table"), col("row_hash"))
                        .groupBy("table")
                        .agg(count("row_hash")))
                .reduce(Dataset::union);
    }

    /**
     * The three tables of a day, added up by class. One row per entity first, with what each table says of it: one shuffle, no join.
     */
    private static Totals totals(
            Dataset<Row> list, Dataset<Row> contributions, Dataset<Row> riskClasses, String policyVersion) {
        Column said = struct(
                col("risk_class"),
                col("score"),
                col("city_class"),
                col("province_class"),
                col("known_at"),
                col("policy_version"));
        Column nothing = lit(null)
                .cast(
                        "struct<risk_class:string,score:int,city_class:string,province_class:string,known_at:date,policy_version:string>");
        Column points = lit(null).cast("bigint");
        Column floor = lit(null).cast("string");
        Column id = col("entity_id");
        // Field by field: a struct of nulls equals a struct of nulls, and a null score must never agree.
        Column agrees = col("class")
                .notEqual(NONE)
                .and(col("listed.risk_class").equalTo(col("classed.risk_class")))
                .and(col("listed.score").equalTo(col("classed.score")))
                .and(col("listed.city_class").eqNullSafe(col("classed.city_class")))
                .and(col("listed.province_class").eqNullSafe(col("classed.province_class")))
                .and(col("listed.known_at").equalTo(col("classed.known_at")))
                .and(col("listed.policy_version").equalTo(col("classed.policy_version")))
                .and(col("listed.policy_version").equalTo(policyVersion));
        Totals totals = new Totals();
        riskClasses
                .select(id, said.as("classed"), nothing.as("listed"), points.as("points"), floor.as("floor"))
                .union(list.select(id, nothing, said, points, floor))
                .union(contributions.select(id, nothing, nothing, col("counted").cast("bigint"), col("class_floor")))
                .groupBy("entity_id")
                .agg(
                        max("classed").as("classed"),
                        count("classed").as("classings"),
                        max("listed").as("listed"),
                        count("listed").as("times"),
                        coalesce(sum("points"), lit(0)).as("points"),
                        coalesce(max("floor"), lit("A")).as("floor"))
                .withColumn("class", coalesce(col("classed.risk_class"), lit(NONE)))
                .groupBy("class")
                .agg(
                        sum("classings"),
                        number(not(coalesce(
                                col("classed.score").equalTo(col("points")),
                                col("class").equalTo(NONE)))),
                        number(col("class").notEqual(NONE).and(col("class").lt(col("floor")))),
                        sum("times"),
                        number(col("times").equalTo(1)),
                        number(col("times").gt(0).and(not(coalesce(agrees, lit(false))))))
                .collectAsList()
                .forEach(totals::add);
        return totals;
    }

    private static Column number(Column condition) {
        return sum(when(condition, 1).otherwise(0));
    }

    /** What the three tables of a day say, in numbers of entities; {@code listed} in rows. */
    private static final class Totals {
        final Map<String, Long> classes = new LinkedHashMap<>();
        long sumsOff;
        long betterThanFloor;
        long listed;
        long listedOnce;
        long disagree;

        Totals() {
            CLASSES.forEach(c -> classes.put(c, 0L));
        }

        void add(Row row) {
            classes.put(row.getString(0), row.getLong(1));
            sumsOff += row.getLong(2);
            betterThanFloor += row.getLong(3);
            listed += row.getLong(4);
            listedOnce += row.getLong(5);
            disagree += row.getLong(6);
        }

        long classified() {
            return classes.entrySet().stream()
                    .filter(e -> !e.getKey().equals(NONE))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
        }
    }

    /** Counted points add up to the score, and no class is better than its floor, for every entity. */
    private static Check scores(Totals totals) {
        return new Check(
                "points add up to the score",
                totals.sumsOff + totals.betterThanFloor == 0 ? Verdict.PASS : Verdict.BLOCK,
                String.format(
                        Locale.ROOT,
                        "%,d entities, %,d sums off, %,d classes better than a floor",
                        totals.classified(),
                        totals.sumsOff,
                        totals.betterThanFloor));
    }

    /** Every classified entity is on the list once, and the list is not empty. */
    private static Check coverage(Totals totals) {
        long classified = totals.classified();
        boolean covered = totals.listed == classified && totals.listedOnce == classified && classified > 0;
        return new Check(
                "every classified entity listed once",
                covered ? Verdict.PASS : Verdict.BLOCK,
                String.format(
                        Locale.ROOT,
                        "%,d classified, %,d listed, %,d of them once",
                        classified,
                        totals.listed,
                        totals.listedOnce));
    }

    /** The list says of every entity what the classes say, both under the policy at hand: neither was built without the other. */
    private static Check agreement(Totals totals, String policyVersion) {
        return new Check(
                "list and classes agree",
                totals.disagree == 0 ? Verdict.PASS : Verdict.BLOCK,
                String.format(
                        Locale.ROOT,
                        "%,d entities differ in class, the city's or the province's, score, known-at or policy version %s",
                        totals.disagree,
                        policyVersion));
    }

    /** What a source that is late would tell is unknown, and the list says so. */
    private static Check sources(Lake lake, LocalDate asOf) {
        List<Quality.Source> all = Quality.sources(lake, asOf);
        long connected = all.stream().filter(source -> source.last() != null).count();
        String late = all.stream()
                .filter(Quality.Source::late)
                .map(Quality.Source::said)
                .collect(Collectors.joining("; "));
        return new Check(
                "sources up to date",
                late.isEmpty() ? Verdict.PASS : Verdict.WARN,
                late.isEmpty() ? connected + " sources, none late" : late);
    }
}
