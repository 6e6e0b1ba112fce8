package banyan.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import banyan.models.Index;
import banyan.models.Policy;
import banyan.schemas.Contract;
import java.time.LocalDate;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What a table may read to be built for a day: only the tables it declares, and only what was known. */
public final class Inputs {
    private final Lake lake;
    private final Set<String> declared;
    private final LocalDate asOf;
    private final LocalDate knownAt;
    private final Policy policy;
    private final String lang;

    Inputs(Lake lake, Set<String> declared, LocalDate asOf, LocalDate knownAt, Policy policy, String lang) {
        this.lake = lake;
        this.declared = declared;
        this.asOf = asOf;
        this.knownAt = knownAt;
        this.policy = policy;
        this.lang = lang;
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

    /** All rows of a table: every version of a conformed one, the day's slice of a scored one. */
    public Dataset<Row> table(String name) {
        if (!declared.contains(name)) {
            throw new IllegalArgumentException(
                    "Cannot read " + name + ": the table in Pipeline does not say that it reads it");
        }
        Dataset<Row> rows = lake.read(name);
        return Contract.of(name).custom("slice").filter("day"::equals).isPresent()
                ? rows.where(col("as_of").equalTo(lit(asOf)))
                : rows;
    }

    /**
     * Whether what a table's rows ask for can be sent whole to every core: its files take no more than an eighth of the heap. By the
     * log alone, nothing is read.
     */
    public boolean fits(String name) {
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
     * the day. Look-ahead is refused here and nowhere else.
     */
    public Dataset<Row> known(String name) {
        Contract contract = Contract.of(name);
        Column known = col("known_from")
                .leq(lit(knownAt))
                .and(col("known_to").isNull().or(col("known_to").gt(lit(knownAt))))
                .and(not(col("withdrawn")));
        Optional<Column> happened = contract.custom("happened").map(c -> col(c).leq(lit(asOf)));
        Optional<Column> repaired =
                contract.custom("repaired").map(c -> col(c).isNull().or(col(c).gt(lit(asOf))));
        return table(name).where(known.and(happened.orElse(lit(true))).and(repaired.orElse(lit(true))));
    }

    /** Rows of a scored or published table, stamped with the day, the known-at and the policy version. */
    public Dataset<Row> stamped(Dataset<Row> rows) {
        return rows.withColumn("as_of", lit(asOf))
                .withColumn("known_at", lit(knownAt))
                .withColumn("policy_version", lit(policy.version()));
    }
}
