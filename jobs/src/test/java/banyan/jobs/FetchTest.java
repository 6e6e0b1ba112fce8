package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import banyan.jobs.ingest.FrontDatabase;
import banyan.schemas.Rows;
import banyan.schemas.Sender;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sender's PostgreSQL, a real one on loopback, read by the command line as the packaged sender case_front says. */
class FetchTest {
    private static final String TABLE = """
            create schema cf;
            create table cf.xzcf_jd (id bigint primary key, jdswh text, cfjg text, tyshxydm text, dsrmc text, fddbr text, sfzh text,
              xzqh text, wflx text, cfzl text, fkje numeric(20,2), msje numeric(20,2), jdrq date, gsrq date, xfrq date, scbz int,
              gxsj timestamp);
            create role reader login password 'p4ss-w0rd-canary';
            grant usage on schema cf to reader;
            grant select on cf.xzcf_jd to reader;
            """;

    @TempDir
    static Path dir;

    private static EmbeddedPostgres postgres;

    @BeforeAll
    static void start() throws IOException, SQLException {
        postgres = EmbeddedPostgres.builder()
                .setServerConfig("listen_addresses", "127.0.0.1")
                .start();
        sql(TABLE);
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
        Rows.spark().stop();
    }

    @Test
    void whatIsNewBecomesADeliveryAndIsTakenInOnce() throws Exception {
        for (int i = 1; i <= 40; i++) {
            sql(row(i, "案" + i, 1000 * i, "2025-06-01 10:00:" + String.format("%02d", i)));
        }
        sql(row(41, "无时间", 1, null));
        sql(row(42, "未来", 1, "2099-01-01 00:00:00")); // must not hide what comes before that day

        Cli.Ended first = fetch("2025-06-02");
        assertThat(first.code()).as(first.out()).isZero();
        assertThat(first.out())
                .contains("42 rows to 2025-06-02/case_front/cf.xzcf_jd_20250601T100040.000000.parquet")
                .contains("note: 1 rows of cf.xzcf_jd_20250601T100040.000000.parquet are dated after 2025-06-02");
        Path file = dir.resolve("in/2025-06-02/case_front/cf.xzcf_jd_20250601T100040.000000.parquet");
        assertThat(Cli.session().read().parquet(file.toString()).columns())
                .contains("jdswh", "gxsj")
                .doesNotContain("fddbr", "sfzh"); // people do not leave the database
        assertThat(fetched("2025-06-02")).isEmpty();
        Path people = new FrontDatabase(Cli.session(), PEOPLE, account()::get)
                .fetch(dir.resolve("in"), LocalDate.parse("2025-06-02"))
                .get(0)
                .file();
        assertThat(Files.getPosixFilePermissions(dir.resolve("in").resolve(people)))
                .as("a file that tells of people is its owner's alone")
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        Cli.delete(dir.resolve("in/2025-06-02/people_front"));
        run("2025-06-02");

        // Changed; new; and one that was written before the watermark but could be seen only after it.
        sql("update cf.xzcf_jd set fkje = 77, gxsj = '2025-06-03 09:00:00' where id = 7");
        sql(row(50, "新", 5, "2025-06-03 09:30:00"));
        sql(row(51, "迟", 6, "2025-06-01 09:59:59"));
        // The overlap of two hours reaches all of the first reading.
        assertThat(fetched("2025-06-04"))
                .containsExactly("44 rows to 2025-06-04/case_front/cf.xzcf_jd_20250603T093000.000000.parquet");
        run("2025-06-04");

        Lake lake = new Lake(Session.open(), dir.resolve("lake").toString());
        Map<String, String> versions = new TreeMap<>();
        lake.read("penalties")
                .where("decision_no in ('案6', '案7', '新', '迟', '无时间')")
                .selectExpr("decision_no", "concat_ws(' ', known_from, fine_yuan)")
                .collectAsList()
                .forEach(r -> versions.merge(
                        r.getString(0), r.getString(1), (a, b) -> a.compareTo(b) < 0 ? a + ", " + b : b + ", " + a));
        assertThat(versions)
                .containsEntry("案6", "2025-06-02 6000.00")
                .containsEntry("案7", "2025-06-02 7000.00, 2025-06-04 77.00")
                .containsEntry("新", "2025-06-04 5.00")
                .containsEntry("迟", "2025-06-04 6.00")
                .containsEntry("无时间", "2025-06-02 1.00");
        assertThat(lake.read("penalties").count()).isEqualTo(45);

        sql("alter role reader nologin");
        assertThatThrownBy(() -> fetched("2025-06-05"))
                .isInstanceOf(Refusal.class)
                .satisfies(e -> assertThat(((Refusal) e).exit()).isEqualTo(Refusal.Exit.AGAIN))
                .hasMessageContaining("Cannot fetch from case_front")
                .hasMessageNotContaining("canary");
        sql("alter role reader login");
        sql("alter table cf.xzcf_jd rename column wflx to wflx2");
        sql(row(52, "又", 7, "2025-06-04 09:30:00").replace("wflx", "wflx2"));
        assertThatThrownBy(() -> fetched("2025-06-05"))
                .isInstanceOf(Refusal.class)
                .satisfies(e -> assertThat(((Refusal) e).exit()).isEqualTo(Refusal.Exit.DEFINITION))
                .hasMessageContaining("cf.xzcf_jd does not have what violation is made of, wflx");
        sql("alter table cf.xzcf_jd rename column gxsj to gengxin");
        assertThatThrownBy(() -> fetched("2025-06-05"))
                .isInstanceOf(Refusal.class)
                .satisfies(e -> assertThat(((Refusal) e).exit()).isEqualTo(Refusal.Exit.DEFINITION))
                .hasMessageContaining("gxsj");
        try (Stream<Path> left = Files.list(dir.resolve("in/.incoming/fetch/case_front"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void withoutItsVariablesNothingIsTried() {
        Cli.Ended ended = Cli.inside(
                "fetch", "case_front", "--deliveries", dir.resolve("none").toString(), "--as-of", "2025-06-02");

        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.out())
                .contains(
                        "the environment lacks BANYAN_CASE_FRONT_URL, BANYAN_CASE_FRONT_USER, BANYAN_CASE_FRONT_PASSWORD");
        assertThat(Cli.inside("fetch", "chicago", "--deliveries", "x", "--as-of", "2025-06-02")
                        .out())
                .contains("chicago.yaml names no database");
    }

    /** By the command line, in a process that has the variables. */
    private static Cli.Ended fetch(String day) {
        return Cli.run(
                account(),
                "fetch",
                "case_front",
                "--deliveries",
                dir.resolve("in").toString(),
                "--as-of",
                day);
    }

    /** The same in this process. */
    private static List<String> fetched(String day) {
        return new FrontDatabase(Cli.session(), Sender.all().get("case_front"), account()::get)
                .fetch(dir.resolve("in"), LocalDate.parse(day)).stream()
                        .map(file -> file.rows() + " rows to " + file.file())
                        .toList();
    }

    private static final Sender PEOPLE = Sender.parse("people_front.yaml", """
            sender: people_front
            name: { zh: 人员前置库, en: People }
            database:
              dialect: postgresql
              environment: BANYAN_CASE_FRONT
              reads: [{ table: cf.xzcf_jd, watermark: gxsj, overlap: PT2H }]
            files:
              - match: "cf.xzcf_jd_*.parquet"
                table: raw_roles
                fields: { role: "'法定代表人'", person: sfzh, credit_code: tyshxydm, since_on: gxsj }
            """);

    private static Map<String, String> account() {
        return Map.of(
                "BANYAN_CASE_FRONT_URL",
                "jdbc:postgresql://127.0.0.1:" + postgres.getPort() + "/postgres",
                "BANYAN_CASE_FRONT_USER",
                "reader",
                "BANYAN_CASE_FRONT_PASSWORD",
                "p4ss-w0rd-canary");
    }

    private static void run(String day) {
        Cli.conform(
                dir.resolve("in"), dir.resolve("lake"), LocalDate.parse(day), "entities", "entity_keys", "penalties");
    }

    private static String row(int id, String no, int fine, String changed) {
        return String.join(
                "",
                List.of(
                        "insert into cf.xzcf_jd (id, jdswh, cfjg, tyshxydm, dsrmc, fddbr, sfzh, xzqh, wflx, cfzl, fkje, jdrq, gxsj)",
                        " values (" + id + ", '" + no
                                + "', '局（示例）', '91350199MA00000000', '示例', '测试甲', '350199190001010000',",
                        " '350102', '标签', '罚款', " + fine + ", '2025-05-01', "
                                + (changed == null ? "null" : "'" + changed + "'") + ")"));
    }

    private static void sql(String text) throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(text);
        }
    }
}
