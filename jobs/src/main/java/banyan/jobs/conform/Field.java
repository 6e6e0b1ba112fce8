package banyan.jobs.conform;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.regexp_extract;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.try_to_date;
import static org.apache.spark.sql.functions.when;

import banyan.schemas.Codes;
import banyan.schemas.Contract;
import banyan.schemas.Text;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A typed column read from the text of a raw one. A text that is there but cannot be read never becomes null by accident: it is told
 * in {@code unreadable} and the row is quarantined.
 *
 * @param value the typed value over cleaned texts ({@link #raw}); null where blank or unreadable
 * @param unreadable over value and text: whether there was a text that could not be read; null where that cannot be
 */
public record Field(String name, Column value, Column unreadable) {
    private static final List<String> DATE_FORMS =
            List.of("yyyy-MM-dd", "yyyy/M/d", "yyyyMMdd", "yyyy年M月d日", "yyyy-MM-dd HH:mm:ss", "yyyy.M.d");
    private static final String NUMBER = "^([-+]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\\.[0-9]+)?)(?:万元|元)?$";
    /** Days that senders write for "no limit". */
    private static final Object[] ENDLESS = {"9999-9-9", "9999-09-09", "9999-12-31", "长期", "永久"};

    private static final List<String> LINEAGE =
            List.of("sender", "delivery", "file", "line", "row_hash", "received_on");

    /** The text of a raw column in half width without blanks at its ends; null where blank. */
    public static Column raw(String column) {
        return col("raw " + column);
    }

    public static Field text(String name) {
        return of(name, raw(name));
    }

    /** A day in one of the common forms, or null for a day that means "no limit". */
    public static Field date(String name) {
        Column[] forms =
                DATE_FORMS.stream().map(form -> try_to_date(raw(name), form)).toArray(Column[]::new);
        Column plain =
                when(raw(name).rlike("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), raw(name).try_cast("date"));
        return new Field(
                name,
                when(not(raw(name).isin(ENDLESS)), coalesce(plain, coalesce(forms))),
                missed(name, name).and(not(raw(name).isin(ENDLESS))));
    }

    /** A word of a code list, as its code. */
    public static Field code(String name, String list) {
        return new Field(name, Codes.of(list).code(raw(name)), missed(name, name));
    }

    /** @param absent the code of a blank */
    public static Field code(String name, String list, String absent) {
        Column code = Codes.of(list).code(coalesce(raw(name), lit(absent)));
        return new Field(name, code, col(name).isNull());
    }

    /** Y, 是 and the like are true; blank is false. */
    public static Field flag(String name) {
        Column code = Codes.of("flags").code(coalesce(raw(name), lit("N")));
        return new Field(name, code.equalTo("Y"), col(name).isNull());
    }

    public static Field integer(String name) {
        return decimal(name, "int");
    }

    /** A number; null where blank. */
    public static Field decimal(String name, String type) {
        return new Field(name, number(name, type, 1), missed(name, name));
    }

    /** Money in yuan; null where blank. */
    public static Field yuan(String name, String type) {
        return decimal(name, type);
    }

    /** Money in yuan; 0 where blank. */
    public static Field yuanOrZero(String name, String type) {
        return new Field(
                name,
                when(raw(name).isNull(), lit(0).cast(type)).otherwise(number(name, type, 1)),
                col(name).isNull());
    }

    /** Money that the sender gives in 10,000 yuan, in yuan. */
    public static Field wan(String name, String from, String type) {
        return new Field(name, number(from, type, 10_000), missed(name, from));
    }

    /**
     * Commas between thousands and a currency note in brackets are passed over. A unit that is written (万元, 元) counts, whatever the
     * column's own is; anything else is unreadable, a comma for a decimal point too.
     */
    private static Column number(String from, String type, int factor) {
        Column plain = regexp_replace(raw(from), "[\\s()]|人民币", "");
        Column matched = regexp_replace(regexp_extract(plain, NUMBER, 1), ",", "");
        Column unit = when(plain.endsWith("万元"), lit(10_000))
                .when(plain.endsWith("元"), lit(1))
                .otherwise(lit(factor));
        return matched.try_cast("decimal(24,4)").multiply(unit).try_cast(type);
    }

    /** A column that cannot be unreadable. */
    public static Field of(String name, Column value) {
        return new Field(name, value, null);
    }

    private static Column missed(String name, String from) {
        return raw(from).isNotNull().and(col(name).isNull());
    }

    /**
     * A raw table's rows with these columns, lineage, withdrawn, known_from, changed_on and, in {@code unreadable}, what could not be
     * read. Three projections, each using what the one before worked out, so that no text is cleaned or parsed twice.
     */
    public static Dataset<Row> read(Dataset<Row> rows, Field... fields) {
        List<Column> cleaned = new ArrayList<>();
        Stream.of(rows.columns())
                .filter(c -> !LINEAGE.contains(c))
                .forEach(c -> cleaned.add(Text.clean(col(c)).as("raw " + c)));
        LINEAGE.forEach(c -> cleaned.add(col(c)));
        List<Column> typed = new ArrayList<>();
        List<Column> kept = new ArrayList<>();
        for (Field field : fields) {
            typed.add(field.value.as(field.name));
            kept.add(col(field.name));
        }
        typed.add(raw("action").isNotNull().as("withdrawn"));
        Field changed = date("changed_on");
        typed.add(changed.value.as("changed_on"));
        typed.add(col("received_on").as("known_from"));
        Stream.of("withdrawn", "changed_on", "known_from", "sender", "delivery", "file", "line", "row_hash")
                .forEach(c -> kept.add(col(c)));
        Map<String, Column> unreadable = new LinkedHashMap<>();
        Stream.concat(Stream.of(fields), Stream.of(changed))
                .filter(f -> f.unreadable != null)
                .forEach(f -> unreadable.put(f.name + " cannot be read", f.unreadable));
        kept.add(Contract.thoseThatHold(unreadable).as("unreadable"));
        typed.add(col("*"));
        return rows.select(cleaned.toArray(Column[]::new))
                .select(typed.toArray(Column[]::new))
                .select(kept.toArray(Column[]::new));
    }
}
