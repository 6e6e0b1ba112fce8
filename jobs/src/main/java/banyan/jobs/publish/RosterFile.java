package banyan.jobs.publish;

import banyan.jobs.Refusal;
import banyan.jobs.ingest.CsvFile;
import banyan.jobs.ingest.Records;
import banyan.jobs.ingest.UnreadableFile;
import banyan.models.Plan;
import banyan.models.Teams.Inspector;
import banyan.schemas.Codes;
import java.io.IOException;
import java.nio.file.Files;
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
        if (!Files.isRegularFile(file)) {
            throw new Refusal(Refusal.Exit.USAGE, "Cannot read " + file + ": there is no such file.");
        }
        Reader reader = new Reader(file, plan);
        try {
            CsvFile.read(file, reader);
        } catch (UnreadableFile e) {
            throw new Refusal(Refusal.Exit.DATA, "Cannot read " + file + ": " + e.getMessage() + ".");
        }
        if (reader.roster.size() < plan.inspectors()) {
            throw new Refusal(
                    Refusal.Exit.DATA,
                    "Cannot use " + file + ": it names " + reader.roster.size() + " inspectors, and a visit takes "
                            + plan.inspectors() + ".");
        }
        return List.copyOf(reader.roster.values());
    }

    private static final class Reader implements Records {
        private final Path file;
        private final Map<String, String> items = new LinkedHashMap<>(); // as written → id
        private final Map<String, Inspector> roster = new LinkedHashMap<>();
        private int[] places;

        Reader(Path file, Plan plan) {
            this.file = file;
            plan.items().forEach(item -> item.words().forEach(word -> items.put(word, item.id())));
        }

        @Override
        public void columns(List<String> names) {
            if (!names.containsAll(COLUMNS)) {
                throw new Refusal(
                        Refusal.Exit.DATA,
                        "Cannot read " + file + ": it has the columns " + String.join(", ", names) + "; "
                                + String.join(", ", COLUMNS) + " are needed.");
            }
            places = COLUMNS.stream().mapToInt(names::indexOf).toArray();
        }

        @Override
        public void record(long line, List<String> values) {
            List<String> cells = new java.util.ArrayList<>();
            for (int place : places) {
                cells.add(values.get(place) == null ? "" : values.get(place).strip());
            }
            String no = cells.get(0);
            String area = cells.get(1);
            if (!no.matches("[^|\\s]*\\d[^|\\s]*")) { // a name has no digit
                throw refused(line, "inspector_no '" + no + "' is no number of an inspector");
            }
            if (!area.isEmpty()
                    && Codes.of("areas").codes().stream()
                            .noneMatch(code -> code.code().equals(area))) {
                throw refused(line, "area_code " + area + " is no county of codes/areas");
            }
            Set<String> unknown = new HashSet<>(parts(cells.get(2)));
            unknown.removeAll(items.keySet());
            if (!unknown.isEmpty()) {
                throw refused(
                        line,
                        "items " + unknown + " are not in the plan, whose items are " + new HashSet<>(items.values()));
            }
            Inspector inspector = new Inspector(
                    no,
                    area.isEmpty() ? null : area,
                    parts(cells.get(2)).stream().map(items::get).collect(Collectors.toSet()),
                    parts(cells.get(3)));
            if (roster.put(no, inspector) != null) {
                throw refused(line, "inspector " + no + " stands there twice");
            }
        }

        private static Set<String> parts(String cell) {
            return Stream.of(cell.split("\\|"))
                    .map(Codes::halfWidth)
                    .filter(part -> !part.isEmpty())
                    .collect(Collectors.toSet());
        }

        @Override
        public void unreadable(long line, String why, String text) {
            throw refused(line, why);
        }

        private Refusal refused(long line, String why) {
            return new Refusal(Refusal.Exit.DATA, "Cannot read " + file + ": line " + line + ": " + why + ".");
        }
    }
}
