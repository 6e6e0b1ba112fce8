package banyan.jobs.bench;

import banyan.jobs.Refusal;
import banyan.jobs.ingest.CsvFile;
import banyan.jobs.ingest.Records;
import banyan.jobs.ingest.UnreadableFile;
import banyan.models.learned.Sample;
import banyan.models.learned.Values;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The cases of a delimited file, one a line, with a label that says which turned out bad. A column all of whose values are numbers
 * holds numbers, every other one words; blank, {@code NA}, {@code N/A}, {@code NaN}, {@code null}, {@code ?}, {@code .} and what is
 * infinite, or larger than a float can be, are missing.
 *
 * @param sample every column but the label, what is dropped, and the column of folds
 * @param row number of each case in the file, from 0; those without a label are passed over
 * @param fold what the column of folds says of each case; empty where none was named
 * @param day on which each case was looked at, from 1970-01-01; null where no column of days was named
 * @param round number of the round of each case; null where no column of rounds was named
 * @param bad the label of a bad case
 * @param unlabelled lines without a label
 * @param notes what a reader should know of the columns
 */
public record Cases(
        Sample sample,
        long[] row,
        List<String> fold,
        long[] day,
        int[] round,
        String bad,
        long unlabelled,
        List<String> notes) {
    private static final Set<String> MISSING = Set.of("na", "n/a", "nan", "null", "?", ".");
    private static final Set<String> INFINITE = Set.of("inf", "-inf", "+inf", "infinity", "-infinity", "+infinity");
    /** Pairs of labels that need no word which of them is bad: the bad one, and the other. */
    private static final List<List<String>> PLAIN = List.of(
            List.of("1", "0"),
            List.of("bad", "good"),
            List.of("yes", "no"),
            List.of("true", "false"),
            List.of("y", "n"));

    /**
     * What to read of a file.
     *
     * @param bad the label of a bad case; null where it is plain: 1 of 0 and 1, bad of bad and good, and the like
     * @param only the one column that is read beside the label; null for all
     * @param dropped columns that are passed over
     * @param folds the column that says to which fold a case belongs; null for none
     * @param dates the column that says on which day a case was looked at; null for none
     * @param rounds the column that says in which round a case was looked at; null for none
     */
    public record Question(
            String label, String bad, String only, List<String> dropped, String folds, String dates, String rounds) {}

    public static Cases read(Path file, Question question) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new Refusal(Refusal.Exit.USAGE, "Cannot read " + file + ": there is no such file.");
        }
        try {
            Profile profile = new Profile(file);
            CsvFile.read(file, profile);
            if (profile.rows == 0) {
                throw refused(file, "it holds a header and no case");
            }
            Loading loading = new Loading(file, question, profile);
            CsvFile.read(file, loading);
            return loading.cases();
        } catch (UnreadableFile e) {
            throw refused(file, e.getMessage());
        }
    }

    private static Refusal refused(Path file, String why) {
        return new Refusal(Refusal.Exit.DATA, "Cannot read " + file + ": " + why + ".");
    }

    private static boolean missing(String text) {
        return text == null || text.isEmpty() || MISSING.contains(text.toLowerCase(Locale.ROOT));
    }

    /** NaN where it is missing, null where it is no number. */
    private static Double number(String text) {
        if (missing(text) || INFINITE.contains(text.toLowerCase(Locale.ROOT))) {
            return Double.NaN;
        }
        char first = text.charAt(0);
        char last = text.charAt(text.length() - 1);
        boolean plain = (Character.isDigit(first) || first == '-' || first == '+' || first == '.')
                && (Character.isDigit(last) || last == '.')
                && text.indexOf('x') < 0;
        try {
            double number = plain ? Double.parseDouble(text) : Double.NaN;
            return !plain
                    ? null
                    : Math.abs(number) > Float.MAX_VALUE ? Double.valueOf(Double.NaN) : Double.valueOf(number);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** The first time through: what each column holds. */
    private static final class Profile implements Records {
        private final Path file;
        private final List<String> names = new ArrayList<>();
        /** How many values of each column are numbers, and how many are words. */
        private int[] numbers;

        private int[] words;
        private String[] firstWord;
        private int rows;

        Profile(Path file) {
            this.file = file;
        }

        @Override
        public void columns(List<String> names) {
            for (String name : names) {
                this.names.add(name.isBlank() ? "column " + (this.names.size() + 1) : name);
            }
            numbers = new int[names.size()];
            words = new int[names.size()];
            firstWord = new String[names.size()];
        }

        @Override
        public void record(long line, List<String> values) {
            rows++;
            for (int c = 0; c < numbers.length; c++) {
                String text = stripped(values.get(c));
                Double number = number(text);
                if (number == null) {
                    firstWord[c] = words[c]++ == 0 ? text : firstWord[c];
                } else if (!number.isNaN()) {
                    numbers[c]++;
                }
            }
        }

        @Override
        public void unreadable(long line, String why, String text) {
            throw refused(
                    file, "line " + line + ": " + why + "; mend the file, for a case left out may be one that matters");
        }
    }

    private static String stripped(String text) {
        return text == null ? null : text.strip();
    }

    /** The second time through: the values. */
    private static final class Loading implements Records {
        private final Path file;
        private final Question question;
        private final Profile profile;
        private final int label;
        private final int folds;
        private final int dates;
        private final int rounds;
        private final int[] round;
        private final Map<String, Integer> roundNumbers = new HashMap<>();
        private final long[] day;
        private final double[][] numbers;
        private final String[][] words;
        private final Map<String, String> same = new HashMap<>();
        private final String[] labels;
        private final List<String> fold = new ArrayList<>();
        private final long[] row;
        private int n;
        private long seen;

        Loading(Path file, Question question, Profile profile) {
            this.file = file;
            this.question = question;
            this.profile = profile;
            label = column(question.label());
            folds = question.folds() == null ? -1 : column(question.folds());
            dates = question.dates() == null ? -1 : column(question.dates());
            day = dates < 0 ? null : new long[profile.rows];
            rounds = question.rounds() == null ? -1 : column(question.rounds());
            round = rounds < 0 ? null : new int[profile.rows];
            question.dropped().forEach(this::column);
            if (question.only() != null) {
                column(question.only());
            }
            int columns = profile.names.size();
            numbers = new double[columns][];
            words = new String[columns][];
            for (int c = 0; c < columns; c++) {
                String name = profile.names.get(c);
                boolean wanted = question.only() == null || name.equals(question.only());
                if (c == label
                        || c == folds
                        || c == dates
                        || c == rounds
                        || question.dropped().contains(name)
                        || !wanted) {
                    continue;
                }
                if (profile.words[c] == 0) {
                    numbers[c] = new double[profile.rows];
                } else {
                    words[c] = new String[profile.rows];
                }
            }
            labels = new String[profile.rows];
            row = new long[profile.rows];
        }

        private int column(String name) {
            int at = profile.names.indexOf(name);
            if (at < 0) {
                throw new Refusal(
                        Refusal.Exit.USAGE,
                        "Cannot find column " + name + " in " + file + ": it has " + String.join(", ", profile.names)
                                + ".");
            }
            return at;
        }

        @Override
        public void columns(List<String> names) {
            // Known from the first time.
        }

        @Override
        public void record(long line, List<String> values) {
            String said = stripped(values.get(label));
            seen++;
            if (missing(said)) {
                return;
            }
            labels[n] = same.computeIfAbsent(said, s -> s);
            row[n] = seen - 1;
            if (folds >= 0) {
                String of = stripped(values.get(folds));
                if (missing(of)) {
                    throw refused(file, "line " + line + " belongs to no fold: " + question.folds() + " is blank");
                }
                fold.add(same.computeIfAbsent(of, s -> s));
            }
            if (rounds >= 0) {
                String of = String.valueOf(stripped(values.get(rounds)));
                round[n] = roundNumbers.computeIfAbsent(of, r -> roundNumbers.size());
            }
            if (dates >= 0) {
                day[n] = epochDay(line, stripped(values.get(dates)));
            }
            for (int c = 0; c < numbers.length; c++) {
                String text = numbers[c] == null && words[c] == null ? null : stripped(values.get(c));
                if (numbers[c] != null) {
                    numbers[c][n] = number(text);
                } else if (words[c] != null) {
                    words[c][n] = missing(text) ? null : same.computeIfAbsent(text, s -> s);
                }
            }
            n++;
        }

        private long epochDay(long line, String text) {
            try {
                return LocalDate.parse(String.valueOf(text)).toEpochDay();
            } catch (DateTimeParseException e) {
                throw refused(
                        file,
                        "line " + line + ": " + question.dates() + " is " + text + ", and no day such as 2014-09-02");
            }
        }

        @Override
        public void unreadable(long line, String why, String text) {
            profile.unreadable(line, why, text);
        }

        Cases cases() {
            TreeSet<String> kinds = new TreeSet<>();
            for (int i = 0; i < n; i++) {
                kinds.add(labels[i]);
                if (kinds.size() > 1000) {
                    break;
                }
            }
            String bad = bad(kinds);
            double[] outcome = new double[n];
            for (int i = 0; i < n; i++) {
                outcome[i] = alike(labels[i], bad) ? 1 : 0;
            }
            List<Values> variables = new ArrayList<>();
            for (int c = 0; c < numbers.length; c++) {
                String name = profile.names.get(c);
                if (numbers[c] != null) {
                    variables.add(new Values.Numbers(name, Arrays.copyOf(numbers[c], n)));
                } else if (words[c] != null) {
                    variables.add(new Values.Words(name, Arrays.copyOf(words[c], n)));
                }
            }
            return new Cases(
                    Sample.of(variables, outcome),
                    Arrays.copyOf(row, n),
                    List.copyOf(fold),
                    day == null ? null : Arrays.copyOf(day, n),
                    round == null ? null : Arrays.copyOf(round, n),
                    bad,
                    seen - n,
                    notes());
        }

        /** A column that is hardly of words is most likely one of numbers with a slip in it. */
        private List<String> notes() {
            List<String> notes = new ArrayList<>();
            for (int c = 0; c < words.length; c++) {
                if (words[c] != null && profile.words[c] * 100L <= profile.numbers[c]) {
                    notes.add(profile.names.get(c) + " is taken for words, because " + profile.words[c]
                            + " of its values are no numbers, the first " + profile.firstWord[c]);
                }
            }
            return notes;
        }

        private String bad(TreeSet<String> kinds) {
            String shown = String.join(", ", kinds.stream().limit(10).toList()) + (kinds.size() > 10 ? " …" : "");
            if (question.bad() != null) {
                if (kinds.stream().noneMatch(k -> alike(k, question.bad()))) {
                    throw new Refusal(
                            Refusal.Exit.USAGE,
                            "Cannot tell bad cases in " + file + ": no " + question.label() + " is " + question.bad()
                                    + "; it holds " + shown + ".");
                }
                return question.bad();
            }
            for (List<String> pair : PLAIN) {
                boolean all = !kinds.isEmpty()
                        && kinds.stream().allMatch(k -> pair.stream().anyMatch(p -> alike(k, p)));
                if (all) {
                    return pair.get(0);
                }
            }
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot tell bad cases in " + file + ": " + question.label() + " holds " + shown
                            + ". Say which value is bad with --bad VALUE.");
        }

        /** 1 and 1.0 are the same label, and so are Bad and bad. */
        private static boolean alike(String one, String other) {
            if (one.equalsIgnoreCase(other)) {
                return true;
            }
            Double first = number(one);
            Double second = number(other);
            return first != null && second != null && first.doubleValue() == second.doubleValue();
        }
    }
}
