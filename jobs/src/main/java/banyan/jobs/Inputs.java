package banyan.jobs;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;

import banyan.models.Index;
import banyan.models.LinkModel;
import banyan.models.Plan;
import banyan.models.Policy;
import banyan.models.Specialised;
import banyan.models.Term;
import banyan.schemas.Contract;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/** What a table may read to be built for a day: only the tables it declares, and only what was known. */
public final class Inputs {
    private static final long LITTLE = 4 << 20;

    static final List<String> STAMPS = List.of("as_of", "known_at", "policy_version");

    private final Lake lake;
    private final Set<String> declared;
    private final LocalDate asOf;
    private final LocalDate knownAt;
    private final Policy policy;
    private final String lang;
    private final Narrowed narrowed;
    private final AtomicReference<Set<String>> delivered; // shared by all that are the same with less
    private final List<Dataset<Row>> kept; // shared likewise

    /**
     * @param declared the tables that may be read
     * @param asOf the day that is spoken of
     * @param knownAt nothing received after it is seen
     */
    public Inputs(Lake lake, Set<String> declared, LocalDate asOf, LocalDate knownAt, Policy policy, String lang) {
        this(
                lake,
                declared,
                asOf,
                knownAt,
                policy,
                lang,
                new Narrowed(Map.of(), null, null),
                new AtomicReference<>(),
                new ArrayList<>());
    }

    private Inputs(
            Lake lake,
            Set<String> declared,
            LocalDate asOf,
            LocalDate knownAt,
            Policy policy,
            String lang,
            Narrowed narrowed,
            AtomicReference<Set<String>> delivered,
            List<Dataset<Row>> kept) {
        this.lake = lake;
        this.declared = declared;
        this.asOf = asOf;
        this.knownAt = knownAt;
        this.policy = policy;
        this.lang = lang;
        this.narrowed = narrowed;
        this.delivered = delivered;
        this.kept = kept;
    }

    /**
     * Less than all.
     *
     * @param tables table → the rows of it that are read
     * @param entities one row for each entity_id that is read of any other table; null for all
     * @param again rows of the table that is built; null for none
     */
    private record Narrowed(Map<String, Dataset<Row>> tables, Dataset<Row> entities, Dataset<Row> again) {}

    /** The same, with only these rows of a table. */
    public Inputs with(String table, Dataset<Row> rows) {
        return with(Map.of(table, rows), null);
    }

    /**
     * The same, with only these rows of some tables.
     *
     * @param again rows of the table that is built that are to be worked out again; null for none
     */
    Inputs with(Map<String, Dataset<Row>> tables, Dataset<Row> again) {
        Map<String, Dataset<Row>> all = new HashMap<>(narrowed.tables);
        all.putAll(tables);
        return less(new Narrowed(all, narrowed.entities, again));
    }

    private Inputs less(Narrowed to) {
        return new Inputs(lake, declared, asOf, knownAt, policy, lang, to, delivered, kept);
    }

    /** The same, with only the rows of some entities, each named once and few enough to be sent to every core. */
    Inputs of(Dataset<Row> entities) {
        return only(broadcast(entities));
    }

    /** The same, with only the rows of some entities, however many; each named once. */
    public Inputs only(Dataset<Row> entities) {
        return less(new Narrowed(narrowed.tables, entities, null));
    }

    /** Rows that are read more than once for the table, worked out once and kept until it is built. */
    public Dataset<Row> kept(Dataset<Row> rows) {
        Dataset<Row> once = rows.persist(StorageLevel.MEMORY_AND_DISK());
        kept.add(once);
        return once;
    }

    /** Lets go of what was kept. */
    void letGo() {
        kept.forEach(Dataset::unpersist);
    }

    /** The day the table speaks of. */
    public LocalDate asOf() {
        return asOf;
    }

    /** Language of what people read: "zh" or "en". */
    public String lang() {
        return lang;
    }

    /** The policy in force on the day. */
    public Index index() {
        return policy.on(asOf);
    }

    /** The fields that have a class of their own on the day. */
    public Specialised specialised() {
        return policy.specialised(asOf);
    }

    /** A field of the policy. */
    public Policy.Field field(String id) {
        return policy.fields().get(id);
    }

    /** Of whom how many are inspected, and by when. */
    public Plan plan() {
        return policy.plan(asOf);
    }

    /** How long things last, by when they are due, and from when they may be done. */
    public List<Term> terms() {
        return policy.terms();
    }

    /** Those of some rows of a table whose use has not ended: the others are in no score. */
    public Dataset<Row> used(String name, Dataset<Row> rows) {
        return policy.inUse(name, rows, asOf);
    }

    /** The terms with which the use of a table's records ends. */
    public List<Term> endingUse(String name) {
        return policy.endingUse(name);
    }

    /** What learned models must satisfy, and what their list marks. */
    public Policy.Models models() {
        return policy.models();
    }

    /** The model by which records without a number are linked. */
    public LinkModel links() {
        return policy.links();
    }

    /** The rows of the table that is built that are to be worked out again; none where it is built whole. */
    public Optional<Dataset<Row>> again() {
        return Optional.ofNullable(narrowed.again);
    }

    /** Whether a table was ever written: a source that never delivered has none. */
    public boolean isThere(String name) {
        return narrowed.tables.containsKey(name) || lake.version(name) >= 0;
    }

    /** The raw tables of which anything had been delivered by known-at; asked of the ledger once. */
    public Set<String> delivered() {
        return delivered.updateAndGet(known -> known != null ? known : lake.delivered(knownAt));
    }

    /** The rows of a table: every version of a conformed one, the day's slice of a scored one. */
    public Dataset<Row> table(String name) {
        if (narrowed.tables.containsKey(name)) {
            return narrowed.tables.get(name);
        }
        Dataset<Row> rows = all(name);
        return narrowed.entities != null && List.of(rows.columns()).contains("entity_id")
                ? rows.join(narrowed.entities, new String[] {"entity_id"}, "left_semi")
                : rows;
    }

    /** No row, in the columns of a table. */
    public Dataset<Row> none(String name) {
        return lake.empty(name);
    }

    /** A few rows of the driver, in the columns of a table but for its {@link #stamped stamps}. */
    public Dataset<Row> few(List<Row> rows, String name) {
        StructField[] fields = Arrays.stream(Contract.of(name).structType().fields())
                .filter(field -> !STAMPS.contains(field.name()))
                .toArray(StructField[]::new);
        return lake.local(rows, new StructType(fields).toDDL());
    }

    /** Rows of the driver. */
    public Dataset<Row> local(List<Row> rows, String schema) {
        return lake.local(rows, schema);
    }

    private Dataset<Row> all(String name) {
        if (!declared.contains(name)) {
            throw new IllegalArgumentException(
                    "Cannot read " + name + ": the table in Pipeline does not say that it reads it");
        }
        return Contract.of(name).daily() ? lake.read(name, asOf) : lake.read(name);
    }

    /**
     * Whether all that is read is so little that what is made of it most likely is few rows too: a fact of a line takes some hundred
     * bytes in its files. Whoever is wrong about it pays with time alone.
     */
    boolean isLittle() {
        return declared.stream().mapToLong(lake::bytes).sum() <= LITTLE;
    }

    /**
     * Whether what a table's rows ask for can be sent whole to every core: its files take no more than an eighth of the heap. By the
     * sizes of its files, nothing is read.
     */
    public boolean fits(String name) {
        if (narrowed.tables.containsKey(name)) {
            return true;
        }
        long bytes = table(name)
                .queryExecution()
                .optimizedPlan()
                .stats()
                .sizeInBytes()
                .toLong();
        return bytes <= Runtime.getRuntime().maxMemory() / 8;
    }

    /**
     * A conformed table as known on the day: one version a record, received by known-at, not withdrawn or repaired, and happened by
     * the day. Look-ahead is refused here and nowhere else. Repaired it is by its own sender's word, or by a decision in repairs: what
     * reads records that can be repaired must declare that it reads those too.
     */
    public Dataset<Row> known(String name) {
        return known(name, table(name));
    }

    /** The same of all entities, for what a whole city has in common, even where only some entities are built. */
    public Dataset<Row> knownOfAll(String name) {
        return known(name, all(name));
    }

    /** Each record's version that was known by then, whether it counts or was withdrawn, repaired, or has not happened yet. */
    public Dataset<Row> received(String name) {
        return table(name).where(received());
    }

    /** Every version of a record that had become known by then, replaced since or not. */
    public Dataset<Row> began(String name) {
        return table(name).where(col("known_from").leq(lit(knownAt)));
    }

    private Column received() {
        return col("known_from")
                .leq(lit(knownAt))
                .and(col("known_to").isNull().or(col("known_to").gt(lit(knownAt))));
    }

    private Dataset<Row> known(String name, Dataset<Row> rows) {
        Contract contract = Contract.of(name);
        Column known =
                contract.columnNames().contains("withdrawn") ? received().and(not(col("withdrawn"))) : received();
        Optional<Column> happened = contract.custom("happened").map(c -> col(c).leq(lit(asOf)));
        Optional<Column> repaired =
                contract.custom("repaired").map(c -> col(c).isNull().or(col(c).gt(lit(asOf))));
        Dataset<Row> standing = rows.where(known.and(happened.orElse(lit(true))).and(repaired.orElse(lit(true))));
        return contract.repairs()
                .filter(r -> isThere("repairs"))
                .map(r -> standing.join(
                        broadcast(repaired(r)),
                        standing.col("entity_id")
                                .equalTo(col("__entity"))
                                .and(standing.col(r.number()).equalTo(col("__number"))),
                        "left_anti"))
                .orElse(standing);
    }

    /**
     * The records whose repair stands on the day: the newest decision on them that did not refuse approves it, and no revocation of the
     * same day, under whatever number. They are few, for a city repairs some thousands a year.
     */
    private Dataset<Row> repaired(Contract.Repairable records) {
        return known("repairs", all("repairs"))
                .where(col("outcome").notEqual("refused"))
                .where(col("object").isin(records.objects().toArray()))
                .groupBy(col("entity_id").as("__entity"), col("record_no").as("__number"))
                .agg(max(struct(
                                col("effective_on"),
                                col("outcome").equalTo("revoked").as("revoked")))
                        .as("__last"))
                .where(not(col("__last.revoked")))
                .drop("__last");
    }

    /** Rows of a scored or published table, stamped with the day, the known-at and the policy version. */
    public Dataset<Row> stamped(Dataset<Row> rows) {
        return rows.withColumn("as_of", lit(asOf))
                .withColumn("known_at", lit(knownAt))
                .withColumn("policy_version", lit(policy.version()));
    }
}
