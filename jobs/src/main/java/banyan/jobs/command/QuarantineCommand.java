package banyan.jobs.command;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;

import banyan.jobs.Lake;
import banyan.jobs.Quarantine;
import banyan.schemas.Contract;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Records that broke their contract. */
@Command(
        name = "quarantine",
        mixinStandardHelpOptions = true,
        description = "Look at the records that broke their contract.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {QuarantineCommand.Reasons.class, QuarantineCommand.Export.class})
public final class QuarantineCommand {
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Count them by table and rule, with the first of each.")
    static final class Reasons implements Callable<Integer> {
        @Mixin
        LakeOptions options;

        @Override
        public Integer call() {
            Lake open = options.open();
            List<Row> reasons = Quarantine.reasons(open);
            if (reasons.isEmpty()) {
                options.out().println("Nothing is in quarantine.");
            }
            for (Row reason : reasons) {
                Row first = open.readQuarantine(reason.getString(0))
                        .where(org.apache.spark.sql.functions.array_contains(col("broken"), reason.getString(1)))
                        .orderBy("received_on", "file", "line")
                        .head();
                options.out()
                        .printf(
                                Locale.ROOT,
                                "%,9d  %s: %s (first: %s line %d)%n",
                                reason.getLong(2),
                                reason.getString(0),
                                reason.getString(1),
                                first.<String>getAs("file"),
                                first.<Long>getAs("line"));
            }
            return 0;
        }
    }

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = "Write them as CSV, one file a sender, to send back (数据质量回退单).")
    static final class Export implements Callable<Integer> {
        @Mixin
        LakeOptions options;

        @Option(names = "--to", required = true, paramLabel = "DIR", description = "Folder of the CSV files.")
        Path to;

        @Override
        public Integer call() throws IOException {
            Lake open = options.open();
            Files.createDirectories(to);
            Dataset<Row> all = null;
            for (String table : Contract.all().keySet()) {
                if (open.hasQuarantine(table)) {
                    Dataset<Row> one = open.readQuarantine(table);
                    all = all == null ? one : all.unionByName(one);
                }
            }
            if (all == null) {
                options.out().println("Nothing is in quarantine.");
                return 0;
            }
            for (Row sender : all.select("sender").distinct().orderBy("sender").collectAsList()) {
                Path file = to.resolve("quarantine_" + sender.getString(0) + ".csv");
                long rows = write(file, all.where(col("sender").equalTo(sender.getString(0))));
                options.out().println(rows + " records to " + file);
            }
            return 0;
        }

        private static long write(Path file, Dataset<Row> rows) throws IOException {
            Iterator<Row> sorted = rows.select(
                            col("received_on"),
                            col("file"),
                            col("line"),
                            col("table"),
                            concat_ws("; ", col("broken")),
                            col("record"))
                    .orderBy("file", "line", "table")
                    .toLocalIterator();
            long n = 0;
            try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
                    CSVPrinter csv = new CSVPrinter(out, CSVFormat.RFC4180)) {
                csv.printRecord("received_on", "file", "line", "table", "broken", "record");
                while (sorted.hasNext()) {
                    Row row = sorted.next();
                    for (int c = 0; c < row.length(); c++) {
                        csv.print(row.get(c));
                    }
                    csv.println();
                    n++;
                }
            }
            return n;
        }
    }
}
