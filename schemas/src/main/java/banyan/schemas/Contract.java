package banyan.schemas;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_compact;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.when;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What a table promises: one file in the ODCS 3.1 subset that {@code schemas/contracts} uses.
 *
 * <p>Custom properties: {@code quarantineLimit}, the largest share (0 to 1) of a delivery's or table's rows that may break the
 * contract; {@code drift}, see {@link #drift}; {@code slice}, what a write replaces ({@code delivery} or {@code day}); {@code bitemporal}, whether the rows are
 * versions with known_from and known_to; {@code happened}, {@code repaired} and {@code ended}, the columns that hold those clocks; {@code repairs},
 * see {@link #repairs}; {@code optional}, see {@link #optional}; {@code tells_of}, {@code others} where the rows of an entity tell of others
 * that it is tied to.
 */
public record Contract(
        String apiVersion,
        String kind,
        String id,
        String name,
        String version,
        String status,
        Description description,
        List<TableSchema> schema,
        List<ServiceLevel> slaProperties,
        List<CustomProperty> customProperties) {

    public record Description(String purpose) {}

    public record TableSchema(String name, String physicalType, List<Property> properties, List<Quality> quality) {
        public TableSchema {
            quality = quality == null ? List.of() : quality;
        }
    }

    /** One column. {@code physicalType} is Spark's DDL type, {@code businessName} the Chinese name. */
    public record Property(
            String name,
            String businessName,
            String logicalType,
            String physicalType,
            Boolean required,
            Boolean primaryKey,
            String classification,
            String description,
            Map<String, Object> logicalTypeOptions,
            List<Quality> quality,
            List<CustomProperty> customProperties) {
        public Property {
            required = required != null && required;
            primaryKey = primaryKey != null && primaryKey;
            logicalTypeOptions = logicalTypeOptions == null ? Map.of() : logicalTypeOptions;
            quality = quality == null ? List.of() : quality;
            customProperties = customProperties == null ? List.of() : customProperties;
        }

        /** What it means, in Chinese for those who read lists (custom property {@code help}); empty where nobody but engineers reads it. */
        public Optional<String> help() {
            return custom("help");
        }

        /** The list of codes whose words people read in its place (custom property {@code codes}). */
        public Optional<String> codes() {
            return custom("codes");
        }

        private Optional<String> custom(String name) {
            return customProperties.stream()
                    .filter(one -> one.property.equals(name))
                    .map(one -> one.value.toString())
                    .findFirst();
        }

        /**
         * What kind of identity of a person a sender writes here, in the option {@code format} of a raw column. Where the column is
         * classified {@code restricted} its pseudonym is kept, where {@code confidential} as much as may be shown; never the identity.
         */
        public Optional<Identity> identity() {
            return Optional.ofNullable(logicalTypeOptions.get("format")).map(f -> Identity.valueOf(f.toString()));
        }

        /** Whether its values stand for people: they stay in the restricted zone, and in no log, quarantine or workbook. */
        public boolean restricted() {
            return "restricted".equals(classification);
        }

        /** The type of its values. The usual ones are told without Spark's parser, which takes longer to start than to list tables. */
        public DataType type() {
            Matcher decimal = DECIMAL.matcher(physicalType);
            if (decimal.matches()) {
                return DataTypes.createDecimalType(
                        Integer.parseInt(decimal.group(1)), Integer.parseInt(decimal.group(2)));
            }
            return switch (physicalType) {
                case "string" -> DataTypes.StringType;
                case "int" -> DataTypes.IntegerType;
                case "bigint" -> DataTypes.LongType;
                case "boolean" -> DataTypes.BooleanType;
                case "date" -> DataTypes.DateType;
                case "timestamp" -> DataTypes.TimestampType;
                case "array<string>" -> DataTypes.createArrayType(DataTypes.StringType);
                default -> DataType.fromDDL(physicalType);
            };
        }
    }

    /**
     * What is expected of values, in one of three forms: metric {@code invalidValues} with the values there are and {@code mustBe: 0};
     * metric {@code nullValues} of a raw column, with {@code unit: percent} and {@code mustBeLessThan}, of every delivery; for a whole
     * row {@code type: custom, engine: spark} with a Spark SQL condition in {@code implementation} that is true or null of a row that
     * keeps it, {@code name} in English and {@code description} in Chinese.
     *
     * @param severity {@code error}, the usual: the row is set aside, of nullValues the file refused; {@code warning}: it is counted
     */
    public record Quality(
            String name,
            String description,
            String type,
            String engine,
            String implementation,
            String metric,
            Arguments arguments,
            Integer mustBe,
            BigDecimal mustBeLessThan,
            String unit,
            String severity) {
        public Quality {
            severity = severity == null ? "error" : severity;
        }

        boolean warns() {
            return severity.equals("warning");
        }

        private boolean ofValues() {
            return "invalidValues".equals(metric)
                    && arguments != null
                    && arguments.validValues != null
                    && Integer.valueOf(0).equals(mustBe);
        }

        private boolean ofDeliveries() {
            return "nullValues".equals(metric) && "percent".equals(unit) && mustBeLessThan != null;
        }

        private boolean ofRows() {
            return "custom".equals(type)
                    && "spark".equals(engine)
                    && Stream.of(name, description, implementation).allMatch(Objects::nonNull);
        }
    }

    public record Arguments(List<String> validValues) {}

    /** Kinds of identities of people; and an amount where else people may be named: of anything but an amount nothing is kept. */
    public enum Identity {
        id_number,
        phone,
        person_name,
        amount
    }

    /**
     * How decisions on repair name a record.
     *
     * @param objects codes of codes/repair_objects
     * @param number the column with the number of its decision
     */
    public record Repairable(List<String> objects, String number) {}

    /** {@code frequency}: a delivery is due after so many days at the latest. */
    public record ServiceLevel(String property, Integer value, String unit) {}

    /**
     * How much of a column may be blank in one delivery.
     *
     * @param below per cent of the records, not reached by a good delivery
     * @param refuses whether a delivery that reaches it is refused; otherwise that is told
     */
    public record Blanks(String column, BigDecimal below, boolean refuses) {}

    public record CustomProperty(String property, Object value) {}

    private static final Pattern DECIMAL = Pattern.compile("decimal\\((\\d+),(\\d+)\\)");
    private static final Set<String> SEVERITIES = Set.of("error", "warning");
    private static final Set<String> OPTIONS = Set.of("pattern", "minimum", "maximum", "format");
    /** The zone of what tells of people: of a lake on this machine only its owner may open it. */
    public static final String RESTRICTED = "restricted";

    private static final SortedMap<String, String> FOLDERS = new TreeMap<>();
    private static SortedMap<String, Contract> packaged;

    /** Every contract of the class path, by table name. */
    public static synchronized SortedMap<String, Contract> all() {
        if (packaged == null) {
            SortedMap<String, Contract> contracts = new TreeMap<>();
            Definitions.packaged("contracts", ".yaml").forEach((file, text) -> {
                Contract contract = parse(file, text);
                if (!file.endsWith("/" + contract.id + ".yaml")) {
                    throw new InvalidDefinition(file, "its id is " + contract.id + "; file and id must agree");
                }
                contracts.put(contract.id, contract);
                FOLDERS.put(contract.id, file.substring(0, file.indexOf('/')));
            });
            packaged = Collections.unmodifiableSortedMap(contracts);
        }
        return packaged;
    }

    /** @throws InvalidDefinition if there is no such contract */
    public static Contract of(String table) {
        Contract contract = all().get(table);
        if (contract == null) {
            throw new InvalidDefinition(
                    table + ".yaml", "there is no such contract; the tables are " + String.join(", ", all().keySet()));
        }
        return contract;
    }

    /** @throws InvalidDefinition if the text is not a contract of the subset, or names a type or rule that does not exist */
    public static Contract parse(String file, String text) {
        Contract contract = Definitions.yaml(file, text, Contract.class);
        if (contract.schema == null || contract.schema.size() != 1) {
            throw new InvalidDefinition(file, "a contract describes exactly one table under schema");
        }
        if (!contract.schema.get(0).name.equals(contract.id)) {
            throw new InvalidDefinition(file, "schema names " + contract.schema.get(0).name + ", id " + contract.id);
        }
        for (Property p : contract.properties()) {
            try {
                p.type();
            } catch (Exception e) {
                throw new InvalidDefinition(
                        file, p.name + " has the type " + p.physicalType + ", which Spark does not know");
            }
        }
        contract.properties().forEach(contract::checkRules);
        contract.checkQuality();
        contract.custom("happened").ifPresent(column -> contract.property(column));
        contract.custom("repaired").ifPresent(column -> contract.property(column));
        contract.custom("ended").ifPresent(column -> contract.property(column));
        contract.repairs().ifPresent(r -> contract.property(r.number()));
        contract.linked().forEach(contract::property);
        return contract;
    }

    /**
     * The folder of schemas/contracts and of the lake that a table lies in: 1-raw, 2-conformed, 3-scored, 4-published, restricted (what
     * tells of people) or ops.
     */
    public String folder() {
        return FOLDERS.get(id);
    }

    public List<Property> properties() {
        return schema.get(0).properties;
    }

    /** @throws InvalidDefinition if the table has no such column */
    public Property property(String column) {
        return properties().stream()
                .filter(p -> p.name.equals(column))
                .findFirst()
                .orElseThrow(() -> new InvalidDefinition(id + ".yaml", "it has no column " + column));
    }

    /** The table's columns in contract order; all nullable, for what must not be null is a rule, with the Chinese name as comment. */
    public StructType structType() {
        return new StructType(properties().stream()
                .map(p -> new StructField(
                        p.name,
                        p.type(),
                        true,
                        new MetadataBuilder()
                                .putString("comment", p.businessName)
                                .build()))
                .toArray(StructField[]::new));
    }

    /** Columns in contract order. */
    public Column[] columns() {
        return properties().stream().map(p -> col(p.name)).toArray(Column[]::new);
    }

    public List<String> columnNames() {
        return properties().stream().map(Property::name).toList();
    }

    public List<String> keys() {
        return properties().stream()
                .filter(Property::primaryKey)
                .map(Property::name)
                .toList();
    }

    public Optional<String> custom(String property) {
        return Optional.ofNullable(customProperties).orElse(List.of()).stream()
                .filter(p -> p.property.equals(property))
                .map(p -> String.valueOf(p.value))
                .findFirst();
    }

    public boolean bitemporal() {
        return custom("bitemporal").map(Boolean::parseBoolean).orElse(false);
    }

    /** Whether its rows are delivered records; all other tables are built. */
    public boolean raw() {
        return id.startsWith("raw_");
    }

    /** Whether it is made of raw tables: typed, and under the enterprise. */
    public boolean conformed() {
        return !raw() && Set.of("2-conformed", RESTRICTED).contains(folder());
    }

    /** Of a raw table: whether the city may do without this source. What it would tell is unknown then. */
    public boolean optional() {
        return custom("optional").map(Boolean::parseBoolean).orElse(false);
    }

    /** Whether the table keeps its days apart: its rows bear as_of, and a day is read and replaced as a whole. */
    public boolean daily() {
        return custom("slice").filter("day"::equals).isPresent();
    }

    /**
     * The days that say when a record speaks of its party, the first that is given; none of a table whose records are not linked to an
     * enterprise.
     */
    public List<String> linked() {
        return custom("linked").map(days -> List.of(days.split(",\\s*"))).orElse(List.of());
    }

    /**
     * Whether a row is a record as it was received, and not one that follows from another record: found later to belong to another
     * enterprise, or left behind by one. By default true of every row.
     */
    public Column received() {
        String otherwise = linked().isEmpty() ? "true" : "known_from = received_on";
        return expr(custom("received").orElse(otherwise));
    }

    /** What decisions on repair call a record of this table, and its column with the number they give; empty where they cannot name one. */
    public Optional<Repairable> repairs() {
        return custom("repairs").map(text -> {
            String[] parts = text.split("\\s+");
            return new Repairable(List.of(parts[0].split(",")), parts[1]);
        });
    }

    public double quarantineLimit() {
        return custom("quarantineLimit").map(Double::parseDouble).orElse(0.01);
    }

    /** How many days after the last a delivery is due at the latest; empty where none is promised. */
    public OptionalInt dueWithin() {
        return Optional.ofNullable(slaProperties).orElse(List.of()).stream()
                .mapToInt(ServiceLevel::value)
                .findFirst();
    }

    /**
     * By how much a delivery may differ from those before it of the same sender without being told of: the number of its records is
     * within their median times and divided by this. Proposed default: 2.
     */
    public double drift() {
        return custom("drift").map(Double::parseDouble).orElse(2.0);
    }

    public List<Blanks> blanks() {
        return properties().stream()
                .flatMap(p -> p.quality.stream()
                        .filter(Quality::ofDeliveries)
                        .map(q -> new Blanks(p.name, q.mustBeLessThan, !q.warns())))
                .toList();
    }

    private void checkRules(Property p) {
        for (String option : p.logicalTypeOptions.keySet()) {
            if (!OPTIONS.contains(option)) {
                throw new InvalidDefinition(
                        id + ".yaml",
                        p.name + " has the option " + option + "; known are pattern, minimum, maximum, format");
            }
        }
        if (p.logicalTypeOptions.containsKey("format") || p.restricted()) {
            checkIdentity(p);
        }
        for (Quality quality : p.quality) {
            if (!quality.ofValues() && !quality.ofDeliveries()) {
                throw new InvalidDefinition(
                        id + ".yaml",
                        p.name + " has a quality rule other than invalidValues mustBe 0 and nullValues"
                                + " mustBeLessThan percent");
            }
        }
    }

    private void checkIdentity(Property p) {
        Object format = p.logicalTypeOptions.get("format");
        boolean known = Stream.of(Identity.values()).anyMatch(i -> i.name().equals(format));
        boolean kept = p.restricted() || "confidential".equals(p.classification);
        if (format != null && !(known && kept && raw() && p.physicalType.equals("string"))) {
            throw new InvalidDefinition(
                    id + ".yaml",
                    p.name + " has the format " + format
                            + "; a raw text that is classified restricted or confidential may have one of "
                            + List.of(Identity.values()));
        }
    }

    private void checkQuality() {
        for (Quality quality : schema.get(0).quality) {
            if (!quality.ofRows()) {
                throw new InvalidDefinition(
                        id + ".yaml",
                        "a quality rule of whole rows needs type custom, engine spark, name, description and"
                                + " implementation");
            }
        }
        Stream.concat(schema.get(0).quality.stream(), properties().stream().flatMap(p -> p.quality.stream()))
                .filter(quality -> !SEVERITIES.contains(quality.severity))
                .forEach(quality -> {
                    throw new InvalidDefinition(
                            id + ".yaml", "the severity " + quality.severity + " is neither error nor warning");
                });
        for (ServiceLevel level : Optional.ofNullable(slaProperties).orElse(List.of())) {
            if (!"frequency".equals(level.property) || !"d".equals(level.unit) || level.value == null) {
                throw new InvalidDefinition(id + ".yaml", "slaProperties may hold a frequency in d, nothing else");
            }
        }
    }

    /**
     * Looks whether Spark understands the rules.
     *
     * @param rows of this table, none will do
     * @throws InvalidDefinition naming the rule that it does not
     */
    public void check(Dataset<Row> rows) {
        for (Quality quality : schema.get(0).quality) {
            try {
                rows.select(expr(quality.implementation).cast("boolean")).schema();
            } catch (Exception e) {
                throw new InvalidDefinition(
                        id + ".yaml",
                        "the rule '" + quality.name + "' cannot be used: "
                                + String.valueOf(e.getMessage())
                                        .lines()
                                        .findFirst()
                                        .orElse(""));
            }
        }
    }

    /** Rule, in words → whether a row keeps it, of those whose breach sets a row aside. A null keeps every rule but "is required". */
    public Map<String, Column> rules() {
        return rules(List.of(), false);
    }

    /** Rule, in words → whether a row keeps it, of those whose breach is counted and told. */
    public Map<String, Column> warnings() {
        return rules(List.of(), true);
    }

    private Map<String, Column> rules(List<String> except, boolean warnings) {
        Map<String, Column> rules = new LinkedHashMap<>();
        for (Property p :
                properties().stream().filter(p -> !except.contains(p.name)).toList()) {
            Column value = col(p.name);
            if (!warnings && p.required) {
                boolean text = p.type().equals(DataTypes.StringType);
                rules.put(
                        p.name + " is required",
                        text ? value.isNotNull().and(trim(value).notEqual("")) : value.isNotNull());
            }
            if (!warnings) {
                p.logicalTypeOptions.forEach((option, limit) -> {
                    switch (option) {
                        case "pattern" -> rules.put(p.name + " has the wrong form", value.rlike("^(?:" + limit + ")$"));
                        case "minimum" -> rules.put(p.name + " is below " + limit, value.geq(typed(p, limit)));
                        case "maximum" -> rules.put(p.name + " is above " + limit, value.leq(typed(p, limit)));
                        case "format" -> {} // of what is delivered, not of what is kept
                        default -> throw new IllegalStateException(option);
                    }
                });
            }
            p.quality.stream()
                    .filter(q -> q.ofValues() && q.warns() == warnings)
                    .forEach(q -> rules.put(
                            p.name + " is not one of " + String.join(", ", q.arguments.validValues),
                            value.isin(q.arguments.validValues.toArray())));
        }
        schema.get(0).quality.stream()
                .filter(q -> q.warns() == warnings)
                .forEach(q -> rules.put(q.name, coalesce(expr(q.implementation), lit(true))));
        return rules;
    }

    /**
     * The names of the rules a row breaks, in contract order; empty where it keeps them all. One pass, however many rules.
     *
     * @param except columns whose rules are not looked at
     */
    public Column broken(String... except) {
        Map<String, Column> faults = new LinkedHashMap<>();
        rules(List.of(except), false).forEach((rule, keeps) -> faults.put(rule, not(keeps)));
        return thoseThatHold(faults);
    }

    /**
     * The names of the conditions that are true of a row, in their order; empty where none is. A list of names is put together
     * without compiled code, so only for a row that one of them is true of.
     */
    public static Column thoseThatHold(Map<String, Column> conditions) {
        Column none = array().cast("array<string>");
        return conditions.values().stream()
                .reduce(Column::or)
                .map(any -> when(
                                any,
                                array_compact(array(conditions.entrySet().stream()
                                        .map(c -> when(c.getValue(), lit(c.getKey())))
                                        .toArray(Column[]::new))))
                        .otherwise(none))
                .orElse(none);
    }

    /**
     * The columns whose least and greatest values are kept for each file, so that readers pass over files: keys and days. Texts are
     * not: they cost a tenth of every write, and a person's name must not stand in a log.
     */
    public List<String> statistics() {
        return properties().stream()
                .filter(p -> !p.name.equals("as_of")) // the day is a folder
                .filter(p -> p.primaryKey
                        || p.physicalType.equals("date")
                        || p.name.endsWith("_id")
                        || p.name.equals("delivery"))
                .map(Property::name)
                .toList();
    }

    /** What creates the table: columns with their Chinese names as comments, and the properties that keep Delta's reader version at 1. */
    public String ddl(String location) {
        StringBuilder ddl = new StringBuilder("CREATE TABLE IF NOT EXISTS delta.`" + location + "` (\n");
        for (int i = 0; i < properties().size(); i++) {
            Property p = properties().get(i);
            ddl.append("  `").append(p.name).append("` ").append(p.physicalType);
            ddl.append(" COMMENT '").append(p.businessName.replace("'", "''")).append('\'');
            ddl.append(i + 1 < properties().size() ? ",\n" : "\n");
        }
        return ddl.append(") USING delta\n")
                .append(daily() ? "PARTITIONED BY (as_of)\n" : "")
                .append("COMMENT '")
                .append(name)
                .append("'\n")
                .append("TBLPROPERTIES ('delta.dataSkippingStatsColumns'='" + String.join(",", statistics())
                        + "', 'delta.enableDeletionVectors'='false', 'delta.checkpointPolicy'='classic', ")
                .append("'delta.deletedFileRetentionDuration'='interval 90 days', ")
                .append("'delta.logRetentionDuration'='interval 1095 days')")
                .toString();
    }

    private static Column typed(Property p, Object limit) {
        return lit(limit.toString()).cast(p.type());
    }
}
