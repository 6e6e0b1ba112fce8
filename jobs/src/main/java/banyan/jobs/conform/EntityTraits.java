package banyan.jobs.conform;

import static org.apache.spark.sql.functions.array_compact;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.date_sub;
import static org.apache.spark.sql.functions.get;
import static org.apache.spark.sql.functions.lag;
import static org.apache.spark.sql.functions.lead;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.posexplode;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.size;
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
 * One row per period in which an enterprise bore a name and an address, and per span of days on which we knew so: what records without
 * a number are compared with, by the day they speak of. None is known of an enterprise while the register has taken it back. A change
 * holds from the day the register gives for it; the first name from a while before the establishment on.
 */
public final class EntityTraits {
    private static final long FIRST = Window.unboundedPreceding();
    private static final long LAST = Window.unboundedFollowing();

    private EntityTraits() {}

    public static Dataset<Row> rows(Inputs in) {
        return of(in.table("entities"), in.links());
    }

    static Dataset<Row> of(Dataset<Row> entities, LinkModel model) {
        WindowSpec entity = Window.partitionBy("entity_id");
        WindowSpec history = Window.partitionBy("entity_id", "withdrawn").orderBy("version");
        Column words = struct(
                Party.WORDS.stream().map(org.apache.spark.sql.functions::col).toArray(Column[]::new));
        Column state =
                struct(col("known_from").as("from"), col("known_to").as("to"), col("withdrawn"), col("ended_on"));
        Column since = when(col("nth").equalTo(1), date_sub(col("established_on"), model.before()))
                .otherwise(coalesce(col("changed_on"), col("known_from")));
        return Party.of(model)
                .apart(entities.where(Versions.counts()), col("name"), col("address"))
                .withColumn("words", words)
                .withColumn("states", collect_list(state).over(entity.rowsBetween(FIRST, LAST)))
                .withColumn("nth", row_number().over(history))
                .withColumn("same", lag("words", 1).over(history).eqNullSafe(col("words")))
                .where("not withdrawn and (nth = 1 or not same)")
                .withColumn("valid_from", since)
                .withColumn("period", row_number().over(history))
                .withColumn("next", lead(struct("valid_from", "known_from"), 1).over(history))
                .withColumn("keys", array_compact(Party.keys()))
                .withColumn("spans", spans())
                .select(col("*"), posexplode(col("spans")).as(new String[] {"before", "known"}))
                .where("known.value is not null")
                .withColumn("span", col("before").plus(1))
                .withColumn("valid_to", col("known.value.valid_to"))
                .withColumn("known_from", col("known.from"))
                .withColumn("known_to", col("known.to"));
    }

    /** {@link #known()}; of an enterprise that was told of once, which most are, without a look at each day, which is not compiled. */
    private static Column spans() {
        Column once = size(col("states"))
                .equalTo(1)
                .and(get(col("states"), lit(0)).getField("to").isNull());
        return when(
                        once,
                        Timeline.since(col("known_from"), struct(col("ended_on").as("valid_to"))))
                .otherwise(known());
    }

    /** What was known, from when until when, of the end of a period: the next began, or the enterprise ended. */
    private static Column known() {
        return Timeline.of(
                Timeline.days(col("known_from"), col("states")),
                day -> Timeline.let(get(Timeline.at(col("states"), day), lit(0)), state -> {
                    Column begun = col("next.known_from").leq(day);
                    return when(
                            not(state.getField("withdrawn")),
                            struct(least(when(begun, col("next.valid_from")), state.getField("ended_on"))
                                    .as("valid_to")));
                }));
    }
}
