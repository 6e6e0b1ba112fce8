package banyan.jobs.conform;

import static banyan.jobs.conform.Field.raw;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.regexp_extract;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import banyan.schemas.Codes;
import banyan.schemas.Contract;
import banyan.schemas.Text;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * One row per version of what we knew of an enterprise, individual business or cooperative. A registration that makes a record of the
 * register stand for another enterprise than before ({@link Identities}) gives the one left behind a version too: taken back, or as the
 * records say that still stand for it.
 */
public final class Entities {
    private static final Field CREDIT_CODE = Field.of("credit_code", CreditCode.normal(raw("credit_code")));
    private static final Field REG_NO = Field.text("reg_no");
    private static final Field RECORD_NO = Field.text("record_no");

    private Entities() {}

    public static Dataset<Row> rows(Inputs in) {
        Dataset<Row> raw = in.table("raw_registrations");
        Dataset<Row> identities = in.table("identities");
        Dataset<Row> said = read(raw).withColumn("moved_to", lit(null).cast("string"));
        Dataset<Row> moves = identities.where("before is not null");
        return moves.isEmpty() ? said : said.unionByName(left(raw, moves, identities));
    }

    /**
     * The versions of enterprises that a record of the register left, caused by the registration by which it did: its lineage and days,
     * with what the newest registration that stands says of the enterprise, or the record's own last words, and withdrawn.
     */
    private static Dataset<Row> left(Dataset<Row> raw, Dataset<Row> moves, Dataset<Row> identities) {
        Dataset<Row> said =
                good(of(raw, moves.select(col("before").as("entity_id")).distinct()));
        Column content = struct(Stream.of(said.columns())
                .map(org.apache.spark.sql.functions::col)
                .toArray(Column[]::new));
        Dataset<Row> told = said.select(content.as("said"));
        Column own = col("said.sender")
                .equalTo(col("sender"))
                .and(col("said.record_no").equalTo(col("record_no")));
        Column of = col("said.entity_id")
                .equalTo(col("before"))
                .and(col("said.known_from").leq(col("known_from")))
                .and(own.equalTo(col("event").equalTo("merged")));
        Dataset<Row> elsewhere = identities.select(
                col("sender").as("__sender"),
                col("record_no").as("__no"),
                col("entity_id").as("__entity"),
                col("known_from").as("__from"),
                col("known_to").as("__to"));
        Column gone = col("event")
                .equalTo("split")
                .and(col("said.sender").equalTo(col("__sender")))
                .and(col("said.record_no").equalTo(col("__no")))
                .and(not(col("__entity").equalTo(col("before"))))
                .and(col("__from").leq(col("known_from")))
                .and(coalesce(col("__to").gt(col("known_from")), lit(true)));
        Column newest = max_by(
                col("said"), struct("said.known_from", "said.changed_on", "said.file", "said.line", "said.delivery"));
        List<String> caused = List.of("sender", "delivery", "file", "line", "row_hash", "changed_on", "known_from");
        Column[] columns = Stream.concat(
                        Stream.of(said.columns())
                                .filter(c -> !caused.contains(c) && !c.equals("withdrawn"))
                                .map(c -> col("said." + c).as(c)),
                        Stream.concat(
                                caused.stream().map(c -> col("move." + c).as(c)),
                                Stream.of(
                                        col("said.withdrawn")
                                                .or(col("move.event").equalTo("merged"))
                                                .as("withdrawn"),
                                        col("move.entity_id").as("moved_to"))))
                .toArray(Column[]::new);
        return told.join(broadcast(moves), of)
                .join(broadcast(elsewhere), gone, "left_anti")
                .groupBy(struct(Stream.of(moves.columns())
                                .map(org.apache.spark.sql.functions::col)
                                .toArray(Column[]::new))
                        .as("move"))
                .agg(newest.as("said"))
                .select(columns);
    }

    /** Of registrations those that speak of some enterprises, read. */
    static Dataset<Row> of(Dataset<Row> raw, Dataset<Row> entities) {
        String[] line = {"delivery", "line"};
        Dataset<Row> lines = ids(raw).join(broadcast(entities), new String[] {"entity_id"}, "left_semi")
                .select("delivery", "line");
        return read(raw.join(broadcast(lines), line, "left_semi"));
    }

    /** Those that break no rule. */
    static Dataset<Row> good(Dataset<Row> said) {
        Column broken = concat(col("unreadable"), Contract.of("entities").broken("version", "known_to", "moved_to"));
        return said.where(size(broken).equalTo(0));
    }

    /** Of each registration the enterprise it speaks of, the record's number and lineage. */
    static Dataset<Row> ids(Dataset<Row> raw) {
        return Field.read(raw, CREDIT_CODE, REG_NO, RECORD_NO).withColumn("entity_id", id());
    }

    private static Column id() {
        return coalesce(
                when(CreditCode.wellFormed(col("credit_code")), col("credit_code")),
                col("reg_no"),
                concat(col("sender"), lit(":"), col("record_no")));
    }

    private static Dataset<Row> read(Dataset<Row> raw) {
        Column industry = regexp_extract(raw("industry_code"), "^[A-Ta-t]?([0-9]{2,4})$", 1);
        return Field.read(
                        raw,
                        CREDIT_CODE,
                        REG_NO,
                        RECORD_NO,
                        Field.text("name"),
                        Field.of("name_key", Text.nameKey(raw("name"))),
                        Field.code("entity_kind", "entity_kinds", "enterprise"),
                        Field.text("legal_form"),
                        Field.code("status", "statuses", "unknown"),
                        Field.date("established_on"),
                        Field.date("ended_on"),
                        Field.wan("capital_yuan", "capital_wan", "decimal(20,2)"),
                        Field.wan("paid_in_yuan", "paid_in_wan", "decimal(20,2)"),
                        new Field(
                                "industry_code",
                                when(industry.notEqual(""), industry),
                                raw("industry_code")
                                        .isNotNull()
                                        .and(col("industry_code").isNull())),
                        Field.of("area_code", Codes.of("areas").codeOrSelf(raw("area_code"))),
                        Field.text("address"),
                        Field.code("address_kind", "address_kinds", "ordinary"))
                .withColumn("entity_id", id())
                .withColumn("record_id", col("entity_id"))
                .withColumn("credit_code_ok", CreditCode.checked(col("credit_code")))
                .withColumn("sector", Codes.of("sectors").code(substring(col("industry_code"), 1, 2)));
    }
}
