package banyan.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

class ContractTest {
    private static final Path ROOT = Path.of(System.getProperty("banyan.root", ".."));

    private static final String SMALL = """
            apiVersion: v3.1.0
            kind: DataContract
            id: small
            version: 1.0.0
            status: active
            description: { purpose: "One row per test." }
            schema:
              - name: small
                physicalType: table
                properties:
                  - { name: code, businessName: 代码, logicalType: string, physicalType: string, required: true }
            """;

    static Stream<String> contracts() {
        return Contract.all().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("contracts")
    void everyContractIsValidOdcs(String table) throws IOException {
        Contract contract = Contract.of(table);
        String text = Files.readString(ROOT.resolve("schemas/contracts/" + contract.folder() + "/" + table + ".yaml"));
        String standard = Files.readString(ROOT.resolve("schemas/src/test/resources/odcs-json-schema-v3.1.0.json"));
        Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2019_09)
                .getSchema(standard);
        JsonNode yaml = new YAMLMapper().readTree(text);

        assertThat(schema.validate(yaml)).isEmpty();
    }

    @Test
    void theStandardRefusesAKeyThatIsNotItsOwn() throws IOException {
        String standard = Files.readString(ROOT.resolve("schemas/src/test/resources/odcs-json-schema-v3.1.0.json"));
        Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2019_09)
                .getSchema(standard);

        assertThat(schema.validate(new YAMLMapper().readTree(SMALL.replace("required: true", "nullable: false"))))
                .isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("contracts")
    void everyColumnHasAChineseNameAndAMeaning(String table) {
        for (Contract.Property p : Contract.of(table).properties()) {
            assertThat(p.businessName()).as(table + "." + p.name()).isNotBlank();
            assertThat(p.description()).as(table + "." + p.name()).isNotBlank();
        }
    }

    /** What leaves for the regulator's desk is explained in Chinese, and codes are read in words there. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "supervision_list",
                "special_list",
                "prediction_list",
                "class_differences",
                "inspection_plan",
                "plan_strata"
            })
    void everyColumnOfAListIsExplainedInChinese(String list) {
        for (Contract.Property p : Contract.of(list).properties()) {
            assertThat(p.help())
                    .as(list + "." + p.name())
                    .hasValueSatisfying(help -> assertThat(help).containsPattern("\\p{IsHan}"));
            p.codes().ifPresent(codes -> assertThat(Codes.of(codes).codes()).isNotEmpty());
            assertThat(p.codes().isPresent())
                    .as(p.name())
                    .isEqualTo(p.name().matches("entity_kind|arm|item_level|discordance")
                            || list.equals("prediction_list") && p.name().equals("risk_class"));
        }
    }

    @Test
    void oneTextGivesTypesAndComments() {
        var type = Contract.of("penalties").structType();

        assertThat(type.apply("decided_on").dataType()).isEqualTo(DataTypes.DateType);
        assertThat(type.apply("amount_yuan").dataType()).isEqualTo(DataTypes.createDecimalType(18, 2));
        assertThat(type.apply("decided_on").getComment().get()).isEqualTo("处罚决定日期");
    }

    @Test
    void aRowTellsEveryRuleItBreaks() {
        var rows = Rows.of(
                "listings",
                List.of(
                        Map.of(
                                "record_id",
                                "L1",
                                "list",
                                "abnormal",
                                "reason",
                                "unreachable",
                                "listed_on",
                                "2024-01-02"),
                        Map.of("record_id", " ", "list", "grey", "listed_on", "1870-01-02")));

        List<Row> broken = rows.select(Contract.of("listings")
                        .broken(
                                "link_tier",
                                "withdrawn",
                                "sender",
                                "delivery",
                                "file",
                                "line",
                                "row_hash",
                                "received_on",
                                "known_from",
                                "version"))
                .collectAsList();

        assertThat(broken.get(0).getList(0)).isEmpty();
        assertThat(broken.get(1).<String>getList(0))
                .containsExactly(
                        "record_id is required",
                        "list is not one of abnormal, serious, prepaid_runaway",
                        "reason is required",
                        "listed_on is below 1990-01-01");
    }

    @Test
    void aRuleThatWarnsSetsNothingAside() {
        Contract contract = Contract.parse("small.yaml", SMALL.replace("physicalType: table", """
                physicalType: table
                    quality:
                      - { name: not a word, description: 不是词, type: custom, engine: spark, implementation: "code rlike '^[a-z]+$'", severity: warning }
                      - { name: too long, description: 过长, type: custom, engine: spark, implementation: "length(code) < 9" }"""));
        var rows = Rows.spark()
                .sql("select * from values ('abc'), ('1'), ('a very long one'), (cast(null as string)) t(code)");

        assertThat(rows.select(contract.broken()).collectAsList())
                .extracting(row -> row.<String>getList(0))
                .containsExactly(List.of(), List.of(), List.of("too long"), List.of("code is required"));
        assertThat(rows.select(contract.warnings().get("not a word")).collectAsList())
                .extracting(row -> row.getBoolean(0))
                .containsExactly(true, false, false, true);
        assertThat(contract.warnings()).containsOnlyKeys("not a word");
    }

    @ParameterizedTest
    @MethodSource("contracts")
    void everyRuleCanBeLookedAt(String table) {
        Contract.of(table)
                .check(Rows.spark()
                        .createDataFrame(List.of(), Contract.of(table).structType()));
    }

    @Test
    void aRuleThatSparkCannotReadIsRefused() {
        Contract contract = Contract.parse("small.yaml", SMALL.replace("physicalType: table", """
                physicalType: table
                    quality:
                      - { name: odd, description: 怪, type: custom, engine: spark, implementation: "cod > 1", severity: warning }"""));

        assertThatThrownBy(() -> contract.check(Rows.spark().createDataFrame(List.of(), contract.structType())))
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining("small.yaml")
                .hasMessageContaining("cod");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "decided_on is required                | 处罚决定日期：必填",
                "fine_yuan is below 0                  | 罚款金额（元）：小于 0",
                "kinds cannot be read                  | 处罚种类：无法识别",
                "credit_code leads to nothing          | credit_code leads to nothing",
                "a fine without an amount              | 处罚种类有罚款而无罚款金额",
                "20 fields where the header has 19     | 有 20 列，表头为 19 列",
                "line is not UTF-8  | 不是 UTF-8 编码",
                "link_tier is not one of a, b          | 归集方式：不在规定取值之内（a, b）",
            })
    void aBreachIsToldInChinese(String rule, String words) {
        assertThat(Breach.in("zh", Contract.of("penalties"), rule)).isEqualTo(words);
        assertThat(Breach.in("en", Contract.of("penalties"), rule)).isEqualTo(rule);
    }

    /** Every rule that a contract can break has Chinese words. */
    @ParameterizedTest
    @MethodSource("contracts")
    void noRuleIsLeftInEnglish(String table) {
        Contract contract = Contract.of(table);

        assertThat(contract.rules().keySet())
                .noneMatch(rule -> Breach.in("zh", contract, rule).equals(rule));
        assertThat(contract.warnings().keySet())
                .noneMatch(rule -> Breach.in("zh", contract, rule).equals(rule));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "required: true  | requird: true                    | requird",
                "string, required | strange, required               | STRANGE",
                "name: small      | name: other                     | schema names other",
                "required: true   | quality: [{ metric: rowCount, mustBe: 0 }] | quality rule",
                "required: true   | logicalTypeOptions: { size: 3 } | option size",
                "required: true   | quality: [{ metric: nullValues, mustBeLessThan: 5 }] | quality rule",
                "required: true   | quality: [{ metric: nullValues, mustBeLessThan: 5, unit: percent, severity: info }] | severity",
                "physicalType: table | quality: [{ name: odd, type: custom, engine: spark, implementation: code > 1 }] | description",
                "status: active   | slaProperties: [{ property: latency, value: 1, unit: d }] | frequency",
                "id: small        | id: [small]                     | cannot",
            })
    void aWrongContractIsRefusedWithItsReason(String was, String is, String why) {
        String wrong = SMALL.replace(was.strip(), is.strip());

        assertThatThrownBy(() -> Contract.parse("small.yaml", wrong))
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining("small.yaml")
                .satisfies(e -> assertThat(e.getMessage().toUpperCase(java.util.Locale.ROOT))
                        .contains(why.strip().toUpperCase(java.util.Locale.ROOT)));
    }

    @Test
    void aRepeatedKeyIsRefused() {
        assertThatThrownBy(() -> Contract.parse("small.yaml", SMALL + "id: again\n"))
                .isInstanceOf(InvalidDefinition.class);
    }

    @ParameterizedTest
    @CsvSource({"zh, dictionary.zh-CN.md", "en, dictionary.md"})
    void theDictionaryIsThatOfTheContracts(String lang, String file) throws IOException {
        Path page = ROOT.resolve("schemas/" + file);
        String generated = Dictionary.markdown(Contract.all().values(), lang);
        if ("write".equals(System.getProperty("golden"))) {
            Files.writeString(page, generated);
        }

        assertThat(generated).isEqualTo(Files.readString(page));
    }
}
