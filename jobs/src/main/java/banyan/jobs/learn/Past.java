package banyan.jobs.learn;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;

import banyan.jobs.Inputs;
import banyan.jobs.Lake;
import banyan.jobs.Pipeline;
import banyan.jobs.Refusal;
import banyan.jobs.score.Snapshots;
import banyan.models.Forecast;
import banyan.models.Policy;
import banyan.models.learned.Cohorts;
import banyan.models.learned.Sample;
import banyan.models.learned.Selection;
import banyan.models.learned.Values;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.apache.spark.sql.Row;

/**
 * Days of the past on which a model can be fitted or measured: those whose outcome is ripe.
 *
 * @param lake where the records are
 * @param forecast what is foretold
 * @param first day on which all of the outcome's sources had begun to deliver
 * @param known the last day until which all of them have delivered: nothing received after it is used
 */
public record Past(Lake lake, Forecast forecast, Policy policy, LocalDate first, LocalDate known) {
    /** Cases that the driver holds at most; of more as many are drawn, by their names. */
    static final int MOST = 400_000;

    /** Who looked at whom on which day; "" where that is not told. */
    public interface Lookers {
        Lookers NONE = (entity, day) -> "";

        String who(String entity, LocalDate day);
    }

    /**
     * @param known the last day whose deliveries are used
     * @throws Refusal with exit 99 if not all of the outcome's sources were ever delivered by then
     */
    public static Past of(Lake lake, Forecast forecast, Policy policy, LocalDate known) {
        Set<String> sources = Pipeline.sources(forecast.outcome().table());
        List<Row> newest = lake.version("deliveries") < 0
                ? List.of()
                : lake.read("deliveries")
                        .where(col("table").isin(sources.toArray()))
                        .where(col("received_on").leq(lit(known)))
                        .groupBy("table")
                        .agg(max(col("received_on")), min(col("received_on")))
                        .collectAsList();
        if (newest.size() < sources.size()) {
            throw new Refusal(
                    Refusal.Exit.NOTHING,
                    "Cannot look back for " + forecast.id() + ": its outcome is told by "
                            + String.join(", ", new TreeSet<>(sources))
                            + ", and not all of them were delivered into " + lake.root() + " by " + known + ".");
        }
        LocalDate last = newest.stream()
                .map(row -> row.<LocalDate>getAs(1))
                .min(Comparator.naturalOrder())
                .orElseThrow();
        LocalDate first = newest.stream()
                .map(row -> row.<LocalDate>getAs(2))
                .max(Comparator.naturalOrder())
                .orElseThrow();
        return new Past(lake, forecast, policy, first, last);
    }

    /** Days so many months apart, the last of them at most {@code to}. */
    public static List<LocalDate> days(LocalDate from, LocalDate to, int months) {
        List<LocalDate> days = new ArrayList<>();
        for (int n = 0; !from.plusMonths((long) n * months).isAfter(to); n++) {
            days.add(from.plusMonths((long) n * months));
        }
        return days;
    }

    /** Whether all that will ever tell how a day turned out has been delivered. */
    public boolean ripe(LocalDate day) {
        return !forecast.outcome().ripe(day).isAfter(known);
    }

    /**
     * The ripe days, counted back from the last of them, ascending.
     *
     * @param from no day before this one; since the first delivery where null
     */
    public List<LocalDate> ripeDays(LocalDate from, int months) {
        LocalDate begin = from == null || from.isBefore(first) ? first : from;
        LocalDate last = known.minusDays(forecast.outcome().delay())
                .minusMonths(forecast.outcome().months());
        while (!ripe(last)) { // months are of different lengths
            last = last.minusDays(1);
        }
        List<LocalDate> days = new ArrayList<>();
        for (int n = 0; !last.minusMonths((long) n * months).isBefore(begin); n++) {
            days.add(0, last.minusMonths((long) n * months));
        }
        return days;
    }

    /** What was known on a day. */
    public Inputs then(LocalDate day) {
        return inputs(day);
    }

    /** What was known when its outcome was ripe. */
    public Inputs later(LocalDate day) {
        return inputs(forecast.outcome().ripe(day));
    }

    private Inputs inputs(LocalDate day) {
        Set<String> reads = new HashSet<>(Pipeline.reads("obligations", "contributions"));
        reads.addAll(Set.of("entities", "repairs", forecast.outcome().table()));
        forecast.tables().forEach(reads::add);
        return new Inputs(lake, reads, day, day, policy, "en");
    }

    /** A case as it is held until all are there. */
    private record Case(
            double[] features,
            int bad,
            LocalDate day,
            LocalDate looked,
            String peer,
            double drawn,
            String group,
            double violator,
            double rules) {}

    /**
     * As many as the driver holds, of however many there are: when there are too many, those with the higher half of the numbers drawn for
     * them go. What stays follows from the names alone, in whatever order they come.
     */
    private static final class Drawn<T> {
        private final List<T> kept = new ArrayList<>();
        private final List<Integer> numbers = new ArrayList<>();
        private int bar = Integer.MAX_VALUE;
        private long found;

        void add(T one, String entity, LocalDate day) {
            found++;
            int number = new SplittableRandom((entity + " " + day).hashCode()).nextInt(Integer.MAX_VALUE);
            if (number <= bar) {
                kept.add(one);
                numbers.add(number);
            }
            while (kept.size() > MOST) {
                bar /= 2;
                int stay = 0;
                for (int i = 0; i < kept.size(); i++) {
                    if (numbers.get(i) <= bar) {
                        kept.set(stay, kept.get(i));
                        numbers.set(stay++, numbers.get(i));
                    }
                }
                kept.subList(stay, kept.size()).clear();
                numbers.subList(stay, numbers.size()).clear();
            }
        }
    }

    /**
     * The cases of some days, and of how many they were drawn.
     *
     * @param found cases there are; more than were drawn where the driver could not hold them
     */
    public record Cases(Cohorts cohorts, long found) {}

    /**
     * @param days whose outcome is ripe
     * @param lookers who looked, where the definition does not tell
     * @param told what is said of each day: cases and bad ones
     */
    public Cases cases(List<LocalDate> days, Lookers lookers, BiConsumer<LocalDate, long[]> told) {
        Drawn<Case> cases = new Drawn<>();
        for (LocalDate day : days) {
            long[] counted = new long[2];
            for (Iterator<Row> rows =
                            Snapshots.compared(forecast, then(day), later(day)).toLocalIterator();
                    rows.hasNext(); ) {
                Row row = rows.next();
                Case one = read(row, day, lookers);
                counted[0]++;
                counted[1] += one.bad;
                cases.add(one, row.getAs("entity_id"), day);
            }
            told.accept(day, counted);
        }
        return new Cases(cohorts(cases.kept), cases.found);
    }

    /** All enterprises of a day, those too that nobody looked at; of more than the driver can hold as many are drawn. */
    public Selection.Everybody everybody(LocalDate day) {
        Drawn<Row> everybody = new Drawn<>();
        for (Iterator<Row> all =
                        Snapshots.everybody(forecast, then(day), later(day)).toLocalIterator();
                all.hasNext(); ) {
            Row row = all.next();
            everybody.add(row, row.getAs("entity_id"), day);
        }
        List<Row> rows = everybody.kept;
        int n = rows.size();
        boolean[] looked = new boolean[n];
        double[] drawn = new double[n];
        double[] bad = new double[n];
        String[] district = new String[n];
        for (int i = 0; i < n; i++) {
            Integer outcome = rows.get(i).getAs("bad");
            looked[i] = outcome != null;
            drawn[i] = drawn(rows.get(i));
            bad[i] = outcome == null ? 0 : outcome;
            String area = rows.get(i).getAs("area_code");
            district[i] = area == null ? "" : area;
        }
        List<Values> values = forecast.ids().stream()
                .<Values>map(id -> new Values.Numbers(
                        id, rows.stream().mapToDouble(row -> number(row, id)).toArray()))
                .toList();
        return new Selection.Everybody(values, looked, drawn, bad, district, everybody.found);
    }

    /** How it turned out when it was drawn at random; not a number where it was not. */
    private static double drawn(Row row) {
        Integer drawn = row.getAs("drawn");
        return drawn == null ? Double.NaN : drawn;
    }

    private static double number(Row row, String feature) {
        Double value = row.getAs(feature);
        return value == null ? Double.NaN : value;
    }

    private Case read(Row row, LocalDate day, Lookers lookers) {
        String entity = row.getAs("entity_id");
        LocalDate looked = row.getAs("looked_on");
        String group = row.getAs("group");
        String peer = row.getAs("peer");
        String told = lookers.who(entity, looked);
        return new Case(
                forecast.ids().stream().mapToDouble(id -> number(row, id)).toArray(),
                row.getAs("bad"),
                day,
                looked,
                peer,
                drawn(row),
                told.isEmpty() ? group : told,
                row.getAs("violator"),
                row.getAs("rules"));
    }

    private Cohorts cohorts(List<Case> cases) {
        int n = cases.size();
        List<Values> values = new ArrayList<>();
        List<String> ids = forecast.ids();
        for (int f = 0; f < ids.size(); f++) {
            int at = f;
            values.add(new Values.Numbers(
                    ids.get(f), cases.stream().mapToDouble(c -> c.features[at]).toArray()));
        }
        return new Cohorts(
                Sample.of(values, cases.stream().mapToDouble(Case::bad).toArray()),
                cases.stream().mapToLong(c -> c.day.toEpochDay()).toArray(),
                cases.stream().mapToLong(c -> c.looked.toEpochDay()).toArray(),
                cases.stream()
                        .mapToLong(c -> forecast.outcome().ripe(c.day).toEpochDay())
                        .toArray(),
                cases.stream().map(Case::peer).toArray(String[]::new),
                cases.stream().mapToDouble(Case::drawn).toArray(),
                cases.stream().map(Case::group).toArray(String[]::new),
                cases.stream().mapToDouble(Case::violator).toArray(),
                cases.stream().mapToDouble(Case::rules).toArray());
    }
}
