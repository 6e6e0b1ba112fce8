package banyan.jobs.bench;

import banyan.jobs.conform.Party;
import banyan.models.Index;
import banyan.models.LinkModel;
import banyan.models.Policy;
import banyan.models.Term;
import banyan.schemas.Codes;
import banyan.schemas.Contract;
import banyan.schemas.Workdays;
import java.text.Normalizer;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What the peer's SQL takes from contracts, code lists and policy, as SQL text. */
final class SqlWords {
    private static final List<String> LISTS = List.of(
            "address_kinds",
            "areas",
            "complaint_kinds",
            "entity_kinds",
            "flags",
            "listing_reasons",
            "lists",
            "outcomes",
            "penalty_kinds",
            "results",
            "sampling_kinds",
            "sectors",
            "stages",
            "statuses");
    private static final List<String> NAMED = List.of("areas", "sectors");
    private static final List<String> LINEAGE =
            List.of("sender", "delivery", "file", "line", "received_on", "row_hash");

    /** Columns of words: the case they are written in means nothing. */
    private static final Set<String> WORDS = Set.of(
            "address_kind",
            "case_filed",
            "entity_kind",
            "kind",
            "list",
            "outcome",
            "reason",
            "rechecked",
            "result",
            "severity",
            "stage",
            "status",
            "verified");

    private SqlWords() {}

    static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** The signs that {@code Text.clean} brings to half width: U+3000 and U+FF01 to U+FF5E. */
    static String wide() {
        StringBuilder wide = new StringBuilder("　");
        for (char c = '！'; c <= '～'; c++) {
            wide.append(c);
        }
        return wide.toString();
    }

    static String narrow() {
        StringBuilder narrow = new StringBuilder(" ");
        for (char c = '!'; c <= '~'; c++) {
            narrow.append(c);
        }
        return narrow.toString();
    }

    /** One macro a code list from words to codes, and for two of them one from codes to names. */
    static String codes() {
        List<String> macros = new ArrayList<>();
        for (String list : LISTS) {
            String cases =
                    Codes.of(list).codes().stream().map(SqlWords::meaning).collect(Collectors.joining("\n    "));
            macros.add("CREATE MACRO code_" + list + "(word) AS CASE\n    " + cases + " END;\n");
        }
        for (String list : NAMED) {
            String cases = Codes.of(list).codes().stream()
                    .map(code -> "WHEN " + quoted(code.code()) + " THEN " + quoted(code.zh()))
                    .collect(Collectors.joining("\n    "));
            macros.add("CREATE MACRO name_" + list + "(code) AS CASE code\n    " + cases + " END;\n");
        }
        return String.join("\n", macros);
    }

    private static String meaning(Codes.Code code) {
        String words = Stream.concat(code.synonyms().stream(), Stream.of(code.code(), code.zh()))
                .map(word ->
                        Normalizer.normalize(word, Normalizer.Form.NFKC).strip().toLowerCase(Locale.ROOT))
                .distinct()
                .map(SqlWords::quoted)
                .collect(Collectors.joining(", "));
        return "WHEN word IN (" + words + ") THEN " + quoted(code.successor() == null ? code.code() : code.successor());
    }

    /** The columns of a raw table that its senders fill. */
    static List<String> delivered(String table) {
        return Contract.of(table).columnNames().stream()
                .filter(column -> !LINEAGE.contains(column))
                .toList();
    }

    /** The columns of a raw table in half width, as {@code t_<column>}, each computed once however often it is looked at. */
    static String cleaned(String table) {
        return delivered(table).stream()
                .map(c -> (WORDS.contains(c) ? "lower(clean(" + c + "))" : "clean(" + c + ")") + " AS t_" + c)
                .collect(Collectors.joining(", "));
    }

    /** Whether a delivered record breaks the contract of its raw table. */
    static String broken(String table) {
        return rules(table).map(rule -> rule[0]).collect(Collectors.joining(" OR "));
    }

    /** Which rules a record breaks, in words. */
    static String rules(String table, String between) {
        return rules(table)
                .map(rule -> "CASE WHEN " + rule[0] + " THEN " + quoted(rule[1]) + " END")
                .collect(Collectors.joining(between));
    }

    private static Stream<String[]> rules(String table) {
        List<String[]> rules = new ArrayList<>();
        for (Contract.Property property : Contract.of(table).properties()) {
            String name = property.name();
            if (LINEAGE.contains(name)) {
                continue;
            }
            if (property.required()) {
                rules.add(new String[] {"(" + name + " IS NULL OR trim(" + name + ") = '')", name + " is required"});
            }
            if (property.logicalTypeOptions().containsKey("pattern")) {
                String pattern = property.logicalTypeOptions().get("pattern").toString();
                rules.add(new String[] {
                    "NOT regexp_full_match(" + name + ", " + quoted(pattern) + ")", name + " has the wrong form"
                });
            }
        }
        return rules.stream();
    }

    /** What scoring leaves out of a conformed table: what had not happened by the day, or was repaired. */
    static String happened(String table, String day) {
        Contract contract = Contract.of(table);
        String happened = contract.custom("happened")
                .map(column -> "AND " + column + " <= DATE '" + day + "' ")
                .orElse("");
        String repaired = contract.custom("repaired")
                .map(column -> "AND (" + column + " IS NULL OR " + column + " > DATE '" + day + "') ")
                .orElse("");
        return happened + repaired;
    }

    /** Indicators, rules and steps in words, as cases over {@code indicator} with {@code value} put in. */
    static String said(Index index) {
        return Stream.of(
                        index.indicators().stream().map(i -> i.id()),
                        index.rules().stream().map(r -> r.id()),
                        index.steps().stream().map(s -> s.id()),
                        Stream.ofNullable(index.classes().hysteresis()).map(h -> h.id()))
                .flatMap(ids -> ids)
                .map(id -> "WHEN " + quoted(id) + " THEN replace("
                        + quoted(index.words(id).zh()) + ", '{value}', value)")
                .collect(Collectors.joining("\n        "));
    }

    /** The fields in words, as cases over their ids. */
    static String fields(Policy policy, LocalDate day) {
        return policy.specialised(day).fields().stream()
                .map(field -> "WHEN " + quoted(field.id()) + " THEN "
                        + quoted(policy.fields().get(field.id()).name().zh()))
                .collect(Collectors.joining(" "));
    }

    /** Day, number, and the day so many working days after it, as rows: of each number a term has, and each day of a year. */
    static String workdays(LocalDate until, List<Term> terms) {
        List<Integer> numbers = terms.stream()
                .flatMap(term -> term.ends().stream())
                .map(Term.Line::workdays)
                .filter(Objects::nonNull)
                .distinct()
                .toList();
        List<String> rows = new ArrayList<>();
        for (LocalDate day = until.minusYears(1); !day.isAfter(until); day = day.plusDays(1)) {
            for (int n : numbers) {
                String after = Workdays.official()
                        .after(day, n)
                        .map(due -> "DATE '" + due + "'")
                        .orElse("CAST(NULL AS DATE)");
                rows.add("(DATE '" + day + "', " + n + ", " + after + ")");
            }
        }
        return String.join(", ", rows);
    }

    /** What {@code words.sql} needs to take a party apart as {@link Party} does. */
    static Map<String, String> patterns(Party party) {
        return Map.ofEntries(
                Map.entry("counties", quoted(party.counties())),
                Map.entry(
                        "parents",
                        party.parents().stream().map(SqlWords::quoted).collect(Collectors.joining(", "))),
                Map.entry("passed_over", quoted(party.passedOver())),
                Map.entry("regions", quoted("^" + party.regions() + "+")),
                Map.entry("companies", quoted(party.companies())),
                Map.entry("forms", quoted("(.)" + party.forms() + "$")),
                Map.entry("places", quoted("^" + party.places())),
                Map.entry("township", quoted(Party.TOWNSHIP)),
                Map.entry("road", quoted(Party.ROAD)));
    }

    /** The level of each comparison of a pair, as {@code level_<n>}; −1 where missing. */
    static String levels(LinkModel model) {
        return numbered(model.comparisons().size())
                .mapToObj(c -> {
                    LinkModel.Comparison comparison = model.comparisons().get(c);
                    String missing = comparison.missing() == null ? "" : "WHEN " + comparison.missing() + " THEN -1 ";
                    return numbered(comparison.levels().size())
                            .mapToObj(l ->
                                    "WHEN " + comparison.levels().get(l).when().replace(" div ", " // ") + " THEN " + l)
                            .collect(Collectors.joining(" ", "CASE " + missing, " END AS level_" + c));
                })
                .collect(Collectors.joining(", "));
    }

    /** How many candidates of a party came out at a level where that is counted, as {@code alike_<comparison>_<level>}. */
    static String alike(LinkModel model) {
        List<String> counts = new ArrayList<>();
        for (int c = 0; c < model.comparisons().size(); c++) {
            List<LinkModel.Level> levels = model.comparisons().get(c).levels();
            for (int l = 0; l < levels.size(); l++) {
                if (levels.get(l).u() == null) {
                    counts.add("count(DISTINCT candidate) FILTER (WHERE level_" + c + " = " + l + ") AS alike_" + c
                            + "_" + l);
                }
            }
        }
        return String.join(", ", counts);
    }

    /** What a pair weighs, in hundredths of a bit. */
    static String weight(LinkModel model) {
        return numbered(model.comparisons().size())
                .mapToObj(c -> numbered(model.comparisons().get(c).levels().size())
                        .mapToObj(l -> "WHEN " + l + " THEN " + weight(model, c, l))
                        .collect(Collectors.joining(" ", "CASE level_" + c + " ", " ELSE 0 END")))
                .collect(Collectors.joining(" + "));
    }

    private static String weight(LinkModel model, int c, int l) {
        LinkModel.Level level = model.comparisons().get(c).levels().get(l);
        return level.u() != null
                ? "least(" + level.weight() + ", CAST(round(100 * (log2(" + level.m()
                        + ") + getvariable('bits'))) AS INTEGER))"
                : "CAST(round(100 * (log2(" + level.m() + ") + getvariable('bits') - log2(greatest(1, alike_" + c + "_"
                        + l + ", CASE WHEN many_" + level.borne() + " THEN " + model.bearers()
                        + " ELSE 1 END)))) AS INTEGER)";
    }

    private static IntStream numbered(int many) {
        return IntStream.range(0, many);
    }
}
