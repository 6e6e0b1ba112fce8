package banyan.jobs.bench;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import banyan.schemas.Rows;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a peer may have otherwise than Banyan, and that it is noticed. */
class AgreementTest {
    @ParameterizedTest
    @CsvSource({
        // in the peer's rows | rows, differences
        "true                                                        , 3, 0",
        "rate <> 1.5                                                 , 3, 1", // a row it lacks
        "entity_id = 'B'                                             , 3, 2",
    })
    void aRowThatOneOfBothLacks(String has, long rows, long differences) {
        Agreement found = Agreement.of("complaint_rates", rates(), rates().where(has));

        assertThat(found).isEqualTo(new Agreement("complaint_rates", rows, differences));
        assertThat(found.whole()).isEqualTo(differences == 0);
    }

    @Test
    void aSmallCityMayHaveNoRates() {
        assertThat(Agreement.of("complaint_rates", rates().limit(0), rates().limit(0))
                        .whole())
                .isTrue();
        assertThat(new Agreement("risk_classes", 0, 0).whole()).isFalse();
    }

    @Test
    void aRowThatEitherHasTwice() {
        Dataset<Row> twice = rates().union(rates().where("entity_id = 'A'"));

        assertThat(Agreement.of("complaint_rates", rates(), twice).whole()).isFalse();
        assertThat(Agreement.of("complaint_rates", twice, rates()).whole()).isFalse();
        assertThat(Agreement.of("complaint_rates", twice, twice).whole()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "rate,     1.51",
        "rate,     null",
        "expected, 7", // of one it is null
        "`like`,   '''all'''",
        "tickets,  4",
    })
    void aValueThatIsAnother(String column, String value) {
        Dataset<Row> theirs = rates().selectExpr("*", "if(entity_id = 'B', " + value + ", " + column + ") as __other")
                .drop(column.replace("`", ""))
                .withColumnRenamed("__other", column.replace("`", ""));

        assertThat(Agreement.of("complaint_rates", rates(), theirs).differences())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "'decimal(14,4)', 0", // of another type, and equal
        "'double',        0",
        "'int',           2",
    })
    void aValueOfAnotherType(String type, long differences) {
        Dataset<Row> theirs = rates().withColumn("rate", col("rate").cast(type));

        assertThat(Agreement.of("complaint_rates", rates(), theirs).differences())
                .isEqualTo(differences);
    }

    @ParameterizedTest
    @CsvSource({"'R1,R2', 0", "'R2,R1', 1", "'R1', 1"})
    void theEvidenceInItsOrder(String evidence, long differences) {
        Dataset<Row> ours = contribution("R1,R2");

        assertThat(Agreement.of("special_contributions", ours, contribution(evidence))
                        .differences())
                .isEqualTo(differences);
    }

    private static Dataset<Row> rates() {
        return Rows.spark()
                .sql(
                        "select * from values ('A', 'enterprise F 1', 3, 3.0, 1.2, 1.0, 2.0), ('B', 'enterprise F 2', 5, 5.0, null, 1.0, 1.5),"
                                + " ('C', 'all', 1, 1.0, 0.5, 1.0, 1.25) as rates(entity_id, like, tickets, weighted, expected, prior, rate)");
    }

    private static Dataset<Row> contribution(String evidence) {
        return Rows.spark()
                .sql(
                        "select 'A' entity_id, 'food' field, 'food_failures' indicator, 'indicator' kind, 'dynamic' `group`, 2.0 value,"
                                + " 60.0 points, 60 counted, cast(null as string) class_floor, 'samplings' source_table, split('"
                                + evidence + "', ',') evidence, 2 evidence_count");
    }
}
