package banyan.jobs.command;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import banyan.jobs.Inputs;
import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Pipeline;
import banyan.jobs.Refusal;
import banyan.jobs.score.ScoreChanges;
import banyan.models.Index;
import banyan.models.Policy;
import banyan.models.Words;
import java.io.PrintWriter;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Who moved from one day to another, and why. */
@Command(
        name = "diff",
        mixinStandardHelpOptions = true,
        description = {
            "Tell who moved from one day to another, and why: what a new policy, time, repairs, corrections, records found to be",
            "another's, new facts and associated enterprises each added to the score, exactly. Both days must have been built, the later",
            "one under the policy that is given. Nothing is written."
        })
public final class Diff implements Callable<Integer> {
    private static final Map<String, Words> CAUSES = Map.of(
            "policy", new Words("政策变更", "policy"),
            "time", new Words("时间推移", "time"),
            "repairs", new Words("信用修复", "repairs"),
            "corrections", new Words("更正、撤回与更新", "corrections and updates"),
            "merges", new Words("归集变更", "merges"),
            "new_facts", new Words("新增事实", "new facts"),
            "associations", new Words("关联传导", "associations"));

    @Mixin
    LakeOptions options;

    @Parameters(arity = "0..1", paramLabel = "ENTITY", description = "Entity id: tell of it alone.")
    String entity;

    @Option(names = "--from", required = true, paramLabel = "DAY", description = "The earlier day, yyyy-mm-dd.")
    LocalDate from;

    @Option(names = "--to", required = true, paramLabel = "DAY", description = "The later day, yyyy-mm-dd.")
    LocalDate to;

    @Option(
            names = "--policy",
            paramLabel = "DIR",
            description =
                    "The policy of the later day, a folder laid out like models/policy; the packaged one by default.")
    java.nio.file.Path folder;

    @Option(
            names = "--lang",
            defaultValue = "zh",
            paramLabel = "LANG",
            description = "Language of what is told: zh or en (default: zh).")
    Options.Lang lang;

    @Option(
            names = "--limit",
            defaultValue = "20",
            paramLabel = "N",
            description = "Show so many entities (default: 20).")
    int limit;

    @Option(names = "--json", description = "Print one JSON object as the last line of stdout.")
    boolean json;

    private boolean zh;

    /** What a day was built of. */
    private record Day(LocalDate knownAt, String policy) {}

    @Override
    public Integer call() {
        zh = lang == Options.Lang.zh;
        Options.refuseTheFuture(to);
        if (!from.isBefore(to)) {
            throw new Refusal(
                    Refusal.Exit.USAGE, "Cannot tell of " + from + " to " + to + ": --from must be the earlier.");
        }
        Lake lake = options.open();
        Policy policy = folder == null ? Policy.packaged() : Policy.in(folder);
        Day earlier = day(lake, from);
        Day later = day(lake, to);
        if (!later.policy.equals(policy.version())) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot tell of " + from + " to " + to + ": the classes of " + to + " follow policy " + later.policy
                            + ", not " + policy.version() + ". Give the policy they follow with --policy.");
        }
        if (earlier.knownAt.isAfter(later.knownAt)) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot tell of " + from + " to " + to + ": the earlier day was built with what was known on "
                            + earlier.knownAt + ", the later one with less, of " + later.knownAt
                            + ". Build the later one again.");
        }
        Options.check(policy, to, lake);
        Set<String> reads = Pipeline.ofClasses();
        Inputs was = new Inputs(lake, reads, from, earlier.knownAt, policy, lang.name());
        Inputs is = new Inputs(lake, reads, to, later.knownAt, policy, lang.name());
        Dataset<Row> both = ScoreChanges.both(was, is).persist(StorageLevel.MEMORY_AND_DISK());
        Dataset<Row> asked = entity == null
                ? both.where("class_was <> 'unclassified' and class_is <> 'unclassified'")
                        .where(not(col("class_was").equalTo(col("class_is")))
                                .or(not(col("score_was").equalTo(col("score_is")))))
                : one(both);
        Dataset<Row> changes = ScoreChanges.rows(was, is, asked).persist(StorageLevel.MEMORY_AND_DISK());
        refuseWhatDoesNotAddUp(changes, earlier.policy.equals(later.policy));
        tell(both, changes, policy.on(to));
        return 0;
    }

    private static Day day(Lake lake, LocalDate day) {
        return lake.read("risk_classes", day).select("known_at", "policy_version").limit(1).collectAsList().stream()
                .map(row -> new Day(row.getLocalDate(0), row.getString(1)))
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        Refusal.Exit.USAGE,
                        "Cannot tell of " + day + ": no classes were built for it. Run or build that day first."));
    }

    private Dataset<Row> one(Dataset<Row> both) {
        String id = entity.strip().toUpperCase(Locale.ROOT);
        Dataset<Row> found = both.where(col("entity_id").isin(entity, id))
                .where("class_was <> 'unclassified' and class_is <> 'unclassified'");
        if (found.isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot tell of " + entity + ": it has no class by the index of enterprises on both " + from
                            + " and " + to + ". Look it up with `banyan explain`.");
        }
        return found;
    }

    /** Nor may the earlier day come out otherwise than it was stored, where both days follow one policy. */
    private void refuseWhatDoesNotAddUp(Dataset<Row> changes, boolean onePolicy) {
        Column sum = ScoreChanges.CAUSES.stream()
                .map(org.apache.spark.sql.functions::col)
                .reduce(Column::plus)
                .orElseThrow();
        Dataset<Row> off = changes.where(not(sum.equalTo(col("score_is").minus(col("score_was"))))
                .or(lit(onePolicy).and(not(col("policy").equalTo(0)))));
        off.limit(1).collectAsList().forEach(row -> {
            throw new Refusal(
                    Refusal.Exit.DATA,
                    "Cannot tell of " + from + " to " + to + ": what is worked out for " + row.getAs("entity_id")
                            + " is not what was stored. The lake has changed since a day was built; build " + from
                            + " and "
                            + to + " again with `banyan build all`, each with its own --known-at.");
        });
    }

    private void tell(Dataset<Row> both, Dataset<Row> changes, Index index) {
        PrintWriter out = options.out();
        Column moved = col("score_is").minus(col("score_was"));
        List<Row> shown = changes.orderBy(
                        col("class_is").equalTo(col("class_was")),
                        col("class_is").desc(),
                        abs(moved).desc(),
                        col("entity_id"))
                .limit(limit)
                .collectAsList();
        ObjectNode told = Json.object()
                .put("command", "diff")
                .put("from", from.toString())
                .put("to", to.toString());
        ArrayNode entities = told.putArray("entities");
        shown.forEach(row -> tell(out, row, index, entities.addObject()));
        Map<String, Long> pairs = new TreeMap<>();
        both.groupBy(
                        coalesce(col("class_was"), lit("-")).as("was"),
                        coalesce(col("class_is"), lit("-")).as("is"))
                .count()
                .collectAsList() // a row a pair of classes
                .forEach(row -> pairs.put(row.getString(0) + " → " + row.getString(1), row.getLong(2)));
        if (entity == null) {
            summary(out, changes, pairs, told);
        }
        if (json) {
            out.println(told);
        }
    }

    private void tell(PrintWriter out, Row row, Index index, ObjectNode node) {
        String id = row.getAs("entity_id");
        int before = row.getAs("score_was");
        int after = row.getAs("score_is");
        node.put("entity_id", id)
                .put("class_was", row.<String>getAs("class_was"))
                .put("class_is", row.<String>getAs("class_is"))
                .put("score_was", before)
                .put("score_is", after);
        out.printf(
                Locale.ROOT,
                "%s  %s → %s  %d → %d (%+d)%n",
                id,
                row.<String>getAs("class_was"),
                row.<String>getAs("class_is"),
                before,
                after,
                after - before);
        List<String> why = row.getList(row.fieldIndex("why"));
        List<String> records = row.getList(row.fieldIndex("records"));
        List<String> rules = row.getList(row.fieldIndex("rules"));
        for (String cause : ScoreChanges.CAUSES) {
            int points = row.getAs(cause);
            node.put(cause, points);
            List<String> here = of(why, cause);
            List<String> behind = of(records, cause);
            if (points != 0 || !here.isEmpty() || !rules.isEmpty() && !behind.isEmpty()) {
                out.printf(
                        Locale.ROOT, "  %+5d  %s%n", points, CAUSES.get(cause).in(lang.name()));
                here.forEach(what -> out.println("           " + said(what, index)));
                behind.forEach(record -> out.println("             " + record));
            }
        }
        node.set("why", Json.of(why));
        node.set("records", Json.of(records));
        node.set("rules", Json.of(rules));
        rules.forEach(rule -> out.printf(
                "      %s  %s  [%s]%n",
                rule.startsWith("+") ? (zh ? "新适用" : "applies now") : (zh ? "不再适用" : "no longer applies"),
                index.name(rule.substring(2)).in(lang.name()),
                rule.substring(2)));
    }

    private static List<String> of(List<String> all, String cause) {
        return all.stream()
                .filter(one -> one.startsWith(cause + ": "))
                .map(one -> one.substring(cause.length() + 2))
                .toList();
    }

    /** {@code penalty_decisions 150 → 105} in words. */
    private String said(String what, Index index) {
        String id = what.substring(0, what.indexOf(' '));
        return index.name(id).in(lang.name()) + what.substring(id.length()) + "  [" + id + "]";
    }

    private void summary(PrintWriter out, Dataset<Row> changes, Map<String, Long> pairs, ObjectNode told) {
        List<Column> sums = new ArrayList<>(List.of(org.apache.spark.sql.functions.count(lit(1))));
        for (String cause : ScoreChanges.CAUSES) {
            sums.add(org.apache.spark.sql.functions.count_if(col(cause).notEqual(0)));
            sums.add(coalesce(org.apache.spark.sql.functions.sum(cause), lit(0)).cast("bigint"));
        }
        Row all = changes.agg(sums.get(0), sums.subList(1, sums.size()).toArray(Column[]::new))
                .head();
        out.printf(
                Locale.ROOT,
                zh ? "%,d 家得分或类别有变化（%s 至 %s）%n" : "%,d enterprises with another score or class (%s to %s)%n",
                all.getLong(0),
                from,
                to);
        told.put("moved", all.getLong(0));
        for (int c = 0; c < ScoreChanges.CAUSES.size(); c++) {
            String cause = ScoreChanges.CAUSES.get(c);
            long entities = all.getLong(1 + 2 * c);
            long points = all.getLong(2 + 2 * c);
            told.putObject(cause).put("entities", entities).put("points", points);
            if (entities > 0) {
                out.printf(
                        Locale.ROOT,
                        zh ? "  %s：%,d 家，合计 %+,d 分%n" : "  %s: %,d, %+,d points in all%n",
                        CAUSES.get(cause).in(lang.name()),
                        entities,
                        points);
            }
        }
        ObjectNode classes = told.putObject("classes");
        pairs.forEach((pair, n) -> {
            classes.put(pair, n);
            if (!pair.substring(0, pair.indexOf(' ')).equals(pair.substring(pair.lastIndexOf(' ') + 1))) {
                out.printf(Locale.ROOT, "  %s  %,d%n", pair, n);
            }
        });
    }
}
