package banyan.jobs.bench;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.ingest.DeliveredFile;
import banyan.jobs.ingest.Deliveries;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Banyan and its peers on the same files: rounds in which each runs once, from an empty folder, in a process of its own; then whether
 * all came to the same classes, and to the same rows and lists where they make them.
 *
 * @param entities how many the deliveries tell of; 0 where nobody said
 * @param nights days after the task's, for Banyan alone
 * @param atOnce how many of them a process takes in
 */
public record Trial(
        Peer.Task task,
        List<Peer> peers,
        int rounds,
        long entities,
        List<LocalDate> nights,
        int atOnce,
        Path work,
        Clock clock) {
    private static final String HOME = "last-";

    /**
     * @param peers names of peers
     * @param memory heap of a Spark process, or what DuckDB may use; in bytes
     */
    public static Trial of(
            Path deliveries,
            LocalDate day,
            int threads,
            long memory,
            List<String> peers,
            int rounds,
            long entities,
            List<LocalDate> nights,
            int atOnce,
            Path work,
            Clock clock) {
        List<Peer> all = new ArrayList<>(List.of(Peer.BANYAN));
        for (String name : peers) {
            all.add(Stream.of(Peer.DUCKDB, Peer.NAIVE)
                    .filter(p -> p.name().equalsIgnoreCase(name))
                    .findFirst()
                    .orElseThrow(() -> new Refusal(
                            Refusal.Exit.USAGE,
                            "Cannot measure against " + name + ": the peers are duckdb and naive.")));
        }
        Peer.Task task = new Peer.Task(deliveries.toAbsolutePath().normalize(), day, threads, memory);
        return new Trial(
                task,
                all,
                rounds,
                entities,
                nights,
                atOnce,
                work.toAbsolutePath().normalize(),
                clock);
    }

    /**
     * Measures, and leaves {@code bench.json} and {@code bench.txt} in the work folder.
     *
     * @param lakes opens a lake, for the comparison at the end
     * @param out where progress is told; null for nowhere
     */
    public ObjectNode run(Function<String, Lake> lakes, PrintWriter out) throws IOException {
        Map<Peer, List<Measured>> runs = new EnumMap<>(Peer.class);
        for (int round = 1; round <= rounds; round++) {
            for (Peer peer : peers) {
                Path home = home(peer);
                delete(home);
                Files.createDirectories(home);
                Measured run = peer.run(task, home, clock);
                runs.computeIfAbsent(peer, p -> new ArrayList<>()).add(run);
                tell(
                        out,
                        "round %d of %d  %-8s %8.1f s, CPU %.1f s, peak %,d MB%s%n",
                        round,
                        rounds,
                        name(peer),
                        run.trace().seconds(),
                        run.cpu(),
                        run.trace().peak() >> 20,
                        run.unfinished() == null ? "" : ", not finished: " + run.unfinished());
            }
        }
        ObjectNode result = described();
        ArrayNode measured = result.putArray("peers");
        runs.forEach((peer, of) -> measured.add(json(peer, of)));
        ratios(result.putArray("ratios"), runs);
        agreement(result.putArray("agreement"), runs, lakes);
        if (!nights.isEmpty()) {
            tell(out, "%d nights …%n", nights.size());
            result.set("nights", new Nights(task, nights, atOnce, home(Peer.BANYAN), clock).run());
        }
        Files.writeString(work.resolve("bench.json"), Json.pretty(result));
        Files.writeString(work.resolve("bench.txt"), Sheet.of(result));
        return result;
    }

    /** The results as text. */
    public static String text(ObjectNode result) {
        return Sheet.of(result);
    }

    /** Whether all peers that came to an end came to Banyan's classes, in every round, and to its tables and lists in the last. */
    public static boolean agreed(ObjectNode result) {
        for (var of : result.path("agreement")) {
            if (!of.has("unfinished") && !of.path("agrees").asBoolean(false)) {
                return false;
            }
        }
        return true;
    }

    private ObjectNode described() {
        List<DeliveredFile> files = Deliveries.in(task.deliveries(), task.day()).files();
        files.stream().filter(file -> file.entry() != null).findFirst().ifPresent(file -> {
            throw new Refusal(
                    Refusal.Exit.DATA,
                    "Cannot measure with " + file.name() + ": the peers open no zip. Unpack it first.");
        });
        ObjectNode result = Json.object()
                .put("command", "bench")
                .put("entities", entities)
                .put("as_of", task.day().toString())
                .put("files", files.size())
                .put("bytes", files.stream().mapToLong(DeliveredFile::bytes).sum())
                .put("runs", rounds)
                .put("threads", task.threads())
                .put("memory_bytes", task.memory());
        result.set("machine", Machine.here(clock).json());
        return result;
    }

    private static ObjectNode json(Peer peer, List<Measured> runs) {
        ObjectNode json = Json.object().put("peer", name(peer)).put("what", peer.what);
        ArrayNode all = json.putArray("runs");
        runs.forEach(run -> all.add(run.json()));
        json.set("median", middle(runs).json());
        return json;
    }

    /** The run whose seconds are the median, of those that came to an end if any did; of an even number the faster of the two in the middle. */
    private static Measured middle(List<Measured> runs) {
        List<Measured> finished =
                runs.stream().filter(run -> run.unfinished() == null).toList();
        List<Measured> sorted = new ArrayList<>(finished.isEmpty() ? runs : finished);
        sorted.sort(Comparator.comparingDouble(run -> run.trace().seconds()));
        return sorted.get((sorted.size() - 1) / 2);
    }

    private static void ratios(ArrayNode ratios, Map<Peer, List<Measured>> runs) {
        Measured own = middle(runs.get(Peer.BANYAN));
        runs.forEach((peer, of) -> {
            if (peer != Peer.BANYAN && unfinished(of).isEmpty()) {
                Measured other = middle(of);
                ratios.addObject()
                        .put("peer", name(peer))
                        .put("seconds", ratio(own, other, run -> run.trace().seconds()))
                        .put("cpu_seconds", ratio(own, other, Measured::cpu))
                        .put("peak_bytes", ratio(own, other, run -> run.trace().peak()));
            }
        });
    }

    private static double ratio(Measured own, Measured other, ToDoubleFunction<Measured> of) {
        return Math.round(1000 * of.applyAsDouble(own) / of.applyAsDouble(other)) / 1000.0;
    }

    /** Row by row in the last round; in earlier ones by how many there are of each class. */
    private void agreement(ArrayNode told, Map<Peer, List<Measured>> runs, Function<String, Lake> lakes)
            throws IOException {
        Measured own = runs.get(Peer.BANYAN).get(rounds - 1);
        for (Peer peer : peers) {
            boolean counts = runs.get(peer).stream().allMatch(run -> counts(run).equals(counts(own)));
            if (peer == Peer.BANYAN) {
                continue;
            }
            Optional<String> unfinished = unfinished(runs.get(peer));
            if (unfinished.isPresent()) {
                told.addObject().put("peer", name(peer)).put("unfinished", unfinished.get());
                continue;
            }
            long list = Peer.list(own);
            long peerList = Peer.list(runs.get(peer).get(rounds - 1));
            boolean agrees = counts && list == peerList;
            ObjectNode of =
                    told.addObject().put("peer", name(peer)).put("list", list).put("peer_list", peerList);
            ArrayNode tables = of.putArray("tables");
            for (String table : peer.tables()) {
                Agreement found = Agreement.of(
                        table, Peer.BANYAN.rows(table, lakes, home(Peer.BANYAN)), peer.rows(table, lakes, home(peer)));
                agrees &= found.whole();
                tables.addObject()
                        .put("table", table)
                        .put("rows", found.rows())
                        .put("differences", found.differences());
            }
            ObjectNode bytes = of.putObject("same_bytes");
            Map<String, Path> ours = Peer.BANYAN.lists(home(Peer.BANYAN));
            for (Map.Entry<String, Path> file : peer.lists(home(peer)).entrySet()) {
                boolean same = Files.mismatch(ours.get(file.getKey()), file.getValue()) < 0;
                agrees &= same;
                bytes.put(file.getKey(), same);
            }
            of.put("agrees", agrees);
        }
    }

    /** Why a peer came to no end in one of its runs; empty where it always did. */
    private static Optional<String> unfinished(List<Measured> runs) {
        return runs.stream().map(Measured::unfinished).filter(Objects::nonNull).findFirst();
    }

    private static Map<String, Long> counts(Measured run) {
        Map<String, Long> counts = new java.util.TreeMap<>();
        run.classes()
                .properties()
                .forEach(e -> counts.put(e.getKey(), e.getValue().asLong(0)));
        counts.values().removeIf(n -> n == 0);
        return counts;
    }

    private Path home(Peer peer) {
        return work.resolve(HOME + name(peer));
    }

    private static String name(Peer peer) {
        return peer.name().toLowerCase(Locale.ROOT);
    }

    private static void tell(PrintWriter out, String format, Object... values) {
        if (out != null) {
            out.printf(Locale.ROOT, format, values);
            out.flush();
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                    Files.delete(file);
                }
            }
        }
    }
}
