package banyan.jobs.learn;

import banyan.jobs.Refusal;
import banyan.jobs.ingest.NamedCsv;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which group of inspectors looked at whom on which day, from a file that never enters the lake: entity_id, looked_on, group. It serves
 * the check that a model does not foretell who looks, and nothing else.
 */
public final class LookersFile implements Past.Lookers {
    private static final List<String> COLUMNS = List.of("entity_id", "looked_on", "group");

    private final Path file;
    private final Map<String, String> groups;
    private long told;

    private LookersFile(Path file, Map<String, String> groups) {
        this.file = file;
        this.groups = groups;
    }

    /** @throws Refusal with exit 2 if there is no such file, with exit 3 if it cannot be read, lacks a column, or contradicts itself */
    public static LookersFile read(Path file) throws IOException {
        Map<String, String> groups = new HashMap<>();
        NamedCsv.read(file, COLUMNS, cells -> take(cells, groups));
        return new LookersFile(file, groups);
    }

    private static void take(List<String> cells, Map<String, String> groups) throws NamedCsv.Wrong {
        if (cells.contains("")) {
            return;
        }
        String entity = cells.get(0);
        String day = cells.get(1);
        String group = cells.get(2);
        try {
            String before = groups.put(entity + " " + LocalDate.parse(day), group);
            if (before != null && !before.equals(group)) {
                throw new NamedCsv.Wrong(entity + " was looked at by " + before + " and by " + group + " on " + day);
            }
        } catch (DateTimeParseException e) {
            throw new NamedCsv.Wrong("looked_on " + day + " is no day such as 2014-09-01");
        }
    }

    @Override
    public String who(String entity, LocalDate day) {
        String group = groups.getOrDefault(entity + " " + day, "");
        told += group.isEmpty() ? 0 : 1;
        return group;
    }

    /** @throws Refusal with exit 3 if it told of not one case that was asked about */
    public void refuseNone() {
        if (told == 0) {
            throw new Refusal(
                    Refusal.Exit.DATA,
                    "Cannot use " + file + ": it tells of none of the cases who looked. Its " + groups.size()
                            + " lines must name entity_id as the lake does, and the day of the look.");
        }
    }
}
