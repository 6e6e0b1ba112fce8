package banyan.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import banyan.jobs.Json;
import banyan.schemas.Sender;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NarrowerTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bigint         | int            | true",
                "int            | bigint         | false",
                "bigint         | decimal(20,0)  | false",
                "bigint         | decimal(18,0)  | true",
                "decimal(18,2)  | decimal(18,0)  | true",
                "decimal(18,2)  | decimal(20,4)  | false",
                "decimal(18,2)  | decimal(18,4)  | true",
                "double         | float          | true",
                "timestamp      | date           | true",
                "date           | timestamp      | false",
                "bigint         | string         | false",
                "string         | bigint         | true",
                "string         | string         | false"
            })
    void aTypeThatHoldsLessIsTold(String was, String is, boolean told) {
        assertThat(Reading.narrower(Json.object().put("fine", was), Map.of("fine", is), null))
                .isEqualTo(told ? List.of("its column fine is " + is + " and was " + was) : List.of());
    }

    @Test
    void aNewColumnHoldsNoLessAndWhatWasAgreedIsNotTold() {
        Sender.SentFile kind = Sender.parse("s.yaml", """
                        sender: s
                        name: { zh: 甲, en: S }
                        files:
                          - { match: "*.parquet", table: raw_listings, fields: { listing_no: no }, narrowed: [no] }
                        """).files().get(0);

        assertThat(Reading.narrower(Json.object(), Map.of("no", "int"), null)).isEmpty();
        assertThat(Reading.narrower(Json.object().put("no", "bigint"), Map.of("no", "int"), kind))
                .isEmpty();
    }
}
