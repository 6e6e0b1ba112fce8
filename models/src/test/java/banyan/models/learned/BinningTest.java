package banyan.models.learned;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import banyan.models.learned.Binning.Cut;
import banyan.models.learned.Binning.Rules;
import banyan.models.learned.Binning.Trend;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Published figures, every cut of small cases by hand, and what must not change the cut. */
class BinningTest {

    /**
     * OptBinning 1.0.0 with its defaults and the trend or limit given, on mean radius of the breast-cancer data (UCI WDBC, CC BY 4.0), event
     * benign; its edges are such of float32, ours the nearest to the midpoint. Its {@code auto} took descending.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "auto       | 0 | 1    | 11.425,12.33,13.095,13.705,15.045,16.925 | 5.043925466321346",
                "descending | 0 | 1    | 11.425,12.33,13.095,13.705,15.045,16.925 | 5.043925466321346",
                "peak       | 0 | 1    | 11.425,12.33,13.095,13.705,15.045,16.925 | 5.043925466321346",
                "valley     | 0 | 1    | 11.425,12.33,13.095,13.705,15.045,16.925 | 5.043925466321346",
                "none       | 0 | 1    | 11.425,12.33,12.775,13.095,13.705,14.255,15.045,16.925 | 5.06250846311411",
                "auto       | 0 | 0.05 | 12.33,13.095,15.045,16.925 | 5.008900160240071",
                "none       | 0 | 0.05 | 12.33,13.095,15.045,16.925 | 5.008900160240071",
                "auto       | 3 | 1    | 13.095,16.925 | 4.5029393467965475"
            })
    void optBinningsFigures(String trend, int bins, double pValue, String cuts, double iv) throws IOException {
        Bins found =
                radius(Bins.Manner.OPTBINNING.trend(trend(trend)).bins(bins).pValue(pValue));
        assertThat(found.cuts()).containsExactly(numbers(cuts), within(1e-12));
        assertThat(found.objective()).isCloseTo(iv, within(1e-12));
        assertThat(found.iv()).isCloseTo(iv, within(1e-12));
    }

    /** The tutorial of OptBinning: splits of one's own, and neighbours that differ at 5 %. */
    @Test
    void splitsOfOnesOwn() throws IOException {
        double[][] radius = read();
        double[] splits = numbers("11,12,13,14,15,17");
        double[] piece = Arrays.stream(radius[0])
                .map(x -> Arrays.stream(splits).filter(split -> split <= x).count())
                .toArray();
        Atoms atoms = Atoms.of(piece, radius[1], ones(piece.length), 10);
        Cut cut = Binning.best(atoms, new Rules(Trend.AUTO, 0, 0, 0, 0.05));
        assertThat(cut.starts()).containsExactly(0, 3, 5, 6); // 13, 15, 17
        assertThat(cut.iv()).isCloseTo(4.819661314733627, within(1e-12));
    }

    private static Bins radius(Bins.Manner manner) throws IOException {
        double[][] radius = read();
        return Bins.of(new Values.Numbers("mean_radius", radius[0]), radius[1], ones(radius[0].length), manner);
    }

    private static double[][] read() throws IOException {
        try (InputStream in = BinningTest.class.getResourceAsStream("/figures/breast-cancer.csv")) {
            List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .skip(1)
                    .toList();
            return new double[][] {
                lines.stream()
                        .mapToDouble(l -> Double.parseDouble(l.split(",")[0]))
                        .toArray(),
                lines.stream()
                        .mapToDouble(l -> Double.parseDouble(l.split(",")[1]))
                        .toArray()
            };
        }
    }

    /** Every cut of up to 10 atoms under random rules: the same value, the same number of bins, the same edges. */
    @ParameterizedTest
    @EnumSource(
            value = Trend.class,
            names = {"NONE", "ASCENDING", "DESCENDING", "PEAK", "VALLEY"})
    void everyCutByHand(Trend trend) {
        Random random = new Random(trend.ordinal());
        for (int trial = 0; trial < 500; trial++) {
            int n = 1 + random.nextInt(10);
            boolean whole = random.nextBoolean();
            double[] bad = drawn(random, n, whole);
            double[] good = drawn(random, n, whole);
            double[] squares = new double[n];
            for (int i = 0; i < n; i++) {
                squares[i] = bad[i] + good[i];
            }
            Atoms atoms = Atoms.ordered(bad, good, squares);
            Rules rules = new Rules(
                    trend,
                    random.nextInt(3) * 3.0,
                    random.nextInt(3),
                    random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 0,
                    random.nextInt(3) == 0 ? 0.3 : 1);
            Cut cut = Binning.best(atoms, rules);
            Cut hand = byHand(atoms, rules);
            assertThat(cut.feasible()).as("trial %d", trial).isEqualTo(hand.feasible());
            assertThat(cut.iv()).as("trial %d", trial).isCloseTo(hand.iv(), within(1e-9));
            assertThat(cut.starts()).as("trial %d", trial).isEqualTo(hand.starts());
        }
    }

    private static double[] drawn(Random random, int n, boolean whole) {
        return IntStream.range(0, n)
                .mapToDouble(i -> whole ? random.nextInt(6) : random.nextInt(5) == 0 ? 0 : random.nextDouble() * 5)
                .toArray();
    }

    private static Cut byHand(Atoms atoms, Rules rules) {
        int n = atoms.size();
        Cut best = new Cut(new int[] {0}, rules.trend(), 0, false);
        for (int mask = 0; mask < 1 << (n - 1); mask++) {
            int[] starts = new int[Integer.bitCount(mask) + 1];
            for (int i = 1, k = 1; i < n; i++) {
                if ((mask >> (i - 1) & 1) == 1) {
                    starts[k++] = i;
                }
            }
            Atoms joined = atoms.joined(starts);
            if (!allowed(joined, rules)) {
                continue;
            }
            double iv = iv(joined);
            boolean level = Math.abs(iv - best.iv()) <= 1e-12;
            boolean fewer = starts.length < best.starts().length
                    || starts.length == best.starts().length && Arrays.compare(starts, best.starts()) < 0;
            if (!best.feasible() || iv > best.iv() + 1e-12 || level && fewer) {
                best = new Cut(starts, rules.trend(), iv, true);
            }
        }
        return best;
    }

    private static double iv(Atoms atoms) {
        double bad = Arrays.stream(atoms.bad()).sum();
        double good = Arrays.stream(atoms.good()).sum();
        double iv = 0;
        for (int i = 0; i < atoms.size(); i++) {
            double p = atoms.bad()[i] / bad;
            double q = atoms.good()[i] / good;
            iv += (p - q) * Math.log(p / q);
        }
        return iv;
    }

    private static boolean allowed(Atoms atoms, Rules rules) {
        int n = atoms.size();
        double[] rate = new double[n];
        double[] weight = new double[n];
        for (int i = 0; i < n; i++) {
            double bad = atoms.bad()[i];
            double good = atoms.good()[i];
            weight[i] = bad + good;
            rate[i] = bad / weight[i];
            if (!(bad > 0 && good > 0) || weight[i] < rules.size() || bad < rules.events() || good < rules.events()) {
                return false;
            }
        }
        if (rules.bins() > 0 && n > rules.bins()) {
            return false;
        }
        int ups = 0;
        int downs = 0;
        boolean peak = true;
        boolean valley = true;
        for (int i = 1; i < n; i++) {
            if (rates(rate[i - 1], rate[i]) > 0) {
                ups++;
                peak &= downs == 0;
            } else if (rates(rate[i - 1], rate[i]) < 0) {
                downs++;
                valley &= ups == 0;
            }
            if (rules.pValue() < 1) {
                double first = weight[i - 1] * weight[i - 1] / atoms.squares()[i - 1];
                double second = weight[i] * weight[i] / atoms.squares()[i];
                double pooled = (first * rate[i - 1] + second * rate[i]) / (first + second);
                double z =
                        Math.abs(rate[i] - rate[i - 1]) / Math.sqrt(pooled * (1 - pooled) * (1 / first + 1 / second));
                if (z < 1.0364333894937898) { // the 0.85 quantile
                    return false;
                }
            }
        }
        return switch (rules.trend()) {
            case NONE -> true;
            case ASCENDING -> downs == 0;
            case DESCENDING -> ups == 0;
            case PEAK -> peak;
            case VALLEY -> valley;
            case MONOTONE, AUTO -> throw new IllegalArgumentException();
        };
    }

    private static int rates(double before, double after) {
        return Double.compare(after, before);
    }

    /** What happens to the values in order, twice the cases, and the other label leave the cut where it was. */
    @Test
    void whatMustNotChangeTheCut() {
        Random random = new Random(7);
        for (int trial = 0; trial < 40; trial++) {
            int n = 200 + random.nextInt(300);
            double[] x = IntStream.range(0, n)
                    .mapToDouble(i -> random.nextInt(40) / 4.0)
                    .toArray();
            double[] bad = Arrays.stream(x)
                    .map(v -> random.nextDouble() < 0.1 + 0.06 * v ? 1 : 0)
                    .toArray();
            for (Trend trend : List.of(Trend.ASCENDING, Trend.PEAK, Trend.NONE, Trend.AUTO)) {
                Rules rules = new Rules(trend, n * 0.05, 0, trial % 3 == 0 ? 4 : 0, 1);
                Atoms atoms = Atoms.of(x, bad, ones(n), 500);
                Cut cut = Binning.best(atoms, rules);

                double[] grown = Arrays.stream(x).map(Math::exp).toArray();
                assertThat(Binning.best(Atoms.of(grown, bad, ones(n), 500), rules)
                                .starts())
                        .isEqualTo(cut.starts());

                Rules doubled = new Rules(trend, n * 0.1, 0, rules.bins(), 1);
                assertThat(Binning.best(Atoms.of(x, bad, weights(n, 2), 500), doubled)
                                .starts())
                        .isEqualTo(cut.starts());
                assertThat(Binning.best(Atoms.of(twice(x), twice(bad), ones(2 * n), 500), doubled)
                                .starts())
                        .isEqualTo(cut.starts());

                double[] other = Arrays.stream(bad).map(b -> 1 - b).toArray();
                Cut mirrored = Binning.best(Atoms.of(x, other, ones(n), 500), rules.with(mirror(trend)));
                assertThat(mirrored.starts()).isEqualTo(cut.starts());
                assertThat(mirrored.iv()).isCloseTo(cut.iv(), within(1e-12));

                Integer[] order = IntStream.range(0, n).boxed().toArray(Integer[]::new);
                Collections.shuffle(Arrays.asList(order), random);
                double[] shuffledX = Arrays.stream(order).mapToDouble(i -> x[i]).toArray();
                double[] shuffledBad =
                        Arrays.stream(order).mapToDouble(i -> bad[i]).toArray();
                Atoms shuffled = Atoms.of(shuffledX, shuffledBad, ones(n), 500);
                assertThat(Binning.best(shuffled, rules))
                        .usingRecursiveComparison()
                        .isEqualTo(cut);
            }
        }
    }

    private static Trend mirror(Trend trend) {
        return switch (trend) {
            case ASCENDING -> Trend.DESCENDING;
            case DESCENDING -> Trend.ASCENDING;
            case PEAK -> Trend.VALLEY;
            case VALLEY -> Trend.PEAK;
            case NONE, MONOTONE, AUTO -> trend;
        };
    }

    /** Seen from the other end the bins are the same, with the trend the other way round. */
    @Test
    void fromTheOtherEnd() {
        Random random = new Random(11);
        for (int trial = 0; trial < 100; trial++) {
            int n = 2 + random.nextInt(30);
            double[] bad = random.doubles(n, 0.1, 5).toArray();
            double[] good = random.doubles(n, 0.1, 5).toArray();
            double[] one = ones(n);
            Cut up = Binning.best(Atoms.ordered(bad, good, one), new Rules(Trend.ASCENDING, 0, 0, 0, 1));
            Cut down = Binning.best(
                    Atoms.ordered(reversed(bad), reversed(good), one), new Rules(Trend.DESCENDING, 0, 0, 0, 1));
            assertThat(down.iv()).isCloseTo(up.iv(), within(1e-9));
            List<Integer> ends = new ArrayList<>();
            for (int k = down.starts().length - 1; k >= 0; k--) {
                int after = k + 1 < down.starts().length ? down.starts()[k + 1] : n;
                ends.add(n - after);
            }
            assertThat(ends).isEqualTo(Arrays.stream(up.starts()).boxed().toList());
        }
    }

    /** Where it is cut for auto, a bend must be worth its while. */
    @Test
    void aBendMustBeWorthItsWhile() {
        Atoms hardly =
                Atoms.ordered(new double[] {10, 20, 30, 40, 39.9}, new double[] {90, 80, 70, 60, 60.1}, new double[] {
                    100, 100, 100, 100, 100
                });
        assertThat(Binning.best(hardly, new Rules(Trend.AUTO, 0, 0, 0, 1)).trend())
                .isEqualTo(Trend.ASCENDING);
        Atoms plainly =
                Atoms.ordered(new double[] {10, 30, 40, 30, 10}, new double[] {90, 70, 60, 70, 90}, new double[] {
                    100, 100, 100, 100, 100
                });
        Cut cut = Binning.best(plainly, new Rules(Trend.AUTO, 0, 0, 0, 1));
        assertThat(cut.trend()).isEqualTo(Trend.PEAK);
        assertThat(cut.starts()).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void tooManyValuesArePutTogether() {
        double[] x = IntStream.range(0, 10_000).mapToDouble(i -> i).toArray();
        double[] bad =
                IntStream.range(0, 10_000).mapToDouble(i -> i % 3 == 0 ? 1 : 0).toArray();
        Atoms atoms = Atoms.of(x, bad, ones(10_000), 500);
        assertThat(atoms.size()).isEqualTo(500);
        for (int i = 0; i < 500; i++) {
            assertThat(atoms.bad()[i] + atoms.good()[i]).isEqualTo(20);
        }
        assertThat(atoms.from()[1]).isEqualTo(19.5);
    }

    @Test
    void tooLargeATableIsRefused() {
        double[] some = ones(1000);
        Atoms atoms = Atoms.ordered(some, some, some);
        assertThatThrownBy(() -> Binning.best(atoms, new Rules(Trend.ASCENDING, 0, 0, 100, 1)))
                .hasMessageContaining("Cannot cut 1000 pieces into at most 100 bins");
    }

    @Test
    void rulesThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> new Rules(Trend.NONE, 0, 0, 0, 0)).hasMessageContaining("p 0.0 in (0, 1]");
        assertThatThrownBy(() -> new Rules(Trend.NONE, Double.NaN, 0, 0, 1)).hasMessageContaining("NaN");
    }

    private static Trend trend(String name) {
        return Trend.valueOf(name.toUpperCase(Locale.ROOT));
    }

    private static double[] numbers(String list) {
        return Arrays.stream(list.split(",")).mapToDouble(Double::parseDouble).toArray();
    }

    static double[] ones(int n) {
        return weights(n, 1);
    }

    private static double[] weights(int n, double weight) {
        double[] weights = new double[n];
        Arrays.fill(weights, weight);
        return weights;
    }

    private static double[] twice(double[] x) {
        double[] twice = Arrays.copyOf(x, 2 * x.length);
        System.arraycopy(x, 0, twice, x.length, x.length);
        return twice;
    }

    private static double[] reversed(double[] x) {
        return IntStream.range(0, x.length)
                .mapToDouble(i -> x[x.length - 1 - i])
                .toArray();
    }
}
