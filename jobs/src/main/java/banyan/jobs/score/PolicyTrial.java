package banyan.jobs.score;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Inputs;
import banyan.models.RiskClass;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * What one policy and another make of the same day, known alike; nothing is written.
 *
 * @param moves {@link Moves#rows}
 * @param pairs class under the one policy and under the other → how many entities
 */
public record PolicyTrial(Dataset<Row> moves, Map<List<String>, Long> pairs) {
    /** @param was the day under the one policy, and {@code is} under the other; both read all that classes are made of */
    public static PolicyTrial of(Inputs was, Inputs is) {
        Dataset<Row> pointsWas = points(was);
        Dataset<Row> pointsIs = points(is);
        Dataset<Row> classesWas = classes(was, pointsWas);
        Dataset<Row> classesIs = classes(is, pointsIs);
        Map<List<String>, Long> pairs =
                new TreeMap<>((a, b) -> String.join(" ", a).compareTo(String.join(" ", b)));
        classesWas
                .select(col("entity_id"), col("risk_class").as("was"))
                .join(classesIs.select(col("entity_id"), col("risk_class").as("is")), "entity_id")
                .groupBy("was", "is")
                .agg(count(lit(1)))
                .collectAsList()
                .forEach(row -> pairs.put(List.of(row.getString(0), row.getString(1)), row.getLong(2)));
        return new PolicyTrial(Moves.rows(pointsWas, classesWas, pointsIs, classesIs), pairs);
    }

    private static Dataset<Row> points(Inputs in) {
        return Contributions.rows(in.with("obligations", Obligations.rows(in))).persist(StorageLevel.MEMORY_AND_DISK());
    }

    private static Dataset<Row> classes(Inputs in, Dataset<Row> points) {
        return RiskClasses.rows(in.with("contributions", points)).select("entity_id", "risk_class", "score");
    }

    /** How many entities have a class, under the one policy (0) or the other (1). */
    public long of(String riskClass, int side) {
        return pairs.entrySet().stream()
                .filter(pair -> pair.getKey().get(side).equals(riskClass))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** Entities whose class moved by so many steps or more; those that came into scope or left it moved by none. */
    public long moved(int steps) {
        return pairs.entrySet().stream()
                .filter(pair -> pair.getKey().stream().noneMatch("unclassified"::equals))
                .filter(pair ->
                        Math.abs(step(pair.getKey().get(0)) - step(pair.getKey().get(1))) >= steps)
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    private static int step(String riskClass) {
        return RiskClass.valueOf(riskClass).ordinal();
    }

    /** Share of a class among the classified, in percent. */
    public double share(RiskClass riskClass, int side) {
        long all = 0;
        for (RiskClass one : RiskClass.values()) {
            all += of(one.name(), side);
        }
        return all == 0 ? 0 : 100.0 * of(riskClass.name(), side) / all;
    }

    /**
     * Population stability index of the class shares, Σ (b − a) ln(b / a): below 0.1 the population is taken as stable. A class that
     * nobody is in counts as half an entity.
     */
    public double stability() {
        double index = 0;
        long[] all = new long[2];
        for (RiskClass one : RiskClass.values()) {
            all[0] += of(one.name(), 0);
            all[1] += of(one.name(), 1);
        }
        for (RiskClass one : RiskClass.values()) {
            double a = Math.max(0.5, of(one.name(), 0)) / Math.max(1, all[0]);
            double b = Math.max(0.5, of(one.name(), 1)) / Math.max(1, all[1]);
            index += (b - a) * Math.log(b / a);
        }
        return index;
    }
}
