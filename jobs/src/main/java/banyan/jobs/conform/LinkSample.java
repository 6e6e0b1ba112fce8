package banyan.jobs.conform;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_repeat;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.flatten;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.xxhash64;

import banyan.models.LinkModel;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.jdk.javaapi.CollectionConverters;

/** What a {@link LinkModel} is fitted on: parties drawn from the table links, the same for the same table. */
public final class LinkSample {
    private LinkSample() {}

    /**
     * [record][candidate][comparison] → number of the level, −1 where missing, of {@code most} parties on a day.
     *
     * @param links the rows of the table links that stand
     * @param traits {@link EntityTraits}
     */
    public static List<int[][]> records(Dataset<Row> links, Dataset<Row> traits, LinkModel model, int most) {
        Dataset<Row> drawn = drawn(links, col("party"), col("day"), most);
        Column here = Links.without(
                Links.unpacked(
                        Links.whom(filter(col("met"), m -> m.getField("to").isNull())), model),
                array().cast("array<string>"));
        Column prior = lit(Links.prior(traits, model));
        Dataset<Row> ranked = Links.met(Links.parties(drawn), traits, model, true)
                .withColumn("here", here)
                .withColumn("weights", model.weights(col("here"), Links.many(Links.whom(col("met"))), prior))
                .withColumn("ranked", Links.ranked(col("here"), col("weights"), model))
                .select(
                        col("party"),
                        col("day"),
                        flatten(transform(
                                        col("ranked"),
                                        m -> array_repeat(m.getField("levels"), size(m.getField("candidates")))))
                                .as("candidates"));
        List<int[][]> records = new ArrayList<>();
        drawn.select("party", "day")
                .join(ranked, new String[] {"party", "day"}, "left")
                .orderBy("party", "day")
                .select("candidates")
                .collectAsList()
                .forEach(row -> records.add(row.isNullAt(0) ? new int[0][] : levels(row)));
        return records;
    }

    private static int[][] levels(Row row) {
        List<int[]> candidates = new ArrayList<>();
        for (Object candidate : row.getList(0)) {
            List<?> levels = CollectionConverters.asJava((scala.collection.Seq<?>) candidate);
            candidates.add(levels.stream().mapToInt(l -> (Integer) l).toArray());
        }
        candidates.sort(java.util.Arrays::compare); // sums do not depend on the order of the rows
        return candidates.toArray(int[][]::new);
    }

    /** [comparison][level]: how many of {@code each} times {@code each} pairs, of a party and an enterprise, came out at it. */
    public static long[][] random(Dataset<Row> links, Dataset<Row> traits, LinkModel model, int each) {
        Dataset<Row> parties = drawn(links, col("party"), col("day"), each);
        Dataset<Row> enterprises = drawn(
                Links.candidates(traits.where("known_to is null")), col("candidate"), col("candidate_period"), each);
        long[][] counts = new long[model.comparisons().size()][];
        for (int c = 0; c < counts.length; c++) {
            counts[c] = new long[model.comparisons().get(c).levels().size()];
        }
        Links.compared(parties.crossJoin(enterprises), model)
                .groupBy("pattern")
                .agg(count(lit(1)).as("n"))
                .select(model.levels(col("pattern")), col("n"))
                .collectAsList()
                .forEach(row -> {
                    List<Integer> levels = row.getList(0);
                    for (int c = 0; c < counts.length; c++) {
                        if (levels.get(c) >= 0) {
                            counts[c][levels.get(c)] += row.getLong(1);
                        }
                    }
                });
        return counts;
    }

    /** Some rows, by the hashes of what names them. */
    private static Dataset<Row> drawn(Dataset<Row> rows, Column id, Column and, int most) {
        return rows.orderBy(xxhash64(lit("drawn"), id, and), id, and).limit(most);
    }
}
