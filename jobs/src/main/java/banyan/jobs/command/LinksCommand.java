package banyan.jobs.command;

import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.publish.ReviewBook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whom records without a number mean. */
@Command(
        name = "links",
        mixinStandardHelpOptions = true,
        description = "Decide whom records without a number mean, where the model is not sure.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = LinksCommand.Export.class)
public final class LinksCommand {
    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = {
                "Write a workbook of what waits for a decision (归集复核).",
                "Fill in 结论 (采纳 or 驳回) and 复核日期, and deliver the file as DELIVERIES/DAY/links_review/归集复核….xlsx."
            })
    static final class Export implements Callable<Integer> {
        @Mixin
        LakeOptions options;

        @Option(names = "--to", required = true, paramLabel = "FILE", description = "The workbook, 归集复核….xlsx.")
        Path to;

        @Override
        public Integer call() throws IOException {
            if (Files.exists(to)) {
                throw new Refusal(
                        Refusal.Exit.USAGE,
                        "Cannot write " + to + ": it is there, and may hold decisions. Give another name.");
            }
            Lake lake = options.linked();
            long rows = ReviewBook.write(to, lake);
            options.out().println(rows + " rows to decide in " + to);
            return 0;
        }
    }
}
