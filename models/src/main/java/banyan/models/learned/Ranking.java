package banyan.models.learned;

import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * What it is worth to look at cases in the order of their scores, highest first; cases of equal scores stay in the order they are given.
 *
 * @param hitRate share of bad cases among the first tenth
 * @param lift how many times the share of all that is
 * @param capture share of all bad cases that is among the first tenth
 * @param daysEarlier mean over the bad cases of the days by which they would have been looked at earlier, had the days on which cases
 *     were looked at been given out in this order; not a number where no days are known (City of Chicago 2015)
 */
public record Ranking(double hitRate, double lift, double capture, double daysEarlier) {
    private static final double TOP = 0.1;

    /**
     * @param bad 1 or 0 a case
     * @param days on which each case was looked at, counted from any day; null where they are not known
     */
    public static Ranking of(double[] scores, double[] bad, long[] days) {
        int n = scores.length;
        int[] order = order(scores);
        int top = Math.max(1, (int) Math.round(TOP * n));
        double hits = 0;
        double all = Arrays.stream(bad).sum();
        for (int i = 0; i < top; i++) {
            hits += bad[order[i]];
        }
        double earlier = Double.NaN;
        if (days != null && all > 0) {
            long[] given = days.clone();
            Arrays.sort(given);
            double sum = 0;
            for (int i = 0; i < n; i++) {
                sum += bad[order[i]] * (days[order[i]] - given[i]);
            }
            earlier = sum / all;
        }
        double rate = hits / top;
        return new Ranking(rate, rate / (all / n), hits / all, earlier);
    }

    private static int[] order(double[] scores) {
        return IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -scores[i]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /**
     * From which to which value each measure lies in 95 of 100 samples drawn from the cases (percentile bootstrap; Efron 1979).
     *
     * @return the lower bounds, and the upper ones
     */
    public static Ranking[] interval(double[] scores, double[] bad, long[] days, int samples, long seed) {
        int n = scores.length;
        SplittableRandom random = new SplittableRandom(seed);
        double[][] drawn = new double[4][samples];
        for (int s = 0; s < samples; s++) {
            int[] rows = random.ints(n, 0, n).toArray();
            Ranking one = at(scores, bad, days, rows);
            drawn[0][s] = one.hitRate;
            drawn[1][s] = one.lift;
            drawn[2][s] = one.capture;
            drawn[3][s] = one.daysEarlier;
        }
        for (double[] measure : drawn) {
            Arrays.sort(measure);
        }
        int low = (int) Math.floor(0.025 * samples);
        int high = samples - 1 - low;
        return new Ranking[] {
            new Ranking(drawn[0][low], drawn[1][low], drawn[2][low], drawn[3][low]),
            new Ranking(drawn[0][high], drawn[1][high], drawn[2][high], drawn[3][high])
        };
    }

    private static Ranking at(double[] scores, double[] bad, long[] days, int[] rows) {
        return of(
                Arrays.stream(rows).mapToDouble(i -> scores[i]).toArray(),
                Arrays.stream(rows).mapToDouble(i -> bad[i]).toArray(),
                days == null
                        ? null
                        : Arrays.stream(rows).mapToLong(i -> days[i]).toArray());
    }

    /** The mean of many orders drawn at random. */
    public static Ranking random(double[] bad, long[] days, int orders, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] sums = new double[4];
        for (int s = 0; s < orders; s++) {
            Ranking one = of(random.doubles(bad.length).toArray(), bad, days);
            sums[0] += one.hitRate / orders;
            sums[1] += one.lift / orders;
            sums[2] += one.capture / orders;
            sums[3] += one.daysEarlier / orders;
        }
        return new Ranking(sums[0], sums[1], sums[2], sums[3]);
    }
}
