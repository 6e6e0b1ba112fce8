package banyan.models;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;

/**
 * How the entities of one list stand in another: class there and class here → how many.
 *
 * @param pairs (class there, class here), each A to D or another word for no class
 */
public record ClassPairs(Map<List<String>, Long> pairs) {
    /** @param rows class there, class here, how many: a row for each pair that occurs */
    public static ClassPairs of(List<Row> rows) {
        Map<List<String>, Long> pairs =
                new TreeMap<>(Comparator.comparing((List<String> pair) -> String.join(" ", pair)));
        rows.forEach(row -> pairs.put(List.of(row.getString(0), row.getString(1)), row.getLong(2)));
        return new ClassPairs(pairs);
    }

    /** How many have a class, there (0) or here (1). */
    public long of(String riskClass, int side) {
        return pairs.entrySet().stream()
                .filter(pair -> pair.getKey().get(side).equals(riskClass))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** How many have one of the four classes, there (0) or here (1). */
    public long classified(int side) {
        long all = 0;
        for (RiskClass one : RiskClass.values()) {
            all += of(one.name(), side);
        }
        return all;
    }

    /** Share of a class among the classified, in percent; 0 among none. */
    public double share(RiskClass riskClass, int side) {
        long all = classified(side);
        return all == 0 ? 0 : 100.0 * of(riskClass.name(), side) / all;
    }

    /** How many stand elsewhere, in a class or in none. */
    public long moved() {
        return pairs.entrySet().stream()
                .filter(pair -> !pair.getKey().get(0).equals(pair.getKey().get(1)))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** How many had a class there and have none here. */
    public long gone() {
        return classified(0) - both();
    }

    /** How many have a class on both sides. */
    public long both() {
        return moved(0);
    }

    /** How many have a class on both sides, so many steps apart or more. */
    public long moved(int steps) {
        return pairs.entrySet().stream()
                .filter(pair ->
                        step(pair.getKey().get(0)) >= 0 && step(pair.getKey().get(1)) >= 0)
                .filter(pair ->
                        Math.abs(step(pair.getKey().get(0)) - step(pair.getKey().get(1))) >= steps)
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    private static int step(String riskClass) {
        for (RiskClass one : RiskClass.values()) {
            if (one.name().equals(riskClass)) {
                return one.ordinal();
            }
        }
        return -1;
    }

    /**
     * Population stability index of the class shares, Σ (b − a) ln(b / a): below 0.1 the population is taken as stable. A class that
     * nobody is in counts as half an entity.
     */
    public double stability() {
        double index = 0;
        for (RiskClass one : RiskClass.values()) {
            double a = Math.max(0.5, of(one.name(), 0)) / Math.max(1, classified(0));
            double b = Math.max(0.5, of(one.name(), 1)) / Math.max(1, classified(1));
            index += (b - a) * Math.log(b / a);
        }
        return index;
    }
}
