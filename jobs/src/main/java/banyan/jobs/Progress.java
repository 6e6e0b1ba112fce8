package banyan.jobs;

import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** Tells a person how far a run is: a line a table on a terminal, else one line per ten seconds; nothing where quiet. */
public final class Progress {
    private static final Duration SELDOM = Duration.ofSeconds(10);

    private final PrintStream out;
    private final boolean terminal;
    private final Clock clock;
    private final Instant start;
    private Instant said;

    /** @param out null to say nothing */
    public Progress(PrintStream out, boolean terminal, Clock clock) {
        this.out = out;
        this.terminal = terminal;
        this.clock = clock;
        this.start = clock.instant();
        this.said = start;
    }

    public synchronized void begins(String what) {
        if (out != null && terminal) {
            out.printf(Locale.ROOT, "%6.1f s  %s …\r", seconds(), what);
            out.flush();
        }
    }

    void ends(Runner.Outcome outcome) {
        say(String.format(
                Locale.ROOT,
                "%-18s %,12d rows%s",
                outcome.table(),
                outcome.rows(),
                outcome.quarantined() > 0
                        ? String.format(Locale.ROOT, ", %,d quarantined", outcome.quarantined())
                        : ""));
    }

    /** A step that is done. */
    public synchronized void say(String line) {
        if (out == null || !terminal && Duration.between(said, clock.instant()).compareTo(SELDOM) < 0) {
            return;
        }
        said = clock.instant();
        out.printf(Locale.ROOT, "%6.1f s  %s%n", seconds(), line);
    }

    private double seconds() {
        return Duration.between(start, clock.instant()).toMillis() / 1000.0;
    }
}
