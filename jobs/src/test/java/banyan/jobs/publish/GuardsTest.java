package banyan.jobs.publish;

import static org.assertj.core.api.Assertions.assertThat;

import banyan.models.ClassPairs;
import banyan.models.Policy;
import banyan.models.RiskClass;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How far a list may lie from the one of a month back, and counties from each other. */
class GuardsTest {
    private static final Policy.Guards GUARDS = Policy.packaged().gate().guards();

    /** Class then, class now and how many of 1,000 entities, and what is refused. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "nothing moved         | A A 700, B B 250, C C 40, D D 10 | ",
                "three points to a hair | A A 670, A B 30, B B 250, C C 40, D D 10 | ",
                "more than three points | A A 669, A B 31, B B 250, C C 40, D D 10 | class shares since 2025-05-31",
                "leaps, shares alike     | A A 700, B B 215, B D 35, C C 20, C A 20, D B 10 | moves by two classes since 2025-05-31",
                "as many up as down     | A A 660, A C 40, B B 250, C A 40, D D 10 | moves by two classes since 2025-05-31",
                "the shares turn over   | A A 400, A B 300, B B 250, C C 40, D D 10 | class shares since 2025-05-31, stability of the shares since 2025-05-31",
                "half the register lost | A A 350, A none 350, B B 125, B none 125, C C 20, C none 20, D D 5, D none 5 | entities without a class since 2025-05-31",
                "the new and the gone   | A A 700, B B 250, C C 40, D D 10, none A 70, none B 25, B unclassified 5 | ",
            })
    void aListMayMoveSoFar(String what, String pairs, String refused) {
        List<Row> rows = Stream.of(pairs.split(", "))
                .map(pair -> pair.split(" "))
                .map(pair -> RowFactory.create(pair[0], pair[1], Long.parseLong(pair[2])))
                .toList();

        assertThat(blocked(Guards.moves(GUARDS, LocalDate.of(2025, 5, 31), ClassPairs.of(rows))))
                .isEqualTo(refused == null ? List.of() : Arrays.asList(refused.split(", ")));
    }

    /** Class, how many of 1,000 entities are in it, and what is refused. The ends of a band lie within it; a share is rounded half up to a tenth. */
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "A | 450 | ",
                "A | 449 | 44.9 %, expected 45 to 78 %",
                "A | 780 | ",
                "A | 781 | 78.1 %, expected 45 to 78 %",
                "B | 149 | 14.9 %, expected 15 to 45 %",
                "C | 101 | 10.1 %, expected 4 to 10 %",
                "D | 10  | ",
                "D | 0   | 0.0 %, expected 1 to 5 %",
            })
    void aClassHasItsShare(RiskClass riskClass, long entities, String refused) {
        Policy.Share band = Policy.packaged().gate().class_shares().stream()
                .filter(share -> share.riskClass() == riskClass)
                .findFirst()
                .orElseThrow();

        Gate.Check check = Guards.share(band, Map.of(riskClass.name(), entities), 1000);

        assertThat(check.name()).isEqualTo("share of class " + riskClass);
        assertThat(check.verdict()).isEqualTo(refused == null ? Gate.Verdict.PASS : Gate.Verdict.BLOCK);
        assertThat(check.answerable()).isTrue();
        if (refused != null) {
            assertThat(check.found()).isEqualTo(refused);
        }
    }

    /** County, how many are classified, and how many of them C or D. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "alike                       | 鼓楼区 1000 50, 台江区 1000 60, 仓山区 1000 40 | 3 counties within 3 times the city's share of C and D",
                "four times the city         | 鼓楼区 9000 100, 台江区 1000 200 | 台江区 20.0 % C and D, the city 3.0 %; at most 3 times, either way",
                "none at all                 | 鼓楼区 1000 60, 台江区 1000 0 | 台江区 0.0 % C and D, the city 3.0 %; at most 3 times, either way",
                "too few to say              | 鼓楼区 1000 60, 台江区 100 0 | 1 counties within 3 times the city's share of C and D",
                "a city without any          | 鼓楼区 1000 0, 台江区 1000 0 | 0 counties within 3 times the city's share of C and D",
            })
    void countiesAreAlike(String what, String counties, String found) {
        List<Row> areas = Stream.of(counties.split(", "))
                .map(area -> area.split(" "))
                .map(area -> RowFactory.create(area[0], Long.parseLong(area[1]), Long.parseLong(area[2])))
                .toList();

        Gate.Check check = Guards.counties(GUARDS, areas);

        assertThat(check.found()).isEqualTo(found);
        assertThat(check.verdict()).isEqualTo(found.contains("city's") ? Gate.Verdict.PASS : Gate.Verdict.BLOCK);
        assertThat(check.answerable()).isTrue();
    }

    private static List<String> blocked(List<Gate.Check> checks) {
        return checks.stream()
                .filter(check -> check.verdict() == Gate.Verdict.BLOCK)
                .map(Gate.Check::name)
                .toList();
    }
}
