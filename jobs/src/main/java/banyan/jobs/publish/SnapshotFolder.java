package banyan.jobs.publish;

import banyan.jobs.Json;
import banyan.jobs.Refusal;
import banyan.jobs.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where snapshots of a list lie: each is written aside and then there at once, with manifest.json and SHA256SUMS, and never changes;
 * pointers, JSON files beside them, name those that count.
 */
public final class SnapshotFolder {
    private final Path home;

    SnapshotFolder(Path home) {
        this.home = home;
    }

    /** An empty folder, in which a snapshot is written. */
    Path staging() throws IOException {
        Path staging = aside();
        delete(staging);
        return Files.createDirectories(staging);
    }

    private Path aside() {
        return home.resolve(".staging");
    }

    /**
     * Moves what was written into place.
     *
     * @param id the snapshot's name
     * @param manifest what it says of itself, without its files
     */
    Path settle(String id, ObjectNode manifest) throws IOException {
        Path staging = aside();
        var files = manifest.putArray("files");
        StringBuilder sums = new StringBuilder();
        try (Stream<Path> written = Files.list(staging)) {
            for (Path file : (Iterable<Path>) written.sorted()::iterator) {
                String sha = Sha256.of(file);
                files.addObject()
                        .put("path", file.getFileName().toString())
                        .put("bytes", Files.size(file))
                        .put("hash", "sha256:" + sha);
                sums.append(sha).append("  ").append(file.getFileName()).append('\n');
            }
        }
        Files.writeString(staging.resolve("manifest.json"), Json.pretty(manifest), StandardCharsets.UTF_8);
        sums.append(Sha256.of(staging.resolve("manifest.json"))).append("  manifest.json\n");
        Files.writeString(staging.resolve("SHA256SUMS"), sums, StandardCharsets.UTF_8);
        try (Stream<Path> written = Files.list(staging)) {
            for (Path file : (Iterable<Path>) written::iterator) {
                force(file);
            }
        }
        Path snapshot = home.resolve(id);
        delete(snapshot);
        Files.move(staging, snapshot, StandardCopyOption.ATOMIC_MOVE);
        return snapshot;
    }

    /**
     * A snapshot whose files are whole.
     *
     * @param start of its name
     * @param wanted what its manifest must say
     */
    Optional<Path> whole(String start, Predicate<JsonNode> wanted) {
        if (!Files.isDirectory(home)) {
            return Optional.empty();
        }
        try (Stream<Path> snapshots = Files.list(home)) {
            return snapshots
                    .filter(s -> s.getFileName().toString().startsWith(start))
                    .sorted(Comparator.reverseOrder())
                    .filter(s -> wanted.test(manifestOf(s)))
                    .filter(SnapshotFolder::whole)
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode manifestOf(Path snapshot) {
        try {
            Path manifest = snapshot.resolve("manifest.json");
            return Files.exists(manifest)
                    ? Json.read(Files.readString(manifest, StandardCharsets.UTF_8))
                    : Json.object();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether every file of a snapshot has the hash its SHA256SUMS names. */
    public static boolean whole(Path snapshot) {
        try {
            for (String line : Files.readAllLines(snapshot.resolve("SHA256SUMS"), StandardCharsets.UTF_8)) {
                Path file = snapshot.resolve(line.substring(66));
                if (!Files.exists(file) || !Sha256.of(file).equals(line.substring(0, 64))) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** The as_of of what a pointer names; empty where there is no pointer, or none that can be read. */
    Optional<LocalDate> day(String pointer) {
        Path file = pointer(pointer);
        try {
            return Files.exists(file)
                    ? Optional.of(LocalDate.parse(Json.read(Files.readString(file, StandardCharsets.UTF_8))
                            .path("as_of")
                            .asString("")))
                    : Optional.empty();
        } catch (IOException | JacksonException | DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private Path pointer(String name) {
        return home.resolve(name + ".json");
    }

    /** Moves a pointer, at once. */
    void point(String name, ObjectNode to) {
        Path file = pointer(name);
        String pointer = Json.pretty(to);
        try {
            if (Files.exists(file)
                    && Files.readString(file, StandardCharsets.UTF_8).equals(pointer)) {
                return;
            }
            Path aside = home.resolve("." + file.getFileName() + ".tmp");
            Files.writeString(aside, pointer, StandardCharsets.UTF_8);
            force(aside);
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            force(home);
        } catch (IOException e) {
            throw new Refusal(
                    Refusal.Exit.AGAIN, "Cannot move the pointer " + file + ": " + e + ". Run the same command again.");
        }
    }

    Refusal unwritable(IOException e) {
        return new Refusal(
                Refusal.Exit.AGAIN,
                "Cannot write to " + home + ": " + e
                        + ". Check the disk and its rights, then run the same command again.");
    }

    private static void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** With all that lies in it; nothing where there is none. */
    public static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                    Files.delete(file);
                }
            }
        }
    }
}
