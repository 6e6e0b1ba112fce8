package banyan.jobs.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Whether a peer came to Banyan's results.
 *
 * @param entities that either classified or said not to
 * @param differences entities whose class, score, class by score or reason for having none differ, or that one of both lacks
 * @param list Banyan's rows on the list
 * @param peerList the peer's
 */
record Agreement(long entities, long differences, long list, long peerList) {
    private static final String[] COMPARED = {"risk_class", "score", "class_by_score", "unclassified_because"};

    static Agreement of(Dataset<Row> ours, Dataset<Row> theirs, long list, long peerList) {
        Dataset<Row> left = ours.select("entity_id", COMPARED).as("a");
        Dataset<Row> right = theirs.select("entity_id", COMPARED).as("b");
        Dataset<Row> both = left.join(right, col("a.entity_id").equalTo(col("b.entity_id")), "full");
        Column same = col("a.entity_id").eqNullSafe(col("b.entity_id"));
        for (String column : COMPARED) {
            same = same.and(col("a." + column).eqNullSafe(col("b." + column)));
        }
        return new Agreement(both.count(), both.where(not(same)).count(), list, peerList);
    }

    boolean whole() {
        return differences == 0 && list == peerList && entities > 0;
    }
}
