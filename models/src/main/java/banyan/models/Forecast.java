package banyan.models;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import banyan.schemas.Contract;
import banyan.schemas.Definitions;
import banyan.schemas.InvalidDefinition;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What a learned model is asked, and what it may know: one file {@code models/learned/<model>.yaml}. Features are measured as indicators
 * are, all over one table in one aggregation, of what was known on a day; the outcome lies behind that day.
 *
 * @param name what is foretold
 * @param basis why, and whether that is public
 * @param scope the enterprises it speaks of, a condition on entities; all that are classified where null
 * @param outcome how it turned out
 * @param features what the model may know
 * @param strong feature → why it may tell as much alone as it does; without a reason such a model is not promoted
 * @param ridge λ by which a scorecard's coefficients are held back, the more the less a past says; 1 where null
 */
public record Forecast(
        String id,
        Words name,
        String basis,
        String scope,
        Outcome outcome,
        List<Feature> features,
        Map<String, String> strong,
        Double ridge) {
    /**
     * Words that no feature may name: who inspects, the team, the plan that sent them (a model that knows them foretells the inspector,
     * not the enterprise), and people. As in {@code scoring.md} §3, goal 4.
     */
    private static final Set<String> DENIED = Set.of(
            "inspector",
            "inspectors",
            "sanitarian",
            "team",
            "task",
            "plan_no",
            "authority",
            "sex",
            "gender",
            "birth",
            "born_on",
            "age_of_person",
            "legal_person",
            "person",
            "person_hash",
            "holder",
            "complainant",
            "claimant");

    /** Columns that stand beside features. */
    private static final Set<String> RESERVED = Set.of(
            "entity_id",
            "peer",
            "score",
            "as_of",
            "looked_on",
            "bad",
            "part",
            "group",
            "drawn",
            "violator",
            "rules",
            "area_code");

    /** What enterprises may have in common. */
    private static final Set<String> BY = new TreeSet<>(Set.of("area_code", "industry_code", "sector", "entity_kind"));

    /**
     * An enterprise has an outcome where it was looked at: one without any is neither good nor bad.
     *
     * @param table records of looking
     * @param where those that count, such as no follow-ups of what is known; all where null
     * @param bad what makes one bad
     * @param unclear records that are neither good nor bad, such as minor findings: they are no outcome; none where null
     * @param random records of looking where nobody chose whom; none where null
     * @param group who looked, an expression: for the check that a model does not foretell that, and for nothing else; not told where null
     * @param happened the column with its day: d counts for the day t where t < d ≤ t + months
     * @param months of the window
     * @param delay days after the window until its records have been received: before that the outcome is not ripe
     */
    public record Outcome(
            String table,
            String where,
            String bad,
            String unclear,
            String random,
            String group,
            String happened,
            int months,
            int delay) {
        /** The last day of the window that begins behind a day. */
        public LocalDate ends(LocalDate day) {
            return day.plusMonths(months);
        }

        /** The day from which the outcome of a day is ripe. */
        public LocalDate ripe(LocalDate day) {
            return ends(day).plusDays(delay);
        }

        /**
         * One row per enterprise that was looked at within the window behind a day: entity_id, bad (1 or 0), looked_on (the first day on
         * which it was bad, else the first), group of that look, and drawn: bad of its looks at random alone, null where there was none.
         *
         * @param records of the table, however many days
         */
        public Dataset<Row> of(Dataset<Row> records, LocalDate day) {
            return between(records, day, ends(day));
        }

        /** The same of the year that ended with a day: what the newest look back says. */
        public Dataset<Row> before(Dataset<Row> records, LocalDate day) {
            return between(records, day.minusYears(1), day);
        }

        private Dataset<Row> between(Dataset<Row> records, LocalDate after, LocalDate until) {
            Column within = col(happened).gt(lit(after)).and(col(happened).leq(lit(until)));
            Column clear = unclear == null ? lit(true) : not(coalesce(expr(unclear), lit(false)));
            return records.where(within.and(expr(where == null ? "true" : where))
                            .and(clear)
                            .and(col("entity_id").isNotNull()))
                    .groupBy("entity_id")
                    .agg(
                            min(struct(
                                            when(expr(bad), 0).otherwise(1).as("good"),
                                            col(happened).as("looked_on"),
                                            col("record_id"),
                                            coalesce(expr(group == null ? "''" : group), lit(""))
                                                    .cast("string")
                                                    .as("group")))
                                    .as("look"),
                            max(when(
                                            expr(random == null ? "false" : random),
                                            when(expr(bad), 1).otherwise(0)))
                                    .as("drawn"))
                    .select(
                            col("entity_id"),
                            lit(1).minus(col("look.good")).as("bad"),
                            col("look.looked_on"),
                            col("look.group"),
                            col("drawn"));
        }
    }

    /**
     * One number that is measured of an enterprise.
     *
     * @param table what it is measured of, as known on the day
     * @param where the records that matter; all where null
     * @param window the months up to the day in which a record counts; ever where null
     * @param measure a Spark SQL aggregate
     * @param absent the value of an enterprise without records; unknown where null
     * @param by a column of entities, such as area_code: then it is measured of the records of all enterprises that have it in common with
     *     this one, its own among them; null for its own alone
     */
    public record Feature(
            String id,
            Words name,
            String table,
            String where,
            Indicator.Window window,
            String measure,
            BigDecimal absent,
            String by) {
        private Indicator indicator() {
            return new Indicator(
                    id,
                    name,
                    null,
                    null,
                    LocalDate.MIN,
                    null,
                    null,
                    table,
                    where,
                    window,
                    measure,
                    absent,
                    null,
                    null,
                    null,
                    null,
                    false,
                    null,
                    null,
                    List.of());
        }
    }

    /** Those on the class path, by name. */
    public static SortedMap<String, Forecast> packaged() {
        SortedMap<String, Forecast> all = new TreeMap<>();
        Definitions.packaged("learned", ".yaml").forEach((file, text) -> {
            Forecast forecast = parse(file, text);
            all.put(forecast.id(), forecast);
        });
        return all;
    }

    /** Whether features may be measured of a table: of records that belong to enterprises, and are about no people. */
    public static boolean mayBeMeasured(Contract contract) {
        return contract.bitemporal()
                && contract.folder().equals("2-conformed")
                && contract.columnNames().contains("entity_id");
    }

    /**
     * @param file its path; {@code …/id.yaml}
     * @throws InvalidDefinition if a key is missing or unknown, a table or column is not there, or a feature names what it may not
     */
    public static Forecast parse(String file, String text) {
        Forecast written = Definitions.yaml(file, text, Forecast.class);
        String id = file.substring(file.lastIndexOf('/') + 1).replaceFirst("\\.yaml$", "");
        Forecast forecast = new Forecast(
                id,
                written.name,
                written.basis,
                written.scope,
                written.outcome,
                written.features,
                written.strong == null ? Map.of() : written.strong,
                written.ridge == null ? Double.valueOf(1) : written.ridge);
        Outcome outcome = forecast.outcome;
        if (forecast.name == null || forecast.basis == null || outcome == null || forecast.features == null) {
            throw new InvalidDefinition(file, "name, basis, outcome and features are needed");
        }
        if (outcome.table == null
                || outcome.bad == null
                || outcome.happened == null
                || outcome.months < 1
                || outcome.delay < 0) {
            throw new InvalidDefinition(
                    file, "an outcome needs table, bad and happened, months of at least 1 and a delay of at least 0");
        }
        refuseUnknown(file, outcome.table);
        if (!Contract.of(outcome.table).columnNames().contains(outcome.happened)) {
            throw new InvalidDefinition(file, outcome.table + " has no column " + outcome.happened);
        }
        Set<String> ids = new HashSet<>();
        for (Feature feature : forecast.features) {
            String at = "feature " + feature.id + ": ";
            if (feature.id == null || feature.name == null || feature.table == null || feature.measure == null) {
                throw new InvalidDefinition(file, at + "id, name, table and measure are needed");
            }
            if (!ids.add(feature.id)) {
                throw new InvalidDefinition(file, at + "there are two of that name");
            }
            if (RESERVED.contains(feature.id)) {
                throw new InvalidDefinition(file, at + "a feature cannot have that name; give another");
            }
            refuseUnknown(file, feature.table);
            if (Contract.of(feature.table).daily()) {
                throw new InvalidDefinition(
                        file, at + feature.table + " is worked out day by day; features are measured of records");
            }
            if (feature.by != null && !BY.contains(feature.by)) {
                throw new InvalidDefinition(
                        file, at + "features are measured by " + String.join(", ", BY) + ", not by " + feature.by);
            }
            if (Contract.of(feature.table).folder().equals(Contract.RESTRICTED)) {
                throw new InvalidDefinition(file, at + feature.table + " is about people, and no model may know them");
            }
            if (!mayBeMeasured(Contract.of(feature.table))) {
                throw new InvalidDefinition(file, at + feature.table + " holds no records of enterprises");
            }
            String said = feature.id + " " + feature.where + " " + feature.measure;
            for (String word : said.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}_]+")) {
                if (DENIED.contains(word)) {
                    throw new InvalidDefinition(
                            file,
                            at + "it names " + word + "; no model may know who inspects, or anything of a person");
                }
            }
        }
        if (!(forecast.ridge >= 0) || forecast.ridge.isInfinite()) {
            throw new InvalidDefinition(file, "ridge: " + forecast.ridge + " is no number of at least 0");
        }
        forecast.strong.keySet().stream().filter(of -> !ids.contains(of)).forEach(of -> {
            throw new InvalidDefinition(file, "strong: there is no feature " + of);
        });
        return forecast;
    }

    /** The names of those on the class path, in order. */
    public static List<String> names() {
        return Definitions.packaged("learned", ".yaml").keySet().stream()
                .map(file -> file.replaceFirst("\\.yaml$", ""))
                .toList();
    }

    /** The words that no feature may name, in order. */
    public static SortedSet<String> denied() {
        return new TreeSet<>(DENIED);
    }

    /** The text of one on the class path. */
    public static String text(String id) {
        return Definitions.packaged("learned", ".yaml").get(id + ".yaml");
    }

    /** Its features' names, in order. */
    public List<String> ids() {
        return features.stream().map(Feature::id).toList();
    }

    /** Whether another asks for the same of the same, however it is written or explained. */
    public boolean asksTheSame(Forecast other) {
        return Objects.equals(scope, other.scope)
                && outcome.equals(other.outcome)
                && features.equals(other.features)
                && ridge.equals(other.ridge);
    }

    /** The feature of this name. */
    public Feature feature(String of) {
        return features.stream().filter(f -> f.id.equals(of)).findFirst().orElseThrow();
    }

    /** Those of some enterprises that it speaks of. */
    public Dataset<Row> spokenOf(Dataset<Row> entities) {
        try {
            return scope == null ? entities : entities.where(scope);
        } catch (Exception e) { // Scala's checked ones are not declared
            throw Index.invalid("learned/" + id + ".yaml", e);
        }
    }

    private static void refuseUnknown(String file, String table) {
        if (!Contract.all().containsKey(table)) {
            throw new InvalidDefinition(file, "there is no table " + table);
        }
        if (!Contract.of(table).columnNames().contains("entity_id")) {
            throw new InvalidDefinition(file, table + " holds no entity_id");
        }
    }

    /** The tables that features are measured of. */
    public Iterable<String> tables() {
        return new TreeSet<>(features.stream().map(Feature::table).toList());
    }

    /** {@link Outcome#of}. */
    public Dataset<Row> outcomes(LocalDate day, Dataset<Row> records) {
        try {
            return outcome.of(records, day);
        } catch (Exception e) { // Scala's checked ones are not declared
            throw Index.invalid("learned/" + id + ".yaml", e);
        }
    }

    /**
     * One row per entity: entity_id, peer and each feature, a double; null where it is unknown.
     *
     * @param entities one row per entity, with entity_id, peer and the columns that features are measured by
     * @param all the same of all entities there are
     * @param facts table → the rows of those entities as known on the day; of one that is not there nothing is known
     * @param factsOfAll table → the rows of all entities
     */
    public Dataset<Row> features(
            LocalDate day,
            Dataset<Row> entities,
            Dataset<Row> all,
            Map<String, Dataset<Row>> facts,
            Map<String, Dataset<Row>> factsOfAll) {
        try {
            Dataset<Row> wide = measured(day, entities, facts, null, "peer");
            for (String by : new TreeSet<>(
                    features.stream().map(Feature::by).filter(Objects::nonNull).toList())) {
                Dataset<Row> belonging = all.select(col("entity_id").as("__of"), col(by).as("__by"));
                Map<String, Dataset<Row>> grouped = new HashMap<>();
                factsOfAll.forEach((table, rows) -> grouped.put(
                        table,
                        rows.join(belonging, rows.col("entity_id").equalTo(col("__of")))
                                .drop("entity_id", "__of")
                                .withColumnRenamed("__by", "entity_id")));
                Dataset<Row> groups = all.select(col(by).as("entity_id"))
                        .where(col("entity_id").isNotNull())
                        .distinct();
                Dataset<Row> ofGroups = measured(day, groups, grouped, by).withColumnRenamed("entity_id", "__group");
                wide = wide.join(entities.select(col("entity_id"), col(by).as("__group")), "entity_id")
                        .join(ofGroups, new String[] {"__group"}, "left")
                        .drop("__group");
            }
            List<Column> columns = new ArrayList<>(List.of(col("entity_id"), col("peer")));
            features.forEach(f -> columns.add(col(f.id)));
            return wide.select(columns.toArray(Column[]::new));
        } catch (Exception e) { // Scala's checked ones are not declared
            throw Index.invalid("learned/" + id + ".yaml", e);
        }
    }

    private Dataset<Row> measured(
            LocalDate day, Dataset<Row> entities, Map<String, Dataset<Row>> facts, String by, String... kept) {
        List<Feature> here =
                features.stream().filter(f -> Objects.equals(f.by, by)).toList();
        Measures measures = new Measures(here.stream().map(Feature::indicator).toList(), Map.of(), day);
        List<Column> columns = new ArrayList<>(List.of(col("entity_id")));
        Stream.of(kept).forEach(column -> columns.add(col(column)));
        here.forEach(f -> columns.add(col(f.id).cast("double").as(f.id)));
        Map<String, Dataset<Row>> past = new HashMap<>(facts);
        // A record that is dated after the day though it was known then is of the outcome alone.
        past.computeIfPresent(
                outcome.table, (table, rows) -> rows.where(col(outcome.happened).leq(lit(day))));
        return measures.wide(entities, past, kept).select(columns.toArray(Column[]::new));
    }
}
