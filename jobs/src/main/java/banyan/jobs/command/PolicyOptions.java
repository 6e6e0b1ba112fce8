package banyan.jobs.command;

import banyan.models.Policy;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which policy a look back goes by: that of the runs, or what was served is not what is fitted. */
final class PolicyOptions {
    @Option(
            names = "--policy",
            paramLabel = "DIR",
            description = "The policy folder the lake is run with; the packaged one by default.")
    Path folder;

    Policy policy() {
        return folder == null ? Policy.packaged() : Policy.in(folder);
    }
}
