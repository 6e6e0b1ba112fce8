package banyan.models.learned;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Weights of evidence in a logistic regression: the log odds of a bad case are {@code intercept + Σ coefficient·woe(bin)}. Weight of
 * evidence rises with risk, and no coefficient may be below 0: a variable that, beside the others, would say the opposite of what it
 * says alone is left out. The card is the most likely one under that condition (an active set, after Lawson and Hanson 1974).
 *
 * @param variables in the order they were given, without those left out
 * @param fit the regression on the weights of evidence of {@code variables}
 * @param leftOut why each of the other variables is not in the card
 */
public record Scorecard(List<Bins> variables, Logistic fit, List<LeftOut> leftOut) implements Model {

    /** A variable that is not in the card. */
    public record LeftOut(String variable, String why) {}

    /**
     * @param manner how each variable is put into bins
     * @param ridge λ of {@link Logistic#fit}
     */
    public static Scorecard fit(Sample sample, Bins.Manner manner, double ridge) {
        List<Bins> bins = new ArrayList<>();
        List<double[]> columns = new ArrayList<>();
        List<LeftOut> leftOut = new ArrayList<>();
        List<Bins> all = sample.variables().parallelStream()
                .map(values -> Bins.of(values, sample.bad(), sample.weight(), manner))
                .toList();
        for (int k = 0; k < all.size(); k++) {
            Bins of = all.get(k);
            Values values = sample.variables().get(k);
            if (of.iv() == 0) {
                leftOut.add(new LeftOut(values.name(), of.status()));
            } else {
                bins.add(of);
                columns.add(worth(of, values));
            }
        }
        TreeSet<Integer> in =
                new TreeSet<>(IntStream.range(0, bins.size()).boxed().toList());
        Logistic fit = fit(columns, in, sample, ridge);
        for (int round = 0; round < 3 * bins.size(); round++) {
            int wrong = mostNegative(fit, in);
            int wanted = wrong >= 0 ? -1 : mostMissed(columns, in, fit, sample);
            if (wrong < 0 && wanted < 0) {
                break;
            }
            in.remove(wrong);
            if (wanted >= 0) {
                in.add(wanted);
            }
            fit = fit(columns, in, sample, ridge);
        }
        while (mostNegative(fit, in) >= 0) {
            in.remove(mostNegative(fit, in));
            fit = fit(columns, in, sample, ridge);
        }
        for (int k = 0; k < bins.size(); k++) {
            if (!in.contains(k)) {
                leftOut.add(
                        new LeftOut(bins.get(k).variable(), "beside the others it would count against its own bins"));
            }
        }
        return new Scorecard(in.stream().map(bins::get).toList(), fit, List.copyOf(leftOut));
    }

    private static Logistic fit(List<double[]> columns, TreeSet<Integer> in, Sample sample, double ridge) {
        return Logistic.fit(
                in.stream().map(columns::get).toArray(double[][]::new), sample.bad(), sample.weight(), ridge);
    }

    /** The column with the lowest coefficient not above 0; −1 where there is none. */
    private static int mostNegative(Logistic fit, TreeSet<Integer> in) {
        int worst = -1;
        double lowest = 0;
        int k = 0;
        for (int column : in) {
            double coefficient = fit.coefficients()[k++];
            if (coefficient < lowest || coefficient == 0 && worst < 0) {
                worst = column;
                lowest = coefficient;
            }
        }
        return worst;
    }

    /** The column left out that likelihood rises with most steeply from 0; −1 where it rises with none. */
    private static int mostMissed(List<double[]> columns, TreeSet<Integer> in, Logistic fit, Sample sample) {
        double[] missed = fit.logOdds(in.stream().map(columns::get).toArray(double[][]::new), sample.size());
        for (int i = 0; i < missed.length; i++) {
            missed[i] = sample.weight()[i] * (sample.bad()[i] - Logistic.probability(missed[i]));
        }
        int best = -1;
        double steepest = 1e-6;
        for (int column = 0; column < columns.size(); column++) {
            double slope = 0;
            for (int i = 0; !in.contains(column) && i < missed.length; i++) {
                slope += missed[i] * columns.get(column)[i];
            }
            if (slope > steepest) {
                best = column;
                steepest = slope;
            }
        }
        return best;
    }

    private static double[] worth(Bins bins, Values values) {
        double[] worth = bins.worth();
        int[] index = bins.index(values);
        double[] column = new double[index.length];
        for (int i = 0; i < column.length; i++) {
            column[i] = worth[index[i]];
        }
        return column;
    }

    @Override
    public boolean logistic() {
        return true;
    }

    @Override
    public double[] scores(List<Values> values, int cases) {
        return fit.logOdds(columns(values), cases);
    }

    @Override
    public Parts parts(List<Values> values, int cases) {
        return fit.parts(variables.stream().map(Bins::variable).toList(), columns(values));
    }

    private double[][] columns(List<Values> values) {
        return variables.stream()
                .map(bins -> worth(bins, Model.named(values, bins.variable())))
                .toArray(double[][]::new);
    }
}
