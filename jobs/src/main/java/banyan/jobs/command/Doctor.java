package banyan.jobs.command;

import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.Session;
import banyan.models.Policy;
import banyan.schemas.Contract;
import banyan.schemas.Sender;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells whether this machine and these definitions can do the work. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = "Check the machine, the definitions and, with --lake, whether the lake can be written.")
public final class Doctor implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Option(names = "--lake", paramLabel = "DIR", description = "A lake to check for access.")
    Path lake;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        Runtime runtime = Runtime.getRuntime();
        out.printf("java       %s (%s)%n", System.getProperty("java.version"), System.getProperty("java.home"));
        out.printf(
                "machine    %d processors, heap up to %d MiB%n",
                runtime.availableProcessors(), runtime.maxMemory() >> 20);
        out.printf("contracts  %d valid%n", Contract.all().size());
        out.printf("senders    %s%n", String.join(", ", Sender.all().keySet()));
        Policy policy = Policy.packaged();
        out.printf(
                "policy     version %s, %d indicators%n",
                policy.version(), policy.indicators().size());
        SparkSession spark = Session.open();
        out.printf(
                "spark      %s, master %s; the settings that correctness rests on hold%n",
                spark.version(), spark.sparkContext().master());
        if (lake != null) {
            if (Files.exists(lake) && !Files.isDirectory(lake)) {
                throw new Refusal(Refusal.Exit.USAGE, "Cannot use " + lake + " as a lake: it is a file.");
            }
            try (AutoCloseable lock = new Lake(spark, lake.toString()).lock()) {
                out.printf(
                        "lake       %s can be written, %d MiB free%n",
                        lake, Files.getFileStore(lake).getUsableSpace() >> 20);
            } catch (Refusal e) {
                throw e;
            } catch (Exception e) {
                throw new IOException(e);
            }
        }
        return 0;
    }
}
