package banyan.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.conform.Versions;
import banyan.models.Policy;
import banyan.schemas.Contract;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The one shell around every table: read what is declared, compute, check the contract, set broken rows aside, replace the slice or add
 * what is new to it, prove the commit, record the run. A table whose inputs, policy, contract and code are those of its newest commit is
 * left as it stands, so that a run after a crash goes on where it stopped and a second run changes nothing.
 */
public final class Runner {
    /** Ids of some 60 bytes each in an eighth of the heap. */
    private static final long FEW = Runtime.getRuntime().maxMemory() / 480;

    /** What follows from other records, and may change after one was set aside; the day it came stands beside the record. */
    private static final List<String> LINKED = List.of("entity_id", "link_tier", "received_on");

    private final Lake lake;
    private final Policy policy;
    private final LocalDate asOf;
    private final LocalDate knownAt;
    private final String lang;
    private final String command;
    private final Clock clock;
    private final Instant started;
    private final Progress progress;
    private final Increment increment;
    private final Map<String, Row> newest;
    private final String run;
    private final Map<String, Outcome> outcomes = new TreeMap<>();
    private final List<Row> ledger = new ArrayList<>();
    private final List<Row> metrics = new ArrayList<>();
    private Map<String, Boolean> recorded;

    public Runner(
            Lake lake,
            Policy policy,
            LocalDate asOf,
            LocalDate knownAt,
            String lang,
            String command,
            Clock clock,
            Progress progress) {
        this.lake = lake;
        this.policy = policy;
        this.asOf = asOf;
        this.knownAt = knownAt;
        this.lang = lang;
        this.command = command;
        this.clock = clock;
        this.started = clock.instant();
        this.progress = progress;
        this.increment = new Increment(lake, asOf, knownAt);
        this.newest = newest(lake);
        this.run = nextRun();
    }

    /**
     * What became of a table: {@code built} is false where it stood already.
     *
     * @param measured how many rows were looked at and, rule → how many of them broke it
     */
    public record Outcome(
            String table,
            boolean built,
            long version,
            long rows,
            long quarantined,
            long duplicates,
            String fingerprint,
            Measured measured) {}

    /** @param failed rules that nothing broke included, where they warn */
    public record Measured(long checked, Map<String, Long> failed) {
        static final Measured NOTHING = new Measured(0, Map.of());

        static Measured of(JsonNode commit) {
            Map<String, Long> failed = new TreeMap<>();
            commit.path("failed")
                    .properties()
                    .forEach(f -> failed.put(f.getKey(), f.getValue().asLong()));
            return new Measured(commit.path("checked").asLong(), failed);
        }
    }

    /** r and six digits: one more than the ledger's last. */
    public String run() {
        return run;
    }

    public Map<String, Outcome> outcomes() {
        return outcomes;
    }

    /** Notes a raw table that deliveries were taken into. */
    public void taken(String table, long[] versionRowsQuarantinedDuplicates) {
        long[] n = versionRowsQuarantinedDuplicates;
        note(new Outcome(table, true, n[0], n[1], n[2], n[3], "", Measured.NOTHING), new TreeMap<>(), clock.instant());
    }

    /**
     * Builds tables, each as soon as those it reads are done; a failure ends what depends on it. Those whose source never delivered
     * are left out.
     *
     * @param tables in the order of {@link Pipeline#TABLES}
     */
    public void buildAll(List<Table> tables, boolean force) {
        List<Table> sourced =
                tables.stream().filter(table -> !withoutSource(table)).toList();
        try {
            Parallel.each(
                    sourced, (table, before) -> table.reads().contains(before.name()), table -> build(table, force));
        } finally {
            lake.clearStaging();
        }
    }

    /**
     * Refuses to go on where nothing is known that was not known when the last list before this day was made, and that list passed.
     *
     * @throws Refusal with exit 99; never where no earlier day has a list, or anything came or changed since
     */
    public void refuseNoNews() {
        lake.days("supervision_list").headSet(asOf).stream()
                .reduce((earlier, later) -> later)
                .filter(last -> !hasNews(last))
                .ifPresent(last -> {
                    throw new Refusal(
                            Refusal.Exit.NOTHING,
                            "Nothing to do: nothing came after " + last + ", the last day that has a list, and up to "
                                    + knownAt + ".");
                });
    }

    /** Whether anything was delivered since a day, its list was refused, or a table would be made of something else now. */
    private boolean hasNews(LocalDate last) {
        return !lake.read("deliveries")
                        .where(col("received_on")
                                .gt(lit(last))
                                .and(col("received_on").leq(lit(knownAt))))
                        .isEmpty()
                || !lake.read("gate_checks", last).where("verdict = 'BLOCK'").isEmpty()
                || Pipeline.built().stream()
                        .filter(table -> !withoutSource(table))
                        .anyMatch(table -> !follows(table, last));
    }

    /** Whether the slice of a day, or a table without days, was made of the inputs, contract, policy and code of now. */
    private boolean follows(Table table, LocalDate last) {
        JsonNode now = identity(table, versions(table));
        return lake.built(table.name(), slice(table, last))
                .map(Lake.Build::told)
                .filter(told -> List.of("contract", "policy", "code").stream()
                        .allMatch(key -> told.path(key).equals(now.path(key))))
                .filter(told -> lasting(told).equals(lasting(now)))
                .isPresent();
    }

    /** The day to ask a table for that keeps its days apart; null of another. */
    private static LocalDate slice(Table table, LocalDate day) {
        return Contract.of(table.name()).daily() ? day : null;
    }

    /** Input → version, without the tables that keep their days apart: of those a new version is most often but a new day. */
    private static Map<String, Long> lasting(JsonNode identity) {
        Map<String, Long> versions = new TreeMap<>();
        identity.path("inputs").properties().forEach(input -> {
            if (!Contract.of(input.getKey()).daily()) {
                versions.put(input.getKey(), input.getValue().asLong());
            }
        });
        return versions;
    }

    private Map<String, Long> versions(Table table) {
        Map<String, Long> versions = new TreeMap<>();
        table.reads().forEach(input -> versions.put(input, lake.version(input)));
        return versions;
    }

    /**
     * Whether a table is made of what no table of the pipeline tells, deliveries or fitted models, and none ever came: what it would tell
     * is unknown, and nothing is written.
     */
    private boolean withoutSource(Table table) {
        List<String> sources =
                table.reads().stream().filter(t -> !Pipeline.isBuilt(t)).toList();
        return !sources.isEmpty() && sources.stream().allMatch(t -> lake.version(t) < 0);
    }

    /**
     * Builds a table for the day.
     *
     * @param force whether to build it even where it stands already
     * @throws Refusal with exit 3 if more rows break the contract than it allows; the table stays as it was
     */
    public Outcome build(Table table, boolean force) {
        Instant began = clock.instant();
        Map<String, Long> inputs = versions(table);
        ObjectNode identity = identity(table, inputs);
        if (!force) {
            Optional<Outcome> stands = stands(table, identity);
            if (stands.isPresent()) {
                note(stands.get(), inputs, began);
                return stands.get();
            }
        }
        progress.begins(table.name());
        Inputs in = new Inputs(lake, table.reads(), asOf, knownAt, policy, lang);
        try {
            if (table.carry() != null) {
                identity.put("frame", table.carry().frame().apply(in));
            }
            Optional<Increment.Base> base = force ? Optional.empty() : increment.of(table, identity, in);
            Outcome outcome = written(table, base, made(table, base, in, identity), identity);
            note(outcome, inputs, began);
            progress.ends(outcome);
            return outcome;
        } finally {
            in.letGo();
        }
    }

    /**
     * What a table's rows came to.
     *
     * @param rows in their place
     * @param read how many records they were made of
     * @param broken how many of them were set aside
     */
    private record Made(Increment.Merged rows, Counts counts, long read, long broken) {}

    private Made made(Table table, Optional<Increment.Base> base, Inputs in, ObjectNode identity) {
        Contract contract = Contract.of(table.name());
        if (base.filter(Increment.Base::stands).isPresent()) {
            return new Made(
                    new Increment.Merged(lake.empty(table.name()), true),
                    Counts.NONE,
                    base.get().read(),
                    base.get().quarantined());
        }
        Dataset<Row> marked = checked(
                contract, table.rows().apply(base.map(Increment.Base::narrowed).orElse(in)));
        boolean few = base.map(Increment.Base::few).orElseGet(in::isLittle);
        Dataset<Row> checked = few ? lake.aside(marked) : in.kept(marked);
        Counts counts = counts(checked, contract);
        long read = base.map(b -> b.read() + b.taken()).orElse(counts.rows);
        long broken = setAside(table.name(), contract, checked, base, read, counts, identity);
        Dataset<Row> good = checked.where(size(col("broken")).equalTo(0));
        Increment.Merged rows = base.isPresent()
                ? base.get().merge().apply(good)
                : Increment.Merged.all(contract.bitemporal() ? Versions.of(good, read <= FEW) : good);
        return new Made(rows, counts, read, broken);
    }

    private Outcome written(Table table, Optional<Increment.Base> base, Made made, ObjectNode identity) {
        Contract contract = Contract.of(table.name());
        identity.put("run", run).put("quarantined", made.broken).put("increment", base.isPresent());
        identity.put("checked", made.counts.rows).set("failed", Json.of(made.counts.failed));
        if (contract.bitemporal()) {
            identity.put("read", made.read)
                    .put("latest", made.counts.latest(base).toString());
        }
        Lake.Written written;
        if (made.rows.more()) {
            Dataset<Row> rows = sorted(contract, made.rows.rows(), Lake.files(made.counts.rows));
            written =
                    there(table.name(), base.orElseThrow()).plus(lake.append(table.name(), rows, identity.toString()));
        } else {
            int files = base.map(Increment.Base::files).filter(n -> n > 0).orElse(Lake.files(made.read - made.broken));
            Dataset<Row> rows = sorted(contract, made.rows.rows(), files);
            written = lake.replace(table.name(), rows, slice(contract), identity.toString());
        }
        return new Outcome(
                table.name(),
                true,
                written.version(),
                written.rows(),
                made.broken,
                duplicates(identity, written),
                written.fingerprint(),
                new Measured(made.counts.rows, made.counts.failed));
    }

    /** What a table that is built on holds, as the ledger wrote it down; what it does not know of is read. */
    private Lake.Written there(String table, Increment.Base base) {
        return Optional.ofNullable(newest.get(table))
                .filter(known -> known.getLong(1) == base.version())
                .map(known -> new Lake.Written(
                        base.version(),
                        known.getLong(2),
                        base.read() - base.quarantined() - known.getLong(3),
                        known.getString(4)))
                .orElseGet(() -> lake.scan(table, null));
    }

    /** Files in each of which the rows of an entity lie together, so that readers of one pass over the others. */
    private static Dataset<Row> sorted(Contract contract, Dataset<Row> rows, int files) {
        String by = List.of("rank", "entity_id").stream()
                .filter(contract.columnNames()::contains)
                .findFirst()
                .orElse(contract.keys().get(0));
        return rows.coalesce(files).sortWithinPartitions(by);
    }

    /**
     * What is checked, and how much of it is broken.
     *
     * @param newest the last day on which a record was received, null without any
     * @param failed rule → rows that break it: those that warn, and those that set rows aside where any did
     */
    private record Counts(long rows, long broken, LocalDate newest, Map<String, Long> failed) {
        static final Counts NONE = new Counts(0, 0, null, Map.of());

        LocalDate latest(Optional<Increment.Base> base) {
            LocalDate before = base.flatMap(Increment.Base::latest).orElse(LocalDate.EPOCH);
            return newest == null || newest.isBefore(before) ? before : newest;
        }
    }

    /** One pass, however many rules. A record counts once, however many enterprises it was found to belong to since. */
    private static Counts counts(Dataset<Row> checked, Contract contract) {
        Column good = size(col("broken")).equalTo(0);
        Column received = contract.received();
        Map<String, Column> sums = Quality.sums(contract, good.and(received));
        List<Column> more = new ArrayList<>();
        more.add(Quality.number(not(good).and(received)));
        more.add(contract.bitemporal() ? max(when(received, col("known_from"))) : lit(null));
        more.addAll(sums.values());
        Row counts = checked.agg(Quality.number(received), more.toArray(Column[]::new))
                .head();
        Map<String, Long> failed = new TreeMap<>();
        int at = 3;
        for (String rule : sums.keySet()) {
            failed.put(rule, counts.getLong(at++));
        }
        if (counts.getLong(1) > 0) {
            failed.putAll(Quality.broken(checked.where(received), "broken"));
        }
        return new Counts(
                counts.getLong(0), counts.getLong(1), counts.isNullAt(2) ? null : counts.getLocalDate(2), failed);
    }

    /**
     * Writes the ledger rows of what this run built or found unrecorded; nothing where the ledger holds them all. What was measured
     * comes first: a run that dies in between is not in the ledger, and is recorded again under the same number.
     */
    public void record() {
        if (ledger.isEmpty()) {
            return;
        }
        if (!metrics.isEmpty()) {
            lake.replace(
                    "dq_metrics",
                    lake.rows(metrics, "dq_metrics").coalesce(1),
                    "run_id = '" + run + "' and delivery is null",
                    Json.object().put("run", run).put("table", "dq_metrics").toString());
        }
        lake.replace(
                "runs",
                lake.rows(ledger, "runs").coalesce(1),
                "run_id = '" + run + "'",
                Json.object().put("run", run).put("table", "runs").toString());
    }

    private Dataset<Row> checked(Contract contract, Dataset<Row> rows) {
        // A record's versions are numbered after its broken ones are out, so that a broken correction never ends a good
        // version.
        return contract.bitemporal()
                ? rows.withColumn("broken", concat(col("unreadable"), contract.broken("version", "known_to")))
                : rows.withColumn("broken", contract.broken());
    }

    /** Sets broken rows aside, those of an earlier build included; returns how many there are. */
    private long setAside(
            String table,
            Contract contract,
            Dataset<Row> checked,
            Optional<Increment.Base> base,
            long read,
            Counts counts,
            ObjectNode identity) {
        long before = base.map(Increment.Base::quarantined).orElse(0L);
        if (counts.broken == 0 && (base.isPresent() || !(contract.bitemporal() && lake.hasQuarantine(table)))) {
            return before;
        }
        if (!contract.bitemporal()) {
            throw tooManyBroken(table, contract, checked, counts.broken, counts.rows);
        }
        Column[] record = contract.properties().stream()
                .filter(p -> !p.restricted())
                .map(Contract.Property::name)
                .filter(name -> List.of(checked.columns()).contains(name))
                .filter(name -> !LINKED.contains(name))
                .map(org.apache.spark.sql.functions::col)
                .toArray(Column[]::new);
        Dataset<Row> aside = checked.where(size(col("broken")).gt(0).and(contract.received()))
                .withColumn("table", lit(table))
                .withColumn("received_on", col("known_from"))
                .withColumn("record", to_json(struct(record)));
        long broken = counts.broken;
        if (base.isPresent()) {
            Dataset<Row> there = lake.readQuarantine(table);
            Dataset<Row> more = aside.join(there, new String[] {"delivery", "line"}, "left_anti");
            broken = there.count() + more.count();
            aside = there.unionByName(more.select(Contract.of("quarantine").columns()));
        }
        if (broken > read * contract.quarantineLimit()) {
            throw tooManyBroken(table, contract, checked, broken, read);
        }
        lake.replaceQuarantine(
                table, aside.coalesce(1).sortWithinPartitions("file", "line"), null, identity.toString());
        return broken;
    }

    private Refusal tooManyBroken(String table, Contract contract, Dataset<Row> checked, long broken, long read) {
        return new Refusal(
                Refusal.Exit.DATA,
                String.format(
                        Locale.ROOT,
                        "Cannot build %s for %s: %,d of %,d rows break its contract; it allows %.1f %%.%n%s%n"
                                + "Nothing was written. Correct the delivery, or teach %s to read it, and run the same command again.",
                        table,
                        asOf,
                        broken,
                        read,
                        contract.quarantineLimit() * 100,
                        reasons(checked),
                        table));
    }

    private static String reasons(Dataset<Row> checked) {
        return Quality.broken(checked, "broken").entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .limit(10)
                .map(rule -> String.format(Locale.ROOT, "     %,9d  %s", rule.getValue(), rule.getKey()))
                .collect(Collectors.joining("\n"));
    }

    /** What the rows of a build depend on; two builds of one identity have the same rows. */
    private ObjectNode identity(Table table, Map<String, Long> inputs) {
        Contract contract = Contract.of(table.name());
        ObjectNode identity = Json.object().put("table", table.name());
        if (contract.daily()) {
            identity.put("as_of", asOf.toString())
                    .put("known_at", knownAt.toString())
                    .put("policy", policy.version());
        }
        if (contract.custom("policy").filter("links"::equals).isPresent()) {
            identity.put("policy", policy.linksVersion());
        }
        if (contract.folder().equals("4-published")) {
            identity.put("lang", lang);
        }
        identity.put("contract", contract.version()).put("code", Code.VERSION);
        identity.set("inputs", Json.of(inputs));
        return identity;
    }

    private Optional<Outcome> stands(Table table, ObjectNode identity) {
        LocalDate day = slice(table, asOf);
        return lake.built(table.name(), day)
                .filter(build -> sameRows(build.told(), identity))
                .map(build -> {
                    Lake.Written there = lake.scan(table.name(), day);
                    return new Outcome(
                            table.name(),
                            false,
                            build.version(),
                            there.rows(),
                            build.told().path("quarantined").asLong(0),
                            duplicates(build.told(), there),
                            there.fingerprint(),
                            Measured.of(build.told()));
                });
    }

    /** How many records repeat another, of a table of whose records count is kept. */
    private static long duplicates(JsonNode told, Lake.Written there) {
        return told.has("read")
                ? told.get("read").asLong() - told.path("quarantined").asLong(0) - there.received()
                : 0;
    }

    private static boolean sameRows(JsonNode told, ObjectNode identity) {
        ObjectNode built = ((ObjectNode) told).deepCopy();
        built.remove(List.of("run", "quarantined", "frame", "read", "latest", "increment", "checked", "failed"));
        return built.equals(Json.read(identity.toString()));
    }

    private String slice(Contract contract) {
        return contract.daily() ? "as_of = '" + asOf + "'" : null;
    }

    private synchronized void note(Outcome outcome, Map<String, Long> inputs, Instant began) {
        outcomes.put(outcome.table(), outcome);
        if (!outcome.built() && inLedger(outcome)) {
            return;
        }
        outcome.measured()
                .failed()
                .forEach((rule, failed) -> metrics.add(Quality.built(
                        outcome.table(),
                        run,
                        asOf,
                        rule,
                        outcome.measured().checked(),
                        failed,
                        Contract.of(outcome.table()))));
        ledger.add(RowFactory.create(
                run,
                outcome.table(),
                outcome.version(),
                asOf,
                knownAt,
                command,
                outcome.rows(),
                outcome.quarantined(),
                outcome.duplicates(),
                outcome.fingerprint(),
                Json.of(inputs).toString(),
                policy.version(),
                Contract.of(outcome.table()).version(),
                System.getProperty("user.name"),
                host(),
                started,
                BigDecimal.valueOf(clock.instant().toEpochMilli() - began.toEpochMilli())
                        .divide(BigDecimal.valueOf(1000), 3, RoundingMode.HALF_UP)));
    }

    private boolean inLedger(Outcome outcome) {
        if (recorded == null) {
            recorded = new HashMap<>();
            lake.read("runs")
                    .select("table", "version")
                    .collectAsList()
                    .forEach(r -> recorded.put(r.getString(0) + " " + r.getLong(1), true));
        }
        return recorded.containsKey(outcome.table() + " " + outcome.version());
    }

    /** Table → run, version, rows, duplicates and fingerprint, as the newest run that built it wrote them down. */
    private static Map<String, Row> newest(Lake lake) {
        return lake
                .read("runs")
                .groupBy("table")
                .agg(max(struct("run_id", "version", "rows", "duplicates", "fingerprint")))
                .collectAsList()
                .stream()
                .collect(Collectors.toMap(row -> row.getString(0), row -> row.getStruct(1)));
    }

    private String nextRun() {
        int last = newest.values().stream()
                .mapToInt(row -> Integer.parseInt(row.getString(0).substring(1)))
                .max()
                .orElse(0);
        return String.format(Locale.ROOT, "r%06d", last + 1);
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }
}
