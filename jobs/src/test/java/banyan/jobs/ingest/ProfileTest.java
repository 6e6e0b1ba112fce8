package banyan.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import banyan.schemas.Contract;
import banyan.schemas.Rows;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is told of a delivery of 40 complaints, of which one is broken. */
class ProfileTest {
    private static final Contract COMPLAINTS = Contract.of("raw_complaints");

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // blank codes, usual records, usual share of blank codes | told
                "10, -, -, -",
                "23, -, -, -",
                "24, -, -, 'credit_code is blank in 61.5 % of 39 records; the contract of raw_complaints expects less than 60 %'",
                "10, 40, 0.25, -",
                "10, 79, 0.25, -",
                "10, 81, 0.25, '40 records, where 81 are usual'",
                "10, 21, 0.25, -",
                "10, 19, 0.25, -", // too few to compare with
                "10, 40, 0.05, 'credit_code is blank in 25.6 % of 39 records, where 5.0 % are usual'",
                "10, 40, 0.46, 'credit_code is blank in 25.6 % of 39 records, where 46.0 % are usual'",
                "10, 40, 0.44, -",
            })
    void whatIsUnusualIsTold(int blank, String records, String share, String told) {
        Map<String, BigDecimal> usual = records == null
                ? Map.of()
                : Map.of(
                        "s records", new BigDecimal(records),
                        "s credit_code is blank", new BigDecimal(share),
                        "another credit_code is blank", BigDecimal.ONE);

        Profile profile = Profile.of(
                COMPLAINTS, List.of(file()), rows(blank), List.of("ticket_no", "credit_code"), usual, "r000001");

        assertThat(profile.refusals()).isEmpty();
        assertThat(profile.remarks()).isEqualTo(told == null ? List.of() : List.of("f.csv: " + told));
        assertThat(profile.metrics())
                .extracting(row -> row.getString(6) + " " + row.get(7) + " " + row.get(8) + " " + row.get(10))
                .containsExactly(
                        "records 40 0 " + (told != null && told.startsWith("40") ? "warning" : "pass"),
                        "ticket_no is blank 39 0 pass",
                        "credit_code is blank 39 " + blank + " "
                                + (told != null && told.startsWith("credit") ? "warning" : "pass"),
                        "action has the wrong form 40 1 quarantine");
    }

    @Test
    void anErrorRefusesTheDelivery() {
        Contract strict = new Contract(
                COMPLAINTS.apiVersion(),
                COMPLAINTS.kind(),
                COMPLAINTS.id(),
                COMPLAINTS.name(),
                COMPLAINTS.version(),
                COMPLAINTS.status(),
                COMPLAINTS.description(),
                List.of(new Contract.TableSchema(
                        COMPLAINTS.id(),
                        "table",
                        COMPLAINTS.properties().stream()
                                .map(p -> !p.name().equals("credit_code")
                                        ? p
                                        : new Contract.Property(
                                                p.name(),
                                                p.businessName(),
                                                p.logicalType(),
                                                p.physicalType(),
                                                false,
                                                false,
                                                null,
                                                p.description(),
                                                null,
                                                List.of(new Contract.Quality(
                                                        null,
                                                        null,
                                                        null,
                                                        null,
                                                        null,
                                                        "nullValues",
                                                        null,
                                                        null,
                                                        BigDecimal.TEN,
                                                        "percent",
                                                        "error")),
                                                null))
                                .toList(),
                        null)),
                null,
                null);

        Profile profile = Profile.of(strict, List.of(file()), rows(10), List.of("credit_code"), Map.of(), "r000001");

        assertThat(profile.refusals())
                .containsExactly(
                        "f.csv: credit_code is blank in 25.6 % of 39 records; the contract of raw_complaints expects less than 10 %");
    }

    private static DeliveredFile file() {
        return new DeliveredFile(
                LocalDate.of(2025, 6, 30), "f.csv", Path.of("f.csv"), null, "s", null, "raw_complaints", "sha", 1);
    }

    private static Dataset<Row> rows(int blank) {
        return Rows.spark()
                .range(40)
                .selectExpr(
                        "'sha' as delivery",
                        "cast(id as string) as ticket_no",
                        "if(id < " + blank + ", ' ', 'x') as credit_code",
                        "if(id = 39, array('action has the wrong form'), cast(array() as array<string>)) as __broken");
    }
}
