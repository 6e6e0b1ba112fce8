package banyan.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import banyan.schemas.Definitions;
import banyan.schemas.InvalidDefinition;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each kind of mistake in a policy is told with file, key, value and what to write instead. */
class SoundnessTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "indicators/report_late | from: 2000-01-01 | from: 2000-01-01⏎to: 2000-01-01 | to: 2000-01-01 is not after from 2000-01-01; write a later day",
                "indicators/report_late | from: 2000-01-01 | from: 2030-01-01 | examples, an earlier year: as_of 2025-07-31 is no day on which it is in force; take a day from 2030-01-01 on",
                "indicators/key_changes | months: 12 | months: 0 | window.months: 0; write 1 or more",
                "indicators/key_changes | below: 5 | below: 2 | points: below 2 stands after below 3 and is never reached; write bands in ascending order of below",
                "indicators/key_changes | { points: 60 } | { below: 9, points: 60 } | points: values of 9 and more have no points; end with a band without below",
                "indicators/key_changes | { points: 60 } | { points: 10 } | points: [0, 30, 10] go up and down with the value; let them only rise, or only fall",
                "indicators/key_changes | points: 0 } | points: -5 } | points: -5 points: no record makes an enterprise less risky; write a bonus in classes",
                "indicators/verified_reports | points: 20 } | points: -20 } | each, line 1: -20 points: no record makes an enterprise less risky",
                "indicators/sampling_failures | when: \"result = 'fail' and rechecked\" | when: \"true\" | each, line 1: when: true, and the lines after it are never reached; write it last",
                "indicators/sampling_failures | when: \"result = 'fail' and rechecked\" | when: \"result = 'fail'\" | each, line 2: when: result = 'fail' stood before and is never reached; delete one of the two",
                "indicators/penalty_decisions | months: 3 } | months: 48 } | each, line 5: months 48 does not lie within the window; write 1 to 36",
                "indicators/penalty_decisions | [1, 1.5, 2] | [1, 2, 1.5] | recurrence.times: [1, 2, 1.5] makes a repetition cheaper than the one before; write factors that do not fall",
                "classes/2000-01-01 | class: B, from: 200 | class: B, from: 600 | bands: from [0, 600, 500, 750]: a class out of reach, or scores without one; begin at 0 and ascend",
                "classes/2000-01-01 | class: A, from: 0 | class: A, from: 1 | bands: from [1, 200, 500, 750]: a class out of reach",
                "classes/2000-01-01 | class: B, from: 200 | class: C, from: 200 | bands: [A, C, C, D]; write each class once, in the order A, B, C, D",
                "classes/2000-01-01 | months: 12, factor: 0.7 | months: 6, factor: 0.7 | decay: months [6, 6, 24, 36]: a step is never reached",
                "classes/2000-01-01 | months: 12, factor: 0.7 | months: 12, factor: 1.7 | decay: factors [1.0, 1.7, 0.4, 0.2]: a record would gain weight with age",
                "classes/2000-01-01 | cap: 80 | cap: 0 | groups, social: cap 0 leaves no room for points; write 1 or more",
                "classes/2000-01-01 | - id: abnormal_now | - id: key_changes | id: key_changes is another indicator's, rule's or bonus's too; choose another",
                "classes/2000-01-01 | points: 25 | points: -25 | bonuses, clean_record: -25 points are none taken off; write 1 or more",
                "classes/2000-01-01 | per: commitments_kept | per: commitments | bonuses, commitments_bonus: per commitments is no indicator; name one, or leave it out",
                "classes/2000-01-01 | bonus_cap: 60 | bonus_cap: -1 | bonus_cap: -1; write 0 or more",
                "classes/2000-01-01 | class: C⏎ | class: A⏎ | rule unreachable_and_silent: class A is not better than any; write B, C or D",
                "gate | min: 45, max: 78 | min: 78, max: 45 | class_shares, A: 78 to 45 percent is no band; write 0 <= min <= max <= 100",
                "gate | share_shift: 3  | # share_shift: 3  | gate.yaml, guards, share_shift: missing; write it, as in models/policy",
                "classes/2000-01-01 | , factor: 0.7 | | classes/2000-01-01.yaml, decay, factor: missing; write it",
                "indicators/key_changes | , as_of: 2025-06-30 | | indicators/key_changes.yaml, examples, as_of: missing; write it",
                "gate | months_back: 1 | months_back: 0 | guards: Guards[months_back=0, share_shift=3,",
                "gate | slope_least: 0.8 | slope_least: 1.3 | models: Models[days=8, shuffled=0.02, lookers=0.02, slope_least=1.3,",
                "gate | first: 5  | first: 60  | models: Models[days=8,",
                "gate | min: 45, max: 78 | min: 95, max: 98 | class_shares: between 115 and 158 percent in all, so that no list can ever keep them",
                "indicators/penalty_decisions | term: penalty_repair | term: penalty_publicity | cure, term: penalty_publicity opens nothing of penalties; name one of [penalty_repair]",
                "classes/2000-01-01 | group: association⏎  points: 120 | group: association⏎  points: 121 | association, points: 121 of group association, whose cap is 120; name a group, and write 1 to its cap",
                "classes/2000-01-01 | group: association⏎  points: 120 | group: social⏎  points: 60 | association, group: social is that of",
                "classes/2000-01-01 | hops: 2 | hops: 3 | association: at 500, hub 50, hops 3; write an at of 1 or more, a hub of 2 or more, 1 or 2 hops",
                "classes/2000-01-01 | farther: 0.5 | farther: 1.5 | association, farther: 1.5 is no factor; write more than 0, 1 at most",
                "classes/2000-01-01 | of: names, weight: 0.8 | of: names, weight: 8 | association, tie branch, weight: 8; write more than 0 and 1 at most",
                "classes/2000-01-01 | of: names, weight: 0.8 | of: names, when: \"true\", weight: 0.8 | association, tie branch, when: true; give a tie of roles a condition, and another none",
                "classes/2000-01-01 | - { id: branch, | - { id: head office, | association, tie head office, id: head office; give each tie a name of its own",
                "classes/2000-01-01 | sibling: { id: sibling_of_d, | sibling: { | association, sibling, id: missing; write it",
                "classes/2000-01-01 | tie: legal_representative, class: B | tie: boss, class: B | association, sibling, tie: boss is no tie; name one of the ties",
                "classes/2000-01-01 | tie: legal_representative, class: B | tie: legal_representative, class: D | association, sibling, class: D; write B or C: nobody is in class D by association alone",
                "classes/2000-01-01 | runs: 2 | runs: 1 | hysteresis, runs: 1: nobody would wait; write 2 to 12, or leave hysteresis out",
                "classes/2000-01-01 | runs: 2 | runs: 13 | hysteresis, runs: 13: nobody would ever be found better; write 2 to 12",
                "classes/2000-01-01 | id: not_yet_better | id: abnormal_now | id: abnormal_now is another indicator's, rule's or bonus's too",
                "special/individual/schemes/general | id: ib_not_yet_better⏎  | # id⏎  | hysteresis, id: missing; write it",
                "special/individual/field | general: true | general: false | special/individual/schemes/general.yaml, hysteresis: the class of individual is nobody's general one",
                "special/individual/schemes/general | steps: [] | steps: [{ id: up, when: \"true\", by: 1, name: { zh: \"升\", en: \"Up\" } }] | hysteresis: it goes with no steps; write it in classes",
                "special/individual/indicators/ib_age | table: entities | table: risk_classes | special/individual/schemes/general.yaml, hysteresis: ib_age measures risk_classes, which tells of one day alone",
                "special/food/field | scheme: anhui_120 | scheme: anhui | adopted, scheme: anhui is no file in special/food/schemes; write one of [anhui_120, draft_40_40_20, method_2016]",
                "special/food/indicators/food_credit | group: credit | group: kredit | group: kredit is a group of no scheme; write one of [credit, dynamic, static]",
                "special/food/schemes/anhui_120 | by: 1⏎ | by: 0⏎ | step food_offence: by 0 changes nothing; write 1 for worse, -1 for better",
                "special/food/schemes/anhui_120 | member: | # member: | member: missing; write it, as in models/policy",
                "special/consumer/field | digits: 2 | digits: 5 | rates: Rates[months=12, least_weight=0.1, members=30, tickets=5, prior_least=1, prior_most=100, group_days=7, digits=5,",
                "special/consumer/field | prior_most: 100 | prior_most: 0 | rates: Rates[months=12, least_weight=0.1, members=30, tickets=5, prior_least=1, prior_most=0,",
                "special/ip/schemes/points | class: B, from: 30 | class: B, from: 95 | bands: from [0, 95, 60, 90]: a class out of reach",
                "special/consumer/indicators/consumer_failed | points: 6 | points: -6 | each, line 1: -6 points: no record makes an enterprise less risky",
            })
    void eachMistakeIsTold(String file, String was, String is, String told) {
        SortedMap<String, String> files = files();
        String path = file + ".yaml";
        String before = was.replace('⏎', '\n');
        String after = is == null ? "" : is.replace('⏎', '\n');
        assertThat(files.get(path)).contains(before);
        files.compute(
                path,
                (f, text) -> text.replaceFirst(
                        java.util.regex.Pattern.quote(before), java.util.regex.Matcher.quoteReplacement(after)));

        assertThatThrownBy(() -> Policy.of(files))
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageStartingWith("Cannot use policy: ")
                .hasMessageContaining(told.startsWith(path) || told.startsWith("special/") ? told : path + ", " + told);
    }

    /** All fields are measured side by side, and beside the general index. */
    @Test
    void noTwoIndicatorsBearOneName() {
        SortedMap<String, String> files = files();
        files.put("special/ip/indicators/food_age.yaml", files.get("special/food/indicators/food_age.yaml"));

        assertThatThrownBy(() -> Policy.of(files))
                .hasMessageContaining("special/ip/indicators/food_age.yaml, id: food_age is also in"
                        + " special/food/indicators/food_age.yaml; choose another, as ip_food_age");
    }

    @Test
    void allMistakesAreToldAtOnce() {
        SortedMap<String, String> files = files();
        files.compute("gate.yaml", (f, text) -> text.replace("min: 45, max: 78", "min: 78, max: 45"));
        files.compute("indicators/key_changes.yaml", (f, text) -> text.replace("points: 60 }", "points: 10 }"));

        assertThatThrownBy(() -> Policy.of(files))
                .hasMessageContaining("gate.yaml, class_shares")
                .hasMessageContaining("indicators/key_changes.yaml, points");
    }

    private static SortedMap<String, String> files() {
        return new TreeMap<>(Definitions.packaged("policy", ".yaml"));
    }
}
