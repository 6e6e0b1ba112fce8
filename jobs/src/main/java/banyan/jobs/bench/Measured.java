package banyan.jobs.bench;

import banyan.jobs.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One run of one peer. The first stage begins with the process and the last ends with it, so that the stages add up to the whole.
 *
 * @param shuffled bytes; null for a peer that shuffles nothing over files
 * @param kept bytes that lay on disk in the end
 * @param classes class → entities
 * @param unfinished why it came to no end in the memory it was given; null where it did
 */
record Measured(Trace trace, Long shuffled, long kept, List<Stage> stages, JsonNode classes, String unfinished) {
    /** When a stage ended, and how many rows its tables had then. */
    record Mark(String stage, long ended, long rows) {}

    /** What one stage took. */
    record Stage(String stage, long rows, double seconds, double cpu, Long shuffled, long written) {}

    /** @param shuffles what {@link ShuffleMeter} wrote; null where there is nothing to meter */
    static Measured of(
            Trace trace, List<Mark> marks, Path shuffles, Path written, JsonNode classes, String unfinished) {
        List<Stage> stages = new ArrayList<>();
        long from = trace.began();
        for (int m = 0; m < marks.size(); m++) {
            Mark mark = marks.get(m);
            boolean last = m == marks.size() - 1;
            long to = last ? trace.ended() : Math.max(from, mark.ended);
            Trace.Sample before = trace.by(from);
            Trace.Sample after = trace.by(to);
            stages.add(new Stage(
                    mark.stage,
                    mark.rows,
                    (to - from) / 1000.0,
                    after.cpu() - before.cpu(),
                    shuffles == null ? null : shuffled(shuffles, from, last ? Long.MAX_VALUE : to),
                    after.written() - before.written()));
            from = to;
        }
        return new Measured(
                trace,
                shuffles == null ? null : shuffled(shuffles, 0, Long.MAX_VALUE),
                size(written),
                stages,
                classes,
                unfinished);
    }

    double cpu() {
        return trace.by(trace.ended()).cpu();
    }

    ObjectNode json() {
        ObjectNode json = Json.object()
                .put("seconds", rounded(trace.seconds()))
                .put("cpu_seconds", rounded(cpu()))
                .put("peak_bytes", trace.peak())
                .put("shuffle_bytes", shuffled)
                .put("bytes_written", trace.by(trace.ended()).written())
                .put("bytes_kept", kept);
        ArrayNode array = json.putArray("stages");
        for (Stage stage : stages) {
            array.addObject()
                    .put("stage", stage.stage)
                    .put("rows", stage.rows)
                    .put("seconds", rounded(stage.seconds))
                    .put("cpu_seconds", rounded(stage.cpu))
                    .put("shuffle_bytes", stage.shuffled)
                    .put("bytes_written", stage.written);
        }
        json.set("classes", classes);
        if (unfinished != null) {
            json.put("unfinished", unfinished);
        }
        return json;
    }

    static double rounded(double seconds) {
        return Math.round(seconds * 100) / 100.0;
    }

    private static long shuffled(Path file, long from, long to) {
        if (!Files.exists(file)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
            return lines.map(line -> line.split(" "))
                    .filter(line -> Long.parseLong(line[0]) > from && Long.parseLong(line[0]) <= to)
                    .mapToLong(line -> Long.parseLong(line[1]))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long size(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            long sum = 0;
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                sum += Files.size(file);
            }
            return sum;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
