package banyan.jobs.conform;

import static org.apache.spark.sql.functions.aggregate;
import static org.apache.spark.sql.functions.array_min;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.exists;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.posexplode;
import static org.apache.spark.sql.functions.slice;
import static org.apache.spark.sql.functions.split;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.when;

import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;

/**
 * The versions of each record: on each day the newest state of those that were received and belonged to it then. A state that the sender
 * itself calls older than one we know (an earlier {@code changed_on}) never counts: the highest source version wins, not the last
 * arrived. The same holds of one that was set aside, let through later, and delivered before another that counts already: {@code file}
 * begins with its day.
 *
 * <p>A delivered row that is found to belong to another enterprise has a version more from the day on which that was known
 * ({@code known_from} after {@code received_on}); where its record bears the enterprise in its key, it leaves that record to the state
 * before, and joins another.
 */
public final class Versions {
    private Versions() {}

    /**
     * @param rows valid rows with record_id, known_from, changed_on, row_hash and lineage, read more than once; those that may belong
     *     to one enterprise and later to another also with received_on, entity_id, link_tier and {@code until}, the day from which
     *     they are known to belong elsewhere or otherwise
     * @param few whether the ids of all records fit into memory: then only records of more than one row are sorted
     * @return the same without repeats of what was already known, with version and known_to; known_to equals known_from where a
     *     version never counted
     */
    public static Dataset<Row> of(Dataset<Row> rows, boolean few) {
        if (!few) {
            return ordered(rows);
        }
        Dataset<Row> often =
                broadcast(rows.groupBy("record_id").count().where("count > 1").drop("count"));
        return rows.join(often, new String[] {"record_id"}, "left_anti")
                .withColumn("known_to", until(rows))
                .withColumn("version", lit(1))
                .drop("until")
                .unionByName(ordered(rows.join(often, new String[] {"record_id"}, "left_semi")));
    }

    /** Whether a version ever counted. */
    static Column counts() {
        return coalesce(col("known_to").gt(col("known_from")), lit(true));
    }

    /** The day on which a row was delivered: earlier than that on which it was received where it was set aside in between. */
    public static Column delivered(Column received) {
        return coalesce(split(col("file"), "/").getItem(0).try_cast("date"), received);
    }

    private static boolean linked(Dataset<Row> rows) {
        return List.of(rows.columns()).contains("until");
    }

    private static Column until(Dataset<Row> rows) {
        return linked(rows) ? col("until") : lit(null).cast("date");
    }

    /** All rows of a record lie together, in the order in which they were received, and are looked at as of each day. */
    private static Dataset<Row> ordered(Dataset<Row> rows) {
        boolean linked = linked(rows);
        Column received = linked ? col("received_on") : col("known_from");
        Column[] told = Stream.concat(
                        Stream.of("row_hash"), linked ? Stream.of("entity_id", "link_tier") : Stream.empty())
                .map(org.apache.spark.sql.functions::col)
                .toArray(Column[]::new);
        List<String> columns = Stream.of(rows.columns())
                .filter(c -> !List.of("record_id", "known_from", "until").contains(c))
                .toList();
        Column state = struct(
                struct(received.as("received_on"), col("changed_on"), col("file"), col("line"), col("delivery"))
                        .as("place"),
                col("known_from").as("from"),
                until(rows).as("to"),
                struct(told).as("told"),
                delivered(received).as("delivered_on"),
                struct(columns.stream().map(org.apache.spark.sql.functions::col).toArray(Column[]::new))
                        .as("row"));
        Dataset<Row> chains =
                rows.groupBy("record_id").agg(array_sort(collect_list(state)).as("states"));
        DataType type = ((ArrayType) chains.schema().apply("states").dataType()).elementType();
        Column states = col("states");
        Column standing = Timeline.of(
                Timeline.days(array_min(transform(states, s -> s.getField("from"))), states),
                day -> newest(Timeline.at(states, day), type),
                newest -> newest.getField("told"));
        Column versions = Timeline.let(standing, stood -> {
            Column never = filter(states, s -> own(s).and(not(exists(stood, one -> repeats(s, one)))));
            return array_sort(concat(
                    transform(
                            filter(stood, one -> one.getField("value").isNotNull()),
                            one -> version(one.getField("value"), one.getField("from"), one.getField("to"))),
                    transform(
                            Timeline.let(
                                    never,
                                    all -> filter(
                                            all,
                                            (s, i) -> not(exists(
                                                    slice(all, lit(1), i),
                                                    before -> before.getField("told")
                                                            .equalTo(s.getField("told")))))),
                            s -> version(s, s.getField("from"), s.getField("from")))));
        });
        return chains.select(col("record_id"), posexplode(versions).as(new String[] {"before", "version"}))
                .select(Stream.of(
                                Stream.of(col("record_id")),
                                columns.stream().map(c -> col("version.row." + c)),
                                Stream.of(
                                        col("version.known_from"),
                                        col("version.known_to"),
                                        col("before").plus(1).as("version")))
                        .flatMap(all -> all)
                        .toArray(Column[]::new));
    }

    /**
     * Of states in the order in which they were received, the one that counts: each takes the place of the one before, unless it is
     * older by the sender's own word, or was delivered earlier and is not newer by it.
     */
    private static Column newest(Column states, DataType type) {
        Column none = lit(null);
        return aggregate(
                states,
                struct(
                        none.cast("date").as("changed_on"),
                        none.cast("date").as("delivered_on"),
                        none.cast(type).as("state")),
                (known, s) -> {
                    Column changed = s.getField("place").getField("changed_on");
                    Column delivered = s.getField("delivered_on");
                    Column older = coalesce(changed.lt(known.getField("changed_on")), lit(false));
                    Column newer = coalesce(changed.gt(known.getField("changed_on")), lit(false));
                    Column overtaken = coalesce(delivered.lt(known.getField("delivered_on")), lit(false));
                    return struct(
                            greatest(changed, known.getField("changed_on")).as("changed_on"),
                            greatest(delivered, known.getField("delivered_on")).as("delivered_on"),
                            when(older.or(overtaken.and(not(newer))), known.getField("state"))
                                    .otherwise(s)
                                    .as("state"));
                },
                known -> known.getField("state"));
    }

    /** Whether a state is that of a row as it was received. */
    private static Column own(Column state) {
        return state.getField("from").equalTo(state.getField("place").getField("received_on"));
    }

    /** Whether a state, on the day it came, told what stood then or until then. */
    private static Column repeats(Column state, Column stood) {
        Column then = coalesce(
                stood.getField("from")
                        .leq(state.getField("from"))
                        .and(coalesce(state.getField("from").leq(stood.getField("to")), lit(true))),
                lit(false));
        return then.and(coalesce(stood.getField("value").getField("told").equalTo(state.getField("told")), lit(false)));
    }

    private static Column version(Column state, Column from, Column to) {
        return struct(
                from.as("known_from"),
                state.getField("place").as("place"),
                to.as("known_to"),
                state.getField("row").as("row"));
    }
}
