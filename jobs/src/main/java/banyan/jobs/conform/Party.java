package banyan.jobs.conform;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.nullif;
import static org.apache.spark.sql.functions.regexp_extract;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.when;

import banyan.models.LinkModel;
import banyan.schemas.Codes;
import banyan.schemas.Signs;
import banyan.schemas.Text;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What is said of somebody without a number, taken apart: a name without region and company form, an address as county, road, number
 * and unit. Records and enterprises are taken apart alike, so that they can be compared. What it is made of are patterns.
 *
 * @param counties names of counties
 * @param parents codes of areas that hold others, and so are no county
 * @param regions what a name may begin with
 * @param places what an address may begin with, in full: 长乐 is a county, and 长乐路 a road; 福州 only before one in full
 * @param forms what the name of a company or a shop ends with
 * @param companies the longer ones of them, which are passed over inside a name too
 * @param passedOver words that say nothing
 */
public record Party(
        String counties,
        Set<String> parents,
        String regions,
        String places,
        String forms,
        String companies,
        String passedOver) {
    /** The columns that {@link #apart} adds, beside area_code. */
    static final List<String> WORDS = List.of("name_key", "core", "area_code", "road", "place", "unit");

    /** An address up to the end of its road, as a pattern with one group. */
    public static final String ROAD = "^(.*?(?:大道|路|街|巷|弄|里|道|村))";

    /** What may stand before the road, and the sign after it: 古镇路 is a road and no township. */
    public static final String TOWNSHIP = "^[^0-9]{1,6}?(?:街道|镇|乡)([^路街巷弄里道村大])";

    public static Party of(LinkModel model) {
        List<Codes.Code> codes = Codes.of("areas").codes();
        List<String> areas = codes.stream().map(Codes.Code::zh).toList();
        Set<String> parents = codes.stream()
                .map(Codes.Code::parent)
                .filter(Objects::nonNull)
                .collect(Collectors.toCollection(TreeSet::new));
        return new Party(
                anyOf(codes.stream()
                        .filter(area -> !parents.contains(area.code()))
                        .map(Codes.Code::zh)),
                parents,
                anyOf(Stream.of(areas.stream(), areas.stream().map(Party::bare), model.regions().stream())
                        .flatMap(words -> words)),
                "(?:" + anyOf(model.regions().stream()) + "*(?:"
                        + anyOf(Stream.concat(areas.stream(), model.regions().stream())
                                .filter(area -> area.matches(".*[省市区县]")))
                        + "|[0-9]{6}))+",
                anyOf(model.forms().stream()),
                anyOf(model.forms().stream().filter(form -> form.length() > 2)),
                anyOf(model.passed_over().stream()));
    }

    /** 鼓楼 of 鼓楼区; a name of two characters stays whole. */
    private static String bare(String area) {
        return area.length() > 2 ? area.substring(0, area.length() - 1) : area;
    }

    /** A pattern of words in the signs of a name key, the longest first. */
    private static String anyOf(Stream<String> words) {
        return words.map(Signs::one)
                .distinct()
                .sorted(Comparator.comparing(String::length).reversed().thenComparing(Comparator.naturalOrder()))
                .map(Pattern::quote)
                .collect(Collectors.joining("|", "(?:", ")"));
    }

    /**
     * Adds name_key, core, road, place (road and number) and unit, and takes area_code from the address where it is blank or no county;
     * null where nothing is said of it. place and unit begin with the county, so that they are of one place only. Adds party: 20 hex
     * digits that stand for what is said, in one form; they do not change with the lists of a model.
     *
     * @param rows with area_code, {@code name} and {@code address}
     */
    Dataset<Row> apart(Dataset<Row> rows, Column name, Column address) {
        Column core = regexp_replace(col("name_key"), passedOver, "");
        core = regexp_replace(core, "^" + regions + "+", "");
        core = regexp_replace(core, companies, "");
        core = regexp_replace(core, "(.)" + forms + "$", "$1");
        Column written = Text.addressKey(address);
        Column local = regexp_replace(col("__written"), "^" + places, "");
        Column western = nullif(regexp_extract(col("__local"), "^[0-9]+([A-Z].*)$", 1), lit(""));
        Column number = coalesce(
                when(col("__western").isNotNull(), regexp_extract(col("__local"), "^([0-9]+)", 1)),
                regexp_extract(col("__after"), "^[^0-9]*([0-9]+(?:-[0-9]+)*)", 1));
        Column inside = regexp_replace(
                regexp_replace(regexp_replace(col("__after"), "^[^0-9]*[0-9]+(?:-[0-9]+)*", ""), "[^0-9A-Z]+", "-"),
                "^-|-$",
                "");
        Column wide = col("area_code").isin(parents.toArray());
        Column county = Codes.of("areas").code(regexp_extract(col("__written"), counties, 0));
        Column place = when(
                col("road").isNotNull().and(col("__number").notEqual("")),
                concat(coalesce(col("area_code"), lit("?")), lit(" "), col("road"), lit(" "), col("__number")));
        return rows.withColumn("name_key", Text.nameKey(name))
                .withColumn("__written", written)
                .withColumn("party", id(col("area_code")))
                .withColumn("area_code", coalesce(when(not(wide), col("area_code")), county, col("area_code")))
                .withColumn("core", coalesce(nullif(core, lit("")), col("name_key")))
                .withColumn("__local", regexp_replace(local, TOWNSHIP, "$1"))
                .withColumn("__western", western)
                .withColumn(
                        "road", coalesce(col("__western"), nullif(regexp_extract(col("__local"), ROAD, 1), lit(""))))
                .withColumn("__after", when(col("__western").isNull(), regexp_replace(col("__local"), ROAD, "")))
                .withColumn("__number", number)
                .withColumn("place", place)
                .withColumn(
                        "unit",
                        when(
                                inside.notEqual("").and(col("__western").isNull()),
                                concat(col("place"), lit("/"), inside)))
                .drop("__written", "__local", "__western", "__after", "__number");
    }

    /**
     * What a record and an enterprise must have one of in common to be compared: the core of the name in the county or the city, the
     * place, or two signs of the core and the road; none is borne by more than a few.
     *
     * @return array of text, of a row taken apart; null in the place of a key that cannot be made
     */
    static Column keys() {
        Column area = coalesce(col("area_code"), lit("?"));
        Column core = col("core");
        Column on = concat(area, lit(" "), col("road"), lit(" "));
        Column two = length(core).geq(2);
        return array(
                concat(lit("name "), area, lit(" "), core),
                concat(lit("name * "), core),
                concat(lit("place "), col("place")),
                when(two, concat(lit("begins "), on, substring(core, 1, 2))),
                when(two, concat(lit("ends "), on, substring(core, -2, 2))),
                when(length(core).geq(3), concat(lit("begins "), area, lit(" "), substring(core, 1, 3))));
    }

    private static Column id(Column area) {
        Column words = concat_ws(
                "|", coalesce(col("name_key"), lit("")), coalesce(col("__written"), lit("")), coalesce(area, lit("")));
        return substring(sha2(words.cast("binary"), 256), 1, 20);
    }
}
