package banyan.schemas;

import static org.apache.spark.sql.functions.datediff;
import static org.apache.spark.sql.functions.get;
import static org.apache.spark.sql.functions.lit;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.apache.spark.sql.Column;

/**
 * The official calendar of working days: Monday to Friday, but for the holidays and the weekends worked in exchange (调休) that the State
 * Council announces a year ahead (国务院办公厅关于部分节假日安排的通知). {@code schemas/codes/workdays.csv} holds each day that departs from the
 * rule, with the number of its notice; of years before the first and after the last of them nothing is said.
 */
public final class Workdays {
    private static final Workdays OFFICIAL = read();

    private final LocalDate first;
    private final LocalDate last;
    private final LocalDate[] days; // those worked, in order
    private final int[] until; // of each day from the first on, how many are worked up to it

    private Workdays(Map<LocalDate, Boolean> departures) {
        first = LocalDate.of(
                departures.keySet().stream()
                        .min(LocalDate::compareTo)
                        .orElseThrow()
                        .getYear(),
                1,
                1);
        last = LocalDate.of(
                departures.keySet().stream()
                        .max(LocalDate::compareTo)
                        .orElseThrow()
                        .getYear(),
                12,
                31);
        List<LocalDate> worked = new ArrayList<>();
        List<Integer> counts = new ArrayList<>();
        for (LocalDate day = first; !day.isAfter(last); day = day.plusDays(1)) {
            boolean weekend = day.getDayOfWeek() == DayOfWeek.SATURDAY || day.getDayOfWeek() == DayOfWeek.SUNDAY;
            if (departures.getOrDefault(day, !weekend)) {
                worked.add(day);
            }
            counts.add(worked.size());
        }
        days = worked.toArray(LocalDate[]::new);
        until = counts.stream().mapToInt(n -> n).toArray();
    }

    public static Workdays official() {
        return OFFICIAL;
    }

    /** The last day of the last year that was announced. */
    public LocalDate last() {
        return last;
    }

    /** The n-th working day after a day, which itself does not count; empty where that year is not announced, or before 2015. */
    public Optional<LocalDate> after(LocalDate day, int n) {
        if (day.isBefore(first) || day.isAfter(last)) {
            return Optional.empty();
        }
        int at = until[(int) (day.toEpochDay() - first.toEpochDay())] + n - 1;
        return at < days.length ? Optional.of(days[at]) : Optional.empty();
    }

    /** The same of a column of days; null where {@link #after} is empty. */
    public Column after(Column day, int n) {
        Integer[] counts = Arrays.stream(until).boxed().toArray(Integer[]::new);
        Column worked = get(lit(counts), datediff(day, lit(first)));
        return get(lit(days), worked.plus(n - 1));
    }

    private static Workdays read() {
        String text = Definitions.packaged("codes", ".csv").get("workdays.csv");
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get();
        Map<LocalDate, Boolean> departures = new HashMap<>();
        try {
            for (CSVRecord r : format.parse(new StringReader(text))) {
                if (!r.get("works").matches("true|false")) {
                    throw new InvalidDefinition(
                            "codes/workdays.csv",
                            r.get("day") + ", works: " + r.get("works") + "; write true or false");
                }
                departures.put(LocalDate.parse(r.get("day")), Boolean.valueOf(r.get("works")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Workdays(departures);
    }
}
