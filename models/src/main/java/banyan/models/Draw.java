package banyan.models;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.call_function;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.encode;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.try_element_at;
import static org.apache.spark.sql.functions.unhex;
import static org.apache.spark.sql.functions.when;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.functions;

/**
 * Who is drawn to be inspected, so that anybody who has the seed can work it out again: of each stratum (county, item, kind of entity,
 * class) those whose key, an HMAC-SHA256 under the seed, is smallest. Beside them a control arm is drawn of all that may be, alike, by keys
 * of its own; how likely each was to be drawn is kept with it ({@code handbook: supervision §4}, proposed default).
 *
 * <p>A frame has one row per item and entity that may be inspected: {@code item, entity_id, area_code, entity_kind, risk_class, drawn}
 * (how often it was drawn for the item this year) and {@code visits} (this year, for whatever item); other columns pass through.
 */
public final class Draw {
    /** What makes a stratum. */
    public static final List<String> STRATUM = List.of("item", "area_code", "entity_kind", "risk_class");

    private static final int BLOCK = 64; // bytes that SHA-256 takes at once

    private final Plan plan;
    private final String id;
    private final String seed;
    private final int months;

    /**
     * @param id of the plan: it is part of every key
     * @param seed text that nobody knew when the classes were worked out
     * @param months of the year from the first batch that was drawn to the end of this one
     */
    public Draw(Plan plan, String id, String seed, int months) {
        this.plan = plan;
        this.id = id;
        this.seed = seed;
        this.months = months;
    }

    /**
     * How many of each stratum are drawn: what its ratio makes of all its entities up to this batch, without those drawn before, and no
     * more than may be.
     *
     * @param inspected item, area_code, entity_kind, risk_class of those the risk arm drew this year, by their class of then
     * @return a row a stratum, its columns and {@code percent} (a year), {@code entities, eligible, drawn_before, quota}; at most some hundred for each item
     */
    public Dataset<Row> strata(Dataset<Row> frame, Dataset<Row> inspected) {
        String[] stratum = STRATUM.toArray(String[]::new);
        Dataset<Row> before = inspected.groupBy(columns()).agg(count(lit(1)).as("drawn_before"));
        return frame.groupBy(columns())
                .agg(
                        count(lit(1)).as("entities"),
                        count(when(eligible(), lit(1))).as("eligible"))
                .join(broadcast(before), stratum, "left")
                .withColumn("drawn_before", coalesce(col("drawn_before"), lit(0L)))
                .withColumn(
                        "percent",
                        each((item, share, kind, riskClass) ->
                                item.percent(kind, riskClass).setScale(2 * Plan.DECIMALS)))
                .withColumn("quota", quota());
    }

    /** Whether an entity may be drawn: it is not at its cap, and not ahead of the others of its class. */
    public Column eligible() {
        Column turn = col("drawn").lt(each((item, share, kind, riskClass) -> share.of(1)));
        Column below = col("visits")
                .lt(each((item, share, kind, riskClass) -> item.level() == Plan.Level.key
                        ? Long.MAX_VALUE
                        : plan.caps().get(riskClass).longValue()));
        return coalesce(turn.and(below), lit(false));
    }

    private Column quota() {
        Column target = ceilDiv(
                col("entities").multiply(each((item, share, kind, riskClass) -> share.over())),
                each((item, share, kind, riskClass) -> share.under()));
        return greatest(lit(0L), least(target.minus(col("drawn_before")), col("eligible")));
    }

    /** What holds for the item, kind and class of a row; null where nobody of that kind is drawn for it. */
    private Column each(Told told) {
        List<Column> entries = new ArrayList<>();
        for (Plan.Item item : plan.items()) {
            for (String kind : item.ratios().keySet()) {
                for (RiskClass riskClass : RiskClass.values()) {
                    entries.add(lit(String.join("|", item.id(), kind, riskClass.name())));
                    entries.add(lit(told.of(item, item.share(kind, riskClass, months), kind, riskClass)));
                }
            }
        }
        return try_element_at(
                map(entries.toArray(Column[]::new)),
                concat_ws("|", col("item"), col("entity_kind"), col("risk_class")));
    }

    /** What a plan tells of an item, of the share of a kind and class that is drawn up to now, and of that class. */
    private interface Told {
        Object of(Plan.Item item, Plan.Share share, String kind, RiskClass riskClass);
    }

    /** In whole numbers: no rounding decides who is the last to be drawn. */
    private static Column ceilDiv(Column over, Column under) {
        return call_function("div", over.plus(under).minus(1), under);
    }

    /**
     * Those drawn, and the reserve behind them.
     *
     * @param frame cached, for it is looked at for each arm
     * @param strata what {@link #strata} gives
     * @param controls what {@link #controls} gives of it
     * @return the frame's columns and {@code arm} (risk or control), {@code reserve}, {@code draw_rank} (from 1 in its stratum, of the
     *     control arm in its item), {@code draw_key} (64 hex digits), {@code pi_control}, how likely it was to be drawn by the control
     *     arm, and {@code pi}, by either: given how many of its stratum the control arm drew, whoever they were, all of the stratum were as
     *     likely as the others, so that those drawn stand for just as many as may be drawn; null for the reserve, which is inspected
     *     only when another cannot be
     */
    public Dataset<Row> drawn(Dataset<Row> frame, Dataset<Row> strata, Map<String, Long> controls) {
        Dataset<Row> open = frame.where(eligible());
        Dataset<Row> control = control(open, controls);
        String[] stratum = STRATUM.toArray(String[]::new);
        Dataset<Row> taken = control.groupBy(columns()).agg(count(lit(1)).as("controls"));
        Dataset<Row> chances = strata.join(broadcast(taken), stratum, "left")
                .withColumn("controls", coalesce(col("controls"), lit(0L)))
                .withColumn("pi_control", coalesce(chance(controls), lit(0.0)))
                .withColumn(
                        "pi", least(lit(1.0), col("quota").plus(col("controls")).divide(col("eligible"))))
                .where(col("eligible").gt(0))
                .select(Stream.concat(STRATUM.stream(), Stream.of("quota", "pi_control", "pi"))
                        .map(functions::col)
                        .toArray(Column[]::new));
        Dataset<Row> risk = open.join(
                        broadcast(control.select("item", "entity_id")), new String[] {"item", "entity_id"}, "left_anti")
                .withColumn("draw_key", key("risk"))
                .withColumn(
                        "draw_rank",
                        row_number().over(Window.partitionBy(columns()).orderBy("draw_key", "entity_id")))
                .withColumn("arm", lit("risk"));
        Column reserve = ceilDiv(col("quota").multiply(plan.reserve()), lit(100L));
        return risk.unionByName(control)
                .join(broadcast(chances), stratum)
                .where(col("arm")
                        .equalTo("control")
                        .or(col("draw_rank").leq(col("quota").plus(reserve))))
                .withColumn(
                        "reserve",
                        col("arm").equalTo("risk").and(col("draw_rank").gt(col("quota"))))
                .withColumn("pi_control", when(not(col("reserve")), col("pi_control")))
                .withColumn("pi", when(not(col("reserve")), col("pi")))
                .drop("quota");
    }

    /**
     * How many the control arm draws of each item: so many that they are the plan's share of all that is drawn.
     *
     * @param strata the rows of {@link #strata}
     */
    public Map<String, Long> controls(List<Row> strata) {
        Map<String, Long> controls = new TreeMap<>();
        for (Plan.Item item : plan.items()) {
            List<Row> here = strata.stream()
                    .filter(s -> item.id().equals(s.getAs("item")))
                    .toList();
            long asked = -Math.floorDiv(-total(here, "quota") * plan.control(), 100 - plan.control());
            controls.put(item.id(), Math.min(total(here, "eligible"), asked));
        }
        return controls;
    }

    private static long total(List<Row> rows, String column) {
        return rows.stream().mapToLong(row -> row.<Long>getAs(column)).sum();
    }

    private Dataset<Row> control(Dataset<Row> open, Map<String, Long> controls) {
        Dataset<Row> all = null;
        for (Map.Entry<String, Long> of : controls.entrySet()) {
            Dataset<Row> here = open.where(col("item").equalTo(of.getKey()))
                    .withColumn("draw_key", key("control"))
                    .orderBy("draw_key", "entity_id")
                    .limit(Math.toIntExact(of.getValue()));
            all = all == null ? here : all.unionByName(here);
        }
        return all.withColumn(
                        "draw_rank",
                        row_number().over(Window.partitionBy("item").orderBy("draw_key", "entity_id")))
                .withColumn("arm", lit("control"));
    }

    /** Each of an item's may be drawn by the control arm as likely as any other. */
    private static Column chance(Map<String, Long> controls) {
        Column all = sum("eligible").over(Window.partitionBy("item"));
        Column chance = lit(null).cast("double");
        for (Map.Entry<String, Long> of : controls.entrySet()) {
            chance = when(
                            col("item").equalTo(of.getKey()).and(all.gt(0)),
                            lit(of.getValue()).divide(all))
                    .otherwise(chance);
        }
        return chance;
    }

    /** What a key is worked out from, besides the seed. */
    private Column message(String arm) {
        return concat_ws("|", lit(id), col("item"), lit(arm), col("entity_id"));
    }

    /** HMAC-SHA256 (RFC 2104) of plan, item, arm and entity under the seed, as hex digits. */
    Column key(String arm) {
        byte[] secret = seed.getBytes(StandardCharsets.UTF_8);
        return sha2(
                concat(
                        lit(padded(secret, 0x5c)),
                        unhex(sha2(concat(lit(padded(secret, 0x36)), encode(message(arm), "UTF-8")), 256))),
                256);
    }

    /** The same of a message, in plain Java: what {@link Teams} draws by, and what a reader may check a key with. */
    public static String key(String seed, String... message) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(seed.getBytes(StandardCharsets.UTF_8), mac.getAlgorithm()));
            return HexFormat.of()
                    .formatHex(mac.doFinal(String.join("|", message).getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] padded(byte[] secret, int pad) {
        byte[] block = Arrays.copyOf(secret, BLOCK);
        for (int i = 0; i < BLOCK; i++) {
            block[i] ^= (byte) pad;
        }
        return block;
    }

    private static Column[] columns() {
        return STRATUM.stream().map(functions::col).toArray(Column[]::new);
    }
}
