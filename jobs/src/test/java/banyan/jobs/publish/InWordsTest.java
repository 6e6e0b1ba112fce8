package banyan.jobs.publish;

import static org.assertj.core.api.Assertions.assertThat;

import banyan.schemas.Contract;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InWordsTest {
    private static final Contract PLAN = Contract.of("inspection_plan");

    /** A column, what stands in it, and what is read in either language. */
    @ParameterizedTest
    @CsvSource({
        "entity_kind, enterprise, 企业, Enterprise",
        "entity_kind, unheard_of, unheard_of, unheard_of",
        "arm, control, 对照随机, control",
        "item_level, key, 重点检查事项, key",
        "name, control, control, control",
        "reserve, true, 是, yes",
        "reserve, false, 否, no",
        "visit_no, , , ",
    })
    void codesAreReadInWords(String column, String value, String zh, String en) {
        int at = PLAN.columnNames().indexOf(column);
        Object[] row = IntStream.range(0, PLAN.properties().size())
                .mapToObj(c -> c != at ? null : column.equals("reserve") ? Boolean.valueOf(value) : (Object) value)
                .toArray();

        assertThat(read(row, "zh", at)).isEqualTo(zh);
        assertThat(read(row, "en", at)).isEqualTo(en);
    }

    private static Object read(Object[] row, String lang, int at) {
        Row read = InWords.of(PLAN, lang, List.of(RowFactory.create(row)).iterator())
                .next();
        assertThat(read.size()).isEqualTo(row.length);
        return read.get(at);
    }
}
