package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import banyan.jobs.publish.Evidence;
import banyan.jobs.publish.Publication;
import banyan.models.Policy;
import banyan.schemas.Contract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.dhatim.fastexcel.reader.Sheet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import tools.jackson.databind.JsonNode;

/** The samples through the real command line: lists in, list out. The lake stays for the interoperability test. */
class GoldenTest {
    private static final Path HOME = Cli.ROOT.resolve("jobs/target/golden");
    private static final Path LAKE = HOME.resolve("lake");
    private static final Path PUBLISH = HOME.resolve("publish");
    private static final String DAY = "2025-06-30";
    private static Cli.Ended first;
    private static JsonNode summary;
    private static Path snapshot;

    @BeforeAll
    static void build() throws IOException {
        Cli.delete(HOME);
        first = Cli.run(RUN);
        assertThat(first.code()).as(first.out()).isZero();
        summary = Json.read(first.lastLine());
        snapshot = Path.of(summary.get("publication").asString());
        Files.writeString(HOME.resolve("summary.json"), first.lastLine(), StandardCharsets.UTF_8);
    }

    private static final String[] RUN = {
        "run",
        "--deliveries",
        Cli.SAMPLES.toString(),
        "--lake",
        LAKE.toString(),
        "--as-of",
        DAY,
        "--publish",
        PUBLISH.toString(),
        "--json"
    };

    @Test
    void theListIsTheOneThatWasReviewed() throws IOException {
        Path expected = Cli.SAMPLES.resolve("expected/supervision_list.csv");
        String list = listCsv().replaceAll("(?m),[0-9a-f]{12}$", ",POLICY");
        if ("write".equals(System.getProperty("golden"))) {
            Files.writeString(expected, list, StandardCharsets.UTF_8);
        }

        assertThat(list).isEqualTo(Files.readString(expected, StandardCharsets.UTF_8));
    }

    /** The generator of the samples planned each enterprise's class without knowing this code. */
    @Test
    void everyEnterpriseHasTheClassThatWasPlannedForIt() throws IOException {
        Map<String, String> planned = new HashMap<>();
        for (CSVRecord r : csv(Cli.SAMPLES.resolve("expected/planned_classes.csv"))) {
            planned.put(r.get(0), r.get(3));
        }
        List<String> wrong = new ArrayList<>();
        for (CSVRecord r : csv(list())) {
            String plan = planned.getOrDefault(r.get("credit_code"), "A");
            if (!plan.equals(r.get("risk_class"))) {
                wrong.add(r.get("credit_code") + " planned " + plan + ", is " + r.get("risk_class"));
            }
        }

        assertThat(wrong).isEmpty();
    }

    @Test
    void everyRecordIsAccountedFor() {
        Map<String, long[]> counts = new HashMap<>();
        summary.get("tables")
                .forEach(t -> counts.put(t.get("name").asString(), new long[] {
                    t.get("rows").asLong(),
                    t.get("quarantined").asLong(),
                    t.get("duplicates").asLong()
                }));

        assertThat(counts.get("raw_registrations")).containsExactly(2016, 2, 1);
        assertThat(counts.get("raw_penalties")).containsExactly(239, 0, 1);
        assertThat(counts.get("penalties")[0] + counts.get("penalties")[1] + counts.get("penalties")[2])
                .isEqualTo(counts.get("raw_penalties")[0]);
        assertThat(counts.get("penalties")[1]).isEqualTo(2);
        assertThat(first.out())
                .contains("holds the same bytes as 2025-06-20/fujian_registry/名录信息_20250620.csv: no new rows");
    }

    @Test
    void theSecondRunChangesNothing() {
        String before = Cli.hashes(HOME, "(lake|publish)/.*");

        Cli.Ended second = Cli.inside(RUN);

        assertThat(second.code()).as(second.out()).isZero();
        assertThat(second.out()).contains("Already done: nothing changed");
        assertThat(Cli.hashes(HOME, "(lake|publish)/.*")).isEqualTo(before);
    }

    /**
     * Killed while it writes the first table, after a table was committed, and before the pointer moves: the next run ends in the
     * same bytes as one that was left alone, in another lake.
     */
    @Test
    void aRunKilledInTheMiddleIsMadeGoodByTheNext() throws Exception {
        killed("lake/3-scored/contributions/_delta_log/00000000000000000000.json");
    }

    @Test
    @Tag("long")
    void aRunKilledThreeTimesIsMadeGoodByTheNext() throws Exception {
        killed(
                "lake/2-conformed/entities",
                "lake/3-scored/contributions/_delta_log/00000000000000000000.json",
                "publish/supervision_list/.staging");
    }

    private static void killed(String... instants) throws Exception {
        Path home = Cli.ROOT.resolve("jobs/target/golden-killed");
        Cli.delete(home);
        String[] command = {
            "run",
            "--deliveries",
            Cli.SAMPLES.toString(),
            "--lake",
            home.resolve("lake").toString(),
            "--as-of",
            DAY,
            "--publish",
            home.resolve("publish").toString(),
            "--json"
        };
        for (String instant : instants) {
            Process process = Cli.start(Files.createTempFile("killed", ".out"), List.of(), command);
            while (process.isAlive() && !Files.exists(home.resolve(instant))) {
                process.waitFor(5, TimeUnit.MILLISECONDS);
            }
            assertThat(process.isAlive())
                    .as("still running when %s appeared", instant)
                    .isTrue();
            process.destroyForcibly().waitFor();
            assertThat(home.resolve("publish/supervision_list/latest.json")).doesNotExist();
        }

        Cli.Ended last = Cli.inside(command);

        assertThat(last.code()).as(last.out()).isZero();
        // Parquet's footer orders a set of encodings by chance, so its bytes and with them the manifest's hash may
        // differ; its rows may not.
        String steady = "(?!.*(parquet|manifest|SHA256SUMS)).*";
        assertThat(Cli.hashes(home.resolve("publish"), steady))
                .isEqualTo(Cli.hashes(PUBLISH, steady))
                .contains(".csv", ".xlsx", ".html", "latest.json");
        assertThat(parquet(home.resolve("publish"))).isEqualTo(parquet(PUBLISH));
        Cli.delete(home);
    }

    @Test
    void anyPointOfTheFirstEntitiesIsTracedToFileAndLine() throws IOException {
        for (CSVRecord r : csv(list()).subList(0, 2)) {
            Cli.Ended explained =
                    Cli.inside("explain", r.get("entity_id"), "--lake", LAKE.toString(), "--as-of", DAY, "--json");
            assertThat(explained.code()).as(explained.out()).isZero();
            JsonNode json = Json.read(explained.lastLine());
            int sum = 0;
            for (JsonNode c : json.get("contributions")) {
                sum += c.get("counted").asInt();
                if (!c.get("kind").asString().equals("bonus")) {
                    assertThat(c.get("evidence").size()).as(c.toString()).isPositive();
                }
                for (JsonNode e : c.get("evidence")) {
                    if (e.has("file")) {
                        assertThat(Cli.SAMPLES.resolve(e.get("file").asString()))
                                .exists();
                        assertThat(e.get("line").asLong()).isPositive();
                    }
                }
            }
            assertThat(sum).isEqualTo(Integer.parseInt(r.get("score")));
        }
    }

    /** explain reads the lake without a session; the report does so with one. */
    @Test
    void aLookupFindsWhatASessionReads() {
        Lake lake = new Lake(Cli.session(), LAKE.toString());
        Lookup lookup = new Lookup(LAKE.toString());
        LocalDate day = LocalDate.parse(DAY);
        List<String> columns = Contract.of("contributions").columnNames();
        List<Row> all = lake.read("contributions")
                .where("as_of = '" + DAY + "'")
                .select(Contract.of("contributions").columns())
                .collectAsList();
        Evidence evidence = Evidence.of(lake, day, all);
        Map<String, List<Row>> byEntity = all.stream()
                .collect(Collectors.groupingBy(
                        row -> row.<String>getAs("entity_id"), TreeMap::new, Collectors.toList()));
        int n = 0;
        for (Map.Entry<String, List<Row>> entity : byEntity.entrySet()) {
            if (n++ % 30 == 0) {
                List<Row> found = lookup.rows("contributions", day, "entity_id", List.of(entity.getKey()), columns);
                Evidence own = Evidence.of(lookup, day, day, entity.getKey(), found);

                assertThat(found).containsExactlyInAnyOrderElementsOf(entity.getValue());
                for (Row c : found) {
                    for (String record : Evidence.records(c)) {
                        assertThat(own.source(c, record))
                                .as("%s of %s", record, c)
                                .isEqualTo(evidence.source(c, record));
                    }
                }
            }
        }
        assertThat(n).isGreaterThan(1000);
    }

    @Test
    void anEntityIsFoundByIdCodeNumberAndName() throws IOException {
        CSVRecord first = csv(list()).get(0);
        String id = first.get("entity_id");
        String said = explained(id);

        assertThat(said).startsWith(id + "  " + first.get("name"));
        assertThat(explained(" " + id.toLowerCase(java.util.Locale.ROOT))).isEqualTo(said);
        assertThat(explained("（" + first.get("name").replace("示例", "示 例·"))).isEqualTo(said);
    }

    private static String explained(String entity) {
        Cli.Ended ended = Cli.inside("explain", entity, "--lake", LAKE.toString(), "--as-of", DAY);
        assertThat(ended.code()).as(ended.out()).isZero();
        return ended.out();
    }

    @Test
    void theWorkbookHoldsTheListAsTextWithoutFormulas() throws IOException {
        try (ReadableWorkbook book = new ReadableWorkbook(
                snapshot.resolve("supervision_list_20250630.xlsx").toFile())) {
            assertThat(book.getSheets().map(Sheet::getName))
                    .containsExactly("说明", "名单", "指标明细", "消费维权", "食品安全", "个体工商户和农民专业合作社", "知识产权", "字段");
            var rows = book.findSheet("名单").orElseThrow().read();
            assertThat(rows).hasSize(csv(list()).size() + 1);
            assertThat(rows.get(1).getCell(1).getType()).isEqualTo(org.dhatim.fastexcel.reader.CellType.STRING);
            assertThat(rows.stream().flatMap(r -> r.stream()))
                    .noneMatch(c -> c != null && c.getType() == org.dhatim.fastexcel.reader.CellType.FORMULA);
            assertThat(rows.stream().map(r -> r.getCellText(3))).anyMatch(name -> name.startsWith("=示例cmd|"));
        }
    }

    /** Points of a field add up to its score, under its caps; what counts there is the worse of both classes; every form holds it. */
    @Test
    void theListsOfTheFieldsAddUpAndAreInEveryForm() throws IOException {
        Lake lake = new Lake(Cli.session(), LAKE.toString());
        LocalDate day = LocalDate.parse(DAY);
        lake.read("special_classes", day).createOrReplaceTempView("classes");
        lake.read("special_contributions", day).createOrReplaceTempView("points");
        Dataset<Row> wrong = Cli.session().sql("""
                select * from classes c
                left join (select entity_id, field, sum(counted) counted, sum(int(kind = 'member')) member,
                    sum(counted) filter (where group = 'static') static, sum(counted) filter (where group = 'credit') credit
                  from points group by entity_id, field) p using (entity_id, field)
                where score <> counted or member <> 1 or static > 40 or credit > 20
                  or combined_class <> greatest(special_class, coalesce(general_class, 'A'))
                  or field = 'food' and (score < 31) <> (class_by_score = 'A')
                """);

        assertThat(wrong.collectAsList()).isEmpty();
        List<CSVRecord> special = csv(snapshot.resolve("special_list_20250630.csv"));
        assertThat(special).hasSize((int) lake.read("special_classes", day).count());
        assertThat(special.stream().map(r -> r.get("field")).distinct())
                .containsExactly("consumer", "food", "individual", "ip");
        assertThat(special.stream().filter(r -> r.get("field").equals("food")).map(r -> r.get("combined_class")))
                .isSortedAccordingTo(java.util.Comparator.reverseOrder());
        CSVRecord worst = special.stream()
                .filter(r -> r.get("field").equals("ip"))
                .findFirst()
                .orElseThrow();
        assertThat(worst.get("usage_notice")).contains("不评价、不惩戒、不公开、不免抽");
        assertThat(worst.get("reason_1")).isNotBlank();
        assertThat(explained(worst.get("entity_id")))
                .contains("知识产权：" + worst.get("special_class") + " 类，专业风险分 " + worst.get("score"));
        try (ReadableWorkbook book = new ReadableWorkbook(
                snapshot.resolve("supervision_list_20250630.xlsx").toFile())) {
            assertThat(book.findSheet("知识产权").orElseThrow().read().get(1).getCellText(5))
                    .isEqualTo(worst.get("name"));
        }
    }

    @Test
    void theCsvForExcelGuardsAgainstFormulas() throws IOException {
        String excel =
                Files.readString(snapshot.resolve("supervision_list_20250630_excel.csv"), StandardCharsets.UTF_8);

        assertThat(excel)
                .startsWith("\uFEFF")
                .contains("\r\n")
                .contains("\"'=示例cmd|")
                .doesNotContain("\"=示例cmd|");
        assertThat(listCsv()).contains("=示例cmd|").doesNotContain("'=示例cmd|");
    }

    @Test
    void theManifestNamesEveryFileAndThePointerTheSnapshot() throws IOException {
        JsonNode manifest = Json.read(Files.readString(snapshot.resolve("manifest.json")));
        JsonNode pointer = Json.read(Files.readString(PUBLISH.resolve("supervision_list/latest.json")));

        assertThat(pointer.get("snapshot").asString())
                .isEqualTo(snapshot.getFileName().toString());
        assertThat(manifest.get("rows").asInt()).isEqualTo(csv(list()).size());
        assertThat(banyan.jobs.publish.SnapshotFolder.whole(snapshot)).isTrue();
        assertThat(manifest.get("usage_notice").asString()).contains("不评价、不惩戒、不公开、不免抽");
        List<String> checks = new ArrayList<>();
        manifest.get("gate")
                .forEach(check -> checks.add(check.get("verdict").asString() + " "
                        + check.get("found").asString()));
        Lake lake = new Lake(Cli.session(), LAKE.toString());
        Publication.checked(
                lake, Policy.packaged(), LocalDate.parse(DAY)); // a stricter gate may have looked at it since
        assertThat(lake
                        .read("gate_checks", LocalDate.parse(DAY))
                        .selectExpr("verdict || ' ' || found")
                        .collectAsList()
                        .stream()
                        .map(row -> row.getString(0)))
                .as("kept in gate_checks")
                .containsExactlyInAnyOrderElementsOf(checks);
    }

    @Test
    void noPersonReachesWhatIsPublished() throws IOException {
        String registry = Files.readString(
                Cli.SAMPLES.resolve("2025-06-20/fujian_registry/企业登记信息_20250620.csv"),
                java.nio.charset.Charset.forName("GB18030"));
        assertThat(registry).contains("测试");
        try (Stream<Path> files = Files.walk(PUBLISH)) {
            for (Path file : (Iterable<Path>) files.filter(f -> f.toString().matches(".*\\.(csv|html|json)"))
                    .sorted()::iterator) {
                assertThat(Files.readString(file, StandardCharsets.UTF_8))
                        .as(file.toString())
                        .doesNotContain("法定代表人", "测试甲", "来电号码");
            }
        }
    }

    /** Those named in the samples: legal representatives and complainants, and their telephones. */
    @Test
    void noPersonLiesInTheLake() {
        Lake lake = new Lake(Cli.session(), LAKE.toString());
        List<String> found = new ArrayList<>();
        for (String table : Contract.all().keySet()) {
            Map<String, Dataset<Row>> all = new TreeMap<>();
            all.put(table, lake.read(table));
            if (lake.hasQuarantine(table)) {
                all.put("quarantine of " + table, lake.readQuarantine(table));
            }
            all.forEach((name, rows) -> {
                if (!rows.selectExpr("to_json(struct(*)) as text")
                        .where("text rlike '测试[甲乙丙丁戊己庚辛壬癸]|(^|[^0-9A-Z])10000[01][0-9]{5}([^0-9]|$)'")
                        .isEmpty()) {
                    found.add(name);
                }
            });
        }
        assertThat(found).isEmpty();
        assertThat(lake.readQuarantine("raw_registrations").count()).isEqualTo(2);
    }

    @Test
    void theLakeIsWholeAndSaysSo() {
        Cli.Ended check = Cli.inside("lake", "check", "--lake", LAKE.toString());

        assertThat(check.code()).as(check.out()).isZero();
        assertThat(check.out())
                .contains("The lake is whole.")
                .doesNotContain("reader 2")
                .doesNotContain("reader 3");
    }

    /** A supervisor tries a policy on a day: who would move, by which points, and what becomes of the shares. Nothing is written. */
    @Test
    @Tag("long")
    void aPolicyIsCheckedAndTriedBeforeAnybodyAdoptsIt() throws IOException {
        Path policy = Cli.ROOT.resolve("models/policy");
        Path other = HOME.resolve("policy");
        Cli.copy(policy, other);
        Path classes = other.resolve("classes/2000-01-01.yaml");
        Files.writeString(classes, Files.readString(classes).replace("class: C, from: 500", "class: C, from: 350"));
        Path shops = other.resolve("special/individual/schemes/general.yaml");
        Files.writeString(shops, Files.readString(shops).replace("class: B, from: 200", "class: B, from: 100"));
        Map<String, Integer> ofShops = new HashMap<>();
        for (CSVRecord row : csv(snapshot.resolve("special_list_20250630.csv"))) {
            int score = Integer.parseInt(row.get("score"));
            if (row.get("field").equals("individual")
                    && row.get("special_class").equals("A")
                    && score >= 100) {
                ofShops.put(row.get("entity_id"), score);
            }
        }
        Map<String, Integer> moved = new HashMap<>();
        for (CSVRecord row : csv(list())) {
            int score = Integer.parseInt(row.get("score"));
            if (row.get("risk_class").equals("B") && score >= 350) {
                moved.put(row.get("entity_id"), score);
            }
        }

        Cli.Ended diff = Cli.inside(
                "policy",
                "diff",
                policy.toString(),
                other.toString(),
                "--lake",
                LAKE.toString(),
                "--as-of",
                DAY,
                "--json");
        JsonNode told = Json.read(diff.lastLine());

        assertThat(diff.code()).as(diff.out()).isZero();
        assertThat(moved).isNotEmpty();
        moved.forEach((entity, score) ->
                assertThat(diff.out()).contains(entity + "  B → C  " + score + " → " + score + "  \n"));
        assertThat(diff.out())
                .contains("  B → C " + moved.size() + "\n" + moved.size()
                        + " entities would have another class on 2025-06-30, 0 by two steps or more");
        assertThat(told.at("/C/b").asInt() - told.at("/C/a").asInt())
                .isEqualTo(moved.size())
                .isEqualTo(told.at("/B/a").asInt() - told.at("/B/b").asInt());
        assertThat(told.get("a").asString()).isEqualTo(Policy.packaged().version());
        assertThat(ofShops).isNotEmpty();
        ofShops.forEach((entity, score) -> assertThat(diff.out())
                .contains("individual  " + entity + "  A → B  " + score + " → " + score + "  \n"));
        assertThat(told.at("/fields/individual/moved").asInt()).isEqualTo(ofShops.size());
        assertThat(told.at("/fields/ip/moved").asInt()).isZero();
        assertThat(told.at("/fields/food/A/a").asInt()).isPositive();

        Files.writeString(
                classes, Files.readString(classes).replace("months: 12, factor: 0.7", "months: 12, factor: 1.7"));
        Cli.Ended check = Cli.inside("policy", "check", "--policy", other.toString());

        assertThat(check.code()).isEqualTo(4);
        assertThat(check.out())
                .isEqualTo(
                        "Cannot use policy: classes/2000-01-01.yaml, decay: factors [1.0, 1.7, 0.4, 0.2]: a record would gain"
                                + " weight with age; let them fall, from 1 to 0\n");
    }

    /** What a guard refuses somebody may answer for, by name; the list says who did, and it stands. */
    @Test
    @Tag("long")
    void aListThatAGuardRefusesIsPublishedIfSomebodyAnswersForIt() throws IOException {
        Policy policy = Policy.packaged();
        Policy.Guards guards = policy.gate().guards();
        Policy.Gate strict = new Policy.Gate(
                policy.gate().class_shares(),
                policy.gate().min_entities_for_shares(),
                new Policy.Guards(
                        1,
                        guards.share_shift(),
                        guards.stability(),
                        guards.two_steps(),
                        guards.gone(),
                        new java.math.BigDecimal("1.01"),
                        1),
                policy.gate().models());
        Policy refusing = policy.with(strict);
        Path to = HOME.resolve("answered");
        Lake lake = new Lake(Cli.session(), LAKE.toString());
        Publication unanswered = new Publication(lake, refusing, LocalDate.parse(DAY), to, "zh", Optional.empty());

        assertThatThrownBy(unanswered::publish)
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("the gate refused it.\n     counties alike: ")
                .hasMessageContaining("answer for it with --despite 'NAME: REASON'");
        assertThat(lake.read("gate_checks", LocalDate.parse(DAY))
                        .where("verdict = 'BLOCK'")
                        .select("check")
                        .collectAsList())
                .as("what was refused is kept too")
                .containsExactly(RowFactory.create("counties alike"));
        assertThat(to.resolve("supervision_list")).doesNotExist();

        Optional<Publication.Answer> answer = Optional.of(Publication.Answer.of("信用监管科（示例）: 样本城市 is small"));
        Path answered = new Publication(lake, refusing, LocalDate.parse(DAY), to, "zh", answer)
                .publish()
                .snapshot();
        JsonNode manifest = Json.read(Files.readString(answered.resolve("manifest.json")));

        assertThat(manifest.at("/despite/by").asString()).isEqualTo("信用监管科（示例）");
        assertThat(manifest.at("/despite/reason").asString()).isEqualTo("样本城市 is small");
        assertThat(manifest.get("gate").toString()).contains("\"verdict\":\"BLOCK\"");
        assertThat(unanswered.publish().already()).isTrue();
        assertThat(Json.read(Files.readString(snapshot.resolve("manifest.json")))
                        .has("despite"))
                .isFalse();
    }

    /** Between the gate and the publication a person may have looked at it for hours. */
    @Test
    void aListThatWasBuiltAgainSinceTheGateIsNotPublished() {
        Path to = HOME.resolve("of");
        Cli.Ended other =
                Cli.inside("publish", "--lake", LAKE.toString(), "--as-of", DAY, "--to", to.toString(), "--of", "42");
        assertThat(other.code()).as(other.out()).isEqualTo(3);
        assertThat(other.out()).contains("it was built again, with fingerprint").contains("since the one with 42");
        assertThat(to).doesNotExist();

        Lake lake = new Lake(Cli.session(), LAKE.toString());
        String fingerprint = Publication.fingerprint(lake, LocalDate.parse(DAY));
        Cli.Ended dry = Cli.inside(
                "publish",
                "--lake",
                LAKE.toString(),
                "--as-of",
                DAY,
                "--to",
                to.toString(),
                "--of",
                fingerprint,
                "--dry-run",
                "--json");
        assertThat(dry.code()).as(dry.out()).isZero();
        assertThat(Json.read(dry.lastLine())
                        .path("gate")
                        .path(0)
                        .path("verdict")
                        .asString(""))
                .isEqualTo("PASS");
        assertThat(to).doesNotExist();
    }

    @Test
    void aStageIsGivenWhatItTakesAndNothingElse() {
        String[][] wrong = {
            {"run", "--lake", LAKE.toString(), "--as-of", DAY, "say where they lie with --deliveries"},
            {
                "run",
                "--stage",
                "score",
                "--publish",
                "x",
                "--lake",
                LAKE.toString(),
                "--as-of",
                DAY,
                "Cannot publish in --stage score"
            },
            {"run", "--stage", "score", "--lake", HOME + "/none", "--as-of", DAY, "there is no such lake"},
            {
                "run",
                "--stage",
                "score",
                "--despite",
                "a: b",
                "--lake",
                LAKE.toString(),
                "--as-of",
                DAY,
                "there is no list to answer for"
            },
        };
        for (String[] line : wrong) {
            Cli.Ended ended = Cli.inside(Arrays.copyOf(line, line.length - 1));
            assertThat(ended.code()).as(ended.out()).isEqualTo(2);
            assertThat(ended.out()).contains(line[line.length - 1]);
        }
    }

    @Test
    void theQuarantineIsListedAndExported() throws IOException {
        Cli.Ended list = Cli.inside("quarantine", "list", "--lake", LAKE.toString());
        Path to = Files.createTempDirectory("returned");
        Cli.Ended export = Cli.inside("quarantine", "export", "--lake", LAKE.toString(), "--to", to.toString());

        assertThat(list.out()).contains("penalties: kinds cannot be read", "raw_registrations: name is required");
        assertThat(list.out()).contains("reports: filed_on cannot be read, 0 open"); // it came again, corrected
        assertThat(export.out()).contains("3 records to", "2 records to");
        assertThat(to.resolve("数据质量回退单_direct.xlsx")).exists();
        assertThat(to.resolve("数据质量回退单_fujian_registry.xlsx")).exists();
    }

    @Test
    @EnabledIf("chromiumIsHere")
    void theReportOpensInARealBrowser() throws Exception {
        String overview = dom("");
        String found = dom("#q=" + java.net.URLEncoder.encode("示例恒景", StandardCharsets.UTF_8));
        String entity = csv(list()).get(0).get("entity_id");
        String page = dom("#entity=" + entity);

        assertThat(overview)
                .contains("data-ready=\"1\"", "id=\"kpis\"", "by_area-chart", "<svg", "id=\"toplist\"")
                .contains("id=\"synthetic\"");
        assertThat(overview).contains("&lt;script&gt;").doesNotContain("id=\"unreadable\"");
        assertThat(rows(found)).isPositive().isLessThan(rows(overview));
        assertThat(page).contains("data-entity=\"" + entity + "\"", "id=\"waterfall\"", "<svg", "id=\"contributions\"");
    }

    private static List<String> parquet(Path publish) throws IOException {
        try (Stream<Path> files = Files.walk(publish)) {
            Path file = files.filter(f -> f.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow();
            return banyan.schemas.Rows.spark().read().parquet(file.toString()).collectAsList().stream()
                    .map(Object::toString)
                    .toList();
        }
    }

    private static int rows(String dom) {
        String table = dom.substring(dom.indexOf("id=\"toplist\""));
        return table.substring(table.indexOf("<tbody"), table.indexOf("</tbody>"))
                        .split("<tr")
                        .length
                - 1;
    }

    static boolean chromiumIsHere() {
        return chromium() != null;
    }

    private static String chromium() {
        return Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                .filter(p -> Files.isExecutable(Path.of(p)))
                .findFirst()
                .orElse(null);
    }

    private static String dom(String hash) throws Exception {
        Path profile = Files.createTempDirectory("chromium");
        Process process = new ProcessBuilder(
                        chromium(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--user-data-dir=" + profile,
                        "--virtual-time-budget=10000",
                        "--dump-dom",
                        snapshot.resolve("report.html").toUri() + hash)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String dom = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        int data = dom.indexOf("<script type=\"application/json\"");
        return dom.substring(0, data) + dom.substring(dom.indexOf("</script>", data));
    }

    private static Path list() {
        return snapshot.resolve("supervision_list_20250630.csv");
    }

    private static String listCsv() throws IOException {
        return Files.readString(list(), StandardCharsets.UTF_8);
    }

    private static List<CSVRecord> csv(Path file) throws IOException {
        try (var parser = CSVFormat.RFC4180
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get()
                .parse(Files.newBufferedReader(file))) {
            return parser.getRecords();
        }
    }
}
