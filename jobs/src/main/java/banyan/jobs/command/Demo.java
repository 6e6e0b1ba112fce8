package banyan.jobs.command;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Quarantine;
import banyan.jobs.Refusal;
import banyan.jobs.ingest.Deliveries;
import banyan.jobs.publish.Publication;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The whole pipeline on the samples, from an empty lake. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description =
                "Run the whole pipeline on data-samples, from an empty lake in target/demo, and print the top of the list.")
public final class Demo implements Callable<Integer> {
    private static final LocalDate DAY = LocalDate.of(2025, 6, 30);

    @Option(names = "--root", hidden = true, defaultValue = "${sys:banyan.root:-.}")
    Path root;

    @Mixin
    DemoOptions shown;

    /** The demo chooses lake and day itself. */
    static final class DemoOptions {
        @picocli.CommandLine.Spec(picocli.CommandLine.Spec.Target.MIXEE)
        picocli.CommandLine.Model.CommandSpec spec;

        @Option(names = "--json", description = "Print one JSON object as the last line of stdout.")
        boolean json;

        @Option(names = "--quiet", description = "Print no progress.")
        boolean quiet;
    }

    @Override
    public Integer call() throws Exception {
        Path samples = root.resolve("data-samples");
        Path home = root.resolve("target/demo");
        if (!Files.isDirectory(samples)) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot run the demo: " + samples + " is no folder. Run ./banyan demo in the project's folder.");
        }
        clear(home);
        Options options = new Options();
        options.spec = shown.spec;
        options.lake = home.resolve("lake").toString();
        options.asOf = DAY;
        options.lang = Options.Lang.zh;
        options.json = shown.json;
        options.quiet = shown.quiet;
        Run.Result result =
                Run.run("demo", options, null, Deliveries.in(samples, DAY), home.resolve("publish"), Optional.empty());
        Publication.Published published = result.published().orElseThrow();
        PrintWriter out = options.out();
        if (!shown.quiet) {
            print(out, result, published);
        }
        if (shown.json) {
            out.println(Run.summary(
                    "demo",
                    options,
                    result.runner(),
                    result.policy(),
                    result.classes(),
                    result.gate(),
                    result.published(),
                    result.seconds()));
        }
        return 0;
    }

    private static void print(PrintWriter out, Run.Result result, Publication.Published published) {
        out.println();
        out.println("Who to inspect first, " + DAY + " (synthetic city, internal reference only)");
        List<Row> top = result.lake()
                .read("supervision_list")
                .where(col("as_of").equalTo(lit(DAY)).and(col("rank").leq(10)))
                .orderBy("rank")
                .select("rank", "risk_class", "score", "name", "area_name", "reason_1", "entity_id")
                .collectAsList();
        for (Row row : top) {
            out.printf(
                    Locale.ROOT,
                    "%3d  %s %4d  %s  %s  %s%n",
                    row.getInt(0),
                    row.getString(1),
                    row.getInt(2),
                    row.getString(3),
                    row.getString(4),
                    row.isNullAt(5) ? "" : row.getString(5));
        }
        out.println();
        out.println(Run.classLine(result.classes()));
        List<Row> reasons = Quarantine.reasons(result.lake());
        out.println(
                "Quarantine: " + reasons.stream().mapToLong(r -> r.getLong(2)).sum() + " broken rules");
        reasons.forEach(r -> out.printf(Locale.ROOT, "%7d  %s: %s%n", r.getLong(2), r.getString(0), r.getString(1)));
        result.taken().remarks().forEach(remark -> out.println("note: " + remark));
        Run.gateRemarks(published.gate(), true).forEach(out::println);
        out.println("Report:   " + published.snapshot().resolve("report.html"));
        out.println("Workbook: " + published.snapshot().resolve("supervision_list_20250630.xlsx"));
        out.println("Why one firm? ./banyan explain " + top.get(0).getString(6) + " --lake target/demo/lake --as-of "
                + DAY);
        out.printf(Locale.ROOT, "Done in %.1f s after start-up.%n", result.seconds());
    }

    private static void clear(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                    Files.delete(file);
                }
            }
        }
    }
}
