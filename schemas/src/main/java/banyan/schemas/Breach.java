package banyan.schemas;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A rule that a record breaks, in the words of those who sent it. */
public final class Breach {
    /** Of a rule about a column; $1 is its Chinese name. */
    private static final Map<Pattern, String> OF_COLUMNS = patterns(
            "(\\w+) is required", "$1：必填",
            "(\\w+) has the wrong form", "$1：格式不符",
            "(\\w+) is below (.+)", "$1：小于 $2",
            "(\\w+) is above (.+)", "$1：大于 $2",
            "(\\w+) is not one of (.+)", "$1：不在规定取值之内（$2）",
            "(\\w+) cannot be read", "$1：无法识别",
            "(\\w+) is blank", "$1：空缺");

    /** Of what the readers of files say. */
    private static final Map<Pattern, String> OF_LINES = patterns(
            "line is longer than (.+)", "一行超过 $1",
            "line holds a NUL character", "含空字符（NUL）",
            "line is not (\\S+)", "不是 $1 编码",
            "line is no JSON object", "不是 JSON 对象",
            "a quote is not closed", "引号未闭合",
            "a quote stands where none may", "引号位置不当",
            "(\\d+) fields where the header has (\\d+)", "有 $1 列，表头为 $2 列",
            "(\\d+) cells where the header has (\\d+)", "有 $1 格，表头为 $2 格",
            "records", "记录数");

    private Breach() {}

    /**
     * @param rule as {@link Contract#rules}, {@link Contract#warnings} or a reader of files names it
     * @param lang "zh" or "en"; a rule that has no Chinese words stays as it is
     */
    public static String in(String lang, Contract contract, String rule) {
        if (!lang.equals("zh")) {
            return rule;
        }
        for (Contract.Quality quality : contract.schema().get(0).quality()) {
            if (quality.name().equals(rule)) {
                return quality.description();
            }
        }
        for (Map.Entry<Pattern, String> form : OF_COLUMNS.entrySet()) {
            Matcher said = form.getKey().matcher(rule);
            if (said.matches() && contract.columnNames().contains(said.group(1))) {
                String name = contract.property(said.group(1)).businessName();
                return said.replaceFirst(form.getValue().replace("$1", Matcher.quoteReplacement(name)));
            }
        }
        for (Map.Entry<Pattern, String> form : OF_LINES.entrySet()) {
            Matcher said = form.getKey().matcher(rule);
            if (said.matches()) {
                return said.replaceFirst(form.getValue());
            }
        }
        return rule;
    }

    private static Map<Pattern, String> patterns(String... formsAndWords) {
        Map<Pattern, String> patterns = new LinkedHashMap<>();
        for (int i = 0; i < formsAndWords.length; i += 2) {
            patterns.put(Pattern.compile(formsAndWords[i]), formsAndWords[i + 1]);
        }
        return patterns;
    }
}
