package banyan.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import banyan.models.Findings.Group;
import banyan.models.Findings.Rate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FindingsTest {
    /** Newcombe (1998), Two-sided confidence intervals for the single proportion, table I, method 3; and one worked with the formula. */
    @ParameterizedTest
    @CsvSource({
        "81, 263, 0.2553, 0.3662",
        "15, 148, 0.0624, 0.1605",
        "0, 20, 0, 0.1611",
        "1, 29, 0.0061, 0.1718",
        "10, 10, 0.7225, 1"
    })
    void theIntervalIsWilsons(long problems, long checked, double low, double high) {
        Rate rate = new Rate(problems, checked);

        assertThat(rate.low()).isCloseTo(low, within(5e-5));
        assertThat(rate.high()).isCloseTo(high, within(5e-5));
    }

    /** 10 of 100 of class A checked, each for ten; all 20 of D; and a control arm that found one problem in ten. */
    @Test
    void thoseCheckedStandForAll() {
        Findings findings = new Findings(List.of(
                new Group(RiskClass.A, false, 12, 10, 10, 1, 100, 10),
                new Group(RiskClass.A, true, 8, 8, 8, 0, 80, 0),
                new Group(RiskClass.D, false, 20, 20, 20, 15, 20, 15),
                new Group(RiskClass.D, true, 2, 2, 2, 1, 2, 1)));

        assertThat(findings.of(RiskClass.A)).isEqualTo(new Rate(1, 18));
        assertThat(findings.control()).isEqualTo(new Rate(1, 10));
        assertThat(findings.ofAll()).isCloseTo(26.0 / 202, within(1e-12));
        assertThat(findings.lift(RiskClass.D)).isCloseTo(16.0 / 22 / 0.1, within(1e-12));
        assertThat(findings.capture()).isCloseTo(16.0 / 26, within(1e-12));
        assertThat(findings.of(RiskClass.B).rate()).isNaN();
    }

    @Test
    void withoutAControlArmTheWeightsTell() {
        Findings findings = new Findings(List.of(
                new Group(RiskClass.A, false, 10, 10, 10, 1, 100, 10),
                new Group(RiskClass.C, false, 10, 10, 10, 5, 20, 10)));

        assertThat(findings.lift(RiskClass.C)).isCloseTo(0.5 / (20.0 / 120), within(1e-12));
        assertThat(new Findings(List.of()).ofAll()).isNaN();
        assertThat(new Findings(List.of()).lift(RiskClass.A)).isNaN();
    }
}
