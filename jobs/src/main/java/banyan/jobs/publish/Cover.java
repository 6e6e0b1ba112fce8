package banyan.jobs.publish;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What the first sheet of the workbook says: what the list is, what it may be used for, and how to read it. */
final class Cover {
    private Cover() {}

    /** A line's label and text. */
    record Line(String label, String text) {}

    static List<Line> lines(Edition e) {
        List<Line> lines = new ArrayList<>();
        lines.add(new Line(e.say("标题", "Title"), e.say("信用风险分类差异化监管名单", "Supervision list by credit-risk class")));
        lines.add(new Line(e.say("使用说明", "Use"), SupervisionList.notice(e.lang())));
        lines.add(new Line(e.say("评价日", "As of"), e.asOf().toString()));
        lines.add(new Line(e.say("知悉截止", "Known at"), e.knownAt().toString()));
        lines.add(new Line(e.say("政策版本", "Policy version"), e.policy().version()));
        lines.add(new Line(e.say("期号", "Snapshot"), e.id()));
        lines.add(new Line(e.say("分类结果", "Classes"), classes(e)));
        lines.add(new Line(e.say("类别分界", "Bands"), bands(e)));
        e.policy()
                .specialised(e.asOf())
                .fields()
                .forEach(field -> lines.add(new Line(
                        e.policy().fields().get(field.id()).name().in(e.lang()),
                        e.say("方案：", "scheme: ") + field.classes().name().in(e.lang())
                                + e.say(
                                        "；适用类别取专业与通用之差者；前",
                                        "; the worse of the field's and the general class counts; the first ")
                                + Workbook.DETAILED + e.say("名，全部见 CSV。", " are shown, all are in the CSV.") + " "
                                + field.classes().basis())));
        e.models()
                .values()
                .forEach(model -> lines.add(new Line(
                        e.say("模型预测", "Model"),
                        model
                                + e.say(
                                        "：概率针对“如果检查”，不改变规则类别；规则与模型不一致者另行标明，由人判断。前",
                                        ": a probability speaks of what an inspection would find, and changes no class; where"
                                                + " rules and model say otherwise it is marked, and a person judges. The first ")
                                + Workbook.DETAILED
                                + e.say("名，全部见 CSV。", " are shown, all are in the CSV."))));
        e.apart()
                .ifPresent(rows -> lines.add(new Line(
                        e.say("省级分类", "Province"),
                        e.say("适用类别取本市类别与省级类别之差者；两者不一致的有 ", "the worse of the city's and the province's class counts; ")
                                + rows.count()
                                + e.say(" 户，见“省市差异”表。", " differ, in the sheet “Province and city”."))));
        lines.add(new Line(e.say("依据", "Basis"), e.index().classes().basis()));
        lines.add(new Line(
                e.say("怎样读", "How to read"),
                e.say(
                        "风险分0至1000，分越高风险越大；直接判定与底线规则可以使类别差于按分值类别。指标明细列出前" + Workbook.DETAILED + "名的每一分及其依据记录。",
                        "Scores run from 0 to 1000, higher is riskier; overrides and floors can make the class worse than the score"
                                + " alone. The contributions sheet holds every point of the first " + Workbook.DETAILED
                                + " entities and the records it rests on.")));
        if (e.synthetic()) {
            lines.add(new Line(
                    e.say("合成数据", "Synthetic data"),
                    e.say("本名单由合成数据生成，不涉及任何真实主体。", "Made from synthetic data; no real entity is meant.")));
        }
        return lines;
    }

    private static String classes(Edition e) {
        return e.classes().entrySet().stream()
                .map(c -> (c.getKey().equals("unclassified") ? e.say("不分类", "unclassified") : c.getKey()) + " "
                        + c.getValue())
                .collect(Collectors.joining(e.say("，", ", ")));
    }

    private static String bands(Edition e) {
        return e.index().classes().bands().stream()
                .map(b -> b.riskClass() + " ≥ " + b.from())
                .collect(Collectors.joining(e.say("，", ", ")));
    }
}
