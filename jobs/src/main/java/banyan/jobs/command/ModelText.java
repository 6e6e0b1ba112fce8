package banyan.jobs.command;

import banyan.models.learned.Bins;
import banyan.models.learned.Logistic;
import banyan.models.learned.Model;
import banyan.models.learned.Points;
import banyan.models.learned.Preparation;
import banyan.models.learned.RawLogistic;
import banyan.models.learned.Sample;
import banyan.models.learned.Scorecard;
import banyan.models.learned.Trees;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** A model as a table for a person to read, and the bins of a variable as words. */
final class ModelText {
    /** Cases whose scores are taken apart. */
    private static final int EXPLAINED = 2_000;

    /** Nodes that are gone through to do it. */
    private static final long STEPS = 200_000_000;

    private ModelText() {}

    /** The card in points, what each variable adds to the score on average, or the coefficients. */
    static String of(Model model, Sample sample) {
        if (model instanceof Scorecard fitted) {
            return of(Points.of(fitted, Points.Scale.USUAL));
        }
        return model instanceof Trees trees ? of(trees, sample) : of((RawLogistic) model);
    }

    private static String of(Trees trees, Sample sample) {
        long nodes = trees.trees().stream().mapToLong(t -> t.column().length).sum();
        int some = (int) Math.max(1, Math.min(Math.min(EXPLAINED, sample.size()), STEPS / Math.max(1, nodes)));
        int[] rows = IntStream.range(0, some)
                .map(i -> (int) ((long) i * sample.size() / some))
                .toArray();
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "What each variable adds to the %s, mean of %,d cases:%n",
                trees.logistic() ? "log odds" : "probability",
                some));
        for (Map.Entry<String, Double> part :
                trees.parts(sample.at(rows).variables(), some).importance()) {
            text.append(String.format(Locale.ROOT, "%10.4f  %s%n", part.getValue(), part.getKey()));
        }
        return text.toString();
    }

    private static String of(RawLogistic model) {
        StringBuilder text =
                new StringBuilder("Log odds by which each column raises the risk, per standard deviation:\n");
        text.append(separated(model.fit()));
        double[] p = model.fit().pValues();
        for (int c = 0; c < p.length; c++) {
            Preparation.Column column = model.preparation().columns().get(c);
            text.append(String.format(
                    Locale.ROOT,
                    "%10.4f  p %.4f  %s%s%n",
                    model.fit().coefficients()[c],
                    p[c],
                    column.variable(),
                    switch (column.kind()) {
                        case NUMBER -> "";
                        case MISSING -> " is missing";
                        case SPECIAL -> " = " + column.code();
                        case WORD -> " = " + column.word();
                    }));
        }
        return text.toString();
    }

    private static String of(Points points) {
        Scorecard card = points.card();
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "Card: %d points to begin with; %d points are even odds, %d more double the odds of a bad case.%n"
                        + "Rounded to whole points: at most %.1f off for any case.%n%8s %8s %9s  %s%n",
                points.base(),
                points.scale().even(),
                points.scale().twice(),
                points.rounding(),
                "points",
                "bad %",
                "WOE",
                "variable and bin"));
        Logistic fit = card.fit();
        text.append(separated(fit));
        double[] p = fit.pValues();
        for (int v = 0; v < card.variables().size(); v++) {
            Bins bins = card.variables().get(v);
            text.append(String.format(
                    Locale.ROOT,
                    "%s: information value %.4f, coefficient %.3f ± %.3f (p %.4f)%n",
                    bins.variable(),
                    bins.iv(),
                    fit.coefficients()[v],
                    fit.errors()[v + 1],
                    p[v]));
            double[] worth = bins.worth();
            for (int b = 0; b < worth.length; b++) {
                Bins.Bin bin = bins.bins().get(b);
                if (filled(bin)) {
                    text.append(String.format(
                            Locale.ROOT,
                            "%8d %8.2f %9.4f  %s%n",
                            points.points().get(v)[b],
                            100 * bin.bad() / (bin.bad() + bin.good()),
                            worth[b],
                            bins.named(b)));
                }
            }
        }
        for (Scorecard.LeftOut out : card.leftOut()) {
            text.append("not in the card: ")
                    .append(out.variable())
                    .append(" (")
                    .append(out.why())
                    .append(")\n");
        }
        return text.toString();
    }

    /** A warning where errors and p-values mean nothing. */
    private static String separated(Logistic fit) {
        return fit.separated()
                ? "Some variables together tell bad from good without fault: coefficients are as large as the ridge left them, and p means nothing.\n"
                : "";
    }

    /** Whether any case is in it. */
    static boolean filled(Bins.Bin bin) {
        return bin.bad() + bin.good() > 0;
    }
}
