package banyan.models.learned;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Cities in which it is known of every enterprise whether it is bad, whoever looks, and in which those who look choose. */
class SelectionTest {
    private static final int ENTERPRISES = 40_000;

    /** A city, and its truth. */
    private record City(Selection.Everybody everybody, double[] truth, double share) {}

    /**
     * @param seen how much those who choose go by x, which is known to us
     * @param tips how much they go by tip-offs, which are not
     */
    private static City city(long seed, double seen, double tips) {
        Random random = new Random(seed);
        double[] x = new double[ENTERPRISES];
        double[] bad = new double[ENTERPRISES];
        double[] truth = new double[ENTERPRISES];
        boolean[] looked = new boolean[ENTERPRISES];
        double[] drawn = new double[ENTERPRISES];
        String[] district = new String[ENTERPRISES];
        double sum = 0;
        for (int i = 0; i < ENTERPRISES; i++) {
            x[i] = random.nextGaussian();
            boolean tip = random.nextDouble() < 0.15;
            truth[i] = Logistic.probability(-3.4 + x[i] + (tip ? 2 : 0));
            bad[i] = random.nextDouble() < truth[i] ? 1 : 0;
            sum += bad[i] / ENTERPRISES;
            drawn[i] = random.nextDouble() < 0.03 ? bad[i] : Double.NaN;
            looked[i] =
                    drawn[i] >= 0 || random.nextDouble() < Logistic.probability(-2.4 + seen * x[i] + (tip ? tips : 0));
            district[i] = i % 4 == 0 ? "" : "d" + i % 4;
        }
        return new City(
                new Selection.Everybody(List.of(new Values.Numbers("x", x)), looked, drawn, bad, district, ENTERPRISES),
                truth,
                sum);
    }

    /** A model that knows x alone, fitted on those that were looked at. */
    private static double[] said(City city) {
        Selection.Everybody all = city.everybody;
        int[] looked = java.util.stream.IntStream.range(0, ENTERPRISES)
                .filter(i -> all.looked()[i])
                .toArray();
        Sample sample = Sample.of(all.values(), all.bad()).at(looked);
        return Scorecard.fit(sample, Bins.Manner.CARD, 1).probability(all.values(), ENTERPRISES);
    }

    /** Who goes by what is known to us alone: weights and the doubly robust share are right, the pooled one is far off. */
    @Test
    void chosenByWhatIsKnown() {
        City city = city(1, 1, 0);
        Selection selection = Selection.of(city.everybody, said(city));
        assertThat(selection.chosen()).isGreaterThan(0.65);
        assertThat(selection.pooled()).isGreaterThan(1.4 * city.share);
        assertThat(selection.weighted()).isCloseTo(city.share, within(0.012));
        assertThat(selection.robust()).isCloseTo(city.share, within(3 * selection.error()));
        assertThat(selection.drawn()).isCloseTo(city.share, within(3 * selection.drawnError()));
        assertThat(selection.clipped()).isBetween(0.0, 0.01);
        assertThat(selection.effective()).isLessThan(selection.looked());
        assertThat(selection.districts())
                .containsOnlyKeys("d1", "d2", "d3")
                .allSatisfy((district, share) ->
                        assertThat(share.share()).isCloseTo(city.share, within(4 * share.error())));
    }

    /** Tip-offs that no feature knows: what was estimated repairs a part, and only those drawn at random tell the truth. */
    @Test
    void chosenByTipOffs() {
        City city = city(2, 1, 2);
        Selection selection = Selection.of(city.everybody, said(city));
        assertThat(selection.pooled()).isGreaterThan(1.8 * city.share);
        assertThat(selection.weighted()).isBetween(1.2 * city.share, 0.9 * selection.pooled());
        assertThat(selection.robust()).isBetween(1.2 * city.share, 0.9 * selection.pooled());
        assertThat(selection.drawn()).isCloseTo(city.share, within(3 * selection.drawnError()));
    }

    /** A model that is wrong does no harm where who is chosen is known. */
    @Test
    void aModelThatIsWrong() {
        City city = city(3, 1, 0);
        double[] wrong = new double[ENTERPRISES];
        java.util.Arrays.fill(wrong, 0.5);
        Selection selection = Selection.of(city.everybody, wrong);
        assertThat(selection.robust()).isCloseTo(city.share, within(0.02));
    }

    @Test
    void nobodyWasLookedAt() {
        City city = city(4, 0, 0);
        Selection.Everybody all = city.everybody;
        Selection.Everybody nobody = new Selection.Everybody(
                all.values(), new boolean[ENTERPRISES], all.drawn(), all.bad(), all.district(), ENTERPRISES);
        Selection selection = Selection.of(nobody, city.truth);
        assertThat(selection.looked()).isZero();
        assertThat(selection.robust()).as("cannot be said").isNaN();
        assertThat(selection.districts()).isEmpty();
        boolean[] one = new boolean[ENTERPRISES];
        one[7] = true;
        assertThat(Selection.of(
                                new Selection.Everybody(
                                        all.values(), one, all.drawn(), all.bad(), all.district(), ENTERPRISES),
                                city.truth)
                        .weighted())
                .as("of one alone neither")
                .isNaN();
    }
}
