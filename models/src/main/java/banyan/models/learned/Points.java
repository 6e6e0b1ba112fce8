package banyan.models.learned;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.exp;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;

/**
 * A scorecard in whole points, more points for more risk: what a person reads and adds up. Every bin has a part of the log odds, in a
 * unit in which so many points more double the odds of a bad case; the best bin of a variable has none, and what all cases have is in
 * the base. Points are rounded bin by bin, half up, so that a card on paper holds everywhere; probabilities come from what was not
 * rounded.
 *
 * <p>One definition, four engines: these arrays, a Spark column, SQL and PMML. They give the same points for every case, and
 * probabilities within 1e-12, for all add the same numbers in the same order.
 *
 * @param scale what a point is
 * @param base points of a case that is in the best bin everywhere
 * @param points [variable][bin]
 * @param baseOdds log odds of such a case
 * @param odds [variable][bin] what it adds to the log odds, not rounded
 */
public record Points(Scorecard card, Scale scale, int base, List<int[]> points, double baseOdds, List<double[]> odds) {

    /**
     * @param twice so many points more double the odds of a bad case
     * @param even points of a case of even odds, one bad for one good
     */
    public record Scale(int twice, int even) {
        /** 40 points double the odds; even odds are 600. */
        public static final Scale USUAL = new Scale(40, 600);

        public Scale {
            if (twice < 1) {
                throw new IllegalArgumentException("Cannot scale a card: " + twice + " points cannot double the odds.");
            }
        }

        double factor() {
            return twice / Math.log(2);
        }
    }

    /** @param card whose coefficients are all above 0 */
    public static Points of(Scorecard card, Scale scale) {
        List<int[]> points = new ArrayList<>();
        List<double[]> odds = new ArrayList<>();
        double baseOdds = card.fit().intercept();
        for (int v = 0; v < card.variables().size(); v++) {
            double[] worth = card.variables().get(v).worth();
            double coefficient = card.fit().coefficients()[v];
            double least = Arrays.stream(worth).min().orElse(0);
            baseOdds += coefficient * least;
            double[] parts =
                    Arrays.stream(worth).map(w -> coefficient * (w - least)).toArray();
            odds.add(parts);
            points.add(Arrays.stream(parts)
                    .mapToInt(part -> halfUp(scale.factor() * part))
                    .toArray());
        }
        int base = halfUp(scale.even() + scale.factor() * baseOdds);
        return new Points(card, scale, base, List.copyOf(points), baseOdds, List.copyOf(odds));
    }

    private static int halfUp(double points) {
        return (int) Math.floor(points + 0.5);
    }

    /** How far the points of any case can be from those before rounding. */
    public double rounding() {
        double most = Math.abs(base - scale.even() - scale.factor() * baseOdds);
        for (int v = 0; v < points.size(); v++) {
            int[] of = points.get(v);
            double[] exact = odds.get(v);
            most += IntStream.range(0, of.length)
                    .mapToDouble(b -> Math.abs(of[b] - scale.factor() * exact[b]))
                    .max()
                    .orElse(0);
        }
        return most;
    }

    /** [variable][case] → number of the bin. */
    public int[][] bins(List<Values> values) {
        return card.variables().stream()
                .map(bins -> bins.index(Model.named(values, bins.variable())))
                .toArray(int[][]::new);
    }

    /** Points of each case. */
    public int[] total(List<Values> values, int cases) {
        int[][] bins = bins(values);
        int[] total = new int[cases];
        for (int i = 0; i < cases; i++) {
            total[i] = base;
            for (int v = 0; v < bins.length; v++) {
                total[i] += points.get(v)[bins[v][i]];
            }
        }
        return total;
    }

    /** Probability of being bad of each case, from what was not rounded. */
    public double[] probability(List<Values> values, int cases) {
        int[][] bins = bins(values);
        double[] probability = new double[cases];
        for (int i = 0; i < cases; i++) {
            double sum = baseOdds;
            for (int v = 0; v < bins.length; v++) {
                sum += odds.get(v)[bins[v][i]];
            }
            probability[i] = Logistic.probability(sum);
        }
        return probability;
    }

    /**
     * Why a case has more points than usual.
     *
     * @param variable of the card
     * @param bin its number
     * @param more points above what is usual for the variable
     */
    public record Reason(String variable, int bin, double more) {}

    /**
     * The variables that give a case more points than is usual among its like, most first; of equal ones the one with more information
     * value, then by name.
     *
     * @param bins [variable] the bin of the case
     * @param usual [variable] mean points of those it is compared with, such as its sector
     * @param most reasons at most
     */
    public List<Reason> reasons(int[] bins, double[] usual, int most) {
        Comparator<Reason> byPoints = Comparator.comparingDouble(r -> -r.more());
        return IntStream.range(0, bins.length)
                .filter(v -> points.get(v)[bins[v]] > usual[v])
                .boxed()
                .sorted(Comparator.comparingDouble(
                                (Integer v) -> -card.variables().get(v).iv())
                        .thenComparing(v -> card.variables().get(v).variable()))
                .map(v -> new Reason(card.variables().get(v).variable(), bins[v], points.get(v)[bins[v]] - usual[v]))
                .sorted(byPoints)
                .limit(most)
                .toList();
    }

    /** Mean points of each variable over the cases: what is usual among them. */
    public double[] usual(List<Values> values, int cases) {
        int[][] bins = bins(values);
        return IntStream.range(0, bins.length)
                .mapToDouble(v ->
                        IntStream.of(bins[v]).mapToDouble(b -> points.get(v)[b]).sum() / cases)
                .toArray();
    }

    /** Points as a column over columns named as the variables; numbers must be doubles, words strings. */
    public Column column() {
        return added(
                lit(base),
                v -> IntStream.of(points.get(v)).mapToObj(p -> lit(p)).toList());
    }

    /** Probability as a column over columns named as the variables. */
    public Column probabilityColumn() {
        Column sum = added(
                lit(baseOdds),
                v -> Arrays.stream(odds.get(v)).mapToObj(o -> lit(o)).toList());
        return lit(1.0).divide(lit(1.0).plus(exp(lit(0.0).minus(sum))));
    }

    /** @param values variable → the value of each of its bins */
    private Column added(Column start, IntFunction<List<Column>> values) {
        Column sum = start;
        for (int v = 0; v < points.size(); v++) {
            sum = sum.plus(chosen(card.variables().get(v), values.apply(v)));
        }
        return sum;
    }

    /** The value of the bin that a row falls into. */
    private static Column chosen(Bins bins, List<Column> values) {
        Column x = col("`" + bins.variable().replace("`", "``") + "`");
        int last = values.size() - 1;
        if (!bins.groups().isEmpty()) {
            Column choice = when(x.isNull(), values.get(last));
            for (int g = 0; g < bins.groups().size(); g++) {
                choice = choice.when(x.isin(bins.groups().get(g).toArray()), values.get(g));
            }
            return choice.otherwise(values.get(last - 1));
        }
        Column choice = when(x.isNull().or(isnan(x)), values.get(last));
        for (double code : bins.specials()) {
            choice = choice.when(x.equalTo(code), values.get(bins.indexOf(code)));
        }
        for (int b = 0; b < bins.cuts().length; b++) {
            choice = choice.when(x.lt(bins.cuts()[b]), values.get(b));
        }
        return choice.otherwise(values.get(bins.cuts().length));
    }

    /**
     * How a database writes what SQL writes.
     *
     * @param quote before and after a name
     * @param number the type of a double
     * @param backslash how one is written in a word
     */
    public record Sql(String quote, String number, String backslash) {
        /** PostgreSQL, DuckDB and the standard. */
        public static final Sql STANDARD = new Sql("\"", "double precision", "\\");

        public static final Sql SPARK = new Sql("`", "double", "\\\\");

        String name(String variable) {
            return quote + variable.replace(quote, quote + quote) + quote;
        }

        String number(double value) {
            return "cast('" + value + "' as " + number + ")";
        }

        String word(String word) {
            return "'" + word.replace("\\", backslash).replace("'", "''") + "'";
        }
    }

    /** Points as an SQL expression; a number that is missing is null or not a number. */
    public String sql(Sql sql) {
        return added(
                String.valueOf(base),
                v -> IntStream.of(points.get(v)).mapToObj(String::valueOf).toList(),
                sql);
    }

    /** Probability as an SQL expression. */
    public String probabilitySql(Sql sql) {
        String sum = added(
                sql.number(baseOdds),
                v -> Arrays.stream(odds.get(v)).mapToObj(sql::number).toList(),
                sql);
        return "1 / (1 + exp(-(" + sum + ")))";
    }

    private String added(String start, IntFunction<List<String>> values, Sql sql) {
        return IntStream.range(0, points.size())
                .mapToObj(v -> chosen(card.variables().get(v), values.apply(v), sql))
                .collect(Collectors.joining("\n + ", start + "\n + ", ""));
    }

    private static String chosen(Bins bins, List<String> values, Sql sql) {
        String x = sql.name(bins.variable());
        int last = values.size() - 1;
        StringBuilder choice = new StringBuilder("case when ").append(x).append(" is null");
        if (bins.groups().isEmpty()) {
            choice.append(" or ")
                    .append(x)
                    .append(" = cast('NaN' as ")
                    .append(sql.number)
                    .append(")");
        }
        choice.append(" then ").append(values.get(last));
        for (int g = 0; g < bins.groups().size(); g++) {
            if (!bins.groups().get(g).isEmpty()) {
                String words = bins.groups().get(g).stream().map(sql::word).collect(Collectors.joining(", "));
                choice.append(" when ")
                        .append(x)
                        .append(" in (")
                        .append(words)
                        .append(") then ")
                        .append(values.get(g));
            }
        }
        for (double code : bins.specials()) {
            choice.append(" when ")
                    .append(x)
                    .append(" = ")
                    .append(sql.number(code))
                    .append(" then ");
            choice.append(values.get(bins.indexOf(code)));
        }
        for (int b = 0; b < bins.cuts().length; b++) {
            choice.append(" when ")
                    .append(x)
                    .append(" < ")
                    .append(sql.number(bins.cuts()[b]))
                    .append(" then ");
            choice.append(values.get(b));
        }
        int otherwise = bins.groups().isEmpty() ? bins.cuts().length : last - 1;
        return choice.append(" else ")
                .append(values.get(otherwise))
                .append(" end")
                .toString();
    }
}
