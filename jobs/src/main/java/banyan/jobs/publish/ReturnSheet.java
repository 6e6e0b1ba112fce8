package banyan.jobs.publish;

import static org.apache.spark.sql.functions.col;

import banyan.jobs.Json;
import banyan.jobs.Pipeline;
import banyan.schemas.Breach;
import banyan.schemas.Contract;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import tools.jackson.databind.JsonNode;

/**
 * The workbook that goes back to a sending department (数据质量回退单): one row per record that was set aside and is open, with where it
 * stands in what file, why it was refused, and its text as delivered. Answered and delivered as {@code
 * <received-on>/quality_return/数据质量回退单….xlsx} it is read by {@code senders/quality_return.yaml}.
 */
public final class ReturnSheet {
    private static final String NAME = "数据质量回退单";
    private static final List<String> TITLES =
            List.of("处理结果", "处理日期", "处理单位", "说明", "接收日期", "来源文件", "来源行号", "数据表", "违反规则", "记录内容", "表标识", "批次指纹");
    private static final int[] WIDTHS = {10, 12, 16, 24, 12, 40, 9, 18, 40, 90, 20, 20};

    private ReturnSheet() {}

    /**
     * @param records open records of one sender ({@link banyan.jobs.Quarantine#open})
     * @return how many
     */
    public static long write(Path file, Dataset<Row> records) throws IOException {
        Iterator<Row> sorted = records.select("received_on", "file", "line", "table", "broken", "record", "delivery")
                .orderBy(col("received_on"), col("file"), col("line"), col("table"))
                .toLocalIterator();
        Iterator<Row> told = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return sorted.hasNext();
            }

            @Override
            public Row next() {
                return told(sorted.next());
            }
        };
        try (OutputStream out = Files.newOutputStream(file);
                org.dhatim.fastexcel.Workbook book = new org.dhatim.fastexcel.Workbook(out, "Banyan", "1.0")) {
            book.setGlobalDefaultFont(Workbook.FONT, 11);
            return Workbook.sheets(book, NAME, TITLES, WIDTHS, told, Workbook.MAX_ROWS);
        }
    }

    private static Row told(Row row) {
        Contract contract = Contract.of(row.getAs("table"));
        List<String> broken = row.getList(row.fieldIndex("broken"));
        return RowFactory.create(
                null,
                null,
                null,
                null,
                row.getAs("received_on"),
                row.getAs("file"),
                row.getAs("line"),
                contract.name(),
                broken.stream().map(rule -> Breach.in("zh", contract, rule)).collect(Collectors.joining("；")),
                inWords(contract, row.getAs("record")),
                contract.id(),
                row.getAs("delivery"));
    }

    /** The fields that are not blank, by the names they have in the raw contract; of a line that could not be split its text. */
    private static String inWords(Contract contract, String record) {
        Contract raw = Pipeline.table(contract.id()).reads().stream()
                .filter(read -> read.startsWith("raw_"))
                .findFirst()
                .map(Contract::of)
                .orElse(contract);
        List<String> words = new ArrayList<>();
        Json.read(record).properties().forEach(field -> {
            JsonNode value = field.getValue();
            String text = value.isString() ? value.asString() : value.toString();
            if (!text.isBlank()) {
                words.add(
                        raw.columnNames().contains(field.getKey())
                                ? raw.property(field.getKey()).businessName() + "：" + text
                                : text);
            }
        });
        return String.join("；", words);
    }
}
