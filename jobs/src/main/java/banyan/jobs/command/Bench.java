package banyan.jobs.command;

import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.Session;
import banyan.jobs.bench.Town;
import banyan.jobs.bench.Trial;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** Measures Banyan: beside peers that do the same work on the same files, and its models on any file. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measure Banyan beside its peers, and its models on any file.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {Bench.OfCity.class, BenchScorecard.class, BenchBinning.class})
public final class Bench {
    @Command(
            name = "city",
            mixinStandardHelpOptions = true,
            description = {
                "From a city's CSV deliveries to published lists, each peer in processes of its own, start-up included,",
                "and whether all come to the same class and score for every entity, and to the same lists."
            },
            footer = {
                "",
                "  banyan bench city --entities 100000 --runs 3",
                "Exit 3: a peer came to other classes or lists."
            })
    static final class OfCity implements Callable<Integer> {
        @Spec
        CommandSpec spec;

        @Option(names = "--entities", paramLabel = "N", description = "Generate a city of so many entities first.")
        Long entities;

        @Option(
                names = "--days",
                defaultValue = "12",
                paramLabel = "N",
                description = "Daily deliveries after the first of a generated city (default: ${DEFAULT-VALUE}).")
        int days;

        @Option(
                names = "--deliveries",
                paramLabel = "DIR",
                description = "Measure with these, which banyan generate wrote, instead.")
        Path deliveries;

        @Option(names = "--runs", defaultValue = "1", paramLabel = "K", description = "Rounds; the median counts.")
        int runs;

        @Option(
                names = "--peers",
                split = ",",
                defaultValue = "duckdb,naive",
                paramLabel = "PEER",
                description = "duckdb, naive or both (default); none: Banyan alone.")
        List<String> peers;

        @Option(
                names = "--threads",
                defaultValue = "2",
                paramLabel = "N",
                description = "Threads of each (default: ${DEFAULT-VALUE}).")
        int threads;

        @Option(
                names = "--memory",
                defaultValue = "3g",
                paramLabel = "SIZE",
                description =
                        "Heap of a Spark process, or what DuckDB may use, such as 900m or 3g (default: ${DEFAULT-VALUE}).")
        String memory;

        @Option(
                names = "--as-of",
                paramLabel = "DAY",
                description = "The day of the full run; the last day of deliveries, less the nights, by default.")
        LocalDate asOf;

        @Option(
                names = "--nights",
                defaultValue = "0",
                paramLabel = "K",
                description = "After the full run take in the next K delivery days one by one.")
        int nights;

        @Option(
                names = "--at-once",
                defaultValue = "1",
                paramLabel = "K",
                description = "So many of the nights in one process, by run --from; 1 by default, as a scheduler does.")
        int atOnce;

        @Option(names = "--root", hidden = true, defaultValue = "${sys:banyan.root:-.}")
        Path root;

        @Option(names = "--work", paramLabel = "DIR", description = "Where it works; target/bench by default.")
        Path work;

        @Option(names = "--json", description = "Print one JSON object as the last line of stdout.")
        boolean json;

        @Override
        public Integer call() throws IOException {
            if (entities == null && deliveries == null) {
                throw new ParameterException(
                        spec.commandLine(), "Give --entities N for a city to generate, or --deliveries DIR.");
            }
            if (runs < 1 || threads < 1 || atOnce < 1 || nights < 0 || days < 0) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--runs, --threads and --at-once must be at least 1, --nights and --days not negative.");
            }
            PrintWriter out = spec.commandLine().getOut();
            Path at = work == null ? root.resolve("target/bench") : work;
            Files.createDirectories(at);
            long bytes = bytes();
            Path from = deliveries == null
                    ? Town.generated(entities, Math.max(days, nights), threads, bytes, at, Options.clock())
                    : deliveries;
            List<LocalDate> delivered = Town.days(from);
            LocalDate day = asOf != null ? asOf : delivered.get(Math.max(0, delivered.size() - 1 - nights));
            List<LocalDate> later =
                    delivered.stream().filter(d -> d.isAfter(day)).limit(nights).toList();
            List<String> named = peers.stream()
                    .filter(p -> !p.isBlank() && !p.equals("none"))
                    .toList();
            Trial trial = Trial.of(
                    from, day, threads, bytes, named, runs, Town.entities(from), later, atOnce, at, Options.clock());
            ObjectNode result = trial.run(path -> new Lake(Session.open(), path), json ? null : out);
            out.println();
            out.print(Trial.text(result));
            out.flush();
            if (json) {
                out.println(result);
            }
            if (!Trial.agreed(result)) {
                throw new Refusal(
                        Refusal.Exit.DATA,
                        "A peer came to other classes or lists than Banyan; see agreement in "
                                + at.resolve("bench.json") + ".");
            }
            return 0;
        }

        private long bytes() {
            if (!memory.matches("(?i)[1-9][0-9]{0,5}[mg]")) {
                throw new ParameterException(
                        spec.commandLine(), "--memory " + memory + " is no size; give one such as 900m or 3g.");
            }
            long number = Long.parseLong(memory.substring(0, memory.length() - 1));
            return number << (memory.toLowerCase(Locale.ROOT).endsWith("g") ? 30 : 20);
        }
    }
}
