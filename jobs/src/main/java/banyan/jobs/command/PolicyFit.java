package banyan.jobs.command;

import banyan.jobs.Inputs;
import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.publish.Plans;
import banyan.jobs.score.InspectedCases;
import banyan.models.Indicator;
import banyan.models.Policy;
import banyan.models.Redraft;
import banyan.models.learned.Reweighting;
import banyan.schemas.Definitions;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** What the plans' inspections say of the points of the general index. */
@Command(
        name = "fit",
        mixinStandardHelpOptions = true,
        description = {
            "Tell by what the points of each indicator would have to be multiplied to tell problems from none, by the results of the",
            "plans' inspections that `feedback` took in on that day; and, with --to, write the policy with these points as new",
            "versions. It is a proposal: nothing is in force before a person has read and adopted it."
        },
        footer = {"", "Exit 99: the results tell nothing that the points do not say already."})
final class PolicyFit implements Callable<Integer> {
    @Mixin
    Options options;

    @Option(
            names = "--to",
            paramLabel = "DIR",
            description = "Where the policy with the new versions is written: a folder that is not there yet.")
    Path to;

    @Option(
            names = "--from",
            paramLabel = "DAY",
            description = "First day of the new versions; the first of the next month by default.")
    LocalDate from;

    @Override
    public Integer call() throws IOException {
        options.refuseTheFuture();
        Options.refuseUri(to);
        if (to != null && Files.exists(to)) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot write the proposal to " + to + ": it is there already. Give a folder that is not.");
        }
        Lake lake = options.openExisting();
        Policy policy = options.policy();
        Options.check(policy, options.asOf, lake);
        LocalDate begins = from == null ? options.asOf.withDayOfMonth(1).plusMonths(1) : from;
        Dataset<Row> results = lake.read("plan_results", options.asOf);
        if (results.isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot tell what inspections say on " + options.asOf
                            + ": their results were not taken in on that day. Run `banyan feedback --as-of "
                            + options.asOf + "` first.");
        }
        List<String> leftOut = new ArrayList<>();
        InspectedCases cases = InspectedCases.of(
                days(lake, policy, begins, leftOut), results, InspectedCases.items(policy.plan(options.asOf)));
        leftOut.forEach(plan -> options.out()
                .println("note: plan " + plan + " is left out: other versions were in force when it was drawn."));
        Reweighting said = fitted(cases);
        SortedMap<String, BigDecimal> times = new TreeMap<>();
        said.weights().stream()
                .filter(Reweighting.Weight::proposed)
                .forEach(weight -> times.put(
                        weight.indicator(), BigDecimal.valueOf(weight.factor()).setScale(2, RoundingMode.HALF_UP)));
        tell(said, policy, begins);
        ObjectNode json = json(said, begins);
        boolean better = said.better();
        if (better && to != null) {
            write(lake, times, begins, said);
            json.put("written", to.toString());
        }
        if (options.json) {
            options.out().println(json);
        }
        if (!better) {
            throw new Refusal(
                    Refusal.Exit.NOTHING,
                    "Nothing to propose: "
                            + (times.isEmpty()
                                    ? "no indicator's points are surely too many or too few."
                                    : "of cases they were not fitted on, the factors tell problems from none no better than the score does."));
        }
        return 0;
    }

    /** The plans' days that are measured as the first day of the new versions would be, were there none. */
    private Map<String, Inputs> days(Lake lake, Policy policy, LocalDate begins, List<String> leftOut) {
        String edition = policy.on(begins).edition();
        Map<String, Inputs> days = new LinkedHashMap<>();
        for (Plans.Drawn plan : Plans.drawn(lake)) {
            if (!plan.asOf().isBefore(options.asOf)) {
                continue;
            }
            if (policy.on(plan.asOf()).edition().equals(edition)) {
                days.put(
                        plan.plan(),
                        new Inputs(
                                lake, InspectedCases.READS, plan.asOf(), plan.knownAt(), policy, options.lang.name()));
            } else {
                leftOut.add(plan.plan());
            }
        }
        return days;
    }

    private Reweighting fitted(InspectedCases cases) {
        try {
            return Reweighting.of(
                    cases.indicators(), cases.counted(), cases.score(), cases.problem(), cases.pi(), cases.fold());
        } catch (IllegalArgumentException e) {
            throw new Refusal(
                    Refusal.Exit.NOTHING,
                    "Nothing to propose as of " + options.asOf + ": " + e.getMessage()
                            + ". Wait for more results, or look at what is measured.");
        }
    }

    private void tell(Reweighting said, Policy policy, LocalDate begins) {
        String lang = options.lang.name();
        boolean zh = options.lang == Options.Lang.zh;
        options.out()
                .printf(
                        Locale.ROOT,
                        zh
                                ? "检查 %,d 户次，发现问题 %,d 户次（按抽中概率加权，有效 %,.0f）；100 分对应问题对数几率 %.2f ± %.2f%n"
                                : "%,d inspected, a problem found at %,d (weighing 1/pi, as good as %,.0f drawn alike); a hundred points stand for"
                                        + " %.2f ± %.2f log odds of one%n",
                        said.cases(),
                        said.problems(),
                        said.effective(),
                        said.slope(),
                        said.slopeError());
        options.out()
                .printf(
                        Locale.ROOT,
                        "%-22s %7s %9s %9s %16s  %s%n",
                        zh ? "指标" : "indicator",
                        zh ? "户次" : "cases",
                        zh ? "有问题" : "problems",
                        zh ? "预期" : "expected",
                        zh ? "倍数" : "factor",
                        zh ? "建议" : "proposed");
        for (Reweighting.Weight weight : said.weights()) {
            if (weight.cases() == 0) {
                continue;
            }
            options.out()
                    .printf(
                            Locale.ROOT,
                            "%-22s %,7d %,9d %9.1f %8.2f ± %5.2f  %s%n",
                            weight.indicator(),
                            weight.cases(),
                            weight.problems(),
                            weight.expected(),
                            weight.factor(),
                            weight.error(),
                            weight.proposed()
                                    ? policy.on(begins).name(weight.indicator()).in(lang) + ": "
                                            + points(policy, weight, begins)
                                    : weight.cases() < Reweighting.LEAST ? (zh ? "样本太少" : "too few cases") : "–");
        }
        options.out()
                .printf(
                        Locale.ROOT,
                        zh
                                ? "AUC（以检查对象计）：现行 %.4f ± %.4f，按建议（各折以他折所得）%.4f ± %.4f，p %.3f%n"
                                : "AUC among those inspected: %.4f ± %.4f as it is, %.4f ± %.4f as proposed (each fold by the others), p %.3f%n",
                        said.before().auc(),
                        said.before().error(),
                        said.after().auc(),
                        said.after().error(),
                        said.chance());
    }

    /** "30/150/220 → 40/195/285". */
    private static String points(Policy policy, Reweighting.Weight weight, LocalDate begins) {
        Indicator indicator = policy.on(begins).indicators().stream()
                .filter(i -> i.id().equals(weight.indicator()))
                .findFirst()
                .orElseThrow();
        List<Integer> points = indicator.each() != null
                ? indicator.each().stream().map(Indicator.Line::points).toList()
                : indicator.points().stream().map(Indicator.Band::points).toList();
        BigDecimal times = BigDecimal.valueOf(weight.factor()).setScale(2, RoundingMode.HALF_UP);
        return written(points) + " → "
                + written(points.stream().map(p -> Redraft.points(p, times)).toList());
    }

    private static String written(List<Integer> points) {
        return String.join("/", points.stream().map(String::valueOf).toList());
    }

    private void write(Lake lake, SortedMap<String, BigDecimal> times, LocalDate begins, Reweighting said)
            throws IOException {
        SortedMap<String, String> files = options.policyFolder == null
                ? Definitions.packaged("policy", ".yaml")
                : Definitions.below(options.policyFolder, ".yaml");
        String note = String.format(
                Locale.ROOT,
                "Proposed by `policy fit` from %,d inspections, as known on %s; not in force before a person has adopted it.",
                said.cases(),
                options.knownAt());
        SortedMap<String, String> drafted =
                Redraft.of(files, times, begins, note, (table, rows) -> PolicyCommand.frame(lake, table, rows));
        for (Map.Entry<String, String> file : drafted.entrySet()) {
            Path path = to.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }
        options.out()
                .printf(
                        "Written: %s, with %d new versions from %s on. Read them, then `banyan policy check --policy %s` and `banyan policy diff`.%n",
                        to, times.size(), begins, to);
    }

    private ObjectNode json(Reweighting said, LocalDate begins) {
        ObjectNode json = Json.object()
                .put("command", "policy fit")
                .put("as_of", options.asOf.toString())
                .put("from", begins.toString())
                .put("cases", said.cases())
                .put("problems", said.problems())
                .put("effective", said.effective())
                .put("slope", said.slope())
                .put("auc", said.before().auc())
                .put("auc_proposed", said.after().auc())
                .put("p", said.chance())
                .put("better", said.better());
        said.weights()
                .forEach(weight -> json.withArray("indicators")
                        .addObject()
                        .put("indicator", weight.indicator())
                        .put("cases", weight.cases())
                        .put("problems", weight.problems())
                        .put("expected", weight.expected())
                        .put("factor", weight.factor())
                        .put("error", weight.error())
                        .put("proposed", weight.proposed()));
        return json;
    }
}
