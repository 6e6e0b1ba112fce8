package banyan.jobs.bench;

import banyan.jobs.Json;
import banyan.jobs.Refusal;
import banyan.jobs.conform.Party;
import banyan.jobs.ingest.DeliveredFile;
import banyan.jobs.ingest.Deliveries;
import banyan.jobs.publish.SupervisionList;
import banyan.models.Hysteresis;
import banyan.models.LinkModel;
import banyan.models.Policy;
import banyan.schemas.Contract;
import banyan.schemas.Signs;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.LocalDate;
import java.time.MonthDay;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The same work in DuckDB, in a process of its own: every delivered file as text with lineage and row hash, contracts, conformed tables
 * with their versions, links, obligations, indicators, classes, those of the fields too, terms, and the lists with their reasons, all kept
 * as Parquet, the lists as CSV too.
 * The SQL, {@code resources/bench/*.sql}, is written by hand for this engine, to win.
 *
 * <p>It knows only what a benchmark's deliveries hold: CSV in the columns of the raw contracts, in the contract's order, UTF-8, no field
 * that runs over lines; an empty lake; the policy that is packaged. It makes no report, workbook or CSV for Excel, proves no gate, and
 * keeps no Delta log. Where the memory it is given is too little, it says so and in which statement. With {@code -Dbench.trace} it tells on
 * stderr what each statement took.
 */
public final class DuckDbPeer {
    private static final List<String> RAW = List.of(
            "raw_registrations", "raw_samplings", "raw_complaints", "raw_penalties", "raw_reports", "raw_listings");

    /** What is a small fine, and until when a penalty is public: {@code policy/terms/penalty_publicity.yaml}. */
    private static final String PUBLIC_UNTIL = """
            CASE WHEN entity_id LIKE '92%' THEN 2000 ELSE 30000 END AS small_fine,
            CAST(coalesce(published_on, decided_on) + to_months(CASE
                WHEN kinds = ['warning'] THEN NULL
                WHEN list_has_any(kinds, ['licence_revoked', 'business_closed', 'suspension', 'restriction', 'downgrade']) THEN 36
                WHEN NOT list_contains(kinds, 'confiscation') AND amount_yuan <= small_fine THEN 3
                WHEN coalesce(published_on, decided_on) < DATE '2026-04-01' OR amount_yuan >= 1000000 THEN 36
                ELSE 12 END) AS DATE) AS public_until""";

    /** Conformed table → the columns that scoring reads, and a condition on them. */
    private static final Map<String, String[]> FACTS = new LinkedHashMap<>();

    static {
        FACTS.put("reports", new String[] {
            "eid, credit_code, report_year, filed_on, assets_yuan, liabilities_yuan, revenue_yuan, profit_yuan, tax_yuan",
            ""
        });
        FACTS.put("samplings", new String[] {
            "eid, record_id, kind, item, reported_on, result, rechecked, severity, credit_code, entity_name,"
                    + " producer_credit_code, producer_name, file, line",
            "AND result = 'fail'"
        });
        FACTS.put("complaints", new String[] {
            "eid, record_id, kind, problem, outcome, verified, case_filed, filed_on, closed_on",
            "AND kind <> 'consultation' AND eid IS NOT NULL"
        });
        FACTS.put("penalties", new String[] {
            "eid, record_id, violation, kinds, amount_yuan, decided_on, published_on, " + PUBLIC_UNTIL,
            "AND eid IS NOT NULL AND (public_until IS NULL OR DATE '${as_of}' < public_until)"
        });
        FACTS.put("listings", new String[] {"eid, record_id, list, reason, listed_on, removed_on", "AND eid IS NOT NULL"
        });
    }

    /** The day that a record speaks of. */
    private static final Map<String, String> DAYS = Map.of(
            "reports", "as_day(t_filed_on)",
            "samplings", "coalesce(as_day(t_sampled_on), as_day(t_reported_on))",
            "complaints", "as_day(t_filed_on)",
            "penalties", "as_day(t_decided_on)",
            "listings", "as_day(t_listed_on)");

    private final Connection duck;
    private final Deliveries deliveries;
    private final Path out;
    private final LocalDate day;
    private final Clock clock;
    private final ArrayNode stages;

    private DuckDbPeer(Connection duck, Deliveries deliveries, Path out, LocalDate day, Clock clock, ArrayNode stages) {
        this.duck = duck;
        this.deliveries = deliveries;
        this.out = out;
        this.day = day;
        this.clock = clock;
        this.stages = stages;
    }

    /** Arguments: deliveries, out, day, threads, memory in bytes. The last line of stdout is a JSON object. */
    public static void main(String[] args) throws IOException, SQLException {
        Path out = Path.of(args[1]);
        LocalDate day = LocalDate.parse(args[2]);
        for (String folder : List.of("1-raw", "2-conformed", "3-scored", "4-published", "spill")) {
            Files.createDirectories(out.resolve(folder));
        }
        ObjectNode told = Json.object();
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:")) {
            DuckDbPeer peer = new DuckDbPeer(
                    duck, Deliveries.in(Path.of(args[0]), day), out, day, Clock.systemUTC(), told.putArray("stages"));
            peer.run("SET threads = " + Integer.parseInt(args[3]));
            peer.run("SET memory_limit = '" + Long.parseLong(args[4]) / 1024 + "KiB'");
            peer.run("SET temp_directory = "
                    + SqlWords.quoted(out.resolve("spill").toString()));
            try {
                peer.work();
                told.set("classes", peer.classes());
            } catch (SQLException e) {
                told.put("unfinished", peer.outOfMemory(e));
            }
        }
        new PrintStream(System.out, true, StandardCharsets.UTF_8).println(told);
    }

    /** In which statement the memory given was too little, as its stage's end; whatever else went wrong is a fault. */
    private String outOfMemory(SQLException e) throws SQLException {
        String what = e.getMessage().lines().findFirst().orElse("");
        if (!what.contains("Out of Memory")) {
            throw e;
        }
        stages.addObject()
                .put("stage", Peer.STAGES.get(Math.min(stages.size(), Peer.STAGES.size() - 1)))
                .put("ended", clock.millis())
                .put("rows", 0);
        return what;
    }

    private void work() throws SQLException {
        Map<String, String> with = new LinkedHashMap<>();
        Policy policy = Policy.packaged();
        int closed = MonthDay.from(day).isAfter(MonthDay.of(6, 30)) ? 1 : 2;
        with.put("out", out.toString());
        with.put("as_of", day.toString());
        with.put("known_at", day.toString());
        with.put("last_due", Integer.toString(day.getYear() - closed));
        with.put(
                "stamp",
                "DATE '" + day + "' AS as_of, DATE '" + day + "' AS known_at, '" + policy.version()
                        + "' AS policy_version");
        with.put("wide", SqlWords.quoted(SqlWords.wide()));
        with.put("narrow", SqlWords.quoted(SqlWords.narrow()));
        with.put("written", SqlWords.quoted(Signs.written()));
        with.put("meant", SqlWords.quoted(Signs.meant()));
        with.put("codes", SqlWords.codes());
        with.put("said", SqlWords.said(policy.on(day)));
        with.put(
                "said_in_fields",
                policy.specialised(day).fields().stream()
                        .map(SqlWords::said)
                        .collect(Collectors.joining("\n        ")));
        with.put("fields", SqlWords.fields(policy, day));
        with.put("workdays", SqlWords.workdays(day, policy.terms()));
        with.put("notice", SupervisionList.notice("zh"));
        with.put("links", Script.named("links").text());
        run(
                "CREATE TABLE files (tbl VARCHAR, file_no INTEGER, path VARCHAR, file VARCHAR, delivery VARCHAR, received_on DATE)");
        run("CREATE TABLE quarantine (tbl VARCHAR, file VARCHAR, line BIGINT, broken VARCHAR)");
        run("CREATE TABLE counted (tbl VARCHAR, n BIGINT)");
        script("macros", with);
        ingest(with);
        ends("ingest", "SELECT sum(n) FROM counted WHERE tbl LIKE 'raw_%'");
        conform(with);
        ends("conform", "SELECT sum(n) FROM counted WHERE tbl NOT LIKE 'raw_%'");
        script("obligations", with);
        measure(policy, with);
        for (String part : List.of("score", "rates", "special", "terms")) {
            script(part, with);
        }
        ends("score", "SELECT sum(n) FROM counted WHERE tbl IN ('obligations', 'contributions', 'risk_classes')");
        script("publish", with);
        ends("publish", "SELECT sum(n) FROM counted WHERE tbl = 'supervision_list'");
    }

    /** What all score by the index they are classified by, at the runs that are looked back to and, last, on the day. */
    private void measure(Policy policy, Map<String, String> with) throws SQLException {
        List<LocalDate> runs = policy.on(day).hysteresis().map(Hysteresis::runs).orElse(List.of());
        for (LocalDate at : Stream.concat(runs.stream(), Stream.of(day)).toList()) {
            with.put("at", at.toString());
            for (String part : List.of("ages", "wide", "individuals")) {
                script(part, with);
            }
        }
    }

    private void ingest(Map<String, String> with) throws SQLException {
        Map<String, List<DeliveredFile>> files =
                deliveries.files().stream().collect(Collectors.groupingBy(DeliveredFile::table));
        for (String table : RAW) {
            List<String> columns = SqlWords.delivered(table);
            with.put("table", table);
            with.put("names", String.join(", ", columns));
            with.put(
                    "columns",
                    columns.stream().map(c -> "'" + c + "': 'VARCHAR'").collect(Collectors.joining(", ", "{", "}")));
            with.put(
                    "hashed",
                    columns.stream().map(c -> "coalesce(" + c + ", chr(30))").collect(Collectors.joining(", ")));
            String broken = SqlWords.broken(table);
            with.put("broken", broken.isEmpty() ? "false" : broken);
            with.put("rules", broken.isEmpty() ? "''" : "concat_ws('; ', " + SqlWords.rules(table, ", ") + ")");
            list(table, columns, files.getOrDefault(table, List.of()));
            script("ingest", with);
        }
    }

    /** The files of a table, each content once, into {@code files} and the variable {@code files}. */
    private void list(String table, List<String> columns, List<DeliveredFile> files) throws SQLException {
        List<String> paths = new ArrayList<>();
        Set<String> contents = new java.util.HashSet<>();
        try (PreparedStatement row = duck.prepareStatement("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?)")) {
            for (DeliveredFile file : files) {
                if (contents.add(file.sha256())) {
                    refuseOtherColumns(file, columns);
                    paths.add(file.path().toString());
                    row.setString(1, table);
                    row.setInt(2, paths.size());
                    row.setString(3, file.path().toString());
                    row.setString(4, file.name());
                    row.setString(5, file.sha256());
                    row.setObject(6, file.receivedOn());
                    row.execute();
                }
            }
        }
        if (paths.isEmpty()) {
            throw new Refusal(Refusal.Exit.DATA, "Cannot measure: the deliveries hold no file of " + table + ".");
        }
        run("SET VARIABLE files = " + paths.stream().map(SqlWords::quoted).collect(Collectors.joining(", ", "[", "]")));
    }

    private static void refuseOtherColumns(DeliveredFile file, List<String> columns) {
        try (var lines = Files.lines(file.path())) {
            if (file.kind() != null
                    || !file.path().toString().endsWith(".csv")
                    || !lines.findFirst().orElse("").equals(String.join(",", columns))) {
                throw new Refusal(
                        Refusal.Exit.DATA,
                        "Cannot measure with " + file.name()
                                + ": the peers read CSV in the columns of the raw contract, in its order. Give deliveries that"
                                + " banyan generate wrote.");
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void conform(Map<String, String> with) throws SQLException {
        List<String> entities = columns("entities");
        script("signs", with);
        with.put("table", "entities");
        with.put("columns", String.join(", ", Contract.of("entities").columnNames()));
        with.put("kept", String.join(", ", entities));
        with.put("cleaned", SqlWords.cleaned("raw_registrations"));
        script("entities", with);
        script("versions", with);
        script("entity_keys", with);
        parties(with);
        with.put("table", "entities");
        with.put("from", "entities JOIN ids USING (entity_id)");
        with.put(
                "facts",
                "eid, entity_id, record_id, credit_code, name, entity_kind, status, established_on, capital_yuan, paid_in_yuan,"
                        + " industry_code, sector, area_code, address_kind");
        with.put("happened", "");
        script("known", with);
        for (Map.Entry<String, String[]> table : FACTS.entrySet()) {
            String name = table.getKey();
            with.put("table", name);
            with.put("columns", String.join(", ", Contract.of(name).columnNames()));
            with.put("kept", "eid, " + String.join(", ", columns(name)));
            with.put("day", DAYS.get(name));
            with.put("address", address(name));
            with.put("cleaned", SqlWords.cleaned("raw_" + name));
            script(name, with);
            script("versions", with);
            with.put("from", name);
            with.put("facts", table.getValue()[0]);
            with.put(
                    "happened",
                    SqlWords.happened(name, day.toString()) + table.getValue()[1].replace("${as_of}", day.toString()));
            script("known", with);
        }
    }

    /** What records say of parties without a good number, and whom it means. */
    private void parties(Map<String, String> with) throws SQLException {
        LinkModel model = Policy.packaged().links();
        with.putAll(SqlWords.patterns(Party.of(model)));
        with.put("words", fragment("words", with));
        with.put("keys", fragment("keys", with));
        with.put("before", Integer.toString(model.before()));
        with.put("live_on", Integer.toString(model.names_live_on()));
        with.put("bearers", Integer.toString(model.bearers()));
        with.put("odds", "(" + model.prior(1) + ")");
        with.put("accept", Double.toString(model.accept()));
        with.put("review", Double.toString(model.review()));
        with.put("levels", SqlWords.levels(model));
        with.put("alike", SqlWords.alike(model));
        with.put("weight", SqlWords.weight(model));
        script("traits", with);
        for (String table : FACTS.keySet()) {
            with.put("table", table);
            with.put("cleaned", SqlWords.cleaned("raw_" + table));
            with.put("address", address(table));
            with.put("day", DAYS.get(table));
            script("said", with);
        }
        script("parties", with);
    }

    /** SQL that stands within a statement. */
    private static String fragment(String name, Map<String, String> with) {
        return String.join("", Script.named(name).filled(with).statements());
    }

    private static String address(String table) {
        return SqlWords.delivered("raw_" + table).contains("address") ? "t_address" : "CAST(NULL AS VARCHAR)";
    }

    /** The columns of a conformed table but those that {@code versions.sql} gives. */
    private static List<String> columns(String table) {
        return Contract.of(table).columnNames().stream()
                .filter(c -> !c.equals("version") && !c.equals("known_to"))
                .toList();
    }

    private void script(String name, Map<String, String> with) throws SQLException {
        // Filled twice: what is put in for a place may hold places itself.
        for (String statement : Script.named(name).filled(with).filled(with).statements()) {
            try {
                run(statement);
            } catch (SQLException e) {
                throw new SQLException("In bench/" + name + ".sql: " + e.getMessage() + "\n" + statement, e);
            }
        }
    }

    private void run(String sql) throws SQLException {
        long began = System.nanoTime();
        try (Statement statement = duck.createStatement()) {
            statement.execute(sql);
        }
        if (System.getProperty("bench.trace") != null) {
            System.err.printf(
                    "%7d ms  %s%n",
                    (System.nanoTime() - began) / 1_000_000,
                    sql.replaceAll("--.*\n", "").lines().findFirst().orElse(""));
        }
    }

    private void ends(String stage, String rows) throws SQLException {
        try (Statement statement = duck.createStatement();
                ResultSet found = statement.executeQuery(rows)) {
            found.next();
            stages.addObject().put("stage", stage).put("ended", clock.millis()).put("rows", found.getLong(1));
        }
    }

    private ObjectNode classes() throws SQLException {
        ObjectNode classes = Json.object();
        try (Statement statement = duck.createStatement();
                ResultSet found = statement.executeQuery(
                        "SELECT risk_class, count(*) FROM risk_classes GROUP BY ALL ORDER BY risk_class")) {
            while (found.next()) {
                classes.put(found.getString(1), found.getLong(2));
            }
        }
        return classes;
    }
}
