package banyan.jobs.ingest;

import banyan.jobs.Refusal;
import banyan.jobs.Sha256;
import banyan.schemas.Sender;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where senders put what they have to deliver: {@code DROP/<sender>/<batch>/…}, {@code direct} for files in the contract's own columns.
 * A batch is complete once it holds {@code _SUCCESS}, written last; it may name each file with its SHA-256, as sha256sum does. A complete
 * batch is claimed by one rename and its files are then moved to the deliveries, by one collector at a time; what a collector that died
 * had claimed the next one brings home.
 */
public final class DropFolder {
    private static final String COMPLETE = "_SUCCESS";
    private static final Pattern HASHED = Pattern.compile("([0-9a-f]{64}) [ *](.+)");
    private static final Pattern FORMAT = Pattern.compile("(\\.[a-z]+(\\.gz)?)$");

    private final Path drop;
    private final Path deliveries;
    private final LocalDate day;

    /**
     * @param deliveries on the same file system, for a move there must be a rename
     * @param day under which the files are received
     */
    public DropFolder(Path drop, Path deliveries, LocalDate day) {
        this.drop = drop.toAbsolutePath().normalize();
        this.deliveries = deliveries.toAbsolutePath().normalize();
        this.day = day;
    }

    /**
     * @param files where they lie now, below the deliveries folder
     * @param batches how many were complete
     * @param waiting batches without {@code _SUCCESS}, or with one that does not name each of their files; left alone
     */
    public record Collected(List<Path> files, int batches, List<Path> waiting) {}

    /**
     * @throws Refusal with exit 2 if a folder is none or lies on another file system, 3 naming every batch of a stranger or with other
     *     files than its {@code _SUCCESS} says: nothing was moved then
     */
    public Collected collect() {
        if (!Files.isDirectory(drop)) {
            throw new Refusal(Refusal.Exit.USAGE, "Cannot collect from " + drop + ": it is no folder.");
        }
        try {
            Files.createDirectories(incoming());
            synchronized (DropFolder.class) { // a lock of a file is one of the whole process
                try (FileChannel channel = FileChannel.open(
                                deliveries.resolve(Deliveries.INCOMING).resolve("drop.lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                        FileLock lock = channel.lock()) {
                    return collectAlone();
                }
            }
        } catch (IOException e) {
            throw new Refusal(
                    Refusal.Exit.AGAIN, "Cannot collect from " + drop + ": " + e + ". Check its rights and try again.");
        }
    }

    private Collected collectAlone() throws IOException {
        List<Path> files = new ArrayList<>();
        int batches = bringHome(files); // what one that died had claimed, before a batch of the same name is claimed
        List<Path> complete = new ArrayList<>();
        List<Path> waiting = new ArrayList<>();
        List<String> wrong = new ArrayList<>();
        for (Path sender : children(drop)) {
            String name = sender.getFileName().toString();
            if (!Files.isDirectory(sender) || !Sender.all().containsKey(name) && !name.equals(DeliveredFile.DIRECT)) {
                wrong.add(name + " names no sender; the senders are direct, "
                        + String.join(", ", Sender.all().keySet()));
                continue;
            }
            for (Path batch : children(sender)) {
                if (!Files.isDirectory(batch, LinkOption.NOFOLLOW_LINKS)) {
                    wrong.add(drop.relativize(batch) + " is no batch; a batch is a folder with its files and "
                            + COMPLETE);
                } else if (isComplete(batch)) {
                    complete.add(batch);
                    check(batch, wrong);
                } else {
                    waiting.add(drop.relativize(batch));
                }
            }
        }
        if (!wrong.isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.DATA,
                    "Cannot collect from " + drop + "; nothing was moved.\n     " + String.join("\n     ", wrong)
                            + "\nHave the sender put it right, or take it away, and run the same command again.");
        }
        for (Path batch : complete) {
            claim(batch);
        }
        batches += bringHome(files);
        return new Collected(files, batches, waiting);
    }

    private Optional<Sender> sender(String name) {
        return Optional.ofNullable(Sender.all().get(name));
    }

    private Path incoming() {
        return deliveries.resolve(Deliveries.INCOMING).resolve("drop");
    }

    /** Whether nothing more comes: {@code _SUCCESS} is there, and empty or whole, with a line for each file. */
    private static boolean isComplete(Path batch) throws IOException {
        Path complete = batch.resolve(COMPLETE);
        if (!Files.isRegularFile(complete, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        String says = Files.readString(complete, StandardCharsets.UTF_8);
        List<String> named = says.lines()
                .map(HASHED::matcher)
                .filter(Matcher::matches)
                .map(line -> line.group(2))
                .toList();
        return says.isEmpty()
                || says.endsWith("\n")
                        && files(batch).stream()
                                .allMatch(file ->
                                        named.contains(file.getFileName().toString()));
    }

    private static List<Path> files(Path batch) throws IOException {
        return children(batch).stream()
                .filter(file -> !file.getFileName().toString().equals(COMPLETE))
                .toList();
    }

    /** Each file must be one that can be taken in, and a batch what its {@code _SUCCESS} says, where that says anything. */
    private void check(Path batch, List<String> wrong) throws IOException {
        for (Path file : files(batch)) {
            wrong.addAll(Deliveries.unfit(
                    file, drop, sender(batch.getParent().getFileName().toString())));
        }
        for (String line : Files.readString(batch.resolve(COMPLETE), StandardCharsets.UTF_8)
                .lines()
                .toList()) {
            Matcher hashed = HASHED.matcher(line);
            if (!hashed.matches()) {
                wrong.add(drop.relativize(batch) + "/" + COMPLETE + " has a line that is no SHA-256 and name: " + line);
                continue;
            }
            Path file = batch.resolve(hashed.group(2)).normalize();
            if (!batch.equals(file.getParent()) || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                wrong.add(drop.relativize(batch) + " lacks " + hashed.group(2));
            } else if (!Sha256.of(file).equals(hashed.group(1))) {
                wrong.add(drop.relativize(file) + " has other bytes than " + COMPLETE + " says");
            }
        }
    }

    /** Takes a batch over, as {@code <day> <sender> <batch>}: one that dies here leaves it to the next, under the same day. */
    private void claim(Path batch) throws IOException {
        Path claimed = incoming().resolve(day + " " + batch.getParent().getFileName() + " " + batch.getFileName());
        try {
            Files.move(batch, claimed, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot collect from " + drop + " to " + deliveries
                            + ": they lie on different file systems. Give two folders of one.");
        }
    }

    private int bringHome(List<Path> files) throws IOException {
        List<Path> claimed = children(incoming());
        for (Path batch : claimed) {
            bringHome(batch, files);
        }
        return claimed.size();
    }

    /**
     * Moves the files of a claimed batch to their day; one whose name is taken there by other bytes bears the batch's name too. Files
     * that others are joined with come first, so that a run that looks in between finds them.
     */
    private void bringHome(Path claimed, List<Path> files) throws IOException {
        String[] from = claimed.getFileName().toString().split(" ", 3);
        Path home = deliveries.resolve(from[0]);
        home = from[1].equals(DeliveredFile.DIRECT) ? home : home.resolve(from[1]);
        Files.createDirectories(home);
        Optional<Sender> sender = sender(from[1]);
        Comparator<Path> others = Comparator.comparing(file -> sender.filter(
                        s -> !s.kindsOf(file.getFileName().toString()).isEmpty())
                .isPresent());
        for (Path file : files(claimed).stream().sorted(others).toList()) {
            String name = file.getFileName().toString();
            Matcher format = FORMAT.matcher(name);
            int end = format.find() ? format.start() : name.length();
            String batch = from[2].replaceAll("[^\\p{L}\\p{N}-]", "-");
            Path to = home.resolve(name);
            for (int n = 1; Files.exists(to, LinkOption.NOFOLLOW_LINKS); n++) {
                // a move would put it in the other's place
                to = home.resolve(name.substring(0, end) + "_" + batch + (n == 1 ? "" : "-" + n) + name.substring(end));
            }
            Files.move(file, to, StandardCopyOption.ATOMIC_MOVE);
            files.add(deliveries.relativize(to));
        }
        Files.deleteIfExists(claimed.resolve(COMPLETE));
        Files.delete(claimed);
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        }
    }
}
