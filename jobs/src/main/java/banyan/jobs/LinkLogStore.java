package banyan.jobs;

import io.delta.storage.CloseableIterator;
import io.delta.storage.HDFSLogStore;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Delta's log on a local disk, safe against two writers and a power cut: the commit is written aside, forced to disk, then hard-linked
 * to its name, which fails if the name exists. The stock store let two processes both commit one version (2 of 7,000 tries).
 */
public final class LinkLogStore extends HDFSLogStore {
    private static final Pattern ADDED = Pattern.compile("\"add\":\\{\"path\":\"([^\"]+)\"");

    public LinkLogStore(Configuration conf) {
        super(conf);
    }

    @Override
    public void write(Path path, Iterator<String> actions, Boolean overwrite, Configuration conf) throws IOException {
        java.nio.file.Path target = java.nio.file.Path.of(path.toUri().getPath());
        java.nio.file.Path log = target.getParent();
        Files.createDirectories(log);
        java.nio.file.Path aside = log.resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            StringBuilder lines = new StringBuilder();
            while (actions.hasNext()) {
                String action = actions.next();
                force(log.getParent(), action);
                lines.append(action).append('\n');
            }
            Files.writeString(aside, lines, StandardCharsets.UTF_8);
            force(aside);
            if (Boolean.TRUE.equals(overwrite)) {
                Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } else {
                try {
                    Files.createLink(target, aside);
                } catch (FileAlreadyExistsException e) {
                    throw new FileAlreadyExistsException(path.toString());
                }
            }
            force(log);
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    @Override
    public CloseableIterator<String> read(Path path, Configuration conf) throws IOException {
        return super.read(path, conf);
    }

    @Override
    public Boolean isPartialWriteVisible(Path path, Configuration conf) {
        return false;
    }

    private static void force(java.nio.file.Path table, String action) throws IOException {
        Matcher added = ADDED.matcher(action);
        if (added.find()) {
            java.nio.file.Path file = table.resolve(new Path(added.group(1)).toString());
            if (Files.exists(file)) {
                force(file);
            }
        }
    }

    private static void force(java.nio.file.Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
