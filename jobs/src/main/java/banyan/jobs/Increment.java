package banyan.jobs;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import banyan.jobs.conform.EntityKeys;
import banyan.jobs.conform.Linked;
import banyan.jobs.conform.Links;
import banyan.jobs.conform.Versions;
import banyan.schemas.Contract;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
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
 *   <li>identities: all, for they are few; what moved in them is noted.
 *   <li>entities: the registrations delivered since, and those of all enterprises that identities name.
 *   <li>entity_keys: the keys that an entity with a new version bears or bore; entity_traits: those entities.
 *   <li>links: parties that a record delivered since speaks of, and those that share a key with an entity whose traits changed;
 *       whole where a person decided on any, or the register has another size in bits.
 *   <li>A day's table that is carried ({@link Table.Carry}): entities of whose records one was taken in, superseded, linked elsewhere,
 *       happened, was repaired or crossed a boundary of the policy since the day before, or of which a row of a day's table that is
 *       built whole differs in what is read of it.
 * </ul>
 */
final class Increment {
    /** Above this share of a table's records, or of the versions of entities, the whole is built: that has fewer steps. */
    private static final double MOST = 0.2;

    /** So many commits back an earlier day is looked for. */
    private static final int COMMITS = 40;

    /** Above so many new records, parties or keys of enterprises that changed, what is said of parties is worked out whole. */
    private static final long PARTIES = 500_000;

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

    /**
     * Entities, or keys, of which a row of a table is another now than in the version {@code from}.
     *
     * @param borne of entities the keys that those rows bear or bore; null of other tables
     */
    private record Moved(long from, Dataset<Row> ids, Dataset<Row> borne) {}

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
     * @param few whether so little is left to read that the rows made of it fit in the driver's memory
     * @param files how many files its rows lie in; 0 where that follows from their number
     * @param merge puts the rows made of them in their place among the others, and notes what moved; called before anything is written
     */
    record Base(
            Inputs narrowed,
            long read,
            long quarantined,
            long taken,
            LocalDate latest,
            boolean few,
            int files,
            UnaryOperator<Dataset<Row>> merge) {
        /** Of a table of whose records nobody keeps count. */
        static Base of(Inputs narrowed, boolean few, Dataset<Row> old, UnaryOperator<Dataset<Row>> merge) {
            return new Base(narrowed, 0, 0, 0, null, few, old.inputFiles().length, merge);
        }
    }

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
        if (!contract.conformed() || isOfNoEntity(contract)) {
            return Optional.empty();
        }
        Optional<JsonNode> last = last(table.name());
        if (last.isEmpty() || !alike(last.get(), identity, "contract", "code", "policy")) {
            return Optional.empty();
        }
        JsonNode from = last.get().get("inputs");
        return switch (table.name()) {
            case "identities" -> identities(table.name(), last.get(), inputs);
            case "entities" ->
                keysMoved(List.of("identities"), from, identity.get("inputs"))
                        .flatMap(moved -> conformed(
                                table, "raw_registrations", from, last.get(), moved.map(m -> named()), inputs));
            case "entity_keys" -> keys(table.name(), from, last.get(), inputs);
            case "entity_traits" -> traits(table.name(), from, last.get(), inputs);
            case "links" -> links(table, from, identity.get("inputs"), last.get(), inputs);
            default -> {
                String raw = table.reads().stream()
                        .filter(t -> t.startsWith("raw_"))
                        .findFirst()
                        .orElseThrow();
                yield keysMoved(List.of("entity_keys", "links"), from, identity.get("inputs"))
                        .flatMap(keys -> conformed(
                                table,
                                raw,
                                from,
                                last.get(),
                                keys.map(k -> lake.aside(Linked.affected(
                                        table.name(), lake.read(table.name()), lake.read(raw), lake.read("links"), k))),
                                inputs));
            }
        };
    }

    /** What people decided is little, and who complained is read as it is: of no entity, these are built whole. */
    private static boolean isOfNoEntity(Contract contract) {
        return contract.bitemporal() && !contract.columnNames().contains("entity_id");
    }

    private Optional<Base> identities(String table, JsonNode last, Inputs inputs) {
        Dataset<Row> old = lake.read(table);
        UnaryOperator<Dataset<Row>> merge = fresh -> {
            note(table, last, enterprises(differing(old, fresh.select(columns(old)))), null);
            return fresh;
        };
        return Optional.of(Base.of(inputs, true, old, merge));
    }

    /** The enterprises that rows of identities name. */
    private static Dataset<Row> enterprises(Dataset<Row> identities) {
        return identities
                .selectExpr("explode(array(entity_id, before)) entity_id")
                .where("entity_id is not null");
    }

    /** {@code row_hash} of the registrations of all enterprises that identities name. */
    private Dataset<Row> named() {
        Dataset<Row> enterprises = enterprises(lake.read("identities")).distinct();
        return lake.aside(lake.read("entities")
                .join(broadcast(enterprises), "entity_id", "left_semi")
                .select("row_hash")
                .distinct());
    }

    /** @param led {@code row_hash} of records that may belong to another entity than before; empty for none */
    private Optional<Base> conformed(
            Table table, String raw, JsonNode from, JsonNode last, Optional<Dataset<Row>> led, Inputs inputs) {
        Optional<Dataset<Row>> added = lake.added(raw, from.get(raw).asLong());
        if (added.isEmpty()) {
            return Optional.empty();
        }
        LocalDate latest = LocalDate.parse(last.get("latest").asString());
        long read = last.get("read").asLong();
        Row arrived =
                added.get().selectExpr("count(received_on)", "min(received_on)").head();
        boolean later = arrived.isNullAt(1) || arrived.getLocalDate(1).isAfter(latest);
        if (!later || arrived.getLong(0) > read * MOST) {
            return Optional.empty();
        }
        Dataset<Row> old = lake.read(table.name());
        Dataset<Row> all = lake.read(raw);
        long elsewhere = led.map(Dataset::count).orElse(0L);
        if (elsewhere > read * MOST) {
            return Optional.empty();
        }
        Optional<Dataset<Row>> relinked = led.filter(hashes -> elsewhere > 0);
        Dataset<Row> left = relinked.map(hashes -> all.join(broadcast(hashes), "row_hash", "left_semi")
                        .unionByName(added.get().join(broadcast(hashes), "row_hash", "left_anti")))
                .orElse(added.get());
        UnaryOperator<Dataset<Row>> merge = fresh -> {
            Dataset<Row> named = fresh.select("record_id");
            Dataset<Row> records = lake.aside(relinked.map(hashes -> named.union(
                            old.join(broadcast(hashes), "row_hash", "left_semi").select("record_id")))
                    .orElse(named)
                    .distinct());
            Dataset<Row> before = lake.aside(old.join(broadcast(records), "record_id", "left_semi"));
            boolean linked = !Contract.of(table.name()).linked().isEmpty();
            Dataset<Row> alone = linked ? before.withColumn("until", lit(null).cast("date")) : before;
            Dataset<Row> stay = relinked.or(
                            () -> linked && wandered(before, old) ? Optional.of(old.limit(0)) : Optional.empty())
                    .map(hashes -> again(table, raw, before, hashes, latest, inputs)
                            .join(broadcast(records), "record_id", "left_semi"))
                    .orElse(alone);
            Column[] columns = columns(alone.drop("version", "known_to"));
            Dataset<Row> after =
                    lake.aside(Versions.of(stay.select(columns).unionByName(fresh.select(columns)), false));
            Dataset<Row> changed = differing(before, after.select(columns(before)));
            note(table.name(), last, changed.select("entity_id"), borne(table, changed, before, after));
            return old.join(broadcast(records), "record_id", "left_anti").unionByName(after.select(columns(old)));
        };
        return Optional.of(new Base(
                inputs.with(raw, left),
                read,
                last.get("quarantined").asLong(),
                arrived.getLong(0),
                latest,
                arrived.getLong(0) + elsewhere <= Lake.FEW,
                0,
                merge));
    }

    /**
     * Whether a row of some records ever belonged to another enterprise too, so that their states cannot be told from their rows
     * alone: one that did not stand when it came is not among them.
     *
     * @param records all rows of some records of the table {@code old}
     */
    private static boolean wandered(Dataset<Row> records, Dataset<Row> old) {
        Dataset<Row> hashes = broadcast(records.select("row_hash").distinct());
        Dataset<Row> next = records.select(col("record_id"), col("known_from").as("known_to"));
        return !old.join(hashes, "row_hash", "left_semi")
                        .where("known_from > received_on")
                        .isEmpty()
                || !records.where("known_to > known_from")
                        .join(next, new String[] {"record_id", "known_to"}, "left_anti")
                        .isEmpty();
    }

    /** The keys that enterprises of which a row changed bear or bore; null of other tables. */
    private Dataset<Row> borne(Table table, Dataset<Row> changed, Dataset<Row> before, Dataset<Row> after) {
        if (!table.name().equals("entities")) {
            return null;
        }
        Dataset<Row> rows = before.unionByName(after.select(columns(before)))
                .join(broadcast(changed.select("entity_id").distinct()), "entity_id", "left_semi");
        return lake.aside(EntityKeys.keysOf(rows).select("key").distinct());
    }

    /**
     * The rows of chains that a relinked record may join or leave, made anew: a repeat that was left out of such a chain may be none in
     * it now.
     */
    private Dataset<Row> again(
            Table table, String raw, Dataset<Row> chains, Dataset<Row> elsewhere, LocalDate latest, Inputs inputs) {
        Dataset<Row> stay =
                lake.aside(chains.select("row_hash").distinct().join(broadcast(elsewhere), "row_hash", "left_anti"));
        Dataset<Row> delivered = lake.read(raw)
                .where(col("received_on").leq(lit(latest)))
                .join(broadcast(stay), "row_hash", "left_semi");
        return table.rows().apply(inputs.with(raw, delivered));
    }

    private Optional<Base> keys(String table, JsonNode from, JsonNode last, Inputs inputs) {
        Moved entities = moved("entities", from).orElse(null);
        if (entities == null) {
            return Optional.empty();
        }
        Dataset<Row> now = lake.read("entities");
        // What a record of the register stood for bears its keys later: those are taken together.
        Dataset<Row> passing =
                now.join(broadcast(enterprises(lake.read("identities")).distinct()), "entity_id", "left_semi");
        Dataset<Row> borne = lake.aside(
                entities.borne.union(EntityKeys.keysOf(passing).select("key")).distinct());
        Dataset<Row> bearers = EntityKeys.keysOf(now)
                .join(broadcast(borne), "key", "left_semi")
                .select("entity_id")
                .union(passing.select("entity_id"))
                .distinct();
        Dataset<Row> old = lake.read(table);
        UnaryOperator<Dataset<Row>> merge = fresh -> {
            Dataset<Row> before = lake.aside(old.join(broadcast(borne), "key", "left_semi"));
            Dataset<Row> after = lake.aside(fresh.join(broadcast(borne), "key", "left_semi"));
            note(table, last, differing(before, after.select(columns(before))).select("key"), null);
            return old.join(broadcast(borne), "key", "left_anti").unionByName(after, true);
        };
        return Optional.of(Base.of(
                inputs.with("entities", now.join(broadcast(bearers), "entity_id", "left_semi")), false, old, merge));
    }

    private Optional<Base> traits(String table, JsonNode from, JsonNode last, Inputs inputs) {
        Moved entities = moved("entities", from).orElse(null);
        if (entities == null) {
            return Optional.empty();
        }
        Dataset<Row> ids = broadcast(entities.ids);
        Dataset<Row> old = lake.read(table);
        UnaryOperator<Dataset<Row>> merge = fresh -> {
            Dataset<Row> before = lake.aside(old.join(ids, "entity_id", "left_semi"));
            note(table, last, differing(before, fresh.select(columns(before))).selectExpr("explode(keys) key"), null);
            return old.join(ids, "entity_id", "left_anti").unionByName(fresh.select(columns(old)));
        };
        return Optional.of(Base.of(
                inputs.with("entities", lake.read("entities").join(ids, "entity_id", "left_semi")), true, old, merge));
    }

    private Optional<Base> links(Table table, JsonNode from, JsonNode to, JsonNode last, Inputs inputs) {
        Optional<Optional<Dataset<Row>>> keys = keysMoved(List.of("entity_traits"), from, to);
        boolean decided = from.path("link_decisions").asLong(-1)
                != to.path("link_decisions").asLong(-1);
        if (keys.isEmpty() || decided) {
            return Optional.empty();
        }
        Map<String, Dataset<Row>> said = new TreeMap<>();
        for (String raw : table.reads()) {
            if (raw.startsWith("raw_")) {
                lake.added(raw, from.get(raw).asLong()).ifPresent(rows -> said.put(raw, rows));
            }
        }
        long raws = table.reads().stream().filter(t -> t.startsWith("raw_")).count();
        long arrived = said.values().stream().mapToLong(Dataset::count).sum();
        if (said.size() < raws || arrived > PARTIES) {
            return Optional.empty();
        }
        Dataset<Row> old = lake.read(table.name());
        BigDecimal prior = BigDecimal.valueOf(Links.prior(lake.read("entity_traits"), inputs.links()))
                .setScale(2, RoundingMode.HALF_UP);
        // Without candidates the prior decides nothing.
        boolean grown = !old.where("known_to is null and candidates > 0")
                .where(col("prior_bits").notEqual(lit(prior)))
                .isEmpty();
        boolean many = keys.get().map(Dataset::count).orElse(0L) > PARTIES;
        if (grown || many) {
            return Optional.empty();
        }
        Dataset<Row> again =
                keys.get().map(moved -> lake.aside(Links.touched(old, moved))).orElse(old.limit(0));
        if (again.count() > PARTIES) {
            return Optional.empty();
        }
        UnaryOperator<Dataset<Row>> merge = fresh -> {
            Dataset<Row> spoken = broadcast(fresh.select("party", "day").distinct());
            Dataset<Row> before = lake.aside(old.join(spoken, new String[] {"party", "day"}, "left_semi"));
            note(
                    table.name(),
                    last,
                    differing(before, fresh.select(columns(before)))
                            .select(Links.key().as("key")),
                    null);
            return old.join(spoken, new String[] {"party", "day"}, "left_anti").unionByName(fresh.select(columns(old)));
        };
        return Optional.of(Base.of(inputs.with(said, again), true, old, merge));
    }

    /** Rows that are in one of two and not in the other. */
    private static Dataset<Row> differing(Dataset<Row> before, Dataset<Row> after) {
        return before.except(after).union(after.except(before));
    }

    private Optional<Base> carried(Table table, JsonNode identity, Inputs inputs) {
        return before(table, identity).flatMap(day -> {
            Optional<Dataset<Row>> entities = touched(table, day, inputs);
            return entities.map(e -> {
                Dataset<Row> slice = lake.read(table.name(), day);
                Dataset<Row> others =
                        slice.join(broadcast(e), "entity_id", "left_anti").drop(Inputs.STAMPS.toArray(String[]::new));
                Dataset<Row> over = inputs.stamped(others);
                return Base.of(
                        inputs.of(e),
                        e.count() <= Lake.FEW / 10, // of whom each may have that many rows
                        slice,
                        fresh -> over.unionByName(fresh.select(columns(over))));
            });
        });
    }

    private static Column[] columns(Dataset<Row> rows) {
        return Stream.of(rows.columns())
                .map(org.apache.spark.sql.functions::col)
                .toArray(Column[]::new);
    }

    /** The newest earlier day under the same rules, whose inputs are those of now or known to lead to them. */
    private Optional<LocalDate> before(Table table, JsonNode identity) {
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
                    && alike(found, identity, "contract", "code", "policy", "frame")
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
                boolean follows = Pipeline.table(read).carry() == null || here != null && here.before.equals(day);
                return follows && sliceVersion(read, day) == then;
            }
            return then == identity.path("inputs").path(read).asLong(-2)
                    || moved(read, found.path("inputs")).isPresent()
                    || differ(read, then);
        });
    }

    private long sliceVersion(String table, LocalDate day) {
        return lake.built(table, day).map(Lake.Build::version).orElse(-1L);
    }

    private static boolean sliced(String table) {
        return Contract.of(table).daily();
    }

    /** Empty where so many are touched that the whole is built. */
    private Optional<Dataset<Row>> touched(Table table, LocalDate before, Inputs inputs) {
        LocalDate knownBefore = knownAt(table.name(), before);
        Dataset<Row> ids = null;
        for (String read : table.reads().stream().sorted().toList()) {
            Dataset<Row> here = !sliced(read)
                    ? happened(read, before, knownBefore)
                    : Pipeline.table(read).carry() == null
                            ? changed(read, before, table.carry().seen().apply(inputs, read))
                            : touched.get(read).entities;
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

    /** Entities of which a row of a day's table that is built whole is another in some columns than it was on an earlier day. */
    private Dataset<Row> changed(String table, LocalDate before, List<String> seen) {
        Column[] columns = Stream.of(List.of("entity_id"), Contract.of(table).keys(), seen)
                .flatMap(List::stream)
                .distinct()
                .filter(column -> !Inputs.STAMPS.contains(column))
                .map(org.apache.spark.sql.functions::col)
                .toArray(Column[]::new);
        return differing(
                        lake.read(table, before).select(columns),
                        lake.read(table, asOf).select(columns))
                .select("entity_id");
    }

    private LocalDate knownAt(String table, LocalDate day) {
        return lake.built(table, day)
                .map(build -> LocalDate.parse(build.told().get("known_at").asString()))
                .orElseThrow(() -> new IllegalStateException(table + " has no commit of " + day));
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

    /**
     * The keys of some tables that lead elsewhere since a table was built that read them; an empty inner one where none does, an empty
     * outer one where that is unknown.
     */
    private Optional<Optional<Dataset<Row>>> keysMoved(List<String> tables, JsonNode from, JsonNode to) {
        Dataset<Row> keys = null;
        for (String table : tables) {
            long then = from.path(table).asLong(-1);
            if (then == to.path(table).asLong(-1)) {
                continue;
            }
            Optional<Moved> here = moved(table, from);
            if (here.isEmpty()) {
                return Optional.empty();
            }
            keys = keys == null ? here.get().ids : keys.union(here.get().ids);
        }
        return Optional.of(Optional.ofNullable(keys));
    }

    /** What moved in a table since the version that another was built on; empty where that is unknown. */
    private Optional<Moved> moved(String table, JsonNode from) {
        return Optional.ofNullable(moved.get(table))
                .filter(m -> m.from == from.path(table).asLong(-1));
    }

    /**
     * Where another run built a table, as when a scheduler runs the stages one by one: notes the entities that have another row now than
     * in a version, by the two versions themselves. False where that cannot be told.
     */
    private boolean differ(String table, long then) {
        if (moved.containsKey(table) || !Contract.of(table).columnNames().contains("entity_id")) {
            return false;
        }
        Optional<Dataset<Row>> before = lake.read(table, then);
        before.ifPresent(rows -> moved.put(
                table,
                new Moved(
                        then,
                        lake.aside(differing(prints(rows), prints(lake.read(table)))
                                .select("entity_id")
                                .distinct()),
                        null)));
        return before.isPresent();
    }

    /** The entity of each row, and what stands for the rest of it. */
    private static Dataset<Row> prints(Dataset<Row> rows) {
        return rows.select(col("entity_id"), xxhash64(columns(rows)).as("print"));
    }

    private void note(String table, JsonNode last, Dataset<Row> ids, Dataset<Row> borne) {
        moved.put(table, new Moved(last.get("version").asLong(), lake.aside(ids.distinct()), borne));
    }

    /** What the newest build of a table said of itself, and its version. */
    private Optional<JsonNode> last(String table) {
        return lake.built(table, null).map(build -> ((ObjectNode) build.told()).put("version", build.version()));
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
