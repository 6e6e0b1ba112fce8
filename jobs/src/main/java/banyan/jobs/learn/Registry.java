package banyan.jobs.learn;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.publish.Gate.Verdict;
import banyan.models.learned.Learned;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * The versions of a model and what was decided about them: candidate → challenger → champion → retired. Rows are only added, so that
 * it can be told of every day which version was in force, who said so, and why.
 */
public final class Registry {
    private final String model;
    private final List<Version> versions;
    private final List<Decision> decisions;

    /** What a version can be. */
    public enum State {
        candidate,
        challenger,
        champion,
        retired
    }

    /**
     * A row of models.
     *
     * @param measured JSON, what the look back came to
     * @param gates JSON, the checks it was put to
     * @param body {@link Learned#json}
     */
    public record Version(
            String version,
            String kind,
            LocalDate fittedOn,
            LocalDate from,
            LocalDate to,
            long cases,
            long bad,
            String measured,
            String gates,
            String trainedBy,
            String body) {
        public Learned learned() {
            return Learned.parse(body);
        }

        /** The model without the day it was fitted for. */
        private String itself() {
            return body.replaceFirst("\"on\":\"[^\"]*\"", "");
        }

        /** The checks that were not passed, with what was found. */
        private List<String> failed() {
            return Requirement.parse(gates).stream()
                    .filter(one -> one.verdict() == Verdict.BLOCK)
                    .map(one -> one.name().en() + ": " + one.found().en())
                    .toList();
        }
    }

    /** A row of model_states. */
    public record Decision(
            int number, String version, State state, LocalDate since, String by, String reason, Instant at) {}

    private Registry(String model, List<Version> versions, List<Decision> decisions) {
        this.model = model;
        this.versions = versions;
        this.decisions = decisions;
    }

    /** What the lake holds of a model; nothing where it was never fitted. */
    public static Registry of(Lake lake, String model) {
        return all(lake.read("models"), lake.read("model_states")).getOrDefault(model, none(model));
    }

    private static Registry none(String model) {
        return new Registry(model, new ArrayList<>(), new ArrayList<>());
    }

    /**
     * Every model's, by name. They are some dozens of rows, however large the lake.
     *
     * @param models all rows of it
     * @param states all rows of model_states
     */
    public static Map<String, Registry> all(Dataset<Row> models, Dataset<Row> states) {
        Map<String, Registry> all = new TreeMap<>();
        // States first: a version is kept before it is decided about.
        for (Row row : sorted(states, "model", "number")) {
            all.computeIfAbsent(row.getAs("model"), Registry::none)
                    .decisions
                    .add(new Decision(
                            row.<Integer>getAs("number"),
                            row.getAs("model_version"),
                            State.valueOf(row.getAs("state")),
                            row.getAs("since"),
                            row.getAs("decided_by"),
                            row.getAs("reason"),
                            row.getAs("decided_at")));
        }
        for (Row row : sorted(models, "model", "fitted_on", "model_version")) {
            all.computeIfAbsent(row.getAs("model"), Registry::none)
                    .versions
                    .add(new Version(
                            row.getAs("model_version"),
                            row.getAs("kind"),
                            row.getAs("fitted_on"),
                            row.getAs("cases_from"),
                            row.getAs("cases_to"),
                            row.<Long>getAs("cases"),
                            row.<Long>getAs("bad"),
                            row.getAs("measured"),
                            row.getAs("gates"),
                            row.getAs("trained_by"),
                            row.getAs("body")));
        }
        return all;
    }

    /** So few rows are put in order here, without a job of Spark's for it. */
    private static List<Row> sorted(Dataset<Row> rows, String... by) {
        Comparator<Row> order = (a, b) -> 0;
        for (String column : by) {
            order = order.thenComparing(row -> row.<Comparable<Object>>getAs(column));
        }
        return rows.collectAsList().stream().sorted(order).toList();
    }

    public String model() {
        return model;
    }

    /** In the order in which they were fitted. */
    public List<Version> versions() {
        return versions;
    }

    /** In the order in which they were taken. */
    public List<Decision> decisions() {
        return decisions;
    }

    /** @throws Refusal with exit 2 if there is none of that name */
    public Version version(String named) {
        return versions.stream()
                .filter(v -> v.version.equals(named))
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        Refusal.Exit.USAGE,
                        "Cannot find version " + named + " of " + model + ": "
                                + (versions.isEmpty()
                                        ? "it was never fitted. Fit it with `banyan train " + model + "`."
                                        : "its versions are "
                                                + String.join(
                                                        ", ",
                                                        versions.stream()
                                                                .map(Version::version)
                                                                .toList())
                                                + ".")));
    }

    /** What a version is on a day; empty before it was decided about. */
    public Optional<State> state(String version, LocalDate day) {
        return decisions.stream()
                .filter(d -> d.version.equals(version) && !d.since.isAfter(day))
                .max(Comparator.comparingInt(Decision::number))
                .map(Decision::state);
    }

    /** The versions that score on a day, the champion first. */
    public List<Version> scoring(LocalDate day) {
        return versions.stream()
                .filter(v -> state(v.version, day)
                        .filter(s -> s == State.champion || s == State.challenger)
                        .isPresent())
                .sorted(Comparator.comparing(
                                (Version v) -> state(v.version, day).orElseThrow())
                        .reversed())
                .toList();
    }

    /** The version whose scores are on the lists of a day. */
    public Optional<Version> champion(LocalDate day) {
        return versions.stream()
                .filter(v -> state(v.version, day).equals(Optional.of(State.champion)))
                .findFirst();
    }

    /** Keeps a new version, a candidate from the day it was fitted for; nothing where it is there. */
    public void keep(Lake lake, Version version, String codeVersion, String reason, Instant at) {
        boolean there = versions.stream().anyMatch(v -> v.version.equals(version.version));
        if (!there) {
            Row row = RowFactory.create(
                    model,
                    version.version,
                    version.kind,
                    version.fittedOn,
                    version.from,
                    version.to,
                    version.cases,
                    version.bad,
                    version.measured,
                    version.gates,
                    version.trainedBy,
                    codeVersion,
                    version.body);
            append(lake, "models", List.of(row), version.version);
        }
        if (decisions.stream().noneMatch(d -> d.version.equals(version.version))) {
            decide(
                    lake,
                    List.of(new Decision(
                            next(0),
                            version.version,
                            State.candidate,
                            version.fittedOn,
                            version.trainedBy,
                            reason,
                            at)));
        }
    }

    /**
     * Makes a version the challenger or the champion; the champion before it is retired on the same day.
     *
     * @throws Refusal with exit 3 if it did not pass its checks, and with exit 2 if the step is none that can be taken
     */
    public void promote(Lake lake, Version version, State to, LocalDate since, String by, String reason, Instant at) {
        State now = refuseThePast(List.of("predictions", "supervision_list"), lake, version, since, "promote");
        if (since.isBefore(version.fittedOn)) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot promote " + model + " " + version.version + " from " + since + " on: it was fitted for "
                            + version.fittedOn + ", and knows what came until then.");
        }
        if (to != State.challenger && to != State.champion) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot promote " + model + " " + version.version + " to " + to
                            + ": a version is promoted to challenger or to champion.");
        }
        if (now == State.retired || now.compareTo(to) >= 0) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot promote " + model + " " + version.version + " to " + to + ": it is " + now + ".");
        }
        if (!failed(version).isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.DATA,
                    "Cannot promote " + model + " " + version.version + ": it did not pass its checks.\n     "
                            + String.join("\n     ", failed(version))
                            + "\nThe version in force stays so. Fit another with `banyan train " + model + "`.");
        }
        List<Decision> taken = new ArrayList<>();
        if (to == State.champion) {
            champion(since)
                    .ifPresent(old -> taken.add(new Decision(
                            next(0), old.version, State.retired, since, by, "replaced by " + version.version, at)));
        }
        taken.add(new Decision(next(taken.size()), version.version, to, since, by, reason, at));
        decide(lake, taken);
    }

    /** @throws Refusal with exit 2 if it is retired already, or an earlier day was spoken of */
    public void retire(Lake lake, Version version, LocalDate since, String by, String reason, Instant at) {
        if (refuseThePast(List.of("predictions"), lake, version, since, "retire") == State.retired) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot retire " + model + " " + version.version + ": it is retired since "
                            + decisions.stream()
                                    .filter(d -> d.version.equals(version.version))
                                    .reduce((a, b) -> b)
                                    .orElseThrow()
                                    .since
                            + ".");
        }
        decide(lake, List.of(new Decision(next(0), version.version, State.retired, since, by, reason, at)));
    }

    /**
     * Days that were decided about or built stay as they are: what was published on them is replayed by it. A version may be retired
     * from a day that has a list and no predictions, such as one it could not score.
     *
     * @param built tables whose days count
     */
    private State refuseThePast(List<String> built, Lake lake, Version version, LocalDate since, String what) {
        LocalDate last = Stream.concat(
                        decisions.stream()
                                .filter(d -> d.state != State.candidate)
                                .map(d -> d.since.minusDays(1)),
                        built.stream().flatMap(table -> lake.days(table).stream()))
                .max(Comparator.naturalOrder())
                .orElse(LocalDate.MIN);
        if (!since.isAfter(last)) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot " + what + " " + model + " " + version.version + " from " + since
                            + " on: days up to " + last
                            + " are built or decided about, and stay as they are. Give --as-of " + last.plusDays(1)
                            + " or a later day.");
        }
        return state(version.version, since).orElse(State.candidate);
    }

    /** The checks that a version did not pass, whenever the same model was put to them, for whatever day. */
    public List<String> failed(Version version) {
        return versions.stream()
                .filter(v -> v.itself().equals(version.itself()))
                .flatMap(v -> v.failed().stream())
                .distinct()
                .toList();
    }

    private int next(int more) {
        return decisions.size() + 1 + more;
    }

    private void decide(Lake lake, List<Decision> taken) {
        append(
                lake,
                "model_states",
                taken.stream()
                        .map(d -> RowFactory.create(
                                model, d.number, d.version, d.state.name(), d.since, d.by, d.reason, d.at))
                        .toList(),
                String.valueOf(taken.get(0).number));
    }

    private void append(Lake lake, String table, List<Row> rows, String what) {
        lake.append(
                table,
                lake.rows(rows, table).coalesce(1),
                Json.object()
                        .put("table", table)
                        .put("model", model)
                        .put("of", what)
                        .toString());
    }
}
