package banyan.jobs.command;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Inputs;
import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Pipeline;
import banyan.jobs.Refusal;
import banyan.jobs.score.Associations;
import banyan.jobs.score.Contributions;
import banyan.jobs.score.Obligations;
import banyan.jobs.score.OwnerBusinesses;
import banyan.models.Classing;
import banyan.models.Cures;
import banyan.models.Index;
import banyan.models.Policy;
import banyan.models.Specialised;
import java.io.PrintWriter;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What an enterprise or individual business could do to be in a better class. */
@Command(
        name = "whatif",
        mixinStandardHelpOptions = true,
        description = {
            "Tell the smallest sets of an enterprise's or individual business's records that, were they cured (a report filed, a penalty",
            "repaired), would lift it into a better class, how each is cured, and from when. Nothing is written."
        })
public final class WhatIf implements Callable<Integer> {
    @Mixin
    Options options;

    @Parameters(paramLabel = "ENTITY", description = "Entity id or credit code.")
    String entity;

    private boolean zh;

    @Override
    public Integer call() {
        Options.refuseTheFuture(options.asOf);
        Lake lake = options.openExisting();
        Policy policy = options.checkedPolicy(lake);
        zh = options.lang == Options.Lang.zh;
        Set<String> reads = Pipeline.reads(
                "obligations",
                "contributions",
                "associations",
                "risk_classes",
                "owner_businesses",
                "special_contributions");
        Inputs stored = new Inputs(lake, reads, options.asOf, options.knownAt(), policy, options.lang.name());
        Inputs owing = stored.with("obligations", Obligations.rows(stored));
        Row found = found(owing);
        String id = found.getAs("entity_id");
        Dataset<Row> own = owing.known("entities").where(col("entity_id").equalTo(lit(id)));
        Index general = owing.index();
        Optional<Index> field = found.<Boolean>getAs("general")
                ? Optional.empty()
                : owing.specialised().instead();
        Index index = field.orElse(general);
        Inputs in = field.isEmpty() ? owing : withOwners(lake, owing, policy);
        Map<String, Dataset<Row>> facts = new HashMap<>();
        Contributions.facts(in, index.tables())
                .forEach((table, rows) ->
                        facts.put(table, rows.where(col("entity_id").equalTo(lit(id)))));
        Dataset<Row> reaching = field.isPresent()
                ? lake.empty("associations")
                : reaching(lake, in, policy).where(col("entity_id").equalTo(lit(id)));
        Classing by = field.map(one -> Specialised.alone(one, options.asOf)).orElse(general);
        Cures.Answer answer = Cures.of(index, by, policy.terms(), options.asOf, own, facts, reaching);
        tell(id, found.getAs("name"), answer);
        return 0;
    }

    /** The one entity asked for, with {@code general}, whether its class is that of the index of enterprises or of a field instead. */
    private Row found(Inputs in) {
        String asked = entity.strip().toUpperCase(Locale.ROOT);
        Column general = in.index().inScope();
        Column instead = in.specialised().instead().map(Index::inScope).orElse(lit(false));
        List<Row> found = in.known("entities")
                .where(col("entity_id")
                        .isin(entity, asked)
                        .or(col("credit_code").equalTo(asked)))
                .withColumn("general", general)
                .where(col("general").or(instead))
                .limit(2)
                .collectAsList();
        if (found.size() != 1) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot tell what if of " + entity + ": " + (found.isEmpty() ? "no" : "more than one")
                            + " enterprise or business with a class bears that id or credit code on " + options.asOf
                            + ". Look it up with `banyan explain`.");
        }
        return found.get(0);
    }

    /** Whether the day was built under the same policy, as known then. */
    private boolean built(Lake lake, Policy policy) {
        return !lake.read("risk_classes", options.asOf)
                .where(col("policy_version")
                        .equalTo(policy.version())
                        .and(col("known_at").equalTo(lit(options.knownAt()))))
                .isEmpty();
    }

    /** With what operators of shops stand behind as it was built for the day, else worked out now. */
    private Inputs withOwners(Lake lake, Inputs in, Policy policy) {
        return built(lake, policy)
                ? in
                : in.with("owner_businesses", OwnerBusinesses.rows(in.with("contributions", Contributions.rows(in))));
    }

    /** What reaches enterprises from others: as it was built for the day, else worked out now. */
    private Dataset<Row> reaching(Lake lake, Inputs in, Policy policy) {
        Dataset<Row> rows = built(lake, policy)
                ? lake.read("associations", options.asOf)
                : Associations.rows(in.with("contributions", Contributions.rows(in)));
        return rows.drop("counted", "as_of", "known_at", "policy_version");
    }

    private void tell(String id, String name, Cures.Answer answer) {
        PrintWriter out = options.out();
        out.printf("%s  %s%n", id, name);
        out.printf(
                zh ? "评价日 %s：类别 %s，风险分 %d%n" : "as of %s: class %s, score %d%n",
                options.asOf,
                answer.riskClass(),
                answer.score());
        if (answer.curable().isEmpty()) {
            out.println(zh ? "没有可以整改或修复的记录。" : "It has no record that may be cured.");
        } else if (answer.ways().isEmpty()) {
            out.printf(
                    zh
                            ? "可整改或修复的 %d 条记录全部了结，类别仍为 %s，风险分 %d。%n"
                            : "With all of the %d records cured that may be, it is in class %s still, score %d.%n",
                    answer.curable().size(),
                    answer.all().riskClass(),
                    answer.all().score());
        }
        for (Cures.Way way : answer.ways()) {
            out.printf(
                    zh ? "以下 %d 条了结后：类别 %s，风险分 %d%n" : "With these %d cured: class %s, score %d%n",
                    way.items().size(),
                    way.riskClass(),
                    way.score());
            for (Cures.Item item : way.items()) {
                out.printf(
                        "     %s  %s%s%n",
                        item.record(),
                        item.indicator().cure().name().in(options.lang.name()),
                        item.from() == null || !item.from().isAfter(options.asOf)
                                ? ""
                                : (zh ? "，最早 " : ", not before ") + item.from());
            }
        }
        if (options.json) {
            ObjectNode json = Json.object()
                    .put("command", "whatif")
                    .put("entity_id", id)
                    .put("as_of", options.asOf.toString())
                    .put("risk_class", answer.riskClass())
                    .put("score", answer.score())
                    .put("curable", answer.curable().size())
                    .put("all_cured", answer.all().riskClass());
            ArrayNode ways = json.putArray("ways");
            for (Cures.Way way : answer.ways()) {
                ObjectNode one =
                        ways.addObject().put("risk_class", way.riskClass()).put("score", way.score());
                ArrayNode items = one.putArray("cure");
                way.items().forEach(item -> {
                    LocalDate from = item.from();
                    items.addObject()
                            .put("table", item.table())
                            .put("record_id", item.record())
                            .put("not_before", from == null ? null : from.toString());
                });
            }
            out.println(json);
        }
    }
}
