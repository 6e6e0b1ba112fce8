package banyan.models.learned;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** On cities whose truth is known: what is looked back on is found, what is not known yet is not used, and what cheats is caught. */
class BacktestTest {
    private static final int DAYS = 14;
    private static final int CASES = 300;
    private static final int APART = 60;
    private static final int RIPE = 90;
    private static final Function<Sample, Model> CARD = sample -> Scorecard.fit(sample, Bins.Manner.CARD, 1);

    /**
     * @param own how much the enterprise's own x tells
     * @param group how much it matters who looks: each of four groups finds so much more or less
     * @param area how much a variable knows of who looks
     */
    static Cohorts city(long seed, double own, double group, boolean area) {
        Random random = new Random(seed);
        int n = DAYS * CASES;
        double[] x = new double[n];
        double[] noise = new double[n];
        double[] where = new double[n];
        double[] bad = new double[n];
        double[] violator = new double[n];
        long[] day = new long[n];
        long[] looked = new long[n];
        String[] groups = new String[n];
        String[] peers = new String[n];
        double[] drawn = new double[n];
        for (int i = 0; i < n; i++) {
            day[i] = (long) (i / CASES) * APART;
            looked[i] = day[i] + 1 + random.nextInt(APART);
            x[i] = random.nextGaussian();
            noise[i] = random.nextGaussian();
            int who = random.nextInt(4);
            groups[i] = "g" + who;
            where[i] = area ? who + 0.1 * random.nextGaussian() : random.nextGaussian();
            peers[i] = "s" + random.nextInt(3);
            double odds = -1 + own * x[i] + group * (who - 1.5);
            bad[i] = random.nextDouble() < Logistic.probability(odds) ? 1 : 0;
            drawn[i] = random.nextInt(4) == 0 ? bad[i] : Double.NaN;
            violator[i] = random.nextDouble() < Logistic.probability(odds) ? 1 : 0;
        }
        return new Cohorts(
                Sample.of(
                        List.of(
                                new Values.Numbers("x", x),
                                new Values.Numbers("noise", noise),
                                new Values.Numbers("where", where)),
                        bad),
                day,
                looked,
                Arrays.stream(day).map(d -> d + RIPE).toArray(),
                peers,
                drawn,
                groups,
                violator,
                IntStream.range(0, n).mapToDouble(i -> random.nextInt(4)).toArray());
    }

    @Test
    void findsWhatIsThere() {
        Backtest backtest = Backtest.of(city(1, 1, 0, false), CARD, null);
        assertThat(backtest.rounds()).hasSizeBetween(9, 11).first().satisfies(round -> {
            assertThat(round.fitted()).isGreaterThanOrEqualTo(2 * Backtest.LEAST);
            assertThat(round.day()).isGreaterThanOrEqualTo(RIPE);
        });
        // x alone, with odds −1 + x: the AUC of a logistic model with a normal score of deviation 1.
        assertThat(backtest.auc()).isCloseTo(0.74, within(0.03));
        assertThat(backtest.error()).isBetween(0.004, 0.02);
        assertThat(backtest.auc()).isGreaterThan(backtest.auc(Backtest.Baseline.violator));
        assertThat(backtest.auc(Backtest.Baseline.peers)).isCloseTo(0.5, within(0.05));
        assertThat(backtest.auc(Backtest.Baseline.rules)).isCloseTo(0.5, within(0.05));
        assertThat(backtest.truth().slope()).isBetween(0.8, 1.25);
        assertThat(backtest.observedToExpected()).isBetween(0.9, 1.1);
        assertThat(backtest.ranking().daysEarlier()).isBetween(3.0, 15.0);
        assertThat(backtest.random().daysEarlier()).isCloseTo(0, within(1.0));
        assertThat(backtest.randomArm().cases()).isBetween(600, 1000);
        assertThat(backtest.randomArm().auc()).isCloseTo(0.74, within(0.05));
        assertThat(backtest.randomArm().observedToExpected()).isCloseTo(1, within(0.15));
        assertThat(Math.abs(backtest.trend())).isLessThan(0.06);
        assertThat(backtest.worst().auc()).isLessThan(backtest.auc());
    }

    /** What is ripe after a day changes nothing that is said on it, its own outcomes included. */
    @Test
    void theFutureIsNotUsed() {
        Cohorts city = city(2, 1, 0, false);
        Backtest before = Backtest.of(city, CARD, null);
        long middle = before.rounds().get(4).day();
        double[] turned = city.sample().bad().clone();
        for (int i = 0; i < turned.length; i++) {
            turned[i] = city.ripe()[i] > middle ? 1 - turned[i] : turned[i];
        }
        Cohorts other = new Cohorts(
                new Sample(city.sample().variables(), turned, city.sample().weight()),
                city.day(),
                city.looked(),
                city.ripe(),
                city.peer(),
                city.drawn(),
                city.group(),
                city.violator(),
                city.rules());
        Backtest after = Backtest.of(other, CARD, null);
        int until = (int)
                Arrays.stream(before.cases().day()).filter(d -> d <= middle).count();
        assertThat(until).isGreaterThan(4 * CASES);
        assertThat(Arrays.copyOf(after.probability(), until)).isEqualTo(Arrays.copyOf(before.probability(), until));
        assertThat(after.probability()).as("of later days it does").isNotEqualTo(before.probability());
    }

    /** A variable that knows who looks, where some find three times what others do, is caught; one that does not is not. */
    @Test
    void whoLooks() {
        Backtest.Guard caught = Backtest.of(city(3, 0.3, 0.8, true), CARD, null).guard();
        assertThat(caught.groups()).isEqualTo(4);
        assertThat(caught.pooled() - caught.within()).isGreaterThan(0.08);
        assertThat(caught.least()).isGreaterThan(0.02);
        Backtest.Guard honest =
                Backtest.of(city(3, 0.8, 0.8, false), CARD, null).guard();
        assertThat(honest.least()).isLessThan(0.02);
    }

    @Test
    void labelsDealtOutAtRandom() {
        Cohorts city = city(4, 1, 0, false);
        assertThat(Backtest.of(city, CARD, null).shuffled(city, CARD)).isCloseTo(0.5, within(0.05));
    }

    @Test
    void besideAnotherWay() {
        Cohorts city = city(5, 1, 0, false);
        Function<Sample, Model> blind = sample -> Scorecard.fit(
                new Sample(sample.variables().subList(1, 3), sample.bad(), sample.weight()), Bins.Manner.CARD, 1);
        Backtest.Against against = Backtest.of(city, CARD, blind).against();
        assertThat(against.difference()).isGreaterThan(0.15);
        assertThat(against.p()).isLessThan(1e-6);
        Backtest.Against same = Backtest.of(city, CARD, CARD).against();
        assertThat(same.difference()).isZero();
        assertThat(same.p()).isEqualTo(1);
        assertThatThrownBy(() -> Backtest.of(city, CARD, null).against()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aPastThatSaysTooLittle() {
        Cohorts city = city(6, 1, 0, false);
        Cohorts few = city.at(IntStream.range(0, 3 * CASES).toArray());
        assertThatThrownBy(() -> Backtest.of(few, CARD, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none of 3 days has 200 bad and 200 good cases");
    }
}
