package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each kind of bad input through the real command line: a clear error, the right exit code, nothing half-written. */
class BadInputTest {
    private static final String HEADER = "decision_no,credit_code,decided_on,violation,kinds,fine_yuan\n";
    private static final String ROW = "D1,91350199MA00000000,2025-01-02,labels,罚款,100\n";

    @TempDir
    Path dir;

    @Test
    void aWrongHeaderACutWorkbookAndAnEmptyFileAreRefusedTogether() throws IOException {
        deliver("penalties_1.csv", "number,what\n1,2\n");
        deliver("penalties_2.csv", "");
        deliver("penalties_3.csv", HEADER);
        deliver("penalties_4.csv", HEADER.replace("fine_yuan", "fine_yaun") + ROW);
        Path sent = Cli.SAMPLES.resolve("2025-06-30/hotline_12315/投诉举报导出_20250630.xlsx");
        byte[] whole = Files.readAllBytes(sent);
        Path cut = day().resolve("hotline_12315/投诉举报导出_1.xlsx");
        Files.createDirectories(cut.getParent());
        Files.write(cut, Arrays.copyOf(whole, whole.length / 2));

        Cli.Ended first = run();
        assertThat(first.code()).isEqualTo(3);
        assertThat(first.out())
                .contains(
                        "nothing was taken in",
                        "penalties_2.csv: it is empty: 0 bytes",
                        "投诉举报导出_1.xlsx: it is cut short");
        Files.delete(cut);
        Files.delete(day().resolve("penalties_2.csv"));

        Cli.Ended second = run();
        assertThat(second.code()).isEqualTo(3);
        assertThat(second.out())
                .contains("penalties_1.csv: its header is wrong: decision_no is missing")
                .contains("The header reads: number, what")
                .contains(
                        "penalties_4.csv: its header is wrong: fine_yaun is no column of raw_penalties, is it fine_yuan?");
        Files.delete(day().resolve("penalties_1.csv"));
        Files.delete(day().resolve("penalties_4.csv"));

        Cli.Ended third = run();
        assertThat(third.code()).isEqualTo(3);
        assertThat(third.out()).contains("penalties_3.csv: it holds no record");
        assertThat(tables()).isEmpty();
    }

    @Test
    void moreBrokenRecordsThanTheContractAllowsRefuseTheDelivery() throws IOException {
        deliver("penalties_1.csv", HEADER + ROW + ",x,2025-01-02,labels,罚款,1\n");

        Cli.Ended ended = run();

        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.out())
                .contains(
                        "1 of 2 records break the contract of raw_penalties; it allows 1.0 %",
                        "decision_no is required");
        assertThat(tables()).isEmpty();
    }

    @Test
    void unknownFilesAreNamed() throws IOException {
        deliver("holiday.csv", HEADER + ROW);
        deliver("nobody/penalties.csv", HEADER + ROW);
        Files.writeString(dir.resolve("deliveries/penalties_2.csv"), HEADER + ROW);

        Cli.Ended ended = run();

        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.out())
                .contains(
                        "holiday.csv names no table",
                        "nobody/ names no sender",
                        "penalties_2.csv lies outside a folder of the day");
        assertThat(dir.resolve("lake")).doesNotExist();
    }

    @Test
    void wrongCommandsAreRefusedBeforeAnythingStarts() throws IOException {
        Path file = Files.writeString(dir.resolve("file"), "x");
        Files.createDirectories(dir.resolve("deliveries"));
        String deliveries = dir.resolve("deliveries").toString();

        assertThat(refused(2, "run", "--deliveries", deliveries, "--lake", file.toString(), "--as-of", "2025-06-30"))
                .contains("it is a file");
        assertThat(refused(2, "run", "--deliveries", deliveries, "--lake", lake(), "--as-of", "9000-01-01"))
                .contains("Cannot work for 9000-01-01: today is");
        assertThat(refused(2, "run", "--deliveries", file.toString(), "--lake", lake(), "--as-of", "2025-06-30"))
                .contains("is no folder");
        assertThat(refused(2, "run", "--deliveries", deliveries, "--lake", lake(), "--as-of", "30.6.2025"))
                .contains("--as-of");
        assertThat(refused(2, arguments("--from", "2025-07-01"))).contains("from 2025-07-01 to 2025-06-30: that ends");
        assertThat(refused(2, arguments("--from", "2025-06-29", "--known-at", "2025-06-30")))
                .contains("--from with --known-at");
        assertThat(refused(2, arguments("--from", "2025-06-29", "--stage", "ingest")))
                .contains("--from with --stage");
        Path sender = Files.createDirectories(dir.resolve("chicago"));
        assertThat(refused(
                        2,
                        "run",
                        "--deliveries",
                        sender.toString(),
                        "--lake",
                        lake(),
                        "--as-of",
                        "2025-06-30",
                        "--from",
                        "2025-06-29"))
                .contains("the folder of one sender is its delivery of a single day");
        assertThat(refused(2, "publish", "--lake", lake(), "--as-of", "2025-06-30", "--to", "s3a://lists/city"))
                .contains("that is a URI");
        assertThat(refused(
                        2, "publish", "--lake", lake(), "--as-of", "2025-06-30", "--to", "x", "--despite", "no name"))
                .contains("write who answers and why, as 'NAME: REASON'");
        assertThat(refused(2, "biuld")).contains("build");
        assertThat(refused(2, "build", "nothing", "--lake", lake(), "--as-of", "2025-06-30"))
                .contains("there is no such table");
        assertThat(refused(2, "build", "raw_penalties", "--lake", lake(), "--as-of", "2025-06-30"))
                .contains("raw tables come from deliveries");
        assertThat(refused(2, "explain", "X", "--lake", lake(), "--as-of", "2025-06-30"))
                .contains("there is no such lake");
        Files.createDirectories(dir.resolve("empty"));
        assertThat(refused(2, "explain", "X", "--lake", dir.resolve("empty").toString(), "--as-of", "2025-06-30"))
                .isEqualTo("Cannot explain X: no entity of that id, credit code or name has a class on 2025-06-30."
                        + " Build the day with `banyan build all`, or look the entity up in the list.\n");
        assertThat(refused(99, "run", "--deliveries", deliveries, "--lake", lake(), "--as-of", "2025-06-30"))
                .contains("Nothing to do");
        assertThat(refused(99, arguments("--from", "2025-06-29")))
                .containsSubsequence("2025-06-29:", "Nothing was delivered yet", "2025-06-30:", "Nothing to do");
    }

    @Test
    void aWrongContractOrPolicyEndsInFour() throws IOException {
        deliver("penalties_1.csv", HEADER + ROW);
        Path contracts = Cli.copy(Cli.ROOT.resolve("schemas/contracts"), dir.resolve("front/contracts"));
        Path policy = Cli.copy(Cli.ROOT.resolve("models/policy"), dir.resolve("policy"));
        replace(contracts.resolve("2-conformed/penalties.yaml"), "required: true", "requird: true");
        replace(policy.resolve("indicators/report_late.yaml"), "latest and late", "latest and layt");

        Cli.Ended contract = Cli.run(List.of(dir.resolve("front")), arguments());
        assertThat(contract.code()).as(contract.out()).isEqualTo(4);
        assertThat(contract.out()).contains("Cannot use 2-conformed/penalties.yaml", "requird");

        String[] withPolicy = Stream.concat(Arrays.stream(arguments()), Stream.of("--policy", policy.toString()))
                .toArray(String[]::new);
        Cli.Ended wrong = Cli.inside(withPolicy);
        assertThat(wrong.code()).as(wrong.out()).isEqualTo(4);
        assertThat(wrong.out()).contains("Cannot use indicators/report_late.yaml", "layt");

        replace(policy.resolve("indicators/report_late.yaml"), "latest and layt", "latest and late");
        replace(policy.resolve("gate.yaml"), "class_shares", "class_shars");
        assertThat(Cli.inside(withPolicy).code()).isEqualTo(4);
        assertThat(tables()).isEmpty();
    }

    /** As where a run ended before its ledger was written, and a sender's codes were corrected before the next. */
    @Test
    void whatAnUnfinishedAttemptSetAsideGoesOnceTheFileIsTakenInWhole() throws Exception {
        deliver("penalties_1.csv", HEADER + ROW);
        byte[] bytes = Files.readAllBytes(day().resolve("penalties_1.csv"));
        String delivery =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        Lake lake = new Lake(Cli.session(), lake());
        for (String of : List.of(delivery, "of another file")) {
            Object[] aside = {"raw_penalties", of, "s", "f", 2L, LocalDate.EPOCH, List.of("rule"), "{}"};
            String slice = "delivery in ('" + of + "')";
            lake.replaceQuarantine(
                    "raw_penalties",
                    lake.rows(List.of(RowFactory.create(aside)), "quarantine"),
                    slice,
                    Json.object().put("slice", slice).toString());
        }

        Cli.Ended ended = Cli.inside(arguments());

        assertThat(ended.code()).as(ended.out()).isZero();
        assertThat(lake.readQuarantine("raw_penalties").select("delivery").collectAsList())
                .extracting(row -> row.getString(0))
                .containsExactly("of another file");
    }

    @Test
    void aSecondRunAtTheSameTimeIsToldSo() throws Exception {
        deliver("penalties_1.csv", HEADER + ROW);
        Files.createDirectories(dir.resolve("lake"));
        try (var channel = java.nio.channels.FileChannel.open(
                        dir.resolve("lake/.lock"),
                        java.nio.file.StandardOpenOption.CREATE,
                        java.nio.file.StandardOpenOption.WRITE);
                var lock = channel.lock()) {
            Cli.Ended ended = Cli.run(arguments());

            assertThat(lock.isValid()).isTrue();
            assertThat(ended.code()).as(ended.out()).isEqualTo(5);
            assertThat(ended.out()).contains("another run holds its lock");
        }
    }

    private String refused(int code, String... arguments) {
        Cli.Ended ended = Cli.inside(arguments);
        assertThat(ended.code()).as(ended.out()).isEqualTo(code);
        assertThat(ended.out()).doesNotContain("\tat banyan");
        return ended.out();
    }

    private Cli.Ended run() {
        return Cli.inside(arguments());
    }

    private String[] arguments(String... more) {
        List<String> run = new ArrayList<>(List.of(
                "run",
                "--deliveries",
                dir.resolve("deliveries").toString(),
                "--lake",
                lake(),
                "--as-of",
                "2025-06-30"));
        run.addAll(List.of(more));
        return run.toArray(String[]::new);
    }

    private String lake() {
        return dir.resolve("lake").toString();
    }

    private Path day() {
        return dir.resolve("deliveries/2025-06-30");
    }

    private void deliver(String name, String text) throws IOException {
        Path file = day().resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text, StandardCharsets.UTF_8);
    }

    /** The Delta logs of the lake. */
    private List<Path> tables() throws IOException {
        if (!Files.exists(dir.resolve("lake"))) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(dir.resolve("lake"))) {
            return files.filter(f -> f.toString().contains("_delta_log")).toList();
        }
    }

    private static void replace(Path file, String was, String is) throws IOException {
        String text = Files.readString(file);
        assertThat(text).contains(was);
        Files.writeString(file, text.replace(was, is));
    }
}
