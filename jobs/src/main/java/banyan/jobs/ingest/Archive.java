package banyan.jobs.ingest;

import banyan.jobs.Sha256;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * A zip of delivered files. Each file in it is a delivery of its own, by its own bytes: whether it comes in a zip or not is the same.
 * Names are read as UTF-8 or, where they are none, as GB18030, in which Windows in China writes them.
 */
final class Archive {
    private static final int MAX_FILES = 1_000;

    /** A zip that unpacks to more than so many times its size, and to more than 64 MiB, is refused. */
    private static final long MAX_RATIO = TextLines.MAX_RATIO;

    private static final long ALWAYS = 64 << 20;

    /** What systems put into a zip beside what was meant. */
    private static final String BESIDE = "(.*/)?(__MACOSX/.*|\\.DS_Store|Thumbs\\.db|desktop\\.ini)";

    private Archive() {}

    /** @param name with its folders, as it stands in the zip */
    record File(String name, String sha256, long bytes) {}

    /**
     * The files of a zip, in the order of their names.
     *
     * @throws UnreadableFile if it is cut short, encrypted or a bomb, or holds nothing, too much, or two files of one name
     */
    static List<File> files(Path archive) throws IOException {
        try (ZipFile zip = open(archive)) {
            List<ZipEntry> entries = entries(zip);
            List<File> files = new ArrayList<>();
            Set<String> names = new HashSet<>();
            long most = Math.max(ALWAYS, MAX_RATIO * Files.size(archive));
            for (ZipEntry entry : entries) {
                if (!names.add(entry.getName())) {
                    throw new UnreadableFile("is a zip that holds " + entry.getName() + " twice");
                }
                CRC32 sum = new CRC32();
                try (InputStream in = new CheckedInputStream(new Bounded(zip.getInputStream(entry), most), sum)) {
                    Sha256.Counted read = Sha256.of(in);
                    if (sum.getValue() != entry.getCrc()) {
                        throw new UnreadableFile("is damaged: " + entry.getName()
                                + " has other bytes than were packed, by its checksum; have it sent again");
                    }
                    files.add(new File(entry.getName(), read.sha256(), read.bytes()));
                    most -= read.bytes();
                }
            }
            if (files.isEmpty()) {
                throw new UnreadableFile("is a zip of no files");
            }
            return files;
        } catch (ZipException | EOFException e) {
            throw new UnreadableFile("is cut short, encrypted or no zip (" + e.getMessage() + ")");
        }
    }

    /** The bytes of one of its files in a temporary file, which the caller deletes; what can read it goes by the same ending. */
    static Path unpacked(Path archive, String name) throws IOException {
        Path to = Files.createTempFile("banyan-", name.replaceFirst("^.*?((\\.[a-z]+)?\\.[a-z]+)$", "$1"));
        try (ZipFile zip = open(archive);
                InputStream in = zip.getInputStream(zip.getEntry(name));
                OutputStream out = Files.newOutputStream(to)) {
            in.transferTo(out);
            return to;
        } catch (IOException e) {
            Files.deleteIfExists(to);
            throw e;
        }
    }

    /** The names of its files, with their folders; nothing is unpacked. */
    static List<String> names(Path archive) throws IOException {
        try (ZipFile zip = open(archive)) {
            return entries(zip).stream().map(ZipEntry::getName).toList();
        }
    }

    private static List<ZipEntry> entries(ZipFile zip) {
        List<ZipEntry> entries = zip.stream()
                .map(entry -> (ZipEntry) entry)
                .filter(entry -> !entry.isDirectory() && !entry.getName().matches(BESIDE))
                .sorted(Comparator.comparing(ZipEntry::getName))
                .toList();
        if (entries.size() > MAX_FILES) {
            throw new UnreadableFile(
                    "is a zip of " + entries.size() + " files; deliver at most " + MAX_FILES + " in one");
        }
        return entries;
    }

    private static ZipFile open(Path archive) throws IOException {
        try {
            return new ZipFile(archive.toFile(), StandardCharsets.UTF_8);
        } catch (ZipException e) {
            return new ZipFile(archive.toFile(), Charset.forName("GB18030"));
        }
    }

    /** Counts what a file really unpacks to: what the zip says of it may be a lie. */
    private static final class Bounded extends FilterInputStream {
        private long left;

        Bounded(InputStream in, long most) {
            super(in);
            left = most;
        }

        @Override
        public int read(byte[] buffer, int from, int length) throws IOException {
            int read = super.read(buffer, from, length);
            left -= Math.max(0, read);
            if (left < 0) {
                throw new UnreadableFile("is a zip that unpacks to more than " + MAX_RATIO + " times its size");
            }
            return read;
        }
    }
}
