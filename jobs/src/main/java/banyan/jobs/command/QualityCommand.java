package banyan.jobs.command;

import static org.apache.spark.sql.functions.max;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Quality;
import banyan.jobs.Refusal;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** What data are like: how old the sources, what is doubtful in the tables, what was unusual in deliveries. */
@Command(
        name = "quality",
        mixinStandardHelpOptions = true,
        description =
                "How old the sources are, what is doubtful in the tables, and what was unusual in the deliveries.")
public final class QualityCommand implements Callable<Integer> {
    /** So many lines about deliveries, the newest. */
    private static final int SHOWN = 40;

    @Mixin
    LakeOptions options;

    @Option(
            names = "--as-of",
            paramLabel = "DAY",
            description = "The day to look from, yyyy-mm-dd; that of the newest delivery unless given.")
    LocalDate day;

    @Option(names = "--json", description = "Print one JSON object.")
    boolean json;

    @Override
    public Integer call() {
        Lake lake = options.open();
        Row newest = lake.read("deliveries").agg(max("received_on")).head();
        if (newest.isNullAt(0)) {
            throw new Refusal(
                    Refusal.Exit.NOTHING, "Nothing to look at in " + options.lake + ": no delivery was taken in.");
        }
        LocalDate from = day == null ? newest.getLocalDate(0) : day;
        List<Quality.Source> sources = Quality.sources(lake, from);
        List<Quality.Standing> standing = Quality.standing(lake, from);
        List<Row> remarkable = Quality.remarkable(lake, from).limit(SHOWN).collectAsList();
        if (json) {
            options.out().println(object(from, sources, standing, remarkable));
        } else {
            print(from, sources, standing, remarkable);
        }
        return 0;
    }

    private void print(
            LocalDate from, List<Quality.Source> sources, List<Quality.Standing> standing, List<Row> remarkable) {
        PrintWriter out = options.out();
        out.println("Sources on " + from);
        for (Quality.Source source : sources) {
            out.printf(
                    Locale.ROOT,
                    "  %-20s last %-10s  due within %3d days  %s%n",
                    source.table(),
                    source.last() == null ? "never" : source.last(),
                    source.due(),
                    source.optional() && source.last() == null
                            ? "not connected: unknown"
                            : !source.late()
                                    ? "in time"
                                    : source.last() == null ? "LATE" : "LATE: " + source.stale() + " days");
        }
        out.println("Doubtful in the tables, taken in and counted");
        standing.forEach(rule -> out.printf(
                Locale.ROOT, "  %-20s %,9d of %,9d  %s%n", rule.table(), rule.failed(), rule.checked(), rule.rule()));
        out.println("Unusual or set aside in deliveries, newest first");
        for (Row row : remarkable) {
            out.printf(
                    Locale.ROOT,
                    "  %s  %-10s  %s: %s%n",
                    row.get(row.fieldIndex("measured_on")),
                    row.<String>getAs("verdict"),
                    row.<String>getAs("file"),
                    said(row));
        }
    }

    private static String said(Row row) {
        long checked = row.getAs("checked");
        long failed = row.getAs("failed");
        Optional<BigDecimal> usual = Optional.ofNullable(row.getAs("usual"));
        if (row.getAs("rule").equals("records")) {
            return String.format(Locale.ROOT, "%,d records", checked)
                    + usual.map(n -> String.format(Locale.ROOT, ", where %,d are usual", n.longValue()))
                            .orElse("");
        }
        return String.format(Locale.ROOT, "%,d of %,d: %s", failed, checked, row.<String>getAs("rule"))
                + usual.map(share ->
                                ", where " + share.movePointRight(2).setScale(1, RoundingMode.HALF_UP) + " % are usual")
                        .orElse("");
    }

    private static ObjectNode object(
            LocalDate from, List<Quality.Source> sources, List<Quality.Standing> standing, List<Row> remarkable) {
        ObjectNode object = Json.object().put("command", "quality").put("as_of", from.toString());
        sources.forEach(source -> object.withArray("sources")
                .addObject()
                .put("table", source.table())
                .put("last", source.last() == null ? null : source.last().toString())
                .put("stale_days", source.stale())
                .put("due", source.due())
                .put("late", source.late()));
        standing.forEach(rule -> object.withArray("doubtful")
                .addObject()
                .put("table", rule.table())
                .put("rule", rule.rule())
                .put("failed", rule.failed())
                .put("checked", rule.checked()));
        remarkable.forEach(row -> object.withArray("deliveries")
                .addObject()
                .put("received_on", row.get(row.fieldIndex("measured_on")).toString())
                .put("file", row.<String>getAs("file"))
                .put("table", row.<String>getAs("table"))
                .put("rule", row.<String>getAs("rule"))
                .put("checked", row.<Long>getAs("checked"))
                .put("failed", row.<Long>getAs("failed"))
                .put("usual", row.<BigDecimal>getAs("usual"))
                .put("verdict", row.<String>getAs("verdict")));
        return object;
    }
}
