package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import banyan.schemas.Contract;
import banyan.schemas.Rows;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LakeTest {
    private static SparkSession spark;

    @TempDir
    Path dir;

    @BeforeAll
    static void open() {
        System.setProperty("spark.master", "local[2]");
        if (Rows.spark().conf().get("spark.sql.extensions", "").isEmpty()) {
            Rows.spark().stop();
        }
        spark = Session.open();
    }

    @Test
    void theSettingsThatCorrectnessRestsOnHold() {
        Session.fixed().forEach((key, value) -> {
            if (key.startsWith("spark.sql.")) {
                assertThat(spark.conf().get(key)).as(key).isEqualTo(value);
            }
        });
    }

    @Test
    void aWriteReplacesItsSliceOnlyAndIsProven() {
        Lake lake = new Lake(spark, dir.toString());
        Lake.Written first =
                lake.replace("risk_classes", classes("2025-06-29", "A", "B"), "as_of = '2025-06-29'", "{\"n\":1}");
        lake.replace("risk_classes", classes("2025-06-30", "C"), "as_of = '2025-06-30'", "{\"n\":2}");
        Lake.Written again =
                lake.replace("risk_classes", classes("2025-06-29", "A", "B"), "as_of = '2025-06-29'", "{\"n\":3}");

        assertThat(first.rows()).isEqualTo(2);
        assertThat(again.fingerprint()).isEqualTo(first.fingerprint());
        assertThat(lake.version("risk_classes")).isEqualTo(2);
        assertThat(lake.scan("risk_classes", null).rows()).isEqualTo(3);
        assertThat(lake.scan("risk_classes", LocalDate.parse("2025-06-29")).fingerprint())
                .isEqualTo(first.fingerprint());
        assertThat(lake.commits("risk_classes"))
                .first()
                .extracting(Lake.Commit::metadata)
                .isEqualTo("{\"n\":3}");
    }

    @Test
    void everyTableCanBeMadeFromItsContractAndOpensWithReaderVersion1() {
        Lake lake = new Lake(spark, dir.toString());
        for (String table : List.of("raw_penalties", "penalties", "contributions", "runs")) {
            spark.sql(Contract.of(table).ddl(lake.path(table)));

            assertThat(lake.detail(table).<Integer>getAs("minReaderVersion"))
                    .as(table)
                    .isEqualTo(1);
            assertThat(lake.read(table).schema().fieldNames())
                    .containsExactly(Contract.of(table).columnNames().toArray(String[]::new));
            assertThat(lake.read(table).schema().apply(0).getComment().get())
                    .isEqualTo(Contract.of(table).properties().get(0).businessName());
        }
    }

    /** Its tables would lie on the cluster's own store, and its lock on this machine. */
    @Test
    void aPathWithoutASchemeIsRefusedWhereTheClusterLooksElsewhere() {
        spark.sparkContext().hadoopConfiguration().set("fs.defaultFS", "hdfs://127.0.0.1:1");
        try {
            assertThatThrownBy(() -> new Lake(spark, "/lake"))
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining("Give file:///lake or hdfs://127.0.0.1:1/lake.");
        } finally {
            spark.sparkContext().hadoopConfiguration().set("fs.defaultFS", "file:///");
        }
    }

    @Test
    void aLakeByItsFileUriHasALockToo() throws Exception {
        try (AutoCloseable lock = new Lake(spark, "file://" + dir.resolve("lake")).lock()) {
            assertThat(dir.resolve("lake/.lock")).exists();
        }
    }

    /** A contract that got a column leaves old lakes as they are: null in what was written before. */
    @Test
    void aTableOfAnEarlierContractIsReadAndTakesTheNewColumn() throws IOException {
        Lake lake = new Lake(spark, dir.toString());
        Dataset<Row> all = lake.rows(List.of(delivery("old", null), delivery("new", "{}")), "deliveries");
        all.where("delivery = 'old'")
                .drop("types")
                .write()
                .format("delta")
                .save(dir.resolve("ops/deliveries").toString());

        lake.replace("deliveries", all.where("delivery = 'new'"), "delivery = 'new'", "{}");

        assertThat(lake.read("deliveries")
                        .orderBy("delivery")
                        .select("delivery", "types")
                        .collectAsList())
                .extracting(Row::toString)
                .containsExactly("[new,{}]", "[old,null]");
    }

    private static Row delivery(String delivery, String types) {
        return RowFactory.create(
                LocalDate.parse("2025-06-30"),
                "f",
                delivery,
                "raw_reports",
                "direct",
                "csv",
                "UTF-8",
                false,
                1L,
                1L,
                1L,
                0L,
                0L,
                null,
                types);
    }

    @Test
    void rowsOutsideTheSliceAreRefused() {
        Lake lake = new Lake(spark, dir.toString());
        lake.replace("risk_classes", classes("2025-06-29", "A"), "as_of = '2025-06-29'", "{}");

        assertThatThrownBy(() ->
                        lake.replace("risk_classes", classes("2025-06-28", "A"), "as_of = '2025-06-29'", "{\"n\":1}"))
                .hasMessageContaining("DELTA_REPLACE_WHERE_MISMATCH");
    }

    @Test
    void aLogThatLostACommitIsRefused() throws IOException {
        Lake lake = new Lake(spark, dir.toString());
        lake.replace("risk_classes", classes("2025-06-28", "A"), "as_of = '2025-06-28'", "{\"n\":0}");
        lake.replace("risk_classes", classes("2025-06-29", "A"), "as_of = '2025-06-29'", "{\"n\":1}");
        rewriteSecondCommit(lake, List.of());

        assertThatThrownBy(() ->
                        lake.replace("risk_classes", classes("2025-06-30", "A"), "as_of = '2025-06-30'", "{\"n\":2}"))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("its log is damaged: 00000000000000000001.json is empty");
        assertThatThrownBy(() -> lake.read("risk_classes")).hasMessageContaining("its log is damaged");
    }

    /** Its files are as many and as large as those of the version before: only the number of the write tells. */
    @Test
    void aCommitThatLostItsActionsIsRefusedThoughTheSumsAreTheSame() throws IOException {
        Lake lake = new Lake(spark, dir.toString());
        lake.replace("risk_classes", classes("2025-06-29", "A"), "as_of = '2025-06-29'", "{\"n\":0}");
        lake.replace("risk_classes", classes("2025-06-29", "B"), "as_of = '2025-06-29'", "{\"n\":1}");
        rewriteSecondCommit(lake, Files.readAllLines(secondCommit(lake)).subList(0, 1));

        assertThatThrownBy(() -> lake.read("risk_classes"))
                .hasMessageContaining("its newest write is number 0, that of the checksum of version 1 is 1");
    }

    private static Path secondCommit(Lake lake) {
        return Path.of(lake.path("risk_classes"), "_delta_log/00000000000000000001.json");
    }

    private static void rewriteSecondCommit(Lake lake, List<String> actions) throws IOException {
        Path commit = secondCommit(lake);
        Files.delete(commit); // another may be its hard link
        Files.write(commit, actions);
        Files.deleteIfExists(
                commit.resolveSibling("." + commit.getFileName() + ".crc")); // Hadoop's own sums would tell
    }

    @Test
    void rowsKeptAsideAreTheSameFewOrMany() {
        Lake lake = new Lake(spark, dir.resolve("湖 [x]{y}").toString());
        for (int rows : new int[] {0, 7, Lake.FEW, Lake.FEW + 1}) {
            Dataset<Row> made = spark.range(rows)
                    .selectExpr(
                            "id",
                            "if(id % 3 = 0, null, cast(id as decimal(14,4)) / 7) points",
                            "array(cast(id as string), null) reasons",
                            "date_add(date'2025-06-30', -cast(id % 400 as int)) day",
                            "struct(id % 2 = 0 as even, '榕' as name) inner");

            Dataset<Row> kept = lake.aside(made);

            assertThat(kept.schema().simpleString()).isEqualTo(made.schema().simpleString());
            assertThat(kept.count()).isEqualTo(rows);
            assertThat(kept.except(made).union(made.except(kept)).count()).isZero();
        }
        lake.clearStaging();
    }

    /** A raw table gets a file a night; a night is still told from those before it. */
    @Test
    void crumbsOfARawTableAreBroughtTogetherAndWhatCameSinceAVersionIsStillFound() {
        Lake lake = new Lake(spark, dir.toString());
        for (int night = 0; night < 20; night++) {
            lake.append(
                    "raw_penalties",
                    Rows.of("raw_penalties", List.of(Map.of("delivery", "d" + night, "line", night))),
                    "{\"night\":" + night + "}");
        }
        String before = lake.scan("raw_penalties", null).fingerprint();

        Lake.Tidied tidied = lake.tidy("raw_penalties", false);

        assertThat(tidied.before()).isEqualTo(20);
        assertThat(tidied.after()).isEqualTo(1);
        assertThat(lake.scan("raw_penalties", null).fingerprint()).isEqualTo(before);
        assertThat(lake.added("raw_penalties", 17)
                        .orElseThrow()
                        .select("delivery")
                        .collectAsList())
                .extracting(row -> row.getString(0))
                .containsExactlyInAnyOrder("d18", "d19");
    }

    @Test
    void tidyingBringsCrumbsTogetherAndDeletesWhatNoVersionNeeds() throws IOException {
        Lake lake = new Lake(spark, dir.toString());
        for (int night = 0; night < 20; night++) {
            lake.replace(
                    "entity_keys",
                    spark.sql("select 'name * " + night + "' key, 'E" + night
                            + "' entity_id, date'2025-01-01' known_from," + " cast(null as date) known_to"),
                    "entity_id = 'E" + night + "'",
                    "{\"night\":" + night + "}");
        }
        Lake.Written before = lake.scan("entity_keys", null);
        Path orphan = Path.of(lake.path("entity_keys"), "part-of-a-write-that-never-ended.parquet");
        Files.write(orphan, new byte[10]);
        Files.setLastModifiedTime(orphan, FileTime.from(Instant.now().minus(Duration.ofDays(100))));

        assertThat(lake.tidy("entity_keys", true)).isEqualTo(new Lake.Tidied(20, 1, 1));
        assertThat(lake.tidy("entity_keys", false)).isEqualTo(new Lake.Tidied(1, 1, 0));

        assertThat(orphan).doesNotExist();
        assertThat(lake.scan("entity_keys", null)).isEqualTo(before);
        assertThat(spark.read()
                        .format("delta")
                        .option("versionAsOf", 3)
                        .load(lake.path("entity_keys"))
                        .count())
                .isEqualTo(4);
    }

    @Test
    void twoWritersOfOneVersionCannotBothWin() throws Exception {
        LinkLogStore store = new LinkLogStore(spark.sparkContext().hadoopConfiguration());
        int wins = 0;
        for (int version = 0; version < 200; version++) {
            org.apache.hadoop.fs.Path commit = new org.apache.hadoop.fs.Path(
                    dir.resolve("t/_delta_log/" + version + ".json").toString());
            var race = java.util.concurrent.Executors.newFixedThreadPool(2);
            List<java.util.concurrent.Callable<Boolean>> writers =
                    List.of(() -> wrote(store, commit, "a"), () -> wrote(store, commit, "b"));
            for (var result : race.invokeAll(writers)) {
                wins += result.get() ? 1 : 0;
            }
            race.shutdown();
        }

        assertThat(wins).isEqualTo(200);
    }

    private static boolean wrote(LinkLogStore store, org.apache.hadoop.fs.Path commit, String who) throws IOException {
        try {
            store.write(
                    commit,
                    List.of("{\"commitInfo\":\"" + who + "\"}").iterator(),
                    false,
                    spark.sparkContext().hadoopConfiguration());
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    @Test
    void onlyWhatWasKnownAndHadHappenedIsSeen() {
        Lake lake = new Lake(spark, dir.toString());
        Dataset<Row> rows = spark.createDataFrame(
                Rows.table("penalties", """
                        record_id | decided_on | known_from | known_to   | withdrawn | repaired_on | version
                        now       | 2025-06-30 | 2025-06-30 |            | false     |             | 1
                        future    | 2025-07-01 | 2025-06-30 |            | false     |             | 1
                        late      | 2025-01-01 | 2025-07-01 |            | false     |             | 1
                        replaced  | 2025-01-01 | 2025-01-01 | 2025-06-30 | false     |             | 1
                        standing  | 2025-01-01 | 2025-01-01 | 2025-07-01 | false     |             | 1
                        withdrawn | 2025-01-01 | 2025-01-01 |            | true      |             | 1
                        repaired  | 2025-01-01 | 2025-01-01 |            | false     | 2025-06-30  | 1
                        repairing | 2025-01-01 | 2025-01-01 |            | false     | 2025-07-01  | 1
                        """).collectAsList(),
                Contract.of("penalties").structType());
        lake.replace("penalties", rows, null, "{}");
        LocalDate day = LocalDate.of(2025, 6, 30);

        List<String> seen = new Inputs(lake, Set.of("penalties"), day, day, banyan.models.Policy.packaged(), "zh")
                .known("penalties").select("record_id").collectAsList().stream()
                        .map(r -> r.getString(0))
                        .sorted()
                        .toList();

        assertThat(seen).containsExactly("now", "repairing", "standing");
    }

    /** Each repair is of the penalty that its number begins with. */
    @Test
    void aRepairEndsWhatItRepairsUntilItIsRevoked() {
        Lake lake = new Lake(spark, dir.toString());
        lake.replace(
                "penalties",
                spark.createDataFrame(
                        Rows.table("penalties", """
                record_id    | entity_id | decision_no  | decided_on | known_from | withdrawn | version
                approved     | e         | approved     | 2025-01-01 | 2025-01-01 | false     | 1
                refused      | e         | refused      | 2025-01-01 | 2025-01-01 | false     | 1
                revoked      | e         | revoked      | 2025-01-01 | 2025-01-01 | false     | 1
                renumbered   | e         | renumbered   | 2025-01-01 | 2025-01-01 | false     | 1
                later        | e         | later        | 2025-01-01 | 2025-01-01 | false     | 1
                again        | e         | again        | 2025-01-01 | 2025-01-01 | false     | 1
                of_another   | f         | approved     | 2025-01-01 | 2025-01-01 | false     | 1
                """).collectAsList(),
                        Contract.of("penalties").structType()),
                null,
                "{}");
        lake.replace(
                "repairs",
                spark.createDataFrame(
                        Rows.table("repairs", """
                record_id    | entity_id | object  | record_no  | outcome  | effective_on | known_from | known_to   | withdrawn | version
                approved     | e         | penalty | approved   | approved | 2025-03-01   | 2025-03-01 |            | false     | 1
                refused      | e         | penalty | refused    | refused  | 2025-03-01   | 2025-03-01 |            | false     | 1
                revoked      | e         | penalty | revoked    | approved | 2025-03-01   | 2025-03-01 | 2025-04-01 | false     | 1
                revoked      | e         | penalty | revoked    | revoked  | 2025-04-01   | 2025-04-01 |            | false     | 2
                renumbered 1 | e         | penalty | renumbered | approved | 2025-03-01   | 2025-03-01 |            | false     | 1
                renumbered 2 | e         | penalty | renumbered | revoked  | 2025-04-01   | 2025-04-01 |            | false     | 1
                later 1      | e         | penalty | later      | approved | 2025-03-01   | 2025-03-01 |            | false     | 1
                later 2      | e         | penalty | later      | revoked  | 2025-07-01   | 2025-07-01 |            | false     | 1
                again 1      | e         | penalty | again      | revoked  | 2025-04-01   | 2025-04-01 |            | false     | 1
                again 2      | e         | penalty | again      | approved | 2025-05-01   | 2025-05-01 |            | false     | 1
                again 3      | e         | penalty | again      | refused  | 2025-06-01   | 2025-06-01 |            | false     | 1
                """).collectAsList(),
                        Contract.of("repairs").structType()),
                null,
                "{}");

        assertThat(standing(lake, "2025-06-30")).containsExactly("of_another", "refused", "renumbered", "revoked");
        assertThat(standing(lake, "2025-03-31")).containsExactly("again", "of_another", "refused");
        assertThat(standing(lake, "2025-07-01")).contains("later");
    }

    private static List<String> standing(Lake lake, String day) {
        LocalDate on = LocalDate.parse(day);
        return new Inputs(lake, Set.of("penalties", "repairs"), on, on, banyan.models.Policy.packaged(), "zh")
                .known("penalties").select("record_id").orderBy("record_id").collectAsList().stream()
                        .map(r -> r.getString(0))
                        .toList();
    }

    @Test
    void aTableCannotReadWhatItDoesNotDeclare() {
        LocalDate day = LocalDate.of(2025, 6, 30);
        Inputs inputs = new Inputs(
                new Lake(spark, dir.toString()), Set.of("entities"), day, day, banyan.models.Policy.packaged(), "zh");

        assertThatThrownBy(() -> inputs.table("penalties")).hasMessageContaining("penalties");
    }

    @Test
    void thePipelineNamesEveryTableOnceAndInAnOrderThatCanBeBuilt() {
        List<String> names = Pipeline.TABLES.stream().map(Table::name).toList();

        assertThat(names).doesNotHaveDuplicates();
        assertThat(Contract.all().values().stream()
                        .filter(c ->
                                !c.folder().equals("ops") && c.custom("kept").isEmpty())
                        .map(Contract::id))
                .containsExactlyInAnyOrderElementsOf(names);
        for (Table table : Pipeline.TABLES) {
            assertThat(names.subList(0, names.indexOf(table.name())))
                    .as(table.name() + ": what it reads but for the ledgers, which no table makes")
                    .containsAll(table.reads().stream()
                            .filter(read -> !Contract.of(read).folder().equals("ops"))
                            .toList());
        }
    }

    /** Or else no scheduler could run the stages one after the other. */
    @Test
    void noTableReadsThatOfALaterStage() {
        for (Table table : Pipeline.TABLES) {
            assertThat(table.reads().stream()
                            .filter(read -> !Contract.of(read).folder().equals("ops"))
                            .map(Pipeline.Stage::of))
                    .as(table.name())
                    .allMatch(stage -> stage.compareTo(Pipeline.Stage.of(table.name())) <= 0);
        }
        assertThat(Pipeline.TABLES.stream().map(table -> Pipeline.Stage.of(table.name())))
                .as("and they stand in that order")
                .isSorted();
    }

    private Dataset<Row> classes(String day, String... riskClasses) {
        StringBuilder text = new StringBuilder("entity_id | risk_class | score | as_of | known_at | policy_version\n");
        for (int i = 0; i < riskClasses.length; i++) {
            text.append("E" + i + " | " + riskClasses[i] + " | 1 | " + day + " | " + day + " | p\n");
        }
        return spark.createDataFrame(
                Rows.table("risk_classes", text.toString()).collectAsList(),
                Contract.of("risk_classes").structType());
    }
}
