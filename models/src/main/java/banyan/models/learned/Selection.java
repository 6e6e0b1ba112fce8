package banyan.models.learned;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * What can be said of all enterprises from those that somebody chose to look at. How likely each was to be chosen is estimated from
 * what is known of it; what the choosers knew beside that, such as a tip-off, no estimate repairs: only a draw at random does.
 *
 * @param all enterprises
 * @param looked how many of them were looked at
 * @param chosen AUC with which it can be foretold who is looked at: 0.5 where they are as by chance
 * @param clipped share of those looked at whose weight was cut to the 99th percentile
 * @param effective cases of equal weight that would tell as much
 * @param pooled share of bad cases among those looked at
 * @param weighted the same, each counting for all that were as likely to be chosen (Hájek 1971)
 * @param robust share of bad cases among all, by the model where nobody looked and put right by what was found where somebody did: right
 *     where either the model or the estimated likelihood of being chosen is (doubly robust; Robins, Rotnitzky and Zhao 1994)
 * @param error standard error of that
 * @param drawn share of bad cases among those drawn at random; not a number where there are none
 * @param drawnError standard error of that
 * @param districts district → the doubly robust share, of those with enough enterprises
 */
public record Selection(
        int all,
        int looked,
        double chosen,
        double clipped,
        double effective,
        double pooled,
        double weighted,
        double robust,
        double error,
        double drawn,
        double drawnError,
        SortedMap<String, Share> districts) {
    private static final double CLIPPED = 0.99;
    private static final double RIDGE = 1;
    private static final int PARTS = 2;

    /** Enterprises of a district, and of them looked at, below which nothing is said of it. */
    private static final int FEW = 30;

    /** A share and its standard error. */
    public record Share(int enterprises, int looked, double share, double error) {}

    /**
     * All enterprises of a day, in any order.
     *
     * @param values what was known of each
     * @param looked whether somebody looked at it in the window
     * @param drawn 1 or 0, how it turned out when it was drawn at random; not a number where it was not
     * @param bad 1 where it was found bad; of no meaning where nobody looked
     * @param district of each, "" where it is not known
     * @param found how many there are, where these were drawn of more
     */
    public record Everybody(
            List<Values> values, boolean[] looked, double[] drawn, double[] bad, String[] district, long found) {
        public int size() {
            return looked.length;
        }
    }

    /**
     * Where hardly anybody or hardly anybody not was looked at nothing can be said: no number is one.
     *
     * @param said the probability of each, by a model that knows no outcome of the day
     */
    public static Selection of(Everybody everybody, double[] said) {
        int n = everybody.size();
        double[] chosen = new double[n];
        for (int i = 0; i < n; i++) {
            chosen[i] = everybody.looked()[i] ? 1 : 0;
        }
        if (!IntStream.range(0, PARTS).allMatch(part -> bothKinds(chosen, part))) {
            double not = Double.NaN;
            return new Selection(
                    n, (int) Arrays.stream(chosen).sum(), not, not, not, not, not, not, not, not, not, new TreeMap<>());
        }
        double[] likely = likely(Sample.of(everybody.values(), chosen));
        int[] looked = IntStream.range(0, n).filter(i -> chosen[i] == 1).toArray();
        double[] sorted =
                Arrays.stream(looked).mapToDouble(i -> 1 / likely[i]).sorted().toArray();
        double most = sorted[(int) Math.ceil(CLIPPED * sorted.length) - 1];
        double[] weight = Arrays.stream(likely).map(p -> Math.min(most, 1 / p)).toArray();
        double[] bad = Cohorts.of(everybody.bad(), looked);
        double[] weights = Cohorts.of(weight, looked);
        double sum = Arrays.stream(weights).sum();
        double[] influence = new double[n];
        for (int i = 0; i < n; i++) {
            influence[i] = said[i] + (chosen[i] == 1 ? weight[i] * (everybody.bad()[i] - said[i]) : 0);
        }
        Share robust = share(influence, IntStream.range(0, n).toArray(), chosen);
        int[] drawn = IntStream.range(0, n)
                .filter(i -> !Double.isNaN(everybody.drawn()[i]))
                .toArray();
        Share random =
                drawn.length == 0 ? new Share(0, 0, Double.NaN, Double.NaN) : share(everybody.drawn(), drawn, chosen);
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        return new Selection(
                n,
                looked.length,
                Measured.of(likely, chosen, ones).auc(),
                (double) Arrays.stream(sorted).filter(w -> w > most).count() / sorted.length,
                sum * sum / Arrays.stream(weights).map(w -> w * w).sum(),
                Arrays.stream(bad).average().orElseThrow(),
                Measured.rate(bad, weights),
                robust.share,
                robust.error,
                random.share,
                random.error,
                districts(everybody, influence, chosen));
    }

    private static boolean bothKinds(double[] chosen, int part) {
        double[] its = IntStream.range(0, chosen.length)
                .filter(i -> i % PARTS == part)
                .mapToDouble(i -> chosen[i])
                .toArray();
        double sum = Arrays.stream(its).sum();
        return sum > 0 && sum < its.length;
    }

    /** How likely each is to be chosen, by what the others tell: each half is foretold from the other, so that no case tells of itself. */
    private static double[] likely(Sample chosen) {
        double[] likely = new double[chosen.size()];
        for (int part = 0; part < PARTS; part++) {
            int of = part;
            int[] here = IntStream.range(0, likely.length)
                    .filter(i -> i % PARTS == of)
                    .toArray();
            int[] there = IntStream.range(0, likely.length)
                    .filter(i -> i % PARTS != of)
                    .toArray();
            Sample fitted = chosen.at(there);
            double[] its = Scorecard.fit(fitted, Bins.Manner.CARD, RIDGE)
                    .probability(chosen.at(here).variables(), here.length);
            for (int k = 0; k < here.length; k++) {
                likely[here[k]] = its[k];
            }
        }
        return likely;
    }

    private static Share share(double[] of, int[] rows, double[] chosen) {
        double mean = Arrays.stream(rows).mapToDouble(i -> of[i]).average().orElseThrow();
        double squares = Arrays.stream(rows)
                .mapToDouble(i -> (of[i] - mean) * (of[i] - mean))
                .sum();
        int looked = (int) Arrays.stream(rows).mapToDouble(i -> chosen[i]).sum();
        return new Share(rows.length, looked, mean, Math.sqrt(squares / (rows.length - 1.0) / rows.length));
    }

    private static SortedMap<String, Share> districts(Everybody everybody, double[] influence, double[] chosen) {
        TreeMap<String, List<Integer>> members = new TreeMap<>();
        for (int i = 0; i < influence.length; i++) {
            members.computeIfAbsent(everybody.district()[i], d -> new ArrayList<>())
                    .add(i);
        }
        TreeMap<String, Share> districts = new TreeMap<>();
        members.forEach((district, rows) -> {
            Share share =
                    share(influence, rows.stream().mapToInt(Integer::intValue).toArray(), chosen);
            if (!district.isEmpty() && share.looked >= FEW) {
                districts.put(district, share);
            }
        });
        return districts;
    }
}
