package banyan.jobs.bench;

import banyan.jobs.Json;
import banyan.jobs.Refusal;
import banyan.models.learned.Calibration;
import banyan.models.learned.DeLong;
import banyan.models.learned.Measured;
import banyan.models.learned.Model;
import banyan.models.learned.Ranking;
import banyan.models.learned.Sample;
import banyan.models.learned.Values;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A kind of model, fitted and measured fold by fold. */
public final class ModelTrial {
    /** Samples and orders drawn to tell what chance does. */
    private static final int SAMPLES = 400;

    private static final long SEED = 1;

    private final Cases cases;
    private final List<Result> results;
    /** Whether a second model was fitted beside it. */
    private final boolean compared;

    /**
     * What came of one fold.
     *
     * @param auc of the model and of the one beside it; null where there are not two cases of each kind
     * @param baselines of each column that stands for a score by itself
     */
    private record Result(
            Folds.Fold fold,
            double[] probability,
            Measured measured,
            DeLong auc,
            Ranking ranking,
            List<Baseline> baselines,
            long fitting,
            long scoring) {}

    private record Baseline(String column, Measured measured, Ranking ranking) {}

    private ModelTrial(Cases cases, List<Result> results, boolean compared) {
        this.cases = cases;
        this.results = results;
        this.compared = compared;
    }

    /**
     * @param fit the model
     * @param other fitted and measured beside it; null for none
     * @param baselines columns of numbers that are measured as if they were scores, more for more risk; where they are missing, least
     */
    public static ModelTrial of(
            Cases cases,
            Folds folds,
            Function<Sample, Model> fit,
            Function<Sample, Model> other,
            List<String> baselines) {
        List<Values.Numbers> columns =
                baselines.stream().map(b -> column(cases, b)).toList();
        List<Result> results = new ArrayList<>();
        for (Folds.Fold fold : folds.all()) {
            Sample test = cases.sample().at(fold.test());
            Sample rest = cases.sample().at(fold.rest());
            long began = System.nanoTime();
            Model model = fit.apply(rest);
            long fitted = System.nanoTime();
            double[] probability = model.probability(test.variables(), test.size());
            long scored = System.nanoTime();
            double[] beside =
                    other == null ? probability : other.apply(rest).probability(test.variables(), test.size());
            results.add(new Result(
                    fold,
                    probability,
                    Measured.of(probability, test.bad(), test.weight()),
                    DeLong.tells(test.bad()) ? DeLong.of(new double[][] {probability, beside}, test.bad()) : null,
                    ranking(cases, fold, probability),
                    columns.stream().map(c -> baseline(cases, fold, c)).toList(),
                    fitted - began,
                    scored - fitted));
        }
        return new ModelTrial(cases, results, other != null);
    }

    private static Values.Numbers column(Cases cases, String name) {
        return cases.sample().variables().stream()
                .filter(v -> v.name().equals(name) && v instanceof Values.Numbers)
                .map(v -> (Values.Numbers) v)
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        Refusal.Exit.USAGE,
                        "Cannot take " + name + " for a score: it is no column of numbers that is read."));
    }

    private static Baseline baseline(Cases cases, Folds.Fold fold, Values.Numbers column) {
        double[] score = Arrays.stream(fold.test())
                .mapToDouble(i -> Double.isNaN(column.of()[i]) ? -Double.MAX_VALUE : column.of()[i])
                .toArray();
        Sample test = cases.sample().at(fold.test());
        return new Baseline(column.name(), Measured.of(score, test.bad(), test.weight()), ranking(cases, fold, score));
    }

    private static Ranking ranking(Cases cases, Folds.Fold fold, double[] score) {
        return Ranking.of(score, bad(cases, fold), days(cases, fold), rounds(cases, fold));
    }

    private static double[] bad(Cases cases, Folds.Fold fold) {
        return Arrays.stream(fold.test())
                .mapToDouble(i -> cases.sample().bad()[i])
                .toArray();
    }

    private static long[] days(Cases cases, Folds.Fold fold) {
        return cases.day() == null
                ? null
                : Arrays.stream(fold.test()).mapToLong(i -> cases.day()[i]).toArray();
    }

    private static int[] rounds(Cases cases, Folds.Fold fold) {
        return cases.round() == null
                ? null
                : Arrays.stream(fold.test()).map(i -> cases.round()[i]).toArray();
    }

    /** The probability of each case that was measured; not a number for the others. */
    public double[] scores() {
        double[] scores = new double[cases.sample().size()];
        Arrays.fill(scores, Double.NaN);
        for (Result result : results) {
            for (int i = 0; i < result.probability.length; i++) {
                scores[result.fold.test()[i]] = result.probability[i];
            }
        }
        return scores;
    }

    /**
     * {@code folds} and {@code mean} of AUC, KS and Brier score, with the standard error of each AUC; {@code ranking}, what it is worth to
     * look at the cases in this order, mean of the folds, and of one fold alone how it varies by chance; {@code calibration} of all that
     * was measured; {@code seconds} of all folds together; {@code baselines}; and {@code against}: how much higher the AUC is than that of
     * the model beside it, and how likely such a difference is by chance. Folds are taken for independent of each other.
     */
    public ObjectNode json() {
        ObjectNode json = Json.object();
        ArrayNode folds = json.putArray("folds");
        for (Result result : results) {
            ObjectNode fold = folds.addObject().put("fold", result.fold.name()).put("rows", result.fold.test().length);
            put(fold, result.measured);
            Json.put(fold, "auc_error", result.auc == null ? Double.NaN : result.auc.error(0));
            Json.put(fold, "lift", result.ranking.lift());
            Json.put(fold, "days_earlier", result.ranking.daysEarlier());
        }
        ObjectNode mean = json.putObject("mean");
        put(mean, Measured.mean(results.stream().map(Result::measured).toList()));
        Json.put(
                mean,
                "auc_error",
                Math.sqrt(mean(r -> r.auc == null ? Double.NaN : r.auc.variance()[0][0]) / results.size()));
        ObjectNode ranking = json.putObject("ranking");
        put(ranking, meanRanking(Result::ranking));
        if (results.size() == 1) {
            putChance(ranking, results.get(0));
        }
        putCalibration(json.putObject("calibration"));
        if (compared) {
            ObjectNode against = json.putObject("against");
            double difference = mean(r -> r.auc == null ? Double.NaN : r.auc.auc()[0] - r.auc.auc()[1]);
            double variance = mean(r -> r.auc == null ? Double.NaN : r.auc.varianceOfDifference()) / results.size();
            Json.put(against, "auc_difference", difference);
            Json.put(against, "p", DeLong.pValue(difference, variance));
        }
        ArrayNode baselines = json.putArray("baselines");
        for (int b = 0; b < results.get(0).baselines.size(); b++) {
            int at = b;
            ObjectNode baseline =
                    baselines.addObject().put("column", results.get(0).baselines.get(b).column);
            Json.put(baseline, "auc", mean(r -> r.baselines.get(at).measured.auc()));
            put(baseline, meanRanking(r -> r.baselines.get(at).ranking));
        }
        json.putObject("seconds")
                .put("fit", results.stream().mapToLong(Result::fitting).sum() / 1e9)
                .put("score", results.stream().mapToLong(Result::scoring).sum() / 1e9);
        return json;
    }

    private double mean(ToDoubleFunction<Result> of) {
        return results.stream().mapToDouble(of).average().orElse(Double.NaN);
    }

    private Ranking meanRanking(Function<Result, Ranking> of) {
        return new Ranking(
                mean(r -> of.apply(r).hitRate()),
                mean(r -> of.apply(r).lift()),
                mean(r -> of.apply(r).capture()),
                mean(r -> of.apply(r).daysEarlier()));
    }

    private void putChance(ObjectNode ranking, Result result) {
        double[] bad = bad(cases, result.fold);
        long[] days = days(cases, result.fold);
        int[] rounds = rounds(cases, result.fold);
        ArrayNode bounds = ranking.putArray("interval");
        for (Ranking bound : Ranking.interval(result.probability, bad, days, rounds, SAMPLES, SEED)) {
            put(bounds.addObject(), bound);
        }
        put(ranking.putObject("random"), Ranking.random(bad, days, rounds, SAMPLES, SEED));
    }

    private void putCalibration(ObjectNode node) {
        int[] measured =
                results.stream().flatMapToInt(r -> Arrays.stream(r.fold.test())).toArray();
        double[] said = results.stream()
                .flatMapToDouble(r -> Arrays.stream(r.probability))
                .toArray();
        Sample tested = cases.sample().at(measured);
        Calibration.Truth truth = Calibration.Truth.of(said, tested.bad(), tested.weight());
        Json.put(node, "intercept", truth.intercept());
        Json.put(node, "slope", truth.slope());
        Json.put(node, "error", truth.error());
    }

    private static void put(ObjectNode node, Measured measured) {
        Json.put(node, "auc", measured.auc());
        Json.put(node, "ks", measured.ks());
        Json.put(node, "brier", measured.brier());
    }

    private static void put(ObjectNode node, Ranking ranking) {
        Json.put(node, "hit_rate", ranking.hitRate());
        Json.put(node, "lift", ranking.lift());
        Json.put(node, "capture", ranking.capture());
        Json.put(node, "days_earlier", ranking.daysEarlier());
    }
}
