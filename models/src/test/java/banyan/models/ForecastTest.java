package banyan.models;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import banyan.schemas.InvalidDefinition;
import banyan.schemas.Rows;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a model may be asked, and what it may know. */
class ForecastTest {
    private static String yaml(String feature) {
        return """
                name: { zh: 甲, en: A }
                basis: "proposed default"
                outcome: { table: samplings, bad: "severity = 'critical'", happened: sampled_on, months: 1, delay: 30 }
                features:
                  - { id: one, name: { zh: 一, en: One }, table: entities, measure: "count(1)" }
                  - %s
                """.formatted(feature);
    }

    /** Who inspects, and anything of a person, is refused by name. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{ id: two, name: {zh: 二, en: Two}, table: inspections, measure: 'max(authority)' } | it names authority",
                "{ id: inspector, name: {zh: 二, en: Two}, table: samplings, measure: 'count(1)' } | it names inspector",
                "{ id: two, name: {zh: 二, en: Two}, table: samplings, where: 'Inspector = 1', measure: 'count(1)' } | names inspector",
                "{ id: two, name: {zh: 二, en: Two}, table: inspections, measure: 'count(distinct plan_no)' } | it names plan_no",
                "{ id: two, name: {zh: 二, en: Two}, table: roles, measure: 'count(1)' } | roles is about people",
                "{ id: two, name: {zh: 二, en: Two}, table: risk_classes, measure: 'max(score)' } | is worked out day by day",
                "{ id: two, name: {zh: 二, en: Two}, table: fortunes, measure: 'count(1)' } | there is no table fortunes",
                "{ id: one, name: {zh: 二, en: Two}, table: entities, measure: 'count(1)' } | there are two of that name",
                "{ id: score, name: {zh: 二, en: Two}, table: entities, measure: 'count(1)' } | cannot have that name",
                "{ id: two, table: entities, measure: 'count(1)' } | feature two: id, name, table and measure are needed",
                "{ id: two, name: {zh: 二, en: Two}, table: entities, measure: 'count(1)', points: 3 } | points",
            })
    void whatIsRefused(String feature, String why) {
        assertThatThrownBy(() -> Forecast.parse("x.yaml", yaml(feature)))
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining(why);
    }

    @Test
    void aColumnThatIsNotThere() {
        Forecast forecast = Forecast.parse(
                "x.yaml", yaml("{ id: two, name: {zh: 二, en: Two}, table: entities, measure: 'max(capital_yaun)' }"));
        Dataset<Row> entities = Rows.of("entities", List.of()).withColumn("peer", lit(""));
        assertThatThrownBy(() -> forecast.features(
                        LocalDate.parse("2025-01-01"), entities, entities, Map.of("entities", entities), Map.of()))
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining("learned/x.yaml")
                .hasMessageContaining("capital_yaun");
    }

    /** Every packaged model can be measured of the contracts it names. */
    @Test
    void thePackagedOnes() {
        assertThat(Forecast.packaged()).isNotEmpty().allSatisfy((id, forecast) -> {
            Map<String, Dataset<Row>> empty = new HashMap<>();
            forecast.tables().forEach(table -> empty.put(table, Rows.of(table, List.of())));
            Dataset<Row> features = forecast.features(
                    LocalDate.parse("2025-01-01"),
                    forecast.spokenOf(empty.get("entities").withColumn("peer", lit(""))),
                    empty.get("entities"),
                    empty,
                    empty);
            assertThat(features.columns()).hasSize(forecast.features().size() + 2);
            Dataset<Row> outcome = forecast.outcome()
                    .of(Rows.of(forecast.outcome().table(), List.of()), LocalDate.parse("2025-01-01"));
            assertThat(outcome.columns()).containsExactly("entity_id", "bad", "looked_on", "group", "drawn");
        });
    }

    /** Of an area the records of all enterprises in it count, of the enterprise itself its own alone. */
    @Test
    void byWhatEnterprisesHaveInCommon() {
        Forecast forecast = Forecast.parse(
                "x.yaml",
                yaml(
                        "{ id: two, name: {zh: 二, en: Two}, table: samplings, measure: 'count(1)', absent: 0, by: area_code }"));
        Dataset<Row> entities = Rows.table("entities", """
                record_id | entity_id | area_code
                a         | a         | 350102
                b         | b         | 350102
                c         | c         | 350103
                d         | d         |
                """);
        Dataset<Row> samplings = Rows.table("samplings", """
                record_id | entity_id | area_code | sampled_on
                1         | a         | 350199    | 2024-12-01
                2         | b         | 350102    | 2024-12-01
                3         | b         |           | 2025-01-01
                4         | b         |           | 2025-01-02
                """);
        Map<String, Dataset<Row>> facts = Map.of("entities", entities, "samplings", samplings);
        Dataset<Row> two = entities.where("entity_id <> 'b'").withColumn("peer", col("area_code"));
        assertThat(forecast.features(LocalDate.parse("2025-01-01"), two, entities, facts, facts)
                        .orderBy("entity_id")
                        .collectAsList())
                .extracting(row -> row.getString(0) + " " + row.get(1) + " " + row.get(2) + " " + row.get(3))
                .containsExactly("a 350102 1.0 3.0", "c 350103 1.0 0.0", "d null 1.0 null");
    }

    @Test
    void anOutcomeThatCannotBeTold() {
        Forecast forecast = Forecast.parse(
                "x.yaml",
                yaml("{ id: two, name: {zh: 二, en: Two}, table: entities, measure: 'count(1)' }")
                        .replace("severity = ", "seriousness = "));
        assertThatThrownBy(() -> forecast.outcomes(LocalDate.parse("2025-01-01"), Rows.of("samplings", List.of())))
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining("seriousness");
    }

    /** d counts for the day t where t < d ≤ t + months; of several looks one bad one makes it bad, on its day. */
    @Test
    void theWindowOfAnOutcome() {
        Forecast.Outcome outcome = new Forecast.Outcome(
                "samplings",
                "kind = 'inspection'",
                "severity = 'critical'",
                "severity = 'minor'",
                "stage = 'retail'",
                "area_code",
                "sampled_on",
                1,
                30);
        Dataset<Row> records = Rows.table("samplings", """
                record_id | entity_id | kind       | severity | sampled_on | stage  | area_code
                1         | on        | inspection | critical | 2025-02-01 | retail |
                2         | after     | inspection | serious  | 2025-02-02 | retail | 350102
                3         | after     | inspection | critical | 2025-02-20 |        | 350103
                4         | last      | inspection |          | 2025-03-01 | retail |
                5         | beyond    | inspection | critical | 2025-03-02 | retail |
                6         | sampled   | monitoring | critical | 2025-02-10 | retail |
                7         | unclear   | inspection | minor    | 2025-02-10 | retail |
                8         | last      | inspection | critical | 2025-02-28 |        |
                """);
        assertThat(outcome.of(records, LocalDate.parse("2025-02-01"))
                        .orderBy("entity_id")
                        .collectAsList())
                .as("bad, on which day, by whom, and how a look at random turned out, whatever others found")
                .extracting(row ->
                        row.getString(0) + " " + row.getInt(1) + " " + row.get(2) + " " + row.get(3) + " " + row.get(4))
                .containsExactly("after 1 2025-02-20 350103 0", "last 1 2025-02-28  0");
        assertThat(outcome.before(records, LocalDate.parse("2025-02-01")).collectAsList())
                .as("the year before")
                .extracting(row -> row.getString(0) + " " + row.getInt(1))
                .containsExactly("on 1");
        assertThat(outcome.ripe(LocalDate.parse("2025-02-01"))).isEqualTo("2025-03-31");
    }

    /** A strong feature may be explained; one that is not there may not. */
    @Test
    void reasonsForStrongFeatures() {
        String two = yaml("{ id: two, name: {zh: 二, en: Two}, table: samplings, measure: 'count(1)' }");
        assertThat(Forecast.parse("x.yaml", two + "strong: { two: asked for by law }\n")
                        .strong())
                .containsEntry("two", "asked for by law");
        assertThatThrownBy(() -> Forecast.parse("x.yaml", two + "strong: { three: none }\n"))
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining("there is no feature three");
    }
}
