package banyan.jobs.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.dhatim.fastexcel.reader.Sheet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkbookTest {
    /** What one sheet cannot hold goes on in the next, each with its header; no row is lost and none comes twice. */
    @ParameterizedTest
    @CsvSource({"0, 名单", "1, 名单", "3, 名单", "4, 名单 名单2", "7, 名单 名单2 名单3"})
    void rowsGoOnInFurtherSheets(int rows, String names) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (Workbook book = new Workbook(bytes, "Banyan", "1.0")) {
            Stream<Row> list = IntStream.rangeClosed(1, rows).mapToObj(i -> RowFactory.create(i, "企业" + i));
            banyan.jobs.publish.Workbook.sheets(book, "名单", List.of("序号", "名称"), new int[] {7, 22}, list.iterator(), 3);
        }

        try (ReadableWorkbook book = new ReadableWorkbook(new ByteArrayInputStream(bytes.toByteArray()))) {
            List<Sheet> sheets = book.getSheets().toList();
            assertThat(sheets.stream().map(Sheet::getName)).containsExactly(names.split(" "));
            int next = 1;
            for (Sheet sheet : sheets) {
                List<org.dhatim.fastexcel.reader.Row> read = sheet.read();
                assertThat(read.get(0).getCellText(1)).isEqualTo("名称");
                for (org.dhatim.fastexcel.reader.Row row : read.subList(1, read.size())) {
                    assertThat(row.getCellText(1)).isEqualTo("企业" + next++);
                }
            }
            assertThat(next).isEqualTo(rows + 1);
        }
    }
}
