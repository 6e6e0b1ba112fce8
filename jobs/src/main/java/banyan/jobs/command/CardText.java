package banyan.jobs.command;

import banyan.models.learned.Bins;
import banyan.models.learned.Logistic;
import banyan.models.learned.Points;
import banyan.models.learned.Scorecard;
import java.util.Locale;

/** A card as a table for a person to read, and the bins of a variable as words. */
final class CardText {
    private CardText() {}

    static String of(Points points) {
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
                            name(bins, b)));
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
    static String separated(Logistic fit) {
        return fit.separated()
                ? "Some variables together tell bad from good without fault: coefficients are as large as the ridge left them, and p means nothing.\n"
                : "";
    }

    /** Whether any case is in it. */
    static boolean filled(Bins.Bin bin) {
        return bin.bad() + bin.good() > 0;
    }

    static String name(Bins bins, int i) {
        return switch (bins.bins().get(i).kind()) {
            case NUMBERS ->
                (i == 0 ? "(−∞" : "[" + bins.cuts()[i - 1]) + ", "
                        + (i == bins.cuts().length ? "∞)" : bins.cuts()[i] + ")");
            case WORDS -> String.join(" | ", bins.groups().get(i));
            case SPECIAL -> "code " + bins.bins().get(i).code();
            case OTHER -> "other";
            case MISSING -> "missing";
        };
    }
}
