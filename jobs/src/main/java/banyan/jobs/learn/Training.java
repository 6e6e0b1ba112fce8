package banyan.jobs.learn;

import banyan.jobs.Json;
import banyan.models.Forecast;
import banyan.models.Policy;
import banyan.models.learned.Backtest;
import banyan.models.learned.Calibration;
import banyan.models.learned.Cohorts;
import banyan.models.learned.Kind;
import banyan.models.learned.Learned;
import banyan.models.learned.Measured;
import banyan.models.learned.Model;
import banyan.models.learned.Parts;
import banyan.models.learned.Ranking;
import banyan.models.learned.Sample;
import banyan.models.learned.Selection;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A version of a model, fitted on all days that are ripe, with what a look back on them came to.
 *
 * @param cases it was fitted on
 * @param selection what can be said of all enterprises of the last day from those that were looked at
 * @param found how many enterprises that day had; more than selection speaks of where they were drawn
 */
public record Training(
        Learned learned,
        Cohorts cases,
        Backtest backtest,
        Selection selection,
        long found,
        List<Requirement> requirements) {
    private static final double[] NO_CODES = new double[0];

    /** Cases whose scores are taken apart to tell what matters. */
    private static final int EXPLAINED = 2_000;

    /**
     * @param bounds what it must satisfy
     * @param on the day it is fitted for
     * @param text the definition as it is written
     * @param champion the version in force, to be compared; null for none
     * @param everybody of the last of the days
     * @throws IllegalArgumentException if the past says too little to look back
     */
    public static Training of(
            Policy.Models bounds,
            Forecast forecast,
            String text,
            Cohorts cases,
            Selection.Everybody everybody,
            Kind kind,
            Kind.Engine engine,
            LocalDate on,
            Registry.Version champion) {
        Function<Sample, Model> way = sample -> kind.fit(sample, NO_CODES, engine, forecast.ridge());
        boolean comparable = champion != null
                && !champion.kind().equals(kind.name())
                && champion.learned().asked().asksTheSame(forecast);
        Function<Sample, Model> other = comparable
                ? sample -> Kind.valueOf(champion.kind()).fit(sample, NO_CODES, engine, forecast.ridge())
                : null;
        Backtest backtest = Backtest.of(cases, way, other);
        long[] days = cases.days();
        double bad = Arrays.stream(cases.sample().bad()).sum();
        Learned learned = Learned.of(
                forecast.id(),
                text,
                kind,
                new Learned.Fitted(
                        on.toString(),
                        LocalDate.ofEpochDay(days[0]).toString(),
                        LocalDate.ofEpochDay(days[days.length - 1]).toString(),
                        cases.size(),
                        (int) bad),
                way.apply(cases.sample()),
                backtest.line(),
                cases,
                everybody);
        double[] said = backtest.newest().probability(everybody.values(), everybody.size());
        return new Training(
                learned,
                cases,
                backtest,
                Selection.of(everybody, said),
                everybody.found(),
                Requirement.of(bounds, forecast, learned, cases, backtest, way, champion));
    }

    /** As the registry keeps it. */
    public Registry.Version version(String by) {
        String gates = Requirement.json(requirements);
        return new Registry.Version(
                learned.version(gates),
                learned.kind().name(),
                LocalDate.parse(learned.fitted().on()),
                LocalDate.parse(learned.fitted().from()),
                LocalDate.parse(learned.fitted().to()),
                learned.fitted().cases(),
                learned.fitted().bad(),
                measured().toString(),
                gates,
                by,
                learned.json());
    }

    /** What the look back came to; figures rounded to six digits, for they are told and not worked with. */
    public ObjectNode measured() {
        ObjectNode json = Json.object();
        ArrayNode rounds = json.putArray("rounds");
        for (Backtest.Round round : backtest.rounds()) {
            ObjectNode one = rounds.addObject()
                    .put("day", LocalDate.ofEpochDay(round.day()).toString())
                    .put("fitted", round.fitted())
                    .put("cases", round.cases())
                    .put("bad", round.bad());
            put(one, "auc", round.auc());
            put(one, "error", round.error());
            put(one, "lift", round.ranking().lift());
            put(one, "days_earlier", round.ranking().daysEarlier());
            for (Backtest.Baseline baseline : Backtest.Baseline.values()) {
                put(one, baseline.name(), round.baselines()[baseline.ordinal()]);
            }
        }
        put(json, "auc", backtest.auc());
        put(json, "error", backtest.error());
        put(json, "trend", backtest.trend());
        put(json.putObject("worst"), "auc", backtest.worst().auc());
        json.withObject("worst")
                .put("day", LocalDate.ofEpochDay(backtest.worst().day()).toString());
        Measured all = backtest.measured();
        put(json, "pooled_auc", all.auc());
        put(json, "gini", 2 * all.auc() - 1);
        put(json, "ks", all.ks());
        put(json, "brier", all.brier());
        put(json.putObject("order"), backtest.ranking());
        put(json.putObject("random"), backtest.random());
        ObjectNode free = json.putObject("baselines");
        for (Backtest.Baseline baseline : Backtest.Baseline.values()) {
            put(free, baseline.name(), backtest.auc(baseline));
        }
        put(json.putObject("before"), backtest.truthOfScores());
        put(json.putObject("calibration"), backtest.truth());
        put(json, "observed_to_expected", backtest.observedToExpected());
        Backtest.RandomArm drawn = backtest.randomArm();
        ObjectNode arm =
                json.putObject("random_arm").put("cases", drawn.cases()).put("bad", drawn.bad());
        put(arm, "auc", drawn.auc());
        put(arm, "error", drawn.error());
        put(arm, "observed_to_expected", drawn.observedToExpected());
        put(json.putObject("selection"), selection, found);
        Backtest.Guard guard = backtest.guard();
        ObjectNode lookers = json.putObject("lookers").put("groups", guard.groups());
        put(lookers, "pooled", guard.pooled());
        put(lookers, "within", guard.within());
        ArrayNode matters = json.putArray("variables");
        for (Map.Entry<String, Double> part : importance()) {
            put(matters.addObject().put("variable", part.getKey()), "mean", part.getValue());
        }
        return json;
    }

    private List<Map.Entry<String, Double>> importance() {
        int some = Math.min(EXPLAINED, cases.size());
        int[] rows = IntStream.range(0, some)
                .map(i -> (int) ((long) i * cases.size() / some))
                .toArray();
        Parts parts = learned.of().parts(cases.sample().at(rows).variables(), some);
        return parts.importance();
    }

    private static void put(ObjectNode node, Ranking ranking) {
        put(node, "hit_rate", ranking.hitRate());
        put(node, "lift", ranking.lift());
        put(node, "capture", ranking.capture());
        put(node, "days_earlier", ranking.daysEarlier());
    }

    private static void put(ObjectNode node, Selection selection, long found) {
        node.put("found", found).put("all", selection.all()).put("looked", selection.looked());
        put(node, "chosen", selection.chosen());
        put(node, "clipped", selection.clipped());
        put(node, "effective", selection.effective());
        put(node, "pooled", selection.pooled());
        put(node, "weighted", selection.weighted());
        put(node, "robust", selection.robust());
        put(node, "error", selection.error());
        put(node, "drawn", selection.drawn());
        put(node, "drawn_error", selection.drawnError());
        ArrayNode districts = node.putArray("districts");
        selection.districts().forEach((district, share) -> {
            ObjectNode one = districts
                    .addObject()
                    .put("district", district)
                    .put("enterprises", share.enterprises())
                    .put("looked", share.looked());
            put(one, "share", share.share());
            put(one, "error", share.error());
        });
    }

    private static void put(ObjectNode node, Calibration.Truth truth) {
        put(node, "intercept", truth.intercept());
        put(node, "slope", truth.slope());
        put(node, "distance", truth.error());
    }

    private static void put(ObjectNode node, String name, double value) {
        Json.put(
                node,
                name,
                Double.isFinite(value) ? Double.parseDouble(String.format(Locale.ROOT, "%.6f", value)) : value);
    }
}
