package banyan.models;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_distinct;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.explode_outer;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.replace;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.slice;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import banyan.schemas.InvalidDefinition;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;

/**
 * An index on one day, of enterprises or of a field: the indicators and classes in force, compiled so that all indicators over one table
 * cost one aggregation.
 *
 * <p>{@code score = clip(Σ_g min(cap_g, Σ_i points_i · decay_i) − min(bonus_cap, bonus), 0, Σ_g cap_g)}, in exact decimals with one
 * half-up rounding at the end ({@code handbook: classification §5}, proposed default).
 */
public final class Index implements Classing {
    /** Most evidence ids a contribution keeps; {@code evidence_count} says how many there are. */
    public static final int EVIDENCE = 50;

    /** The index of enterprises. */
    public static final String GENERAL = "general";

    static final String POINTS = "decimal(14,4)";
    static final String VALUE = "decimal(20,4)";

    static final String BONUS = "bonus";
    private static final String PROVINCE = "province";
    private static final String RULE = "rule";
    private static final String MEMBER = "member";

    private final String id;
    private final String scheme;
    private final List<Indicator> indicators;
    private final Policy.Classes classes;
    private final LocalDate day;
    private final Measures measures;

    /** @param scheme of a field the one by which it is measured; null of the index of enterprises */
    Index(String id, String scheme, List<Indicator> indicators, Policy.Classes classes, LocalDate day) {
        this.id = id;
        this.scheme = scheme;
        this.indicators = indicators;
        this.classes = classes;
        this.day = day;
        this.measures = Measures.of(List.of(this), day);
    }

    /** The field it is of; {@code general} of enterprises. */
    public String id() {
        return id;
    }

    String scheme() {
        return scheme;
    }

    public List<Indicator> indicators() {
        return indicators;
    }

    public Policy.Classes classes() {
        return classes;
    }

    /** What reaches an enterprise from others; empty where nothing does. */
    public Optional<Association> association() {
        return Optional.ofNullable(classes.association()).map(rules -> new Association(rules, classes));
    }

    /** Who keeps a class that it had; empty where nobody does. */
    public Optional<Hysteresis> hysteresis() {
        return Optional.ofNullable(classes.hysteresis()).map(rules -> new Hysteresis(rules, this, day));
    }

    /** Which versions of which indicators and classes are in force: two days of one policy with the same edition are measured alike. */
    public String edition() {
        return (scheme == null ? "" : scheme + " ")
                + classes.from()
                + " "
                + indicators.stream().map(i -> i.id() + "@" + i.from()).sorted().collect(Collectors.joining(" "));
    }

    /** Overrides and floors, overrides first, and what the province's class is told by. */
    public List<Policy.Rule> rules() {
        return Stream.of(classes.overrides(), classes.floors(), province())
                .flatMap(List::stream)
                .toList();
    }

    /** What the province's class is told by; none where it sends none. */
    private List<Policy.Rule> province() {
        return Optional.ofNullable(classes.province()).orElse(List.of());
    }

    /** Whether an entity is classified. */
    public Column inScope() {
        return classes.scope().stream()
                .map(scope -> coalesce(expr(scope.only()), lit(false)))
                .reduce(lit(true), Column::and);
    }

    /** The tables that the indicators measure. */
    public Iterable<String> tables() {
        return new TreeSet<>(indicators.stream().map(Indicator::table).toList());
    }

    /**
     * One row per entity: for each indicator {@code i} its value in column {@code i} and, beside it, {@code i__points} (exact, before
     * caps), {@code i__evidence} (newest record ids) and {@code i__count}.
     *
     * @param entities one row per entity to score, with entity_id
     * @param facts table name → its rows as known on the day, with entity_id and record_id; of a table that is not there the source never
     *     delivered: what it would tell is unknown, null, and not nothing
     */
    @Override
    public Dataset<Row> measure(Dataset<Row> entities, Map<String, Dataset<Row>> facts) {
        return measures.wide(entities, facts);
    }

    /**
     * One row per entity, or per member of a field, and day: entity_id, as_of, score, what its own points come to, and floor, the worst
     * class of the rules that apply, null where none does; {@link #contributions} without what they rest on.
     *
     * @param entities with {@code as_of}, a row for each day
     * @param facts as {@link #measure} takes them, with {@code as_of}: the rows that count on each day
     */
    public Dataset<Row> scores(Dataset<Row> entities, Map<String, Dataset<Row>> facts) {
        Dataset<Row> wide = measures.bare(entities, facts);
        Dataset<Row> members = classes.member() == null ? wide : wide.where(classes.member());
        List<String> measured = List.of(wide.columns());
        Column points = lit(0);
        for (Policy.Group group : classes.groups()) {
            Column here = indicators.stream()
                    .filter(i -> group.id().equals(i.group()) && measured.contains(i.id() + "__points"))
                    .map(i -> col(i.id() + "__points"))
                    .reduce(lit(0), Column::plus);
            points = points.plus(least(here, lit(group.cap())));
        }
        Column off = classes.bonuses().stream()
                .map(bonus -> coalesce(pointsOf(bonus), lit(0)))
                .reduce(lit(0), Column::plus);
        Column worst = lit(null).cast("string");
        for (Policy.Rule rule : Stream.concat(classes.overrides().stream(), classes.floors().stream())
                .sorted(Comparator.comparing(Policy.Rule::riskClass))
                .toList()) {
            worst = when(expr(rule.when()), rule.riskClass().name()).otherwise(worst);
        }
        return members.select(
                col("entity_id"),
                col("as_of"),
                whole(points.plus(greatest(off, lit(-classes.bonus_cap()))), lit(most()))
                        .as("score"),
                worst.as("floor"));
    }

    /** {@link #scores} of the index's day, by contributions: of those alone that have any. */
    public Dataset<Row> scores(Dataset<Row> contributions) {
        return contributions
                .groupBy("entity_id")
                .agg(sum("counted").cast("int").as("score"), sums().get(1))
                .select(col("entity_id"), lit(day).as("as_of"), col("score"), col("floor"));
    }

    /** The most that a score can be. */
    private int most() {
        return classes.groups().stream().mapToInt(Policy.Group::cap).sum();
    }

    /** What a bonus gives, below 0. */
    private static Column pointsOf(Policy.Bonus bonus) {
        Column times = bonus.per() == null ? lit(1) : col(bonus.per());
        return when(expr(bonus.when()), times.multiply(-bonus.points())).otherwise(lit(0));
    }

    /**
     * Contributions: one row per entity and indicator or bonus that gave points, or rule that applied.
     *
     * @param wide what {@link #measure} gives
     * @return entity_id, indicator, kind, group, value, points, counted, class_floor, source_table, evidence, evidence_count
     */
    @Override
    public Dataset<Row> contributions(Dataset<Row> wide) {
        return contributions(wide, List.of(this)).drop("index");
    }

    /** The same of several indexes at once, with the one each row is of in {@code index}. */
    static Dataset<Row> contributions(Dataset<Row> wide, List<Index> indexes) {
        List<Column> rows = new ArrayList<>();
        indexes.forEach(index -> rows.addAll(index.rows(List.of(wide.columns()))));
        // The array in a step of its own: compiled there, interpreted inside the explosion. Outer, for else the
        // optimiser asks
        // the array's size before it, and for that writes it out a second time.
        Dataset<Row> exploded = wide.select(
                        col("entity_id"), array(rows.toArray(Column[]::new)).as("all"))
                .select(col("entity_id"), explode_outer(col("all")).as("c"))
                .where("c is not null")
                .select("entity_id", "c.*");
        return counted(exploded, indexes);
    }

    /** A contribution, or null, for each indicator, bonus and rule. */
    private List<Column> rows(List<String> measured) {
        List<Column> rows = new ArrayList<>();
        Column nothing = lit(null).cast(VALUE);
        List<Indicator> known = indicators.stream()
                .filter(i -> measured.contains(i.id() + "__points"))
                .toList();
        for (Indicator i : known) {
            if (i.group() != null) {
                rows.add(contribution(
                        "indicator",
                        i.id(),
                        i.group(),
                        col(i.id()),
                        col(i.id() + "__points"),
                        lit(null).cast("string"),
                        lit(i.table()),
                        col(i.id() + "__evidence"),
                        col(i.id() + "__count")));
            }
        }
        for (Policy.Bonus bonus : classes.bonuses()) {
            rows.add(ruleRow(
                    BONUS, bonus.id(), nothing, pointsOf(bonus), lit(null).cast("string"), bonus.when(), known));
        }
        for (Policy.Rule rule : classes.overrides()) {
            rows.add(ruleRow("override", rule.id(), nothing, lit(0), floor(rule), rule.when(), known));
        }
        for (Policy.Rule rule : classes.floors()) {
            rows.add(ruleRow("floor", rule.id(), nothing, lit(0), floor(rule), rule.when(), known));
        }
        for (Policy.Rule rule : province()) {
            rows.add(ruleRow(PROVINCE, rule.id(), nothing, lit(0), floor(rule), rule.when(), known));
        }
        for (Policy.Step step : steps()) {
            rows.add(ruleRow("step", step.id(), lit(step.by()), lit(0), bestIf(step.when()), step.when(), known));
        }
        if (classes.member() != null) {
            rows.add(ruleRow(MEMBER, id, nothing, lit(0), bestIf("true"), classes.member(), known));
            return rows.stream().map(row -> when(col(id + "__member"), row)).toList();
        }
        return rows;
    }

    /** Steps by which the class is better or worse than by score. */
    public List<Policy.Step> steps() {
        return Optional.ofNullable(classes.steps()).orElse(List.of());
    }

    /** A row that is there though it gives no points and no class: the best one. */
    private static Column bestIf(String condition) {
        return when(expr(condition), RiskClass.A.name());
    }

    /**
     * What the rows of an entity's contributions add up to: score, floor, by_province (class_floor and indicator of the province's
     * class), reason_codes and top_reasons.
     */
    static List<Column> sums() {
        return List.of(
                sum("counted").cast("int").as("score"),
                expr("max(class_floor) filter (where kind <> '" + PROVINCE + "')")
                        .as("floor"),
                expr("max(struct(class_floor, indicator)) filter (where kind = '" + PROVINCE + "')")
                        .as("by_province"),
                expr("transform(array_sort(collect_list(struct(class_floor, indicator))"
                                + " filter (where class_floor is not null and kind not in ('" + MEMBER + "', '"
                                + PROVINCE + "')),"
                                + " (l, r) -> case when l.class_floor > r.class_floor then -1 when l.class_floor < r.class_floor then 1"
                                + " when l.indicator < r.indicator then -1 when l.indicator > r.indicator then 1 else 0 end),"
                                + " x -> x.indicator)")
                        .as("reason_codes"),
                expr("slice(transform(array_sort(collect_list(struct(-counted as weight, indicator)) filter (where counted > 0)),"
                                + " x -> x.indicator), 1, 3)")
                        .as("top_reasons"));
    }

    /** The province's class. */
    static Column byProvince() {
        return col("by_province.class_floor");
    }

    /** Why the class is not better than by score: what the province says first, where it says worse than we do. */
    static Column reasonCodes(Column cityClass, Column reasons) {
        return when(byProvince().gt(cityClass), concat(array(col("by_province.indicator")), reasons))
                .otherwise(reasons);
    }

    /**
     * One row per entity: entity_id, risk_class, score, class_by_score, city_class, province_class, reason_codes, top_reasons,
     * unclassified_because.
     *
     * @param contributions what {@link #contributions} gives
     * @param entities one row per entity as known on the day
     */
    @Override
    public Dataset<Row> classes(Dataset<Row> contributions, Dataset<Row> entities) {
        List<Column> what = sums();
        Dataset<Row> sums = contributions
                .groupBy("entity_id")
                .agg(what.get(0), what.subList(1, what.size()).toArray(Column[]::new));
        Column because = lit(null).cast("string");
        for (int s = classes.scope().size() - 1; s >= 0; s--) {
            Policy.Scope scope = classes.scope().get(s);
            because = when(coalesce(expr(scope.only()), lit(false)), because).otherwise(lit(scope.because()));
        }
        Column none = array().cast("array<string>");
        return entities.select(col("entity_id"), because.as("unclassified_because"))
                .join(sums, "entity_id", "left")
                .withColumn("score", when(col("unclassified_because").isNull(), coalesce(col("score"), lit(0))))
                .withColumn("class_by_score", classOf(col("score")))
                .withColumn(
                        "city_class",
                        when(
                                col("unclassified_because").isNull(),
                                greatest(col("class_by_score"), coalesce(col("floor"), lit("A")))))
                .select(
                        col("entity_id"),
                        when(col("unclassified_because").isNotNull(), "unclassified")
                                .otherwise(greatest(col("city_class"), byProvince()))
                                .as("risk_class"),
                        col("score"),
                        col("class_by_score"),
                        col("city_class"),
                        when(col("unclassified_because").isNull(), byProvince()).as("province_class"),
                        reasonCodes(col("city_class"), coalesce(col("reason_codes"), none))
                                .as("reason_codes"),
                        coalesce(col("top_reasons"), none).as("top_reasons"),
                        col("unclassified_because"));
    }

    /**
     * Checks every expression against empty frames of the contracts, before any data is read.
     *
     * @param emptyEntities the entities table without rows
     * @param emptyFacts each measured table without rows
     * @throws InvalidDefinition naming the file and Spark's own hint
     */
    public void check(Dataset<Row> emptyEntities, Map<String, Dataset<Row>> emptyFacts) {
        for (Indicator i : indicators) {
            try {
                new Measures(List.of(i), Map.of(i.id(), classes.decay()), day).check(emptyFacts.get(i.table()));
            } catch (Exception e) {
                throw invalid(folder() + "indicators/" + i.id() + ".yaml", e);
            }
            if (i.group() != null && classes.groups().stream().noneMatch(g -> g.id().equals(i.group()))) {
                throw new InvalidDefinition(
                        folder() + "indicators/" + i.id() + ".yaml", "there is no group " + i.group());
            }
            if (i.twin() != null && indicators.stream().noneMatch(t -> t.id().equals(i.twin()))) {
                throw new InvalidDefinition(
                        folder() + "indicators/" + i.id() + ".yaml", "its twin " + i.twin() + " is no indicator");
            }
        }
        Dataset<Row> wide = measure(emptyEntities, emptyFacts);
        rules().forEach(rule -> checkCondition(wide, "rule " + rule.id(), rule.when()));
        steps().forEach(step -> checkCondition(wide, "step " + step.id(), step.when()));
        indicators.stream()
                .filter(i -> i.cure() != null && i.cure().given() != null)
                .forEach(i -> checkCondition(wide, "cure of " + i.id(), i.cure().given()));
        if (classes.member() != null) {
            checkCondition(wide, "member", classes.member());
        }
        classes.bonuses().forEach(bonus -> checkCondition(wide, "bonus " + bonus.id(), bonus.when()));
        classes.bonuses().stream().filter(bonus -> bonus.per() != null).forEach(bonus -> {
            if (indicators.stream().noneMatch(i -> i.id().equals(bonus.per()))) {
                throw new InvalidDefinition(
                        "classes",
                        "bonus " + bonus.id() + ": per " + bonus.per() + " is no indicator in force on " + day);
            }
        });
        association().ifPresent(association -> checkTies(association, emptyFacts.get("roles")));
        classes.scope().forEach(scope -> checkCondition(emptyEntities, "scope " + scope.because(), scope.only()));
    }

    /** The class of a score; null for a null score. A score on a boundary belongs to the worse class. */
    public Column classOf(Column score) {
        Column riskClass = lit(null).cast("string");
        for (Policy.ClassBand band : classes.bands()) {
            riskClass = when(score.geq(band.from()), band.riskClass().name()).otherwise(riskClass);
        }
        return riskClass;
    }

    /** What an indicator, bonus, override or floor is called. */
    public Words name(String id) {
        return indicators.stream()
                .filter(i -> i.id().equals(id))
                .map(Indicator::name)
                .findFirst()
                .or(() -> Optional.ofNullable(classes.association())
                        .filter(a -> a.id().equals(id))
                        .map(Policy.Association::name))
                .or(() -> Optional.ofNullable(classes.hysteresis())
                        .filter(h -> h.id().equals(id))
                        .map(Policy.Hysteresis::name))
                .orElseGet(() -> words(id));
    }

    /** The reason in words of an indicator, bonus, override or floor; {value} stands for what was measured. */
    public Words words(String id) {
        Optional<Words> indicator = indicators.stream()
                .filter(i -> i.id().equals(id))
                .map(i -> i.say() == null ? i.name() : i.say())
                .findFirst();
        return indicator
                .or(() -> rules().stream()
                        .filter(r -> r.id().equals(id))
                        .map(Policy.Rule::name)
                        .findFirst())
                .or(() -> classes.bonuses().stream()
                        .filter(b -> b.id().equals(id))
                        .map(Policy.Bonus::name)
                        .findFirst())
                .or(() -> classes.scope().stream()
                        .filter(s -> s.because().equals(id))
                        .map(Policy.Scope::name)
                        .findFirst())
                .or(() -> steps().stream()
                        .filter(s -> s.id().equals(id))
                        .map(Policy.Step::name)
                        .findFirst())
                .or(() -> Optional.ofNullable(classes.hysteresis())
                        .filter(h -> h.id().equals(id))
                        .map(Policy.Hysteresis::say))
                .or(() -> associated(id))
                .orElse(new Words(id, id));
    }

    private Optional<Words> associated(String id) {
        Policy.Association rules = classes.association();
        if (rules == null) {
            return Optional.empty();
        }
        return rules.id().equals(id)
                ? Optional.of(rules.say())
                : Optional.of(rules.sibling())
                        .filter(s -> s.id().equals(id))
                        .map(Policy.Sibling::name)
                        .or(() -> rules.ties().stream()
                                .filter(t -> t.id().equals(id))
                                .map(Policy.Tie::name)
                                .findFirst());
    }

    /** What the indicator, bonus or rule of a contribution is called. */
    public Column nameOf(Column id, String lang) {
        return saidOf(id, i -> lit(name(i).in(lang)));
    }

    /** The reason in words, with what was measured in its place. */
    public Column reasonOf(Column id, Column value, String lang) {
        return saidOf(id, i -> replace(lit(words(i).in(lang)), lit("{value}"), value));
    }

    private Column saidOf(Column id, Function<String, Column> said) {
        List<String> ids = new ArrayList<>();
        indicators.forEach(i -> ids.add(i.id()));
        rules().forEach(r -> ids.add(r.id()));
        steps().forEach(s -> ids.add(s.id()));
        classes.bonuses().forEach(b -> ids.add(b.id()));
        if (classes.association() != null) {
            ids.add(classes.association().id());
            ids.add(classes.association().sibling().id());
        }
        if (classes.hysteresis() != null) {
            ids.add(classes.hysteresis().id());
        }
        Column text = id;
        for (String one : ids) {
            text = when(id.equalTo(one), said.apply(one)).otherwise(text);
        }
        return text;
    }

    /**
     * The entities of records whose part in an indicator is another on the index's day than it was on an earlier one: a window or term
     * ended or began, decay took a step, an age changed. Nothing else about an entity without new facts can change by time alone.
     *
     * @param facts rows of a table as known on the index's day, with entity_id
     * @return entity_id, more than once where more than one record crossed
     */
    public Dataset<Row> crossing(String table, Dataset<Row> facts, LocalDate before) {
        return measures.crossing(table, facts, before);
    }

    private Column ruleRow(
            String kind,
            String id,
            Column value,
            Column points,
            Column floor,
            String condition,
            List<Indicator> known) {
        List<Indicator> named = known.stream()
                .filter(i -> Pattern.compile("\\b" + i.id() + "\\b")
                        .matcher(condition)
                        .find())
                .toList();
        Column empty = array().cast("array<string>");
        int newest =
                kind.equals(PROVINCE) ? 1 : EVIDENCE; // what the province said before is no ground for what it says
        Column evidence = named.isEmpty()
                ? empty
                : array_distinct(array_sort(concat(named.stream()
                        .map(i -> when(col(i.id()).gt(0), slice(coalesce(col(i.id() + "__evidence"), empty), 1, newest))
                                .otherwise(empty))
                        .toArray(Column[]::new))));
        String tables = String.join(
                ",", new TreeSet<>(named.stream().map(Indicator::table).toList()));
        return contribution(
                kind,
                id,
                kind.equals(BONUS) ? BONUS : RULE,
                value,
                points,
                floor,
                lit(tables),
                slice(evidence, 1, EVIDENCE),
                expr("cast(0 as int)"));
    }

    private static Column floor(Policy.Rule rule) {
        return when(expr(rule.when()), lit(rule.riskClass().name()));
    }

    /** Null where it adds nothing: most do not, and no evidence is gathered for those. */
    private Column contribution(
            String kind,
            String id,
            String group,
            Column value,
            Column points,
            Column floor,
            Column table,
            Column evidence,
            Column count) {
        Column contribution = struct(
                lit(id).as("indicator"),
                lit(kind).as("kind"),
                lit(group).as("group"),
                value.cast(VALUE).as("value"),
                points.cast(POINTS).as("points"),
                floor.as("class_floor"),
                table.as("source_table"),
                coalesce(evidence, array().cast("array<string>")).as("evidence"),
                count.as("evidence_count"),
                lit(this.id).as("index"));
        return when(points.notEqual(0).or(floor.isNotNull()), contribution);
    }

    /**
     * Caps and the one rounding, by running sums: what a row adds to the capped, clipped and rounded sum is what it counts, so the
     * counted points of an entity add up to its score whatever the caps cut.
     */
    private static Dataset<Row> counted(Dataset<Row> rows, List<Index> indexes) {
        Column cap = lit(null).cast(POINTS);
        Column order = lit(Integer.MAX_VALUE);
        Column most = lit(null).cast(POINTS);
        Column bonusCap = lit(null).cast(POINTS);
        for (Index index : indexes) {
            Column of = indexes.size() == 1 ? lit(true) : col("index").equalTo(index.id);
            int position = 0;
            for (Policy.Group group : index.classes.groups()) {
                Column here = of.and(col("group").equalTo(group.id()));
                cap = when(here, lit(group.cap())).otherwise(cap);
                order = when(here, lit(position++)).otherwise(order);
            }
            order = when(of.and(col("group").equalTo(BONUS)), lit(position)).otherwise(order);
            most = when(of, lit(index.most())).otherwise(most);
            bonusCap = when(of, lit(-index.classes.bonus_cap())).otherwise(bonusCap);
        }
        String[] ofIndex = indexes.size() == 1 ? new String[] {} : new String[] {"index"};
        String[] ofGroup =
                Stream.concat(Stream.of(ofIndex), Stream.of("position")).toArray(String[]::new);
        // Both windows in one order, so that one sort serves them.
        WindowSpec inGroup = Window.partitionBy("entity_id", ofGroup)
                .orderBy(col("points").desc(), col("indicator"))
                .rowsBetween(Window.unboundedPreceding(), Window.currentRow());
        WindowSpec inEntity = Window.partitionBy("entity_id", ofIndex)
                .orderBy(col("position"), col("points").desc(), col("indicator"))
                .rowsBetween(Window.unboundedPreceding(), Window.currentRow());
        Column running = col("running");
        Column before = running.minus(col("points"));
        Column capped = when(
                        col("group").equalTo(BONUS), greatest(running, bonusCap).minus(greatest(before, bonusCap)))
                .otherwise(least(running, cap).minus(least(before, cap)));
        Column total = col("total");
        return rows.withColumn("position", order)
                .withColumn("running", sum("points").over(inGroup).cast(POINTS))
                .withColumn("capped", coalesce(capped, lit(0)).cast(POINTS))
                .withColumn("total", sum("capped").over(inEntity).cast(POINTS))
                .withColumn("counted", whole(total, most).minus(whole(total.minus(col("capped")), most)))
                .withColumn(
                        "evidence_count",
                        when(col("kind").equalTo("indicator"), col("evidence_count"))
                                .otherwise(expr("size(evidence)")))
                .drop("position", "running", "capped", "total");
    }

    private static Column whole(Column points, Column most) {
        return round(greatest(lit(0), least(most, points)), 0).cast("int");
    }

    private void checkCondition(Dataset<Row> frame, String what, String condition) {
        try {
            frame.select(expr("cast((" + condition + ") as boolean)")).schema();
        } catch (Exception e) {
            throw invalid(folder() + "classes, " + what, e);
        }
    }

    private void checkTies(Association association, Dataset<Row> emptyRoles) {
        try {
            emptyRoles.select(association.tie(Policy.Tie.Of.roles)).schema();
        } catch (Exception e) {
            throw invalid(folder() + "classes, association, ties", e);
        }
    }

    /** Where its files lie in the policy. */
    private String folder() {
        return id.equals(GENERAL) ? "" : "special/" + id + "/";
    }

    static InvalidDefinition invalid(String file, Exception e) {
        String why = e instanceof AnalysisException a ? a.getSimpleMessage() : String.valueOf(e.getMessage());
        return new InvalidDefinition(file, why.lines().findFirst().orElse("").replaceFirst("^\\[[A-Z_.]+\\] ", ""));
    }
}
