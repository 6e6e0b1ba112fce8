package banyan.jobs.publish;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Quality;
import banyan.jobs.Quarantine;
import banyan.models.Index;
import banyan.schemas.Breach;
import banyan.schemas.Codes;
import banyan.schemas.Contract;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The HTML report: one file that opens without a network. The page itself is {@code report/report.html}. */
final class Report {
    private static final String ECHARTS = "META-INF/resources/webjars/echarts/5.5.0/echarts.min.js";

    /** How many entities, deliveries and reasons the page holds. */
    private static final int REPORTED = 500;

    /** How many of a model's list are shown. */
    private static final int FORETOLD = 50;

    private final Lake lake;
    private final Edition edition;
    private final Index index;

    private Report(Lake lake, Edition edition) {
        this.lake = lake;
        this.edition = edition;
        this.index = edition.index();
    }

    static void write(Path file, Lake lake, Edition edition) throws IOException {
        String page = resource("report/report.html");
        String json = new Report(lake, edition)
                .data()
                .toString()
                .replace("<", "\\u003c")
                .replace("\u2028", "\\u2028")
                .replace("\u2029", "\\u2029");
        int at = page.indexOf("__DATA__");
        int charts = page.indexOf("__ECHARTS__");
        Files.writeString(
                file,
                page.substring(0, at)
                        + json
                        + page.substring(at + "__DATA__".length(), charts)
                        + resource(ECHARTS)
                        + page.substring(charts + "__ECHARTS__".length()),
                StandardCharsets.UTF_8);
    }

    /** How many members of each field have which class that counts there. */
    private void special(ArrayNode fields) {
        Map<String, Map<String, Long>> counts = new TreeMap<>();
        edition.special()
                .groupBy("field", "combined_class")
                .count()
                .collectAsList()
                .forEach(row -> counts.computeIfAbsent(row.getString(0), f -> new TreeMap<>())
                        .put(row.getString(1), row.getLong(2)));
        edition.policy().specialised(edition.asOf()).fields().forEach(field -> {
            ObjectNode one = fields.addObject()
                    .put(
                            "name",
                            edition.policy().fields().get(field.id()).name().in(edition.lang()))
                    .put("scheme", field.classes().name().in(edition.lang()));
            counts.getOrDefault(field.id(), Map.of()).forEach(one::put);
        });
    }

    /** Of each model the first of its list, and the first of those that it and the rules say otherwise of. */
    private void models(ArrayNode models) {
        edition.models().forEach((id, name) -> {
            Dataset<Row> rows = edition.predicted().where(col("model").equalTo(id));
            ObjectNode one = models.addObject().put("name", name);
            Row counts = rows.agg(
                            count(lit(1)),
                            expr("count_if(discordance = 'model_higher')"),
                            expr("count_if(discordance = 'rules_higher')"),
                            expr("max(model_version)"))
                    .head();
            one.put("entities", counts.getLong(0))
                    .put("model_higher", counts.getLong(1))
                    .put("rules_higher", counts.getLong(2))
                    .put("version", counts.getString(3));
            predicted(one.putArray("top"), rows);
            predicted(one.putArray("discordant"), rows.where("discordance is not null"));
        });
    }

    /** How many have which class by the city and which by the province, of those where these differ. */
    private static void apart(Dataset<Row> rows, ArrayNode pairs) {
        rows.groupBy("city_class", "province_class")
                .count()
                .orderBy("city_class", "province_class")
                .collectAsList() // a row for each pair of classes
                .forEach(row -> pairs.addObject()
                        .put("city", row.getString(0))
                        .put("province", row.getString(1))
                        .put("entities", row.getLong(2)));
    }

    private static void predicted(ArrayNode nodes, Dataset<Row> rows) {
        for (Row row : rows.orderBy("rank").limit(FORETOLD).collectAsList()) {
            ObjectNode node = nodes.addObject()
                    .put("rank", row.<Integer>getAs("rank"))
                    .put("decile", row.<Integer>getAs("decile"))
                    .put("probability", row.<BigDecimal>getAs("probability").toPlainString());
            Stream.of("entity_id", "name", "area_name", "risk_class", "discordance")
                    .forEach(c -> node.put(c, row.<String>getAs(c)));
            ArrayNode reasons = node.putArray("reasons");
            Stream.of("reason_1", "reason_2", "reason_3")
                    .map(c -> row.<String>getAs(c))
                    .filter(Objects::nonNull)
                    .forEach(reasons::add);
        }
    }

    /** What the page shows; its shape is described at the top of report.html's script. */
    private ObjectNode data() {
        ObjectNode data = Json.object()
                .put("lang", edition.lang())
                .put("as_of", edition.asOf().toString())
                .put("known_at", edition.knownAt().toString())
                .put("policy_version", edition.policy().version())
                .put("snapshot", edition.id())
                .put("synthetic", edition.synthetic());
        data.set("classes", Json.of(edition.classes()));
        Codes sectors = Codes.of("sectors");
        data.set("by_area", shares(col("area_code"), Codes.of("areas")));
        data.set("by_sector", shares(sectors.code(expr("substring(industry_code, 1, 2)")), sectors));
        ObjectNode tables = data.putObject("tables");
        Contract.all().forEach((table, contract) -> tables.put(table, contract.name()));
        ArrayNode groups = data.putArray("groups");
        index.classes()
                .groups()
                .forEach(g -> groups.addObject()
                        .put("id", g.id())
                        .put("name", g.name().in(edition.lang()))
                        .put("cap", g.cap()));
        ArrayNode bands = data.putArray("bands");
        index.classes()
                .bands()
                .forEach(b ->
                        bands.addObject().put("class", b.riskClass().name()).put("from", b.from()));
        special(data.putArray("special"));
        models(data.putArray("models"));
        edition.apart().ifPresent(rows -> apart(rows, data.putArray("apart")));
        deliveries(data.putArray("deliveries"));
        quarantine(data.putArray("quarantine"));
        Quality.sources(lake, edition.asOf())
                .forEach(source -> data.withArray("sources")
                        .addObject()
                        .put("table", source.table())
                        .put(
                                "last",
                                source.last() == null ? null : source.last().toString())
                        .put("stale_days", source.stale())
                        .put("due", source.due())
                        .put("late", source.late()));
        Quality.standing(lake, edition.knownAt())
                .forEach(rule -> data.withArray("warnings")
                        .addObject()
                        .put("table", rule.table())
                        .put("rule", Breach.in(edition.lang(), Contract.of(rule.table()), rule.rule()))
                        .put("failed", rule.failed())
                        .put("checked", rule.checked()));
        top(data.putArray("top"));
        return data;
    }

    private ArrayNode shares(Column key, Codes codes) {
        ArrayNode rows = Json.object().putArray("rows");
        edition.list()
                .groupBy(key.as("key"))
                .agg(inClass("A"), inClass("B"), inClass("C"), inClass("D"))
                .orderBy("key")
                .collectAsList()
                .forEach(r -> {
                    ObjectNode row = rows.addObject();
                    String code = r.getString(0);
                    row.put("code", code);
                    row.put("name", code == null ? null : codes.nameOf(code, edition.lang()));
                    Stream.of("A", "B", "C", "D").forEach(c -> row.put(c, r.<Long>getAs(c)));
                });
        return rows;
    }

    private static Column inClass(String name) {
        return expr("count_if(risk_class = '" + name + "')").as(name);
    }

    private void deliveries(ArrayNode rows) {
        lake.read("deliveries")
                .where(col("received_on").leq(lit(edition.knownAt())))
                .select("received_on", "file", "table", "sender", "records", "accepted", "quarantined", "duplicates")
                .orderBy(col("received_on").desc(), col("file"))
                .limit(REPORTED)
                .collectAsList()
                .forEach(r -> rows.addObject()
                        .put("received_on", r.get(0).toString())
                        .put("file", r.getString(1))
                        .put("table", r.getString(2))
                        .put("sender", r.getString(3))
                        .put("records", r.getLong(4))
                        .put("accepted", r.getLong(5))
                        .put("quarantined", r.getLong(6))
                        .put("duplicates", r.getLong(7)));
    }

    private void quarantine(ArrayNode rows) {
        Quarantine.reasons(lake).stream()
                .limit(REPORTED)
                .forEach(r -> rows.addObject()
                        .put("table", r.getString(0))
                        .put("rule", Breach.in(edition.lang(), Contract.of(r.getString(0)), r.getString(1)))
                        .put("records", r.getLong(2))
                        .put("open", r.getLong(3)));
    }

    private void top(ArrayNode top) {
        List<Row> contributions = edition.contributionsOfFirst(REPORTED).collectAsList();
        Map<String, List<Row>> byEntity = new HashMap<>();
        for (Row c : contributions) {
            byEntity.computeIfAbsent(c.getAs("entity_id"), e -> new ArrayList<>())
                    .add(c);
        }
        Evidence sources = Evidence.of(lake, edition.knownAt(), contributions);
        for (Row entity : edition.list().where(col("rank").leq(REPORTED)).collectAsList()) {
            ObjectNode node = top.addObject();
            Stream.of("rank", "score").forEach(c -> node.put(c, entity.<Integer>getAs(c)));
            Stream.of("entity_id", "credit_code", "name", "area_name", "sector_name", "risk_class", "class_by_score")
                    .forEach(c -> node.put(c, entity.<String>getAs(c)));
            ArrayNode rules = node.putArray("rules");
            ArrayNode rows = node.putArray("contributions");
            for (Row c : byEntity.getOrDefault(entity.<String>getAs("entity_id"), List.of())) {
                String floor = c.getAs("class_floor");
                boolean province = c.getAs("kind").equals("province");
                if (province && floor.compareTo(entity.getAs("city_class")) <= 0) {
                    continue; // no worse than ours
                }
                if (floor != null) {
                    ObjectNode rule = rules.addObject()
                            .put("id", c.<String>getAs("indicator"))
                            .put("text", index.name(c.getAs("indicator")).in(edition.lang()))
                            .put("class", floor);
                    ArrayNode evidence = rule.putArray("evidence");
                    Evidence.records(c).forEach(evidence::add);
                } else {
                    contribution(rows.addObject(), c, sources);
                }
            }
        }
    }

    private void contribution(ObjectNode node, Row c, Evidence sources) {
        String id = c.getAs("indicator");
        BigDecimal measured = c.getAs("value");
        String value = measured == null ? "" : measured.stripTrailingZeros().toPlainString();
        node.put("indicator", id)
                .put("name", index.name(id).in(edition.lang()))
                .put("group", c.<String>getAs("group"))
                .put("say", index.words(id).in(edition.lang()).replace("{value}", value))
                .put("value", value)
                .put("points", c.<BigDecimal>getAs("points").toPlainString())
                .put("counted", c.<Integer>getAs("counted"))
                .put("evidence_count", c.<Integer>getAs("evidence_count"));
        ArrayNode evidence = node.putArray("evidence");
        for (String record : Evidence.records(c)) {
            Evidence.Source source = sources.source(c, record);
            evidence.addObject()
                    .put("id", record)
                    .put(
                            "source",
                            source == null
                                    ? edition.say("未收到", "nothing received")
                                    : source.file()
                                            + edition.say(" 第" + source.line() + "行", " line " + source.line()));
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Report.class.getClassLoader().getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("Cannot find " + name + " on the class path; build the project again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
