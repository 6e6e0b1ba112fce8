package banyan.models;

import static org.apache.spark.sql.functions.aggregate;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.array_distinct;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.flatten;
import static org.apache.spark.sql.functions.format_string;
import static org.apache.spark.sql.functions.get;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pow;
import static org.apache.spark.sql.functions.replace;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.when;

import banyan.schemas.Definitions;
import banyan.schemas.InvalidDefinition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;

/**
 * Whom a party means that no number names: the model of Fellegi and Sunter, "A Theory for Record Linkage", JASA 64 (1969). Each
 * comparison of a record with an enterprise comes out at a level; a level weighs log2(m/u) bits, m its share among pairs that belong
 * together and u among pairs that do not. Where two bear the same name or place, u is how many of the register bear this very one (the
 * frequency of the value: Winkler, "Using the EM Algorithm for Weight Computation", 2000): a name that one enterprise alone bears says
 * more than one that thirty do, however great the register. Weights and explanation come from this one object. Bits are counted in whole
 * hundredths, so that no rounding decides between two enterprises.
 *
 * @param registered share of parties that the register holds
 * @param accept probability from which a record is linked
 * @param review probability from which a person decides
 * @param bearers a key borne in more periods of enterprises ({@code entity_traits}) is passed over
 * @param names_live_on days for which a former name or address may still be used
 * @param before days before its establishment for which an enterprise may be meant
 * @param regions what a name or an address may begin with, beside the areas of the code list
 * @param forms of companies and shops, at the end of a name
 * @param passed_over words that say nothing wherever they stand in a name
 */
public record LinkModel(
        String basis,
        double accept,
        double review,
        double registered,
        int bearers,
        int names_live_on,
        int before,
        List<String> regions,
        List<String> forms,
        List<String> passed_over,
        List<Comparison> comparisons) {
    /** Kinds of key that enterprises are met by and counted. */
    private static final Set<String> KEYS = Set.of("name", "place");

    /**
     * @param missing Spark SQL over the columns of a pair; where it is true the comparison weighs nothing; null for never
     * @param levels the first whose condition is true counts; the last is true always
     */
    public record Comparison(String id, Words name, String missing, List<Level> levels) {
        /** Number of the level from 0; −1 where missing. */
        public Column level() {
            Column level = lit(levels.size() - 1);
            for (int l = levels.size() - 2; l >= 0; l--) {
                level = when(expr(levels.get(l).when), lit(l)).otherwise(level);
            }
            return missing == null ? level : when(expr(missing), lit(-1)).otherwise(level);
        }
    }

    /**
     * @param when Spark SQL over the columns of a pair
     * @param u null where {@code borne} is given
     * @param borne {@code name} or {@code place}, the kind of key that all who agree at this level share: u is then counted, as the share
     *     of the register that does
     */
    public record Level(String id, Words name, String when, double m, Double u, String borne) {
        /**
         * In hundredths of a bit, in a register of so many bits: where u is counted, if one enterprise alone agrees at it. No level is
         * rarer than one enterprise of the register.
         */
        public int weight(long bits) {
            int once = (int) Math.round(100 * (log2(m) + bits));
            return u == null ? once : Math.min(once, weight());
        }

        /** The same by its own u, in a register so great that it is no bound. */
        public int weight() {
            return (int) Math.round(100 * log2(m / u));
        }
    }

    /** @throws InvalidDefinition if a key is unknown or a number cannot be */
    public static LinkModel parse(String file, String text) {
        LinkModel model = Definitions.yaml(file, text, LinkModel.class);
        if (model.comparisons == null || model.regions == null || model.forms == null || model.passed_over == null) {
            throw new InvalidDefinition(file, "comparisons, regions, forms and passed_over are needed");
        }
        if (!(model.review > 0 && model.review <= model.accept && model.accept > 0.5 && model.accept < 1)) {
            throw new InvalidDefinition(file, "0 < review <= accept and 0.5 < accept < 1 are needed");
        }
        if (!(model.registered > 0 && model.registered < 1)) {
            throw new InvalidDefinition(file, "registered must lie between 0 and 1, without them");
        }
        Set<String> ids = new HashSet<>();
        for (Comparison comparison : model.comparisons) {
            if (!ids.add(comparison.id)) {
                throw new InvalidDefinition(file, "there are two comparisons " + comparison.id);
            }
            if (comparison.levels == null
                    || comparison.levels.size() < 2
                    || !"true".equals(comparison.levels.get(comparison.levels.size() - 1).when)) {
                throw new InvalidDefinition(
                        file, comparison.id + " needs two levels or more, the last of them when: \"true\"");
            }
            for (Level level : comparison.levels) {
                if ((level.u == null) == (level.borne == null) || level.borne != null && !KEYS.contains(level.borne)) {
                    throw new InvalidDefinition(
                            file,
                            comparison.id + "." + level.id + " needs u, or borne: one of " + String.join(", ", KEYS)
                                    + "; it has u " + level.u + " and borne " + level.borne);
                }
                if (!(level.m > 0 && level.m < 1 && (level.u == null || level.u > 0 && level.u < 1))) {
                    throw new InvalidDefinition(
                            file,
                            String.format(
                                    Locale.ROOT,
                                    "%s.%s has m %s and u %s; both must lie between 0 and 1, without them",
                                    comparison.id,
                                    level.id,
                                    level.m,
                                    level.u));
                }
            }
        }
        if (model.comparisons.size() * model.levelBits() >= Long.SIZE) {
            throw new InvalidDefinition(
                    file,
                    String.format(
                            Locale.ROOT,
                            "%d comparisons of %d bits each, for their levels, do not fit into %d bits; compare less, or at fewer levels",
                            model.comparisons.size(),
                            model.levelBits(),
                            Long.SIZE - 1));
        }
        return model;
    }

    /** The kinds of key by which u is counted, array of text. */
    public Object[] borne() {
        return comparisons.stream()
                .flatMap(comparison -> comparison.levels.stream())
                .map(Level::borne)
                .filter(Objects::nonNull)
                .distinct()
                .toArray();
    }

    /**
     * The levels of all comparisons of a pair as one bigint, some bits each, the first comparison in the highest: pairs are millions, and
     * one number is what passes on fastest.
     */
    public Column pattern() {
        Column pattern = lit(0L);
        for (Comparison comparison : comparisons) {
            pattern = functions
                    .shiftleft(pattern, levelBits())
                    .bitwiseOR(comparison.level().plus(1).cast("bigint"));
        }
        return pattern;
    }

    /** Levels of all comparisons of a pair, in their order: array of int, −1 where missing. */
    public Column levels(Column pattern) {
        long mask = (1L << levelBits()) - 1;
        return array(IntStream.range(0, comparisons.size())
                .mapToObj(c -> functions
                        .shiftright(pattern, levelBits() * (comparisons.size() - 1 - c))
                        .bitwiseAND(mask)
                        .cast("int")
                        .minus(1))
                .toArray(Column[]::new));
    }

    /** So many bits tell every level of a comparison from every other, and from none. */
    private int levelBits() {
        return Long.SIZE
                - Long.numberOfLeadingZeros(comparisons.stream()
                        .mapToLong(c -> c.levels.size())
                        .max()
                        .orElse(0));
    }

    /**
     * Hundredths of a bit that each level weighs for a party: array of int, by comparison and then level.
     *
     * @param met whom the party met: array of structs with {@link #levels} and the candidates that come out so; one may be there more
     *     than once
     * @param many which kinds of key of the party are passed over, because more bear them than {@code bearers}: array of text
     * @param prior {@link #prior}
     */
    public Column weights(Column met, Column many, Column prior) {
        Column bits = lit(log2(registered / (1 - registered))).minus(prior);
        return array(IntStream.range(0, comparisons.size())
                .mapToObj(
                        c -> array(IntStream.range(0, comparisons.get(c).levels.size())
                                .mapToObj(l -> weight(c, l, met, many, bits))
                                .toArray(Column[]::new)))
                .toArray(Column[]::new));
    }

    private Column weight(int c, int l, Column met, Column many, Column bits) {
        Level level = comparisons.get(c).levels.get(l);
        if (level.u != null) {
            return least(
                    lit(level.weight()),
                    round(lit(log2(level.m)).plus(bits).multiply(100)).cast("int"));
        }
        Column alike = filter(met, m -> get(m.getField("levels"), lit(c)).equalTo(l));
        Column borne = greatest(
                size(array_distinct(flatten(transform(alike, m -> m.getField("candidates"))))),
                when(array_contains(many, level.borne), lit(bearers)),
                lit(1));
        return round(lit(log2(level.m)).plus(bits).minus(functions.log2(borne)).multiply(100))
                .cast("int");
    }

    /**
     * Hundredths of a bit that the levels of a pair weigh together.
     *
     * @param levels {@link #levels}
     * @param weights {@link #weights}
     */
    public Column weight(Column levels, Column weights) {
        Column sum = lit(0);
        for (int c = 0; c < comparisons.size(); c++) {
            sum = sum.plus(coalesce(weight(c, levels, weights), lit(0)));
        }
        return sum;
    }

    private static Column weight(int comparison, Column levels, Column weights) {
        return get(get(weights, lit(comparison)), get(levels, lit(comparison)));
    }

    /**
     * log2 of the odds, before any comparison, that a record means one certain enterprise and not one outside the register. The size
     * of the register counts in whole bits, so that it does not move every night.
     *
     * @param enterprises how many the register holds
     */
    public double prior(long enterprises) {
        return prior(registered, enterprises);
    }

    static double prior(double registered, long enterprises) {
        return log2(registered / (1 - registered)) - bits(enterprises);
    }

    /** How many whole bits a register of so many takes. */
    public static long bits(long enterprises) {
        return Math.round(log2(Math.max(1, enterprises)));
    }

    private static double log2(double x) {
        return Math.log(x) / Math.log(2);
    }

    /**
     * The probability that a record means the first of its candidates and none of the others: a record means one enterprise at most, so
     * that two that fit alike have half each.
     *
     * @param weighed all candidates, the heaviest first: array of structs with weight, in hundredths of a bit, and times, how many weigh it
     * @param prior {@link #prior}
     * @return decimal(5,4), rounded: what is decided by is what is written; null without candidates
     */
    public Column probability(Column weighed, Column prior) {
        Column all = aggregate(
                weighed,
                lit(1.0),
                (sum, one) -> sum.plus(odds(one.getField("weight"), prior).multiply(one.getField("times"))));
        return odds(get(weighed, lit(0)).getField("weight"), prior).divide(all).cast("decimal(5,4)");
    }

    private static Column odds(Column weight, Column prior) {
        return pow(lit(2.0), weight.divide(lit(100.0)).plus(prior));
    }

    /** What {@link #why} gave, in the words of a language ("zh" or "en"). */
    public Column inWords(Column why, String lang) {
        Column words = why;
        for (Map.Entry<String, String> level : words(lang).entrySet()) {
            words = replace(words, lit(level.getKey()), lit(level.getValue()));
        }
        return words;
    }

    /** {@link #inWords(Column, String)} of one text, without Spark. */
    public String inWords(String why, String lang) {
        String words = why;
        for (Map.Entry<String, String> level : words(lang).entrySet()) {
            words = words.replace(level.getKey(), level.getValue());
        }
        return words;
    }

    /** What {@link #why} calls a level of a comparison → the words for it. */
    private Map<String, String> words(String lang) {
        Map<String, String> words = new LinkedHashMap<>();
        comparisons.forEach(comparison -> comparison.levels.forEach(level -> words.put(
                comparison.id + "=" + level.id,
                comparison.name.in(lang) + (lang.equals("zh") ? "：" : ": ") + level.name.in(lang) + " ")));
        return words;
    }

    /** A pair's levels as text, such as {@code name=core+14.2 unit=unit+14.7}, with the bits each weighs; what is missing is left out. */
    public Column why(Column levels, Column weights) {
        List<Column> said = new ArrayList<>();
        for (int c = 0; c < comparisons.size(); c++) {
            Comparison comparison = comparisons.get(c);
            String[] words = comparison.levels.stream()
                    .map(l -> comparison.id + "=" + l.id)
                    .toArray(String[]::new);
            Column level = get(lit(words), get(levels, lit(c)));
            said.add(concat(
                    level, format_string("%+.1f", weight(c, levels, weights).divide(100.0))));
        }
        return concat_ws(" ", said.toArray(Column[]::new));
    }
}
