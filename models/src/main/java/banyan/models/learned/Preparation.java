package banyan.models.learned;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How variables become columns of numbers, agreed on the sample a model is fitted on and applied alike to every other: a number stays
 * one, a special code or a missing value becomes a column of its own, and so does every word that is not rare.
 *
 * @param columns in the order of the model's inputs
 */
public record Preparation(List<Column> columns) {

    /** What a column holds. */
    public enum Kind {
        /** The number; where it is missing or a special code, what {@link Column#fill} says. */
        NUMBER,
        /** 1 where the value is missing. */
        MISSING,
        /** 1 where the value is this special code. */
        SPECIAL,
        /** 1 where the value is this word. */
        WORD
    }

    /**
     * @param variable where it comes from
     * @param code of {@link Kind#SPECIAL}, otherwise NaN
     * @param word of {@link Kind#WORD}, otherwise null
     * @param fill of {@link Kind#NUMBER}: NaN, or what stands for a missing number
     * @param specials of {@link Kind#NUMBER}: ascending codes that are no numbers
     */
    public record Column(String variable, Kind kind, double code, String word, double fill, double[] specials) {}

    /**
     * @param specials codes that are no numbers
     * @param rare share of all cases below which a word, a special code or being missing has no column
     * @param filled whether a missing number is filled with the median of the sample, for a model that cannot do without
     */
    public static Preparation of(Sample sample, double[] specials, double rare, boolean filled) {
        double[] codes = specials.clone();
        Arrays.sort(codes);
        double least = Math.max(1, rare * sample.size());
        List<Column> columns = new ArrayList<>();
        for (Values values : sample.variables()) {
            if (values instanceof Values.Numbers numbers) {
                ofNumbers(numbers, codes, least, filled, columns);
            } else {
                TreeMap<String, Integer> counts = new TreeMap<>();
                for (String word : ((Values.Words) values).of()) {
                    if (word != null) {
                        counts.merge(word, 1, Integer::sum);
                    }
                }
                counts.forEach((word, count) -> {
                    if (count >= least && count < sample.size()) {
                        columns.add(new Column(values.name(), Kind.WORD, Double.NaN, word, Double.NaN, new double[0]));
                    }
                });
            }
        }
        return new Preparation(List.copyOf(columns));
    }

    private static void ofNumbers(
            Values.Numbers numbers, double[] codes, double least, boolean filled, List<Column> columns) {
        double[] plain = Arrays.stream(numbers.of())
                .filter(v -> !Double.isNaN(v) && !special(codes, v))
                .sorted()
                .toArray();
        String name = numbers.name();
        if (plain.length > 0 && plain[0] < plain[plain.length - 1]) {
            double fill = filled ? plain[plain.length / 2] : Double.NaN;
            columns.add(new Column(name, Kind.NUMBER, Double.NaN, null, fill, codes));
        }
        long missing = Arrays.stream(numbers.of()).filter(Double::isNaN).count();
        if (missing >= least && missing < numbers.size()) {
            columns.add(new Column(name, Kind.MISSING, Double.NaN, null, Double.NaN, codes));
        }
        for (double code : new TreeSet<>(Arrays.stream(codes).boxed().toList())) {
            long count = Arrays.stream(numbers.of()).filter(v -> v == code).count();
            if (count >= least && count < numbers.size()) {
                columns.add(new Column(name, Kind.SPECIAL, code, null, Double.NaN, codes));
            }
        }
    }

    private static boolean special(double[] codes, double value) {
        return codes.length > 0 && Arrays.binarySearch(codes, value + 0.0) >= 0;
    }

    /** [column][case]. */
    public double[][] apply(List<Values> values, int cases) {
        double[][] x = new double[columns.size()][cases];
        for (int c = 0; c < x.length; c++) {
            Column column = columns.get(c);
            Values of = Model.named(values, column.variable());
            if (of instanceof Values.Words words) {
                for (int i = 0; i < cases; i++) {
                    x[c][i] = column.word().equals(words.of()[i]) ? 1 : 0;
                }
                continue;
            }
            double[] numbers = ((Values.Numbers) of).of();
            for (int i = 0; i < cases; i++) {
                double value = numbers[i];
                x[c][i] = switch (column.kind()) {
                    case NUMBER -> Double.isNaN(value) || special(column.specials(), value) ? column.fill() : value;
                    case MISSING -> Double.isNaN(value) ? 1 : 0;
                    case SPECIAL -> value == column.code() ? 1 : 0;
                    case WORD ->
                        throw new IllegalArgumentException("Cannot score: " + column.variable()
                                + " held words when the model was fitted, and holds numbers now.");
                };
            }
        }
        return x;
    }
}
