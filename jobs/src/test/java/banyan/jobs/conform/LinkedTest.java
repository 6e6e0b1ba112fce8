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
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
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
