package banyan.jobs.conform;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.array_distinct;
import static org.apache.spark.sql.functions.array_except;
import static org.apache.spark.sql.functions.array_max;
import static org.apache.spark.sql.functions.array_min;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.date_add;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.flatten;
import static org.apache.spark.sql.functions.get;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.negate;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.nullif;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.slice;
import static org.apache.spark.sql.functions.sort_array;
import static org.apache.spark.sql.functions.split;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import banyan.jobs.Inputs;
import banyan.models.LinkModel;
import banyan.schemas.Contract;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;

/**
 * Whom a record without a good number means, by what it says ({@link LinkModel}): one entity, if it is probable enough and was called
 * so, there, on the day the record speaks of, unless a person decided ({@link LinkDecisions}). What comes before that, and what becomes
 * of it, is in {@link Linked}.
 *
 * <p>A row of the table: what is said of a party without a good number on a day, and whom we knew it to mean on which days. What we
 * come to know later (another enterprise of the name, a correction in the register, a person's decision) begins a row of its own; the
 * rows before stay, so that a past day is replayed as it was.
 */
public final class Links {
    private static final Column FOREVER = lit(LocalDate.of(9999, 12, 31));

    /** Sorted by their hashes first: keys begin alike, and to tell two apart would take all of them. */
    private static final String[] KEY = {"hash", "key"};

    private Links() {}

    public static Dataset<Row> rows(Inputs in) {
        Dataset<Row> said = said(in);
        Dataset<Row> again = in.again().orElse(null);
        Dataset<Row> all = again == null ? said : said.unionByName(again.selectExpr(said.columns()));
        Dataset<Row> decisions =
                in.table("link_decisions").where(Versions.counts().and(not(col("withdrawn"))));
        // Asked for their keys, for themselves and for whom they mean: to read what all tables say is a third of the
        // work.
        Dataset<Row> parties = in.kept(parties(all));
        return resolved(parties, in.table("entity_traits"), decisions, in.links(), again != null);
    }

    /**
     * What records say of parties without a good number: party, its words, and the day. Those of all tables are put together before
     * they are taken apart, for that is worked out once then, however many tables there are.
     */
    private static Dataset<Row> said(Inputs in) {
        Dataset<Row> all = Linked.tables().stream()
                .filter(table -> in.isThere("raw_" + table))
                .map(table -> mentions(in.table("raw_" + table), table))
                .reduce(Dataset::unionByName)
                .orElseThrow();
        return Linked.spoken(all, col("day"), in.links())
                .where(col("__numberless")
                        .and(col("__day").isNotNull())
                        .and(col("entity_name").isNotNull().or(col("address").isNotNull())))
                .select(Stream.concat(
                                Stream.of(col("party"), col("__day").as("day")),
                                Party.WORDS.stream().map(word -> col("__words." + word)))
                        .toArray(Column[]::new));
    }

    /** Of a raw table's records the day they speak of, and all that says whom they mean. */
    private static Dataset<Row> mentions(Dataset<Row> raw, String table) {
        Field[] days = Contract.of(table).linked().stream().map(Field::date).toArray(Field[]::new);
        Dataset<Row> read = Field.read(raw, Linked.with(table, days));
        boolean placed = List.of(read.columns()).contains("address");
        return read.select(
                Linked.day(table).as("day"),
                col("credit_code"),
                col("entity_name"),
                col("area_code"),
                (placed ? col("address") : lit(null).cast("string")).as("address"));
    }

    /**
     * Whom parties mean, and when we knew.
     *
     * @param parties {@link #parties(Dataset)}
     * @param traits {@link EntityTraits}
     * @param decisions what people decided, from when until when: an entity that was accepted is meant on each day on which it is a
     *     candidate, one that was rejected is none
     * @param few whether the parties fit into memory
     */
    static Dataset<Row> resolved(
            Dataset<Row> parties, Dataset<Row> traits, Dataset<Row> decisions, LinkModel model, boolean few) {
        Column priors = priors(traits, model);
        Dataset<Row> decided = decisions
                .groupBy("party")
                .agg(collect_list(struct(
                                col("candidate"),
                                col("decision"),
                                col("decided_on"),
                                col("known_from").as("from"),
                                col("known_to").as("to")))
                        .as("decided"));
        Dataset<Row> meant = met(parties, traits, model, few);
        Column seen = greatest(col("day"), array_min(transform(col("met"), m -> m.getField("from"))));
        Column days = when(col("met").isNull(), array(col("day")))
                .otherwise(Timeline.days(seen, col("met"), col("decided"), priors));
        Column spans = Timeline.let(
                days,
                all -> transform(
                        all,
                        (day, i) -> struct(day.as("from"), get(all, i.plus(1)).as("to"))));
        Column prior = get(Timeline.at(priors, col("known_from")), lit(0)).getField("prior");
        Column tier = when(col("accepted").isNotNull(), "accepted")
                .when(col("probability").geq(model.accept()), "probable")
                .when(col("probability").geq(model.review()), "review")
                .otherwise("unlinked");
        // Spans are no column of their own: Spark would filter by that, and work them out twice.
        return parties.withColumn("day", explode(col("days")))
                .drop("days")
                .join(meant, new String[] {"party", "day"}, "left")
                .join(broadcast(decided), new String[] {"party"}, "left")
                .withColumn("known", explode(spans))
                .withColumn("known_from", col("known.from"))
                .withColumn("known_to", col("known.to"))
                .withColumn("prior", coalesce(prior, lit(model.prior(0))))
                .withColumn("decisions", Timeline.at(col("decided"), col("known_from")))
                .withColumn("found", found(whom(Timeline.at(col("met"), col("known_from"))), col("prior"), model))
                .withColumn("accepted", accepted())
                .withColumn("probability", coalesce(col("found.probability"), lit(0).cast("decimal(5,4)")))
                .withColumn("prior_bits", col("prior").cast("decimal(6,2)"))
                .withColumn("tier", tier)
                .withColumn("candidate", get(col("found.all"), lit(0)))
                .withColumn("why", col("found.why"))
                .withColumn("second", get(col("found.all"), lit(1)))
                .withColumn("candidates", coalesce(size(col("found.all")), lit(0)))
                .withColumn(
                        "entity_id", coalesce(col("accepted"), when(col("tier").equalTo("probable"), col("candidate"))))
                .drop("met", "decided", "decisions", "known", "found", "accepted", "prior");
    }

    /**
     * Whom a party is found to mean among those it met: a struct of {@code all}, the candidates from the best on, the {@code probability}
     * of the first, and {@code why}. One expression, for what passes between two is unpacked field by field.
     *
     * @param met structs with pattern, many and candidates
     */
    private static Column found(Column met, Column prior, LinkModel model) {
        Column rejected =
                coalesce(transform(decisions("reject"), d -> d.getField("candidate")), array().cast("array<string>"));
        return Timeline.let(
                unpacked(met, model),
                m -> Timeline.let(
                        Timeline.let(rejected, out -> without(m, out)),
                        here -> Timeline.let(
                                model.weights(here, many(m), prior),
                                weights -> Timeline.let(
                                        ranked(here, weights, model),
                                        ranked -> Timeline.let(
                                                inOrder(ranked),
                                                all -> Timeline.let(
                                                        levels(ranked, get(all, lit(0))),
                                                        levels -> struct(
                                                                all.as("all"),
                                                                model.probability(weighed(ranked), prior)
                                                                        .as("probability"),
                                                                model.why(levels, weights)
                                                                        .as("why"))))))));
    }

    /** All that were met in some intervals. */
    static Column whom(Column met) {
        return flatten(transform(met, m -> m.getField("who")));
    }

    /** Those that were met, with their {@code levels} one by one. */
    static Column unpacked(Column met, LinkModel model) {
        return transform(
                met,
                m -> struct(
                        m.getField("candidates").as("candidates"),
                        m.getField("many").as("many"),
                        model.levels(m.getField("pattern")).as("levels")));
    }

    /** The kinds of key that were passed over. */
    static Column many(Column met) {
        return transform(filter(met, m -> m.getField("many").isNotNull()), m -> m.getField("many"));
    }

    /** Those that were met without some candidates, and without those of whom none is left. */
    static Column without(Column met, Column some) {
        Column left = transform(
                met,
                m -> struct(
                        array_except(m.getField("candidates"), some).as("candidates"),
                        m.getField("levels").as("levels")));
        return filter(left, m -> size(m.getField("candidates")).gt(0));
    }

    /**
     * The candidates of all that were met, each once, by its best weight, the heaviest first: structs with {@code lightness}, {@code
     * levels} and the {@code candidates} that come out so, in order. Of equal ones a party meets hundreds, and what they weigh is worked
     * out once for all of them.
     */
    static Column ranked(Column met, Column weights, LinkModel model) {
        Column all = transform(
                met,
                m -> struct(
                        negate(model.weight(m.getField("levels"), weights)).as("lightness"),
                        m.getField("levels").as("levels"),
                        m.getField("candidates").as("candidates")));
        Column once = Timeline.let(
                sort_array(all),
                sorted -> transform(
                        sorted,
                        (m, i) -> struct(
                                m.getField("lightness").as("lightness"),
                                m.getField("levels").as("levels"),
                                array_sort(array_except(
                                                m.getField("candidates"),
                                                flatten(transform(
                                                        slice(sorted, lit(1), i),
                                                        before -> before.getField("candidates")))))
                                        .as("candidates"))));
        return filter(once, m -> size(m.getField("candidates")).gt(0));
    }

    /** The candidates alone: the heaviest first, of those that weigh alike by their ids. */
    private static Column inOrder(Column ranked) {
        Column weights = array_distinct(transform(ranked, m -> m.getField("lightness")));
        return flatten(transform(
                weights,
                weight -> array_sort(flatten(transform(
                        filter(ranked, m -> m.getField("lightness").equalTo(weight)),
                        m -> m.getField("candidates"))))));
    }

    /** At which levels a candidate came out. */
    private static Column levels(Column ranked, Column candidate) {
        return get(filter(ranked, m -> array_contains(m.getField("candidates"), candidate)), lit(0))
                .getField("levels");
    }

    /** How much how many candidates weigh, the heaviest first. */
    private static Column weighed(Column ranked) {
        return transform(
                ranked,
                m -> struct(
                        negate(m.getField("lightness")).as("weight"),
                        size(m.getField("candidates")).as("times")));
    }

    /** The candidate that a person accepted, the last where there are many; null where nobody did, or it is none of those found. */
    private static Column accepted() {
        Column last = array_max(
                        transform(decisions("accept"), d -> struct(d.getField("decided_on"), d.getField("candidate"))))
                .getField("candidate");
        return Timeline.let(last, one -> when(array_contains(col("found.all"), one), one));
    }

    private static Column decisions(String decision) {
        return filter(col("decisions"), d -> d.getField("decision").equalTo(decision));
    }

    /** {@link LinkModel#prior} of the register over days, a step for each time it moved: intervals with {@code prior}. */
    private static Column priors(Dataset<Row> traits, LinkModel model) {
        List<Row> days = traits.where("period = 1")
                .select(explode(array(
                                struct(col("known_from").as("day"), lit(1).as("more")),
                                struct(col("known_to").as("day"), lit(-1).as("more"))))
                        .as("e"))
                .where("e.day is not null")
                .groupBy("e.day")
                .agg(sum("e.more").as("more"))
                .orderBy("day")
                .collectAsList(); // a row for each day on which the register was delivered
        SortedMap<LocalDate, Double> moved = new TreeMap<>();
        long enterprises = 0;
        for (Row day : days) {
            enterprises += day.getLong(1);
            double prior = model.prior(enterprises);
            if (moved.isEmpty() || moved.get(moved.lastKey()) != prior) {
                moved.put(day.getLocalDate(0), prior);
            }
        }
        Column[] steps = moved.entrySet().stream()
                .map(step -> {
                    LocalDate next = moved.keySet().stream()
                            .filter(step.getKey()::isBefore)
                            .findFirst()
                            .orElse(null);
                    return struct(
                            lit(step.getKey()).as("from"),
                            lit(next).cast("date").as("to"),
                            lit(step.getValue()).as("prior"));
                })
                .toArray(Column[]::new);
        return array(steps).cast("array<struct<from:date,to:date,prior:double>>");
    }

    /** {@link LinkModel#prior} of the register as it is. */
    public static double prior(Dataset<Row> traits, LinkModel model) {
        return model.prior(enterprises(traits));
    }

    /** How many enterprises {@link EntityTraits} hold now. */
    public static long enterprises(Dataset<Row> traits) {
        return traits.where("period = 1 and known_to is null").count();
    }

    /**
     * One row per party, with its words and its days.
     *
     * @param said party, its words and a day; may repeat
     */
    static Dataset<Row> parties(Dataset<Row> said) {
        List<String> named = new ArrayList<>(Party.WORDS);
        named.add(0, "party");
        return said.groupBy(
                        named.stream().map(org.apache.spark.sql.functions::col).toArray(Column[]::new))
                .agg(collect_set("day").as("days"));
    }

    /**
     * Whom a party met on a day: party, day and {@code met}, intervals of days on which it was known, with {@code who}: structs of pattern,
     * many and the candidates that come out so. A candidate is there once for each way in which one of its names and addresses does. What
     * more enterprises bear than a few is no key from the day on which they were known; that it is none is met by no candidate, with the
     * kind of key in {@code many}.
     *
     * @param parties {@link #parties(Dataset)}
     */
    static Dataset<Row> met(Dataset<Row> parties, Dataset<Row> traits, LinkModel model, boolean few) {
        Dataset<Row> asking = keyed(parties).withColumn("hash", xxhash64(col("key")));
        Dataset<Row> asked = asking.select("hash", "key").distinct();
        WindowSpec bearing = Window.partitionBy("hash", "key");
        WindowSpec came = bearing.orderBy("from", "candidate", "candidate_period");
        Column opened = sum(when(col("span").equalTo(1), 1).otherwise(0)).over(came);
        Column until = min(when(col("opened").gt(model.bearers()), col("from"))).over(bearing);
        Column kind = split(col("key"), " ").getItem(0);
        Column told = col("until").isNotNull().and(col("nth").equalTo(1)).and(kind.isin(model.borne()));
        Dataset<Row> bearers = bearers(traits)
                .withColumn("hash", xxhash64(col("key")))
                .join(few ? broadcast(asked) : asked, KEY, "left_semi")
                .withColumn("opened", opened)
                .withColumn("nth", row_number().over(came))
                .withColumn("until", until)
                .withColumn(
                        "nobody",
                        explode(when(told, array(lit(false), lit(true))).otherwise(array(lit(false)))))
                .withColumn("many", when(col("nobody"), kind))
                .withColumns(theirs())
                .withColumn("from", when(col("nobody"), col("until")).otherwise(col("from")))
                .withColumn("to", when(not(col("nobody")), least(col("to"), col("until"))))
                .where("to is null or to > from")
                .drop("opened", "span", "nth", "until", "nobody");
        Column lived = coalesce(col("day").geq(col("candidate_from")), lit(true))
                .and(coalesce(col("day").lt(date_add(col("candidate_to"), model.names_live_on())), lit(true)));
        // Words are many bytes and pairs are many: what was compared goes on without them.
        Dataset<Row> pairs = compared(
                        asking.join(few ? broadcast(bearers) : bearers, KEY)
                                .withColumn("day", explode(col("days")))
                                .where(lived),
                        model)
                .withColumn("to", coalesce(col("to"), FOREVER))
                .select("party", "day", "candidate", "candidate_period", "many", "from", "pattern", "to")
                .repartition(col("party"));
        return pairs.groupBy("party", "day", "candidate", "candidate_period", "many", "from", "pattern")
                .agg(max("to").as("to"))
                .withColumn("to", nullif(col("to"), FOREVER))
                .groupBy("party", "day", "from", "to", "pattern", "many")
                .agg(collect_set("candidate").as("candidates"))
                .groupBy("party", "day", "from", "to")
                .agg(collect_list(struct("pattern", "many", "candidates")).as("who"))
                .groupBy("party", "day")
                .agg(collect_list(struct("from", "to", "who")).as("met"));
    }

    /** What is compared of a candidate, null of nobody. */
    private static Map<String, Column> theirs() {
        return Stream.concat(
                        Stream.of("candidate", "candidate_period", "candidate_from", "candidate_to"),
                        Party.WORDS.stream().map(word -> "candidate_" + word))
                .collect(Collectors.toMap(name -> name, name -> when(not(col("nobody")), col(name))));
    }

    /** Each row once for each of its keys. Those that are null are left out after they are laid apart: before, Spark would make them twice. */
    private static Dataset<Row> keyed(Dataset<Row> parties) {
        return parties.withColumn("key", explode(Party.keys())).where("key is not null");
    }

    /** Pairs of a party on a day and an enterprise, with pattern. */
    static Dataset<Row> compared(Dataset<Row> pairs, LinkModel model) {
        return pairs.withColumn("on_the_day", coalesce(col("day").lt(col("candidate_to")), lit(true)))
                .withColumn("pattern", model.pattern());
    }

    /** Key, and what is compared of the entity that bears it, by the names candidate and {@code candidate_<word>}. */
    private static Dataset<Row> bearers(Dataset<Row> traits) {
        return candidates(
                traits.withColumn("key", explode(col("keys"))),
                col("key"),
                col("span"),
                col("known_from").as("from"),
                col("known_to").as("to"));
    }

    /** What is compared of an enterprise in a period, by the names candidate and {@code candidate_<word>}. */
    static Dataset<Row> candidates(Dataset<Row> traits, Column... more) {
        List<Column> columns = new ArrayList<>(List.of(
                col("entity_id").as("candidate"),
                col("period").as("candidate_period"),
                col("valid_from").as("candidate_from"),
                col("valid_to").as("candidate_to")));
        Party.WORDS.forEach(word -> columns.add(col(word).as("candidate_" + word)));
        columns.addAll(List.of(more));
        return traits.select(columns.toArray(Column[]::new));
    }

    /** The rows of the table that some keys may make another of. */
    public static Dataset<Row> touched(Dataset<Row> links, Dataset<Row> keys) {
        Dataset<Row> parties = keyed(links)
                .select("party", "key")
                .join(broadcast(keys), new String[] {"key"}, "left_semi")
                .select("party")
                .distinct();
        return links.join(broadcast(parties), new String[] {"party"}, "left_semi");
    }

    /** The key of a row of the table, in the way of {@link EntityKeys}. */
    public static Column key() {
        return Linked.party(col("party"), col("day"));
    }
}
