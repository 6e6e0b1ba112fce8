package banyan.jobs;

import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;

import banyan.jobs.ingest.Pseudonym;
import banyan.jobs.score.ScoreChanges;
import banyan.models.Association;
import banyan.models.Policy;
import banyan.schemas.Contract;
import banyan.schemas.Rows;
import banyan.schemas.Sender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.dhatim.fastexcel.reader.Sheet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The sources of data-samples/_sources, taken in with the register and the penalties of the sample city. */
class SourcesTest {
    private static final LocalDate DAY = LocalDate.of(2025, 6, 30);
    private static final LocalDate BEFORE = LocalDate.of(2025, 6, 25);
    private static final String KEY = "0123456789abcdef".repeat(4);
    private static final String OTHER_KEY = "fedcba9876543210".repeat(4);

    /** What nobody may find anywhere: names, identity numbers of both lengths, phone numbers. */
    private static final String PEOPLE =
            "测试[甲乙丙丁戊己庚辛壬癸]|350199(19)?85[0-9]{7}|(^|[^0-9A-Z])10000[01][0-9]{5}([^0-9]|$)";

    /** Without links: each record bears a credit code, and to look for whom names mean would take as long as all else here. */
    private static final List<String> TABLES = Pipeline.built().stream()
            .map(Table::name)
            .filter(name -> !Set.of("entity_traits", "links", "terms", "predictions", "model_drift", "prediction_list")
                    .contains(name))
            .toList();

    @TempDir
    static Path dir;

    private static Lake lake;

    @BeforeAll
    static void takeIn() throws IOException {
        Cli.copy(Cli.SAMPLES.resolve("_sources"), dir.resolve("in"));
        Path first = Cli.SAMPLES.resolve("2025-06-20");
        for (String file : List.of(
                "fujian_registry/企业登记信息_20250620.csv",
                "hotline_12315/投诉举报导出_20250620.xlsx",
                "penalties_20250620.csv")) {
            Files.createDirectories(dir.resolve("in/2025-06-20").resolve(file).getParent());
            Files.copy(first.resolve(file), dir.resolve("in/2025-06-20").resolve(file));
        }
        Cli.conform(
                dir.resolve("in"),
                dir.resolve("lake"),
                BEFORE,
                "entities",
                "entity_keys",
                "complaints",
                "penalties",
                "obligations",
                "contributions",
                "risk_classes");
        Cli.conform(dir.resolve("in"), dir.resolve("lake"), DAY, key(KEY), TABLES.toArray(String[]::new));
        lake = new Lake(Cli.session(), dir.resolve("lake").toString());
    }

    @AfterAll
    static void stop() {
        Rows.spark().stop();
    }

    @Test
    void everySourceLiesUnderItsEnterprise() throws IOException {
        Map<String, Long> delivered = new TreeMap<>();
        lake.read("deliveries")
                .where("received_on = date'2025-06-30'")
                .collectAsList()
                .forEach(row -> delivered.merge(
                        row.<String>getAs("table").substring("raw_".length()), row.<Long>getAs("records"), Long::sum));

        assertThat(delivered.keySet())
                .isEqualTo(Contract.all().values().stream()
                        .filter(c -> c.optional() || c.id().equals("raw_reports")) // those of individual businesses
                        .filter(c -> !c.id().equals("raw_complainants")) // of another day, and of no enterprise
                        .map(c -> c.id().substring("raw_".length()))
                        .collect(Collectors.toCollection(TreeSet::new)));
        delivered.forEach((table, records) -> {
            long aside = lake.hasQuarantine(table) ? lake.readQuarantine(table).count() : 0;
            assertThat(lake.read(table).where("link_tier = 'credit_code'").count() + aside)
                    .as(table)
                    .isEqualTo(records);
            assertThat(aside).as(table).isEqualTo(table.equals("licences") ? 1 : 0); // the licence to sell sweets
        });
    }

    @Test
    void aRepairEndsWhatItRepairsFromItsDayAndARefusedOneNothing() {
        Map<String, String> repairs = new TreeMap<>();
        lake.read("repairs").collectAsList().forEach(r -> repairs.put(r.getAs("outcome"), r.getAs("entity_id")));
        Inputs before = inputs(LocalDate.of(2025, 6, 24));
        Inputs after = inputs(LocalDate.of(2025, 6, 25));

        assertThat(penaltiesOf(before, repairs.get("approved"))).isOne();
        assertThat(penaltiesOf(after, repairs.get("approved"))).isZero();
        assertThat(penaltiesOf(after, repairs.get("refused"))).isOne();
        assertThat(lake.read("contributions", DAY)
                        .where("indicator like '%penalt%'")
                        .where("entity_id = '" + repairs.get("approved") + "'")
                        .count())
                .isZero();
        assertThat(lake.read("contributions", DAY)
                        .where("indicator like '%penalt%'")
                        .where("entity_id = '" + repairs.get("refused") + "'")
                        .count())
                .isPositive();
    }

    /** Six days before nothing of them was known; what is not delivered, such as a lapsed licence then, costs nothing and earns nothing. */
    @Test
    void whatTheSourcesTellCounts() {
        String told =
                "source_table in ('changes', 'licences', 'inspections', 'court_listings', 'tax_listings', 'awards', 'clues', 'accidents', 'notices')";

        assertThat(lake.read("contributions", BEFORE).where(told).count()).isZero();
        assertThat(lake
                        .read("contributions", DAY)
                        .where(told)
                        .groupBy("indicator")
                        .agg(expr("count(1) || ' ' || cast(sum(points) as int)"))
                        .orderBy("indicator")
                        .collectAsList()
                        .stream()
                        .map(row -> row.getString(0) + " " + row.getString(1)))
                .containsExactly(
                        "a_rated_taxpayer_bonus 1 -20",
                        "capital_cut 1 30",
                        "confirmed_clues 2 17",
                        "honours_bonus 2 -30",
                        "inspection_findings 10 545",
                        "judgment_defaulter 1 0",
                        "licences_lapsed 1 60",
                        "open_notices 1 40",
                        "serious_accident 1 0",
                        "tax_listed 1 100");
    }

    /** On 25 June the repair that took effect on that day was not known yet; on 30 June it is. */
    @Test
    void whoseClassWasAnotherInHindsightIsToldAndTheDayStays() {
        String repaired =
                lake.read("repairs").where("outcome = 'approved'").head().getAs("entity_id");
        List<Row> classes =
                lake.read("risk_classes", BEFORE).orderBy("entity_id").collectAsList();

        Cli.Ended restated =
                Cli.inside("restate", "--lake", dir.resolve("lake").toString(), "--as-of", BEFORE.toString());

        assertThat(restated.code()).as(restated.out()).isZero();
        assertThat(restated.out())
                .contains("6 entities would have had another class on 2025-06-25, as known on 2025-06-30.")
                .contains("A → D  province_d none → 0") // its class of 31 May came on 30 June
                .contains("A → C  province_c none → 0")
                .contains("A → D  judgment_defaulter none → 0") // listed before that day, and delivered after it
                .contains("A → D  serious_accident none → 0")
                .contains("A → B  associated_risk none → ") // of a representative who was not known of
                .containsPattern(repaired + "  B → A  .*penalty_decisions \\d+ → none");
        assertThat(lake.read("restatements", BEFORE)
                        .where("entity_id = '" + repaired + "'")
                        .selectExpr("concat_ws(' ', class_was, class_is, was_known_at, known_at)", "records[0]")
                        .collectAsList())
                .singleElement()
                .satisfies(row -> assertThat(row.getString(0)).isEqualTo("B A 2025-06-25 2025-06-30"))
                .satisfies(row -> assertThat(row.getString(1)).startsWith("penalties 榕示例市监罚"));
        assertThat(lake.read("risk_classes", BEFORE).orderBy("entity_id").collectAsList())
                .isEqualTo(classes);
        assertThat(Cli.inside("restate", "--lake", dir.resolve("lake").toString(), "--as-of", "2025-06-24"))
                .satisfies(none -> assertThat(none.code()).isEqualTo(99))
                .satisfies(none -> assertThat(none.out()).contains("no classes were built for 2025-06-24"));
    }

    /** From the day on which little was known to the one on which much is: each move is told by its causes, and they add up. */
    @Test
    @Tag("long")
    void whyScoresMovedAddsUp() {
        Cli.Ended diff = Cli.inside(
                "diff",
                "--lake",
                dir.resolve("lake").toString(),
                "--from",
                BEFORE.toString(),
                "--to",
                DAY.toString(),
                "--limit",
                "1000",
                "--lang",
                "en",
                "--json");
        assertThat(diff.code()).as(diff.out()).isZero();
        JsonNode told = Json.read(diff.out().lines().reduce((a, b) -> b).orElseThrow());
        Map<String, JsonNode> by = new TreeMap<>();
        Map<String, Integer> sums = new TreeMap<>();
        told.get("entities").forEach(one -> {
            int sum = 0;
            for (String cause : ScoreChanges.CAUSES) {
                sum += one.get(cause).asInt();
                sums.merge(cause, Math.abs(one.get(cause).asInt()), Integer::sum);
            }
            assertThat(sum)
                    .as(one.toString())
                    .isEqualTo(
                            one.get("score_is").asInt() - one.get("score_was").asInt());
            by.put(one.get("entity_id").asString(), one);
        });
        String repaired =
                lake.read("repairs").where("outcome = 'approved'").head().getAs("entity_id");
        String sibling =
                lake.read("associations", DAY).where("kind = 'floor'").head().getAs("entity_id");

        assertThat(sums).containsEntry("policy", 0).containsEntry("merges", 0);
        assertThat(sums.entrySet().stream().filter(e -> e.getValue() > 0).map(Map.Entry::getKey))
                .containsExactly("associations", "new_facts", "repairs", "time");
        assertThat(by.get(repaired).get("repairs").asInt()).isNegative();
        assertThat(by.get(repaired).get("records").toString()).contains("repairs: penalties 榕示例市监罚");
        assertThat(by.get(sibling).get("associations").asInt()).isPositive();
        assertThat(by.get(sibling).get("rules").toString()).contains("+ sibling_of_d");
        assertThat(told.get("classes").get("A → D").asInt()).isEqualTo(3); // by a court, an accident, and the province
        assertThat(told.get("entities").toString()).contains("+ province_d", "+ province_c");
    }

    /** Of a stall whose operator represents an enterprise in class D, and of one whose operator closed two others; no pseudonym is told. */
    @Test
    void whoElseAnOperatorStandsBehindCounts() {
        assertThat(lake.read("special_contributions", DAY)
                        .where("source_table = 'owner_businesses'")
                        .selectExpr("field || ' ' || indicator || ' ' || cast(points as int) || ' ' || evidence_count")
                        .collectAsList())
                .extracting(row -> row.getString(0))
                .containsExactlyInAnyOrder("individual ib_operator_of_d 0 1", "individual ib_owner_cancelled 20 2");
        assertThat(lake.read("owner_businesses", DAY).collectAsList())
                .extracting(Row::toString)
                .isNotEmpty()
                .noneMatch(row -> row.matches(".*[a-z2-7]{4}\\.[a-z2-7]{26}.*"));
        assertThat(lake.read("owner_businesses", BEFORE).count())
                .as("before anybody told who holds roles")
                .isZero();
    }

    /** Of what individual businesses alone file, nothing follows for cooperatives and enterprises. */
    @Test
    void individualBusinessesOweReportsOfTheirOwn() {
        assertThat(lake.read("obligations", DAY)
                        .join(
                                lake.read("entities").where("known_to is null").select("entity_id", "entity_kind"),
                                "entity_id")
                        .groupBy("entity_kind")
                        .agg(expr("min(report_year) || ' to ' || max(report_year)"))
                        .collectAsList())
                .extracting(row -> row.getString(0) + " " + row.getString(1))
                .containsExactly("individual 2022 to 2023");
        assertThat(lake.read("special_contributions", DAY)
                        .where("source_table = 'obligations'")
                        .selectExpr("field || ' ' || indicator || ' ' || cast(points as int) || ' ' || evidence_count")
                        .collectAsList())
                .extracting(row -> row.getString(0))
                .containsExactlyInAnyOrder(
                        "individual ib_report_late 30 1",
                        "individual ib_reports_missing 80 1",
                        "individual ib_reports_missing 160 2");
    }

    /** A month of the province's own classes: worse, newer, too old, taken back, alike, better, and of an individual business. */
    @Test
    void theProvincesClassStandsBesideOursAndTheWorseCounts() throws IOException {
        assertThat(lake.read("risk_classes", DAY)
                        .where("province_class is not null")
                        .selectExpr("concat_ws(' ', city_class, province_class, risk_class, get(reason_codes, 0))")
                        .collectAsList())
                .extracting(row -> row.getString(0))
                .containsExactlyInAnyOrder("A D D province_d", "A C C province_c", "A A A", "D B D operation_stopped");
        assertThat(lake.read("special_classes", DAY)
                        .where("province_class is not null")
                        .selectExpr(
                                "concat_ws(' ', field, city_class, province_class, special_class, get(reason_codes, 0))")
                        .collectAsList())
                .extracting(row -> row.getString(0))
                .containsExactly("individual A B B ib_province_b");
        assertThat(lake.read("class_differences", DAY)
                        .orderBy("rank")
                        .selectExpr(
                                "concat_ws(' ', rank, entity_kind, city_class, province_class, risk_class, worse, reason_1)")
                        .collectAsList())
                .extracting(row -> row.getString(0))
                .containsExactly(
                        "1 enterprise A D D 省级更差 省级分类为D类",
                        "2 enterprise D B D 本市更差 责令停产停业、责令关闭或吊销许可处罚在公示期内",
                        "3 enterprise A C C 省级更差 省级分类为C类",
                        "4 individual A B B 省级更差 省级分类为B类");

        String worse =
                lake.read("class_differences", DAY).orderBy("rank").head().getAs("entity_id");
        Cli.Ended told = Cli.inside(
                "explain", worse, "--lake", dir.resolve("lake").toString(), "--as-of", DAY.toString(), "--lang", "en");
        assertThat(told.out())
                .contains("Class A by the city, D by the province: the worse counts, D")
                .contains("    D  Class D by the province  [province_d]")
                .contains("省级分类结果_20250630.csv line 2");
        assertThat(lake.read("contributions", DAY)
                        .where("indicator = 'province_c'")
                        .selectExpr("size(evidence)", "evidence[0]")
                        .collectAsList())
                .as("what it said a month before is no ground for what it says")
                .singleElement()
                .satisfies(row -> assertThat(row.getInt(0)).isOne())
                .satisfies(row -> assertThat(row.getString(1)).endsWith("/2025-05-31"));

        Cli.Ended published = Cli.inside(
                "publish",
                "--lake",
                dir.resolve("lake").toString(),
                "--as-of",
                DAY.toString(),
                "--to",
                dir.resolve("lists").toString(),
                "--despite",
                "陈某: 样本");
        assertThat(published.code()).as(published.out()).isZero();
        try (Stream<Path> files = Files.walk(dir.resolve("lists"))) {
            List<Path> all = files.toList();
            Path list = all.stream()
                    .filter(file -> file.endsWith("class_differences_20250630.csv"))
                    .findFirst()
                    .orElseThrow();
            assertThat(Files.readAllLines(list)).hasSize(5);
            assertThat(all)
                    .extracting(file -> file.getFileName().toString())
                    .contains("class_differences_20250630_excel.csv", "class_differences_20250630.parquet");
            assertThat(Files.readString(list.resolveSibling("report.html")))
                    .contains("\"apart\":[{\"city\":\"A\",\"province\":\"B\",\"entities\":1}");
            try (ReadableWorkbook book = new ReadableWorkbook(
                    list.resolveSibling("supervision_list_20250630.xlsx").toFile())) {
                Sheet sheet = book.findSheet("省市差异").orElseThrow();
                assertThat(sheet.read()).hasSize(5);
            }
        }
    }

    /** An enterprise ordered to stop, another of the same legal representative, and what that one holds. */
    @Test
    void riskReachesWhoeverIsTied() {
        Dataset<Row> reached = lake.read("associations", DAY);
        Row sibling = reached.where("kind = 'floor'").head();
        String from = sibling.<String>getList(sibling.fieldIndex("evidence")).get(0);
        long own = lake.read("contributions", DAY)
                .where("entity_id = '" + from + "'")
                .selectExpr("sum(counted)")
                .head()
                .getLong(0);

        assertThat(reached.where("kind = 'indicator'")
                        .orderBy("value")
                        .selectExpr("cast(value as double)", "concat_ws(', ', path)")
                        .collectAsList())
                .containsExactly(
                        RowFactory.create(
                                own * 0.18, "control " + sibling.getAs("entity_id") + ", legal_representative " + from),
                        RowFactory.create(own / 5.0, "telephone " + from),
                        RowFactory.create(own * 0.6, "legal_representative " + from));
        assertThat(lake.read("risk_classes", DAY)
                        .where("entity_id = '" + sibling.getAs("entity_id") + "'")
                        .selectExpr("risk_class", "class_by_score", "array_contains(top_reasons, 'associated_risk')")
                        .head())
                .isEqualTo(RowFactory.create("B", "A", true));
        assertThat(lake.read("risk_classes", DAY)
                        .join(
                                Association.added(lake.read("contributions", DAY), reached)
                                        .groupBy("entity_id")
                                        .agg(expr("sum(counted) as points")),
                                new String[] {"entity_id"},
                                "left")
                        .where("risk_class <> 'unclassified' and score <> coalesce(points, 0)")
                        .count())
                .isZero();
        Cli.Ended told = Cli.inside(
                "explain",
                sibling.getAs("entity_id"),
                "--lake",
                dir.resolve("lake").toString(),
                "--as-of",
                DAY.toString(),
                "--lang",
                "en");
        assertThat(told.out())
                .contains("Risk that reaches it from associated enterprises (" + own * 6 / 10)
                .containsPattern(
                        "← " + from + "  .*class D, " + own + " points of its own \\(same legal representative\\)")
                .contains("≥B  An enterprise of the same legal representative is directly in class D");
    }

    private static Inputs inputs(LocalDate asOf) {
        return new Inputs(lake, Set.of("penalties", "repairs"), asOf, DAY, Policy.packaged(), "zh");
    }

    private static long penaltiesOf(Inputs in, String entity) {
        return in.known("penalties").where("entity_id = '" + entity + "'").count();
    }

    @Test
    void onePersonHasOnePseudonymHoweverTheNumberIsWritten() {
        List<Row> people = lake.read("roles")
                .where("person is not null")
                .groupBy("person", "person_shown")
                .count()
                .orderBy("count")
                .collectAsList();

        assertThat(people)
                .extracting(row -> row.<Long>getAs("count"))
                .containsExactly(1L, 3L, 3L, 3L, 3L, 3L, 3L, 3L, 9L);
        assertThat(people).allSatisfy(row -> {
            assertThat(row.<String>getAs("person")).matches("[a-z2-7]{4}\\.[a-z2-7]{26}");
            assertThat(row.<String>getAs("person_shown")).isEqualTo("测**");
        });
    }

    /** Who complains is told by the very file that tells of what, and known by a pseudonym alone, the same each time. */
    @Test
    void whoComplainsHasOnePseudonymForAllHisTickets() {
        assertThat(lake.read("complainants")
                        .join(lake.read("complaints"), "record_id")
                        .count())
                .isEqualTo(lake.read("raw_complaints")
                        .select("ticket_no")
                        .distinct()
                        .count());
        assertThat(lake.read("complainants")
                        .where("complainant is not null")
                        .groupBy("complainant")
                        .count()
                        .selectExpr("max(count)", "count(1) > 1")
                        .head())
                .isEqualTo(RowFactory.create(2L, true));
    }

    @Test
    void nobodyIsFoundAnywhere() throws IOException {
        List<String> found = new TreeSet<String>().stream().toList();
        Map<String, Dataset<Row>> all = new TreeMap<>();
        for (String table : Contract.all().keySet()) {
            all.put(table, lake.read(table));
            if (lake.hasQuarantine(table)) {
                all.put("quarantine of " + table, lake.readQuarantine(table));
            }
        }
        found = all.entrySet().stream()
                .filter(e -> !e.getValue()
                        .selectExpr("to_json(struct(*)) as text")
                        .where("text rlike '" + PEOPLE + "'")
                        .isEmpty())
                .map(Map.Entry::getKey)
                .toList();
        assertThat(found).isEmpty();
        String mark =
                lake.read("roles").selectExpr("max(person)").head().getString(0).substring(0, 5);
        assertThat(all.entrySet().stream()
                        .filter(e -> !e.getValue()
                                .selectExpr("to_json(struct(*)) as text")
                                .where("text like '%" + mark + "%'")
                                .isEmpty())
                        .map(Map.Entry::getKey))
                .as("tables with pseudonyms")
                .containsExactly("complainants", "raw_complainants", "raw_roles", "roles");
        assertThat(Files.getPosixFilePermissions(dir.resolve("lake/restricted")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        try (Stream<Path> logs = Files.walk(dir.resolve("lake"))) {
            assertThat(logs.filter(p -> p.toString().endsWith(".json")).toList())
                    .isNotEmpty()
                    .allSatisfy(log -> assertThat(Files.readString(log))
                            .doesNotContainPattern(PEOPLE)
                            .doesNotContain(KEY));
        }
    }

    @Test
    void withoutAKeyOrUnderAnotherNobodyIsTakenIn() throws IOException {
        Cli.Ended without = run(Map.of(), dir.resolve("empty"));
        assertThat(without.code()).isEqualTo(3);
        assertThat(without.out())
                .contains("主要人员信息_20250630.csv: it tells of people")
                .contains("the environment lacks BANYAN_PEOPLE_KEY")
                .contains("nothing was taken in");

        Path more = dir.resolve("in/2025-06-30/fujian_registry/主要人员信息_2.csv");
        String header = Files.readString(dir.resolve("in/2025-06-30/fujian_registry/主要人员信息_20250630.csv"), GB18030)
                .lines()
                .findFirst()
                .orElseThrow();
        Files.writeString(
                more,
                header + "\r\n股东,350199198502020018,测试甲,,,50,2020-01-01,,91350199MA00000000,示例,350102,,\r\n",
                GB18030);
        Cli.Ended under = run(Map.of("BANYAN_PEOPLE_KEY", OTHER_KEY), dir.resolve("lake"));
        Files.delete(more);
        assertThat(under.code()).as(under.out()).isEqualTo(3);
        assertThat(under.out())
                .contains("主要人员信息_2.csv: it tells of people, and this lake knows them under the key")
                .doesNotContain(OTHER_KEY);
    }

    /**
     * The key is changed by taking all deliveries into a new lake: who is who stays the same, and no pseudonym does. Of a Parquet file
     * too, of which no more is kept than of others.
     */
    @Test
    void underANewKeyTheSamePeopleHoldTheSameRoles() throws IOException {
        Path written = dir.resolve("written");
        Sender.SentFile kind =
                Sender.all().get("fujian_registry").kindsOf("主要人员信息_1.csv").get(0);
        Path plain = Files.writeString(
                dir.resolve("plain.csv"),
                Files.readString(dir.resolve("in/2025-06-30/fujian_registry/主要人员信息_20250630.csv"), GB18030));
        Cli.session()
                .read()
                .option("header", true)
                .csv(plain.toString())
                .select(kind.fields().keySet().stream()
                        .map(field -> kind.field(field).as(field))
                        .toArray(Column[]::new))
                .coalesce(1)
                .write()
                .parquet(written.toString());
        Path roles = dir.resolve("roles/2025-06-30/roles_20250630.parquet");
        Files.createDirectories(roles.getParent());
        try (Stream<Path> parts = Files.list(written)) {
            Files.copy(
                    parts.filter(p -> p.toString().endsWith(".parquet"))
                            .findFirst()
                            .orElseThrow(),
                    roles);
        }
        Cli.conform(dir.resolve("roles"), dir.resolve("new"), DAY, key(OTHER_KEY), "roles");
        Lake renewed = new Lake(Cli.session(), dir.resolve("new").toString());

        assertThat(groups(renewed)).isEqualTo(groups(lake));
        assertThat(renewed.read("raw_roles")
                        .selectExpr("to_json(struct(*)) text")
                        .where("text rlike '" + PEOPLE + "'"))
                .matches(Dataset::isEmpty, "nobody's number or name");
        assertThat(renewed.read("roles")
                        .select("person")
                        .intersect(
                                lake.read("roles").where("person is not null").select("person"))
                        .count())
                .isZero();
    }

    /** What one person holds. */
    private static Set<String> groups(Lake lake) {
        return lake
                .read("roles")
                .where("person is not null")
                .groupBy("person")
                .agg(expr("cast(sort_array(collect_list(concat_ws(' ', credit_code, role, since_on))) as string)"))
                .collectAsList()
                .stream()
                .map(row -> row.getString(1))
                .collect(Collectors.toSet());
    }

    private static final java.nio.charset.Charset GB18030 = java.nio.charset.Charset.forName("GB18030");

    private static Cli.Ended run(Map<String, String> environment, Path into) {
        String[] arguments = {
            "run", "--deliveries", dir.resolve("in").toString(), "--lake", into.toString(), "--as-of", DAY.toString()
        };
        return environment.isEmpty() ? Cli.inside(arguments) : Cli.run(environment, arguments);
    }

    private static Optional<Pseudonym> key(String hex) {
        return Pseudonym.from(name -> hex);
    }
}
