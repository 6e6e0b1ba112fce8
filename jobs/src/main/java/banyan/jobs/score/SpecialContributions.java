package banyan.jobs.score;

import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
import banyan.models.Association;
import banyan.models.Index;
import banyan.models.Specialised;
import banyan.schemas.Contract;
import java.time.LocalDate;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per member of a field and indicator that gave points there, or rule that set its class; one of kind member for each. */
public final class SpecialContributions {
    private SpecialContributions() {}

    public static Dataset<Row> rows(Inputs in) {
        Specialised fields = in.specialised();
        if (fields.fields().isEmpty()) {
            return in.none("special_contributions");
        }
        Dataset<Row> entities = in.known("entities").where(fields.inScope());
        return in.stamped(fields.contributions(fields.measure(entities, Contributions.facts(in, fields.tables()))));
    }

    /** All that classes in fields are made of: the points of their members, and classes that are kept. */
    public static Dataset<Row> all(Inputs in) {
        Dataset<Row> holds = in.table("holds").where(col("field").notEqual(Index.GENERAL));
        return Association.added(in.table("special_contributions"), holds);
    }

    /** The schemes and indicators in force, and the tables of which something is known. */
    public static String frame(Inputs in) {
        Specialised fields = in.specialised();
        return fields.edition() + " of " + String.join(",", Contributions.known(in, fields.tables()));
    }

    /** The entities of records that an indicator of any field sees otherwise than on an earlier day. */
    public static Dataset<Row> crossing(Inputs in, LocalDate before) {
        Specialised fields = in.specialised();
        return Contributions.crossing(
                in, fields.tables(), before, (table, rows) -> fields.crossing(table, rows, before));
    }

    /** The columns of a table that an indicator of any field names. */
    public static List<String> seen(Inputs in, String table) {
        Specialised fields = in.specialised();
        return Contract.of(table).columnNames().stream()
                .filter(column -> fields.names(table, column))
                .toList();
    }
}
