package banyan.jobs.generate;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.date_add;
import static org.apache.spark.sql.functions.date_format;
import static org.apache.spark.sql.functions.date_sub;
import static org.apache.spark.sql.functions.datediff;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.format_string;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.lower;
import static org.apache.spark.sql.functions.make_date;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.pow;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.sequence;
import static org.apache.spark.sql.functions.sqrt;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.translate;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.year;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The records that the city's senders deliver: one frame a table, one row a delivered record, all text, in the columns of the raw
 * contract, with {@code received_on} and, for the order within a file, {@code id} and {@code state}. A record that changes is delivered
 * again when it has changed, in state 1; what changed before the first delivery comes in its last state only.
 *
 * <p>Rates: handbook codes §8 (contacts, cases), specialised §4 (sampling), the rest proposed defaults. Nothing here is measured on a real
 * city but those.
 */
final class Records {
    /** Share of the enterprises; with it classes come out as observed in Dandong, Bayannur and Xinjiang ({@code classification §4}). */
    private static final double DORMANT = 0.07;

    /** So many years ago individual businesses and cooperatives began to file where their reports can be delivered from. */
    private static final int ONLINE = 3;

    private static final String[] VIOLATIONS = {
        "销售不合格食品", "虚假宣传", "未明码标价", "无证经营", "计量违法", "侵犯商标专用权", "价格欺诈", "使用未检验特种设备"
    };
    private static final String[] PROBLEMS = {"质量问题", "售后服务", "虚假宣传", "预付卡", "价格", "食品安全", "合同", "计量"};
    private static final String[] ITEMS = {"菌落总数", "毒死蜱", "苯甲酸", "恩诺沙星", "铅", "大肠菌群"};
    private static final String[] PRODUCTS = {"大黄鱼", "鱼丸", "豇豆", "糕点", "餐具", "食用油", "白酒", "猪肉"};

    private final City city;
    private final LongFunction<Dataset<Row>> ids;
    private final Draw draw;
    private final Hearsay hearsay;
    private final Column id = col("id");
    private final Column rank = col("rank");

    /** @param ids n → one row for each id of 0 to n − 1 */
    Records(City city, LongFunction<Dataset<Row>> ids) {
        this.city = city;
        this.ids = ids;
        this.draw = city.draw();
        this.hearsay = new Hearsay(draw);
    }

    /** Table → its records, in the order of the raw tables' names. */
    Map<String, Dataset<Row>> tables() {
        Map<String, Dataset<Row>> tables = new LinkedHashMap<>();
        tables.put("complaints", complaints());
        tables.put("listings", listings());
        tables.put("penalties", penalties());
        tables.put("registrations", registrations());
        tables.put("reports", reports());
        tables.put("samplings", samplings());
        return tables;
    }

    /** One row per planted pattern: what a method should find, and what it should not. */
    Dataset<Row> truth() {
        return ids.apply(city.entities())
                .withColumn("rank", id)
                .withColumn("pattern", city.pattern(rank))
                .where("pattern is not null")
                .withColumn("happened", city.onset(rank))
                .transform(city::described)
                .select(
                        col("code").as("credit_code"),
                        rank,
                        col("pattern"),
                        city.onset(rank).as("onset"));
    }

    private Dataset<Row> registrations() {
        Column capital = round(pow(
                        lit(10.0), draw.uniform("capital", rank).multiply(3.2).plus(0.5)))
                .cast("decimal(20,0)");
        Column factor =
                draw.word("capital change", rank, "2", "5", "0.5", "0.1").cast("decimal(4,1)");
        Column now = col("state").equalTo(1);
        return states(
                        ids.apply(city.entities())
                                .withColumn("rank", id)
                                .withColumn("established", city.established(rank))
                                .withColumn("happened", col("established"))
                                .withColumn("changed", city.change(rank)),
                        draw.days(2, "registered", rank),
                        draw.days(1, "change registered", rank))
                .select(
                        col("received_on"),
                        id,
                        col("state"),
                        format_string("SYN%010d", rank).as("record_no"),
                        code().as("credit_code"),
                        nothing("reg_no"),
                        when(now, col("name_now")).otherwise(col("entity_name")).as("name"),
                        Draw.split(city.kind(rank), City.KIND_SHARES, "企业", "个体工商户", "农民专业合作社")
                                .as("entity_kind"),
                        nothing("legal_form"),
                        when(now, city.status(rank)).otherwise("在营").as("status"),
                        written(col("established")).as("established_on"),
                        when(now.and(city.status(rank).isin("注销", "吊销")), written(col("changed")))
                                .as("ended_on"),
                        capital(capital, when(now, factor).otherwise(lit(1))).as("capital_wan"),
                        when(draw.chance(0.3, "paid in", rank), lit("0"))
                                .otherwise(capital.cast("string"))
                                .as("paid_in_wan"),
                        city.industry(rank).as("industry_code"),
                        area().as("area_code"),
                        when(now, col("address_now")).otherwise(col("address")).as("address"),
                        when(draw.chance(0.04, "cluster", rank), "集群")
                                .otherwise("普通")
                                .as("address_kind"),
                        written(coalesce(when(now, col("changed")), col("established")))
                                .as("changed_on"),
                        nothing("action"));
    }

    /** Complaints with rank, happened and, where they belong to a pattern, planted. */
    private Dataset<Row> complained() {
        long many = city.facts(0.315);
        Column drawn = draw.uniform("complaint of", id);
        Column platform = lit(city.platform());
        Column any = draw.rank(city.entities(), 2.2, "complaint about", id);
        Dataset<Row> usual = ids.apply(many)
                .withColumn("rank", when(drawn.lt(0.3), platform).otherwise(any))
                .withColumn("happened", city.day("filed", id))
                .withColumn("planted", lit(null).cast("string"));
        Dataset<Row> planted = planted("surge", "unfounded")
                .select(rank, col("planted"), explode(sequence(lit(0), lit(11))).as("nth"))
                .select(
                        rank.multiply(12).plus(col("nth")).plus(many).as("id"),
                        rank,
                        date_add(city.onset(rank), col("nth").multiply(5).minus(60))
                                .as("happened"),
                        col("planted"));
        return usual.unionByName(planted);
    }

    /** Three in ten of those who complain know a shop by its sign and its place, and no code. */
    private Column bySign() {
        return draw.chance(0.3, "by shop sign", id).and(col("planted").isNull());
    }

    /** Whom each complaint without a code is about: ticket_no and credit_code. */
    Dataset<Row> linkTruth() {
        return complained()
                .where(bySign())
                .transform(city::described)
                .select(id, ticket(), col("code").as("credit_code"));
    }

    private Column ticket() {
        return format_string("SYN12315%012d", id).as("ticket_no");
    }

    private Dataset<Row> complaints() {
        Column refused = col("planted").eqNullSafe("unfounded");
        Column bySign = bySign();
        Column closed = col("state").equalTo(1);
        Column upheld = col("planted").eqNullSafe("surge");
        return states(
                        complained().withColumn("changed", date_add(col("happened"), draw.days(15, "closed", id))),
                        draw.days(1, "complaint lag", id),
                        draw.days(1, "closing lag", id))
                .select(
                        col("received_on"),
                        id,
                        col("state"),
                        ticket(),
                        when(upheld, "举报")
                                .otherwise(Draw.split(
                                        draw.uniform("complaint kind", id),
                                        new double[] {0.70, 0.92, 1},
                                        "投诉",
                                        "举报",
                                        "咨询"))
                                .as("kind"),
                        written(col("happened")).as("filed_on"),
                        when(bySign, lit(null)).otherwise(code()).as("credit_code"),
                        nothing("entity_no"),
                        when(bySign, hearsay.sign(col("entity_name"), id))
                                .otherwise(col("entity_name"))
                                .as("entity_name"),
                        when(not(bySign.and(draw.chance(0.02, "no county", id))), area())
                                .as("area_code"),
                        when(bySign, hearsay.whereabouts(col("address"), id))
                                .otherwise(col("address"))
                                .as("address"),
                        draw.word("problem", id, PROBLEMS).as("problem"),
                        draw.word("product", id, PRODUCTS).as("product"),
                        when(closed.and(refused), "不予受理")
                                .when(closed.and(upheld), "达成调解")
                                .when(
                                        closed,
                                        Draw.split(
                                                draw.uniform("outcome", id),
                                                new double[] {0.5, 0.7, 0.9, 1},
                                                "达成调解",
                                                "不予受理",
                                                "终止调解",
                                                "撤诉"))
                                .otherwise("受理")
                                .as("outcome"),
                        flag(closed.and(upheld.or(
                                        draw.chance(0.06, "verified", id).and(not(refused)))))
                                .as("verified"),
                        flag(closed.and(upheld.or(draw.chance(0.03, "case", id).and(not(refused)))))
                                .as("case_filed"),
                        when(closed, written(col("changed"))).as("closed_on"),
                        round(pow(
                                        lit(10.0),
                                        draw.uniform("claim", id).multiply(3).plus(1)))
                                .cast("bigint")
                                .cast("string")
                                .as("amount_yuan"),
                        written(when(closed, col("changed")).otherwise(col("happened")))
                                .as("changed_on"),
                        nothing("action"));
    }

    private Dataset<Row> samplings() {
        Column fails =
                draw.uniform("fails", id).lt(city.risk(rank).multiply(0.125).plus(0.005));
        Column second = pmod(id, lit(2)).equalTo(1);
        return states(
                        ids.apply(2 * city.facts(0.0525))
                                .withColumn("sample", id.bitwiseAND(lit(-2L)))
                                .where(second.and(draw.chance(0.5, "second item", id))
                                        .or(second.equalTo(false)))
                                .withColumn(
                                        "rank",
                                        draw.rank(city.entities() / City.FOOD, 2, "sampled at", col("sample"))
                                                .multiply(City.FOOD))
                                .withColumn("happened", city.day("reported", col("sample")))
                                .withColumn("changed", lit(null).cast("date")),
                        draw.days(3, "sampling lag", col("sample")),
                        lit(1))
                .select(
                        col("received_on"),
                        id,
                        col("state"),
                        format_string("SYN%012d", col("sample")).as("sample_no"),
                        when(second, draw.word("item", col("sample"), ITEMS))
                                .otherwise("山梨酸")
                                .as("item"),
                        written(date_sub(
                                        col("happened"),
                                        draw.below(12, "tested", col("sample")).plus(8)))
                                .as("sampled_on"),
                        written(col("happened")).as("reported_on"),
                        Draw.split(
                                        draw.uniform("sampling kind", col("sample")),
                                        new double[] {0.85, 1},
                                        "监督抽检",
                                        "评价性抽检")
                                .as("kind"),
                        draw.word("stage", col("sample"), "生产", "流通", "餐饮").as("stage"),
                        draw.word("food", col("sample"), PRODUCTS).as("product"),
                        lit("食用农产品").as("category"),
                        when(fails, "不合格").otherwise("合格").as("result"),
                        flag(fails.and(draw.chance(0.1, "rechecked", id))).as("rechecked"),
                        nothing("severity"),
                        nothing("findings"),
                        code().as("credit_code"),
                        nothing("entity_no"),
                        col("entity_name"),
                        area().as("area_code"),
                        nothing("producer_credit_code"),
                        nothing("producer_name"),
                        written(col("happened")).as("changed_on"),
                        nothing("action"));
    }

    private Dataset<Row> penalties() {
        long many = city.facts(0.0055);
        Dataset<Row> usual = ids.apply(many)
                .withColumn("rank", draw.rank(city.entities(), 3, "penalty on", id))
                .withColumn("happened", city.day("decided", id))
                .withColumn("planted", lit(null).cast("string"));
        Column before = when(col("planted").equalTo("repaired"), lit(300)).otherwise(lit(0));
        Dataset<Row> planted = planted("surge", "repeat", "repaired")
                .withColumn("last", when(col("planted").equalTo("surge"), 0).otherwise(2))
                .select(
                        rank,
                        col("planted"),
                        explode(sequence(lit(0), col("last"))).as("nth"))
                .select(
                        rank.multiply(3).plus(col("nth")).plus(many).as("id"),
                        rank,
                        date_sub(city.onset(rank), col("nth").multiply(200).plus(before))
                                .as("happened"),
                        col("planted"));
        Column isPlanted = col("planted").isNotNull();
        Column of = when(isPlanted, rank).otherwise(id);
        Column repaired = coalesce(col("planted").equalTo("repaired"), draw.chance(0.08, "repaired", id));
        Column fine = round(
                        pow(lit(10.0), draw.uniform("fine", id).multiply(2.2).plus(3)), 0)
                .cast("bigint");
        return states(
                        usual.unionByName(planted)
                                .withColumn(
                                        "changed",
                                        when(
                                                repaired,
                                                date_add(
                                                        col("happened"),
                                                        draw.days(60, "repair", id)
                                                                .plus(90)))),
                        draw.days(6, "penalty lag", id).plus(7),
                        draw.days(2, "repair lag", id))
                .select(
                        col("received_on"),
                        id,
                        col("state"),
                        format_string("榕示例市监罚〔%d〕%07d号", year(col("happened")), id)
                                .as("decision_no"),
                        lit("福州市市场监督管理局（示例）").as("authority"),
                        code().as("credit_code"),
                        nothing("entity_no"),
                        col("entity_name"),
                        area().as("area_code"),
                        written(col("happened")).as("decided_on"),
                        written(date_add(col("happened"), 7)).as("published_on"),
                        draw.word("violation", of, VIOLATIONS).as("violation"),
                        when(isPlanted, "罚款")
                                .otherwise(Draw.split(
                                        draw.uniform("penalty kind", id),
                                        new double[] {0.70, 0.82, 0.94, 0.98, 0.99, 1},
                                        "罚款",
                                        "警告",
                                        "罚款、没收",
                                        "责令停产停业",
                                        "吊销许可证",
                                        "通报批评"))
                                .as("kinds"),
                        when(draw.chance(0.0002, "unreadable", id), "若干元")
                                .when(isPlanted, "120000")
                                .otherwise(fine.cast("string"))
                                .as("fine_yuan"),
                        nothing("confiscated_yuan"),
                        when(col("state").equalTo(1), written(col("changed"))).as("repaired_on"),
                        written(coalesce(when(col("state").equalTo(1), col("changed")), col("happened")))
                                .as("changed_on"),
                        nothing("action"));
    }

    /**
     * Years of entities with, in {@code filed}, the day the annual report was filed; null where it never was. What individual businesses
     * and cooperatives filed on paper, before {@link #ONLINE} years, was never delivered.
     */
    private Dataset<Row> reportYears() {
        int spoken = city.years() + 1;
        Column fate = draw.uniform("report", id);
        Column missing = city.risk(rank).multiply(0.5).plus(0.08);
        Column late = missing.plus(city.risk(rank).multiply(0.1)).plus(0.04);
        Column opens = make_date(col("report_year").plus(1), lit(1), lit(1));
        Column closes = make_date(col("report_year").plus(1), lit(7), lit(1));
        Column silent = coalesce(city.pattern(rank).equalTo("silent"), lit(false));
        Column gone = dormant().and(col("report_year").geq(lastYear()));
        return ids.apply(city.entities() * spoken)
                .withColumn(
                        "rank", id.minus(pmod(id, lit(spoken))).divide(spoken).cast("bigint"))
                .withColumn(
                        "report_year",
                        lit(city.until().getYear() - 1)
                                .minus(pmod(id, lit(spoken)))
                                .cast("int"))
                .where(city.isEnterprise(rank)
                        .or(col("report_year").geq(city.until().getYear() - ONLINE)))
                .where(year(city.established(rank)).leq(col("report_year")))
                .withColumn(
                        "filed",
                        when(fate.lt(missing).or(silent).or(gone), lit(null))
                                .when(fate.lt(late), date_add(closes, draw.days(70, "late", id)))
                                .otherwise(date_add(
                                        opens,
                                        sqrt(draw.uniform("filed report", id))
                                                .multiply(180)
                                                .cast("int"))));
    }

    /** Those that go on in the register alone: they file no report any more, and half of the enterprises cannot be reached. */
    private Column dormant() {
        return draw.chance(DORMANT, "dormant", rank);
    }

    /** Of a dormant one, the first year it files no report for. */
    private Column lastYear() {
        return lit(city.until().getYear() - 1).minus(draw.below(city.years() + 1, "dormant since", rank));
    }

    private Dataset<Row> reports() {
        Column assets = pow(lit(10.0), draw.uniform("assets", id).multiply(3).plus(1));
        Column inactive = draw.chance(0.05, "inactive", rank);
        return states(
                        reportYears()
                                .where("filed is not null")
                                .withColumn("happened", col("filed"))
                                .withColumn("changed", lit(null).cast("date")),
                        lit(1),
                        lit(1))
                .select(
                        col("received_on"),
                        id,
                        col("state"),
                        col("report_year").cast("string").as("report_year"),
                        written(col("filed")).as("filed_on"),
                        code().as("credit_code"),
                        nothing("entity_no"),
                        col("entity_name"),
                        area().as("area_code"),
                        money(assets, inactive).as("assets_wan"),
                        money(assets.multiply(draw.uniform("debt", id).multiply(1.06)), inactive)
                                .as("liabilities_wan"),
                        money(assets.multiply(draw.uniform("revenue", id).multiply(2)), inactive)
                                .as("revenue_wan"),
                        money(
                                        assets.multiply(draw.uniform("profit", id)
                                                .minus(0.4)
                                                .multiply(0.3)),
                                        inactive)
                                .as("profit_wan"),
                        money(assets.multiply(0.02), inactive).as("tax_wan"),
                        draw.below(60, "staff", id).cast("string").as("employees"),
                        written(col("filed")).as("changed_on"),
                        nothing("action"));
    }

    private Dataset<Row> listings() {
        Column listedFor = make_date(col("report_year").plus(1), lit(7), lit(1));
        Dataset<Row> unreported = reportYears()
                .withColumn("happened", date_add(listedFor, draw.below(15, "listed", id)))
                .where("filed is null or filed > date_add(happened, 15)")
                .select(
                        id,
                        rank,
                        lit("异常名录").as("list"),
                        lit("未年报").as("reason"),
                        col("report_year").cast("string").as("report_year"),
                        col("happened"),
                        date_add(col("filed"), 5).as("changed"));
        long offset = city.entities() * (city.years() + 2);
        Dataset<Row> entities = ids.apply(city.entities()).withColumn("rank", id);
        Column silent = coalesce(city.pattern(rank).equalTo("silent"), lit(false));
        Column nowhere = draw.uniform("unreachable", rank)
                .lt(city.risk(rank).multiply(0.3).plus(0.02));
        Column gone = dormant().and(draw.chance(0.5, "gone", rank)).and(city.isEnterprise(rank));
        Dataset<Row> unreachable = entities.where(silent.or(nowhere).or(gone))
                .select(
                        rank.plus(offset).as("id"),
                        rank,
                        lit("异常名录").as("list"),
                        lit("通过登记住所无法联系").as("reason"),
                        nothing("report_year"),
                        when(silent, city.onset(rank))
                                .otherwise(city.day("lost", rank))
                                .as("happened"),
                        lit(null).cast("date").as("changed"))
                .withColumn(
                        "changed",
                        when(
                                draw.chance(0.5, "found", rank).and(not(silent.or(gone))),
                                date_add(col("happened"), draw.days(300, "found again", rank))));
        Column grave =
                draw.uniform("serious", rank).lt(city.risk(rank).multiply(0.3).plus(0.003));
        Dataset<Row> serious = entities.where(grave)
                .select(
                        rank.plus(2 * offset).as("id"),
                        rank,
                        lit("严重违法失信名单").as("list"),
                        lit("严重违法失信").as("reason"),
                        nothing("report_year"),
                        city.day("disgraced", rank).as("happened"),
                        lit(null).cast("date").as("changed"));
        Column removed = col("state").equalTo(1);
        return states(
                        unreported.unionByName(unreachable).unionByName(serious),
                        draw.days(2, "listing lag", id),
                        draw.days(2, "removal lag", id))
                .select(
                        col("received_on"),
                        id,
                        col("state"),
                        format_string("榕示例列〔%d〕%012d号", year(col("happened")), id)
                                .as("listing_no"),
                        col("list"),
                        col("reason"),
                        lit("福州市市场监督管理局（示例）").as("authority"),
                        code().as("credit_code"),
                        nothing("entity_no"),
                        col("entity_name"),
                        area().as("area_code"),
                        col("report_year"),
                        written(col("happened")).as("listed_on"),
                        when(removed, written(col("changed"))).as("removed_on"),
                        when(removed, lit("已补报并公示")).as("removal_reason"),
                        nothing("repaired_on"),
                        written(when(removed, col("changed")).otherwise(col("happened")))
                                .as("changed_on"),
                        nothing("action"));
    }

    private Dataset<Row> planted(String... patterns) {
        return ids.apply(city.entities())
                .select(id.as("rank"))
                .withColumn("planted", city.pattern(rank))
                .where(col("planted").isin((Object[]) patterns));
    }

    /**
     * Each record as it was first delivered and, where it changed later, again: state 1 is the changed one. What changed before the first
     * delivery is delivered once, changed. Nothing happens to an entity before it is set up. What would be received after the last day is not delivered.
     */
    private Dataset<Row> states(Dataset<Row> records, Column lag, Column changeLag) {
        Column first = lit(city.first());
        Column early = greatest(lit(0), datediff(city.established(rank), col("happened")));
        Column unchanged = when(draw.chance(0.0005, "sent twice", id), lit(new int[] {0, 0}))
                .otherwise(lit(new int[] {0}));
        return records.withColumn("early", early)
                .withColumn("happened", date_add(col("happened"), col("early")))
                .withColumn("changed", date_add(col("changed"), col("early")))
                .withColumn("told", greatest(first, date_add(col("happened"), lag)))
                .withColumn("retold", greatest(first, col("told"), date_add(col("changed"), changeLag)))
                .withColumn("retold", when(col("changed").isNotNull(), col("retold")))
                .withColumn(
                        "state",
                        explode(when(col("retold").isNull(), unchanged)
                                .when(col("retold").equalTo(col("told")), lit(new int[] {1}))
                                .otherwise(lit(new int[] {0, 1}))))
                .withColumn(
                        "received_on",
                        when(col("state").equalTo(1), col("retold")).otherwise(col("told")))
                .where(col("received_on").leq(lit(city.until())))
                .transform(city::described);
    }

    /** The entity's code as a careless clerk types it: a few in lower case, in full width, with a wrong last character. */
    private Column code() {
        Column right = col("code");
        Column typed = draw.uniform("typed", id);
        return when(typed.lt(0.002), lower(right))
                .when(typed.lt(0.003), translate(right, "0123456789", "０１２３４５６７８９"))
                .when(
                        typed.lt(0.0032),
                        concat(
                                substring(right, 1, 17),
                                when(right.endsWith("0"), "1").otherwise("0")))
                .otherwise(right);
    }

    private Column area() {
        Column area = col("area");
        return when(area.equalTo("350112").and(draw.chance(0.01, "old area", id)), "350182")
                .otherwise(area);
    }

    /** A day in one of three forms. */
    private Column written(Column day) {
        Column form = draw.uniform("date form", id);
        return when(form.lt(0.8), date_format(day, "yyyy-MM-dd"))
                .when(form.lt(0.95), date_format(day, "yyyy/M/d"))
                .otherwise(date_format(day, "yyyy年M月d日"));
    }

    private static Column capital(Column amount, Column factor) {
        return round(amount.multiply(factor)).cast("decimal(20,0)").cast("string");
    }

    private static Column money(Column wan, Column inactive) {
        return when(inactive, "0")
                .otherwise(least(round(wan, 2), lit(9e9)).cast("decimal(18,2)").cast("string"));
    }

    private static Column flag(Column yes) {
        return when(yes, "是").otherwise("否");
    }

    private static Column nothing(String name) {
        return lit(null).cast("string").as(name);
    }
}
