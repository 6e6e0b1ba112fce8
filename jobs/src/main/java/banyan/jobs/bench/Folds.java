package banyan.jobs.bench;

import banyan.jobs.Json;
import banyan.jobs.Refusal;
import banyan.models.learned.Measured;
import banyan.models.learned.Model;
import banyan.models.learned.Sample;
import java.util.ArrayList;
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

    private final Map<String, int[]> tests;
    private final Sample sample;

    private Folds(Sample sample, Map<String, int[]> tests) {
        this.sample = sample;
        this.tests = tests;
        if (tests.size() < 2 || tests.size() > MOST) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot divide " + sample.size() + " cases: " + tests.size() + " folds were found, and 2 to " + MOST
                            + " are needed.");
        }
        for (Map.Entry<String, int[]> fold : tests.entrySet()) {
            Sample rest = sample.at(rest(fold.getValue()));
            double bad = java.util.Arrays.stream(rest.bad()).sum();
            if (bad == 0 || bad == rest.size()) {
                throw new Refusal(
                        Refusal.Exit.DATA,
                        "Cannot fit without fold " + fold.getKey() + ": of the other " + rest.size() + " cases "
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
        return new Folds(cases.sample(), arrays(folds));
    }

    /** Each value of the column of folds is one. */
    public static Folds byColumn(Cases cases) {
        Map<String, List<Integer>> folds = new TreeMap<>();
        for (int i = 0; i < cases.fold().size(); i++) {
            folds.computeIfAbsent(cases.fold().get(i), f -> new ArrayList<>()).add(i);
        }
        return new Folds(cases.sample(), arrays(folds));
    }

    private static Map<String, int[]> arrays(Map<String, List<Integer>> folds) {
        Map<String, int[]> arrays = new LinkedHashMap<>();
        folds.forEach((name, rows) ->
                arrays.put(name, rows.stream().mapToInt(Integer::intValue).toArray()));
        return arrays;
    }

    private int[] rest(int[] test) {
        boolean[] out = new boolean[sample.size()];
        for (int row : test) {
            out[row] = true;
        }
        return IntStream.range(0, out.length).filter(i -> !out[i]).toArray();
    }

    /** {@code folds} and {@code mean} of AUC, KS and Brier score, and {@code seconds} of all folds together. */
    public ObjectNode measured(Function<Sample, Model> fit) {
        ObjectNode result = Json.object();
        ArrayNode folds = result.putArray("folds");
        List<Measured> all = new ArrayList<>();
        long fitting = 0;
        long scoring = 0;
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
            Measured measured = Measured.of(probability, test.bad(), test.weight());
            all.add(measured);
            put(folds.addObject().put("fold", fold.getKey()).put("rows", test.size()), measured);
        }
        put(result.putObject("mean"), Measured.mean(all));
        result.putObject("seconds").put("fit", fitting / 1e9).put("score", scoring / 1e9);
        return result;
    }

    /** What cannot be said, because all cases of a fold are alike, is null. */
    private static void put(ObjectNode node, Measured measured) {
        putNumber(node, "auc", measured.auc());
        putNumber(node, "ks", measured.ks());
        putNumber(node, "brier", measured.brier());
    }

    private static void putNumber(ObjectNode node, String name, double value) {
        if (Double.isNaN(value)) {
            node.putNull(name);
        } else {
            node.put(name, value);
        }
    }
}
