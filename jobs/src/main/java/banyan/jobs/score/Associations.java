package banyan.jobs.score;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.nullif;
import static org.apache.spark.sql.functions.regexp_extract;
import static org.apache.spark.sql.functions.split;
import static org.apache.spark.sql.functions.struct;

import banyan.jobs.Inputs;
import banyan.jobs.Pipeline;
import banyan.models.Association;
import banyan.models.Index;
import banyan.models.Policy.Tie.Of;
import banyan.schemas.Contract;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * One row per enterprise whom points reach from others that it is tied to, and one for each whom a rule keeps from the best class for
 * them; among enterprises in operation. No person is named. Nothing while nobody has delivered who holds roles.
 */
public final class Associations {
    /** A name that is another's with a branch's own words behind it. */
    private static final String BRANCH = "^(.+公司).*分公司$";

    private Associations() {}

    public static Dataset<Row> rows(Inputs in) {
        Index index = in.index();
        Optional<Association> rules =
                index.association().filter(there -> in.delivered().containsAll(Pipeline.sources("roles")));
        if (rules.isEmpty()) {
            return in.none("associations");
        }
        Association association = rules.get();
        Dataset<Row> entities = in.known("entities").where(index.inScope());
        Dataset<Row> own = in.table("contributions");
        Dataset<Row> sources =
                index.classes(own, entities).where(association.goesOut()).select("entity_id");
        Dataset<Row> reaching = association.reaching(ends(in, association, entities), points(in, index, own, sources));
        return in.stamped(association.counted(reaching, own));
    }

    /** Of each enterprise of some its points, with the days of the records they rest on. */
    private static Dataset<Row> points(Inputs in, Index index, Dataset<Row> own, Dataset<Row> sources) {
        Dataset<Row> some = own.join(sources, new String[] {"entity_id"}, "left_semi");
        Dataset<Row> days = some.select(
                        col("entity_id"),
                        col("indicator"),
                        explode(split(col("source_table"), ",")).as("table"),
                        col("evidence"))
                .select(
                        col("entity_id"),
                        col("indicator"),
                        col("table"),
                        explode(col("evidence")).as("record_id"))
                .join(happened(in, index, sources), new String[] {"entity_id", "table", "record_id"})
                .groupBy("entity_id", "indicator")
                .agg(collect_list("day").as("days"));
        Column none = array().cast("array<date>");
        return some.join(days, new String[] {"entity_id", "indicator"}, "left")
                .groupBy("entity_id")
                .agg(collect_list(struct(
                                col("counted"),
                                col("kind"),
                                col("class_floor"),
                                coalesce(col("days"), none).as("days")))
                        .as("points"));
    }

    /** On which day each record of some enterprises happened, of all tables that the indicators measure. */
    private static Dataset<Row> happened(Inputs in, Index index, Dataset<Row> entities) {
        List<Dataset<Row>> all = new ArrayList<>();
        Contributions.facts(in, index.tables())
                .forEach((table, rows) -> Contract.of(table)
                        .custom("happened")
                        .ifPresent(day -> all.add(rows.join(entities, new String[] {"entity_id"}, "left_semi")
                                .select(
                                        col("entity_id"),
                                        lit(table).as("table"),
                                        col("record_id"),
                                        col(day).as("day")))));
        return all.stream().reduce(Dataset::union).orElseThrow();
    }

    /** {@link Association#reaching}: whoever holds roles in several, a holder and what it holds, a firm and its branch, one room, one telephone, clients of one agent. */
    private static Dataset<Row> ends(Inputs in, Association association, Dataset<Row> entities) {
        Column today = lit(in.asOf());
        Dataset<Row> told = in.known("roles").where("entity_id is not null");
        Column agent = col("role").equalTo("agent");
        Dataset<Row> held = told.where(not(agent));
        Dataset<Row> roles = held.withColumn("made", association.tie(Of.roles)).where("made is not null");
        Column holds = coalesce(col("until_on").geq(today), lit(true));
        Dataset<Row> persons = roles.where("person is not null")
                .withColumn("key", concat(lit("person "), col("person")))
                .select(end(col("key"), col("key"), col("entity_id"), col("since_on"), col("until_on"), holds));
        Dataset<Row> codes = entities.where("credit_code is not null")
                .select(
                        col("credit_code").as("holder_credit_code"),
                        col("entity_id").as("holder"));
        Dataset<Row> holders = roles.where("person is null and holder_credit_code is not null")
                .join(codes, "holder_credit_code")
                .where("holder <> entity_id")
                .withColumn("key", concat(col("holder"), lit(" holds "), col("entity_id")))
                .withColumn("hub", col("holder"))
                .withColumn("end", explode(array(col("holder"), col("entity_id"))))
                .select(end(col("key"), col("hub"), col("end"), lit(null), lit(null), holds));
        Dataset<Row> telephones = held.where("telephone is not null")
                .withColumn("made", association.tie(Of.telephones))
                .where("made is not null")
                .withColumn("key", concat(lit("telephone "), col("telephone")))
                .select(end(col("key"), col("key"), col("entity_id"), col("since_on"), col("until_on"), holds));
        Dataset<Row> agents = told.where(agent)
                .withColumn("made", association.tie(Of.agents))
                .withColumn("key", concat(lit("agent "), coalesce(col("person"), col("holder_credit_code"))))
                .where("made is not null and key is not null")
                .select(end(col("key"), col("key"), col("entity_id"), col("since_on"), col("until_on"), holds));
        Dataset<Row> branches = branches(entities)
                .withColumn("made", association.tie(Of.names))
                .where("made is not null")
                .withColumn("key", concat(col("office"), lit(" of "), col("branch")))
                .withColumn("hub", col("office"))
                .withColumn("end", explode(array(col("office"), col("branch"))))
                .select(end(col("key"), col("hub"), col("end"), lit(null), lit(null), lit(true)));
        Dataset<Row> rooms = in.known("entity_traits")
                .where("unit is not null")
                .where(coalesce(col("valid_from").leq(today), lit(true))
                        .and(coalesce(col("valid_to").gt(today), lit(true))))
                .withColumn("made", association.tie(Of.addresses))
                .where("made is not null")
                .withColumn("key", concat(lit("room "), col("unit")))
                .select(end(col("key"), col("key"), col("entity_id"), lit(null), lit(null), lit(true)));
        return persons.unionByName(holders)
                .unionByName(telephones)
                .unionByName(agents)
                .unionByName(branches)
                .unionByName(rooms)
                .join(entities.select("entity_id"), new String[] {"entity_id"}, "left_semi");
    }

    private static Column[] end(Column key, Column hub, Column entity, Column since, Column until, Column holds) {
        return new Column[] {
            key.as("key"),
            hub.as("hub"),
            entity.as("entity_id"),
            col("made.tie").as("tie"),
            col("made.weight").as("weight"),
            since.cast("date").as("since_on"),
            until.cast("date").as("until_on"),
            holds.as("holds")
        };
    }

    /** office and branch, the branch by its name; of two that bear the name of an office neither is one. */
    private static Dataset<Row> branches(Dataset<Row> entities) {
        Dataset<Row> branches = entities.select(
                        col("entity_id").as("branch"),
                        nullif(regexp_extract(col("name_key"), BRANCH, 1), lit(""))
                                .as("name_key"))
                .where("name_key is not null");
        Dataset<Row> offices = entities.join(
                        branches.select("name_key").distinct(), new String[] {"name_key"}, "left_semi")
                .groupBy("name_key")
                .agg(max("entity_id").as("office"), count(lit(1)).as("bearers"))
                .where("bearers = 1");
        return branches.join(offices, "name_key");
    }
}
