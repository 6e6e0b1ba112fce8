package banyan.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import banyan.models.Findings.OfClass;
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

    /** Of 180 A one in 18 shows a problem, of 22 D two thirds: however many of each were drawn. */
    @Test
    void classesCountByHowManyThereAre() {
        Findings findings = new Findings(
                List.of(
                        new OfClass(RiskClass.A, 180, new Rate(1, 18), 1 / 18.0),
                        new OfClass(RiskClass.B, 0, new Rate(0, 0), Double.NaN),
                        new OfClass(RiskClass.D, 22, new Rate(14, 21), 2 / 3.0)),
                new Rate(1, 10));

        double bad = 180 / 18.0 + 22 * 2 / 3.0;
        assertThat(findings.ofAll()).isCloseTo(bad / 202, within(1e-12));
        assertThat(findings.lift(RiskClass.D)).isCloseTo(2 / 3.0 / (bad / 202), within(1e-12));
        assertThat(findings.capture()).isCloseTo(22 * 2 / 3.0 / bad, within(1e-12));
        assertThat(findings.lift(RiskClass.C)).isNaN();
    }

    @Test
    void nothingIsSaidOfAllWhereAClassWasNotChecked() {
        Findings findings = new Findings(
                List.of(
                        new OfClass(RiskClass.A, 180, new Rate(0, 0), Double.NaN),
                        new OfClass(RiskClass.D, 22, new Rate(14, 21), 2 / 3.0)),
                new Rate(0, 0));

        assertThat(findings.ofAll()).isNaN();
        assertThat(findings.lift(RiskClass.D)).isNaN();
        assertThat(findings.capture()).isNaN();
        assertThat(findings.control().rate()).isNaN();
    }
}
