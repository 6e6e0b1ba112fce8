package banyan.jobs.command;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;

import banyan.jobs.Inputs;
import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Pipeline;
import banyan.jobs.Refusal;
import banyan.jobs.score.Restatements;
import banyan.models.Policy;
import java.time.LocalDate;
import java.util.SortedSet;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whose class of a day would be another, had all been known then that is known now. */
@Command(
        name = "restate",
        mixinStandardHelpOptions = true,
        description = {
            "Tell whose class of a day would be another, had all been known then that is known now, and why.",
            "Kept in ops/restatements; what was built and published for the day stays as it is. --known-at is the last day on",
            "which anything was received, unless given."
        })
public final class Restate implements Callable<Integer> {
    private static final int SHOWN = 20;

    @Mixin
    Options options;

    @Option(
            names = "--or-earlier",
            description = "Where no classes were built for the day, take the newest day before it that has some.")
    boolean orEarlier;

    @Override
    public Integer call() throws Exception {
        Options.refuseTheFuture(options.asOf);
        Lake lake = options.openExisting();
        SortedSet<LocalDate> days = lake.days("risk_classes").headSet(options.asOf.plusDays(1));
        if (days.isEmpty() || !orEarlier && !days.last().equals(options.asOf)) {
            throw new Refusal(
                    Refusal.Exit.NOTHING,
                    "Nothing to restate: no classes were built for " + options.asOf + (orEarlier ? " or earlier" : "")
                            + ". Run or build that day first, or give another.");
        }
        options.asOf = days.last();
        LocalDate knownAt = options.knownAt == null ? lastReceived(lake) : options.knownAt;
        Options.refuseTheFuture(knownAt);
        Policy policy = options.checkedPolicy(lake);
        Dataset<Row> built = lake.read("risk_classes", options.asOf);
        String other = built
                .where(not(col("policy_version").equalTo(lit(policy.version()))))
                .select("policy_version")
                .limit(1)
                .collectAsList()
                .stream()
                .map(row -> row.getString(0))
                .findFirst()
                .orElse(policy.version());
        if (!other.equals(policy.version())) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot restate " + options.asOf + ": its classes follow policy " + other + ", not "
                            + policy.version() + ". Give the policy they follow with --policy.");
        }
        try (AutoCloseable lock = lake.lock()) {
            Inputs in = new Inputs(lake, Pipeline.ofClasses(), options.asOf, knownAt, policy, options.lang.name());
            Dataset<Row> rows = Restatements.rows(in);
            Lake.Written written = lake.replace(
                    "restatements",
                    rows.coalesce(1).sortWithinPartitions("entity_id"),
                    "as_of = '" + options.asOf + "'",
                    Json.object()
                            .put("table", "restatements")
                            .put("as_of", options.asOf.toString())
                            .put("known_at", knownAt.toString())
                            .toString());
            tell(lake.read("restatements", options.asOf), written.rows(), knownAt);
        }
        return 0;
    }

    private void tell(Dataset<Row> rows, long n, LocalDate knownAt) {
        rows.orderBy("entity_id")
                .limit(SHOWN)
                .collectAsList()
                .forEach(row -> options.out()
                        .println(row.getAs("entity_id") + "  " + shown(row.getAs("class_was")) + " → "
                                + shown(row.getAs("class_is")) + "  "
                                + String.join("; ", row.<String>getList(row.fieldIndex("why")))));
        if (n > SHOWN) {
            options.out().println("…");
        }
        options.out()
                .println(n + " entities would have had another class on " + options.asOf + ", as known on " + knownAt
                        + ".");
        if (options.json) {
            options.out()
                    .println(Json.object()
                            .put("command", "restate")
                            .put("as_of", options.asOf.toString())
                            .put("known_at", knownAt.toString())
                            .put("restatements", n));
        }
    }

    private static String shown(String riskClass) {
        return riskClass == null ? "none" : riskClass;
    }

    private static LocalDate lastReceived(Lake lake) {
        return lake.read("deliveries").agg(max("received_on")).head().getLocalDate(0);
    }
}
