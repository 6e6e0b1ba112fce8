package banyan.jobs.conform;

import static banyan.jobs.conform.Field.raw;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
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
    private static final String[] LINE = {"delivery", "line"};
    private static final Field CREDIT_CODE = Field.of("credit_code", CreditCode.normal(raw("credit_code")));
    private static final Field REG_NO = Field.text("reg_no");
    private static final Field RECORD_NO = Field.text("record_no");

    private Entities() {}

    public static Dataset<Row> rows(Inputs in) {
        Dataset<Row> raw = in.table("raw_registrations");
        Dataset<Row> said = read(raw).withColumn("moved_to", lit(null).cast("string"));
        Dataset<Row> moves = in.table("identities").where("before is not null");
        return moves.isEmpty() ? said : said.unionByName(left(raw, moves));
    }

    /**
     * The versions of enterprises that a record of the register left, caused by the registration by which it did, and of its lineage:
     * what the registration says of the enterprise that {@link Identities} names; withdrawn where none stands for it any more.
     */
    private static Dataset<Row> left(Dataset<Row> raw, Dataset<Row> moves) {
        Dataset<Row> said = read(raw.join(
                broadcast(moves.select(
                                col("said_delivery").as("delivery"),
                                col("said_line").as("line"))
                        .distinct()),
                LINE,
                "left_semi"));
        List<String> caused = List.of("sender", "delivery", "file", "line", "row_hash", "known_from");
        Column[] columns = Stream.of(said.columns())
                .map(c -> switch (c) {
                    case "withdrawn" -> col("event").equalTo("merged").as(c);
                    // The days of two records of the register are not to be compared.
                    case "changed_on" -> lit(null).cast("date").as(c);
                    default -> caused.contains(c) ? col(c) : col("said." + c).as(c);
                })
                .toArray(Column[]::new);
        Column content = struct(Stream.of(said.columns())
                .map(org.apache.spark.sql.functions::col)
                .toArray(Column[]::new));
        Column of = col("said.delivery")
                .equalTo(col("said_delivery"))
                .and(col("said.line").equalTo(col("said_line")));
        return said.select(content.as("said"))
                .join(broadcast(moves), of)
                .withColumn("__moved_to", col("entity_id"))
                .select(Stream.concat(
                                Stream.of(columns), Stream.of(col("__moved_to").as("moved_to")))
                        .toArray(Column[]::new));
    }

    /** Of registrations those that speak of some enterprises, read. */
    static Dataset<Row> of(Dataset<Row> raw, Dataset<Row> entities) {
        Dataset<Row> lines = ids(raw).join(broadcast(entities), new String[] {"entity_id"}, "left_semi")
                .select("delivery", "line");
        return read(raw.join(broadcast(lines), LINE, "left_semi"));
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
