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
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All a supervisor signs: indicators, classes, the gate, effective-dated, and the model by which records are linked.
 *
 * @param version first 12 hex digits of the SHA-256 over all policy files, paths and texts
 * @param linksVersion the same over links.yaml alone: conformed tables follow from nothing else of the policy
 */
public record Policy(
        String version,
        List<Indicator> indicators,
        List<Classes> classes,
        Gate gate,
        LinkModel links,
        String linksVersion) {

    private static final String LINKS = "links.yaml";

    /** How points become a class: one file a version, {@code policy/classes/<from>.yaml}. */
    public record Classes(
            LocalDate from,
            String basis,
            List<Group> groups,
            List<Decay> decay,
            List<ClassBand> bands,
            List<Scope> scope,
            List<Rule> overrides,
            List<Rule> floors,
            List<Bonus> bonuses,
            int bonus_cap) {}

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
     */
    public record Gate(List<Share> class_shares, int min_entities_for_shares, Guards guards) {}

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
        Gate gate = null;
        LinkModel links = null;
        for (Map.Entry<String, String> file : files.entrySet()) {
            String path = file.getKey();
            if (path.startsWith("indicators/")) {
                indicators.add(Indicator.parse(path.substring("indicators/".length()), file.getValue()));
            } else if (path.startsWith("classes/")) {
                classes.add(Definitions.yaml(path, file.getValue(), Classes.class));
            } else if (path.equals("gate.yaml")) {
                gate = Definitions.yaml(path, file.getValue(), Gate.class);
            } else if (path.equals(LINKS)) {
                links = LinkModel.parse(path, file.getValue());
            } else {
                throw new InvalidDefinition(path, "policy holds indicators/, classes/, gate.yaml and links.yaml only");
            }
        }
        if (classes.isEmpty() || gate == null || indicators.isEmpty() || links == null) {
            throw new InvalidDefinition(
                    "policy", "it needs indicators/*.yaml, classes/*.yaml, gate.yaml and links.yaml");
        }
        refuseOverlaps(indicators);
        classes.sort(Comparator.comparing(Classes::from));
        List<String> faults = Soundness.faults(indicators, classes, gate);
        if (!faults.isEmpty()) {
            throw new InvalidDefinition("policy", String.join("\n     ", faults));
        }
        return new Policy(
                hash(files),
                List.copyOf(indicators),
                List.copyOf(classes),
                gate,
                links,
                hash(new TreeMap<>(Map.of(LINKS, files.get(LINKS)))));
    }

    /** The days from the first classes on, in order, on which what is in force changes: between two of them all are alike. */
    public SortedSet<LocalDate> changes() {
        SortedSet<LocalDate> days = new TreeSet<>();
        classes.forEach(c -> days.add(c.from()));
        LocalDate first = days.first();
        indicators.forEach(i -> {
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
        return new Index(indicators.stream().filter(i -> i.inForce(day)).toList(), inForce, day);
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
