package banyan.jobs.command;

import banyan.jobs.Refusal;
import banyan.jobs.bench.Cases;
import banyan.jobs.bench.Folds;
import banyan.jobs.bench.ModelTrial;
import banyan.models.learned.Bins;
import banyan.models.learned.Leak;
import banyan.models.learned.Model;
import banyan.models.learned.Pmml;
import banyan.models.learned.Points;
import banyan.models.learned.Preparation;
import banyan.models.learned.RawLogistic;
import banyan.models.learned.Sample;
import banyan.models.learned.Scorecard;
import banyan.models.learned.Shap;
import banyan.models.learned.SmileTrees;
import banyan.models.learned.Trees;
import banyan.models.learned.XgBoost;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
            "A column of numbers is one of numbers, any other one of words; blank, NA, N/A, NaN, null, ?, . and inf are missing."
        },
        footer = {
            "",
            "  banyan bench scorecard --data german.csv.gz --label creditability --folds mod:10 --model scorecard",
            "Exit 2: a column or label that the file does not have; 3: a file that cannot be read or fitted on."
        })
final class BenchScorecard implements Callable<Integer> {
    /** λ of the logistic regressions, as in scikit-learn's default. */
    private static final double RIDGE = 1;

    /** Cases whose scores are taken apart. */
    private static final int EXPLAINED = 2_000;

    /** Nodes that are gone through to do it. */
    private static final long STEPS = 200_000_000;

    private static final Pattern FOLDS =
            Pattern.compile("mod:(?<k>[1-9][0-9]{0,5})|column:(?<column>.+)|rolling:(?<days>.+):(?<known>[0-9]{1,4})");

    @Spec
    CommandSpec spec;

    @Option(names = "--data", required = true, paramLabel = "FILE", description = "CSV with a header, or CSV.gz.")
    Path data;

    @Option(names = "--label", required = true, paramLabel = "COLUMN", description = "Whether a case turned out bad.")
    String label;

    @Option(
            names = "--bad",
            paramLabel = "VALUE",
            description =
                    "The label of a bad case; not needed for 0 and 1, bad and good, yes and no, y and n, true and false.")
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
            description = {
                "mod:K, row i of the file is in fold i mod K; column:NAME, each value is one; or rolling:NAME:DAYS, each day of the",
                "column is one and fitted on the days that lie at least DAYS before (default: ${DEFAULT-VALUE})."
            })
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

    @Option(
            names = "--against",
            paramLabel = "MODEL",
            description =
                    "A second model, fitted on the same folds: how much higher the AUC of the first is, and by chance how likely.")
    Kind against;

    @Option(
            names = "--baseline",
            split = ",",
            paramLabel = "COLUMN",
            description = "Columns of numbers that are measured as if each were a score by itself, more for more risk.")
    List<String> baselines = List.of();

    @Option(
            names = "--only",
            paramLabel = "FOLD",
            description =
                    "Measure on this fold alone, fitted on all others, with 95 % intervals of what its order is worth.")
    String only;

    @Option(
            names = "--dates",
            paramLabel = "COLUMN",
            description =
                    "The day on which each case was looked at: how many days earlier the bad ones would have been.")
    String dates;

    @Option(
            names = "--rounds",
            paramLabel = "COLUMN",
            description = "With --dates: the round a case was looked at in; days are handed out within a round alone.")
    String rounds;

    @Option(
            names = "--scores",
            paramLabel = "FILE",
            description =
                    "Write each case that was measured: its line in the file, 1 where it was bad, and its probability.")
    Path scores;

    @Option(
            names = "--card",
            description =
                    "Show the model fitted on all cases: the card in points, or what each variable adds on average (SHAP).")
    boolean card;

    @Option(names = "--pmml", paramLabel = "FILE", description = "Write the card fitted on all cases, as PMML 4.4.")
    Path pmml;

    @Option(names = "--json", description = "Print one JSON object as the last line of stdout.")
    boolean json;

    @Override
    public Integer call() throws IOException {
        if (pmml != null && model != Kind.SCORECARD) {
            throw new ParameterException(
                    spec.commandLine(), "--pmml writes a card; it goes with --model scorecard only.");
        }
        if (pmml != null) {
            Options.refuseNoFolder(pmml.toAbsolutePath().getParent(), pmml);
        }
        if (scores != null) {
            Options.refuseNoFolder(scores.toAbsolutePath().getParent(), scores);
        }
        Matcher asked = FOLDS.matcher(folds);
        if (!asked.matches()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--folds " + folds
                            + " is none of mod:K, column:NAME and rolling:NAME:DAYS; give one such as mod:10.");
        }
        String column = asked.group("column") != null ? asked.group("column") : asked.group("days");
        Cases cases = Cases.read(
                data,
                new Cases.Question(
                        label,
                        bad,
                        null,
                        drop.stream().filter(name -> !name.isBlank()).toList(),
                        column,
                        dates,
                        rounds));
        Folds divided = asked.group("k") != null
                ? Folds.modulo(cases, Integer.parseInt(asked.group("k")))
                : asked.group("column") != null
                        ? Folds.byColumn(cases)
                        : Folds.rolling(cases, Integer.parseInt(asked.group("known")));

        double[] codes = special.stream().mapToDouble(Double::doubleValue).toArray();
        Sample sample = cases.sample();
        ModelTrial trial;
        Model whole = null;
        try {
            trial = ModelTrial.of(
                    cases,
                    only == null ? divided : divided.only(only),
                    rest -> fitted(model, rest, codes),
                    against == null ? null : rest -> fitted(against, rest, codes),
                    baselines);
            if (card || pmml != null) {
                whole = fitted(model, sample, codes);
            }
        } catch (IllegalArgumentException e) {
            throw new Refusal(Refusal.Exit.DATA, e.getMessage());
        }
        ObjectNode result = trial.json();
        result.put("rows", sample.size());
        result.put("bad_rate", Arrays.stream(sample.bad()).sum() / sample.size());
        result.put("unlabelled", cases.unlabelled());
        result.put("model", model.toString());
        List<String> said = Stream.concat(
                        cases.notes().stream(), Leak.of(sample, Bins.Manner.CARD.specials(codes)).stream())
                .toList();
        said.forEach(result.putArray("notes")::add);
        PrintWriter out = spec.commandLine().getOut();
        if (pmml != null) {
            Scorecard fitted = (Scorecard) whole;
            if (fitted.variables().isEmpty()) {
                throw new Refusal(Refusal.Exit.DATA, "Cannot write " + pmml + ": no variable is in the card.");
            }
            Files.writeString(pmml, Pmml.points(Points.of(fitted, Points.Scale.USUAL)));
        }
        if (scores != null) {
            Files.writeString(scores, scored(cases, trial.scores()));
        }
        if (!json) {
            print(out, cases, said, result);
        }
        if (card) {
            out.print(shown(whole, sample));
        }
        out.flush();
        if (json) {
            out.println(result);
        }
        return 0;
    }

    /** One line a case that was measured; lines of the file are counted from 1, the header, and no value runs over lines. */
    private static String scored(Cases cases, double[] scores) {
        StringBuilder text = new StringBuilder("line,bad,probability\n");
        for (int i = 0; i < scores.length; i++) {
            if (!Double.isNaN(scores[i])) {
                text.append(cases.row()[i] + 2)
                        .append(',')
                        .append((int) cases.sample().bad()[i])
                        .append(',');
                text.append(scores[i]).append('\n');
            }
        }
        return text.toString();
    }

    /** The model for a person to read. */
    private static String shown(Model model, Sample sample) {
        if (model instanceof Scorecard fitted) {
            return CardText.of(Points.of(fitted, Points.Scale.USUAL));
        }
        StringBuilder text = new StringBuilder();
        if (model instanceof Trees trees) {
            long nodes =
                    trees.trees().stream().mapToLong(t -> t.column().length).sum();
            int some = (int) Math.max(1, Math.min(Math.min(EXPLAINED, sample.size()), STEPS / Math.max(1, nodes)));
            int[] rows = IntStream.range(0, some)
                    .map(i -> (int) ((long) i * sample.size() / some))
                    .toArray();
            Sample explained = sample.at(rows);
            text.append(String.format(
                    Locale.ROOT,
                    "What each variable adds to the %s, mean of %,d cases:%n",
                    trees.logistic() ? "log odds" : "probability",
                    rows.length));
            for (Map.Entry<String, Double> part :
                    Shap.of(trees, explained.variables(), rows.length).importance()) {
                text.append(String.format(Locale.ROOT, "%10.4f  %s%n", part.getValue(), part.getKey()));
            }
        } else if (model instanceof RawLogistic fitted) {
            text.append("Log odds by which each column raises the risk, per standard deviation:\n");
            double[] p = fitted.fit().pValues();
            text.append(CardText.separated(fitted.fit()));
            for (int c = 0; c < p.length; c++) {
                Preparation.Column column = fitted.preparation().columns().get(c);
                text.append(String.format(
                        Locale.ROOT,
                        "%10.4f  p %.4f  %s%s%n",
                        fitted.fit().coefficients()[c],
                        p[c],
                        column.variable(),
                        switch (column.kind()) {
                            case NUMBER -> "";
                            case MISSING -> " is missing";
                            case SPECIAL -> " = " + column.code();
                            case WORD -> " = " + column.word();
                        }));
            }
        }
        return text.toString();
    }

    private Model fitted(Kind kind, Sample sample, double[] codes) {
        return switch (kind) {
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

    private void print(PrintWriter out, Cases cases, List<String> notes, ObjectNode result) {
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
        notes.forEach(note -> out.println("note: " + note));
        out.printf("%-12s %8s %8s %8s %8s %8s%n", "fold", "cases", "AUC", "KS", "Brier", "± AUC");
        for (JsonNode fold : result.path("folds")) {
            out.printf(
                    Locale.ROOT,
                    "%-12s %,8d %s%n",
                    fold.path("fold").asString(""),
                    fold.path("rows").asLong(0),
                    line(fold));
        }
        out.printf("%-12s %8s %s%n", "mean", "", line(result.path("mean")));
        JsonNode truth = result.path("calibration");
        out.printf(
                Locale.ROOT,
                "calibration on all that was measured: intercept %.3f, slope %.3f (true: 0 and 1), mean distance %.4f%n",
                truth.path("intercept").asDouble(Double.NaN),
                truth.path("slope").asDouble(Double.NaN),
                truth.path("error").asDouble(Double.NaN));
        JsonNode ranking = result.path("ranking");
        out.printf(
                Locale.ROOT,
                "first tenth by score: %.1f %% bad, lift %.2f, %.1f %% of all bad cases%s%n",
                100 * ranking.path("hit_rate").asDouble(Double.NaN),
                ranking.path("lift").asDouble(Double.NaN),
                100 * ranking.path("capture").asDouble(Double.NaN),
                earlier(ranking));
        if (ranking.has("interval")) {
            JsonNode random = ranking.path("random");
            out.printf(
                    Locale.ROOT,
                    "in 95 of 100 samples: lift %s, days earlier %s; in random order: lift %.2f, days earlier %.2f%n",
                    range(ranking, "lift"),
                    range(ranking, "days_earlier"),
                    random.path("lift").asDouble(Double.NaN),
                    random.path("days_earlier").asDouble(Double.NaN));
        }
        for (JsonNode baseline : result.path("baselines")) {
            out.printf(
                    Locale.ROOT,
                    "%s alone: AUC %.4f, lift %.2f%s%n",
                    baseline.path("column").asString(""),
                    baseline.path("auc").asDouble(Double.NaN),
                    baseline.path("lift").asDouble(Double.NaN),
                    earlier(baseline));
        }
        if (against != null) {
            out.printf(
                    Locale.ROOT,
                    "AUC less that of %s on the same cases: %+.4f, p %.4f (DeLong)%n",
                    against,
                    result.path("against").path("auc_difference").asDouble(Double.NaN),
                    result.path("against").path("p").asDouble(Double.NaN));
        }
        out.printf(
                Locale.ROOT,
                "%s: %.2f s to fit, %.2f s to score, all folds together%n",
                model == Kind.GBM ? model + " by " + engine : model.toString(),
                result.path("seconds").path("fit").asDouble(0),
                result.path("seconds").path("score").asDouble(0));
    }

    private static String line(JsonNode measured) {
        StringBuilder line = new StringBuilder();
        for (String name : List.of("auc", "ks", "brier", "auc_error")) {
            JsonNode value = measured.path(name);
            line.append(value.isNull() ? "        –" : String.format(Locale.ROOT, " %8.4f", value.asDouble(0)));
        }
        return line.substring(1);
    }

    private String earlier(JsonNode ranking) {
        double days = ranking.path("days_earlier").asDouble(Double.NaN);
        return dates == null ? "" : String.format(Locale.ROOT, "; bad cases %.2f days earlier", days);
    }

    private static String range(JsonNode ranking, String measure) {
        JsonNode low = ranking.path("interval").path(0).path(measure);
        JsonNode high = ranking.path("interval").path(1).path(measure);
        return low.isNumber()
                ? String.format(Locale.ROOT, "%.2f to %.2f", low.asDouble(0), high.asDouble(0))
                : "not known";
    }
}
