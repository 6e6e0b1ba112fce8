package banyan.jobs.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.spark.SparkConf;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;

/**
 * Writes down what each Spark stage shuffled and when it ended: a line {@code <epoch millis> <bytes>} into the file that {@code
 * spark.banyan.bench.shuffle} names. Switched on by {@code spark.extraListeners}, for benchmarks only.
 */
public final class ShuffleMeter extends SparkListener {
    static final String FILE = "spark.banyan.bench.shuffle";

    private final Path file;

    public ShuffleMeter(SparkConf conf) {
        this.file = Path.of(conf.get(FILE));
    }

    @Override
    public void onStageCompleted(SparkListenerStageCompleted ended) {
        long bytes = ended.stageInfo().taskMetrics().shuffleWriteMetrics().bytesWritten();
        Object at = ended.stageInfo().completionTime().getOrElse(() -> 0L);
        try {
            Files.writeString(
                    file,
                    at + " " + bytes + "\n",
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
