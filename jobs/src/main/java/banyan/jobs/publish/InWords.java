package banyan.jobs.publish;

import banyan.schemas.Codes;
import banyan.schemas.Contract;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** The rows of a list as people read them: words in place of the codes that its contract names, yes and no in place of true and false. */
final class InWords {
    private InWords() {}

    /** @param rows of the list, in the order of its columns */
    static Iterator<Row> of(Contract list, String lang, Iterator<Row> rows) {
        List<Optional<Codes>> codes = list.properties().stream()
                .map(column -> column.codes().map(Codes::of))
                .toList();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public Row next() {
                Row row = rows.next();
                return RowFactory.create(IntStream.range(0, codes.size())
                        .mapToObj(c -> said(row.get(c), codes.get(c), lang))
                        .toArray());
            }
        };
    }

    private static Object said(Object value, Optional<Codes> codes, String lang) {
        boolean english = lang.equals("en");
        if (value instanceof Boolean is) {
            return is ? (english ? "yes" : "是") : (english ? "no" : "否");
        }
        return value instanceof String code && codes.isPresent() ? codes.get().nameOf(code, lang) : value;
    }
}
