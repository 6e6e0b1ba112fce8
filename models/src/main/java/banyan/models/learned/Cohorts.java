package banyan.models.learned;

import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Cases with the day they speak of, so that a past can be gone through day by day. Days are counted from 1970-01-01.
 *
 * @param sample what was known of each case on its day, and how it turned out
 * @param day of each case
 * @param looked on which each case was looked at, after its day
 * @param ripe from which on the outcome of each case was known
 * @param peer what each case is compared with, such as its sector; "" where that is not known
 * @param drawn 1 or 0, how those that were drawn at random turned out when they were; not a number for all others
 * @param group who looked, for a check alone; "" where that is not told
 * @param violator 1 where it was found bad in the year before its day
 * @param rules its class and score by the rules on its day, as one number, more for more risk
 */
public record Cohorts(
        Sample sample,
        long[] day,
        long[] looked,
        long[] ripe,
        String[] peer,
        double[] drawn,
        String[] group,
        double[] violator,
        double[] rules) {

    public int size() {
        return day.length;
    }

    /** The days, ascending. */
    public long[] days() {
        return Arrays.stream(day).distinct().sorted().toArray();
    }

    /** Numbers of the cases that fit. */
    int[] which(IntPredicate fits) {
        return IntStream.range(0, size()).filter(fits).toArray();
    }

    /** Those with these numbers. */
    public Cohorts at(int[] rows) {
        return new Cohorts(
                sample.at(rows),
                of(day, rows),
                of(looked, rows),
                of(ripe, rows),
                of(peer, rows),
                of(drawn, rows),
                of(group, rows),
                of(violator, rows),
                of(rules, rows));
    }

    static double[] of(double[] all, int[] rows) {
        return Arrays.stream(rows).mapToDouble(i -> all[i]).toArray();
    }

    private static long[] of(long[] all, int[] rows) {
        return Arrays.stream(rows).mapToLong(i -> all[i]).toArray();
    }

    private static String[] of(String[] all, int[] rows) {
        return Arrays.stream(rows).mapToObj(i -> all[i]).toArray(String[]::new);
    }
}
