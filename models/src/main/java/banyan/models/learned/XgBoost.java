package banyan.models.learned;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoostError;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Trees grown by XGBoost (Chen and Guestrin 2016), which takes weights and missing values as they are. */
public final class XgBoost {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Always as many, for sums come out otherwise with another number of them. */
    private static final int THREADS = 2;

    private XgBoost() {}

    /**
     * @param rounds trees
     * @param depth of each
     * @param rate share of what a tree says that is believed
     * @param part share of the cases, and of the columns, that each tree sees
     * @param least sum of the second derivatives a leaf must have
     */
    public record Settings(int rounds, int depth, double rate, double part, double least, long seed) {
        public static final Settings USUAL = new Settings(300, 3, 0.05, 0.8, 5, 1);
    }

    /**
     * @param specials codes that are no numbers
     */
    public static Trees fit(Sample sample, double[] specials, Settings settings) {
        Preparation preparation = Preparation.of(sample, specials, 0.01, false);
        int columns = preparation.columns().size();
        double rate = Measured.rate(sample.bad(), sample.weight());
        double base = Math.log(rate / (1 - rate));
        if (columns == 0) {
            return new Trees(preparation, base, List.of(), true, true);
        }
        double[][] x = preparation.apply(sample.variables(), sample.size());
        float[] rows = new float[sample.size() * columns];
        for (int i = 0; i < sample.size(); i++) {
            for (int c = 0; c < columns; c++) {
                rows[i * columns + c] = (float) x[c][i];
            }
        }
        try {
            DMatrix matrix = new DMatrix(rows, sample.size(), columns, Float.NaN);
            try {
                matrix.setLabel(floats(sample.bad()));
                matrix.setWeight(floats(sample.weight()));
                Map<String, Object> parameters = new LinkedHashMap<>();
                parameters.put("objective", "binary:logistic");
                parameters.put("tree_method", "hist");
                parameters.put("max_depth", settings.depth());
                parameters.put("eta", settings.rate());
                parameters.put("subsample", settings.part());
                parameters.put("colsample_bytree", settings.part());
                parameters.put("min_child_weight", settings.least());
                parameters.put("base_score", rate);
                parameters.put("seed", settings.seed());
                parameters.put("nthread", THREADS);
                parameters.put("verbosity", 0);
                Booster booster = ml.dmlc.xgboost4j.java.XGBoost.train(
                        matrix, parameters, settings.rounds(), Map.of(), null, null);
                try {
                    List<Trees.Tree> trees = new ArrayList<>();
                    for (String tree : booster.getModelDump((String) null, true, "json")) {
                        trees.add(tree(JSON.readTree(tree)));
                    }
                    float[][] margins = booster.predict(matrix, true);
                    return new Trees(preparation, base, List.copyOf(trees), true, true)
                            .checked(sample, 1e-4, row -> margins[row][0]);
                } finally {
                    booster.dispose();
                }
            } finally {
                matrix.dispose();
            }
        } catch (LinkageError e) {
            throw new IllegalArgumentException(
                    "Cannot fit trees by XGBoost: its library cannot be loaded here (" + e
                            + "). It needs OpenMP, on Debian the package libgomp1; or take trees by Smile.",
                    e);
        } catch (XGBoostError e) {
            throw new IllegalStateException("Cannot fit trees by XGBoost: " + e.getMessage(), e);
        }
    }

    private static float[] floats(double[] of) {
        float[] floats = new float[of.length];
        for (int i = 0; i < of.length; i++) {
            floats[i] = (float) of[i];
        }
        return floats;
    }

    /** A tree as XGBoost writes it: nodes with their children inside, and numbers of its own. */
    private static Trees.Tree tree(JsonNode root) {
        List<JsonNode> nodes = new ArrayList<>();
        Map<Integer, Integer> place = new LinkedHashMap<>();
        List<JsonNode> open = new ArrayList<>(List.of(root));
        for (int i = 0; i < open.size(); i++) {
            JsonNode node = open.get(i);
            place.put(node.get("nodeid").asInt(), nodes.size());
            nodes.add(node);
            if (node.has("children")) {
                node.get("children").forEach(open::add);
            }
        }
        int n = nodes.size();
        Trees.Tree tree = new Trees.Tree(
                new int[n], new double[n], new int[n], new int[n], new boolean[n], new double[n], new double[n]);
        for (int i = 0; i < n; i++) {
            JsonNode node = nodes.get(i);
            tree.cover()[i] = node.get("cover").asDouble();
            if (node.has("leaf")) {
                tree.column()[i] = -1;
                tree.value()[i] = (float) node.get("leaf").asDouble();
                continue;
            }
            tree.column()[i] = Integer.parseInt(node.get("split").asString().substring(1));
            tree.threshold()[i] = (float) node.get("split_condition").asDouble();
            tree.left()[i] = place.get(node.get("yes").asInt());
            tree.right()[i] = place.get(node.get("no").asInt());
            tree.missingLeft()[i] =
                    node.get("missing").asInt() == node.get("yes").asInt();
        }
        return tree;
    }
}
