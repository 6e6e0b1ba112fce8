package banyan.models;

import static org.assertj.core.api.Assertions.assertThat;

import banyan.schemas.Definitions;
import banyan.schemas.Rows;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class IndicatorExamplesTest {
    @Test
    void everyExampleInThePolicysOwnFilesHolds() {
        List<Examples.Outcome> outcomes = Examples.run(Policy.packaged(), Rows::of);

        assertThat(outcomes).hasSizeGreaterThan(90);
        assertThat(outcomes.stream().filter(outcome -> !outcome.holds()).map(Examples.Outcome::said))
                .isEmpty();
    }

    @Test
    void anExampleThatDoesNotHoldIsToldWithWhatItGives() {
        TreeMap<String, String> files = new TreeMap<>(Definitions.packaged("policy", ".yaml"));
        files.keySet()
                .removeIf(file -> file.startsWith("terms/") && !file.matches(".*(publicity|_repair).*")
                        || file.startsWith("indicators/") && !file.matches(".*(key_changes|commitments_kept).*"));
        files.computeIfPresent(
                "indicators/key_changes.yaml",
                (f, text) -> text.replace("value: 5, points: 60", "value: 5, points: 70"));
        Policy wrong = Policy.of(files);

        assertThat(Examples.run(wrong, Rows::of).stream().filter(outcome -> !outcome.holds()))
                .singleElement()
                .extracting(Examples.Outcome::said)
                .isEqualTo(
                        "indicators/key_changes.yaml, examples, five: gives value 5 and points 60; it says value 5 and points 70:"
                                + " mend the rule or the case");
    }
}
