package banyan.jobs.command;

import banyan.jobs.Json;
import banyan.jobs.Lookup;
import banyan.models.Forecast;
import banyan.models.learned.Learned;
import banyan.models.learned.Parts;
import banyan.models.learned.Scoring;
import banyan.models.learned.Values;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a version of a model in force foretells of an entity, and what each feature adds to it; worked out again from the features that
 * were kept, and refused where that is not the score that was kept.
 *
 * @param prediction its row of predictions
 * @param parts of its score
 * @param usual what each adds on average in its sector, or where too few of it were looked at among all
 */
record Foretold(Row prediction, Learned learned, List<Values> features, Parts parts, double[] usual) {
    private static final List<String> PREDICTION =
            List.of("model", "model_version", "state", "probability", "score", "features");

    private static final double EXACT = 1e-7;

    /** The champion's first; none where no model speaks of the entity on the day. */
    static List<Foretold> of(Lookup lookup, LocalDate day, LocalDate knownAt, String entity) {
        List<Row> predictions = lookup.rows("predictions", day, "entity_id", List.of(entity), PREDICTION).stream()
                .sorted(Comparator.comparing((Row row) -> row.<String>getAs("model"))
                        .thenComparing(row -> row.<String>getAs("state"))
                        .reversed())
                .toList();
        Map<String, Row> models = lookup
                .rows(
                        "models",
                        null,
                        "model_version",
                        predictions.stream()
                                .map(row -> row.<String>getAs("model_version"))
                                .collect(Collectors.toSet()),
                        List.of("model_version", "body"))
                .stream()
                .collect(Collectors.toMap(row -> row.getAs("model_version"), Function.identity(), (a, b) -> a));
        String sector = lookup
                .rows(
                        "entities",
                        null,
                        "entity_id",
                        predictions.isEmpty() ? List.of() : List.of(entity),
                        List.of("sector", "known_from", "known_to"))
                .stream()
                .filter(version -> Lookup.known(version, knownAt))
                .map(version -> version.<String>getAs("sector"))
                .filter(of -> of != null)
                .findFirst()
                .orElse("");
        return predictions.stream()
                .map(row -> of(
                        row,
                        Learned.parse(
                                models.get(row.<String>getAs("model_version")).getAs("body")),
                        sector))
                .toList();
    }

    private static Foretold of(Row prediction, Learned learned, String sector) {
        List<Values> features = Scoring.read(List.of(prediction.<String>getList(prediction.fieldIndex("features"))));
        double score = learned.of().scores(features, 1)[0];
        double kept = prediction.<BigDecimal>getAs("score").doubleValue();
        if (Math.abs(score - kept) > EXACT) {
            throw new IllegalStateException("Cannot explain what " + prediction.getAs("model")
                    + " foretells: its score is " + score + " by its features, and " + kept + " was kept.");
        }
        Parts parts = learned.of().parts(features, 1).of(new double[] {score});
        return new Foretold(prediction, learned, features, parts, learned.usual(sector));
    }

    void tell(PrintWriter out, boolean zh) {
        Forecast forecast = learned.asked();
        boolean champion = prediction.getAs("state").equals("champion");
        out.printf(
                Locale.ROOT,
                zh ? "模型预测：%s，概率 %.1f %%（%s %s，%s）%n" : "Model: %s, probability %.1f %% (%s %s, %s)%n",
                forecast.name().in(zh ? "zh" : "en"),
                prediction.<BigDecimal>getAs("probability").doubleValue() * 100,
                prediction.<String>getAs("model"),
                prediction.<String>getAs("model_version"),
                zh ? champion ? "在用" : "对照" : prediction.<String>getAs("state"));
        for (int v : byWeight()) {
            Forecast.Feature feature = forecast.feature(parts.variables().get(v));
            double value = value(feature.id());
            out.printf(
                    Locale.ROOT,
                    zh ? "%+7.3f  %s：%s（较通常 %+.3f）%n" : "%+7.3f  %s: %s (%+.3f beside the usual)%n",
                    parts.of()[v][0],
                    feature.name().in(zh ? "zh" : "en"),
                    Double.isNaN(value)
                            ? zh ? "不详" : "not known"
                            : BigDecimal.valueOf(value).stripTrailingZeros().toPlainString(),
                    parts.of()[v][0] - usual[v]);
        }
        out.printf(
                Locale.ROOT,
                zh
                        ? "%+7.3f  起点；合计 %+.3f，校准后即上述概率%n"
                        : "%+7.3f  to begin with; in all %+.3f, recalibrated the probability above%n",
                parts.base(),
                prediction.<BigDecimal>getAs("score").doubleValue());
    }

    /** Those that add anything, or take anything away, most first. */
    private List<Integer> byWeight() {
        return IntStream.range(0, parts.of().length)
                .filter(v -> Math.abs(parts.of()[v][0]) > 5e-4 || Math.abs(parts.of()[v][0] - usual[v]) > 5e-4)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer v) -> usual[v] - parts.of()[v][0]))
                .toList();
    }

    private double value(String variable) {
        return features.stream()
                .filter(v -> v.name().equals(variable))
                .mapToDouble(v -> ((Values.Numbers) v).of()[0])
                .findFirst()
                .orElse(Double.NaN);
    }

    ObjectNode json() {
        ObjectNode json = Json.object()
                .put("model", prediction.<String>getAs("model"))
                .put("model_version", prediction.<String>getAs("model_version"))
                .put("state", prediction.<String>getAs("state"))
                .put("probability", prediction.<BigDecimal>getAs("probability"))
                .put("score", prediction.<BigDecimal>getAs("score"))
                .put("base", parts.base());
        ArrayNode nodes = json.putArray("parts");
        byWeight().forEach(v -> {
            double value = value(parts.variables().get(v));
            ObjectNode node = nodes.addObject()
                    .put("feature", parts.variables().get(v))
                    .put("part", parts.of()[v][0])
                    .put("usual", usual[v]);
            if (Double.isNaN(value)) {
                node.putNull("value");
            } else {
                node.put("value", value);
            }
        });
        return json;
    }
}
