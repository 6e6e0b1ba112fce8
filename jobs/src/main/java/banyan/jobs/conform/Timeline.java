package banyan.jobs.conform;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_compact;
import static org.apache.spark.sql.functions.array_distinct;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.get;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.transform;

import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;

/**
 * What we knew on which days. Intervals are an array of structs with {@code from}, the first day, null for always, and {@code to}, the
 * day after the last, null while it lasts. What was known on a day never changes afterwards: later knowledge begins an interval of its
 * own, so that a past day is replayed as it was.
 */
final class Timeline {
    private Timeline() {}

    /** Those of some intervals that hold on a day. */
    static Column at(Column intervals, Column day) {
        return filter(
                intervals,
                i -> coalesce(i.getField("from").leq(day), lit(true))
                        .and(coalesce(day.lt(i.getField("to")), lit(true))));
    }

    /** The days from a first one on, itself included, on which one of some intervals begins or ends, in order; each may be null. */
    static Column days(Column first, Column... intervals) {
        Column none = array().cast("array<date>");
        Column all = concat(Stream.of(intervals)
                .flatMap(i ->
                        Stream.of(transform(i, one -> one.getField("from")), transform(i, one -> one.getField("to"))))
                .map(days -> coalesce(days, none))
                .toArray(Column[]::new));
        return let(
                first,
                f -> array_sort(array_distinct(
                        concat(array(f), transform(array_compact(all), day -> greatest(day, f))))));
    }

    /** {@link #of(Column, UnaryOperator, UnaryOperator)} where values that are equal are the same. */
    static Column of(Column days, UnaryOperator<Column> value) {
        return of(days, value, v -> v);
    }

    /**
     * A value over days: intervals with {@code value}, one for each time it is another than before.
     *
     * @param days in order, one at least
     * @param value what holds from one of them on until the next
     * @param told what of a value makes it another; of values one after the other that are the same in it the first is kept
     */
    static Column of(Column days, UnaryOperator<Column> value, UnaryOperator<Column> told) {
        Column all =
                transform(days, day -> struct(day.as("from"), value.apply(day).as("value")));
        return let(
                let(
                        all,
                        a -> filter(
                                a,
                                (one, i) -> i.equalTo(0)
                                        .or(not(told.apply(one.getField("value"))
                                                .eqNullSafe(told.apply(
                                                        get(a, i.minus(1)).getField("value"))))))),
                kept -> transform(
                        kept,
                        (one, i) -> struct(
                                one.getField("value").as("value"),
                                one.getField("from").as("from"),
                                get(kept, i.plus(1)).getField("from").as("to"))));
    }

    /** One interval with a value, from a day on, as {@link #of(Column, UnaryOperator)} gives where nothing changes later. */
    static Column since(Column from, Column value) {
        return array(struct(
                value.as("value"), from.as("from"), lit(null).cast("date").as("to")));
    }

    /** An expression over another that is worked out once, however often it is named there. */
    static Column let(Column value, UnaryOperator<Column> in) {
        return get(transform(array(value), in::apply), lit(0));
    }
}
