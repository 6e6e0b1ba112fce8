package banyan.models.learned;

import banyan.models.Forecast;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import tools.jackson.databind.json.JsonMapper;

/**
 * A model as it is kept: all that is needed to score by it for good, whatever becomes of the definition it was fitted by, as JSON that
 * gives back the very same numbers.
 *
 * @param forecast name of the definition
 * @param definition its text when the model was fitted
 * @param kind what it is
 * @param fitted on which day, and on what
 * @param of the model itself
 * @param line on which its probabilities are true
 * @param spread variable → how it was spread over all enterprises of the last of its days, looked at or not
 * @param scores how its scores were
 * @param usual what is compared with, such as a sector → what each variable adds there on average, in the order of the parts; "" for all
 */
public record Learned(
        String forecast,
        String definition,
        Kind kind,
        Fitted fitted,
        Model of,
        Calibration.Line line,
        SortedMap<String, Drift> spread,
        Drift scores,
        SortedMap<String, double[]> usual) {
    /** Cases of a sector below which it is compared with all. */
    private static final int FEW = 100;

    /** Cases whose scores are taken apart to tell what is usual. */
    private static final int SOME = 10_000;

    private static final JsonMapper JSON = new JsonMapper();

    /**
     * @param on the day it was fitted; nothing later was known
     * @param from first day of its cases
     * @param to last day of its cases
     * @param bad how many of its cases turned out bad
     */
    public record Fitted(String on, String from, String to, int cases, int bad) {}

    /**
     * @param line of a {@link Backtest}
     * @param everybody of the last day: what is watched for drift
     */
    public static Learned of(
            String forecast,
            String definition,
            Kind kind,
            Fitted fitted,
            Model model,
            Calibration.Line line,
            Cohorts cases,
            Selection.Everybody everybody) {
        List<Values> values = everybody.values();
        SortedMap<String, Drift> spread = new TreeMap<>();
        values.forEach(v -> spread.put(v.name(), Drift.of(((Values.Numbers) v).of())));
        double[] scores = Arrays.stream(model.scores(values, everybody.size()))
                .map(Scoring::rounded)
                .toArray();
        Cohorts some = cases.at(spaced(cases.size()));
        Parts parts = model.parts(some.sample().variables(), some.size())
                .of(model.scores(some.sample().variables(), some.size()));
        SortedMap<String, double[]> usual = new TreeMap<>();
        usual.put("", parts.usual(IntStream.range(0, some.size()).toArray()));
        for (String peer : new TreeSet<>(Arrays.asList(some.peer()))) {
            int[] like = some.which(i -> some.peer()[i].equals(peer));
            if (!peer.isEmpty() && like.length >= FEW) {
                usual.put(peer, parts.usual(like));
            }
        }
        return new Learned(forecast, definition, kind, fitted, model, line, spread, Drift.of(scores), usual);
    }

    /** Numbers of all cases or, of very many, of some that lie evenly among them. */
    private static int[] spaced(int cases) {
        int some = Math.min(SOME, cases);
        return IntStream.range(0, some)
                .map(i -> (int) ((long) i * cases / some))
                .toArray();
    }

    /** @throws tools.jackson.core.JacksonException if the text is not of a model */
    public static Learned parse(String json) {
        return JSON.readValue(json, Learned.class);
    }

    public String json() {
        return JSON.writeValueAsString(this);
    }

    /**
     * The first 12 hex digits of the SHA-256 of the JSON and of what it was put to: the same model under the same checks has the same.
     *
     * @param checks any text
     */
    public String version(String checks) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest((json() + checks).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The definition it was fitted by. */
    public Forecast asked() {
        return Forecast.parse("learned/" + forecast + ".yaml", definition);
    }

    /** What a score says, its line applied. */
    public double probability(double score) {
        return line.at(of.logistic() ? Logistic.probability(score) : score);
    }

    /** What each variable adds on average among the like of a case. */
    public double[] usual(String peer) {
        return usual.getOrDefault(peer == null ? "" : peer, usual.get(""));
    }

    /**
     * Places of the parts that are above what is usual, most above first, of equal ones the first.
     *
     * @param parts of one case
     */
    public int[] reasons(double[] parts, double[] usual, int most) {
        return IntStream.range(0, parts.length)
                .filter(v -> parts[v] - usual[v] > 1e-9)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer v) -> usual[v] - parts[v]))
                .limit(most)
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
