package banyan.models;

import banyan.schemas.Codes;
import banyan.schemas.Definitions;
import banyan.schemas.InvalidDefinition;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * How many are inspected by double-random draw (双随机、一公开), of whom, and how often: one file a version, {@code
 * policy/plan/<from>.yaml}. Who is inspected changes nobody's class, so it is no part of the policy's version and has one of its own.
 *
 * @param version first 12 hex digits of the SHA-256 over the file
 * @param batches parts in which the plan of a year is drawn; a divisor of 12
 * @param control percent of all that is drawn comes from all of an item that may be, alike, whatever the class
 * @param reserve percent more, of each stratum, in case an entity cannot be inspected
 * @param inspectors at a visit, at least
 * @param publish_within working days after the inspection in which its result is made public
 * @param look_back months after the end of a batch in which its results are told
 * @param caps visits a year of one entity, by its class; key items are drawn beyond it
 * @param counted kinds of inspections that are such visits
 * @param sound results that find no problem, and {@code not_checked} those where there was nothing to check
 * @param fit what is proposed by what was found; null where nothing is
 */
public record Plan(
        String version,
        LocalDate from,
        String basis,
        int batches,
        int control,
        int reserve,
        int inspectors,
        int publish_within,
        int look_back,
        Map<RiskClass, Integer> caps,
        List<String> counted,
        List<String> sound,
        List<String> not_checked,
        Fit fit,
        List<Item> items) {

    /** Ratios and factors have so many decimals at most: what is drawn is counted in whole numbers. */
    static final int DECIMALS = 2;

    private static final int YEAR = 12; // months

    /**
     * What is proposed of the points of an index by what inspections found.
     *
     * @param least cases in which an indicator gave points, of which something may be said
     * @param spread of a factor around 1, before anything is known of it
     * @param least_factor by which points are multiplied, 1 at most, and {@code most_factor}, 1 at least
     * @param chance how likely by chance a better AUC on held-out cases may be, 0 to 1
     */
    public record Fit(int least, double spread, double least_factor, double most_factor, double chance) {}

    /** @throws InvalidDefinition if the file says nothing of it */
    @Override
    public Fit fit() {
        if (fit == null) {
            throw new InvalidDefinition(
                    "policy/plan/" + from + ".yaml",
                    "fit: missing, and a fit is asked for; write it, as in models/policy");
        }
        return fit;
    }

    /**
     * What is inspected (抽查事项).
     *
     * @param field whose class counts: a folder of {@code policy/special}, or general
     * @param factor of the ratios
     * @param ratios percent a year that are drawn, by kind of entity and class; above 100 an entity is drawn more than once
     */
    public record Item(
            String id,
            Words name,
            Level level,
            String field,
            BigDecimal factor,
            String basis,
            Map<String, Map<RiskClass, BigDecimal>> ratios) {

        /** What results may call it, as words are compared: {@link Codes#halfWidth}. */
        public List<String> words() {
            return Stream.of(id, name.zh(), name.en())
                    .filter(Objects::nonNull)
                    .map(Codes::halfWidth)
                    .distinct()
                    .toList();
        }

        /** Percent a year that are drawn of a kind and class. */
        public BigDecimal percent(String kind, RiskClass riskClass) {
            return ratios.get(kind).get(riskClass).multiply(factor);
        }

        /** What of the entities of a kind and class is drawn in so many months of a year. */
        public Share share(String kind, RiskClass riskClass, int months) {
            return new Share(
                    percent(kind, riskClass).scaleByPowerOfTen(2 * DECIMALS).longValueExact() * months,
                    BigDecimal.TEN.pow(2 * DECIMALS + 2).longValueExact() * YEAR);
        }
    }

    /** Whether a share of the entities is all that may be drawn of them in a year (一般检查事项), or safety asks for more (重点检查事项). */
    public enum Level {
        general,
        key
    }

    /** A fraction, exactly. */
    public record Share(long over, long under) {
        /** Of so many, rounded up. */
        public long of(long entities) {
            return -Math.floorDiv(-Math.multiplyExact(entities, over), under);
        }
    }

    /**
     * A part of a year's plan.
     *
     * @param id the year and the part, as 2025M07, 2025Q3, 2025H2, 2025Y1: plans of other lengths bear other ids, and no spreadsheet
     *     takes one for a day
     * @param from the first day on which it is inspected, and {@code to} the last
     */
    public record Batch(String id, LocalDate from, LocalDate to) {
        /** The months from the beginning of an earlier batch of the year to the end of this one. */
        public int monthsSince(LocalDate first) {
            return to.getMonthValue() - first.getMonthValue() + 1;
        }
    }

    /** The batch that is inspected from the day after a day on. */
    public Batch batchAfter(LocalDate day) {
        int months = YEAR / batches;
        LocalDate first = day.plusDays(1);
        int number = (first.getMonthValue() - 1) / months + 1;
        LocalDate start = LocalDate.of(first.getYear(), (number - 1) * months + 1, 1);
        String part = switch (batches) {
            case 12 -> String.format("M%02d", number);
            case 6 -> "B" + number; // two months
            case 4 -> "Q" + number;
            case 3 -> "T" + number; // four months
            case 2 -> "H" + number;
            default -> "Y" + number;
        };
        return new Batch(first.getYear() + part, start, start.plusMonths(months).minusDays(1));
    }

    /** An item by its id; empty where there is none. */
    public Optional<Item> item(String id) {
        return items.stream().filter(item -> item.id.equals(id)).findFirst();
    }

    /** @throws InvalidDefinition with everything that is wrong of the file: key, value, and what to write instead */
    static Plan parse(String file, String text, String version, Set<String> fields) {
        Plan said = Definitions.yaml(file, text, Plan.class);
        Faults faults = new Faults(file);
        if (said.version != null) {
            faults.tell("version", said.version, "leave it out: it is worked out");
        }
        if (!faults.lacks("from", said.from)
                & !faults.lacks("basis", said.basis)
                & !faults.lacks("caps", said.caps)
                & !faults.lacks("counted", said.counted)
                & !faults.lacks("sound", said.sound)
                & !faults.lacks("not_checked", said.not_checked)
                & !faults.lacks("items", said.items)) {
            faults.check(said, fields);
        }
        if (!faults.told.isEmpty()) {
            throw new InvalidDefinition("policy", String.join("\n     ", faults.told));
        }
        return new Plan(
                version,
                said.from,
                said.basis,
                said.batches,
                said.control,
                said.reserve,
                said.inspectors,
                said.publish_within,
                said.look_back,
                said.caps,
                said.counted,
                said.sound,
                said.not_checked,
                said.fit,
                said.items);
    }

    private record Faults(String file, List<String> told) {
        private static final List<String> KINDS = List.of("enterprise", "individual", "cooperative");

        Faults(String file) {
            this(file, new ArrayList<>());
        }

        private void tell(String key, Object value, String instead) {
            told.add(file + ", " + key + ": " + value + "; " + instead);
        }

        private boolean lacks(String key, Object value) {
            if (value == null) {
                tell(key, "missing", "write it, as in models/policy");
            }
            return value == null;
        }

        private void check(Plan said, Set<String> fields) {
            if (!file.equals("plan/" + said.from + ".yaml")) {
                tell("from", said.from, "name the file after it, plan/" + said.from + ".yaml");
            }
            if (said.batches < 1 || said.batches > YEAR || YEAR % said.batches != 0) {
                tell("batches", said.batches, "write a divisor of 12");
            }
            if (said.control < 0 || said.control > 50) {
                tell("control", said.control, "write a percentage from 0 to 50");
            }
            if (said.reserve < 0 || said.reserve > 100) {
                tell("reserve", said.reserve, "write a percentage from 0 to 100");
            }
            if (said.inspectors < 2) {
                tell("inspectors", said.inspectors, "write 2 or more: nobody inspects alone");
            }
            if (said.publish_within < 1) {
                tell("publish_within", said.publish_within, "write 1 or more");
            }
            rising("caps", said.caps, BigDecimal::valueOf);
            codes("counted", said.counted, "inspection_kinds");
            codes("sound", said.sound, "inspection_results");
            codes("not_checked", said.not_checked, "inspection_results");
            if (said.look_back < 1) {
                tell("look_back", said.look_back, "write 1 or more");
            }
            Fit fit = said.fit;
            if (fit != null
                    && !(fit.least >= 2
                            && fit.spread > 0
                            && fit.least_factor > 0
                            && fit.least_factor <= 1
                            && fit.most_factor >= 1
                            && fit.chance > 0
                            && fit.chance < 1)) {
                tell(
                        "fit",
                        fit,
                        "write least of 2 or more, a spread above 0, a least_factor up to 1, a most_factor from 1, a chance between 0 and 1");
            }
            if (said.items.isEmpty()) {
                tell("items", "none", "name one at least");
            }
            Set<String> ids = new HashSet<>();
            Map<String, String> words = new HashMap<>();
            for (Item item : said.items) {
                String at = "items, " + item.id;
                if (lacks(at, item.id)
                        | lacks(at + ", name", item.name)
                        | lacks(at + ", level", item.level)
                        | lacks(at + ", field", item.field)
                        | lacks(at + ", factor", item.factor)
                        | lacks(at + ", ratios", item.ratios)) {
                    continue;
                }
                if (!ids.add(item.id)) {
                    tell(at, "twice", "give each item a name of its own");
                    continue;
                }
                item.words().stream()
                        .filter(word -> !item.id.equals(words.getOrDefault(word, item.id)))
                        .forEach(word -> tell(at, word + " means " + words.get(word) + " too", "choose another"));
                item.words().forEach(word -> words.put(word, item.id));
                if (!item.field.equals(Index.GENERAL) && !fields.contains(item.field)) {
                    tell(at + ", field", item.field, "write general or one of " + fields);
                }
                if (item.factor.signum() <= 0 || tooFine(item.factor)) {
                    tell(at + ", factor", item.factor, "write more than 0, with two decimals at most");
                }
                item.ratios.forEach((kind, ratios) -> {
                    if (!KINDS.contains(kind)) {
                        tell(at + ", ratios", kind, "write kinds of entities: " + KINDS);
                    }
                    rising(at + ", ratios, " + kind, ratios, ratio -> ratio);
                    if (ratios != null && ratios.values().stream().anyMatch(ratio -> ratio == null || tooFine(ratio))) {
                        tell(at + ", ratios, " + kind, ratios, "write percentages with two decimals at most");
                    }
                });
            }
        }

        private void codes(String key, List<String> said, String list) {
            said.stream()
                    .filter(word -> Codes.of(list).codes().stream()
                            .noneMatch(code -> code.code().equals(word)))
                    .forEach(word -> tell(key, word, "write codes of codes/" + list));
        }

        private static boolean tooFine(BigDecimal number) {
            return number.stripTrailingZeros().scale() > DECIMALS;
        }

        /** Nobody is exempt (不免抽), and no class is looked at less than a better one. */
        private <N> void rising(String key, Map<RiskClass, N> byClass, Function<N, BigDecimal> number) {
            if (byClass == null || Stream.of(RiskClass.values()).anyMatch(c -> byClass.get(c) == null)) {
                tell(key, byClass, "write a number for each of A, B, C and D");
                return;
            }
            BigDecimal before = BigDecimal.ZERO;
            for (RiskClass c : RiskClass.values()) {
                BigDecimal here = number.apply(byClass.get(c));
                if (here.signum() <= 0 || here.compareTo(before) < 0) {
                    tell(key, byClass, "write numbers above 0 that do not fall from A to D: nobody is exempt (不免抽)");
                    return;
                }
                before = here;
            }
        }
    }
}
