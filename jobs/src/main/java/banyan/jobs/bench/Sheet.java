package banyan.jobs.bench;

import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** The results as text that stays readable in a README. */
final class Sheet {
    private Sheet() {}

    static String of(JsonNode result) {
        StringBuilder text = new StringBuilder();
        JsonNode machine = result.path("machine");
        text.append(String.format(
                Locale.ROOT,
                "%,d entities, %,d files, %,d MB of CSV, as of %s; %d threads, %,d MB each; median of %d%n",
                result.path("entities").asLong(0),
                result.path("files").asLong(0),
                result.path("bytes").asLong(0) / 1_000_000,
                result.path("as_of").asString(""),
                result.path("threads").asInt(0),
                result.path("memory_bytes").asLong(0) >> 20,
                result.path("runs").asInt(0)));
        text.append(String.format(
                Locale.ROOT,
                "%d cores, %,d MB, %s, %s%n%n",
                machine.path("cores").asInt(0),
                machine.path("memory_bytes").asLong(0) >> 20,
                machine.path("jdk").asString(""),
                machine.path("date").asString("")));
        text.append(String.format(
                Locale.ROOT,
                "%-8s %-8s %12s %9s %9s %10s %10s %10s%n",
                "peer",
                "stage",
                "rows",
                "seconds",
                "CPU s",
                "shuffle MB",
                "written MB",
                "peak MB"));
        result.path("peers").forEach(peer -> rows(text, peer));
        text.append('\n');
        result.path("peers").forEach(peer -> {
            text.append(String.format(
                    Locale.ROOT,
                    "%-8s %s%n",
                    peer.path("peer").asString(""),
                    peer.path("what").asString("")));
        });
        result.path("agreement").forEach(a -> agreement(text, a));
        result.path("ratios")
                .forEach(r -> text.append(String.format(
                        Locale.ROOT,
                        "Banyan / %-8s seconds %.2f, CPU %.2f, peak memory %.2f%n",
                        r.path("peer").asString(""),
                        r.path("seconds").asDouble(0),
                        r.path("cpu_seconds").asDouble(0),
                        r.path("peak_bytes").asDouble(0))));
        result.path("nights")
                .forEach(n -> text.append(String.format(
                        Locale.ROOT,
                        "night %s %8.1f s, CPU %.1f s%s%n",
                        n.path("as_of").asString(""),
                        n.path("seconds").asDouble(0),
                        n.path("cpu_seconds").asDouble(0),
                        n.has("live_files") ? ", live files " + n.path("live_files") : "")));
        return text.toString();
    }

    private static void agreement(StringBuilder text, JsonNode of) {
        String peer = of.path("peer").asString("");
        if (of.has("unfinished")) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-8s not finished: %s%n",
                    peer,
                    of.path("unfinished").asString("")));
            return;
        }
        of.path("tables")
                .forEach(t -> text.append(String.format(
                        Locale.ROOT,
                        "%-8s %-21s %,11d rows, %,d differ from Banyan's%n",
                        peer,
                        t.path("table").asString(""),
                        t.path("rows").asLong(0),
                        t.path("differences").asLong(0))));
        text.append(String.format(
                Locale.ROOT,
                "%-8s %-21s %,11d rows, Banyan's has %,d%n",
                peer,
                "supervision_list",
                of.path("peer_list").asLong(0),
                of.path("list").asLong(0)));
        of.path("same_bytes")
                .properties()
                .forEach(list -> text.append(String.format(
                        Locale.ROOT,
                        "%-8s %-21s %s byte for byte%n",
                        peer,
                        list.getKey() + ".csv",
                        list.getValue().asBoolean(false) ? "the same" : "not the same")));
    }

    private static void rows(StringBuilder text, JsonNode peer) {
        String name = peer.path("peer").asString("");
        JsonNode median = peer.path("median");
        median.path("stages")
                .forEach(stage -> text.append(row(name, stage.path("stage").asString(""), stage, "")));
        text.append(row(
                name,
                "all",
                median,
                String.format(Locale.ROOT, "%,10d", median.path("peak_bytes").asLong(-1) >> 20)));
    }

    private static String row(String peer, String stage, JsonNode of, String peak) {
        return String.format(
                                Locale.ROOT,
                                "%-8s %-8s %12s %9.1f %9.1f %10s %,10d %10s",
                                peer,
                                stage,
                                of.has("rows")
                                        ? String.format(
                                                Locale.ROOT,
                                                "%,d",
                                                of.path("rows").asLong(0))
                                        : "",
                                of.path("seconds").asDouble(0),
                                of.path("cpu_seconds").asDouble(0),
                                of.path("shuffle_bytes").isNull()
                                        ? "–"
                                        : String.format(
                                                Locale.ROOT,
                                                "%,d",
                                                of.path("shuffle_bytes").asLong(0) / 1_000_000),
                                of.path("bytes_written").asLong(0) / 1_000_000,
                                peak)
                        .stripTrailing()
                + "\n";
    }
}
