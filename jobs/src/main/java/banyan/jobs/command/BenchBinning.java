package banyan.jobs.command;

import banyan.jobs.Json;
import banyan.jobs.Refusal;
import banyan.jobs.bench.Cases;
import banyan.models.learned.Binning.Trend;
import banyan.models.learned.Bins;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The best bins of one variable, on any file. */
@Command(
        name = "binning",
        mixinStandardHelpOptions = true,
        description = {
            "Cut one variable of a file into the bins with the highest information value: exact, within the rules given.",
            "Weight of evidence is ln(share of bad / share of good): above 0 where a bin is worse than all."
        },
        footer = {
            "",
            "  banyan bench binning --data taiwan.csv.gz --label class --variable LIMIT_BAL --trend descending",
            "Exit 2: a column or label that the file does not have; 3: a file that cannot be read."
        })
final class BenchBinning implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    CasesOptions options;

    @Option(names = "--variable", required = true, paramLabel = "COLUMN", description = "What is cut into bins.")
    String variable;

    @Option(
            names = "--trend",
            defaultValue = "auto",
            paramLabel = "TREND",
            description = "How the share of bad cases goes: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    Trend trend;

    @Option(
            names = "--max-bins",
            defaultValue = "0",
            paramLabel = "N",
            description = "Bins at most, beside those of codes and of missing values; 0 for no limit (default).")
    int most;

    @Option(
            names = "--min-size",
            defaultValue = "0.05",
            paramLabel = "SHARE",
            description = "Share of all cases a bin must hold (default: ${DEFAULT-VALUE}).")
    double size;

    @Option(
            names = "--min-events",
            defaultValue = "0",
            paramLabel = "N",
            description = "Bad cases, and good ones, a bin must hold; there is always one of each.")
    double events;

    @Option(
            names = "--max-p",
            defaultValue = "1",
            paramLabel = "P",
            description = "Level at which neighbours must differ; 1 for no test (default).")
    double pValue;

    @Option(
            names = "--leaves",
            defaultValue = "20",
            paramLabel = "N",
            description =
                    "Leaves of the tree whose pieces are put together to bins; 0 for the values themselves (default: ${DEFAULT-VALUE}).")
    int leaves;

    @Option(
            names = "--atoms",
            defaultValue = "500",
            paramLabel = "N",
            description =
                    "Without the tree: pieces of about the same weight where there are more values (default: ${DEFAULT-VALUE}).")
    int atoms;

    @Option(
            names = "--missing",
            defaultValue = "empirical",
            paramLabel = "WORTH",
            description = "What a missing value is worth: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    Bins.Missing missing;

    @Option(names = "--json", description = "Print one JSON object as the last line of stdout.")
    boolean json;

    @Override
    public Integer call() throws IOException {
        if (!(size >= 0 && size < 1)
                || !(events >= 0)
                || !(pValue > 0 && pValue <= 1)
                || most < 0
                || leaves < 0
                || leaves == 1
                || leaves > 2000
                || atoms < 2
                || atoms > 2000) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--min-size must be in [0, 1), --max-p in (0, 1], --atoms from 2 to 2000, --leaves 0 or from 2 to 2000, "
                            + "--max-bins and --min-events not negative.");
        }
        Cases cases = Cases.read(
                options.data, new Cases.Question(options.label, options.bad, variable, List.of(), null, null, null));
        if (cases.sample().variables().isEmpty()) {
            throw new Refusal(Refusal.Exit.USAGE, "Cannot cut " + variable + " into bins: it is the label.");
        }
        Bins.Manner manner =
                new Bins.Manner(trend, size, events, most, pValue, leaves, atoms, options.codes(), 0.01, missing);
        long began = System.nanoTime();
        Bins bins;
        try {
            bins = Bins.of(
                    cases.sample().variables().get(0),
                    cases.sample().bad(),
                    cases.sample().weight(),
                    manner);
        } catch (IllegalArgumentException e) {
            throw new Refusal(Refusal.Exit.USAGE, e.getMessage());
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(bins, seconds));
        } else {
            print(out, cases, bins, seconds);
        }
        return 0;
    }

    private static ObjectNode json(Bins bins, double seconds) {
        ObjectNode result = Json.object();
        ArrayNode cuts = result.putArray("cuts");
        Arrays.stream(bins.cuts()).forEach(cuts::add);
        result.put("trend", bins.trend().toString());
        result.put("iv", bins.iv());
        result.put("objective", bins.objective());
        result.put("status", bins.status());
        ArrayNode all = result.putArray("bins");
        double[] worth = bins.worth();
        for (int i = 0; i < worth.length; i++) {
            Bins.Bin bin = bins.bins().get(i);
            if (!ModelText.filled(bin)) {
                continue;
            }
            ObjectNode one = all.addObject();
            switch (bin.kind()) {
                case NUMBERS -> {
                    edge(one, "from", i == 0 ? Double.NaN : bins.cuts()[i - 1]);
                    edge(one, "to", i == bins.cuts().length ? Double.NaN : bins.cuts()[i]);
                }
                case WORDS -> bins.groups().get(i).forEach(one.putArray("words")::add);
                case SPECIAL -> one.put("special", bin.code());
                case OTHER -> one.put("other", true);
                case MISSING -> one.put("missing", true);
            }
            one.put("bad", bin.bad())
                    .put("good", bin.good())
                    .put("woe", worth[i])
                    .put("iv", bin.iv());
        }
        return result.put("seconds", seconds);
    }

    /** Minus and plus infinity are null. */
    private static void edge(ObjectNode node, String name, double edge) {
        if (Double.isNaN(edge)) {
            node.putNull(name);
        } else {
            node.put(name, edge);
        }
    }

    private void print(PrintWriter out, Cases cases, Bins bins, double seconds) {
        out.printf(
                Locale.ROOT,
                "%s of %s: %,d cases, %s = %s is bad; %s, trend %s, information value %.6f, %.3f s%n",
                variable,
                options.data.getFileName(),
                cases.sample().size(),
                options.label,
                cases.bad(),
                bins.status(),
                bins.trend(),
                bins.iv(),
                seconds);
        out.printf("%12s %12s %8s %9s %9s  %s%n", "bad", "good", "bad %", "WOE", "IV", "bin");
        double[] worth = bins.worth();
        for (int i = 0; i < worth.length; i++) {
            Bins.Bin bin = bins.bins().get(i);
            if (ModelText.filled(bin)) {
                out.printf(
                        Locale.ROOT,
                        "%,12.0f %,12.0f %8.2f %9.4f %9.4f  %s%n",
                        bin.bad(),
                        bin.good(),
                        100 * bin.bad() / (bin.bad() + bin.good()),
                        worth[i],
                        bin.iv(),
                        bins.named(i));
            }
        }
    }
}
