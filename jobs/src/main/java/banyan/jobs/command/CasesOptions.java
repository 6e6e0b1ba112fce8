package banyan.jobs.command;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** What commands take that work on a file of cases. */
final class CasesOptions {
    @Option(names = "--data", required = true, paramLabel = "FILE", description = "CSV with a header, or CSV.gz.")
    Path data;

    @Option(names = "--label", required = true, paramLabel = "COLUMN", description = "Whether a case turned out bad.")
    String label;

    @Option(
            names = "--bad",
            paramLabel = "VALUE",
            description =
                    "The label of a bad case; not needed for 0 and 1, bad and good, yes and no, y and n, true and false.")
    String bad;

    @Option(
            names = "--special",
            split = ",",
            paramLabel = "CODE",
            description = "Numbers that are codes, in every column: --special=-9,-8,-7.")
    List<Double> special = List.of();

    double[] codes() {
        return special.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
