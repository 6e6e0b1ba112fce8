package banyan.models.learned;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import smile.sort.QuickSort;

/**
 * What it is worth to look at cases in the order of their scores, highest first; of cases of equal scores the mean over all orders.
 *
 * @param hitRate share of bad cases among the first tenth
 * @param lift how many times the share of all that is
 * @param capture share of all bad cases that is among the first tenth
 * @param daysEarlier mean over the bad cases of the days by which they would have been looked at earlier, had the days on which the
 *     cases of their round were looked at been given out in this order; not a number where no days are known (City of Chicago 2015)
 */
public record Ranking(double hitRate, double lift, double capture, double daysEarlier) {
    private static final double TOP = 0.1;

    /**
     * @param bad 1 or 0 a case
     * @param days on which each case was looked at, counted from any day; null where they are not known
     * @param round number of the round of each case, from 0: what was known of it is of the beginning of its round, so that no case of a
     *     later one could have been looked at in an earlier; null for one round
     */
    public static Ranking of(double[] scores, double[] bad, long[] days, int[] round) {
        int n = scores.length;
        int top = Math.max(1, (int) Math.round(TOP * n));
        double all = Arrays.stream(bad).sum();
        double hits = 0;
        for (Tie tie : ties(scores, IntStream.range(0, n).toArray())) {
            double inside = Math.min(1, Math.max(0, top - tie.begin) / (double) tie.rows.length);
            hits += inside * Arrays.stream(tie.rows).mapToDouble(i -> bad[i]).sum();
        }
        double rate = hits / top;
        return new Ranking(
                rate,
                rate / (all / n),
                hits / all,
                days == null ? Double.NaN : earlier(scores, bad, days, round) / all);
    }

    /** Days by which all bad cases together would have been looked at earlier. */
    private static double earlier(double[] scores, double[] bad, long[] days, int[] round) {
        int rounds = round == null ? 1 : Arrays.stream(round).max().orElse(0) + 1;
        double sum = 0;
        for (int r = 0; r < rounds; r++) {
            int of = r;
            int[] rows = IntStream.range(0, scores.length)
                    .filter(i -> round == null || round[i] == of)
                    .toArray();
            long[] given = Arrays.stream(rows).mapToLong(i -> days[i]).sorted().toArray();
            for (Tie tie : ties(scores, rows)) {
                double mean = Arrays.stream(given, tie.begin, tie.begin + tie.rows.length)
                        .average()
                        .orElseThrow();
                for (int i : tie.rows) {
                    sum += bad[i] * (days[i] - mean);
                }
            }
        }
        return sum;
    }

    /** Cases of equal scores, and how many have higher ones. */
    private record Tie(int begin, int[] rows) {}

    private static List<Tie> ties(double[] scores, int[] rows) {
        double[] keys = Arrays.stream(rows).mapToDouble(i -> -scores[i]).toArray();
        int[] sorted = rows.clone();
        QuickSort.sort(keys, sorted);
        List<Tie> ties = new ArrayList<>();
        for (int i = 0; i < keys.length; ) {
            int j = i;
            while (j < keys.length && keys[j] == keys[i]) {
                j++;
            }
            ties.add(new Tie(i, Arrays.copyOfRange(sorted, i, j)));
            i = j;
        }
        return ties;
    }

    /**
     * From which to which value each measure lies in 95 of 100 samples drawn from the cases (percentile bootstrap; Efron 1979).
     *
     * @return the lower bounds, and the upper ones
     */
    public static Ranking[] interval(double[] scores, double[] bad, long[] days, int[] round, int samples, long seed) {
        int n = scores.length;
        SplittableRandom random = new SplittableRandom(seed);
        double[][] drawn = new double[4][samples];
        for (int s = 0; s < samples; s++) {
            int[] rows = random.ints(n, 0, n).toArray();
            Ranking one = at(scores, bad, days, round, rows);
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

    private static Ranking at(double[] scores, double[] bad, long[] days, int[] round, int[] rows) {
        return of(
                Arrays.stream(rows).mapToDouble(i -> scores[i]).toArray(),
                Arrays.stream(rows).mapToDouble(i -> bad[i]).toArray(),
                days == null
                        ? null
                        : Arrays.stream(rows).mapToLong(i -> days[i]).toArray(),
                round == null ? null : Arrays.stream(rows).map(i -> round[i]).toArray());
    }

    /** The mean of many orders drawn at random. */
    public static Ranking random(double[] bad, long[] days, int[] round, int orders, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] sums = new double[4];
        for (int s = 0; s < orders; s++) {
            Ranking one = of(random.doubles(bad.length).toArray(), bad, days, round);
            sums[0] += one.hitRate / orders;
            sums[1] += one.lift / orders;
            sums[2] += one.capture / orders;
            sums[3] += one.daysEarlier / orders;
        }
        return new Ranking(sums[0], sums[1], sums[2], sums[3]);
    }
}
