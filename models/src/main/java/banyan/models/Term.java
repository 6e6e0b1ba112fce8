package banyan.models;

import static org.apache.spark.sql.functions.add_months;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.date_add;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import banyan.schemas.Contract;
import banyan.schemas.Definitions;
import banyan.schemas.InvalidDefinition;
import banyan.schemas.Workdays;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * How long something about a record lasts, by when it must be done, or from when it may be: one file {@code policy/terms/<term>.yaml}
 * ({@code handbook: lists-and-repair}).
 *
 * @param kind what ends with it
 * @param ends_use whether a record is used in no score any more once the term is over: of one that lasts
 * @param table whose records have it, as known on the day
 * @param where the records that have it; all where null. {@code as_of} is the day
 * @param begins the day it begins, Spark SQL; that day does not count
 * @param ends how long it is: the first line that fits
 * @param done the day on which what is due was done; null in it while it was not
 * @param examples cases that are run as tests
 */
public record Term(
        String id,
        Words name,
        String basis,
        Kind kind,
        Boolean ends_use,
        String table,
        String where,
        String begins,
        List<Line> ends,
        String done,
        List<Example> examples) {

    public Term {
        ends_use = ends_use != null && ends_use;
    }

    static final String BEGINS = "__begins_on";
    static final String ENDS = "__ends_on";
    static final String STATE = "__state";

    public enum Kind {
        /** Ends by itself: on the day ends_on it is over. A term of months from 29 February ends on 28 February. */
        lasts,
        /** Must be done on the day ends_on at the latest. */
        due,
        /** May be done from the day ends_on on. */
        opens
    }

    /**
     * A length: of months, days or working days, up to a day that the record tells ({@code on}), or without an end ({@code never}).
     *
     * @param when a condition on the record; any where null
     * @param since the regime's first day, of those on which a term begins; and {@code until} the day after its last
     */
    public record Line(
            String when,
            LocalDate since,
            LocalDate until,
            Integer months,
            Integer days,
            Integer workdays,
            String on,
            Boolean never) {}

    /** One record, and when its term must end and how it must stand; null where it has none. */
    public record Example(
            @JsonProperty("case") String name,
            LocalDate as_of,
            Map<String, Object> row,
            LocalDate ends,
            String state) {}

    /** Whether records of a table may have terms: conformed ones that belong to an enterprise, and of no person. */
    public static boolean mayBeOf(Contract contract) {
        return contract.bitemporal()
                && contract.folder().equals("2-conformed")
                && contract.columnNames().containsAll(List.of("entity_id", "row_hash"))
                && !contract.id().equals("entities");
    }

    /** @throws InvalidDefinition if keys, table or form are wrong */
    static Term parse(String file, String text) {
        Term t = Definitions.yaml(file, text, Term.class);
        if (Stream.of(t.name, t.basis, t.kind, t.table, t.begins, t.ends, t.examples)
                .anyMatch(Objects::isNull)) {
            throw new InvalidDefinition(file, "name, basis, kind, table, begins, ends and examples are needed");
        }
        if (!Contract.all().containsKey(t.table) || !mayBeOf(Contract.of(t.table))) {
            throw new InvalidDefinition(
                    file, "there is no table " + t.table + " of records that belong to enterprises, as penalties");
        }
        if (t.done != null && t.kind != Kind.due) {
            throw new InvalidDefinition(file, "done goes with kind: due alone");
        }
        if (t.ends_use && t.kind != Kind.lasts) {
            throw new InvalidDefinition(file, "ends_use goes with kind: lasts alone");
        }
        if (t.examples.isEmpty()) {
            throw new InvalidDefinition(file, "examples: none; give one case at least, with ends and state");
        }
        for (Line line : t.ends) {
            long lengths = Stream.of(line.months, line.days, line.workdays, line.on, line.never)
                    .filter(Objects::nonNull)
                    .count();
            boolean none =
                    Stream.of(line.months, line.days, line.workdays).anyMatch(length -> length != null && length < 1)
                            || Boolean.FALSE.equals(line.never);
            if (lengths != 1 || none) {
                throw new InvalidDefinition(
                        file,
                        "ends, " + line + ": write one of months, days and workdays (1 or more), on, and never: true");
            }
            if (line.since != null && line.until != null && !line.since.isBefore(line.until)) {
                throw new InvalidDefinition(
                        file,
                        "ends, since " + line.since + " is not before until " + line.until + ": it is never reached");
            }
        }
        String id = file.substring(file.lastIndexOf('/') + 1).replaceFirst("\\.yaml$", "");
        return new Term(
                id, t.name, t.basis, t.kind, t.ends_use, t.table, t.where, t.begins, t.ends, t.done, t.examples);
    }

    /**
     * One row for each record whose term runs, is missed or is open on the day: entity_id, term, source_table, record_id, begins_on,
     * ends_on, and state: running, overdue, waiting (may not be done yet) or open. ends_on is null where working days of a year that is
     * not announced would have to be counted.
     *
     * @param facts the table's rows as known on the day
     */
    public Dataset<Row> rows(Dataset<Row> facts, LocalDate day) {
        return compiled(facts, lit(day))
                .where(col("entity_id").isNotNull().and(col(STATE).isNotNull()))
                .select(
                        col("entity_id"),
                        lit(id).as("term"),
                        lit(table).as("source_table"),
                        col("record_id"),
                        col(BEGINS).as("begins_on"),
                        col(ENDS).as("ends_on"),
                        col(STATE).as("state"));
    }

    /** The rows for which it is not over on a day; those that have no such term too. */
    public Dataset<Row> notOver(Dataset<Row> facts, LocalDate day) {
        return compiled(facts, lit(day))
                .where(coalesce(col("as_of").lt(col(ENDS)), lit(true)))
                .drop("as_of", BEGINS, ENDS, STATE);
    }

    /** The entities of records for which it ended after a day and by another. */
    public Dataset<Row> ended(Dataset<Row> facts, LocalDate after, LocalDate until) {
        return compiled(facts, lit(until))
                .where(col(ENDS).gt(lit(after)).and(col(ENDS).leq(lit(until))))
                .select("entity_id");
    }

    /**
     * Checks every expression against an empty frame of the table.
     *
     * @throws InvalidDefinition naming the file and Spark's own hint
     */
    public void check(Dataset<Row> empty) {
        try {
            rows(empty, LocalDate.EPOCH).schema();
        } catch (Exception e) {
            throw Index.invalid(file(), e);
        }
    }

    /** Its file, below the policy folder. */
    String file() {
        return "terms/" + id + ".yaml";
    }

    /** Every record with the day on which it begins, ends, and how it stands: null where it has no such term, the last where that is over. */
    Dataset<Row> compiled(Dataset<Row> facts, Column asOf) {
        Column end = lit(null).cast("date");
        Column has = lit(false);
        for (int n = ends.size() - 1; n >= 0; n--) {
            Line line = ends.get(n);
            Column fits = coalesce(expr(line.when == null ? "true" : line.when), lit(false))
                    .and(line.since == null ? lit(true) : col(BEGINS).geq(lit(line.since)))
                    .and(line.until == null ? lit(true) : col(BEGINS).lt(lit(line.until)));
            end = when(fits, length(line)).otherwise(end);
            has = when(fits, lit(line.never == null)).otherwise(has);
        }
        Column over = col("as_of").geq(col(ENDS));
        Column state = switch (kind) {
            case lasts -> when(over, lit(null)).otherwise("running");
            case due ->
                when(expr(done == null ? "false" : "(" + done + ") <= as_of"), lit(null))
                        .when(col("as_of").gt(col(ENDS)), "overdue")
                        .otherwise("running");
            case opens -> when(over, "open").otherwise("waiting");
        };
        Column applies = coalesce(expr(where == null ? "true" : where), lit(false))
                .and(col(BEGINS).leq(col("as_of")))
                .and(has);
        return facts.drop("as_of")
                .withColumn("as_of", asOf)
                .withColumn(BEGINS, expr(begins).cast("date"))
                .withColumn(ENDS, when(applies, end))
                .withColumn(STATE, when(applies, state));
    }

    private static Column length(Line line) {
        Column begins = col(BEGINS);
        if (line.months != null) {
            return add_months(begins, line.months);
        }
        if (line.days != null) {
            return date_add(begins, line.days);
        }
        if (line.workdays != null) {
            return Workdays.official().after(begins, line.workdays);
        }
        return line.on == null ? lit(null).cast("date") : expr(line.on).cast("date");
    }
}
