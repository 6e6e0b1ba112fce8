package banyan.models.learned;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What each variable adds to the score of each case.
 *
 * @param base what every score begins with
 * @param variables in the model's order
 * @param of [variable][case]: {@code base + Σ of} is the score
 */
public record Parts(double base, List<String> variables, double[][] of) {
    private static final double EXACT = 1e-8;

    /**
     * Themselves, where they add up to the scores.
     *
     * @throws IllegalStateException if those of a case do not
     */
    public Parts of(double[] scores) {
        for (int i = 0; i < scores.length; i++) {
            double sum = base;
            for (double[] part : of) {
                sum += part[i];
            }
            if (!(Math.abs(sum - scores[i]) <= EXACT * (1 + Math.abs(scores[i])))) {
                throw new IllegalStateException("Cannot explain case " + i + ": its parts add up to " + sum
                        + " and its score is " + scores[i] + ".");
            }
        }
        return this;
    }

    /** Mean of what each variable adds, over some cases: what is usual among them. */
    public double[] usual(int[] cases) {
        return Arrays.stream(of)
                .mapToDouble(part ->
                        Arrays.stream(cases).mapToDouble(i -> part[i]).average().orElse(0))
                .toArray();
    }

    /**
     * Mean size of what each variable adds, largest first.
     *
     * @return variable → mean of |part| over the cases
     */
    public List<Map.Entry<String, Double>> importance() {
        List<Map.Entry<String, Double>> all = new ArrayList<>();
        for (int v = 0; v < of.length; v++) {
            all.add(Map.entry(
                    variables.get(v),
                    Arrays.stream(of[v]).map(Math::abs).average().orElse(0)));
        }
        all.sort(Map.Entry.<String, Double>comparingByValue().reversed().thenComparing(Map.Entry::getKey));
        return all;
    }
}
