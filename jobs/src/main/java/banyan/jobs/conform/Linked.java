package banyan.jobs.conform;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.get;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.nullif;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.split;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import banyan.models.LinkModel;
import banyan.schemas.Codes;
import banyan.schemas.Contract;
import banyan.schemas.Text;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The records of a table under the enterprise each belongs to. First by number: credit code, 15-digit number, or the sender's own number;
 * then by the exact normalised name in the same county, if one entity alone ever bore it ({@link EntityKeys}); then by whom {@link Links}
 * finds its party to mean. What finds no entity stays, unlinked. A record with a credit code that is right and not in the register
 * belongs to somebody else, whatever its name.
 */
public final class Linked {
    /** What leads a record to an entity: what comes first is asked first. */
    private static final List<Column> BY = List.of(col("__by_number"), col("__by_name"), col("__by_party"));

    private Linked() {}

    /** The tables whose records are linked, in the order of their names. */
    public static List<String> tables() {
        return Contract.all().values().stream()
                .filter(contract -> !contract.linked().isEmpty())
                .map(Contract::id)
                .toList();
    }

    /** The day that a record of a table speaks of. */
    static Column day(String table) {
        return coalesce(Contract.of(table).linked().stream()
                .map(org.apache.spark.sql.functions::col)
                .toArray(Column[]::new));
    }

    /**
     * The records with {@code __numberless}, whether the credit code is not good, party, null where it is, {@code __words}, what is
     * said of the party, and {@code __day}, the day it is said of.
     */
    static Dataset<Row> spoken(Dataset<Row> records, Column day, LinkModel model) {
        Column numberless = not(coalesce(CreditCode.checked(col("credit_code")), lit(false)));
        boolean placed = List.of(records.columns()).contains("address");
        Column address =
                placed ? when(col("__numberless"), col("address")) : lit(null).cast("string");
        Dataset<Row> asking = records.withColumn("__numberless", numberless).withColumn("__area", col("area_code"));
        return Party.of(model)
                .apart(asking, when(col("__numberless"), col("entity_name")), address)
                .withColumn("party", when(col("__numberless"), col("party")))
                .withColumn(
                        "__words",
                        struct(Party.WORDS.stream()
                                .map(org.apache.spark.sql.functions::col)
                                .toArray(Column[]::new)))
                .withColumn("area_code", col("__area"))
                .withColumn("__day", day)
                .drop("name_key", "core", "road", "place", "unit", "__area");
    }

    /** The key by which {@link Links} is asked whom a party means on a day, in the way of {@link EntityKeys}. */
    static Column party(Column party, Column day) {
        return concat(lit("party "), party, lit(" "), day.cast("string"));
    }

    /** A table's own fields and, after them, those that links are made of: the address too, where its senders give one. */
    static Field[] with(String table, Field... own) {
        boolean placed = Contract.of("raw_" + table).columnNames().contains("address") && !placed(own);
        return Stream.of(
                        Stream.of(own),
                        placed ? Stream.of(Field.text("address")) : Stream.<Field>empty(),
                        Stream.of(
                                Field.of("credit_code", CreditCode.normal(Field.raw("credit_code"))),
                                Field.text("entity_no"),
                                Field.text("entity_name"),
                                Field.of("area_code", Codes.of("areas").codeOrSelf(Field.raw("area_code")))))
                .flatMap(fields -> fields)
                .toArray(Field[]::new);
    }

    private static boolean placed(Field... fields) {
        return Stream.of(fields).anyMatch(field -> field.name().equals("address"));
    }

    /** The records of the raw table of a table in these fields, each under the entity it belongs to. */
    static Dataset<Row> records(Inputs in, String table, Field... fields) {
        Dataset<Row> records = attach(Field.read(in.table("raw_" + table), with(table, fields)), table, in);
        return placed(fields) ? records : records.drop("address"); // it was only to be led by
    }

    /** The records of a table with party, entity_id and link_tier. */
    static Dataset<Row> attach(Dataset<Row> records, String table, Inputs in) {
        return attach(
                spoken(records, day(table), in.links()),
                in.table("entity_keys"),
                in.table("links"),
                in.fits("raw_" + table));
    }

    /**
     * The records with entity_id and link_tier, each once for every time these were known to be others than before: from known_from
     * until {@code until}; received_on is the day on which the record was received. Keys are first narrowed to those the records ask
     * for: what then remains is small enough to be sent to the records instead of sorting them.
     *
     * @param records with __numberless, party and __day
     * @param keys {@link EntityKeys}
     * @param links the table links
     * @param few whether what the records ask for fits into memory
     */
    static Dataset<Row> attach(Dataset<Row> records, Dataset<Row> keys, Dataset<Row> links, boolean few) {
        Dataset<Row> asking = records.withColumn(
                        "__number", EntityKeys.ofNumber(col("credit_code"), col("sender"), col("entity_no")))
                .withColumn(
                        "__name",
                        when(
                                col("__numberless"),
                                EntityKeys.ofName(col("area_code"), Text.nameKey(col("entity_name")))))
                .withColumn("__party", party(col("party"), col("__day")));
        Column kind = split(col("key"), " ").getItem(0);
        Column tier = when(kind.equalTo("name"), "name_area").otherwise(kind);
        // A day that a record speaks of may be a mistake, and later than the day it came: its party means the same
        // before.
        Column from = nullif(col("known_from"), col("day"));
        Dataset<Row> all = keys.select(
                        col("key"),
                        col("entity_id"),
                        tier.as("tier"),
                        col("known_from").as("from"),
                        col("known_to").as("to"))
                .unionByName(links.where("tier <> 'unlinked'")
                        .select(
                                party(col("party"), col("day")).as("key"),
                                col("entity_id"),
                                col("tier"),
                                from.as("from"),
                                col("known_to").as("to")));
        Dataset<Row> asked = asking.select(explode(array(col("__number"), col("__name"), col("__party")))
                        .as("key"))
                .where("key is not null")
                .distinct();
        Dataset<Row> found = all.join(few ? broadcast(asked) : asked, new String[] {"key"}, "left_semi")
                .groupBy(col("key").as("__key"))
                .agg(array_sort(collect_list(struct("from", "to", "entity_id", "tier")))
                        .as("__found"));
        Dataset<Row> met = few ? broadcast(found) : found;
        return meeting(meeting(meeting(asking, met, "number"), met, "name"), met, "party")
                .withColumn("__led", led())
                .withColumn("__whose", explode(col("__led")))
                .withColumn("entity_id", col("__whose.value.entity_id"))
                .withColumn("link_tier", col("__whose.value.tier"))
                .withColumn("received_on", col("known_from"))
                .withColumn("known_from", col("__whose.from"))
                .withColumn("until", col("__whose.to"))
                .drop(
                        "__number",
                        "__name",
                        "__party",
                        "__by_number",
                        "__by_name",
                        "__by_party",
                        "__led",
                        "__whose",
                        "__words",
                        "__day",
                        "__numberless");
    }

    /**
     * {@link #whose()}. Most records are led by one key to one entity, from the day they came until now: that is told without a look at
     * each day, which is not compiled.
     */
    static Column led() {
        Column first = coalesce(BY.toArray(Column[]::new));
        Column one = get(first, lit(0));
        Column always = coalesce(one.getField("from").leq(col("known_from")), lit(true))
                .and(one.getField("to").isNull());
        Column plain = first.isNull().or(size(first).equalTo(1).and(always));
        return when(plain, Timeline.since(col("known_from"), entity(one))).otherwise(whose());
    }

    /** The entity and the tier of a record, by one of those that it may be led to; unlinked by none. */
    private static Column entity(Column one) {
        return struct(
                one.getField("entity_id").as("entity_id"),
                coalesce(one.getField("tier"), lit("unlinked")).as("tier"));
    }

    /** The entity and the tier of a record, from when until when they were known. */
    static Column whose() {
        return Timeline.of(
                Timeline.days(col("known_from"), BY.toArray(Column[]::new)),
                day -> Timeline.let(
                        coalesce(BY.stream()
                                .map(by -> get(Timeline.at(by, day), lit(0)))
                                .toArray(Column[]::new)),
                        Linked::entity));
    }

    /** The records with {@code __by_<what>}, the entities that their key {@code __<what>} leads to, and when. */
    private static Dataset<Row> meeting(Dataset<Row> records, Dataset<Row> found, String what) {
        return records.join(found, col("__" + what).equalTo(col("__key")), "left")
                .withColumnRenamed("__found", "__by_" + what)
                .drop("__key");
    }

    /**
     * {@code row_hash} of the records that some keys may lead elsewhere now; those of a sender's own numbers, which a conformed table
     * does not keep, are found in the raw one. Names are normalised only where a key may bear them: those of parties for which {@link
     * Links} keeps such a name, and of records without a day, of which it has no row.
     *
     * @param table whose rows {@code records} are
     * @param raw the raw table's rows
     * @param links the table links
     * @param keys one row for each {@code key} that leads elsewhere, to none or to one for the first time; few
     */
    public static Dataset<Row> affected(
            String table, Dataset<Row> records, Dataset<Row> raw, Dataset<Row> links, Dataset<Row> keys) {
        Column key = col("key");
        Dataset<Row> names = those(keys, EntityKeys.nameKey(key), "name_key");
        Dataset<Row> bearers = links.select("party", "name_key")
                .join(broadcast(names), new String[] {"name_key"}, "left_semi")
                .select(col("party"), lit(true).as("__borne"))
                .distinct();
        Column borne = col("__borne").or(day(table).isNull().and(col("party").isNotNull()));
        Column name = when(borne, EntityKeys.ofName(col("area_code"), Text.nameKey(col("entity_name"))));
        Dataset<Row> own = raw.where(col("entity_no").isNotNull())
                .select(
                        col("row_hash"),
                        EntityKeys.ofNumber(lit(null).cast("string"), col("sender"), Text.clean(col("entity_no")))
                                .as("key"))
                .join(broadcast(keys), new String[] {"key"}, "left_semi")
                .select("row_hash");
        // Most records are led by a code: that is looked for as it stands, and no key is made of it.
        return records.join(broadcast(bearers), new String[] {"party"}, "left")
                .withColumn("__name", name)
                .withColumn("__party", party(col("party"), day(table)))
                .join(
                        broadcast(those(keys, EntityKeys.code(key), "__by_code")),
                        col("credit_code").equalTo(col("__by_code")),
                        "left")
                .join(broadcast(those(keys, key, "__by_name")), col("__name").equalTo(col("__by_name")), "left")
                .join(broadcast(those(keys, key, "__by_party")), col("__party").equalTo(col("__by_party")), "left")
                .where(coalesce(col("__by_code"), col("__by_name"), col("__by_party"))
                        .isNotNull())
                .select("row_hash")
                .union(own)
                .distinct();
    }

    /** What some keys tell, each once, where they tell it. */
    private static Dataset<Row> those(Dataset<Row> keys, Column told, String name) {
        return keys.select(told.as(name)).where(col(name).isNotNull()).distinct();
    }

    /** The key of a record that is the only one of its owner with these values; null parts are passed over. */
    static Column owned(Column... parts) {
        Column owner = coalesce(col("entity_id"), col("credit_code"), col("entity_no"), col("entity_name"));
        return concat_ws("/", Stream.concat(Stream.of(owner), Stream.of(parts)).toArray(Column[]::new));
    }

    /** The key of a decision about a party: one decision may name many, and each is a record of its own. */
    static Column decision(Column number) {
        return concat_ws("/", number, coalesce(col("entity_id"), col("credit_code"), Text.nameKey(col("entity_name"))));
    }
}
