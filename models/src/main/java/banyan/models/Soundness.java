package banyan.models;

import banyan.schemas.Contract;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a policy must not say, though each word of it can be read: bands out of reach, points that go up and down, a repetition that
 * costs less than the one before. Each fault names the file, the key, the value, and what to write instead.
 */
final class Soundness {
    private final List<String> faults = new ArrayList<>();

    private Soundness() {}

    /** All faults of a policy, in the order of its files; none where it is sound. */
    static List<String> faults(
            List<Indicator> indicators,
            List<Policy.Classes> classes,
            List<Term> terms,
            Policy.Gate gate,
            Collection<Policy.Field> fields) {
        Soundness soundness = new Soundness();
        indicators.forEach(i -> soundness.check("", i));
        classes.forEach(c -> soundness.check("classes/" + c.from() + ".yaml", c, indicators));
        soundness.check(gate);
        fields.forEach(soundness::check);
        soundness.checkNames(indicators, fields);
        soundness.checkCures("", indicators, terms);
        fields.forEach(field -> soundness.checkCures("special/" + field.id() + "/", field.indicators(), terms));
        return soundness.faults;
    }

    private void check(Policy.Field field) {
        String folder = "special/" + field.id() + "/";
        field.indicators().forEach(i -> check(folder, i));
        Set<String> groups = new HashSet<>();
        field.schemes().forEach((id, scheme) -> {
            String file = folder + "schemes/" + id + ".yaml";
            check(file, scheme, field.indicators());
            if (!lacks(file, "groups", scheme.groups())) {
                scheme.groups().forEach(g -> groups.add(g.id()));
            }
            lacks(file, "name", scheme.name());
            lacks(file, "member", scheme.member());
            if (scheme.association() != null) {
                tell(
                        file,
                        "association",
                        scheme.association().id(),
                        "write it in classes: a field has none of its own");
            }
            if (scheme.province() != null && !field.general()) {
                tell(
                        file,
                        "province",
                        "the class of " + field.id() + " is nobody's general one",
                        "write it in classes, or in a field with general: true");
            }
            if (scheme.hysteresis() != null
                    && (!field.general()
                            || !Optional.ofNullable(scheme.steps())
                                    .orElse(List.of())
                                    .isEmpty())) {
                tell(
                        file,
                        "hysteresis",
                        field.general()
                                ? "it goes with no steps"
                                : "the class of " + field.id() + " is nobody's general one",
                        "write it in classes, or in a field with general: true and a scheme without steps");
            }
            Optional.ofNullable(scheme.steps()).orElse(List.of()).forEach(step -> {
                boolean whole = !(lacks(file, "steps, id", step.id())
                        | lacks(file, "step " + step.id() + ", when", step.when())
                        | lacks(file, "step " + step.id() + ", name", step.name()));
                if (whole && step.by() == 0) {
                    tell(file, "step " + step.id(), "by 0 changes nothing", "write 1 for worse, -1 for better");
                }
            });
        });
        field.indicators().stream()
                .filter(i -> i.group() != null && !groups.contains(i.group()))
                .forEach(i -> tell(
                        folder + "indicators/" + i.id() + ".yaml",
                        "group",
                        i.group() + " is a group of no scheme",
                        "write one of " + new TreeSet<>(groups)));
        String file = folder + "field.yaml";
        Policy.Rates rates = field.rates();
        if (rates != null
                && !(lacks(file, "rates, least_weight", rates.least_weight())
                        | lacks(file, "rates, capital_bands", rates.capital_bands()))
                && (rates.months() < 1
                        || rates.least_weight().signum() <= 0
                        || rates.least_weight().compareTo(BigDecimal.ONE) > 0
                        || rates.prior_least() < 1
                        || rates.prior_least() > rates.prior_most()
                        || rates.group_days() < 1
                        || rates.group_days() > 31
                        || rates.digits() < 1
                        || rates.digits() > 4
                        || falls(rates.capital_bands()))) {
            tell(
                    file,
                    "rates",
                    rates,
                    "write months and prior_least of 1 or more, prior_most no less, a least_weight up to 1, 1 to 31 group_days, 1 to 4 digits, bands that ascend");
        }
        if (field.adopted().isEmpty()) {
            tell(file, "adopted", "none", "name a scheme and the day from which it counts");
        }
        for (int a = 0; a < field.adopted().size(); a++) {
            Policy.Adoption adoption = field.adopted().get(a);
            if (lacks(file, "adopted, from", adoption.from()) | lacks(file, "adopted, scheme", adoption.scheme())) {
                return;
            }
            if (!field.schemes().containsKey(adoption.scheme())) {
                tell(
                        file,
                        "adopted, scheme",
                        adoption.scheme() + " is no file in " + folder + "schemes",
                        "write one of " + field.schemes().keySet());
            }
            if (a > 0 && !adoption.from().isAfter(field.adopted().get(a - 1).from())) {
                tell(file, "adopted, from", adoption.from() + " is not after the one before", "order them by day");
            }
        }
    }

    /** What is measured of all fields stands side by side: no two things bear one name. */
    private void checkNames(List<Indicator> indicators, Collection<Policy.Field> fields) {
        Map<String, String> names = new HashMap<>();
        indicators.stream().map(Indicator::id).distinct().forEach(id -> names.put(id, "indicators/" + id + ".yaml"));
        fields.forEach(field -> Stream.concat(
                        Stream.of(field.id()),
                        field.indicators().stream().map(Indicator::id).distinct())
                .forEach(id -> {
                    String file = "special/" + field.id() + "/indicators/" + id + ".yaml";
                    String other = names.putIfAbsent(id, file);
                    if (other != null) {
                        tell(file, "id", id + " is also in " + other, "choose another, as " + field.id() + "_" + id);
                    }
                }));
    }

    /** A cure is opened by a term of the very table. */
    private void checkCures(String folder, List<Indicator> indicators, List<Term> terms) {
        for (Indicator i : indicators) {
            String named = i.cure() == null ? null : i.cure().term();
            if (named != null
                    && terms.stream()
                            .noneMatch(t -> t.id().equals(named)
                                    && t.kind() == Term.Kind.opens
                                    && t.table().equals(i.table()))) {
                tell(
                        folder + "indicators/" + i.id() + ".yaml",
                        "cure, term",
                        named + " opens nothing of " + i.table(),
                        "name one of "
                                + terms.stream()
                                        .filter(t -> t.kind() == Term.Kind.opens)
                                        .filter(t -> t.table().equals(i.table()))
                                        .map(Term::id)
                                        .toList());
            }
        }
    }

    private void check(String folder, Indicator i) {
        String file = folder + "indicators/" + i.id() + ".yaml";
        if (i.to() != null && !i.to().isAfter(i.from())) {
            tell(file, "to", i.to() + " is not after from " + i.from(), "write a later day, or delete the file");
        }
        if (i.examples().stream()
                        .anyMatch(e ->
                                lacks(file, "examples, as_of", e.as_of()) || lacks(file, "examples, rows", e.rows()))
                || i.each() != null && i.each().stream().anyMatch(line -> lacks(file, "each, when", line.when()))
                || i.recurrence() != null
                        && lacks(file, "recurrence, times", i.recurrence().times())) {
            return;
        }
        if (i.examples().isEmpty()) {
            tell(file, "examples", "none", "give one case at least, with value and points");
        }
        i.examples().stream()
                .filter(e -> !i.inForce(e.as_of()))
                .forEach(e -> tell(
                        file,
                        "examples, " + e.name(),
                        "as_of " + e.as_of() + " is no day on which it is in force",
                        "take a day from " + i.from() + " on" + (i.to() == null ? "" : ", before " + i.to())));
        if (i.window() != null && i.window().months() <= 0) {
            tell(file, "window.months", i.window().months(), "write 1 or more");
        }
        checkBands(file, i.points() == null ? List.of() : i.points());
        checkLines(file, i);
        if (i.recurrence() != null) {
            List<BigDecimal> times = i.recurrence().times();
            if (times.isEmpty() || falls(times)) {
                tell(
                        file,
                        "recurrence.times",
                        times + " makes a repetition cheaper than the one before",
                        "write factors that do not fall, as [1, 1.5, 2]");
            }
        }
    }

    private void checkBands(String file, List<Indicator.Band> bands) {
        for (int b = 1; b < bands.size(); b++) {
            BigDecimal before = bands.get(b - 1).below();
            BigDecimal below = bands.get(b).below();
            if (below != null && before != null && below.compareTo(before) <= 0) {
                tell(
                        file,
                        "points",
                        "below " + below + " stands after below " + before + " and is never reached",
                        "write bands in ascending order of below");
            }
        }
        if (!bands.isEmpty() && bands.get(bands.size() - 1).below() != null) {
            tell(
                    file,
                    "points",
                    "values of " + bands.get(bands.size() - 1).below() + " and more have no points",
                    "end with a band without below, as { points: 0 }");
        }
        List<BigDecimal> points =
                bands.stream().map(band -> BigDecimal.valueOf(band.points())).toList();
        if (falls(points) && rises(points)) {
            tell(file, "points", points + " go up and down with the value", "let them only rise, or only fall");
        }
        bands.stream().filter(band -> band.points() < 0).forEach(band -> negative(file, "points", band.points()));
    }

    private void checkLines(String file, Indicator i) {
        List<Indicator.Line> lines = i.each() == null ? List.of() : i.each();
        Set<String> seen = new HashSet<>();
        for (int n = 0; n < lines.size(); n++) {
            Indicator.Line line = lines.get(n);
            String key = "each, line " + (n + 1);
            if (!seen.add(line.when().strip())) {
                tell(file, key, "when: " + line.when() + " stood before and is never reached", "delete one of the two");
            } else if (line.when().strip().equals("true") && n < lines.size() - 1) {
                tell(file, key, "when: true, and the lines after it are never reached", "write it last");
            }
            if (line.points() < 0) {
                negative(file, key, line.points());
            }
            if (line.months() != null
                    && (line.months() <= 0
                            || i.window() == null
                            || line.months() > i.window().months())) {
                tell(
                        file,
                        key,
                        "months " + line.months() + " does not lie within the window",
                        i.window() == null
                                ? "give a window"
                                : "write 1 to " + i.window().months());
            }
        }
    }

    private void negative(String file, String key, int points) {
        tell(file, key, points + " points: no record makes an enterprise less risky", "write a bonus in classes");
    }

    private void check(String file, Policy.Classes c, List<Indicator> indicators) {
        if (lacks(file, "groups", c.groups())
                | lacks(file, "decay", c.decay())
                | lacks(file, "bands", c.bands())
                | lacks(file, "scope", c.scope())
                | lacks(file, "overrides", c.overrides())
                | lacks(file, "floors", c.floors())
                | lacks(file, "bonuses", c.bonuses())) {
            return;
        }
        if (c.groups().stream().anyMatch(g -> lacks(file, "groups, id", g.id()))
                || c.decay().stream().anyMatch(d -> lacks(file, "decay, factor", d.factor()))
                || c.bands().stream().anyMatch(b -> lacks(file, "bands, class", b.riskClass()))
                || rules(c).anyMatch(r -> lacks(file, "rules, id", r.id())
                        || lacks(file, "rule " + r.id() + ", when", r.when())
                        || lacks(file, "rule " + r.id() + ", class", r.riskClass())
                        || lacks(file, "rule " + r.id() + ", name", r.name()))
                || c.bonuses().stream()
                        .anyMatch(b -> lacks(file, "bonuses, id", b.id())
                                || lacks(file, "bonuses, " + b.id() + ", when", b.when())
                                || lacks(file, "bonuses, " + b.id() + ", name", b.name()))) {
            return;
        }
        List<Integer> froms = c.bands().stream().map(Policy.ClassBand::from).toList();
        List<RiskClass> order =
                c.bands().stream().map(Policy.ClassBand::riskClass).toList();
        if (!order.equals(List.of(RiskClass.values()))) {
            tell(file, "bands", order, "write each class once, in the order A, B, C, D");
        } else if (froms.get(0) != 0 || froms.stream().distinct().count() < froms.size() || descends(froms)) {
            tell(
                    file,
                    "bands",
                    "from " + froms + ": a class out of reach, or scores without one",
                    "begin at 0 and ascend");
        }
        List<BigDecimal> factors = c.decay().stream().map(Policy.Decay::factor).toList();
        List<Integer> months = c.decay().stream().map(Policy.Decay::months).toList();
        if (descends(months) || months.stream().distinct().count() < months.size()) {
            tell(file, "decay", "months " + months + ": a step is never reached", "write them in ascending order");
        }
        if (rises(factors) || factors.stream().anyMatch(f -> f.signum() < 0 || f.compareTo(BigDecimal.ONE) > 0)) {
            tell(
                    file,
                    "decay",
                    "factors " + factors + ": a record would gain weight with age",
                    "let them fall, from 1 to 0");
        }
        c.groups().stream()
                .filter(g -> g.cap() <= 0)
                .forEach(g -> tell(
                        file, "groups, " + g.id(), "cap " + g.cap() + " leaves no room for points", "write 1 or more"));
        Set<String> ids = new HashSet<>();
        Stream.of(
                        indicators.stream().map(Indicator::id).distinct(),
                        rules(c).map(Policy.Rule::id),
                        c.bonuses().stream().map(Policy.Bonus::id),
                        Optional.ofNullable(c.steps()).orElse(List.of()).stream()
                                .map(Policy.Step::id),
                        Stream.ofNullable(c.association())
                                .filter(a -> a.sibling() != null)
                                .flatMap(a -> Stream.of(a.id(), a.sibling().id())),
                        Stream.ofNullable(c.hysteresis()).map(Policy.Hysteresis::id))
                .flatMap(all -> all)
                .filter(id -> !ids.add(id))
                .forEach(id ->
                        tell(file, "id", id + " is another indicator's, rule's or bonus's too", "choose another"));
        for (Policy.Bonus bonus : c.bonuses()) {
            if (bonus.points() <= 0) {
                tell(file, "bonuses, " + bonus.id(), bonus.points() + " points are none taken off", "write 1 or more");
            }
            if (bonus.per() != null && indicators.stream().noneMatch(i -> i.id().equals(bonus.per()))) {
                tell(
                        file,
                        "bonuses, " + bonus.id(),
                        "per " + bonus.per() + " is no indicator",
                        "name one, or leave it out");
            }
        }
        if (c.association() != null) {
            check(file, c, c.association(), indicators);
        }
        if (c.hysteresis() != null) {
            check(file, c.hysteresis(), indicators);
        }
        if (c.bonus_cap() < 0) {
            tell(file, "bonus_cap", c.bonus_cap(), "write 0 or more");
        }
        Stream.concat(c.overrides().stream(), c.floors().stream())
                .filter(rule -> rule.riskClass() == RiskClass.A)
                .forEach(rule -> tell(file, "rule " + rule.id(), "class A is not better than any", "write B, C or D"));
        Set<RiskClass> given = new HashSet<>();
        province(c)
                .filter(rule -> !given.add(rule.riskClass()))
                .forEach(rule -> tell(
                        file,
                        "province, " + rule.id(),
                        "class " + rule.riskClass() + " is told by another rule too",
                        "write one rule for a class"));
    }

    private static Stream<Policy.Rule> province(Policy.Classes c) {
        return Optional.ofNullable(c.province()).orElse(List.of()).stream();
    }

    private static Stream<Policy.Rule> rules(Policy.Classes c) {
        return Stream.of(c.overrides().stream(), c.floors().stream(), province(c))
                .flatMap(all -> all);
    }

    private void check(String file, Policy.Hysteresis h, List<Indicator> indicators) {
        if (lacks(file, "hysteresis, id", h.id())
                | lacks(file, "hysteresis, name", h.name())
                | lacks(file, "hysteresis, say", h.say())) {
            return;
        }
        if (h.runs() < 2 || h.runs() > 12) {
            tell(
                    file,
                    "hysteresis, runs",
                    h.runs() + (h.runs() < 2 ? ": nobody would wait" : ": nobody would ever be found better"),
                    "write 2 to 12, or leave hysteresis out");
        }
        indicators.stream()
                .filter(i -> Contract.of(i.table()).daily()
                        && !i.table().equals(Hysteresis.OWED)
                        && !Hysteresis.ofOthers(i.table()))
                .forEach(i -> tell(
                        file,
                        "hysteresis",
                        i.id() + " measures " + i.table()
                                + ", which tells of one day alone: a run cannot be measured of it",
                        "leave hysteresis out, or measure records"));
    }

    private void check(String file, Policy.Classes c, Policy.Association a, List<Indicator> indicators) {
        if (lacks(file, "association, id", a.id())
                | lacks(file, "association, name", a.name())
                | lacks(file, "association, say", a.say())
                | lacks(file, "association, from_class", a.from_class())
                | lacks(file, "association, farther", a.farther())
                | lacks(file, "association, ties", a.ties())
                | lacks(file, "association, sibling", a.sibling())) {
            return;
        }
        if (lacks(file, "association, sibling, id", a.sibling().id())
                | lacks(file, "association, sibling, name", a.sibling().name())) {
            return;
        }
        if (a.ties().stream()
                .anyMatch(t -> lacks(file, "association, ties, id", t.id())
                        | lacks(file, "association, ties, name", t.name())
                        | lacks(file, "association, ties, of", t.of())
                        | lacks(file, "association, ties, weight", t.weight()))) {
            return;
        }
        int cap = c.groups().stream()
                .filter(g -> g.id().equals(a.group()))
                .mapToInt(Policy.Group::cap)
                .sum();
        if (a.points() < 1 || a.points() > cap) {
            tell(
                    file,
                    "association, points",
                    a.points() + " of group " + a.group() + ", whose cap is " + cap,
                    "name a group, and write 1 to its cap");
        }
        indicators.stream()
                .filter(i -> Objects.equals(i.group(), a.group()))
                .forEach(i -> tell(
                        file,
                        "association, group",
                        a.group() + " is that of " + i.id() + " too",
                        "leave the group to the association"));
        if (a.at() < 1 || a.hub() < 2 || a.hops() < 1 || a.hops() > 2) {
            tell(
                    file,
                    "association",
                    "at " + a.at() + ", hub " + a.hub() + ", hops " + a.hops(),
                    "write an at of 1 or more, a hub of 2 or more, 1 or 2 hops");
        }
        if (!isShare(a.farther())) {
            tell(file, "association, farther", a.farther() + " is no factor", "write more than 0, 1 at most");
        }
        a.ties().stream()
                .filter(t ->
                        !isShare(t.weight()) || t.weight().stripTrailingZeros().scale() > 2)
                .forEach(t -> tell(
                        file,
                        "association, tie " + t.id() + ", weight",
                        t.weight(),
                        "write more than 0 and 1 at most, with two decimals"));
        a.ties().stream()
                .filter(t -> (t.of() == Policy.Tie.Of.roles) == (t.when() == null))
                .forEach(t -> tell(
                        file,
                        "association, tie " + t.id() + ", when",
                        t.when(),
                        "give a tie of roles a condition, and another none"));
        Set<String> ties = new HashSet<>();
        a.ties().stream()
                .filter(t -> !ties.add(t.id()) || !t.id().matches("[a-z0-9_]+"))
                .forEach(t -> tell(
                        file,
                        "association, tie " + t.id() + ", id",
                        t.id(),
                        "give each tie a name of its own, of small letters and _"));
        if (a.ties().stream().noneMatch(t -> t.id().equals(a.sibling().tie()))) {
            tell(file, "association, sibling, tie", a.sibling().tie() + " is no tie", "name one of the ties");
        }
        if (a.sibling().riskClass() == null
                || a.sibling().riskClass() == RiskClass.A
                || a.sibling().riskClass() == RiskClass.D) {
            tell(
                    file,
                    "association, sibling, class",
                    a.sibling().riskClass(),
                    "write B or C: nobody is in class D by association alone");
        }
    }

    private static boolean isShare(BigDecimal number) {
        return number.signum() > 0 && number.compareTo(BigDecimal.ONE) <= 0;
    }

    private void check(Policy.Gate gate) {
        BigDecimal hundred = BigDecimal.valueOf(100);
        if (lacks("gate.yaml", "class_shares", gate.class_shares())
                || gate.class_shares().stream()
                        .anyMatch(s -> lacks("gate.yaml", "class_shares, class", s.riskClass())
                                || lacks("gate.yaml", "class_shares, min", s.min())
                                || lacks("gate.yaml", "class_shares, max", s.max()))) {
            return;
        }
        Policy.Guards guards = gate.guards();
        if (guards != null
                && !(lacks("gate.yaml", "guards, share_shift", guards.share_shift())
                        | lacks("gate.yaml", "guards, stability", guards.stability())
                        | lacks("gate.yaml", "guards, two_steps", guards.two_steps())
                        | lacks("gate.yaml", "guards, gone", guards.gone())
                        | lacks("gate.yaml", "guards, county_ratio", guards.county_ratio()))) {
            check(guards);
        }
        if (gate.models() != null) {
            check(gate.models());
        }
        for (Policy.Share share : gate.class_shares()) {
            if (share.min().signum() < 0
                    || share.min().compareTo(share.max()) > 0
                    || share.max().compareTo(hundred) > 0) {
                tell(
                        "gate.yaml",
                        "class_shares, " + share.riskClass(),
                        share.min() + " to " + share.max() + " percent is no band",
                        "write 0 <= min <= max <= 100");
            }
        }
        BigDecimal least = gate.class_shares().stream().map(Policy.Share::min).reduce(BigDecimal.ZERO, BigDecimal::add);
        BigDecimal most = gate.class_shares().stream().map(Policy.Share::max).reduce(BigDecimal.ZERO, BigDecimal::add);
        if (gate.class_shares().size() == RiskClass.values().length
                && (least.compareTo(hundred) > 0 || most.compareTo(hundred) < 0)) {
            tell(
                    "gate.yaml",
                    "class_shares",
                    "between " + least + " and " + most + " percent in all, so that no list can ever keep them",
                    "let the least together be at most 100, and the most at least 100");
        }
    }

    private void check(Policy.Guards guards) {
        if (guards.months_back() < 1
                || guards.share_shift().signum() <= 0
                || guards.stability().signum() <= 0
                || guards.two_steps().signum() <= 0
                || guards.gone().signum() <= 0
                || guards.county_ratio().compareTo(BigDecimal.ONE) <= 0
                || guards.county_least() < 1) {
            tell(
                    "gate.yaml",
                    "guards",
                    guards + " refuses every list, or none",
                    "write numbers above 0, and a county_ratio above 1");
        }
    }

    private void check(Policy.Models models) {
        if (models.days() < 1
                || models.shuffled() < 0
                || models.lookers() < 0
                || !(models.slope_least() > 0 && models.slope_least() <= 1 && models.slope_most() >= 1)
                || !(models.observed_least() > 0 && models.observed_least() <= 1 && models.observed_most() >= 1)
                || !(models.chance() > 0 && models.chance() < 1)
                || models.drawn() < 1
                || !(models.drift() > 0)
                || !(models.first() > 0 && models.first() <= models.lower() && models.lower() < 100)) {
            tell(
                    "gate.yaml",
                    "models",
                    models + " refuses every model, or none",
                    "write bands that hold 1, a chance below 1, and 0 < first <= lower < 100 percent");
        }
    }

    private boolean lacks(String file, String key, Object value) {
        if (value == null) {
            tell(file, key, "missing", "write it, as in models/policy");
        }
        return value == null;
    }

    private static boolean falls(List<BigDecimal> numbers) {
        return anyStep(numbers, -1);
    }

    private static boolean rises(List<BigDecimal> numbers) {
        return anyStep(numbers, 1);
    }

    private static boolean descends(List<Integer> numbers) {
        return falls(numbers.stream().map(BigDecimal::valueOf).toList());
    }

    private static boolean anyStep(List<BigDecimal> numbers, int direction) {
        for (int n = 1; n < numbers.size(); n++) {
            if (numbers.get(n).compareTo(numbers.get(n - 1)) == direction) {
                return true;
            }
        }
        return false;
    }

    private void tell(String file, String key, Object value, String instead) {
        faults.add(file + ", " + key + ": " + Objects.toString(value) + "; " + instead);
    }
}
