package banyan.jobs.command;

import banyan.jobs.bench.Cases;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** What a model's trial came to, for a person to read. */
final class TrialText {
    private TrialText() {}

    /**
     * @param model what was tried
     * @param against what it was tried beside; of no meaning where there was none
     * @param result {@link banyan.jobs.bench.ModelTrial#json}, with notes and bad_rate
     */
    static String of(String file, String label, Cases cases, String model, String against, JsonNode result) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%s: %,d cases, %d variables, %.2f %% bad (%s = %s)%s%n",
                file,
                cases.sample().size(),
                cases.sample().variables().size(),
                100 * result.path("bad_rate").asDouble(0),
                label,
                cases.bad(),
                cases.unlabelled() == 0
                        ? ""
                        : String.format(Locale.ROOT, ", %,d without a label", cases.unlabelled())));
        result.path("notes")
                .forEach(note -> text.append("note: ").append(note.asString("")).append('\n'));
        text.append(String.format(
                Locale.ROOT, "%-12s %8s %8s %8s %8s %8s%n", "fold", "cases", "AUC", "KS", "Brier", "± AUC"));
        for (JsonNode fold : result.path("folds")) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-12s %,8d %s%n",
                    fold.path("fold").asString(""),
                    fold.path("rows").asLong(0),
                    line(fold)));
        }
        text.append(String.format(Locale.ROOT, "%-12s %8s %s%n", "mean", "", line(result.path("mean"))));
        JsonNode truth = result.path("calibration");
        text.append(String.format(
                Locale.ROOT,
                "calibration on all that was measured: intercept %.3f, slope %.3f (true: 0 and 1), mean distance %.4f%n",
                truth.path("intercept").asDouble(Double.NaN),
                truth.path("slope").asDouble(Double.NaN),
                truth.path("error").asDouble(Double.NaN)));
        JsonNode ranking = result.path("ranking");
        text.append(String.format(
                Locale.ROOT,
                "first tenth by score: %.1f %% bad, lift %.2f, %.1f %% of all bad cases%s%n",
                100 * ranking.path("hit_rate").asDouble(Double.NaN),
                ranking.path("lift").asDouble(Double.NaN),
                100 * ranking.path("capture").asDouble(Double.NaN),
                earlier(ranking)));
        if (ranking.has("interval")) {
            JsonNode random = ranking.path("random");
            text.append(String.format(
                    Locale.ROOT,
                    "in 95 of 100 samples: lift %s, days earlier %s; in random order: lift %.2f, days earlier %.2f%n",
                    range(ranking, "lift"),
                    range(ranking, "days_earlier"),
                    random.path("lift").asDouble(Double.NaN),
                    random.path("days_earlier").asDouble(Double.NaN)));
        }
        for (JsonNode baseline : result.path("baselines")) {
            text.append(String.format(
                    Locale.ROOT,
                    "%s alone: AUC %.4f, lift %.2f%s%n",
                    baseline.path("column").asString(""),
                    baseline.path("auc").asDouble(Double.NaN),
                    baseline.path("lift").asDouble(Double.NaN),
                    earlier(baseline)));
        }
        if (result.has("against")) {
            text.append(String.format(
                    Locale.ROOT,
                    "AUC less that of %s on the same cases: %+.4f, p %.4f (DeLong)%n",
                    against,
                    result.path("against").path("auc_difference").asDouble(Double.NaN),
                    result.path("against").path("p").asDouble(Double.NaN)));
        }
        text.append(String.format(
                Locale.ROOT,
                "%s: %.2f s to fit, %.2f s to score, all folds together%n",
                model,
                result.path("seconds").path("fit").asDouble(0),
                result.path("seconds").path("score").asDouble(0)));
        return text.toString();
    }

    private static String line(JsonNode measured) {
        StringBuilder line = new StringBuilder();
        for (String name : List.of("auc", "ks", "brier", "auc_error")) {
            JsonNode value = measured.path(name);
            line.append(value.isNull() ? "        –" : String.format(Locale.ROOT, " %8.4f", value.asDouble(0)));
        }
        return line.substring(1);
    }

    /** Nothing where no days are known. */
    private static String earlier(JsonNode ranking) {
        JsonNode days = ranking.path("days_earlier");
        return days.isNumber() ? String.format(Locale.ROOT, "; bad cases %.2f days earlier", days.asDouble(0)) : "";
    }

    private static String range(JsonNode ranking, String measure) {
        JsonNode low = ranking.path("interval").path(0).path(measure);
        JsonNode high = ranking.path("interval").path(1).path(measure);
        return low.isNumber()
                ? String.format(Locale.ROOT, "%.2f to %.2f", low.asDouble(0), high.asDouble(0))
                : "not known";
    }
}
