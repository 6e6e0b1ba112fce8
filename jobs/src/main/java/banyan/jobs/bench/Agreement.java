package banyan.jobs.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;
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
 * @param differences rows of which a compared column differs, that one of both lacks, or that either has more than once
 */
record Agreement(String table, long rows, long differences) {
    private static final List<String> POINTS = List.of(
            "kind", "group", "value", "points", "counted", "class_floor", "source_table", "evidence", "evidence_count");

    /** Table → the columns that name a row, and those that are compared. */
    private static final Map<String, Compared> COMPARED = Map.of(
            "contributions",
            new Compared(List.of("entity_id", "indicator"), POINTS),
            "holds",
            new Compared(List.of("entity_id", "field"), List.of("indicator", "value", "class_floor", "run_on")),
            "risk_classes",
            new Compared(
                    List.of("entity_id"),
                    List.of(
                            "risk_class",
                            "score",
                            "class_by_score",
                            "city_class",
                            "province_class",
                            "reason_codes",
                            "top_reasons",
                            "unclassified_because")),
            "sample_failures",
            new Compared(
                    List.of("entity_id", "record_id"),
                    List.of("role", "kind", "item", "severity", "reported_on", "file", "line")),
            "complaint_rates",
            new Compared(List.of("entity_id"), List.of("like", "tickets", "weighted", "expected", "prior", "rate")),
            "special_contributions",
            new Compared(List.of("entity_id", "field", "indicator"), POINTS),
            "special_classes",
            new Compared(
                    List.of("entity_id", "field"),
                    List.of(
                            "special_class",
                            "score",
                            "class_by_score",
                            "city_class",
                            "province_class",
                            "general_class",
                            "combined_class",
                            "reason_codes",
                            "top_reasons")),
            "terms",
            new Compared(
                    List.of("entity_id", "term", "record_id"),
                    List.of("source_table", "begins_on", "ends_on", "state")));

    private record Compared(List<String> keys, List<String> columns) {}

    static Agreement of(String table, Dataset<Row> ours, Dataset<Row> theirs) {
        Compared compared = COMPARED.get(table);
        List<String> all =
                Stream.concat(compared.keys.stream(), compared.columns.stream()).toList();
        Column[] columns = Stream.concat(all.stream().map(name -> col("`" + name + "`")), Stream.of(lit(1).as("there")))
                .toArray(Column[]::new);
        Row both = ours.select(columns)
                .as("a")
                .join(theirs.select(columns).as("b"), same(compared.keys, Column::equalTo), "full")
                .agg(
                        count(lit(1)),
                        count_if(not(same(all, Column::eqNullSafe))),
                        count(col("a.there")),
                        count(col("b.there")))
                .head();
        // A row that one of both has twice meets the other's twice.
        long more = both.getLong(2) - ours.count() + both.getLong(3) - theirs.count();
        return new Agreement(table, both.getLong(0), both.getLong(1) + more);
    }

    private static Column same(List<String> columns, BinaryOperator<Column> by) {
        return columns.stream()
                .map(column -> by.apply(col("a.`" + column + "`"), col("b.`" + column + "`")))
                .reduce(Column::and)
                .orElseThrow();
    }

    /** Whether nothing differs. A city has classes; of anything else a small one may have no row. */
    boolean whole() {
        return differences == 0 && (rows > 0 || !table.equals("risk_classes"));
    }
}
