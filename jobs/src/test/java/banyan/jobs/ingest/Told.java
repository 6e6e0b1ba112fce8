package banyan.jobs.ingest;

import java.util.ArrayList;
import java.util.List;

/** What a reader told, one line a record: its number, and either its values or ! and what is wrong with it. */
final class Told implements Records {
    final List<String> lines = new ArrayList<>();
    List<String> columns;

    @Override
    public void columns(List<String> names) {
        columns = names;
    }

    @Override
    public void record(long line, List<String> values) {
        lines.add(line + ": "
                + String.join("|", values.stream().map(v -> v == null ? "∅" : v).toList()));
    }

    @Override
    public void unreadable(long line, String why, String text) {
        lines.add(line + "! " + why);
    }
}
