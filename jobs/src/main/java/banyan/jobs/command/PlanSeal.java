package banyan.jobs.command;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.publish.Plans;
import banyan.models.Plan;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The seed of a plan, before anybody knows whom it draws. */
@Command(
        name = "seal",
        mixinStandardHelpOptions = true,
        description = {
            "Draw the seed of the plan that begins after the day and keep it, before the classes of that day are known. Its hash is",
            "printed and may be made public at once; the seed is, with the plan. The day may lie ahead."
        },
        footer = {"", "Exit 99: the plan has a seed already, for the classes of another day; or the policy has no plan."
        })
final class PlanSeal implements Callable<Integer> {
    private static final int SEED = 32; // bytes

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
        Plan.Batch batch = PlanCommand.inForce(options).batchAfter(options.asOf);
        Lake lake = options.open();
        if (dryRun) {
            options.out()
                    .println(Plans.seal(lake, batch.id())
                            .map(seal -> "Sealed for plan " + batch.id() + ": SHA-256 " + seal.commitment())
                            .orElse("No seed is sealed for plan " + batch.id() + " yet."));
            return 0;
        }
        try (AutoCloseable lock = lake.lock()) {
            Optional<Plans.Seal> there = Plans.seal(lake, batch.id());
            there.ifPresent(this::refuseAnother);
            Plans.Seal seal = there.orElseGet(() -> new Plans.Seal(
                    batch.id(),
                    options.asOf,
                    given == null ? chance() : given,
                    given != null,
                    PlanCommand.now(),
                    PlanCommand.account()));
            if (there.isEmpty()) {
                Plans.keep(lake, seal);
            }
            options.out()
                    .println((there.isPresent() ? "Already sealed" : "Sealed") + " for plan " + batch.id()
                            + ", to draw by the classes of " + seal.asOf() + ": SHA-256 " + seal.commitment());
            if (options.json) {
                options.out()
                        .println(Json.object()
                                .put("command", "plan seal")
                                .put("sealed_for", batch.id())
                                .put("as_of", seal.asOf().toString())
                                .put("commitment", seal.commitment())
                                .put("given", seal.given())
                                .put("sealed_at", seal.at().toString())
                                .put("already", there.isPresent()));
            }
        }
        return 0;
    }

    private void refuseAnother(Plans.Seal seal) {
        boolean another = given != null && !seal.seed().equals(given);
        if (another || !seal.asOf().equals(options.asOf)) {
            throw new Refusal(
                    another ? Refusal.Exit.USAGE : Refusal.Exit.NOTHING,
                    (another ? "Cannot seal another seed for plan " : "Nothing to seal for plan ") + seal.plan()
                            + ": one was sealed at " + seal.at() + ", to draw by the classes of " + seal.asOf()
                            + ", and a plan has one alone.");
        }
    }

    private static String chance() {
        byte[] seed = new byte[SEED];
        new SecureRandom().nextBytes(seed);
        return HexFormat.of().formatHex(seed);
    }
}
