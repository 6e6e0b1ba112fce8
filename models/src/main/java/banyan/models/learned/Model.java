package banyan.models.learned;

import java.util.List;

/** What was learned from a sample: how likely each case is to turn out bad. */
public interface Model {

    /**
     * The probability of being bad, a case.
     *
     * @param values every variable the model was fitted on, in any order; others are not looked at
     * @param cases how many there are
     */
    double[] probability(List<Values> values, int cases);

    /** The variable of this name. */
    static Values named(List<Values> values, String name) {
        return values.stream()
                .filter(v -> v.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Cannot score: there is no variable " + name + "."));
    }
}
