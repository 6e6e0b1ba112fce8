package banyan.schemas;

import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.sql.Column;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CodesTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {
                "statuses, K, active", "statuses, 在营, active", "statuses, ＸＸ, cancelled",
                        "statuses, dx, revoked_cancelled",
                "statuses, 神秘, null", "penalty_kinds, 没收违法所得, confiscation", "flags, 是, Y", "areas, 350182, 350112",
                "areas, 福清市, 350181", "results, 不合格, fail", "sectors, 62, H"
            })
    void aWordMeansItsCode(String list, String word, String code) {
        assertThat(value(Codes.of(list).code(Text.clean(lit(word))))).isEqualTo(code);
    }

    @ParameterizedTest
    @CsvSource({"350112, zh, 长乐区", "350112, en, Changle", "CHI-44, en, CHI-44"})
    void aCodeHasANameOrIsItsOwn(String code, String lang, String name) {
        assertThat(Codes.of("areas").nameOf(code, lang)).isEqualTo(name);
        assertThat(value(Codes.of("areas").nameOf(lit(code), lang))).isEqualTo(name);
    }

    @Test
    void anUnknownListIsRefused() {
        assertThatThrownBy(() -> Codes.of("colours"))
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining("colours");
    }

    @ParameterizedTest
    @CsvSource({"'福州示例（集团）有限公司 ', 福州示例集团有限公司", "'ＡＢＣ 公司', ABC公司", "'福州·示例', 福州示例", "'a\u200Bb', AB"})
    void namesAreMatchedWithoutWidthBlanksAndBrackets(String name, String key) {
        assertThat(value(Text.nameKey(lit(name)))).isEqualTo(key);
    }

    private static String value(Column column) {
        return Rows.spark().range(1).select(column).head().getString(0);
    }
}
