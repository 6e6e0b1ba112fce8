package banyan.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;

import banyan.jobs.publish.InspectionPlan;
import banyan.jobs.publish.Plans;
import banyan.jobs.publish.SnapshotFolder;
import banyan.models.Draw;
import banyan.models.Plan;
import banyan.models.Policy;
import banyan.schemas.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
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
    private static Path policy;

    /**
     * Classes of two days as they were worked out, by a policy that draws everybody once a year. E3, of class A, was inspected this year
     * already, as a matter of routine.
     */
    @BeforeAll
    static void aTown() throws IOException {
        policy = Cli.copy(Cli.ROOT.resolve("models/policy"), dir.resolve("policy"));
        Path plan = policy.resolve("plan/2000-01-01.yaml");
        String text = Files.readString(plan)
                .replace("{ A: 1, B: 3, C: 10, D: 30 }", "{ A: 100, B: 100, C: 100, D: 200 }")
                .replace("{ A: 0.3, B: 1, C: 5, D: 20 }", "{ A: 100, B: 100, C: 100, D: 200 }");
        Files.writeString(plan, text);
        Files.writeString(policy.resolve("plan/2025-08-10.yaml"), text.replace("from: 2000-01-01", "from: 2025-08-10"));
        String version = Policy.in(policy).version();
        List<Map<String, Object>> entities = new ArrayList<>();
        List<Map<String, Object>> classes = new ArrayList<>();
        List<Map<String, Object>> special = new ArrayList<>();
        for (int i = 0; i < ENTERPRISES + SHOPS; i++) {
            boolean shop = i >= ENTERPRISES;
            entities.add(entity("E" + i, shop ? "individual" : "enterprise", i % 40 == 39 ? "suspended" : "active"));
            String riskClass = i % 12 == 0 ? "D" : i % 6 == 2 ? "C" : i % 3 == 1 ? "B" : "A";
            for (LocalDate day : List.of(DAY, NEXT)) {
                classes.add(classed("E" + i, shop ? "unclassified" : riskClass, i, day, version));
                if (shop) {
                    special.add(special("E" + i, "individual", riskClass, day, version));
                }
                if (i % 2 == 0) {
                    special.add(special("E" + i, "food", riskClass, day, version));
                }
            }
        }
        entities.add(entity("E999", "enterprise", "active"));
        classes.add(classed("E999", "A", 1, NEXT, version));
        write("entities", entities);
        write("risk_classes", classes);
        write("special_classes", special);
        write("inspections", List.of(inspection("X", "E3", null, null, "routine", "2025-03-03", null, "no_problem")));
        List<String> lines = new ArrayList<>(List.of("inspector_no,name,area_code,items,avoids"));
        IntStream.range(0, 8).forEach(i -> lines.add("N" + i + ",张三丰,,,"));
        lines.add("N9,李四光,350102,food_safety|知识产权使用与保护检查,e2|E4");
        roster = Files.write(dir.resolve("roster.csv"), lines);
    }

    private static Map<String, Object> entity(String id, String kind, String status) {
        Map<String, Object> entity = new HashMap<>(
                Map.of("record_id", id, "entity_id", id, "name", id + "公司", "entity_kind", kind, "status", status));
        entity.putAll(Map.of("area_code", "350102", "withdrawn", false, "known_from", LocalDate.parse("2020-01-01")));
        return entity;
    }

    private static Map<String, Object> classed(String id, String riskClass, int score, LocalDate day, String version) {
        return Map.of(
                "entity_id", id,
                "risk_class", riskClass,
                "score", score,
                "as_of", day,
                "known_at", day,
                "policy_version", version);
    }

    private static Map<String, Object> special(
            String id, String field, String riskClass, LocalDate day, String version) {
        return Map.of(
                "entity_id", id,
                "field", field,
                "special_class", riskClass,
                "combined_class", riskClass,
                "score", 7,
                "as_of", day,
                "known_at", day,
                "policy_version", version);
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
                "known_from", LocalDate.parse(id.equals("X") ? on : "2025-07-20")));
        one.put("plan_no", plan);
        one.put("item", item);
        one.put("published_on", published == null ? null : LocalDate.parse(published));
        return one;
    }

    /** That classes of a day were worked out by a run that began then. */
    private static void ran(String table, LocalDate day, String at) {
        write(
                "runs",
                List.of(Map.of("run_id", at + table, "table", table, "as_of", day, "started_at", Instant.parse(at))));
    }

    private static void write(String table, List<Map<String, Object>> rows) {
        lake().append(table, Rows.of(table, rows), "{}");
    }

    private static Lake lake() {
        return new Lake(Cli.session(), dir.resolve("lake").toString());
    }

    private static Cli.Ended plan(String command, LocalDate day, String... more) {
        return Cli.inside(Stream.concat(
                        Stream.of(
                                "plan",
                                command,
                                "--lake",
                                lake().root(),
                                "--policy",
                                policy.toString(),
                                "--as-of",
                                day.toString()),
                        Stream.of(more))
                .toArray(String[]::new));
    }

    private static Cli.Ended feedback(String day) {
        return Cli.inside("feedback", "--lake", lake().root(), "--policy", policy.toString(), "--as-of", day, "--json");
    }

    private static Dataset<Row> drawn(LocalDate day) {
        return lake().read("inspection_plan", day);
    }

    @Test
    @Order(1)
    void nobodyIsDrawnBeforeASeedWasSealed() {
        Cli.Ended dry = plan("draw", DAY, "--dry-run", "--lang", "en");
        Cli.Ended unsealed = plan("draw", DAY);

        assertThat(dry.code()).as(dry.out()).isZero();
        // Enterprises and shops of food: A 20 and 5, B and C 40 and 10, D 20 and 5; a twelfth of 50, 100, 200, 300
        // percent, rounded up
        assertThat(dry.out())
                .contains("Plan 2025M07, nobody is drawn:")
                .contains("Food safety  A 2 of 25  B 5 of 50  C 9 of 50  D 7 of 25");
        assertThat(unsealed.code()).isEqualTo(3);
        assertThat(unsealed.out()).contains("Cannot draw plan 2025M07: ");
        assertThat(lake().version("inspection_plan")).isEqualTo(-1);
        assertThat(plan("verify", DAY).code()).isEqualTo(99);
        assertThat(plan("draw", DAY.minusDays(1)).code()).as("no classes").isEqualTo(99);
        assertThat(plan("draw", DAY, "--dry-run", "--known-at", "2025-07-05").code())
                .as("classes of another known-at")
                .isEqualTo(2);
    }

    @Test
    @Order(2)
    void aPlanHasOneSeedAloneThatIsSealedBeforeItsClasses() {
        assertThat(plan("seal", DAY, "--dry-run").out()).contains("No seed is sealed");
        assertThat(plan("seal", DAY, "--seed", "abc").code()).isEqualTo(2);
        assertThat(plan("seal", DAY, "--seed", SEED).out()).contains("Sealed for plan 2025M07, to draw by");
        assertThat(plan("seal", DAY).out())
                .contains("Already sealed for plan 2025M07")
                .doesNotContain(SEED);
        assertThat(plan("seal", DAY, "--seed", "f".repeat(64)).code()).isEqualTo(2);
        assertThat(plan("seal", DAY.plusDays(3)).code())
                .as("the same plan by other classes")
                .isEqualTo(99);
        assertThat(plan("draw", DAY).out()).contains("the ledger tells of no run");
        ran("special_classes", DAY, "2025-07-01T00:00:00Z");
        ran("risk_classes", DAY, "2100-01-01T00:00:00Z"); // worked out again afterwards: that helps nobody
        Cli.Ended late = plan("draw", DAY);
        assertThat(late.code()).isEqualTo(3);
        assertThat(late.out()).contains("whoever sealed it could know whom it draws");
        assertThat(plan("draw", DAY, "--despite", "no colon").code()).isEqualTo(2);
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
                "inspector_no,area_code,items,avoids⏎张三,,,; line 2: inspector_no '张三' is no number of an inspector"
            })
    void aWrongRosterIsTold(String text, String told) throws IOException {
        Path file = Files.writeString(dir.resolve("wrong.csv"), text.replace('⏎', '\n') + "\n");

        Cli.Ended ended = plan("draw", DAY, "--inspectors", file.toString());

        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.out()).contains(told);
    }

    @Test
    @Order(4)
    void thePlanIsDrawnOnceAndCanBeDrawnAgain() throws IOException {
        lake().append("inspection_plan", ghost(), "{}");
        Path to = dir.resolve("publish");
        String[] more = {"--inspectors", roster.toString(), "--to", to.toString(), "--json", "--despite", "陈某: 名录之日尚无封存"
        };
        Cli.Ended first = plan("draw", DAY, more);
        assertThat(first.code()).as(first.out()).isZero();
        Cli.Ended again = plan("draw", DAY, "--to", to.toString(), "--json", "--lang", "en");

        assertThat(again.out()).contains("stays as it is");
        assertThat(Json.read(again.lastLine()).get("plan"))
                .isEqualTo(Json.read(first.lastLine()).get("plan"));
        List<Row> rows = drawn(DAY).collectAsList();
        assertThat(rows).isNotEmpty().allSatisfy(row -> {
            assertThat(row.<String>getAs("draw_key"))
                    .isEqualTo(Draw.key(SEED, "2025M07", row.getAs("item"), row.getAs("arm"), row.getAs("entity_id")));
            boolean reserve = row.getAs("reserve");
            String team = row.getAs("inspectors");
            if (reserve) {
                assertThat(team).isNull();
                assertThat(row.<Double>getAs("pi")).isNull();
            } else {
                assertThat(team).matches("N\\d\\|N\\d");
                assertThat(row.<Double>getAs("pi")).isBetween(Double.MIN_VALUE, 1.0);
            }
            assertThat(row.<LocalDate>getAs("from_day")).isEqualTo("2025-07-01");
            assertThat(row.<LocalDate>getAs("due_date")).isEqualTo("2025-07-31");
            assertThat(row.<LocalDate>getAs("publish_due")).isEqualTo("2025-08-28");
        });
        assertThat(rows.stream().map(r -> r.<String>getAs("entity_kind"))).contains("enterprise", "individual");
        assertThat(rows.stream()
                        .filter(r -> !r.<Boolean>getAs("reserve"))
                        .collect(Collectors.groupingBy(
                                r -> r.<String>getAs("entity_id"),
                                Collectors.mapping(r -> r.<String>getAs("visit_no"), Collectors.toSet())))
                        .values())
                .as("one visit, whatever it is drawn for")
                .allSatisfy(visits -> assertThat(visits).hasSize(1));
        // 100 enterprises of class A, of which 4 have closed for a time and E3 had its visit of the year
        assertThat(stratum(DAY, "A")).isEqualTo("96 of which 95");

        Path snapshot = Path.of(Json.read(first.lastLine()).get("plan").asString());
        assertThat(SnapshotFolder.whole(snapshot)).isTrue();
        var manifest = Json.read(Files.readString(snapshot.resolve("manifest.json")));
        assertThat(manifest.get("seed").asString()).isEqualTo(SEED);
        assertThat(manifest.get("despite").get("by").asString()).isEqualTo("陈某");
        assertThat(manifest.get("rows").asLong() + manifest.get("reserve").asLong())
                .isEqualTo(rows.size());
        assertThat(Files.readAllLines(snapshot.resolve("inspection_plan_2025M07.csv")))
                .hasSize(rows.size() + 1);
        assertThat(Files.readString(snapshot.resolve("inspection_plan_2025M07_excel.csv")))
                .doesNotContain("张三丰")
                .doesNotContain("李四光");
        assertThat(Files.exists(to.resolve("inspection_plan/2025M07.json"))).isTrue();
        assertThat(plan("verify", DAY, "--inspectors", roster.toString()).code())
                .isZero();
        assertThat(plan("verify", DAY, "--inspectors", dir.resolve("none.csv").toString())
                        .code())
                .isEqualTo(2);
    }

    /** What a draw left that was killed, and was never gone on with. */
    private static Dataset<Row> ghost() {
        return Rows.of(
                "inspection_plan",
                List.of(Map.of(
                        "plan_id", "2025M07",
                        "item", "registration_publicity",
                        "item_level", "general",
                        "entity_id", "E9",
                        "arm", "risk",
                        "reserve", false,
                        "as_of", DAY.plusDays(2))));
    }

    /** How many enterprises of a class there are of the general item, and how many of them may be drawn. */
    private static String stratum(LocalDate day, String riskClass) {
        Row row = lake().read("plan_strata", day)
                .where("item = 'registration_publicity' and entity_kind = 'enterprise'")
                .where(col("risk_class").equalTo(riskClass))
                .head();
        return row.getAs("entities") + " of which " + row.getAs("eligible");
    }

    @ParameterizedTest
    @Order(5)
    @CsvSource({
        "inspection_plan, class_at_selection, its rows are not those that were drawn",
        "plan_seals, seed, its seed is not the one that was sealed",
        "risk_classes, risk_class, were worked out again since",
        "plan_strata, last_key, drawn again from its seed"
    })
    void aPlanThatWasTouchedIsFoundOut(String table, String column, String told) throws IOException {
        Path copy = Cli.copy(dir.resolve("lake"), dir.resolve("touched-" + table));
        Lake touched = new Lake(Cli.session(), copy.toString());
        boolean daily = !table.equals("plan_seals");
        Dataset<Row> rows = daily ? touched.read(table, DAY) : touched.read(table);
        touched.replace(
                table,
                touched.local(
                        rows.withColumn(column, lit("B")).collectAsList(),
                        rows.schema().toDDL()),
                daily ? "as_of = '" + DAY + "'" : null,
                "{}");

        Cli.Ended ended = Cli.inside(
                "plan", "verify", "--lake", copy.toString(), "--policy", policy.toString(), "--as-of", DAY.toString());

        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.out()).contains(told);
    }

    /** What each of the first of the plan gets delivered, and what is made of it. */
    @Test
    @Order(6)
    void whatWasFoundComesBackUnderTheClassOfThen() {
        List<Row> plan = drawn(DAY).where("not reserve").collectAsList();
        Map<String, Long> items =
                plan.stream().collect(Collectors.groupingBy(r -> r.<String>getAs("entity_id"), Collectors.counting()));
        List<Row> food = plan.stream()
                .filter(r -> r.getAs("item").equals("food_safety") && items.get(r.<String>getAs("entity_id")) == 1)
                .sorted(Comparator.comparing(r -> r.<String>getAs("entity_id")))
                .collect(Collectors.partitioningBy(
                        r -> r.getAs("class_at_selection").equals("C")
                                && r.getAs("entity_kind").equals("enterprise")))
                .entrySet()
                .stream()
                .sorted(Map.Entry.comparingByKey(Comparator.reverseOrder()))
                .flatMap(e -> e.getValue().stream().limit(e.getKey() ? 1 : 8))
                .toList();
        assertThat(food).as("one of class C, then others").hasSize(9);
        String[] ids = food.stream().map(r -> r.<String>getAs("entity_id")).toArray(String[]::new);
        String reserve =
                drawn(DAY).where("reserve and item = 'food_safety'").head().getAs("entity_id");
        String random = "double_random";
        String name = "食品生产经营监督检查";
        write(
                "identities",
                List.of(Map.of(
                        "entity_id",
                        "E999",
                        "before",
                        ids[7],
                        "event",
                        "merged",
                        "known_from",
                        LocalDate.parse("2025-07-10"))));
        write(
                "inspections",
                List.of(
                        inspection(
                                "I0",
                                ids[0],
                                food.get(0).getAs("visit_no"),
                                "Food safety",
                                random,
                                "2025-07-03",
                                null,
                                "unreachable"),
                        inspection("I1", ids[1], "2025M07", null, random, "2025-07-02", "2025-07-20", "no_problem"),
                        inspection("I2", ids[2], null, name, random, "2025-07-04", "2025-09-01", "no_activity"),
                        inspection("I3", ids[3], null, name, "routine", "2025-07-04", null, "unreachable"),
                        inspection("I4", ids[4], "2025M07", null, "follow_up", "2025-07-05", null, "unreachable"),
                        inspection("I5", ids[5], "2025M07", "特种设备检查", random, "2025-07-05", null, "refused"),
                        inspection("I6", ids[6], null, name, random, "2025-06-05", null, "refused"),
                        inspection("I7a", ids[7], null, "food_safety", random, "2025-07-01", null, "no_problem"),
                        inspection("I7b", "E999", "2025M07", "food_safety", random, "2025-07-18", null, "refused"),
                        inspection("I8", reserve, "2025M07", name, random, "2025-07-18", null, "refused")));

        assertThat(feedback("2025-06-30").code())
                .as("no plan was drawn by then")
                .isEqualTo(99);
        Cli.Ended july = feedback("2025-07-31");
        assertThat(july.code()).as(july.out()).isZero();
        Cli.Ended later = feedback("2025-08-20");
        assertThat(later.code()).as(later.out()).isZero();

        assertThat(results("2025-07-31", ids))
                .containsExactly(
                        "done I0 true",
                        "done I1 false",
                        "done I2 null",
                        "open null null",
                        "open null null",
                        "open null null",
                        "open null null",
                        "done I7b true",
                        "open null null");
        assertThat(results("2025-08-20", ids))
                .containsExactly(
                        "unpublished I0 true",
                        "done I1 false",
                        "unpublished I2 null",
                        "overdue null null",
                        "overdue null null",
                        "overdue null null",
                        "overdue null null",
                        "unpublished I7b true",
                        "overdue null null");
        assertThat(results("2025-08-20", reserve)).containsExactly("unpublished I8 true");
        var told = Json.read(later.lastLine());
        long checked = Stream.of("A", "B", "C", "D")
                .mapToLong(c -> told.get("found")
                        .get("food_safety")
                        .get(c)
                        .get("checked")
                        .asLong())
                .sum();
        assertThat(checked)
                .as("I0, I1 and I7b: nothing was to be checked in I2, and I8 was drawn by nobody")
                .isEqualTo(3);
        assertThat(told.get("overdue").asLong()).isEqualTo(plan.size() - 4);
    }

    /** The visits of an entity this year, as the plan of August counts them. */
    private static long visits(String entity) {
        Plan plan = Policy.in(policy).plan(NEXT);
        Plan.Batch batch = plan.batchAfter(NEXT);
        Inputs in = new Inputs(lake(), InspectionPlan.READS, NEXT, NEXT, Policy.in(policy), "zh");
        Dataset<Row> july = Plans.rows(lake(), "inspection_plan").where("plan_id = '2025M07'");
        return new InspectionPlan(in, plan, batch, "", july, batch.from())
                .frame()
                .where(col("entity_id").equalTo(entity).and(col("item").equalTo("registration_publicity")))
                .head()
                .getAs("visits");
    }

    private static List<String> results(String day, String... ids) {
        Map<String, String> states =
                lake().read("plan_results", LocalDate.parse(day)).where("item = 'food_safety'").collectAsList().stream()
                        .collect(Collectors.toMap(
                                r -> r.<String>getAs("entity_id"),
                                r -> r.getAs("state") + " " + r.getAs("record_id") + " " + r.getAs("problem")));
        return Stream.of(ids).map(states::get).toList();
    }

    @Test
    @Order(7)
    void theNextBatchLeavesOutWhoHadItsVisits() {
        assertThat(plan("seal", NEXT, "--seed", "89ab".repeat(16)).code()).isZero();
        ran("risk_classes", NEXT, "2100-01-01T00:00:00Z");
        Cli.Ended ended = plan("draw", NEXT);
        assertThat(ended.code()).as(ended.out()).isZero();

        List<Row> july = drawn(DAY).where("not reserve").collectAsList();
        Set<String> visited =
                july.stream().map(r -> r.<String>getAs("entity_id")).collect(Collectors.toSet());
        Set<String> registered = july.stream()
                .filter(r -> r.getAs("item").equals("registration_publicity"))
                .map(r -> r.<String>getAs("entity_id"))
                .collect(Collectors.toSet());
        List<Row> general = drawn(NEXT).where("item_level = 'general'").collectAsList();
        assertThat(general)
                .as("A and B are visited once a year, C twice, and nobody twice for one item")
                .isNotEmpty()
                .noneMatch(r -> visited.contains(r.<String>getAs("entity_id"))
                        && List.of("A", "B").contains(r.<String>getAs("class_at_selection")))
                .noneMatch(r -> registered.contains(r.<String>getAs("entity_id"))
                        && r.getAs("item").equals("registration_publicity")
                        && r.getAs("class_at_selection").equals("C"));
        long registeredOfC = july.stream()
                .filter(r -> r.getAs("item").equals("registration_publicity")
                        && r.getAs("class_at_selection").equals("C")
                        && r.getAs("entity_kind").equals("enterprise"))
                .count();
        assertThat(stratum(NEXT, "C"))
                .as("a visit and its result are one, so who was visited for food may be once more")
                .isEqualTo("40 of which " + (40 - registeredOfC));
        assertThat(Cli.inside("plan", "list", "--lake", lake().root())
                        .out()
                        .lines()
                        .toList())
                .hasSize(2);
        assertThat(plan("verify", DAY).code())
                .as("as it was, whatever was drawn since")
                .isZero();
        assertThat(plan("verify", NEXT).code()).isZero();
        assertThat(visits("E999"))
                .as("of the enterprise that goes on with one that was visited")
                .isEqualTo(1);
        assertThat(visits("E3")).isEqualTo(1);
        LocalDate may = LocalDate.parse("2025-05-31");
        String version = Policy.in(policy).version();
        write("risk_classes", List.of(classed("E1", "A", 1, may, version)));
        write("special_classes", List.of(special("E1", "food", "A", may, version)));
        assertThat(plan("seal", may).code()).isZero();
        assertThat(plan("draw", may).out()).contains("Cannot draw plan 2025M06", "a plan comes after all that are");
    }
}
