package banyan.models;

import banyan.schemas.InvalidDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fits the shares of a {@link LinkModel} without being told who is who: u from pairs drawn at random, which hardly ever belong together;
 * m and the prior by expectation and maximisation (Dempster, Laird, Rubin 1977; for linkage Winkler 1988) over records, each of which
 * means one of its candidates or none. Only the candidates of a record are looked at: those that share no key are not seen, so that the
 * m of levels that differ comes out a little low. Where u is counted, it is counted of each record's
 * candidates, each by its best level; that a key is passed over is not looked at.
 */
public final class LinkFit {
    private static final int ROUNDS = 100;
    private static final double SETTLED = 1e-6;
    /** Added to each count, so that no share is 0. */
    private static final double HALF = 0.5;

    private final LinkModel model;
    private final double[][] m;
    private final double[][] u;
    private double registered;

    /**
     * @param random [comparison][level]: how many pairs drawn at random came out at it
     */
    public LinkFit(LinkModel model, long[][] random) {
        this.model = model;
        int comparisons = model.comparisons().size();
        this.m = new double[comparisons][];
        this.u = new double[comparisons][];
        for (int c = 0; c < comparisons; c++) {
            List<LinkModel.Level> levels = model.comparisons().get(c).levels();
            m[c] = levels.stream().mapToDouble(LinkModel.Level::m).toArray();
            u[c] = shares(toDouble(random[c]));
            for (int l = 0; l < levels.size(); l++) {
                u[c][l] = levels.get(l).u() == null ? Double.NaN : u[c][l];
            }
        }
    }

    /** What was fitted; u is not a number where it is counted of each record. */
    public record Fitted(double[][] m, double[][] u, double registered, int rounds) {}

    /**
     * @param records [record][candidate][comparison] → number of the level, −1 where missing; records without a candidate count too
     * @param enterprises how many the register holds
     */
    public Fitted fit(List<int[][]> records, long enterprises) {
        registered = 0.9;
        int round = 0;
        double change = 1;
        while (round < ROUNDS && change > SETTLED) {
            change = step(records, enterprises);
            round++;
        }
        return new Fitted(m, u, registered, round);
    }

    private double step(List<int[][]> records, long enterprises) {
        double[][] counts = new double[m.length][];
        for (int c = 0; c < m.length; c++) {
            counts[c] = new double[m[c].length];
        }
        double prior = Math.pow(2, LinkModel.prior(registered, enterprises));
        double meant = 0;
        for (int[][] candidates : records) {
            double[] odds = new double[candidates.length];
            double all = 1;
            int[][] alike = alike(candidates);
            for (int i = 0; i < candidates.length; i++) {
                odds[i] = prior * ratio(candidates[i], alike, LinkModel.bits(enterprises));
                all += odds[i];
            }
            for (int i = 0; i < candidates.length; i++) {
                double p = odds[i] / all;
                meant += p;
                for (int c = 0; c < m.length; c++) {
                    if (candidates[i][c] >= 0) {
                        counts[c][candidates[i][c]] += p;
                    }
                }
            }
        }
        double change = 0;
        for (int c = 0; c < m.length; c++) {
            double[] shares = shares(counts[c]);
            for (int l = 0; l < shares.length; l++) {
                change = Math.max(change, Math.abs(shares[l] - m[c][l]));
            }
            m[c] = shares;
        }
        registered = Math.min(0.999, Math.max(0.001, meant / Math.max(1, records.size())));
        return change;
    }

    /** [comparison][level] → how many of a record's candidates came out at it. */
    private int[][] alike(int[][] candidates) {
        int[][] alike = new int[m.length][];
        for (int c = 0; c < m.length; c++) {
            alike[c] = new int[m[c].length];
            for (int[] candidate : candidates) {
                if (candidate[c] >= 0) {
                    alike[c][candidate[c]]++;
                }
            }
        }
        return alike;
    }

    private double ratio(int[] levels, int[][] alike, long bits) {
        double ratio = 1;
        for (int c = 0; c < levels.length; c++) {
            int l = levels[c];
            if (l >= 0) {
                ratio *= m[c][l] / (Double.isNaN(u[c][l]) ? alike[c][l] / Math.pow(2, bits) : u[c][l]);
            }
        }
        return ratio;
    }

    private static double[] shares(double[] counts) {
        double all = 0;
        for (double count : counts) {
            all += count + HALF;
        }
        double[] shares = new double[counts.length];
        for (int l = 0; l < counts.length; l++) {
            shares[l] = (counts[l] + HALF) / all;
        }
        return shares;
    }

    private static double[] toDouble(long[] counts) {
        double[] doubles = new double[counts.length];
        for (int l = 0; l < counts.length; l++) {
            doubles[l] = counts[l];
        }
        return doubles;
    }

    /** The text of links.yaml with the fitted numbers in the place of its own; all else stays as a supervisor wrote it. */
    public static String written(String yaml, LinkModel model, Fitted fitted) {
        Pattern level = Pattern.compile("m: [0-9.eE+-]+(, u: [0-9.eE+-]+)?");
        List<String> lines = new ArrayList<>();
        int c = -1;
        int l = 0;
        long replaced = 0;
        for (String line : yaml.split("\n", -1)) {
            if (line.startsWith("  - id: ")) {
                c++;
                l = 0;
            }
            Matcher found = level.matcher(line);
            if (c >= 0 && found.find()) {
                String u = found.group(1) == null ? "" : String.format(Locale.ROOT, ", u: %.8f", fitted.u[c][l]);
                line = found.replaceFirst(String.format(Locale.ROOT, "m: %.6f", fitted.m[c][l]) + u);
                l++;
                replaced++;
            } else if (line.startsWith("registered:")) {
                line = line.replaceFirst(
                        "registered: [0-9.]+", String.format(Locale.ROOT, "registered: %.3f", fitted.registered));
            }
            lines.add(line);
        }
        String text = String.join("\n", lines);
        LinkModel.parse("links.yaml", text);
        long levels = model.comparisons().stream()
                .mapToLong(comparison -> comparison.levels().size())
                .sum();
        if (replaced != levels) {
            throw new InvalidDefinition(
                    "links.yaml",
                    "cannot write the fitted numbers: " + replaced + " of " + levels
                            + " levels have m and u in one line, m first");
        }
        return text;
    }
}
