package banyan.jobs.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;

import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Whether a peer came to Banyan's rows of a table.
 *
 * @param rows that either has
 * @param differences rows of which a compared column differs, or that one of both lacks
 */
record Agreement(String table, long rows, long differences) {
    /** Table → the columns that name a row, and those that are compared. */
    private static final Map<String, Compared> COMPARED = Map.of(
            "risk_classes",
            new Compared(
                    List.of("entity_id"), List.of("risk_class", "score", "class_by_score", "unclassified_because")),
            "special_classes",
            new Compared(
                    List.of("entity_id", "field"),
                    List.of("special_class", "score", "class_by_score", "general_class", "combined_class")),
            "special_contributions",
            new Compared(
                    List.of("entity_id", "field", "indicator"),
                    List.of("kind", "value", "points", "counted", "class_floor", "evidence", "evidence_count")),
            "complaint_rates",
            new Compared(List.of("entity_id"), List.of("like", "tickets", "expected", "prior", "rate")),
            "terms",
            new Compared(List.of("entity_id", "term", "record_id"), List.of("begins_on", "ends_on", "state")));

    private record Compared(List<String> keys, List<String> columns) {}

    static Agreement of(String table, Dataset<Row> ours, Dataset<Row> theirs) {
        Compared compared = COMPARED.get(table);
        List<String> all =
                Stream.concat(compared.keys.stream(), compared.columns.stream()).toList();
        Column[] columns = all.stream().map(name -> col(name)).toArray(Column[]::new);
        Dataset<Row> both = ours.select(columns)
                .as("a")
                .join(theirs.select(columns).as("b"), same(compared.keys, Column::equalTo), "full");
        return new Agreement(
                table,
                both.count(),
                both.where(not(same(all, Column::eqNullSafe))).count());
    }

    private static Column same(List<String> columns, BinaryOperator<Column> by) {
        return columns.stream()
                .map(column -> by.apply(col("a." + column), col("b." + column)))
                .reduce(Column::and)
                .orElseThrow();
    }

    boolean whole() {
        return differences == 0 && rows > 0;
    }
}
