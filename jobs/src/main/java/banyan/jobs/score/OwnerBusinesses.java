package banyan.jobs.score;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import banyan.jobs.Pipeline;
import banyan.models.Association;
import banyan.models.Index;
import banyan.models.RiskClass;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * One row per individual business or cooperative and other entity that the same person stands behind: one that ended while that person
 * did, or that is in class D by its own points while that person does ({@code handbook: classification §8}). Of who stands behind more entities than
 * the hub limit of associations, an agent, nothing is told; and nobody is named. Nothing while nobody has delivered who holds roles.
 */
public final class OwnerBusinesses {
    private OwnerBusinesses() {}

    public static Dataset<Row> rows(Inputs in) {
        Optional<Association> rules =
                in.index().association().filter(there -> in.delivered().containsAll(Pipeline.sources("roles")));
        Optional<Index> shops = in.specialised().instead();
        if (rules.isEmpty() || shops.isEmpty()) {
            return in.none("owner_businesses");
        }
        Dataset<Row> behind = rules.get()
                .shared(in.known("roles")
                        .where("role = 'legal_representative' and person is not null and entity_id is not null")
                        .select(col("person"), col("person").as("hub"), col("entity_id"), col("until_on")));
        Column today = lit(in.asOf());
        Dataset<Row> own = behind.where(coalesce(col("until_on").geq(today), lit(true)))
                .join(in.known("entities").where(shops.get().inScope()).select("entity_id"), "entity_id")
                .select("person", "entity_id")
                .distinct();
        Dataset<Row> classes = in.index()
                .classes(
                        in.table("contributions"),
                        in.known("entities").where(in.index().inScope()))
                .where(col("city_class").equalTo(RiskClass.D.name()))
                .select(col("entity_id"), col("city_class").as("risk_class"));
        Column bad = col("risk_class").isNotNull().and(coalesce(col("until_on").geq(today), lit(true)));
        Column ended = not(col("status").isin("active", "suspended"))
                .and(coalesce(
                        col("until_on").geq(col("ended_on")), col("ended_on").isNotNull()));
        Dataset<Row> others = behind.join(
                        in.known("entities").select("entity_id", "entity_kind", "status", "ended_on"), "entity_id")
                .join(classes, new String[] {"entity_id"}, "left")
                .where(bad.or(ended))
                .select(
                        col("person"),
                        col("entity_id").as("record_id"),
                        col("entity_kind"),
                        col("status"),
                        when(ended, col("ended_on")).as("ended_on"),
                        when(bad, col("risk_class")).as("risk_class"));
        return in.stamped(own.join(others, "person")
                .where("entity_id <> record_id")
                .groupBy("entity_id", "record_id", "entity_kind", "status") // more than one person, or role
                .agg(max("ended_on").as("ended_on"), max("risk_class").as("risk_class")));
    }
}
