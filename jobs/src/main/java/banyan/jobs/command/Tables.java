package banyan.jobs.command;

import banyan.jobs.Json;
import banyan.jobs.Pipeline;
import banyan.jobs.Refusal;
import banyan.jobs.Table;
import banyan.schemas.Contract;
import banyan.schemas.ContractChange;
import banyan.schemas.Definitions;
import banyan.schemas.Dictionary;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
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

    @Option(
            names = "--against",
            paramLabel = "DIR",
            description = {
                "Tell what changed in the contracts since those in DIR, such as the schemas/contracts of the release in use, and what",
                "of it breaks senders or readers. Exit 4 where a version was not raised as it must be."
            })
    Path against;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (against != null) {
            return compare(out);
        }
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
                node.put("stage", Pipeline.Stage.of(table.name()).name());
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

    private int compare(PrintWriter out) {
        SortedMap<String, Contract> before = new TreeMap<>();
        Definitions.below(against, ".yaml").forEach((file, text) -> {
            Contract contract = Contract.parse(file, text);
            before.put(contract.id(), contract);
        });
        List<ContractChange> changes = ContractChange.between(before, Contract.all());
        changes.forEach(change ->
                out.printf("%-8s %-22s %s%n", change.breaks() ? "breaks" : "", change.table(), change.what()));
        List<String> low = before.keySet().stream()
                .filter(Contract.all()::containsKey)
                .flatMap(table -> ContractChange.missing(before.get(table), Contract.of(table)).stream()
                        .map(version -> table + " is " + Contract.of(table).version() + " and must be " + version
                                + " at least"))
                .toList();
        if (!low.isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.DEFINITION,
                    "Contracts changed and their versions did not follow:\n     " + String.join("\n     ", low)
                            + "\nRaise the versions in schemas/contracts, or take the changes back.");
        }
        out.println(
                changes.isEmpty() ? "Nothing changed." : changes.size() + " changes, versions raised as they must be.");
        return 0;
    }
}
