package banyan.jobs.command;

import banyan.jobs.Refusal;
import banyan.jobs.bench.Cases;
import banyan.jobs.bench.Folds;
import banyan.models.learned.Bins;
import banyan.models.learned.Model;
import banyan.models.learned.RawLogistic;
import banyan.models.learned.Sample;
import banyan.models.learned.Scorecard;
import banyan.models.learned.SmileTrees;
import banyan.models.learned.XgBoost;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** How well a kind of model tells bad cases from good ones, on any file. */
@Command(
        name = "scorecard",
        mixinStandardHelpOptions = true,
        description = {
            "Fit a model on all folds of a file but one and measure it on that one, each in turn: AUC, KS and Brier score.",
            "A column of numbers is one of numbers, any other one of words; blank, NA, NaN, null and ? are missing."
        },
        footer = {
            "",
            "  banyan bench scorecard --data german.csv.gz --label creditability --folds mod:10 --model scorecard",
            "Exit 2: a column or label that the file does not have; 3: a file that cannot be read or fitted on."
        })
final class BenchScorecard implements Callable<Integer> {
    /** λ of the logistic regressions, as in scikit-learn's default. */
    private static final double RIDGE = 1;

    @Spec
    CommandSpec spec;

    @Option(names = "--data", required = true, paramLabel = "FILE", description = "CSV with a header, or CSV.gz.")
    Path data;

    @Option(names = "--label", required = true, paramLabel = "COLUMN", description = "Whether a case turned out bad.")
    String label;

    @Option(
            names = "--bad",
            paramLabel = "VALUE",
            description = "The label of a bad case; not needed for 0 and 1, bad and good, yes and no, true and false.")
    String bad;

    @Option(
            names = "--special",
            split = ",",
            paramLabel = "CODE",
            description = "Numbers that are codes, in every column: --special=-9,-8,-7.")
    List<Double> special = List.of();

    @Option(names = "--drop", split = ",", paramLabel = "COLUMN", description = "Columns that no model may see.")
    List<String> drop = List.of();

    @Option(
            names = "--folds",
            defaultValue = "mod:5",
            paramLabel = "FOLDS",
            description = "mod:K, row i of the file is in fold i mod K, or column:NAME (default: ${DEFAULT-VALUE}).")
    String folds;

    /** Kinds of model. */
    enum Kind {
        SCORECARD,
        LOGIT,
        GBM,
        FOREST;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Who grows boosted trees. */
    enum Engine {
        XGBOOST,
        SMILE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--model",
            defaultValue = "scorecard",
            paramLabel = "MODEL",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    Kind model;

    @Option(
            names = "--engine",
            defaultValue = "xgboost",
            paramLabel = "ENGINE",
            description = "Who grows the trees of gbm: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    Engine engine;

    @Option(names = "--json", description = "Print one JSON object as the last line of stdout.")
    boolean json;

    @Override
    public Integer call() throws IOException {
        String column = folds.startsWith("column:") ? folds.substring("column:".length()) : null;
        int modulo = column == null ? modulo() : 0;
        Cases cases = Cases.read(data, new Cases.Question(label, bad, null, drop, column));
        Folds divided = column == null ? Folds.modulo(cases, modulo) : Folds.byColumn(cases);
        double[] codes = special.stream().mapToDouble(Double::doubleValue).toArray();
        ObjectNode result;
        try {
            result = divided.measured(sample -> fitted(sample, codes));
        } catch (IllegalArgumentException e) {
            throw new Refusal(Refusal.Exit.DATA, e.getMessage());
        }
        Sample sample = cases.sample();
        result.put("rows", sample.size());
        result.put("bad_rate", Arrays.stream(sample.bad()).sum() / sample.size());
        result.put("unlabelled", cases.unlabelled());
        result.put("model", model.toString());
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(result);
        } else {
            print(out, cases, result);
        }
        return 0;
    }

    private int modulo() {
        if (!folds.matches("mod:[1-9][0-9]{0,5}")) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--folds " + folds + " is neither mod:K nor column:NAME; give one such as mod:10.");
        }
        return Integer.parseInt(folds.substring("mod:".length()));
    }

    private Model fitted(Sample sample, double[] codes) {
        return switch (model) {
            case SCORECARD -> Scorecard.fit(sample, Bins.Manner.CARD.specials(codes), RIDGE);
            case LOGIT -> RawLogistic.fit(sample, codes, RIDGE);
            case FOREST -> SmileTrees.forest(sample, codes, SmileTrees.Forest.USUAL);
            case GBM ->
                switch (engine) {
                    case XGBOOST -> XgBoost.fit(sample, codes, XgBoost.Settings.USUAL);
                    case SMILE -> SmileTrees.boosting(sample, codes, SmileTrees.Boosting.USUAL);
                };
        };
    }

    private void print(PrintWriter out, Cases cases, ObjectNode result) {
        out.printf(
                Locale.ROOT,
                "%s: %,d cases, %d variables, %.2f %% bad (%s = %s)%s%n",
                data.getFileName(),
                cases.sample().size(),
                cases.sample().variables().size(),
                100 * result.path("bad_rate").asDouble(0),
                label,
                cases.bad(),
                cases.unlabelled() == 0 ? "" : String.format(Locale.ROOT, ", %,d without a label", cases.unlabelled()));
        out.printf("%-12s %8s %8s %8s %8s%n", "fold", "cases", "AUC", "KS", "Brier");
        for (JsonNode fold : result.path("folds")) {
            out.printf(
                    Locale.ROOT,
                    "%-12s %,8d %s%n",
                    fold.path("fold").asString(""),
                    fold.path("rows").asLong(0),
                    line(fold));
        }
        out.printf("%-12s %8s %s%n", "mean", "", line(result.path("mean")));
        out.printf(
                Locale.ROOT,
                "%s: %.2f s to fit, %.2f s to score, all folds together%n",
                model == Kind.GBM ? model + " by " + engine : model.toString(),
                result.path("seconds").path("fit").asDouble(0),
                result.path("seconds").path("score").asDouble(0));
    }

    private static String line(JsonNode measured) {
        StringBuilder line = new StringBuilder();
        for (String name : List.of("auc", "ks", "brier")) {
            JsonNode value = measured.path(name);
            line.append(value.isNull() ? "        –" : String.format(Locale.ROOT, " %8.4f", value.asDouble(0)));
        }
        return line.substring(1);
    }
}
