package banyan.jobs.command;

import banyan.jobs.Lake;
import banyan.jobs.Pipeline;
import banyan.jobs.Refusal;
import banyan.jobs.Runner;
import banyan.jobs.Table;
import banyan.jobs.publish.Publication;
import banyan.models.Policy;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Builds tables for one day, replacing what that day held. */
@Command(
        name = "build",
        mixinStandardHelpOptions = true,
        description = "Build tables for one day, replacing what that day held.")
public final class Build implements Callable<Integer> {
    @Mixin
    Options options;

    @Parameters(arity = "1..*", paramLabel = "TABLE", description = "Names of tables, or all.")
    List<String> names;

    @Option(names = "--dry-run", description = "Say what would be built; write nothing.")
    boolean dryRun;

    @Override
    public Integer call() throws Exception {
        options.refuseTheFuture();
        Instant start = Options.clock().instant();
        List<Table> tables = names.contains("all")
                ? Pipeline.built()
                : Pipeline.TABLES.stream()
                        .filter(t ->
                                names.stream().map(Pipeline::table).toList().contains(t))
                        .toList();
        for (Table table : tables) {
            if (table.rows() == null) {
                throw new Refusal(
                        Refusal.Exit.USAGE,
                        "Cannot build " + table.name()
                                + ": raw tables come from deliveries. Take them in with `banyan run --deliveries DIR`.");
            }
        }
        if (dryRun) {
            tables.forEach(t -> options.out()
                    .println("would build " + t.name() + " for " + options.asOf + " from "
                            + String.join(", ", t.reads())));
            return 0;
        }
        Lake lake = options.openExisting();
        Policy policy = options.checkedPolicy(lake);
        try (AutoCloseable lock = lake.lock()) {
            lake.tune(0);
            Runner runner = new Runner(
                    lake,
                    policy,
                    options.asOf,
                    options.knownAt(),
                    options.lang.name(),
                    "build",
                    Options.clock(),
                    options.progress());
            runner.buildAll(tables, true);
            runner.record();
            double seconds = (Options.clock().instant().toEpochMilli() - start.toEpochMilli()) / 1000.0;
            if (options.json) {
                options.out()
                        .println(Run.summary(
                                "build",
                                options,
                                runner,
                                policy,
                                Publication.classes(lake, options.asOf),
                                Optional.empty(),
                                Optional.empty(),
                                seconds));
            }
        }
        return 0;
    }
}
