package banyan.jobs.conform;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import banyan.models.LinkModel;
import banyan.models.Policy;
import banyan.schemas.Rows;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

class LinksTest {
    private static final LinkModel MODEL = Policy.packaged().links();

    @Test
    void aNameWithoutRegionAndForm() {
        List<String[]> cases = cases("""
                福州示例榕达茶业有限公司                 | 榕达茶业
                福州市仓山区示例榕达茶业（福建）有限责任公司 | 榕达茶业福建
                福州榕達茶業有限公司                    | 榕达茶业
                福州示例榕达茶业有限公司仓山分店           | 榕达茶业仓山分
                三盛烤鱼店                             | 3盛烤鱼
                福州市                                | 福州市
                -                                    | -
                """);
        List<Row> apart = said(cases.stream().map(c -> c[0] + " | - | - | -")).collectAsList();

        assertEach(cases, n -> word(apart.get(n), "core"));
    }

    @Test
    void anAddressTakenApart() {
        List<String[]> cases = cases("""
                福州市仓山区榕达路12号305室        | -      | 350104 / 榕达路 / 350104 榕达路 12 / 350104 榕达路 12/305
                榕达路12-3号1号楼2单元            | 350102 | 350102 / 榕达路 / 350102 榕达路 12-3 / 350102 榕达路 12-3/1-2
                福建省福州市鼓楼区鼓东街道庆城路十八号 | 350102 | 350102 / 庆城路 / 350102 庆城路 18 / -
                福州市３５０１０２示例路２０号       | 350102 | 350102 / 示例路 / 350102 示例路 20 / -
                五一中路二十三号                  | 350102 | 350102 / 51中路 / 350102 51中路 23 / -
                榕达路                          | 350102 | 350102 / 榕达路 / - / -
                福州市鼓楼区长乐北路10号           | 350102 | 350102 / 长乐北路 / 350102 长乐北路 10 / -
                福建福州晋安区泰和路9号            | -      | 350111 / 泰和路 / 350111 泰和路 9 / -
                福州路10号                      | 350102 | 350102 / 福州路 / 350102 福州路 10 / -
                古镇路5号                       | 350102 | 350102 / 古镇路 / 350102 古镇路 5 / -
                1234 W Fulton St              | 350102 | 350102 / WFULTONST / 350102 WFULTONST 1234 / -
                -                             | 350102 | 350102 / - / - / -
                """);
        List<Row> apart = said(cases.stream().map(c -> "- | " + c[0] + " | " + c[1] + " | -"))
                .collectAsList();

        assertEach(
                cases,
                n -> Stream.of("area_code", "road", "place", "unit")
                        .map(word -> word(apart.get(n), word))
                        .collect(Collectors.joining(" / ")));
    }

    private static final Dataset<Row> ENTITIES = Rows.table("entities", """
            entity_id | version | name                     | area_code | address                     | established_on | ended_on   | changed_on | known_from | known_to   | withdrawn
            E1        | 1       | 福州示例榕达茶业有限公司      | 350104    | 福州市仓山区榕达路12号305室     | 2015-01-01     |            |            | 2025-01-01 |            | false
            E2        | 1       | 福州示例闽盛餐饮有限公司      | 350102    | 福州市鼓楼区闽盛路8号1室        | 2015-01-01     |            |            | 2025-01-01 |            | false
            E3        | 1       | 福州示例闽盛餐饮店          | 350102    | 福州市鼓楼区海川路66号          | 2016-01-01     |            |            | 2025-01-01 |            | false
            OLD       | 1       | 福州示例远景百货有限公司      | 350103    | 福州市台江区远景路5号201室      | 2010-01-01     |            | 2010-01-01 | 2018-01-01 | 2022-06-01 | false
            OLD       | 2       | 福州示例星辉百货有限公司      | 350103    | 福州市台江区远景路5号201室      | 2010-01-01     |            | 2022-06-01 | 2022-06-01 |            | false
            NEW       | 1       | 福州示例远景百货有限公司      | 350103    | 福州市台江区远景路5号202室      | 2022-09-01     |            |            | 2022-09-01 |            | false
            SHUT      | 1       | 福州示例恒安水产有限公司      | 350105    | 福州市马尾区恒安路3号           | 2000-01-01     | 2015-03-01 |            | 2025-01-01 |            | false
            TWO       | 1       | 福州示例泰和服装有限公司      | 350111    | 福州市晋安区泰和路9号           | 2015-01-01     |            |            | 2025-01-01 |            | false
            GONE      | 1       | 福州示例榕达茶业有限公司      | 350104    | 福州市仓山区榕达路12号305室     | 2015-01-01     |            |            | 2024-01-01 | 2025-01-01 | false
            GONE      | 2       | 福州示例榕达茶业有限公司      | 350104    | 福州市仓山区榕达路12号305室     | 2015-01-01     |            |            | 2025-01-01 |            | true
            TOO       | 1       | 福州示例泰和服装商行         | 350111    | 福州市晋安区泰和路9号           | 2015-01-01     |            |            | 2025-01-01 |            | false
            """);

    /** All are asked for at once: that takes as long as one. */
    @Test
    void whomAPartyMeansOnADayAndSinceWhenWeKnow() {
        assertMeant("""
                a shop sign and its place                     | 榕达茶业 | 仓山区榕达路12号 | 350104 | 2025-05-01 | 2025-05-01.. E1 probable
                traditional characters                        | 福州示例榕達茶業有限公司 | 榕达路12号305室 | 350104 | 2025-05-01 | 2025-05-01.. E1 probable
                a sign mistaken, at the place                 | 榕大茶业 | 榕达路12号305室 | 350104 | 2025-05-01 | 2025-05-01.. E1 probable
                the place alone, to the room                  | - | 福州市仓山区榕达路12号305室 | - | 2025-05-01 | 2025-05-01.. E1 probable
                a name that two bear: the place tells         | 闽盛餐饮 | 鼓楼区海川路66号 | 350102 | 2025-05-01 | 2025-05-01.. E3 probable
                the former name, before it changed hands      | 远景百货 | 远景路5号 | 350103 | 2020-05-01 | 2020-05-01.. OLD probable
                the name after it changed hands               | 远景百货 | 远景路5号202室 | 350103 | 2025-12-01 | 2025-12-01.. NEW probable
                the city for the county: the address tells    | 榕达茶业 | 仓山区榕达路12号 | 350100 | 2025-05-01 | 2025-05-01.. E1 probable
                a trade alone is nobody's name                | 茶业 | 榕达路 | 350104 | 2025-05-01 | 2025-05-01.. - unlinked
                two that fit alike: a person decides          | 泰和服装 | 泰和路9号 | 350111 | 2025-05-01 | 2025-05-01.. - unlinked
                closed ten years ago                          | 福州示例恒安水产有限公司 | 恒安路3号 | 350105 | 2025-05-01 | 2025-05-01.. - unlinked
                open then, known since the register came      | 福州示例恒安水产有限公司 | 恒安路3号 | 350105 | 2014-05-01 | 2025-01-01.. SHUT probable
                a firm taken back is nobody's candidate since | 榕达茶业 | 仓山区榕达路12号 | 350104 | 2024-05-01 | 2024-05-01..2025-01-01 GONE probable; 2025-01-01.. E1 probable
                nobody's name, nobody's place                 | 示例新通五金 | 新通路1号 | 350104 | 2024-05-01 | 2024-05-01.. - unlinked
                """, "");
    }

    /**
     * A tower with more firms than are compared, the first of them long closed, one of which bears a name that is known by another key:
     * that its place is borne by many weighs, whoever the many are.
     */
    @Test
    void aPlaceOfManySaysLittleWhoeverTheManyAre() {
        StringBuilder tower = new StringBuilder(
                "entity_id | version | name | area_code | address | established_on | ended_on | known_from | withdrawn\n");
        for (int n = 0; n < 201; n++) {
            tower.append(String.format(
                    "T%03d | 1 | 福州示例第%d号贸易有限公司 | 350104 | 福州市仓山区塔台路1号 | 2000-01-01 | %s | 2025-01-01 | false%n",
                    n, n, n == 0 ? "2005-01-01" : ""));
        }
        Dataset<Row> entities = Rows.table("entities", tower + """
                ALONE | 1 | 福州示例闽盛餐饮有限公司 | 350104 | 福州市仓山区独台路1号 | 2000-01-01 | | 2025-01-01 | false
                OTHER | 1 | 福州示例闽盛水产有限公司 | 350104 | 福州市仓山区塔台路1号 | 2000-01-01 | | 2025-01-01 | false
                """);
        Dataset<Row> said =
                said(Stream.of("闽盛餐馆 | 仓山区独台路1号 | 350104 | 2025-05-01", "闽盛水厂 | 仓山区塔台路1号 | 350104 | 2025-05-01"));

        List<String> why = Links.resolved(
                        Links.parties(said), EntityTraits.of(entities, MODEL), decisions(""), MODEL, true)
                .where("candidate in ('ALONE', 'OTHER')")
                .orderBy("candidate")
                .collectAsList()
                .stream()
                .map(row -> row.getAs("candidate") + " "
                        + row.<String>getAs("why").replaceAll(".*number=number(\\S+) .*", "$1"))
                .toList();

        // 8 bits of 203 enterprises; as borne by one, and as borne by 200
        assertThat(why).containsExactly("ALONE +8.0", "OTHER +0.4");
    }

    @Test
    void whatAPersonDecidedComesBeforeTheModelFromTheDayItIsKnown() {
        assertMeant("""
                one is accepted          | 泰和服装 | 泰和路9号 | 350111 | 2025-02-01 | 2025-02-01..2025-03-05 - unlinked; 2025-03-05.. TWO accepted
                of two the later counts  | 泰和服装 | 晋安区泰和路9号 | 350111 | 2025-02-01 | 2025-02-01..2025-03-05 - unlinked; 2025-03-05..2025-04-02 TWO accepted; 2025-04-02.. TOO accepted
                one is rejected          | 泰和服装 | 福州晋安区泰和路9号 | 350111 | 2025-02-01 | 2025-02-01..2025-03-05 - unlinked; 2025-03-05.. TOO probable
                a decision is taken back | 泰和服装 | 福州市晋安区泰和路9号 | 350111 | 2025-02-01 | 2025-02-01..2025-03-05 - unlinked; 2025-03-05..2025-04-01 TWO accepted; 2025-04-01.. - unlinked
                the only one is rejected | 榕达茶业 | 仓山区榕达路12号 | 350104 | 2025-02-01 | 2025-02-01..2025-03-05 E1 probable; 2025-03-05.. - unlinked
                """, """
                0 | TWO | accept | 2025-03-01 | 2025-03-05 |
                1 | TWO | accept | 2025-03-01 | 2025-03-05 |
                1 | TOO | accept | 2025-04-01 | 2025-04-02 |
                2 | TWO | reject | 2025-03-01 | 2025-03-05 |
                3 | TWO | accept | 2025-03-01 | 2025-03-05 | 2025-04-01
                3 | TWO | open   | 2025-04-01 | 2025-04-01 |
                4 | E1  | reject | 2025-03-01 | 2025-03-05 |
                """);
    }

    @Test
    void theOrderAndNumberOfRowsMeanNothing() {
        Dataset<Row> one = said(Stream.of("榕达茶业 | 仓山区榕达路12号 | 350104 | 2024-05-01"));
        Dataset<Row> all = said(Stream.of(
                "榕达茶业 | 仓山区榕达路12号 | 350104 | 2024-05-01",
                "闽盛餐饮 | 鼓楼区海川路66号 | 350102 | 2024-05-01",
                "泰和服装 | 泰和路9号 | 350111 | 2024-05-01"));
        List<List<String>> seen = new ArrayList<>();
        Map<Dataset<Row>, Boolean> asked = new LinkedHashMap<>();
        asked.put(all, true);
        asked.put(all.union(one).repartition(7), false);
        asked.put(all.orderBy(col("party").desc()), false);
        asked.forEach((said, few) -> seen.add(Links.resolved(
                        Links.parties(said), EntityTraits.of(ENTITIES.repartition(5), MODEL), decisions(""), MODEL, few)
                .collectAsList()
                .stream()
                .map(r -> r.getAs("party") + " " + r.getAs("entity_id") + " " + r.getAs("probability") + " "
                        + r.getAs("second") + " " + r.getAs("why") + " " + r.getAs("known_from") + " "
                        + r.getAs("known_to"))
                .sorted()
                .toList()));

        assertThat(seen.get(0)).hasSize(4);
        assertThat(seen).allMatch(seen.get(0)::equals);
    }

    /**
     * @param cases rule | name | address | area | day | spans of what was known, of one party each
     * @param decided number of the case, from 0 | candidate | decision | decided_on | known_from | known_to
     */
    private static void assertMeant(String cases, String decided) {
        List<String[]> rows = cases(cases);
        Dataset<Row> said =
                said(rows.stream().map(c -> String.join(" | ", List.of(c).subList(1, 5))));
        List<String> parties = said.collectAsList().stream()
                .map(r -> r.<String>getAs("party") + " " + r.getAs("day"))
                .toList();
        String decisions = decided.lines()
                .map(d -> parties.get(Integer.parseInt(d.substring(0, 1))).split(" ")[0] + d.substring(1))
                .collect(Collectors.joining("\n"));
        Map<String, List<Row>> meant = Links.resolved(
                        Links.parties(said), EntityTraits.of(ENTITIES, MODEL), decisions(decisions), MODEL, true)
                .orderBy("known_from")
                .collectAsList()
                .stream()
                .collect(Collectors.groupingBy(r -> r.getAs("party") + " " + r.getAs("day"), Collectors.toList()));

        assertEach(rows, n -> String.join("; ", together(meant.get(parties.get(n)))));
    }

    private static List<String[]> cases(String text) {
        return text.lines().map(line -> line.split("\\s*\\|\\s*")).toList();
    }

    /** The last field of a case is what is expected of it. */
    private static void assertEach(List<String[]> cases, IntFunction<String> actual) {
        SoftAssertions softly = new SoftAssertions();
        for (int n = 0; n < cases.size(); n++) {
            String[] one = cases.get(n);
            softly.assertThat(actual.apply(n)).as(one[0]).isEqualTo(one[one.length - 1]);
        }
        softly.assertAll();
    }

    private static String word(Row row, String column) {
        return Objects.requireNonNullElse(row.getAs(column), "-");
    }

    /** Spans one after the other in which the same is known are one: the small register of a test moves the probabilities. */
    private static List<String> together(List<Row> spans) {
        List<String> together = new ArrayList<>();
        String before = null;
        for (Row span : spans) {
            // What waits for a person belongs to nobody yet.
            String known = word(span, "entity_id") + " " + word(span, "tier").replace("review", "unlinked");
            String to =
                    span.getAs("known_to") == null ? "" : span.getAs("known_to").toString();
            String from = span.getAs("known_from").toString();
            if (known.equals(before)) {
                from = together.remove(together.size() - 1).split("[.][.]")[0];
            }
            together.add(from + ".." + to + " " + known);
            before = known;
        }
        return together;
    }

    private static Dataset<Row> decisions(String rows) {
        return Rows.table(
                "link_decisions", "party | candidate | decision | decided_on | known_from | known_to\n" + rows);
    }

    /** @param rows name | address | area | day, each - where none is given */
    private static Dataset<Row> said(Stream<String> rows) {
        Dataset<Row> said = Rows.spark()
                .createDataset(rows.toList(), Encoders.STRING())
                .selectExpr("transform(split(value, '[|]'), v -> nullif(trim(v), '-')) v")
                .selectExpr("v[0] name", "v[1] address", "v[2] area_code", "cast(v[3] as date) day");
        return Party.of(MODEL).apart(said, col("name"), col("address"));
    }
}
