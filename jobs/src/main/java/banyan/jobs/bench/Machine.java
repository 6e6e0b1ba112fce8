package banyan.jobs.bench;

import banyan.jobs.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneId;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where and when it was measured.
 *
 * @param memory bytes; -1 where /proc does not tell
 */
record Machine(int cores, long memory, String jdk, String system, LocalDate date) {
    static Machine here(Clock clock) {
        return new Machine(
                Runtime.getRuntime().availableProcessors(),
                memoryOf(Path.of("/proc/meminfo")),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.version"),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                LocalDate.ofInstant(clock.instant(), ZoneId.of("Asia/Shanghai")));
    }

    private static long memoryOf(Path file) {
        try {
            String total = Files.readString(file, StandardCharsets.ISO_8859_1);
            return 1024 * Long.parseLong(total.substring(0, total.indexOf('\n')).replaceAll("[^0-9]", ""));
        } catch (IOException | RuntimeException e) {
            return -1;
        }
    }

    ObjectNode json() {
        return Json.object()
                .put("cores", cores)
                .put("memory_bytes", memory)
                .put("jdk", jdk)
                .put("system", system)
                .put("date", date.toString());
    }
}
