package banyan.jobs.score;

import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
import banyan.jobs.Pipeline;
import banyan.models.Association;
import banyan.models.Index;
import banyan.models.Term;
import banyan.schemas.Contract;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per entity in scope and indicator over its own records that gave points, or per rule that set its class. */
public final class Contributions {
    private Contributions() {}

    public static Dataset<Row> rows(Inputs in) {
        Index index = in.index();
        Dataset<Row> entities = in.known("entities");
        Dataset<Row> scored = entities.where(index.inScope());
        return in.stamped(index.contributions(index.measure(scored, facts(in, index.tables()))));
    }

    /** All that an enterprise's class is made of: its own points, those that reach it from others, and a class that it keeps. */
    public static Dataset<Row> all(Inputs in) {
        return all(in.table("contributions"), in.table("associations"), in.table("holds"));
    }

    /** The same of the rows of those three tables. */
    public static Dataset<Row> all(Dataset<Row> own, Dataset<Row> associations, Dataset<Row> holds) {
        return Association.added(
                Association.added(own, associations), holds.where(col("field").equalTo(Index.GENERAL)));
    }

    /** The indicators and classes in force, and the tables of which something is known. */
    public static String frame(Inputs in) {
        Index index = in.index();
        return index.edition() + " of " + String.join(",", known(in, index.tables()));
    }

    /** The tables that indicators measure and whose sources have delivered: of another nothing is known, and that is not nothing. */
    static List<String> known(Inputs in, Iterable<String> tables) {
        Set<String> delivered = in.delivered();
        List<String> known = new ArrayList<>();
        tables.forEach(table -> {
            if (delivered.containsAll(Pipeline.sources(table))) {
                known.add(table);
            }
        });
        return known;
    }

    /** The entities of records that an indicator sees otherwise than on an earlier day. */
    public static Dataset<Row> crossing(Inputs in, LocalDate before) {
        Index index = in.index();
        return crossing(in, index.tables(), before, (table, rows) -> index.crossing(table, rows, before));
    }

    /**
     * The same of any indicators.
     *
     * @param tables what they measure
     * @param crossed of a table and its rows the entities whose records they see otherwise
     */
    static Dataset<Row> crossing(
            Inputs in,
            Iterable<String> tables,
            LocalDate before,
            BiFunction<String, Dataset<Row>, Dataset<Row>> crossed) {
        Dataset<Row> crossing = null;
        for (String table : known(in, tables)) {
            Dataset<Row> rows = standing(in, table);
            Dataset<Row> here = crossed.apply(table, rows);
            for (Term term : in.endingUse(table)) {
                here = here.union(term.ended(rows, before, in.asOf()));
            }
            crossing = crossing == null ? here : crossing.union(here);
        }
        return crossing;
    }

    /** The rows of those tables, by table. */
    public static Map<String, Dataset<Row>> facts(Inputs in, Iterable<String> tables) {
        Map<String, Dataset<Row>> facts = new HashMap<>();
        known(in, tables).forEach(table -> facts.put(table, fact(in, table)));
        return facts;
    }

    private static Dataset<Row> fact(Inputs in, String table) {
        return in.used(table, standing(in, table));
    }

    private static Dataset<Row> standing(Inputs in, String table) {
        return Contract.of(table).daily() ? in.table(table) : in.known(table);
    }
}
