package banyan.jobs;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Work on several tables at once: most of a small table's time is planning on one thread, so two keep the cores busy. The order in
 * which tables end never shows in what they hold.
 */
public final class Parallel {
    private static final int AT_ONCE = 3;

    private Parallel() {}

    /** @throws RuntimeException the first failure, in the order of the items, after all that began have ended */
    public static <T> void each(List<T> items, Consumer<T> work) {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Future<?>> futures = new ArrayList<>();
            items.forEach(item -> futures.add(threads.submit(() -> work.accept(item))));
            RuntimeException failure = null;
            for (Future<?> future : futures) {
                try {
                    future.get();
                } catch (ExecutionException e) {
                    RuntimeException cause =
                            e.getCause() instanceof RuntimeException r ? r : new IllegalStateException(e.getCause());
                    failure = failure == null ? cause : failure;
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException(e);
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
