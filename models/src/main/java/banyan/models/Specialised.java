package banyan.models;

import static org.apache.spark.sql.functions.array_except;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.instr;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.when;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/**
 * Specialised classes on one day (专业型): food, intellectual property, consumer rights, and individual businesses, each an index of its
 * own under the scheme that is adopted, for those that the field speaks of. All fields are measured at once, so that a table costs one
 * aggregation however many of them look at it.
 *
 * <p>A step makes the class better only where none makes it worse. In a field the worse of the general class and its own counts ({@code
 * handbook: specialised §1}, proposed default).
 */
public final class Specialised {
    private static final String CLASSES =
            Arrays.stream(RiskClass.values()).map(RiskClass::name).collect(Collectors.joining());

    private final List<Index> fields;
    private final Measures measures;
    private final List<String> general;

    /** @param general the fields whose class is the general one of those they speak of */
    Specialised(List<Index> fields, LocalDate day, List<String> general) {
        this.fields = fields;
        this.general = general;
        this.measures = Measures.of(fields, day);
    }

    /** The field whose class is the general one of those whom the index of enterprises does not speak of; empty where there is none. */
    public Optional<Index> instead() {
        return fields.stream().filter(field -> general.contains(field.id())).findFirst();
    }

    /** One field by itself, of those whose general class is the one they have there. */
    public static Classing alone(Index field, LocalDate day) {
        Specialised one = new Specialised(List.of(field), day, List.of(field.id()));
        return new Classing() {
            @Override
            public Dataset<Row> measure(Dataset<Row> entities, Map<String, Dataset<Row>> facts) {
                return one.measure(entities, facts);
            }

            @Override
            public Dataset<Row> contributions(Dataset<Row> wide) {
                return one.contributions(wide).drop("field");
            }

            @Override
            public Dataset<Row> classes(Dataset<Row> contributions, Dataset<Row> entities) {
                return one.classes(
                                contributions.withColumn("field", lit(field.id())),
                                entities.select(
                                        col("entity_id"), lit("unclassified").as("risk_class")))
                        .withColumnRenamed("special_class", "risk_class");
            }
        };
    }

    /** The index of each field, in the order of their ids. */
    public List<Index> fields() {
        return fields;
    }

    /** The index of a field; empty where it has no scheme on the day. */
    public Optional<Index> field(String id) {
        return fields.stream().filter(index -> index.id().equals(id)).findFirst();
    }

    /** {@link Index#edition} of each field. */
    public String edition() {
        return fields.stream().map(field -> field.id() + " " + field.edition()).collect(Collectors.joining("; "));
    }

    /** {@link Index#crossing} of all fields. */
    public Dataset<Row> crossing(String table, Dataset<Row> facts, LocalDate before) {
        return measures.crossing(table, facts, before);
    }

    /** Whether an indicator of any field names a column of a table: what others hold beside its keys changes nothing that is measured. */
    public boolean names(String table, String column) {
        return measures.indicators().stream().anyMatch(i -> i.table().equals(table) && i.names(column));
    }

    /** The tables that the indicators measure. */
    public Iterable<String> tables() {
        return new TreeSet<>(
                measures.indicators().stream().map(Indicator::table).toList());
    }

    /** Whether an entity may have a class in any field. */
    public Column inScope() {
        return fields.stream().map(Index::inScope).reduce(lit(false), Column::or);
    }

    /**
     * {@link Index#measure} of all fields, with {@code <field>__member}, whether the field speaks of the entity.
     *
     * @param entities one row per entity, with the columns that the schemes' scopes name
     */
    public Dataset<Row> measure(Dataset<Row> entities, Map<String, Dataset<Row>> facts) {
        Dataset<Row> scoped = entities;
        List<String> scopes = new ArrayList<>();
        for (Index field : fields) {
            scoped = scoped.withColumn(field.id() + "__scope", field.inScope());
            scopes.add(field.id() + "__scope");
        }
        Dataset<Row> wide = measures.wide(scoped, facts, scopes.toArray(String[]::new));
        for (Index field : fields) {
            wide = wide.withColumn(
                    field.id() + "__member",
                    col(field.id() + "__scope")
                            .and(coalesce(expr(field.classes().member()), lit(false))));
        }
        return wide;
    }

    /**
     * {@link Index#contributions} of all fields; every member of a field has a row there, of kind {@code member} where nothing else.
     *
     * @param wide what {@link #measure} gives
     * @return entity_id, field, and the columns of the general contributions
     */
    public Dataset<Row> contributions(Dataset<Row> wide) {
        return Index.contributions(wide, fields).withColumnRenamed("index", "field");
    }

    /**
     * One row per member of a field: entity_id, field, special_class, score, class_by_score, city_class, province_class, general_class,
     * combined_class, reason_codes, top_reasons.
     *
     * @param contributions what {@link #contributions} gives
     * @param classes one row per entity with its risk_class
     */
    public Dataset<Row> classes(Dataset<Row> contributions, Dataset<Row> classes) {
        List<Column> sums = new ArrayList<>(Index.sums());
        sums.add(expr("max(value) filter (where kind = 'step' and value > 0)").as("worse"));
        sums.add(expr("min(value) filter (where kind = 'step' and value < 0)").as("better"));
        sums.add(expr("collect_set(indicator) filter (where kind = 'step' and value < 0)")
                .as("praise"));
        Column byScore = lit(null).cast("string");
        for (Index field : fields) {
            byScore = when(col("field").equalTo(field.id()), field.classOf(col("score")))
                    .otherwise(byScore);
        }
        Column steps = coalesce(col("worse"), col("better"), lit(0)).cast("int");
        Column stepped = substring(
                lit(CLASSES),
                greatest(
                        lit(1),
                        least(
                                lit(CLASSES.length()),
                                instr(lit(CLASSES), col("class_by_score")).plus(steps))),
                lit(1));
        Column classified = when(col("risk_class").notEqual("unclassified"), col("risk_class"));
        Column stands = col("field").isin(general.toArray());
        Column instead = max(when(stands, col("special_class"))).over(Window.partitionBy("entity_id"));
        return contributions
                .groupBy("entity_id", "field")
                .agg(sums.get(0), sums.subList(1, sums.size()).toArray(Column[]::new))
                .withColumn("class_by_score", byScore)
                .withColumn("city_class", greatest(stepped, col("floor")))
                .withColumn("special_class", greatest(col("city_class"), Index.byProvince()))
                .join(classes.select(col("entity_id"), classified.as("general_class")), "entity_id")
                .withColumn("general_class", coalesce(col("general_class"), when(not(stands), instead)))
                .select(
                        col("entity_id"),
                        col("field"),
                        col("special_class"),
                        col("score"),
                        col("class_by_score"),
                        col("city_class"),
                        Index.byProvince().as("province_class"),
                        col("general_class"),
                        greatest(col("special_class"), col("general_class")).as("combined_class"),
                        Index.reasonCodes(
                                        col("city_class"),
                                        when(col("worse").isNotNull(), array_except(col("reason_codes"), col("praise")))
                                                .otherwise(col("reason_codes")))
                                .as("reason_codes"),
                        col("top_reasons"));
    }
}
