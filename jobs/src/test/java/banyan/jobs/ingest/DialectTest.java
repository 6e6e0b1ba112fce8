package banyan.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.sql.Timestamp;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DialectTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "postgresql | (SELECT \"no\", \"时间\" FROM \"cf\".\"a\"\"b\" WHERE (\"t\" > TIMESTAMP '2025-06-01 09:59:59.000001' AND \"t\" <= TIMESTAMP '2025-06-02 00:00:00.000000' OR \"t\" IS NULL)) t",
                "mysql      | (SELECT `no`, `时间` FROM `cf`.`a\"b` WHERE (`t` > TIMESTAMP '2025-06-01 09:59:59.000001' AND `t` <= TIMESTAMP '2025-06-02 00:00:00.000000' OR `t` IS NULL)) t",
                "oracle     | (SELECT \"no\", \"时间\" FROM \"cf\".\"a\"\"b\" WHERE (\"t\" > TIMESTAMP '2025-06-01 09:59:59.000001' AND \"t\" <= TIMESTAMP '2025-06-02 00:00:00.000000' OR \"t\" IS NULL)) t"
            },
            quoteCharacter = '~')
    void whatIsAskedOfADatabase(Dialect dialect, String sql) {
        Watermark after = Watermark.of(Timestamp.valueOf("2025-06-01 10:59:59.000001"))
                .orElseThrow()
                .less("PT1H");
        Watermark until = Watermark.of(java.sql.Date.valueOf("2025-06-02")).orElseThrow();

        assertThat(dialect.rows("cf.a\"b", List.of("no", "时间"), dialect.between("t", after, until, null)))
                .isEqualTo(sql);
    }

    @Test
    void withoutAnEarlierReadingAllIsAskedFor() {
        assertThat(Dialect.mysql.between("n", null, new Watermark(null, BigDecimal.TEN), null))
                .isEqualTo("(`n` <= 10 OR `n` IS NULL)");
    }

    @Test
    void aWatermarkOfTheFutureIsReadEachTimeAndMovesNothing() {
        Watermark until = Watermark.of(java.sql.Date.valueOf("2025-06-02")).orElseThrow();
        Watermark future = Watermark.of(java.sql.Date.valueOf("2025-06-03")).orElseThrow();

        assertThat(Dialect.mysql.between("t", null, until, future))
                .isEqualTo("(`t` <= TIMESTAMP '2025-06-02 00:00:00.000000' OR `t` IS NULL"
                        + " OR `t` >= TIMESTAMP '2025-06-03 00:00:00.000000')");
    }

    @Test
    void anInstantFinerThanWeWriteIsRoundedUpSoThatItsRowIsRead() {
        assertThat(Watermark.of(Timestamp.valueOf("2025-06-01 10:59:59.000001001"))
                        .map(Watermark::name))
                .contains("20250601T105959.000002");
    }

    @Test
    void anOverlapOfTheOtherKindIsRefused() {
        assertThatThrownBy(() -> new Watermark(null, BigDecimal.TEN).less("PT2H"))
                .hasMessageContaining("PT2H is no number");
        assertThatThrownBy(() -> Watermark.of(java.sql.Date.valueOf("2025-06-02"))
                        .orElseThrow()
                        .less("P1M"))
                .hasMessageContaining("P1M is no duration");
    }

    @ParameterizedTest
    @CsvSource({
        "20250601T105959.000001, true",
        "12345678901234567890, true",
        "0.5, true",
        "backup, false",
        "2025-06-01, false"
    })
    void aWatermarkIsTheSameInItsName(String name, boolean is) {
        assertThat(Watermark.inName(name).map(Watermark::name).isPresent()).isEqualTo(is);
        Watermark.inName(name).ifPresent(mark -> assertThat(mark.name()).isEqualTo(name));
    }

    @Test
    void watermarksAreOrderedAndOverlap() {
        Watermark ten = new Watermark(null, BigDecimal.TEN);

        assertThat(ten.less("3")).isLessThan(ten).isEqualTo(new Watermark(null, new BigDecimal(7)));
        assertThat(Watermark.of(null)).isEmpty();
        assertThat(Watermark.inName("20250601T000000.000000")
                        .orElseThrow()
                        .less("PT2H")
                        .literal())
                .isEqualTo("TIMESTAMP '2025-05-31 22:00:00.000000'");
    }
}
