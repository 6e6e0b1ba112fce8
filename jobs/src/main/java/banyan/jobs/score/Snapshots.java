package banyan.jobs.score;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Inputs;
import banyan.jobs.Pipeline;
import banyan.models.Forecast;
import banyan.models.Index;
import banyan.models.RiskClass;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What was known on a day of enterprises: of those that were looked at afterwards, with how that turned out, models are fitted. */
public final class Snapshots {
    private Snapshots() {}

    /**
     * One row per enterprise: entity_id, as_of, looked_on, bad (1 or 0), group, drawn, peer and each feature, in the order of entity_id.
     * Features use nothing that happened after the day or was received after it, nothing withdrawn or repaired by then, and no link that
     * was known later: {@link Inputs} sees to it. An enterprise that was not in scope on the day is not there.
     *
     * @param then the day, known at the day
     * @param later the same lake, known when the outcome is ripe
     */
    public static Dataset<Row> rows(Forecast forecast, Inputs then, Inputs later) {
        Dataset<Row> outcome = outcome(forecast, then, later);
        return with(outcome, features(forecast, then, then.only(outcome.select("entity_id"))), then)
                .orderBy(col("entity_id"));
    }

    /**
     * The same, and what needs no model: violator, 1 where it was found bad in the year before; and rules, class and points by the rules
     * on the day as one number, without what reaches it from others.
     */
    public static Dataset<Row> compared(Forecast forecast, Inputs then, Inputs later) {
        Dataset<Row> outcome = outcome(forecast, then, later);
        Inputs looked = then.only(outcome.select("entity_id"));
        Index index = then.index();
        Dataset<Row> violator = forecast.outcome()
                .before(looked.known(forecast.outcome().table()), then.asOf())
                .select(col("entity_id"), col("bad").as("violator"));
        Column ordinal = lit(0);
        for (RiskClass riskClass : RiskClass.values()) {
            ordinal = when(col("risk_class").equalTo(riskClass.name()), riskClass.ordinal())
                    .otherwise(ordinal);
        }
        Dataset<Row> rules = index.classes(Contributions.rows(owing(looked)), looked.known("entities"))
                .select(
                        col("entity_id"),
                        ordinal.multiply(1_000_000)
                                .plus(coalesce(col("score"), lit(0)))
                                .cast("double")
                                .as("rules"));
        return with(outcome, features(forecast, then, looked), then)
                .join(violator, new String[] {"entity_id"}, "left")
                .join(rules, new String[] {"entity_id"}, "left")
                .withColumn("violator", coalesce(col("violator"), lit(0)).cast("double"))
                .withColumn("rules", coalesce(col("rules"), lit(0.0)))
                .orderBy(col("entity_id"));
    }

    /** With the reports that were owed on the day, which its own table holds only where the day was built. */
    private static Inputs owing(Inputs in) {
        return in.delivered().containsAll(Pipeline.sources("obligations"))
                ? in.with("obligations", Obligations.rows(in))
                : in;
    }

    /**
     * One row per enterprise that the model speaks of, looked at or not: as {@link #rows}, with looked_on, bad, group and drawn null where
     * nobody looked, and its area_code.
     */
    public static Dataset<Row> everybody(Forecast forecast, Inputs then, Inputs later) {
        return features(forecast, then, then)
                .join(then.known("entities").select("entity_id", "area_code"), "entity_id")
                .join(
                        forecast.outcomes(
                                then.asOf(), later.known(forecast.outcome().table())),
                        new String[] {"entity_id"},
                        "left")
                .orderBy(col("entity_id"));
    }

    /**
     * One row per enterprise that the model speaks of on a day: entity_id, peer (its sector, what it is compared with) and each feature.
     *
     * @param all what was known of everybody
     * @param some the same, of those that are asked for
     */
    static Dataset<Row> features(Forecast forecast, Inputs all, Inputs some) {
        Dataset<Row> entities =
                forecast.spokenOf(some.known("entities").where(all.index().inScope()));
        return forecast.features(
                all.asOf(),
                entities.withColumn("peer", coalesce(col("sector"), lit(""))),
                all.known("entities"),
                Contributions.facts(some, forecast.tables()),
                Contributions.facts(all, forecast.tables()));
    }

    private static Dataset<Row> outcome(Forecast forecast, Inputs then, Inputs later) {
        return broadcast(
                forecast.outcomes(then.asOf(), later.known(forecast.outcome().table()))
                        .localCheckpoint());
    }

    private static Dataset<Row> with(Dataset<Row> outcome, Dataset<Row> features, Inputs then) {
        return features.join(outcome, "entity_id").withColumn("as_of", lit(then.asOf()));
    }
}
