package banyan.models.learned;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How a number was spread over the cases a model was fitted on, in bins that stay as they are for good, so that months can be compared.
 *
 * @param cuts ascending; a value is in the bin of as many cuts as are not above it
 * @param cases in each bin, and last those without a value
 */
public record Drift(double[] cuts, long[] cases) {
    private static final int BINS = 10;

    /** Ten bins of about as many values, fewer where many are alike. */
    public static Drift of(double[] values) {
        double[] known =
                Arrays.stream(values).filter(v -> !Double.isNaN(v)).sorted().toArray();
        double[] cuts = known.length == 0
                ? new double[0]
                : IntStream.range(1, BINS)
                        .mapToDouble(b -> known[(int) ((long) b * known.length / BINS)])
                        .filter(cut -> cut > known[0])
                        .distinct()
                        .toArray();
        return new Drift(cuts, new Drift(cuts, new long[cuts.length + 2]).counted(values));
    }

    private int bin(double value) {
        return Double.isNaN(value)
                ? cuts.length + 1
                : (int) Arrays.stream(cuts).filter(cut -> cut <= value).count();
    }

    /** The same bins, with these values in them. */
    public long[] counted(double[] values) {
        long[] counted = new long[cases.length];
        for (double value : values) {
            counted[bin(value)]++;
        }
        return counted;
    }

    /**
     * Population stability index of other cases in the same bins: Σ (now − then)·ln(now ÷ then) over shares of which every bin begins with
     * half a case, so that an empty one does no harm (Siddiqi 2006; below 0.10 little, above 0.25 much).
     */
    public double psi(long[] now) {
        double all = Arrays.stream(cases).sum() + cases.length / 2.0;
        double allNow = Arrays.stream(now).sum() + cases.length / 2.0;
        return IntStream.range(0, cases.length)
                .mapToDouble(b -> {
                    double then = (cases[b] + 0.5) / all;
                    double here = (now[b] + 0.5) / allNow;
                    return (here - then) * Math.log(here / then);
                })
                .sum();
    }

    /** What it would be on average by chance alone, were nothing else: (bins − 1)·(1/then + 1/now) over the bins that hold any case (Yurdakul 2018). */
    public double byChance(long[] now) {
        long filled = IntStream.range(0, cases.length)
                .filter(b -> cases[b] + now[b] > 0)
                .count();
        return (filled - 1)
                * (1.0 / Arrays.stream(cases).sum() + 1.0 / Arrays.stream(now).sum());
    }
}
