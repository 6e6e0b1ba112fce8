package banyan.jobs.command;

import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.publish.InspectionPlan;
import banyan.jobs.publish.Plans;
import banyan.models.Plan;
import banyan.models.Policy;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Who is inspected next: the double-random plan. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description =
                "Draw the double-random inspection plan (双随机、一公开) of the batch that begins after a day, by its classes.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {PlanSeal.class, PlanDraw.class, PlanVerify.class, PlanCommand.Listed.class},
        footer = {
            "",
            "  banyan plan seal --lake LAKE --as-of 2025-06-30     before the classes of that day are first worked out",
            "  banyan run --deliveries IN --lake LAKE --as-of 2025-06-30",
            "  banyan plan draw --lake LAKE --as-of 2025-06-30 --inspectors roster.csv --to PUBLISH"
        })
public final class PlanCommand {
    /** @throws Refusal with exit 99 where the policy has no plan on the day */
    static Plan inForce(Options options) {
        Policy policy = options.policy();
        if (policy.plans().stream().allMatch(plan -> plan.from().isAfter(options.asOf))) {
            throw new Refusal(
                    Refusal.Exit.NOTHING,
                    "Nothing to draw: the policy has no plan on " + options.asOf + ". Write plan/" + options.asOf
                            + ".yaml into it, as in models/policy.");
        }
        return policy.plan(options.asOf);
    }

    /** The plan of the batch after the day, with what was drawn before it in its year. @param plans all that were drawn */
    static InspectionPlan of(Lake lake, Options options, LocalDate knownAt, String seed, List<Plans.Drawn> plans) {
        Policy policy = options.policy();
        Plan plan = policy.plan(options.asOf);
        Plan.Batch batch = plan.batchAfter(options.asOf);
        List<Plans.Drawn> earlier = plans.stream()
                .filter(d ->
                        d.from().getYear() == batch.from().getYear() && d.from().isBefore(batch.from()))
                .toList();
        Dataset<Row> rows = Plans.rows(lake, "inspection_plan")
                .where(col("plan_id")
                        .isin(earlier.stream().map(Plans.Drawn::plan).toArray()));
        Inputs in = new Inputs(lake, InspectionPlan.READS, options.asOf, knownAt, policy, options.lang.name());
        return new InspectionPlan(
                in,
                plan,
                batch,
                seed,
                rows,
                earlier.isEmpty() ? batch.from() : earlier.get(0).from());
    }

    static Instant now() {
        return Instant.now(Options.clock()).truncatedTo(ChronoUnit.MICROS);
    }

    static String account() {
        return System.getProperty("user.name");
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "List the plans that were drawn.")
    static final class Listed implements Callable<Integer> {
        @Mixin
        LakeOptions options;

        @Override
        public Integer call() {
            List<Plans.Drawn> plans = Plans.drawn(options.open());
            if (plans.isEmpty()) {
                throw new Refusal(
                        Refusal.Exit.NOTHING,
                        "Nothing to list: no plan was drawn in " + options.lake + ". See `banyan plan --help`.");
            }
            plans.forEach(plan -> options.out()
                    .printf(
                            Locale.ROOT,
                            "%s  %s to %s  by the classes of %s  %,d rows  %,d visits  seed %s… sealed at %s%s%n",
                            plan.plan(),
                            plan.from(),
                            plan.to(),
                            plan.asOf(),
                            plan.rows(),
                            plan.visits(),
                            plan.seed().substring(0, 8),
                            plan.sealedAt(),
                            plan.despite().map(a -> "; answered by " + a.by()).orElse("")));
            return 0;
        }
    }
}
