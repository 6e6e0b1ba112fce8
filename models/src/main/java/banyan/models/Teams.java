package banyan.models;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who inspects: of those who may, the ones drawn by the seed of the plan among those who have least to do, one visit after the other in
 * the order in which they were drawn ({@code handbook: supervision §4}, proposed default). Anybody who has seed and roster can work it
 * out again.
 */
public final class Teams {
    private Teams() {}

    /**
     * An inspector (执法检查人员).
     *
     * @param no on the roster; never a name
     * @param area the county of those inspected; null for the whole city
     * @param items that may be inspected; all where empty
     * @param avoids entities that another must inspect (回避)
     */
    public record Inspector(String no, String area, Set<String> items, Set<String> avoids) {
        private boolean may(Visit visit) {
            return (area == null || area.equals(visit.area))
                    && avoids.stream().noneMatch(visit.entity::equalsIgnoreCase);
        }

        private boolean knows(String item) {
            return items.isEmpty() || items.contains(item);
        }
    }

    /** One entity, inspected once on all that it was drawn for (综合查一次). */
    public record Visit(String entity, String area, Set<String> items) {}

    /**
     * Entity → numbers of its inspectors, in order: for each item one who may inspect it, and as many as a team takes at least, all of
     * them knowing one of the items; nobody where there are not so many.
     *
     * @param visits of one plan: no more than its inspectors can make
     * @param size of a team, at least
     */
    public static SortedMap<String, List<String>> of(
            List<Visit> visits, List<Inspector> roster, String plan, String seed, int size) {
        SortedMap<String, List<String>> teams = new TreeMap<>();
        Map<String, Integer> tasks = new HashMap<>();
        List<Visit> drawn = new ArrayList<>(visits);
        drawn.sort(Comparator.comparing(visit -> Draw.key(seed, plan, "visit", visit.entity)));
        for (Visit visit : drawn) {
            Map<String, String> keys = new HashMap<>();
            roster.forEach(i -> keys.put(i.no, Draw.key(seed, plan, "team", visit.entity, i.no)));
            List<Inspector> free = roster.stream()
                    .filter(inspector ->
                            inspector.may(visit) && visit.items.stream().anyMatch(inspector::knows))
                    .sorted(Comparator.comparing((Inspector i) -> tasks.getOrDefault(i.no, 0))
                            .thenComparing(i -> keys.get(i.no)))
                    .toList();
            SortedSet<String> team = new TreeSet<>();
            SortedSet<String> open = new TreeSet<>(visit.items);
            for (Inspector inspector : free) {
                if (open.removeIf(inspector::knows)) {
                    team.add(inspector.no);
                }
            }
            for (Inspector inspector : free) {
                if (team.size() < size) {
                    team.add(inspector.no);
                }
            }
            if (open.isEmpty() && team.size() >= size) {
                team.forEach(no -> tasks.merge(no, 1, Integer::sum));
                teams.put(visit.entity, List.copyOf(team));
            }
        }
        return teams;
    }
}
