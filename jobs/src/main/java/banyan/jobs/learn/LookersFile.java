package banyan.jobs.learn;

import banyan.jobs.Refusal;
import banyan.jobs.ingest.CsvFile;
import banyan.jobs.ingest.Records;
import banyan.jobs.ingest.UnreadableFile;
import java.io.IOException;
import java.nio.file.Files;
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
        if (!Files.isRegularFile(file)) {
            throw new Refusal(Refusal.Exit.USAGE, "Cannot read " + file + ": there is no such file.");
        }
        Map<String, String> groups = new HashMap<>();
        try {
            CsvFile.read(file, new Reader(file, groups));
        } catch (UnreadableFile e) {
            throw new Refusal(Refusal.Exit.DATA, "Cannot read " + file + ": " + e.getMessage() + ".");
        }
        return new LookersFile(file, groups);
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

    private static final class Reader implements Records {
        private final Path file;
        private final Map<String, String> groups;
        private int[] places;

        Reader(Path file, Map<String, String> groups) {
            this.file = file;
            this.groups = groups;
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
            String entity = values.get(places[0]);
            String day = values.get(places[1]);
            String group = values.get(places[2]);
            if (entity == null || day == null || group == null) {
                return;
            }
            try {
                String before = groups.put(entity.strip() + " " + LocalDate.parse(day.strip()), group.strip());
                if (before != null && !before.equals(group.strip())) {
                    throw refused(line, entity + " was looked at by " + before + " and by " + group + " on " + day);
                }
            } catch (DateTimeParseException e) {
                throw refused(line, "looked_on " + day + " is no day such as 2014-09-01");
            }
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
