package banyan.jobs.conform;

import static org.apache.spark.sql.functions.array_compact;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.date_sub;
import static org.apache.spark.sql.functions.lag;
import static org.apache.spark.sql.functions.last;
import static org.apache.spark.sql.functions.lead;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import banyan.models.LinkModel;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;

/**
 * One row per period in which an enterprise bore a name and an address: what records without a number are compared with, by the day
 * they speak of; none of an enterprise that the register took back. A change holds from the day the register gives for it; the first
 * name from a while before the establishment on.
 */
public final class EntityTraits {
    private static final long FIRST = Window.unboundedPreceding();
    private static final long LAST = Window.unboundedFollowing();

    private EntityTraits() {}

    public static Dataset<Row> rows(Inputs in) {
        return of(in.table("entities"), in.links());
    }

    static Dataset<Row> of(Dataset<Row> entities, LinkModel model) {
        WindowSpec history = Window.partitionBy("entity_id").orderBy("version");
        Column words = struct(
                Party.WORDS.stream().map(org.apache.spark.sql.functions::col).toArray(Column[]::new));
        Column gone = max(col("withdrawn").and(col("known_to").isNull())).over(Window.partitionBy("entity_id"));
        Dataset<Row> counting = entities.withColumn("gone", gone)
                .where(not(col("gone"))
                        .and(not(col("withdrawn")))
                        .and(col("known_to").isNull().or(col("known_to").gt(col("known_from")))));
        Column since = when(col("nth").equalTo(1), date_sub(col("established_on"), model.before()))
                .otherwise(coalesce(col("changed_on"), col("known_from")));
        return Party.of(model)
                .apart(counting, col("name"), col("address"))
                .withColumn("words", words)
                .withColumn("nth", row_number().over(history))
                .withColumn("same", lag("words", 1).over(history).eqNullSafe(col("words")))
                .withColumn("end", last("ended_on").over(history.rowsBetween(FIRST, LAST)))
                .where("nth = 1 or not same")
                .withColumn("valid_from", since)
                .withColumn("valid_to", least(lead("valid_from", 1).over(history), col("end")))
                .withColumn("period", row_number().over(history))
                .withColumn("keys", array_compact(Party.keys()));
    }
}
