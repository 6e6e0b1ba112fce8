package banyan.jobs.command;

import banyan.jobs.Refusal;
import banyan.jobs.ingest.DropFolder;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Moves what senders have dropped to the deliveries. */
@Command(
        name = "collect",
        mixinStandardHelpOptions = true,
        description = "Move complete batches from the folder where senders drop them to the deliveries.",
        footer = {
            "",
            "A batch lies as DROP/<sender>/<batch>/… (direct for files in the contract's own columns) and is complete once it",
            "holds _SUCCESS, empty or with a line for each file as sha256sum writes it: `sha256sum * > .sums && mv .sums _SUCCESS`.",
            "Run it as often as you like; exit 99 says that nothing was complete."
        })
public final class Collect implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Option(names = "--drop", required = true, paramLabel = "DIR", description = "Where senders drop their batches.")
    Path drop;

    @Option(names = "--deliveries", required = true, paramLabel = "DIR", description = "The deliveries folder.")
    Path deliveries;

    @Option(
            names = "--as-of",
            required = true,
            paramLabel = "DAY",
            description = "The day under which they are received, yyyy-mm-dd.")
    LocalDate day;

    @Override
    public Integer call() {
        Options.refuseTheFuture(day);
        PrintWriter out = spec.commandLine().getOut();
        DropFolder.Collected collected = new DropFolder(drop, deliveries, day).collect();
        collected
                .waiting()
                .forEach(batch -> out.println("waits for its _SUCCESS, or for its line about each file: " + batch));
        collected.files().forEach(file -> out.println("received " + file));
        if (collected.batches() == 0) {
            throw new Refusal(Refusal.Exit.NOTHING, "Nothing to do: no batch in " + drop + " is complete.");
        }
        out.println(collected.files().size() + " files of " + collected.batches() + " batches");
        return 0;
    }
}
