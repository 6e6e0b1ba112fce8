package banyan.jobs.command;

import banyan.jobs.Refusal;
import banyan.jobs.Session;
import banyan.jobs.ingest.FrontDatabase;
import banyan.schemas.Sender;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes what is new in a sender's database down as its delivery. */
@Command(
        name = "fetch",
        mixinStandardHelpOptions = true,
        description = "Write what is new in a sender's database (前置库) down as a delivery of that sender.",
        footer = {
            "",
            "Address, account and password come from the environment alone, under the names that schemas/senders/SENDER.yaml",
            "gives: …_URL (jdbc:postgresql://host/db), …_USER, …_PASSWORD. Exit 99 says that nothing is new."
        })
public final class Fetch implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "SENDER", description = "Name of a sender with a database.")
    String sender;

    @Option(names = "--deliveries", required = true, paramLabel = "DIR", description = "The deliveries folder.")
    Path deliveries;

    @Option(
            names = "--as-of",
            required = true,
            paramLabel = "DAY",
            description = "The day under which the rows are received, yyyy-mm-dd.")
    LocalDate day;

    @Override
    public Integer call() {
        Options.refuseTheFuture(day);
        PrintWriter out = spec.commandLine().getOut();
        Sender from = Optional.ofNullable(Sender.all().get(sender))
                .orElseThrow(() -> new Refusal(
                        Refusal.Exit.USAGE,
                        "Cannot fetch from " + sender + ": there is no such sender. The senders are "
                                + String.join(", ", Sender.all().keySet()) + "."));
        List<FrontDatabase.Fetched> fetched = new FrontDatabase(Session.open(), from, System::getenv)
                .fetch(deliveries.toAbsolutePath().normalize(), day);
        fetched.forEach(file -> out.printf(Locale.ROOT, "%,d rows to %s%n", file.rows(), file.file()));
        fetched.stream()
                .filter(file -> file.future() > 0)
                .forEach(file -> out.printf(
                        Locale.ROOT,
                        "note: %,d rows of %s are dated after %s; they are read again each time until %s corrects them%n",
                        file.future(),
                        file.file().getFileName(),
                        day,
                        sender));
        if (fetched.isEmpty()) {
            throw new Refusal(Refusal.Exit.NOTHING, "Nothing to do: " + sender + " holds nothing new.");
        }
        return 0;
    }
}
