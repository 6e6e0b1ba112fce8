package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** `bench scorecard` and `bench binning` through the command line, on files of every kind. */
class BenchModelsTest {
    @TempDir
    static Path dir;

    private static Path plain;

    /** 600 cases: numbers with gaps and codes, words with commas and quotes, a constant, a number of its own for each case, all gaps. */
    @BeforeAll
    static void write() throws IOException {
        Random random = new Random(9);
        plain = dir.resolve("cases.csv.gz");
        try (Writer out =
                new OutputStreamWriter(new GZIPOutputStream(Files.newOutputStream(plain)), StandardCharsets.UTF_8)) {
            out.write("编号,Risk,age,kind,constant,gaps,part\n");
            for (int i = 0; i < 600; i++) {
                int age = random.nextInt(50);
                boolean bad = random.nextInt(60) < age;
                String shown = i % 9 == 0 ? "-9" : i % 11 == 0 ? "NA" : i % 101 == 0 ? "inf" : String.valueOf(age);
                String kind = i % 3 == 0 ? "\"a, \"\"b\"\"\"" : i % 7 == 0 ? "?" : "餐饮";
                out.write(i + "," + (i == 5 ? "" : bad ? "Bad" : "Good") + "," + shown + "," + kind + ",7,,"
                        + (i < 400 ? "train" : "test") + "\n");
            }
        }
    }

    private static Cli.Ended bench(String... args) {
        List<String> all = new ArrayList<>(List.of("bench"));
        all.addAll(List.of(args));
        return Cli.inside(all.toArray(String[]::new));
    }

    private static JsonNode json(String... args) {
        Cli.Ended ended = bench(args);
        assertThat(ended.code()).as(ended.out()).isZero();
        return Json.read(ended.lastLine());
    }

    @ParameterizedTest
    @CsvSource({"scorecard,xgboost", "logit,xgboost", "gbm,xgboost", "gbm,smile", "forest,xgboost"})
    void everyModelOnAFileOfEveryKind(String model, String engine) {
        JsonNode result = json(
                "scorecard",
                "--data",
                plain.toString(),
                "--label",
                "Risk",
                "--special=-9",
                "--drop",
                "编号,part",
                "--folds",
                "mod:4",
                "--model",
                model,
                "--engine",
                engine,
                "--json");
        assertThat(result.path("rows").asInt(0)).isEqualTo(599);
        assertThat(result.path("unlabelled").asInt(0)).isEqualTo(1);
        assertThat(result.path("folds")).hasSize(4);
        double sum = 0;
        for (JsonNode fold : result.path("folds")) {
            sum += fold.path("auc").asDouble(0);
            assertThat(fold.path("ks").asDouble(-1)).isBetween(0.0, 1.0);
        }
        assertThat(result.path("mean").path("auc").asDouble(0))
                .isCloseTo(sum / 4, within(1e-12))
                .isBetween(0.65, 0.9);
        assertThat(result.path("mean").path("brier").asDouble(1)).isBetween(0.1, 0.25);
        assertThat(result.path("seconds").path("fit").asDouble(-1)).isNotNegative();
        assertThat(result.path("bad_rate").asDouble(0)).isBetween(0.3, 0.5);
    }

    @Test
    void foldsOfAColumnAndASecondModel() throws IOException {
        JsonNode result = json(
                "scorecard",
                "--data",
                plain.toString(),
                "--label",
                "Risk",
                "--bad",
                "bad",
                "--special=-9",
                "--drop",
                "编号",
                "--folds",
                "column:part",
                "--against",
                "logit",
                "--only",
                "test",
                "--scores",
                dir.resolve("scores.csv").toString(),
                "--json");
        assertThat(result.path("folds"))
                .extracting(f -> f.path("fold").asString(""))
                .containsExactly("test");
        assertThat(result.path("ranking").path("interval")).hasSize(2);
        List<String> scores = Files.readAllLines(dir.resolve("scores.csv"));
        assertThat(scores).hasSize(201).element(1).asString().startsWith("402,");
        assertThat(result.path("folds").path(0).path("rows").asInt(0)).isEqualTo(200);
        assertThat(result.path("against").path("p").asDouble(-1)).isBetween(0.0, 1.0);
    }

    /** Every day is foretold from the days whose outcome was known by then, and from no other. */
    @Test
    void dayByDay() throws IOException {
        Random random = new Random(3);
        StringBuilder text = new StringBuilder("day,looked,x,bad\n");
        for (int i = 0; i < 3000; i++) {
            LocalDate day = LocalDate.of(2024, 1 + i / 500, 1);
            // What x says turns round in the last month: whoever had seen it would do better there, and worse before.
            boolean turned = i >= 2500;
            int x = random.nextInt(10);
            boolean bad = random.nextInt(10) < (turned ? 9 - x : x);
            text.append(day)
                    .append(',')
                    .append(day.plusDays(random.nextInt(30)))
                    .append(',')
                    .append(x)
                    .append(',')
                    .append(bad ? 1 : 0)
                    .append('\n');
        }
        Path file = Files.writeString(dir.resolve("days.csv"), text);
        JsonNode result = json(
                "scorecard",
                "--data",
                file.toString(),
                "--label",
                "bad",
                "--folds",
                "rolling:day:31",
                "--dates",
                "looked",
                "--baseline",
                "x",
                "--json");
        assertThat(result.path("folds"))
                .extracting(f -> f.path("fold").asString(""))
                .containsExactly("2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01", "2024-06-01");
        for (JsonNode fold : result.path("folds")) {
            boolean turned = fold.path("fold").asString("").equals("2024-06-01");
            assertThat(fold.path("auc").asDouble(0)).isBetween(turned ? 0.1 : 0.75, turned ? 0.25 : 0.9);
            assertThat(fold.path("rows").asInt(0)).isEqualTo(500);
        }
        JsonNode alone = result.path("baselines").path(0);
        assertThat(alone.path("column").asString("")).isEqualTo("x");
        assertThat(alone.path("auc").asDouble(0))
                .isCloseTo(result.path("mean").path("auc").asDouble(1), within(0.05));
        assertThat(result.path("mean").path("auc_error").asDouble(0)).isBetween(0.005, 0.03);
    }

    /** The card is shown, and written as PMML. */
    @Test
    void theCardIsShown() throws IOException {
        Path pmml = dir.resolve("card.pmml");
        Cli.Ended ended = bench(
                "scorecard",
                "--data",
                plain.toString(),
                "--label",
                "Risk",
                "--special=-9",
                "--drop",
                "编号,part",
                "--card",
                "--pmml",
                pmml.toString());
        assertThat(ended.code()).as(ended.out()).isZero();
        assertThat(ended.out())
                .contains(
                        "points to begin with",
                        "age: information value",
                        "code -9.0",
                        "missing",
                        "not in the card: constant (one value only)",
                        "not in the card: gaps (no value");
        assertThat(Files.readString(pmml)).contains("<Scorecard");
        assertThat(bench("scorecard", "--data", plain.toString(), "--label", "Risk", "--model", "gbm", "--card")
                        .out())
                .contains("What each variable adds to the log odds");
    }

    /** What was written down after the outcome is told, and so is a column of numbers with a slip in it. */
    @Test
    void whatAReaderShouldKnow() throws IOException {
        StringBuilder text = new StringBuilder("fine,amount,bad\n");
        for (int i = 0; i < 400; i++) {
            text.append(i % 4 == 0 ? 100 : 0)
                    .append(',')
                    .append(i == 7 ? "1 200" : String.valueOf(i % 50))
                    .append(',')
                    .append(i % 4 == 0 ? 1 : 0)
                    .append('\n');
        }
        Path file = Files.writeString(dir.resolve("leak.csv"), text);
        JsonNode notes = json("scorecard", "--data", file.toString(), "--label", "bad", "--json")
                .path("notes");
        assertThat(notes)
                .extracting(n -> n.asString(""))
                .anySatisfy(
                        n -> assertThat(n).startsWith("fine alone has an information value of 0.00 and an AUC of 1.00"))
                .anySatisfy(n -> assertThat(n)
                        .startsWith(
                                "amount is taken for words, because 1 of its values are no numbers, the first 1 200"));
    }

    @Test
    void bins() {
        JsonNode result = json(
                "binning",
                "--data",
                plain.toString(),
                "--label",
                "Risk",
                "--variable",
                "age",
                "--special=-9",
                "--trend",
                "ascending",
                "--max-bins",
                "4",
                "--json");
        assertThat(result.path("trend").asString("")).isEqualTo("ascending");
        assertThat(result.path("cuts").size()).isBetween(1, 3);
        assertThat(result.path("bins")).hasSize(result.path("cuts").size() + 3);
        assertThat(result.path("bins").path(0).path("from").isNull()).isTrue();
        assertThat(result.path("bins").path(0).path("to"))
                .isEqualTo(result.path("cuts").path(0));
        double iv = 0;
        double cases = 0;
        double before = -1;
        for (JsonNode bin : result.path("bins")) {
            iv += bin.path("iv").asDouble(0);
            cases += bin.path("bad").asDouble(0) + bin.path("good").asDouble(0);
            if (bin.has("from")) {
                double rate = bin.path("bad").asDouble(0)
                        / (bin.path("bad").asDouble(0) + bin.path("good").asDouble(0));
                assertThat(rate).isGreaterThan(before);
                before = rate;
            }
        }
        assertThat(cases).isEqualTo(599);
        assertThat(result.path("iv").asDouble(0)).isCloseTo(iv, within(1e-12));
        JsonNode words = json("binning", "--data", plain.toString(), "--label", "Risk", "--variable", "kind", "--json");
        assertThat(words.path("bins").path(0).path("words").size()).isPositive();
    }

    /** Each mistake is told with what to do, and ends with its code. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "scorecard --data DIR/none.csv --label y | 2 | there is no such file",
                "scorecard --data CASES --label risk | 2 | Cannot find column risk in",
                "scorecard --data CASES --label part | 2 | Say which value is bad with --bad VALUE",
                "scorecard --data CASES --label Risk --bad worst | 2 | no Risk is worst; it holds Bad, Good",
                "scorecard --data CASES --label Risk --folds 5 | 2 | none of mod:K, column:NAME and rolling:NAME:DAYS",
                "scorecard --data CASES --label Risk --folds mod:1 | 2 | 1 folds were found",
                "scorecard --data CASES --label Risk --folds column:编号 | 2 | 599 folds were found",
                "scorecard --data CASES --label Risk --model gbm --pmml DIR/x | 2 | goes with --model scorecard only",
                "scorecard --data CASES --label Risk --pmml DIR/no/x | 2 | there is no folder",
                "scorecard --data CASES --label Risk --folds rolling:part:9 | 3 | train is no day such as",
                "scorecard --data CASES --label Risk --baseline kind | 2 | Cannot take kind for a score",
                "scorecard --data CASES --label Risk --only 7 | 2 | the folds are 0, 1, 2, 3, 4",
                "scorecard --data CASES --label Risk --dates kind | 3 | and no day such as",
                "binning --data CASES --label Risk --variable 编号 --leaves 0 --atoms 600 --min-size 0 --max-bins 90 | 2 | too much memory",
                "scorecard --data DIR/alike.csv --label y | 3 | both kinds are needed",
                "scorecard --data DIR/empty.csv --label y | 3 | it holds a header and no case",
                "scorecard --data DIR/ragged.csv --label y | 3 | line 3: 3 fields where the header has 2",
                "binning --data CASES --label Risk --variable Risk | 2 | it is the label",
                "binning --data CASES --label Risk --variable age --max-p 0 | 2 | --max-p in (0, 1]",
            })
    void mistakes(String command, int code, String said) throws IOException {
        Files.writeString(dir.resolve("alike.csv"), "y,a\n1,2\n1,3\n1,4\n1,5\n1,6\n1,7\n");
        Files.writeString(dir.resolve("empty.csv"), "y,a\n");
        Files.writeString(dir.resolve("ragged.csv"), "y,a\n1,2\n0,3,4\n");
        Cli.Ended ended = bench(command.replace("DIR", dir.toString())
                .replace("CASES", plain.toString())
                .split(" "));
        assertThat(ended.out()).contains(said);
        assertThat(ended.code()).isEqualTo(code);
    }

    /** The public files that the figures of the README are of; their folder is named by BANYAN_TRIAL_DATA. */
    @ParameterizedTest
    @CsvSource({
        "german.csv.gz, creditability, mod:10, scorecard, 0.787",
        "german.csv.gz, creditability, mod:10, gbm, 0.783",
        "taiwan.csv.gz, class, mod:5, scorecard, 0.768",
        "taiwan.csv.gz, class, mod:5, gbm, 0.783"
    })
    void publicFiles(String file, String label, String folds, String model, double auc) {
        String folder = System.getenv("BANYAN_TRIAL_DATA");
        Assumptions.assumeTrue(
                folder != null, "BANYAN_TRIAL_DATA names no folder with credit/german.csv.gz and credit/taiwan.csv.gz");
        String drop = file.startsWith("taiwan") ? "ID" : "";
        JsonNode result = json(
                "scorecard",
                "--data",
                Path.of(folder, "credit", file).toString(),
                "--label",
                label,
                "--folds",
                folds,
                "--model",
                model,
                "--drop=" + drop,
                "--json");
        assertThat(result.path("mean").path("auc").asDouble(0)).isGreaterThanOrEqualTo(auc);
    }
}
