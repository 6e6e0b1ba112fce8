package banyan.jobs.publish;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.min;

import banyan.jobs.Lake;
import banyan.jobs.conform.Linked;
import banyan.models.Policy;
import banyan.schemas.Codes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The workbook in which people decide whom a party means: one row per party and candidate, those of most records first. Filled in and
 * delivered as {@code <received-on>/links_review/归集复核….xlsx} it is read by {@code senders/links_review.yaml}.
 */
public final class ReviewBook {
    private static final List<String> TITLES = List.of(
            "结论", "复核日期", "复核单位", "记录数", "名称", "门牌", "区县", "候选主体名称", "候选主体住所", "概率", "依据", "候选主体标识", "次选主体标识", "当事人指称");
    private static final int[] WIDTHS = {10, 12, 16, 8, 34, 34, 10, 34, 40, 9, 48, 22, 22, 24};

    private ReviewBook() {}

    /** Writes what waits for a decision; returns how many rows. */
    public static long write(Path file, Lake lake) throws IOException {
        Iterator<Row> sorted = rows(lake)
                .orderBy(col("records").desc(), col("party"), col("candidate"))
                .toLocalIterator();
        try (OutputStream out = Files.newOutputStream(file);
                org.dhatim.fastexcel.Workbook book = new org.dhatim.fastexcel.Workbook(out, "Banyan", "1.0")) {
            book.setGlobalDefaultFont(Workbook.FONT, 11);
            return Workbook.sheets(book, "归集复核", TITLES, WIDTHS, sorted, Workbook.MAX_ROWS);
        }
    }

    private static Dataset<Row> rows(Lake lake) {
        Dataset<Row> waiting = null;
        for (String table : Linked.tables()) {
            Dataset<Row> here = lake.read(table)
                    .where("link_tier = 'review' and known_to is null and not withdrawn")
                    .select("party", "record_id", "entity_name");
            waiting = waiting == null ? here : waiting.unionByName(here);
        }
        Dataset<Row> records = waiting.groupBy("party")
                .agg(count(lit(1)).as("records"), min("entity_name").as("said"));
        Dataset<Row> entities = lake.read("entities")
                .where("known_to is null")
                .select(col("entity_id").as("candidate"), col("name"), col("address"));
        return lake.read("links")
                .where("tier = 'review' and known_to is null")
                .groupBy("party", "candidate")
                .agg(
                        max("probability").as("probability"),
                        max_by(col("why"), col("probability")).as("why"),
                        max_by(col("second"), col("probability")).as("second"),
                        min("unit").as("unit"),
                        min("place").as("place"),
                        min("area_code").as("area_code"))
                .join(records, "party")
                .join(entities, new String[] {"candidate"}, "left")
                .select(
                        lit(null).cast("string").as("decision"),
                        lit(null).cast("string").as("decided_on"),
                        lit(null).cast("string").as("decided_by"),
                        col("records"),
                        col("said"),
                        coalesce(col("unit"), col("place")),
                        Codes.of("areas").nameOf(col("area_code"), "zh"),
                        col("name"),
                        col("address"),
                        col("probability"),
                        Policy.packaged().links().inWords(col("why"), "zh"),
                        col("candidate"),
                        col("second"),
                        col("party"));
    }
}
