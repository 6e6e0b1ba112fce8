package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import banyan.jobs.ingest.DeliveredFile;
import banyan.jobs.ingest.Deliveries;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deliveries in zips. */
class ZippedTest {
    private static final LocalDate DAY = LocalDate.of(2025, 6, 30);
    private static final String PENALTIES = "decision_no,credit_code,decided_on,kinds,fine_yuan,action\n";

    @TempDir
    Path dir;

    /** The same files, in a zip and not, are the same deliveries: what comes in one first brings nothing new as it is. */
    @Test
    void whatComesInAZipIsReadAsIfItCameByItself() throws IOException {
        Path plain = Files.createDirectories(dir.resolve("plain/2025-07-01"));
        try (Stream<Path> samples = Files.walk(Cli.SAMPLES.resolve("2025-06-30"))) {
            for (Path file : samples.filter(Files::isRegularFile)
                    .filter(f -> !f.toString().contains("fujian_registry"))
                    .toList()) {
                Path to = plain.resolve(
                        Cli.SAMPLES.resolve("2025-06-30").relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
        Cli.session()
                .read()
                .option("header", true)
                .csv(plain.resolve("penalties_20250630.csv").toString())
                .coalesce(1)
                .write()
                .parquet(dir.resolve("written").toString());
        try (Stream<Path> written = Files.list(dir.resolve("written"))) {
            Path parquet = written.filter(f -> f.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow();
            Files.copy(parquet, plain.resolve("penalties_20250701.parquet"));
        }
        try (Stream<Path> files = Files.walk(plain)) {
            for (Path folder : files.filter(Files::isDirectory).toList()) {
                Path to = dir.resolve("in/2025-06-30")
                        .resolve(plain.relativize(folder).toString());
                Files.createDirectories(to);
                try (Stream<Path> within = Files.list(folder)) {
                    zip(
                            to.resolve("导出.zip"),
                            within.filter(Files::isRegularFile).toList());
                }
            }
        }
        Files.move(plain, dir.resolve("in/2025-07-01"));

        Cli.conform(dir.resolve("in"), dir.resolve("lake"), DAY);
        Map<String, String> zipped = ledger(DAY);
        Cli.conform(dir.resolve("in"), dir.resolve("lake"), DAY.plusDays(1));
        Map<String, String> again = ledger(DAY.plusDays(1));

        assertThat(zipped)
                .containsExactly(
                        Map.entry("2025-06-30/hotline_12315/导出.zip/投诉举报导出_20250630.xlsx", "xlsx 25 25 0 0 of"),
                        Map.entry("2025-06-30/导出.zip/penalties_20250630.csv", "csv 5 5 0 0 of"),
                        Map.entry("2025-06-30/导出.zip/penalties_20250701.parquet", "parquet 5 5 0 0 of"),
                        Map.entry("2025-06-30/导出.zip/samplings_20250630.jsonl", "jsonl 15 15 0 0 of"));
        assertThat(again)
                .hasSameSizeAs(zipped)
                .allSatisfy((file, counts) -> assertThat(counts)
                        .endsWith("of 2025-06-30" + file.substring(10).replaceFirst("([^/]+)$", "导出.zip/$1")));
        Lake lake = new Lake(Cli.session(), dir.resolve("lake").toString());
        assertThat(lake.read("raw_penalties").groupBy("file").count().collectAsList().stream()
                        .map(row -> row.getString(0) + " " + row.getLong(1)))
                .containsExactlyInAnyOrder(
                        "2025-06-30/导出.zip/penalties_20250630.csv 5", "2025-06-30/导出.zip/penalties_20250701.parquet 5");
    }

    /** File → format, records accepted quarantined duplicates, and of which it is a replay. */
    private Map<String, String> ledger(LocalDate day) {
        Map<String, String> ledger = new TreeMap<>();
        new Lake(Cli.session(), dir.resolve("lake").toString())
                .read("deliveries")
                .where("received_on = date '" + day + "'")
                .selectExpr(
                        "file", "concat_ws(' ', format, records, accepted, quarantined, duplicates, 'of', replay_of)")
                .collectAsList()
                .forEach(row -> ledger.put(row.getString(0), row.getString(1)));
        return ledger;
    }

    /** As Windows in China packs a folder, and with what a Mac leaves behind. */
    @Test
    void namesAreUtf8OrGb18030AndWhatSystemsAddIsPassedOver() throws IOException {
        for (String charset : List.of("UTF-8", "GB18030")) {
            Path zip = dir.resolve(charset + "/2025-06-30/案件.zip");
            Files.createDirectories(zip.getParent());
            try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip), Charset.forName(charset))) {
                put(out, "六月/penalties_六月.csv", PENALTIES);
                put(out, "__MACOSX/六月/._penalties_六月.csv", "x");
                put(out, "六月/.DS_Store", "x");
            }

            List<DeliveredFile> files = Deliveries.in(dir.resolve(charset), DAY).files();

            assertThat(files).singleElement().satisfies(file -> {
                assertThat(file.name()).isEqualTo("2025-06-30/案件.zip/六月/penalties_六月.csv");
                assertThat(file.table()).isEqualTo("raw_penalties");
                assertThat(file.format()).isEqualTo("csv");
                assertThat(file.bytes()).isEqualTo(PENALTIES.length());
                assertThat(file.sha256()).isEqualTo(Sha256.of(Files.writeString(dir.resolve("x"), PENALTIES)));
            });
        }
    }

    /** Nothing is taken in, and each zip is told with what is wrong. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "stranger: x.zip/readme.csv names no table",
                "format: x.zip/penalties.doc: is no csv, csv.gz, xlsx, jsonl, parquet or zip file",
                "nested: x.zip/penalties.zip: is a zip within a zip; deliver it itself",
                "path: x.zip/../penalties .csv: has a name with other characters than letters, digits and ( ) . _ + -",
                "dots: x.zip/../penalties.csv: has a name with other characters",
                "nul: : has a name with other characters than letters",
                "damaged: x.zip: is damaged: penalties_a.csv has other bytes than were packed, by its checksum; have it sent again",
                "empty: x.zip: is a zip of no files",
                "twice: x.zip: is a zip that holds penalties_a.csv twice",
                "cut: x.zip: is cut short, encrypted or no zip (zip END header not found)",
                "encrypted: x.zip: is cut short, encrypted or no zip (invalid CEN header (encrypted entry))",
                "many: x.zip: is a zip of 1001 files; deliver at most 1000 in one",
                "bomb: x.zip: is a zip that unpacks to more than 200 times its size",
                "many bombs: x.zip: is a zip that unpacks to more than 200 times its size",
            })
    void aBadZipIsRefused(String said) throws IOException {
        String kind = said.substring(0, said.indexOf(": "));
        Path day = Files.createDirectories(dir.resolve("in/2025-06-30"));
        Files.write(day.resolve("x.zip"), bad(kind));

        assertThatThrownBy(() -> Deliveries.in(dir.resolve("in"), DAY))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining(said.substring(kind.length() + 2));
    }

    private byte[] bad(String kind) throws IOException {
        Path zip = dir.resolve("bad.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            switch (kind) {
                case "stranger" -> put(out, "readme.csv", "a\n");
                case "format" -> put(out, "penalties.doc", "a\n");
                case "nested" -> put(out, "penalties.zip", "a\n");
                case "dots" -> put(out, "../penalties.csv", PENALTIES);
                case "nul" -> put(out, "penalties\0.csv", PENALTIES);
                case "damaged" -> {
                    out.setLevel(0); // stored as it is
                    put(out, "penalties_a.csv", PENALTIES);
                }
                case "path" -> put(out, "../penalties .csv", PENALTIES);
                case "empty" -> out.putNextEntry(new ZipEntry("folder/"));
                case "many" -> {
                    for (int n = 0; n < 1001; n++) {
                        put(out, "penalties_" + n + ".csv", "");
                    }
                }
                case "bomb" -> zeros(out, "penalties.csv", 80);
                case "many bombs" -> {
                    for (int n = 0; n < 8; n++) {
                        zeros(out, "penalties_" + n + ".csv", 10);
                    }
                }
                default -> {
                    put(out, "penalties_a.csv", PENALTIES);
                    put(out, "penalties_b.csv", PENALTIES);
                }
            }
        }
        String bytes = Files.readString(zip, StandardCharsets.ISO_8859_1);
        int directory = bytes.indexOf("PK\u0001\u0002");
        String changed = switch (kind) {
            case "damaged" -> bytes.replaceFirst("fine_yuan", "fine_yuon");
            case "twice" -> bytes.replace("penalties_b", "penalties_a");
            case "cut" -> bytes.substring(0, bytes.length() - 30);
            case "encrypted" -> // bit 0 of the flags
                bytes.substring(0, directory + 8)
                        + (char) (bytes.charAt(directory + 8) | 1)
                        + bytes.substring(directory + 9);
            default -> bytes;
        };
        return changed.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void zeros(ZipOutputStream out, String name, int megabytes) throws IOException {
        out.putNextEntry(new ZipEntry(name));
        byte[] zeros = new byte[1 << 20];
        for (int n = 0; n < megabytes; n++) {
            out.write(zeros);
        }
        out.closeEntry();
    }

    private static void put(ZipOutputStream out, String name, String text) throws IOException {
        out.putNextEntry(new ZipEntry(name));
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.closeEntry();
    }

    private static void zip(Path zip, List<Path> files) throws IOException {
        try (OutputStream file = Files.newOutputStream(zip);
                ZipOutputStream out = new ZipOutputStream(file)) {
            for (Path one : files) {
                out.putNextEntry(new ZipEntry(one.getFileName().toString()));
                Files.copy(one, out);
                out.closeEntry();
            }
        }
    }
}
