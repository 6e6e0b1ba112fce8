package banyan.models.learned;

import java.util.Arrays;
import java.util.List;

/**
 * Cases to fit or to measure a model on.
 *
 * @param variables what is known of each case, all of one length
 * @param bad 1 where the case turned out bad, 0 where it did not
 * @param weight how much each case counts, above 0 and finite; such as one over the chance that it was drawn
 */
public record Sample(List<Values> variables, double[] bad, double[] weight) {
    public Sample {
        variables = List.copyOf(variables);
        if (bad.length != weight.length || variables.stream().anyMatch(v -> v.size() != bad.length)) {
            throw new IllegalArgumentException(
                    "Cannot use a sample whose variables, labels and weights differ in length.");
        }
        for (int i = 0; i < bad.length; i++) {
            if (bad[i] != 0 && bad[i] != 1) {
                throw new IllegalArgumentException(
                        "Cannot use label " + bad[i] + " of case " + i + ": it is neither 0 nor 1.");
            }
            if (!(weight[i] > 0) || Double.isInfinite(weight[i])) {
                throw new IllegalArgumentException(
                        "Cannot use weight " + weight[i] + " of case " + i + ": it is not above 0 and finite.");
            }
        }
    }

    /** Each case counts once. */
    public static Sample of(List<Values> variables, double[] bad) {
        double[] weight = new double[bad.length];
        Arrays.fill(weight, 1);
        return new Sample(variables, bad, weight);
    }

    public int size() {
        return bad.length;
    }

    /** The cases with these numbers. */
    public Sample at(int[] rows) {
        return new Sample(
                variables.stream().map(v -> v.at(rows)).toList(),
                Arrays.stream(rows).mapToDouble(i -> bad[i]).toArray(),
                Arrays.stream(rows).mapToDouble(i -> weight[i]).toArray());
    }
}
