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
 * DIR/<received-on>/<sender>/…}; a zip is a folder of such files. A folder that bears a sender's name is that sender's delivery of the
 * day asked for.
 *
 * @param files in order of day, then name
 * @param waiting how many files were received after the day and wait
 */
public record Deliveries(List<DeliveredFile> files, int waiting) {
    public static final Deliveries NONE = new Deliveries(List.of(), 0);

    /** Below the deliveries folder: files on their way there, none of them delivered yet. */
    static final String INCOMING = ".incoming";

    private static final String FORMATS = ".*\\.(csv|csv\\.gz|xlsx|jsonl|jsonl\\.gz|parquet)";
    private static final String ZIP = ".*\\.zip";
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
        Optional<Sender> own = ownerOf(folder);
        if (own.isPresent()) {
            senderFolder(folder, folder.getParent(), until, own.get(), files, strangers);
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
                } else if (entry.getFileName().toString().matches(FORMATS + "|" + ZIP)) {
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

    /** Whether a folder is a sender's own, and so received on the day asked for. */
    public static boolean ofOneSender(Path given) {
        return ownerOf(given.toAbsolutePath().normalize()).isPresent();
    }

    private static Optional<Sender> ownerOf(Path folder) {
        return Optional.ofNullable(Sender.all().get(String.valueOf(folder.getFileName())));
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
            for (Found found : found(entry, root, Optional.empty(), strangers)) {
                Optional<String> table = tableOf(found.last());
                Optional<String> fault = found.fault();
                if (fault.isPresent() || table.isEmpty()) {
                    strangers.add(found.name + fault.map(f -> ": " + f).orElse(" names no table"));
                } else {
                    files.add(found.delivered(day, DeliveredFile.DIRECT, null, table.get()));
                }
            }
        }
    }

    private static void senderFolder(
            Path folder, Path root, LocalDate day, Sender sender, List<DeliveredFile> files, List<String> strangers) {
        for (Path entry : children(folder)) {
            for (Found found : found(entry, root, Optional.of(sender), strangers)) {
                List<Sender.SentFile> kinds = sender.kindsOf(found.last());
                if (kinds.isEmpty() && sender.ignores(found.last())) {
                    continue;
                }
                Optional<String> fault = found.fault();
                if (fault.isPresent() || kinds.isEmpty()) {
                    strangers.add(found.name
                            + fault.map(f -> ": " + f)
                                    .orElse(" is no file that schemas/senders/" + sender.sender() + ".yaml knows"));
                } else {
                    DeliveredFile file = found.delivered(
                            day, sender.sender(), kinds.get(0), kinds.get(0).table());
                    kinds.forEach(kind -> files.add(file.into(kind)));
                }
            }
        }
    }

    /**
     * A file, or one of a zip.
     *
     * @param name below the deliveries folder
     * @param packed null for a file
     */
    private record Found(String name, Path path, Archive.File packed) {
        String last() {
            return name.substring(name.lastIndexOf('/') + 1);
        }

        Optional<String> fault() {
            return packed == null ? Deliveries.fault(path) : unknown(last());
        }

        DeliveredFile delivered(LocalDate day, String sender, Sender.SentFile kind, String table) {
            try {
                return packed == null
                        ? new DeliveredFile(
                                day, name, path, null, sender, kind, table, Sha256.of(path), Files.size(path))
                        : new DeliveredFile(
                                day, name, path, packed.name(), sender, kind, table, packed.sha256(), packed.bytes());
            } catch (IOException e) {
                throw again(path, e);
            }
        }
    }

    /**
     * A file, or the files of a zip, none of a zip that its sender ignores. A zip that cannot be opened, and what is in one under a name
     * that could be a pattern or a path, is told among the strangers.
     */
    private static List<Found> found(Path file, Path root, Optional<Sender> sender, List<String> strangers) {
        String name = root.relativize(file).toString().replace('\\', '/');
        String last = file.getFileName().toString();
        if (!last.matches(ZIP)) {
            return List.of(new Found(name, file, null));
        }
        if (sender.filter(s -> s.ignores(last)).isPresent()) {
            return List.of();
        }
        Optional<String> fault = linked(file).or(() -> unsafe(last));
        if (fault.isPresent()) {
            strangers.add(name + ": " + fault.get());
            return List.of();
        }
        try {
            List<Found> files = new ArrayList<>();
            for (Archive.File packed : Archive.files(file)) {
                Found found = new Found(name + "/" + packed.name(), file, packed);
                Optional<String> unsafe = Stream.of(packed.name().split("/"))
                        .map(Deliveries::unsafe)
                        .flatMap(Optional::stream)
                        .findFirst();
                unsafe.ifPresentOrElse(why -> strangers.add(found.name + ": " + why), () -> files.add(found));
            }
            return files;
        } catch (UnreadableFile e) {
            strangers.add(name + ": " + e.getMessage());
            return List.of();
        } catch (IOException e) {
            throw again(file, e);
        }
    }

    private static Refusal again(Path file, IOException e) {
        return new Refusal(
                Refusal.Exit.AGAIN,
                "Cannot read " + file + ": " + e.getMessage() + ". Check its rights and try again.");
    }

    private static Optional<String> tableOf(String name) {
        return Contract.all().values().stream()
                .filter(Contract::raw)
                .map(Contract::id)
                .filter(id -> name.startsWith(id) || name.startsWith(id.substring("raw_".length())))
                .findFirst();
    }

    /**
     * Why a file of a sender, or of none, in a contract's own columns, could not be taken in, by its name and kind, each beginning with
     * the file's name; nothing where it could.
     *
     * @param root below which the file is named
     */
    static List<String> unfit(Path file, Path root, Optional<Sender> sender) {
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            return List.of(root.relativize(file) + ": is a folder; a batch holds files alone");
        }
        List<String> unfit = new ArrayList<>();
        for (Found found : found(file, root, sender, unfit)) {
            String name = found.last();
            boolean known = sender.map(s -> !s.kindsOf(name).isEmpty() || s.ignores(name))
                    .orElseGet(() -> tableOf(name).isPresent());
            Optional<String> why = known
                    ? found.fault()
                    : Optional.of(sender.map(s -> "is no file that schemas/senders/" + s.sender() + ".yaml knows")
                            .orElse("names no table"));
            why.ifPresent(w -> unfit.add(found.name + ": " + w));
        }
        return unfit;
    }

    /** Why a file may not be opened at all: its name could be a pattern or a path, it is a link, or no known format. */
    private static Optional<String> fault(Path file) {
        String name = file.getFileName().toString();
        return linked(file).or(() -> unsafe(name)).or(() -> unknown(name));
    }

    private static Optional<String> linked(Path file) {
        return Files.isSymbolicLink(file)
                ? Optional.of("is a symbolic link; deliver the file itself")
                : Optional.empty();
    }

    private static Optional<String> unsafe(String name) {
        return name.matches(SAFE_NAME) && !name.matches("[.]+")
                ? Optional.empty()
                : Optional.of("has a name with other characters than letters, digits and ( ) . _ + -");
    }

    private static Optional<String> unknown(String name) {
        return name.matches(FORMATS)
                ? Optional.empty()
                : Optional.of(
                        name.matches(ZIP)
                                ? "is a zip within a zip; deliver it itself"
                                : "is no csv, csv.gz, xlsx, jsonl, parquet or zip file");
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
