package banyan.schemas;

import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTest {
    /** A name asked for on the command line finds the name that Spark brought to the same form. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "福州示例恒景百货有限公司 | 福州示例恒景百货有限公司",
                "福州示例（恒景）百货有限公司 | 福州示例恒景百货有限公司",
                "' 福州　示例\t恒景 ' | 福州示例恒景",
                "Ａｂｃ－１２３ Co., Ltd. | ABC123COLTD",
                "〔甲〕【乙】{丙}[丁](戊) | 甲乙丙丁戊",
                "甲·乙•丙，丁。戊'己\"庚 | 甲乙丙丁戊己庚",
                "straße ﬁn | STRASSEFIN",
                "ı İ ǅ | IİǄ",
                "甲\u200b乙\ufeff丙 | 甲乙丙",
                "＝cmd／C calc！Ａ１ | =CMD/CCALC!A1",
                "甲～乙｀丙＇丁 | 甲~乙`丙丁",
                "𠮷野家ｱｲｳ￥ | 吉野家アイウ¥",
                "福州三盛茶業（㈱） | 福州3盛茶业㈱",
                "羣峯飯館 | 群峰饭馆",
                "ΑВС二〇二五 | ABC2025",
                "'（） ·' |",
                "'' |"
            })
    void nameKeyIsTheSameInJavaAndInSpark(String name, String key) {
        Rows.spark().conf().set("spark.sql.icu.caseMappings.enabled", "false");
        String inSpark =
                Rows.spark().range(1).select(Text.nameKey(lit(name))).head().getString(0);

        assertThat(Text.nameKey(name)).isEqualTo(inSpark).isEqualTo(key);
    }
}
