package banyan.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import banyan.schemas.Definitions;
import banyan.schemas.InvalidDefinition;
import banyan.schemas.Rows;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedraftTest {
    private static final SortedMap<String, String> FILES = Definitions.packaged("policy", ".yaml");
    private static final LocalDate FROM = LocalDate.of(2025, 9, 1);

    @ParameterizedTest
    @CsvSource({
        "150, 1.30, 195",
        "30, 1.30, 40",
        "30, 0.50, 15",
        "5, 0.50, 5",
        "5, 0.10, 5",
        "0, 2, 0",
        "400, 0.77, 310"
    })
    void pointsAreWrittenInFives(int points, BigDecimal times, int becomes) {
        assertThat(Redraft.points(points, times)).isEqualTo(becomes);
    }

    /** Both kinds of indicators: lines that cost points each, and bands of a value. Cases of either version say what it makes of them. */
    @Test
    void aNewVersionBeginsAndTheOldOneEnds() {
        SortedMap<String, String> drafted = Redraft.of(
                FILES,
                Map.of("penalty_decisions", new BigDecimal("1.30"), "complaints_12m", new BigDecimal("0.50")),
                FROM,
                "Proposed.",
                Rows::of);
        Policy was = Policy.packaged();
        Policy is = Policy.of(drafted);

        assertThat(drafted.keySet())
                .containsAll(FILES.keySet())
                .contains("indicators/penalty_decisions@2025-09-01.yaml", "indicators/complaints_12m@2025-09-01.yaml")
                .hasSize(FILES.size() + 2);
        assertThat(drafted.get("indicators/penalty_decisions@2025-09-01.yaml"))
                .startsWith("# Proposed.\n")
                .contains("each:                                  # the gravest kind of the decision decides");
        assertThat(points(is, "penalty_decisions", FROM)).containsExactly(520, 415, 285, 195, 40);
        assertThat(points(is, "penalty_decisions", FROM.minusDays(1)))
                .isEqualTo(points(was, "penalty_decisions", FROM));
        assertThat(points(is, "complaints_12m", FROM)).containsExactly(0, 5, 10, 15, 20);
        assertThat(is.on(FROM.minusDays(1)).edition()).isEqualTo(was.on(FROM).edition());
        assertThat(is.on(FROM).edition()).isNotEqualTo(was.on(FROM).edition());
        assertThat(examples(is, "penalty_decisions"))
                .as("each version has its cases")
                .isEqualTo(2 * examples(was, "penalty_decisions"));
        assertThat(Examples.run(is, Rows::of)).allMatch(Examples.Outcome::holds);
    }

    /** A proposal is itself a policy that the next one may follow. */
    @Test
    void oneProposalMayFollowAnother() {
        SortedMap<String, String> once =
                Redraft.of(FILES, Map.of("report_late", new BigDecimal("2")), FROM, "One.", Rows::of);
        LocalDate later = LocalDate.of(2026, 3, 1);
        SortedMap<String, String> twice =
                Redraft.of(once, Map.of("report_late", new BigDecimal("0.5")), later, "Two.", Rows::of);

        Policy policy = Policy.of(twice);
        assertThat(points(policy, "report_late", FROM.minusDays(1))).containsExactly(30);
        assertThat(points(policy, "report_late", FROM)).containsExactly(60);
        assertThat(points(policy, "report_late", later)).containsExactly(30);
        assertThatThrownBy(() -> Redraft.of(once, Map.of("report_late", BigDecimal.ONE), FROM, "Again.", Rows::of))
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining("it begins on 2025-09-01 itself; choose a later day");
        assertThatThrownBy(() -> Redraft.of(FILES, Map.of("nothing", BigDecimal.ONE), FROM, "None.", Rows::of))
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining("no version of it is in force on 2025-09-01");
    }

    /** A text that cannot be edited safely is refused, and not written otherwise than it is meant. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "points without a blank      | points: 30 } | points:   30 }",
                "points in a reason          | en: \"The latest annual report was filed late\" | en: \"points: 30 for it\"",
                "something after the cases   | (end) | twin: report_all_zero",
            })
    void aTextThatIsWrittenOtherwiseIsRefused(String what, String was, String is) {
        SortedMap<String, String> files = new TreeMap<>(FILES);
        files.computeIfPresent(
                "indicators/report_late.yaml",
                (path, text) -> was.equals("(end)") ? text + is + "\n" : text.replace(was, is));
        assertThat(files).isNotEqualTo(FILES);

        assertThatThrownBy(() -> Redraft.of(files, Map.of("report_late", new BigDecimal("2")), FROM, "N.", Rows::of))
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining(
                        "its points cannot be multiplied where they stand; write each as `points: N`, and examples last");
    }

    private static List<Integer> points(Policy policy, String id, LocalDate day) {
        return policy.on(day).indicators().stream()
                .filter(i -> i.id().equals(id))
                .findFirst()
                .orElseThrow()
                .given();
    }

    private static int examples(Policy policy, String id) {
        return policy.indicators().stream()
                .filter(i -> i.id().equals(id))
                .mapToInt(i -> i.examples().size())
                .sum();
    }
}
