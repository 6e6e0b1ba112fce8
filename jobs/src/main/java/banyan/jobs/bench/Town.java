package banyan.jobs.bench;

import banyan.jobs.Json;
import banyan.jobs.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The deliveries that are measured with: those given, or those of a made-up city that is generated first. */
public final class Town {
    private Town() {}

    /** Generates a city into the work folder; one that lies there already is used again. */
    public static Path generated(long entities, int days, int threads, long memory, Path work, Clock clock) {
        Path to = work.toAbsolutePath().normalize().resolve("city-" + entities + "-" + days);
        if (!Files.exists(to.resolve("expected/city.json"))) {
            new Child(work.resolve("generate.txt"), clock)
                    .run(
                            Child.likeTheLauncher(threads, memory),
                            Child.classPath(false),
                            "banyan.jobs.Main",
                            List.of(
                                    "generate",
                                    "--entities",
                                    Long.toString(entities),
                                    "--days",
                                    Integer.toString(days),
                                    "--to",
                                    to.toString()));
        }
        return to;
    }

    /** How many entities a generated city has; 0 where the deliveries do not say. */
    public static long entities(Path deliveries) throws IOException {
        Path about = deliveries.resolve("expected/city.json");
        return Files.exists(about)
                ? Json.read(Files.readString(about)).path("entities").asLong(0)
                : 0;
    }

    /** The days of deliveries, in order. */
    public static List<LocalDate> days(Path deliveries) throws IOException {
        List<LocalDate> days = new ArrayList<>();
        try (Stream<Path> entries = Files.list(deliveries)) {
            for (Path entry : (Iterable<Path>) entries.sorted()::iterator) {
                try {
                    days.add(LocalDate.parse(entry.getFileName().toString()));
                } catch (DateTimeParseException e) {
                    continue; // such as expected/
                }
            }
        }
        if (days.isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot measure with " + deliveries + ": it holds no folder of a day (2025-06-30/…).");
        }
        return days;
    }
}
