package banyan.jobs.bench;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.input_file_name;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.monotonically_increasing_id;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.size;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Pipeline;
import banyan.jobs.Progress;
import banyan.jobs.Runner;
import banyan.jobs.Session;
import banyan.jobs.ingest.DeliveredFile;
import banyan.jobs.ingest.Deliveries;
import banyan.jobs.score.Contributions;
import banyan.models.Index;
import banyan.models.Indicator;
import banyan.models.Policy;
import banyan.schemas.Contract;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.expressions.Window;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The work as a first draft in Spark would do it, in a process of its own with Spark's default settings: {@code spark.read.csv}, lines
 * numbered by a sort, duplicates dropped over all columns of a row's identity, an aggregation and a join for each indicator, global
 * sorts, and one CSV at the end.
 *
 * <p>What it does not do itself it takes from Banyan, plainly: the conformed tables, the obligations and the rows of the list are built
 * by Banyan's own functions, so are classes that are kept, and each indicator's aggregation, the caps and the classes by {@link Index},
 * one index an indicator. So it measures how the work is laid out, not how expressions are written, and flatters the draft where it borrows.
 */
public final class NaivePeer {
    private static final List<String> LINEAGE =
            List.of("sender", "delivery", "file", "line", "received_on", "row_hash");
    private static final List<String> CONFORMED = List.of(
            "identities",
            "entities",
            "entity_keys",
            "entity_traits",
            "link_decisions",
            "links",
            "reports",
            "samplings",
            "complaints",
            "penalties",
            "listings");

    private final Lake lake;
    private final LocalDate day;
    private final Policy policy;
    private final Runner runner;
    private final Map<String, Long> rows = new TreeMap<>();

    private NaivePeer(Lake lake, LocalDate day, Clock clock) {
        this.lake = lake;
        this.day = day;
        this.policy = Policy.packaged();
        this.runner = new Runner(lake, policy, day, day, "zh", "bench", clock, new Progress(null, false, clock));
    }

    /** Settings of Spark's own where Banyan prefers others, as flags. */
    static List<String> sparksDefaults() {
        Map<String, String> defaults = new LinkedHashMap<>();
        defaults.put("spark.sql.shuffle.partitions", "200");
        defaults.put("spark.sql.adaptive.enabled", "true");
        defaults.put("spark.sql.codegen.wholeStage", "true");
        defaults.put("spark.sql.codegen.factoryMode", "FALLBACK");
        defaults.put("spark.sql.codegen.hugeMethodLimit", "65535");
        defaults.put("spark.sql.constraintPropagation.enabled", "true");
        defaults.put("spark.sql.inMemoryColumnarStorage.compressed", "true");
        return defaults.entrySet().stream()
                .map(e -> "-D" + e.getKey() + "=" + e.getValue())
                .toList();
    }

    /** Arguments: deliveries, out, day. The last line of stdout is a JSON object. */
    public static void main(String[] args) {
        Path out = Path.of(args[1]);
        LocalDate day = LocalDate.parse(args[2]);
        Clock clock = Clock.systemUTC();
        ObjectNode told = Json.object();
        ArrayNode stages = told.putArray("stages");
        NaivePeer peer =
                new NaivePeer(new Lake(Session.open(), out.resolve("lake").toString()), day, clock);
        peer.ingest(Deliveries.in(Path.of(args[0]), day).files());
        peer.ends("ingest", stages, clock);
        CONFORMED.forEach(peer::built);
        peer.ends("conform", stages, clock);
        peer.score();
        peer.ends("score", stages, clock);
        peer.publish(out.resolve("list.csv"));
        peer.ends("publish", stages, clock);
        ObjectNode classes = told.putObject("classes");
        peer.lake
                .read("risk_classes")
                .groupBy("risk_class")
                .count()
                .orderBy("risk_class")
                .collectAsList()
                .forEach(row -> classes.put(row.getString(0), row.getLong(1)));
        new PrintStream(System.out, true, StandardCharsets.UTF_8).println(told);
    }

    private void ends(String stage, ArrayNode stages, Clock clock) {
        stages.addObject()
                .put("stage", stage)
                .put("ended", clock.millis())
                .put("rows", rows.values().stream().mapToLong(n -> n).sum());
        rows.clear();
    }

    private void ingest(List<DeliveredFile> files) {
        Map<String, List<DeliveredFile>> byTable =
                files.stream().collect(Collectors.groupingBy(DeliveredFile::table, TreeMap::new, Collectors.toList()));
        byTable.forEach((table, of) -> {
            Contract contract = Contract.of(table);
            List<Row> places = of.stream()
                    .map(f -> RowFactory.create(
                            f.path().toUri().getRawPath(), f.sender(), f.sha256(), f.name(), f.receivedOn()))
                    .toList();
            Dataset<Row> lineage =
                    lake.local(places, "place string, sender string, delivery string, file string, received_on date");
            Column[] hashed = contract.columnNames().stream()
                    .filter(c -> !LINEAGE.contains(c))
                    .map(c -> coalesce(col(c), lit("\u001e")))
                    .toArray(Column[]::new);
            Column line = row_number()
                    .over(Window.partitionBy("file").orderBy("order"))
                    .plus(1);
            Dataset<Row> delivered = lake.spark()
                    .read()
                    .option("header", "true")
                    .option("escape", "\"")
                    .csv(of.stream().map(f -> f.path().toString()).toArray(String[]::new))
                    .withColumn("order", monotonically_increasing_id())
                    .withColumn(
                            "place", org.apache.spark.sql.functions.regexp_replace(input_file_name(), "^file:/+", "/"))
                    .join(lineage, "place")
                    .withColumn("line", line)
                    .withColumn("row_hash", sha2(concat_ws("\u001f", hashed), 256))
                    .dropDuplicates("delivery", "row_hash");
            Column broken = contract.broken(LINEAGE.toArray(String[]::new));
            Dataset<Row> good = delivered.where(size(broken).equalTo(0));
            rows.put(table, lake.replace(table, good, null, metadata(table)).rows());
        });
    }

    private void score() {
        built("obligations");
        Index index = policy.on(day);
        Dataset<Row> entities = known("entities");
        Dataset<Row> scored = entities.where(index.inScope());
        Map<String, Dataset<Row>> facts = new HashMap<>();
        index.tables().forEach(table -> {
            if (lake.version(table) >= 0) {
                facts.put(
                        table, table.equals("obligations") ? lake.read(table) : policy.inUse(table, known(table), day));
            }
        });
        Dataset<Row> wide = scored.select("entity_id");
        for (List<Indicator> one : oneByOne(index.indicators(), facts.keySet())) {
            Index single = policy.with(one).on(day);
            wide = wide.join(single.measure(scored, facts), "entity_id");
        }
        keep("contributions", index.contributions(wide).orderBy("entity_id", "indicator"));
        built("holds");
        Dataset<Row> own =
                Contributions.all(lake.read("contributions"), lake.empty("associations"), lake.read("holds"));
        keep("risk_classes", index.classes(own, entities).orderBy(col("score").desc_nulls_last(), col("entity_id")));
    }

    /** Each alone, but twins, which look at each other's points, together, and all of tables that are not there, which cost nothing. */
    private static List<List<Indicator>> oneByOne(List<Indicator> indicators, Set<String> there) {
        List<Indicator> all =
                indicators.stream().filter(i -> there.contains(i.table())).toList();
        List<String> twins =
                all.stream().map(Indicator::twin).filter(t -> t != null).toList();
        List<List<Indicator>> one = new ArrayList<>();
        for (Indicator indicator : all) {
            if (indicator.twin() != null) {
                one.add(all.stream()
                        .filter(i -> i.id().equals(indicator.id()) || i.id().equals(indicator.twin()))
                        .toList());
            } else if (!twins.contains(indicator.id())) {
                one.add(List.of(indicator));
            }
        }
        if (all.size() < indicators.size()) {
            one.add(indicators.stream().filter(i -> !there.contains(i.table())).toList());
        }
        return one;
    }

    private void publish(Path to) {
        built("supervision_list");
        lake.read("supervision_list")
                .orderBy("rank")
                .coalesce(1)
                .write()
                .option("header", "true")
                .csv(to.toString());
    }

    private void keep(String table, Dataset<Row> of) {
        Dataset<Row> stamped = of.withColumn("as_of", lit(day))
                .withColumn("known_at", lit(day))
                .withColumn("policy_version", lit(policy.version()));
        rows.put(table, lake.replace(table, stamped, null, metadata(table)).rows());
    }

    private void built(String table) {
        rows.put(table, runner.build(Pipeline.table(table), true).rows());
    }

    /** A conformed table as known on the day, as {@code Inputs} gives it to Banyan's tables. */
    private Dataset<Row> known(String table) {
        Contract contract = Contract.of(table);
        Column known = col("known_from")
                .leq(lit(day))
                .and(col("known_to").isNull().or(col("known_to").gt(lit(day))))
                .and(not(col("withdrawn")));
        Column happened =
                contract.custom("happened").map(c -> col(c).leq(lit(day))).orElse(lit(true));
        Column standing = contract.custom("repaired")
                .map(c -> col(c).isNull().or(col(c).gt(lit(day))))
                .orElse(lit(true));
        return lake.read(table).where(known.and(happened).and(standing));
    }

    private static String metadata(String table) {
        return Json.object().put("table", table).put("by", "bench").toString();
    }
}
