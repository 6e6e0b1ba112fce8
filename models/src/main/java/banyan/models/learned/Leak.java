package banyan.models.learned;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Variables that by themselves tell so much of the outcome that they may have been written down after it: an information value above 0.5
 * (Siddiqi 2006) or an AUC above 0.85, either way round. One that tells bad from good without fault has no bins at all, so that only
 * its AUC gives it away.
 */
public final class Leak {
    private static final double INFORMATION = 0.5;
    private static final double AUC = 0.85;

    private Leak() {}

    /** A sentence for each, in the order of the variables. */
    public static List<String> of(Sample sample, Bins.Manner manner) {
        return sample.variables().parallelStream()
                .map(values -> of(values, sample, manner))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<String> of(Values values, Sample sample, Bins.Manner manner) {
        double iv = Bins.of(values, sample.bad(), sample.weight(), manner).iv();
        double auc = Measured.of(order(values, sample, manner.rare()), sample.bad(), sample.weight())
                .auc();
        double either = Math.max(auc, 1 - auc);
        if (!(iv > INFORMATION) && !(either > AUC)) {
            return Optional.empty();
        }
        return Optional.of(String.format(
                Locale.ROOT,
                "%s alone has an information value of %.2f and an AUC of %.2f; make sure that it was known before the outcome, or leave it out",
                values.name(),
                iv,
                either));
    }

    /** Numbers as they are, what is missing least; words by their rate, where they are not rare. */
    private static double[] order(Values values, Sample sample, double rare) {
        if (values instanceof Values.Numbers numbers) {
            return Arrays.stream(numbers.of())
                    .map(v -> Double.isNaN(v) ? -Double.MAX_VALUE : v)
                    .toArray();
        }
        String[] words = ((Values.Words) values).of();
        Map<String, double[]> tallies = new HashMap<>();
        for (int i = 0; i < words.length; i++) {
            double[] tally = tallies.computeIfAbsent(words[i], w -> new double[2]);
            tally[0] += sample.weight()[i] * sample.bad()[i];
            tally[1] += sample.weight()[i];
        }
        double all = Arrays.stream(sample.weight()).sum();
        double rate = Measured.rate(sample.bad(), sample.weight());
        return Arrays.stream(words)
                .map(tallies::get)
                .mapToDouble(tally -> tally[1] < rare * all ? rate : tally[0] / tally[1])
                .toArray();
    }
}
