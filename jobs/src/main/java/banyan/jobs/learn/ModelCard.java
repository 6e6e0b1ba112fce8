package banyan.jobs.learn;

import banyan.jobs.Json;
import banyan.models.Forecast;
import banyan.models.Words;
import banyan.models.learned.Backtest;
import banyan.models.learned.Bins;
import banyan.models.learned.Learned;
import banyan.models.learned.Points;
import banyan.models.learned.Scorecard;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;
import tools.jackson.databind.JsonNode;

/**
 * What a reader should know of a version before relying on it (Mitchell and others 2019): what it foretells and for what, of which cases
 * and days, what it may not know, what it came to beside what needs no model, its limits, and who decided what. Markdown, and a page
 * made of it; Chinese or English. It holds nothing of the clock but the decisions: the same version gives the same text.
 */
public final class ModelCard {
    private static final List<org.commonmark.Extension> TABLES = List.of(TablesExtension.create());

    private final Registry registry;
    private final Registry.Version version;
    private final Learned learned;
    private final Forecast forecast;
    private final JsonNode measured;
    private final String lang;
    private final StringBuilder text = new StringBuilder();

    private ModelCard(Registry registry, Registry.Version version, String lang) {
        this.registry = registry;
        this.version = version;
        this.learned = version.learned();
        this.forecast = learned.asked();
        this.measured = Json.read(version.measured());
        this.lang = lang;
    }

    /**
     * Writes {@code <model>-<version>.<lang>.md} and {@code .html} in both languages.
     *
     * @param since what was measured since it was fitted, a section each
     * @return the files
     */
    public static List<Path> write(Path folder, Registry registry, Registry.Version version, List<Section> since)
            throws IOException {
        Files.createDirectories(folder);
        List<Path> files = new ArrayList<>();
        for (String lang : List.of("zh", "en")) {
            ModelCard card = new ModelCard(registry, version, lang);
            String markdown = card.markdown(since);
            String name = registry.model() + "-" + version.version() + "." + lang;
            files.add(Files.writeString(folder.resolve(name + ".md"), markdown, StandardCharsets.UTF_8));
            files.add(Files.writeString(
                    folder.resolve(name + ".html"), page(card.title(), markdown, lang), StandardCharsets.UTF_8));
        }
        return files;
    }

    /** A section that is added to a card: its heading, and its text in both languages. */
    public record Section(Words heading, Words text) {}

    private static String page(String title, String markdown, String lang) {
        String body = HtmlRenderer.builder()
                .extensions(TABLES)
                .escapeHtml(true)
                .build()
                .render(Parser.builder().extensions(TABLES).build().parse(markdown));
        return "<!doctype html>\n<html lang=\"" + (lang.equals("en") ? "en" : "zh-CN")
                + "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>"
                + title.replace("&", "&amp;").replace("<", "&lt;") + "</title>\n<style>" + STYLE
                + "</style></head><body>\n"
                + body + "</body></html>\n";
    }

    private static final String STYLE = "body{font:15px/1.6 system-ui,'Noto Sans CJK SC','Microsoft YaHei',sans-serif;"
            + "max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2733}"
            + "table{border-collapse:collapse;margin:.5rem 0;font-variant-numeric:tabular-nums}"
            + "td,th{border:1px solid #ccd5de;padding:.2rem .6rem;text-align:left}th{background:#eef2f6}"
            + "h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:1.8rem}blockquote{margin:0;padding:.4rem .9rem;"
            + "background:#fff6e0;border-left:4px solid #d9a400}";

    private String say(String zh, String en) {
        return lang.equals("en") ? en : zh;
    }

    private String title() {
        return say("模型说明：", "Model card: ") + forecast.name().in(lang) + " " + version.version();
    }

    private String markdown(List<Section> since) {
        text.append("# ").append(title()).append("\n\n> ");
        text.append(
                say(
                        "内部参考：仅用于配置监督检查资源，不评价、不惩戒、不公开、不免抽。概率针对“如果检查”，不是对主体的认定。",
                        "Internal reference for allocating inspections: no rating, no sanction, not for publication, nobody exempt from"
                                + " sampling. A probability speaks of what an inspection would find, and finds nothing itself."));
        text.append("\n\n");
        what();
        checks();
        days();
        compared();
        truth();
        selection();
        matters();
        if (learned.of() instanceof Scorecard card) {
            points(Points.of(card, Points.Scale.USUAL));
        }
        forbidden();
        limits();
        since.forEach(section -> {
            heading(section.heading);
            text.append(section.text.in(lang)).append("\n\n");
        });
        decisions();
        return text.toString();
    }

    private void heading(Words words) {
        text.append("## ").append(words.in(lang)).append("\n\n");
    }

    private void heading(String zh, String en) {
        heading(new Words(zh, en));
    }

    private void table(String... header) {
        row(header);
        text.append("|").append(" --- |".repeat(header.length)).append('\n');
    }

    private void row(String... cells) {
        for (String cell : cells) {
            text.append("| ")
                    .append(cell.replace("|", "\\|").replaceAll("\\s+", " "))
                    .append(' ');
        }
        text.append("|\n");
    }

    private void what() {
        heading("用途与样本", "What it is for, and of what");
        table(say("项目", "item"), say("内容", "content"));
        Forecast.Outcome outcome = forecast.outcome();
        row(say("预测事项", "foretells"), forecast.name().in(lang));
        row(say("依据", "basis"), forecast.basis());
        row(
                say("结果口径", "outcome"),
                "`" + outcome.table() + "`" + (outcome.where() == null ? "" : ", `" + outcome.where() + "`") + " → `"
                        + outcome.bad() + "`"
                        + (outcome.unclear() == null ? "" : say("；不计：`", "; no outcome: `") + outcome.unclear() + "`"));
        row(
                say("观察窗口", "window"),
                say(
                        "评价日后 " + outcome.months() + " 个月，再过 " + outcome.delay() + " 天结果成熟",
                        outcome.months() + " months after the day; ripe " + outcome.delay() + " days later"));
        row(
                say("适用主体", "speaks of"),
                forecast.scope() == null ? say("全部分类主体", "all that are classified") : "`" + forecast.scope() + "`");
        row(say("模型类型", "kind"), version.kind());
        row(say("训练日", "fitted for"), version.fittedOn().toString());
        row(
                say("样本", "cases"),
                say(
                        String.format(
                                Locale.ROOT,
                                "%,d 个（不良 %,d 个），评价日 %s 至 %s",
                                version.cases(),
                                version.bad(),
                                version.from(),
                                version.to()),
                        String.format(
                                Locale.ROOT,
                                "%,d, %,d of them bad, of days from %s to %s",
                                version.cases(),
                                version.bad(),
                                version.from(),
                                version.to())));
        text.append('\n');
    }

    private void checks() {
        heading("准入检查", "Checks before it is used");
        table(say("检查", "check"), say("结论", "verdict"), say("结果", "found"));
        Requirement.parse(version.gates())
                .forEach(one -> row(
                        one.name().in(lang), one.verdict().name(), one.found().in(lang)));
        text.append(say("\n界限见政策 gate.yaml。\n\n", "\nThe bounds are those of the policy, in gate.yaml.\n\n"));
    }

    private void days() {
        heading("滚动回测", "Looking back, day by day");
        text.append(say(
                "每个评价日只用当日已收到且结果已成熟的样本训练。\n\n",
                "On each day it was fitted on what had been received and was ripe by then.\n\n"));
        table(
                say("评价日", "day"),
                say("训练样本", "fitted on"),
                say("样本", "cases"),
                say("不良", "bad"),
                "AUC",
                say("前10%提升", "lift of the first tenth"),
                say("提前天数", "days earlier"));
        for (JsonNode round : measured.path("rounds")) {
            row(
                    round.path("day").asString(""),
                    String.valueOf(round.path("fitted").asLong()),
                    String.valueOf(round.path("cases").asLong()),
                    String.valueOf(round.path("bad").asLong()),
                    figure(round, "auc", 3) + " ± " + figure(round, "error", 3),
                    figure(round, "lift", 2),
                    figure(round, "days_earlier", 2));
        }
        text.append(say("\n最差：", "\nWorst: "))
                .append(measured.path("worst").path("day").asString(""))
                .append(" (")
                .append(figure(measured.path("worst"), "auc", 3))
                .append(say(")；后半期减前半期：", "); later half less earlier half: "))
                .append(figure(measured, "trend", 3))
                .append("\n\n");
    }

    private void compared() {
        heading("与无需建模的做法相比", "Beside what needs no model");
        table(say("做法", "order by"), "AUC", say("前10%提升", "lift of the first tenth"), say("提前天数", "days earlier"));
        row(
                say("本模型", "this model"),
                figure(measured, "auc", 3),
                figure(measured.path("order"), "lift", 2),
                figure(measured.path("order"), "days_earlier", 2));
        for (Backtest.Baseline baseline : Backtest.Baseline.values()) {
            row(
                    switch (baseline) {
                        case violator -> say("近一年有问题者优先", "bad in the year before");
                        case peers -> say("行业不良比例", "rate of the sector");
                        case rules -> say("规则类别与得分", "class and score by the rules");
                    },
                    figure(measured.path("baselines"), baseline.name(), 3),
                    "–",
                    "–");
        }
        row(
                say("随机", "random"),
                "0.500",
                figure(measured.path("random"), "lift", 2),
                figure(measured.path("random"), "days_earlier", 2));
        row(say("实际检查顺序", "as they were looked at"), "–", "–", "0.00");
        text.append(say("\n合并计算：Gini ", "\nAll days together: Gini "))
                .append(figure(measured, "gini", 3))
                .append(", KS ")
                .append(figure(measured, "ks", 3))
                .append(", Brier ")
                .append(figure(measured, "brier", 4))
                .append("\n\n");
    }

    private void truth() {
        heading("概率是否属实", "How true its probabilities are");
        table(say("", " "), say("截距", "intercept"), say("斜率", "slope"), say("平均偏差", "mean distance"));
        row(
                say("校准前", "before recalibration"),
                figure(measured.path("before"), "intercept", 3),
                figure(measured.path("before"), "slope", 3),
                figure(measured.path("before"), "distance", 4));
        row(
                say("校准后", "as published"),
                figure(measured.path("calibration"), "intercept", 3),
                figure(measured.path("calibration"), "slope", 3),
                figure(measured.path("calibration"), "distance", 4));
        text.append(say("\n实际与预期之比：", "\nObserved to expected: "))
                .append(figure(measured, "observed_to_expected", 3))
                .append(say("。校准线：", ". Line for what is foretold next: "))
                .append(String.format(
                        Locale.ROOT,
                        "%.3f + %.3f · log odds",
                        learned.line().intercept(),
                        learned.line().slope()))
                .append("\n\n");
    }

    private void selection() {
        JsonNode of = measured.path("selection");
        heading("谁被检查：由样本推断全体", "Who was looked at, and what that says of all");
        text.append(say(
                String.format(
                        Locale.ROOT,
                        "最后一个评价日：%,d 户中 %,d 户被检查；仅凭特征预测谁被检查的 AUC 为 %s（0.5 即与随机无异）。\n\n",
                        of.path("all").asLong(),
                        of.path("looked").asLong(),
                        figure(of, "chosen", 3)),
                String.format(
                        Locale.ROOT,
                        "Of the last day: %,d enterprises, %,d of them looked at; who is looked at is foretold by the features with an"
                                + " AUC of %s (0.5 were they drawn by chance).\n\n",
                        of.path("all").asLong(),
                        of.path("looked").asLong(),
                        figure(of, "chosen", 3))));
        if (of.path("found").asLong() > of.path("all").asLong()) {
            text.append(say(
                    String.format(
                            Locale.ROOT,
                            "该日共 %,d 户，以上为抽取的一部分。\n\n",
                            of.path("found").asLong()),
                    String.format(
                            Locale.ROOT,
                            "They were drawn of the %,d there were that day.\n\n",
                            of.path("found").asLong())));
        }
        table(say("不良比例估计", "share of bad enterprises"), say("结果", "estimate"), say("前提", "what it takes for true"));
        row(say("被检查者", "those looked at"), percent(of, "pooled"), say("检查对象与全体无异", "they are like the others"));
        row(
                say("加权", "weighted"),
                percent(of, "weighted"),
                say(
                        "选择仅取决于特征；截断权重占 " + percent(of, "clipped") + "，有效样本 " + figure(of, "effective", 0),
                        "they were chosen by the features alone; " + percent(of, "clipped") + " of weights cut, worth "
                                + figure(of, "effective", 0) + " cases"));
        row(
                say("双重稳健", "doubly robust"),
                percent(of, "robust") + " ± " + percent(of, "error"),
                say("模型或权重至少一个正确", "the model or the weights are right"));
        row(
                say("随机抽查", "drawn at random"),
                of.path("drawn").isNumber()
                        ? percent(of, "drawn") + " ± " + percent(of, "drawn_error")
                        : say("无", "none"),
                say("无", "nothing"));
        text.append(
                say(
                        "\n± 为标准误。检查人员凭线索（举报等）而特征不知的部分，任何加权都不能修正。\n\n",
                        "\n± is a standard error. What those who choose know and no feature does, such as a tip-off, no weight repairs.\n\n"));
        JsonNode districts = of.path("districts");
        if (!districts.isEmpty()) {
            table(
                    say("区县", "district"),
                    say("户数", "enterprises"),
                    say("被检查", "looked at"),
                    say("不良比例（双重稳健）", "share of bad, doubly robust"));
            districts.forEach(one -> row(
                    one.path("district").asString(""),
                    String.valueOf(one.path("enterprises").asLong()),
                    String.valueOf(one.path("looked").asLong()),
                    percent(one, "share") + " ± " + percent(one, "error")));
            text.append('\n');
        }
    }

    private static String percent(JsonNode node, String name) {
        JsonNode value = node.path(name);
        return value.isNumber() ? String.format(Locale.ROOT, "%.1f %%", 100 * value.asDouble()) : "–";
    }

    private void matters() {
        heading("哪些特征起作用", "What matters");
        table(say("特征", "feature"), say("平均影响", "mean effect"), say("含义", "what it is"));
        for (JsonNode one : measured.path("variables")) {
            String id = one.path("variable").asString("");
            row(
                    "`" + id + "`",
                    figure(one, "mean", 3),
                    forecast.feature(id).name().in(lang));
        }
        text.append('\n');
    }

    private void points(Points points) {
        heading("评分卡", "The card");
        text.append(say(
                String.format(
                        Locale.ROOT,
                        "起始 %d 分，每 %d 分风险比翻一番。\n\n",
                        points.base(),
                        points.scale().twice()),
                String.format(
                        Locale.ROOT,
                        "%d points to begin with; %d more double the odds.\n\n",
                        points.base(),
                        points.scale().twice())));
        table(say("特征", "feature"), say("区间", "bin"), say("不良比例", "bad"), say("分", "points"));
        for (int v = 0; v < points.card().variables().size(); v++) {
            Bins bins = points.card().variables().get(v);
            for (int b = 0; b < bins.bins().size(); b++) {
                Bins.Bin bin = bins.bins().get(b);
                if (bin.bad() + bin.good() > 0) {
                    row(
                            forecast.feature(bins.variable()).name().in(lang),
                            bins.named(b),
                            String.format(Locale.ROOT, "%.1f %%", 100 * bin.bad() / (bin.bad() + bin.good())),
                            String.valueOf(points.points().get(v)[b]));
                }
            }
        }
        for (Scorecard.LeftOut out : points.card().leftOut()) {
            text.append(say("\n未入卡：", "\nNot in the card: "))
                    .append(forecast.feature(out.variable()).name().in(lang))
                    .append(" (")
                    .append(out.why())
                    .append(")\n");
        }
        text.append('\n');
    }

    private void forbidden() {
        heading("不得使用的信息", "What it may not know");
        text.append(say(
                        "检查人员、班组、任务与计划编号，以及任何个人属性。定义中不得出现：",
                        "Who inspects, teams, tasks and plans, and anything of a person. No feature may name: "))
                .append(Forecast.denied().stream().map(w -> "`" + w + "`").collect(Collectors.joining(", ")))
                .append(".\n\n");
    }

    private void limits() {
        heading("局限", "Limits");
        JsonNode drawn = measured.path("random_arm");
        long cases = drawn.path("cases").asLong();
        text.append(say(
                "- 只有被检查过的主体才有结果。从未被检查的主体按同样的特征推断，无法核对。\n",
                "- Only enterprises that were looked at have an outcome. Of those that never were it says what their features say, and"
                        + " nobody can check.\n"));
        text.append(
                cases == 0
                        ? say(
                                "- 样本中没有随机抽查，检查由人选定：排序较可信，概率的绝对水平不可信。\n",
                                "- No case was drawn at random, all were chosen by somebody: the order is worth more than the level of the"
                                        + " probabilities.\n")
                        : say(
                                "- 随机抽查样本 " + cases + " 个：AUC " + figure(drawn, "auc", 3) + "，实际与预期之比 "
                                        + figure(drawn, "observed_to_expected", 2) + "。\n",
                                "- " + cases + " cases were drawn at random: AUC " + figure(drawn, "auc", 3)
                                        + ", observed to expected " + figure(drawn, "observed_to_expected", 2)
                                        + ".\n"));
        text.append(say(
                "- 各评价日之间按独立估计误差；同一主体可能出现在多个评价日。\n",
                "- Errors take the days for independent; an enterprise may be among the cases of several.\n"));
        text.append(
                say(
                        "- 预测的是检查结果，检查方式改变（如处罚标准修订）后须重新训练。\n\n",
                        "- It foretells what inspections find: when they are done otherwise, by new codes or limits, it must be fitted again.\n\n"));
    }

    private void decisions() {
        heading("决定记录", "Decisions");
        table(say("生效日", "since"), say("状态", "state"), say("决定人", "by"), say("理由", "why"));
        registry.decisions().stream()
                .filter(d -> d.version().equals(version.version()))
                .forEach(d -> row(d.since().toString(), d.state().name(), d.by(), d.reason()));
        text.append('\n');
    }

    private static String figure(JsonNode node, String name, int digits) {
        JsonNode value = node.path(name);
        return value.isNumber() ? String.format(Locale.ROOT, "%." + digits + "f", value.asDouble()) : "–";
    }
}
