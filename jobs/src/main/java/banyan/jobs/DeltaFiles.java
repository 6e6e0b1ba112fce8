package banyan.jobs;

import io.delta.kernel.Scan;
import io.delta.kernel.Snapshot;
import io.delta.kernel.TableManager;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.exceptions.KernelException;
import io.delta.kernel.expressions.Column;
import io.delta.kernel.expressions.Literal;
import io.delta.kernel.expressions.Predicate;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.SnapshotImpl;
import io.delta.kernel.internal.actions.SetTransaction;
import io.delta.kernel.internal.checksum.CRCInfo;
import io.delta.kernel.internal.types.DataTypeJsonSerDe;
import io.delta.kernel.utils.CloseableIterator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * The data files of a table in one version, most often that which was newest when it was asked for, as Delta's kernel reads them
 * from the log: on this machine's own cores, in some hundredths of a second, where a session starts three or four jobs a table.
 */
final class DeltaFiles {
    private final Snapshot snapshot;
    private final Engine engine;
    private final List<DataFile> all;

    private DeltaFiles(Snapshot snapshot, Engine engine) {
        this.snapshot = snapshot;
        this.engine = engine;
        this.all = files(snapshot.getScanBuilder().build());
    }

    /** A data file of a table and the values of its folder. */
    record DataFile(String path, long bytes, Map<String, String> partition) {
        private static DataFile of(Row row) {
            io.delta.kernel.utils.FileStatus file = InternalScanFileUtils.getAddFileStatus(row);
            return new DataFile(file.getPath(), file.getSize(), InternalScanFileUtils.getPartitionValues(row));
        }
    }

    /**
     * Empty where the table was never written.
     *
     * @throws Refusal with exit 3 if a commit of the log is empty, the log asks for a newer reader, or it does not tell of the files and
     *     of our newest write that the version's checksum knows; a version without a checksum is taken as it is, as Delta does
     */
    static Optional<DeltaFiles> newest(String path, Configuration conf) {
        List<FileStatus> commits = commits(path, conf);
        if (commits.isEmpty()) {
            return Optional.empty();
        }
        commits.stream().filter(commit -> commit.getLen() == 0).findFirst().ifPresent(commit -> {
            throw damaged(path, commit.getPath().getName() + " is empty");
        });
        Engine engine = DefaultEngine.create(conf);
        Snapshot newest = TableManager.loadSnapshot(path).build(engine);
        if (newest.getProtocol().getMinReaderVersion() > 1) {
            throw new Refusal(
                    Refusal.Exit.DATA,
                    "Cannot read " + path + ": it asks for reader version "
                            + newest.getProtocol().getMinReaderVersion()
                            + ", and Banyan writes 1. Restore it from a backup, or have its writer lower it.");
        }
        DeltaFiles files = new DeltaFiles(newest, engine);
        newest.getCurrentCrcInfo().ifPresent(sums -> files.verify(path, sums));
        return Optional.of(files);
    }

    /** Those of an earlier version; empty where the log no longer tells of it. */
    static Optional<DeltaFiles> at(String path, long version, Configuration conf) {
        if (version < 0 || commits(path, conf).isEmpty()) {
            return Optional.empty();
        }
        Engine engine = DefaultEngine.create(conf);
        try {
            return Optional.of(new DeltaFiles(
                    TableManager.loadSnapshot(path).atVersion(version).build(engine), engine));
        } catch (KernelException gone) {
            return Optional.empty();
        }
    }

    /** The commits that a table's log still holds, in no order; none where it was never written. */
    static List<FileStatus> commits(String path, Configuration conf) {
        Path log = new Path(path, "_delta_log");
        try {
            FileSystem fs = log.getFileSystem(conf);
            return fs.exists(log)
                    ? Stream.of(fs.listStatus(log))
                            .filter(file -> file.getPath().getName().matches("\\d{20}\\.json"))
                            .toList()
                    : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void verify(String path, CRCInfo sums) {
        long bytes = all.stream().mapToLong(DataFile::bytes).sum();
        if (all.size() != sums.getNumFiles() || bytes != sums.getTableSizeBytes()) {
            throw damaged(
                    path,
                    "it tells of " + all.size() + " files of " + bytes + " bytes, the checksum of version "
                            + snapshot.getVersion() + " of " + sums.getNumFiles() + " of " + sums.getTableSizeBytes());
        }
        Optional<Long> counted = sums.getSetTransactions()
                .flatMap(writes -> writes.stream()
                        .filter(write -> write.getAppId().equals(Lake.WRITER))
                        .map(SetTransaction::getVersion)
                        .findFirst());
        Optional<Long> told = ((SnapshotImpl) snapshot).getLatestTransactionVersion(engine, Lake.WRITER);
        if (counted.isPresent() && !counted.equals(told)) {
            throw damaged(
                    path,
                    "its newest write is number " + told.map(String::valueOf).orElse("none")
                            + ", that of the checksum of version " + snapshot.getVersion() + " is " + counted.get());
        }
    }

    private static Refusal damaged(String path, String why) {
        return new Refusal(
                Refusal.Exit.DATA,
                "Cannot read " + path + ": its log is damaged: " + why + ". Restore " + path
                        + "/_delta_log from a backup; `banyan lake check` tells which tables are whole.");
    }

    long version() {
        return snapshot.getVersion();
    }

    /** The columns as the table was written, with their comments. */
    StructType schema() {
        return (StructType) DataType.fromJson(DataTypeJsonSerDe.serializeStructType(snapshot.getSchema()));
    }

    List<DataFile> all() {
        return all;
    }

    /** The files that may hold rows of a filter, by their folders and statistics. */
    List<DataFile> of(Predicate filter) {
        return files(snapshot.getScanBuilder().withFilter(filter).build());
    }

    /** The rows of a day, in a table that keeps its days apart. */
    static Predicate onDay(LocalDate day) {
        return new Predicate("=", new Column("as_of"), Literal.ofDate((int) day.toEpochDay()));
    }

    private List<DataFile> files(Scan scan) {
        List<DataFile> files = new ArrayList<>();
        try (CloseableIterator<FilteredColumnarBatch> batches = scan.getScanFiles(engine)) {
            while (batches.hasNext()) {
                try (CloseableIterator<Row> rows = batches.next().getRows()) {
                    rows.forEachRemaining(row -> files.add(DataFile.of(row)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }
}
