package banyan.jobs;

import banyan.jobs.conform.Accidents;
import banyan.jobs.conform.AdverseReactions;
import banyan.jobs.conform.Awards;
import banyan.jobs.conform.Changes;
import banyan.jobs.conform.Clues;
import banyan.jobs.conform.Complainants;
import banyan.jobs.conform.Complaints;
import banyan.jobs.conform.CourtListings;
import banyan.jobs.conform.Entities;
import banyan.jobs.conform.EntityKeys;
import banyan.jobs.conform.EntityTraits;
import banyan.jobs.conform.Equipment;
import banyan.jobs.conform.Identities;
import banyan.jobs.conform.Inspections;
import banyan.jobs.conform.IpEvents;
import banyan.jobs.conform.Licences;
import banyan.jobs.conform.LinkDecisions;
import banyan.jobs.conform.Linked;
import banyan.jobs.conform.Links;
import banyan.jobs.conform.Listings;
import banyan.jobs.conform.Notices;
import banyan.jobs.conform.Penalties;
import banyan.jobs.conform.Prices;
import banyan.jobs.conform.ProvinceClasses;
import banyan.jobs.conform.QuarantineDecisions;
import banyan.jobs.conform.Recalls;
import banyan.jobs.conform.Repairs;
import banyan.jobs.conform.Reports;
import banyan.jobs.conform.Roles;
import banyan.jobs.conform.Samplings;
import banyan.jobs.conform.TaxListings;
import banyan.jobs.conform.Traceability;
import banyan.jobs.publish.ClassDifferences;
import banyan.jobs.publish.PredictionList;
import banyan.jobs.publish.SpecialList;
import banyan.jobs.publish.SupervisionList;
import banyan.jobs.score.Associations;
import banyan.jobs.score.ComplaintRates;
import banyan.jobs.score.Contributions;
import banyan.jobs.score.Holds;
import banyan.jobs.score.ModelDrift;
import banyan.jobs.score.Obligations;
import banyan.jobs.score.OwnerBusinesses;
import banyan.jobs.score.Predictions;
import banyan.jobs.score.RiskClasses;
import banyan.jobs.score.SampleFailures;
import banyan.jobs.score.SpecialClasses;
import banyan.jobs.score.SpecialContributions;
import banyan.jobs.score.Terms;
import banyan.models.Forecast;
import banyan.models.Term;
import banyan.schemas.Contract;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Every table of the lake, in an order in which they can be built. Start reading here. */
public final class Pipeline {
    private Pipeline() {}

    /** The four steps from what was delivered to what is published, in order; each builds its tables from its own and earlier ones. */
    public enum Stage {
        ingest,
        conform,
        score,
        publish;

        /** The stage that makes a table, by the folder it lies in. */
        public static Stage of(String table) {
            return switch (Contract.of(table).folder()) {
                case "1-raw" -> ingest;
                case "2-conformed" -> conform;
                case "3-scored" -> score;
                case "4-published" -> publish;
                case "restricted" -> table.startsWith("raw_") ? ingest : conform;
                default -> throw new IllegalArgumentException(table + " is made by no stage");
            };
        }
    }

    /** What the indicators of enterprises measure. */
    private static final String[] MEASURED = {
        "entities",
        "samplings",
        "complaints",
        "penalties",
        "listings",
        "repairs",
        "changes",
        "licences",
        "inspections",
        "court_listings",
        "tax_listings",
        "awards",
        "clues",
        "accidents",
        "notices",
        "province_classes",
        "obligations"
    };

    public static final List<Table> TABLES = List.of(
            // ingest: rows come from deliveries (ingest/Intake), by contract and sender, not by code
            raw("raw_registrations"),
            raw("raw_samplings"),
            raw("raw_complaints"),
            raw("raw_penalties"),
            raw("raw_reports"),
            raw("raw_listings"),
            raw("raw_roles"),
            raw("raw_complainants"),
            raw("raw_changes"),
            raw("raw_licences"),
            raw("raw_inspections"),
            raw("raw_repairs"),
            raw("raw_ip_events"),
            raw("raw_prices"),
            raw("raw_equipment"),
            raw("raw_adverse_reactions"),
            raw("raw_court_listings"),
            raw("raw_tax_listings"),
            raw("raw_awards"),
            raw("raw_clues"),
            raw("raw_province_classes"),
            raw("raw_traceability"),
            raw("raw_recalls"),
            raw("raw_accidents"),
            raw("raw_notices"),
            raw("raw_link_decisions"),
            raw("raw_quarantine_decisions"),
            // conform: typed, coded, under the entity they belong to, and bitemporal
            table("identities", Identities::rows, "raw_registrations"),
            table("entities", Entities::rows, "raw_registrations", "identities"),
            table("entity_keys", EntityKeys::rows, "entities", "identities"),
            table("entity_traits", EntityTraits::rows, "entities"),
            table("link_decisions", LinkDecisions::rows, "raw_link_decisions"),
            table("quarantine_decisions", QuarantineDecisions::rows, "raw_quarantine_decisions"),
            table("links", Links::rows, linked()),
            fact("reports", Reports::rows),
            fact("samplings", Samplings::rows),
            fact("complaints", Complaints::rows),
            table("complainants", Complainants::rows, "raw_complainants"),
            fact("penalties", Penalties::rows),
            fact("listings", Listings::rows),
            fact("roles", Roles::rows),
            fact("changes", Changes::rows),
            fact("licences", Licences::rows),
            fact("inspections", Inspections::rows),
            fact("repairs", Repairs::rows),
            fact("ip_events", IpEvents::rows),
            fact("prices", Prices::rows),
            fact("equipment", Equipment::rows),
            fact("adverse_reactions", AdverseReactions::rows),
            fact("court_listings", CourtListings::rows),
            fact("tax_listings", TaxListings::rows),
            fact("awards", Awards::rows),
            fact("clues", Clues::rows),
            fact("province_classes", ProvinceClasses::rows),
            fact("traceability", Traceability::rows),
            fact("recalls", Recalls::rows),
            fact("accidents", Accidents::rows),
            fact("notices", Notices::rows),
            // score: a pure function of day, known-at and policy
            table("obligations", Obligations::rows, "entities", "reports").carried(Obligations::frame),
            table("contributions", Contributions::rows, MEASURED)
                    .carried(Contributions::frame, Contributions::crossing),
            table("associations", Associations::rows, associated()),
            table("holds", Holds::rows, held()).carried(Holds::frame, Holds::crossing),
            table("risk_classes", RiskClasses::rows, "entities", "contributions", "associations", "holds")
                    .carried(Contributions::frame),
            table("terms", Terms::rows, termed()),
            // score, in fields of their own
            table("sample_failures", SampleFailures::rows, "entities", "samplings"),
            table("complaint_rates", ComplaintRates::rows, "entities", "complaints", "complainants"),
            table("owner_businesses", OwnerBusinesses::rows, "entities", "roles", "contributions"),
            table(
                            "special_contributions",
                            SpecialContributions::rows,
                            "entities",
                            "complaints",
                            "penalties",
                            "listings",
                            "repairs",
                            "licences",
                            "inspections",
                            "recalls",
                            "accidents",
                            "traceability",
                            "ip_events",
                            "awards",
                            "samplings",
                            "changes",
                            "court_listings",
                            "tax_listings",
                            "province_classes",
                            "obligations",
                            "sample_failures",
                            "complaint_rates",
                            "owner_businesses",
                            "risk_classes")
                    .carried(SpecialContributions::frame, SpecialContributions::crossing, SpecialContributions::seen),
            table("special_classes", SpecialClasses::rows, "special_contributions", "holds", "risk_classes")
                    .carried(SpecialContributions::frame),
            // score, by the learned models in force
            table("predictions", Predictions::rows, foretold()),
            table("model_drift", ModelDrift::rows, "predictions", "models", "model_states"),
            // publish: what leaves through the gate
            table(
                            "supervision_list",
                            SupervisionList::rows,
                            "entities",
                            "contributions",
                            "associations",
                            "holds",
                            "risk_classes")
                    .ranked(Contributions::frame, SupervisionList::ranked),
            table("special_list", SpecialList::rows, "entities", "special_contributions", "holds", "special_classes")
                    .ranked(SpecialContributions::frame, SpecialList::ranked),
            table(
                    "class_differences",
                    ClassDifferences::rows,
                    "entities",
                    "risk_classes",
                    "special_classes",
                    "supervision_list",
                    "special_list"),
            table(
                    "prediction_list",
                    PredictionList::rows,
                    "entities",
                    "predictions",
                    "risk_classes",
                    "models",
                    "model_states"));

    /** All tables but the raw ones, whose rows come from deliveries. */
    public static List<Table> built() {
        return TABLES.stream().filter(t -> t.rows() != null).toList();
    }

    /** Those of one stage. */
    public static List<Table> built(Stage stage) {
        return built().stream().filter(t -> Stage.of(t.name()) == stage).toList();
    }

    /** Whether a table follows from others: the others come from outside. */
    static boolean isBuilt(String name) {
        return built().stream().anyMatch(t -> t.name().equals(name));
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

    /** All that some tables read. */
    public static Set<String> reads(String... tables) {
        return Stream.of(tables).flatMap(name -> table(name).reads().stream()).collect(Collectors.toSet());
    }

    /** All that classes follow from, and they themselves: what is read where a day is worked out anew, or held against what was built of it. */
    public static Set<String> ofClasses() {
        Set<String> reads = reads("obligations", "contributions", "associations", "holds", "risk_classes");
        reads.add("risk_classes");
        return reads;
    }

    /**
     * The raw tables that tell what a table tells: those it reads itself or, where it reads none, those of what it reads but for what a
     * city may do without; none of points and classes, which there are whatever is delivered.
     */
    public static Set<String> sources(String table) {
        Set<String> reads = table(table).reads();
        Set<String> raw = reads.stream().filter(read -> read.startsWith("raw_")).collect(Collectors.toSet());
        if (!raw.isEmpty() || table.equals("contributions") || table.equals("risk_classes")) {
            return raw;
        }
        return reads.stream()
                .flatMap(read -> sources(read).stream())
                .filter(read -> !Contract.of(read).optional())
                .collect(Collectors.toSet());
    }

    private static Table raw(String name) {
        return new Table(name, Set.of(), null, null);
    }

    /** Records that belong to an enterprise. */
    private static Table fact(String name, Function<Inputs, Dataset<Row>> rows) {
        return table(name, rows, "raw_" + name, "entity_keys", "links");
    }

    /** What links are made of: all that is said of parties, who the entities are, and what people decided. */
    private static String[] linked() {
        return Stream.concat(
                        Linked.tables().stream().map(table -> "raw_" + table),
                        Stream.of("entity_traits", "link_decisions"))
                .toArray(String[]::new);
    }

    /** What classes are kept for is measured of days before, of enterprises and of those who have an index of their own. */
    private static String[] held() {
        return Stream.concat(
                        Stream.of(MEASURED),
                        Stream.of("contributions", "associations", "recalls", "traceability", "ip_events"))
                .toArray(String[]::new);
    }

    /** What reaches an enterprise follows from the points of all, the days of their records, and what ties them. */
    private static String[] associated() {
        return Stream.concat(Stream.of(MEASURED), Stream.of("contributions", "roles", "entity_traits"))
                .toArray(String[]::new);
    }

    /** A city's policy may set terms to the records of any table that belong to enterprises. */
    private static String[] termed() {
        return Contract.all().values().stream()
                .filter(Term::mayBeOf)
                .map(Contract::id)
                .toArray(String[]::new);
    }

    /** A model may measure the records of any table that belong to enterprises. */
    private static String[] foretold() {
        return Stream.concat(
                        Stream.of("models", "model_states"),
                        Contract.all().values().stream()
                                .filter(Forecast::mayBeMeasured)
                                .map(Contract::id))
                .toArray(String[]::new);
    }

    private static Table table(String name, Function<Inputs, Dataset<Row>> rows, String... reads) {
        return new Table(name, Set.of(reads), rows, null);
    }
}
