package banyan.jobs.command;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Parallel;
import banyan.jobs.Pipeline;
import banyan.jobs.Pipeline.Stage;
import banyan.jobs.Progress;
import banyan.jobs.Refusal;
import banyan.jobs.Runner;
import banyan.jobs.Table;
import banyan.jobs.ingest.DeliveredFile;
import banyan.jobs.ingest.Deliveries;
import banyan.jobs.ingest.Intake;
import banyan.jobs.ingest.Pseudonym;
import banyan.jobs.publish.Gate;
import banyan.jobs.publish.Publication;
import banyan.models.Policy;
import banyan.schemas.Contract;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** All stages for one day: take deliveries in, conform, score, and publish where asked. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Run all stages for one day: take in what is new, conform, score and, with --publish, publish.",
        footer = {
            "",
            "A scheduler may run the stages one by one, --stage ingest, conform, score, publish: the same tables, the same list. ingest",
            "ends in 99 where nothing came since the last day that has classes; publish makes the lists and, unless they also go out with",
            "--publish, puts them to the gate, and ends in 3 where it refuses them.",
            "",
            "Deliveries lie as DIR/<received-on>/<table>*.{csv,csv.gz,xlsx,jsonl,parquet,zip}, a sender's own files as",
            "DIR/<received-on>/<sender>/…. A folder named after a sender is its delivery of the as-of day.",
            "",
            "With --from each day up to the as-of day is run in one process, one after the other, as nights would have done: to catch up, or",
            "to go through a past again. A day that is refused ends it with that day's exit code; go on with --from that day. --json prints",
            "an object for each day that was run, and --despite answers for all of them.",
            "",
            "  banyan run --deliveries data-samples --lake lake --as-of 2025-06-30 --publish publish"
        })
public final class Run implements Callable<Integer> {
    /** A prime, so that runs every second or seventh day reach each table too; what is replaced is kept for 90 days anyway. */
    private static final int CLEAN = 31;

    @Mixin
    Options options;

    @Option(
            names = "--deliveries",
            paramLabel = "DIR",
            description =
                    "The folder with one folder a day of deliveries; --stage ingest and a run of all stages need it.")
    Path deliveries;

    @Option(
            names = "--stage",
            paramLabel = "STAGE",
            description = "This stage alone: ${COMPLETION-CANDIDATES}; all of them by default.")
    Stage stage;

    @Option(
            names = "--from",
            paramLabel = "DAY",
            description = "Run each day from this one to the as-of day, one after the other.")
    LocalDate from;

    @Option(names = "--publish", paramLabel = "DIR", description = "Publish the list here.")
    Path publish;

    @Option(
            names = "--despite",
            paramLabel = "WHO: WHY",
            description = "Answer by name for a list that a guard of the gate refuses; kept in its manifest.")
    String despite;

    @Option(names = "--dry-run", description = "Say what would be taken in and built; write nothing.")
    boolean dryRun;

    /**
     * What a run did.
     *
     * @param gate what it found; empty where no list was made
     * @param classes of the day; none where it was not scored
     */
    record Result(
            Lake lake,
            Policy policy,
            Runner runner,
            Intake.Taken taken,
            int waiting,
            Optional<Publication.Published> published,
            Optional<Gate.Findings> gate,
            Map<String, Long> classes,
            double seconds) {
        boolean changed() {
            return built(runner)
                    || taken.files() > 0
                    || published.filter(p -> !p.already()).isPresent();
        }
    }

    @Override
    public Integer call() throws Exception {
        options.refuseTheFuture();
        Options.refuseUri(publish);
        if (despite != null && publish == null && stage != Stage.publish) {
            throw new Refusal(
                    Refusal.Exit.USAGE, "Cannot take --despite without --publish: there is no list to answer for.");
        }
        if (publish != null && !does(Stage.publish)) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot publish in --stage " + stage + ": lists are made in --stage publish, or in a run of all.");
        }
        if (deliveries == null && does(Stage.ingest)) {
            throw new Refusal(
                    Refusal.Exit.USAGE, "Cannot take deliveries in: say where they lie with --deliveries DIR.");
        }
        if (from != null) {
            refuseFrom();
        }
        if (dryRun) {
            return plan(delivered());
        }
        Optional<Publication.Answer> answer = Optional.ofNullable(despite).map(Publication.Answer::of);
        LocalDate first = from == null ? options.asOf : from;
        Optional<Refusal> nothing = Optional.empty();
        for (LocalDate day : first.datesUntil(options.asOf.plusDays(1)).toList()) {
            options.asOf = day;
            if (from != null && !options.quiet) {
                options.out().println(day + ":");
            }
            try {
                print(run(command(), options, stage, delivered(), publish, answer));
                nothing = Optional.empty();
            } catch (Refusal none) {
                if (from == null || none.exit() != Refusal.Exit.NOTHING) {
                    throw none;
                }
                nothing = Optional.of(none); // the first delivery is of a later day
                if (!options.quiet) {
                    options.out().println("Nothing was delivered yet.");
                }
            }
        }
        if (nothing.isPresent()) {
            throw nothing.get();
        }
        return 0;
    }

    private void refuseFrom() {
        if (stage != null || options.knownAt != null) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot take --from with " + (stage != null ? "--stage" : "--known-at")
                            + ": each day is run whole, by what was known on it.");
        }
        if (Deliveries.ofOneSender(deliveries)) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot take --from with " + deliveries
                            + ": the folder of one sender is its delivery of a single day. Put it"
                            + " into a folder of the day on which it was received, such as DIR/2025-06-30/, and give DIR.");
        }
        if (from.isAfter(options.asOf)) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot run from " + from + " to " + options.asOf + ": that ends before it begins. Give --from "
                            + options.asOf + " or an earlier day.");
        }
    }

    private Deliveries delivered() {
        return does(Stage.ingest) ? Deliveries.in(deliveries, options.knownAt()) : Deliveries.NONE;
    }

    private String command() {
        return stage == null ? "run" : "run --stage " + stage;
    }

    private boolean does(Stage one) {
        return does(stage, one);
    }

    private static boolean does(Stage only, Stage one) {
        return only == null || only == one;
    }

    /**
     * The work itself, shared with the demo.
     *
     * @param only the one stage that is run; null for all
     * @param found none unless it takes deliveries in
     * @param publish null where nothing is published
     */
    static Result run(
            String command,
            Options options,
            Stage only,
            Deliveries found,
            Path publish,
            Optional<Publication.Answer> answer)
            throws Exception {
        Instant start = Options.clock().instant();
        Lake lake = does(only, Stage.ingest) ? options.open() : options.openExisting();
        Policy policy = options.checkedPolicy(lake);
        Progress progress = options.progress();
        try (AutoCloseable lock = lake.lock()) {
            lake.tune(found.files().stream().mapToLong(DeliveredFile::unpacked).sum());
            if (does(only, Stage.ingest) && found.files().isEmpty() && lake.version("deliveries") < 0) {
                throw new Refusal(
                        Refusal.Exit.NOTHING,
                        "Nothing to do: no delivery up to " + options.knownAt() + " and an empty lake."
                                + (found.waiting() > 0
                                        ? " " + found.waiting() + " later files wait for their day."
                                        : ""));
            }
            Runner runner = new Runner(
                    lake,
                    policy,
                    options.asOf,
                    options.knownAt(),
                    options.lang.name(),
                    command,
                    Options.clock(),
                    progress);
            Intake.Taken taken = Intake.Taken.NOTHING;
            if (does(only, Stage.ingest)) {
                progress.begins("deliveries");
                taken = new Intake(lake, Pseudonym.from(System::getenv)).take(found, runner.run());
                taken.tables().forEach(runner::taken);
                runner.record();
                progress.say(taken.files() + " files taken in, " + taken.already() + " already there");
            }
            if (only == Stage.ingest) {
                runner.refuseNoNews();
            } else {
                runner.buildAll(only == null ? Pipeline.built() : Pipeline.built(only), false);
                runner.record();
            }
            Optional<Publication.Published> published = Optional.empty();
            Optional<Gate.Findings> gate = Optional.empty();
            if (publish != null) {
                progress.begins("publication");
                published = Optional.of(
                        new Publication(lake, policy, options.asOf, publish, options.lang.name(), answer).publish());
                gate = published.map(Publication.Published::gate);
                progress.say("published to " + published.get().snapshot());
            } else if (does(only, Stage.publish)) {
                gate = Optional.of(Publication.checked(lake, policy, options.asOf));
                if (only != null) {
                    Publication.refuse(options.asOf, gate.get(), answer.isPresent());
                }
            }
            if (taken.files() > 0 && only == null || only == Stage.publish && built(runner)) {
                tidy(lake, options.asOf);
            }
            Map<String, Long> classes = gate.map(Gate.Findings::classes)
                    .orElseGet(() ->
                            only == Stage.score ? Publication.classes(lake, options.asOf) : Map.<String, Long>of());
            double seconds = (Options.clock().instant().toEpochMilli() - start.toEpochMilli()) / 1000.0;
            return new Result(lake, policy, runner, taken, found.waiting(), published, gate, classes, seconds);
        }
    }

    private static boolean built(Runner runner) {
        return runner.outcomes().values().stream().anyMatch(Runner.Outcome::built);
    }

    /** Each table every night where it has crumbs; files to delete are looked for once in {@link #CLEAN} nights. */
    private static void tidy(Lake lake, LocalDate night) {
        List<String> tables = Contract.all().keySet().stream()
                .filter(table -> lake.version(table) > 0)
                .toList();
        List<String> turns = List.copyOf(Contract.all().keySet());
        Parallel.each(
                tables,
                table -> lake.tidy(table, Math.floorMod(night.toEpochDay() + turns.indexOf(table), CLEAN) == 0));
    }

    private int plan(Deliveries found) {
        PrintWriter out = options.out();
        for (DeliveredFile file : found.files()) {
            out.printf(Locale.ROOT, "would read   %-60s → %s%n", file.name(), file.table());
        }
        List<String> tables = Pipeline.built().stream()
                .map(Table::name)
                .filter(table -> does(Stage.of(table)))
                .toList();
        if (!tables.isEmpty()) {
            out.println("would build  " + String.join(", ", tables) + " for "
                    + (from == null ? "" : "each day from " + from + " to ") + options.asOf);
        }
        if (publish != null) {
            out.println("would publish to " + publish);
        }
        if (options.json) {
            ObjectNode plan = Json.object()
                    .put("command", "run")
                    .put("as_of", options.asOf.toString())
                    .put("dry_run", true);
            plan.set(
                    "files",
                    Json.of(found.files().stream().map(DeliveredFile::name).toList()));
            plan.set("tables", Json.of(tables));
            out.println(plan);
        }
        return 0;
    }

    private void print(Result result) {
        PrintWriter out = options.out();
        if (!options.quiet) {
            result.taken.remarks().forEach(remark -> out.println("note: " + remark));
            if (result.waiting > 0) {
                out.println("note: " + result.waiting + " files received after " + options.knownAt()
                        + " wait for their day");
            }
            result.gate.ifPresent(
                    found -> gateRemarks(found, result.published.isPresent()).forEach(out::println));
            if (!result.changed()) {
                out.println("Already done: nothing changed since the last run for " + options.asOf + ".");
            }
            if (!result.classes.isEmpty()) {
                out.println(classLine(result.classes));
            }
            result.published.ifPresent(p -> out.println("Published: " + p.snapshot()));
        }
        if (options.json) {
            out.println(summary(
                    command(),
                    options,
                    result.runner,
                    result.policy,
                    result.classes,
                    result.gate,
                    result.published,
                    result.seconds));
        }
        out.flush();
    }

    /** @param published whether the list went out all the same */
    static List<String> gateRemarks(Gate.Findings found, boolean published) {
        List<String> remarks = new ArrayList<>();
        for (Gate.Check check : found.checks()) {
            if (check.verdict() == Gate.Verdict.WARN) {
                remarks.add("gate warns: " + check.name() + " is " + check.found());
            } else if (check.verdict() == Gate.Verdict.BLOCK) {
                remarks.add((published ? "published despite the gate: " : "gate blocks: ") + check.name() + ": "
                        + check.found());
            }
        }
        return remarks;
    }

    static String classLine(Map<String, Long> classes) {
        StringBuilder line = new StringBuilder("Classes:");
        classes.forEach((name, n) -> line.append(String.format(Locale.ROOT, "  %s %,d", name, n)));
        return line.toString();
    }

    /** The object that {@code --json} prints, one a day with {@code --from}. */
    static ObjectNode summary(
            String command,
            Options options,
            Runner runner,
            Policy policy,
            Map<String, Long> classes,
            Optional<Gate.Findings> gate,
            Optional<Publication.Published> published,
            double seconds) {
        ObjectNode summary = Json.object()
                .put("command", command)
                .put("as_of", options.asOf.toString())
                .put("run_id", runner.run())
                .put("policy_version", policy.version())
                .put("seconds", Math.round(seconds * 10) / 10.0)
                .put("ended_at", Options.clock().instant().toString());
        var tables = summary.putArray("tables");
        for (Table table : Pipeline.TABLES) {
            Runner.Outcome outcome = runner.outcomes().get(table.name());
            if (outcome != null) {
                tables.addObject()
                        .put("name", outcome.table())
                        .put("rows", outcome.rows())
                        .put("quarantined", outcome.quarantined())
                        .put("duplicates", outcome.duplicates())
                        .put("version", outcome.version());
            }
        }
        summary.set("classes", Json.of(classes));
        gate.ifPresent(found -> summary.set("gate", found.json()));
        Optional.ofNullable(runner.outcomes().get("supervision_list"))
                .ifPresent(list -> summary.put("fingerprint", list.fingerprint()));
        published.ifPresentOrElse(
                p -> summary.put("publication", p.snapshot().toString()), () -> summary.putNull("publication"));
        return summary;
    }
}
