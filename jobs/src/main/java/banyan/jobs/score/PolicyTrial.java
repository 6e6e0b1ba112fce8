package banyan.jobs.score;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Inputs;
import banyan.models.ClassPairs;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What one policy and another make of the same day, known alike; nothing is written.
 *
 * @param general of enterprises
 * @param fields of each field that either policy knows, among its members, by its id
 */
public record PolicyTrial(Compared general, SortedMap<String, Compared> fields) {
    /** What a member of no field is in there. */
    public static final String NONE = "none";

    /**
     * @param moves {@link Moves#rows}
     * @param pairs class under the one policy and under the other
     */
    public record Compared(Dataset<Row> moves, ClassPairs pairs) {
        private static Compared of(Moves.World one, Moves.World other) {
            Dataset<Row> was =
                    one.classes().select(col("entity_id"), col("risk_class").as("was"));
            Dataset<Row> is =
                    other.classes().select(col("entity_id"), col("risk_class").as("is"));
            return new Compared(
                    Moves.rows(one, other),
                    ClassPairs.of(was.join(is, new String[] {"entity_id"}, "full")
                            .groupBy(
                                    coalesce(col("was"), lit(NONE)).as("was"),
                                    coalesce(col("is"), lit(NONE)).as("is"))
                            .agg(count(lit(1)))
                            .collectAsList()));
        }
    }

    /** @param was the day under the one policy, and {@code is} under the other; both read all that classes are made of, general and in fields */
    public static PolicyTrial of(Inputs was, Inputs is) {
        Inputs one = Moves.anew(was);
        Inputs other = Moves.anew(is);
        SortedMap<String, Moves.World> ofOne = Moves.World.fields(one);
        SortedMap<String, Moves.World> ofOther = Moves.World.fields(other);
        SortedMap<String, Compared> fields = new TreeMap<>();
        Stream.concat(ofOne.keySet().stream(), ofOther.keySet().stream())
                .distinct()
                .forEach(id -> {
                    Moves.World here = ofOne.getOrDefault(id, ofOther.get(id));
                    fields.put(
                            id,
                            Compared.of(
                                    ofOne.getOrDefault(id, here.withNobody()),
                                    ofOther.getOrDefault(id, here.withNobody())));
                });
        return new PolicyTrial(Compared.of(Moves.World.of(one), Moves.World.of(other)), fields);
    }
}
