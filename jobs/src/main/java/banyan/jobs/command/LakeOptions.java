package banyan.jobs.command;

import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.Session;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** What commands take that look after a lake as it stands, whatever the day. */
final class LakeOptions {
    @Spec(Target.MIXEE)
    CommandSpec spec;

    @Option(names = "--lake", required = true, paramLabel = "DIR", description = "Where the tables live.")
    String lake;

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** The lake, with a session. */
    Lake open() {
        if (!lake.contains("://") && !Files.isDirectory(Path.of(lake))) {
            throw new Refusal(Refusal.Exit.USAGE, "Cannot read " + lake + ": there is no such lake.");
        }
        return new Lake(Session.open(), lake);
    }

    /** The lake, in which links must have been built. */
    Lake linked() {
        Lake open = open();
        if (open.version("links") < 0) {
            throw new Refusal(
                    Refusal.Exit.NOTHING,
                    "Cannot look at links in " + lake
                            + ": they were never built. Run `banyan run` or `banyan build all` first.");
        }
        return open;
    }
}
