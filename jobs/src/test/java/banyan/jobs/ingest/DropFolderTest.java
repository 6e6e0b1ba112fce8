package banyan.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import banyan.jobs.Refusal;
import banyan.jobs.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DropFolderTest {
    private static final LocalDate DAY = LocalDate.of(2025, 6, 30);
    private static final int BATCHES = 300;

    @TempDir
    Path dir;

    @Test
    void whatIsCompleteGoesToItsSenderAndTheRestWaits() throws IOException {
        put("fujian_registry/b1/企业登记信息_1.csv", "one");
        put("fujian_registry/b1/_SUCCESS", "");
        put("fujian_registry/b2/企业登记信息_1.csv", "two");
        Path file = put("direct/b 1/penalties_1.csv.gz", "three");
        put("direct/b 1/_SUCCESS", Sha256.of(file) + "  penalties_1.csv.gz\n");
        put("direct/unfinished/penalties_2.csv", "fo");
        put("direct/unlisted/penalties_3.csv", "five");
        put("direct/unlisted/penalties_4.csv", "six");
        put("direct/unlisted/_SUCCESS", "0".repeat(64) + "  penalties_3.csv\n"); // sha256sum is not done yet

        DropFolder.Collected first = drop().collect();

        assertThat(first.files())
                .extracting(Path::toString)
                .containsExactly("2025-06-30/penalties_1.csv.gz", "2025-06-30/fujian_registry/企业登记信息_1.csv");
        assertThat(first.waiting())
                .extracting(Path::toString)
                .containsExactly("direct/unfinished", "direct/unlisted", "fujian_registry/b2");
        put("fujian_registry/b2/_SUCCESS", "");
        assertThat(drop().collect().files())
                .extracting(Path::toString)
                .containsExactly("2025-06-30/fujian_registry/企业登记信息_1_b2.csv");
        assertThat(files(dir.resolve("in/2025-06-30"))).hasSize(3);
        assertThat(Deliveries.in(dir.resolve("in"), DAY).files()).hasSize(3);
        assertThat(drop().collect().batches()).isZero();
        for (int again = 2; again <= 3; again++) { // a name of a batch, and of its file, used once more
            put("fujian_registry/b2/企业登记信息_1.csv", "two, " + again);
            put("fujian_registry/b2/_SUCCESS", "");
            assertThat(drop().collect().files())
                    .extracting(Path::toString)
                    .containsExactly("2025-06-30/fujian_registry/企业登记信息_1_b2-" + again + ".csv");
        }
        assertThat(files(dir.resolve("in/2025-06-30"))).hasSize(5);
    }

    @Test
    void aBatchWithOtherBytesThanItSaysStaysWhereItIsWithAllOthers() throws IOException {
        put("direct/good/penalties_1.csv", "good");
        put("direct/good/_SUCCESS", "");
        put("direct/bad/penalties_2.csv", "half of it");
        put(
                "direct/bad/_SUCCESS",
                "0".repeat(64) + "  penalties_2.csv\n" + "0".repeat(64) + "  ../penalties_3.csv\nodd\n");
        put("nobody/b/x.csv", "");
        put("direct/odd/Thumbs.db", "");
        put("direct/odd/_SUCCESS", "");
        put("fujian_registry/odd/inner/企业登记信息_1.csv", "");
        put("fujian_registry/odd/_SUCCESS", "");
        Files.createSymbolicLink(dir.resolve("drop/direct/link"), dir.resolve("drop/direct/good"));

        assertThatThrownBy(() -> drop().collect())
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("nothing was moved")
                .hasMessageContaining("direct/bad/penalties_2.csv has other bytes than _SUCCESS says")
                .hasMessageContaining("direct/bad lacks ../penalties_3.csv")
                .hasMessageContaining("no SHA-256 and name: odd")
                .hasMessageContaining("direct/odd/Thumbs.db: names no table")
                .hasMessageContaining("fujian_registry/odd/inner: is a folder")
                .hasMessageContaining("direct/link is no batch")
                .hasMessageContaining("nobody names no sender");
        assertThat(dir.resolve("in/2025-06-30")).doesNotExist();
    }

    @Test
    void whatADeadCollectorHadClaimedIsBroughtHome() throws IOException {
        Path claimed = dir.resolve("in/.incoming/drop/2025-06-29 direct b7/penalties_7.csv");
        Files.createDirectories(claimed.getParent());
        Files.writeString(claimed, "seven");
        put("direct/b7/penalties_8.csv", "eight"); // the sender has used the name again
        put("direct/b7/_SUCCESS", "");

        assertThat(drop().collect().files())
                .extracting(Path::toString)
                .containsExactly("2025-06-29/penalties_7.csv", "2025-06-30/penalties_8.csv");
        assertThat(Deliveries.in(dir.resolve("in"), DAY).files()).hasSize(2);
    }

    /** A sender writes batch after batch while two collectors collect: every file arrives whole, and once. */
    @Test
    void filesThatArriveMeanwhileArriveWholeAndOnce() throws Exception {
        Files.createDirectories(dir.resolve("drop/direct"));
        AtomicInteger written = new AtomicInteger();
        ExecutorService workers = Executors.newFixedThreadPool(3);
        List<Future<Integer>> done = new ArrayList<>();
        done.add(workers.submit(() -> {
            for (int b = 0; b < BATCHES; b++) {
                for (int part = 0; part < 3; part++) {
                    Path file = dir.resolve("drop/direct/b" + b + "/penalties_" + part + ".csv");
                    Files.createDirectories(file.getParent());
                    for (int piece = 0; piece < 4; piece++) { // in pieces, as over a slow line
                        Files.writeString(
                                file,
                                "x".repeat(1000),
                                java.nio.file.StandardOpenOption.CREATE,
                                java.nio.file.StandardOpenOption.APPEND);
                    }
                    Files.writeString(file, b + "." + part, java.nio.file.StandardOpenOption.APPEND);
                }
                Files.createFile(dir.resolve("drop/direct/b" + b + "/_SUCCESS"));
                written.incrementAndGet();
            }
            return 0;
        }));
        Callable<Integer> collector = () -> {
            int files = 0;
            boolean last;
            do {
                last = written.get() == BATCHES;
                files += drop().collect().files().size();
            } while (!last);
            return files;
        };
        done.add(workers.submit(collector));
        done.add(workers.submit(collector));
        int collected = 0;
        for (Future<Integer> worker : done) {
            collected += worker.get();
        }
        workers.shutdown();

        List<Path> arrived = files(dir.resolve("in/2025-06-30"));
        assertThat(collected).isEqualTo(3 * BATCHES);
        assertThat(arrived).hasSize(3 * BATCHES).allMatch(file -> size(file) > 4000);
        assertThat(arrived.stream().map(DropFolderTest::text).distinct()).hasSize(3 * BATCHES);
    }

    private DropFolder drop() {
        return new DropFolder(dir.resolve("drop"), dir.resolve("in"), DAY);
    }

    private Path put(String name, String text) throws IOException {
        Path file = dir.resolve("drop").resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
