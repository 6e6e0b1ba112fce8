package banyan.jobs;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import banyan.jobs.conform.EntityKeys;
import banyan.jobs.conform.Links;
import banyan.jobs.conform.Versions;
import banyan.schemas.Contract;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Builds on what was built before: of each table only the rows that something happened to are worked out, the rest is taken over. What
 * it gives equals the full rebuild row for row; where that cannot be told beforehand, there is no base and the table is built whole.
 *
 * <ul>
 *   <li>A conformed table: the records delivered since, those that a changed key may lead to another entity, and all versions of either.
 *   <li>entity_keys: the keys that an entity with a new version bears or bore.
 *   <li>A day's table that is carried ({@link Table.Carry}): entities of whose records one was taken in, superseded, linked elsewhere,
 *       happened, was repaired or crossed a boundary of the policy since the day before.
 * </ul>
 */
final class Increment {
    /** Above this share of a table the whole is built: that has fewer steps. */
    private static final double MOST = 0.2;

    private static final int COMMITS = 40;

    private final Lake lake;
    private final LocalDate asOf;
    private final LocalDate knownAt;
    private final Map<String, Moved> moved = new ConcurrentHashMap<>();
    private final Map<String, Touched> touched = new ConcurrentHashMap<>();

    Increment(Lake lake, LocalDate asOf, LocalDate knownAt) {
        this.lake = lake;
        this.asOf = asOf;
        this.knownAt = knownAt;
    }

    /** Entities, or keys, of which a row of a table is another now than in the version {@code from}. */
    private record Moved(long from, Dataset<Row> ids) {}

    /** Entities whose rows of a day's table may differ from those of {@code before}. */
    private record Touched(LocalDate before, Dataset<Row> entities) {}

    /**
     * What a table is built on.
     *
     * @param narrowed what is left to read
     * @param read how many records the table was made of
     * @param quarantined how many of them were set aside
     * @param taken how many records are new among those that are left to read
     * @param latest the last day on which one of the others was received
     * @param files how many files its rows lie in; 0 where that follows from their number
     * @param merge puts the rows made of them in their place among the others
     * @param settle called after merge, before anything is written: notes what moved
     */
    record Base(
            Inputs narrowed,
            long read,
            long quarantined,
            long taken,
            LocalDate latest,
            int files,
            UnaryOperator<Dataset<Row>> merge,
            Runnable settle) {}

    /**
     * The base of a table in the build that its commit tells of; empty where it must be built whole.
     *
     * @param identity what the rows of the coming build depend on
     */
    Optional<Base> of(Table table, JsonNode identity, Inputs inputs) {
        if (table.carry() != null) {
            return carried(table, identity, inputs);
        }
        Contract contract = Contract.of(table.name());
        if (!contract.folder().equals("2-conformed")) {
            return Optional.empty();
        }
        Optional<JsonNode> last = last(table.name());
        if (last.isEmpty() || !alike(last.get(), identity, "contract", "code")) {
            return Optional.empty();
        }
        JsonNode from = last.get().get("inputs");
        JsonNode to = identity.get("inputs");
        if (!contract.bitemporal()) {
            return keys(table, from, last.get(), inputs);
        }
        String raw = table.reads().stream()
                .filter(t -> t.startsWith("raw_"))
                .findFirst()
                .orElseThrow();
        Optional<Dataset<Row>> keys = moved("entity_keys", from, to, table);
        return keys.flatMap(k -> conformed(table.name(), raw, from.get(raw).asLong(), last.get(), k, inputs));
    }

    private Optional<Base> conformed(
            String table, String raw, long from, JsonNode last, Dataset<Row> changedKeys, Inputs inputs) {
        Optional<Dataset<Row>> added = lake.added(raw, from);
        if (added.isEmpty()) {
            return Optional.empty();
        }
        Row arrived =
                added.get().selectExpr("count(received_on)", "min(received_on)").head();
        boolean later = arrived.isNullAt(1)
                || arrived.getLocalDate(1)
                        .isAfter(LocalDate.parse(last.get("latest").asString()));
        if (!later || arrived.getLong(0) > last.get("read").asLong() * MOST) {
            return Optional.empty();
        }
        Dataset<Row> old = lake.read(table);
        Dataset<Row> all = lake.read(raw);
        // Records alike are linked alike, those too that were left out as repeats.
        Dataset<Row> elsewhere = table.equals("entities")
                ? all.select("row_hash").limit(0)
                : lake.aside(Links.affected(old, all, changedKeys));
        boolean relinked = !table.equals("entities") && !elsewhere.isEmpty();
        Dataset<Row> left = relinked
                ? all.join(broadcast(elsewhere), "row_hash", "left_semi")
                        .unionByName(added.get().join(broadcast(elsewhere), "row_hash", "left_anti"))
                : added.get();
        Map<String, Dataset<Row>> ids = new HashMap<>();
        UnaryOperator<Dataset<Row>> merge = fresh -> {
            Dataset<Row> named = fresh.select("record_id");
            Dataset<Row> records = lake.aside((relinked
                            ? named.union(old.join(broadcast(elsewhere), "row_hash", "left_semi")
                                    .select("record_id"))
                            : named)
                    .distinct());
            Dataset<Row> before = lake.aside(old.join(broadcast(records), "record_id", "left_semi"));
            Dataset<Row> stay = (relinked ? before.join(broadcast(elsewhere), "row_hash", "left_anti") : before)
                    .drop("version", "known_to");
            Dataset<Row> after = lake.aside(Versions.of(stay.unionByName(fresh.select(columns(stay))), false));
            ids.put("moved", before.select("entity_id").union(after.select("entity_id")));
            return old.join(broadcast(records), "record_id", "left_anti").unionByName(after.select(columns(old)));
        };
        return Optional.of(new Base(
                inputs.with(raw, left),
                last.get("read").asLong(),
                last.get("quarantined").asLong(),
                arrived.getLong(0),
                LocalDate.parse(last.get("latest").asString()),
                0,
                merge,
                () -> note(table, last, ids.get("moved"))));
    }

    private Optional<Base> keys(Table table, JsonNode from, JsonNode last, Inputs inputs) {
        Moved entities = moved.get("entities");
        long since = from.path("entities").asLong(-1);
        if (entities == null || entities.from != since) {
            return Optional.empty();
        }
        Dataset<Row> now = lake.read("entities");
        Dataset<Row> borne = lake.aside(lake.read("entities", since)
                .join(broadcast(entities.ids), "entity_id", "left_semi")
                .transform(EntityKeys::keysOf)
                .union(now.join(broadcast(entities.ids), "entity_id", "left_semi")
                        .transform(EntityKeys::keysOf))
                .select("key")
                .distinct());
        Dataset<Row> bearers = EntityKeys.keysOf(now)
                .join(broadcast(borne), "key", "left_semi")
                .select("entity_id")
                .distinct();
        Dataset<Row> old = lake.read(table.name());
        Map<String, Dataset<Row>> ids = new HashMap<>();
        UnaryOperator<Dataset<Row>> merge = fresh -> {
            Dataset<Row> before = lake.aside(old.join(broadcast(borne), "key", "left_semi"));
            Dataset<Row> after = lake.aside(fresh.join(broadcast(borne), "key", "left_semi"));
            Dataset<Row> changed = before.select("key", "entity_id")
                    .except(after.select("key", "entity_id"))
                    .union(after.select("key", "entity_id").except(before.select("key", "entity_id")));
            ids.put("moved", changed.select("key"));
            return old.join(broadcast(borne), "key", "left_anti").unionByName(after, true);
        };
        return Optional.of(new Base(
                inputs.with("entities", now.join(broadcast(bearers), "entity_id", "left_semi")),
                0,
                0,
                0,
                null,
                old.inputFiles().length,
                merge,
                () -> note(table.name(), last, ids.get("moved"))));
    }

    private Optional<Base> carried(Table table, JsonNode identity, Inputs inputs) {
        String frame = table.carry().frame().apply(inputs);
        return before(table, identity, frame).flatMap(day -> {
            Optional<Dataset<Row>> entities = touched(table, day, inputs);
            return entities.map(e -> {
                Dataset<Row> slice = lake.read(table.name()).where(col("as_of").equalTo(lit(day)));
                Dataset<Row> others =
                        slice.join(broadcast(e), "entity_id", "left_anti").drop("as_of", "known_at", "policy_version");
                Dataset<Row> over = inputs.stamped(others);
                return new Base(
                        inputs.of(e),
                        0,
                        0,
                        0,
                        null,
                        slice.inputFiles().length,
                        fresh -> over.unionByName(fresh.select(columns(over))),
                        () -> {});
            });
        });
    }

    private static Column[] columns(Dataset<Row> rows) {
        return Stream.of(rows.columns())
                .map(org.apache.spark.sql.functions::col)
                .toArray(Column[]::new);
    }

    /** The newest earlier day under the same rules, whose inputs are those of now or known to lead to them. */
    private Optional<LocalDate> before(Table table, JsonNode identity, String frame) {
        Set<String> seen = new HashSet<>();
        Optional<LocalDate> newest = Optional.empty();
        int commits = 0;
        for (Lake.Commit commit : lake.commits(table.name())) {
            if (commits++ == COMMITS) {
                break;
            }
            if (commit.metadata().isEmpty()) {
                continue;
            }
            JsonNode found = Json.read(commit.metadata());
            String day = found.path("as_of").asString("");
            if (!seen.add(day) || day.isEmpty()) {
                continue;
            }
            LocalDate candidate = LocalDate.parse(day);
            boolean fits = candidate.isBefore(asOf)
                    && !LocalDate.parse(found.path("known_at").asString()).isAfter(knownAt)
                    && alike(found, identity, "contract", "code", "policy")
                    && frame.equals(found.path("frame").asString(null))
                    && leadsOn(table, found, identity, candidate);
            if (fits && newest.filter(candidate::isBefore).isEmpty()) {
                newest = Optional.of(candidate);
            }
        }
        return newest;
    }

    private boolean leadsOn(Table table, JsonNode found, JsonNode identity, LocalDate day) {
        return table.reads().stream().allMatch(read -> {
            long then = found.path("inputs").path(read).asLong(-1);
            if (sliced(read)) {
                Touched here = touched.get(read);
                return here != null && here.before.equals(day) && sliceVersion(read, day) == then;
            }
            return then == identity.path("inputs").path(read).asLong(-2)
                    || moved.containsKey(read) && moved.get(read).from == then;
        });
    }

    private long sliceVersion(String table, LocalDate day) {
        for (Lake.Commit commit : lake.commits(table)) {
            if (!commit.metadata().isEmpty()
                    && day.toString()
                            .equals(Json.read(commit.metadata()).path("as_of").asString(""))) {
                return commit.version();
            }
        }
        return -1;
    }

    private static boolean sliced(String table) {
        return Contract.of(table).custom("slice").filter("day"::equals).isPresent();
    }

    /** Empty where so many are touched that the whole is built. */
    private Optional<Dataset<Row>> touched(Table table, LocalDate before, Inputs inputs) {
        LocalDate knownBefore = knownAt(table.name(), before);
        Dataset<Row> ids = null;
        for (String read : table.reads().stream().sorted().toList()) {
            Dataset<Row> here = sliced(read) ? touched.get(read).entities : happened(read, before, knownBefore);
            Moved also = moved.get(read);
            here = also == null || sliced(read) ? here : here.union(also.ids);
            ids = ids == null ? here : ids.union(here);
        }
        Dataset<Row> crossing = table.carry().crossing().apply(inputs, before);
        ids = crossing == null ? ids : ids.union(crossing);
        Dataset<Row> entities = lake.aside(ids.where("entity_id is not null").distinct());
        if (entities.count() > MOST * lake.read("entities").count()) {
            return Optional.empty();
        }
        touched.put(table.name(), new Touched(before, entities));
        return Optional.of(entities);
    }

    private LocalDate knownAt(String table, LocalDate day) {
        for (Lake.Commit commit : lake.commits(table)) {
            JsonNode found = commit.metadata().isEmpty() ? Json.object() : Json.read(commit.metadata());
            if (day.toString().equals(found.path("as_of").asString(""))) {
                return LocalDate.parse(found.get("known_at").asString());
            }
        }
        throw new IllegalStateException(table + " has no commit of " + day);
    }

    /** Entities of records of which a clock passed since: received, superseded, happened or repaired. */
    private Dataset<Row> happened(String table, LocalDate before, LocalDate knownBefore) {
        Contract contract = Contract.of(table);
        Column passed = between("known_from", knownBefore, knownAt).or(between("known_to", knownBefore, knownAt));
        for (String clock : List.of("happened", "repaired")) {
            passed = contract.custom(clock)
                    .map(column -> between(column, before, asOf))
                    .map(passed::or)
                    .orElse(passed);
        }
        return lake.read(table).where(passed).select("entity_id");
    }

    private static Column between(String column, LocalDate after, LocalDate until) {
        return coalesce(col(column).gt(lit(after)).and(col(column).leq(lit(until))), lit(false));
    }

    /** What moved in a table since the version that another was made of; none where it is the same version; empty where unknown. */
    private Optional<Dataset<Row>> moved(String read, JsonNode from, JsonNode to, Table by) {
        if (!by.reads().contains(read)) {
            return Optional.of(lake.read(read).select("key").limit(0));
        }
        long then = from.path(read).asLong(-1);
        if (then == to.path(read).asLong(-2)) {
            return Optional.of(lake.read(read).select("key").limit(0));
        }
        return Optional.ofNullable(moved.get(read)).filter(m -> m.from == then).map(Moved::ids);
    }

    private void note(String table, JsonNode last, Dataset<Row> ids) {
        moved.put(table, new Moved(last.get("version").asLong(), lake.aside(ids.distinct())));
    }

    /** What the newest build of a table said of itself, and its version. */
    private Optional<JsonNode> last(String table) {
        for (Lake.Commit commit : lake.commits(table)) {
            if (!commit.metadata().isEmpty()) {
                ObjectNode told = (ObjectNode) Json.read(commit.metadata());
                return Optional.of(told.put("version", commit.version()));
            }
        }
        return Optional.empty();
    }

    private static boolean alike(JsonNode found, JsonNode identity, String... keys) {
        for (String key : keys) {
            if (!found.path(key).equals(identity.path(key))) {
                return false;
            }
        }
        return true;
    }
}
