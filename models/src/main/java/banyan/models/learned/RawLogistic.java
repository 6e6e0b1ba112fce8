package banyan.models.learned;

import java.util.List;

/**
 * A logistic regression on the variables as they are: missing numbers filled with the median, words as columns of 0 and 1, all columns
 * brought to mean 0 and deviation 1. What a scorecard must beat.
 *
 * @param mean of each column in the sample
 * @param deviation of each column in the sample
 * @param fit on the columns so brought
 */
public record RawLogistic(Preparation preparation, double[] mean, double[] deviation, Logistic fit) implements Model {

    /** @param ridge λ of {@link Logistic#fit} */
    public static RawLogistic fit(Sample sample, double[] specials, double ridge) {
        Preparation preparation = Preparation.of(sample, specials, 0.01, true);
        double[][] x = preparation.apply(sample.variables(), sample.size());
        double[] mean = new double[x.length];
        double[] deviation = new double[x.length];
        for (int c = 0; c < x.length; c++) {
            mean[c] = Measured.rate(x[c], sample.weight());
            double[] squared = new double[sample.size()];
            for (int i = 0; i < squared.length; i++) {
                squared[i] = (x[c][i] - mean[c]) * (x[c][i] - mean[c]);
            }
            deviation[c] = Math.sqrt(Measured.rate(squared, sample.weight()));
        }
        standardise(x, mean, deviation);
        return new RawLogistic(preparation, mean, deviation, Logistic.fit(x, sample.bad(), sample.weight(), ridge));
    }

    private static void standardise(double[][] x, double[] mean, double[] deviation) {
        for (int c = 0; c < x.length; c++) {
            for (int i = 0; i < x[c].length; i++) {
                x[c][i] = deviation[c] == 0 ? 0 : (x[c][i] - mean[c]) / deviation[c];
            }
        }
    }

    @Override
    public boolean logistic() {
        return true;
    }

    @Override
    public double[] scores(List<Values> values, int cases) {
        return fit.logOdds(columns(values, cases), cases);
    }

    /** A variable of several columns is there once a column. */
    @Override
    public Parts parts(List<Values> values, int cases) {
        return fit.parts(
                preparation.columns().stream().map(Preparation.Column::variable).toList(), columns(values, cases));
    }

    private double[][] columns(List<Values> values, int cases) {
        double[][] x = preparation.apply(values, cases);
        standardise(x, mean, deviation);
        return x;
    }
}
