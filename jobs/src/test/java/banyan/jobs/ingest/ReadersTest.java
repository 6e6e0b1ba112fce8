package banyan.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadersTest {
    @TempDir
    Path dir;

    @Test
    void quotesMayHoldDelimitersAndLineEnds() throws IOException {
        assertThat(csv("a,b\n1,\"x, y\"\n2,\"line\r\nend \"\"q\"\"\"\n\n3,\n"))
                .containsExactly("2: 1|x, y", "3: 2|line\nend \"q\"", "6: 3|∅");
    }

    @Test
    void aQuoteThatIsNotClosedCostsItsOwnLineOnly() throws IOException {
        assertThat(csv("a,b\n1,\"open\n2,x\n3,y\n")).containsExactly("2! a quote is not closed", "3: 2|x", "4: 3|y");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "'a,b|1,2,3|4,5'; '2! 3 fields where the header has 2, 3: 4|5'",
                "'a,b|1|4,5'; '2! 1 fields where the header has 2, 3: 4|5'",
                "'a,b|1,\u0000|4,5'; '2! line holds a NUL character, 3: 4|5'",
            })
    void aBrokenLineIsTold(String file, String told) throws IOException {
        assertThat(String.join(", ", csv(file.replace('|', '\n') + "\n"))).isEqualTo(told);
    }

    @Test
    void aLineThatIsNotTheDeclaredEncodingIsTold() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write("名,b\n榕,1\n".getBytes(StandardCharsets.UTF_8));
        bytes.write("榕城,2\n".getBytes(Charset.forName("GB18030")));

        assertThat(csv(bytes.toByteArray(), StandardCharsets.UTF_8)).containsExactly("2: 榕|1", "3! line is not UTF-8");
    }

    @Test
    void aByteOrderMarkACarriageReturnAndGzipAreReadThrough() throws IOException {
        Path file = dir.resolve("x.csv.gz");
        try (var gzip = new GZIPOutputStream(Files.newOutputStream(file))) {
            gzip.write("\uFEFFa,b\r1,2\r3,4".getBytes(StandardCharsets.UTF_8));
        }
        Told told = new Told();
        CsvFile.read(file, StandardCharsets.UTF_8, ',', 1, told);

        assertThat(told.columns).containsExactly("a", "b");
        assertThat(told.lines).containsExactly("2: 1|2", "3: 3|4");
    }

    @Test
    void aCutGzipIsRefused() throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(whole)) {
            gzip.write(("a,b\n" + "1,2\n".repeat(1000)).getBytes(StandardCharsets.UTF_8));
        }
        Path file = dir.resolve("x.csv.gz");
        Files.write(file, Arrays.copyOf(whole.toByteArray(), whole.size() - 12));

        assertThatThrownBy(() -> CsvFile.read(file, StandardCharsets.UTF_8, ',', 1, new Told()))
                .isInstanceOf(UnreadableFile.class)
                .hasMessageContaining("cut short");
    }

    @Test
    void aVeryLongLineIsOneUnreadableRecord() throws IOException {
        assertThat(csv("a,b\n" + "x".repeat(3 << 20) + "\n1,2\n"))
                .containsExactly("2! line is longer than 1 MiB", "3: 1|2");
    }

    @Test
    void twoColumnsOfOneNameAreRefused() {
        assertThatThrownBy(() -> csv("a,a\n1,2\n"))
                .isInstanceOf(UnreadableFile.class)
                .hasMessageContaining("twice");
    }

    @Test
    void jsonLinesKeepNumbersAsWritten() throws IOException {
        Path file = dir.resolve("x.jsonl");
        Files.writeString(file, "{\"a\":1.50,\"b\":\"x\"}\n{\"b\":null,\"c\":[1]}\n{\"a\":\n[1]\n");
        Told told = new Told();
        JsonLinesFile.read(file, StandardCharsets.UTF_8, told);

        assertThat(told.columns).containsExactly("a", "b", "c");
        assertThat(told.lines)
                .containsExactly("1: 1.50|x|∅", "2: ∅|∅|[1]", "3! line is no JSON object", "4! line is no JSON object");
    }

    @ParameterizedTest
    @CsvSource({"UTF-8, UTF-8", "GB18030, GB18030"})
    void theEncodingIsGuessed(String written, String guessed) throws IOException {
        Path file = dir.resolve("x.csv");
        Files.write(file, "名称,区\n福州示例,鼓楼\n".getBytes(Charset.forName(written)));

        assertThat(TextLines.guess(file).name()).isEqualTo(guessed);
    }

    /** Whatever the bytes, each line that is not blank is told of: none is lost, none is told of twice. */
    @Test
    void nothingIsLostWhateverTheBytes() throws IOException {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder("a,b\n");
            int lines = 1 + random.nextInt(20);
            for (int i = 0; i < lines; i++) {
                String[] pieces = {"1,2", "\"1\",\"2\"", "1,\"2", "1\",2", "1,2,3", "\"a\"b,c", "x,\"y \"\" z\""};
                text.append(pieces[random.nextInt(pieces.length)]).append('\n');
            }
            Told told = new Told();
            Path file = Files.writeString(dir.resolve("fuzz.csv"), text);
            CsvFile.read(file, StandardCharsets.UTF_8, ',', 1, told);

            int covered = 0;
            for (String line : told.lines) {
                covered += 1 + (int) line.chars().filter(c -> c == '\n').count();
            }
            assertThat(covered).as("seed %d%n%s", seed, text).isEqualTo(lines);
        }
    }

    private List<String> csv(String text) throws IOException {
        return csv(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    private List<String> csv(byte[] bytes, Charset charset) throws IOException {
        Path file = dir.resolve("x.csv");
        Files.write(file, bytes);
        Told told = new Told();
        CsvFile.read(file, charset, ',', 1, told);
        return told.lines;
    }
}
