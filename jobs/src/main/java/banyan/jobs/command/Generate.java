package banyan.jobs.command;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.Session;
import banyan.jobs.generate.Outbox;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** A synthetic city of any size, as its senders would deliver it. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        description = "Write the deliveries of a synthetic city: one of all that was known by a day, then one a day.")
public final class Generate implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Option(
            names = "--entities",
            required = true,
            paramLabel = "N",
            description = "How many entities; Fuzhou has 800000.")
    long entities;

    @Option(names = "--seed", defaultValue = "1", paramLabel = "S", description = "The same seed gives the same bytes.")
    long seed;

    @Option(
            names = "--to",
            required = true,
            paramLabel = "DIR",
            description = "Where the deliveries go; empty or not there.")
    Path to;

    @Option(
            names = "--first",
            defaultValue = "2025-05-31",
            paramLabel = "DAY",
            description = "Day of the first delivery (default: ${DEFAULT-VALUE}).")
    LocalDate first;

    @Option(
            names = "--days",
            defaultValue = "30",
            paramLabel = "N",
            description = "Daily deliveries after the first (default: ${DEFAULT-VALUE}).")
    int days;

    @Option(
            names = "--years",
            defaultValue = "5",
            paramLabel = "N",
            description = "Years of facts before the first delivery (default: ${DEFAULT-VALUE}).")
    int years;

    @Option(names = "--json", description = "Print one JSON object as the last line of stdout.")
    boolean json;

    @Override
    public Integer call() throws IOException {
        Instant start = Options.clock().instant();
        if (entities < 1000 || entities > 1_000_000_000L || days < 0 || years < 1) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot generate a city of " + entities + " entities, " + years + " years and " + days
                            + " days: give 1000 to 1000000000 entities, at least 1 year, and no negative days.");
        }
        if (Files.exists(to) && (!Files.isDirectory(to) || !isEmpty(to))) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot write a city to " + to
                            + ": it is there and not empty. Give a folder that is not there yet.");
        }
        Lake lake = new Lake(Session.open(), to.resolve(".lake").toString());
        Outbox.Written written = new Outbox(lake, to, seed, entities, first, first.plusDays(days), years).write();
        long seconds = Duration.between(start, Options.clock().instant()).toSeconds();
        PrintWriter out = spec.commandLine().getOut();
        written.files().forEach((table, files) -> out.printf(Locale.ROOT, "%-16s %,6d files%n", table, files));
        out.printf(
                Locale.ROOT,
                "%,d entities, deliveries of %s to %s, %,d MB in %s, %d s. Synthetic: no real entity is meant.%n",
                entities,
                first,
                first.plusDays(days),
                written.bytes() / 1_000_000,
                to,
                seconds);
        if (json) {
            ObjectNode summary = Json.object()
                    .put("command", "generate")
                    .put("entities", entities)
                    .put("seed", seed)
                    .put("bytes", written.bytes())
                    .put("seconds", seconds);
            summary.set("files", Json.of(written.files()));
            out.println(summary);
        }
        return 0;
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        }
    }
}
