package banyan.jobs.ingest;

import banyan.jobs.Refusal;
import banyan.jobs.Sha256;
import banyan.schemas.Contract;
import banyan.schemas.Sender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * The files of a deliveries folder: {@code DIR/<received-on>/<table>*.{csv,csv.gz,xlsx,jsonl,parquet}}, a sender's own files as {@code
 * DIR/<received-on>/<sender>/…}. A folder that bears a sender's name is that sender's delivery of the day asked for.
 *
 * @param files in order of day, then name
 * @param waiting how many files were received after the day and wait
 */
public record Deliveries(List<DeliveredFile> files, int waiting) {
    /** Below the deliveries folder: files on their way there, none of them delivered yet. */
    static final String INCOMING = ".incoming";

    private static final String FORMATS = ".*\\.(csv|csv\\.gz|xlsx|jsonl|jsonl\\.gz|parquet)";
    private static final String SAFE_NAME = "[\\p{L}\\p{N}（）()._+-]{1,120}";

    /**
     * @param until deliveries of later days are left where they are
     * @throws Refusal with exit 2 if the folder is none, 3 naming every file that is neither of a table, of a sender nor ignored on
     *     purpose
     */
    public static Deliveries in(Path given, LocalDate until) {
        Path folder = given.toAbsolutePath().normalize();
        if (!Files.isDirectory(folder)) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot take in deliveries: " + folder
                            + " is no folder. Give the folder that holds one folder a day (2025-06-30/…).");
        }
        SortedMap<String, Sender> senders = Sender.all();
        List<DeliveredFile> files = new ArrayList<>();
        List<String> strangers = new ArrayList<>();
        int waiting = 0;
        Sender own = senders.get(String.valueOf(folder.getFileName()));
        if (own != null) {
            senderFolder(folder, folder.getParent(), until, own, files, strangers);
        } else {
            for (Path entry : children(folder)) {
                Optional<LocalDate> day = day(entry);
                if (day.isPresent() && day.get().isAfter(until)) {
                    waiting += countFiles(entry);
                } else if (day.isPresent()) {
                    dayFolder(entry, folder, day.get(), senders, files, strangers);
                } else if (Files.isDirectory(entry)
                        && !entry.getFileName().toString().matches("expected|[._].*")) {
                    strangers.add(entry.getFileName() + "/ is no day (yyyy-mm-dd)");
                } else if (entry.getFileName().toString().matches(FORMATS)) {
                    strangers.add(entry.getFileName() + " lies outside a folder of the day it was received");
                }
            }
        }
        if (!strangers.isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.DATA,
                    "Cannot take in " + folder + ": " + strangers.size()
                            + (strangers.size() == 1 ? " file is" : " files are")
                            + " unknown, and nothing was taken in.\n     " + String.join("\n     ", strangers)
                            + "\nName a file after its table (penalties_….csv), put it into its sender's folder, or list it under ignored in"
                            + " schemas/senders.");
        }
        return new Deliveries(files, waiting);
    }

    private static void dayFolder(
            Path folder,
            Path root,
            LocalDate day,
            Map<String, Sender> senders,
            List<DeliveredFile> files,
            List<String> strangers) {
        for (Path entry : children(folder)) {
            String name = entry.getFileName().toString();
            if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                if (senders.containsKey(name)) {
                    senderFolder(entry, root, day, senders.get(name), files, strangers);
                } else {
                    strangers.add(root.relativize(entry) + "/ names no sender; the senders are "
                            + String.join(", ", senders.keySet()));
                }
                continue;
            }
            Optional<String> table = tableOf(name);
            Optional<String> fault = fault(entry);
            if (fault.isPresent() || table.isEmpty()) {
                strangers.add(root.relativize(entry) + fault.map(f -> ": " + f).orElse(" names no table"));
            } else {
                files.add(delivered(entry, root, day, DeliveredFile.DIRECT, null, table.get()));
            }
        }
    }

    private static void senderFolder(
            Path folder, Path root, LocalDate day, Sender sender, List<DeliveredFile> files, List<String> strangers) {
        for (Path entry : children(folder)) {
            String name = entry.getFileName().toString();
            Optional<Sender.SentFile> kind = sender.kindOf(name);
            if (kind.isEmpty() && sender.ignores(name)) {
                continue;
            }
            Optional<String> fault = fault(entry);
            if (fault.isPresent() || kind.isEmpty()) {
                strangers.add(root.relativize(entry)
                        + fault.map(f -> ": " + f)
                                .orElse(" is no file that schemas/senders/" + sender.sender() + ".yaml knows"));
            } else {
                files.add(delivered(
                        entry,
                        root,
                        day,
                        sender.sender(),
                        kind.get(),
                        kind.get().table()));
            }
        }
    }

    private static DeliveredFile delivered(
            Path file, Path root, LocalDate day, String sender, Sender.SentFile kind, String table) {
        try {
            String name = root.relativize(file).toString().replace('\\', '/');
            return new DeliveredFile(day, name, file, sender, kind, table, Sha256.of(file), Files.size(file));
        } catch (IOException e) {
            throw new Refusal(
                    Refusal.Exit.AGAIN,
                    "Cannot read " + file + ": " + e.getMessage() + ". Check its rights and try again.");
        }
    }

    private static Optional<String> tableOf(String name) {
        return Contract.all().values().stream()
                .filter(Contract::raw)
                .map(Contract::id)
                .filter(id -> name.startsWith(id) || name.startsWith(id.substring("raw_".length())))
                .findFirst();
    }

    /** Why a file of a sender, or of none, in a contract's own columns, could not be taken in, by its name and kind; empty where it could. */
    static Optional<String> unfit(Path file, Optional<Sender> sender) {
        String name = file.getFileName().toString();
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.of("is a folder; a batch holds files alone");
        }
        boolean known = sender.map(s -> s.kindOf(name).isPresent() || s.ignores(name))
                .orElseGet(() -> tableOf(name).isPresent());
        return known
                ? fault(file)
                : Optional.of(sender.map(s -> "is no file that schemas/senders/" + s.sender() + ".yaml knows")
                        .orElse("names no table"));
    }

    /** Why a file may not be opened at all: its name could be a pattern or a path, it is a link, or no known format. */
    private static Optional<String> fault(Path file) {
        String name = file.getFileName().toString();
        if (Files.isSymbolicLink(file)) {
            return Optional.of("is a symbolic link; deliver the file itself");
        }
        if (!name.matches(SAFE_NAME)) {
            return Optional.of("has a name with other characters than letters, digits and ( ) . _ + -");
        }
        return name.matches(FORMATS) ? Optional.empty() : Optional.of("is no csv, csv.gz, xlsx, jsonl or parquet file");
    }

    private static Optional<LocalDate> day(Path entry) {
        try {
            return Files.isDirectory(entry)
                    ? Optional.of(LocalDate.parse(entry.getFileName().toString()))
                    : Optional.empty();
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static List<Path> children(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int countFiles(Path folder) {
        try (Stream<Path> entries = Files.walk(folder)) {
            return (int) entries.filter(Files::isRegularFile).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
