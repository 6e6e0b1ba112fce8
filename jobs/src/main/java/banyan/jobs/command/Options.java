package banyan.jobs.command;

import banyan.jobs.Lake;
import banyan.jobs.Lookup;
import banyan.jobs.Progress;
import banyan.jobs.Refusal;
import banyan.jobs.Session;
import banyan.models.Index;
import banyan.models.Policy;
import banyan.schemas.Contract;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** What most commands take. */
public final class Options {
    private static final Clock CLOCK = Clock.system(ZoneId.of("Asia/Shanghai"));

    @Spec(Target.MIXEE)
    CommandSpec spec;

    @Option(
            names = "--lake",
            required = true,
            paramLabel = "DIR",
            description = "Where the tables live: a folder, or a URI that Hadoop opens.")
    String lake;

    @Option(
            names = "--as-of",
            required = true,
            paramLabel = "DAY",
            description = "The day the result speaks of, yyyy-mm-dd.")
    LocalDate asOf;

    @Option(
            names = "--known-at",
            paramLabel = "DAY",
            description =
                    "Use only what had been received by this day; the as-of day by default. A later one replays with hindsight.")
    LocalDate knownAt;

    @Option(
            names = "--policy",
            paramLabel = "DIR",
            description = "A policy folder laid out like models/policy; the packaged one by default.")
    Path policyFolder;

    @Option(names = "--lang", defaultValue = "zh", description = "Language of what regulators read: zh or en.")
    Lang lang;

    @Option(names = "--json", description = "Print one JSON object as the last line of stdout.")
    boolean json;

    @Option(names = "--quiet", description = "Print no progress.")
    boolean quiet;

    private Policy parsed;

    /** The languages a reader may choose. */
    enum Lang {
        zh,
        en
    }

    static Clock clock() {
        return CLOCK;
    }

    LocalDate knownAt() {
        return knownAt == null ? asOf : knownAt;
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** Refuses a day that is not over or has not begun: its list could still change. */
    void refuseTheFuture() {
        refuseTheFuture(asOf);
        refuseTheFuture(knownAt());
    }

    static void refuseTheFuture(LocalDate day) {
        LocalDate today = LocalDate.now(CLOCK);
        if (day.isAfter(today)) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot work for " + day + ": today is " + today
                            + ", and nothing is known of later days. Give --as-of " + today + " or an earlier day.");
        }
    }

    /** Refuses to work for a file that could not be written in the end. */
    static void refuseNoFolder(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            throw new Refusal(
                    Refusal.Exit.USAGE, "Cannot write " + file + ": there is no folder " + folder + ". Make it first.");
        }
    }

    /** Refuses a URI where a list is to be published: as a path it would be a folder of that name in the working directory. */
    static void refuseUri(Path publish) {
        if (publish != null && isUri(publish)) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot publish to " + publish
                            + ": that is a URI. Give a folder that driver and executors all have mounted at one"
                            + " path, and copy the snapshot on from there.");
        }
    }

    static boolean isUri(Path path) {
        return path.toString().matches("[A-Za-z][A-Za-z0-9+.-]+:/.*");
    }

    /** The lake, with a session. A path that is a file is refused before anything starts. */
    Lake open() {
        if (!lake.contains("://") && Files.exists(Path.of(lake)) && !Files.isDirectory(Path.of(lake))) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot use " + lake + " as a lake: it is a file. Give a folder, or a path where one can be made.");
        }
        return new Lake(Session.open(), lake);
    }

    /** The lake, which must hold something. */
    Lake openExisting() {
        refuseNoLake();
        return open();
    }

    /** The lake, which must hold something, for a few rows and without a session. */
    Lookup lookup() {
        refuseNoLake();
        return new Lookup(lake);
    }

    private void refuseNoLake() {
        if (!lake.contains("://") && !Files.isDirectory(Path.of(lake))) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot read " + lake + ": there is no such lake. Make one with `banyan run --deliveries … --lake "
                            + lake + "`.");
        }
    }

    /** The policy, parsed once. */
    Policy policy() {
        if (parsed == null) {
            parsed = policyFolder == null ? Policy.packaged() : Policy.in(policyFolder);
        }
        return parsed;
    }

    /** The policy with every expression of it and of the contracts checked, before any data is read. */
    Policy checkedPolicy(Lake in) {
        Contract.all().values().forEach(contract -> contract.check(in.empty(contract.id())));
        Policy policy = policy();
        check(policy, asOf, in);
        return policy;
    }

    /** Checks every expression of what is in force on a day. */
    static void check(Policy policy, LocalDate day, Lake in) {
        check(policy.on(day), in);
        policy.specialised(day).fields().forEach(field -> check(field, in));
        policy.terms().forEach(term -> term.check(in.empty(term.table())));
    }

    /** Checks every expression of an index. */
    static void check(Index index, Lake in) {
        Map<String, Dataset<Row>> empty = new HashMap<>();
        index.tables().forEach(table -> empty.put(table, in.empty(table)));
        empty.put("roles", in.empty("roles"));
        index.check(in.empty("entities"), empty);
    }

    Progress progress() {
        PrintStream stream = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        return new Progress(quiet || json ? null : stream, System.console() != null, CLOCK);
    }
}
