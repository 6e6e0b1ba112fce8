package banyan.models.learned;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Arrays;
import java.util.List;

/** What was learned from a sample: how likely each case is to turn out bad, and what each variable has to do with it. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Scorecard.class, name = "scorecard"),
    @JsonSubTypes.Type(value = Trees.class, name = "trees"),
    @JsonSubTypes.Type(value = RawLogistic.class, name = "logit")
})
public sealed interface Model permits Scorecard, Trees, RawLogistic {

    /** Whether scores are log odds; if not, they are probabilities. */
    boolean logistic();

    /**
     * The score of each case, higher for more risk.
     *
     * @param values every variable the model was fitted on, in any order; others are not looked at
     * @param cases how many there are
     */
    double[] scores(List<Values> values, int cases);

    /** What the score of each case is made of. */
    Parts parts(List<Values> values, int cases);

    /** The probability of being bad, a case. */
    default double[] probability(List<Values> values, int cases) {
        double[] scores = scores(values, cases);
        return logistic() ? Arrays.stream(scores).map(Logistic::probability).toArray() : scores;
    }

    /** The variable of this name. */
    static Values named(List<Values> values, String name) {
        return values.stream()
                .filter(v -> v.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Cannot score: there is no variable " + name + "."));
    }
}
