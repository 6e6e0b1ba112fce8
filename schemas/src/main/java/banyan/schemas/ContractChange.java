package banyan.schemas;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;

/**
 * A difference between two versions of a contract. It breaks where what was sound before is so no longer: of a raw table what senders
 * deliver, of any other what readers rely on. A break takes a new major version, any other difference a new minor one (semver.org);
 * texts may change under the same.
 */
public record ContractChange(String table, String what, boolean breaks) {

    /** What differs between the contracts of two folders, by table. */
    public static List<ContractChange> between(SortedMap<String, Contract> before, SortedMap<String, Contract> after) {
        List<ContractChange> changes = new ArrayList<>();
        names(before, after).forEach(table -> {
            Contract was = before.get(table);
            Contract is = after.get(table);
            if (was == null || is == null) {
                changes.add(new ContractChange(table, was == null ? "new table" : "the table is gone", is == null));
            } else {
                changes.addAll(between(was, is));
            }
        });
        return changes;
    }

    /** The version that a contract must have at least, where its own is too low for what changed. */
    public static Optional<String> missing(Contract was, Contract is) {
        List<ContractChange> changes = between(was, is);
        int[] old = numbers(was.version());
        int[] now = numbers(is.version());
        boolean breaks = changes.stream().anyMatch(ContractChange::breaks);
        boolean raised = breaks ? now[0] > old[0] : now[0] > old[0] || now[0] == old[0] && now[1] > old[1];
        return changes.isEmpty() || raised
                ? Optional.empty()
                : Optional.of(breaks ? old[0] + 1 + ".0.0" : old[0] + "." + (old[1] + 1) + ".0");
    }

    /** What differs between two versions of one contract, in the order of its columns. */
    public static List<ContractChange> between(Contract was, Contract is) {
        String table = is.id();
        boolean raw = is.raw();
        List<ContractChange> changes = new ArrayList<>();
        Map<String, Contract.Property> old = new TreeMap<>();
        was.properties().forEach(p -> old.put(p.name(), p));
        for (Contract.Property p : is.properties()) {
            Contract.Property before = old.remove(p.name());
            if (before == null) {
                changes.add(new ContractChange(table, "new column " + p.name(), raw && p.required()));
            } else {
                column(before, p, raw)
                        .forEach((what, breaks) ->
                                changes.add(new ContractChange(table, p.name() + ": " + what, breaks)));
            }
        }
        old.keySet().forEach(name -> changes.add(new ContractChange(table, "column " + name + " is gone", true)));
        if (!was.keys().equals(is.keys())) {
            changes.add(new ContractChange(
                    table,
                    "primary key " + String.join(", ", was.keys()) + " → " + String.join(", ", is.keys()),
                    true));
        }
        SortedMap<String, String> rules = rules(was);
        rules(is).forEach((rule, condition) -> {
            if (!condition.equals(rules.remove(rule))) {
                changes.add(
                        new ContractChange(table, "rule '" + rule + "': " + condition, condition.startsWith("error")));
            }
        });
        rules.keySet().forEach(rule -> changes.add(new ContractChange(table, "rule '" + rule + "' is gone", false)));
        for (String property : names(custom(was), custom(is))) {
            String a = custom(was).get(property);
            String b = custom(is).get(property);
            if (!Objects.equals(a, b)) {
                changes.add(new ContractChange(table, property + " " + a + " → " + b, stricter(property, a, b)));
            }
        }
        return changes;
    }

    /** What of a column differs → whether that breaks. */
    private static Map<String, Boolean> column(Contract.Property was, Contract.Property is, boolean raw) {
        Map<String, Boolean> changes = new TreeMap<>();
        if (!was.type().equals(is.type())) {
            changes.put(
                    "type " + was.physicalType() + " → " + is.physicalType()
                            + (holds(is.type(), was.type()) ? ", wider" : ", narrower"),
                    !holds(is.type(), was.type()));
        }
        if (was.required() != is.required()) {
            changes.put(is.required() ? "is required now" : "may be blank now", raw == is.required());
        }
        if (!Objects.equals(was.classification(), is.classification())) {
            changes.put("classification " + was.classification() + " → " + is.classification(), true);
        }
        for (String option : names(new TreeMap<>(was.logicalTypeOptions()), new TreeMap<>(is.logicalTypeOptions()))) {
            Object a = was.logicalTypeOptions().get(option);
            Object b = is.logicalTypeOptions().get(option);
            if (!Objects.equals(a, b)) {
                changes.put(option + " " + a + " → " + b, b != null);
            }
        }
        SortedSet<String> less = new TreeSet<>(values(was));
        less.removeAll(values(is));
        SortedSet<String> more = new TreeSet<>(values(is));
        more.removeAll(values(was));
        if (!less.isEmpty() && !values(is).isEmpty()) {
            changes.put("no longer " + String.join(", ", less), raw);
        }
        if (!more.isEmpty()) {
            changes.put("also " + String.join(", ", more), values(was).isEmpty() ? raw : !raw);
        }
        return changes;
    }

    private static List<String> values(Contract.Property p) {
        return p.quality().stream()
                .filter(q -> q.arguments() != null)
                .flatMap(q -> q.arguments().validValues().stream())
                .toList();
    }

    /** Whether each value of a type is one of another too. */
    private static boolean holds(DataType wide, DataType narrow) {
        if (wide instanceof DecimalType w && narrow instanceof DecimalType n) {
            return w.scale() >= n.scale() && w.precision() - w.scale() >= n.precision() - n.scale();
        }
        return wide.equals(DataTypes.LongType) && narrow.equals(DataTypes.IntegerType);
    }

    private static SortedMap<String, String> rules(Contract contract) {
        SortedMap<String, String> rules = new TreeMap<>();
        contract.schema()
                .get(0)
                .quality()
                .forEach(q -> rules.put(q.name(), q.severity() + " unless " + q.implementation()));
        return rules;
    }

    private static SortedMap<String, String> custom(Contract contract) {
        SortedMap<String, String> custom = new TreeMap<>();
        Optional.ofNullable(contract.customProperties())
                .orElse(List.of())
                .forEach(p -> custom.put(p.property(), String.valueOf(p.value())));
        return custom;
    }

    /**
     * A lower limit refuses what was let through. Of the others only that they differ can be told, and that nobody relied on one that
     * was not there.
     */
    private static boolean stricter(String property, String was, String is) {
        return !property.equals("quarantineLimit")
                ? was != null && !property.equals("drift")
                : Double.parseDouble(is == null ? "0.01" : is) < Double.parseDouble(was == null ? "0.01" : was);
    }

    private static SortedSet<String> names(SortedMap<String, ?> one, SortedMap<String, ?> other) {
        SortedSet<String> names = new TreeSet<>(one.keySet());
        names.addAll(other.keySet());
        return names;
    }

    private static int[] numbers(String version) {
        return Stream.of(version.split("\\.")).mapToInt(Integer::parseInt).toArray();
    }
}
