package banyan.models.learned;

import banyan.models.learned.Binning.Cut;
import banyan.models.learned.Binning.Rules;
import banyan.models.learned.Binning.Trend;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A variable in bins, each with its weight of evidence: ln(share of all bad cases ÷ share of all good cases), above 0 where a bin is
 * worse than all. The same object is fitted, applied and exported, so that what is missing, special or unheard of is worth the same
 * everywhere.
 *
 * @param variable its name
 * @param trend the trend the numbers or groups were cut for
 * @param cuts ascending edges between the bins of numbers: a bin holds [edge, next edge); empty for words
 * @param groups the words of each bin; empty for numbers
 * @param specials ascending codes that are no numbers
 * @param bins the bins of numbers or groups, then one for each special code that is frequent enough, then {@link Kind#OTHER}: rare
 *     special codes, or rare words and those never seen, then {@link Kind#MISSING}
 * @param missing what was agreed for missing values
 * @param objective information value of the bins of numbers or groups alone, of their own totals: what was made as large as it can be
 * @param status {@code cut}, or why there is one bin only
 */
public record Bins(
        String variable,
        Trend trend,
        double[] cuts,
        List<List<String>> groups,
        double[] specials,
        List<Bin> bins,
        Missing missing,
        double objective,
        String status) {

    /** What a bin holds. */
    public enum Kind {
        NUMBERS,
        WORDS,
        SPECIAL,
        OTHER,
        MISSING
    }

    /** What a missing value is worth. */
    public enum Missing {
        /** What the missing values of the sample are worth; 0 where it has none. */
        EMPIRICAL,
        /** 0. */
        NEUTRAL,
        /** As much as the worst bin. */
        WORST
    }

    /**
     * @param code the special code of a {@link Kind#SPECIAL} bin, NaN for the others
     * @param bad weight of its bad cases
     * @param good weight of its good cases
     * @param woe weight of evidence, of the totals of all bins
     * @param iv its part of the information value
     */
    public record Bin(Kind kind, double code, double bad, double good, double woe, double iv) {}

    /**
     * How a variable is put into bins.
     *
     * @param trend of numbers; groups of words are put in order of their rates first
     * @param size the least share of all cases a bin must hold
     * @param events the least weight of bad, and of good, cases a bin must hold
     * @param bins bins of numbers or groups at most; 0 for no limit
     * @param pValue level at which neighbours must differ; 1 for no test
     * @param leaves leaves of the tree whose atoms are then cut, as OptBinning does (20 there); 0 to cut the distinct values themselves
     * @param atoms where those are used: how many there may be before neighbours are put together
     * @param specials codes that are no numbers, such as −9
     * @param rare a word with less than this share of all cases is put with the others that are rare
     */
    public record Manner(
            Trend trend,
            double size,
            double events,
            int bins,
            double pValue,
            int leaves,
            int atoms,
            double[] specials,
            double rare,
            Missing missing) {
        /** OptBinning's defaults: pre-bins of a tree with 20 leaves, each at least 5 % of all cases. */
        public static final Manner OPTBINNING =
                new Manner(Trend.AUTO, 0.05, 0, 0, 1, 20, 500, new double[0], 0.01, Missing.EMPIRICAL);

        /** For a card that is read: every bin at least 5 % of all cases, and risk that goes one way. */
        public static final Manner CARD =
                new Manner(Trend.MONOTONE, 0.05, 0, 0, 1, 0, 500, new double[0], 0.01, Missing.EMPIRICAL);

        public Manner trend(Trend other) {
            return new Manner(other, size, events, bins, pValue, leaves, atoms, specials, rare, missing);
        }

        public Manner specials(double... codes) {
            return new Manner(trend, size, events, bins, pValue, leaves, atoms, codes, rare, missing);
        }

        public Manner bins(int most) {
            return new Manner(trend, size, events, most, pValue, leaves, atoms, specials, rare, missing);
        }

        public Manner missing(Missing worth) {
            return new Manner(trend, size, events, bins, pValue, leaves, atoms, specials, rare, worth);
        }

        public Manner pValue(double level) {
            return new Manner(trend, size, events, bins, level, leaves, atoms, specials, rare, missing);
        }

        private Rules rules(double cases, boolean tree) {
            // What the tree leaves is as large as it must be; joined atoms are no smaller.
            return new Rules(trend, tree ? 0 : size * cases, events, bins, pValue);
        }
    }

    /** Puts a variable of the sample into bins. */
    public static Bins of(Values values, double[] bad, double[] weight, Manner manner) {
        if (values instanceof Values.Numbers numbers) {
            return ofNumbers(numbers, bad, weight, manner);
        }
        return ofWords((Values.Words) values, bad, weight, manner);
    }

    private static Bins ofNumbers(Values.Numbers numbers, double[] bad, double[] weight, Manner manner) {
        double[] specials = manner.specials().clone();
        Arrays.sort(specials);
        Tally missing = new Tally();
        TreeMap<Double, Tally> special = new TreeMap<>();
        int[] clean = new int[numbers.size()];
        int n = 0;
        double all = 0;
        for (int i = 0; i < clean.length; i++) {
            double value = numbers.of()[i] + 0.0; // −0 is 0
            all += weight[i];
            if (Double.isNaN(value)) {
                missing.add(bad[i], weight[i]);
            } else if (Arrays.binarySearch(specials, value) >= 0) {
                special.computeIfAbsent(value, v -> new Tally()).add(bad[i], weight[i]);
            } else {
                clean[n++] = i;
            }
        }
        int[] rows = Arrays.copyOf(clean, n);
        Atoms atoms = Atoms.of(
                at(numbers.of(), rows), at(bad, rows), at(weight, rows), manner.leaves() > 0 ? n : manner.atoms());
        Binned cut = cut(atoms, manner, all);
        Tally other = new Tally();
        List<Bin> bins = new ArrayList<>(cut.tallies(Kind.NUMBERS));
        for (Map.Entry<Double, Tally> code : special.entrySet()) {
            if (code.getValue().weight() < manner.size() * all) {
                other.add(code.getValue());
            } else {
                bins.add(code.getValue().bin(Kind.SPECIAL, code.getKey()));
            }
        }
        if (specials.length > 0) {
            bins.add(other.bin(Kind.OTHER, Double.NaN));
        }
        bins.add(missing.bin(Kind.MISSING, Double.NaN));
        double[] cuts = Arrays.copyOfRange(cut.atoms.from(), 1, cut.atoms.size());
        return new Bins(
                numbers.name(),
                cut.trend,
                cuts,
                List.of(),
                specials,
                weighed(bins),
                manner.missing(),
                cut.iv,
                cut.status);
    }

    private static Bins ofWords(Values.Words words, double[] bad, double[] weight, Manner manner) {
        Tally missing = new Tally();
        TreeMap<String, Tally> tallies = new TreeMap<>();
        double all = 0;
        for (int i = 0; i < words.size(); i++) {
            all += weight[i];
            (words.of()[i] == null ? missing : tallies.computeIfAbsent(words.of()[i], w -> new Tally()))
                    .add(bad[i], weight[i]);
        }
        Tally other = new Tally();
        List<Map.Entry<String, Tally>> kept = new ArrayList<>();
        for (Map.Entry<String, Tally> word : tallies.entrySet()) {
            if (word.getValue().weight() < manner.rare() * all) {
                other.add(word.getValue());
            } else {
                kept.add(word);
            }
        }
        // A word seen seldom is drawn towards the rate of all, so that chance puts none at the end of the order.
        double mean = kept.stream().mapToDouble(w -> w.getValue().bad).sum()
                / Math.max(
                        1e-300,
                        kept.stream().mapToDouble(w -> w.getValue().weight()).sum());
        kept.sort(Comparator.comparingDouble(
                        (Map.Entry<String, Tally> w) -> w.getValue().shrunk(mean))
                .thenComparing(Map.Entry::getKey));
        Atoms atoms = Atoms.ordered(
                kept.stream().mapToDouble(w -> w.getValue().bad).toArray(),
                kept.stream().mapToDouble(w -> w.getValue().good).toArray(),
                kept.stream().mapToDouble(w -> w.getValue().squares).toArray());
        Binned cut = cut(atoms, manner.trend(Trend.ASCENDING), all);
        List<List<String>> groups = new ArrayList<>();
        for (int b = 0; b < cut.atoms.size(); b++) {
            int begin = b == 0 ? 0 : (int) Math.round(cut.atoms.from()[b] + 0.5);
            int end = b + 1 == cut.atoms.size()
                    ? kept.size()
                    : (int) Math.round(cut.atoms.from()[b + 1] + 0.5);
            groups.add(kept.subList(begin, end).stream()
                    .map(Map.Entry::getKey)
                    .sorted()
                    .toList());
        }
        List<Bin> bins = new ArrayList<>(cut.tallies(Kind.WORDS));
        bins.add(other.bin(Kind.OTHER, Double.NaN));
        bins.add(missing.bin(Kind.MISSING, Double.NaN));
        return new Bins(
                words.name(),
                cut.trend,
                new double[0],
                List.copyOf(groups),
                new double[0],
                weighed(bins),
                manner.missing(),
                cut.iv,
                cut.status);
    }

    private record Binned(Atoms atoms, Trend trend, double iv, String status) {
        List<Bin> tallies(Kind kind) {
            List<Bin> bins = new ArrayList<>();
            for (int i = 0; i < atoms.size(); i++) {
                bins.add(new Bin(kind, Double.NaN, atoms.bad()[i], atoms.good()[i], 0, 0));
            }
            return bins;
        }
    }

    private static Binned cut(Atoms atoms, Manner manner, double all) {
        if (atoms.size() == 0) {
            Atoms none = Atoms.ordered(new double[1], new double[1], new double[1]);
            return new Binned(none, Trend.NONE, 0, "no value that is a number or word of its own");
        }
        if (atoms.size() == 1) {
            return new Binned(atoms, Trend.NONE, 0, "one value only");
        }
        double bad = Arrays.stream(atoms.bad()).sum();
        if (bad == 0 || bad == atoms.weight()) {
            return new Binned(atoms.joined(new int[] {0}), Trend.NONE, 0, bad == 0 ? "no bad case" : "no good case");
        }
        boolean tree = manner.leaves() > 0;
        Atoms pieces = tree ? atoms.cart(manner.leaves(), Math.ceil(manner.size() * all)) : atoms;
        Cut cut = Binning.best(pieces, manner.rules(all, tree));
        String status = !cut.feasible()
                ? "no cut within the rules"
                : cut.starts().length == 1 ? "no cut tells more than none" : "cut";
        return new Binned(pieces.joined(cut.starts()), cut.trend(), cut.iv(), status);
    }

    private static double[] at(double[] values, int[] rows) {
        return Arrays.stream(rows).mapToDouble(i -> values[i] + 0.0).toArray();
    }

    /** Bad and good weight. */
    private static final class Tally {
        double bad;
        double good;
        double squares;

        void add(double isBad, double weight) {
            bad += weight * isBad;
            good += weight * (1 - isBad);
            squares += weight * weight;
        }

        void add(Tally other) {
            bad += other.bad;
            good += other.good;
            squares += other.squares;
        }

        double weight() {
            return bad + good;
        }

        double shrunk(double mean) {
            return (bad + mean) / (weight() + 1);
        }

        Bin bin(Kind kind, double code) {
            return new Bin(kind, code, bad, good, 0, 0);
        }
    }

    private static List<Bin> weighed(List<Bin> bins) {
        double bad = bins.stream().mapToDouble(Bin::bad).sum();
        double good = bins.stream().mapToDouble(Bin::good).sum();
        return bins.stream()
                .map(b -> {
                    double woe = woe(b.bad, b.good, bad, good);
                    double share = bad == 0 || good == 0 ? 0 : b.bad / bad - b.good / good;
                    return new Bin(b.kind, b.code, b.bad, b.good, woe, share * woe);
                })
                .toList();
    }

    /**
     * ln(share of bad ÷ share of good). Where a bin has no bad or no good cases, one case is added to it that is bad at the rate of all: it
     * is worth much, not infinitely much, and on the right side of 0 however rare bad cases are. One without cases is worth 0.
     */
    static double woe(double bad, double good, double allBad, double allGood) {
        if (bad + good == 0 || allBad == 0 || allGood == 0) {
            return 0;
        }
        if (bad > 0 && good > 0) {
            return Math.log(bad / allBad) - Math.log(good / allGood);
        }
        double rate = allBad / (allBad + allGood);
        return Math.log((bad + rate) / allBad) - Math.log((good + 1 - rate) / allGood);
    }

    /** (p − q)·ln(p/q) of a bin with these shares, both above 0. */
    static double iv(double p, double q) {
        return (p - q) * Math.log(p / q);
    }

    /** Information value of all bins. */
    public double iv() {
        return bins.stream().mapToDouble(Bin::iv).sum();
    }

    /** Number of the bin a number falls into; NaN is missing. */
    public int indexOf(double value) {
        if (Double.isNaN(value)) {
            return bins.size() - 1;
        }
        if (Arrays.binarySearch(specials, value + 0.0) >= 0) {
            int i = cuts.length + 1;
            while (bins.get(i).kind == Kind.SPECIAL && bins.get(i).code != value) {
                i++;
            }
            return i;
        }
        int edge = Arrays.binarySearch(cuts, value + 0.0);
        return edge >= 0 ? edge + 1 : -edge - 1;
    }

    /** To six digits, which tell edges apart for a reader. */
    private static String shown(double edge) {
        BigDecimal rounded = new BigDecimal(edge).round(new MathContext(6)).stripTrailingZeros();
        return rounded.scale() < 0 ? rounded.setScale(0).toPlainString() : rounded.toPlainString();
    }

    /** The bin of this number in words: {@code [2, 5)}. */
    public String named(int i) {
        return switch (bins.get(i).kind()) {
            case NUMBERS ->
                (i == 0 ? "(−∞" : "[" + shown(cuts[i - 1])) + ", " + (i == cuts.length ? "∞)" : shown(cuts[i]) + ")");
            case WORDS -> String.join(" | ", groups.get(i));
            case SPECIAL -> "code " + bins.get(i).code();
            case OTHER -> "other";
            case MISSING -> "missing";
        };
    }

    /** The weight of evidence of each bin under what was agreed for missing values. */
    public double[] worth() {
        double[] worth = bins.stream().mapToDouble(Bin::woe).toArray();
        int last = worth.length - 1;
        switch (missing) {
            case EMPIRICAL -> {}
            case NEUTRAL -> worth[last] = 0;
            case WORST -> worth[last] = Arrays.stream(worth, 0, last).max().orElse(0);
        }
        return worth;
    }

    /** [case] → number of the bin. */
    public int[] index(Values values) {
        int[] index = new int[values.size()];
        if (values instanceof Values.Numbers numbers) {
            for (int i = 0; i < index.length; i++) {
                index[i] = indexOf(numbers.of()[i]);
            }
            return index;
        }
        Map<String, Integer> known = new LinkedHashMap<>();
        for (int g = 0; g < groups.size(); g++) {
            for (String word : groups.get(g)) {
                known.put(word, g);
            }
        }
        Values.Words words = (Values.Words) values;
        for (int i = 0; i < index.length; i++) {
            String word = words.of()[i];
            index[i] = word == null ? bins.size() - 1 : known.getOrDefault(word, bins.size() - 2);
        }
        return index;
    }
}
