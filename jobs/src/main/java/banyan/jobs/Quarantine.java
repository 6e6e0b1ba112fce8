package banyan.jobs;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.get_json_object;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.when;

import banyan.schemas.Contract;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What was set aside because it broke a contract, and what became of it. A record is {@code fixed} once its sender says that it has sent
 * it again, or a later good version of it was taken in; {@code waived} where the sender says that it need not come; until then {@code
 * open}. A record that its table's rules let through today leaves the quarantine when the table is built, or by {@code quarantine
 * replay} where it never got as far as a table.
 */
public final class Quarantine {
    private Quarantine() {}

    /** Every record set aside, with {@code status}; empty where none ever was. */
    public static Optional<Dataset<Row>> records(Lake lake) {
        return Contract.all().keySet().stream()
                .filter(lake::hasQuarantine)
                .map(table -> sentAgain(lake, table))
                .reduce(Dataset::unionByName)
                .map(all -> {
                    return answered(lake, all)
                            .withColumn(
                                    "status",
                                    coalesce(
                                            col("decision"),
                                            when(col("again"), "fixed").otherwise("open")))
                            .drop("decision", "again");
                });
    }

    /**
     * Records set aside with {@code decision}, what their sender answered: fixed or waived; null where nothing.
     *
     * @param aside with table, delivery and line
     */
    public static Dataset<Row> answered(Lake lake, Dataset<Row> aside) {
        Dataset<Row> answers = lake.read("quarantine_decisions")
                .where("known_to is null and not withdrawn and decision <> 'open'")
                .select(col("record_id").as("__answered"), col("decision"));
        Column id = concat_ws("/", col("table"), col("delivery"), col("line"));
        return aside.join(broadcast(answers), id.equalTo(col("__answered")), "left")
                .drop("__answered");
    }

    /** With {@code again}: whether a good version of the record was received later, in a file that comes later on the same day too. */
    private static Dataset<Row> sentAgain(Lake lake, String table) {
        Dataset<Row> aside = lake.readQuarantine(table);
        if (!Contract.of(table).bitemporal()) {
            return aside.withColumn("again", lit(false)); // a raw row that was refused may lack what would name it
        }
        Dataset<Row> named = aside.withColumn("__id", get_json_object(col("record"), "$.record_id"));
        Dataset<Row> newest = lake.read(table)
                .where(Contract.of(table).received())
                .select(
                        col("record_id").as("__id"),
                        struct(col("known_from"), col("file")).as("__place"))
                .join(broadcast(named.select("__id").distinct()), "__id", "left_semi")
                .groupBy("__id")
                .agg(max("__place").as("__newest"));
        return named.join(newest, new String[] {"__id"}, "left")
                .withColumn(
                        "again",
                        coalesce(
                                col("__newest").gt(struct(col("received_on").as("known_from"), col("file"))),
                                lit(false)))
                .drop("__id", "__newest");
    }

    /** Table, rule, number of records that break it, how many of those are open, and file and line of the first; most first. */
    public static List<Row> reasons(Lake lake) {
        return records(lake)
                .map(all -> all.select(
                                col("table"),
                                expr("explode(broken) as rule"),
                                col("status"),
                                struct("received_on", "file", "line").as("place"))
                        .groupBy("table", "rule")
                        .agg(
                                count(lit(1)).as("n"),
                                count_if(col("status").equalTo("open")).as("open"),
                                min("place").as("first"))
                        .select("table", "rule", "n", "open", "first.file", "first.line")
                        .orderBy(col("n").desc(), col("table"), col("rule"))
                        .collectAsList())
                .orElse(List.of());
    }

    /**
     * The open records, each with its text as it was delivered in {@code record}: what a table sets aside is typed already, and lacks
     * what could not be read.
     */
    public static Optional<Dataset<Row>> open(Lake lake) {
        return records(lake).map(all -> {
            Dataset<Row> open = all.where("status = 'open'").drop("status");
            List<String> tables = open.select("table").distinct().orderBy("table").collectAsList().stream()
                    .map(row -> row.getString(0))
                    .toList();
            return tables.stream()
                    .map(table -> delivered(lake, table, open.where(col("table").equalTo(table))))
                    .reduce(Dataset::unionByName)
                    .orElse(open);
        });
    }

    private static Dataset<Row> delivered(Lake lake, String table, Dataset<Row> open) {
        Optional<String> raw = Pipeline.table(table).reads().stream()
                .filter(read -> read.startsWith("raw_"))
                .findFirst();
        if (raw.isEmpty()) {
            return open;
        }
        String[] key = {"delivery", "line"};
        Column[] text = Contract.of(raw.get()).properties().stream()
                .filter(p -> !p.restricted())
                .map(Contract.Property::name)
                .takeWhile(name -> !name.equals("sender"))
                .map(org.apache.spark.sql.functions::col)
                .toArray(Column[]::new);
        Dataset<Row> texts = lake.read(raw.get())
                .join(broadcast(open.select("delivery", "line")), key, "left_semi")
                .select(col("delivery"), col("line"), to_json(struct(text)).as("__text"));
        return open.join(broadcast(texts), key, "left")
                .withColumn("record", coalesce(col("__text"), col("record")))
                .select(Stream.of(open.columns())
                        .map(org.apache.spark.sql.functions::col)
                        .toArray(Column[]::new));
    }
}
