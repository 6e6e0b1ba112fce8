package banyan.jobs.conform;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;

import banyan.schemas.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VersionsTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            value = {
                "a correction ends what was known; 01 - a,05 - b; 1 01..05 a,2 05.. b",
                "the same again is no new version; 01 - a,05 - a; 1 01.. a",
                "back to what it was is a new version; 01 - a,05 - b,09 - a; 1 01..05 a,2 05..09 b,3 09.. a",
                "an older state told later never counts; 01 20 b,05 10 a; 1 01.. b,2 05..05 a",
                "a newer state told later counts; 01 10 a,05 20 b; 1 01..05 a,2 05.. b",
                "one version alone; 01 - a; 1 01.. a",
                "the older state does not hide a repeat; 01 20 b,05 10 a,09 20 b; 1 01.. b,2 05..05 a",
            })
    void whatWasKnownWhen(String rule, String received, String expected) {
        StringBuilder text = new StringBuilder();
        int line = 0;
        for (String version : received.split(",")) {
            String[] part = version.strip().split(" ");
            text.append(line == 0 ? "" : " union all ")
                    .append("select 'R' record_id, date'2025-01-" + part[0] + "' known_from, ")
                    .append(part[1].equals("-") ? "cast(null as date)" : "date'2024-01-" + part[1] + "'")
                    .append(" changed_on, '" + part[2] + "' row_hash, 'f' file, " + ++line + " line, 'd' delivery");
        }

        for (boolean few : List.of(true, false)) {
            List<String> versions = Versions.of(Rows.spark().sql(text.toString()), few)
                    .orderBy("version")
                    .selectExpr(
                            "concat(version, ' ', date_format(known_from, 'dd'), '..', coalesce(date_format(known_to, 'dd'), ''), ' ', row_hash)")
                    .collectAsList()
                    .stream()
                    .map(r -> r.getString(0))
                    .toList();

            assertThat(versions).containsExactly(expected.strip().split(","));
        }
    }

    /**
     * Rows: record, received, changed, content, then each enterprise with the day from which the record was known to belong to it; a
     * record's own key may hold the enterprise (R*) or not (R).
     */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            value = {
                "found to belong elsewhere; R 01 - a X@01 Y@05; R 1 01..05 a X, R 2 05.. a Y",
                "found while a correction stands; R 01 - a X@01 Y@09,R 05 - b X@05 Z@07; R 1 01..05 a X, R 2 05..07 b X, R 3 07.. b Z",
                "found on the day of a correction; R 01 - a X@01 Y@05,R 05 - b Z@05; R 1 01..05 a X, R 2 05.. b Z",
                "the same again changes nothing; R 01 - a X@01 Y@05,R 03 - a X@03 Y@05; R 1 01..05 a X, R 2 05.. a Y",
                "what never counted counts nowhere; R 01 20 a X@01,R 05 10 b X@05 Y@07; R 1 01.. a X, R 2 05..05 b X",
                "found to be another's: its own key moves; R* 01 - a X@01 Y@05; RX 1 01..05 a X, RY 1 05.. a Y",
                "two senders, one decision, once it is known whose; R* 01 - a -@01 Y@05,R* 03 - b Y@03;"
                        + " R- 1 01..05 a -, RY 1 03.. b Y",
                "the later of two senders counts; R* 03 - a -@03 Y@05,R* 01 - b Y@01;"
                        + " R- 1 03..05 a -, RY 1 01..05 b Y, RY 2 05.. a Y",
                "there and back; R* 01 - a X@01 Y@05 X@09; RX 1 01..05 a X, RX 2 09.. a X, RY 1 05..09 a Y",
                "what stood before it stands again when it leaves; R* 01 - b Y@01,R* 03 - a Y@03 Z@09;"
                        + " RY 1 01..03 b Y, RY 2 03..09 a Y, RY 3 09.. b Y, RZ 1 09.. a Z",
                "of two found on a day the one received later counts; R* 01 20 a -@01 Y@03,R* 02 - b -@02 Y@03;"
                        + " R- 1 01..02 a -, R- 2 02..03 b -, RY 1 03.. b Y",
                "found later, and newer by the sender's word; R* 01 20 a -@01 Y@04,R* 03 10 b Y@03;"
                        + " R- 1 01..04 a -, RY 1 03..04 b Y, RY 2 04.. a Y",
                "found before an older state comes; R* 01 20 a -@01 Y@02,R* 03 10 b Y@03;"
                        + " R- 1 01..02 a -, RY 1 02.. a Y, RY 2 03..03 b Y",
            })
    void whoseARecordWasKnownToBe(String rule, String received, String expected) {
        List<String> rows = new ArrayList<>();
        int line = 0;
        for (String version : received.split(",")) {
            String[] part = version.strip().split(" ");
            line++;
            for (int p = 4; p < part.length; p++) {
                String[] whose = part[p].split("@");
                rows.add(String.format(
                        "('%s', %s, %s, %s, '%s', '%s', '%s', %s, %d)",
                        part[0].replace("*", whose[0]),
                        day("2025-01-", part[1]),
                        day("2025-01-", whose[1]),
                        day("2024-01-", part[2]),
                        part[3],
                        whose[0],
                        "t",
                        p + 1 < part.length ? day("2025-01-", part[p + 1].split("@")[1]) : "cast(null as date)",
                        line));
            }
        }
        Dataset<Row> found = Rows.spark()
                .sql(
                        "select *, 'f' file, 'd' delivery from values " + String.join(", ", rows)
                                + " as t(record_id, received_on, known_from, changed_on, row_hash, entity_id, link_tier, until, line)");

        for (boolean few : List.of(true, false)) {
            assertThat(Versions.of(found, few)
                            .orderBy("record_id", "version")
                            .selectExpr("concat(record_id, ' ', version, ' ', date_format(known_from, 'dd'), '..',"
                                    + " coalesce(date_format(known_to, 'dd'), ''), ' ', row_hash, ' ', entity_id)")
                            .collectAsList()
                            .stream()
                            .map(r -> r.getString(0))
                            .collect(Collectors.joining(", ")))
                    .isEqualTo(expected);
        }
    }

    private static String day(String month, String day) {
        return day.equals("-") ? "cast(null as date)" : "date'" + month + day + "'";
    }

    @ParameterizedTest
    @CsvSource({
        "91350100M000100Y43, true",
        "91110000101623741K, true",
        "91350102MA20002460, true",
        "92350181MA300007XF, true",
        "91350211M0000XUF46, false",
        "91350100M000100Y44, false"
    })
    void theCheckDigitOfACreditCode(String code, boolean right) {
        Row row = Rows.spark()
                .range(1)
                .select(CreditCode.checked(org.apache.spark.sql.functions.lit(code)))
                .head();

        assertThat(row.getBoolean(0)).isEqualTo(right);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-1350100M000100Y43",
                "91350100-000100Y43",
                "91350100M-00100Y43",
                "91350100M000100Y-3",
                "91350100M000100Y4",
                "91350100M000100Y433",
                "91350100M000I00Y43",
                "９1350100M000100Y43"
            })
    void whatHasNotTheFormOfACodeIsNotChecked(String code) {
        Dataset<Row> codes =
                Rows.spark().createDataset(List.of(code), Encoders.STRING()).toDF("code");

        assertThat(codes.select(CreditCode.checked(col("code"))).head().isNullAt(0))
                .isTrue();
    }

    /** Against the sum as GB 32100-2015 has it. */
    @Test
    void theCheckDigitOfAnyCode() {
        String alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
        int[] weights = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
        Random random = new Random(20251127);
        List<Row> codes = new ArrayList<>();
        for (int n = 0; n < 3000; n++) {
            StringBuilder code = new StringBuilder();
            int sum = 0;
            for (int i = 0; i < 17; i++) {
                int value = random.nextInt(i >= 2 && i < 8 ? 10 : 31);
                code.append(alphabet.charAt(value));
                sum += value * weights[i];
            }
            codes.add(RowFactory.create(code.toString(), "" + alphabet.charAt((31 - sum % 31) % 31)));
        }
        Row all = Rows.spark()
                .createDataFrame(codes, StructType.fromDDL("code string, digit string"))
                .select(
                        CreditCode.withCheck(col("code"))
                                .equalTo(concat(col("code"), col("digit")))
                                .as("made"),
                        CreditCode.checked(concat(col("code"), col("digit"))).as("right"),
                        CreditCode.checked(concat(col("code"), lit("0")))
                                .equalTo(col("digit").equalTo("0"))
                                .as("wrong"))
                .selectExpr("count_if(made)", "count_if(right)", "count_if(wrong)")
                .head();

        assertThat(List.of(all.getLong(0), all.getLong(1), all.getLong(2))).containsOnly(3000L);
    }

    @Test
    void aRecordBelongsToTheOneEntityItsNumberOrNameMeans() {
        Dataset<Row> entities = Rows.table("entities", """
                entity_id | credit_code        | reg_no          | record_no | sender | name_key   | area_code | known_from | known_to   | withdrawn
                E1        | 91350100M000100Y43 | 350100100000017 | 7         | s      | 福州示例甲   | 350102    | 2025-01-01 |            | false
                E2        | 91110000101623741K |                 | 8         | s      | 福州示例乙   | 350102    | 2025-01-01 |            | false
                E3        | 91350102MA20002460 |                 | 9         | s      | 福州示例乙   | 350103    | 2025-01-01 |            | false
                E4        |                    |                 | 10        | s      | 同名        | 350104    | 2025-01-01 |            | false
                E5        |                    |                 | 11        | s      | 同名        | 350104    | 2025-03-01 |            | false
                E6        |                    |                 | 12        | s      | 走了        | 350104    | 2025-01-01 | 2025-04-01 | false
                E6        |                    |                 | 12        | s      | 走了        | 350104    | 2025-04-01 | 2025-05-01 | true
                E6        |                    |                 | 12        | s      | 走了        | 350104    | 2025-05-01 |            | false
                E7        | 91350103MA20002525 |                 | 13        | s      | 走了        | 350104    | 2025-04-10 |            | false
                """);
        Dataset<Row> records = Rows.spark()
                .sql("""
                select * from values
                  (1, '91350100M000100Y43', null, '别名', null, 's'), (2, '350100100000017', null, null, null, 's'),
                  (3, null, '8', null, null, 's'), (4, null, '8', null, null, 'other'),
                  (5, null, null, '福州示例（乙）', '350103', 's'), (6, null, null, '福州示例乙', null, 's'),
                  (7, null, null, '同名', '350104', 's'), (8, '91350199MA00000000', null, '福州示例甲', '350102', 's'),
                  (9, null, null, '福州示例甲', null, 's'), (10, null, null, '走了', '350104', 's')
                  as t(n, credit_code, entity_no, entity_name, area_code, sender)""")
                .selectExpr(
                        "*",
                        "n <> 1 __numberless",
                        "date'2025-02-01' known_from",
                        "cast(null as string) party",
                        "null __words",
                        "cast(null as date) __day");

        Dataset<Row> none = Rows.table("links", "party | day | tier | entity_id | known_from | known_to");
        for (boolean few : List.of(true, false)) {
            List<String> linked = Linked.attach(
                            records, EntityKeys.of(entities, Rows.of("identities", List.of())), none, few)
                    .orderBy("n", "known_from")
                    .selectExpr("concat(n, ' ', coalesce(entity_id, '-'), ' ', link_tier,"
                            + " if(received_on = known_from, '', concat(' from ', known_from)),"
                            + " if(until is null, '', concat(' until ', until)))")
                    .collectAsList()
                    .stream()
                    .map(r -> r.getString(0))
                    .toList();

            assertThat(linked)
                    .containsExactly(
                            "1 E1 credit_code",
                            "2 E1 reg_no",
                            "3 E2 entity_no",
                            "4 - unlinked",
                            "5 E3 name_area",
                            "6 - unlinked",
                            "7 E4 name_area until 2025-03-01",
                            "7 - unlinked from 2025-03-01",
                            "8 E1 name_area",
                            "9 E1 name_area",
                            "10 E6 name_area until 2025-04-01",
                            "10 - unlinked from 2025-04-01 until 2025-04-10",
                            "10 E7 name_area from 2025-04-10 until 2025-05-01",
                            "10 - unlinked from 2025-05-01");
        }
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {
                "'1,000', 1000.00",
                "'1,000,000.5', 1000000.50",
                "'１，０００', null", // full width is made half width before
                "'1,5', null",
                "'1.000,50', null",
                "9999999999999999.99, 9999999999999999.99",
                "10000000000000000, null",
                "1E+999999999, null",
                "NaN, null",
                "'1,000(万元人民币)', 10000000.00",
                "5万元, 50000.00",
                "5元, 5.00",
                "'-3.5', -3.50",
                "1e5, null",
                "五百, null"
            })
    void moneyIsReadInTheUnitThatIsWritten(String text, String yuan) {
        Row row = Rows.spark()
                .range(1)
                .select(org.apache.spark.sql.functions.lit(text).as("raw fine"))
                .select(Field.yuan("fine", "decimal(18,2)").value())
                .head();

        assertThat(row.isNullAt(0) ? null : row.getDecimal(0).toPlainString()).isEqualTo(yuan);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {
                // written | day | unreadable
                "2025-06-30, 2025-06-30, false",
                "2025/6/3, 2025-06-03, false",
                "2025年6月3日, 2025-06-03, false",
                "20250603, 2025-06-03, false",
                "0001-01-01, 0001-01-01, false",
                "9999-12-31, null, false",
                "长期, null, false",
                "2023-02-30, null, true",
                "2025-6, null, true",
                "45838, null, true",
                "-1-01-01, null, true",
                "2025-06-30T00:00:00, null, true",
                "null, null, false",
            })
    void aDayIsReadOrTold(String written, String day, boolean unreadable) {
        Field field = Field.date("day");
        Row row = Rows.spark()
                .range(1)
                .select(org.apache
                        .spark
                        .sql
                        .functions
                        .lit(written)
                        .cast("string")
                        .as("raw day"))
                .withColumn("day", field.value())
                .select(org.apache.spark.sql.functions.col("day").cast("string"), field.unreadable())
                .head();

        assertThat(row.getString(0)).isEqualTo(day);
        assertThat(!row.isNullAt(1) && row.getBoolean(1)).isEqualTo(unreadable);
    }
}
