package banyan.jobs;

import banyan.jobs.conform.Complaints;
import banyan.jobs.conform.Entities;
import banyan.jobs.conform.EntityKeys;
import banyan.jobs.conform.EntityTraits;
import banyan.jobs.conform.LinkDecisions;
import banyan.jobs.conform.Links;
import banyan.jobs.conform.Listings;
import banyan.jobs.conform.Penalties;
import banyan.jobs.conform.QuarantineDecisions;
import banyan.jobs.conform.Reports;
import banyan.jobs.conform.Samplings;
import banyan.jobs.publish.SupervisionList;
import banyan.jobs.score.Contributions;
import banyan.jobs.score.Obligations;
import banyan.jobs.score.RiskClasses;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Every table of the lake, in an order in which they can be built. Start reading here. */
public final class Pipeline {
    private Pipeline() {}

    public static final List<Table> TABLES = List.of(
            // ingest: rows come from deliveries (ingest/Intake), by contract and sender, not by code
            raw("raw_registrations"),
            raw("raw_samplings"),
            raw("raw_complaints"),
            raw("raw_penalties"),
            raw("raw_reports"),
            raw("raw_listings"),
            raw("raw_link_decisions"),
            raw("raw_quarantine_decisions"),
            // conform: typed, coded, under the entity they belong to, and bitemporal
            table("entities", Entities::rows, "raw_registrations"),
            table("entity_keys", EntityKeys::rows, "entities"),
            table("entity_traits", EntityTraits::rows, "entities"),
            table("link_decisions", LinkDecisions::rows, "raw_link_decisions"),
            table("quarantine_decisions", QuarantineDecisions::rows, "raw_quarantine_decisions"),
            table(
                    "links",
                    Links::rows,
                    "raw_samplings",
                    "raw_complaints",
                    "raw_penalties",
                    "raw_reports",
                    "raw_listings",
                    "entity_traits",
                    "link_decisions"),
            table("reports", Reports::rows, "raw_reports", "entity_keys", "links"),
            table("samplings", Samplings::rows, "raw_samplings", "entity_keys", "links"),
            table("complaints", Complaints::rows, "raw_complaints", "entity_keys", "links"),
            table("penalties", Penalties::rows, "raw_penalties", "entity_keys", "links"),
            table("listings", Listings::rows, "raw_listings", "entity_keys", "links"),
            // score: a pure function of day, known-at and policy
            table("obligations", Obligations::rows, "entities", "reports").carried(Obligations::frame),
            table(
                            "contributions",
                            Contributions::rows,
                            "entities",
                            "samplings",
                            "complaints",
                            "penalties",
                            "listings",
                            "obligations")
                    .carried(Contributions::frame, Contributions::crossing),
            table("risk_classes", RiskClasses::rows, "entities", "contributions")
                    .carried(Contributions::frame),
            // publish: what leaves through the gate
            table("supervision_list", SupervisionList::rows, "entities", "contributions", "risk_classes"));

    /** All tables but the raw ones, whose rows come from deliveries. */
    public static List<Table> built() {
        return TABLES.stream().filter(t -> t.rows() != null).toList();
    }

    /** @throws Refusal with exit 2 if there is no such table */
    public static Table table(String name) {
        return TABLES.stream()
                .filter(t -> t.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        Refusal.Exit.USAGE,
                        "Cannot build " + name + ": there is no such table. The tables are "
                                + String.join(
                                        ", ", TABLES.stream().map(Table::name).toList()) + "."));
    }

    private static Table raw(String name) {
        return new Table(name, Set.of(), null, null);
    }

    private static Table table(String name, Function<Inputs, Dataset<Row>> rows, String... reads) {
        return new Table(name, Set.of(reads), rows, null);
    }
}
