package banyan.jobs.publish;

import banyan.jobs.Refusal;
import banyan.jobs.ingest.NamedCsv;
import banyan.models.Plan;
import banyan.models.Teams.Inspector;
import banyan.schemas.Codes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Those who inspect (执法检查人员名录), from a CSV that never enters the lake: inspector_no, area_code (blank: the whole city), items
 * (parted by |; blank: all), avoids (entities that another must inspect, parted by |). Other columns, such as names, are not read; a
 * plan bears numbers alone, and no number is ever a feature of a model.
 */
public final class RosterFile {
    private static final List<String> COLUMNS = List.of("inspector_no", "area_code", "items", "avoids");

    private RosterFile() {}

    /** @throws Refusal with exit 2 if there is no such file, with exit 3 if it cannot be read, lacks a column, or says what cannot be */
    public static List<Inspector> read(Path file, Plan plan) throws IOException {
        Map<String, String> items = new LinkedHashMap<>(); // as written → id
        plan.items().forEach(item -> item.words().forEach(word -> items.put(word, item.id())));
        Map<String, Inspector> roster = new LinkedHashMap<>();
        NamedCsv.read(file, COLUMNS, cells -> {
            Inspector inspector = inspector(cells, items);
            if (roster.put(inspector.no(), inspector) != null) {
                throw new NamedCsv.Wrong("inspector " + inspector.no() + " stands there twice");
            }
        });
        if (roster.size() < plan.inspectors()) {
            throw new Refusal(
                    Refusal.Exit.DATA,
                    "Cannot use " + file + ": it names " + roster.size() + " inspectors, and a visit takes "
                            + plan.inspectors() + ".");
        }
        return List.copyOf(roster.values());
    }

    private static Inspector inspector(List<String> cells, Map<String, String> items) throws NamedCsv.Wrong {
        String no = cells.get(0);
        String area = cells.get(1);
        if (!no.matches("[^|\\s]*\\d[^|\\s]*")) { // a name has no digit
            throw new NamedCsv.Wrong("inspector_no '" + no + "' is no number of an inspector");
        }
        if (!area.isEmpty()
                && Codes.of("areas").codes().stream()
                        .noneMatch(code -> code.code().equals(area))) {
            throw new NamedCsv.Wrong("area_code " + area + " is no county of codes/areas");
        }
        Set<String> unknown = new HashSet<>(parts(cells.get(2)));
        unknown.removeAll(items.keySet());
        if (!unknown.isEmpty()) {
            throw new NamedCsv.Wrong(
                    "items " + unknown + " are not in the plan, whose items are " + new HashSet<>(items.values()));
        }
        return new Inspector(
                no,
                area.isEmpty() ? null : area,
                parts(cells.get(2)).stream().map(items::get).collect(Collectors.toSet()),
                parts(cells.get(3)));
    }

    private static Set<String> parts(String cell) {
        return Stream.of(cell.split("\\|"))
                .map(Codes::halfWidth)
                .filter(part -> !part.isEmpty())
                .collect(Collectors.toSet());
    }
}
