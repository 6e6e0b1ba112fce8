package banyan.jobs.command;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.Sha256;
import banyan.jobs.publish.InspectionPlan;
import banyan.jobs.publish.PlanSnapshot;
import banyan.jobs.publish.Plans;
import banyan.jobs.publish.Publication;
import banyan.jobs.publish.RosterFile;
import banyan.models.Plan;
import banyan.models.RiskClass;
import banyan.models.Teams;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A plan is drawn, once. */
@Command(
        name = "draw",
        mixinStandardHelpOptions = true,
        description = {
            "Draw the plan of the batch that begins after the day: of each stratum (county, item, kind, class) as many as its ratio",
            "asks for, a control arm whatever the class, a reserve, and who inspects. A plan that was drawn stays as it is."
        },
        footer = {
            "",
            "Exit 3: no seed was sealed, or after classes of the day were begun, or the roster is wrong; 99: no classes of the day, or",
            "no plan in the policy."
        })
final class PlanDraw implements Callable<Integer> {
    @Mixin
    Options options;

    @Option(
            names = "--inspectors",
            paramLabel = "FILE",
            description =
                    "CSV of those who inspect: inspector_no, area_code, items, avoids. Without it the plan names nobody.")
    Path roster;

    @Option(names = "--to", paramLabel = "DIR", description = "Where the plan is put out: DIR/inspection_plan/.")
    Path to;

    @Option(
            names = "--despite",
            paramLabel = "'NAME: REASON'",
            description =
                    "Answer for a seed that was sealed after classes of the day were begun; kept in the manifest.")
    String despite;

    @Option(names = "--dry-run", description = "Tell how many would be drawn of each class; draw nobody.")
    boolean dryRun;

    @Override
    public Integer call() throws Exception {
        options.refuseTheFuture();
        Options.refuseUri(to);
        Optional<Publication.Answer> answer = Optional.ofNullable(despite).map(Publication.Answer::of);
        Lake lake = options.openExisting();
        Plan plan = PlanCommand.inForce(options);
        Plan.Batch batch = plan.batchAfter(options.asOf);
        List<Teams.Inspector> inspectors = roster == null ? List.of() : RosterFile.read(roster, plan);
        if (dryRun) {
            refuseUnclassified(lake);
            List<Plans.Drawn> plans = Plans.drawn(lake);
            boolean there = drawn(plans, batch).isPresent();
            options.out()
                    .println("Plan " + batch.id()
                            + (there ? " was drawn; by these classes it asks for:" : ", nobody is drawn:"));
            strata(
                    plan,
                    PlanCommand.of(lake, options, options.knownAt(), "", plans)
                            .strata()
                            .collectAsList());
            return 0;
        }
        try (AutoCloseable lock = lake.lock()) {
            List<Plans.Drawn> plans = Plans.drawn(lake);
            Optional<Plans.Drawn> there = drawn(plans, batch);
            Plans.Drawn drawn = there.isPresent() ? there.get() : draw(lake, plan, batch, plans, inspectors, answer);
            tell(lake, plan, drawn, there.isPresent());
        }
        return 0;
    }

    private static Optional<Plans.Drawn> drawn(List<Plans.Drawn> plans, Plan.Batch batch) {
        return plans.stream().filter(one -> one.plan().equals(batch.id())).findFirst();
    }

    private Plans.Drawn draw(
            Lake lake,
            Plan plan,
            Plan.Batch batch,
            List<Plans.Drawn> plans,
            List<Teams.Inspector> inspectors,
            Optional<Publication.Answer> answer)
            throws IOException {
        refuseUnclassified(lake);
        refuseOutOfOrder(plans, batch);
        Instant classified = Plans.classified(lake, options.asOf)
                .orElseThrow(() -> new Refusal(
                        Refusal.Exit.DATA,
                        "Cannot draw plan " + batch.id()
                                + ": the ledger tells of no run that worked out the classes of " + options.asOf
                                + ". Build the day again with `banyan build all`."));
        Plans.Seal seal = sealed(lake, batch, classified, answer);
        try (InspectionPlan.Drawn drawn = PlanCommand.of(lake, options, options.knownAt(), seal.seed(), plans)
                .draw(inspectors)) {
            write(lake, "plan_strata", drawn.strata(), batch, "area_code");
            Lake.Written rows = write(lake, "inspection_plan", drawn.rows(), batch, "entity_id");
            Plans.Drawn kept = new Plans.Drawn(
                    batch.id(),
                    batch.from(),
                    batch.to(),
                    options.asOf,
                    options.knownAt(),
                    plan.version(),
                    options.policy().version(),
                    Plans.classes(lake, options.asOf),
                    seal.seed(),
                    seal.at(),
                    classified,
                    seal.at().isAfter(classified) ? answer : Optional.empty(),
                    options.lang.name(),
                    roster == null ? null : Sha256.of(roster),
                    drawn.rows().where(not(col("reserve"))).count(),
                    drawn.visits(),
                    drawn.withoutTeam(),
                    rows.fingerprint(),
                    PlanCommand.account(),
                    PlanCommand.now());
            Plans.keep(lake, kept); // last: without it what was written is nothing
            return kept;
        }
    }

    /** All classes of the day must be there, by the policy and of the known-at that the plan will say. */
    private void refuseUnclassified(Lake lake) {
        String policy = options.policy().version();
        boolean fields = !options.policy().specialised(options.asOf).fields().isEmpty();
        for (String table : List.of("risk_classes", "special_classes")) {
            if (!lake.days(table).contains(options.asOf) && (fields || table.equals("risk_classes"))) {
                throw new Refusal(
                        Refusal.Exit.NOTHING,
                        "Nothing to draw from: no " + table + " were built for " + options.asOf
                                + ". Run or build that day first, or give another.");
            }
            List<Row> others = lake.read(table, options.asOf)
                    .where(not(col("policy_version")
                            .equalTo(policy)
                            .and(col("known_at").equalTo(lit(options.knownAt())))))
                    .select("policy_version", "known_at")
                    .limit(1)
                    .collectAsList();
            if (!others.isEmpty()) {
                throw new Refusal(
                        Refusal.Exit.USAGE,
                        "Cannot draw by the " + table + " of " + options.asOf + ": they follow policy "
                                + others.get(0).get(0) + ", known at "
                                + others.get(0).get(1) + ", not " + policy
                                + ", known at " + options.knownAt()
                                + ". Give theirs with --policy and --known-at, or build the day again.");
            }
        }
    }

    /** A plan rests on those before it in its year: none is put between them, and none over them. */
    private static void refuseOutOfOrder(List<Plans.Drawn> plans, Plan.Batch batch) {
        plans.stream().filter(d -> !d.to().isBefore(batch.from())).findFirst().ifPresent(d -> {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot draw plan " + batch.id() + " (" + batch.from() + " to " + batch.to() + "): plan "
                            + d.plan() + " of " + d.from() + " to " + d.to()
                            + " is drawn, and a plan comes after all that are.");
        });
    }

    private Plans.Seal sealed(Lake lake, Plan.Batch batch, Instant classified, Optional<Publication.Answer> answer) {
        Plans.Seal seal = Plans.seal(lake, batch.id())
                .orElseThrow(
                        () -> new Refusal(
                                Refusal.Exit.DATA,
                                "Cannot draw plan " + batch.id()
                                        + ": no seed was sealed for it. Seal one with `banyan plan seal"
                                        + " --lake " + options.lake + " --as-of " + options.asOf
                                        + "`, before the classes of a day are first worked out; afterwards it must be answered for."));
        if (!seal.asOf().equals(options.asOf)) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot draw plan " + batch.id() + " by the classes of " + options.asOf
                            + ": its seed was sealed for those of " + seal.asOf() + ". Give --as-of " + seal.asOf()
                            + ".");
        }
        if (seal.at().isAfter(classified) && answer.isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.DATA,
                    "Cannot draw plan " + batch.id() + ": its seed was sealed at " + seal.at() + ", after classes of "
                            + options.asOf + " were first begun at " + classified
                            + ": whoever sealed it could know whom it draws.\nAnswer for it with --despite 'NAME: REASON', and"
                            + " seal the next one ahead of its day.");
        }
        return seal;
    }

    private Lake.Written write(Lake lake, String table, Dataset<Row> rows, Plan.Batch batch, String then) {
        return lake.replace(
                table,
                rows.coalesce(1).sortWithinPartitions("item", then),
                "as_of = '" + options.asOf + "' and plan_id = '" + batch.id() + "'",
                Json.object()
                        .put("table", table)
                        .put("as_of", options.asOf.toString())
                        .put("plan_id", batch.id())
                        .toString());
    }

    private void tell(Lake lake, Plan plan, Plans.Drawn drawn, boolean already) throws IOException {
        options.out()
                .println("Plan " + drawn.plan()
                        + (already ? " was drawn at " + drawn.at() : "")
                        + (already ? " by the classes of " : ", by the classes of ") + drawn.asOf()
                        + (already ? ", and stays as it is:" : ":"));
        if (already && roster != null && !Objects.equals(Sha256.of(roster), drawn.roster())) {
            options.out()
                    .println("note: it was drawn "
                            + (drawn.roster() == null ? "without a roster" : "with another roster")
                            + ", and so its teams stay.");
        }
        ArrayNode items = strata(
                plan,
                Plans.rows(lake, "plan_strata")
                        .where(col("plan_id").equalTo(drawn.plan()))
                        .collectAsList());
        options.out()
                .printf(
                        Locale.ROOT,
                        "%,d rows, %,d visits from %s to %s%s%n",
                        drawn.rows(),
                        drawn.visits(),
                        drawn.from(),
                        drawn.to(),
                        drawn.withoutTeam() == 0
                                ? ""
                                : String.format(Locale.ROOT, ", %,d of them without inspectors", drawn.withoutTeam()));
        if (!drawn.planVersion().equals(plan.version())) {
            options.out()
                    .println("note: it was drawn by plan " + drawn.planVersion() + " of the policy; that is "
                            + plan.version() + " now.");
        }
        String basis = drawn.planVersion().equals(plan.version()) ? plan.basis() : null;
        Path snapshot = to == null ? null : new PlanSnapshot(lake, drawn, basis, to).write();
        if (snapshot != null) {
            options.out().println("Put out: " + snapshot);
        }
        if (options.json) {
            ObjectNode json = Json.object()
                    .put("command", "plan draw")
                    .put("plan_id", drawn.plan())
                    .put("as_of", drawn.asOf().toString())
                    .put("rows", drawn.rows())
                    .put("visits", drawn.visits())
                    .put("without_team", drawn.withoutTeam())
                    .put("already", already)
                    .put("plan", snapshot == null ? null : snapshot.toString());
            json.set("items", items);
            options.out().println(json);
        }
    }

    /** Prints and tells, of each item, how many are drawn of how many, by class. */
    private ArrayNode strata(Plan plan, List<Row> strata) {
        ArrayNode told = Json.object().putArray("items");
        for (Plan.Item item : plan.items()) {
            StringBuilder line = new StringBuilder();
            ObjectNode one = told.addObject().put("item", item.id());
            for (RiskClass riskClass : RiskClass.values()) {
                List<Row> here = strata.stream()
                        .filter(row -> row.getAs("item").equals(item.id())
                                && row.getAs("risk_class").equals(riskClass.name()))
                        .toList();
                long entities = sum(here, "entities");
                long quota = sum(here, "quota");
                line.append(String.format(Locale.ROOT, "  %s %,d of %,d", riskClass, quota, entities));
                one.putObject(riskClass.name()).put("quota", quota).put("entities", entities);
            }
            options.out().println("  " + item.name().in(options.lang.name()) + line);
        }
        return told;
    }

    private static long sum(List<Row> rows, String column) {
        return rows.stream().mapToLong(row -> row.<Long>getAs(column)).sum();
    }
}
