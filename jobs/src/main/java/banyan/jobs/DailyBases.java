package banyan.jobs;

import static banyan.jobs.Moved.columns;
import static banyan.jobs.Moved.differing;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Increment.Base;
import banyan.jobs.Increment.Merged;
import banyan.schemas.Contract;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import tools.jackson.databind.JsonNode;

/**
 * What tables are built on of which each day is carried over from the one before ({@link Table.Carry}): worked out are the entities of
 * whose records one was taken in, superseded, linked elsewhere, happened, was repaired, ended or crossed a boundary of the policy since, or of
 * which a row of a day's table that this run did not carry differs in what is read of it.
 */
final class DailyBases {
    /** So many commits back an earlier day is looked for. */
    private static final int COMMITS = 40;

    /** A day touches some three entities in a hundred: of more, they are most likely more than {@link Lake#FEW}. */
    private static final long MANY = 33L * Lake.FEW;

    private final Lake lake;
    private final Moved moved;
    private final LocalDate asOf;
    private final LocalDate knownAt;
    private final Map<String, Touched> touched = new ConcurrentHashMap<>();

    DailyBases(Lake lake, Moved moved, LocalDate asOf, LocalDate knownAt) {
        this.lake = lake;
        this.moved = moved;
        this.asOf = asOf;
        this.knownAt = knownAt;
    }

    /** Entities, each once, whose rows of a day's table may differ from those of {@code before}. */
    private record Touched(LocalDate before, Dataset<Row> entities, long count) {}

    Optional<Base> of(Table table, JsonNode identity, Inputs inputs) {
        return before(table, identity)
                .flatMap(day -> touched(table, day, inputs).map(t -> {
                    Dataset<Row> slice = lake.read(table.name(), day);
                    Dataset<Row> others =
                            unstamped(slice).join(broadcast(t.entities), new String[] {"entity_id"}, "left_anti");
                    return new Base(
                            Json.object(),
                            inputs.of(t.entities),
                            0,
                            t.count <= Lake.FEW / 10, // of whom each may have that many rows
                            slice.inputFiles().length,
                            fresh -> Merged.all(inputs.stamped(table.carry()
                                    .whole()
                                    .apply(others.unionByName(unstamped(fresh).select(columns(others)))))));
                }));
    }

    private static Dataset<Row> unstamped(Dataset<Row> rows) {
        return rows.drop(Inputs.STAMPS.toArray(String[]::new));
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
                    && Increment.alike(found, identity, "contract", "code", "policy", "lang", "frame")
                    && leadsOn(table, found, identity, candidate);
            if (fits && newest.filter(candidate::isBefore).isEmpty()) {
                newest = Optional.of(candidate);
            }
        }
        return newest;
    }

    private boolean leadsOn(Table table, JsonNode found, JsonNode identity, LocalDate day) {
        JsonNode inputs = found.path("inputs");
        return table.reads().stream().allMatch(read -> {
            long then = inputs.path(read).asLong(-1);
            if (sliced(read)) {
                return sliceVersion(read, day) == then;
            }
            return then == identity.path("inputs").path(read).asLong(-2)
                    || moved.known(read, inputs)
                    || moved.differ(read, then);
        });
    }

    private long sliceVersion(String table, LocalDate day) {
        return lake.built(table, day).map(Lake.Build::version).orElse(-1L);
    }

    private static boolean sliced(String table) {
        return Contract.of(table).daily();
    }

    /** Empty where so many are touched that the whole is built. */
    private Optional<Touched> touched(Table table, LocalDate before, Inputs inputs) {
        LocalDate knownBefore = knownAt(table.name(), before);
        Dataset<Row> ids = null;
        for (String read : table.reads().stream().sorted().toList()) {
            Dataset<Row> here = !sliced(read)
                    ? happened(read, before, knownBefore)
                    : carried(read, before)
                            ? touched.get(read).entities
                            : changed(read, before, table.carry().seen().apply(inputs, read));
            Dataset<Row> all =
                    sliced(read) ? here : moved.of(read).map(here::union).orElse(here);
            ids = ids == null ? all : ids.union(all);
        }
        Dataset<Row> crossing = table.carry().crossing().apply(inputs, before);
        ids = crossing == null ? ids : ids.union(crossing);
        long versions = lake.read("entities").count();
        Dataset<Row> each = ids.where("entity_id is not null").distinct();
        Dataset<Row> entities = versions > MANY ? lake.staged(each) : lake.aside(each);
        Touched here = new Touched(before, entities, entities.count());
        if (here.count > Increment.MOST * versions) {
            return Optional.empty();
        }
        touched.put(table.name(), here);
        return Optional.of(here);
    }

    /** Whether this run carried a table over from that very day: only then is it known whom it worked out anew. */
    private boolean carried(String table, LocalDate before) {
        Touched here = touched.get(table);
        return here != null && here.before.equals(before);
    }

    /** Entities of which a row of a day's table is another in some columns than it was on an earlier day. */
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

    /** Entities of records of which a clock passed since: received, superseded, happened, repaired or ended. */
    private Dataset<Row> happened(String table, LocalDate before, LocalDate knownBefore) {
        Contract contract = Contract.of(table);
        Column passed = between("known_from", knownBefore, knownAt).or(between("known_to", knownBefore, knownAt));
        for (String clock : List.of("happened", "repaired", "ended")) {
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
}
