package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import banyan.schemas.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files with random faults in random places: each record is accepted, quarantined or a duplicate, and each sound one is there once. */
class ConservationTest {
    private static final LocalDate FIRST = LocalDate.of(2025, 6, 1);
    private static final int NIGHTS = 3;
    private static final int FILES = 4;

    /** What may befall a line; each costs that line, and no other. */
    private enum Fault {
        ONE_CELL_TOO_MANY,
        NO_NUMBER,
        UNKNOWN_WORD,
        NUL,
        OPEN_QUOTE,
        LONG_LINE
    }

    @TempDir
    Path dir;

    private final Random random = new Random(20251125);
    private final Map<String, String> planted = new TreeMap<>();
    /** Number → file and line of the first record that bears it. */
    private final Map<String, String> sound = new TreeMap<>();

    private int numbers;

    @Test
    void everyRecordIsAcceptedQuarantinedOrADuplicate() throws IOException {
        Path lake = dir.resolve("lake");
        for (int night = 0; night < NIGHTS; night++) {
            LocalDate day = FIRST.plusDays(night);
            for (int n = 0; n < FILES; n++) {
                deliver(day + "/penalties_" + n + ".csv");
            }
            Cli.conform(dir.resolve("in"), lake, day);
        }

        Lake taken = new Lake(Cli.session(), lake.toString());
        Map<String, String> ledger = new TreeMap<>();
        taken.read("deliveries")
                .selectExpr("file", "concat_ws(' ', records, accepted, quarantined, duplicates)")
                .collectAsList()
                .forEach(row -> ledger.put(row.getString(0), row.getString(1)));
        assertThat(ledger).isEqualTo(planted);
        assertThat(counted(taken.read("raw_penalties"))).isEqualTo(column(1));
        assertThat(counted(taken.readQuarantine("raw_penalties"))).isEqualTo(column(2));
        List<Row> accepted = taken.read("raw_penalties")
                .selectExpr("decision_no", "concat(file, ':', line)")
                .collectAsList();
        assertThat(accepted)
                .hasSameSizeAs(sound.keySet())
                .allSatisfy(row -> assertThat(row.getString(1)).isEqualTo(sound.get(row.getString(0))));
    }

    @AfterAll
    static void stop() {
        Rows.spark().stop();
    }

    /** Up to one fault in a hundred, which is what the contract allows, and as many repeats as come; what is broken may repeat, too. */
    private void deliver(String file) throws IOException {
        List<String> lines = new ArrayList<>();
        int good = 400 + random.nextInt(200);
        for (int i = 0; i < good; i++) {
            lines.add(line("D" + numbers++, "罚款", ""));
        }
        int repeats = random.nextInt(4) == 0 ? 0 : random.nextInt(20);
        for (int i = 0; i < repeats; i++) {
            lines.add(lines.get(random.nextInt(good)));
        }
        List<Fault> kinds = new ArrayList<>(List.of(Fault.values())); // each once: two open quotes would be one field
        Collections.shuffle(kinds, random);
        int faults = random.nextInt(3);
        kinds.subList(0, faults).forEach(fault -> lines.add(broken(fault)));
        if (random.nextBoolean()) {
            String twice = broken(random.nextBoolean() ? Fault.NO_NUMBER : Fault.UNKNOWN_WORD);
            lines.addAll(List.of(twice, twice));
            faults += 2;
        }
        Collections.shuffle(lines, random);
        Path to = dir.resolve("in").resolve(file);
        Files.createDirectories(to.getParent());
        Files.writeString(
                to, "decision_no,credit_code,decided_on,kinds,fine_yuan,action\n" + String.join("\n", lines) + "\n");
        for (int i = lines.size() - 1; i >= 0; i--) {
            String number = lines.get(i).split(",", 2)[0];
            if (number.startsWith("D")) {
                sound.put(number, file + ":" + (i + 2));
            }
        }
        planted.put(file, lines.size() + " " + good + " " + faults + " " + repeats);
    }

    private String broken(Fault fault) {
        String number = "X" + numbers++;
        return switch (fault) {
            case ONE_CELL_TOO_MANY -> line(number, "罚款", "") + ",more";
            case NO_NUMBER -> line("", "第" + number, "");
            case UNKNOWN_WORD -> line(number, "罚款", "perhaps");
            case NUL -> line(number, "罚\0款", "");
            case OPEN_QUOTE -> line(number, "\"罚款", "");
            case LONG_LINE -> line(number, "款".repeat(400_000), "");
        };
    }

    private static String line(String number, String kinds, String action) {
        return number + ",91350199MA00000000,2025-05-01," + kinds + ",100," + action;
    }

    /** File → how many rows it has in a table. */
    private static Map<String, String> counted(Dataset<Row> rows) {
        return rows.groupBy("file").count().collectAsList().stream()
                .collect(Collectors.toMap(row -> row.getString(0), row -> "" + row.getLong(1)));
    }

    private Map<String, String> column(int at) {
        Map<String, String> column = new TreeMap<>();
        planted.forEach((file, counts) -> column.put(file, counts.split(" ")[at]));
        column.values().removeIf("0"::equals);
        return column;
    }
}
