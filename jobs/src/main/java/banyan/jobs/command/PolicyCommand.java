package banyan.jobs.command;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.from_json;

import banyan.jobs.Inputs;
import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Pipeline;
import banyan.jobs.Session;
import banyan.jobs.score.PolicyTrial;
import banyan.models.ClassPairs;
import banyan.models.Examples;
import banyan.models.Policy;
import banyan.models.RiskClass;
import banyan.schemas.Contract;
import banyan.schemas.InvalidDefinition;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** What a supervisor asks of a policy before signing it. */
@Command(
        name = "policy",
        mixinStandardHelpOptions = true,
        description = "Check a policy, and try it on a day beside another, before anybody adopts it.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {PolicyCommand.Check.class, PolicyCommand.Diff.class, PolicyFit.class})
public final class PolicyCommand {
    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description = {
                "Read every file of a policy, check each expression on every day on which something of it begins or ends,",
                "and run the cases that its files give."
            })
    static final class Check implements Callable<Integer> {
        @Spec
        CommandSpec spec;

        @Option(
                names = "--policy",
                paramLabel = "DIR",
                description = "A policy folder laid out like models/policy; the packaged one by default.")
        Path folder;

        @Override
        public Integer call() {
            Policy policy = folder == null ? Policy.packaged() : Policy.in(folder);
            Lake none = new Lake(Session.open(), "file:///no-lake"); // for its frames: nothing is read or written
            for (LocalDate day : policy.changes()) {
                Options.check(policy, day, none);
            }
            policy.fields()
                    .values()
                    .forEach(field -> field.schemes()
                            .keySet()
                            .forEach(
                                    scheme -> // adopted or not
                                    Options.check(
                                                    Policy.index(
                                                            field,
                                                            scheme,
                                                            policy.changes().last()),
                                                    none)));
            List<Examples.Outcome> cases = Examples.run(policy, (table, rows) -> frame(none, table, rows));
            String broken = cases.stream()
                    .filter(outcome -> !outcome.holds())
                    .map(Examples.Outcome::said)
                    .collect(Collectors.joining("\n     "));
            if (!broken.isEmpty()) {
                throw new InvalidDefinition("policy", broken);
            }
            spec.commandLine()
                    .getOut()
                    .printf(
                            Locale.ROOT,
                            "Policy %s holds: %d indicators, %d terms, classes from %s, schemes %s; checked as of %s; %d cases give what they say.%n",
                            policy.version(),
                            policy.allIndicators().stream()
                                    .map(i -> i.id())
                                    .distinct()
                                    .count(),
                            policy.terms().size(),
                            policy.classes().stream()
                                    .map(c -> c.from().toString())
                                    .collect(Collectors.joining(", ")),
                            policy.fields().values().stream()
                                    .map(f -> f.id() + " "
                                            + f.adopted()
                                                    .get(f.adopted().size() - 1)
                                                    .scheme())
                                    .collect(Collectors.joining(", ")),
                            policy.changes().stream().map(LocalDate::toString).collect(Collectors.joining(", ")),
                            cases.size());
            return 0;
        }
    }

    /** Rows of a case, in their table's contract. */
    static Dataset<Row> frame(Lake lake, String table, List<Map<String, Object>> rows) {
        Contract contract = Contract.of(table);
        List<Row> texts = rows.stream()
                .map(row -> {
                    row.keySet().forEach(contract::property);
                    return RowFactory.create(Json.of(row).toString());
                })
                .toList();
        return lake.local(texts, "json string")
                .select(from_json(col("json"), contract.structType(), Map.of("mode", "FAILFAST"))
                        .as("row"))
                .select("row.*");
    }

    @Command(
            name = "diff",
            mixinStandardHelpOptions = true,
            description = {
                "Tell who would have another class under policy B than under policy A on a day, by which points, and how the",
                "class shares would move. Nothing is written."
            })
    static final class Diff implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "A", description = "A policy folder, as models/policy.")
        Path a;

        @Parameters(index = "1", paramLabel = "B", description = "Another.")
        Path b;

        @Mixin
        LakeOptions options;

        @Option(
                names = "--as-of",
                required = true,
                paramLabel = "DAY",
                description = "The day the classes speak of, yyyy-mm-dd.")
        LocalDate asOf;

        @Option(
                names = "--known-at",
                paramLabel = "DAY",
                description = "Use only what had been received by this day; the as-of day by default.")
        LocalDate knownAt;

        @Option(
                names = "--limit",
                defaultValue = "20",
                paramLabel = "N",
                description = "Show so many entities (default: 20).")
        int limit;

        @Option(names = "--json", description = "Print one JSON object as the last line of stdout.")
        boolean json;

        @Override
        public Integer call() {
            Options.refuseTheFuture(asOf);
            LocalDate known = knownAt == null ? asOf : knownAt;
            Options.refuseTheFuture(known);
            Policy was = Policy.in(a);
            Policy is = Policy.in(b);
            Lake lake = options.open();
            Options.check(was, asOf, lake);
            Options.check(is, asOf, lake);
            Set<String> reads = Pipeline.ofClasses();
            reads.addAll(Pipeline.reads(
                    "sample_failures",
                    "complaint_rates",
                    "owner_businesses",
                    "special_contributions",
                    "special_classes"));
            PolicyTrial trial = PolicyTrial.of(
                    new Inputs(lake, reads, asOf, known, was, "zh"), new Inputs(lake, reads, asOf, known, is, "zh"));
            tell(trial, was, is);
            return 0;
        }

        private void tell(PolicyTrial trial, Policy was, Policy is) {
            ClassPairs pairs = trial.general().pairs();
            moves(trial.general(), "");
            ObjectNode told = Json.object()
                    .put("command", "policy diff")
                    .put("as_of", asOf.toString())
                    .put("a", was.version())
                    .put("b", is.version());
            options.out().printf(Locale.ROOT, "%-14s %18s %18s%n", "class", "A " + was.version(), "B " + is.version());
            for (RiskClass one : RiskClass.values()) {
                options.out()
                        .printf(
                                Locale.ROOT,
                                "%-14s %,9d (%5.2f %%) %,9d (%5.2f %%)%n",
                                one,
                                pairs.of(one.name(), 0),
                                pairs.share(one, 0),
                                pairs.of(one.name(), 1),
                                pairs.share(one, 1));
            }
            options.out()
                    .printf(
                            Locale.ROOT,
                            "%-14s %,9d %,19d%n",
                            "unclassified",
                            pairs.of("unclassified", 0),
                            pairs.of("unclassified", 1));
            pairs.pairs().forEach((pair, n) -> {
                if (!pair.get(0).equals(pair.get(1))) {
                    options.out().printf(Locale.ROOT, "  %s → %s %,d%n", pair.get(0), pair.get(1), n);
                }
            });
            options.out()
                    .printf(
                            Locale.ROOT,
                            "%,d entities would have another class on %s, %,d by two steps or more; PSI of the shares %.4f.%n",
                            pairs.moved(),
                            asOf,
                            pairs.moved(2),
                            pairs.stability());
            trial.fields().forEach((field, compared) -> {
                moves(compared, field + "  ");
                StringBuilder shares = new StringBuilder();
                for (RiskClass one : RiskClass.values()) {
                    shares.append(String.format(
                            Locale.ROOT,
                            "  %s %,d → %,d",
                            one,
                            compared.pairs().of(one.name(), 0),
                            compared.pairs().of(one.name(), 1)));
                }
                options.out()
                        .printf(
                                Locale.ROOT,
                                "%-14s%s  %,d with another class%n",
                                field,
                                shares,
                                compared.pairs().moved());
                json(told.withObject("fields").putObject(field), compared.pairs());
            });
            if (!was.linksVersion().equals(is.linksVersion())) {
                options.out()
                        .println(
                                "note: links.yaml differs; whose the records are is taken as the lake has it, under neither anew.");
            }
            if (json) {
                options.out().println(json(told, pairs));
            }
        }

        private void moves(PolicyTrial.Compared compared, String first) {
            compared.moves()
                    .orderBy(col("class_is").desc(), col("class_was"), col("entity_id"))
                    .limit(limit)
                    .collectAsList()
                    .forEach(row -> options.out()
                            .println(first + row.getAs("entity_id") + "  " + of(row, "class_was") + " → "
                                    + of(row, "class_is") + "  " + of(row, "score_was") + " → " + of(row, "score_is")
                                    + "  "
                                    + String.join("; ", row.<String>getList(row.fieldIndex("why")))));
        }

        private static Object of(Row row, String column) {
            return row.getAs(column) == null ? PolicyTrial.NONE : row.getAs(column);
        }

        private static ObjectNode json(ObjectNode to, ClassPairs pairs) {
            for (RiskClass one : RiskClass.values()) {
                to.putObject(one.name()).put("a", pairs.of(one.name(), 0)).put("b", pairs.of(one.name(), 1));
            }
            return to.put("moved", pairs.moved())
                    .put("moved_two", pairs.moved(2))
                    .put("psi", pairs.stability());
        }
    }
}
