package banyan.jobs.command;

import banyan.jobs.Json;
import banyan.jobs.Lookup;
import banyan.jobs.Refusal;
import banyan.jobs.publish.Evidence;
import banyan.models.Hysteresis;
import banyan.models.Index;
import banyan.models.Specialised;
import banyan.models.Term;
import banyan.schemas.Text;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How one entity came by its class, down to the source rows. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = "Show how one entity came by its class: every point, its records, their files and lines.")
public final class Explain implements Callable<Integer> {
    private static final String NONE = "unclassified";

    private static final List<String> VERSION = List.of(
            "entity_id",
            "credit_code",
            "reg_no",
            "name_key",
            "name",
            "withdrawn",
            "moved_to",
            "known_from",
            "known_to");
    private static final List<String> LINK = List.of("party", "day", "probability", "why", "known_from", "known_to");
    private static final List<String> CLASS = List.of(
            "entity_id",
            "risk_class",
            "score",
            "class_by_score",
            "city_class",
            "province_class",
            "unclassified_because",
            "known_at",
            "policy_version");
    private static final List<String> CLASS_IN_A_FIELD = List.of(
            "field",
            "special_class",
            "score",
            "class_by_score",
            "city_class",
            "province_class",
            "general_class",
            "combined_class");
    private static final List<String> CONTRIBUTION = List.of(
            "indicator",
            "kind",
            "group",
            "value",
            "points",
            "counted",
            "class_floor",
            "source_table",
            "evidence",
            "evidence_count");

    private static final List<String> ASSOCIATION =
            Stream.concat(CONTRIBUTION.stream(), Stream.of("path")).toList();

    private static final List<String> IN_A_FIELD =
            Stream.concat(Stream.of("field"), CONTRIBUTION.stream()).toList();

    private static final List<String> HELD =
            Stream.concat(IN_A_FIELD.stream(), Stream.of("run_on")).toList();

    private static final List<String> TERM = List.of("term", "record_id", "begins_on", "ends_on", "state");

    private static final Comparator<Row> WEIGHTIEST_FIRST = Comparator.comparing((Row c) -> c.<Integer>getAs("counted"))
            .reversed()
            .thenComparing(c -> c.getAs("class_floor"), Comparator.nullsLast(Comparator.<String>reverseOrder()))
            .thenComparing(c -> c.<String>getAs("indicator"));

    @Mixin
    Options options;

    @Parameters(paramLabel = "ENTITY", description = "Entity id, credit code or exact name.")
    String entity;

    private final Map<String, List<Row>> links = new HashMap<>();
    private Lookup lookup;
    private LocalDate knownAt;

    /** The versions by which the entity that was asked for was merged into others, one after the other; none where it was not. */
    private final Set<Row> moved = new LinkedHashSet<>();

    /** An entity's row of risk_classes, and its name. */
    private record Found(Row riskClass, String name) {
        <T> T get(String column) {
            return riskClass.getAs(column);
        }
    }

    @Override
    public Integer call() {
        lookup = options.lookup();
        boolean zh = options.lang == Options.Lang.zh;
        Found found = entity(entity);
        knownAt = found.get("known_at");
        String id = found.get("entity_id");
        Index index = options.policy().on(options.asOf);
        List<Row> contributions =
                new ArrayList<>(lookup.rows("contributions", options.asOf, "entity_id", List.of(id), CONTRIBUTION));
        contributions.addAll(lookup.rows("associations", options.asOf, "entity_id", List.of(id), ASSOCIATION));
        List<Row> holds = lookup.rows("holds", options.asOf, "entity_id", List.of(id), HELD);
        holds.stream().filter(row -> row.getAs("field").equals(Index.GENERAL)).forEach(contributions::add);
        contributions.sort(WEIGHTIEST_FIRST);
        List<Special> specials = specials(id, holds);
        List<Row> all = new ArrayList<>(contributions);
        specials.forEach(special -> all.addAll(special.contributions));
        Evidence sources = Evidence.of(lookup, options.asOf, knownAt, id, all);
        PrintWriter out = options.out();
        String riskClass = found.get("risk_class");
        for (Row was : moved) {
            out.printf(
                    zh ? "%s 已并入 %s（%s 起知悉）%n" : "%s was merged into %s (known from %s)%n",
                    was.<String>getAs("entity_id"),
                    was.<String>getAs("moved_to"),
                    was.<LocalDate>getAs("known_from"));
        }
        out.printf("%s  %s%n", id, found.name());
        out.printf(
                zh ? "评价日 %s，知悉截止 %s，政策版本 %s%n" : "as of %s, known at %s, policy version %s%n",
                options.asOf,
                knownAt,
                found.<String>get("policy_version"));
        if (riskClass.equals(NONE)) {
            String because = found.get("unclassified_because");
            out.printf(
                    zh ? "不分类：%s%n" : "Not classified: %s%n",
                    index.name(because).in(options.lang.name()));
        } else {
            out.printf(
                    zh ? "类别 %s，风险分 %d（按分值为 %s 类）%n" : "Class %s, score %d (class %s by score alone)%n",
                    riskClass,
                    found.<Integer>get("score"),
                    found.<String>get("class_by_score"));
        }
        worse(out, found.get("city_class"), found.get("province_class"), zh);
        for (Row c : contributions) {
            contribution(out, c, index, sources, zh);
        }
        if (!riskClass.equals(NONE)) {
            int sum = contributions.stream()
                    .mapToInt(c -> c.<Integer>getAs("counted"))
                    .sum();
            out.printf(Locale.ROOT, zh ? "%5d  合计%n" : "%5d  in all%n", sum);
        }
        for (Special special : specials) {
            tell(out, special, sources, zh);
        }
        List<Foretold> foretold = Foretold.of(lookup, options.asOf, knownAt, id);
        foretold.forEach(one -> one.tell(out, zh));
        List<Row> terms = lookup.rows("terms", options.asOf, "entity_id", List.of(id), TERM).stream()
                .sorted(Comparator.comparing(
                                (Row row) -> row.<LocalDate>getAs("ends_on"),
                                Comparator.nullsLast(Comparator.naturalOrder()))
                        .thenComparing(row -> row.<String>getAs("term"))
                        .thenComparing(row -> row.<String>getAs("record_id")))
                .toList();
        tell(out, terms, zh);
        if (options.json) {
            ObjectNode json = json(found, contributions, sources);
            ArrayNode dates = json.putArray("terms");
            terms.forEach(row -> dates.addObject()
                    .put("term", row.<String>getAs("term"))
                    .put("record_id", row.<String>getAs("record_id"))
                    .put("begins_on", String.valueOf(row.<LocalDate>getAs("begins_on")))
                    .put(
                            "ends_on",
                            row.getAs("ends_on") == null
                                    ? null
                                    : row.getAs("ends_on").toString())
                    .put("state", row.<String>getAs("state")));
            foretold.forEach(one -> json.withArray("predictions").add(one.json()));
            for (Special special : specials) {
                ObjectNode one = json.withArray("specialised").addObject();
                CLASS_IN_A_FIELD.forEach(column -> {
                    Object value = special.row.getAs(column);
                    if (value instanceof Integer number) {
                        one.put(column, number);
                    } else {
                        one.put(column, (String) value);
                    }
                });
                rows(one.putArray("contributions"), special.contributions, sources);
            }
            out.println(json);
        }
        return 0;
    }

    /**
     * A class in a field.
     *
     * @param row of special_classes
     * @param index by which it came about
     */
    private record Special(Row row, Index index, List<Row> contributions) {}

    private List<Special> specials(String id, List<Row> holds) {
        Specialised fields = options.policy().specialised(options.asOf);
        Map<String, List<Row>> rows = Stream.concat(
                        lookup
                                .rows("special_contributions", options.asOf, "entity_id", List.of(id), IN_A_FIELD)
                                .stream(),
                        holds.stream())
                .filter(row -> !row.getAs("kind").equals("member"))
                .sorted(WEIGHTIEST_FIRST)
                .collect(Collectors.groupingBy(row -> row.getAs("field")));
        return lookup.rows("special_classes", options.asOf, "entity_id", List.of(id), CLASS_IN_A_FIELD).stream()
                .sorted(Comparator.comparing(row -> row.<String>getAs("field")))
                .flatMap(row -> fields.field(row.getAs("field")).stream()
                        .map(index -> new Special(row, index, rows.getOrDefault(index.id(), List.of()))))
                .toList();
    }

    private void tell(PrintWriter out, Special special, Evidence sources, boolean zh) {
        String lang = options.lang.name();
        String general = special.row.getAs("general_class");
        out.printf(
                Locale.ROOT,
                zh
                        ? "%n%s：%s 类，专业风险分 %d（按分值为 %s 类）；%s；方案：%s%n"
                        : "%n%s: class %s, score %d (class %s by score alone); %s; scheme: %s%n",
                options.policy().fields().get(special.index.id()).name().in(lang),
                special.row.<String>getAs("special_class"),
                special.row.<Integer>getAs("score"),
                special.row.<String>getAs("class_by_score"),
                general == null
                        ? (zh ? "无通用类别" : "no general class")
                        : String.format(
                                zh ? "通用 %s 类，该领域从差按 %s 类" : "general class %s, so %s counts in the field",
                                general,
                                special.row.<String>getAs("combined_class")),
                special.index.classes().name().in(lang));
        worse(out, special.row.getAs("city_class"), special.row.getAs("province_class"), zh);
        special.contributions.forEach(c -> contribution(out, c, special.index, sources, zh));
    }

    /** Whose class counts, where the province gave one too. */
    private static void worse(PrintWriter out, String city, String province, boolean zh) {
        if (province != null) {
            out.printf(
                    zh
                            ? "本市 %s 类，省级 %s 类，从差按 %s 类%n"
                            : "Class %s by the city, %s by the province: the worse counts, %s%n",
                    city,
                    province,
                    city.compareTo(province) > 0 ? city : province);
        }
    }

    /** Terms that run, were missed or are open, the first to end first. */
    private void tell(PrintWriter out, List<Row> terms, boolean zh) {
        if (!terms.isEmpty()) {
            out.println(zh ? "\n期限：" : "\nTerms:");
        }
        for (Row row : terms) {
            LocalDate ends = row.getAs("ends_on");
            Optional<Term> term = options.policy().term(row.getAs("term"));
            String until = ends == null
                    ? (zh ? "届满日未定" : "end not known yet")
                    : switch (term.map(Term::kind).orElse(Term.Kind.lasts)) {
                        case lasts -> zh ? ends + " 届满" : "over on " + ends;
                        case due -> zh ? "限 " + ends + " 前（含当日）" : "by " + ends;
                        case opens -> zh ? ends + " 起" : "from " + ends;
                    };
            out.printf(
                    "  %s  %s%s  %s%n",
                    term.map(t -> t.name().in(options.lang.name())).orElse(row.getAs("term")),
                    until,
                    row.getAs("state").equals("overdue") ? (zh ? "（已逾期）" : " (overdue)") : "",
                    row.<String>getAs("record_id"));
        }
    }

    private void contribution(PrintWriter out, Row c, Index index, Evidence sources, boolean zh) {
        String indicator = c.getAs("indicator");
        String floor = c.getAs("class_floor");
        BigDecimal value = c.getAs("value");
        String say = index.words(indicator)
                .in(options.lang.name())
                .replace(
                        "{value}",
                        value == null ? "" : value.stripTrailingZeros().toPlainString());
        if (c.getAs("kind").equals("step")) {
            boolean worse = value.signum() > 0;
            out.printf(
                    "   %s  %s  [%s]%n", zh ? (worse ? "风险上调" : "风险下调") : (worse ? "worse" : "better"), say, indicator);
        } else if (floor == null) {
            BigDecimal points = c.getAs("points");
            String before = points.compareTo(BigDecimal.valueOf(c.<Integer>getAs("counted"))) == 0
                    ? ""
                    : (zh ? "，封顶和取整前 " : ", before cap and rounding ")
                            + points.stripTrailingZeros().toPlainString();
            out.printf(
                    Locale.ROOT,
                    "%+5d  %s  [%s, %s%s]%n",
                    c.<Integer>getAs("counted"),
                    say,
                    indicator,
                    c.<String>getAs("group"),
                    before);
        } else {
            String mark = c.getAs("kind").equals("province") ? " " : "≥";
            out.printf("   %s%s  %s  [%s]%n", mark, floor, say, indicator);
        }
        if (isFromOthers(c) || tellsOfOthers(c)) {
            others(out, c, index);
            return;
        }
        if (has(c, "run_on")) {
            out.printf(zh ? "         月末 %s%n" : "         at the run of %s%n", c.<LocalDate>getAs("run_on"));
        }
        for (String record : Evidence.records(c)) {
            Evidence.Source source = sources.source(c, record);
            out.printf(
                    "         %s  %s%s%n",
                    record,
                    source == null
                            ? (zh ? "（未收到）" : "(nothing received)")
                            : source.file() + (zh ? " 第 " + source.line() + " 行" : " line " + source.line()),
                    source == null ? "" : whose(source));
        }
        int listed = Evidence.records(c).size();
        int all = c.getAs("evidence_count");
        if (all > listed) {
            out.printf(zh ? "         …… 共 %d 条%n" : "         … %d records in all%n", all);
        }
    }

    /** Whether its records are other entities. */
    private static boolean tellsOfOthers(Row c) {
        return Stream.of(c.<String>getAs("source_table").split(","))
                .anyMatch(table -> !table.isEmpty() && Hysteresis.ofOthers(table));
    }

    private static boolean isFromOthers(Row c) {
        return has(c, "path");
    }

    private static boolean has(Row c, String column) {
        return List.of(c.schema().fieldNames()).contains(column);
    }

    /** The ties from the enterprise out, one a line, each with who stands at its other end; without ties those it comes from. */
    private void others(PrintWriter out, Row c, Index index) {
        boolean zh = options.lang == Options.Lang.zh;
        List<String> path = isFromOthers(c) ? c.getList(c.fieldIndex("path")) : List.of();
        Map<String, String> ties = new LinkedHashMap<>();
        Evidence.records(c).forEach(id -> ties.put(id, ""));
        path.forEach(step -> {
            ties.remove(step.substring(step.indexOf(' ') + 1)); // in the order of the path
            ties.put(
                    step.substring(step.indexOf(' ') + 1),
                    index.words(step.substring(0, step.indexOf(' '))).in(options.lang.name()));
        });
        Map<String, String> classes = new HashMap<>();
        lookup.rows("risk_classes", options.asOf, "entity_id", ties.keySet(), CLASS)
                .forEach(row -> classes.put(row.getAs("entity_id"), row.getAs("risk_class")));
        Map<String, Integer> own = new HashMap<>();
        lookup.rows("contributions", options.asOf, "entity_id", ties.keySet(), List.of("entity_id", "counted"))
                .forEach(row -> own.merge(row.getAs("entity_id"), row.<Integer>getAs("counted"), Integer::sum));
        Map<String, String> names = new HashMap<>();
        lookup.rows("entities", null, "entity_id", ties.keySet(), VERSION).stream()
                .filter(version -> Lookup.known(version, knownAt))
                .forEach(version -> names.put(version.getAs("entity_id"), version.getAs("name")));
        ties.forEach((id, tie) -> {
            String riskClass = NONE.equals(classes.get(id)) ? null : classes.get(id);
            out.printf(
                    "         ← %s  %s%s%s%n",
                    id,
                    names.getOrDefault(id, ""),
                    riskClass == null
                            ? ""
                            : String.format(
                                    zh ? "  %s 类，自身 %d 分" : "  class %s, %d points of its own",
                                    riskClass,
                                    own.getOrDefault(id, 0)),
                    tie.isEmpty() ? "" : zh ? "（" + tie + "）" : " (" + tie + ")");
        });
        int all = c.getAs("evidence_count");
        if (all > ties.size()) {
            out.printf(zh ? "         …… 共 %d 家%n" : "         … %d enterprises in all%n", all);
        }
    }

    /** How a record without a good number was linked to the entity; nothing of one that gave its number. */
    private String whose(Evidence.Source source) {
        boolean zh = options.lang == Options.Lang.zh;
        return switch (String.valueOf(source.tier())) {
            case "name_area" -> zh ? "  按名称和区县归集" : "  linked by its name in the county";
            case "accepted" -> zh ? "  经人工复核归集" : "  linked by a person's decision";
            case "probable" ->
                link(source)
                        .map(link -> String.format(
                                zh ? "  按指称归集，概率 %s（%s）" : "  linked by what it says, probability %s (%s)",
                                link.<BigDecimal>getAs("probability"),
                                options.policy().links().inWords(link.<String>getAs("why"), options.lang.name())))
                        .orElse("");
            default -> "";
        };
    }

    /** The row of links by which a record was linked, as it was known for the class of the day. */
    private Optional<Row> link(Evidence.Source source) {
        return links
                .computeIfAbsent(source.party(), party -> lookup.rows("links", null, "party", List.of(party), LINK))
                .stream()
                .filter(link -> link.<LocalDate>getAs("day").equals(source.day()) && Lookup.known(link, knownAt))
                .findFirst();
    }

    private ObjectNode json(Found found, List<Row> contributions, Evidence sources) {
        ObjectNode json = Json.object()
                .put("command", "explain")
                .put("entity_id", found.<String>get("entity_id"))
                .put("name", found.name())
                .put("as_of", options.asOf.toString())
                .put("known_at", found.get("known_at").toString())
                .put("policy_version", found.<String>get("policy_version"))
                .put("risk_class", found.<String>get("risk_class"))
                .put("score", found.<Integer>get("score"))
                .put("class_by_score", found.<String>get("class_by_score"))
                .put("city_class", found.<String>get("city_class"))
                .put("province_class", found.<String>get("province_class"));
        rows(json.putArray("contributions"), contributions, sources);
        return json;
    }

    private void rows(ArrayNode rows, List<Row> contributions, Evidence sources) {
        for (Row c : contributions) {
            ObjectNode node = rows.addObject()
                    .put("indicator", c.<String>getAs("indicator"))
                    .put("kind", c.<String>getAs("kind"))
                    .put("points", c.<BigDecimal>getAs("points").toPlainString())
                    .put("counted", c.<Integer>getAs("counted"))
                    .put("class_floor", c.<String>getAs("class_floor"));
            if (isFromOthers(c)) {
                node.set("path", Json.of(c.getList(c.fieldIndex("path"))));
            }
            ArrayNode evidence = node.putArray("evidence");
            for (String record : Evidence.records(c)) {
                Evidence.Source source = sources.source(c, record);
                ObjectNode one = evidence.addObject().put("record_id", record);
                if (source != null) {
                    one.put("file", source.file()).put("line", source.line()).put("link_tier", source.tier());
                    if ("probable".equals(source.tier())) {
                        link(source)
                                .ifPresent(link -> one.put("probability", link.<BigDecimal>getAs("probability"))
                                        .put("why", link.<String>getAs("why")));
                    }
                }
            }
        }
    }

    /**
     * The entity that bears the id, code or name in the version that was known for its class of the day; where that was merged into
     * another by the day, the other.
     */
    private Found entity(String entity) {
        String code = entity.strip().toUpperCase(Locale.ROOT);
        String name = Text.nameKey(entity);
        Map<String, Set<String>> borne = Map.of(
                "entity_id",
                new TreeSet<>(List.of(entity, code)),
                "credit_code",
                Set.of(code),
                "reg_no",
                Set.of(entity),
                "name_key",
                name == null ? Set.of() : Set.of(name));
        Set<String> ids =
                new TreeSet<>(); // by one column after the other: pages are passed over by one, not by any of four
        borne.forEach((column, values) -> lookup.rows("entities", null, column, values, List.of("entity_id"))
                .forEach(row -> ids.add(row.getString(0))));
        Map<String, List<Row>> versions = lookup.rows("entities", null, "entity_id", ids, VERSION).stream()
                .filter(version -> borne.entrySet().stream()
                        .anyMatch(e -> version.getAs(e.getKey()) != null
                                && e.getValue().contains(version.<String>getAs(e.getKey()))))
                .collect(Collectors.groupingBy(version -> version.<String>getAs("entity_id")));
        List<Found> found = lookup.rows("risk_classes", options.asOf, "entity_id", versions.keySet(), CLASS).stream()
                .flatMap(riskClass -> versions.get(riskClass.<String>getAs("entity_id")).stream()
                        .filter(version -> Lookup.known(version, riskClass.getAs("known_at")))
                        .map(version -> new Found(riskClass, version.getAs("name"))))
                .sorted(Comparator.comparing(f -> f.<String>get("entity_id")))
                .limit(10)
                .toList();
        List<Row> merged = versions.values().stream()
                .flatMap(List::stream)
                .filter(version -> version.getAs("moved_to") != null && version.<Boolean>getAs("withdrawn"))
                .filter(version -> Lookup.known(version, options.knownAt()))
                .toList();
        if (found.isEmpty() && merged.size() == 1 && moved.add(merged.get(0))) {
            return entity(merged.get(0).getAs("moved_to"));
        }
        if (found.isEmpty()) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot explain " + entity + ": no entity of that id, credit code or name has a class on "
                            + options.asOf
                            + ". Build the day with `banyan build all`, or look the entity up in the list.");
        }
        if (found.size() > 1) {
            throw new Refusal(
                    Refusal.Exit.USAGE,
                    "Cannot explain " + entity + ": " + found.size() + " entities bear that name. Give one of "
                            + String.join(
                                    ", ",
                                    found.stream()
                                            .map(f -> f.<String>get("entity_id"))
                                            .toList())
                            + ".");
        }
        return found.get(0);
    }
}
