package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ParallelTest {
    /** 40 items that need the two before them: none begins before both are done. */
    @Test
    void anItemWaitsForThoseItNeeds() {
        List<Integer> items = IntStream.range(0, 40).boxed().toList();
        Set<Integer> done = Collections.synchronizedSet(new HashSet<>());
        Set<Integer> early = Collections.synchronizedSet(new HashSet<>());

        Parallel.each(items, (item, before) -> item - before <= 2, item -> {
            if (item > 1 && !(done.contains(item - 1) && done.contains(item - 2))) {
                early.add(item);
            }
            done.add(item);
        });

        assertThat(done).hasSize(40);
        assertThat(early).isEmpty();
    }

    @Test
    void whatNeedsAFailedOneIsLeftAndTheFirstFailureIsTold() {
        Set<String> done = Collections.synchronizedSet(new HashSet<>());

        assertThatThrownBy(() -> Parallel.each(
                        List.of("a", "b", "b needs b", "c"),
                        (item, before) -> item.equals(before + " needs " + before),
                        item -> {
                            if (item.equals("b")) {
                                throw new IllegalStateException("b failed");
                            }
                            done.add(item);
                        }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("b failed");
        assertThat(done).containsExactlyInAnyOrder("a", "c");
    }
}
