package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import banyan.models.learned.Bins;
import banyan.models.learned.Pmml;
import banyan.models.learned.Points;
import banyan.models.learned.Sample;
import banyan.models.learned.Scorecard;
import banyan.models.learned.Values;
import banyan.schemas.Rows;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One card, four engines: arrays, a Spark column, SQL in Spark and PostgreSQL, and PMML, which the Python tests give to another engine. */
class CardEnginesTest {
    private static final int CASES = 3000;
    private static Points card;
    private static double[] amount;
    private static double[] days;
    private static String[] kind;
    private static int[] points;
    private static double[] probability;

    /** Cases with codes, gaps, an apostrophe, words and codes the card was not fitted on, and values on its edges. */
    @BeforeAll
    static void fit() {
        Random random = new Random(20);
        String[] kinds = {"餐饮", "it's", "零售 \"快\"", "a&b <c>", "d\\e"};
        amount = new double[CASES];
        days = new double[CASES];
        kind = new String[CASES];
        double[] bad = new double[CASES];
        for (int i = 0; i < CASES; i++) {
            double risk = random.nextGaussian();
            amount[i] = random.nextInt(12) == 0
                    ? -9
                    : random.nextInt(40) == 0 ? -8 : Math.exp(3 + risk + random.nextGaussian());
            days[i] = random.nextInt(10) == 0 ? Double.NaN : Math.round(20 * (risk + random.nextGaussian()));
            int k = random.nextInt(5);
            kind[i] = random.nextInt(15) == 0 ? null : kinds[k];
            bad[i] = random.nextDouble() < 1 / (1 + Math.exp(1.5 - risk - 0.4 * k)) ? 1 : 0;
        }
        Scorecard fitted = Scorecard.fit(Sample.of(values(), bad), Bins.Manner.CARD.specials(-9, -8, -7), 1);
        card = Points.of(fitted, Points.Scale.USUAL);
        assertThat(fitted.variables()).extracting(Bins::variable).containsExactly("amount", "days \"open\"", "kind");
        double[] cuts = fitted.variables().get(0).cuts();
        for (int i = 0; i < cuts.length; i++) {
            amount[i] = cuts[i];
            amount[cuts.length + i] = Math.nextDown(cuts[i]);
        }
        amount[40] = -7;
        amount[41] = Double.NaN;
        kind[42] = "未见过";
        kind[43] = "";
        points = card.total(values(), CASES);
        probability = card.probability(values(), CASES);
    }

    private static List<Values> values() {
        return List.of(
                new Values.Numbers("amount", amount),
                new Values.Numbers("days \"open\"", days),
                new Values.Words("kind", kind));
    }

    private static Double orNull(double value) {
        return Double.isNaN(value) ? null : value;
    }

    @Test
    void pointsAddUpToTheOdds() {
        double[] exact = card.card().probability(values(), CASES);
        double factor = 40 / Math.log(2);
        for (int i = 0; i < CASES; i++) {
            assertThat(probability[i]).isCloseTo(exact[i], within(1e-12));
            double unrounded = 600 + factor * Math.log(exact[i] / (1 - exact[i]));
            assertThat((double) points[i]).isCloseTo(unrounded, within(card.rounding() + 1e-9));
        }
        assertThat(card.rounding()).isLessThanOrEqualTo(2);
        assertThat(card.points())
                .allSatisfy(of -> assertThat(Arrays.stream(of).min().getAsInt()).isZero());
    }

    @Test
    void aSparkColumnAndSqlInSpark() {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < CASES; i++) {
            // Where a number is missing a column may hold null or NaN.
            rows.add(RowFactory.create(i, i % 2 == 0 ? orNull(amount[i]) : amount[i], orNull(days[i]), kind[i]));
        }
        StructType type = new StructType()
                .add("id", DataTypes.IntegerType)
                .add("amount", DataTypes.DoubleType)
                .add("days \"open\"", DataTypes.DoubleType)
                .add("kind", DataTypes.StringType);
        Dataset<Row> frame = Rows.spark().createDataFrame(rows, type);

        String sql =
                "cast(" + card.sql(Points.Sql.SPARK) + " as int) p, " + card.probabilitySql(Points.Sql.SPARK) + " q";
        List<Row> byColumn = frame.select(
                        functions.col("id"),
                        card.column().as("p"),
                        card.probabilityColumn().as("q"))
                .orderBy("id")
                .collectAsList();
        List<Row> bySql = frame.selectExpr(
                        "id", sql.substring(0, sql.indexOf(" p, ")) + " p", sql.substring(sql.indexOf(" p, ") + 4))
                .orderBy("id")
                .collectAsList();
        for (List<Row> scored : List.of(byColumn, bySql)) {
            for (int i = 0; i < CASES; i++) {
                assertThat(scored.get(i).getInt(1)).as("points of %d", i).isEqualTo(points[i]);
                assertThat(scored.get(i).getDouble(2)).isCloseTo(probability[i], within(1e-12));
            }
        }
    }

    @Test
    void sqlInPostgreSql() throws IOException, SQLException {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start();
                Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "create table cases (id int, amount double precision, \"days \"\"open\"\"\" double precision, kind text)");
            try (PreparedStatement insert = connection.prepareStatement("insert into cases values (?, ?, ?, ?)")) {
                for (int i = 0; i < CASES; i++) {
                    insert.setInt(1, i);
                    insert.setObject(2, i % 2 == 0 ? orNull(amount[i]) : (Double) amount[i], Types.DOUBLE);
                    insert.setObject(3, orNull(days[i]), Types.DOUBLE);
                    insert.setString(4, kind[i]);
                    insert.addBatch();
                }
                insert.executeBatch();
            }
            try (ResultSet scored = statement.executeQuery("select " + card.sql(Points.Sql.STANDARD) + ", "
                    + card.probabilitySql(Points.Sql.STANDARD) + " from cases order by id")) {
                for (int i = 0; i < CASES; i++) {
                    assertThat(scored.next()).isTrue();
                    assertThat(scored.getInt(1)).as("points of %d", i).isEqualTo(points[i]);
                    assertThat(scored.getDouble(2)).isCloseTo(probability[i], within(1e-12));
                }
            }
        }
    }

    /** The documents and what they must give are left for the Python tests. */
    @Test
    void pmmlIsLeftForAnotherEngine() throws IOException {
        Path folder = Files.createDirectories(Cli.ROOT.resolve("jobs/target/card"));
        String document = Pmml.points(card);
        assertThat(document)
                .contains("<Scorecard", "initialScore=\"" + card.base() + "\"", "it's", "a&amp;b &lt;c&gt;");
        Files.writeString(folder.resolve("points.pmml"), document);
        Files.writeString(folder.resolve("probability.pmml"), Pmml.probability(card));
        StringBuilder cases = new StringBuilder();
        for (int i = 0; i < CASES; i++) {
            cases.append(Json.object()
                            .<tools.jackson.databind.node.ObjectNode>set("amount", Json.of(orNull(amount[i])))
                            .<tools.jackson.databind.node.ObjectNode>set("days \"open\"", Json.of(orNull(days[i])))
                            .put("kind", kind[i])
                            .put("points", points[i])
                            .put("probability", probability[i]))
                    .append('\n');
        }
        Files.writeString(folder.resolve("cases.jsonl"), cases);
    }

    /** What a case has more of than its like, most first. */
    @Test
    void reasons() {
        double[] usual = card.usual(values(), CASES);
        int[][] bins = card.bins(values());
        for (int i = 0; i < 200; i++) {
            int at = i;
            int[] of = {bins[0][at], bins[1][at], bins[2][at]};
            List<Points.Reason> reasons = card.reasons(of, usual, 2);
            assertThat(reasons)
                    .hasSizeLessThanOrEqualTo(2)
                    .allSatisfy(r -> assertThat(r.more()).isPositive());
            assertThat(reasons).extracting(Points.Reason::more).isSortedAccordingTo((a, b) -> Double.compare(b, a));
            double more = 0;
            for (int v = 0; v < 3; v++) {
                more += Math.max(0, card.points().get(v)[of[v]] - usual[v]);
            }
            assertThat(card.reasons(of, usual, 9).stream()
                            .mapToDouble(Points.Reason::more)
                            .sum())
                    .isCloseTo(more, within(1e-9));
        }
    }
}
