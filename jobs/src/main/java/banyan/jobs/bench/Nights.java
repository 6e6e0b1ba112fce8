package banyan.jobs.bench;

import banyan.jobs.Json;
import banyan.jobs.Pipeline;
import banyan.jobs.Table;
import banyan.schemas.Contract;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Delivery days taken in one by one after a full run, each in a process of its own, as a scheduler would. */
record Nights(Peer.Task full, List<LocalDate> days, Path home, Clock clock) {
    ArrayNode run() {
        ArrayNode nights = Json.object().putArray("nights");
        for (LocalDate day : days) {
            Peer.Task task = new Peer.Task(full.deliveries(), day, full.threads(), full.memory());
            Child.Ended ended = new Child(home.resolve("night-" + day + ".txt"), clock)
                    .run(
                            Child.likeTheLauncher(full.threads(), full.memory()),
                            Child.classPath(false),
                            "banyan.jobs.Main",
                            Peer.commandLine(task, home));
            ObjectNode night = nights.addObject()
                    .put("as_of", day.toString())
                    .put("seconds", Measured.rounded(ended.trace().seconds()))
                    .put(
                            "cpu_seconds",
                            Measured.rounded(
                                    ended.trace().by(ended.trace().ended()).cpu()))
                    .put("peak_bytes", ended.trace().peak());
            ObjectNode files = night.putObject("live_files");
            for (Table table : Pipeline.TABLES) {
                Path folder = home.resolve("lake")
                        .resolve(Contract.of(table.name()).folder())
                        .resolve(table.name());
                files.put(table.name(), new DeltaLog(folder).liveFiles());
            }
        }
        return nights;
    }
}
