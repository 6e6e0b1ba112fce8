package banyan.jobs.generate;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;

import banyan.jobs.Lake;
import banyan.jobs.Sha256;
import banyan.jobs.conform.CreditCode;
import banyan.schemas.Contract;
import banyan.schemas.Rows;
import banyan.schemas.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("long")
class OutboxTest {
    private static final LocalDate FIRST = LocalDate.of(2025, 5, 31);

    @TempDir
    static Path folder;

    private static Path city;

    @BeforeAll
    static void generate() throws IOException {
        city = write("city", 7, 2);
    }

    @Test
    void theSameSeedGivesTheSameBytesForAnyPartitioning() throws IOException {
        assertThat(hashes(write("again", 7, 5))).isEqualTo(hashes(city));
        List<String> tickets = Files.readAllLines(city.resolve("2025-05-31/complaints_20250531.csv")).stream()
                .skip(1)
                .map(line -> line.substring(0, line.indexOf(',')))
                .toList();
        assertThat(tickets).hasSizeGreaterThan(1000).isSorted();
    }

    @Test
    void anotherSeedGivesAnotherCity() throws IOException {
        Path other = write("other", 8, 2);

        assertThat(codes(other).intersect(codes(city)).count()).isZero();
    }

    /** A few are typed in lower case or full width, and one in 5,000 with a wrong last character. */
    @Test
    void codesHaveRightCheckDigitsAndAreOfNoRealArea() {
        Row all = codes(city)
                .agg(
                        count(lit(1)),
                        countDistinct("credit_code"),
                        count(when(CreditCode.checked(col("credit_code")), 1)),
                        count(when(CreditCode.madeUp(col("credit_code")), 1)))
                .head();

        assertThat(all.getLong(0)).isBetween(2400L, 2500L);
        assertThat(all.getLong(1)).isEqualTo(all.getLong(0));
        assertThat(all.getLong(2)).isBetween(all.getLong(0) - 3, all.getLong(0));
        assertThat(all.getLong(3)).isEqualTo(all.getLong(0));
    }

    @ParameterizedTest
    @CsvSource({"registrations", "samplings", "complaints", "penalties", "reports", "listings"})
    void theHeaderIsThatOfTheRawContract(String table) {
        List<String> columns = List.of(csv(city, "2025-05-31", table).columns());
        List<String> contract = Contract.of("raw_" + table).columnNames();

        assertThat(contract.subList(0, columns.size())).containsExactlyElementsOf(columns);
        assertThat(contract.subList(columns.size(), contract.size()))
                .containsExactly("sender", "delivery", "file", "line", "received_on", "row_hash");
    }

    @Test
    void whatChangesAfterTheFirstDeliveryIsDeliveredAgain() {
        Dataset<Row> before = csv(city, "2025-05-31", "complaints").where("outcome = '受理'");
        Dataset<Row> after = csv(city, "2025-06-0[1-9]", "complaints").where("outcome <> '受理'");

        assertThat(before.join(after, "ticket_no").count()).isPositive();
    }

    @Test
    void plantedPatternsShowInTheRecords() {
        Dataset<Row> truth = Rows.spark().read().option("header", "true").csv(city + "/expected/truth.csv");
        Dataset<Row> complaints =
                csv(city, "*", "complaints").where("closed_on is not null and credit_code is not null");
        Dataset<Row> penalties = csv(city, "*", "penalties");

        assertThat(truth.groupBy("pattern").count().collectAsList())
                .as("each pattern is planted")
                .hasSize(5);
        assertThat(each(truth, "surge", complaints.where("verified = '是' and outcome = '达成调解'")))
                .allMatch(n -> n >= 6);
        assertThat(each(truth, "unfounded", complaints.where("outcome = '不予受理' and verified = '否'")))
                .allMatch(n -> n >= 6);
        assertThat(each(truth, "repeat", penalties.where("fine_yuan = '120000'")))
                .allMatch(n -> n >= 2);
        assertThat(each(truth, "repaired", penalties.where("repaired_on is not null")))
                .allMatch(n -> n >= 1);
        assertThat(each(truth, "silent", csv(city, "*", "listings").where("reason = '未年报'")))
                .allMatch(n -> n >= 2);
    }

    /** For each entity of a pattern the number of its records. */
    private static List<Long> each(Dataset<Row> truth, String pattern, Dataset<Row> records) {
        return truth
                .where(col("pattern").equalTo(pattern))
                .join(records, "credit_code", "left")
                .groupBy("credit_code")
                .agg(count(records.col("entity_name")))
                .collectAsList()
                .stream()
                .map(r -> r.getLong(1))
                .toList();
    }

    private static Path write(String name, long seed, int partitions) throws IOException {
        Path to = folder.resolve(name);
        Map<String, String> spread = Map.of(
                "spark.sql.shuffle.partitions", Integer.toString(partitions),
                "spark.sql.leafNodeDefaultParallelism", Integer.toString(partitions + 1),
                "spark.sql.adaptive.enabled", "false");
        spread.forEach((key, value) -> Rows.spark().conf().set(key, value));
        try {
            new Outbox(new Lake(Rows.spark(), to + "/.lake"), to, seed, 2500, FIRST, FIRST.plusDays(9), 2).write();
        } finally {
            spread.keySet().forEach(key -> Rows.spark().conf().unset(key));
        }
        return to;
    }

    private static Dataset<Row> codes(Path of) {
        return csv(of, "*", "registrations")
                .dropDuplicates("record_no")
                .select(CreditCode.normal(Text.clean(col("credit_code"))).as("credit_code"));
    }

    private static Dataset<Row> csv(Path of, String day, String table) {
        return Rows.spark().read().option("header", "true").csv(of + "/" + day + "/" + table + "_*.csv");
    }

    private static Map<String, String> hashes(Path of) throws IOException {
        Map<String, String> hashes = new TreeMap<>();
        try (Stream<Path> files = Files.walk(of)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                hashes.put(of.relativize(file).toString(), Sha256.of(file));
            }
        }
        return hashes;
    }
}
