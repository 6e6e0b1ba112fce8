package banyan.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import banyan.schemas.Definitions;
import banyan.schemas.InvalidDefinition;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanTest {
    private static final String FILE = "plan/2000-01-01.yaml";

    @ParameterizedTest
    @CsvSource({
        "12, 2025-06-30, 2025M07, 2025-07-01, 2025-07-31",
        "12, 2025-07-15, 2025M07, 2025-07-01, 2025-07-31",
        "12, 2024-12-31, 2025M01, 2025-01-01, 2025-01-31",
        "12, 2024-01-31, 2024M02, 2024-02-01, 2024-02-29",
        "4, 2025-06-30, 2025Q3, 2025-07-01, 2025-09-30",
        "4, 2025-06-29, 2025Q2, 2025-04-01, 2025-06-30",
        "1, 2025-12-30, 2025Y1, 2025-01-01, 2025-12-31",
        "1, 2025-12-31, 2026Y1, 2026-01-01, 2026-12-31"
    })
    void theBatchThatBeginsAfterADay(int batches, LocalDate day, String id, LocalDate from, LocalDate to) {
        Plan.Batch batch = with("batches: 12", "batches: " + batches).batchAfter(day);

        assertThat(batch.id()).isEqualTo(id);
        assertThat(batch.from()).isEqualTo(from);
        assertThat(batch.to()).isEqualTo(to);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 100, 1", // 1 percent of 100 in a year is one, in the first month already
        "1, 12, 100, 1",
        "1, 12, 101, 2",
        "0.3, 12, 1000, 3",
        "0.3, 12, 1001, 4",
        "30, 1, 40, 1",
        "30, 2, 40, 2",
        "30, 12, 40, 12",
        "300, 4, 7, 7",
        "300, 12, 7, 21",
        "0.01, 1, 0, 0"
    })
    void aShareIsExactAndRoundedUp(String percent, int months, long entities, long drawn) {
        Plan.Item item = new Plan.Item(
                "i",
                null,
                Plan.Level.general,
                Index.GENERAL,
                BigDecimal.ONE,
                null,
                Map.of("enterprise", Map.of(RiskClass.A, new BigDecimal(percent))));

        assertThat(item.share("enterprise", RiskClass.A, months).of(entities)).isEqualTo(drawn);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "from: 2000-01-01 | from: 2001-01-01 | plan/2000-01-01.yaml, from: 2001-01-01; name the file after it, plan/2001-01-01.yaml",
                "batches: 12 | batches: 5 | plan/2000-01-01.yaml, batches: 5; write a divisor of 12",
                "control: 10 | control: 60 | control: 60; write a percentage from 0 to 50",
                "reserve: 10 | reserve: -1 | reserve: -1; write a percentage from 0 to 100",
                "inspectors: 2 | inspectors: 1 | inspectors: 1; write 2 or more: nobody inspects alone",
                "publish_within: 20 | publish_within: 0 | publish_within: 0; write 1 or more",
                "caps: { A: 1, | caps: { A: 0, | caps: {A=0, B=1, C=2, D=4}; write numbers above 0 that do not fall from A to D: nobody is exempt (不免抽)",
                "caps: { A: 1, | caps: { | caps: {B=1, C=2, D=4}; write a number for each of A, B, C and D",
                "{ A: 50, B: 100, C: 200, D: 300 } | { A: 50, B: 40, C: 200, D: 300 } | items, food_safety, ratios, enterprise: {A=50, B=40, C=200, D=300}; write numbers above 0",
                "{ A: 0.3, | { A: 0.333, | two decimals at most",
                "field: ip | field: tea | items, intellectual_property, field: tea; write general or one of [consumer, food, individual, ip]",
                "id: consumer_rights | id: food_safety | items, food_safety: twice; give each item a name of its own",
                "level: key | level: urgent | urgent",
                "look_back: 12 | look_back: 0 | look_back: 0; write 1 or more",
                "[no_problem] | [fine] | sound: fine; write codes of codes/inspection_results",
                "[no_activity] | [idle] | not_checked: idle; write codes of codes/inspection_results",
                "batches: 12 | version: v1⏎batches: 12 | version: v1; leave it out: it is worked out",
                "[double_random, targeted | [double_randoms, targeted | counted: double_randoms; write codes of codes/inspection_kinds",
                "enterprise: { A: 50 | enterprises: { A: 50 | items, food_safety, ratios: enterprises; write kinds of entities: [enterprise, individual, cooperative]",
                "en: Food safety | en: Intellectual property | items, food_safety: intellectual property means intellectual_property too; choose another",
                "factor: 1  | factor: 0  | factor: 0; write more than 0",
                "least: 30 | least: 1 | write least of 2 or more",
                "most_factor: 2 | most_factor: 0.9 | most_factor=0.9, chance=0.05]; write least of 2 or more, a spread above 0",
                "basis: 国市监信 | bases: 国市监信 | bases"
            })
    void aWrongPlanIsToldWithKeyValueAndWhatToWriteInstead(String right, String wrong, String told) {
        assertThatThrownBy(() -> with(right, wrong))
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining(told);
    }

    @Test
    void resultsMayCallAnItemByItsNameAsTextsAreRead() {
        Plan plan = with("食品生产经营监督检查", "食品生产经营监督检查（含网络餐饮）");

        assertThat(plan.item("food_safety").orElseThrow().words())
                .containsExactly("food_safety", "食品生产经营监督检查(含网络餐饮)", "food safety");
    }

    @Test
    void whoIsInspectedChangesNoClassAndNoPolicyVersion() {
        Policy packaged = Policy.packaged();
        Policy other = of(FILE, text().replace("control: 10", "control: 20"));

        assertThat(other.version()).isEqualTo(packaged.version());
        assertThat(other.plan(LocalDate.of(2025, 6, 30)).version())
                .isNotEqualTo(packaged.plan(LocalDate.of(2025, 6, 30)).version())
                .hasSize(12);
        assertThatThrownBy(() -> packaged.plan(LocalDate.of(1999, 12, 31)))
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining("none is in force on 1999-12-31");
    }

    /** A city that fits no points need not say how. */
    @Test
    void whatIsNotSaidOfFitsIsMissedWhenAFitIsAskedFor() {
        String text = text();
        int from = text.indexOf("fit:");
        Plan plan = of(FILE, text.substring(0, from) + text.substring(text.indexOf("items:")))
                .plan(LocalDate.of(2025, 6, 30));

        assertThat(plan.items()).isNotEmpty();
        assertThatThrownBy(plan::fit)
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining("plan/2000-01-01.yaml: fit: missing, and a fit is asked for; write it");
    }

    private static Plan with(String right, String wrong) {
        assertThat(text()).contains(right);
        return of(FILE, text().replace(right, wrong.replace('⏎', '\n'))).plan(LocalDate.of(2025, 6, 30));
    }

    private static String text() {
        return Definitions.packaged("policy", ".yaml").get(FILE);
    }

    private static Policy of(String file, String text) {
        SortedMap<String, String> files = new TreeMap<>(Definitions.packaged("policy", ".yaml"));
        files.put(file, text);
        return Policy.of(files);
    }
}
