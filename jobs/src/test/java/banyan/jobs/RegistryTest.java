package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import banyan.jobs.learn.LookersFile;
import banyan.jobs.learn.Registry;
import banyan.jobs.learn.Registry.State;
import banyan.jobs.learn.Registry.Version;
import banyan.jobs.publish.Gate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which version is in force on which day, and that what was decided or built stays so. */
class RegistryTest {
    private static final LocalDate DAY = LocalDate.parse("2025-03-01");
    private static final Instant AT = Instant.parse("2025-03-01T01:00:00Z");
    private static final String PASSED = "[{\"check\":\"a\",\"verdict\":\"PASS\",\"found\":\"1\"}]";
    private static final String BLOCKED = "[{\"check\":\"who looks\",\"verdict\":\"BLOCK\",\"found\":\"0.05\"}]";

    @TempDir
    Path dir;

    private Lake lake;

    @BeforeEach
    void open() {
        lake = new Lake(Cli.session(), dir.resolve("lake").toString());
    }

    private static Version version(String name, String body, String gates) {
        return new Version(
                name, "scorecard", DAY, DAY.minusYears(1), DAY.minusMonths(4), 100, 10, "{}", gates, "陈", body);
    }

    private Registry registry() {
        return Registry.of(lake, "m");
    }

    private void keep(Version version) {
        registry().keep(lake, version, "code", "fitted", AT);
    }

    private void promote(String name, State to, LocalDate since) {
        registry().promote(lake, registry().version(name), to, since, "林", "passed", AT);
    }

    @Test
    void oneAfterTheOther() {
        keep(version("v1", "one", PASSED));
        keep(version("v2", "two", PASSED));
        keep(version("v1", "one", PASSED));
        assertThatThrownBy(() -> promote("v1", State.champion, DAY.minusDays(1)))
                .hasMessageContaining("it was fitted for " + DAY);
        assertThat(registry().versions()).as("kept once").hasSize(2);
        assertThat(registry().decisions()).extracting(Registry.Decision::number).containsExactly(1, 2);
        promote("v1", State.champion, DAY);
        promote("v2", State.challenger, DAY.plusDays(5));
        promote("v2", State.champion, DAY.plusDays(9));

        Registry all = registry();
        assertThat(all.champion(DAY.minusDays(1))).isEmpty();
        assertThat(all.champion(DAY.plusDays(8)).orElseThrow().version()).isEqualTo("v1");
        assertThat(all.scoring(DAY.plusDays(8))).extracting(Version::version).containsExactly("v1", "v2");
        assertThat(all.champion(DAY.plusDays(9)).orElseThrow().version()).isEqualTo("v2");
        assertThat(all.scoring(DAY.plusDays(9))).extracting(Version::version).containsExactly("v2");
        assertThat(all.state("v1", DAY.plusDays(9))).isEqualTo(Optional.of(State.retired));
        assertThat(all.decisions())
                .filteredOn(d -> d.version().equals("v1") && d.state() == State.retired)
                .singleElement()
                .satisfies(d -> assertThat(d.reason()).isEqualTo("replaced by v2"));
        assertThatThrownBy(() -> promote("v1", State.champion, DAY.plusDays(20)))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("it is retired");
        assertThatThrownBy(() -> promote("v2", State.challenger, DAY.plusDays(20)))
                .hasMessageContaining("it is champion");
        assertThatThrownBy(() -> registry().version("v3")).hasMessageContaining("its versions are v1, v2");
    }

    /** Days that were decided about, or for which a list was built, are not decided about again. */
    @Test
    void thePastStays() {
        keep(version("v1", "one", PASSED));
        promote("v1", State.champion, DAY);
        assertThatThrownBy(() -> registry().retire(lake, registry().version("v1"), DAY.minusDays(3), "林", "x", AT))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("Give --as-of " + DAY);
        assertThatThrownBy(() -> promote("v1", State.champion, DAY.minusDays(1)))
                .hasMessageContaining("Cannot promote");
        lake.append(
                "predictions",
                Cli.predicted("v1", "champion", DAY.plusDays(30)),
                Json.object().put("as_of", DAY.plusDays(30).toString()).toString());
        lake.append(
                "supervision_list",
                Cli.listed("E1", DAY.plusDays(30)),
                Json.object().put("as_of", DAY.plusDays(30).toString()).toString());
        assertThatThrownBy(() -> registry().retire(lake, registry().version("v1"), DAY.plusDays(30), "林", "x", AT))
                .hasMessageContaining("days up to " + DAY.plusDays(30) + " are built");
        keep(version("v2", "two", PASSED));
        lake.append(
                "supervision_list",
                Cli.listed("E1", DAY.plusDays(31)),
                Json.object().put("as_of", DAY.plusDays(31).toString()).toString());
        assertThatThrownBy(() -> promote("v2", State.champion, DAY.plusDays(31)))
                .as("its list is built")
                .hasMessageContaining("days up to " + DAY.plusDays(31));
        // A day that it could not score has a list and no predictions: from it on it may go.
        registry().retire(lake, registry().version("v1"), DAY.plusDays(31), "林", "x", AT);
        assertThat(registry().champion(DAY.plusDays(30))).isPresent();
        assertThat(registry().champion(DAY.plusDays(31))).isEmpty();
    }

    /** The same model is not promoted by leaving out the check it failed. */
    @Test
    void whatItFailedOnce() {
        keep(version("v1", "{\"on\":\"2025-03-01\",\"of\":1}", BLOCKED));
        keep(version("v2", "{\"on\":\"2025-03-02\",\"of\":1}", PASSED));
        keep(version("v3", "other", PASSED));
        for (String same : new String[] {"v1", "v2"}) {
            assertThatThrownBy(() -> promote(same, State.challenger, DAY))
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining("who looks: 0.05");
        }
        promote("v3", State.challenger, DAY);
        assertThat(registry().scoring(DAY)).extracting(Version::version).containsExactly("v3");
    }

    /** A list is not published where other versions were scored than are in force. */
    @Test
    void theListAndTheRegistry() {
        keep(version("v1", "one", PASSED));
        promote("v1", State.champion, DAY);
        assertThat(Gate.inForce(Map.of("m", registry()), Cli.predicted("v1", "champion", DAY), DAY)
                        .verdict())
                .isEqualTo(Gate.Verdict.PASS);
        for (Dataset<Row> other : List.of(
                Cli.predicted("v1", "challenger", DAY),
                Cli.predicted("v2", "champion", DAY),
                lake.empty("predictions"))) {
            assertThat(Gate.inForce(Map.of("m", registry()), other, DAY)).satisfies(check -> {
                assertThat(check.verdict()).isEqualTo(Gate.Verdict.BLOCK);
                assertThat(check.found()).contains("in force: m v1 champion");
            });
        }
        assertThat(Gate.inForce(Map.of("m", registry()), lake.empty("predictions"), DAY.minusDays(1))
                        .verdict())
                .as("before it was promoted")
                .isEqualTo(Gate.Verdict.PASS);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "entity_id,looked_on,group;A,2014/09/01,g1 | looked_on 2014/09/01 is no day such as 2014-09-01",
                "entity_id,group;A,g1                     | entity_id, looked_on, group are needed",
                "entity_id,looked_on,group;A,2014-09-01,g1;A,2014-09-01,g2 | A was looked at by g1 and by g2",
                "entity_id,looked_on,group;B,2014-09-01,g1 | it tells of none of the cases who looked",
            })
    void whoLooked(String text, String why) throws IOException {
        Path file = Files.writeString(dir.resolve("lookers.csv"), text.replace(";", "\n") + "\n");
        assertThatThrownBy(() -> {
                    LookersFile lookers = LookersFile.read(file);
                    lookers.who("A", LocalDate.parse("2014-09-01"));
                    lookers.refuseNone();
                })
                .isInstanceOfSatisfying(
                        Refusal.class,
                        refusal -> assertThat(refusal.exit().code).isEqualTo(3))
                .hasMessageContaining(why);
    }
}
