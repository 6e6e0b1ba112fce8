package banyan.jobs.bench;

import java.util.List;

/**
 * How a process went: what it had used at each look at it.
 *
 * @param began epoch millis
 * @param ended epoch millis
 * @param peak most bytes it ever held in memory (VmHWM); -1 where /proc does not tell
 */
record Trace(long began, long ended, long peak, List<Sample> samples) {
    /** What a process had used by a moment: CPU seconds, and bytes it had asked the system to write. */
    record Sample(long at, double cpu, long written) {}

    double seconds() {
        return (ended - began) / 1000.0;
    }

    /** What it had used by a moment, between two looks in proportion. */
    Sample by(long at) {
        Sample before = new Sample(began, 0, 0);
        for (Sample sample : samples) {
            if (sample.at >= at) {
                double share = sample.at == before.at ? 1 : (double) (at - before.at) / (sample.at - before.at);
                return new Sample(
                        at,
                        before.cpu + share * (sample.cpu - before.cpu),
                        before.written + Math.round(share * (sample.written - before.written)));
            }
            before = sample;
        }
        return before;
    }
}
