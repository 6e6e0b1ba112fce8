package banyan.jobs.bench;

import banyan.jobs.Refusal;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A process of its own for one measured run, started with the flags that the launcher gave to this one. */
final class Child {
    private static final Path PROC = Path.of("/proc");
    /** The unit of times in /proc/PID/stat, which Linux fixes for programs. */
    private static final double TICKS_A_SECOND = 100;

    private static final long LOOK_EVERY_MS = 50;

    private final Path out;
    private final Clock clock;

    /** @param out where stdout and stderr go */
    Child(Path out, Clock clock) {
        this.out = out;
        this.clock = clock;
    }

    /** How it went, and what it printed. */
    record Ended(Trace trace, List<String> lines) {
        String lastLine() {
            return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
        }
    }

    /** The launcher's flags of this process, for a child that runs Spark on so many threads in so much memory. */
    static List<String> likeTheLauncher(int threads, long memory) {
        List<String> flags = ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> !flag.startsWith("-Xmx")
                        && !flag.startsWith("-Dspark.master=")
                        && !flag.startsWith("-XX:ArchiveClassesAtExit"))
                .collect(Collectors.toCollection(ArrayList::new));
        flags.add("-Xmx" + memory / 1024 + "k");
        flags.add("-Dspark.master=local[" + threads + "]");
        return flags;
    }

    /** The same without what the launcher sets the compiler of a run to: of the machine's own settings a peer has its best, too. */
    static List<String> untuned(int threads, long memory) {
        return likeTheLauncher(threads, memory).stream()
                .filter(flag -> !flag.matches("-XX:(Tier4|FreqInlineSize|InlineSmallCode).*"))
                .toList();
    }

    /** The class path of the product; with that of the peers where asked. */
    static String classPath(boolean peers) {
        String own = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Stream.of(own.split(File.pathSeparator))
                .filter(entry -> peers || !entry.contains("duckdb_jdbc"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** @throws Refusal with exit 1 if it fails, with the end of what it printed */
    Ended run(List<String> flags, String classPath, String mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("-cp", classPath, mainClass));
        command.addAll(arguments);
        try {
            Files.createDirectories(out.getParent());
            Path errors = out.resolveSibling(out.getFileName() + ".err");
            long began = clock.millis();
            Process process = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(errors.toFile())
                    .start();
            Trace trace = follow(process, began);
            List<String> printed = Files.readAllLines(out, StandardCharsets.UTF_8);
            if (process.exitValue() != 0) {
                printed.addAll(Files.readAllLines(errors, StandardCharsets.UTF_8));
                throw new Refusal(
                        Refusal.Exit.FAULT,
                        "Cannot measure: " + mainClass + " " + String.join(" ", arguments) + " ended with exit "
                                + process.exitValue() + ".\n"
                                + String.join("\n", printed.subList(Math.max(0, printed.size() - 30), printed.size())));
            }
            return new Ended(trace, List.copyOf(printed));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private Trace follow(Process process, long began) throws InterruptedException {
        List<Trace.Sample> samples = new ArrayList<>();
        long peak = -1;
        try {
            do {
                Path proc = PROC.resolve(Long.toString(process.pid()));
                try {
                    samples.add(new Trace.Sample(clock.millis(), cpu(proc), number(proc.resolve("io"), "wchar:")));
                    peak = Math.max(peak, 1024 * number(proc.resolve("status"), "VmHWM:"));
                } catch (IOException | RuntimeException gone) {
                    peak = Math.max(peak, -1); // it ended while we looked, or this system has no /proc
                }
            } while (!process.waitFor(LOOK_EVERY_MS, TimeUnit.MILLISECONDS));
        } finally {
            process.destroy();
        }
        return new Trace(began, clock.millis(), peak, List.copyOf(samples));
    }

    private static double cpu(Path proc) throws IOException {
        String stat = Files.readString(proc.resolve("stat"), StandardCharsets.ISO_8859_1);
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_A_SECOND;
    }

    private static long number(Path file, String name) throws IOException {
        for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
            if (line.startsWith(name)) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new IOException("no " + name + " in " + file);
    }
}
