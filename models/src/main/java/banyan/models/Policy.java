package banyan.models;

import banyan.schemas.Definitions;
import banyan.schemas.InvalidDefinition;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * All a supervisor signs: indicators, classes, the gate, effective-dated, the model by which records are linked, and the fields that
 * have a class of their own.
 *
 * @param version first 12 hex digits of the SHA-256 over all policy files but the plans, paths and texts
 * @param linksVersion the same over links.yaml alone: conformed tables follow from nothing else of the policy
 * @param terms how long things last, by when they are due, and from when they may be done
 * @param fields specialised classes (专业型), by field: {@code policy/special/<field>/}
 * @param plans of whom how many are drawn to be inspected, in the order of their days; none where nothing is drawn
 */
public record Policy(
        String version,
        List<Indicator> indicators,
        List<Classes> classes,
        List<Term> terms,
        Gate gate,
        LinkModel links,
        String linksVersion,
        SortedMap<String, Field> fields,
        List<Plan> plans) {

    private static final String LINKS = "links.yaml";
    private static final String PLAN = "plan/";

    /**
     * How points become a class: one file a version, {@code policy/classes/<from>.yaml}; of a field one file a scheme.
     *
     * @param name of a scheme; null for the general classes
     * @param member a condition over indicator values: of a field, whom it speaks of; null for the general classes
     * @param steps of a scheme: what makes the class better or worse than the score does; null for none
     * @param province what the province's own class of an entity is told by, a rule for each class: the worse of both counts; null where it
     *     sends none
     * @param association what reaches an enterprise from others; null where nothing does
     * @param hysteresis who keeps the class that it had; null where nobody does
     */
    public record Classes(
            LocalDate from,
            Words name,
            String member,
            List<Step> steps,
            String basis,
            List<Group> groups,
            List<Decay> decay,
            List<ClassBand> bands,
            List<Scope> scope,
            List<Rule> overrides,
            List<Rule> floors,
            List<Rule> province,
            List<Bonus> bonuses,
            int bonus_cap,
            Association association,
            Hysteresis hysteresis) {}

    /** A group of the index and the most points it can give. */
    public record Group(String id, Words name, int cap) {}

    /** The factor of a record up to {@code months} months old, that day included. */
    public record Decay(int months, BigDecimal factor) {}

    /** A class holds scores from {@code from} up to the next band. */
    public record ClassBand(@JsonProperty("class") RiskClass riskClass, int from) {}

    /** An entity for which {@code only} does not hold is not classified, {@code because}. */
    public record Scope(String only, String because, Words name) {}

    /** Where {@code when}, a Spark SQL condition over indicator values, holds, the class is not better than this. */
    public record Rule(
            String id, String when, @JsonProperty("class") RiskClass riskClass, Words name, String basis) {}

    /** Where {@code when} holds, the class is {@code by} steps worse than by score, or better where it is below 0. */
    public record Step(String id, String when, int by, Words name, String basis) {}

    /**
     * A field in which enterprises have a class of their own: {@code policy/special/<field>/}, with indicators, schemes beside each
     * other, and which of them is adopted from when.
     *
     * @param general whether its class is the general one of those it speaks of, whom the index of enterprises does not
     * @param rates what rates of complaints are made with; null where the field looks at none
     */
    public record Field(
            String id,
            Words name,
            boolean general,
            Rates rates,
            List<Adoption> adopted,
            SortedMap<String, Classes> schemes,
            List<Indicator> indicators) {}

    /**
     * What rates of complaints are made with.
     *
     * @param months how far back tickets count
     * @param least_weight the least that a ticket weighs, however many its complainant files
     * @param members of fewer enterprises of a kind, or fewer than {@code tickets} about them all, nobody can tell what is to be expected
     * @param prior_least the least of the prior, in expected tickets, and {@code prior_most} the most
     * @param group_days those who complain of one problem within so many days are a group
     * @param digits of a rate, behind its point, 1 to 4: what is further is cut off
     * @param capital_bands yuan, ascending: where one band of capital ends and the next begins
     */
    public record Rates(
            int months,
            BigDecimal least_weight,
            int members,
            int tickets,
            int prior_least,
            int prior_most,
            int group_days,
            int digits,
            List<BigDecimal> capital_bands) {}

    /** The scheme that counts from a day on. */
    public record Adoption(LocalDate from, String scheme, String basis) {}

    /** What {@code field.yaml} says of a field. */
    private record FieldFile(Words name, Boolean general, Rates rates, List<Adoption> adopted) {}

    /**
     * How risk reaches an enterprise from others: {@link banyan.models.Association}.
     *
     * @param group of the index, and no other indicator's
     * @param points at a risk of {@code at} and above
     * @param from_class risk goes out from enterprises in this class or a worse one by their own points
     * @param hops 1 or 2
     * @param farther the factor of the second hop
     * @param hub who or what binds more enterprises than so many ties none of them
     */
    public record Association(
            String id,
            Words name,
            Words say,
            String basis,
            String group,
            int points,
            int at,
            RiskClass from_class,
            int hops,
            BigDecimal farther,
            int hub,
            List<Tie> ties,
            Sibling sibling) {}

    /**
     * What ties enterprises, and how strongly.
     *
     * @param of what it is told by: who holds a role in them, a name that is another's and 分公司, one and the same unit of a building,
     *     the telephone of who holds a role, or the agent who registered them
     * @param when of roles, a condition over their table; null where every row fits
     */
    public record Tie(String id, Words name, Of of, String when, BigDecimal weight) {
        public enum Of {
            roles,
            names,
            addresses,
            telephones,
            agents
        }
    }

    /** By such a tie to an enterprise that an override puts into class D, nobody is better than this. */
    public record Sibling(
            String id, String tie, @JsonProperty("class") RiskClass riskClass, Words name, String basis) {}

    /**
     * A class by score that got better counts once so many monthly runs have said so: {@link banyan.models.Hysteresis}.
     *
     * @param runs the day's own is one where it is the last of a month
     * @param say the reason in words; {value} stands for the score at the run whose class is kept
     */
    public record Hysteresis(String id, int runs, Words name, Words say, String basis) {}

    /**
     * Points taken off where {@code when} holds.
     *
     * @param per an indicator: so many points for each that was measured; once where null
     */
    public record Bonus(String id, String when, int points, String per, Words name, String basis) {}

    /**
     * What a list must satisfy to be published; shares in percent.
     *
     * @param guards null where none are asked for
     * @param models what learned models must satisfy; null where none is used
     */
    public record Gate(List<Share> class_shares, int min_entities_for_shares, Guards guards, Models models) {}

    /**
     * What a learned model must satisfy before it is used, and what its list marks.
     *
     * @param days looked back on, at least
     * @param shuffled how far from 0.5 an AUC on labels dealt out at random may lie
     * @param lookers AUC that may be owed to knowing who looks
     * @param slope_least of the outcome's log odds on those of the probabilities
     * @param observed_least bad cases for each that was expected
     * @param chance p below which a lower AUC than that of the champion's way is taken for no chance
     * @param drawn fewer cases drawn at random say little
     * @param drift the population stability index that scores may reach
     * @param first percent of the list, by the model, among which class A is remarkable
     * @param lower percent of the list, by the model, behind which class D is
     */
    public record Models(
            int days,
            double shuffled,
            double lookers,
            double slope_least,
            double slope_most,
            double observed_least,
            double observed_most,
            double chance,
            int drawn,
            double drift,
            double first,
            double lower) {}

    /** @throws InvalidDefinition if gate.yaml says nothing of them: it may, where no learned model is used */
    public Models models() {
        if (gate.models == null) {
            throw new InvalidDefinition(
                    "policy/gate.yaml", "models: missing, and a learned model is used; write it, as in models/policy");
        }
        return gate.models;
    }

    /**
     * How far a list may lie from the newest one of so many months back or earlier, and counties from each other.
     *
     * @param share_shift percentage points by which a class share may move
     * @param stability the population stability index that the class shares may reach
     * @param two_steps percent of the entities that may move by two classes or more
     * @param gone percent of the entities classified then that may have no class now
     * @param county_ratio how many times the city's share of C and D a county's may be, or the other way round
     * @param county_least a county in which fewer entities of C and D are to be expected says nothing
     */
    public record Guards(
            int months_back,
            BigDecimal share_shift,
            BigDecimal stability,
            BigDecimal two_steps,
            BigDecimal gone,
            BigDecimal county_ratio,
            int county_least) {}

    /** The band a class share should lie in. */
    public record Share(@JsonProperty("class") RiskClass riskClass, BigDecimal min, BigDecimal max) {}

    /** The policy on the class path. */
    public static Policy packaged() {
        return of(Definitions.packaged("policy", ".yaml"));
    }

    /** The policy in a folder laid out like models/policy. */
    public static Policy in(Path folder) {
        return of(Definitions.below(folder, ".yaml"));
    }

    /** @throws InvalidDefinition if a file is unknown, unreadable, or two versions of an indicator are in force at once */
    static Policy of(SortedMap<String, String> files) {
        List<Indicator> indicators = new ArrayList<>();
        List<Classes> classes = new ArrayList<>();
        List<Term> terms = new ArrayList<>();
        Gate gate = null;
        LinkModel links = null;
        SortedMap<String, SortedMap<String, String>> special = new TreeMap<>();
        SortedMap<String, String> plans = new TreeMap<>();
        for (Map.Entry<String, String> file : files.entrySet()) {
            String path = file.getKey();
            if (path.startsWith("indicators/")) {
                indicators.add(Indicator.parse(path.substring("indicators/".length()), file.getValue()));
            } else if (path.startsWith("classes/")) {
                classes.add(Definitions.yaml(path, file.getValue(), Classes.class));
            } else if (path.startsWith("terms/")) {
                terms.add(Term.parse(path, file.getValue()));
            } else if (path.startsWith(PLAN)) {
                plans.put(path, file.getValue());
            } else if (path.equals("gate.yaml")) {
                gate = Definitions.yaml(path, file.getValue(), Gate.class);
            } else if (path.equals(LINKS)) {
                links = LinkModel.parse(path, file.getValue());
            } else if (path.matches("special/[a-z_]+/.+")) {
                special.computeIfAbsent(path.split("/")[1], f -> new TreeMap<>())
                        .put(path, file.getValue());
            } else {
                throw new InvalidDefinition(
                        path,
                        "policy holds indicators/, classes/, terms/, special/<field>/, plan/, gate.yaml and links.yaml only");
            }
        }
        if (classes.isEmpty() || gate == null || indicators.isEmpty() || links == null) {
            throw new InvalidDefinition(
                    "policy", "it needs indicators/*.yaml, classes/*.yaml, gate.yaml and links.yaml");
        }
        refuseOverlaps(indicators);
        classes.sort(Comparator.comparing(Classes::from));
        SortedMap<String, Field> fields = new TreeMap<>();
        special.forEach((id, of) -> fields.put(id, field(id, of)));
        List<String> faults = Soundness.faults(indicators, classes, terms, gate, fields.values());
        if (!faults.isEmpty()) {
            throw new InvalidDefinition("policy", String.join("\n     ", faults));
        }
        SortedMap<String, String> classing = new TreeMap<>(files);
        classing.keySet().removeAll(plans.keySet());
        return new Policy(
                hash(classing),
                List.copyOf(indicators),
                List.copyOf(classes),
                List.copyOf(terms),
                gate,
                links,
                hash(new TreeMap<>(Map.of(LINKS, files.get(LINKS)))),
                Collections.unmodifiableSortedMap(fields),
                plans(plans, fields.keySet()));
    }

    /** The same with other indicators of the general index. */
    public Policy with(List<Indicator> others) {
        return new Policy(version, others, classes, terms, gate, links, linksVersion, fields, plans);
    }

    /** The same with another gate. */
    public Policy with(Gate other) {
        return new Policy(version, indicators, classes, terms, other, links, linksVersion, fields, plans);
    }

    private static List<Plan> plans(SortedMap<String, String> files, Set<String> fields) {
        List<Plan> plans = new ArrayList<>();
        files.forEach((path, text) ->
                plans.add(Plan.parse(path, text, hash(new TreeMap<>(Map.of(path, text))), fields)));
        plans.sort(Comparator.comparing(Plan::from));
        return List.copyOf(plans);
    }

    /** @throws InvalidDefinition if none is in force on a day */
    public Plan plan(LocalDate day) {
        return plans.stream()
                .filter(plan -> !plan.from().isAfter(day))
                .reduce((earlier, later) -> later)
                .orElseThrow(() -> new InvalidDefinition(
                        "policy/plan",
                        "none is in force on " + day + "; write policy/plan/" + day + ".yaml, as in models/policy"));
    }

    private static Field field(String id, SortedMap<String, String> files) {
        String root = "special/" + id + "/";
        List<Indicator> indicators = new ArrayList<>();
        SortedMap<String, Classes> schemes = new TreeMap<>();
        FieldFile said = null;
        for (Map.Entry<String, String> file : files.entrySet()) {
            String path = file.getKey().substring(root.length());
            if (path.startsWith("indicators/")) {
                indicators.add(Indicator.parse(file.getKey(), file.getValue()));
            } else if (path.matches("schemes/[a-z0-9_]+\\.yaml")) {
                schemes.put(
                        path.substring("schemes/".length(), path.length() - ".yaml".length()),
                        Definitions.yaml(file.getKey(), file.getValue(), Classes.class));
            } else if (path.equals("field.yaml")) {
                said = Definitions.yaml(file.getKey(), file.getValue(), FieldFile.class);
            } else {
                throw new InvalidDefinition(file.getKey(), "a field holds indicators/, schemes/ and field.yaml only");
            }
        }
        if (said == null || said.name == null || said.adopted == null) {
            throw new InvalidDefinition(root + "field.yaml", "it is needed, with name and adopted");
        }
        refuseOverlaps(indicators);
        return new Field(
                id,
                said.name,
                Boolean.TRUE.equals(said.general),
                said.rates,
                List.copyOf(said.adopted),
                schemes,
                List.copyOf(indicators));
    }

    /** Those of a table's rows that may be used on a day: a record whose publicity is over is in no score, and no precedent. */
    public Dataset<Row> inUse(String table, Dataset<Row> rows, LocalDate day) {
        Dataset<Row> used = rows;
        for (Term term : endingUse(table)) {
            used = term.notOver(used, day);
        }
        return used;
    }

    /** The terms with which the use of a table's records ends. */
    public List<Term> endingUse(String table) {
        return terms.stream()
                .filter(term -> term.ends_use() && term.table().equals(table))
                .toList();
    }

    /** A term; empty where there is none of that name. */
    public Optional<Term> term(String id) {
        return terms.stream().filter(term -> term.id().equals(id)).findFirst();
    }

    /** Every indicator, of the general index and of the fields. */
    public List<Indicator> allIndicators() {
        List<Indicator> all = new ArrayList<>(indicators);
        fields.values().forEach(field -> all.addAll(field.indicators));
        return all;
    }

    /** The days from the first classes on, in order, on which what is in force changes: between two of them all are alike. */
    public SortedSet<LocalDate> changes() {
        SortedSet<LocalDate> days = new TreeSet<>();
        classes.forEach(c -> days.add(c.from()));
        LocalDate first = days.first();
        fields.values().forEach(field -> field.adopted.forEach(a -> days.add(a.from())));
        allIndicators().forEach(i -> {
            days.add(i.from());
            if (i.to() != null) {
                days.add(i.to());
            }
        });
        return days.tailSet(first);
    }

    /** The indicators and classes in force on a day. */
    public Index on(LocalDate day) {
        Classes inForce = classes.stream()
                .filter(c -> !c.from().isAfter(day))
                .reduce((earlier, later) -> later)
                .orElseThrow(() -> new InvalidDefinition(
                        "policy/classes",
                        "none is in force on " + day + "; the first begins on "
                                + classes.get(0).from()));
        return new Index(
                Index.GENERAL,
                null,
                indicators.stream().filter(i -> i.inForce(day)).toList(),
                inForce,
                day);
    }

    /** The fields that have a scheme on a day, each with the one adopted. */
    public Specialised specialised(LocalDate day) {
        List<Index> indexes = new ArrayList<>();
        for (Field field : fields.values()) {
            field.adopted.stream()
                    .filter(a -> !a.from().isAfter(day))
                    .reduce((earlier, later) -> later)
                    .ifPresent(a -> indexes.add(index(field, a.scheme(), day)));
        }
        return new Specialised(
                indexes,
                day,
                fields.values().stream().filter(Field::general).map(Field::id).toList());
    }

    /** A field by one of its schemes, adopted or not. */
    public static Index index(Field field, String scheme, LocalDate day) {
        Classes classes = field.schemes.get(scheme);
        return new Index(
                field.id,
                scheme,
                field.indicators.stream()
                        .filter(i -> i.inForce(day))
                        .map(i -> i.in(classes.groups()))
                        .toList(),
                classes,
                day);
    }

    private static void refuseOverlaps(List<Indicator> indicators) {
        Map<String, List<Indicator>> byId = new TreeMap<>();
        indicators.forEach(
                i -> byId.computeIfAbsent(i.id(), id -> new ArrayList<>()).add(i));
        byId.forEach((id, versions) -> {
            versions.sort(Comparator.comparing(Indicator::from));
            for (int v = 1; v < versions.size(); v++) {
                LocalDate end = versions.get(v - 1).to();
                if (end == null || end.isAfter(versions.get(v).from())) {
                    throw new InvalidDefinition(
                            "indicators/" + id,
                            "two versions are in force on " + versions.get(v).from() + "; end the first with to");
                }
            }
        });
    }

    private static String hash(SortedMap<String, String> files) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            files.forEach((path, text) -> {
                digest.update(path.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
                digest.update(text.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
            });
            return HexFormat.of().formatHex(digest.digest()).substring(0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
