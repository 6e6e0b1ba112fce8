package banyan.models.learned;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * A logistic regression by iteratively reweighted least squares with case weights and a ridge (McCullagh and Nelder 1989; le Cessie
 * and van Houwelingen 1992): the log odds of a bad case are {@code intercept + Σ coefficient·x}.
 *
 * @param intercept of the log odds; the ridge does not touch it
 * @param coefficients one a column
 * @param errors standard error of the intercept, then of each coefficient: √ of the diagonal of the inverse information, ridge included
 * @param rounds how many steps it took
 * @param separated a column, or some of them together, tells bad from good without fault: coefficients are then as large as the ridge
 *     or the last step left them, and their errors mean nothing
 */
public record Logistic(double intercept, double[] coefficients, double[] errors, int rounds, boolean separated) {
    private static final int ROUNDS = 50;
    private static final double SETTLED = 1e-10;
    /** Log odds of a column by more than this much a unit are taken for separation. */
    private static final double STEEP = 15;

    private static final NormalDistribution NORMAL = new NormalDistribution();

    /**
     * @param x [column][case], finite
     * @param bad 1 or 0 a case
     * @param weight of each case
     * @param ridge λ of the penalty λ/2·Σ coefficient², not below 0; with 0 a column that follows from others is left at 0
     */
    public static Logistic fit(double[][] x, double[] bad, double[] weight, double ridge) {
        return fit(x, bad, weight, ridge, new double[bad.length]);
    }

    /**
     * The same beside what is known: the log odds are {@code offset + intercept + Σ coefficient·x}.
     *
     * @param offset of each case
     */
    static Logistic fit(double[][] x, double[] bad, double[] weight, double ridge, double[] offset) {
        int p = x.length + 1;
        int n = bad.length;
        double[] beta = new double[p];
        double share = Measured.rate(bad, weight);
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException("Cannot fit: of " + n + " cases " + (share > 0 ? "all" : "none")
                    + " are bad; both kinds are needed.");
        }
        beta[0] = Math.log(share / (1 - share));
        double[] odds = odds(new double[0][], beta, offset);
        double loss = loss(odds, beta, bad, weight, ridge);
        Cholesky factor = null;
        int round = 0;
        boolean settled = false;
        while (round < ROUNDS && !settled) {
            round++;
            double[] gradient = new double[p];
            factor = new Cholesky(information(x, odds, beta, bad, weight, ridge, gradient));
            double[] step = factor.solve(gradient);
            double[] next = new double[p];
            double[] nextOdds = null;
            double nextLoss = Double.POSITIVE_INFINITY;
            // A step that overshoots is halved: loss never rises.
            for (int half = 0; half < 30 && !(nextLoss <= loss + 1e-12 * Math.abs(loss)); half++) {
                double part = Math.scalb(1.0, -half);
                for (int k = 0; k < p; k++) {
                    next[k] = beta[k] + part * step[k];
                }
                nextOdds = odds(x, next, offset);
                nextLoss = loss(nextOdds, next, bad, weight, ridge);
            }
            settled = Math.abs(loss - nextLoss) <= SETTLED * 1e-2 * (Math.abs(loss) + 1) && largest(step) < 1e-8;
            beta = next;
            odds = nextOdds;
            loss = nextLoss;
        }
        factor = new Cholesky(information(x, odds, beta, bad, weight, ridge, new double[p]));
        boolean steep = Arrays.stream(beta).skip(1).anyMatch(b -> Math.abs(b) > STEEP);
        return new Logistic(beta[0], Arrays.copyOfRange(beta, 1, p), factor.errors(), round, steep || !settled);
    }

    private static double largest(double[] step) {
        return Arrays.stream(step).map(Math::abs).max().orElse(0);
    }

    private static double[] odds(double[][] x, double[] beta, double[] offset) {
        int n = offset.length;
        double[] odds = Arrays.stream(offset).map(o -> o + beta[0]).toArray();
        for (int k = 0; k < x.length; k++) {
            double b = beta[k + 1];
            double[] column = x[k];
            for (int i = 0; i < n; i++) {
                odds[i] += b * column[i];
            }
        }
        return odds;
    }

    /** Minus the log likelihood, and the penalty. */
    private static double loss(double[] odds, double[] beta, double[] bad, double[] weight, double ridge) {
        double loss = 0;
        for (int i = 0; i < odds.length; i++) {
            double signed = bad[i] == 1 ? -odds[i] : odds[i];
            loss += weight[i] * (signed > 0 ? signed + Math.log1p(Math.exp(-signed)) : Math.log1p(Math.exp(signed)));
        }
        for (int k = 1; k < beta.length; k++) {
            loss += ridge / 2 * beta[k] * beta[k];
        }
        return loss;
    }

    /** The information matrix, lower triangle; the gradient goes into {@code gradient}. */
    private static double[][] information(
            double[][] x,
            double[] odds,
            double[] beta,
            double[] bad,
            double[] weight,
            double ridge,
            double[] gradient) {
        int p = beta.length;
        int n = odds.length;
        double[] v = new double[n];
        double[] r = new double[n];
        for (int i = 0; i < n; i++) {
            double mu = probability(odds[i]);
            v[i] = weight[i] * mu * (1 - mu);
            r[i] = weight[i] * (bad[i] - mu);
        }
        double[][] h = new double[p][p];
        // Each row is one thread's, so that sums come out the same however many there are.
        IntStream.range(0, p).parallel().forEach(a -> {
            double[] scaled = new double[n];
            double[] first = a == 0 ? null : x[a - 1];
            for (int i = 0; i < n; i++) {
                double xa = first == null ? 1 : first[i];
                scaled[i] = v[i] * xa;
                gradient[a] += r[i] * xa;
            }
            for (int b = 0; b <= a; b++) {
                double[] second = b == 0 ? null : x[b - 1];
                double sum = 0;
                for (int i = 0; i < n; i++) {
                    sum += second == null ? scaled[i] : scaled[i] * second[i];
                }
                h[a][b] = sum;
            }
            if (a > 0) {
                h[a][a] += ridge;
                gradient[a] -= ridge * beta[a];
            }
        });
        return h;
    }

    /** 1 ÷ (1 + e^−odds). */
    public static double probability(double logOdds) {
        return 1 / (1 + Math.exp(-logOdds));
    }

    /** Log odds of each case. */
    public double[] logOdds(double[][] x, int cases) {
        double[] beta = new double[coefficients.length + 1];
        beta[0] = intercept;
        System.arraycopy(coefficients, 0, beta, 1, coefficients.length);
        return odds(x, beta, new double[cases]);
    }

    /** What each column adds to the log odds of each case. */
    Parts parts(List<String> names, double[][] x) {
        double[][] parts = new double[x.length][];
        for (int k = 0; k < x.length; k++) {
            double coefficient = coefficients[k];
            parts[k] = Arrays.stream(x[k]).map(of -> coefficient * of).toArray();
        }
        return new Parts(intercept, names, parts);
    }

    /** Two-sided p of each coefficient being 0 (Wald). */
    public double[] pValues() {
        double[] p = new double[coefficients.length];
        for (int k = 0; k < p.length; k++) {
            double z = Math.abs(coefficients[k] / errors[k + 1]);
            p[k] = Double.isNaN(z) ? 1 : 2 * NORMAL.cumulativeProbability(-z);
        }
        return p;
    }

    /** L·Lᵀ of a matrix that is positive, but for columns that follow from earlier ones: those are left out. */
    private static final class Cholesky {
        private final double[][] l;
        private final boolean[] out;

        Cholesky(double[][] a) {
            int p = a.length;
            l = new double[p][p];
            out = new boolean[p];
            for (int j = 0; j < p; j++) {
                double d = a[j][j];
                for (int k = 0; k < j; k++) {
                    d -= l[j][k] * l[j][k];
                }
                if (!(d > 1e-11 * a[j][j])) {
                    out[j] = true;
                    Arrays.fill(l[j], 0);
                    continue;
                }
                l[j][j] = Math.sqrt(d);
                for (int i = j + 1; i < p; i++) {
                    double sum = a[i][j];
                    for (int k = 0; k < j; k++) {
                        sum -= l[i][k] * l[j][k];
                    }
                    l[i][j] = sum / l[j][j];
                }
            }
        }

        double[] solve(double[] right) {
            int p = l.length;
            double[] y = new double[p];
            for (int i = 0; i < p; i++) {
                double sum = right[i];
                for (int k = 0; k < i; k++) {
                    sum -= l[i][k] * y[k];
                }
                y[i] = out[i] ? 0 : sum / l[i][i];
            }
            for (int i = p - 1; i >= 0; i--) {
                double sum = y[i];
                for (int k = i + 1; k < p; k++) {
                    sum -= out[k] ? 0 : l[k][i] * y[k];
                }
                y[i] = out[i] ? 0 : sum / l[i][i];
            }
            return y;
        }

        double[] errors() {
            int p = l.length;
            double[] errors = new double[p];
            for (int i = 0; i < p; i++) {
                double[] unit = new double[p];
                unit[i] = 1;
                errors[i] = out[i] ? Double.NaN : Math.sqrt(solve(unit)[i]);
            }
            return errors;
        }
    }
}
