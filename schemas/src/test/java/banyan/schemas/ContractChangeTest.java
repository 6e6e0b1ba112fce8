package banyan.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContractChangeTest {
    private static final String SMALL = """
            apiVersion: v3.1.0
            kind: DataContract
            id: ID
            name: 小
            version: 1.2.0
            status: active
            description: { purpose: "Small." }
            schema:
              - name: ID
                physicalType: table
                quality:
                  - { name: in order, description: 顺序, type: custom, engine: spark, implementation: "a <= b", severity: warning }
                properties:
                  - { name: a, businessName: 甲, logicalType: integer, physicalType: "int", required: true, primaryKey: true }
                  - { name: b, businessName: 乙, logicalType: number, physicalType: "decimal(18,2)", logicalTypeOptions: { minimum: 0 } }
                  - { name: c, businessName: 丙, logicalType: string, physicalType: "string", quality: [{ metric: invalidValues, arguments: { validValues: [x, y] }, mustBe: 0 }] }
            customProperties:
              - { property: quarantineLimit, value: 0.01 }
            """;

    /** @param breaks of raw_small, and of small */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "businessName: 乙                        | businessName: 乙二                         |                                            | false | false",
                "physicalType: \"int\"                    | physicalType: \"bigint\"                   | a: type int → bigint, wider                | false | false",
                "\"decimal(18,2)\"                        | \"decimal(20,3)\"                          | b: type decimal(18,2) → decimal(20,3), wider | false | false",
                "\"decimal(18,2)\"                        | \"decimal(18,3)\"                          | b: type decimal(18,2) → decimal(18,3), narrower | true | true",
                "\"decimal(18,2)\"                        | \"string\"                                 | b: type decimal(18,2) → string, narrower   | true  | true",
                "required: true, primaryKey             | primaryKey                                | a: may be blank now                        | false | true",
                "physicalType: \"string\",                | physicalType: \"string\", required: true,  | c: is required now                         | true  | false",
                "minimum: 0                             | minimum: 1                                | b: minimum 0 → 1                           | true  | true",
                "[x, y]                                 | [x]                                       | c: no longer y                             | true  | false",
                "[x, y]                                 | [x, y, z]                                 | c: also z                                  | false | true",
                "name: b,                               | name: bb,                                 | new column bb                              | false | false",
                "severity: warning                      | severity: error                           | rule 'in order': error unless a <= b       | true  | true",
                "\"a <= b\"                               | \"a < b\"                                  | rule 'in order': warning unless a < b      | false | false",
                "value: 0.01                            | value: 0.005                              | quarantineLimit 0.01 → 0.005               | true  | true",
                "~customProperties:~                      | ~customProperties:\n  - { property: optional, value: true }~ | optional null → true | false | false",
                "value: 0.01                            | value: 0.02                               | quarantineLimit 0.01 → 0.02                | false | false",
                ", physicalType: \"string\"               | , physicalType: \"string\", classification: confidential | c: classification null → confidential | true | true"
            })
    void whatChangesAndWhomItBreaks(String was, String is, String what, boolean raw, boolean built) {
        for (boolean isRaw : List.of(true, false)) {
            String before = SMALL.replace("ID", isRaw ? "raw_small" : "small");
            assertThat(before).contains(was.strip());
            List<ContractChange> changes = ContractChange.between(
                    Contract.parse("before.yaml", before),
                    Contract.parse("after.yaml", before.replace(was.strip(), is.strip())));
            if (what == null) {
                assertThat(changes).isEmpty();
            } else {
                assertThat(changes)
                        .contains(new ContractChange(isRaw ? "raw_small" : "small", what.strip(), isRaw ? raw : built));
            }
        }
    }

    @Test
    void aColumnThatIsRenamedIsOneThatIsGone() {
        assertThat(changes("name: b,", "name: bb,")).contains(new ContractChange("small", "column b is gone", true));
        assertThat(changes(", primaryKey: true", "")).contains(new ContractChange("small", "primary key a → ", true));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "minimum: 0 | minimum: 1 | 1.2.0 | 2.0.0",
                "minimum: 0 | minimum: 1 | 1.3.0 | 2.0.0",
                "minimum: 0 | minimum: 1 | 2.0.0 | -",
                "0.01       | 0.02       | 1.2.5 | 1.3.0",
                "0.01       | 0.02       | 1.3.0 | -",
                "乙          | 乙二         | 1.2.0 | -"
            })
    void aVersionFollowsWhatChanged(String was, String is, String version, String least) {
        Contract before = Contract.parse("before.yaml", SMALL.replace("ID", "small"));
        Contract after = Contract.parse(
                "after.yaml",
                SMALL.replace("ID", "small").replace(was, is).replace("version: 1.2.0", "version: " + version));

        assertThat(ContractChange.missing(before, after).orElse(null)).isEqualTo(least);
    }

    @Test
    void tablesComeAndGo() {
        TreeMap<String, Contract> less = new TreeMap<>(Contract.all());
        less.remove("penalties");

        assertThat(ContractChange.between(less, Contract.all()))
                .containsExactly(new ContractChange("penalties", "new table", false));
        assertThat(ContractChange.between(Contract.all(), less))
                .containsExactly(new ContractChange("penalties", "the table is gone", true));
    }

    private static List<ContractChange> changes(String was, String is) {
        String before = SMALL.replace("ID", "small");
        return ContractChange.between(
                Contract.parse("b.yaml", before), Contract.parse("a.yaml", before.replace(was, is)));
    }
}
