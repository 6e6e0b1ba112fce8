package banyan.jobs.learn;

import banyan.jobs.Json;
import banyan.jobs.Refusal;
import banyan.models.Words;
import banyan.models.learned.Calibration;
import banyan.models.learned.Cohorts;
import banyan.models.learned.DeLong;
import banyan.models.learned.Learned;
import banyan.models.learned.Measured;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/**
 * How versions have done on days after all of them were fitted.
 *
 * @param days how many
 * @param cases of those days together
 */
public record Since(int days, LocalDate from, LocalDate to, int cases, int bad, List<Version> versions) {
    private static final double SURE = 1.96;

    /**
     * @param probability of each case, as it would have been published
     * @param auc over all days; not a number where there are not two cases of each kind
     * @param observedToExpected bad cases for each that was expected
     */
    public record Version(
            String version,
            String kind,
            double[] bad,
            double[] probability,
            double auc,
            double error,
            double brier,
            Calibration.Truth truth,
            double observedToExpected) {}

    /**
     * @param fitted the last day for which one of those that are told side by side was fitted
     * @throws Refusal with exit 3 if no day from then on is ripe
     */
    public static Since of(Past past, LocalDate fitted, List<Registry.Version> versions) {
        List<LocalDate> days = Past.days(
                        fitted, past.known(), past.forecast().outcome().months())
                .stream()
                .filter(past::ripe)
                .toList();
        if (days.isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.DATA,
                    "Cannot evaluate " + past.forecast().id() + ": no day after " + fitted
                            + ", for which it was fitted, is ripe. Its sources have delivered until " + past.known()
                            + ", and the outcome of " + fitted + " is ripe on "
                            + past.forecast().outcome().ripe(fitted) + ".");
        }
        Cohorts cases =
                past.cases(days, Past.Lookers.NONE, (day, counted) -> {}).cohorts();
        if (cases.size() == 0) {
            throw new Refusal(
                    Refusal.Exit.DATA,
                    "Cannot evaluate " + past.forecast().id() + ": of " + days.size() + " days from " + fitted
                            + " on no enterprise was looked at.");
        }
        return new Since(
                days.size(),
                days.get(0),
                days.get(days.size() - 1),
                cases.size(),
                (int) Arrays.stream(cases.sample().bad()).sum(),
                versions.stream().map(v -> measured(v, cases)).toList());
    }

    private static Version measured(Registry.Version version, Cohorts cases) {
        Learned learned = version.learned();
        double[] bad = cases.sample().bad();
        double[] probability = Arrays.stream(learned.of().scores(cases.sample().variables(), cases.size()))
                .map(learned::probability)
                .toArray();
        DeLong.One auc = DeLong.of(probability, bad);
        return new Version(
                version.version(),
                version.kind(),
                bad,
                probability,
                auc.auc(),
                auc.error(),
                Measured.of(probability, bad, cases.sample().weight()).brier(),
                Calibration.Truth.of(probability, bad, cases.sample().weight()),
                Arrays.stream(bad).sum() / Arrays.stream(probability).sum());
    }

    /** A version in a line. */
    public String line(Version one) {
        return String.format(
                Locale.ROOT,
                "%s %s: AUC %.4f ± %.4f, Brier %.4f, observed to expected %.2f, slope %.2f; %,d cases, %,d bad, %d days from %s to %s",
                one.version,
                one.kind,
                one.auc,
                SURE * one.error,
                one.brier,
                one.observedToExpected,
                one.truth.slope(),
                cases,
                bad,
                days,
                from,
                to);
    }

    /** Each version beside the first, on the same cases. */
    public List<String> comparisons() {
        List<String> lines = new ArrayList<>();
        Version first = versions.get(0);
        for (Version other : versions.subList(1, versions.size())) {
            if (Double.isNaN(first.auc)) {
                break;
            }
            DeLong both = DeLong.of(new double[][] {other.probability, first.probability}, first.bad);
            double difference = both.auc()[0] - both.auc()[1];
            lines.add(String.format(
                    Locale.ROOT,
                    "AUC of %s less that of %s: %+.4f, p %.4f (DeLong)",
                    other.version,
                    first.version,
                    difference,
                    DeLong.pValue(difference, both.varianceOfDifference())));
        }
        return lines;
    }

    public ObjectNode json(Version one) {
        ObjectNode json = Json.object()
                .put("model_version", one.version)
                .put("kind", one.kind)
                .put("days", days)
                .put("cases", cases)
                .put("bad", bad);
        Json.put(json, "auc", one.auc);
        Json.put(json, "error", one.error);
        Json.put(json, "brier", one.brier);
        Json.put(json, "slope", one.truth.slope());
        Json.put(json, "observed_to_expected", one.observedToExpected);
        return json;
    }

    /** For the card. */
    public ModelCard.Section section(Version one) {
        return new ModelCard.Section(
                new Words("训练以来", "Since it was fitted"),
                new Words(
                        String.format(
                                Locale.ROOT,
                                "评价日 %s 至 %s（%d 个），样本 %,d 个，不良 %,d 个：AUC %.3f ± %.3f，Brier %.4f，实际与预期之比 %.2f，斜率 %.2f。",
                                from,
                                to,
                                days,
                                cases,
                                bad,
                                one.auc,
                                SURE * one.error,
                                one.brier,
                                one.observedToExpected,
                                one.truth.slope()),
                        String.format(
                                Locale.ROOT,
                                "%d days from %s to %s, %,d cases, %,d bad: AUC %.3f ± %.3f, Brier %.4f, observed to expected %.2f, slope %.2f.",
                                days,
                                from,
                                to,
                                cases,
                                bad,
                                one.auc,
                                SURE * one.error,
                                one.brier,
                                one.observedToExpected,
                                one.truth.slope())));
    }
}
