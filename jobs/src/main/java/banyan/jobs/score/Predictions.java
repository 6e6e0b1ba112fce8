package banyan.jobs.score;

import static org.apache.spark.sql.functions.lit;

import banyan.jobs.Inputs;
import banyan.jobs.learn.Registry;
import banyan.models.Forecast;
import banyan.models.learned.Learned;
import banyan.models.learned.Scoring;
import banyan.schemas.InvalidDefinition;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** One row per entity a model speaks of and version of it that is champion or challenger on the day: how likely the outcome is, and why. */
public final class Predictions {
    private Predictions() {}

    public static Dataset<Row> rows(Inputs in) {
        Dataset<Row> all = in.none("predictions").drop("as_of", "known_at", "policy_version");
        for (Map.Entry<String, Registry> one :
                Registry.all(in.table("models"), in.table("model_states")).entrySet()) {
            for (Registry.Version version : one.getValue().scoring(in.asOf())) {
                Learned learned = version.learned();
                all = all.unionByName(Scoring.of(Snapshots.features(asked(learned, version), in, in), version.body())
                        .withColumn("model", lit(one.getKey()))
                        .withColumn("model_version", lit(version.version()))
                        .withColumn(
                                "state",
                                lit(one.getValue()
                                        .state(version.version(), in.asOf())
                                        .orElseThrow()
                                        .name())));
            }
        }
        return in.stamped(all);
    }

    /** @throws InvalidDefinition that names the version, which can be retired, where its definition holds no longer */
    private static Forecast asked(Learned learned, Registry.Version version) {
        try {
            return learned.asked();
        } catch (InvalidDefinition e) {
            throw new InvalidDefinition(
                    learned.forecast() + " " + version.version(),
                    "the definition it was fitted by, kept with it, holds no longer: " + e.getMessage()
                            + "; retire it with `banyan retire`, or fit it again");
        }
    }
}
