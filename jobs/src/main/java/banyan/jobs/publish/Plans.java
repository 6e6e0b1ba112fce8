package banyan.jobs.publish;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.min;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Sha256;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** The ledgers of inspection plans: seeds that were sealed, and plans that were drawn. Rows are only added: some dozens a year. */
public final class Plans {
    /** The tables of classes that a plan is drawn by. */
    private static final String[] CLASSES = {"risk_classes", "special_classes"};

    private Plans() {}

    /**
     * A seed, told of by its hash before the classes are known that it draws by.
     *
     * @param asOf the day of these classes
     * @param given whether somebody gave it; else it came by chance
     */
    public record Seal(String plan, LocalDate asOf, String seed, boolean given, Instant at, String by) {
        public String commitment() {
            return Sha256.of(seed);
        }
    }

    /** A plan that was drawn: a row of plans. */
    public record Drawn(
            String plan,
            LocalDate from,
            LocalDate to,
            LocalDate asOf,
            LocalDate knownAt,
            String planVersion,
            String policyVersion,
            String classes,
            String seed,
            Instant sealedAt,
            Instant classesAt,
            Optional<Publication.Answer> despite,
            String lang,
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
                        row.getAs("as_of"),
                        row.getAs("seed"),
                        row.getAs("given"),
                        row.getAs("sealed_at"),
                        row.getAs("sealed_by")))
                .findFirst();
    }

    public static void keep(Lake lake, Seal seal) {
        append(
                lake,
                "plan_seals",
                seal.plan,
                RowFactory.create(seal.plan, seal.asOf, seal.seed, seal.given, seal.commitment(), seal.at, seal.by));
    }

    /** All that were drawn, in the order of their time. */
    public static List<Drawn> drawn(Lake lake) {
        return lake.read("plans").collectAsList().stream()
                .map(Plans::drawn)
                .sorted(Comparator.comparing(Drawn::from))
                .toList();
    }

    private static Drawn drawn(Row row) {
        String by = row.getAs("despite_by");
        return new Drawn(
                row.getAs("plan_id"),
                row.getAs("from_day"),
                row.getAs("to_day"),
                row.getAs("as_of"),
                row.getAs("known_at"),
                row.getAs("plan_version"),
                row.getAs("policy_version"),
                row.getAs("classes"),
                row.getAs("seed"),
                row.getAs("sealed_at"),
                row.getAs("classes_at"),
                Optional.ofNullable(by).map(b -> new Publication.Answer(b, row.getAs("despite_reason"))),
                row.getAs("lang"),
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
                        d.from,
                        d.to,
                        d.asOf,
                        d.knownAt,
                        d.planVersion,
                        d.policyVersion,
                        d.classes,
                        d.seed,
                        d.sealedAt,
                        d.classesAt,
                        d.despite.map(Publication.Answer::by).orElse(null),
                        d.despite.map(Publication.Answer::reason).orElse(null),
                        d.lang,
                        d.roster,
                        d.rows,
                        d.visits,
                        d.withoutTeam,
                        d.fingerprint,
                        d.by,
                        d.at));
    }

    /**
     * The rows of a table of plans that the ledger tells of: what a draw left that was killed is nothing.
     *
     * @param table inspection_plan or plan_strata
     */
    public static Dataset<Row> rows(Lake lake, String table) {
        return lake.read(table)
                .join(
                        broadcast(lake.read("plans").select("plan_id", "as_of")),
                        new String[] {"plan_id", "as_of"},
                        "left_semi");
    }

    private static void append(Lake lake, String table, String plan, Row row) {
        lake.append(
                table,
                lake.rows(List.of(row), table).coalesce(1),
                Json.object().put("table", table).put("plan_id", plan).toString());
    }

    /** When the first run began that worked out classes of a day, of whatever field; empty where the ledger tells of none. */
    public static Optional<Instant> classified(Lake lake, LocalDate day) {
        return Optional.ofNullable(lake.read("runs")
                .where(col("table").isin((Object[]) CLASSES).and(col("as_of").equalTo(day)))
                .agg(min("started_at"))
                .head()
                .getAs(0));
    }

    /** What the classes of a day come to; others have another. */
    public static String classes(Lake lake, LocalDate day) {
        return Stream.of(CLASSES)
                .map(table -> lake.scan(table, day).fingerprint())
                .collect(Collectors.joining(" "));
    }
}
