package banyan.jobs.command;

import banyan.jobs.Inputs;
import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.learn.Past;
import banyan.jobs.score.Snapshots;
import banyan.models.Forecast;
import banyan.models.learned.Scoring;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** What models are fitted on: what was known on a day, and how it turned out. */
@Command(
        name = "snapshot",
        mixinStandardHelpOptions = true,
        description = {
            "Write what was known of enterprises on days of the past, and how that turned out: the set a model is fitted on.",
            "Nothing that was received after a day is in its features; an outcome is taken only once it is ripe."
        },
        footer = {
            "",
            "  banyan snapshot critical_finding --lake LAKE --from 2011-11-01 --to 2014-09-01 --test-from 2014-09-01 --csv set.csv",
            "Then: banyan bench scorecard --data set.csv --label bad --drop entity_id --folds column:part --only test",
            "      --dates looked_on --rounds as_of",
            "Exit 3: not one outcome is ripe; 4: the model's definition is invalid."
        })
public final class Snapshot implements Callable<Integer> {
    private static final CSVFormat CSV =
            CSVFormat.RFC4180.builder().setRecordSeparator("\n").get();

    @Mixin
    LakeOptions options;

    @Mixin
    PolicyOptions policy;

    @Parameters(paramLabel = "MODEL", description = "A model of models/learned, such as critical_finding.")
    String model;

    @Option(names = "--from", required = true, paramLabel = "DAY", description = "The first day.")
    LocalDate from;

    @Option(names = "--to", required = true, paramLabel = "DAY", description = "The last day.")
    LocalDate to;

    @Option(
            names = "--every",
            paramLabel = "MONTHS",
            description =
                    "Months from one day to the next; those of the model's window by default, so that no outcome counts twice.")
    Integer every;

    @Option(
            names = "--test-from",
            paramLabel = "DAY",
            description = {
                "Days from this one on are for the test: a column part says test or train, and a day whose outcome was not ripe by then",
                "is left out."
            })
    LocalDate testFrom;

    @Option(names = "--csv", required = true, paramLabel = "FILE", description = "Where the set goes.")
    Path csv;

    @Option(names = "--json", description = "Print one JSON object as the last line of stdout.")
    boolean json;

    @Override
    public Integer call() throws IOException {
        Forecast forecast = Models.forecast(model);
        int months = every == null ? forecast.outcome().months() : every;
        if (from.isAfter(to) || months < 1) {
            throw new ParameterException(
                    options.spec.commandLine(), "--from must not be after --to, and --every must be at least 1.");
        }
        Options.refuseNoFolder(csv);
        Lake lake = options.open();
        Past past = Past.of(lake, forecast, policy.policy(), LocalDate.of(9999, 12, 31));
        List<String> header = header(forecast);
        Path unfinished = Files.createTempFile(csv.toAbsolutePath().getParent(), ".snapshot", ".csv");
        int days = 0;
        long cases = 0;
        long bad = 0;
        List<LocalDate> between = new ArrayList<>();
        List<LocalDate> unripe = new ArrayList<>();
        try {
            try (CSVPrinter out = new CSVPrinter(Files.newBufferedWriter(unfinished, StandardCharsets.UTF_8), CSV)) {
                out.printRecord(header);
                for (LocalDate day : Past.days(from, to, months)) {
                    if (!past.ripe(day)) {
                        unripe.add(day);
                        continue;
                    }
                    boolean test = testFrom != null && !day.isBefore(testFrom);
                    if (testFrom != null
                            && !test
                            && forecast.outcome().ripe(day).isAfter(testFrom)) {
                        between.add(day);
                        continue;
                    }
                    long[] counted = write(
                            out,
                            forecast,
                            past.then(day),
                            past.later(day),
                            testFrom == null ? null : test ? "test" : "train");
                    days++;
                    cases += counted[0];
                    bad += counted[1];
                    options.out().printf(Locale.ROOT, "%s  %,7d cases  %,6d bad%n", day, counted[0], counted[1]);
                }
            }
            if (days == 0) {
                throw new Refusal(
                        Refusal.Exit.DATA,
                        "Cannot look back for " + model + ": no outcome is ripe. Its sources have delivered until "
                                + past.known()
                                + ", and the outcome of " + from + " is ripe on "
                                + forecast.outcome().ripe(from) + ".");
            }
            if (cases == 0) {
                throw new Refusal(
                        Refusal.Exit.DATA,
                        "Cannot look back for " + model + ": on none of " + days + " days from " + from
                                + " was an enterprise known that was looked at afterwards.");
            }
            Files.move(unfinished, csv, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(unfinished);
        }
        tell("left out, their outcome was not ripe when the test began: ", between);
        tell(
                "left out, their outcome is not ripe on " + past.known() + ", until when its sources have delivered: ",
                unripe);
        options.out().printf(Locale.ROOT, "%,d cases of %d days, %,d bad: %s%n", cases, days, bad, csv);
        if (json) {
            options.out()
                    .println(Json.object()
                            .put("command", "snapshot")
                            .put("model", model)
                            .put("days", days)
                            .put("cases", cases)
                            .put("bad", bad)
                            .put("unripe", unripe.size())
                            .put("between", between.size())
                            .put("file", csv.toString()));
        }
        return 0;
    }

    private void tell(String what, List<LocalDate> days) {
        if (!days.isEmpty()) {
            options.out()
                    .println(what
                            + String.join(
                                    ", ", days.stream().map(LocalDate::toString).toList()));
        }
    }

    private List<String> header(Forecast forecast) {
        List<String> header = new ArrayList<>(List.of("entity_id", "as_of", "looked_on", "bad"));
        if (testFrom != null) {
            header.add("part");
        }
        forecast.features().forEach(feature -> header.add(feature.id()));
        return header;
    }

    /** Cases and bad cases of a day. */
    private static long[] write(CSVPrinter out, Forecast forecast, Inputs then, Inputs later, String part)
            throws IOException {
        long cases = 0;
        long bad = 0;
        for (Iterator<Row> rows = Snapshots.rows(forecast, then, later).toLocalIterator(); rows.hasNext(); ) {
            Row row = rows.next();
            int outcome = row.getAs("bad");
            List<Object> cells =
                    new ArrayList<>(List.of(row.getAs("entity_id"), then.asOf(), row.getAs("looked_on"), outcome));
            if (part != null) {
                cells.add(part);
            }
            for (Forecast.Feature feature : forecast.features()) {
                Double value = row.getAs(feature.id());
                cells.add(value == null ? null : Scoring.written(value));
            }
            out.printRecord(cells);
            cases++;
            bad += outcome;
        }
        return new long[] {cases, bad};
    }
}
