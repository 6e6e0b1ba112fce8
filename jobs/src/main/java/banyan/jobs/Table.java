package banyan.jobs;

import java.util.Set;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A table and how it is built: a pure function of what it reads.
 *
 * @param reads the tables it reads; none for a raw table, whose rows come from deliveries
 * @param rows null for a raw table
 */
public record Table(String name, Set<String> reads, Function<Inputs, Dataset<Row>> rows) {}
