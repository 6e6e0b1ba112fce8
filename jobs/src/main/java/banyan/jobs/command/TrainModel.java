package banyan.jobs.command;

import banyan.jobs.Code;
import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.learn.LookersFile;
import banyan.jobs.learn.ModelCard;
import banyan.jobs.learn.Past;
import banyan.jobs.learn.Registry;
import banyan.jobs.learn.Requirement;
import banyan.jobs.learn.Training;
import banyan.models.Forecast;
import banyan.models.learned.Cohorts;
import banyan.models.learned.Kind;
import banyan.models.learned.Selection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Fits a learned model on the past of a lake; a subcommand of {@code train} for each definition. */
@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Fit it on every day of the past whose outcome is ripe, look back on how it would have done, put it to the checks, and keep it",
            "as a candidate with its card. Days lie a window apart and are counted back from the last ripe one."
        },
        footer = {
            "",
            "  banyan train critical_finding --lake LAKE --as-of 2014-09-01 --by 陈某 --card cards",
            "Exit 3: the past says too little, or with --must-pass the checks say no; 99: the sources of the outcome were never delivered."
        })
final class TrainModel implements Callable<Integer> {
    private final String model;

    TrainModel(String model) {
        this.model = model;
    }

    @Mixin
    LakeOptions options;

    @Mixin
    PolicyOptions policy;

    @Option(
            names = "--as-of",
            required = true,
            paramLabel = "DAY",
            description = "The day it is fitted for; nothing received later is used.")
    LocalDate asOf;

    @Option(
            names = "--from",
            paramLabel = "DAY",
            description = "No day before this one; the first delivery by default.")
    LocalDate from;

    @Option(
            names = "--every",
            paramLabel = "MONTHS",
            description =
                    "Months from one day to the next; those of the window by default, so that no outcome counts twice.")
    Integer every;

    /** The kinds that are kept: of a forest exact parts take too long to be told of every enterprise every day. */
    enum Kept {
        scorecard,
        gbm
    }

    @Option(
            names = "--kind",
            defaultValue = "scorecard",
            paramLabel = "KIND",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    Kept kind;

    @Option(
            names = "--engine",
            defaultValue = "xgboost",
            paramLabel = "ENGINE",
            description = "Who grows the trees of gbm: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    Kind.Engine engine;

    @Option(names = "--by", required = true, paramLabel = "NAME", description = "Who has it fitted; stays on record.")
    String by;

    @Option(
            names = "--lookers",
            paramLabel = "FILE",
            description = {
                "CSV with entity_id, looked_on and group: which group of inspectors looked. It enters no lake and no model; it serves the",
                "check that the model does not foretell who looks."
            })
    Path lookers;

    @Option(names = "--card", paramLabel = "DIR", description = "Write the model's card here.")
    Path card;

    @Option(
            names = "--must-pass",
            description = "End in 3 where it does not pass its checks; it is kept as a candidate all the same.")
    boolean mustPass;

    @Option(names = "--json", description = "Print one JSON object as the last line of stdout.")
    boolean json;

    @Override
    public Integer call() throws Exception {
        Options.refuseTheFuture(asOf);
        Forecast forecast = Models.forecast(model);
        int months = every == null ? forecast.outcome().months() : every;
        if (months < 1 || by.isBlank()) {
            throw new ParameterException(
                    options.spec.commandLine(), "--every must be at least 1, and --by must name somebody.");
        }
        if (card != null && Files.exists(card) && !Files.isDirectory(card)) {
            throw new Refusal(
                    Refusal.Exit.USAGE, "Cannot write the card to " + card + ": it is a file. Give a folder.");
        }
        LookersFile who = lookers == null ? null : LookersFile.read(lookers);
        return train(options.open(), forecast, months, who);
    }

    private int train(Lake lake, Forecast forecast, int months, LookersFile who) throws Exception {
        Past past = Past.of(lake, forecast, policy.policy(), asOf);
        List<LocalDate> days = past.ripeDays(from, months);
        if (days.isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.DATA,
                    "Cannot fit " + model + ": no outcome is ripe. Its sources have delivered from " + past.first()
                            + " to " + past.known() + ", and a day is ripe "
                            + forecast.outcome().months()
                            + " months and " + forecast.outcome().delay() + " days later.");
        }
        Past.Cases found = past.cases(
                days,
                who == null ? Past.Lookers.NONE : who,
                (day, counted) ->
                        options.out().printf(Locale.ROOT, "%s  %,7d cases  %,6d bad%n", day, counted[0], counted[1]));
        if (who != null) {
            who.refuseNone();
        }
        Training training =
                fitted(past, found.cohorts(), past.everybody(days.get(days.size() - 1)), Registry.of(lake, model));
        Registry.Version version = training.version(by.strip());
        boolean there;
        try (AutoCloseable lock = lake.lock()) { // others may write while it looks back
            Registry registry = Registry.of(lake, model);
            there = registry.versions().stream().anyMatch(v -> v.version().equals(version.version()));
            registry.keep(
                    lake,
                    version,
                    Code.VERSION,
                    "fitted on " + days.size() + " days",
                    Options.clock().instant());
        }
        Registry kept = Registry.of(lake, model);
        tell(training, version, found, there, kept.failed(version).isEmpty());
        List<Path> files = card == null ? List.of() : ModelCard.write(card, kept, version, List.of());
        files.forEach(file -> options.out().println("card: " + file));
        if (json) {
            options.out()
                    .println(Json.object()
                            .put("command", "train " + model)
                            .put("model_version", version.version())
                            .put("kind", kind.name())
                            .put("days", days.size())
                            .put("cases", version.cases())
                            .put("bad", version.bad())
                            .put("passed", kept.failed(version).isEmpty())
                            .set("measured", training.measured()));
        }
        if (mustPass && !kept.failed(version).isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.DATA,
                    "Cannot use " + model + " " + version.version() + ": it did not pass its checks.\n     "
                            + String.join("\n     ", kept.failed(version))
                            + "\nIt stays on record as a candidate; the version in force stays so.");
        }
        return 0;
    }

    private Training fitted(Past past, Cohorts cases, Selection.Everybody everybody, Registry registry) {
        try {
            return Training.of(
                    past.policy().models(),
                    past.forecast(),
                    Forecast.text(model),
                    cases,
                    everybody,
                    Kind.valueOf(kind.name()),
                    engine,
                    asOf,
                    registry.champion(asOf).orElse(null));
        } catch (IllegalArgumentException e) {
            throw new Refusal(Refusal.Exit.DATA, "Cannot fit " + model + ". " + e.getMessage());
        }
    }

    private void tell(Training training, Registry.Version version, Past.Cases found, boolean there, boolean passed) {
        options.out()
                .printf(
                        Locale.ROOT,
                        "%s %s: %s on %,d cases, %,d bad, of days from %s to %s%s%n",
                        model,
                        version.version(),
                        kind,
                        version.cases(),
                        version.bad(),
                        version.from(),
                        version.to(),
                        found.found() > version.cases()
                                ? String.format(Locale.ROOT, ", drawn of %,d", found.found())
                                : "");
        for (Requirement one : training.requirements()) {
            options.out()
                    .printf(
                            Locale.ROOT,
                            "  %-5s %s: %s%n",
                            one.verdict(),
                            one.name().en(),
                            one.found().en());
        }
        options.out()
                .println(
                        there
                                ? "Already there: the same model was kept before."
                                : "Kept as a candidate. "
                                        + (!passed
                                                ? "It did not pass its checks and cannot be promoted."
                                                : "Promote it with `banyan promote " + model + " " + version.version()
                                                        + " --to champion --lake " + options.lake
                                                        + " --as-of DAY --by NAME --reason WHY`."));
    }
}
