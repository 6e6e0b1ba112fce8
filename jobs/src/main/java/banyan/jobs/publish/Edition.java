package banyan.jobs.publish;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;

import banyan.models.Index;
import banyan.models.Policy;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * One list about to leave: what every form of it is made from.
 *
 * @param id name of its snapshot; the day and the first digits of the list's own hash
 * @param lang "zh" or "en"
 * @param classes class → entities, in the order A, B, C, D, unclassified
 * @param synthetic whether any entity is made up
 * @param list supervision_list of the day in rank order, cached
 * @param contributions those of the day, cached
 * @param special special_list of the day, by field and rank, cached
 * @param predicted prediction_list of the day, by model and rank, cached; no row where no model is in force
 * @param apart class_differences of the day, by rank, cached; empty where the province sends no classes
 */
record Edition(
        String id,
        LocalDate asOf,
        LocalDate knownAt,
        Policy policy,
        String lang,
        Map<String, Long> classes,
        boolean synthetic,
        Dataset<Row> list,
        Dataset<Row> contributions,
        Dataset<Row> special,
        Dataset<Row> predicted,
        Optional<Dataset<Row>> apart) {
    boolean chinese() {
        return !lang.equals("en");
    }

    Index index() {
        return policy.on(asOf);
    }

    /** The Chinese or the English text. */
    String say(String zh, String en) {
        return chinese() ? zh : en;
    }

    /** What is foretold by the models whose list this holds: model → in words. */
    SortedMap<String, String> models() {
        SortedMap<String, String> models = new TreeMap<>();
        predicted
                .where(col("rank").equalTo(1))
                .select("model", "model_name")
                .collectAsList()
                .forEach(row -> models.put(row.getString(0), row.getString(1)));
        return models;
    }

    /** Contributions of the first n of the list with rank and name, in the list's order, heaviest first. */
    Dataset<Row> contributionsOfFirst(int n) {
        return contributions
                .join(broadcast(list.where(col("rank").leq(n)).select("rank", "entity_id", "name")), "entity_id")
                .orderBy(col("rank"), col("counted").desc(), col("class_floor").desc(), col("indicator"));
    }
}
