package banyan.jobs.bench;

import banyan.jobs.Json;
import banyan.jobs.Pipeline;
import banyan.jobs.Table;
import banyan.schemas.Contract;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Days after a full run, one after the other: as a scheduler would, each in a process of its own, or some at once, as who catches up would.
 *
 * @param days on which something was delivered; days between them are run too where a process takes in more than one
 * @param atOnce how many of them a process takes in, by {@code run --from}
 */
record Nights(Peer.Task full, List<LocalDate> days, int atOnce, Path home, Clock clock) {
    ArrayNode run() {
        ArrayNode nights = Json.object().putArray("nights");
        for (int at = 0; at < days.size(); at += atOnce) {
            run(days.subList(at, Math.min(at + atOnce, days.size())), nights);
        }
        return nights;
    }

    /** Tells of each day its time, start-up with the first, and with the last what the process held and left. */
    private void run(List<LocalDate> some, ArrayNode nights) {
        LocalDate last = some.get(some.size() - 1);
        Peer.Task task = new Peer.Task(full.deliveries(), last, full.threads(), full.memory());
        List<String> command = new ArrayList<>(Peer.commandLine(task, home));
        command.addAll(List.of("--from", some.get(0).toString()));
        Child.Ended ended = new Child(home.resolve("night-" + last + ".txt"), clock)
                .run(
                        Child.likeTheLauncher(full.threads(), full.memory()),
                        Child.classPath(false),
                        "banyan.jobs.Main",
                        command);
        Trace trace = ended.trace();
        ObjectNode night = null;
        long from = trace.began();
        for (String line : ended.lines()) {
            JsonNode told = Json.read(line);
            String day = told.path("as_of").asString("");
            long to = day.equals(last.toString())
                    ? trace.ended()
                    : Instant.parse(told.path("ended_at").asString("")).toEpochMilli();
            night = nights.addObject()
                    .put("as_of", day)
                    .put("seconds", Measured.rounded((to - from) / 1000.0))
                    .put(
                            "cpu_seconds",
                            Measured.rounded(trace.by(to).cpu() - trace.by(from).cpu()));
            from = to;
        }
        if (night == null) {
            throw new IllegalStateException("no day was told of by " + command);
        }
        night.put("peak_bytes", trace.peak());
        ObjectNode files = night.putObject("live_files");
        for (Table table : Pipeline.TABLES) {
            Path folder = home.resolve("lake")
                    .resolve(Contract.of(table.name()).folder())
                    .resolve(table.name());
            files.put(table.name(), new DeltaLog(folder).liveFiles());
        }
    }
}
