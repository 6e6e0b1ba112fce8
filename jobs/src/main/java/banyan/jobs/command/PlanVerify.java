package banyan.jobs.command;

import static org.apache.spark.sql.functions.col;

import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.Sha256;
import banyan.jobs.publish.InspectionPlan;
import banyan.jobs.publish.Plans;
import banyan.jobs.publish.RosterFile;
import banyan.models.Plan;
import banyan.models.Teams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whether a plan is what its seed draws. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Draw a plan again from its sealed seed and the classes of its day, and tell whether it is the same, row for row.",
            "Who inspects is drawn again only where the roster is given. Nothing is written."
        },
        footer = {"", "Exit 3: it is not what was drawn, and why; 99: no plan was drawn by the classes of the day."})
final class PlanVerify implements Callable<Integer> {
    @Mixin
    Options options;

    @Option(names = "--inspectors", paramLabel = "FILE", description = "The roster that the plan was drawn with.")
    Path roster;

    @Override
    public Integer call() throws IOException {
        Lake lake = options.openExisting();
        Plan plan = PlanCommand.inForce(options);
        List<Teams.Inspector> inspectors = roster == null ? List.of() : RosterFile.read(roster, plan);
        List<Plans.Drawn> plans = Plans.drawn(lake);
        Plans.Drawn kept = plans.stream()
                .filter(drawn -> drawn.asOf().equals(options.asOf))
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        Refusal.Exit.NOTHING,
                        "Nothing to verify: no plan was drawn by the classes of " + options.asOf
                                + ". See `banyan plan list`."));
        refuseAnotherPolicy(kept, plan);
        Dataset<Row> there = rows(lake, "inspection_plan", kept);
        refuse(
                kept,
                !Lake.fingerprint("inspection_plan", there).equals(kept.fingerprint()),
                "its rows are not those that were drawn.");
        Plans.Seal seal = Plans.seal(lake, kept.plan())
                .orElseThrow(() -> new Refusal(
                        Refusal.Exit.USAGE,
                        "Cannot verify plan " + kept.plan() + ": the seal of its seed is not to be read in "
                                + options.lake + "/restricted. Let the owner of the lake do it."));
        refuse(kept, !seal.seed().equals(kept.seed()), "its seed is not the one that was sealed.");
        refuse(
                kept,
                !Plans.classes(lake, options.asOf).equals(kept.classes()),
                "the classes of " + options.asOf
                        + " were worked out again since, and are others. Build the day as it was, then verify.");
        options.lang = Options.Lang.valueOf(kept.lang());
        try (InspectionPlan.Drawn again = PlanCommand.of(lake, options, kept.knownAt(), kept.seed(), plans)
                .draw(inspectors)) {
            long other = differing(again.rows(), there, roster == null ? List.of("inspectors") : List.of())
                    + differing(again.strata(), rows(lake, "plan_strata", kept), List.of());
            refuse(
                    kept,
                    other > 0,
                    "drawn again from its seed and the classes of " + options.asOf + ", " + other
                            + " rows are in one and not in the other.");
        }
        options.out()
                .println("Plan " + kept.plan() + " follows from its seed, sealed at " + kept.sealedAt()
                        + ", and the classes of " + options.asOf + ": " + there.count()
                        + " rows, the reserve counted.");
        return 0;
    }

    private void refuseAnotherPolicy(Plans.Drawn kept, Plan plan) throws IOException {
        String policy = options.policy().version();
        if (!kept.planVersion().equals(plan.version()) || !kept.policyVersion().equals(policy)) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot verify plan " + kept.plan() + ": it was drawn by policy " + kept.policyVersion() + ", plan "
                            + kept.planVersion() + ", and these are " + policy + ", plan " + plan.version()
                            + ". Give the policy it was drawn by with --policy.");
        }
        if (roster != null && !Sha256.of(roster).equals(kept.roster())) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot verify plan " + kept.plan() + ": " + roster + " is not the roster it was drawn with.");
        }
    }

    private static void refuse(Plans.Drawn plan, boolean wrong, String why) {
        if (wrong) {
            throw new Refusal(
                    Refusal.Exit.DATA,
                    "Plan " + plan.plan() + " is not what was drawn: " + why
                            + "\nCompare with the snapshot that was put out.");
        }
    }

    private static Dataset<Row> rows(Lake lake, String table, Plans.Drawn plan) {
        return Plans.rows(lake, table).where(col("plan_id").equalTo(plan.plan()));
    }

    private static long differing(Dataset<Row> one, Dataset<Row> other, List<String> but) {
        Column[] columns = Stream.of(other.columns())
                .filter(column -> !but.contains(column))
                .map(functions::col)
                .toArray(Column[]::new);
        Dataset<Row> a = one.select(columns);
        Dataset<Row> b = other.select(columns);
        return a.exceptAll(b).count() + b.exceptAll(a).count();
    }
}
