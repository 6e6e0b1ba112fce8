package banyan.jobs.command;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Inputs;
import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Pipeline;
import banyan.jobs.Refusal;
import banyan.jobs.publish.Plans;
import banyan.jobs.publish.SnapshotFolder;
import banyan.jobs.score.InspectedCases;
import banyan.models.Index;
import banyan.models.Plan;
import banyan.models.Policy;
import banyan.models.Redraft;
import banyan.models.learned.Reweighting;
import banyan.schemas.Definitions;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
        refuse();
        Lake lake = options.openExisting();
        LocalDate begins = begins(lake);
        Policy policy = options.policy();
        Dataset<Row> results = lake.read("plan_results", options.asOf);
        if (results.isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot tell what inspections say on " + options.asOf
                            + ": their results were not taken in on that day. Run `banyan feedback --as-of "
                            + options.asOf + "` first.");
        }
        Index index = policy.on(begins);
        Options.check(index, lake); // days that are measured otherwise are left out
        Map<String, Inputs> days = days(lake, policy, index.edition());
        Plan plan = policy.plan(options.asOf);
        Reweighting said =
                Reweighting.of(InspectedCases.of(index, days, results, InspectedCases.items(plan)), plan.fit());
        SortedMap<String, BigDecimal> times = new TreeMap<>();
        said.weights().stream()
                .filter(weight -> weight.proposed() && !points(index, weight).equals(proposed(index, weight)))
                .forEach(weight -> times.put(weight.indicator(), times(weight)));
        tell(said, index);
        Optional<String> nothing = said.nothing()
                .or(() -> times.isEmpty()
                        ? Optional.of("what the factors say is less than the five points by which points are written")
                        : Optional.empty());
        ObjectNode json = json(said, begins);
        nothing.ifPresent(why -> json.put("nothing", why));
        if (nothing.isEmpty() && to != null) {
            write(lake, times, begins, said, results.head().getAs("known_at"));
            json.put("written", to.toString());
        }
        if (options.json) {
            options.out().println(json);
        }
        if (nothing.isPresent()) {
            throw new Refusal(
                    Refusal.Exit.NOTHING, "Nothing to propose as of " + options.asOf + ": " + nothing.get() + ".");
        }
        return 0;
    }

    private void refuse() {
        if (options.knownAt != null) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot take --known-at: the results are those that `feedback` took in, as they were known then.");
        }
        if (to == null) {
            return;
        }
        if (Options.isUri(to)) {
            throw new Refusal(
                    Refusal.Exit.USAGE, "Cannot write the proposal to " + to + ": that is a URI. Give a folder.");
        }
        if (Files.exists(to)) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot write the proposal to " + to + ": it is there already. Give a folder that is not.");
        }
        Options.refuseNoFolder(to);
        if (options.policyFolder != null
                && to.toAbsolutePath()
                        .normalize()
                        .startsWith(options.policyFolder.toAbsolutePath().normalize())) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot write the proposal to " + to + ": it would lie within the policy that is in use. Give a"
                            + " folder beside it.");
        }
    }

    /** The first day of the new versions: none that has classes. */
    private LocalDate begins(Lake lake) {
        LocalDate last = lake.days("risk_classes").stream()
                .reduce((earlier, later) -> later)
                .filter(options.asOf::isBefore)
                .orElse(options.asOf);
        LocalDate begins = from == null ? last.withDayOfMonth(1).plusMonths(1) : from;
        if (!begins.isAfter(last)) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot propose points from " + begins + " on: that day is not after " + last
                            + ", the last that is told of, and days of the past stay scored as they were. Give a later --from.");
        }
        return begins;
    }

    /** The plans' days that are measured as the first day of the new versions would be, were there none; of others it is told why they are not. */
    private Map<String, Inputs> days(Lake lake, Policy policy, String edition) {
        Map<String, Inputs> days = new LinkedHashMap<>();
        for (Plans.Drawn plan : Plans.drawn(lake)) {
            if (!plan.asOf().isBefore(options.asOf)) {
                continue;
            }
            boolean rebuilt = !lake.read("associations", plan.asOf())
                    .where(col("known_at").notEqual(lit(plan.knownAt())))
                    .isEmpty();
            if (!policy.on(plan.asOf()).edition().equals(edition)) {
                options.out()
                        .println("note: plan " + plan.plan()
                                + " is left out: other versions were in force when it was drawn.");
            } else if (rebuilt) {
                options.out()
                        .println("note: plan " + plan.plan() + " is left out: " + plan.asOf()
                                + " was built again with what became known later; build it with --known-at "
                                + plan.knownAt() + ".");
            } else {
                days.put(
                        plan.plan(),
                        new Inputs(
                                lake, Pipeline.ofClasses(), plan.asOf(), plan.knownAt(), policy, options.lang.name()));
            }
        }
        return days;
    }

    private void tell(Reweighting said, Index index) {
        boolean zh = options.lang == Options.Lang.zh;
        if (said.weights().isEmpty()) {
            return; // why is told in the end
        }
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
                        zh ? "发现率" : "found",
                        zh ? "预期" : "expected",
                        zh ? "倍数" : "factor",
                        zh ? "建议" : "proposed");
        said.weights().stream()
                .filter(weight -> weight.cases() > 0)
                .forEach(weight -> options.out()
                        .printf(
                                Locale.ROOT,
                                "%-22s %,7d %7.1f %% %7.1f %% %16s  %s%n",
                                weight.indicator(),
                                weight.cases(),
                                100 * weight.found(),
                                100 * weight.expected(),
                                Double.isNaN(weight.error())
                                        ? "–"
                                        : String.format(Locale.ROOT, "%.2f ± %.2f", weight.told(), weight.error()),
                                proposal(weight, index, said.bounds().least(), zh)));
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

    private String proposal(Reweighting.Weight weight, Index index, int least, boolean zh) {
        if (weight.proposed()) {
            return index.name(weight.indicator()).in(options.lang.name()) + ": " + written(points(index, weight))
                    + " → " + written(proposed(index, weight));
        }
        if (Double.isNaN(weight.error())) {
            return zh ? "同一过错的两项之一，不调" : "one of two for the same fault: stays";
        }
        return weight.cases() < least ? (zh ? "样本太少" : "too few cases") : "–";
    }

    private static BigDecimal times(Reweighting.Weight weight) {
        return BigDecimal.valueOf(weight.factor()).setScale(2, RoundingMode.HALF_UP);
    }

    /** The points of an indicator's lines or bands. */
    private static List<Integer> points(Index index, Reweighting.Weight weight) {
        return index.indicators().stream()
                .filter(i -> i.id().equals(weight.indicator()))
                .findFirst()
                .orElseThrow()
                .given();
    }

    private static List<Integer> proposed(Index index, Reweighting.Weight weight) {
        return points(index, weight).stream()
                .map(points -> Redraft.points(points, times(weight)))
                .toList();
    }

    private static String written(List<Integer> points) {
        return String.join("/", points.stream().map(String::valueOf).toList());
    }

    /** All files aside, then in place at once. */
    private void write(
            Lake lake, SortedMap<String, BigDecimal> times, LocalDate begins, Reweighting said, LocalDate known)
            throws IOException {
        SortedMap<String, String> files = options.policyFolder == null
                ? Definitions.packaged("policy", ".yaml")
                : Definitions.below(options.policyFolder, ".yaml");
        String note = String.format(
                Locale.ROOT,
                "Proposed by `policy fit` from %,d inspections, as known on %s; not in force before a person has adopted it.",
                said.cases(),
                known);
        SortedMap<String, String> drafted =
                Redraft.of(files, times, begins, note, (table, rows) -> PolicyCommand.frame(lake, table, rows));
        Path whole = to.toAbsolutePath();
        Path aside = whole.resolveSibling("." + whole.getFileName() + ".proposed");
        SnapshotFolder.delete(aside); // of a fit that was killed
        for (Map.Entry<String, String> file : drafted.entrySet()) {
            Path path = aside.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }
        Files.move(aside, whole, StandardCopyOption.ATOMIC_MOVE);
        options.out()
                .printf(
                        options.lang == Options.Lang.zh
                                ? "已写出 %s：%d 个新版本，自 %s 起。请先审阅，再用 `banyan policy check --policy %s` 和 `banyan policy diff` 核验。%n"
                                : "Written: %s, with %d new versions from %s on. Read them, then `banyan policy check --policy %s` and `banyan policy diff`.%n",
                        to,
                        times.size(),
                        begins,
                        to);
    }

    private ObjectNode json(Reweighting said, LocalDate begins) {
        ObjectNode json = Json.object()
                .put("command", "policy fit")
                .put("as_of", options.asOf.toString())
                .put("from", begins.toString())
                .put("cases", said.cases())
                .put("problems", said.problems())
                .put("effective", said.effective());
        if (!said.weights().isEmpty()) {
            json.put("slope", said.slope())
                    .put("auc", said.before().auc())
                    .put("auc_proposed", said.after().auc())
                    .put("p", said.chance());
        }
        said.weights().stream()
                .filter(weight -> weight.cases() > 0)
                .forEach(weight -> json.withArray("indicators")
                        .addObject()
                        .put("indicator", weight.indicator())
                        .put("cases", weight.cases())
                        .put("found", weight.found())
                        .put("expected", weight.expected())
                        .put("told", weight.told())
                        .put("error", Double.isNaN(weight.error()) ? null : weight.error())
                        .put("factor", weight.factor()));
        return json;
    }
}
