package banyan.models;

import static org.assertj.core.api.Assertions.assertThat;

import banyan.models.Teams.Inspector;
import banyan.models.Teams.Visit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TeamsTest {
    private static final String SEED = "a1".repeat(32);

    @Test
    void onlyThoseInspectWhoMay() {
        List<Inspector> roster = List.of(
                new Inspector("1", "350102", Set.of(), Set.of()),
                new Inspector("2", null, Set.of("food"), Set.of()),
                new Inspector("3", "350103", Set.of(), Set.of()),
                new Inspector("4", "350102", Set.of(), Set.of("E2")),
                new Inspector("5", "350105", Set.of("registration"), Set.of()));

        Map<String, List<String>> teams = Teams.of(
                List.of(
                        new Visit("E1", "350102", Set.of("registration")), // not 2: another item; not 3: another county
                        new Visit("E2", "350102", Set.of("food")), // not 4: a conflict of interest
                        new Visit("E3", "350103", Set.of("food", "registration")), // 3 for all, and 2 for food
                        new Visit("E4", "350104", Set.of("food")), // 2 alone
                        new Visit("E5", "350105", Set.of("food", "registration"))), // 2 and 5: each knows one
                roster,
                "2025-07",
                SEED,
                2);

        assertThat(teams)
                .isEqualTo(Map.of(
                        "E1",
                        List.of("1", "4"),
                        "E2",
                        List.of("1", "2"),
                        "E3",
                        List.of("2", "3"),
                        "E5",
                        List.of("2", "5")));
    }

    @Test
    void aTeamIsFilledUpByThoseWhoAreFree() {
        List<Inspector> roster = List.of(
                new Inspector("1", null, Set.of("a"), Set.of()),
                new Inspector("2", null, Set.of("a"), Set.of()),
                new Inspector("3", null, Set.of("b", "c"), Set.of("e9")));
        List<Visit> visit = List.of(new Visit("E1", "350102", Set.of("a", "b", "c")));

        for (int seed = 0; seed < 9; seed++) {
            assertThat(Teams.of(visit, roster, "2025M07", SEED + seed, 3))
                    .isEqualTo(Map.of("E1", List.of("1", "2", "3")));
        }
        assertThat(Teams.of(List.of(new Visit("E9", "350102", Set.of("b"))), roster, "2025M07", SEED, 1))
                .as("to be avoided, however it is written")
                .isEmpty();
    }

    /** Who may inspect all alike has as much to do as any other, whatever the seed and the order of the lists. */
    @Test
    void tasksAreBalancedAndFollowFromTheSeedAlone() {
        Random random = new Random(11);
        List<Inspector> roster = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            roster.add(new Inspector("I" + i, null, Set.of(), Set.of()));
        }
        for (int round = 0; round < 20; round++) {
            List<Visit> visits = new ArrayList<>();
            for (int v = 0; v < 50 + round; v++) {
                visits.add(new Visit("E" + v, "350102", Set.of("food")));
            }
            Map<String, List<String>> teams = Teams.of(visits, roster, "2025-07", SEED + round, 2);
            Collections.shuffle(visits, random);
            Collections.shuffle(roster, random);

            assertThat(Teams.of(visits, roster, "2025-07", SEED + round, 2)).isEqualTo(teams);
            Map<String, Integer> tasks = new HashMap<>();
            teams.values().forEach(team -> team.forEach(no -> tasks.merge(no, 1, Integer::sum)));
            assertThat(teams).hasSize(50 + round);
            assertThat(Collections.max(tasks.values()) - Collections.min(tasks.values()))
                    .isLessThanOrEqualTo(1);
        }
        List<Visit> one = List.of(new Visit("E1", "350102", Set.of("food")));
        assertThat(Set.copyOf(List.of(
                        Teams.of(one, roster, "2025-07", SEED, 2),
                        Teams.of(one, roster, "2025-07", SEED + "x", 2),
                        Teams.of(one, roster, "2025-08", SEED, 2))))
                .as("another seed or plan, another team")
                .hasSizeGreaterThan(1);
    }
}
