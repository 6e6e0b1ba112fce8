package banyan.jobs.command;

import banyan.jobs.Refusal;
import banyan.jobs.bench.Cases;
import banyan.jobs.bench.Folds;
import banyan.jobs.bench.ModelTrial;
import banyan.models.learned.Bins;
import banyan.models.learned.Kind;
import banyan.models.learned.Leak;
import banyan.models.learned.Model;
import banyan.models.learned.Pmml;
import banyan.models.learned.Points;
import banyan.models.learned.Sample;
import banyan.models.learned.Scorecard;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
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
    private static final Pattern FOLDS =
            Pattern.compile("mod:(?<k>[1-9][0-9]{0,5})|column:(?<column>.+)|rolling:(?<days>.+):(?<known>[0-9]{1,4})");

    @Spec
    CommandSpec spec;

    @Mixin
    CasesOptions options;

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
    Kind.Engine engine;

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
        if (pmml != null && model != Kind.scorecard) {
            throw new ParameterException(
                    spec.commandLine(), "--pmml writes a card; it goes with --model scorecard only.");
        }
        if (pmml != null) {
            Options.refuseNoFolder(pmml);
        }
        if (scores != null) {
            Options.refuseNoFolder(scores);
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
                options.data,
                new Cases.Question(
                        options.label,
                        options.bad,
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

        double[] codes = options.codes();
        Sample sample = cases.sample();
        ModelTrial trial;
        Model whole = null;
        try {
            trial = ModelTrial.of(
                    cases,
                    only == null ? divided : divided.only(only),
                    rest -> model.fit(rest, codes, engine, Kind.RIDGE),
                    against == null ? null : rest -> against.fit(rest, codes, engine, Kind.RIDGE),
                    baselines);
            if (card || pmml != null) {
                whole = model.fit(sample, codes, engine, Kind.RIDGE);
            }
        } catch (IllegalArgumentException e) {
            throw new Refusal(Refusal.Exit.DATA, e.getMessage());
        }
        ObjectNode result = trial.json();
        result.put("rows", sample.size());
        result.put("bad_rate", Arrays.stream(sample.bad()).sum() / sample.size());
        result.put("unlabelled", cases.unlabelled());
        result.put("model", model.toString());
        Stream.concat(cases.notes().stream(), Leak.of(sample, Bins.Manner.CARD.specials(codes)).stream())
                .forEach(result.putArray("notes")::add);
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
            String named = model == Kind.gbm ? model + " by " + engine : model.toString();
            out.print(TrialText.of(
                    options.data.getFileName().toString(),
                    options.label,
                    cases,
                    named,
                    String.valueOf(against),
                    result));
        }
        if (card) {
            out.print(ModelText.of(whole, sample));
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
}
