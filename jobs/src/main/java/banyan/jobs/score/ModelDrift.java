package banyan.jobs.score;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_append;
import static org.apache.spark.sql.functions.ceil;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.substring_index;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import banyan.jobs.learn.Registry;
import banyan.models.learned.Drift;
import banyan.models.learned.Learned;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** One row per version of a model in force and number that is watched: how far it has moved from what the model was fitted on. */
public final class ModelDrift {
    private static final String SCORE = "score";

    private ModelDrift() {}

    public static Dataset<Row> rows(Inputs in) {
        Dataset<Row> predictions = in.table("predictions");
        List<Row> rows = new ArrayList<>();
        for (Map.Entry<String, Registry> one :
                Registry.all(in.table("models"), in.table("model_states")).entrySet()) {
            for (Registry.Version version : one.getValue().scoring(in.asOf())) {
                Dataset<Row> scored = predictions.where(col("model")
                        .equalTo(one.getKey())
                        .and(col("model_version").equalTo(version.version())));
                rows.addAll(rows(one.getKey(), version, scored));
            }
        }
        return in.stamped(in.few(rows, "model_drift"));
    }

    private static List<Row> rows(String model, Registry.Version version, Dataset<Row> scored) {
        Learned learned = version.learned();
        SortedMap<String, Drift> watched = new TreeMap<>(learned.spread());
        watched.put(SCORE, learned.scores());
        Map<String, long[]> counts = counts(scored, watched);
        Expected expected = Expected.of(scored);
        List<Row> rows = new ArrayList<>();
        watched.forEach((measure, then) -> {
            long[] now = counts.getOrDefault(measure, new long[then.cases().length]);
            long all = Arrays.stream(now).sum();
            if (all == 0) {
                return;
            }
            boolean score = measure.equals(SCORE);
            rows.add(RowFactory.create(
                    model,
                    version.version(),
                    measure,
                    six(then.psi(now)),
                    six(then.byChance(now)),
                    six((double) now[now.length - 1] / all),
                    all,
                    score ? expected.bad : null,
                    score ? expected.auc : null));
        });
        return rows;
    }

    private static BigDecimal six(double value) {
        return BigDecimal.valueOf(value).setScale(6, RoundingMode.HALF_UP);
    }

    /** How many lie in each bin; a bin for each of some ten of each number, however many entities there are. */
    private static Map<String, long[]> counts(Dataset<Row> scored, SortedMap<String, Drift> watched) {
        List<Column> cuts = new ArrayList<>();
        watched.forEach((measure, drift) -> {
            cuts.add(lit(measure));
            cuts.add(array(Arrays.stream(drift.cuts()).mapToObj(c -> lit(c)).toArray(Column[]::new))
                    .cast("array<double>"));
        });
        Column value = substring_index(col("feature"), "=", -1);
        Column of = element_at(map(cuts.toArray(Column[]::new)), col("measure"));
        Column bin = when(value.equalTo(""), size(of).plus(1))
                .otherwise(size(filter(of, cut -> cut.leq(when(value.notEqual(""), value.cast("double"))))));
        Map<String, long[]> counts = new HashMap<>();
        scored.select(explode(array_append(col("features"), concat(lit(SCORE + "="), col("score"))))
                        .as("feature"))
                .withColumn("measure", substring_index(col("feature"), "=", 1))
                .select(col("measure"), bin.as("bin"))
                .groupBy("measure", "bin")
                .count()
                .collectAsList()
                .forEach(row -> counts.computeIfAbsent(
                                        row.getString(0),
                                        m -> new long[watched.get(m).cases().length])[row.getInt(1)] =
                        row.getLong(2));
        return counts;
    }

    /**
     * What the probabilities themselves promise, before anything has turned out (NannyML's CBPE, on a thousand steps of probability):
     * true as far as they are true.
     *
     * @param bad how many would turn out bad were all looked at
     * @param auc null where all probabilities are alike
     */
    private record Expected(BigDecimal bad, BigDecimal auc) {
        private static final int STEPS = 1_000;

        static Expected of(Dataset<Row> scored) {
            double badBelow = 0;
            double goodBelow = 0;
            double pairs = 0;
            BigDecimal bad = BigDecimal.ZERO;
            for (Row step : scored.groupBy(
                            ceil(col("probability").multiply(STEPS)).as("step"))
                    .agg(sum("probability"), count(lit(1)))
                    .orderBy("step")
                    .collectAsList()) {
                double itsBad = step.getDecimal(1).doubleValue();
                double itsGood = step.getLong(2) - itsBad;
                pairs += itsBad * (goodBelow + itsGood / 2);
                badBelow += itsBad;
                goodBelow += itsGood;
                bad = bad.add(step.getDecimal(1));
            }
            double all = badBelow * goodBelow;
            return new Expected(bad.setScale(6, RoundingMode.HALF_UP), all > 0 ? six(pairs / all) : null);
        }
    }
}
