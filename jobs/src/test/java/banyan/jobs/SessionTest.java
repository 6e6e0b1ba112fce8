package banyan.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

/** How a session is set where little, or much, is at hand. */
class SessionTest {
    private static final String ADAPTIVE = "spark.sql.adaptive.enabled";
    private static final String COMPILED = "spark.sql.codegen.wholeStage";
    private static final String FACTORY = "spark.sql.codegen.factoryMode";
    private static final String PARTITIONS = "spark.sql.shuffle.partitions";

    private final SparkConf outside = new SparkConf(false);
    private final SparkConf begun = new SparkConf(false).set(PARTITIONS, "4");

    @Test
    void littleIsReadRowByRow() {
        assertThat(Session.suited(true, begun, outside))
                .isEqualTo(Map.of(
                        ADAPTIVE, Optional.of("false"),
                        COMPILED, Optional.of("false"),
                        FACTORY, Optional.of("NO_CODEGEN"),
                        PARTITIONS, Optional.of("2")));
    }

    @Test
    void muchIsReadAsTheSessionBegan() {
        assertThat(Session.suited(false, begun, outside))
                .isEqualTo(Map.of(
                        ADAPTIVE, Optional.empty(),
                        COMPILED, Optional.empty(),
                        FACTORY, Optional.empty(),
                        PARTITIONS, Optional.of("4")));
    }

    @Test
    void whatIsSetFromOutsideStays() {
        outside.set(ADAPTIVE, "true").set(PARTITIONS, "8");
        begun.set(ADAPTIVE, "true").set(PARTITIONS, "8");

        assertThat(Session.suited(true, begun, outside))
                .containsEntry(ADAPTIVE, Optional.of("true"))
                .containsEntry(PARTITIONS, Optional.of("8"))
                .containsEntry(COMPILED, Optional.of("false"));
    }
}
