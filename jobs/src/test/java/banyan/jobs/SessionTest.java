package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a session is set where little, or much, is at hand. */
class SessionTest {
    private static final String ADAPTIVE = "spark.sql.adaptive.enabled";
    private static final String COMPILED = "spark.sql.codegen.wholeStage";
    private static final String FACTORY = "spark.sql.codegen.factoryMode";
    private static final String PARTITIONS = "spark.sql.shuffle.partitions";

    /** Bytes of records: of a town, and of 0.8 million entities. */
    private static final long LITTLE = 95L << 20;

    private static final long CITY = 663L << 20;

    private final SparkConf outside = new SparkConf(false);
    private final SparkConf begun = new SparkConf(false).set(PARTITIONS, "4");

    @Test
    void littleIsReadRowByRow() {
        assertThat(Session.suited(LITTLE, begun, outside))
                .isEqualTo(Map.of(
                        ADAPTIVE, Optional.of("false"),
                        COMPILED, Optional.of("false"),
                        FACTORY, Optional.of("NO_CODEGEN"),
                        PARTITIONS, Optional.of("2")));
    }

    @Test
    void muchIsReadAsTheSessionBegan() {
        assertThat(Session.suited(CITY, begun, outside))
                .isEqualTo(Map.of(
                        ADAPTIVE, Optional.empty(),
                        COMPILED, Optional.empty(),
                        FACTORY, Optional.empty(),
                        PARTITIONS, Optional.of("4")));
    }

    /** Four parts hold what a city has; of more there are more, each of no more than before. */
    @ParameterizedTest
    @CsvSource({"96, 4", "663, 4", "768, 4", "769, 5", "3406, 18", "34060, 178"})
    void moreIsSharedOutFurther(long megabytes, String parts) {
        assertThat(Session.suited(megabytes << 20, begun, outside)).containsEntry(PARTITIONS, Optional.of(parts));
    }

    @Test
    void whatIsSetFromOutsideStays() {
        outside.set(ADAPTIVE, "true").set(PARTITIONS, "8");
        begun.set(ADAPTIVE, "true").set(PARTITIONS, "8");

        assertThat(Session.suited(LITTLE, begun, outside))
                .containsEntry(ADAPTIVE, Optional.of("true"))
                .containsEntry(PARTITIONS, Optional.of("8"))
                .containsEntry(COMPILED, Optional.of("false"));
        assertThat(Session.suited(3406L << 20, begun, outside)).containsEntry(PARTITIONS, Optional.of("8"));
    }
}
