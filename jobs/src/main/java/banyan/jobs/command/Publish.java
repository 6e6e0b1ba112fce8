package banyan.jobs.command;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.publish.Gate;
import banyan.jobs.publish.Publication;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** Gate, snapshot, exports, report, pointer. */
@Command(
        name = "publish",
        mixinStandardHelpOptions = true,
        description = "Check a day's list at the gate and publish it.")
public final class Publish implements Callable<Integer> {
    @Mixin
    Options options;

    @Option(names = "--to", required = true, paramLabel = "DIR", description = "Where snapshots and the pointer lie.")
    Path to;

    @Option(
            names = "--despite",
            paramLabel = "WHO: WHY",
            description = "Answer by name for a list that a guard of the gate refuses; kept in its manifest.")
    String despite;

    @Option(
            names = "--of",
            paramLabel = "FINGERPRINT",
            description = {
                "Publish this list alone, as `run --stage publish --json` named it when it was at the gate: where the day's is another",
                "by now, refuse with exit 3."
            })
    String fingerprint;

    @Option(names = "--dry-run", description = "Show what the gate finds; write nothing.")
    boolean dryRun;

    @Override
    public Integer call() throws Exception {
        options.refuseTheFuture();
        Options.refuseUri(to);
        Optional<Publication.Answer> answer = Optional.ofNullable(despite).map(Publication.Answer::of);
        Lake lake = options.openExisting();
        if (dryRun) {
            Gate.Findings found = Publication.gate(lake, options.policy(), options.asOf);
            found.checks()
                    .forEach(check ->
                            options.out().println(check.verdict() + "  " + check.name() + ": " + check.found()));
            if (options.json) {
                options.out().println(summary(found).put("dry_run", true));
            }
            return 0;
        }
        try (AutoCloseable lock = lake.lock()) {
            refuseAnother(lake);
            Publication.Published published =
                    new Publication(lake, options.policy(), options.asOf, to, options.lang.name(), answer).publish();
            Run.gateRemarks(published.gate(), true).forEach(options.out()::println);
            options.out().println((published.already() ? "Already published: " : "Published: ") + published.snapshot());
            if (options.json) {
                options.out()
                        .println(summary(published.gate())
                                .put("publication", published.snapshot().toString())
                                .put("already", published.already()));
            }
        }
        return 0;
    }

    private ObjectNode summary(Gate.Findings found) {
        ObjectNode summary = Json.object().put("command", "publish").put("as_of", options.asOf.toString());
        summary.set("classes", Json.of(found.classes()));
        summary.set("gate", found.json());
        return summary;
    }

    private void refuseAnother(Lake lake) {
        String here = fingerprint == null ? null : Publication.fingerprint(lake, options.asOf);
        if (fingerprint != null && !fingerprint.equals(here)) {
            throw new Refusal(
                    Refusal.Exit.DATA,
                    "Cannot publish the list of " + options.asOf + ": it was built again, with fingerprint " + here
                            + ", since the one with " + fingerprint
                            + " was at the gate. Look at it again: `banyan run --stage publish`, then publish.");
        }
    }
}
