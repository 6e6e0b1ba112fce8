package banyan.models.learned;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import banyan.models.learned.Bins.Kind;
import banyan.models.learned.Bins.Manner;
import banyan.models.learned.Bins.Missing;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Bins of numbers and words with all that is not plain, and the card that is made of them. */
class ScorecardTest {

    /** 200 cases: 100 plain, 60 of code −9 (frequent), 4 of code −8 (rare), 36 missing. */
    private static Bins numbers(Missing missing) {
        double[] x = new double[200];
        double[] bad = new double[200];
        for (int i = 0; i < 200; i++) {
            x[i] = i < 100 ? i / 10 : i < 160 ? -9 : i < 164 ? -8 : Double.NaN;
            bad[i] = i < 100 ? (i % 10 < i / 20 + 1 ? 1 : 0) : i < 160 ? (i % 2) : i < 164 ? 0 : i % 3 == 0 ? 1 : 0;
        }
        Manner manner = Manner.CARD.specials(-7, -8, -9).missing(missing);
        return Bins.of(new Values.Numbers("x", x), bad, BinningTest.ones(200), manner);
    }

    @Test
    void codesAndGapsHaveBinsOfTheirOwn() {
        Bins bins = numbers(Missing.EMPIRICAL);
        int plain = bins.cuts().length + 1;
        assertThat(bins.bins()).extracting(Bins.Bin::kind).endsWith(Kind.SPECIAL, Kind.OTHER, Kind.MISSING);
        assertThat(bins.bins()).hasSize(plain + 3);
        assertThat(bins.bins().stream().mapToDouble(b -> b.bad() + b.good()).sum())
                .isEqualTo(200);
        Bins.Bin code = bins.bins().get(plain);
        assertThat(code.code()).isEqualTo(-9);
        assertThat(code.bad() + code.good()).isEqualTo(60);
        assertThat(bins.indexOf(-9)).isEqualTo(plain);
        assertThat(bins.indexOf(-8)).as("a rare code").isEqualTo(plain + 1);
        assertThat(bins.indexOf(-7)).as("a code never seen").isEqualTo(plain + 1);
        assertThat(bins.indexOf(Double.NaN)).isEqualTo(plain + 2);
        assertThat(bins.indexOf(-100)).as("below all").isZero();
        assertThat(bins.indexOf(100)).as("above all").isEqualTo(plain - 1);
        for (int k = 0; k < bins.cuts().length; k++) {
            assertThat(bins.indexOf(bins.cuts()[k])).as("on an edge").isEqualTo(k + 1);
            assertThat(bins.indexOf(Math.nextDown(bins.cuts()[k]))).isEqualTo(k);
        }
        double[] all = {-9, -8, Double.NaN, 3, 9.9};
        int[] index = bins.index(new Values.Numbers("x", all));
        for (int i = 0; i < all.length; i++) {
            assertThat(index[i]).isEqualTo(bins.indexOf(all[i]));
        }
    }

    @Test
    void whatAMissingValueIsWorth() {
        Bins empirical = numbers(Missing.EMPIRICAL);
        double[] worth = empirical.worth();
        int last = worth.length - 1;
        assertThat(worth[last]).isEqualTo(empirical.bins().get(last).woe()).isNotZero();
        assertThat(numbers(Missing.NEUTRAL).worth()[last]).isZero();
        assertThat(numbers(Missing.WORST).worth()[last])
                .isEqualTo(Arrays.stream(worth, 0, last).max().getAsDouble());
    }

    /** ln(share of bad ÷ share of good); where a bin lacks one of both, one case more that is bad at the rate of all. */
    @Test
    void weightOfEvidenceByHand() {
        assertThat(Bins.woe(30, 10, 60, 40)).isCloseTo(Math.log((30 / 60.0) / (10 / 40.0)), within(1e-12));
        assertThat(Bins.woe(0, 10, 60, 40)).isCloseTo(Math.log((0.6 / 60) / (10.4 / 40)), within(1e-12));
        assertThat(Bins.woe(5, 0, 60, 40)).isCloseTo(Math.log((5.6 / 60) / (0.4 / 40)), within(1e-12));
        assertThat(Bins.woe(0, 0, 60, 40)).isZero();
        assertThat(Bins.woe(0, 10, 0, 40)).isZero();
        assertThat(Bins.woe(0, 30, 20, 2000))
                .as("thirty good cases where one in a hundred is bad")
                .isNegative();
    }

    /** Words in the order of their rates; those below 1 % together, with those never seen. */
    @Test
    void words() {
        String[] words = new String[1000];
        double[] bad = new double[1000];
        for (int i = 0; i < 1000; i++) {
            words[i] = i < 300 ? "low" : i < 600 ? "middle" : i < 900 ? "high" : i < 905 ? "rare" : null;
            bad[i] = i % 10 < (i < 300 ? 1 : i < 600 ? 4 : i < 900 ? 7 : 5) ? 1 : 0;
        }
        Bins bins = Bins.of(new Values.Words("w", words), bad, BinningTest.ones(1000), Manner.CARD);
        assertThat(bins.groups()).containsExactly(List.of("low"), List.of("middle"), List.of("high"));
        assertThat(bins.index(new Values.Words("w", new String[] {"high", "rare", "new", null, "low"})))
                .containsExactly(2, 3, 3, 4, 0);
        assertThat(bins.bins().get(3).bad() + bins.bins().get(3).good()).isEqualTo(5);
    }

    /** What was written down after the outcome is told, whichever way round, as a number or a word; what is weak is not. */
    @Test
    void leaks() {
        Random random = new Random(6);
        int n = 1000;
        double[] bad =
                IntStream.range(0, n).mapToDouble(i -> i % 5 == 0 ? 1 : 0).toArray();
        double[] paid = Arrays.stream(bad).map(b -> 1 - b).toArray();
        double[] near =
                Arrays.stream(bad).map(b -> b + 0.6 * random.nextGaussian()).toArray();
        double[] weak =
                Arrays.stream(bad).map(b -> b + 4 * random.nextGaussian()).toArray();
        String[] word =
                Arrays.stream(bad).mapToObj(b -> b == 1 ? "closed" : "open").toArray(String[]::new);
        String[] unique = IntStream.range(0, n).mapToObj(i -> "u" + i).toArray(String[]::new);
        Sample sample = Sample.of(
                List.of(
                        new Values.Numbers("paid", paid),
                        new Values.Numbers("near", near),
                        new Values.Numbers("weak", weak),
                        new Values.Words("word", word),
                        new Values.Words("unique", unique)),
                bad);
        assertThat(Leak.of(sample, Manner.CARD))
                .extracting(l -> l.substring(0, l.indexOf(' ')))
                .containsExactly("paid", "near", "word");
    }

    @Test
    void whatCannotBeCutSaysWhy() {
        double[] bad = {1, 0, 1, 0};
        double[] one = BinningTest.ones(4);
        assertThat(Bins.of(new Values.Numbers("x", new double[] {7, 7, 7, 7}), bad, one, Manner.CARD)
                        .status())
                .isEqualTo("one value only");
        double[] gaps = {Double.NaN, Double.NaN, Double.NaN, Double.NaN};
        Bins none = Bins.of(new Values.Numbers("x", gaps), bad, one, Manner.CARD);
        assertThat(none.status()).startsWith("no value");
        assertThat(none.iv()).isZero();
        assertThat(none.worth()[none.indexOf(3)])
                .as("a number where there were none")
                .isZero();
        assertThat(Bins.of(new Values.Words("w", new String[4]), bad, one, Manner.CARD)
                        .iv())
                .isZero();
        String[] unique = {"a", "b", "c", "d"};
        assertThat(Bins.of(new Values.Words("w", unique), bad, one, Manner.CARD).status())
                .isNotEqualTo("cut");
        assertThatThrownBy(() -> new Values.Numbers("x", new double[] {1 / 0.0}))
                .hasMessageContaining("Infinity");
    }

    /**
     * The card is the most likely one without a coefficient below 0: likelihood rises in no direction that is allowed (Karush, Kuhn and
     * Tucker), on columns so alike that a plain fit has signs both ways.
     */
    @Test
    void noCoefficientIsBelowZeroAndNoneIsMissed() {
        Random random = new Random(4);
        int leftOut = 0;
        for (int trial = 0; trial < 20; trial++) {
            int n = 400;
            double[][] x = new double[8][n];
            double[] bad = new double[n];
            for (int i = 0; i < n; i++) {
                double common = random.nextGaussian();
                for (int c = 0; c < 8; c++) {
                    x[c][i] = common + 0.5 * random.nextGaussian();
                }
                bad[i] = random.nextDouble() < Logistic.probability(common) ? 1 : 0;
            }
            List<Values> values = IntStream.range(0, 8)
                    .mapToObj(c -> (Values) new Values.Numbers("x" + c, x[c]))
                    .toList();
            Sample sample = Sample.of(values, bad);
            Scorecard card = Scorecard.fit(sample, Manner.CARD, 1);
            assertThat(Arrays.stream(card.fit().coefficients())).allMatch(c -> c > 0);
            assertThat(card.variables().size() + card.leftOut().size()).isEqualTo(8);
            double[] p = card.probability(values, n);
            for (Scorecard.LeftOut out : card.leftOut()) {
                leftOut++;
                Values of = Model.named(values, out.variable());
                Bins bins = Bins.of(of, bad, sample.weight(), Manner.CARD);
                double[] worth = bins.worth();
                int[] index = bins.index(of);
                double slope = 0;
                for (int i = 0; i < n; i++) {
                    slope += (bad[i] - p[i]) * worth[index[i]];
                }
                assertThat(slope).as("%s in trial %d", out, trial).isLessThanOrEqualTo(1e-5);
            }
        }
        assertThat(leftOut).isPositive();
    }

    /** A case of weight 2 is two cases. */
    @Test
    void aWeightIsSoManyCases() {
        Random random = new Random(5);
        double[] x =
                IntStream.range(0, 300).mapToDouble(i -> random.nextInt(20)).toArray();
        double[] bad =
                Arrays.stream(x).map(v -> random.nextDouble() < v / 25 ? 1 : 0).toArray();
        double[] weight = IntStream.range(0, 300).mapToDouble(i -> 1 + i % 2).toArray();
        int[] rows = IntStream.range(0, 300)
                .flatMap(i -> IntStream.range(0, 1 + i % 2).map(k -> i))
                .toArray();
        Sample weighted = new Sample(List.of(new Values.Numbers("x", x)), bad, weight);
        Sample many = Sample.of(weighted.variables(), bad).at(rows);
        Scorecard one = Scorecard.fit(weighted, Manner.CARD, 1);
        Scorecard other = Scorecard.fit(many, Manner.CARD, 1);
        assertThat(one.variables().get(0).cuts())
                .isEqualTo(other.variables().get(0).cuts());
        assertThat(one.fit().coefficients()[0]).isCloseTo(other.fit().coefficients()[0], within(1e-9));
    }
}
