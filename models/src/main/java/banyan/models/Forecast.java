package banyan.models;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
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
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What a learned model is asked, and what it may know: one file {@code models/learned/<model>.yaml}. Features are measured as indicators
 * are, all over one table in one aggregation, of what was known on a day; the outcome lies behind that day.
 *
 * @param name what is foretold
 * @param basis why, and whether that is public
 * @param outcome how it turned out
 * @param features what the model may know
 */
public record Forecast(String id, Words name, String basis, Outcome outcome, List<Feature> features) {
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

    /** What enterprises may have in common. */
    private static final Set<String> BY = new TreeSet<>(Set.of("area_code", "industry_code", "sector", "entity_kind"));

    /**
     * An enterprise has an outcome where it was looked at: one without any is neither good nor bad.
     *
     * @param table records of looking
     * @param where those that count, such as no follow-ups of what is known; all where null
     * @param bad what makes one bad
     * @param happened the column with its day: d counts for the day t where t < d ≤ t + months
     * @param months of the window
     * @param delay days after the window until its records have been received: before that the outcome is not ripe
     */
    public record Outcome(String table, String where, String bad, String happened, int months, int delay) {
        /** The last day of the window that begins behind a day. */
        public LocalDate ends(LocalDate day) {
            return day.plusMonths(months);
        }

        /** The day from which the outcome of a day is ripe. */
        public LocalDate ripe(LocalDate day) {
            return ends(day).plusDays(delay);
        }

        /**
         * One row per enterprise that was looked at: entity_id, bad (1 or 0), looked_on (the first day on which it was bad, else the first).
         *
         * @param records of the table, however many days
         */
        public Dataset<Row> of(Dataset<Row> records, LocalDate day) {
            Column within = col(happened).gt(lit(day)).and(col(happened).leq(lit(ends(day))));
            return records.where(within.and(expr(where == null ? "true" : where))
                            .and(col("entity_id").isNotNull()))
                    .groupBy("entity_id")
                    .agg(
                            max(when(expr(bad), 1).otherwise(0)).as("bad"),
                            coalesce(min(when(expr(bad), col(happened))), min(col(happened)))
                                    .as("looked_on"));
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

    /**
     * @param file its path; {@code …/id.yaml}
     * @throws InvalidDefinition if a key is missing or unknown, a table or column is not there, or a feature names what it may not
     */
    public static Forecast parse(String file, String text) {
        Forecast written = Definitions.yaml(file, text, Forecast.class);
        String id = file.substring(file.lastIndexOf('/') + 1).replaceFirst("\\.yaml$", "");
        Forecast forecast = new Forecast(id, written.name, written.basis, written.outcome, written.features);
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
            String said = feature.id + " " + feature.where + " " + feature.measure;
            for (String word : said.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}_]+")) {
                if (DENIED.contains(word)) {
                    throw new InvalidDefinition(
                            file,
                            at + "it names " + word + "; no model may know who inspects, or anything of a person");
                }
            }
        }
        return forecast;
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
     * One row per entity: entity_id and each feature, a double; null where it is unknown.
     *
     * @param entities one row per entity, with entity_id and the columns that features are measured by
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
            Dataset<Row> wide = measured(day, entities, facts, null);
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
            List<Column> columns = new ArrayList<>(List.of(col("entity_id")));
            features.forEach(f -> columns.add(col(f.id)));
            return wide.select(columns.toArray(Column[]::new));
        } catch (Exception e) { // Scala's checked ones are not declared
            throw Index.invalid("learned/" + id + ".yaml", e);
        }
    }

    private Dataset<Row> measured(LocalDate day, Dataset<Row> entities, Map<String, Dataset<Row>> facts, String by) {
        List<Feature> here =
                features.stream().filter(f -> Objects.equals(f.by, by)).toList();
        Measures measures = new Measures(here.stream().map(Feature::indicator).toList(), Map.of(), day);
        List<Column> columns = new ArrayList<>(List.of(col("entity_id")));
        here.forEach(f -> columns.add(col(f.id).cast("double").as(f.id)));
        Map<String, Dataset<Row>> past = new HashMap<>(facts);
        // A record that is dated after the day though it was known then is of the outcome alone.
        past.computeIfPresent(
                outcome.table, (table, rows) -> rows.where(col(outcome.happened).leq(lit(day))));
        return measures.wide(entities, past).select(columns.toArray(Column[]::new));
    }
}
