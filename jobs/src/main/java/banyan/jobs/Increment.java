package banyan.jobs;

import banyan.schemas.Contract;
import java.time.LocalDate;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import tools.jackson.databind.JsonNode;

/**
 * Builds on what was built before: of each table only the rows that something happened to are worked out, the rest is taken over. What
 * it gives equals the full rebuild row for row; where that cannot be told beforehand, there is no base and the table is built whole.
 * Tables that keep all days together are built on by {@link ConformedBases}, those of a day by {@link DailyBases}.
 */
final class Increment {
    /** Above this share of a table's records, or of the versions of entities, the whole is built: that has fewer steps. */
    static final double MOST = 0.2;

    private final ConformedBases conformed;
    private final DailyBases daily;

    Increment(Lake lake, LocalDate asOf, LocalDate knownAt) {
        Moved moved = new Moved(lake);
        this.conformed = new ConformedBases(lake, moved);
        this.daily = new DailyBases(lake, moved, asOf, knownAt);
    }

    /**
     * What a table is built on.
     *
     * @param last what the build before told of itself, and its {@code version}; nothing of a day's table, which has one of each day
     * @param narrowed what is left to read; null where nothing is, and all rows stay as they are
     * @param taken how many records are new among those that are left to read
     * @param few whether so little is left to read that the rows made of it fit in the driver's memory
     * @param files how many files its rows lie in; 0 where that follows from their number
     * @param merge puts the rows made of them in their place among the others, and notes what moved; called before anything is written
     */
    record Base(
            JsonNode last, Inputs narrowed, long taken, boolean few, int files, Function<Dataset<Row>, Merged> merge) {
        /** Of a table to which nothing happened. */
        static Base standing(JsonNode last) {
            return new Base(last, null, 0, true, 0, null);
        }

        /** Whether nothing happened to the table. */
        boolean stands() {
            return narrowed == null;
        }

        /** The version that is built on; -1 of a day's table. */
        long version() {
            return last.path("version").asLong(-1);
        }

        /** How many records the table was made of. */
        long read() {
            return last.path("read").asLong(0);
        }

        /** How many of them were set aside. */
        long quarantined() {
            return last.path("quarantined").asLong(0);
        }

        /** The last day on which one of them was received; empty without any. */
        Optional<LocalDate> latest() {
            return Optional.of(last.path("latest").asString(""))
                    .filter(day -> !day.isEmpty())
                    .map(LocalDate::parse);
        }
    }

    /**
     * Rows in their place.
     *
     * @param more whether they come to those that are there; else they are all of them
     */
    record Merged(Dataset<Row> rows, boolean more) {
        static Merged all(Dataset<Row> rows) {
            return new Merged(rows, false);
        }
    }

    /**
     * The base of a table in the build that its commit tells of; empty where it must be built whole.
     *
     * @param identity what the rows of the coming build depend on
     */
    Optional<Base> of(Table table, JsonNode identity, Inputs inputs) {
        return table.carry() != null
                ? daily.of(table, identity, inputs)
                : Contract.of(table.name()).conformed() ? conformed.of(table, identity, inputs) : Optional.empty();
    }

    /** Whether what two builds told of themselves is the same under some keys. */
    static boolean alike(JsonNode one, JsonNode other, String... keys) {
        for (String key : keys) {
            if (!one.path(key).equals(other.path(key))) {
                return false;
            }
        }
        return true;
    }
}
