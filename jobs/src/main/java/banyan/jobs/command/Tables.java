package banyan.jobs.command;

import banyan.jobs.Json;
import banyan.jobs.Pipeline;
import banyan.jobs.Table;
import banyan.schemas.Contract;
import banyan.schemas.Dictionary;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists every table: what it is, what it reads. */
@Command(
        name = "tables",
        mixinStandardHelpOptions = true,
        description = "List every table, what it reads and what one row of it means.")
public final class Tables implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Option(names = "--json", description = "Print one JSON object.")
    boolean json;

    @Option(names = "--ddl", paramLabel = "LAKE", description = "Print what creates each table in that lake.")
    String ddl;

    @Option(names = "--dictionary", paramLabel = "LANG", description = "Print the data dictionary: zh or en.")
    Options.Lang dictionary;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        List<Contract> contracts = List.copyOf(Contract.all().values());
        if (dictionary != null) {
            out.print(Dictionary.markdown(contracts, dictionary.name()));
            out.flush();
            return 0;
        }
        if (ddl != null) {
            contracts.forEach(c -> out.println(c.ddl(ddl + "/" + c.folder() + "/" + c.id()) + ";\n"));
            return 0;
        }
        if (json) {
            var tables = Json.object();
            for (Table table : Pipeline.TABLES) {
                var node = tables.putObject(table.name());
                node.put("folder", Contract.of(table.name()).folder());
                node.set("reads", Json.of(table.reads().stream().sorted().toList()));
            }
            out.println(tables);
            return 0;
        }
        for (Table table : Pipeline.TABLES) {
            Contract contract = Contract.of(table.name());
            out.printf(
                    "%-18s %-12s %s%n",
                    table.name(), contract.folder(), contract.description().purpose());
            if (!table.reads().isEmpty()) {
                out.printf(
                        "%-31s reads %s%n",
                        "", String.join(", ", table.reads().stream().sorted().toList()));
            }
        }
        return 0;
    }
}
