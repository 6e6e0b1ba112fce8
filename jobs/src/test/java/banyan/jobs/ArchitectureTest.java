package banyan.jobs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows of the house, and what no class may do. */
@AnalyzeClasses(
        packages = "banyan",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestJars.class})
class ArchitectureTest {
    /** The fixtures of the other modules come as a jar of tests. */
    static final class NoTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }

    @ArchTest
    static final ArchRule SCHEMAS_KNOW_NOTHING_OF_OURS = noClasses()
            .that()
            .resideInAPackage("banyan.schemas..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("banyan.models..", "banyan.jobs..");

    @ArchTest
    static final ArchRule MODELS_KNOW_NO_JOBS = noClasses()
            .that()
            .resideInAPackage("banyan.models..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("banyan.jobs..");

    @ArchTest
    static final ArchRule MODELS_SEE_NO_SESSION_AND_NO_LAKE = noClasses()
            .that()
            .resideInAPackage("banyan.models..")
            .should()
            .dependOnClassesThat()
            .haveNameMatching(
                    "org\\.apache\\.spark\\.sql\\.(SparkSession|DataFrameReader|DataFrameWriter).*|io\\.delta.*");

    /** But the naive peer of the benchmark, whose point is to read and write as a first draft would. */
    @ArchTest
    static final ArchRule ONLY_THE_LAKE_READS_AND_WRITES = noClasses()
            .that()
            .haveNameNotMatching("banyan\\.jobs\\.(Lake.*|ingest\\.FrontDatabase|bench\\.NaivePeer)")
            .should()
            .dependOnClassesThat()
            .haveNameMatching("org\\.apache\\.spark\\.sql\\.(DataFrameReader|DataFrameWriter)");

    @ArchTest
    static final ArchRule THE_LOG_AND_ITS_FILES_ARE_READ_WITHOUT_A_SESSION_IN_ONE_PLACE = noClasses()
            .that()
            .haveNameNotMatching("banyan\\.jobs\\.(Lookup|ParquetRows|DeltaFiles).*")
            .should()
            .dependOnClassesThat()
            .haveNameMatching("io\\.delta\\.kernel.*|org\\.apache\\.parquet\\.hadoop\\.ParquetReader.*");

    @ArchTest
    static final ArchRule TO_EXPLAIN_NO_SESSION_IS_STARTED = noClasses()
            .that()
            .haveNameMatching("banyan\\.jobs\\.(Lookup|ParquetRows|DeltaFiles|command\\.Explain|command\\.Foretold).*")
            .should()
            .dependOnClassesThat()
            .haveNameMatching("org\\.apache\\.spark\\.sql\\.(SparkSession|Dataset)|banyan\\.jobs\\.Lake");

    @ArchTest
    static final ArchRule ONLY_SESSION_LAKE_AND_DOCTOR_SEE_THE_SESSION = noClasses()
            .that()
            .haveNameNotMatching("banyan\\.jobs\\.(Session|Lake|command\\.|ingest\\.FrontDatabase|bench\\.NaivePeer).*")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("org.apache.spark.sql.SparkSession");

    @ArchTest
    static final ArchRule NO_CLOCK_BUT_THE_ONE_GIVEN = noClasses()
            .should()
            .callMethod(java.time.Instant.class, "now")
            .orShould()
            .callMethod(java.time.LocalDate.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static final ArchRule NO_JAVA_SERIALIZATION =
            noClasses().should().dependOnClassesThat().haveFullyQualifiedName("java.io.ObjectInputStream");

    @ArchTest
    static final ArchRule NAMES_HAVE_A_SUBJECT = noClasses().should().haveNameMatching(".*(Utils?|Help(er)?|Manager)");

    @ArchTest
    static final ArchRule ONLY_MAIN_ENDS_THE_PROCESS = noClasses()
            .that()
            .haveNameNotMatching("banyan\\.jobs\\.Main")
            .should()
            .callMethod(System.class, "exit", int.class);
}
