package banyan.jobs.score;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Inputs;
import banyan.models.Forecast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What was known on a day of the enterprises that were looked at afterwards, and how that turned out: what models are fitted on. */
public final class Snapshots {
    private Snapshots() {}

    /**
     * One row per enterprise: entity_id, as_of, looked_on, bad (1 or 0) and each feature, in the order of entity_id. Features use nothing
     * that happened after the day or was received after it, nothing withdrawn or repaired by then, and no link that was known later:
     * {@link Inputs} sees to it. An enterprise that was not in scope on the day is not there.
     *
     * @param then the day, known at the day
     * @param later the same lake, known when the outcome is ripe
     */
    public static Dataset<Row> rows(Forecast forecast, Inputs then, Inputs later) {
        Dataset<Row> outcome = broadcast(forecast.outcome()
                .of(later.known(forecast.outcome().table()), then.asOf())
                .localCheckpoint());
        Inputs looked = then.only(outcome.select("entity_id"));
        Dataset<Row> entities = looked.known("entities").where(then.index().inScope());
        return forecast.features(
                        then.asOf(),
                        entities,
                        then.known("entities"),
                        Contributions.facts(looked, forecast.tables()),
                        Contributions.facts(then, forecast.tables()))
                .join(outcome, "entity_id")
                .withColumn("as_of", lit(then.asOf()))
                .orderBy(col("entity_id"));
    }
}
