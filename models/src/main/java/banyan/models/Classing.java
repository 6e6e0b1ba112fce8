package banyan.models;

import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** How entities come by points and a class: by the index of enterprises, or by that of a field whose class is the general one of its own. */
public interface Classing {
    /** {@link Index#measure}. */
    Dataset<Row> measure(Dataset<Row> entities, Map<String, Dataset<Row>> facts);

    /** {@link Index#contributions}. */
    Dataset<Row> contributions(Dataset<Row> wide);

    /** {@link Index#classes}: entity_id, risk_class and score at least. */
    Dataset<Row> classes(Dataset<Row> contributions, Dataset<Row> entities);
}
