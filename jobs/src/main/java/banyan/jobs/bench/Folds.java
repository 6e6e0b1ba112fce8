package banyan.jobs.bench;

import banyan.jobs.Json;
import banyan.jobs.Refusal;
import banyan.models.learned.Calibration;
import banyan.models.learned.DeLong;
import banyan.models.learned.Measured;
import banyan.models.learned.Model;
import banyan.models.learned.Ranking;
import banyan.models.learned.Sample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A model fitted on all folds but one, and measured on that one; each in turn. */
public final class Folds {
    private static final int MOST = 100;

    /** Samples and orders drawn to tell what chance does. */
    private static final int SAMPLES = 400;

    private static final long SEED = 1;

    private final Map<String, int[]> tests;
    private final Sample sample;
    /** On which day each case was looked at; null where it is not known. */
    private final long[] days;

    private double[] scores = new double[0];
    /** In which round; null for one. */
    private final int[] rounds;

    private Folds(Sample sample, long[] days, int[] rounds, Map<String, int[]> tests) {
        this.rounds = rounds;
        this.sample = sample;
        this.days = days;
        this.tests = tests;
        if (tests.size() < 2 || tests.size() > MOST) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot divide " + sample.size() + " cases: " + tests.size() + " folds were found, and 2 to " + MOST
                            + " are needed.");
        }
        for (Map.Entry<String, int[]> fold : tests.entrySet()) {
            int rest = sample.size() - fold.getValue().length;
            double bad = Arrays.stream(sample.bad()).sum()
                    - Arrays.stream(fold.getValue())
                            .mapToDouble(i -> sample.bad()[i])
                            .sum();
            if (bad == 0 || bad == rest) {
                throw new Refusal(
                        Refusal.Exit.DATA,
                        "Cannot fit without fold " + fold.getKey() + ": of the other " + rest + " cases "
                                + (bad == 0 ? "none" : "all") + " are bad; both kinds are needed.");
            }
        }
    }

    /** The case of row i of the file is in fold i mod k. */
    public static Folds modulo(Cases cases, int k) {
        Map<String, List<Integer>> folds = new TreeMap<>(Comparator.comparing(Integer::valueOf));
        for (int i = 0; i < cases.row().length; i++) {
            folds.computeIfAbsent(String.valueOf(cases.row()[i] % k), f -> new ArrayList<>())
                    .add(i);
        }
        return new Folds(cases.sample(), cases.day(), cases.round(), arrays(folds));
    }

    /** Each value of the column of folds is one. */
    public static Folds byColumn(Cases cases) {
        Map<String, List<Integer>> folds = new TreeMap<>();
        for (int i = 0; i < cases.fold().size(); i++) {
            folds.computeIfAbsent(cases.fold().get(i), f -> new ArrayList<>()).add(i);
        }
        return new Folds(cases.sample(), cases.day(), cases.round(), arrays(folds));
    }

    private static Map<String, int[]> arrays(Map<String, List<Integer>> folds) {
        Map<String, int[]> arrays = new LinkedHashMap<>();
        folds.forEach((name, rows) ->
                arrays.put(name, rows.stream().mapToInt(Integer::intValue).toArray()));
        return arrays;
    }

    /** Measured on this one alone. */
    public Folds only(String fold) {
        if (!tests.containsKey(fold)) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot measure on fold " + fold + ": the folds are " + String.join(", ", tests.keySet()) + ".");
        }
        return new Folds(this, fold);
    }

    private Folds(Folds all, String only) {
        this.sample = all.sample;
        this.days = all.days;
        this.rounds = all.rounds;
        this.tests = Map.of(only, all.tests.get(only));
    }

    /** The score of each case when it was last measured; not a number where it was in no fold that was. */
    public double[] scores() {
        return scores.clone();
    }

    private int[] rest(int[] test) {
        boolean[] out = new boolean[sample.size()];
        for (int row : test) {
            out[row] = true;
        }
        return IntStream.range(0, out.length).filter(i -> !out[i]).toArray();
    }

    /**
     * {@code folds} and {@code mean} of AUC, KS and Brier score, with the standard error of each AUC; {@code ranking}, what it is worth to
     * look at the cases in this order, mean of the folds, and of one fold alone how it varies by chance; {@code calibration} of all folds
     * together; {@code seconds} of all folds together; and, where a second model is named, {@code against}: how much higher the AUC of
     * the first is, and how likely such a difference is by chance. Folds are taken for independent of each other.
     *
     * @param other fitted and measured beside it; null for none
     */
    public ObjectNode measured(Function<Sample, Model> fit, Function<Sample, Model> other) {
        ObjectNode result = Json.object();
        ArrayNode folds = result.putArray("folds");
        List<Measured> all = new ArrayList<>();
        scores = new double[sample.size()];
        Arrays.fill(scores, Double.NaN);
        long fitting = 0;
        long scoring = 0;
        double variance = 0;
        double difference = 0;
        double differing = 0;
        double[] ranked = new double[4];
        ObjectNode intervals = Json.object();
        for (Map.Entry<String, int[]> fold : tests.entrySet()) {
            Sample test = sample.at(fold.getValue());
            Sample rest = sample.at(rest(fold.getValue()));
            long began = System.nanoTime();
            Model model = fit.apply(rest);
            long fitted = System.nanoTime();
            double[] probability = model.probability(test.variables(), test.size());
            long scored = System.nanoTime();
            fitting += fitted - began;
            scoring += scored - fitted;
            for (int i = 0; i < probability.length; i++) {
                scores[fold.getValue()[i]] = probability[i];
            }
            double[] beside =
                    other == null ? probability : other.apply(rest).probability(test.variables(), test.size());
            Measured measured = Measured.of(probability, test.bad(), test.weight());
            all.add(measured);
            double bad = Arrays.stream(test.bad()).sum();
            boolean sure = bad >= 2 && test.size() - bad >= 2;
            DeLong both = sure ? DeLong.of(new double[][] {probability, beside}, test.bad()) : null;
            variance += sure ? both.variance()[0][0] : Double.NaN;
            difference += sure ? both.auc()[0] - both.auc()[1] : Double.NaN;
            differing += sure ? both.varianceOfDifference() : Double.NaN;
            ObjectNode one = folds.addObject().put("fold", fold.getKey()).put("rows", test.size());
            put(one, measured);
            putNumber(one, "auc_error", sure ? both.error(0) : Double.NaN);
            long[] looked = days == null
                    ? null
                    : Arrays.stream(fold.getValue()).mapToLong(i -> days[i]).toArray();
            int[] round = rounds == null
                    ? null
                    : Arrays.stream(fold.getValue()).map(i -> rounds[i]).toArray();
            Ranking ranking = Ranking.of(probability, test.bad(), looked, round);
            ranked[0] += ranking.hitRate();
            ranked[1] += ranking.lift();
            ranked[2] += ranking.capture();
            ranked[3] += ranking.daysEarlier();
            if (tests.size() == 1) {
                ArrayNode bounds = intervals.putArray("interval");
                for (Ranking bound : Ranking.interval(probability, test.bad(), looked, round, SAMPLES, SEED)) {
                    put(bounds.addObject(), bound);
                }
                put(intervals.putObject("random"), Ranking.random(test.bad(), looked, round, SAMPLES, SEED));
            }
        }
        int k = tests.size();
        ObjectNode ranking = result.putObject("ranking");
        put(ranking, new Ranking(ranked[0] / k, ranked[1] / k, ranked[2] / k, ranked[3] / k));
        ranking.setAll(intervals);
        ObjectNode mean = result.putObject("mean");
        put(mean, Measured.mean(all));
        putNumber(mean, "auc_error", Math.sqrt(variance) / k);
        Sample tested =
                sample.at(tests.values().stream().flatMapToInt(Arrays::stream).toArray());
        double[] said = tests.values().stream()
                .flatMapToInt(Arrays::stream)
                .mapToDouble(i -> scores[i])
                .toArray();
        Calibration.Truth truth = Calibration.Truth.of(said, tested.bad(), tested.weight());
        ObjectNode calibration = result.putObject("calibration");
        putNumber(calibration, "intercept", truth.intercept());
        putNumber(calibration, "slope", truth.slope());
        putNumber(calibration, "error", truth.error());
        if (other != null) {
            ObjectNode against = result.putObject("against");
            putNumber(against, "auc_difference", difference / k);
            putNumber(against, "p", DeLong.pValue(difference / k, differing / k / k));
        }
        result.putObject("seconds").put("fit", fitting / 1e9).put("score", scoring / 1e9);
        return result;
    }

    /** What cannot be said, because all cases of a fold are alike, is null. */
    private static void put(ObjectNode node, Measured measured) {
        putNumber(node, "auc", measured.auc());
        putNumber(node, "ks", measured.ks());
        putNumber(node, "brier", measured.brier());
    }

    private static void put(ObjectNode node, Ranking ranking) {
        putNumber(node, "hit_rate", ranking.hitRate());
        putNumber(node, "lift", ranking.lift());
        putNumber(node, "capture", ranking.capture());
        putNumber(node, "days_earlier", ranking.daysEarlier());
    }

    private static void putNumber(ObjectNode node, String name, double value) {
        if (Double.isNaN(value)) {
            node.putNull(name);
        } else {
            node.put(name, value);
        }
    }
}
