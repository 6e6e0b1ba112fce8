package banyan.jobs.command;

import static org.apache.spark.sql.functions.col;

import banyan.jobs.Inputs;
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
import banyan.models.Policy;
import banyan.models.RiskClass;
import banyan.models.Teams;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Who is inspected next: the double-random plan. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description =
                "Draw the double-random inspection plan (双随机、一公开) of the batch that begins after a day, by its classes.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            PlanCommand.SealSeed.class,
            PlanCommand.Draw.class,
            PlanCommand.Verify.class,
            PlanCommand.Listed.class
        },
        footer = {
            "",
            "  banyan plan seal --lake LAKE --as-of 2025-06-30     before the classes of that day are worked out",
            "  banyan build all --lake LAKE --as-of 2025-06-30",
            "  banyan plan draw --lake LAKE --as-of 2025-06-30 --inspectors roster.csv --to PUBLISH"
        })
public final class PlanCommand {
    private static final int SEED = 32; // bytes

    @Command(
            name = "seal",
            mixinStandardHelpOptions = true,
            description = {
                "Draw the seed of the next plan and keep it, before anybody knows whom it would draw from. Its hash is printed and may be",
                "made public at once; the seed is, with the plan."
            })
    static final class SealSeed implements Callable<Integer> {
        @Mixin
        Options options;

        @Option(
                names = "--seed",
                paramLabel = "HEX",
                description = "A seed that was drawn in public, 64 hex digits; by chance unless given.")
        String given;

        @Option(names = "--dry-run", description = "Tell whether a seed is sealed; seal none.")
        boolean dryRun;

        @Override
        public Integer call() throws Exception {
            if (given != null && !given.matches("[0-9a-f]{" + 2 * SEED + "}")) {
                throw new Refusal(
                        Refusal.Exit.USAGE,
                        "Cannot take --seed " + given + ": write " + 2 * SEED + " hex digits in lower case.");
            }
            Plan.Batch batch = options.policy().plan(options.asOf).batchAfter(options.asOf);
            Lake lake = options.open();
            try (AutoCloseable lock = lake.lock()) {
                Optional<Plans.Seal> there = Plans.seal(lake, batch.id());
                if (given != null && there.isPresent() && !there.get().seed().equals(given)) {
                    throw new Refusal(
                            Refusal.Exit.USAGE,
                            "Cannot seal another seed for plan " + batch.id() + ": one was sealed at "
                                    + there.get().at() + ", and a plan has one alone.");
                }
                Plans.Seal seal = there.orElseGet(
                        () -> Plans.Seal.of(batch.id(), given == null ? chance() : given, now(), account()));
                if (there.isEmpty() && dryRun) {
                    options.out().println("No seed is sealed for plan " + batch.id() + " yet.");
                    return 0;
                }
                if (there.isEmpty()) {
                    Plans.keep(lake, seal);
                }
                options.out()
                        .println((there.isPresent() ? "Already sealed" : "Sealed") + " for plan " + batch.id()
                                + ": SHA-256 " + seal.commitment());
                if (options.json) {
                    options.out()
                            .println(Json.object()
                                    .put("command", "plan seal")
                                    .put("plan_id", batch.id())
                                    .put("commitment", seal.commitment())
                                    .put("sealed_at", seal.at().toString())
                                    .put("already", there.isPresent()));
                }
            }
            return 0;
        }

        private static String chance() {
            byte[] seed = new byte[SEED];
            new SecureRandom().nextBytes(seed);
            return HexFormat.of().formatHex(seed);
        }
    }

    /** The plan of a batch, with what was drawn before it in its year. */
    private static InspectionPlan of(Lake lake, Policy policy, Options options, String seed) {
        Plan plan = policy.plan(options.asOf);
        Plan.Batch batch = plan.batchAfter(options.asOf);
        Dataset<Row> before = lake.read("inspection_plan")
                .where(col("plan_id")
                        .startsWith(batch.year() + "-")
                        .and(col("plan_id").lt(batch.id())));
        int first = Plans.drawn(lake).stream()
                .filter(drawn -> drawn.year() == batch.year() && drawn.batch() < batch.number())
                .mapToInt(Plans.Drawn::batch)
                .min()
                .orElse(batch.number());
        Inputs in =
                new Inputs(lake, InspectionPlan.READS, options.asOf, options.knownAt(), policy, options.lang.name());
        return new InspectionPlan(in, plan, batch, seed, before, first);
    }

    private static Optional<Plans.Drawn> drawn(Lake lake, Plan.Batch batch) {
        return Plans.drawn(lake).stream()
                .filter(drawn -> drawn.plan().equals(batch.id()))
                .findFirst();
    }

    private static Instant now() {
        return Instant.now(Options.clock()).truncatedTo(ChronoUnit.MICROS);
    }

    private static String account() {
        return System.getProperty("user.name");
    }

    @Command(
            name = "draw",
            mixinStandardHelpOptions = true,
            description = {
                "Draw the plan of the batch that begins after the day: of each stratum (county, item, kind, class) as many as its ratio",
                "asks for, a control arm from all alike, a reserve, and who inspects. A plan that was drawn stays as it is."
            },
            footer = {
                "",
                "Exit 3: no seed was sealed, or after the classes were begun, or the roster is wrong; 99: no classes of the day."
            })
    static final class Draw implements Callable<Integer> {
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
                description = "Answer for a seed that was sealed after the classes were begun; kept in the manifest.")
        String despite;

        @Option(names = "--dry-run", description = "Tell how many would be drawn of each class; draw nobody.")
        boolean dryRun;

        @Override
        public Integer call() throws Exception {
            options.refuseTheFuture();
            Options.refuseUri(to);
            Optional<Publication.Answer> answer = Optional.ofNullable(despite).map(Publication.Answer::of);
            Lake lake = options.openExisting();
            Policy policy = options.policy();
            Plan plan = policy.plan(options.asOf);
            Plan.Batch batch = plan.batchAfter(options.asOf);
            List<Teams.Inspector> inspectors = roster == null ? List.of() : RosterFile.read(roster, plan);
            Optional<Plans.Drawn> there = drawn(lake, batch);
            if (there.isPresent() && !dryRun) {
                tell(lake, plan, there.get(), true);
                return 0;
            }
            Instant classified = classified(lake);
            if (dryRun) {
                options.out().println("Plan " + batch.id() + ", nobody is drawn yet:");
                strata(plan, of(lake, policy, options, "").strata().collectAsList());
                return 0;
            }
            Plans.Seal seal = sealed(lake, batch, classified, answer);
            try (AutoCloseable lock = lake.lock()) {
                InspectionPlan.Drawn drawn =
                        of(lake, policy, options, seal.seed()).draw(inspectors);
                write(lake, "plan_strata", drawn.strata(), batch, "area_code");
                Lake.Written rows = write(lake, "inspection_plan", drawn.rows(), batch, "entity_id");
                long reserve = lake.read("inspection_plan", options.asOf)
                        .where(col("reserve"))
                        .count();
                Plans.Drawn kept = new Plans.Drawn(
                        batch.id(),
                        batch.year(),
                        batch.number(),
                        batch.from(),
                        batch.to(),
                        options.asOf,
                        plan.version(),
                        policy.version(),
                        seal.seed(),
                        seal.at(),
                        classified,
                        seal.at().isAfter(classified) ? answer : Optional.empty(),
                        roster == null ? null : Sha256.of(roster),
                        rows.rows() - reserve,
                        drawn.visits(),
                        drawn.withoutTeam(),
                        rows.fingerprint(),
                        account(),
                        now());
                Plans.keep(lake, kept);
                tell(lake, plan, kept, false);
            }
            return 0;
        }

        /** When the classes of the day were begun. */
        private Instant classified(Lake lake) {
            if (!lake.days("risk_classes").contains(options.asOf)) {
                throw new Refusal(
                        Refusal.Exit.NOTHING,
                        "Nothing to draw from: no classes were built for " + options.asOf
                                + ". Run or build that day first, or give another.");
            }
            return Plans.classified(lake, options.asOf).orElseThrow();
        }

        private Plans.Seal sealed(
                Lake lake, Plan.Batch batch, Instant classified, Optional<Publication.Answer> answer) {
            Plans.Seal seal = Plans.seal(lake, batch.id())
                    .orElseThrow(() -> new Refusal(
                            Refusal.Exit.DATA,
                            "Cannot draw plan " + batch.id()
                                    + ": no seed was sealed for it. Run `banyan plan seal --lake "
                                    + options.lake + " --as-of " + options.asOf
                                    + "`, work the classes out again with `banyan build all`, then draw."));
            if (seal.at().isAfter(classified) && answer.isEmpty()) {
                throw new Refusal(
                        Refusal.Exit.DATA,
                        "Cannot draw plan " + batch.id() + ": its seed was sealed at " + seal.at()
                                + ", after the classes of " + options.asOf + " were begun at " + classified
                                + ": whoever sealed it could know whom it draws.\nWork the classes out again with `banyan build all`,"
                                + " or answer for it with --despite 'NAME: REASON'.");
            }
            return seal;
        }

        private Lake.Written write(Lake lake, String table, Dataset<Row> rows, Plan.Batch batch, String then) {
            return lake.replace(
                    table,
                    rows.coalesce(1).sortWithinPartitions("item", then),
                    "as_of = '" + options.asOf + "'",
                    Json.object()
                            .put("table", table)
                            .put("as_of", options.asOf.toString())
                            .put("plan_id", batch.id())
                            .toString());
        }

        private void tell(Lake lake, Plan plan, Plans.Drawn drawn, boolean already) {
            if (already) {
                options.out()
                        .println("Plan " + drawn.plan() + " was drawn at " + drawn.at() + " by the classes of "
                                + drawn.asOf() + ", and stays as it is:");
            } else {
                options.out().println("Plan " + drawn.plan() + ", by the classes of " + drawn.asOf() + ":");
            }
            ArrayNode items = strata(
                    plan,
                    lake.read("plan_strata", drawn.asOf())
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
                                    : String.format(
                                            Locale.ROOT, ", %,d of them without inspectors", drawn.withoutTeam()));
            Path snapshot = to == null ? null : new PlanSnapshot(lake, drawn, plan, to, options.lang.name()).write();
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
                options.out()
                        .printf(
                                "  %-24s%s%n",
                                options.lang == Options.Lang.zh
                                        ? item.name().zh()
                                        : item.name().en(),
                                line);
            }
            return told;
        }

        private static long sum(List<Row> rows, String column) {
            return rows.stream().mapToLong(row -> row.<Long>getAs(column)).sum();
        }
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = {
                "Draw a plan again from its seed and the classes of its day, and tell whether it is the same, row for row.",
                "Who inspects is drawn again only where the roster is given."
            })
    static final class Verify implements Callable<Integer> {
        @Mixin
        Options options;

        @Option(names = "--inspectors", paramLabel = "FILE", description = "The roster that the plan was drawn with.")
        Path roster;

        @Override
        public Integer call() throws IOException {
            Lake lake = options.openExisting();
            Policy policy = options.policy();
            Plan plan = policy.plan(options.asOf);
            Plan.Batch batch = plan.batchAfter(options.asOf);
            Plans.Drawn kept = drawn(lake, batch)
                    .filter(drawn -> drawn.asOf().equals(options.asOf))
                    .orElseThrow(() -> new Refusal(
                            Refusal.Exit.NOTHING,
                            "Nothing to verify: no plan was drawn by the classes of " + options.asOf
                                    + ". See `banyan plan list`."));
            if (!kept.planVersion().equals(plan.version())
                    || !kept.policyVersion().equals(policy.version())) {
                throw new Refusal(
                        Refusal.Exit.USAGE,
                        "Cannot verify plan " + kept.plan() + ": it was drawn by policy " + kept.policyVersion()
                                + ", plan "
                                + kept.planVersion() + ", and these are " + policy.version() + ", plan "
                                + plan.version() + ". Give the policy it was drawn by with --policy.");
            }
            if (roster != null && !Sha256.of(roster).equals(kept.roster())) {
                throw new Refusal(
                        Refusal.Exit.USAGE,
                        "Cannot verify plan " + kept.plan() + ": " + roster + " is not the roster it was drawn with.");
            }
            Dataset<Row> again = of(lake, policy, options, kept.seed())
                    .draw(roster == null ? List.of() : RosterFile.read(roster, plan))
                    .rows()
                    .select(columns());
            Dataset<Row> there = lake.read("inspection_plan", options.asOf).select(columns());
            long other = again.exceptAll(there).count() + there.exceptAll(again).count();
            if (other > 0) {
                throw new Refusal(
                        Refusal.Exit.DATA,
                        "Plan " + kept.plan() + " does not follow from its seed and the classes of " + options.asOf
                                + ": "
                                + other
                                + " rows are in one and not in the other. Compare with the snapshot that was put out, and with `banyan lake check`.");
            }
            options.out()
                    .println("Plan " + kept.plan() + " follows from its seed, sealed at " + kept.sealedAt()
                            + ", and the classes of " + options.asOf + ": " + there.count()
                            + " rows, the reserve counted.");
            return 0;
        }

        /** What the draw decides. */
        private Column[] columns() {
            return Stream.concat(
                            Stream.of("visit_no", "item", "entity_id", "arm", "reserve", "draw_rank", "draw_key", "pi"),
                            roster == null ? Stream.of() : Stream.of("inspectors"))
                    .map(functions::col)
                    .toArray(Column[]::new);
        }
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
