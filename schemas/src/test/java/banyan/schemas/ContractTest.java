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
                                "known_from",
                                "version"))
                .collectAsList();

        assertThat(broken.get(0).getList(0)).isEmpty();
        assertThat(broken.get(1).<String>getList(0))
                .containsExactly(
                        "record_id is required",
                        "list is not one of abnormal, serious",
                        "reason is required",
                        "listed_on is below 1990-01-01");
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
