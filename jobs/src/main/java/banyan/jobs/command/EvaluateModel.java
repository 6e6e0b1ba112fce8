package banyan.jobs.command;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.learn.ModelCard;
import banyan.jobs.learn.Past;
import banyan.jobs.learn.Registry;
import banyan.jobs.learn.Since;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Tells how versions of a learned model have done since they were fitted; a subcommand of {@code evaluate} for each definition. */
@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Measure its champion and challengers, or one version, on days after they were fitted whose outcome is ripe by now: what they",
            "would have said then, with what was known then, and how it turned out. All on the same days; those of one definition are compared case by case."
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

    @Mixin
    PolicyOptions policy;

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
        Lake lake = options.open();
        Registry registry = Registry.of(lake, model);
        List<Registry.Version> versions = named == null ? registry.scoring(asOf) : List.of(registry.version(named));
        if (versions.isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.NOTHING,
                    "Nothing to evaluate: no version of " + model + " is champion or challenger on " + asOf
                            + ". Name one with --version-of; `banyan models list` tells them.");
        }
        ObjectNode object = Json.object().put("command", "evaluate " + model);
        ArrayNode told = object.putArray("versions");
        LocalDate fitted = versions.stream()
                .map(Registry.Version::fittedOn)
                .max(Comparator.naturalOrder())
                .orElseThrow();
        // Each by the definition it was fitted by, and beside the others of that definition.
        Map<String, List<Registry.Version>> byDefinition = versions.stream()
                .collect(Collectors.groupingBy(v -> v.learned().definition(), LinkedHashMap::new, Collectors.toList()));
        for (List<Registry.Version> alike : byDefinition.values()) {
            Past past = Past.of(lake, alike.get(0).learned().asked(), policy.policy(), asOf);
            Since since = Since.of(past, fitted, alike);
            for (Since.Version one : since.versions()) {
                options.out().println(since.line(one));
                told.add(since.json(one));
                if (card != null) {
                    ModelCard.write(card, registry, registry.version(one.version()), List.of(since.section(one)))
                            .forEach(file -> options.out().println("card: " + file));
                }
            }
            since.comparisons().forEach(line -> options.out().println(line));
        }
        if (json) {
            options.out().println(object);
        }
        return 0;
    }
}
