package banyan.models.learned;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * Scores by a model, spread over the cores: arrays of some thousand rows at a time, for three hundred trees are no expression that Spark
 * could compile. What a row is given follows from that row alone.
 */
public final class Scoring {
    private static final int BATCH = 2048;
    private static final int REASONS = 3;
    private static final int DIGITS = 8;

    private static final StructType SCORED = StructType.fromDDL("entity_id string, score decimal(14,8),"
            + " probability decimal(9,8), features array<string>, reasons array<string>");

    private Scoring() {}

    /**
     * One row per row: entity_id; score, log odds or probability; probability, recalibrated; features, {@code variable=value} in the
     * definition's order, nothing behind the sign where it is unknown; reasons, the variables that add most above what is usual among
     * the like. That parts add up to the score is checked of every row.
     *
     * @param features entity_id, peer (what it is compared with), and each feature as a double
     * @param model {@link Learned#json}
     */
    public static Dataset<Row> of(Dataset<Row> features, String model) {
        return features.mapPartitions(
                (MapPartitionsFunction<Row, Row>) rows -> new Batches(rows, Learned.parse(model)),
                Encoders.row(SCORED));
    }

    /** The rows of a partition, scored as they are asked for. */
    private static final class Batches implements Iterator<Row> {
        private final Iterator<Row> rows;
        private final Learned model;
        private final List<String> names;
        private Iterator<Row> scored = List.<Row>of().iterator();

        Batches(Iterator<Row> rows, Learned model) {
            this.rows = rows;
            this.model = model;
            this.names = model.asked().ids();
        }

        @Override
        public boolean hasNext() {
            if (!scored.hasNext() && rows.hasNext()) {
                List<Row> batch = new ArrayList<>(BATCH);
                while (batch.size() < BATCH && rows.hasNext()) {
                    batch.add(rows.next());
                }
                scored = scored(batch).iterator();
            }
            return scored.hasNext();
        }

        @Override
        public Row next() {
            hasNext();
            return scored.next();
        }

        private List<Row> scored(List<Row> batch) {
            List<Values> values = new ArrayList<>();
            for (String name : names) {
                values.add(new Values.Numbers(
                        name,
                        batch.stream()
                                .mapToDouble(row -> {
                                    Double value = row.getAs(name);
                                    return value == null ? Double.NaN : value;
                                })
                                .toArray()));
            }
            double[] scores = model.of().scores(values, batch.size());
            Parts parts = model.of().parts(values, batch.size()).of(scores);
            return IntStream.range(0, batch.size())
                    .mapToObj(i -> scored(batch.get(i), i, values, scores[i], parts))
                    .toList();
        }

        private Row scored(Row row, int at, List<Values> values, double score, Parts parts) {
            double[] own = new double[parts.of().length];
            for (int v = 0; v < own.length; v++) {
                own[v] = parts.of()[v][at];
            }
            String[] reasons = IntStream.of(model.reasons(own, model.usual(row.getAs("peer")), REASONS))
                    .mapToObj(parts.variables()::get)
                    .toArray(String[]::new);
            String[] features = values.stream()
                    .map(v -> v.name() + "=" + written(((Values.Numbers) v).of()[at]))
                    .toArray(String[]::new);
            return RowFactory.create(
                    row.getAs("entity_id"), decimal(score), decimal(model.probability(score)), features, reasons);
        }
    }

    /** A score as it is kept. */
    static double rounded(double score) {
        return decimal(score).doubleValue();
    }

    private static BigDecimal decimal(double value) {
        return BigDecimal.valueOf(value).setScale(DIGITS, RoundingMode.HALF_UP);
    }

    /** As short as it can be and still give the same number, without exponent; nothing for none. */
    public static String written(double value) {
        if (Double.isNaN(value)) {
            return "";
        }
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.valueOf((long) value)
                : BigDecimal.valueOf(value).toPlainString();
    }

    /** The values of some cases as they were written: [case] of {@code variable=value}. */
    public static List<Values> read(List<List<String>> features) {
        List<Values> values = new ArrayList<>();
        int variables = features.isEmpty() ? 0 : features.get(0).size();
        for (int v = 0; v < variables; v++) {
            int at = v;
            String first = features.get(0).get(v);
            String name = first.substring(0, first.indexOf('='));
            values.add(new Values.Numbers(
                    name,
                    features.stream()
                            .map(f -> f.get(at).substring(name.length() + 1))
                            .mapToDouble(text -> text.isEmpty() ? Double.NaN : Double.parseDouble(text))
                            .toArray()));
        }
        return values;
    }
}
