package banyan.jobs.conform;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;
import static org.assertj.core.api.Assertions.assertThat;

import banyan.schemas.Rows;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinkedTest {
    private static final String FOUND = "array<struct<from:date,to:date,entity_id:string,tier:string>>";

    /** Keys that lead somewhere for some days, open or closed, from before or after the day of a record, or nowhere. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void whatIsToldAtOnceIsWhatALookAtEachDayTells(long seed) {
        Random random = new Random(seed);
        List<Row> records = IntStream.range(0, 1500)
                .mapToObj(n -> RowFactory.create(day(random), found(random), found(random), found(random)))
                .toList();
        Dataset<Row> told = Rows.spark()
                .createDataFrame(
                        records,
                        StructType.fromDDL("known_from date, __by_number " + FOUND + ", __by_name " + FOUND
                                + ", __by_party " + FOUND))
                .withColumn("at_once", Linked.led())
                .withColumn("by_day", Linked.whose());

        assertThat(told.where(not(col("at_once").eqNullSafe(col("by_day")))).collectAsList())
                .isEmpty();
        assertThat(told.where("size(by_day) = 1").count()).isBetween(300L, 1200L);
    }

    /** A key that leads elsewhere finds its records by code, own number, name in the area, and party, and no others. */
    @Test
    void theRecordsThatAMovedKeyMayLeadElsewhereAreFound() {
        String good = "91350100M000100Y43";
        Dataset<Row> records = Rows.table("complaints", """
                row_hash   | credit_code        | sender | party | area_code | entity_name          | filed_on
                by code    | 91350100M000100Y43 | hub    |       | 350102    | 福州示例榕达有限公司 | 2025-01-01
                by name    |                    | hub    | p1    | 350102    | 福州示例榕达有限公司 | 2025-01-01
                elsewhere  |                    | hub    | p2    | 350103    | 福州示例榕达有限公司 | 2025-01-01
                without day|                    | hub    | p3    | 350102    | 福州示例榕达有限公司 |
                any area   |                    | hub    | p4    |           | 福州示例闽盛有限公司 | 2025-01-01
                by party   |                    | hub    | p5    | 350102    | 福州示例海川有限公司 | 2025-01-02
                other day  |                    | hub    | p5    | 350102    | 福州示例海川有限公司 | 2025-01-03
                other name |                    | hub    | p6    | 350102    | 福州示例远景有限公司 | 2025-01-01
                by number  |                    | hub    | p7    | 350102    | 福州示例星辉有限公司 | 2025-01-01
                """);
        Dataset<Row> raw = Rows.table("raw_complaints", """
                row_hash   | sender | entity_no
                by number  | hub    | 7
                other name | hub    | 8
                by code    | post   | 7
                """);
        Dataset<Row> links = Rows.table("links", """
                party | day        | name_key
                p1    | 2025-01-01 | 福州示例榕达有限公司
                p2    | 2025-01-01 | 福州示例榕达有限公司
                p4    | 2025-01-01 | 福州示例闽盛有限公司
                p5    | 2025-01-02 | 福州示例海川有限公司
                p5    | 2025-01-03 | 福州示例海川有限公司
                p6    | 2025-01-01 | 福州示例远景有限公司
                """);
        List<Row> moved = Stream.of(
                        "credit_code " + good,
                        "entity_no hub 7",
                        "name 350102 福州示例榕达有限公司",
                        "name * 福州示例闽盛有限公司",
                        "party p5 2025-01-02")
                .map(key -> RowFactory.create(key))
                .toList();
        Dataset<Row> keys = Rows.spark().createDataFrame(moved, StructType.fromDDL("key string"));

        assertThat(Linked.affected("complaints", records, raw, links, keys).collectAsList())
                .extracting(row -> row.getString(0))
                .containsExactlyInAnyOrder("by code", "by name", "without day", "any area", "by party", "by number");
    }

    private static LocalDate day(Random random) {
        return LocalDate.of(2025, 1, 1).plusDays(random.nextInt(20));
    }

    private static List<Row> found(Random random) {
        if (random.nextInt(3) > 0) {
            return null;
        }
        List<Row> found = new ArrayList<>();
        for (int n = 0; n <= random.nextInt(3); n++) {
            LocalDate from = random.nextInt(4) == 0 ? null : day(random);
            LocalDate to =
                    random.nextInt(2) == 0 ? null : LocalDate.of(2025, 1, 21).plusDays(random.nextInt(9));
            found.add(RowFactory.create(from, to, "E" + random.nextInt(3), random.nextInt(9) == 0 ? null : "probable"));
        }
        found.sort(Comparator.comparing(row -> row.isNullAt(0) ? LocalDate.MIN : row.getLocalDate(0)));
        return found;
    }
}
