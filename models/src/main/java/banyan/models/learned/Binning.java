package banyan.models.learned;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.NormalDistribution;
import smile.sort.QuickSort;

/**
 * The cut of a variable's atoms into bins that has the highest information value of all cuts within the rules: exact, by dynamic
 * programming over the first bin of what is left. Information value is Σ (p − q)·ln(p/q), with p and q a bin's share of all bad and
 * of all good cases (Kullback 1959; Siddiqi 2006).
 *
 * <p>A state is a bin of atoms i … j together with the side of the turning point it lies on; its value is that of the best cut of the
 * atoms from i on that begins with it. What may follow a bin depends on that bin alone, so that nothing is lost. Where two cuts are
 * within 1e-12 of each other the one with fewer bins is taken, and then the one whose first differing edge is lower.
 */
public final class Binning {
    private static final double TIE = 1e-12;
    /** Bins a table may hold, of 32 bytes each. */
    private static final long CELLS = 25_000_000;

    private static final NormalDistribution NORMAL = new NormalDistribution();

    private Binning() {}

    /** How the share of bad cases may go from bin to bin; in all but {@code none} equal neighbours are allowed. */
    public enum Trend {
        NONE,
        ASCENDING,
        DESCENDING,
        /** Up, then down; either may be missing. */
        PEAK,
        /** Down, then up; either may be missing. */
        VALLEY,
        /** The better of ascending and descending. */
        MONOTONE,
        /** The better of ascending and descending, unless a peak or valley is better by more than 2 % and by more than 0.005. */
        AUTO;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param trend how the share of bad cases goes
     * @param size weight a bin must have
     * @param events weight of bad cases, and of good ones, that a bin must have; where 0, each must still be above 0
     * @param bins bins at most, 0 for no limit
     * @param pValue the share of bad cases of two neighbours must differ at this level by a pooled test of two proportions; 1 for no test
     */
    public record Rules(Trend trend, double size, double events, int bins, double pValue) {
        public Rules {
            if (!(size >= 0) || !(events >= 0) || bins < 0 || !(pValue > 0 && pValue <= 1)) {
                throw new IllegalArgumentException("Cannot bin: sizes " + size + " and " + events + " and a limit of "
                        + bins + " bins must not be negative, and p " + pValue + " in (0, 1].");
            }
        }

        Rules with(Trend other) {
            return new Rules(other, size, events, bins, pValue);
        }
    }

    /**
     * @param starts the first atom of each bin, ascending, beginning with 0
     * @param trend the one that was solved for; never auto
     * @param iv information value of all bins
     * @param feasible whether any cut was within the rules; if not, there is one bin, with an information value of 0
     */
    public record Cut(int[] starts, Trend trend, double iv, boolean feasible) {}

    /** The best cut. */
    public static Cut best(Atoms atoms, Rules rules) {
        if (rules.trend() != Trend.AUTO && rules.trend() != Trend.MONOTONE) {
            return new Solver(atoms, rules).best();
        }
        Cut straight = better(best(atoms, rules.with(Trend.ASCENDING)), best(atoms, rules.with(Trend.DESCENDING)), 0);
        if (rules.trend() == Trend.MONOTONE) {
            return straight;
        }
        Cut bent = better(best(atoms, rules.with(Trend.PEAK)), best(atoms, rules.with(Trend.VALLEY)), 0);
        return better(straight, bent, Math.max(0.02 * straight.iv(), 0.005));
    }

    private static Cut better(Cut first, Cut second, double margin) {
        return second.feasible() && (!first.feasible() || second.iv() > first.iv() + margin + TIE) ? second : first;
    }

    /** What the best cut costs: O(n²·log n) to sort, and to look, bin by bin, for the best that may follow. */
    private static final class Solver {
        private final Rules rules;
        private final int n;
        private final double[] bad;
        private final double[] good;
        private final double[] squares;
        private final double z;
        /** [i][j] information value of the bin of atoms i … j; NaN where the rules refuse it. */
        private final double[][] value;
        /** [i][j] its share of bad cases. */
        private final double[][] rate;

        Solver(Atoms atoms, Rules rules) {
            this.rules = rules;
            this.n = atoms.size();
            this.bad = Atoms.sums(atoms.bad());
            this.good = Atoms.sums(atoms.good());
            this.squares = Atoms.sums(atoms.squares());
            this.z = rules.pValue() == 1 ? 0 : NORMAL.inverseCumulativeProbability(1 - rules.pValue() / 2);
            this.value = new double[n][n];
            this.rate = new double[n][n];
            for (int i = 0; i < n; i++) {
                for (int j = i; j < n; j++) {
                    double b = bad[j + 1] - bad[i];
                    double g = good[j + 1] - good[i];
                    boolean allowed =
                            b > 0 && g > 0 && b + g >= rules.size() && b >= rules.events() && g >= rules.events();
                    value[i][j] = allowed ? Bins.iv(b / bad[n], g / good[n]) : Double.NaN;
                    rate[i][j] = b / (b + g);
                }
            }
        }

        Cut best() {
            boolean bent = rules.trend() == Trend.PEAK || rules.trend() == Trend.VALLEY;
            int first = switch (rules.trend()) {
                case NONE, MONOTONE, AUTO -> 0;
                case ASCENDING, PEAK -> 1;
                case DESCENDING, VALLEY -> -1;
            };
            // Without a limit one layer holds cuts of any number of bins; with one, layer m holds those of m + 1 bins.
            double all = bad[n] + good[n];
            int most = rules.size() > 0 ? (int) Math.min(n, all / rules.size()) : n;
            boolean counted = rules.bins() > 0 && rules.bins() < most;
            int layers = counted ? rules.bins() : 1;
            if ((long) n * n * layers > CELLS) {
                throw new IllegalArgumentException("Cannot cut " + n + " pieces into at most " + layers
                        + " bins: that takes too much memory. Take fewer pieces or fewer bins.");
            }
            State nothing = new State(n);
            State[] before = new State[layers];
            State[] behind = new State[layers];
            for (int m = 0; m < layers; m++) {
                before[m] = new State(n);
                behind[m] = new State(n);
                boolean last = !counted || m == 0;
                State rest = !counted ? before[m] : m == 0 ? nothing : before[m - 1];
                State turned = !bent ? nothing : !counted ? behind[m] : m == 0 ? nothing : behind[m - 1];
                if (bent) {
                    fill(behind[m], turned, -first, nothing, last);
                }
                fill(before[m], rest, first, turned, last);
            }
            int layer = -1;
            int end = -1;
            for (int m = 0; m < layers; m++) {
                for (int j = 0; j < n; j++) {
                    boolean cut = before[m].next[0][j] != State.NOTHING;
                    if (cut && (end < 0 || before[m].beats(0, j, before[layer], end))) {
                        layer = m;
                        end = j;
                    }
                }
            }
            if (end < 0) {
                return new Cut(new int[] {0}, rules.trend(), 0, false);
            }
            double iv = before[layer].worth[0][end];
            return new Cut(starts(before, behind, layer, end, counted), rules.trend(), iv, true);
        }

        private int[] starts(State[] before, State[] behind, int layer, int end, boolean counted) {
            int[] starts = new int[n];
            int bins = 0;
            boolean turned = false;
            int m = layer;
            int i = 0;
            int j = end;
            while (true) {
                starts[bins++] = i;
                int next = (turned ? behind : before)[m].next[i][j];
                if (next == State.LAST) {
                    return Arrays.copyOf(starts, bins);
                }
                turned |= next % 2 == 1;
                m -= counted ? 1 : 0;
                i = j + 1;
                j = next / 2;
            }
        }

        /**
         * @param rest what may follow in the same direction
         * @param turned what may follow in the other one
         * @param last whether a bin may be the last
         */
        private void fill(State now, State rest, int direction, State turned, boolean last) {
            for (int i = n - 1; i >= 0; i--) {
                for (int j = i; j < n; j++) {
                    if (Double.isNaN(value[i][j])) {
                        continue;
                    }
                    if (j < n - 1) {
                        follow(now, rest, i, j, direction, 0);
                        follow(now, turned, i, j, -direction, 1);
                    } else if (last) {
                        now.set(i, j, value[i][j], 1, State.LAST);
                    }
                }
                now.sort(i);
            }
        }

        /** Looks for the best bin after i … j: the first in order of worth that may follow, and what ties with it. */
        private void follow(State now, State rest, int i, int j, int direction, int turns) {
            int begin = j + 1;
            double found = Double.NaN;
            for (int k : rest.order[begin]) {
                double worth = rest.worth[begin][k];
                if (!Double.isNaN(found) && worth < found - TIE) {
                    break;
                }
                double step = rate[begin][k] - rate[i][j];
                if (direction > 0 && step < 0 || direction < 0 && step > 0 || tooClose(i, j, k)) {
                    continue;
                }
                found = Double.isNaN(found) ? worth : found;
                double whole = value[i][j] + worth;
                int bins = rest.bins[begin][k] + 1;
                if (now.prefers(whole, bins, k, i, j)) {
                    now.set(i, j, whole, bins, 2 * k + turns);
                }
            }
        }

        /** Whether the shares of bad cases of i … j and of j + 1 … k are too much alike; weights count by their effective number. */
        private boolean tooClose(int i, int j, int k) {
            if (z == 0) {
                return false;
            }
            double first = effective(i, j);
            double second = effective(j + 1, k);
            double pooled = (rate[i][j] * first + rate[j + 1][k] * second) / (first + second);
            double error = Math.sqrt(pooled * (1 - pooled) * (1 / first + 1 / second));
            return Math.abs(rate[i][j] - rate[j + 1][k]) < z * error;
        }

        /** (Σw)²/Σw², Kish 1965. */
        private double effective(int i, int j) {
            double weight = bad[j + 1] - bad[i] + good[j + 1] - good[i];
            return weight * weight / (squares[j + 1] - squares[i]);
        }
    }

    /** [i][j]: the best cut of the atoms from i on whose first bin is i … j. */
    private static final class State {
        /** No further bin. */
        static final int LAST = -1;
        /** No cut within the rules. */
        static final int NOTHING = -2;

        final double[][] worth;
        final int[][] bins;
        /** Twice the last atom of the next bin, and 1 more where the trend turns there. */
        final int[][] next;
        /** [i] the j that have a cut, the best first. */
        final int[][] order;

        State(int n) {
            worth = new double[n][n];
            bins = new int[n][n];
            next = new int[n][n];
            order = new int[n][0];
            for (int[] row : next) {
                Arrays.fill(row, NOTHING);
            }
        }

        void set(int i, int j, double worth, int bins, int next) {
            this.worth[i][j] = worth;
            this.bins[i][j] = bins;
            this.next[i][j] = next;
        }

        void sort(int i) {
            int[] ends = IntStream.range(i, worth.length)
                    .filter(j -> next[i][j] != NOTHING)
                    .toArray();
            double[] keys = IntStream.of(ends).mapToDouble(j -> -worth[i][j]).toArray();
            QuickSort.sort(keys, ends);
            order[i] = ends;
        }

        boolean beats(int i, int j, State other, int otherEnd) {
            return better(worth[i][j], bins[i][j], other.worth[i][otherEnd], other.bins[i][otherEnd]);
        }

        /** Whether a cut that goes on with a bin up to k is better than the one known for i … j. */
        boolean prefers(double worth, int bins, int k, int i, int j) {
            if (next[i][j] == NOTHING || better(worth, bins, this.worth[i][j], this.bins[i][j])) {
                return true;
            }
            boolean level = !better(this.worth[i][j], this.bins[i][j], worth, bins);
            return level && k < next[i][j] / 2;
        }

        private static boolean better(double worth, int bins, double other, int otherBins) {
            return worth > other + TIE || worth >= other - TIE && bins < otherBins;
        }
    }
}
