package banyan.jobs.bench;

import banyan.jobs.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The log of a Delta table on this disk, read without Spark: when rows were last committed, and which files are alive. */
record DeltaLog(Path table) {
    /** Epoch millis of the newest commit that Banyan made; those that only tidy do not count. 0 without one. */
    long lastCommit() {
        long last = 0;
        for (JsonNode action : actions()) {
            JsonNode commit = action.path("commitInfo");
            if (!commit.path("userMetadata").asString("").isEmpty()) {
                last = Math.max(last, commit.path("timestamp").asLong(0));
            }
        }
        return last;
    }

    int liveFiles() {
        Set<String> live = new HashSet<>();
        for (JsonNode action : actions()) {
            if (action.has("add")) {
                live.add(action.path("add").path("path").asString(""));
            } else if (action.has("remove")) {
                live.remove(action.path("remove").path("path").asString(""));
            }
        }
        return live.size();
    }

    private List<JsonNode> actions() {
        Path log = table.resolve("_delta_log");
        if (!Files.isDirectory(log)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(log)) {
            return files.filter(f -> f.getFileName().toString().matches("\\d{20}\\.json"))
                    .sorted()
                    .flatMap(DeltaLog::lines)
                    .map(Json::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
