package banyan.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;

import banyan.jobs.publish.SnapshotFolder;
import banyan.models.Draw;
import banyan.schemas.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A plan through the command line: sealed, drawn, put out, checked, inspected, and what was found taken back in. One story. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class InspectionPlanTest {
    private static final LocalDate DAY = LocalDate.parse("2025-06-30");
    private static final LocalDate NEXT = LocalDate.parse("2025-07-31");
    private static final String SEED = "0123456789abcdef".repeat(4);
    private static final int ENTERPRISES = 240;
    private static final int SHOPS = 60;

    @TempDir
    static Path dir;

    private static Path roster;

    /** Classes of two days as they were worked out; E0 was inspected this year already, as a matter of routine. */
    @BeforeAll
    static void aTown() throws IOException {
        List<Map<String, Object>> entities = new ArrayList<>();
        List<Map<String, Object>> classes = new ArrayList<>();
        List<Map<String, Object>> special = new ArrayList<>();
        for (int i = 0; i < ENTERPRISES + SHOPS; i++) {
            boolean shop = i >= ENTERPRISES;
            entities.add(entity("E" + i, shop ? "individual" : "enterprise", i % 40 == 39 ? "suspended" : "active"));
            String riskClass = i % 12 == 0 ? "D" : i % 6 == 1 ? "C" : i % 3 == 2 ? "B" : "A";
            for (LocalDate day : List.of(DAY, NEXT)) {
                classes.add(Map.of(
                        "entity_id",
                        "E" + i,
                        "risk_class",
                        shop ? "unclassified" : riskClass,
                        "score",
                        i,
                        "as_of",
                        day,
                        "known_at",
                        day,
                        "policy_version",
                        "p"));
                if (shop) {
                    special.add(special("E" + i, "individual", riskClass, day));
                }
                if (i % 2 == 0) {
                    special.add(special("E" + i, "food", riskClass, day));
                }
            }
        }
        write("entities", entities);
        write("risk_classes", classes);
        write("special_classes", special);
        write("inspections", List.of(inspection("X", "E0", null, null, "routine", "2025-03-03", null, "no_problem")));
        ran("2025-07-01T00:00:00Z");
        List<String> lines = new ArrayList<>(List.of("inspector_no,name,area_code,items,avoids"));
        IntStream.range(0, 8).forEach(i -> lines.add("N" + i + ",张三丰,,,"));
        lines.add("N9,李四光,350102,food_safety|知识产权使用与保护检查,E2|E4");
        roster = Files.write(dir.resolve("roster.csv"), lines);
    }

    private static Map<String, Object> entity(String id, String kind, String status) {
        Map<String, Object> entity = new HashMap<>(
                Map.of("record_id", id, "entity_id", id, "name", id + "公司", "entity_kind", kind, "status", status));
        entity.putAll(Map.of("area_code", "350102", "withdrawn", false, "known_from", LocalDate.parse("2020-01-01")));
        return entity;
    }

    private static Map<String, Object> special(String id, String field, String riskClass, LocalDate day) {
        return Map.of(
                "entity_id", id,
                "field", field,
                "special_class", riskClass,
                "combined_class", riskClass,
                "score", 7,
                "as_of", day,
                "known_at", day,
                "policy_version", "p");
    }

    private static Map<String, Object> inspection(
            String id,
            String entity,
            String plan,
            String item,
            String kind,
            String on,
            String published,
            String result) {
        Map<String, Object> one = new HashMap<>(Map.of(
                "record_id", id,
                "inspection_no", id,
                "entity_id", entity,
                "kind", kind,
                "inspected_on", LocalDate.parse(on),
                "result", result,
                "withdrawn", false,
                "known_from", LocalDate.parse(on)));
        one.put("plan_no", plan);
        one.put("item", item);
        one.put("published_on", published == null ? null : LocalDate.parse(published));
        return one;
    }

    /** That the classes of the first day were worked out by a run that began then. */
    private static void ran(String at) {
        write(
                "runs",
                List.of(Map.of("run_id", at, "table", "risk_classes", "as_of", DAY, "started_at", Instant.parse(at))));
    }

    private static void write(String table, List<Map<String, Object>> rows) {
        lake().append(table, Rows.of(table, rows), "{}");
    }

    private static Lake lake() {
        return new Lake(Cli.session(), dir.resolve("lake").toString());
    }

    private static Cli.Ended plan(String command, LocalDate day, String... more) {
        return Cli.inside(Stream.concat(
                        Stream.of("plan", command, "--lake", lake().root(), "--as-of", day.toString()), Stream.of(more))
                .toArray(String[]::new));
    }

    private static Dataset<Row> drawn(LocalDate day) {
        return lake().read("inspection_plan", day);
    }

    @Test
    @Order(1)
    void nobodyIsDrawnBeforeASeedWasSealed() {
        Cli.Ended dry = plan("draw", DAY, "--dry-run", "--lang", "en");
        Cli.Ended unsealed = plan("draw", DAY);

        assertThat(dry.code()).isZero();
        assertThat(dry.out())
                .contains("Plan 2025-07, nobody is drawn yet:")
                .containsPattern("Food safety +A 4 of 75 +B 5 of 50 +C 0 of 0 +D 7 of 25");
        assertThat(unsealed.code()).isEqualTo(3);
        assertThat(unsealed.out()).contains("Cannot draw plan 2025-07: no seed was sealed for it.");
        assertThat(lake().version("inspection_plan")).isEqualTo(-1);
        assertThat(plan("verify", DAY).code()).isEqualTo(99);
        assertThat(plan("draw", DAY.minusDays(1)).code()).as("no classes").isEqualTo(99);
    }

    @Test
    @Order(2)
    void aPlanHasOneSeedAlone() {
        assertThat(plan("seal", DAY, "--seed", "abc").code()).isEqualTo(2);
        assertThat(plan("seal", DAY, "--seed", SEED).out()).contains("Sealed for plan 2025-07: SHA-256 ");
        assertThat(plan("seal", DAY).out())
                .contains("Already sealed for plan 2025-07: SHA-256 ")
                .doesNotContain(SEED);
        assertThat(plan("seal", DAY, "--seed", "f".repeat(64)).code()).isEqualTo(2);
        Cli.Ended late = plan("draw", DAY);
        assertThat(late.code()).isEqualTo(3);
        assertThat(late.out()).contains("whoever sealed it could know whom it draws");
        ran("2100-01-01T00:00:00Z"); // the classes are worked out again
    }

    @ParameterizedTest
    @Order(3)
    @CsvSource(
            delimiter = ';',
            value = {
                "inspector_no,area_code,items⏎N1,,; it has the columns inspector_no, area_code, items; inspector_no, area_code, items, avoids are needed",
                "inspector_no,area_code,items,avoids⏎N1,,,; it names 1 inspectors, and a visit takes 2",
                "inspector_no,area_code,items,avoids⏎N1,,,⏎N1,,,; line 3: inspector N1 stands there twice",
                "inspector_no,area_code,items,avoids⏎N1,999999,,; line 2: area_code 999999 is no county of codes/areas",
                "inspector_no,area_code,items,avoids⏎N1,,tea,; line 2: items [tea] are not in the plan",
                "inspector_no,area_code,items,avoids⏎,,,; line 2: inspector_no '' is no number of an inspector"
            })
    void aWrongRosterIsTold(String text, String told) throws IOException {
        Path file = Files.writeString(dir.resolve("wrong.csv"), text.replace('⏎', '\n') + "\n");

        Cli.Ended ended = plan("draw", DAY, "--inspectors", file.toString());

        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.out()).contains(told);
    }

    @Test
    @Order(4)
    void thePlanIsDrawnOnceAndAnybodyCanCheckIt() throws IOException {
        Path to = dir.resolve("publish");
        Cli.Ended first = plan("draw", DAY, "--inspectors", roster.toString(), "--to", to.toString(), "--json");
        assertThat(first.code()).as(first.out()).isZero();
        Cli.Ended again = plan("draw", DAY, "--to", to.toString(), "--json");

        assertThat(again.out()).contains("stays as it is");
        assertThat(Json.read(again.lastLine()).get("plan"))
                .isEqualTo(Json.read(first.lastLine()).get("plan"));
        List<Row> rows = drawn(DAY).collectAsList();
        assertThat(rows).isNotEmpty().allSatisfy(row -> {
            assertThat(row.<String>getAs("draw_key"))
                    .isEqualTo(Draw.key(SEED, "2025-07", row.getAs("item"), row.getAs("arm"), row.getAs("entity_id")));
            boolean reserve = row.getAs("reserve");
            String team = row.getAs("inspectors");
            if (reserve) {
                assertThat(team).isNull();
                assertThat(row.<Double>getAs("pi")).isNull();
            } else {
                assertThat(team).matches("N\\d\\|N\\d");
                assertThat(row.<Double>getAs("pi")).isBetween(Double.MIN_VALUE, 1.0);
            }
            assertThat(row.<LocalDate>getAs("due_date")).isEqualTo("2025-07-31");
            assertThat(row.<LocalDate>getAs("publish_due")).isEqualTo("2025-08-28");
        });
        assertThat(entities(rows, "E39", "E79", "E0"))
                .as("suspended, and general items of one at its cap")
                .isEmpty();
        assertThat(rows.stream().map(r -> r.<String>getAs("entity_kind"))).contains("enterprise", "individual");
        assertThat(rows.stream()
                        .filter(r -> r.getAs("inspectors") != null)
                        .collect(Collectors.groupingBy(
                                r -> r.<String>getAs("entity_id"),
                                Collectors.mapping(r -> r.<String>getAs("visit_no"), Collectors.toSet())))
                        .values())
                .as("one visit, whatever it is drawn for")
                .allSatisfy(visits -> assertThat(visits).hasSize(1));

        Path snapshot = Path.of(Json.read(first.lastLine()).get("plan").asString());
        assertThat(SnapshotFolder.whole(snapshot)).isTrue();
        assertThat(Json.read(Files.readString(snapshot.resolve("manifest.json")))
                        .get("seed")
                        .asString())
                .isEqualTo(SEED);
        assertThat(Files.readAllLines(snapshot.resolve("inspection_plan_202507.csv")))
                .hasSize(rows.size() + 1);
        assertThat(Files.readString(snapshot.resolve("inspection_plan_202507_excel.csv")))
                .doesNotContain("张三丰")
                .doesNotContain("李四光");
        assertThat(Files.exists(to.resolve("inspection_plan/2025-07.json"))).isTrue();

        assertThat(plan("verify", DAY, "--inspectors", roster.toString()).code())
                .isZero();
        assertThat(plan("draw", DAY, "--dry-run").out()).contains("2025-07");
    }

    private static List<Row> entities(List<Row> rows, String... ids) {
        return rows.stream()
                .filter(row -> Set.of(ids).contains(row.<String>getAs("entity_id"))
                        && row.getAs("item_level").equals("general"))
                .toList();
    }

    @Test
    @Order(5)
    void aPlanThatWasTouchedIsFoundOut() throws IOException {
        Path copy = Cli.copy(dir.resolve("lake"), dir.resolve("touched"));
        Lake touched = new Lake(Cli.session(), copy.toString());
        String one = drawn(DAY).where("not reserve").orderBy("draw_key").head().getAs("entity_id");
        touched.replace(
                "inspection_plan",
                touched.aside(drawn(DAY)
                        .withColumn(
                                "entity_id",
                                when(col("entity_id").equalTo(one), lit("E1")).otherwise(col("entity_id")))),
                "as_of = '" + DAY + "'",
                "{}");

        Cli.Ended ended = Cli.inside("plan", "verify", "--lake", copy.toString(), "--as-of", DAY.toString());

        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.out()).contains("does not follow from its seed");
    }

    /** What each of the first rows of the plan gets delivered, and what is made of it. */
    @Test
    @Order(6)
    void whatWasFoundComesBackUnderTheClassOfThen() {
        List<Row> plan = drawn(DAY)
                .where("not reserve and item = 'food_safety'")
                .orderBy("entity_id")
                .collectAsList();
        assertThat(plan.size()).isGreaterThan(8);
        String[] ids = plan.stream().map(r -> r.<String>getAs("entity_id")).toArray(String[]::new);
        String visit = plan.get(1).getAs("visit_no");
        write(
                "inspections",
                List.of(
                        inspection(
                                "I0",
                                ids[0],
                                "2025-07",
                                null,
                                "double_random",
                                "2025-07-02",
                                "2025-07-20",
                                "no_problem"),
                        inspection(
                                "I1", ids[1], visit, "Food safety", "double_random", "2025-07-03", null, "unreachable"),
                        inspection(
                                "I2",
                                ids[2],
                                null,
                                "食品生产经营监督检查",
                                "double_random",
                                "2025-07-04",
                                "2025-09-01",
                                "no_activity"),
                        inspection("I3", ids[3], null, "食品生产经营监督检查", "routine", "2025-07-04", null, "unreachable"),
                        inspection("I4", ids[4], "2025-07", null, "follow_up", "2025-07-05", null, "unreachable"),
                        inspection(
                                "I5",
                                ids[5],
                                "2025-07",
                                "consumer_rights",
                                "double_random",
                                "2025-07-05",
                                null,
                                "refused"),
                        inspection("I6", ids[6], null, "食品生产经营监督检查", "double_random", "2025-06-05", null, "refused"),
                        inspection(
                                "I7a", ids[7], null, "food_safety", "double_random", "2025-07-01", null, "no_problem"),
                        inspection(
                                "I7b",
                                ids[7],
                                "2025-07",
                                "food_safety",
                                "double_random",
                                "2025-07-08",
                                null,
                                "refused")));

        assertThat(Cli.inside("feedback", "--lake", lake().root(), "--as-of", DAY.toString())
                        .code())
                .as("no plan was drawn by then")
                .isEqualTo(99);
        Cli.Ended july = Cli.inside("feedback", "--lake", lake().root(), "--as-of", "2025-07-31", "--json");
        assertThat(july.code()).as(july.out()).isZero();
        Cli.Ended later = Cli.inside("feedback", "--lake", lake().root(), "--as-of", "2025-08-20", "--json");
        assertThat(later.code()).isZero();

        String[] inJuly = results(LocalDate.parse("2025-07-31"), ids);
        String[] inAugust = results(LocalDate.parse("2025-08-20"), ids);
        assertThat(inJuly)
                .startsWith(
                        "done I0 false",
                        "done I1 true",
                        "done I2 null",
                        "open null null",
                        "open null null",
                        "open null null",
                        "open null null",
                        "done I7b true");
        assertThat(inAugust)
                .startsWith(
                        "done I0 false",
                        "unpublished I1 true",
                        "unpublished I2 null",
                        "overdue null null",
                        "overdue null null",
                        "overdue null null",
                        "overdue null null",
                        "unpublished I7b true");
        assertThat(results(LocalDate.parse("2025-09-30"), null)).isEmpty();
        var told = Json.read(later.lastLine());
        long checked = 0;
        for (String c : List.of("A", "B", "C", "D")) {
            checked += told.get("found").get(c).get("checked").asLong();
        }
        assertThat(checked)
                .as("I0, I1, I7b of food, and I5 where that was drawn for it")
                .isIn(3L, 4L);
        assertThat(told.get("overdue").asLong()).isPositive();
    }

    private static String[] results(LocalDate day, String[] ids) {
        List<Row> rows = lake().read("plan_results", day)
                .where("item = 'food_safety'")
                .orderBy("entity_id")
                .collectAsList();
        if (ids != null) {
            assertThat(rows.stream().map(r -> r.<String>getAs("entity_id"))).containsExactly(ids);
        }
        return rows.stream()
                .map(r -> r.getAs("state") + " " + r.getAs("record_id") + " " + r.getAs("problem"))
                .toArray(String[]::new);
    }

    @Test
    @Order(7)
    void theNextBatchLeavesOutWhoWasDrawn() {
        write(
                "runs",
                List.of(Map.of(
                        "run_id",
                        "n",
                        "table",
                        "risk_classes",
                        "as_of",
                        NEXT,
                        "started_at",
                        Instant.parse("2100-01-01T00:00:00Z"))));
        assertThat(plan("seal", NEXT).code()).isZero();
        Cli.Ended ended = plan("draw", NEXT);
        assertThat(ended.code()).as(ended.out()).isZero();

        Map<String, Long> times = Stream.concat(
                        drawn(DAY).collectAsList().stream(), drawn(NEXT).collectAsList().stream())
                .filter(r -> r.getAs("visit_no") != null
                        && List.of("A", "B").contains(r.<String>getAs("class_at_selection")))
                .collect(Collectors.groupingBy(
                        r -> r.getAs("item") + " " + r.getAs("entity_id"), Collectors.counting()));
        assertThat(times.values()).isNotEmpty().containsOnly(1L);
        Set<Object> visited = drawn(DAY).where("not reserve").collectAsList().stream()
                .map(r -> r.getAs("entity_id"))
                .collect(Collectors.toSet());
        assertThat(drawn(NEXT)
                        .where("item_level = 'general' and class_at_selection in ('A', 'B')")
                        .collectAsList())
                .as("at their cap of one visit a year")
                .noneMatch(r -> visited.contains(r.<Object>getAs("entity_id")));
        assertThat(Cli.inside("plan", "list", "--lake", lake().root())
                        .out()
                        .lines()
                        .toList())
                .hasSize(2);
        assertThat(plan("verify", DAY).code())
                .as("as it was, whatever was drawn since")
                .isZero();
        assertThat(plan("verify", NEXT).code()).isZero();
    }
}
