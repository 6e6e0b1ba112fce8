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
        Ranking ranking = Ranking.of(scores, bad, days, null);
        assertThat(ranking.hitRate()).isEqualTo(1);
        assertThat(ranking.lift()).isCloseTo(10, within(1e-12));
        assertThat(ranking.capture()).isEqualTo(1);
        // The two share days 100 and 101.
        assertThat(ranking.daysEarlier()).isEqualTo((4.5 + 18.5) / 2);
        // All alike: every case is as likely on every day, and two in twenty of the first two are bad.
        Ranking level = Ranking.of(new double[20], bad, days, null);
        assertThat(level.daysEarlier()).isCloseTo((5 + 19) / 2.0 - 9.5, within(1e-12));
        assertThat(level.hitRate()).isCloseTo(0.1, within(1e-12));
        assertThat(level.lift()).isCloseTo(1, within(1e-12));
        // In two rounds of ten days the second bad one cannot be looked at before day 110.
        int[] round = IntStream.range(0, 20).map(i -> i / 10).toArray();
        assertThat(Ranking.of(scores, bad, days, round).daysEarlier()).isEqualTo((5 + 9) / 2.0);
        assertThat(Ranking.of(scores, bad, null, null).daysEarlier()).isNaN();
    }

    @Test
    void chanceIsTold() {
        double[] bad =
                IntStream.range(0, 400).mapToDouble(i -> i % 5 == 0 ? 1 : 0).toArray();
        double[] scores = IntStream.range(0, 400)
                .mapToDouble(i -> i % 5 == 0 ? i % 3 : i % 2)
                .toArray();
        long[] days = IntStream.range(0, 400).mapToLong(i -> i).toArray();
        Ranking found = Ranking.of(scores, bad, days, null);
        Ranking[] bounds = Ranking.interval(scores, bad, days, null, 200, 1);
        assertThat(found.lift()).isBetween(bounds[0].lift(), bounds[1].lift());
        assertThat(found.daysEarlier()).isBetween(bounds[0].daysEarlier(), bounds[1].daysEarlier());
        assertThat(bounds).isEqualTo(Ranking.interval(scores, bad, days, null, 200, 1));
        Ranking random = Ranking.random(bad, days, null, 400, 1);
        assertThat(random.lift()).isCloseTo(1, within(0.05));
        assertThat(random.daysEarlier()).isCloseTo(0, within(3.0));
    }
}
