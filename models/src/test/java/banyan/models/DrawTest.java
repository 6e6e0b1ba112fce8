package banyan.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import banyan.schemas.Rows;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/** The draw against one worked out in plain Java: handbook supervision §4. */
class DrawTest {
    private static final StructType FRAME = StructType.fromDDL(
            "item string, entity_id string, area_code string, entity_kind string, risk_class string, drawn bigint, visits bigint");
    private static final String SEED = "3f".repeat(32);

    private final Plan plan = Policy.packaged().plan(LocalDate.of(2025, 6, 30));

    /** A row of a frame. */
    private record Member(
            String item, String entity, String area, String kind, String riskClass, long drawn, long visits) {
        Row row() {
            return RowFactory.create(item, entity, area, kind, riskClass, drawn, visits);
        }

        String stratum() {
            return String.join("|", item, area, kind, riskClass);
        }
    }

    @Test
    void whoHasTheSeedDrawsTheSame() {
        Random random = new Random(7);
        for (int round = 0; round < 3; round++) {
            int months = 1 + random.nextInt(12);
            List<Member> members = members(random, 600);
            List<Member> before = members.stream()
                    .filter(m -> m.drawn > 0 && random.nextBoolean())
                    .toList();
            Draw draw = new Draw(plan, "2025-07", SEED, months);
            Dataset<Row> frame = frame(members);
            Dataset<Row> strata = draw.strata(frame, frame(before));

            Map<String, Long> quotas = quotas(members, before, months);
            assertThat(strata.collectAsList().stream()
                            .collect(Collectors.toMap(DrawTest::stratum, s -> s.<Long>getAs("quota"))))
                    .isEqualTo(quotas);
            Map<String, Long> controls = draw.controls(strata.collectAsList());
            assertThat(said(draw.drawn(frame, strata, controls).collectAsList()))
                    .isEqualTo(drawn(members, quotas, months));
        }
    }

    /** Food: everybody of class B once a year, of C twice, of D three times, none long before the others. */
    @Test
    void inAYearEachIsDrawnAsOftenAsItsClassAsks() {
        List<Member> members = new ArrayList<>();
        for (RiskClass c : RiskClass.values()) {
            IntStream.range(0, 9)
                    .forEach(i ->
                            members.add(new Member("food_safety", c + "" + i, "350102", "enterprise", c.name(), 0, 0)));
        }
        Map<String, Long> times = new TreeMap<>();
        List<Member> before = new ArrayList<>();
        for (int batch = 1; batch <= 12; batch++) {
            List<Member> now = members.stream()
                    .map(m -> new Member(
                            m.item, m.entity, m.area, m.kind, m.riskClass, times.getOrDefault(m.entity, 0L), 0))
                    .toList();
            Draw draw = new Draw(plan, "2025-" + batch, SEED, batch);
            Dataset<Row> frame = frame(now);
            Dataset<Row> strata = draw.strata(frame, frame(before));
            for (Row row : draw.drawn(frame, strata, Map.of("food_safety", 0L))
                    .where("not reserve")
                    .collectAsList()) {
                times.merge(row.getAs("entity_id"), 1L, Long::sum);
                before.add(member(row));
            }
            Set<Long> ofD = members.stream()
                    .filter(m -> m.riskClass.equals("D"))
                    .map(m -> times.getOrDefault(m.entity, 0L))
                    .collect(Collectors.toCollection(HashSet::new));
            assertThat(ofD.stream().max(Long::compare).orElseThrow()
                            - ofD.stream().min(Long::compare).orElseThrow())
                    .as("batch " + batch)
                    .isLessThanOrEqualTo(1);
        }
        Map<String, List<Long>> byClass = members.stream()
                .collect(Collectors.groupingBy(
                        Member::riskClass,
                        TreeMap::new,
                        Collectors.mapping(m -> times.getOrDefault(m.entity, 0L), Collectors.toList())));
        assertThat(byClass.get("A").stream().mapToLong(n -> n).sum()).isEqualTo(5); // half of 9, rounded up
        assertThat(byClass.get("B")).containsOnly(1L);
        assertThat(byClass.get("C")).containsOnly(2L);
        assertThat(byClass.get("D")).containsOnly(3L);
    }

    /** Over many counties each class is drawn as often as its pi says, and the control arm looks at no class more than at another. */
    @Test
    void theProbabilitiesAreThoseOfTheDraw() {
        List<Member> members = new ArrayList<>();
        Map<String, Integer> sizes = new TreeMap<>(Map.of("A", 80, "B", 40, "C", 20, "D", 10));
        int counties = 60;
        for (int county = 0; county < counties; county++) {
            for (Map.Entry<String, Integer> size : sizes.entrySet()) {
                for (int i = 0; i < size.getValue(); i++) {
                    String id = county + size.getKey() + i;
                    members.add(new Member("food_safety", id, "c" + county, "enterprise", size.getKey(), 0, 0));
                }
            }
        }
        Dataset<Row> frame = frame(members);
        Draw draw = new Draw(plan, "2025-07", SEED, 3);
        Dataset<Row> strata = draw.strata(frame, frame(List.of()));
        List<Row> rows = draw.drawn(frame, strata, draw.controls(strata.collectAsList()))
                .where("not reserve")
                .collectAsList();

        Map<String, Double> standsFor = new TreeMap<>();
        Map<String, Integer> control = new TreeMap<>();
        for (Row row : rows) {
            standsFor.merge(row.getAs("risk_class"), 1 / row.<Double>getAs("pi"), Double::sum);
            if (row.getAs("arm").equals("control")) {
                control.merge(row.getAs("risk_class"), 1, Integer::sum);
            }
        }
        long controls =
                rows.stream().filter(r -> r.getAs("arm").equals("control")).count();
        assertThat(controls * 10.0 / rows.size()).as("a tenth of all").isCloseTo(1, within(0.01));
        double chiSquare = 0;
        for (Map.Entry<String, Integer> size : sizes.entrySet()) {
            double fair = controls * size.getValue() / 150.0;
            chiSquare += Math.pow(control.getOrDefault(size.getKey(), 0) - fair, 2) / fair;
            assertThat(standsFor.get(size.getKey()))
                    .as("Horvitz-Thompson: those drawn of class " + size.getKey() + " stand for all of it")
                    .isCloseTo(counties * size.getValue(), within(1e-6));
        }
        assertThat(chiSquare).as("p > 0.01 at 3 degrees of freedom").isLessThan(11.345);
    }

    private List<Member> members(Random random, int n) {
        List<Member> members = new ArrayList<>();
        String[] kinds = {"enterprise", "individual", "cooperative"};
        for (int i = 0; i < n; i++) {
            Plan.Item item = plan.items().get(random.nextInt(plan.items().size()));
            List<String> of = List.copyOf(new java.util.TreeSet<>(item.ratios().keySet()));
            long drawn = random.nextInt(4) == 0 ? random.nextInt(3) : 0;
            members.add(new Member(
                    item.id(),
                    "E" + i,
                    "35010" + random.nextInt(3),
                    of.size() == 1 ? of.get(0) : kinds[random.nextInt(kinds.length)],
                    RiskClass.values()[random.nextInt(4)].name(),
                    drawn,
                    drawn + random.nextInt(2)));
        }
        return members;
    }

    private boolean open(Member m, int months) {
        Plan.Item item = plan.item(m.item).orElseThrow();
        RiskClass c = RiskClass.valueOf(m.riskClass);
        boolean turn = m.drawn < item.share(m.kind, c, months).of(1);
        return turn && (item.level() == Plan.Level.key || m.visits < plan.caps().get(c));
    }

    private Map<String, Long> quotas(List<Member> members, List<Member> before, int months) {
        Map<String, Long> quotas = new HashMap<>();
        members.stream().collect(Collectors.groupingBy(Member::stratum)).forEach((stratum, all) -> {
            Member one = all.get(0);
            long target = plan.item(one.item)
                    .orElseThrow()
                    .share(one.kind, RiskClass.valueOf(one.riskClass), months)
                    .of(all.size());
            long drawn =
                    before.stream().filter(b -> b.stratum().equals(stratum)).count();
            long eligible = all.stream().filter(m -> open(m, months)).count();
            quotas.put(stratum, Math.min(eligible, Math.max(0, target - drawn)));
        });
        return quotas;
    }

    private Set<String> drawn(List<Member> members, Map<String, Long> quotas, int months) {
        Set<String> drawn = new HashSet<>();
        List<Member> open = members.stream().filter(m -> open(m, months)).toList();
        Set<Member> taken = new HashSet<>();
        for (Plan.Item item : plan.items()) {
            List<Member> here =
                    open.stream().filter(m -> m.item.equals(item.id())).toList();
            long quota = here.stream()
                    .map(Member::stratum)
                    .distinct()
                    .mapToLong(quotas::get)
                    .sum();
            long n = Math.min(here.size(), (long) Math.ceil(quota * 10 / 90.0));
            List<Member> control = smallest(here, "control", n);
            taken.addAll(control);
            control.forEach(m -> drawn.add(m.item + " " + m.entity + " control false " + key(m, "control")));
        }
        open.stream()
                .filter(m -> !taken.contains(m))
                .collect(Collectors.groupingBy(Member::stratum))
                .forEach((stratum, all) -> {
                    long quota = quotas.get(stratum);
                    List<Member> first = smallest(all, "risk", quota + (quota * 10 + 99) / 100);
                    for (int i = 0; i < first.size(); i++) {
                        Member m = first.get(i);
                        drawn.add(m.item + " " + m.entity + " risk " + (i >= quota) + " " + key(m, "risk"));
                    }
                });
        return drawn;
    }

    private static List<Member> smallest(List<Member> members, String arm, long n) {
        return members.stream()
                .sorted(Comparator.comparing(m -> key(m, arm)))
                .limit(n)
                .toList();
    }

    private static String key(Member m, String arm) {
        return Draw.key(SEED, "2025-07", m.item, arm, m.entity);
    }

    private static Set<String> said(List<Row> rows) {
        return rows.stream()
                .map(r -> r.getAs("item") + " " + r.getAs("entity_id") + " " + r.getAs("arm") + " " + r.getAs("reserve")
                        + " " + r.getAs("draw_key"))
                .collect(Collectors.toSet());
    }

    private static String stratum(Row s) {
        return Draw.STRATUM.stream().map(s::<String>getAs).collect(Collectors.joining("|"));
    }

    private static Member member(Row r) {
        return new Member(
                r.getAs("item"),
                r.getAs("entity_id"),
                r.getAs("area_code"),
                r.getAs("entity_kind"),
                r.getAs("risk_class"),
                0,
                0);
    }

    private static Dataset<Row> frame(List<Member> members) {
        return Rows.spark().createDataFrame(members.stream().map(Member::row).toList(), FRAME);
    }
}
