package banyan.jobs.ingest;

import java.util.Locale;

/**
 * What differs between the databases that senders put their records into. PostgreSQL is tested for real; MySQL and Oracle by the SQL
 * that is asked of them, after their manuals.
 */
enum Dialect {
    postgresql("org.postgresql.Driver", "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"),
    mysql("com.mysql.cj.jdbc.Driver", "SET SESSION TRANSACTION READ ONLY"),
    oracle("oracle.jdbc.OracleDriver", "SET TRANSACTION READ ONLY");

    private final String driver;
    private final String readOnly;

    Dialect(String driver, String readOnly) {
        this.driver = driver;
        this.readOnly = readOnly;
    }

    String driver() {
        return driver;
    }

    /** What a session is told first, so that nothing can be written by mistake; Oracle's holds for one transaction only. */
    String readOnly() {
        return readOnly;
    }

    /** A name as it is written in the database, upper and lower case kept: of a table each part, of a column the whole. */
    String quoted(String name) {
        String mark = this == mysql ? "`" : "\"";
        return mark + name.replace(mark, mark + mark) + mark;
    }

    /** schema.table, each quoted. */
    String table(String name) {
        return String.join(
                ".",
                java.util.Arrays.stream(name.split("\\.")).map(this::quoted).toList());
    }

    /**
     * The condition that a row is newer than one bound and no newer than another. A row without a watermark is always among them, and
     * so is one whose watermark lies in the future: they come again each time, which costs a repeat, and are never lost.
     *
     * @param after null for all
     * @param future the first instant that no true watermark can reach yet; null for a number
     */
    String between(String column, Watermark after, Watermark until, Watermark future) {
        String name = quoted(column);
        String newer = after == null ? "" : name + " > " + after.literal() + " AND ";
        String beyond = future == null ? "" : " OR " + name + " >= " + future.literal();
        return String.format(Locale.ROOT, "(%s%s <= %s OR %s IS NULL%s)", newer, name, until.literal(), name, beyond);
    }

    /** Rows as a table that can be read from: the columns asked for, of those rows. */
    String rows(String table, Iterable<String> columns, String condition) {
        java.util.List<String> names = new java.util.ArrayList<>();
        columns.forEach(column -> names.add(quoted(column)));
        return "(SELECT " + String.join(", ", names) + " FROM " + table(table) + " WHERE " + condition + ") t";
    }
}
