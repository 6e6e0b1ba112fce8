package banyan.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import banyan.schemas.InvalidDefinition;
import banyan.schemas.Rows;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TermTest {
    private static final String WELL = """
            name: { zh: 公示期, en: Publicity }
            basis: a rule
            kind: lasts
            table: penalties
            begins: decided_on
            ends:
              - { months: 3 }
            examples:
              - { case: one, as_of: 2025-06-30, row: { decided_on: 2025-05-31 }, ends: 2025-08-31, state: running }
            """;

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(delimiter = '|', textBlock = """
                    table: penalties   | table: penaltys                  | there is no table penaltys of records that belong to enterprises
                    table: penalties   | table: roles                     | there is no table roles of records
                    { months: 3 }      | { months: 0 }                    | write one of months, days and workdays (1 or more)
                    { months: 3 }      | { never: false }                 | write one of months, days and workdays (1 or more)
                    { months: 3 }      | { months: 3, days: 9 }           | write one of months, days and workdays (1 or more)
                    { months: 3 }      | { when: "true" }                 | write one of months, days and workdays (1 or more)
                    { months: 3 }      | { since: 2026-01-01, until: 2025-01-01, months: 3 } | is never reached
                    begins: decided_on | done: decided_on                 | name, basis, kind, table, begins, ends and examples are needed
                    kind: lasts        | done: published_on\\nkind: lasts | done goes with kind: due alone
                    kind: lasts        | ends_use: true\\nkind: due    | ends_use goes with kind: lasts alone
                    kind: lasts        | kind: ends                       | not one of the values accepted
                    """)
    void whatIsWrittenWrongIsTold(String right, String wrong, String said) {
        assertThatThrownBy(() -> Term.parse("terms/t.yaml", WELL.replace(right, wrong.replace("\\n", "\n"))))
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining("terms/t.yaml")
                .hasMessageContaining(said);
        assertThat(Term.parse("terms/t.yaml", WELL).id()).isEqualTo("t");
    }

    @Test
    void anExpressionThatCannotBeReadIsToldWithItsFile() {
        Term wrong = Term.parse("terms/t.yaml", WELL.replace("begins: decided_on", "begins: decided"));

        assertThatThrownBy(() -> wrong.check(Rows.of("penalties", List.of())))
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining("terms/t.yaml")
                .hasMessageContaining("`decided`");
    }

    /** Over on the day ends_on, and whoever's ended since a day before is told of, so that the day is worked out anew. */
    @Test
    void whatIsOverIsUsedNoLonger() {
        Term publicity = Policy.packaged().terms().stream()
                .filter(term -> term.id().equals("penalty_publicity"))
                .findFirst()
                .orElseThrow();
        Random random = new Random(20261126);
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int n = 0; n < 300; n++) {
            Map<String, Object> row = new HashMap<>();
            row.put("entity_id", "E" + n);
            row.put("record_id", "P" + n);
            row.put("kinds", List.of(random.nextInt(8) == 0 ? "suspension" : "fine"));
            row.put("amount_yuan", List.of(2000, 30000, 30001, 999999, 1000000).get(random.nextInt(5)));
            row.put("decided_on", LocalDate.of(2023, 7, 1).plusDays(random.nextInt(1600)));
            rows.add(row);
        }
        Dataset<Row> penalties = Rows.of("penalties", rows);
        LocalDate before = LocalDate.of(2027, 3, 1);
        LocalDate day = LocalDate.of(2027, 6, 1);
        Set<String> usedBefore = ids(publicity.notOver(penalties, before));
        Set<String> used = ids(publicity.notOver(penalties, day));
        Set<String> running = ids(publicity.rows(penalties, day));

        assertThat(usedBefore).hasSizeGreaterThan(used.size()).containsAll(used);
        assertThat(ids(publicity.ended(penalties, before, day)))
                .isEqualTo(usedBefore.stream().filter(id -> !used.contains(id)).collect(Collectors.toSet()));
        assertThat(used).containsAll(running);
        assertThat(ids(publicity.notOver(penalties, LocalDate.of(2035, 1, 1)))).isEmpty();
    }

    /** A condition holds for the end of use as for the term itself. */
    @Test
    void whatTheTermDoesNotSpeakOfIsUsedOn() {
        Term some = Term.parse(
                "terms/t.yaml",
                WELL.replace("table: penalties", "ends_use: true\ntable: penalties\nwhere: violation = 'a'"));
        Dataset<Row> penalties = Rows.of(
                "penalties",
                List.of(
                        Map.of("entity_id", "A", "record_id", "1", "violation", "a", "decided_on", "2020-01-01"),
                        Map.of("entity_id", "B", "record_id", "2", "violation", "b", "decided_on", "2020-01-01")));

        assertThat(ids(some.notOver(penalties, LocalDate.of(2025, 6, 30)))).containsExactly("B");
        assertThat(ids(some.ended(penalties, LocalDate.of(2020, 3, 31), LocalDate.of(2020, 4, 1))))
                .containsExactly("A");
    }

    private static Set<String> ids(Dataset<Row> rows) {
        return rows.select("entity_id").collectAsList().stream()
                .map(row -> row.getString(0))
                .collect(Collectors.toSet());
    }
}
