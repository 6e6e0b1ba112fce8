package banyan.jobs;

import io.delta.kernel.Scan;
import io.delta.kernel.Snapshot;
import io.delta.kernel.TableManager;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.expressions.Column;
import io.delta.kernel.expressions.Literal;
import io.delta.kernel.expressions.Predicate;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.checksum.CRCInfo;
import io.delta.kernel.internal.types.DataTypeJsonSerDe;
import io.delta.kernel.utils.CloseableIterator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * The data files of a table in the version that was newest when it was asked for, as Delta's kernel reads them from the log: on this
 * machine's own cores, in some hundredths of a second, where a session starts three or four jobs a table.
 */
final class DeltaFiles {
    private final Snapshot snapshot;
    private final Engine engine;

    private DeltaFiles(Snapshot snapshot, Engine engine) {
        this.snapshot = snapshot;
        this.engine = engine;
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
     * @throws IllegalStateException if the log does not tell of the files that its checksum counts, or asks for a newer reader
     */
    static Optional<DeltaFiles> newest(String path, Configuration conf) {
        if (!written(path, conf)) {
            return Optional.empty();
        }
        Engine engine = DefaultEngine.create(conf);
        Snapshot newest = TableManager.loadSnapshot(path).build(engine);
        if (newest.getProtocol().getMinReaderVersion() > 1) {
            throw new IllegalStateException("Cannot read " + path + ": it asks for reader version "
                    + newest.getProtocol().getMinReaderVersion() + ", and Banyan writes 1. Run `banyan lake check`.");
        }
        DeltaFiles files = new DeltaFiles(newest, engine);
        newest.getCurrentCrcInfo().ifPresent(sums -> files.verify(path, sums));
        return Optional.of(files);
    }

    private static boolean written(String path, Configuration conf) {
        Path log = new Path(path, "_delta_log");
        try {
            FileSystem fs = log.getFileSystem(conf);
            return fs.exists(log)
                    && Arrays.stream(fs.listStatus(log))
                            .map(FileStatus::getPath)
                            .anyMatch(file -> file.getName().matches("\\d{20}\\.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void verify(String path, CRCInfo sums) {
        List<DataFile> all = all();
        long bytes = all.stream().mapToLong(DataFile::bytes).sum();
        if (all.size() != sums.getNumFiles() || bytes != sums.getTableSizeBytes()) {
            throw new IllegalStateException("Cannot read " + path + ": its log tells of " + all.size() + " files of "
                    + bytes + " bytes, the checksum of version " + snapshot.getVersion() + " of " + sums.getNumFiles()
                    + " of " + sums.getTableSizeBytes() + ". The log is damaged; restore it.");
        }
    }

    long version() {
        return snapshot.getVersion();
    }

    /** The columns as the table was written, with their comments. */
    StructType schema() {
        return (StructType) DataType.fromJson(DataTypeJsonSerDe.serializeStructType(snapshot.getSchema()));
    }

    List<DataFile> all() {
        return files(snapshot.getScanBuilder().build());
    }

    /** The files that may hold rows of a filter, by their folders and statistics. */
    List<DataFile> of(Predicate filter) {
        return files(snapshot.getScanBuilder().withFilter(filter).build());
    }

    /** The rows of a day, in a table that keeps its days apart. */
    static Predicate of(LocalDate day) {
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
