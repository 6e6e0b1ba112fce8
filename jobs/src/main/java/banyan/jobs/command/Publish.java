package banyan.jobs.command;

import banyan.jobs.Json;
import banyan.jobs.Lake;
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

    @Option(names = "--dry-run", description = "Show what the gate finds; write nothing.")
    boolean dryRun;

    @Override
    public Integer call() throws Exception {
        options.refuseTheFuture();
        Options.refuseUri(to);
        Optional<Publication.Answer> answer = Optional.ofNullable(despite).map(Publication.Answer::of);
        Lake lake = options.openExisting();
        if (dryRun) {
            for (Gate.Check check :
                    Publication.gate(lake, options.policy(), options.asOf).checks()) {
                options.out().println(check.verdict() + "  " + check.name() + ": " + check.found());
            }
            return 0;
        }
        try (AutoCloseable lock = lake.lock()) {
            Publication.Published published =
                    new Publication(lake, options.policy(), options.asOf, to, options.lang.name(), answer).publish();
            Run.gateRemarks(published.gate()).forEach(options.out()::println);
            options.out().println((published.already() ? "Already published: " : "Published: ") + published.snapshot());
            if (options.json) {
                options.out()
                        .println(Json.object()
                                .put("command", "publish")
                                .put("as_of", options.asOf.toString())
                                .put("publication", published.snapshot().toString())
                                .put("already", published.already())
                                .<ObjectNode>set(
                                        "classes", Json.of(published.gate().classes()))
                                .set("gate", published.gate().json()));
            }
        }
        return 0;
    }
}
