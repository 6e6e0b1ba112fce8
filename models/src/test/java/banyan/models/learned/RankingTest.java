package banyan.models.learned;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RankingTest {

    /** Twenty cases on twenty days; the two bad ones were looked at on days 5 and 19, and would be first. */
    @Test
    void byHand() {
        double[] scores = new double[20];
        double[] bad = new double[20];
        long[] days = IntStream.range(0, 20).mapToLong(i -> 100 + i).toArray();
        for (int at : new int[] {5, 19}) {
            scores[at] = 1;
            bad[at] = 1;
        }
        Ranking ranking = Ranking.of(scores, bad, days);
        assertThat(ranking.hitRate()).isEqualTo(1);
        assertThat(ranking.lift()).isCloseTo(10, within(1e-12));
        assertThat(ranking.capture()).isEqualTo(1);
        assertThat(ranking.daysEarlier()).isEqualTo((5 + 18) / 2.0);
        Ranking asItWas = Ranking.of(new double[20], bad, days);
        assertThat(asItWas.daysEarlier()).as("the order they are given in").isZero();
        assertThat(asItWas.hitRate()).isZero();
        assertThat(Ranking.of(scores, bad, null).daysEarlier()).isNaN();
    }

    @Test
    void chanceIsTold() {
        double[] bad =
                IntStream.range(0, 400).mapToDouble(i -> i % 5 == 0 ? 1 : 0).toArray();
        double[] scores = IntStream.range(0, 400)
                .mapToDouble(i -> i % 5 == 0 ? i % 3 : i % 2)
                .toArray();
        long[] days = IntStream.range(0, 400).mapToLong(i -> i).toArray();
        Ranking found = Ranking.of(scores, bad, days);
        Ranking[] bounds = Ranking.interval(scores, bad, days, 200, 1);
        assertThat(found.lift()).isBetween(bounds[0].lift(), bounds[1].lift());
        assertThat(found.daysEarlier()).isBetween(bounds[0].daysEarlier(), bounds[1].daysEarlier());
        assertThat(bounds).isEqualTo(Ranking.interval(scores, bad, days, 200, 1));
        Ranking random = Ranking.random(bad, days, 400, 1);
        assertThat(random.lift()).isCloseTo(1, within(0.05));
        assertThat(random.daysEarlier()).isCloseTo(0, within(3.0));
    }
}
