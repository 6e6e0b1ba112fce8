package banyan.jobs.conform;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_compact;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.regexp_extract;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.try_to_date;
import static org.apache.spark.sql.functions.when;

import banyan.schemas.Codes;
import banyan.schemas.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A typed column read from the text of a raw one. A text that is there but cannot be read never becomes null by accident: it is told
 * in {@code unreadable} and the row is quarantined.
 *
 * @param value the typed value; null where blank or unreadable
 * @param unreadable whether there was a text that could not be read
 */
public record Field(String name, Column value, Column unreadable) {
    private static final List<String> DATE_FORMS =
            List.of("yyyy-MM-dd", "yyyy/M/d", "yyyyMMdd", "yyyy年M月d日", "yyyy-MM-dd HH:mm:ss", "yyyy.M.d");
    /** Days that senders write for "no limit". */
    private static final String[] ENDLESS = {"9999-9-9", "9999-09-09", "9999-12-31", "长期", "永久"};

    public static Field text(String name) {
        return new Field(name, Text.clean(col(name)), lit(false));
    }

    /** A day in one of the common forms, or null for a day that means "no limit". */
    public static Field date(String name) {
        Column text = Text.clean(col(name));
        Column day = coalesce(DATE_FORMS.stream().map(form -> try_to_date(text, form)).toArray(Column[]::new));
        return new Field(name, day, text.isNotNull().and(day.isNull()).and(coalesce(text.isin((Object[]) ENDLESS), lit(false)).equalTo(false)));
    }

    /** A word of a code list, as its code. */
    public static Field code(String name, String list) {
        return code(name, list, null);
    }

    /** @param absent the code of a blank; null stays null where it is null */
    public static Field code(String name, String list, String absent) {
        Column code = Codes.of(list).code(col(name));
        Column given = Text.clean(col(name)).isNotNull();
        return new Field(name, absent == null ? code : when(given, code).otherwise(lit(absent)), given.and(code.isNull()));
    }

    /** Y, 是 and the like are true; blank is false. */
    public static Field flag(String name) {
        Field code = code(name, "flags", "N");
        return new Field(name, code.value.equalTo("Y"), code.unreadable);
    }

    public static Field integer(String name) {
        return number(name, name, "int", 1, null);
    }

    /** Money in yuan; {@code absent} stands for a blank where it is not null. */
    public static Field yuan(String name, String type, String absent) {
        return number(name, name, type, 1, absent);
    }

    /** Money that the sender gives in 10,000 yuan, in yuan. */
    public static Field wan(String name, String raw, String type) {
        return number(name, raw, type, 10_000, null);
    }

    /** Thousands separators, a currency note in brackets and the words 万元 and 元 are passed over; anything else is unreadable. */
    private static Field number(String name, String raw, String type, int factor, String absent) {
        Column text = Text.clean(col(raw));
        Column plain = regexp_replace(regexp_replace(text, "\\([^)]*\\)$", ""), "[,\\s]|人民币|万?元", "");
        Column matched = regexp_extract(plain, "^([-+]?[0-9]+(\\.[0-9]+)?)$", 1);
        Column value = when(matched.notEqual(""), matched).try_cast("decimal(24,4)").multiply(factor).try_cast(type);
        Column filled = absent == null ? value : when(text.isNull(), lit(absent).cast(type)).otherwise(value);
        return new Field(name, filled, text.isNotNull().and(value.isNull()));
    }

    /** A column worked out from others; it cannot be unreadable. */
    public static Field of(String name, Column value) {
        return new Field(name, value, lit(false));
    }

    /** A raw table's rows with these columns, lineage, withdrawn, known_from, changed_on and, in {@code unreadable}, what could not be read. */
    public static Dataset<Row> read(Dataset<Row> raw, Field... fields) {
        List<Column> columns = new ArrayList<>();
        for (Field field : fields) {
            columns.add(field.value.as(field.name));
        }
        columns.add(Text.clean(col("action")).isNotNull().as("withdrawn"));
        Stream.of("sender", "delivery", "file", "line", "row_hash").forEach(name -> columns.add(col(name)));
        columns.add(col("received_on").as("known_from"));
        columns.add(date("changed_on").value.as("changed_on"));
        columns.add(array_compact(array(Stream.of(fields)
                        .map(f -> when(f.unreadable, lit(f.name + " cannot be read")))
                        .toArray(Column[]::new)))
                .as("unreadable"));
        return raw.select(columns.toArray(Column[]::new));
    }
}
