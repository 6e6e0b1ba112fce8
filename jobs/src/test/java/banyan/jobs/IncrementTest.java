package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import banyan.schemas.Contract;
import banyan.schemas.Rows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nights one after the other, each built on the one before, hold the same rows as a full rebuild of the last. The enterprises share a
 * handful of names, so that every new one leads records of others elsewhere; records come late, twice, corrected, withdrawn, broken,
 * by code, by old number, by the sender's own number and by name.
 */
class IncrementTest {
    private static final LocalDate FIRST = LocalDate.of(2025, 6, 28);
    private static final String[] NAMES = {"示例榕达", "示例闽盛", "示例海川", "示例远景", "示例星辉", "示例恒安", "示例泰和", "示例新通"};
    private static final String[] AREAS = {"350102", "350103", "350104"};
    private static final Map<String, String> COLUMNS = columns();

    @TempDir
    Path dir;

    private Path policy;

    /** As the packaged one, but for the bands of the class shares, which no made-up city of this size keeps. */
    @BeforeEach
    void aPolicy() throws IOException {
        policy = Cli.copy(Cli.ROOT.resolve("models/policy"), dir.resolve("policy"));
        Path gate = policy.resolve("gate.yaml");
        Files.writeString(gate, Files.readString(gate).replaceAll("min: \\d+, max: \\d+", "min: 0, max: 100"));
    }

    private final Random random = new Random(20260601);
    private final List<String> known = new ArrayList<>();
    private final Map<String, List<String>> sent = new LinkedHashMap<>();
    private int oneBrokenIn = 40;
    private int entities;
    private int records;

    @Test
    void nightsBuiltOnEachOtherEqualAFullRebuild() throws IOException {
        LocalDate july = LocalDate.of(2025, 7, 1); // the reports of a year are owed from here on
        deliver(FIRST, 900, 900);
        String name = "福州示例独一百货有限公司"; // one alone bears it, until another does
        plant(FIRST, "registrations", List.of(Cli.registration("P1", code(5001), name, "350102", "")));
        plant(
                FIRST,
                "complaints",
                List.of(Map.of(
                        "ticket_no",
                        "PT",
                        "kind",
                        "投诉",
                        "filed_on",
                        "2025-05-01",
                        "entity_name",
                        name,
                        "area_code",
                        "350102",
                        "outcome",
                        "受理")));
        plant(
                FIRST,
                "licences",
                List.of(Map.of(
                        "licence_no",
                        "PL",
                        "kind",
                        "食品生产许可证",
                        "status",
                        "有效",
                        "issued_on",
                        "2025-05-01",
                        "entity_name",
                        name,
                        "area_code",
                        "350102",
                        "address",
                        "示例路18号")));
        plant(FIRST, "province_classes", List.of(province(code(5001), "C")));
        plant(
                FIRST,
                "listings",
                List.of(Map.of(
                        "listing_no",
                        "示例列异〔2025〕9001号",
                        "list",
                        "经营异常名录",
                        "reason",
                        "弄虚作假",
                        "listed_on",
                        "2025-01-02",
                        "removed_on",
                        "2025-07-02", // known before, and over on a night of its own
                        "credit_code",
                        code(5001))));
        plant(
                FIRST,
                "awards",
                IntStream.range(0, 7).mapToObj(IncrementTest::award).toList());
        run(FIRST);
        List<String> first = files("awards");
        deliver(july, 5, 8);
        // Of an earlier day than the last delivery: it may stand between records already there.
        deliver(FIRST, "complaints", 6);
        run(july);
        Map<String, Boolean> second = increments();
        assertThat(files("awards")).as("nothing came to it").isEqualTo(first);
        deliver(july.plusDays(2), 5, 8);
        plant(july.plusDays(2), "province_classes", List.of(province(code(5002), "B")));
        plant(july.plusDays(2), "awards", List.of(award(7)));
        Cli.Ended caughtUp = run(dir.resolve("in"), dir.resolve("lake"), july.plusDays(2), "--from", "2025-07-02");
        assertThat(caughtUp.out()).containsSubsequence("2025-07-02:", "Classes:", "2025-07-03:", "Classes:");
        Map<String, Boolean> third = increments();
        Map<String, String> then = scored(july.plusDays(2));
        assertThat(files("awards"))
                .as("a record came that is new")
                .hasSize(first.size() + 1)
                .containsAll(first);
        forgetNewest("awards");
        LocalDate last = july.plusDays(3);
        deliver(last, 5, 8);
        plant(last, "registrations", List.of(Cli.registration("P2", code(5002), name, "350102", "")));
        stages(last);
        Cli.Ended again = Cli.inside(
                "run",
                "--stage",
                "ingest",
                "--policy",
                policy.toString(),
                "--deliveries",
                dir.resolve("in").toString(),
                "--lake",
                lake(),
                "--as-of",
                last.plusDays(1).toString());
        assertThat(again.code()).as(again.out()).isEqualTo(99);
        assertThat(again.out()).contains("nothing came after " + last + ", the last day that has a list");
        Map<String, Boolean> fourth = increments();
        Map<String, String> carried = fingerprints(lake(), last);
        Cli.Ended checked = Cli.inside("lake", "check", "--lake", lake());
        assertThat(checked.code()).as("what the ledger says: %s", checked.out()).isZero();
        Map<String, String> counted = counted();
        Cli.Ended rebuilt =
                Cli.inside("build", "all", "--policy", policy.toString(), "--lake", lake(), "--as-of", last.toString());

        assertThat(rebuilt.code()).as(rebuilt.out()).isZero();
        assertThat(increments()).as("a build builds all").doesNotContainValue(true);
        assertThat(fingerprints(lake(), last)).isEqualTo(carried);
        assertThat(counted()).as("records, repeats and broken ones").isEqualTo(counted);
        assertThat(new Lake(Session.open(), lake())
                        .read("links")
                        .groupBy("tier")
                        .count()
                        .count())
                .as("tiers: not all is unlinked")
                .isGreaterThan(1);
        assertThat(new Lake(Session.open(), lake())
                        .read("complaints")
                        .where("known_from > received_on")
                        .count())
                .as("records that were found to belong elsewhere later")
                .isPositive();
        for (String table : List.of("complaints", "licences")) {
            assertThat(new Lake(Session.open(), lake())
                            .read(table)
                            .where("party is not null and entity_name is not null")
                            .join(
                                    new Lake(Session.open(), lake())
                                            .read("links")
                                            .select("party"),
                                    new String[] {"party"},
                                    "left_anti")
                            .collectAsList())
                    .as("%s that nobody looked for an enterprise to", table)
                    .isEmpty();
        }
        assertThat(new Lake(Session.open(), lake())
                        .read("holds", last)
                        .select("field")
                        .distinct()
                        .count())
                .as("enterprises and shops that keep a class")
                .isEqualTo(2);
        assertThat(new Lake(Session.open(), lake())
                        .read("risk_classes", last)
                        .where("province_class is not null")
                        .select("province_class")
                        .collectAsList())
                .extracting(row -> row.getString(0))
                .as("of a class that was there from the first, and of one that came before its enterprise")
                .containsExactlyInAnyOrder("C", "B");
        publish(last);
        publish(july);
        try (Stream<Path> files = Files.walk(dir.resolve("lists"))) {
            assertThat(files.filter(file -> file.getFileName()
                                    .toString()
                                    .equals("supervision_list_"
                                            + last.toString().replace("-", "") + ".csv"))
                            .toList())
                    .singleElement(org.assertj.core.api.InstanceOfAssertFactories.PATH)
                    .content()
                    .contains("分值好转未满两次月度分类，暂按月末情形（")
                    .doesNotContain("{value}");
        }
        Path published = dir.resolve("lists/supervision_list");
        assertThat(Json.read(Files.readString(published.resolve("latest.json")))
                        .path("as_of")
                        .asString(""))
                .as("a list made later for an earlier day does not move the pointer back")
                .isEqualTo(last.toString());
        assertThat(Json.read(Files.readString(published.resolve(july + ".json")))
                        .path("as_of")
                        .asString(""))
                .isEqualTo(july.toString());
        LocalDate before = july.plusDays(2);
        Cli.Ended replayed = Cli.inside(
                "build", "all", "--policy", policy.toString(), "--lake", lake(), "--as-of", before.toString());
        assertThat(replayed.code()).as(replayed.out()).isZero();
        assertThat(scored(before))
                .as("the same day once more, now that more is known")
                .isEqualTo(then);
        List<String> conformed = List.of(
                "identities",
                "entities",
                "entity_keys",
                "entity_traits",
                "links",
                "complaints",
                "penalties",
                "reports",
                "listings",
                "samplings");
        List<String> scored = List.of(
                "obligations", "contributions", "holds", "risk_classes", "special_contributions", "special_classes");
        assertThat(conformed).allMatch(third::get);
        assertThat(scored).allMatch(third::get);
        assertThat(conformed).as("stages one by one").allMatch(fourth::get);
        assertThat(scored).as("stages one by one").allMatch(fourth::get);
        List<String> lists = List.of("supervision_list", "special_list");
        assertThat(lists).allMatch(third::get);
        assertThat(lists).as("stages one by one").allMatch(fourth::get);
        assertThat(second)
                .containsEntry("complaints", false)
                .containsEntry("penalties", true)
                .containsEntry("obligations", false)
                .containsEntry("contributions", false);
    }

    /** Files of three days, one of them sent again on the last: taken in at once, or as they arrive, in whatever order. */
    @Test
    @Tag("long")
    void theOrderInWhichFilesArriveDoesNotMatter() throws IOException {
        LocalDate last = FIRST.plusDays(2);
        oneBrokenIn = Integer.MAX_VALUE; // a few rows alone would be above the limit
        deliver(FIRST, 120, 200);
        deliver(FIRST.plusDays(1), 8, 12);
        deliver(last, 8, 12);
        Path twice = dir.resolve("in/" + FIRST + "/penalties_" + FIRST + ".csv");
        Path copy = Files.copy(twice, dir.resolve("in/" + last + "/penalties_again.csv"));
        Map<String, String> inOrder = conformed(dir.resolve("in"), dir.resolve("lake"), last);
        List<Path> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(dir.resolve("in"))) {
            all.filter(Files::isRegularFile).sorted().forEach(files::add);
        }
        for (int round = 0; round < 1; round++) {
            Collections.shuffle(files, random);
            Collections.swap(files, 0, files.indexOf(copy));
            Collections.swap(files, files.size() - 1, files.indexOf(twice));
            Path arrived = dir.resolve("arrived" + round);
            Path lake = dir.resolve("lake" + round);
            int half = 1 + random.nextInt(files.size() - 1);
            arrive(files.subList(0, half), arrived);
            conformed(arrived, lake, last);
            arrive(files.subList(half, files.size()), arrived);

            assertThat(conformed(arrived, lake, last))
                    .as("%d of %s first", half, files)
                    .isEqualTo(inOrder);
        }
    }

    private static Map<String, String> province(String code, String riskClass) {
        return Map.of("credit_code", code, "risk_class", riskClass, "classed_on", "2025-05-31");
    }

    /** Of nobody in the register. */
    private static Map<String, String> award(int n) {
        return Map.of(
                "award_no", "A" + n, "kind", "high_tech", "awarded_on", "2024-05-01", "credit_code", code(6000 + n));
    }

    /** Three lists of the past, chosen by chance, made again in the same lake when much more is known: the same to the byte. */
    @Test
    @Tag("long")
    void listsOfThePastAreMadeAgainByteForByte() throws IOException {
        List<LocalDate> nights =
                new ArrayList<>(FIRST.datesUntil(FIRST.plusDays(6)).toList());
        Map<LocalDate, Map<String, String>> were = new TreeMap<>();
        deliver(FIRST, 300, 400);
        for (LocalDate night : nights) {
            if (!night.equals(FIRST)) {
                deliver(night, 5, 8);
            }
            run(night);
            publish(night, dir.resolve("lists"));
            were.put(night, lists(dir.resolve("lists"), night));
        }
        deliver(FIRST.plusDays(6), 30, 60);
        run(FIRST.plusDays(6));
        Collections.shuffle(nights, random);
        for (LocalDate night : nights.subList(0, 3)) {
            Cli.Ended rebuilt = Cli.inside(
                    "build", "all", "--policy", policy.toString(), "--lake", lake(), "--as-of", night.toString());
            assertThat(rebuilt.code()).as(rebuilt.out()).isZero();
            publish(night, dir.resolve("again"));

            assertThat(lists(dir.resolve("again"), night))
                    .as("the lists of %s", night)
                    .isEqualTo(were.get(night));
        }
    }

    /** Name → text of the lists of a day. */
    private static Map<String, String> lists(Path published, LocalDate day) throws IOException {
        Path lists = published.resolve("supervision_list");
        String snapshot = Json.read(Files.readString(lists.resolve(day + ".json")))
                .path("snapshot")
                .asString("");
        Map<String, String> texts = new TreeMap<>();
        try (Stream<Path> files = Files.list(lists.resolve(snapshot))) {
            for (Path file : (Iterable<Path>) files.filter(f -> f.toString().endsWith(".csv"))::iterator) {
                texts.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        assertThat(texts).isNotEmpty();
        return texts;
    }

    private void arrive(List<Path> files, Path at) throws IOException {
        for (Path file : files) {
            Path to = at.resolve(dir.resolve("in").relativize(file));
            Files.createDirectories(to.getParent());
            Files.copy(file, to);
        }
    }

    private static Map<String, String> conformed(Path deliveries, Path lake, LocalDate night) {
        Cli.conform(deliveries, lake, night, "identities", "entities", "entity_keys", "penalties");
        assertThat(new Lake(Session.open(), lake.toString())
                        .read("deliveries")
                        .groupBy("delivery", "table", "file")
                        .count()
                        .where("count > 1")
                        .collectAsList())
                .as("files that the ledger names twice")
                .isEmpty();
        return fingerprints(lake.toString(), night);
    }

    @AfterAll
    static void stop() {
        Rows.spark().stop();
    }

    private void run(LocalDate night) {
        run(dir.resolve("in"), dir.resolve("lake"), night);
    }

    private Cli.Ended run(Path deliveries, Path lake, LocalDate night, String... more) {
        List<String> command = new ArrayList<>(List.of(
                "run",
                "--policy",
                policy.toString(),
                "--deliveries",
                deliveries.toString(),
                "--lake",
                lake.toString(),
                "--as-of",
                night.toString()));
        command.addAll(List.of(more));
        Cli.Ended ended = Cli.inside(command.toArray(String[]::new));
        assertThat(ended.code()).as(ended.out()).isZero();
        return ended;
    }

    /** A night as a scheduler runs it: each stage on its own, knowing of the others only what lies in the lake. */
    private void stages(LocalDate night) {
        for (Pipeline.Stage stage : Pipeline.Stage.values()) {
            List<String> command = new ArrayList<>(List.of(
                    "run",
                    "--stage",
                    stage.name(),
                    "--policy",
                    policy.toString(),
                    "--lake",
                    lake(),
                    "--as-of",
                    night.toString()));
            if (stage == Pipeline.Stage.ingest) {
                command.addAll(List.of("--deliveries", dir.resolve("in").toString()));
            }
            Cli.Ended ended = Cli.inside(command.toArray(String[]::new));
            assertThat(ended.code())
                    .as(ended.out())
                    .isEqualTo(stage == Pipeline.Stage.publish && ended.out().contains("the gate refused it") ? 3 : 0);
        }
    }

    private void publish(LocalDate day) {
        publish(day, dir.resolve("lists"));
    }

    private void publish(LocalDate day, Path to) {
        Cli.Ended ended = Cli.inside(
                "publish",
                "--policy",
                policy.toString(),
                "--lake",
                lake(),
                "--as-of",
                day.toString(),
                "--to",
                to.toString(),
                "--despite",
                "陈某: a made-up city");
        assertThat(ended.code()).as(ended.out()).isZero();
    }

    private String lake() {
        return dir.resolve("lake").toString();
    }

    /** Table → whether its newest commit was built on an earlier one. */
    private Map<String, Boolean> increments() {
        Lake lake = new Lake(Session.open(), lake());
        Map<String, Boolean> increments = new TreeMap<>();
        for (Table table : Pipeline.built()) {
            for (Lake.Commit commit : lake.commits(table.name())) {
                if (!commit.metadata().isEmpty()) {
                    increments.putIfAbsent(
                            table.name(),
                            Json.read(commit.metadata()).path("increment").asBoolean(false));
                }
            }
        }
        return increments;
    }

    private static Map<String, String> fingerprints(String path, LocalDate night) {
        Lake lake = new Lake(Session.open(), path);
        Map<String, String> fingerprints = new TreeMap<>();
        List<Table> built = Pipeline.built().stream()
                .filter(t -> lake.version(t.name()) >= 0)
                .toList();
        for (Table table : built) {
            boolean day = Contract.of(table.name()).daily();
            Lake.Written there = lake.scan(table.name(), day ? night : null);
            fingerprints.put(table.name(), there.rows() + " " + there.fingerprint());
        }
        for (Table table : Pipeline.built()) {
            if (lake.hasQuarantine(table.name())) {
                fingerprints.put(
                        "quarantine of " + table.name(),
                        Lake.fingerprint("quarantine", lake.readQuarantine(table.name())));
            }
        }
        return fingerprints;
    }

    /** Day's table → its rows of a day. */
    private Map<String, String> scored(LocalDate day) {
        Lake lake = new Lake(Session.open(), lake());
        Map<String, String> scored = new TreeMap<>();
        for (String table : List.of(
                "obligations",
                "contributions",
                "holds",
                "risk_classes",
                "special_contributions",
                "special_classes",
                "supervision_list",
                "special_list")) {
            scored.put(table, lake.scan(table, day).fingerprint());
        }
        return scored;
    }

    /** Conformed table → its rows, repeats and broken records, as the newest run that built it counted them. */
    private Map<String, String> counted() {
        Map<String, String> counted = new TreeMap<>();
        new Lake(Session.open(), lake())
                .read("runs")
                .selectExpr("table", "concat_ws(' ', rows, duplicates, quarantined) told")
                .orderBy("run_id")
                .collectAsList()
                .forEach(row -> counted.put(row.getString(0), row.getString(1)));
        counted.keySet().removeIf(table -> !Contract.of(table).conformed());
        return counted;
    }

    /** As if the run that built a table last had died before it wrote it down. */
    private void forgetNewest(String table) {
        Lake lake = new Lake(Session.open(), lake());
        String newest = "table = '" + table + "' and version = " + lake.version(table);
        lake.replace("runs", lake.read("runs").where("not (" + newest + ")"), null, "{}");
    }

    /** The data files of a table as it is now. */
    private List<String> files(String table) {
        Lake lake = new Lake(Session.open(), lake());
        return DeltaFiles.newest(lake.path(table), lake.conf()).orElseThrow().all().stream()
                .map(DeltaFiles.DataFile::path)
                .sorted()
                .toList();
    }

    /** A day's files: so many registrations of new or known enterprises, so many records of each kind. */
    private void deliver(LocalDate day, int registrations, int facts) throws IOException {
        Path folder = Files.createDirectories(dir.resolve("in").resolve(day.toString()));
        Map<String, StringBuilder> files = new LinkedHashMap<>();
        COLUMNS.forEach((table, columns) -> files.put(table, new StringBuilder(columns).append('\n')));
        for (int i = 0; i < registrations; i++) {
            files.get("registrations").append(registration(day, i == 0)).append('\n');
        }
        COLUMNS.keySet().stream()
                .filter(t -> !t.equals("registrations"))
                .forEach(table -> facts(table, day, facts)
                        .forEach(line -> files.get(table).append(line).append('\n')));
        for (Map.Entry<String, StringBuilder> file : files.entrySet()) {
            Files.writeString(
                    folder.resolve(file.getKey() + "_" + day + ".csv"), file.getValue(), StandardCharsets.UTF_8);
        }
    }

    /** A file beside the day's own. */
    private void plant(LocalDate day, String table, List<Map<String, String>> records) throws IOException {
        Cli.deliver(dir.resolve("in").resolve(day.toString()).resolve(table + "_planted.csv"), "raw_" + table, records);
    }

    /** Later, another file of one day and kind. */
    private void deliver(LocalDate day, String table, int facts) throws IOException {
        Files.writeString(
                dir.resolve("in").resolve(day.toString()).resolve(table + "_late.csv"),
                COLUMNS.get(table) + "\n" + String.join("\n", facts(table, day, facts)) + "\n",
                StandardCharsets.UTF_8);
    }

    /** Some of them as they were sent before, on that day or an earlier one. */
    private List<String> facts(String table, LocalDate day, int n) {
        List<String> before = sent.computeIfAbsent(table, t -> new ArrayList<>());
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            boolean again = !before.isEmpty() && random.nextInt(5) == 0;
            lines.add(again ? before.get(random.nextInt(before.size())) : fact(table, day));
            before.add(lines.get(i));
        }
        return lines;
    }

    private String registration(LocalDate day, boolean fresh) {
        int n = fresh || entities < 880 ? entities++ : random.nextInt(entities);
        int without = n % 3 > 0 ? 2 : random.nextInt(20); // no code yet, or another's by mistake
        String kind = n % 4 == 0 ? "个体工商户" : "企业";
        String status = random.nextInt(12) == 0 ? "注销" : "存续";
        LocalDate established = LocalDate.of(2019, 1, 1).plusDays(n * 11L % 2300);
        return String.join(
                ",",
                "R" + n,
                without < 1 ? "" : without < 2 ? code(n + 1) : code(n),
                n % 3 == 0 ? String.format("3501%011d", n) : "",
                name(random.nextInt(5) == 0 ? random.nextInt(99) : n),
                kind,
                "",
                status,
                established.toString(),
                "",
                "100",
                "10",
                List.of("5211", "1411", "7520").get(n % 7 % 3),
                AREAS[n % AREAS.length],
                address(random.nextInt(6) == 0 ? random.nextInt(99) : n),
                "",
                day.toString(),
                fresh || random.nextInt(15) > 0 ? "" : "withdraw");
    }

    /** Well-formed numbers that no check digit was computed for: none can be real. */
    private static String code(int n) {
        return String.format("9%d350199M%09d", n % 4 == 0 ? 2 : 1, n * 7919L % 999_999_937L);
    }

    private static String name(int n) {
        return NAMES[n % NAMES.length] + (n % 5 == 0 ? "商行" : "有限公司" + (n % 11 == 0 ? "" : n % 40));
    }

    private static String address(int n) {
        return "示例路" + n % 90 + "号";
    }

    private String fact(String table, LocalDate day) {
        boolean again = !known.isEmpty() && random.nextInt(5) == 0;
        String no = again ? known.get(random.nextInt(known.size())) : table.charAt(0) + "" + records++;
        known.add(no);
        int n = random.nextInt(entities + 4);
        int how = random.nextInt(10);
        String credit = how < 4 ? code(n) : how == 4 ? String.format("3501%011d", n) : "";
        String own = how == 5 ? "R" + n : "";
        String name = how >= 5 ? name(n) : "";
        String area = random.nextInt(4) == 0 ? "" : AREAS[n % AREAS.length];
        boolean rare = table.equals("complaints"); // where many are complained of, every rate is another every day
        LocalDate on = random.nextInt(rare ? 12 : 4) == 0
                ? day.minusDays(random.nextInt(30))
                : day.minusDays(rare ? 330 + random.nextInt(870) : random.nextInt(1200));
        String changed =
                random.nextInt(3) == 0 ? "" : day.minusDays(random.nextInt(4)).toString();
        String action = random.nextInt(15) == 0 ? "withdraw" : "";
        boolean broken = random.nextInt(day.equals(FIRST) ? 400 : oneBrokenIn) == 0;
        return switch (table) {
            case "complaints" ->
                String.join(
                        ",",
                        no,
                        random.nextBoolean() ? "投诉" : "举报",
                        broken ? "someday" : on.toString(),
                        credit,
                        own,
                        name,
                        area,
                        how < 5 || random.nextInt(3) == 0 ? "" : address(n),
                        "质量",
                        "食品",
                        random.nextBoolean() ? "调解成功" : "处理中",
                        random.nextBoolean() ? "是" : "否",
                        "",
                        "",
                        "88",
                        changed,
                        action);
            case "penalties" ->
                String.join(
                        ",",
                        no,
                        "局",
                        credit,
                        own,
                        name,
                        area,
                        on.toString(),
                        on.plusDays(3).toString(),
                        List.of("标签", "食品标签", "商标侵权").get(n % 3),
                        broken ? "猜测" : random.nextInt(6) == 0 ? "罚款、责令停产停业" : "罚款",
                        "5" + random.nextInt(9) + "000",
                        "",
                        random.nextInt(9) == 0
                                ? day.minusDays(random.nextInt(9) - 5L).toString()
                                : "",
                        changed,
                        action);
            case "reports" ->
                String.join(
                        ",",
                        Integer.toString(2020 + random.nextInt(5)),
                        broken ? "someday" : on.toString(),
                        credit,
                        own,
                        name,
                        area,
                        random.nextInt(3) == 0 ? "0" : "12",
                        "3",
                        "0",
                        "0",
                        "0",
                        "4",
                        changed,
                        action);
            case "listings" ->
                String.join(
                        ",",
                        no,
                        random.nextInt(9) == 0 ? "严重违法失信名单" : "经营异常名录",
                        random.nextBoolean() ? "通过登记住所无法联系" : "未按期公示年度报告",
                        "局",
                        credit,
                        own,
                        name,
                        area,
                        "2023",
                        on.toString(),
                        random.nextBoolean()
                                ? ""
                                : on.plusDays(random.nextInt(400)).toString(),
                        "",
                        "",
                        changed,
                        action);
            case "samplings" ->
                String.join(
                        ",",
                        no,
                        "铅",
                        on.toString(),
                        on.plusDays(random.nextInt(20)).toString(),
                        "监督抽检",
                        "流通",
                        "茶",
                        "茶叶",
                        broken ? "maybe" : random.nextInt(3) == 0 ? "不合格" : "合格",
                        "否",
                        "",
                        "",
                        credit,
                        own,
                        name,
                        area,
                        "",
                        "",
                        changed,
                        action);
            default -> throw new IllegalArgumentException(table);
        };
    }

    private static Map<String, String> columns() {
        Map<String, String> columns = new LinkedHashMap<>();
        for (String table : List.of("registrations", "complaints", "penalties", "reports", "listings", "samplings")) {
            List<String> names = Contract.of("raw_" + table).columnNames();
            columns.put(table, String.join(",", names.subList(0, names.indexOf("sender"))));
        }
        return columns;
    }
}
