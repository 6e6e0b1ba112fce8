package banyan.jobs.command;

import static org.apache.spark.sql.functions.col;

import banyan.jobs.Lake;
import banyan.jobs.Quarantine;
import banyan.jobs.Refusal;
import banyan.jobs.ingest.Deliveries;
import banyan.jobs.ingest.Pseudonym;
import banyan.jobs.ingest.Replay;
import banyan.jobs.publish.ReturnSheet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Records that broke their contract. */
@Command(
        name = "quarantine",
        mixinStandardHelpOptions = true,
        description = "Look at the records that broke their contract, send them back, read them again.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            QuarantineCommand.Reasons.class,
            QuarantineCommand.Export.class,
            QuarantineCommand.ReadAgain.class
        })
public final class QuarantineCommand {
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Count them by table and rule, how many are open, and the first of each.")
    static final class Reasons implements Callable<Integer> {
        @Mixin
        LakeOptions options;

        @Override
        public Integer call() {
            List<Row> reasons = Quarantine.reasons(options.open());
            if (reasons.isEmpty()) {
                options.out().println("Nothing is in quarantine.");
            }
            for (Row reason : reasons) {
                options.out()
                        .printf(
                                Locale.ROOT,
                                "%,9d  %s: %s, %,d open (first: %s line %d)%n",
                                reason.getLong(2),
                                reason.getString(0),
                                reason.getString(1),
                                reason.getLong(3),
                                reason.getString(4),
                                reason.getLong(5));
            }
            return 0;
        }
    }

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = {
                "Write the open ones as workbooks, one a sender, to send back (数据质量回退单).",
                "The sender fills in 处理结果 (已更正 or 免予更正) and 处理日期; deliver the file as",
                "DELIVERIES/DAY/quality_return/数据质量回退单….xlsx."
            })
    static final class Export implements Callable<Integer> {
        @Mixin
        LakeOptions options;

        @Option(names = "--to", required = true, paramLabel = "DIR", description = "Folder of the workbooks.")
        Path to;

        @Override
        public Integer call() throws IOException {
            Optional<Dataset<Row>> open = Quarantine.open(options.open()).map(Dataset::persist);
            List<Row> senders = open.map(rows ->
                            rows.select("sender").distinct().orderBy("sender").collectAsList())
                    .orElse(List.of());
            if (senders.isEmpty()) {
                options.out().println("Nothing in quarantine is open.");
                return 0;
            }
            Files.createDirectories(to);
            for (Row sender : senders) {
                Path file = to.resolve("数据质量回退单_" + sender.getString(0) + ".xlsx");
                if (Files.exists(file)) {
                    throw new Refusal(
                            Refusal.Exit.USAGE,
                            "Cannot write " + file + ": it is there, and may hold answers. Give another folder.");
                }
                long rows =
                        ReturnSheet.write(file, open.get().where(col("sender").equalTo(sender.getString(0))));
                options.out().println(rows + " records to " + file);
            }
            return 0;
        }
    }

    @Command(
            name = "replay",
            mixinStandardHelpOptions = true,
            description = {
                "Read again, by the senders and contracts of today, what was set aside before it got into a raw table.",
                "What is let through now is known from the day given. Records that were answered stay where they are. Run the day",
                "afterwards."
            })
    static final class ReadAgain implements Callable<Integer> {
        @Mixin
        LakeOptions options;

        @Option(
                names = "--deliveries",
                required = true,
                paramLabel = "DIR",
                description = "The deliveries folder the files came from.")
        Path deliveries;

        @Option(
                names = "--as-of",
                required = true,
                paramLabel = "DAY",
                description = "The day from which the records are known, yyyy-mm-dd.")
        LocalDate day;

        @Override
        public Integer call() throws Exception {
            Options.refuseTheFuture(day);
            Deliveries found = Deliveries.in(deliveries, day);
            Lake lake = options.open();
            try (AutoCloseable lock = lake.lock()) {
                Replay.Replayed replayed = new Replay(lake, day, Pseudonym.from(System::getenv)).of(found);
                replayed.remarks().forEach(remark -> options.out().println("note: " + remark));
                options.out()
                        .printf(
                                Locale.ROOT,
                                "%,d records read again: %,d let through, %,d repeat another, %,d stay set aside.%n",
                                replayed.records(),
                                replayed.accepted(),
                                replayed.duplicates(),
                                replayed.quarantined());
            }
            return 0;
        }
    }
}
