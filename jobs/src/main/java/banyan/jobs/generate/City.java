package banyan.jobs.generate;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.conv;
import static org.apache.spark.sql.functions.date_add;
import static org.apache.spark.sql.functions.date_sub;
import static org.apache.spark.sql.functions.format_string;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.lpad;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.translate;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.conform.CreditCode;
import banyan.schemas.Codes;
import java.time.LocalDate;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * A made-up city: each attribute of an entity is a function of the seed and its rank. Rank 0 is the riskiest: complaints, failed samples
 * and penalties fall on the first ranks far more often than on the last. Codes bear the area 350199, which no county has, and every name
 * says 示例.
 *
 * @param entities how many there will ever be; some are set up after {@code first}
 * @param first day of the first delivery, which holds all that was known by then
 * @param until day of the last delivery
 * @param years how far back facts reach before {@code first}
 */
record City(long seed, long entities, LocalDate first, LocalDate until, int years) {
    /** Ranks whose fifth is zero deal in food: they alone are sampled. */
    static final int FOOD = 5;

    private static final long SCRAMBLE = 2_654_435_761L;
    static final double[] KIND_SHARES = {0.41, 0.98, 1};
    private static final String[] AREAS = {
        "350102", "350103", "350104", "350105", "350111", "350112", "350121", "350122", "350123", "350124", "350125",
        "350128", "350181"
    };
    private static final double[] AREA_SHARES = {
        0.16, 0.26, 0.40, 0.45, 0.58, 0.67, 0.76, 0.82, 0.84, 0.86, 0.88, 0.91, 1
    };
    private static final String[] TRADES = {
        "3922", "5165", "5219", "5231", "5295", "6510", "7211", "7241", "7299", "5430", "7010", "8051", "8111", "8393",
        "4790", "0111"
    };
    private static final String[] TRADE_WORDS = {
        "电子", "建材", "百货", "服装", "五金", "软件", "企业管理", "咨询", "商务服务", "运输", "置业", "沐足", "汽修", "培训", "装饰", "农业"
    };
    private static final String[] FOOD_TRADES = {"1353", "1411", "5121", "5211", "5221", "6210", "6220", "6291"};
    private static final String[] FOOD_WORDS = {"水产", "糕点", "粮油", "超市", "食品", "餐饮", "快餐", "小吃"};
    private static final String[] FIRST = {
        "榕", "闽", "鼓", "台", "海", "远", "宏", "新", "永", "恒", "星", "嘉", "瑞", "福", "泰", "茂"
    };
    private static final String[] SECOND = {
        "达", "盛", "隆", "川", "诚", "景", "源", "阳", "丰", "和", "辉", "安", "通", "发", "华", "胜"
    };

    Draw draw() {
        return new Draw(seed);
    }

    LocalDate start() {
        return first.minusYears(years);
    }

    /** Days from {@link #start} to {@link #until}, both included. */
    int days() {
        return (int) (until.toEpochDay() - start().toEpochDay()) + 1;
    }

    /** Number of a record of the first delivery's size for so many entities: the rate is per entity and year. */
    long facts(double perEntityAndYear) {
        return Math.round(entities * perEntityAndYear * days() / 365.25);
    }

    /** The entity that three in ten complaints are about: a platform, an old enterprise of middling risk. */
    long platform() {
        return entities / 2;
    }

    /** Uniform in [0, 1) by kind: enterprises first, then individual businesses, then cooperatives. */
    Column kind(Column rank) {
        return when(rank.equalTo(platform()), lit(0.0)).otherwise(draw().uniform("kind", rank));
    }

    Column isEnterprise(Column rank) {
        return kind(rank).lt(KIND_SHARES[0]);
    }

    Column isFood(Column rank) {
        return pmod(rank, lit(FOOD)).equalTo(0);
    }

    /**
     * Adds what records say of their entity: {@code code}, of the right form and check digits but of no real area, {@code entity_name},
     * {@code area} and {@code address} as they were on the day {@code happened}, and as they are after the last change,
     * {@code name_now} and {@code address_now}. Step by step, for written as one expression a code would compute its digits 140 times.
     *
     * @param rows with rank and happened
     */
    Dataset<Row> described(Dataset<Row> rows) {
        Column rank = col("rank");
        Column number = pmod(rank.multiply(SCRAMBLE).plus(seed & 0xFFFF), lit(1L << 34));
        Column digits =
                translate(conv(number.cast("string"), 10, 31), "ABCDEFGHIJKLMNOPQRSTU", "ABCDEFGHJKLMNPQRTUWXY");
        Column kind = Draw.split(kind(rank), KIND_SHARES, "91", "92", "93");
        return rows.withColumn("code", concat(kind, lit("350199M"), lpad(digits, 7, "0")))
                .withColumn("code", CreditCode.withOrganisationCheck(col("code")))
                .withColumn("code", CreditCode.withCheck(col("code")))
                .withColumn("area", area(rank))
                .withColumn(
                        "name_now",
                        when(renamed(rank), name(rank, "fourth word")).otherwise(name(rank, "third word")))
                .withColumn(
                        "address_now", when(moved(rank), address(rank, "new ")).otherwise(address(rank, "")))
                .withColumn("after", coalesce(col("happened").geq(change(rank)), lit(false)))
                .withColumn("entity_name", when(col("after"), col("name_now")).otherwise(name(rank, "third word")))
                .withColumn("address", when(col("after"), col("address_now")).otherwise(address(rank, "")));
    }

    /** The day on which an entity's registration changed; null where it never did, as the platform's: else one draw would decide much. */
    Column change(Column rank) {
        return when(
                draw().chance(0.15, "changes", rank).and(rank.notEqual(platform())),
                functions.greatest(day("change", rank), established(rank)));
    }

    private Column renamed(Column rank) {
        return change(rank).isNotNull().and(draw().chance(0.1, "renamed", rank));
    }

    private Column moved(Column rank) {
        return change(rank).isNotNull().and(draw().chance(0.2, "moved", rank));
    }

    private Column area(Column rank) {
        return Draw.split(draw().uniform("area", rank), AREA_SHARES, (Object[]) AREAS);
    }

    Column industry(Column rank) {
        return when(isFood(rank), draw().word("trade", rank, FOOD_TRADES))
                .otherwise(draw().word("trade", rank, TRADES));
    }

    /** @param third which draw the third of the name's words comes from */
    private Column name(Column rank, String third) {
        Column trade = when(isFood(rank), draw().word("trade", rank, FOOD_WORDS))
                .otherwise(draw().word("trade", rank, TRADE_WORDS));
        Column form = Draw.split(kind(rank), KIND_SHARES, "有限公司", "商行", "农民专业合作社");
        return concat(
                lit("福州示例"),
                draw().word("first word", rank, FIRST),
                draw().word("second word", rank, SECOND),
                draw().word(third, rank, FIRST),
                trade,
                form);
    }

    private Column address(Column rank, String draw) {
        return format_string(
                "福州市%s%s%s示例路%d号%d室",
                Codes.of("areas").nameOf(area(rank), "zh"),
                draw().word(draw + "road", rank, FIRST),
                draw().word(draw + "road end", rank, SECOND),
                draw().below(300, draw + "house", rank).plus(1),
                draw().below(40, draw + "room", rank).plus(101));
    }

    /** Half are younger than five years; a few are set up after the first delivery. */
    Column established(Column rank) {
        Column age = when(rank.equalTo(platform()), lit(12 * 365)).otherwise(draw().days(7.0 * 365, "age", rank));
        return date_add(lit(until), functions.negate(functions.least(age, lit(35 * 365))));
    }

    /** What has become of an entity whose registration changed: nine in ten go on. */
    Column status(Column rank) {
        return Draw.split(
                draw().uniform("status", rank),
                new double[] {0.90, 0.905, 0.94, 0.985, 0.99, 1},
                "在营",
                "歇业",
                "吊销",
                "注销",
                "撤销",
                "迁出");
    }

    /** How risky, 1 for the first rank, near 0 for most: what multiplies the chance of a fault. */
    Column risk(Column rank) {
        return functions.exp(rank.divide(lit(-0.04 * entities)));
    }

    /**
     * The planted pattern of an entity, or null: of enterprises only, and of such as were there long enough before. {@code unfounded} and
     * {@code repaired} are decoys: they look bad and are not.
     */
    Column pattern(Column rank) {
        Column there = isEnterprise(rank).and(established(rank).lt(date_sub(onset(rank), 800)));
        Column pattern = Draw.split(
                draw().uniform("pattern", rank),
                new double[] {0.004, 0.008, 0.012, 0.016, 0.020, 1},
                "surge",
                "silent",
                "repeat",
                "unfounded",
                "repaired",
                null);
        return when(there, pattern);
    }

    /** The day a planted pattern comes to a head: within the last year before the last delivery. */
    Column onset(Column rank) {
        return date_add(
                lit(until), functions.negate(draw().below(360, "onset", rank).plus(1)));
    }

    /** A day of the years told of, with two seasons: the weeks around 11-11, and January. */
    Column day(String what, Column id) {
        Column any = date_add(lit(start()), draw().below(days(), what, id));
        Column year = functions.year(any);
        Column november = date_add(functions.make_date(year, lit(11), lit(9)), draw().days(9, what + " sale", id));
        Column january = date_add(functions.make_date(year, lit(1), lit(1)), draw().below(31, what + " feast", id));
        Column seasonal = Draw.split(draw().uniform(what + " season", id), new double[] {0.88, 0.95, 1}, 0, 1, 2);
        Column day = when(seasonal.equalTo(1), november).when(seasonal.equalTo(2), january);
        return when(day.between(lit(start()), lit(until)), day).otherwise(any);
    }
}
