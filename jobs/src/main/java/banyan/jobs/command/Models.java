package banyan.jobs.command;

import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.learn.ModelCard;
import banyan.jobs.learn.Registry;
import banyan.models.Forecast;
import banyan.models.learned.Learned;
import banyan.models.learned.Pmml;
import banyan.models.learned.Points;
import banyan.models.learned.Scorecard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The versions of learned models and what was decided about them. */
@Command(
        name = "models",
        mixinStandardHelpOptions = true,
        description = "Tell the versions of learned models and what was decided about them.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {Models.Listed.class, Models.Card.class, Models.Export.class})
public final class Models {
    /** @throws Refusal with exit 2 if there is none of that name */
    static Forecast forecast(String model) {
        SortedMap<String, Forecast> all = Forecast.packaged();
        if (!all.containsKey(model)) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot find model " + model + ": there is no such definition. The models are "
                            + String.join(", ", all.keySet()) + ".");
        }
        return all.get(model);
    }

    /** A command line in which each definition can be trained and evaluated by its name. */
    public static CommandLine under(CommandLine banyan) {
        for (String model : Forecast.names()) {
            banyan.getSubcommands().get("train").addSubcommand(model, new TrainModel(model));
            banyan.getSubcommands().get("evaluate").addSubcommand(model, new EvaluateModel(model));
        }
        return banyan;
    }

    /** The model and the version that a command is about. */
    static final class Named {
        @Parameters(
                index = "0",
                paramLabel = "MODEL",
                description = "A model of models/learned, such as critical_finding.")
        String model;

        @Parameters(index = "1", paramLabel = "VERSION", description = "One of its versions: banyan models list.")
        String version;
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "List every version of every model and what was decided about it.")
    static final class Listed implements Callable<Integer> {
        @Mixin
        LakeOptions options;

        @Override
        public Integer call() {
            Lake lake = options.open();
            Map<String, Registry> all = Registry.all(lake.read("models"), lake.read("model_states"));
            if (all.isEmpty()) {
                throw new Refusal(
                        Refusal.Exit.NOTHING,
                        "Nothing to list: no model was ever fitted in " + options.lake + ". The models are "
                                + String.join(", ", Forecast.packaged().keySet())
                                + "; fit one with `banyan train MODEL`.");
            }
            all.values().forEach(this::tell);
            return 0;
        }

        private void tell(Registry registry) {
            for (Registry.Version version : registry.versions()) {
                options.out()
                        .printf(
                                Locale.ROOT,
                                "%s %s  %s  fitted for %s on %,d cases, %,d bad, of %s to %s%s%n",
                                registry.model(),
                                version.version(),
                                version.kind(),
                                version.fittedOn(),
                                version.cases(),
                                version.bad(),
                                version.from(),
                                version.to(),
                                registry.failed(version).isEmpty()
                                        ? ""
                                        : "; " + registry.failed(version).size() + " checks not passed");
                registry.decisions().stream()
                        .filter(d -> d.version().equals(version.version()))
                        .forEach(d -> options.out()
                                .printf(
                                        Locale.ROOT,
                                        "    %s  %-10s %s: %s%n",
                                        d.since(),
                                        d.state(),
                                        d.by(),
                                        d.reason()));
            }
        }
    }

    @Command(
            name = "card",
            mixinStandardHelpOptions = true,
            description = "Write the card of a version, Markdown and HTML, Chinese and English.")
    static final class Card implements Callable<Integer> {
        @Mixin
        LakeOptions options;

        @Mixin
        Named named;

        @Option(names = "--to", required = true, paramLabel = "DIR", description = "Where the card goes.")
        Path to;

        @Override
        public Integer call() throws IOException {
            Registry registry = Registry.of(options.open(), named.model);
            ModelCard.write(to, registry, registry.version(named.version), List.of())
                    .forEach(file -> options.out().println(file));
            return 0;
        }
    }

    /** How a version is written for other engines. */
    enum Form {
        json,
        pmml,
        sql
    }

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = {
                "Write a version for other engines: json, all of it; of a scorecard pmml (4.4) or sql (points and probability over",
                "columns named as the features, for PostgreSQL and DuckDB). Probabilities of pmml and sql are not recalibrated."
            })
    static final class Export implements Callable<Integer> {
        @Mixin
        LakeOptions options;

        @Mixin
        Named named;

        @Option(names = "--form", required = true, paramLabel = "FORM", description = "${COMPLETION-CANDIDATES}.")
        Form form;

        @Option(names = "--to", required = true, paramLabel = "FILE", description = "The file.")
        Path to;

        @Override
        public Integer call() throws IOException {
            Options.refuseNoFolder(to);
            Registry.Version version = Registry.of(options.open(), named.model).version(named.version);
            Learned learned = version.learned();
            if (form != Form.json && !(learned.of() instanceof Scorecard)) {
                throw new Refusal(
                        Refusal.Exit.USAGE,
                        "Cannot write " + named.model + " " + named.version + " as " + form + ": it is a "
                                + version.kind() + ", and only a scorecard can be. Give --form json.");
            }
            Files.writeString(
                    to,
                    switch (form) {
                        case json -> version.body() + "\n";
                        case pmml -> Pmml.points(points(learned));
                        case sql ->
                            "-- points\n" + points(learned).sql(Points.Sql.STANDARD) + "\n-- probability\n"
                                    + points(learned).probabilitySql(Points.Sql.STANDARD) + "\n";
                    });
            options.out().println(to);
            return 0;
        }

        private static Points points(Learned learned) {
            return Points.of((Scorecard) learned.of(), Points.Scale.USUAL);
        }
    }

    /** Who decides, from which day, and why. */
    static final class Deciding {
        @Option(
                names = "--as-of",
                required = true,
                paramLabel = "DAY",
                description = "The first day it is so; the lists of earlier days stay as they are.")
        LocalDate asOf;

        @Option(names = "--by", required = true, paramLabel = "NAME", description = "Who decides.")
        String by;

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
        String reason;

        /** What is decided of a version. */
        interface Step {
            void take(Registry registry, Lake lake, Registry.Version version);
        }

        /** Takes a step as the lake's one writer. */
        void decide(LakeOptions options, Named named, Step step) throws Exception {
            refuseNothing();
            Lake lake = options.open();
            try (AutoCloseable lock = lake.lock()) {
                Registry registry = Registry.of(lake, named.model);
                step.take(registry, lake, registry.version(named.version));
            }
        }

        private void refuseNothing() {
            LocalDate tomorrow = LocalDate.now(Options.clock()).plusDays(1);
            if (asOf.isAfter(tomorrow)) {
                throw new Refusal(
                        Refusal.Exit.USAGE,
                        "Cannot decide from " + asOf + " on: the last day that can be decided about is " + tomorrow
                                + ". Give that or an earlier one.");
            }
            if (by.isBlank() || reason.isBlank()) {
                throw new Refusal(
                        Refusal.Exit.USAGE,
                        "Cannot decide: --by and --reason stay on record, and one of them is blank.");
            }
        }
    }

    @Command(
            name = "promote",
            mixinStandardHelpOptions = true,
            description = {
                "Make a version the challenger (it scores every day beside the champion, on no list) or the champion (its scores are on",
                "the lists; the one before it is retired). One that did not pass its checks is refused, whoever asks."
            },
            footer = {
                "",
                "  banyan promote critical_finding 3f2a… --to champion --lake LAKE --as-of 2014-09-01 --by 陈某 --reason \"passed all checks\"",
                "Exit 2: no such version, or no such step; 3: it did not pass its checks."
            })
    public static final class Promote implements Callable<Integer> {
        @Mixin
        LakeOptions options;

        @Mixin
        Named named;

        @Mixin
        Deciding deciding;

        @Option(names = "--to", required = true, paramLabel = "STATE", description = "challenger or champion.")
        Registry.State to;

        @Override
        public Integer call() throws Exception {
            deciding.decide(
                    options,
                    named,
                    (registry, lake, version) -> registry.promote(
                            lake,
                            version,
                            to,
                            deciding.asOf,
                            deciding.by.strip(),
                            deciding.reason.strip(),
                            Options.clock().instant()));
            options.out().println(named.model + " " + named.version + " is " + to + " from " + deciding.asOf + " on.");
            return 0;
        }
    }

    @Command(
            name = "retire",
            mixinStandardHelpOptions = true,
            description = "Take a version out of use: it scores no more from the day on.")
    public static final class Retire implements Callable<Integer> {
        @Mixin
        LakeOptions options;

        @Mixin
        Named named;

        @Mixin
        Deciding deciding;

        @Override
        public Integer call() throws Exception {
            deciding.decide(
                    options,
                    named,
                    (registry, lake, version) -> registry.retire(
                            lake,
                            version,
                            deciding.asOf,
                            deciding.by.strip(),
                            deciding.reason.strip(),
                            Options.clock().instant()));
            options.out().println(named.model + " " + named.version + " is retired from " + deciding.asOf + " on.");
            return 0;
        }
    }
}
