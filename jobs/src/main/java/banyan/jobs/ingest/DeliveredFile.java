package banyan.jobs.ingest;

import banyan.schemas.Sender;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;

/**
 * One file as it was delivered.
 *
 * @param name path below the deliveries folder, with /, as it stands in every row's {@code file}; of a file in a zip the zip's path and
 *     the file's in it
 * @param path of the file, or of the zip
 * @param entry its name in the zip; null where it came in none
 * @param sender name of the sending system; {@code direct} for a file in the contract's own columns
 * @param kind how the sender's file is read; null for a direct one
 * @param sha256 of its bytes: the delivery
 */
public record DeliveredFile(
        LocalDate receivedOn,
        String name,
        Path path,
        String entry,
        String sender,
        Sender.SentFile kind,
        String table,
        String sha256,
        long bytes) {
    /** The sender of files in the contract's own columns. */
    public static final String DIRECT = "direct";

    /** The same file, as it is taken into the table of a kind. */
    DeliveredFile into(Sender.SentFile kind) {
        return new DeliveredFile(receivedOn, name, path, entry, sender, kind, kind.table(), sha256, bytes);
    }

    /** Every way in which it is read: one for each table it is taken into; none of a direct one. */
    List<Sender.SentFile> kinds() {
        return kind == null ? List.of() : Sender.all().get(sender).kindsOf(name.substring(name.lastIndexOf('/') + 1));
    }

    /** About how many bytes its records take as text: what is packed, or no text, holds some ten times its own. */
    public long unpacked() {
        return name.matches(".*\\.(csv|jsonl)") ? bytes : 10 * bytes;
    }

    /** csv, xlsx, jsonl or parquet. */
    public String format() {
        return format(name);
    }

    /** Of a file of this name. */
    static String format(String name) {
        String plain = name.replaceFirst("\\.gz$", "");
        return plain.substring(plain.lastIndexOf('.') + 1);
    }

    /** What is taken in once: its bytes, into a table. */
    public String key() {
        return sha256 + " " + table;
    }
}
