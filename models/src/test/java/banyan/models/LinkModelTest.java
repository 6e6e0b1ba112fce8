package banyan.models;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import banyan.models.LinkModel.Level;
import banyan.schemas.Definitions;
import banyan.schemas.InvalidDefinition;
import banyan.schemas.Rows;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkModelTest {
    private static final String YAML = Definitions.packaged("policy", ".yaml").get("links.yaml");
    private static final LinkModel MODEL = LinkModel.parse("links.yaml", YAML);

    /** Weights in hundredths of a bit, the prior at −16 bits: 2^(w/100 − 16) against 1 for nobody. */
    @ParameterizedTest
    @CsvSource({
        "2600, 0.9990", // 2^10 : 1
        "1600, 0.5000",
        "0, 0.0000",
        "'2600,2600', 0.4998", // two that fit alike have half each
        "'2600,1600', 0.9981",
        "'2600x4', 0.2499",
        "'2600,1600x1024', 0.4998",
    })
    void aRecordMeansOneEntityAtMost(String weights, BigDecimal probability) {
        Column[] all = Stream.of(weights.split(","))
                .map(w -> w.split("x"))
                .map(w -> struct(
                        lit(Integer.parseInt(w[0])).as("weight"),
                        lit(w.length == 1 ? 1 : Integer.parseInt(w[1])).as("times")))
                .toArray(Column[]::new);

        assertThat(Rows.spark()
                        .range(1)
                        .select(MODEL.probability(array(all), lit(-16.0)))
                        .head()
                        .getDecimal(0))
                .isEqualByComparingTo(probability);
    }

    @ParameterizedTest
    @CsvSource({"1, 4.83", "1023, -5.17", "1024, -5.17", "20000, -9.17", "800000, -15.17"})
    void theGreaterTheRegisterTheLessAnyOneIsMeant(long enterprises, double bits) {
        LinkModel model =
                LinkModel.parse("links.yaml", YAML.replaceAll("(?m)^registered: [0-9.]+", "registered: 0.966"));

        assertThat(model.prior(enterprises)).isCloseTo(bits, Offset.offset(0.005));
    }

    @Test
    void weightAndReasonComeFromTheSameLevels() {
        int strongest = MODEL.comparisons().stream()
                .mapToInt(c -> c.levels().get(0).weight(LinkModel.bits(1024)))
                .sum();
        Column same = lit(new int[MODEL.comparisons().size()]);
        Column missing = functions.transform(same, l -> l.minus(1));
        Column met = array(struct(array(lit("E1")).as("candidates"), same.as("levels")));
        Column weights = MODEL.weights(met, array().cast("array<string>"), lit(MODEL.prior(1024)));

        assertThat(Rows.spark()
                        .range(1)
                        .select(
                                MODEL.weight(same, weights),
                                MODEL.weight(missing, weights),
                                MODEL.why(same, weights),
                                MODEL.why(missing, weights),
                                MODEL.inWords(MODEL.why(same, weights), "zh"))
                        .head())
                .satisfies(row -> {
                    assertThat(row.getInt(0)).isEqualTo(strongest);
                    assertThat(row.getInt(1)).isZero();
                    assertThat(row.getString(2)).startsWith("name=same+").contains(" unit=unit+");
                    assertThat(row.getString(3)).isEmpty();
                    assertThat(row.getString(4)).startsWith("名称：全同 +").contains(" 地址（到室）：同门牌同室 +");
                });
    }

    /**
     * What a name weighs for a register of so many, of which so many bear it: the greater the register and the fewer they are, the more.
     * A key that is passed over counts as borne by as many as are compared at most, 200.
     */
    @ParameterizedTest
    @CsvSource({
        "1024, 1, , 10",
        "1024, 2, , 9",
        "1024, 8, , 7",
        "1048576, 8, , 17",
        "1024, 2, place, 9",
        "1024, 2, name, 2.356", // log2(1024 / 200)
        "1048576, 300, name, 11.771", // more than 200 are met on the other keys
    })
    void aNameThatFewBearSaysMore(long enterprises, int bearers, String many, double bits) {
        Level same = MODEL.comparisons().get(0).levels().get(0);
        Column levels = lit(new int[MODEL.comparisons().size()]);
        Column met = functions.transform(
                functions.sequence(lit(1), lit(bearers)),
                n -> struct(array(n.cast("string")).as("candidates"), levels.as("levels")));
        Column again = functions.concat(met, met); // each by two of its names: it counts once
        Column passed = many == null ? array().cast("array<string>") : array(lit(many));
        Column weights = MODEL.weights(again, passed, lit(MODEL.prior(enterprises)));

        int weight = Rows.spark()
                .range(1)
                .select(functions.get(functions.get(weights, lit(0)), lit(0)))
                .head()
                .getInt(0);

        assertThat(weight / 100.0).isCloseTo(bits + Math.log(same.m()) / Math.log(2), Offset.offset(0.006));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "m: 0\\.[0-9]+, | m: 1.5, | must lie between 0 and 1",
                "accept: 0\\.[0-9]+ | accept: 0.4 | 0.5 < accept",
                "id: time | id: name | two comparisons name",
                "when: \"true\" | when: \"1 = 1\" | the last of them when",
                "passed_over: | passed: | passed",
                "borne: name | borne: trade | name.same needs u, or borne: one of",
                "borne: place | borne: place, u: 0.1 | needs u, or borne",
            })
    void aModelThatCannotBeIsRefused(String text, String instead, String why) {
        assertThatThrownBy(() -> LinkModel.parse("links.yaml", YAML.replaceAll(text, instead)))
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining("links.yaml")
                .hasMessageContaining(why);
    }

    /** Of so many comparisons of so many levels, random ones come back; 21 of 7 levels use every bit. */
    @ParameterizedTest
    @CsvSource({"'2,15,3,7'", "'7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7'"})
    void aPatternHoldsTheLevels(String numbers) {
        int[] sizes = Stream.of(numbers.split(",")).mapToInt(Integer::parseInt).toArray();
        StringBuilder yaml = new StringBuilder(YAML.substring(0, YAML.indexOf("comparisons:")) + "comparisons:\n");
        for (int c = 0; c < sizes.length; c++) {
            yaml.append(comparison(c, sizes[c], "l[" + c + "] is null"));
        }
        LinkModel model = LinkModel.parse("links.yaml", yaml.toString());
        Random random = new Random(7);
        List<String> levels = Stream.generate(() -> Arrays.toString(IntStream.of(sizes)
                        .map(size -> random.nextInt(size + 1) - 1)
                        .toArray()))
                .limit(300)
                .toList();

        List<Row> read = Rows.spark()
                .createDataset(levels, Encoders.STRING())
                .selectExpr("from_json(value, 'array<int>') told")
                .selectExpr("told", "transform(told, l -> nullif(l, -1)) l")
                .withColumn("pattern", model.pattern())
                .select(col("told"), model.levels(col("pattern")))
                .collectAsList();

        assertThat(read)
                .hasSize(300)
                .extracting(row -> row.getList(1))
                .isEqualTo(read.stream().map(row -> row.getList(0)).toList());
    }

    private static String comparison(int c, int levels, String missing) {
        StringBuilder yaml = new StringBuilder(
                "  - { id: c" + c + ", name: { zh: 一, en: one }, missing: \"" + missing + "\", levels: [");
        for (int l = 0; l < levels; l++) {
            yaml.append("{ id: l" + l + ", name: { zh: 一, en: one }, when: \""
                    + (l == levels - 1 ? "true" : "l[" + c + "] = " + l) + "\", m: 0.5, u: 0.5 }, ");
        }
        return yaml + "] }\n";
    }

    @Test
    void moreLevelsThanANumberHoldsAreRefused() {
        StringBuilder yaml = new StringBuilder(YAML.substring(0, YAML.indexOf("comparisons:")) + "comparisons:\n");
        for (int c = 0; c < 16; c++) {
            yaml.append(comparison(c, 8, "false"));
        }

        assertThatThrownBy(() -> LinkModel.parse("links.yaml", yaml.toString()))
                .isInstanceOf(InvalidDefinition.class)
                .hasMessageContaining("16 comparisons of 4 bits each, for their levels, do not fit into 63 bits");
    }

    /** Records made up by known shares: the fit finds them again, told nothing of who is who. */
    @ParameterizedTest
    @CsvSource({"1, 0.9", "2, 0.6"})
    void theFitFindsTheSharesThatRecordsWereMadeBy(long seed, double registered) {
        String plain = YAML.replaceAll("borne: (name|place)", "u: 0.01");
        LinkModel model = LinkModel.parse("links.yaml", plain);
        Random random = new Random(seed);
        double[][] m = {
            {0.5, 0.3, 0.15, 0.04, 0.01},
            {0.6, 0.25, 0.1, 0.04, 0.01},
            {0.9, 0.07, 0.02, 0.01},
            {0.9, 0.07, 0.03},
            {0.8, 0.2},
            {0.9, 0.1}
        };
        double[][] u = {
            {0.001, 0.002, 0.01, 0.087, 0.9},
            {0.001, 0.009, 0.09, 0.2, 0.7},
            {0.1, 0.2, 0.2, 0.5},
            {0.2, 0.3, 0.5},
            {0.3, 0.7},
            {0.5, 0.5}
        };
        int enterprises = 40;
        List<int[][]> records = new ArrayList<>();
        for (int r = 0; r < 4000; r++) {
            int meant = random.nextDouble() < registered ? random.nextInt(enterprises) : -1;
            int[][] candidates = new int[enterprises][m.length];
            for (int e = 0; e < enterprises; e++) {
                for (int c = 0; c < m.length; c++) {
                    candidates[e][c] = drawn(random, e == meant ? m[c] : u[c]);
                }
            }
            records.add(candidates);
        }
        long[][] pairs = new long[m.length][];
        for (int c = 0; c < m.length; c++) {
            pairs[c] = new long[u[c].length];
            for (int n = 0; n < 200_000; n++) {
                pairs[c][drawn(random, u[c])]++;
            }
        }

        LinkFit.Fitted fitted = new LinkFit(model, pairs).fit(records, enterprises);

        assertThat(fitted.registered()).isCloseTo(registered, Offset.offset(0.02));
        for (int c = 0; c < 3; c++) {
            for (int l = 0; l < m[c].length; l++) {
                assertThat(fitted.m()[c][l]).isCloseTo(m[c][l], Offset.offset(0.02));
                assertThat(fitted.u()[c][l]).isCloseTo(u[c][l], Offset.offset(0.005));
            }
        }
        LinkModel written = LinkModel.parse("links.yaml", LinkFit.written(plain, model, fitted));
        assertThat(written.comparisons().get(1).levels().get(2).m()).isCloseTo(fitted.m()[1][2], Offset.offset(1e-6));
        assertThat(written.forms()).isEqualTo(MODEL.forms());
    }

    /** A register in which three enterprises bear each name: u is counted, and who is in the register is found all the same. */
    @ParameterizedTest
    @CsvSource({"3, 0.9", "4, 0.6"})
    void theFitCountsWhoBearsAName(long seed, double registered) {
        Random random = new Random(seed);
        int enterprises = 1 << 15;
        int[] missing = new int[MODEL.comparisons().size()];
        java.util.Arrays.fill(missing, -1);
        List<int[][]> records = new ArrayList<>();
        for (int r = 0; r < 3000; r++) {
            int[][] candidates = {missing.clone(), missing.clone(), missing.clone()};
            boolean known = random.nextDouble() < registered;
            for (int e = 0; e < 3; e++) {
                candidates[e][0] = 0; // the name, and of the one that is meant the place, to the unit
                candidates[e][1] = known && e == 0 ? 0 : 4;
            }
            records.add(known || random.nextDouble() < 0.5 ? candidates : new int[0][]);
        }
        long[][] pairs = new long[missing.length][];
        for (int c = 0; c < pairs.length; c++) {
            pairs[c] = new long[MODEL.comparisons().get(c).levels().size()];
            pairs[c][pairs[c].length - 1] = 1_000_000;
        }

        LinkFit.Fitted fitted = new LinkFit(MODEL, pairs).fit(records, enterprises);

        assertThat(fitted.registered()).isCloseTo(registered, Offset.offset(0.03));
        assertThat(fitted.m()[1][0]).isGreaterThan(0.95);
        LinkModel written = LinkModel.parse("links.yaml", LinkFit.written(YAML, MODEL, fitted));
        assertThat(written.comparisons().get(1).levels().get(0).u()).isNull();
        assertThat(written.comparisons().get(1).levels().get(4).u()).isCloseTo(1, Offset.offset(0.001));
    }

    private static int drawn(Random random, double[] shares) {
        double x = random.nextDouble();
        for (int l = 0; l < shares.length - 1; l++) {
            x -= shares[l];
            if (x < 0) {
                return l;
            }
        }
        return shares.length - 1;
    }
}
