package banyan.jobs.command;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.learn.ModelCard;
import banyan.jobs.learn.Past;
import banyan.jobs.learn.Registry;
import banyan.jobs.learn.Since;
import banyan.models.Forecast;
import banyan.models.Policy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** Tells how versions of a learned model have done since they were fitted; a subcommand of {@code evaluate} for each definition. */
@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Measure its champion and challengers, or one version, on days after they were fitted whose outcome is ripe by now: what they",
            "would have said then, with what was known then, and how it turned out. Versions are compared on the same cases."
        },
        footer = {
            "",
            "  banyan evaluate critical_finding --lake LAKE --as-of 2014-12-01",
            "Exit 3: no day after a version was fitted is ripe."
        })
final class EvaluateModel implements Callable<Integer> {
    private final String model;

    EvaluateModel(String model) {
        this.model = model;
    }

    @Mixin
    LakeOptions options;

    @Option(
            names = "--as-of",
            required = true,
            paramLabel = "DAY",
            description = "The day that is looked back from; nothing received later is used.")
    LocalDate asOf;

    @Option(
            names = "--version-of",
            paramLabel = "VERSION",
            description = "This version alone, whatever it is; those in force on the day by default.")
    String named;

    @Option(names = "--card", paramLabel = "DIR", description = "Write the cards here, with what was measured since.")
    Path card;

    @Option(names = "--json", description = "Print one JSON object as the last line of stdout.")
    boolean json;

    @Override
    public Integer call() throws IOException {
        Options.refuseTheFuture(asOf);
        Forecast forecast = Models.forecast(model);
        Lake lake = options.open();
        Registry registry = Registry.of(lake, model);
        List<Registry.Version> versions = named == null ? registry.scoring(asOf) : List.of(registry.version(named));
        if (versions.isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.NOTHING,
                    "Nothing to evaluate: no version of " + model + " is champion or challenger on " + asOf
                            + ". Name one with --version-of; `banyan models list` tells them.");
        }
        Past past = Past.of(lake, forecast, Policy.packaged(), asOf);
        Since since = Since.of(past, versions);
        List<ObjectNode> told = new ArrayList<>();
        for (Since.Version one : since.versions()) {
            options.out().println(since.line(one));
            told.add(since.json(one));
            if (card != null) {
                ModelCard.write(card, registry, registry.version(one.version()), List.of(since.section(one)))
                        .forEach(file -> options.out().println("card: " + file));
            }
        }
        since.comparisons().forEach(line -> options.out().println(line));
        if (json) {
            ObjectNode object = Json.object()
                    .put("command", "evaluate " + model)
                    .put("days", since.days())
                    .put("cases", since.cases());
            told.forEach(object.putArray("versions")::add);
            options.out().println(object);
        }
        return 0;
    }
}
