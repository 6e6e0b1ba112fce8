package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The life of a learned model through the command line, in a town whose inspections were delivered month by month: fitted on the past,
 * put to its checks, promoted or refused, scored, listed, explained, measured afterwards, retired. The steps are those of one story.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ModelsTest {
    private static final String MODEL = "inspection_problem";
    private static final LocalDate FIRST = LocalDate.parse("2023-01-05");
    private static final int MONTHS = 30;
    private static final LocalDate FITTED = FIRST.plusMonths(24);
    private static final LocalDate FIRST_LIST = FITTED.plusDays(1);
    private static final LocalDate LAST = FIRST.plusMonths(MONTHS);
    private static final int ENTERPRISES = 600;

    @TempDir
    static Path dir;

    private static String version;

    /** Each month half of the enterprises are looked at; three in ten, those of 2019, are found in breach twice as often as the others. */
    @BeforeAll
    static void aTown() throws IOException {
        Random random = new Random(11);
        List<Map<String, String>> register = new ArrayList<>();
        for (int i = 0; i < ENTERPRISES; i++) {
            Map<String, String> registration =
                    new HashMap<>(Cli.registration("" + i, code(i), "福州第" + i + "示例有限公司", "350102", "示例路" + i + "号"));
            registration.put("established_on", worse(i) ? "2019-06-01" : "2012-06-01");
            register.add(registration);
        }
        deliver(FIRST, "raw_registrations", register);
        int number = 0;
        for (int month = 0; month < MONTHS; month++) {
            List<Map<String, String>> inspections = new ArrayList<>();
            for (int i = 0; i < ENTERPRISES; i++) {
                if (random.nextInt(2) == 0) {
                    continue;
                }
                boolean breach = random.nextDouble() < (worse(i) ? 0.6 : 0.3);
                String day = FIRST.plusMonths(month)
                        .minusDays(1 + random.nextInt(28))
                        .toString();
                inspections.add(new HashMap<>(Map.of(
                        "inspection_no",
                        "S" + number,
                        "item",
                        "甲",
                        "inspected_on",
                        day,
                        "kind",
                        random.nextInt(4) == 0 ? "double_random" : random.nextInt(10) == 0 ? "follow_up" : "routine",
                        "result",
                        random.nextInt(20) == 0 ? "no_activity" : breach ? "ordered_to_correct" : "no_problem",
                        "authority",
                        "第" + random.nextInt(3) + "所",
                        "credit_code",
                        code(i))));
                Map<String, String> second = new HashMap<>(inspections.get(inspections.size() - 1));
                second.put("item", "乙"); // the same inspection looks at two things, and finds nothing in the second
                second.put("result", "no_problem");
                inspections.add(second);
                number++;
            }
            deliver(FIRST.plusMonths(month), "raw_inspections", inspections);
        }
        conform(FITTED);
    }

    /** Takes in what had been delivered by a day; builds no list. */
    private static void conform(LocalDate day) {
        Cli.conform(
                dir.resolve("in"),
                dir.resolve("lake"),
                day,
                "identities",
                "entities",
                "entity_keys",
                "entity_traits",
                "link_decisions",
                "quarantine_decisions",
                "links",
                "inspections");
    }

    private static boolean worse(int i) {
        return i % 10 < 3;
    }

    private static String code(int i) {
        return String.format("91350199MA0%07d", i);
    }

    private static void deliver(LocalDate day, String table, List<Map<String, String>> records) throws IOException {
        Cli.deliver(dir.resolve("in/" + day + "/" + table + ".csv"), table, records);
    }

    private static String lake() {
        return dir.resolve("lake").toString();
    }

    private static Cli.Ended banyan(String... arguments) {
        return Cli.inside(Stream.concat(Arrays.stream(arguments), Stream.of("--lake", lake()))
                .toArray(String[]::new));
    }

    private static List<Row> rows(String table, LocalDate day) {
        return new Lake(Cli.session(), lake()).read(table, day).collectAsList();
    }

    /** Before anything was fitted there is no prediction, no list of them, and nothing to promote. */
    @Test
    @Order(1)
    void beforeAnyModel() {
        assertThat(dir.resolve("lake/3-scored/predictions")).doesNotExist();
        assertThat(banyan("models", "list").code()).isEqualTo(99);
        Cli.Ended promoted = banyan(
                "promote",
                MODEL,
                "0123456789ab",
                "--to",
                "champion",
                "--as-of",
                FITTED.toString(),
                "--by",
                "陈",
                "--reason",
                "x");
        assertThat(promoted.code()).isEqualTo(2);
        assertThat(promoted.out()).contains("it was never fitted");
        assertThat(banyan("evaluate", MODEL, "--as-of", FITTED.toString()).code())
                .isEqualTo(99);
        Cli.Ended early = banyan("train", MODEL, "--as-of", "2023-03-01", "--by", "陈");
        assertThat(early.code()).isEqualTo(3);
        assertThat(early.out()).contains("no outcome is ripe");
    }

    @Test
    @Order(2)
    void fittedOnThePast() throws IOException {
        Cli.Ended train = banyan(
                "train",
                MODEL,
                "--as-of",
                FITTED.toString(),
                "--every",
                "2",
                "--by",
                "陈",
                "--card",
                dir.resolve("cards").toString(),
                "--json");
        assertThat(train.code()).as(train.out()).isZero();
        assertThat(train.out()).doesNotContain("BLOCK").doesNotContain("WARN").contains("Kept as a candidate.");
        version = Json.read(train.lastLine()).path("model_version").asString("");
        assertThat(version).matches("[0-9a-f]{12}");
        assertThat(Json.read(train.lastLine()).path("measured").path("auc").asDouble())
                .as("three in ten are twice as bad: known for sure, the AUC is 0.61")
                .isBetween(0.55, 0.65);
        String last = Json.read(train.lastLine())
                .path("measured")
                .path("rounds")
                .get(0)
                .path("day")
                .asString("");
        assertThat(LocalDate.parse(last)).isAfter(FIRST.plusMonths(2));
        assertThat(banyan("models", "list").out())
                .contains(MODEL + " " + version + "  scorecard")
                .contains("candidate  陈: fitted on");
        String card = Files.readString(dir.resolve("cards/" + MODEL + "-" + version + ".zh.md"));
        assertThat(card)
                .contains("内部参考：仅用于配置监督检查资源，不评价、不惩戒、不公开、不免抽")
                .contains("| 回测时点数 | PASS |")
                .contains("- 随机抽查样本 ")
                .contains("| 不靠识别检查人员取胜 | PASS |")
                .contains("| 双重稳健 | ")
                .contains("`inspector`")
                .contains("近36个月发现问题次数")
                .contains("candidate | 陈 |")
                .doesNotContain("null");
        assertThat(dir.resolve("cards/" + MODEL + "-" + version + ".en.html"))
                .content(StandardCharsets.UTF_8)
                .contains("<th>check</th>")
                .contains("<td>PASS</td>")
                .doesNotContain("| --- |");
    }

    /** One that looked back on too few days is kept, and refused, whoever asks. */
    @Test
    @Order(3)
    void aVersionThatDidNotPass() {
        Cli.Ended train = banyan(
                "train",
                MODEL,
                "--as-of",
                FITTED.toString(),
                "--every",
                "2",
                "--from",
                FITTED.minusMonths(11).toString(),
                "--by",
                "陈",
                "--must-pass",
                "--json");
        assertThat(train.code()).as(train.out()).isEqualTo(3);
        assertThat(train.out())
                .contains("BLOCK days looked back on")
                .contains("cannot be promoted")
                .contains("It stays on record as a candidate");
        String summary = train.out()
                .lines()
                .filter(line -> line.startsWith("{"))
                .findFirst()
                .orElseThrow();
        String other = Json.read(summary).path("model_version").asString("");
        assertThat(other).isNotEqualTo(version);
        Cli.Ended promoted = promote(other, "champion", FIRST_LIST);
        assertThat(promoted.code()).isEqualTo(3);
        assertThat(promoted.out()).contains("did not pass its checks").contains("days looked back on: ");
        assertThat(banyan("models", "list").out()).doesNotContain("champion");
    }

    private static Cli.Ended promote(String which, String to, LocalDate since) {
        return banyan(
                "promote",
                MODEL,
                which,
                "--to",
                to,
                "--as-of",
                since.toString(),
                "--by",
                "林",
                "--reason",
                "passed all checks");
    }

    @Test
    @Order(4)
    void promoted() {
        assertThat(promote(version, "retired", FIRST_LIST).code())
                .as("no promotion")
                .isEqualTo(2);
        assertThat(promote(version, "champion", FIRST_LIST).code()).isZero();
        assertThat(promote(version, "champion", FIRST_LIST.plusDays(1)).out()).contains("it is champion");
        assertThat(banyan("models", "list").out()).contains("champion   林: passed all checks");
    }

    /** All are scored and listed, most likely first, as is explained; and the day is the same whatever came after it. */
    @Test
    @Order(5)
    void scoredAndListed() throws IOException {
        Cli.Ended build = banyan("build", "all", "--as-of", FIRST_LIST.toString());
        assertThat(build.code()).as(build.out()).isZero();
        List<Row> predictions = rows("predictions", FIRST_LIST);
        assertThat(predictions).hasSize(ENTERPRISES);
        assertThat(predictions).allSatisfy(row -> {
            assertThat(row.<String>getAs("state")).isEqualTo("champion");
            assertThat(row.<BigDecimal>getAs("probability")).isBetween(new BigDecimal("0.05"), new BigDecimal("0.95"));
        });
        List<Row> list = new Lake(Cli.session(), lake())
                .read("prediction_list", FIRST_LIST)
                .orderBy("rank")
                .collectAsList();
        assertThat(list).hasSize(ENTERPRISES);
        assertThat(IntStream.range(1, ENTERPRISES)
                        .allMatch(i -> list.get(i)
                                        .<BigDecimal>getAs("probability")
                                        .compareTo(list.get(i - 1).getAs("probability"))
                                <= 0))
                .as("most likely first")
                .isTrue();
        assertThat(list.get(0).<Integer>getAs("decile")).isEqualTo(1);
        assertThat(list.get(ENTERPRISES - 1).<Integer>getAs("decile")).isEqualTo(10);
        long worseFirst = list.stream()
                .limit(60)
                .filter(row ->
                        worse(Integer.parseInt(row.<String>getAs("entity_id").substring(11))))
                .count();
        assertThat(worseFirst)
                .as("of the first tenth, where 15 would be by chance")
                .isGreaterThan(25);
        assertThat(list.get(0).<String>getAs("reason_1")).contains("：");
        List<Row> drift = rows("model_drift", FIRST_LIST);
        assertThat(drift).extracting(row -> row.<String>getAs("measure")).contains("score", "problems_36m");
        Row score = drift.stream()
                .filter(row -> row.getAs("measure").equals("score"))
                .findFirst()
                .orElseThrow();
        assertThat(score.<BigDecimal>getAs("expected_bad").doubleValue()).isBetween(180.0, 300.0);
        assertThat(score.<BigDecimal>getAs("expected_auc").doubleValue()).isBetween(0.52, 0.7);

        Cli.Ended published = banyan(
                "publish",
                "--as-of",
                FIRST_LIST.toString(),
                "--to",
                dir.resolve("out").toString(),
                "--despite",
                "陈某: a made-up city of one class");
        assertThat(published.code()).as(published.out()).isZero();
        Path snapshot = Path.of(published
                .out()
                .lines()
                .filter(line -> line.startsWith("Published: "))
                .findFirst()
                .orElseThrow()
                .substring("Published: ".length()));
        String named = "prediction_list_" + FIRST_LIST.toString().replace("-", "");
        assertThat(Files.readAllLines(snapshot.resolve(named + ".csv"))).hasSize(ENTERPRISES + 1);
        assertThat(snapshot.resolve(named + "_excel.csv")).exists();
        assertThat(snapshot.resolve(named + ".parquet")).exists();
        assertThat(Files.readString(snapshot.resolve("manifest.json")))
                .contains("predictions listed once, as they were worked out")
                .contains("1 versions are in force, and scored")
                .contains("drift of " + MODEL + " " + version)
                .contains("\"model_version\" : \"" + version + "\"");
        assertThat(Files.readString(snapshot.resolve("report.html"))).contains("\"models\":[{\"name\":\"检查发现问题\"");

        String first = list.get(0).getAs("entity_id");
        Cli.Ended explained = Cli.run("explain", first, "--lake", lake(), "--as-of", FIRST_LIST.toString(), "--json");
        assertThat(explained.code()).as(explained.out()).isZero();
        assertThat(explained.out()).contains("模型预测：检查发现问题，概率 ").contains("（较通常 +");
        var one = Json.read(explained.lastLine()).path("predictions").get(0);
        double sum = one.path("base").asDouble();
        for (var part : one.path("parts")) {
            sum += part.path("part").asDouble();
        }
        assertThat(sum).isCloseTo(one.path("score").asDouble(), org.assertj.core.api.Assertions.within(0.01));
    }

    /** What is scored is what would have been fitted on: features of both are the same text, of all that were looked at. */
    @Test
    @Order(6)
    void servedAsItIsFitted() throws IOException {
        conform(LAST);
        Path csv = dir.resolve("set.csv");
        Cli.Ended snapshot = banyan(
                "snapshot",
                MODEL,
                "--from",
                FIRST_LIST.toString(),
                "--to",
                FIRST_LIST.toString(),
                "--csv",
                csv.toString());
        assertThat(snapshot.code()).as(snapshot.out()).isZero();
        Map<String, List<String>> served = new HashMap<>();
        rows("predictions", FIRST_LIST)
                .forEach(row -> served.put(
                        row.getAs("entity_id"),
                        row.<String>getList(row.fieldIndex("features")).stream()
                                .map(f -> f.substring(f.indexOf('=') + 1))
                                .toList()));
        List<String> lines = Files.readAllLines(csv);
        assertThat(lines).hasSizeGreaterThan(300);
        int inspections = lines.get(0)
                .substring(0, lines.get(0).indexOf(",inspections_36m"))
                .split(",")
                .length;
        int problems =
                lines.get(0).substring(0, lines.get(0).indexOf(",problems_36m")).split(",").length;
        assertThat(lines.subList(1, lines.size()))
                .as("of two items one inspection")
                .allSatisfy(line -> {
                    String[] cells = line.split(",", -1);
                    assertThat(Integer.parseInt(cells[problems]))
                            .isLessThanOrEqualTo(Integer.parseInt(cells[inspections]));
                    assertThat(Integer.parseInt(cells[inspections])).isLessThanOrEqualTo(MONTHS);
                });
        for (String line : lines.subList(1, lines.size())) {
            List<String> cells = Arrays.asList(line.split(",", -1));
            assertThat(cells.subList(4, cells.size())).as(line).isEqualTo(served.get(cells.get(0)));
        }
    }

    @Test
    @Order(7)
    void measuredAfterwards() {
        Cli.Ended evaluated = banyan(
                "evaluate",
                MODEL,
                "--as-of",
                LAST.toString(),
                "--card",
                dir.resolve("cards").toString());
        assertThat(evaluated.code()).as(evaluated.out()).isZero();
        Matcher said = Pattern.compile(version + " scorecard: AUC (0\\.\\d{4}) .*observed to expected (\\d\\.\\d\\d)")
                .matcher(evaluated.out());
        assertThat(said.find()).as(evaluated.out()).isTrue();
        assertThat(Double.parseDouble(said.group(1))).isBetween(0.54, 0.68);
        assertThat(Double.parseDouble(said.group(2))).isBetween(0.8, 1.2);
        assertThat(dir.resolve("cards/" + MODEL + "-" + version + ".zh.md"))
                .content()
                .contains("训练以来");
        Cli.Ended unripe = banyan("evaluate", MODEL, "--as-of", FIRST_LIST.toString());
        assertThat(unripe.code()).isEqualTo(3);
        assertThat(unripe.out()).contains("the outcome of " + FITTED + " is ripe on ");
    }

    @Test
    @Order(8)
    void exported() {
        Path sql = dir.resolve("card.sql");
        assertThat(banyan("models", "export", MODEL, version, "--form", "sql", "--to", sql.toString())
                        .code())
                .isZero();
        assertThat(sql).content().contains("case when \"months_open\" is null");
        Path pmml = dir.resolve("card.pmml");
        assertThat(banyan("models", "export", MODEL, version, "--form", "pmml", "--to", pmml.toString())
                        .code())
                .isZero();
        assertThat(pmml).content().contains("<Scorecard");
        assertThat(banyan(
                                "models",
                                "card",
                                MODEL,
                                version,
                                "--to",
                                dir.resolve("again").toString())
                        .out())
                .contains(".zh.md")
                .contains(".en.html");
    }

    /** Retired it scores no more from that day on; the days before it stay as they were. */
    @Test
    @Order(9)
    void retired() {
        LocalDate next = FIRST_LIST.plusDays(1);
        Cli.Ended past = banyan(
                "retire",
                MODEL,
                version,
                "--as-of",
                FIRST_LIST.toString(),
                "--by",
                "林",
                "--reason",
                "a new code of violations");
        assertThat(past.code()).isEqualTo(2);
        assertThat(past.out())
                .contains("days up to " + FIRST_LIST + " are built or decided about, and stay as they are");
        Cli.Ended retired = banyan(
                "retire",
                MODEL,
                version,
                "--as-of",
                next.toString(),
                "--by",
                "林",
                "--reason",
                "a new code of violations");
        assertThat(retired.code()).as(retired.out()).isZero();
        assertThat(banyan(
                                "retire",
                                MODEL,
                                version,
                                "--as-of",
                                next.plusDays(1).toString(),
                                "--by",
                                "林",
                                "--reason",
                                "x")
                        .out())
                .contains("it is retired since " + next);
        assertThat(banyan("build", "predictions", "model_drift", "--as-of", next.toString())
                        .code())
                .isZero();
        assertThat(rows("predictions", next)).isEmpty();
        assertThat(rows("model_drift", next)).isEmpty();
        List<Row> before = rows("predictions", FIRST_LIST);
        assertThat(banyan("build", "predictions", "--as-of", FIRST_LIST.toString())
                        .code())
                .isZero();
        assertThat(rows("predictions", FIRST_LIST)).hasSize(ENTERPRISES).containsExactlyInAnyOrderElementsOf(before);
    }
}
