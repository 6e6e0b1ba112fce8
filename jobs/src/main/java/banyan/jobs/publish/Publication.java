package banyan.jobs.publish;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.models.Index;
import banyan.models.Policy;
import banyan.schemas.Codes;
import banyan.schemas.Contract;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.QuoteMode;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A supervision list as other people and systems get it: {@code TO/supervision_list/<snapshot>/} with CSV (for machines, for Excel),
 * XLSX, Parquet, report, manifest and SHA256SUMS, and {@code TO/supervision_list/latest.json}, moved last. A snapshot never changes
 * once it is there, holds nothing of the clock, and is named after its own content: the same list is the same bytes, but for
 * Parquet, whose footer orders a set of encodings by chance (its rows are the same, in the same order).
 */
public final class Publication {
    private static final int REPORTED = 500;
    private static final int DETAILED = 20_000;
    private static final String LIST = "supervision_list";

    private final Lake lake;
    private final Policy policy;
    private final LocalDate asOf;
    private final Path home;
    private final String lang;
    private final Dataset<Row> list;

    public Publication(Lake lake, Policy policy, LocalDate asOf, Path to, String lang) {
        this.lake = lake;
        this.policy = policy;
        this.asOf = asOf;
        this.home = to.resolve(LIST);
        this.lang = lang;
        this.list = day(LIST);
    }

    /** Where the list lies, whether it was there before, and what the gate found. */
    public record Published(Path snapshot, boolean already, List<Gate.Check> checks) {}

    /** Class → entities of a day, in the order A, B, C, D, unclassified. */
    public static Map<String, Long> classes(Lake lake, LocalDate asOf) {
        Map<String, Long> classes = new LinkedHashMap<>();
        Stream.of("A", "B", "C", "D", "unclassified").forEach(c -> classes.put(c, 0L));
        lake.read("risk_classes")
                .where(col("as_of").equalTo(lit(asOf)))
                .groupBy("risk_class")
                .agg(count(lit(1)))
                .collectAsList()
                .forEach(r -> classes.put(r.getString(0), r.getLong(1)));
        return classes;
    }

    /**
     * Gate, snapshot, exports, report, pointer.
     *
     * @throws Refusal with exit 3 if the gate blocks; what was published before stays as it is
     */
    public Published publish() {
        Map<String, Long> classes = classes(lake, asOf);
        List<Gate.Check> checks = Gate.checks(lake, asOf, policy, classes);
        List<Gate.Check> blocks =
                checks.stream().filter(c -> c.verdict() == Gate.Verdict.BLOCK).toList();
        if (!blocks.isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.DATA,
                    "Cannot publish the list of " + asOf + ": the gate refused it.\n     "
                            + blocks.stream()
                                    .map(c -> c.name() + ": " + c.found())
                                    .collect(Collectors.joining("\n     "))
                            + "\nThe list published before stays in force. Build the day again with `banyan build all`, then publish.");
        }
        String fingerprint = lake.scan(LIST, "as_of = '" + asOf + "'").fingerprint() + " "
                + lake.scan("contributions", "as_of = '" + asOf + "'").fingerprint() + " " + lang;
        Optional<Path> there = snapshotOf(fingerprint);
        if (there.isPresent()) {
            point(there.get());
            return new Published(there.get(), true, checks);
        }
        try {
            Path staging = home.resolve(".staging");
            delete(staging);
            Files.createDirectories(staging);
            Path snapshot = write(staging, classes, checks, fingerprint);
            point(snapshot);
            return new Published(snapshot, false, checks);
        } catch (IOException e) {
            throw new Refusal(
                    Refusal.Exit.AGAIN,
                    "Cannot write to " + home + ": " + e + ". Check the disk and its rights, then publish again.");
        }
    }

    private Path write(Path staging, Map<String, Long> classes, List<Gate.Check> checks, String fingerprint)
            throws IOException {
        String name = LIST + "_" + asOf.toString().replace("-", "");
        Dataset<Row> ranked =
                list.select(Contract.of(LIST).columns()).orderBy("rank").persist();
        try {
            csv(staging.resolve(name + ".csv"), ranked.toLocalIterator(), false);
            String id = asOf + "-" + sha256(staging.resolve(name + ".csv")).substring(0, 12);
            csv(staging.resolve(name + "_excel.csv"), ranked.toLocalIterator(), true);
            lake.parquetFile(ranked.coalesce(1).sortWithinPartitions("rank"), staging.resolve(name + ".parquet"));
            Row first = ranked.head();
            Workbook.write(
                    staging.resolve(name + ".xlsx"),
                    lang,
                    asOf,
                    explanation(id, classes, first),
                    ranked.toLocalIterator(),
                    details().toLocalIterator());
            Report.write(staging.resolve("report.html"), reportData(id, classes, ranked, first));
            manifest(staging, id, classes, checks, fingerprint, first);
            try (Stream<Path> files = Files.list(staging)) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    force(file);
                }
            }
            Path snapshot = home.resolve(id);
            delete(snapshot);
            Files.move(staging, snapshot, StandardCopyOption.ATOMIC_MOVE);
            return snapshot;
        } finally {
            ranked.unpersist();
        }
    }

    /** RFC 4180 in UTF-8; for Excel with BOM, CR LF, all quoted, and no text that Excel could take for a formula. */
    private static void csv(Path file, Iterator<Row> rows, boolean excel) throws IOException {
        CSVFormat format = excel
                ? CSVFormat.RFC4180.builder().setQuoteMode(QuoteMode.ALL).get()
                : CSVFormat.RFC4180.builder().setRecordSeparator("\n").get();
        List<Contract.Property> columns = Contract.of(LIST).properties();
        try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
                CSVPrinter csv = new CSVPrinter(out, format)) {
            if (excel) {
                out.write('\uFEFF');
            }
            csv.printRecord(columns.stream()
                    .map(p -> excel ? p.businessName() : p.name())
                    .toList());
            while (rows.hasNext()) {
                Row row = rows.next();
                List<Object> cells = new ArrayList<>();
                for (int c = 0; c < columns.size(); c++) {
                    Object value = row.get(c);
                    cells.add(excel && value instanceof String text ? guarded(text) : value);
                }
                csv.printRecord(cells);
            }
        }
    }

    /** OWASP's list of first characters, and their full-width forms. */
    static String guarded(String text) {
        String bare = text.stripLeading();
        boolean risky = !bare.isEmpty() && "=+-@＝＋－＠".indexOf(bare.charAt(0)) >= 0
                || !text.isEmpty() && "\t\r\n\0".indexOf(text.charAt(0)) >= 0;
        return risky ? "'" + text : text;
    }

    private List<String[]> explanation(String id, Map<String, Long> classes, Row first) {
        boolean zh = !lang.equals("en");
        Index index = policy.on(asOf);
        List<String[]> lines = new ArrayList<>();
        lines.add(new String[] {zh ? "标题" : "Title", zh ? "信用风险分类差异化监管名单" : "Supervision list by credit-risk class"});
        lines.add(new String[] {zh ? "使用说明" : "Use", SupervisionList.notice(lang)});
        lines.add(new String[] {zh ? "评价日" : "As of", asOf.toString()});
        lines.add(
                new String[] {zh ? "知悉截止" : "Known at", first.getAs("known_at").toString()});
        lines.add(new String[] {zh ? "政策版本" : "Policy version", policy.version()});
        lines.add(new String[] {zh ? "期号" : "Snapshot", id});
        lines.add(new String[] {
            zh ? "分类结果" : "Classes",
            classes.entrySet().stream()
                    .map(e -> (e.getKey().equals("unclassified") && zh ? "不分类" : e.getKey()) + " " + e.getValue())
                    .collect(Collectors.joining(zh ? "，" : ", "))
        });
        lines.add(new String[] {
            zh ? "类别分界" : "Bands",
            index.classes().bands().stream()
                    .map(b -> b.riskClass() + " ≥ " + b.from())
                    .collect(Collectors.joining(zh ? "，" : ", "))
        });
        lines.add(new String[] {zh ? "依据" : "Basis", index.classes().basis()});
        lines.add(new String[] {
            zh ? "怎样读" : "How to read",
            zh
                    ? "风险分0至1000，分越高风险越大；直接判定与底线规则可以使类别差于按分值类别。指标明细列出前" + DETAILED + "名的每一分及其依据记录。"
                    : "Scores run from 0 to 1000, higher is riskier; overrides and floors can make the class worse than the score alone. The"
                            + " contributions sheet holds every point of the first " + DETAILED
                            + " entities and the records it rests on."
        });
        if (synthetic()) {
            lines.add(new String[] {
                zh ? "合成数据" : "Synthetic data",
                zh ? "本名单由合成数据生成，不涉及任何真实主体。" : "Made from synthetic data; no real entity is meant."
            });
        }
        return lines;
    }

    private Dataset<Row> details() {
        Index index = policy.on(asOf);
        Column name = col("indicator");
        for (banyan.models.Indicator i : index.indicators()) {
            name = when(col("indicator").equalTo(i.id()), lit(i.name().in(lang)))
                    .otherwise(name);
        }
        for (Policy.Rule rule : index.rules()) {
            name = when(col("indicator").equalTo(rule.id()), lit(rule.name().in(lang)))
                    .otherwise(name);
        }
        for (Policy.Bonus bonus : index.classes().bonuses()) {
            name = when(col("indicator").equalTo(bonus.id()), lit(bonus.name().in(lang)))
                    .otherwise(name);
        }
        return contributionsOf(DETAILED)
                .select(
                        col("rank"),
                        col("entity_id"),
                        col("name"),
                        col("kind"),
                        col("group"),
                        name,
                        col("value"),
                        col("points"),
                        col("counted"),
                        col("class_floor"),
                        col("evidence_count"),
                        concat_ws("；", col("evidence")));
    }

    /** Contributions of the first n of the list, in the list's order, heaviest first. */
    private Dataset<Row> contributionsOf(int n) {
        return day("contributions")
                .join(broadcast(list.where(col("rank").leq(n)).select("rank", "entity_id", "name")), "entity_id")
                .orderBy(col("rank"), col("counted").desc(), col("class_floor").desc(), col("indicator"));
    }

    private ObjectNode reportData(String id, Map<String, Long> classes, Dataset<Row> ranked, Row first) {
        Index index = policy.on(asOf);
        ObjectNode data = Json.object()
                .put("lang", lang)
                .put("as_of", asOf.toString())
                .put("known_at", first.getAs("known_at").toString())
                .put("policy_version", policy.version())
                .put("snapshot", id)
                .put("synthetic", synthetic());
        data.set("classes", Json.of(classes));
        data.set("by_area", shares("area_code", Codes.of("areas")));
        data.set("by_sector", shares("sector", Codes.of("sectors")));
        ArrayNode groups = data.putArray("groups");
        index.classes()
                .groups()
                .forEach(g -> groups.addObject()
                        .put("id", g.id())
                        .put("name", g.name().in(lang))
                        .put("cap", g.cap()));
        ArrayNode bands = data.putArray("bands");
        index.classes()
                .bands()
                .forEach(b ->
                        bands.addObject().put("class", b.riskClass().name()).put("from", b.from()));
        deliveries(data.putArray("deliveries"));
        quarantine(data.putArray("quarantine"));
        top(data.putArray("top"), ranked, index);
        return data;
    }

    private ArrayNode shares(String column, Codes codes) {
        ArrayNode rows = Json.object().putArray("rows");
        Dataset<Row> keyed = column.equals("sector")
                ? list.withColumn("key", codes.code(expr("substring(industry_code, 1, 2)")))
                : list.withColumn("key", col(column));
        keyed.groupBy("key")
                .pivot("risk_class", List.of("A", "B", "C", "D"))
                .agg(count(lit(1)))
                .orderBy("key")
                .collectAsList()
                .forEach(r -> {
                    ObjectNode row = rows.addObject();
                    String code = r.getString(0);
                    row.put("code", code);
                    row.put("name", code == null ? null : codes.nameOf(code, lang));
                    for (int c = 1; c <= 4; c++) {
                        row.put(List.of("A", "B", "C", "D").get(c - 1), r.isNullAt(c) ? 0 : r.getLong(c));
                    }
                });
        return rows;
    }

    private void deliveries(ArrayNode rows) {
        lake.read("deliveries")
                .where(col("received_on").leq(lit(list.select("known_at").head().get(0))))
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
        quarantineReasons(lake)
                .forEach(r -> rows.addObject()
                        .put("table", r.getString(0))
                        .put("rule", r.getString(1))
                        .put("records", r.getLong(2)));
    }

    /** Table, rule and number of records in quarantine, most first. */
    public static List<Row> quarantineReasons(Lake lake) {
        Dataset<Row> all = null;
        for (String table : Contract.all().keySet()) {
            if (lake.hasQuarantine(table)) {
                Dataset<Row> one = lake.readQuarantine(table).select("table", "broken");
                all = all == null ? one : all.unionByName(one);
            }
        }
        return all == null
                ? List.of()
                : all.select(col("table"), expr("explode(broken) as rule"))
                        .groupBy("table", "rule")
                        .agg(count(lit(1)).as("n"))
                        .orderBy(col("n").desc(), col("table"), col("rule"))
                        .limit(REPORTED)
                        .collectAsList();
    }

    private void top(ArrayNode top, Dataset<Row> ranked, Index index) {
        List<Row> contributions = contributionsOf(REPORTED).collectAsList();
        Map<String, List<Row>> byEntity = new HashMap<>();
        SortedMap<String, SortedSet<String>> ids = new TreeMap<>();
        for (Row c : contributions) {
            byEntity.computeIfAbsent(c.getAs("entity_id"), e -> new ArrayList<>())
                    .add(c);
            for (String table : tables(c)) {
                ids.computeIfAbsent(table, t -> new TreeSet<>()).addAll(c.getList(c.fieldIndex("evidence")));
            }
        }
        Map<String, Evidence.Source> sources =
                Evidence.sources(lake, list.select("known_at").head().getAs(0), ids);
        for (Row entity : ranked.where(col("rank").leq(REPORTED)).collectAsList()) {
            ObjectNode node = top.addObject();
            Stream.of("rank", "score").forEach(c -> node.put(c, entity.<Integer>getAs(c)));
            Stream.of("entity_id", "credit_code", "name", "area_name", "sector_name", "risk_class", "class_by_score")
                    .forEach(c -> node.put(c, entity.<String>getAs(c)));
            ArrayNode rules = node.putArray("rules");
            ArrayNode rows = node.putArray("contributions");
            for (Row c : byEntity.getOrDefault(entity.<String>getAs("entity_id"), List.of())) {
                if (c.getAs("class_floor") != null) {
                    ObjectNode rule = rules.addObject()
                            .put("id", c.<String>getAs("indicator"))
                            .put("text", index.words(c.getAs("indicator")).in(lang))
                            .put("class", c.<String>getAs("class_floor"));
                    ArrayNode evidence = rule.putArray("evidence");
                    c.<String>getList(c.fieldIndex("evidence")).forEach(evidence::add);
                } else {
                    contribution(rows.addObject(), c, index, sources);
                }
            }
        }
    }

    private void contribution(ObjectNode node, Row c, Index index, Map<String, Evidence.Source> sources) {
        String id = c.getAs("indicator");
        String value = c.getAs("value") == null
                ? ""
                : c.<java.math.BigDecimal>getAs("value").stripTrailingZeros().toPlainString();
        node.put("indicator", id)
                .put("name", index.name(id).in(lang))
                .put("group", c.<String>getAs("group"))
                .put("say", index.words(id).in(lang).replace("{value}", value))
                .put("value", value)
                .put("points", c.<java.math.BigDecimal>getAs("points").toPlainString())
                .put("counted", c.<Integer>getAs("counted"))
                .put("evidence_count", c.<Integer>getAs("evidence_count"));
        ArrayNode evidence = node.putArray("evidence");
        for (String record : c.<String>getList(c.fieldIndex("evidence"))) {
            Evidence.Source source = tables(c).stream()
                    .map(table -> sources.get(table + " " + record))
                    .filter(s -> s != null)
                    .findFirst()
                    .orElse(null);
            boolean zh = !lang.equals("en");
            evidence.addObject()
                    .put("id", record)
                    .put(
                            "source",
                            source == null
                                    ? (zh ? "未收到" : "nothing received")
                                    : source.file() + (zh ? " 第" + source.line() + "行" : " line " + source.line()));
        }
    }

    private static List<String> tables(Row contribution) {
        String tables = contribution.getAs("source_table");
        return tables == null || tables.isEmpty() ? List.of() : List.of(tables.split(","));
    }

    private boolean synthetic() {
        return !list.where("entity_id like '__350199%'").isEmpty();
    }

    private void manifest(
            Path staging, String id, Map<String, Long> classes, List<Gate.Check> checks, String fingerprint, Row first)
            throws IOException {
        ObjectNode manifest = Json.object()
                .put("name", LIST)
                .put("snapshot", id)
                .put("as_of", asOf.toString())
                .put("known_at", first.getAs("known_at").toString())
                .put("policy_version", policy.version())
                .put("contract_version", Contract.of(LIST).version())
                .put("usage_notice", SupervisionList.notice(lang))
                .put("rows", list.count())
                .put("fingerprint", fingerprint);
        manifest.set("classes", Json.of(classes));
        ArrayNode gate = manifest.putArray("gate");
        checks.forEach(c -> gate.addObject()
                .put("check", c.name())
                .put("verdict", c.verdict().name())
                .put("found", c.found()));
        ArrayNode files = manifest.putArray("files");
        StringBuilder sums = new StringBuilder();
        try (Stream<Path> written = Files.list(staging)) {
            for (Path file : (Iterable<Path>) written.sorted()::iterator) {
                String sha = sha256(file);
                files.addObject()
                        .put("path", file.getFileName().toString())
                        .put("bytes", Files.size(file))
                        .put("hash", "sha256:" + sha);
                sums.append(sha).append("  ").append(file.getFileName()).append('\n');
            }
        }
        Files.writeString(staging.resolve("manifest.json"), Json.pretty(manifest), StandardCharsets.UTF_8);
        sums.append(sha256(staging.resolve("manifest.json"))).append("  manifest.json\n");
        Files.writeString(staging.resolve("SHA256SUMS"), sums, StandardCharsets.UTF_8);
    }

    /** The snapshot that holds just these rows and whose files are whole, if there is one. */
    private Optional<Path> snapshotOf(String fingerprint) {
        if (!Files.isDirectory(home)) {
            return Optional.empty();
        }
        try (Stream<Path> snapshots = Files.list(home)) {
            return snapshots
                    .filter(s -> s.getFileName().toString().startsWith(asOf + "-"))
                    .sorted(Comparator.reverseOrder())
                    .filter(s ->
                            fingerprint.equals(manifestOf(s).path("fingerprint").asString("")))
                    .filter(Publication::whole)
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static tools.jackson.databind.JsonNode manifestOf(Path snapshot) {
        try {
            Path manifest = snapshot.resolve("manifest.json");
            return Files.exists(manifest)
                    ? Json.read(Files.readString(manifest, StandardCharsets.UTF_8))
                    : Json.object();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether every file of a snapshot has the hash its SHA256SUMS names. */
    public static boolean whole(Path snapshot) {
        try {
            for (String line : Files.readAllLines(snapshot.resolve("SHA256SUMS"), StandardCharsets.UTF_8)) {
                Path file = snapshot.resolve(line.substring(66));
                if (!Files.exists(file) || !sha256(file).equals(line.substring(0, 64))) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void point(Path snapshot) {
        String pointer = Json.pretty(Json.object()
                .put("name", LIST)
                .put("snapshot", snapshot.getFileName().toString())
                .put("as_of", asOf.toString())
                .put("path", snapshot.getFileName() + "/manifest.json"));
        Path latest = home.resolve("latest.json");
        try {
            if (Files.exists(latest)
                    && Files.readString(latest, StandardCharsets.UTF_8).equals(pointer)) {
                return;
            }
            Path aside = home.resolve(".latest.json.tmp");
            Files.writeString(aside, pointer, StandardCharsets.UTF_8);
            force(aside);
            Files.move(aside, latest, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            force(home);
        } catch (IOException e) {
            throw new Refusal(
                    Refusal.Exit.AGAIN,
                    "Cannot move the pointer " + latest + ": " + e + ". Run the same command again.");
        }
    }

    private Dataset<Row> day(String table) {
        return lake.read(table).where(col("as_of").equalTo(lit(asOf)));
    }

    private static void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                    Files.delete(file);
                }
            }
        }
    }

    static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int n; (n = in.read(buffer)) >= 0; ) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest()).toLowerCase(Locale.ROOT);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
