package banyan.jobs.command;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Inputs;
import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.score.PlanResults;
import banyan.models.Findings;
import banyan.models.Policy;
import banyan.models.RiskClass;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.node.ObjectNode;

/** What the inspections of our plans found. */
@Command(
        name = "feedback",
        mixinStandardHelpOptions = true,
        description = {
            "Take the results of the plans' inspections back in, keyed to the class and score at selection: who is still to be inspected,",
            "who is overdue, and how often a problem was found in each class, with Wilson's 95 percent interval, beside the control arm.",
            "Kept in ops/plan_results, a slice a day. Results come as inspections, by `run`."
        },
        footer = {"", "Exit 99: no plan was drawn by then."})
public final class Feedback implements Callable<Integer> {
    @Mixin
    Options options;

    @Override
    public Integer call() throws Exception {
        options.refuseTheFuture();
        Lake lake = options.openExisting();
        Policy policy = options.policy();
        Dataset<Row> plans = lake.read("plans").where(col("as_of").lt(lit(options.asOf)));
        if (plans.isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.NOTHING,
                    "Nothing to take in: no plan was drawn before " + options.asOf
                            + ". Draw one with `banyan plan draw`.");
        }
        try (AutoCloseable lock = lake.lock()) {
            Inputs in =
                    new Inputs(lake, PlanResults.READS, options.asOf, options.knownAt(), policy, options.lang.name());
            Dataset<Row> planned =
                    lake.read("inspection_plan").where(col("as_of").lt(lit(options.asOf)));
            lake.replace(
                    "plan_results",
                    PlanResults.rows(in, planned, plans, policy.plans())
                            .coalesce(1)
                            .sortWithinPartitions("plan_id", "item", "entity_id"),
                    "as_of = '" + options.asOf + "'",
                    Json.object()
                            .put("table", "plan_results")
                            .put("as_of", options.asOf.toString())
                            .put("known_at", options.knownAt().toString())
                            .toString());
            tell(lake.read("plan_results", options.asOf));
        }
        return 0;
    }

    private void tell(Dataset<Row> results) {
        Map<String, Long> states = new TreeMap<>(results.groupBy("state").count().collectAsList().stream()
                .collect(Collectors.toMap(row -> row.getString(0), row -> row.getLong(1))));
        Findings findings = PlanResults.findings(results);
        options.out()
                .println("Drawn before " + options.asOf + ": "
                        + states.entrySet().stream()
                                .map(state -> String.format(Locale.ROOT, "%,d %s", state.getValue(), state.getKey()))
                                .collect(Collectors.joining(", ")));
        ObjectNode json = Json.object().put("command", "feedback").put("as_of", options.asOf.toString());
        List.of("open", "overdue", "done", "unpublished")
                .forEach(state -> json.put(state, states.getOrDefault(state, 0L)));
        ObjectNode classes = json.putObject("found");
        for (RiskClass riskClass : RiskClass.values()) {
            Findings.Rate rate = findings.of(riskClass);
            double lift = findings.lift(riskClass);
            options.out()
                    .println("  " + riskClass + "        " + said(rate)
                            + (rate.checked() == 0 || Double.isNaN(lift)
                                    ? ""
                                    : String.format(Locale.ROOT, "  lift %.2f", lift)));
            told(classes.putObject(riskClass.name()), rate);
            if (Double.isFinite(lift)) {
                ((ObjectNode) classes.get(riskClass.name())).put("lift", lift);
            }
        }
        options.out().println("  control  " + said(findings.control()));
        told(json.putObject("control"), findings.control());
        if (Double.isFinite(findings.ofAll())) {
            options.out()
                    .printf(
                            Locale.ROOT,
                            "Of all that might have been drawn %.1f %% would show a problem%s.%n",
                            100 * findings.ofAll(),
                            Double.isFinite(findings.capture())
                                    ? String.format(
                                            Locale.ROOT,
                                            "; %.1f %% of these problems lie in classes C and D",
                                            100 * findings.capture())
                                    : "");
            json.put("of_all", findings.ofAll());
            if (Double.isFinite(findings.capture())) {
                json.put("capture", findings.capture());
            }
        }
        if (options.json) {
            options.out().println(json);
        }
    }

    private static String said(Findings.Rate rate) {
        return rate.checked() == 0
                ? "nobody checked"
                : String.format(
                        Locale.ROOT,
                        "%,d of %,d: %.1f %% (%.1f to %.1f)",
                        rate.problems(),
                        rate.checked(),
                        100 * rate.rate(),
                        100 * rate.low(),
                        100 * rate.high());
    }

    private static void told(ObjectNode json, Findings.Rate rate) {
        json.put("checked", rate.checked()).put("problems", rate.problems());
        if (rate.checked() > 0) {
            json.put("rate", rate.rate()).put("low", rate.low()).put("high", rate.high());
        }
    }
}
