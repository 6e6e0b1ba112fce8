package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import banyan.models.Policy;
import banyan.schemas.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A made-up town in which an ordinary fine tells next to nothing of what an inspection finds, and a failed sample tells all: what
 * {@code policy fit} proposes, and what it writes.
 */
class PolicyFitTest {
    private static final LocalDate DRAWN = LocalDate.of(2025, 6, 30);
    private static final LocalDate TOLD = LocalDate.of(2025, 8, 20);
    private static final LocalDate FEW = LocalDate.of(2025, 7, 5);
    private static final int ENTERPRISES = 1200;

    @TempDir
    static Path dir;

    @BeforeAll
    static void aTown() {
        Random random = new Random(20250630);
        List<Map<String, Object>> entities = new ArrayList<>();
        List<Map<String, Object>> penalties = new ArrayList<>();
        List<Map<String, Object>> samplings = new ArrayList<>();
        List<Map<String, Object>> results = new ArrayList<>();
        for (int i = 0; i < ENTERPRISES; i++) {
            String id = "E" + i;
            boolean fined = i % 3 == 0;
            boolean failed = i % 4 == 1;
            entities.add(known(
                    id,
                    id,
                    Map.of(
                            "name", id + "公司",
                            "entity_kind", "enterprise",
                            "status", "active",
                            "area_code", "350102",
                            "established_on", LocalDate.of(2010, 1, 4))));
            if (fined) {
                penalties.add(known(
                        id,
                        "P" + i,
                        Map.of(
                                "kinds",
                                List.of("fine"),
                                "amount_yuan",
                                50_000,
                                "violation",
                                "labels",
                                "decided_on",
                                LocalDate.of(2025, 4, 1))));
            }
            if (failed) {
                samplings.add(known(
                        id,
                        "S" + i,
                        Map.of("result", "fail", "item", "lead", "reported_on", LocalDate.of(2025, 5, 6))));
            }
            double chance = 0.06 + (fined ? 0.01 : 0) + (failed ? 0.5 : 0);
            results.add(result(id, TOLD, random.nextDouble() < chance));
            if (i < 40) {
                results.add(result(id, FEW, failed));
            }
        }
        write("entities", entities);
        write("penalties", penalties);
        write("samplings", samplings);
        write("plan_results", results);
        write(
                "deliveries",
                Stream.of("raw_registrations", "raw_penalties", "raw_samplings")
                        .map(table -> Map.<String, Object>of(
                                "delivery", "D", "table", table, "received_on", LocalDate.of(2025, 6, 1)))
                        .toList());
        write(
                "plans",
                List.of(Map.of(
                        "plan_id",
                        "2025M07",
                        "from_day",
                        DRAWN.plusDays(1),
                        "to_day",
                        DRAWN.plusDays(31),
                        "as_of",
                        DRAWN,
                        "known_at",
                        DRAWN,
                        "sealed_at",
                        Instant.EPOCH,
                        "classes_at",
                        Instant.EPOCH,
                        "rows",
                        (long) ENTERPRISES,
                        "visits",
                        (long) ENTERPRISES,
                        "without_team",
                        0L)));
    }

    @AfterAll
    static void stop() {
        Rows.spark().stop();
    }

    @Test
    void whatInspectionsSayIsProposedAndWrittenForAPersonToAdopt() throws IOException {
        Path to = dir.resolve("proposed");
        Path left = Files.createDirectories(dir.resolve(".proposed.proposed/indicators"));
        Files.writeString(left.resolve("stale.yaml"), "of a fit that was killed"); // it would be no policy
        Cli.Ended fit = fit(TOLD, "--to", to.toString(), "--from", "2025-10-01", "--json", "--lang", "en");
        assertThat(fit.code()).as(fit.out()).isZero();

        JsonNode told = Json.read(fit.lastLine());
        assertThat(told.get("cases").asInt()).isEqualTo(ENTERPRISES);
        assertThat(told.has("nothing")).isFalse();
        assertThat(told.get("auc_proposed").asDouble())
                .isGreaterThan(told.get("auc").asDouble() + 0.02);
        Map<String, JsonNode> said = new HashMap<>();
        told.get("indicators").forEach(one -> said.put(one.get("indicator").asString(), one));
        assertThat(said.get("penalty_decisions").get("cases").asInt()).isEqualTo(ENTERPRISES / 3);
        assertThat(said.get("penalty_decisions").get("factor").asDouble()).isBetween(0.5, 0.7);
        assertThat(said.get("sampling_failures").get("factor").asDouble()).isGreaterThan(1.3);
        assertThat(said).as("old ones cost nothing").doesNotContainKey("entity_age");
        assertThat(fit.out())
                .contains("1,200 inspected, a problem found at ")
                .containsPattern("penalty_decisions +400 .* Penalty decisions: 400/320/220/150/30 → \\d+/")
                .contains("with 2 new versions from 2025-10-01 on");

        Policy policy = Policy.in(to);
        assertThat(points(policy, LocalDate.of(2025, 9, 30))).containsExactly(400, 320, 220, 150, 30);
        assertThat(points(policy, LocalDate.of(2025, 10, 1)).get(3)).isBetween(75, 105);
        assertThat(Files.readString(to.resolve("indicators/penalty_decisions@2025-10-01.yaml")))
                .startsWith(
                        "# Proposed by `policy fit` from 1,200 inspections, as known on 2025-08-20; not in force before a"
                                + " person has adopted it.\n");

        assertThat(fit(TOLD, "--to", to.toString()).out()).contains("it is there already");
    }

    /** Where a version has begun since, what was drawn before it is measured otherwise: it says nothing of the new one. */
    @Test
    @Tag("long")
    void aPlanOfOtherVersionsIsLeftOut() throws IOException {
        Path policy = Cli.copy(Cli.ROOT.resolve("models/policy"), dir.resolve("later"));
        Path file = policy.resolve("indicators/report_late.yaml");
        String text = Files.readString(file);
        Files.writeString(file, text.replace("from: 2000-01-01", "from: 2000-01-01\nto: 2025-08-01"));
        Files.writeString(
                policy.resolve("indicators/report_late@2025-08-01.yaml"),
                text.replace("from: 2000-01-01", "from: 2025-08-01").replace("as_of: 2025", "as_of: 2026"));
        Cli.Ended after = Cli.inside(
                "policy", "fit", "--lake", lake().root(), "--policy", policy.toString(), "--as-of", TOLD.toString());

        assertThat(after.code()).as(after.out()).isEqualTo(99);
        assertThat(after.out())
                .contains("note: plan 2025M07 is left out: other versions were in force when it was drawn.")
                .contains("of 0 inspected there are not two with a problem and two without");
    }

    @Test
    void fewResultsAreNoGroundForAnything() {
        Path to = dir.resolve("few");
        Cli.Ended few = fit(FEW, "--to", to.toString());
        assertThat(few.code()).as(few.out()).isEqualTo(99);
        assertThat(few.out()).contains("Nothing to propose as of 2025-07-05: ");
        assertThat(to).doesNotExist();
        assertThat(fit(FEW, "--from", "2025-07-05").out())
                .contains(
                        "that day is not after 2025-07-05, the last that is told of, and days of the past stay scored");
        assertThat(fit(FEW, "--known-at", "2025-07-05").out()).contains("Cannot take --known-at");

        Cli.Ended none = fit(FEW.plusDays(1));
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.out()).contains("Run `banyan feedback --as-of 2025-07-06` first.");
    }

    private static Cli.Ended fit(LocalDate day, String... more) {
        return Cli.inside(Stream.concat(
                        Stream.of("policy", "fit", "--lake", lake().root(), "--as-of", day.toString()), Stream.of(more))
                .toArray(String[]::new));
    }

    private static List<Integer> points(Policy policy, LocalDate day) {
        return policy.on(day).indicators().stream()
                .filter(i -> i.id().equals("penalty_decisions"))
                .findFirst()
                .orElseThrow()
                .given();
    }

    private static Map<String, Object> known(String entity, String record, Map<String, Object> more) {
        Map<String, Object> row = new HashMap<>(more);
        row.putAll(Map.of(
                "entity_id", entity, "record_id", record, "withdrawn", false, "known_from", LocalDate.of(2025, 6, 1)));
        return row;
    }

    private static Map<String, Object> result(String entity, LocalDate day, boolean problem) {
        return Map.of(
                "plan_id",
                "2025M07",
                "item",
                "registration_publicity",
                "entity_id",
                entity,
                "reserve",
                false,
                "pi",
                entity.hashCode() % 2 == 0 ? 0.5 : 0.25,
                "problem",
                problem,
                "as_of",
                day,
                "known_at",
                day);
    }

    private static void write(String table, List<Map<String, Object>> rows) {
        lake().append(table, Rows.of(table, rows), "{}");
    }

    private static Lake lake() {
        return new Lake(Cli.session(), dir.resolve("lake").toString());
    }
}
