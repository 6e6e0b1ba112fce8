package banyan.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.xxhash64;

import banyan.schemas.Contract;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import tools.jackson.databind.JsonNode;

/** What moved in the tables that a run built on what was built before: the entities, or the keys, of which a row is another than it was. */
final class Moved {
    private final Lake lake;
    private final Map<String, Since> tables = new ConcurrentHashMap<>();

    Moved(Lake lake) {
        this.lake = lake;
    }

    /**
     * What moved in a table since the version {@code from}.
     *
     * @param ids each once; null where none is
     * @param borne of entities the keys that those rows bear or bore; null of other tables
     */
    private record Since(long from, Dataset<Row> ids, Dataset<Row> borne) {}

    /**
     * Notes what moved in a table.
     *
     * @param last what its build before told of itself
     * @param borne of entities the keys that they bear or bore; null of other tables
     */
    void note(String table, JsonNode last, Dataset<Row> ids, Dataset<Row> borne) {
        put(table, version(last), ids, borne);
    }

    /** Notes that nothing moved in a table. */
    void noteNone(String table, JsonNode last) {
        tables.put(table, new Since(version(last), null, null));
    }

    private void put(String table, long from, Dataset<Row> ids, Dataset<Row> borne) {
        Dataset<Row> each = lake.aside(ids.distinct());
        tables.put(table, new Since(from, each.isEmpty() ? null : each, borne));
    }

    private static long version(JsonNode last) {
        return last.get("version").asLong();
    }

    /** What moved in a table, by this run or, where that left it as it was, by {@link #differ}; empty for nothing. */
    Optional<Dataset<Row>> of(String table) {
        return Optional.ofNullable(tables.get(table)).map(Since::ids);
    }

    /** The keys that the entities that moved bear or bore; empty for none. */
    Optional<Dataset<Row>> borne() {
        return Optional.ofNullable(tables.get("entities")).map(Since::borne);
    }

    /** Whether it is known what moved in a table since the version that another was built on. */
    boolean known(String table, JsonNode from) {
        Since here = tables.get(table);
        return here != null && here.from == from.path(table).asLong(-1);
    }

    /**
     * What moved in some tables since a table was built that read them; an empty inner one where nothing did, an empty outer one where
     * that is unknown.
     *
     * @param from input → the version that the table was built on
     * @param to input → the version of now
     */
    Optional<Optional<Dataset<Row>>> since(List<String> tables, JsonNode from, JsonNode to) {
        Optional<Dataset<Row>> all = Optional.empty();
        for (String table : tables) {
            if (from.path(table).asLong(-1) == to.path(table).asLong(-1)) {
                continue;
            }
            if (!known(table, from)) {
                return Optional.empty();
            }
            Optional<Dataset<Row>> here = of(table);
            all = all.isPresent() && here.isPresent() ? Optional.of(all.get().union(here.get())) : all.or(() -> here);
        }
        return Optional.of(all);
    }

    /**
     * Where another run built a table, as when a scheduler runs the stages one by one: notes the entities that have another row now than
     * in a version, by the two versions themselves. False where that cannot be told.
     */
    boolean differ(String table, long then) {
        if (tables.containsKey(table) || !Contract.of(table).columnNames().contains("entity_id")) {
            return false;
        }
        Optional<Dataset<Row>> before = lake.read(table, then);
        before.ifPresent(rows -> put(
                table, then, differing(prints(rows), prints(lake.read(table))).select("entity_id"), null));
        return before.isPresent();
    }

    /** The entity of each row, and what stands for the rest of it. */
    private static Dataset<Row> prints(Dataset<Row> rows) {
        return rows.select(col("entity_id"), xxhash64(columns(rows)).as("print"));
    }

    /** Rows that are in one of two and not in the other. */
    static Dataset<Row> differing(Dataset<Row> before, Dataset<Row> after) {
        return before.except(after).union(after.except(before));
    }

    /** The columns of some rows. */
    static Column[] columns(Dataset<Row> rows) {
        return Stream.of(rows.columns())
                .map(org.apache.spark.sql.functions::col)
                .toArray(Column[]::new);
    }
}
