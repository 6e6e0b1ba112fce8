package banyan.jobs.score;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Inputs;
import banyan.models.ClassPairs;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * What one policy and another make of the same day, known alike; nothing is written.
 *
 * @param moves {@link Moves#rows}
 * @param pairs class under the one policy and under the other
 */
public record PolicyTrial(Dataset<Row> moves, ClassPairs pairs) {
    /** @param was the day under the one policy, and {@code is} under the other; both read all that classes are made of */
    public static PolicyTrial of(Inputs was, Inputs is) {
        Dataset<Row> pointsWas = points(was);
        Dataset<Row> pointsIs = points(is);
        Dataset<Row> classesWas = classes(was, pointsWas);
        Dataset<Row> classesIs = classes(is, pointsIs);
        ClassPairs pairs = ClassPairs.of(classesWas
                .select(col("entity_id"), col("risk_class").as("was"))
                .join(classesIs.select(col("entity_id"), col("risk_class").as("is")), "entity_id")
                .groupBy("was", "is")
                .agg(count(lit(1)))
                .collectAsList());
        return new PolicyTrial(Moves.rows(pointsWas, classesWas, pointsIs, classesIs), pairs);
    }

    private static Dataset<Row> points(Inputs in) {
        return Contributions.rows(in.with("obligations", Obligations.rows(in))).persist(StorageLevel.MEMORY_AND_DISK());
    }

    private static Dataset<Row> classes(Inputs in, Dataset<Row> points) {
        return RiskClasses.rows(in.with("contributions", points)).select("entity_id", "risk_class", "score");
    }
}
