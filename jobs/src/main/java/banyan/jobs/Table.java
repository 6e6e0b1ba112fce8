package banyan.jobs;

import banyan.schemas.Contract;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A table and how it is built: a pure function of what it reads.
 *
 * @param reads the tables it reads; none for a raw table, whose rows come from deliveries
 * @param rows null for a raw table
 * @param carry how its rows are carried from one day to the next; null where each day is built whole
 */
public record Table(String name, Set<String> reads, Function<Inputs, Dataset<Row>> rows, Carry carry) {

    /** The same table, carried from day to day; nothing of it changes by time alone. */
    Table carried(Function<Inputs, String> frame) {
        return carried(frame, (in, before) -> null);
    }

    /** The same table, carried from day to day. */
    Table carried(Function<Inputs, String> frame, BiFunction<Inputs, LocalDate, Dataset<Row>> crossing) {
        return carried(frame, crossing, (in, read) -> Contract.of(read).columnNames());
    }

    /** The same table, carried from day to day. */
    Table carried(
            Function<Inputs, String> frame,
            BiFunction<Inputs, LocalDate, Dataset<Row>> crossing,
            BiFunction<Inputs, String, List<String>> seen) {
        return new Table(name, reads, rows, new Carry(frame, crossing, seen, UnaryOperator.identity()));
    }

    /** The same table, carried from day to day, whose rows are told their places among all. */
    Table ranked(Function<Inputs, String> frame, UnaryOperator<Dataset<Row>> whole) {
        Carry carry = carried(frame).carry;
        return new Table(name, reads, rows, new Carry(frame, carry.crossing, carry.seen, whole));
    }

    /**
     * Of a day's table in which an entity's rows, but for {@code whole}, follow from its own facts alone: those of an entity that nothing
     * happened to are carried over from an earlier day.
     *
     * @param frame all else that every row follows from; where it has changed, the day is built whole
     * @param crossing entity_id of those that change between an earlier day and this one by time alone; may name one twice; null for none
     * @param seen of a day's table that it reads, and that is built whole, the columns beside its keys from which its rows follow
     * @param whole the rows of all entities, with what follows from all of them, such as ranks
     */
    public record Carry(
            Function<Inputs, String> frame,
            BiFunction<Inputs, LocalDate, Dataset<Row>> crossing,
            BiFunction<Inputs, String, List<String>> seen,
            UnaryOperator<Dataset<Row>> whole) {}
}
