package banyan.jobs;

import static banyan.jobs.Moved.columns;
import static banyan.jobs.Moved.differing;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Increment.Base;
import banyan.jobs.Increment.Merged;
import banyan.jobs.conform.EntityKeys;
import banyan.jobs.conform.Linked;
import banyan.jobs.conform.Links;
import banyan.jobs.conform.Versions;
import banyan.schemas.Contract;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What conformed tables are built on.
 *
 * <ul>
 *   <li>A table of records: the records delivered since, those that a changed key may lead to another entity, and all versions of
 *       either. Where all of them are new, they come to those that are there; where there are none, a commit without rows says so.
 *   <li>identities: all, for they are few; what moved in them is noted.
 *   <li>entities: the registrations delivered since, and those of all enterprises that identities name.
 *   <li>entity_keys: the keys that an entity with a new version bears or bore; entity_traits: those entities.
 *   <li>links: parties that a record delivered since speaks of, and those that share a key with an entity whose traits changed;
 *       whole where a person decided on any, or the register has another size in bits.
 * </ul>
 */
final class ConformedBases {
    /** Above so many new records, parties or keys of enterprises that changed, what is said of parties is worked out whole. */
    private static final long PARTIES = 500_000;

    private final Lake lake;
    private final Moved moved;

    ConformedBases(Lake lake, Moved moved) {
        this.lake = lake;
        this.moved = moved;
    }

    Optional<Base> of(Table table, JsonNode identity, Inputs inputs) {
        if (isOfNoEntity(Contract.of(table.name()))) {
            return Optional.empty();
        }
        Optional<JsonNode> built = last(table.name());
        if (built.isEmpty() || !Increment.alike(built.get(), identity, "contract", "code", "policy")) {
            return Optional.empty();
        }
        JsonNode last = built.get();
        JsonNode from = last.get("inputs");
        JsonNode to = identity.get("inputs");
        return switch (table.name()) {
            case "identities" -> Optional.of(identities(table.name(), last, inputs));
            case "entities" ->
                moved.since(List.of("identities"), from, to)
                        .flatMap(ids -> records(table, "raw_registrations", last, ids.map(any -> named()), inputs));
            case "entity_keys" ->
                moved.since(List.of("entities", "identities"), from, to)
                        .map(ids -> ids.isEmpty() ? standing(table, last) : keys(table.name(), last, inputs));
            case "entity_traits" ->
                moved.since(List.of("entities"), from, to)
                        .map(ids -> ids.map(some -> traits(table.name(), some, last, inputs))
                                .orElseGet(() -> standing(table, last)));
            case "links" ->
                moved.since(List.of("entity_traits"), from, to).flatMap(keys -> links(table, to, last, keys, inputs));
            default -> {
                String raw = table.reads().stream()
                        .filter(t -> t.startsWith("raw_"))
                        .findFirst()
                        .orElseThrow();
                yield moved.since(List.of("entity_keys", "links"), from, to)
                        .flatMap(keys -> records(table, raw, last, keys.map(k -> led(table.name(), raw, k)), inputs));
            }
        };
    }

    /** What people decided is little, and who complained is read as it is: of no entity, these are built whole. */
    private static boolean isOfNoEntity(Contract contract) {
        return contract.bitemporal() && !contract.columnNames().contains("entity_id");
    }

    /** What the newest build of a table said of itself, and its version. */
    private Optional<JsonNode> last(String table) {
        return lake.built(table, null).map(build -> ((ObjectNode) build.told()).put("version", build.version()));
    }

    private Base standing(Table table, JsonNode last) {
        moved.noteNone(table.name(), last);
        return Base.standing(last);
    }

    /** Of a table of whose records nobody keeps count. */
    private static Base uncounted(
            JsonNode last, Inputs narrowed, boolean few, Dataset<Row> old, Function<Dataset<Row>, Merged> merge) {
        return new Base(last, narrowed, 0, few, old.inputFiles().length, merge);
    }

    private Base identities(String table, JsonNode last, Inputs inputs) {
        Dataset<Row> old = lake.read(table);
        return uncounted(last, inputs, true, old, fresh -> {
            moved.note(table, last, enterprises(differing(old, fresh.select(columns(old)))), null);
            return Merged.all(fresh);
        });
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

    /** {@code row_hash} of the records that some keys may lead to another entity than before. */
    private Dataset<Row> led(String table, String raw, Dataset<Row> keys) {
        return lake.aside(Linked.affected(table, lake.read(table), lake.read(raw), lake.read("links"), keys));
    }

    /** @param led {@code row_hash} of records that may belong to another entity than before; empty for none */
    private Optional<Base> records(Table table, String raw, JsonNode last, Optional<Dataset<Row>> led, Inputs inputs) {
        Optional<Dataset<Row>> added =
                lake.added(raw, last.get("inputs").get(raw).asLong());
        if (added.isEmpty()) {
            return Optional.empty();
        }
        LocalDate latest = LocalDate.parse(last.get("latest").asString());
        long read = last.get("read").asLong();
        Row arrived =
                added.get().selectExpr("count(received_on)", "min(received_on)").head();
        boolean later = arrived.isNullAt(1) || arrived.getLocalDate(1).isAfter(latest);
        long elsewhere = led.map(Dataset::count).orElse(0L);
        if (!later || arrived.getLong(0) > read * Increment.MOST || elsewhere > read * Increment.MOST) {
            return Optional.empty();
        }
        if (arrived.getLong(0) == 0 && elsewhere == 0) {
            return Optional.of(standing(table, last));
        }
        Dataset<Row> old = lake.read(table.name());
        Optional<Dataset<Row>> relinked = led.filter(hashes -> elsewhere > 0);
        Dataset<Row> left = relinked.map(hashes -> lake.read(raw)
                        .join(broadcast(hashes), "row_hash", "left_semi")
                        .unionByName(added.get().join(broadcast(hashes), "row_hash", "left_anti")))
                .orElse(added.get());
        Function<Dataset<Row>, Merged> merge = fresh -> {
            Dataset<Row> named = fresh.select("record_id");
            Dataset<Row> records = lake.aside(relinked.map(hashes -> named.union(
                            old.join(broadcast(hashes), "row_hash", "left_semi").select("record_id")))
                    .orElse(named)
                    .distinct());
            Dataset<Row> before = lake.aside(old.join(broadcast(records), "record_id", "left_semi"));
            boolean linked = !Contract.of(table.name()).linked().isEmpty();
            Dataset<Row> alone = linked ? before.withColumn("until", lit(null).cast("date")) : before;
            boolean known = !before.isEmpty();
            boolean anew = known && (late(before, linked) || late(fresh, linked) || linked && wandered(before, old));
            Dataset<Row> stay = relinked.or(() -> anew ? Optional.of(old.limit(0)) : Optional.empty())
                    .map(hashes -> again(table, raw, before, hashes, latest, inputs)
                            .join(broadcast(records), "record_id", "left_semi"))
                    .orElse(alone);
            Column[] columns = columns(alone.drop("version", "known_to"));
            Dataset<Row> after =
                    lake.aside(Versions.of(stay.select(columns).unionByName(fresh.select(columns)), false));
            Dataset<Row> changed = differing(before, after.select(columns(before)));
            moved.note(table.name(), last, changed.select("entity_id"), borne(table, changed, before, after));
            Dataset<Row> placed = after.select(columns(old));
            return known
                    ? Merged.all(old.join(broadcast(records), "record_id", "left_anti")
                            .unionByName(placed))
                    : new Merged(placed, true);
        };
        return Optional.of(new Base(
                last,
                inputs.with(raw, left),
                arrived.getLong(0),
                arrived.getLong(0) + elsewhere <= Lake.FEW,
                0,
                merge));
    }

    /**
     * Whether a row of some records was set aside when it was delivered, and let through later: whether it counts hangs on when the
     * others of its record came, repeats too, which are not among their rows.
     */
    private static boolean late(Dataset<Row> records, boolean linked) {
        Column received = col(linked ? "received_on" : "known_from");
        return !records.where(Versions.delivered(received).lt(received)).isEmpty();
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
     * The rows of chains that a relinked record may join or leave, or a late one stand in, made anew: a repeat that was left out of such
     * a chain may be none in it now.
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

    private Base keys(String table, JsonNode last, Inputs inputs) {
        Dataset<Row> now = lake.read("entities");
        // What a record of the register stood for bears its keys later: those are taken together.
        Dataset<Row> passing =
                now.join(broadcast(enterprises(lake.read("identities")).distinct()), "entity_id", "left_semi");
        Dataset<Row> passed = EntityKeys.keysOf(passing).select("key");
        Dataset<Row> borne =
                lake.aside(moved.borne().map(passed::union).orElse(passed).distinct());
        Dataset<Row> bearers = EntityKeys.keysOf(now)
                .join(broadcast(borne), "key", "left_semi")
                .select("entity_id")
                .union(passing.select("entity_id"))
                .distinct();
        Dataset<Row> old = lake.read(table);
        return uncounted(
                last,
                inputs.with("entities", now.join(broadcast(bearers), "entity_id", "left_semi")),
                false,
                old,
                fresh -> {
                    Dataset<Row> before = lake.aside(old.join(broadcast(borne), "key", "left_semi"));
                    Dataset<Row> after = lake.aside(fresh.join(broadcast(borne), "key", "left_semi"));
                    moved.note(
                            table,
                            last,
                            differing(before, after.select(columns(before))).select("key"),
                            null);
                    return Merged.all(
                            old.join(broadcast(borne), "key", "left_anti").unionByName(after, true));
                });
    }

    private Base traits(String table, Dataset<Row> entities, JsonNode last, Inputs inputs) {
        Dataset<Row> ids = broadcast(entities);
        Dataset<Row> old = lake.read(table);
        return uncounted(
                last,
                inputs.with("entities", lake.read("entities").join(ids, "entity_id", "left_semi")),
                true,
                old,
                fresh -> {
                    Dataset<Row> before = lake.aside(old.join(ids, "entity_id", "left_semi"));
                    moved.note(
                            table,
                            last,
                            differing(before, fresh.select(columns(before))).selectExpr("explode(keys) key"),
                            null);
                    return Merged.all(old.join(ids, "entity_id", "left_anti").unionByName(fresh.select(columns(old))));
                });
    }

    /** @param keys of enterprises whose traits moved; empty for none */
    private Optional<Base> links(Table table, JsonNode to, JsonNode last, Optional<Dataset<Row>> keys, Inputs inputs) {
        JsonNode from = last.get("inputs");
        if (from.path("link_decisions").asLong(-1) != to.path("link_decisions").asLong(-1)) {
            return Optional.empty();
        }
        Map<String, Dataset<Row>> said = new TreeMap<>();
        long arrived = 0;
        for (String raw : table.reads()) {
            if (raw.startsWith("raw_")) {
                Optional<Dataset<Row>> added = lake.added(raw, from.get(raw).asLong());
                if (added.isEmpty()) {
                    return Optional.empty();
                }
                said.put(raw, added.get());
                arrived += from.get(raw).asLong() == to.get(raw).asLong()
                        ? 0
                        : added.get().count();
            }
        }
        if (arrived == 0 && keys.isEmpty()) {
            return Optional.of(standing(table, last));
        }
        if (arrived > PARTIES || keys.map(Dataset::count).orElse(0L) > PARTIES) {
            return Optional.empty();
        }
        Dataset<Row> old = lake.read(table.name());
        BigDecimal prior = BigDecimal.valueOf(Links.prior(lake.read("entity_traits"), inputs.links()))
                .setScale(2, RoundingMode.HALF_UP);
        // Without candidates the prior decides nothing.
        boolean grown = !old.where("known_to is null and candidates > 0")
                .where(col("prior_bits").notEqual(lit(prior)))
                .isEmpty();
        if (grown) {
            return Optional.empty();
        }
        Dataset<Row> again =
                keys.map(some -> lake.aside(Links.touched(old, some))).orElse(old.limit(0));
        if (again.count() > PARTIES) {
            return Optional.empty();
        }
        return Optional.of(uncounted(last, inputs.with(said, again), true, old, fresh -> {
            Dataset<Row> spoken = broadcast(fresh.select("party", "day").distinct());
            Dataset<Row> before = lake.aside(old.join(spoken, new String[] {"party", "day"}, "left_semi"));
            moved.note(
                    table.name(),
                    last,
                    differing(before, fresh.select(columns(before)))
                            .select(Links.key().as("key")),
                    null);
            return Merged.all(old.join(spoken, new String[] {"party", "day"}, "left_anti")
                    .unionByName(fresh.select(columns(old))));
        }));
    }
}
