package banyan.jobs.publish;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.max;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Sha256;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** The ledgers of inspection plans: seeds that were sealed, and plans that were drawn. Rows are only added: some dozens a year. */
public final class Plans {
    private Plans() {}

    /** A seed, told of by its hash before the classes are known that it draws by. */
    public record Seal(String plan, String seed, String commitment, Instant at, String by) {
        /** @param seed text */
        public static Seal of(String plan, String seed, Instant at, String by) {
            return new Seal(plan, seed, Sha256.of(seed), at, by);
        }
    }

    /** A plan that was drawn: a row of plans. */
    public record Drawn(
            String plan,
            int year,
            int batch,
            LocalDate from,
            LocalDate to,
            LocalDate asOf,
            String planVersion,
            String policyVersion,
            String seed,
            Instant sealedAt,
            Instant classesAt,
            Optional<Publication.Answer> despite,
            String roster,
            long rows,
            long visits,
            long withoutTeam,
            String fingerprint,
            String by,
            Instant at) {}

    /** The seal of a plan's seed. */
    public static Optional<Seal> seal(Lake lake, String plan) {
        return lake.read("plan_seals").where(col("plan_id").equalTo(plan)).collectAsList().stream()
                .map(row -> new Seal(
                        row.getAs("plan_id"),
                        row.getAs("seed"),
                        row.getAs("commitment"),
                        row.getAs("sealed_at"),
                        row.getAs("sealed_by")))
                .findFirst();
    }

    public static void keep(Lake lake, Seal seal) {
        append(
                lake,
                "plan_seals",
                seal.plan,
                RowFactory.create(seal.plan, seal.seed, seal.commitment, seal.at, seal.by));
    }

    /** All that were drawn, in order. */
    public static List<Drawn> drawn(Lake lake) {
        return lake.read("plans").collectAsList().stream()
                .map(Plans::drawn)
                .sorted(Comparator.comparing(Drawn::plan))
                .toList();
    }

    private static Drawn drawn(Row row) {
        String by = row.getAs("despite_by");
        return new Drawn(
                row.getAs("plan_id"),
                row.getAs("year"),
                row.getAs("batch"),
                row.getAs("from_day"),
                row.getAs("to_day"),
                row.getAs("as_of"),
                row.getAs("plan_version"),
                row.getAs("policy_version"),
                row.getAs("seed"),
                row.getAs("sealed_at"),
                row.getAs("classes_at"),
                Optional.ofNullable(by).map(b -> new Publication.Answer(b, row.getAs("despite_reason"))),
                row.getAs("roster"),
                row.getAs("rows"),
                row.getAs("visits"),
                row.getAs("without_team"),
                row.getAs("fingerprint"),
                row.getAs("drawn_by"),
                row.getAs("drawn_at"));
    }

    public static void keep(Lake lake, Drawn d) {
        append(
                lake,
                "plans",
                d.plan,
                RowFactory.create(
                        d.plan,
                        d.year,
                        d.batch,
                        d.from,
                        d.to,
                        d.asOf,
                        d.planVersion,
                        d.policyVersion,
                        d.seed,
                        d.sealedAt,
                        d.classesAt,
                        d.despite.map(Publication.Answer::by).orElse(null),
                        d.despite.map(Publication.Answer::reason).orElse(null),
                        d.roster,
                        d.rows,
                        d.visits,
                        d.withoutTeam,
                        d.fingerprint,
                        d.by,
                        d.at));
    }

    private static void append(Lake lake, String table, String plan, Row row) {
        lake.append(
                table,
                lake.rows(List.of(row), table).coalesce(1),
                Json.object().put("table", table).put("plan_id", plan).toString());
    }

    /** When the run began that worked out the classes of a day as they are; empty where the ledger tells of none. */
    public static Optional<Instant> classified(Lake lake, LocalDate day) {
        return Optional.ofNullable(lake.read("runs")
                .where(col("table").equalTo("risk_classes").and(col("as_of").equalTo(day)))
                .agg(max("started_at"))
                .head()
                .getAs(0));
    }
}
