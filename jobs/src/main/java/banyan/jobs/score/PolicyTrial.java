package banyan.jobs.score;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Inputs;
import banyan.models.ClassPairs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What one policy and another make of the same day, known alike; nothing is written.
 *
 * @param moves {@link Moves#rows}
 * @param pairs class under the one policy and under the other
 */
public record PolicyTrial(Dataset<Row> moves, ClassPairs pairs) {
    /** @param was the day under the one policy, and {@code is} under the other; both read all that classes are made of */
    public static PolicyTrial of(Inputs was, Inputs is) {
        Moves.World one = Moves.World.of(was);
        Moves.World other = Moves.World.of(is);
        ClassPairs pairs = ClassPairs.of(one.classes()
                .select(col("entity_id"), col("risk_class").as("was"))
                .join(other.classes().select(col("entity_id"), col("risk_class").as("is")), "entity_id")
                .groupBy("was", "is")
                .agg(count(lit(1)))
                .collectAsList());
        return new PolicyTrial(Moves.rows(one, other), pairs);
    }
}
