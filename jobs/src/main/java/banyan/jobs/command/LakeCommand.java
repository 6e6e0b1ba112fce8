package banyan.jobs.command;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.struct;

import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.schemas.Contract;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Looks after a lake. */
@Command(
        name = "lake",
        mixinStandardHelpOptions = true,
        description = "Look after a lake.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {LakeCommand.Check.class, LakeCommand.Tidy.class})
public final class LakeCommand {
    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description = "Read every table, compare it with the ledger and check that old clients can open it.")
    static final class Check implements Callable<Integer> {
        @Mixin
        LakeOptions options;

        @Override
        public Integer call() {
            Lake lake = options.open();
            PrintWriter out = options.out();
            List<String> faults = new ArrayList<>();
            for (String table : Contract.all().keySet()) {
                if (lake.version(table) >= 0) {
                    check(lake, table, out, faults);
                }
            }
            if (faults.stream().noneMatch(fault -> fault.startsWith("runs "))) {
                ledger(lake, faults);
            }
            if (!faults.isEmpty()) {
                throw new Refusal(
                        Refusal.Exit.DATA,
                        "Cannot vouch for " + options.lake + ":\n     " + String.join("\n     ", faults)
                                + "\nRestore the table from a backup, or build the day again with `banyan build all`.");
            }
            out.println("The lake is whole.");
            return 0;
        }

        private static void check(Lake lake, String table, PrintWriter out, List<String> faults) {
            try {
                Lake.Written there = lake.scan(table, null);
                Row detail = lake.detail(table);
                int reader = detail.getAs("minReaderVersion");
                out.printf(
                        Locale.ROOT,
                        "%-18s version %4d  reader %d  %,12d rows  fingerprint %s%n",
                        table,
                        there.version(),
                        reader,
                        there.rows(),
                        there.fingerprint());
                if (reader != 1) {
                    faults.add(table + " needs reader version " + reader + "; old clients read 1");
                }
            } catch (RuntimeException e) {
                faults.add(table + " cannot be read: "
                        + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            }
        }

        /** The newest slice of each table that the ledger knows must still have the rows and hash written down then. */
        private static void ledger(Lake lake, List<String> faults) {
            List<Row> newest = lake.read("runs")
                    .where("fingerprint <> ''")
                    .groupBy("table", "as_of")
                    .agg(max(struct(col("version"), col("rows"), col("fingerprint")))
                            .as("last"))
                    .select(col("table"), col("as_of"), col("last.*"))
                    .orderBy("table", "as_of")
                    .collectAsList();
            for (Row entry : newest) {
                String table = entry.getString(0);
                boolean sliced = Contract.of(table).daily();
                long version = entry.getLong(2);
                if (lake.version(table) < version) {
                    faults.add(table + " is at version " + lake.version(table) + ", the ledger knows " + version
                            + ": commits are lost");
                    continue;
                }
                if (!sliced && lake.version(table) != version) {
                    continue;
                }
                try {
                    Lake.Written there = lake.scan(table, sliced ? entry.getLocalDate(1) : null);
                    if (there.rows() != entry.getLong(3) || !there.fingerprint().equals(entry.getString(4))) {
                        faults.add(String.format(
                                Locale.ROOT,
                                "%s of %s holds %,d rows with fingerprint %s; the ledger wrote down %,d with %s",
                                table,
                                entry.get(1),
                                there.rows(),
                                there.fingerprint(),
                                entry.getLong(3),
                                entry.getString(4)));
                    }
                } catch (RuntimeException e) {
                    faults.add(table + " of " + entry.get(1) + " cannot be read");
                }
            }
        }
    }

    @Command(
            name = "tidy",
            mixinStandardHelpOptions = true,
            description = "Bring small files together and delete those that no kept version needs, in every table.",
            footer = {"", "Every run tidies too, each table in its turn. No row and no list changes by it."})
    static final class Tidy implements Callable<Integer> {
        @Mixin
        LakeOptions options;

        @Override
        public Integer call() throws Exception {
            Lake lake = options.open();
            PrintWriter out = options.out();
            try (AutoCloseable lock = lake.lock()) {
                for (String table : Contract.all().keySet()) {
                    if (lake.version(table) >= 0) {
                        Lake.Tidied tidied = lake.tidy(table, true);
                        out.printf(
                                Locale.ROOT,
                                "%-18s %,6d files, %,6d after, %,6d old ones deleted%n",
                                table,
                                tidied.before(),
                                tidied.after(),
                                tidied.deleted());
                    }
                }
            }
            return 0;
        }
    }
}
