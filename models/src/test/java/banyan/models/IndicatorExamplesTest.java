package banyan.models;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.monotonically_increasing_id;
import static org.assertj.core.api.Assertions.assertThat;

import banyan.schemas.Rows;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the examples that stand in the policy's own files. */
class IndicatorExamplesTest {
    static Stream<Arguments> examples() {
        return Policy.packaged().indicators().stream()
                .flatMap(i -> i.examples().stream().map(e -> Arguments.of(i.id(), e.name(), i, e)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("examples")
    void everyExampleHolds(String id, String name, Indicator indicator, Indicator.Example example) {
        Index whole = Policy.packaged().on(example.as_of());
        Index alone = new Index(List.of(untwinned(indicator)), whole.classes(), example.as_of());
        Dataset<Row> rows = Rows.of(indicator.table(), example.rows())
                .withColumn("entity_id", lit("E"))
                .withColumn("record_id", coalesce(col("record_id"), concat(lit("R"), monotonically_increasing_id())));
        Map<String, Dataset<Row>> facts = new HashMap<>(Map.of(indicator.table(), rows));

        Row measured = alone.measure(Rows.of("entities", List.of(Map.of("entity_id", "E"))), facts)
                .head();

        assertThat(number(measured.getAs(id))).as("value").isEqualTo(number(example.value()));
        assertThat(number(measured.getAs(id + "__points"))).as("points").isEqualTo(number(example.points()));
    }

    private static Indicator untwinned(Indicator i) {
        return new Indicator(
                i.id(),
                i.name(),
                i.say(),
                i.basis(),
                i.from(),
                i.to(),
                i.group(),
                i.table(),
                i.where(),
                i.window(),
                i.measure(),
                i.absent(),
                i.points(),
                i.each(),
                i.newest(),
                i.recurrence(),
                i.decay(),
                null,
                i.examples());
    }

    private static String number(Object value) {
        return value == null
                ? null
                : new BigDecimal(value.toString()).stripTrailingZeros().toPlainString();
    }
}
