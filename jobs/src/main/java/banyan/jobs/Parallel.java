package banyan.jobs;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Work on several tables at once: most of a small table's time is planning on one thread, so two keep the cores busy. The order in
 * which tables end never shows in what they hold.
 */
public final class Parallel {
    private static final int AT_ONCE = 3;

    private Parallel() {}

    /** @throws RuntimeException the first failure, in the order of the items, after all that began have ended */
    public static <T> void each(List<T> items, Consumer<T> work) {
        each(items, (item, before) -> false, work);
    }

    /**
     * Works on each item as soon as those before it that it needs are done; not at all if one of them failed.
     *
     * @param needs whether an item needs an earlier one
     * @throws RuntimeException the first failure, in the order of the items, after all that began have ended
     */
    public static <T> void each(List<T> items, BiPredicate<T, T> needs, Consumer<T> work) {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<CompletableFuture<Void>> done = new ArrayList<>();
            for (int i = 0; i < items.size(); i++) {
                T item = items.get(i);
                CompletableFuture<?>[] needed = IntStream.range(0, i)
                        .filter(before -> needs.test(item, items.get(before)))
                        .mapToObj(done::get)
                        .toArray(CompletableFuture[]::new);
                done.add(CompletableFuture.allOf(needed).thenRunAsync(() -> work.accept(item), threads));
            }
            RuntimeException failure = null;
            for (CompletableFuture<Void> each : done) {
                try {
                    each.join();
                } catch (CompletionException e) {
                    RuntimeException cause =
                            e.getCause() instanceof RuntimeException r ? r : new IllegalStateException(e.getCause());
                    failure = failure == null ? cause : failure;
                }
            }
            if (failure != null) {
                throw failure;
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
