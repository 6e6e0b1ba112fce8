package banyan.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SenderTest {
    private static final String SMALL = """
            sender: small
            name: { zh: 小, en: Small }
            files:
              - match: "list*.csv"
                table: raw_listings
                fields: { listing_no: "no", reason: "why", listed_on: "day" }
                codes: { reason: { 找不到: unreachable } }
                dates: { listed_on: ["yyyy年M月d日"] }
                ignored: [who]
            ignored: ["readme*"]
            """;

    @Test
    void aFieldIsExpressionThenWordsThenDateForms() {
        Sender.SentFile sent = Sender.parse("small.yaml", SMALL).files().get(0);
        var file = Rows.spark()
                .sql("select '1' no, '找不到' why, '2024年3月5日' day union all select '2', 'unreachable', 'soon'");

        List<Row> rows = file.orderBy("no")
                .select(sent.field("reason"), sent.field("listed_on"))
                .collectAsList();

        assertThat(rows).extracting(Row::toString).containsExactly("[unreachable,2024-03-05]", "[unreachable,soon]");
    }

    @Test
    void everyFileIsTakenIgnoredOrUnknown() {
        Sender sender = Sender.parse("small.yaml", SMALL);

        assertThat(sender.kindsOf("list_1.csv")).hasSize(1);
        assertThat(sender.kindsOf("readme.txt")).isEmpty();
        assertThat(sender.ignores("readme.txt")).isTrue();
        assertThat(sender.ignores("other.csv")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "table: raw_listings | table: raw_nothing      | raw_nothing",
                "listing_no:         | list_number:            | list_number",
                "\"why\"             | \"1 +\"           | no Spark SQL",
                "files:              | 'files:\n  - { match: \"list*.csv\", table: raw_listings, fields: { listing_no: no } }' | into raw_listings twice",
                "ignored: [who]      | encoding: EBCDIC-9      | EBCDIC-9",
                "ignored: [who]      | delimiter: ';;'         | delimiter",
                "dates:              | dats:                   | dats",
                "dates: { listed_on  | dates: { removed_on     | removed_on",
                "files:              | 'database: { dialect: mysql, environment: lower, reads: [] }\nfiles:' | environment in capitals",
                "files:              | 'database: { dialect: mysql, environment: A, reads: [{ table: list, watermark: t }] }\nfiles:' | watermark and overlap",
                "files:              | 'database: { dialect: mysql, environment: A, reads: [{ table: t, watermark: w, overlap: 5 }] }\nfiles:' | t_….parquet",
            })
    void aWrongSenderIsRefusedWithItsReason(String was, String is, String why) {
        assertThatThrownBy(() -> Sender.parse("small.yaml", SMALL.replace(was.strip(), is.strip())))
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining(why.strip());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "person: \"`id`\"  | person: \"trim(id)\"     | person tells of people: it must be one column as it stands, not trim(id)",
                "role: \"`role`\"  | role: \"concat(role, id)\" | role is made of id, which tells of people"
            })
    void whatTellsOfPeopleIsAColumnThatTellsNothingElse(String was, String is, String why) {
        String roles = """
                sender: roles
                name: { zh: 人员, en: Roles }
                files:
                  - match: "roles*.csv"
                    table: raw_roles
                    fields:
                      role: "`role`"
                      person: "`id`"
                      person_shown: "name"
                """;
        assertThat(Sender.parse("roles.yaml", roles).files().get(0).column("person_shown"))
                .contains("name");
        assertThatThrownBy(() -> Sender.parse("roles.yaml", roles.replace(was.strip(), is.strip())))
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining(why.strip());
    }

    @Test
    void theSendersThatAreShippedAreValid() {
        assertThat(Sender.all().keySet())
                .containsExactly(
                        "case_front",
                        "chicago",
                        "city_supervision",
                        "credit_platform",
                        "fujian_registry",
                        "hotline_12315",
                        "links_review",
                        "province_platform",
                        "quality_return");
    }
}
