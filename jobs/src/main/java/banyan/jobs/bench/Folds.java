package banyan.jobs.bench;

import banyan.jobs.Refusal;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which cases a model is measured on, and which it is fitted on for that.
 *
 * @param all in order
 */
public record Folds(List<Fold> all) {
    private static final int MOST = 100;

    /** Bad cases, and good ones, without which a past says too little. */
    private static final int LEAST = 200;

    /**
     * @param test numbers of the cases that are measured on, ascending
     * @param rest numbers of those fitted on
     */
    public record Fold(String name, int[] test, int[] rest) {}

    /** The case of row i of the file is in fold i mod k; fitted on all others. */
    public static Folds modulo(Cases cases, int k) {
        Map<String, List<Integer>> folds = new TreeMap<>(Comparator.comparing(Integer::valueOf));
        for (int i = 0; i < cases.row().length; i++) {
            folds.computeIfAbsent(String.valueOf(cases.row()[i] % k), f -> new ArrayList<>())
                    .add(i);
        }
        return others(cases, folds);
    }

    /** Each value of the column of folds is one; fitted on all others. */
    public static Folds byColumn(Cases cases) {
        Map<String, List<Integer>> folds = new TreeMap<>();
        for (int i = 0; i < cases.fold().size(); i++) {
            folds.computeIfAbsent(cases.fold().get(i), f -> new ArrayList<>()).add(i);
        }
        return others(cases, folds);
    }

    private static Folds others(Cases cases, Map<String, List<Integer>> folds) {
        refuse(cases, folds.size());
        int n = cases.sample().size();
        List<Fold> all = new ArrayList<>();
        folds.forEach((name, rows) -> {
            int[] test = rows.stream().mapToInt(Integer::intValue).toArray();
            boolean[] out = new boolean[n];
            Arrays.stream(test).forEach(row -> out[row] = true);
            int[] rest = IntStream.range(0, n).filter(i -> !out[i]).toArray();
            double bad = bad(cases, rest);
            if (bad == 0 || bad == rest.length) {
                throw new Refusal(
                        Refusal.Exit.DATA,
                        "Cannot fit without fold " + name + ": of the other " + rest.length + " cases "
                                + (bad == 0 ? "none" : "all") + " are bad; both kinds are needed.");
            }
            all.add(new Fold(name, test, rest));
        });
        return new Folds(List.copyOf(all));
    }

    /**
     * Each day of the column of folds is one, fitted on the days that lie so long before it that their outcome was known by then. Days
     * with too short a past, of fewer than 200 bad and 200 good cases, are passed over.
     *
     * @param known days after which the outcome of a day is known
     */
    public static Folds rolling(Cases cases, int known) {
        TreeMap<LocalDate, List<Integer>> days = new TreeMap<>();
        for (int i = 0; i < cases.fold().size(); i++) {
            days.computeIfAbsent(day(cases.fold().get(i)), d -> new ArrayList<>())
                    .add(i);
        }
        List<Fold> all = new ArrayList<>();
        days.forEach((day, rows) -> {
            int[] rest = days.headMap(day.minusDays(known), true).values().stream()
                    .flatMap(List::stream)
                    .mapToInt(Integer::intValue)
                    .sorted()
                    .toArray();
            double bad = bad(cases, rest);
            if (bad >= LEAST && rest.length - bad >= LEAST) {
                all.add(new Fold(
                        day.toString(),
                        rows.stream().mapToInt(Integer::intValue).toArray(),
                        rest));
            }
        });
        if (all.isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.DATA,
                    "Cannot look back: none of " + days.size() + " days has " + LEAST + " bad and " + LEAST
                            + " good cases whose outcome was known by then, " + known + " days after theirs.");
        }
        refuse(cases, Math.max(2, all.size()));
        return new Folds(List.copyOf(all));
    }

    private static LocalDate day(String text) {
        try {
            return LocalDate.parse(text);
        } catch (DateTimeParseException e) {
            throw new Refusal(
                    Refusal.Exit.DATA, "Cannot look back by days: " + text + " is no day such as 2014-09-01.");
        }
    }

    private static void refuse(Cases cases, int folds) {
        if (folds < 2 || folds > MOST) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot divide " + cases.sample().size() + " cases: " + folds + " folds were found, and 2 to "
                            + MOST + " are needed.");
        }
    }

    private static double bad(Cases cases, int[] rows) {
        return Arrays.stream(rows).mapToDouble(i -> cases.sample().bad()[i]).sum();
    }

    /** This one alone. */
    public Folds only(String name) {
        List<Fold> named = all.stream().filter(f -> f.name.equals(name)).toList();
        if (named.isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot measure on fold " + name + ": the folds are "
                            + all.stream().map(Fold::name).collect(Collectors.joining(", ")) + ".");
        }
        return new Folds(named);
    }
}
