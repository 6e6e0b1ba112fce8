package banyan.jobs.command;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import banyan.jobs.Json;
import banyan.jobs.Lake;
import banyan.jobs.Refusal;
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
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Tells how good a model is. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        description = "Tell how good a model is.",
        synopsisSubcommandLabel = "MODEL",
        subcommands = Evaluate.Links.class)
public final class Evaluate {
    @Command(
            name = "links",
            mixinStandardHelpOptions = true,
            description =
                    "Compare the entities that complaints were linked to with those they are known to be about, by tier.")
    static final class Links implements Callable<Integer> {
        @Mixin
        LakeOptions options;

        @Option(names = "--json", description = "Print one JSON object as the last line of stdout.")
        boolean json;

        @Option(
                names = "--truth",
                required = true,
                paramLabel = "FILE",
                description = "CSV with ticket_no and credit_code; `banyan generate` writes expected/links.csv.")
        Path truth;

        @Override
        public Integer call() {
            if (!Files.isRegularFile(truth)) {
                throw new Refusal(Refusal.Exit.USAGE, "Cannot read " + truth + ": there is no such file.");
            }
            Lake lake = options.linked();
            Dataset<Row> known = lake.csv(truth);
            if (!List.of(known.columns()).containsAll(List.of("ticket_no", "credit_code"))) {
                throw new Refusal(
                        Refusal.Exit.DATA,
                        "Cannot compare with " + truth + ": it has the columns " + String.join(", ", known.columns())
                                + "; ticket_no and credit_code are needed.");
            }
            Dataset<Row> linked = lake.read("complaints")
                    .where("known_to is null")
                    .select("record_id", "link_tier", "entity_id", "party")
                    .join(
                            known.select(
                                    col("ticket_no").as("record_id"),
                                    col("credit_code").as("meant")),
                            "record_id");
            List<Row> tiers = linked.groupBy("link_tier")
                    .agg(
                            count(lit(1)).as("records"),
                            sum(when(col("entity_id").equalTo(col("meant")), 1).otherwise(0)),
                            countDistinct("party"))
                    .orderBy("link_tier")
                    .collectAsList();
            return tell(tiers);
        }

        private int tell(List<Row> tiers) {
            long all = tiers.stream().mapToLong(t -> t.getLong(1)).sum();
            if (all == 0) {
                throw new Refusal(
                        Refusal.Exit.DATA, "Cannot compare: no complaint of the lake stands in " + truth + ".");
            }
            ObjectNode told = Json.object().put("command", "evaluate links").put("records", all);
            ArrayNode rows = told.putArray("tiers");
            options.out()
                    .printf(
                            Locale.ROOT,
                            "%-12s %10s %10s %10s %10s%n",
                            "tier",
                            "records",
                            "parties",
                            "right",
                            "precision");
            long linked = 0;
            long right = 0;
            for (Row tier : tiers) {
                boolean links = !List.of("review", "unlinked").contains(tier.getString(0));
                linked += links ? tier.getLong(1) : 0;
                right += tier.getLong(2);
                options.out()
                        .printf(
                                Locale.ROOT,
                                "%-12s %,10d %,10d %10s %10s%n",
                                tier.getString(0),
                                tier.getLong(1),
                                tier.getLong(3),
                                links ? String.format(Locale.ROOT, "%,d", tier.getLong(2)) : "–",
                                links
                                        ? String.format(Locale.ROOT, "%.4f", share(tier.getLong(2), tier.getLong(1)))
                                        : "–");
                rows.addObject()
                        .put("tier", tier.getString(0))
                        .put("records", tier.getLong(1))
                        .put("parties", tier.getLong(3))
                        .put("right", tier.getLong(2));
            }
            long review = tiers.stream()
                    .filter(t -> t.getString(0).equals("review"))
                    .mapToLong(t -> t.getLong(1))
                    .sum();
            options.out()
                    .printf(
                            Locale.ROOT,
                            "%,d records without a code: precision %.4f, recall %.4f, for review %.2f %%%n",
                            all,
                            share(right, linked),
                            share(right, all),
                            100 * share(review, all));
            if (json) {
                options.out()
                        .println(told.put("precision", share(right, linked))
                                .put("recall", share(right, all))
                                .put("review", share(review, all)));
            }
            return 0;
        }

        private static double share(long part, long whole) {
            return whole == 0 ? 0 : (double) part / whole;
        }
    }
}
