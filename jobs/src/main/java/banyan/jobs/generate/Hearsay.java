package banyan.jobs.generate;

import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.translate;
import static org.apache.spark.sql.functions.when;

import org.apache.spark.sql.Column;

/** What a customer says of a shop: its sign and its place, more or less right. Shares are proposed defaults. */
record Hearsay(Draw draw) {
    /** The name of a shop as a customer knows it; null where he gives the place alone. */
    Column sign(Column name, Column id) {
        Column core = regexp_replace(name, "^福州|有限公司$|商行$|农民专业合作社$", "");
        Column where = draw.below(3, "mistaken", id).plus(3);
        Column mistaken = concat(
                core.substr(lit(1), where.minus(1)),
                draw.word("mistake", id, "辉", "灰", "成", "园", "洋", "宏"),
                core.substr(where.plus(1), lit(20)));
        Column traditional = translate(name, "达闽远发华胜丰辉业电农购农务", "達閩遠發華勝豐輝業電農購農務");
        Column drawn = draw.uniform("sign", id);
        return when(drawn.lt(0.35), name)
                .when(drawn.lt(0.68), core)
                .when(drawn.lt(0.74), core.substr(1, 5)) // without its trade
                .when(drawn.lt(0.82), concat(core, lit("（福州店）")))
                .when(drawn.lt(0.90), mistaken)
                .when(drawn.lt(0.94), traditional);
    }

    /** Where a customer says that a shop is. */
    Column whereabouts(Column address, Column id) {
        Column drawn = draw.uniform("whereabouts", id);
        return when(drawn.lt(0.62), address)
                .when(drawn.lt(0.78), regexp_replace(address, "[0-9]+室$", ""))
                .when(drawn.lt(0.86), regexp_replace(address, "^福州市...", ""))
                .when(drawn.lt(0.92), translate(address, "0123456789", "０１２３４５６７８９"))
                .when(drawn.lt(0.96), regexp_replace(address, "[0-9]+号.*$", ""));
    }
}
