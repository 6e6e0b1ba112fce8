package banyan.jobs.command;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.publish.Evidence;
import banyan.models.Index;
import banyan.schemas.Text;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How one entity came by its class, down to the source rows. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = "Show how one entity came by its class: every point, its records, their files and lines.")
public final class Explain implements Callable<Integer> {
    @Mixin
    Options options;

    @Parameters(paramLabel = "ENTITY", description = "Entity id, credit code or exact name.")
    String entity;

    @Override
    public Integer call() {
        Lake lake = options.openExisting();
        boolean zh = options.lang == Options.Lang.zh;
        Row found = entity(lake);
        LocalDate knownAt = found.getAs("known_at");
        String id = found.getAs("entity_id");
        Index index = options.policy().on(options.asOf);
        List<Row> contributions = day(lake, "contributions")
                .where(col("entity_id").equalTo(id))
                .orderBy(col("counted").desc(), col("class_floor").desc(), col("indicator"))
                .collectAsList();
        Evidence sources = Evidence.of(lake, knownAt, contributions);
        PrintWriter out = options.out();
        String riskClass = found.getAs("risk_class");
        out.printf("%s  %s%n", id, found.<String>getAs("name"));
        out.printf(
                zh ? "评价日 %s，知悉截止 %s，政策版本 %s%n" : "as of %s, known at %s, policy version %s%n",
                options.asOf,
                knownAt,
                found.<String>getAs("policy_version"));
        if (riskClass.equals("unclassified")) {
            String because = found.getAs("unclassified_because");
            out.printf(
                    zh ? "不分类：%s%n" : "Not classified: %s%n",
                    index.name(because).in(options.lang.name()));
        } else {
            out.printf(
                    zh ? "类别 %s，风险分 %d（按分值为 %s 类）%n" : "Class %s, score %d (class %s by score alone)%n",
                    riskClass,
                    found.<Integer>getAs("score"),
                    found.<String>getAs("class_by_score"));
        }
        for (Row c : contributions) {
            contribution(out, c, index, sources, zh);
        }
        if (!riskClass.equals("unclassified")) {
            int sum = contributions.stream()
                    .mapToInt(c -> c.<Integer>getAs("counted"))
                    .sum();
            out.printf(Locale.ROOT, zh ? "%5d  合计%n" : "%5d  in all%n", sum);
        }
        if (options.json) {
            out.println(json(found, contributions, sources));
        }
        return 0;
    }

    private void contribution(PrintWriter out, Row c, Index index, Evidence sources, boolean zh) {
        String indicator = c.getAs("indicator");
        String floor = c.getAs("class_floor");
        BigDecimal value = c.getAs("value");
        String say = index.words(indicator)
                .in(options.lang.name())
                .replace(
                        "{value}",
                        value == null ? "" : value.stripTrailingZeros().toPlainString());
        if (floor == null) {
            BigDecimal points = c.getAs("points");
            String before = points.compareTo(BigDecimal.valueOf(c.<Integer>getAs("counted"))) == 0
                    ? ""
                    : (zh ? "，封顶和取整前 " : ", before cap and rounding ")
                            + points.stripTrailingZeros().toPlainString();
            out.printf(
                    Locale.ROOT,
                    "%+5d  %s  [%s, %s%s]%n",
                    c.<Integer>getAs("counted"),
                    say,
                    indicator,
                    c.<String>getAs("group"),
                    before);
        } else {
            out.printf(zh ? "   ≥%s  %s  [%s]%n" : "   ≥%s  %s  [%s]%n", floor, say, indicator);
        }
        for (String record : Evidence.records(c)) {
            Evidence.Source source = sources.source(c, record);
            out.printf(
                    "         %s  %s%n",
                    record,
                    source == null
                            ? (zh ? "（未收到）" : "(nothing received)")
                            : source.file() + (zh ? " 第 " + source.line() + " 行" : " line " + source.line()));
        }
        int listed = Evidence.records(c).size();
        int all = c.getAs("evidence_count");
        if (all > listed) {
            out.printf(zh ? "         …… 共 %d 条%n" : "         … %d records in all%n", all);
        }
    }

    private ObjectNode json(Row found, List<Row> contributions, Evidence sources) {
        ObjectNode json = Json.object()
                .put("command", "explain")
                .put("entity_id", found.<String>getAs("entity_id"))
                .put("name", found.<String>getAs("name"))
                .put("as_of", options.asOf.toString())
                .put("known_at", found.getAs("known_at").toString())
                .put("policy_version", found.<String>getAs("policy_version"))
                .put("risk_class", found.<String>getAs("risk_class"))
                .put("score", found.<Integer>getAs("score"))
                .put("class_by_score", found.<String>getAs("class_by_score"));
        ArrayNode rows = json.putArray("contributions");
        for (Row c : contributions) {
            ObjectNode node = rows.addObject()
                    .put("indicator", c.<String>getAs("indicator"))
                    .put("kind", c.<String>getAs("kind"))
                    .put("points", c.<BigDecimal>getAs("points").toPlainString())
                    .put("counted", c.<Integer>getAs("counted"))
                    .put("class_floor", c.<String>getAs("class_floor"));
            ArrayNode evidence = node.putArray("evidence");
            for (String record : Evidence.records(c)) {
                Evidence.Source source = sources.source(c, record);
                ObjectNode one = evidence.addObject().put("record_id", record);
                if (source != null) {
                    one.put("file", source.file()).put("line", source.line());
                }
            }
        }
        return json;
    }

    private Row entity(Lake lake) {
        String code = entity.strip().toUpperCase(Locale.ROOT);
        Dataset<Row> entities = lake.read("entities")
                .select("entity_id", "credit_code", "reg_no", "name", "name_key", "known_from", "known_to");
        Dataset<Row> classes = day(lake, "risk_classes");
        Column named = col("name_key").equalTo(Text.nameKey(lit(entity)));
        List<Row> found = classes.join(entities, "entity_id")
                .where(col("known_from")
                        .leq(col("known_at"))
                        .and(col("known_to").isNull().or(col("known_to").gt(col("known_at")))))
                .where(col("entity_id")
                        .equalTo(entity)
                        .or(col("entity_id").equalTo(code))
                        .or(col("credit_code").equalTo(code))
                        .or(col("reg_no").equalTo(entity))
                        .or(named))
                .limit(10)
                .collectAsList();
        if (found.isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot explain " + entity + ": no entity of that id, credit code or name has a class on "
                            + options.asOf
                            + ". Build the day with `banyan build all`, or look the entity up in the list.");
        }
        if (found.size() > 1) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot explain " + entity + ": " + found.size() + " entities bear that name. Give one of "
                            + String.join(
                                    ", ",
                                    found.stream()
                                            .map(r -> r.<String>getAs("entity_id"))
                                            .toList())
                            + ".");
        }
        return found.get(0);
    }

    private Dataset<Row> day(Lake lake, String table) {
        return lake.read(table).where(col("as_of").equalTo(lit(options.asOf)));
    }
}
