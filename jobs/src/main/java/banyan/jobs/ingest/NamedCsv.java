package banyan.jobs.ingest;

import banyan.jobs.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** A CSV that a command is given beside the lake, and that never enters it: the columns it asks for, by name; others are not read. */
public final class NamedCsv {
    private NamedCsv() {}

    /** A line of the file. */
    public interface Line {
        /**
         * @param cells those of the columns asked for, in their order, without blanks at their ends; empty where blank
         * @throws Wrong if it says what cannot be
         */
        void take(List<String> cells) throws Wrong;
    }

    /** What is wrong with a line. */
    public static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        public Wrong(String why) {
            super(why);
        }
    }

    /** @throws Refusal with exit 2 if there is no such file, with exit 3 if it cannot be read, lacks a column, or a line is wrong */
    public static void read(Path file, List<String> columns, Line line) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new Refusal(Refusal.Exit.USAGE, "Cannot read " + file + ": there is no such file.");
        }
        try {
            CsvFile.read(file, new Reader(file, columns, line));
        } catch (UnreadableFile e) {
            throw new Refusal(Refusal.Exit.DATA, "Cannot read " + file + ": " + e.getMessage() + ".");
        }
    }

    private static final class Reader implements Records {
        private final Path file;
        private final List<String> columns;
        private final Line line;
        private int[] places;

        Reader(Path file, List<String> columns, Line line) {
            this.file = file;
            this.columns = columns;
            this.line = line;
        }

        @Override
        public void columns(List<String> names) {
            if (!names.containsAll(columns)) {
                throw new Refusal(
                        Refusal.Exit.DATA,
                        "Cannot read " + file + ": it has the columns " + String.join(", ", names) + "; "
                                + String.join(", ", columns) + " are needed.");
            }
            places = columns.stream().mapToInt(names::indexOf).toArray();
        }

        @Override
        public void record(long number, List<String> values) {
            try {
                line.take(IntStream.of(places)
                        .mapToObj(values::get)
                        .map(value -> value == null ? "" : value.strip())
                        .toList());
            } catch (Wrong e) {
                throw refused(number, e.getMessage());
            }
        }

        @Override
        public void unreadable(long number, String why, String text) {
            throw refused(number, why);
        }

        private Refusal refused(long number, String why) {
            return new Refusal(Refusal.Exit.DATA, "Cannot read " + file + ": line " + number + ": " + why + ".");
        }
    }
}
