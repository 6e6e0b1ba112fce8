package banyan.jobs.command;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Refusal;
import banyan.jobs.conform.LinkSample;
import banyan.models.LinkFit;
import banyan.models.LinkModel;
import banyan.schemas.Definitions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Fits a model on the lake. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = "Fit a model on the lake.",
        synopsisSubcommandLabel = "MODEL",
        subcommands = Train.Links.class)
public final class Train {
    @Command(
            name = "links",
            mixinStandardHelpOptions = true,
            description = {
                "Fit the shares of links.yaml on what the lake's records say of parties without a number.",
                "Put the file it writes into a policy folder, have it signed, and build again."
            })
    static final class Links implements Callable<Integer> {
        private static final String FILE = "links.yaml";

        /** Parties whose candidates are looked at. */
        private static final int RECORDS = 5_000;

        /** Parties and enterprises that random pairs are made of. */
        private static final int RANDOM = 2_000;

        @Mixin
        LakeOptions options;

        @Option(names = "--json", description = "Print one JSON object as the last line of stdout.")
        boolean json;

        @Option(names = "--to", required = true, paramLabel = "FILE", description = "Where the fitted links.yaml goes.")
        Path to;

        @Option(
                names = "--policy",
                paramLabel = "DIR",
                description = "A policy folder laid out like models/policy; the packaged one by default.")
        Path policyFolder;

        @Override
        public Integer call() throws IOException {
            Lake lake = options.linked();
            String text = policyFolder == null
                    ? Definitions.packaged("policy", ".yaml").get(FILE)
                    : Files.readString(policyFolder.resolve(FILE));
            LinkModel model = LinkModel.parse(FILE, text);
            Dataset<Row> links = lake.read("links").where("known_to is null");
            Dataset<Row> traits = lake.read("entity_traits");
            long enterprises = banyan.jobs.conform.Links.enterprises(traits);
            List<int[][]> records = LinkSample.records(links, traits, model, RECORDS);
            if (records.size() < 100) {
                throw new Refusal(
                        Refusal.Exit.DATA,
                        "Cannot fit links: only " + records.size()
                                + " parties without a number are in the lake, and 100 are needed. Take in more deliveries.");
            }
            LinkFit.Fitted fitted =
                    new LinkFit(model, LinkSample.random(links, traits, model, RANDOM)).fit(records, enterprises);
            String yaml = LinkFit.written(text, model, fitted);
            Files.writeString(to, yaml);
            LinkModel now = LinkModel.parse(FILE, yaml);
            for (LinkModel.Comparison comparison : now.comparisons()) {
                for (LinkModel.Level level : comparison.levels()) {
                    options.out()
                            .printf(
                                    Locale.ROOT,
                                    "%-8s %-8s m %.4f  %s  %+6.2f bits%n",
                                    comparison.id(),
                                    level.id(),
                                    level.m(),
                                    level.u() == null ? "u counted  " : String.format(Locale.ROOT, "u %.7f", level.u()),
                                    level.weight(LinkModel.bits(enterprises)) / 100.0);
                }
            }
            options.out()
                    .printf(
                            Locale.ROOT,
                            "%,d parties, %,d enterprises, %d rounds; %.1f %% of parties are in the register. Written: %s%n",
                            records.size(),
                            enterprises,
                            fitted.rounds(),
                            100 * fitted.registered(),
                            to);
            if (json) {
                options.out()
                        .println(Json.object()
                                .put("command", "train links")
                                .put("parties", records.size())
                                .put("enterprises", enterprises)
                                .put("rounds", fitted.rounds())
                                .put("registered", fitted.registered())
                                .put("file", to.toString()));
            }
            return 0;
        }
    }
}
