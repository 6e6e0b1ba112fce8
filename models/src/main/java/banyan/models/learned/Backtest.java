package banyan.models.learned;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * How a way of fitting would have done, had it been used on days of the past: on each it is fitted on what was known by then, outcomes
 * included, its probabilities are recalibrated on what it had foretold before and could be seen by then, and it is measured on what
 * came of that day (rolling origin; Tashman 2000).
 *
 * @param rounds the days it was tried on, ascending
 * @param cases all that it was tried on, day by day
 * @param score of each of those cases, not recalibrated
 * @param probability of each of those cases, recalibrated
 * @param beside the probability of each by another way of fitting; null for none
 * @param newest the model that was fitted for the last day, and its line
 */
public record Backtest(
        List<Round> rounds, Cohorts cases, double[] score, double[] probability, double[] beside, Fitted newest) {
    /** A model and the line on which its probabilities are true. */
    public record Fitted(Model of, Calibration.Line line) {
        /** The recalibrated probability of each case. */
        public double[] probability(List<Values> values, int cases) {
            return Arrays.stream(of.probability(values, cases)).map(line::at).toArray();
        }
    }

    /** Bad cases, and good ones, without which a past says too little. */
    public static final int LEAST = 200;

    /** Bad cases that must have been foretold and seen before probabilities are recalibrated. */
    private static final int SEEN = 500;

    private static final int SAMPLES = 200;
    private static final long SEED = 1;

    /**
     * A day it was tried on.
     *
     * @param fitted cases it was fitted on
     * @param auc and how sure it is; not a number where there are not two cases of each kind
     * @param baselines what could be had for nothing: AUC of each, in the order of {@link Baseline}
     */
    public record Round(
            long day, int fitted, int cases, int bad, double auc, double error, Ranking ranking, double[] baselines) {}

    /** What needs no model. */
    public enum Baseline {
        /** Who was found bad in the year before. */
        violator,
        /** The share of bad cases among its like, of what was known. */
        peers,
        /** Class and score by the rules. */
        rules
    }

    /**
     * @param way how a model is fitted
     * @param other another way, to be compared; null for none
     * @throws IllegalArgumentException if no day has a past of 200 bad and 200 good cases
     */
    public static Backtest of(Cohorts all, Function<Sample, Model> way, Function<Sample, Model> other) {
        Fitted newest = null;
        List<Round> rounds = new ArrayList<>();
        List<Integer> tried = new ArrayList<>();
        double[] score = new double[all.size()];
        double[] probability = new double[all.size()];
        double[] beside = new double[all.size()];
        for (long day : all.days()) {
            int[] past = all.which(i -> all.ripe()[i] <= day);
            int[] now = all.which(i -> all.day()[i] == day);
            double bad =
                    Arrays.stream(past).mapToDouble(i -> all.sample().bad()[i]).sum();
            if (bad < LEAST || past.length - bad < LEAST) {
                continue;
            }
            Sample known = all.sample().at(past);
            Sample here = all.sample().at(now);
            Model model = way.apply(known);
            double[] said = model.probability(here.variables(), here.size());
            double[] others = other == null ? said : other.apply(known).probability(here.variables(), here.size());
            int[] seen = tried.stream()
                    .mapToInt(Integer::intValue)
                    .filter(i -> all.ripe()[i] <= day)
                    .toArray();
            Calibration.Line line = line(Cohorts.of(score, seen), all.sample(), seen);
            newest = new Fitted(model, line);
            for (int k = 0; k < now.length; k++) {
                score[now[k]] = said[k];
                probability[now[k]] = line.at(said[k]);
                beside[now[k]] = others[k];
                tried.add(now[k]);
            }
            rounds.add(round(all, day, past, now, said));
        }
        if (rounds.isEmpty()) {
            throw new IllegalArgumentException("Cannot look back: none of " + all.days().length + " days has " + LEAST
                    + " bad and " + LEAST + " good cases whose outcome was known by then.");
        }
        int[] rows = tried.stream().mapToInt(Integer::intValue).toArray();
        return new Backtest(
                List.copyOf(rounds),
                all.at(rows),
                Cohorts.of(score, rows),
                Cohorts.of(probability, rows),
                other == null ? null : Cohorts.of(beside, rows),
                newest);
    }

    /** As they are until enough was seen. */
    private static Calibration.Line line(double[] said, Sample sample, int[] seen) {
        double[] bad = Cohorts.of(sample.bad(), seen);
        return Arrays.stream(bad).sum() < SEEN
                ? Calibration.Line.NONE
                : Calibration.Line.fit(said, bad, Cohorts.of(sample.weight(), seen));
    }

    private static Round round(Cohorts all, long day, int[] past, int[] now, double[] said) {
        Cohorts here = all.at(now);
        double[] bad = here.sample().bad();
        DeLong.One auc = DeLong.of(said, bad);
        return new Round(
                day,
                past.length,
                now.length,
                (int) Arrays.stream(bad).sum(),
                auc.auc(),
                auc.error(),
                Ranking.of(said, bad, here.looked(), null),
                new double[] {
                    auc(here.violator(), here.sample()),
                    auc(peers(all, past, here), here.sample()),
                    auc(here.rules(), here.sample())
                });
    }

    private static double auc(double[] score, Sample sample) {
        return Measured.of(score, sample.bad(), sample.weight()).auc();
    }

    /** Share of bad cases among the like of each, of a past. */
    private static double[] peers(Cohorts all, int[] past, Cohorts here) {
        Map<String, double[]> tally = new HashMap<>();
        for (int i : past) {
            double[] of = tally.computeIfAbsent(all.peer()[i], p -> new double[2]);
            of[0] += all.sample().bad()[i];
            of[1]++;
        }
        return Arrays.stream(here.peer())
                .mapToDouble(peer -> {
                    double[] of = tally.getOrDefault(peer, new double[] {0, 1});
                    return of[0] / of[1];
                })
                .toArray();
    }

    /** The line on which all that was foretold is true: for what will be foretold next. */
    public Calibration.Line line() {
        return line(score, cases.sample(), IntStream.range(0, cases.size()).toArray());
    }

    /** Mean AUC of the rounds. */
    public double auc() {
        return mean(rounds.stream().mapToDouble(Round::auc).toArray());
    }

    /** Standard error of that, rounds taken for independent of each other. */
    public double error() {
        double[] variances = rounds.stream()
                .mapToDouble(r -> r.error * r.error)
                .filter(v -> !Double.isNaN(v))
                .toArray();
        return Math.sqrt(Arrays.stream(variances).sum()) / variances.length;
    }

    /** Mean AUC of a baseline over the rounds. */
    public double auc(Baseline baseline) {
        return mean(rounds.stream()
                .mapToDouble(r -> r.baselines[baseline.ordinal()])
                .toArray());
    }

    private static double mean(double[] of) {
        return Arrays.stream(of).filter(v -> !Double.isNaN(v)).average().orElse(Double.NaN);
    }

    /** What the order is worth, mean of the rounds. */
    public Ranking ranking() {
        return mean(rounds.stream().map(Round::ranking).toList());
    }

    private static Ranking mean(List<Ranking> all) {
        return new Ranking(
                mean(all.stream().mapToDouble(Ranking::hitRate).toArray()),
                mean(all.stream().mapToDouble(Ranking::lift).toArray()),
                mean(all.stream().mapToDouble(Ranking::capture).toArray()),
                mean(all.stream().mapToDouble(Ranking::daysEarlier).toArray()));
    }

    /** What a random order of each day is worth, mean of the rounds. */
    public Ranking random() {
        return mean(rounds.stream()
                .map(round -> on(round.day))
                .map(here -> Ranking.random(here.sample().bad(), here.looked(), null, SAMPLES, SEED))
                .toList());
    }

    private Cohorts on(long day) {
        return cases.at(cases.which(i -> cases.day()[i] == day));
    }

    /** AUC, KS and Brier score of the recalibrated probabilities of all rounds together. */
    public Measured measured() {
        return Measured.of(probability, cases.sample().bad(), cases.sample().weight());
    }

    /** How true the recalibrated probabilities are. */
    public Calibration.Truth truth() {
        return Calibration.Truth.of(
                probability, cases.sample().bad(), cases.sample().weight());
    }

    /** How true they were before. */
    public Calibration.Truth truthOfScores() {
        return Calibration.Truth.of(score, cases.sample().bad(), cases.sample().weight());
    }

    /** Bad cases for each that was expected, of the recalibrated probabilities. */
    public double observedToExpected() {
        return Arrays.stream(cases.sample().bad()).sum()
                / Arrays.stream(probability).sum();
    }

    /**
     * What is known of cases that were drawn at random: there alone nobody chose.
     *
     * @param auc and its error; not a number where there are not two cases of each kind
     * @param observedToExpected bad cases for each that was expected
     */
    public record RandomArm(int cases, int bad, double auc, double error, double observedToExpected) {}

    /** The part of the cases that was drawn at random; of no case where none was, or it is not told. */
    public RandomArm randomArm() {
        int[] drawn = cases.which(i -> !Double.isNaN(cases.drawn()[i]));
        double[] bad = Cohorts.of(cases.drawn(), drawn);
        int badCases = (int) Arrays.stream(bad).sum();
        DeLong.One auc = DeLong.of(Cohorts.of(probability, drawn), bad);
        return new RandomArm(
                drawn.length,
                badCases,
                auc.auc(),
                auc.error(),
                badCases / Arrays.stream(drawn).mapToDouble(i -> probability[i]).sum());
    }

    /**
     * Whether the order tells which enterprise is bad, or only who will look: pairs of a bad and a good case of one day, all of them and
     * those that one group looked at.
     *
     * @param groups of lookers
     * @param pooled AUC over the pairs of a day
     * @param within AUC over the pairs of a day and group
     * @param least what pooled − within is above of in 95 of 100 samples drawn within days and groups
     */
    public record Guard(int groups, double pooled, double within, double least) {}

    /** Over the cases of which it is told who looked; of no group where that is not told. */
    public Guard guard() {
        int[] told = cases.which(i -> !cases.group()[i].isEmpty());
        int groups = (int)
                Arrays.stream(told).mapToObj(i -> cases.group()[i]).distinct().count();
        if (groups < 2) {
            return new Guard(groups, Double.NaN, Double.NaN, Double.NaN);
        }
        int[][] members = strata(told, i -> cases.day()[i] + " " + cases.group()[i]);
        SplittableRandom random = new SplittableRandom(SEED);
        double[] differences = new double[SAMPLES];
        for (int s = 0; s < SAMPLES; s++) {
            int[][] drawn = Arrays.stream(members)
                    .map(rows -> random.ints(rows.length, 0, rows.length)
                            .map(k -> rows[k])
                            .toArray())
                    .toArray(int[][]::new);
            differences[s] = auc(ofDays(drawn)) - auc(drawn);
        }
        Arrays.sort(differences);
        return new Guard(groups, auc(ofDays(members)), auc(members), differences[(int) Math.floor(0.05 * SAMPLES)]);
    }

    private int[][] ofDays(int[][] strata) {
        return strata(Arrays.stream(strata).flatMapToInt(Arrays::stream).toArray(), i -> "" + cases.day()[i]);
    }

    private static int[][] strata(int[] rows, IntFunction<String> of) {
        Map<String, List<Integer>> strata = new TreeMap<>();
        for (int i : rows) {
            strata.computeIfAbsent(of.apply(i), key -> new ArrayList<>()).add(i);
        }
        return strata.values().stream()
                .map(members -> members.stream().mapToInt(Integer::intValue).toArray())
                .toArray(int[][]::new);
    }

    /** Over all pairs of a bad and a good case of one stratum. */
    private double auc(int[][] strata) {
        double sum = 0;
        double pairs = 0;
        for (int[] rows : strata) {
            double[] bad = Cohorts.of(cases.sample().bad(), rows);
            double badCases = Arrays.stream(bad).sum();
            double both = badCases * (rows.length - badCases);
            if (both > 0) {
                double auc = Measured.of(
                                Cohorts.of(probability, rows),
                                bad,
                                Cohorts.of(cases.sample().weight(), rows))
                        .auc();
                sum += both * auc;
                pairs += both;
            }
        }
        return sum / pairs;
    }

    /**
     * Whether the other way is better, day by day on the same cases.
     *
     * @param difference mean AUC of this way less that of the other
     * @param p that such a difference is chance (DeLong)
     */
    public record Against(double difference, double error, double p) {}

    /** @throws IllegalStateException if no other way was tried */
    public Against against() {
        if (beside == null) {
            throw new IllegalStateException("Cannot compare: one way of fitting was tried alone.");
        }
        double difference = 0;
        double variance = 0;
        int sure = 0;
        for (Round round : rounds) {
            if (Double.isNaN(round.auc)) {
                continue;
            }
            int[] rows = cases.which(i -> cases.day()[i] == round.day);
            DeLong both = DeLong.of(
                    new double[][] {Cohorts.of(score, rows), Cohorts.of(beside, rows)},
                    Cohorts.of(cases.sample().bad(), rows));
            difference += both.auc()[0] - both.auc()[1];
            variance += both.varianceOfDifference();
            sure++;
        }
        return new Against(
                difference / sure,
                Math.sqrt(variance) / sure,
                DeLong.pValue(difference / sure, variance / ((double) sure * sure)));
    }

    /**
     * The mean over draws of how well a model fitted on labels dealt out at random foretells true ones, on the last day with an AUC and of its past:
     * 0.5 where nothing leaks.
     */
    public double shuffled(Cohorts all, Function<Sample, Model> way) {
        long last = lastSure().day;
        Sample known = all.sample().at(all.which(i -> all.ripe()[i] <= last));
        Sample here = on(last).sample();
        SplittableRandom random = new SplittableRandom(SEED);
        double sum = 0;
        for (int d = 0; d < SHUFFLES; d++) {
            double[] labels = known.bad().clone();
            for (int i = labels.length - 1; i > 0; i--) {
                int other = random.nextInt(i + 1);
                double label = labels[i];
                labels[i] = labels[other];
                labels[other] = label;
            }
            Model model = way.apply(new Sample(known.variables(), labels, known.weight()));
            sum += auc(model.scores(here.variables(), here.size()), here);
        }
        return sum / SHUFFLES;
    }

    private static final int SHUFFLES = 10;

    /** Standard error of {@link #shuffled}, as the labels of that day fall. */
    public double shuffledError() {
        return lastSure().error;
    }

    /** The last day with an AUC, or the last. */
    private Round lastSure() {
        return rounds.stream()
                .filter(r -> !Double.isNaN(r.auc))
                .reduce((a, b) -> b)
                .orElse(rounds.get(rounds.size() - 1));
    }

    /** Mean AUC of the later half of the rounds less that of the earlier. */
    public double trend() {
        int half = rounds.size() / 2;
        return mean(IntStream.range(rounds.size() - half, rounds.size())
                        .mapToDouble(i -> rounds.get(i).auc)
                        .toArray())
                - mean(IntStream.range(0, half)
                        .mapToDouble(i -> rounds.get(i).auc)
                        .toArray());
    }

    /** The round with the lowest AUC. */
    public Round worst() {
        return rounds.stream()
                .filter(r -> !Double.isNaN(r.auc))
                .min(java.util.Comparator.comparingDouble(Round::auc))
                .orElse(rounds.get(0));
    }
}
