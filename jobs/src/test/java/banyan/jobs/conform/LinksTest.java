package banyan.jobs.conform;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;

import banyan.models.LinkModel;
import banyan.models.Policy;
import banyan.schemas.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinksTest {
    private static final LinkModel MODEL = Policy.packaged().links();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "福州示例榕达茶业有限公司 | 榕达茶业",
                "福州市仓山区示例榕达茶业（福建）有限责任公司 | 榕达茶业福建",
                "福州榕達茶業有限公司 | 榕达茶业",
                "福州示例榕达茶业有限公司仓山分店 | 榕达茶业仓山分",
                "三盛烤鱼店 | 3盛烤鱼",
                "福州市 | 福州市", // nothing would remain
                "- | -"
            })
    void aNameWithoutRegionAndForm(String name, String core) {
        assertThat(apart(name, null, null).<String>getAs("core")).isEqualTo(core);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "福州市仓山区榕达路12号305室 | 350104 | 榕达路 | 350104 榕达路 12 | 350104 榕达路 12/305",
                "榕达路12-3号1号楼2单元 | 350102 | 榕达路 | 350102 榕达路 12-3 | 350102 榕达路 12-3/1-2",
                "福建省福州市鼓楼区鼓东街道庆城路十八号 | 350102 | 庆城路 | 350102 庆城路 18 | -",
                "福州市３５０１０２示例路２０号 | 350102 | 示例路 | 350102 示例路 20 | -",
                "五一中路二十三号 | 350102 | 51中路 | 350102 51中路 23 | -",
                "榕达路 | 350102 | 榕达路 | - | -",
                "福州市鼓楼区长乐北路10号 | 350102 | 长乐北路 | 350102 长乐北路 10 | -", // a road, not a county
                "古镇路5号 | 350102 | 古镇路 | 350102 古镇路 5 | -", // a road, not a township
                "1234 W Fulton St | 350102 | WFULTONST | 350102 WFULTONST 1234 | -",
                "- | 350102 | - | - | -"
            })
    void anAddressTakenApart(String address, String area, String road, String place, String unit) {
        Row words = apart(null, address, address != null && address.contains("仓山区") ? null : "350102");

        assertThat(words.<String>getAs("area_code")).isEqualTo(area);
        assertThat(words.<String>getAs("road")).isEqualTo(road);
        assertThat(words.<String>getAs("place")).isEqualTo(place);
        assertThat(words.<String>getAs("unit")).isEqualTo(unit);
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

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "a shop sign and its place | 榕达茶业 | 仓山区榕达路12号 | 350104 | 2024-05-01 | E1 probable",
                "traditional characters | 福州示例榕達茶業有限公司 | 榕达路12号305室 | 350104 | 2024-05-01 | E1 probable",
                "a sign mistaken, at the place | 榕大茶业 | 榕达路12号305室 | 350104 | 2024-05-01 | E1 probable",
                "the place alone, to the room | - | 福州市仓山区榕达路12号305室 | - | 2024-05-01 | E1 probable",
                "a name that two bear: the place tells | 闽盛餐饮 | 鼓楼区海川路66号 | 350102 | 2024-05-01 | E3 probable",
                "the former name, before it changed hands | 远景百货 | 远景路5号 | 350103 | 2020-05-01 | OLD probable",
                "the name after it changed hands | 远景百货 | 远景路5号202室 | 350103 | 2024-12-01 | NEW probable",
                "the city for the county: the address tells | 榕达茶业 | 仓山区榕达路12号 | 350100 | 2024-05-01 | E1 probable",
                "a trade alone is nobody's name | 茶业 | 榕达路 | 350104 | 2024-05-01 | - unlinked",
                "two that fit alike: a person decides, or nobody | 泰和服装 | 泰和路9号 | 350111 | 2024-05-01 | - unlinked",
                "closed ten years ago | 福州示例恒安水产有限公司 | 恒安路3号 | 350105 | 2025-05-01 | - unlinked",
                "open then | 福州示例恒安水产有限公司 | 恒安路3号 | 350105 | 2014-05-01 | SHUT probable",
                "nobody's name, nobody's place | 示例新通五金 | 新通路1号 | 350104 | 2024-05-01 | - unlinked",
            })
    void whomAPartyMeansOnADay(String rule, String name, String address, String area, String day, String meant) {
        assertThat(meant(said(name, address, area, day), decisions(""))).isEqualTo(meant);
    }

    @Test
    void whatAPersonDecidedComesBeforeTheModel() {
        Dataset<Row> open = said("泰和服装", "泰和路9号", "350111", "2024-05-01");
        String party = open.head().getAs("party");
        Dataset<Row> sure = said("榕达茶业", "仓山区榕达路12号", "350104", "2024-05-01");
        String known = sure.head().getAs("party");

        assertThat(meant(open, decisions(party + "| TWO | accept | 2025-01-01")))
                .isEqualTo("TWO accepted");
        assertThat(meant(
                        open,
                        decisions(party + "| TWO | accept | 2025-01-01\n" + party + "| TOO | accept | 2025-02-01")))
                .isEqualTo("TOO accepted");
        assertThat(meant(open, decisions(party + "| TWO | reject | 2025-01-01")))
                .isEqualTo("TOO probable");
        assertThat(meant(sure, decisions(known + "| E1 | reject | 2025-01-01"))).isEqualTo("- unlinked");
        assertThat(meant(sure, decisions(known + "| E1 | open | "))).isEqualTo("E1 probable");
    }

    @Test
    void theOrderAndNumberOfRowsMeanNothing() {
        Dataset<Row> one = said("榕达茶业", "仓山区榕达路12号", "350104", "2024-05-01");
        Dataset<Row> all = one.union(said("闽盛餐饮", "鼓楼区海川路66号", "350102", "2024-05-01"))
                .union(said("泰和服装", "泰和路9号", "350111", "2024-05-01"));
        List<List<String>> seen = new ArrayList<>();
        for (Dataset<Row> said :
                List.of(all, all.union(one), all.orderBy(col("party").desc()), all.repartition(7))) {
            for (boolean few : List.of(true, false)) {
                seen.add(
                        Links.resolved(said, EntityTraits.of(ENTITIES.repartition(5), MODEL), decisions(""), MODEL, few)
                                .collectAsList()
                                .stream()
                                .map(r -> r.getAs("party") + " " + r.getAs("entity_id") + " " + r.getAs("probability")
                                        + " " + r.getAs("second") + " " + r.getAs("why"))
                                .sorted()
                                .toList());
            }
        }

        assertThat(seen.get(0)).hasSize(3);
        assertThat(seen).allMatch(seen.get(0)::equals);
    }

    private static Dataset<Row> decisions(String rows) {
        return Rows.table("link_decisions", "party | candidate | decision | decided_on\n" + rows);
    }

    private static String meant(Dataset<Row> said, Dataset<Row> decisions) {
        return Links.resolved(said, EntityTraits.of(ENTITIES, MODEL), decisions, MODEL, true).collectAsList().stream()
                .map(r -> (r.getAs("entity_id") == null ? "-" : r.getAs("entity_id")) + " "
                        + r.getAs("tier").toString().replace("review", "unlinked"))
                .collect(Collectors.joining(", "));
    }

    private static Row apart(String name, String address, String area) {
        return words(name, address, area).head();
    }

    private static Dataset<Row> words(String name, String address, String area) {
        Dataset<Row> row = Rows.spark().range(1).select(lit(area).cast("string").as("area_code"));
        return Party.of(MODEL).apart(row, lit(name).cast("string"), lit(address).cast("string"));
    }

    private static Dataset<Row> said(String name, String address, String area, String day) {
        return words(name, address, area).withColumn("day", lit(day).cast("date"));
    }
}
