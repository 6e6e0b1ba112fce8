package banyan.schemas;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkdaysTest {
    private final Workdays workdays = Workdays.official();

    /** Counted by hand on the calendars of the notices. */
    @ParameterizedTest(name = "{0} + {1}: {3}")
    @CsvSource({
        "2025-06-30, 10, 2025-07-14, an ordinary fortnight",
        "2025-09-30, 1, 2025-10-09, National Day and Mid-Autumn of 2025 are eight days",
        "2025-09-30, 3, 2025-10-11, Saturday the 11th of October is worked",
        "2025-01-24, 1, 2025-01-26, Sunday the 26th of January is worked before Spring Festival",
        "2025-01-26, 2, 2025-02-05, and the holiday lasts to the 4th of February",
        "2025-04-25, 2, 2025-04-28, so is Sunday the 27th of April",
        "2020-01-23, 1, 2020-02-03, Spring Festival of 2020 was prolonged to the 2nd of February",
        "2015-09-02, 2, 2015-09-07, the day of victory of 2015: Sunday the 6th is worked",
        "2024-12-31, 1, 2025-01-02, over the end of a year",
        "2026-12-30, 1, 2026-12-31, the last day that is known"
    })
    void after(LocalDate day, int n, LocalDate expected, String why) {
        assertThat(workdays.after(day, n)).as(why).contains(expected);
    }

    @Test
    void nothingIsSaidOfAYearThatIsNotAnnounced() {
        assertThat(workdays.after(LocalDate.of(2026, 12, 30), 2)).isEmpty();
        assertThat(workdays.after(LocalDate.of(2014, 12, 31), 1)).isEmpty();
    }

    /** Against counting day by day. */
    @Test
    void columnsSayTheSameAsDaysCountedOneByOne() {
        Random random = new Random(20261126);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            rows.add(RowFactory.create(LocalDate.of(2014, 11, 1).plusDays(random.nextInt(4500))));
        }
        List<Row> said = Rows.spark()
                .createDataFrame(rows, new StructType().add("day", DataTypes.DateType))
                .select(col("day"), workdays.after(col("day"), 1), workdays.after(col("day"), 20))
                .collectAsList();

        assertThat(said).allSatisfy(row -> {
            LocalDate day = row.getLocalDate(0);
            assertThat(row.<LocalDate>getAs(1)).isEqualTo(workdays.after(day, 1).orElse(null));
            LocalDate at = day;
            for (int n = 0; n < 20 && at != null; n++) {
                at = workdays.after(at, 1).orElse(null);
            }
            assertThat(row.<LocalDate>getAs(2)).as("20 after " + day).isEqualTo(at);
        });
    }
}
