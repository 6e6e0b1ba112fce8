package banyan.jobs.command;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Inputs;
import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.publish.Plans;
import banyan.jobs.score.PlanResults;
import banyan.models.Findings;
import banyan.models.Plan;
import banyan.models.Policy;
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
            "who is overdue, and on each item how often a problem was found in each class, with Wilson's 95 percent interval.",
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
        Dataset<Row> planned =
                Plans.rows(lake, "inspection_plan").where(col("as_of").lt(lit(options.asOf)));
        if (planned.isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.NOTHING,
                    "Nothing to take in: no plan was drawn before " + options.asOf
                            + ". Draw one with `banyan plan draw`.");
        }
        try (AutoCloseable lock = lake.lock()) {
            Inputs in =
                    new Inputs(lake, PlanResults.READS, options.asOf, options.knownAt(), policy, options.lang.name());
            lake.replace(
                    "plan_results",
                    PlanResults.rows(in, planned, policy.plans())
                            .coalesce(1)
                            .sortWithinPartitions("plan_id", "item", "entity_id"),
                    "as_of = '" + options.asOf + "'",
                    Json.object()
                            .put("table", "plan_results")
                            .put("as_of", options.asOf.toString())
                            .put("known_at", options.knownAt().toString())
                            .toString());
            tell(
                    policy.plan(options.asOf),
                    lake.read("plan_results", options.asOf),
                    Plans.rows(lake, "plan_strata").where(col("as_of").lt(lit(options.asOf))));
        }
        return 0;
    }

    private void tell(Plan plan, Dataset<Row> results, Dataset<Row> strata) {
        Map<String, Long> states = new TreeMap<>(results.groupBy("state").count().collectAsList().stream()
                .collect(Collectors.toMap(row -> row.getString(0), row -> row.getLong(1))));
        options.out()
                .println("Drawn before " + options.asOf + ": "
                        + states.entrySet().stream()
                                .map(state -> String.format(Locale.ROOT, "%,d %s", state.getValue(), state.getKey()))
                                .collect(Collectors.joining(", ")));
        ObjectNode json = Json.object().put("command", "feedback").put("as_of", options.asOf.toString());
        List.of("open", "overdue", "done", "unpublished")
                .forEach(state -> json.put(state, states.getOrDefault(state, 0L)));
        ObjectNode items = json.putObject("found");
        PlanResults.findings(results, strata).forEach((item, findings) -> {
            options.out()
                    .println(plan.item(item)
                            .map(i -> i.name().in(options.lang.name()))
                            .orElse(item));
            tell(findings, items.putObject(item));
        });
        if (options.json) {
            options.out().println(json);
        }
    }

    private void tell(Findings findings, ObjectNode json) {
        for (Findings.OfClass of : findings.classes()) {
            double lift = findings.lift(of.riskClass());
            options.out()
                    .println("  " + of.riskClass() + "        " + said(of.checked())
                            + (Double.isFinite(of.weighted())
                                    ? String.format(Locale.ROOT, ", by pi %.1f %%", 100 * of.weighted())
                                    : "")
                            + (Double.isFinite(lift) ? String.format(Locale.ROOT, ", lift %.2f", lift) : ""));
            ObjectNode one = told(json.putObject(of.riskClass().name()), of.checked());
            if (Double.isFinite(of.weighted())) {
                one.put("weighted", of.weighted());
            }
            if (Double.isFinite(lift)) {
                one.put("lift", lift);
            }
        }
        options.out().println("  control  " + said(findings.control()));
        told(json.putObject("control"), findings.control());
        if (Double.isFinite(findings.ofAll())) {
            json.put("of_all", findings.ofAll());
            options.out()
                    .printf(
                            Locale.ROOT,
                            "  of all that there are %.1f %% would show a problem%s%n",
                            100 * findings.ofAll(),
                            Double.isFinite(findings.capture())
                                    ? String.format(
                                            Locale.ROOT,
                                            "; %.1f %% of these lie in classes C and D",
                                            100 * findings.capture())
                                    : "");
        }
        if (Double.isFinite(findings.capture())) {
            json.put("capture", findings.capture());
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

    private static ObjectNode told(ObjectNode json, Findings.Rate rate) {
        json.put("checked", rate.checked()).put("problems", rate.problems());
        if (rate.checked() > 0) {
            json.put("rate", rate.rate()).put("low", rate.low()).put("high", rate.high());
        }
        return json;
    }
}
