package banyan.jobs.ingest;

import banyan.schemas.Sender;
import java.nio.file.Path;
import java.time.LocalDate;

/**
 * One file as it was delivered.
 *
 * @param name path below the deliveries folder, with /, as it stands in every row's {@code file}
 * @param sender name of the sending system; {@code direct} for a file in the contract's own columns
 * @param kind how the sender's file is read; null for a direct one
 * @param sha256 of its bytes: the delivery
 */
public record DeliveredFile(
        LocalDate receivedOn,
        String name,
        Path path,
        String sender,
        Sender.SentFile kind,
        String table,
        String sha256,
        long bytes) {
    /** The sender of files in the contract's own columns. */
    public static final String DIRECT = "direct";

    /** csv, xlsx, jsonl or parquet. */
    public String format() {
        String plain = path.getFileName().toString().replaceFirst("\\.gz$", "");
        return plain.substring(plain.lastIndexOf('.') + 1).toLowerCase(java.util.Locale.ROOT);
    }

    /** The part of {@code name} that stands for one day's file of one sender. */
    public String key() {
        return sha256 + " " + table;
    }
}
