package banyan.jobs.publish;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Sha256;
import banyan.jobs.conform.CreditCode;
import banyan.schemas.Contract;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import tools.jackson.databind.node.ObjectNode;

/**
 * A plan as inspectors and other systems get it: {@code TO/inspection_plan/<plan>-<hash>/} with CSV (for machines, for Excel), XLSX,
 * Parquet, the strata, manifest with the seed, and SHA256SUMS; {@code TO/inspection_plan/<plan>.json} points to it. The same plan gives
 * the same bytes, but for Parquet.
 */
public final class PlanSnapshot {
    private static final String LIST = "inspection_plan";
    private static final String STRATA = "plan_strata";
    private static final int[] WIDTHS = {
        10, 17, 22, 24, 10, 10, 8, 8, 22, 22, 34, 12, 10, 11, 9, 9, 9, 9, 20, 22, 12, 12, 12, 60, 14, 12, 12, 14
    };
    private static final int[] STRATA_WIDTHS = {10, 20, 10, 12, 8, 10, 10, 10, 10, 10, 10, 10, 20, 12, 12, 14};

    private final Lake lake;
    private final Plans.Drawn plan;
    private final String basis;
    private final SnapshotFolder folder;
    private final String lang; // as it was drawn: a snapshot never changes
    private final Dataset<Row> rows;
    private final Dataset<Row> strata;

    /** @param basis of the plan's ratios; null where the policy has others by now */
    public PlanSnapshot(Lake lake, Plans.Drawn plan, String basis, Path to) {
        this.lake = lake;
        this.plan = plan;
        this.basis = basis;
        this.folder = new SnapshotFolder(to.resolve(LIST));
        this.lang = plan.lang();
        this.rows = ordered(LIST, "reserve", "visit_no", "item", "draw_rank", "entity_id");
        this.strata = ordered(STRATA, "item", "area_code", "entity_kind", "risk_class");
    }

    private Dataset<Row> ordered(String table, String... by) {
        return Plans.rows(lake, table)
                .where(functions.col("plan_id").equalTo(plan.plan()))
                .select(Contract.of(table).columns())
                .orderBy(Stream.of(by).map(functions::col).toArray(org.apache.spark.sql.Column[]::new))
                .coalesce(1);
    }

    /** Writes it, unless it is there. */
    public Path write() {
        try {
            Optional<Path> there = folder.whole(
                    plan.plan() + "-",
                    manifest -> plan.fingerprint()
                            .equals(manifest.path("fingerprint").asString("")));
            Path snapshot = there.isPresent() ? there.get() : files();
            folder.point(
                    plan.plan(),
                    Json.object()
                            .put("name", LIST)
                            .put("snapshot", snapshot.getFileName().toString())
                            .put("plan_id", plan.plan())
                            .put("as_of", plan.asOf().toString())
                            .put("path", snapshot.getFileName() + "/manifest.json"));
            return snapshot;
        } catch (IOException e) {
            throw folder.unwritable(e);
        }
    }

    private Path files() throws IOException {
        List<Row> all = rows.collectAsList(); // no more than the inspectors can visit
        List<Row> few = strata.collectAsList();
        Path staging = folder.staging();
        Path csv = staging.resolve(name(LIST) + ".csv");
        CsvList.forMachines(csv, Contract.of(LIST), all.iterator());
        CsvList.forExcel(staging.resolve(name(LIST) + "_excel.csv"), Contract.of(LIST), lang, all.iterator());
        CsvList.forMachines(staging.resolve(name(STRATA) + ".csv"), Contract.of(STRATA), few.iterator());
        CsvList.forExcel(staging.resolve(name(STRATA) + "_excel.csv"), Contract.of(STRATA), lang, few.iterator());
        lake.parquetFile(rows, staging.resolve(name(LIST) + ".parquet"));
        String id = plan.plan() + "-" + Sha256.of(csv).substring(0, 12);
        boolean synthetic =
                !rows.where(CreditCode.madeUp(functions.col("entity_id"))).isEmpty();
        workbook(staging.resolve(name(LIST) + ".xlsx"), id, synthetic, all, few);
        return folder.settle(id, manifest(id, all.size() - plan.rows()));
    }

    private String name(String list) {
        return list + "_" + plan.plan();
    }

    private void workbook(Path file, String id, boolean synthetic, List<Row> all, List<Row> few) throws IOException {
        Path raw = Path.of(file + ".raw");
        try (OutputStream out = Files.newOutputStream(raw);
                org.dhatim.fastexcel.Workbook book = new org.dhatim.fastexcel.Workbook(out, "Banyan", "1.0")) {
            book.setGlobalDefaultFont(Workbook.FONT, 11);
            Workbook.about(book, say("说明", "About"), cover(id, synthetic));
            Workbook.sheets(
                    book,
                    say("抽查计划", "Plan"),
                    Workbook.titles(LIST, lang),
                    WIDTHS,
                    InWords.of(Contract.of(LIST), lang, all.iterator()),
                    Workbook.MAX_ROWS);
            Workbook.sheets(
                    book,
                    say("分层", "Strata"),
                    Workbook.titles(STRATA, lang),
                    STRATA_WIDTHS,
                    InWords.of(Contract.of(STRATA), lang, few.iterator()),
                    Workbook.MAX_ROWS);
            Workbook.fields(book, lang, Stream.of(LIST, STRATA));
        }
        Workbook.reproducible(raw, file, plan.asOf());
        Files.delete(raw);
    }

    private List<Cover.Line> cover(String id, boolean synthetic) {
        List<Cover.Line> lines = new ArrayList<>(List.of(
                new Cover.Line(say("标题", "Title"), say("双随机抽查计划 ", "Double-random inspection plan ") + plan.plan()),
                new Cover.Line(say("使用说明", "Use"), SupervisionList.notice(lang)),
                new Cover.Line(say("检查期间", "Period"), plan.from() + say(" 至 ", " to ") + plan.to()),
                new Cover.Line(say("评价日", "Classes as of"), plan.asOf().toString()),
                new Cover.Line(say("期号", "Snapshot"), id),
                new Cover.Line(
                        say("规模", "Size"),
                        plan.rows()
                                + say(" 项，", " rows, ")
                                + plan.visits()
                                + say(" 户次", " visits")
                                + (plan.withoutTeam() == 0
                                        ? ""
                                        : say("；未派检查人员 ", "; without inspectors ") + plan.withoutTeam())),
                new Cover.Line(
                        say("依据", "Basis"),
                        Optional.ofNullable(basis).orElse(say("计划政策 ", "plan of the policy ") + plan.planVersion())),
                new Cover.Line(
                        say("随机种子", "Seed"),
                        plan.seed()
                                + say("；封存于 ", "; sealed at ")
                                + plan.sealedAt()
                                + say("，当日类别最早计算于 ", ", classes of the day first begun at ")
                                + plan.classesAt()
                                + say("；指纹（SHA-256）", "; SHA-256 ")
                                + Sha256.of(plan.seed())),
                new Cover.Line(say("怎样复核", "How to check"), how(lang)),
                new Cover.Line(
                        say("对照抽取", "Control arm"),
                        say(
                                "标记为 control 的从该事项全部可抽主体中等概率抽取，与类别无关，用于衡量分类是否准确，不得替换或增删。",
                                "Rows marked control are drawn of all of the item that may be, alike, whatever the class, and tell how"
                                        + " good the classes are: none may be exchanged, added or left out."))));
        plan.despite()
                .ifPresent(a -> lines.add(new Cover.Line(
                        say("种子封存晚于分类，答复", "Seed sealed after the classes, answered"), a.by() + ": " + a.reason())));
        if (synthetic) {
            lines.add(new Cover.Line(
                    say("合成数据", "Synthetic data"),
                    say("本计划由合成数据生成，不涉及任何真实主体。", "Made from synthetic data; no real entity is meant.")));
        }
        return lines;
    }

    /** How whoever has the seed can work the draw out again. */
    static String how(String lang) {
        return lang.equals("en")
                ? "draw_key is HMAC-SHA256 of plan_id|item|arm|entity_id with the seed's text as key. Of each stratum (sheet Strata) the"
                        + " quota with the smallest keys is drawn, after the control arm, which takes the smallest of the item. `banyan plan"
                        + " verify` draws all of it again. Strata and classes are internal: what is told outside is the seed, its hash as"
                        + " told beforehand, and an entity's own key."
                : "抽取键 draw_key = HMAC-SHA256（以种子文本为密钥，消息为 plan_id|item|arm|entity_id）。先按事项抽对照，再在每一分层（见“分层”）中取键值最小的应抽数。"
                        + "全部抽取可用 banyan plan verify 重算。分层与类别仅供内部，对外只告知种子、事先公布的种子指纹和主体自己的抽取键。";
    }

    private String say(String zh, String en) {
        return lang.equals("en") ? en : zh;
    }

    private ObjectNode manifest(String id, long reserve) {
        ObjectNode manifest = Json.object()
                .put("name", LIST)
                .put("snapshot", id)
                .put("plan_id", plan.plan())
                .put("from", plan.from().toString())
                .put("to", plan.to().toString())
                .put("as_of", plan.asOf().toString())
                .put("known_at", plan.knownAt().toString())
                .put("plan_version", plan.planVersion())
                .put("policy_version", plan.policyVersion())
                .put("contract_version", Contract.of(LIST).version())
                .put("usage_notice", SupervisionList.notice(lang))
                .put("lang", lang)
                .put("rows", plan.rows())
                .put("reserve", reserve)
                .put("visits", plan.visits())
                .put("without_team", plan.withoutTeam())
                .put("fingerprint", plan.fingerprint())
                .put("seed", plan.seed())
                .put("commitment", Sha256.of(plan.seed()))
                .put("sealed_at", plan.sealedAt().toString())
                .put("classes_at", plan.classesAt().toString())
                .put("roster", plan.roster())
                .put("how_to_check", how(lang));
        plan.despite()
                .ifPresent(a -> manifest.putObject("despite").put("by", a.by()).put("reason", a.reason()));
        return manifest;
    }
}
