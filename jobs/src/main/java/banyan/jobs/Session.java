package banyan.jobs;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/**
 * The one Spark session, with the settings on which correctness rests. They are set here and asserted at start: a cluster's own
 * defaults may not weaken them. Master, memory and cores are never set here; they come with the launcher or spark-submit.
 */
public final class Session {
    private static final String DELTA = "spark.databricks.delta.";

    private static final String PARTITIONS = "spark.sql.shuffle.partitions";

    /** Less than so many bytes of records, half a million of them, are worked through sooner than code for them is made. */
    private static final long LITTLE = 96L << 20;

    /**
     * A shuffle is shared out so that a part is of so many bytes of records: in {@link #FEW_PARTS} parts one step of the links of four
     * million entities took six minutes on a heap of 3 GB, for what it put together was spilled in crumbs.
     */
    private static final long PART = 192L << 20;

    /** Each part is a task, and files of its own. */
    private static final int FEW_PARTS = 4;

    private Session() {}

    /** What must hold in every session, and why. */
    static Map<String, String> fixed() {
        Map<String, String> conf = new LinkedHashMap<>();
        conf.put("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension");
        conf.put("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog");
        // A bit flip in Parquet gave a silently wrong answer in 90 of 120 trials; with page checksums in none.
        conf.put("spark.hadoop.parquet.page.verify-checksum.enabled", "true");
        conf.put("spark.hadoop.parquet.page.write-checksum.enabled", "true");
        conf.put("spark.delta.logStore.file.impl", LinkLogStore.class.getName());
        conf.put(DELTA + "properties.defaults.enableDeletionVectors", "false");
        conf.put(DELTA + "properties.defaults.checkpointPolicy", "classic");
        conf.put(DELTA + "properties.defaults.logRetentionDuration", "interval 1095 days");
        conf.put(DELTA + "properties.defaults.deletedFileRetentionDuration", "interval 90 days");
        // Java's own upper and lower case, which passes over plain ASCII at once; ICU's differ in letters no code or
        // name here has.
        conf.put("spark.sql.icu.caseMappings.enabled", "false");
        conf.put("spark.sql.ansi.enabled", "true");
        conf.put("spark.sql.session.timeZone", "Asia/Shanghai");
        conf.put("spark.sql.datetime.java8API.enabled", "true");
        conf.put("spark.sql.legacy.parameterSubstitution.constantsOnly", "true");
        conf.put("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS");
        conf.put("spark.sql.files.ignoreCorruptFiles", "false");
        conf.put("spark.sql.files.ignoreMissingFiles", "false");
        conf.put("spark.sql.sources.partitionOverwriteMode", "static");
        conf.put("spark.sql.shuffle.orderIndependentChecksum.enabled", "true");
        conf.put("spark.sql.shuffle.orderIndependentChecksum.enableFullRetryOnMismatch", "true");
        conf.put("spark.speculation", "false");
        conf.put("spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version", "1");
        conf.put("spark.hadoop.fs.permissions.umask-mode", "077");
        conf.put("spark.redaction.regex", "(?i)secret|passw|token|key|seed|salt");
        return conf;
    }

    /** What suits most machines; each may be set otherwise from outside. */
    private static Map<String, String> preferred() {
        Map<String, String> conf = new LinkedHashMap<>();
        conf.put("spark.app.name", "banyan");
        conf.put("spark.ui.enabled", "false");
        conf.put("spark.ui.showConsoleProgress", "false");
        conf.put(PARTITIONS, Integer.toString(FEW_PARTS));
        // Outside UTC Delta checks its list of files in each .crc by a full state reconstruction; without the list
        // there is nothing to check.
        conf.put(DELTA + "allFilesInCrc.enabled", "false");
        // Plans as text for a UI that is off cost a tenth of a small run.
        conf.put("spark.sql.maxPlanStringLength", "1000");
        conf.put("spark.sql.maxToStringFields", "10");
        // Filters that follow from others are sought in all ways in which aliases can be put for one another: a million
        // expressions for one join on a hash of seventeen columns, and minutes of planning.
        conf.put("spark.sql.constraintPropagation.enabled", "false");
        // The JVM never compiles a method of more than 8,000 bytecodes; Spark would have it interpreted, row by row.
        conf.put("spark.sql.codegen.hugeMethodLimit", "8000");
        // Where it is not set, what is not compiled asks the environment for it at each field of a struct or an array.
        conf.put("spark.sql.types.framework.enabled", "false");
        // No table has columns within a column to pass over; what is measured of a table stands in one until all are
        // joined, and is to stay there.
        conf.put("spark.sql.optimizer.nestedSchemaPruning.enabled", "false");
        // One core reads a row group whole, and of 128 MB, the default, all complaints of a city are one.
        // Files written before stay as they are.
        conf.put("spark.sql.files.maxPartitionBytes", Long.toString(Lake.CRUMB));
        conf.put("spark.hadoop.parquet.block.size", Long.toString(Lake.CRUMB / 2));
        // To look for the best encoding of what is kept for seconds cost a sixth of keeping it.
        conf.put("spark.sql.inMemoryColumnarStorage.compressed", "false");
        conf.put(DELTA + "snapshotPartitions", "1");
        // What is brought together ends in files that two cores can share, and is not brought together again every
        // night.
        conf.put(DELTA + "optimize.minFileSize", Long.toString(Lake.CRUMB));
        conf.put(DELTA + "optimize.maxFileSize", Long.toString(4 * Lake.CRUMB));
        // 10,000 by default: listing a small table for VACUUM took 30 s instead of 2.
        conf.put("spark.sql.sources.parallelPartitionDiscovery.parallelism", "2");
        // The files of a table are known by their log; to look each up takes no job.
        conf.put("spark.sql.sources.parallelPartitionDiscovery.threshold", "10000");
        // What is asked of the driver is few rows of many partitions: they are not tried one by one.
        conf.put("spark.sql.limit.initialNumPartitions", "64");
        return conf;
    }

    /** Where little is at hand: rows are read faster than code for them is compiled, and a shuffle has nothing to share out. */
    private static Map<String, String> little() {
        return Map.of(
                "spark.sql.codegen.wholeStage",
                "false",
                "spark.sql.codegen.factoryMode",
                "NO_CODEGEN",
                "spark.sql.adaptive.enabled",
                "false",
                PARTITIONS,
                "2");
    }

    /** Sets a session to how much is at hand, in bytes. What is set from outside stays as it is. */
    static void tune(SparkSession spark, long atHand) {
        suited(atHand, spark.sparkContext().getConf(), new SparkConf(true))
                .forEach((key, value) -> value.ifPresentOrElse(
                        to -> spark.conf().set(key, to), () -> spark.conf().unset(key)));
    }

    /**
     * Setting → what suits; empty where that is Spark's own default.
     *
     * @param atHand bytes of the records, as text or as they lie in the raw tables
     * @param begun what the session began with
     * @param outside what was set from outside
     */
    static Map<String, Optional<String>> suited(long atHand, SparkConf begun, SparkConf outside) {
        boolean little = atHand < LITTLE;
        Map<String, Optional<String>> suited = new TreeMap<>();
        little().forEach((key, value) -> suited.put(
                key,
                little && !outside.contains(key)
                        ? Optional.of(value)
                        : Optional.ofNullable(begun.get(key, preferred().get(key)))));
        long parts = (atHand + PART - 1) / PART;
        if (parts > FEW_PARTS && !outside.contains(PARTITIONS)) {
            suited.put(PARTITIONS, Optional.of(Long.toString(parts)));
        }
        return suited;
    }

    /** @throws IllegalStateException if a running session contradicts a setting that correctness rests on */
    public static SparkSession open() {
        SparkConf conf = new SparkConf(true);
        preferred().forEach((key, value) -> conf.set(key, conf.get(key, value)));
        fixed().forEach(conf::set);
        SparkSession spark = SparkSession.builder().config(conf).getOrCreate();
        fixed().forEach((key, value) -> {
            String found = key.startsWith("spark.hadoop.")
                    ? spark.sparkContext().hadoopConfiguration().get(key.substring("spark.hadoop.".length()))
                    : spark.conf().get(key, null);
            if (!value.equals(found)) {
                throw new IllegalStateException("Cannot start: " + key + " is " + found + ", must be " + value);
            }
        });
        return spark;
    }

    /** Ends the session, if one was opened, and with it what it holds of a cluster. */
    static void close() {
        if (SparkSession.getDefaultSession().isDefined()) {
            SparkSession.getDefaultSession().get().stop();
        }
    }
}
