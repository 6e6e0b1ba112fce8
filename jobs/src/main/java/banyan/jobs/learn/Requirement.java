package banyan.jobs.learn;

import banyan.jobs.Json;
import banyan.jobs.publish.Gate.Verdict;
import banyan.models.Forecast;
import banyan.models.Policy;
import banyan.models.Words;
import banyan.models.learned.Backtest;
import banyan.models.learned.Bins;
import banyan.models.learned.Calibration;
import banyan.models.learned.Cohorts;
import banyan.models.learned.Leak;
import banyan.models.learned.Learned;
import banyan.models.learned.Model;
import banyan.models.learned.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import tools.jackson.databind.node.ArrayNode;

/**
 * What a version must satisfy before it is used: one that blocks is never promoted. The bounds are the policy's.
 *
 * @param name what is asked
 * @param found what was found, with figures and bounds
 */
public record Requirement(Words name, Verdict verdict, Words found) {
    private static final double SURE = 1.96;
    private static final Words UNCHECKED =
            new Words("样本不足，无法核对", "too few cases of both kinds: it could not be checked");

    /** All that is asked, in the order in which it is told. */
    static List<Requirement> of(
            Policy.Models bounds,
            Forecast forecast,
            Learned learned,
            Cohorts cases,
            Backtest backtest,
            Function<Sample, Model> way,
            Registry.Version champion) {
        List<Requirement> all = new ArrayList<>();
        all.add(days(bounds, backtest));
        all.add(aboveChance(backtest));
        all.add(worthIt(backtest));
        all.add(probabilities(bounds, backtest));
        all.add(leaks(forecast, cases));
        all.add(shuffled(bounds, backtest, cases, way));
        all.add(lookers(bounds, backtest.guard()));
        all.add(kept(learned, cases));
        all.add(random(bounds, backtest.randomArm()));
        if (champion != null) {
            all.add(against(bounds, learned, backtest, champion));
        }
        return List.copyOf(all);
    }

    private static Requirement days(Policy.Models bounds, Backtest backtest) {
        int days = backtest.rounds().size();
        return of(
                "回测时点数",
                "days looked back on",
                days >= bounds.days(),
                "共 %d 个，要求不少于 %d 个",
                "%d, at least %d are asked",
                days,
                bounds.days());
    }

    private static Requirement aboveChance(Backtest backtest) {
        return of(
                "优于随机",
                "better than chance",
                backtest.auc() - SURE * backtest.error() > 0.5,
                "AUC 均值 %.3f ± %.3f，下限须高于 0.5",
                "mean AUC %.3f ± %.3f, the lower bound must be above 0.5",
                backtest.auc(),
                SURE * backtest.error());
    }

    private static Requirement worthIt(Backtest backtest) {
        double violator = backtest.auc(Backtest.Baseline.violator);
        double peers = backtest.auc(Backtest.Baseline.peers);
        double rules = backtest.auc(Backtest.Baseline.rules);
        return of(
                "不逊于无需建模的做法",
                "no worse than what needs no model",
                backtest.auc() >= Math.max(violator, Math.max(peers, rules)),
                "AUC %.3f；近一年有问题者 %.3f，行业比例 %.3f，规则类别 %.3f",
                "AUC %.3f; bad in the year before %.3f, rate of the sector %.3f, class by the rules %.3f",
                backtest.auc(),
                violator,
                peers,
                rules);
    }

    private static Requirement probabilities(Policy.Models bounds, Backtest backtest) {
        Calibration.Truth truth = backtest.truth();
        double observed = backtest.observedToExpected();
        return of(
                "概率属实",
                "probabilities are true",
                truth.slope() >= bounds.slope_least()
                        && truth.slope() <= bounds.slope_most()
                        && observed >= bounds.observed_least()
                        && observed <= bounds.observed_most(),
                "斜率 %.2f（%.2f 至 %.2f），实际与预期之比 %.2f（%.2f 至 %.2f）",
                "slope %.2f (%.2f to %.2f), observed to expected %.2f (%.2f to %.2f)",
                truth.slope(),
                bounds.slope_least(),
                bounds.slope_most(),
                observed,
                bounds.observed_least(),
                bounds.observed_most());
    }

    private static Requirement leaks(Forecast forecast, Cohorts cases) {
        List<String> strong = Leak.of(cases.sample(), Bins.Manner.CARD);
        List<String> unexplained = strong.stream()
                .filter(said -> forecast.strong().keySet().stream().noneMatch(id -> said.startsWith(id + " ")))
                .toList();
        return of(
                "单个变量不泄露结果",
                "no variable tells too much alone",
                unexplained.isEmpty(),
                "%d 个变量超过 IV 0.5 或 AUC 0.85，其中 %d 个未说明理由%s",
                "%d variables are above IV 0.5 or AUC 0.85, %d of them without a reason in the definition%s",
                strong.size(),
                unexplained.size(),
                unexplained.isEmpty() ? "" : ": " + String.join("; ", unexplained));
    }

    private static Requirement shuffled(
            Policy.Models bounds, Backtest backtest, Cohorts cases, Function<Sample, Model> way) {
        double auc = backtest.shuffled(cases, way);
        double bound = Math.max(bounds.shuffled(), SURE * backtest.shuffledError());
        if (Double.isNaN(auc) || Double.isNaN(bound)) {
            return new Requirement(
                    new Words("打乱标签后无预测力", "labels dealt out at random foretell nothing"), Verdict.WARN, UNCHECKED);
        }
        return of(
                "打乱标签后无预测力",
                "labels dealt out at random foretell nothing",
                Math.abs(auc - 0.5) <= bound,
                "AUC %.3f，须在 0.5 ± %.3f 之内",
                "AUC %.3f, must be within 0.5 ± %.3f",
                auc,
                bound);
    }

    private static Requirement lookers(Policy.Models bounds, Backtest.Guard guard) {
        if (guard.groups() < 2) {
            return new Requirement(
                    new Words("不靠识别检查人员取胜", "does not foretell who looks"),
                    Verdict.WARN,
                    new Words("未提供检查组别，无法核对", "who looked is not told: it could not be checked"));
        }
        if (Double.isNaN(guard.least())) {
            return new Requirement(new Words("不靠识别检查人员取胜", "does not foretell who looks"), Verdict.WARN, UNCHECKED);
        }
        return of(
                "不靠识别检查人员取胜",
                "does not foretell who looks",
                guard.least() <= bounds.lookers(),
                "全体 AUC %.3f，%d 个检查组内 %.3f，差值 95%% 下限 %.3f，不得高于 %.2f",
                "AUC of all %.3f, within %d groups of lookers %.3f, lower bound of the difference %.3f, at most %.2f",
                guard.pooled(),
                guard.groups(),
                guard.within(),
                guard.least(),
                bounds.lookers());
    }

    private static Requirement kept(Learned learned, Cohorts cases) {
        double[] fitted = learned.of().scores(cases.sample().variables(), cases.size());
        double[] kept = Learned.parse(learned.json()).of().scores(cases.sample().variables(), cases.size());
        long differ = 0;
        for (int i = 0; i < kept.length; i++) {
            differ += kept[i] == fitted[i] ? 0 : 1;
        }
        return of(
                "存档与训练结果一致",
                "scores the same as it was kept",
                differ == 0,
                "%d 个样本中 %d 个不同",
                "of %d cases %d differ",
                kept.length,
                differ);
    }

    /** Nobody chose whom: of these alone it can be said how true the probabilities are of enterprises that nobody would have chosen. */
    private static Requirement random(Policy.Models bounds, Backtest.RandomArm drawn) {
        Words name = new Words("随机抽查样本", "cases drawn at random");
        if (drawn.bad() == 0 || drawn.cases() == drawn.bad()) {
            return new Requirement(
                    name,
                    Verdict.WARN,
                    new Words(
                            drawn.cases() + " 个：无从得知对未被选中检查的主体是否成立",
                            drawn.cases() + ": how far it holds of enterprises that nobody chose is not known"));
        }
        return new Requirement(
                name,
                drawn.cases() >= bounds.drawn() ? Verdict.PASS : Verdict.WARN,
                said(
                        "%d 个，AUC %.3f ± %.3f，实际与预期之比 %.2f",
                        "%d, AUC %.3f ± %.3f, observed to expected %.2f",
                        drawn.cases(),
                        drawn.auc(),
                        SURE * drawn.error(),
                        drawn.observedToExpected()));
    }

    private static Requirement against(
            Policy.Models bounds, Learned learned, Backtest backtest, Registry.Version champion) {
        Words name = new Words("不逊于在用版本的做法", "no worse than the champion's way");
        if (!champion.learned().asked().asksTheSame(learned.asked())) {
            return new Requirement(
                    name,
                    Verdict.WARN,
                    new Words(
                            "在用版本 " + champion.version() + " 的特征不同，无法在同样样本上重新训练比较；先作对照运行，再用 evaluate 比较",
                            "the champion " + champion.version()
                                    + " knows other features, so that it could not be fitted on the same"
                                    + " cases; let both score for a time and compare them by evaluate"));
        }
        if (backtest.beside() == null) {
            return new Requirement(
                    name,
                    Verdict.PASS,
                    new Words(
                            "与在用版本 " + champion.version() + " 做法相同，样本更新",
                            "the same way as the champion " + champion.version() + ", on newer cases"));
        }
        Backtest.Against other = backtest.against();
        return new Requirement(
                name,
                other.difference() < 0 && other.p() < bounds.chance() ? Verdict.BLOCK : Verdict.PASS,
                said(
                        "与 %s（%s）AUC 之差 %+.4f，p %.3f",
                        "AUC less that of %s (%s) %+.4f, p %.3f",
                        champion.kind(),
                        champion.version(),
                        other.difference(),
                        other.p()));
    }

    private static Requirement of(
            String zh, String en, boolean kept, String foundZh, String foundEn, Object... figures) {
        return new Requirement(new Words(zh, en), kept ? Verdict.PASS : Verdict.BLOCK, said(foundZh, foundEn, figures));
    }

    private static Words said(String zh, String en, Object... figures) {
        return new Words(String.format(Locale.ROOT, zh, figures), String.format(Locale.ROOT, en, figures));
    }

    /** As models keeps them. */
    static String json(List<Requirement> all) {
        ArrayNode json = Json.object().putArray("gates");
        all.forEach(one -> json.addObject()
                .put("check", one.name.en())
                .put("check_zh", one.name.zh())
                .put("verdict", one.verdict.name())
                .put("found", one.found.en())
                .put("found_zh", one.found.zh()));
        return json.toString();
    }

    static List<Requirement> parse(String json) {
        List<Requirement> all = new ArrayList<>();
        Json.read(json)
                .forEach(one -> all.add(new Requirement(
                        new Words(
                                one.path("check_zh").asString(""),
                                one.path("check").asString("")),
                        Verdict.valueOf(one.path("verdict").asString("")),
                        new Words(
                                one.path("found_zh").asString(""),
                                one.path("found").asString("")))));
        return all;
    }
}
