package banyan.schemas;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The data dictionary, generated from the contracts: Markdown, one table per table, in Chinese or English. */
public final class Dictionary {
    private Dictionary() {}

    /** @param lang "zh" or "en" */
    public static String markdown(Iterable<Contract> contracts, String lang) {
        boolean zh = lang.equals("zh");
        StringBuilder page = new StringBuilder(
                zh ? "# 数据字典\n\n由契约生成，请勿手改。\n" : "# Data dictionary\n\nGenerated from the contracts; do not edit.\n");
        for (Contract contract : contracts) {
            page.append("\n## ")
                    .append(contract.id())
                    .append(zh ? " " + contract.name() : "")
                    .append("\n\n");
            page.append(contract.description().purpose()).append("\n\n");
            boolean read =
                    zh && contract.properties().stream().anyMatch(p -> p.help().isPresent());
            List<String> titles = zh
                    ? List.of("列", "名称", "类型", "必填", "主键", "规则")
                    : List.of("column", "type", "required", "key", "meaning", "rules");
            page.append(row(read, titles, "含义"));
            page.append(row(read, Collections.nCopies(titles.size(), "---"), "---"));
            for (Contract.Property p : contract.properties()) {
                String required = p.required() ? (zh ? "是" : "yes") : "";
                String key = p.primaryKey() ? (zh ? "是" : "yes") : "";
                List<String> cells = zh
                        ? List.of(p.name(), p.businessName(), p.physicalType(), required, key, rules(p))
                        : List.of(p.name(), p.physicalType(), required, key, p.description(), rules(p));
                page.append(row(read, cells, p.help().orElse("")));
            }
            contract.schema()
                    .get(0)
                    .quality()
                    .forEach(q -> page.append(zh ? "\n- 规则：" : "\n- rule: ")
                            .append(zh ? q.description() : q.name())
                            .append(" (`")
                            .append(q.implementation())
                            .append("`, ")
                            .append(q.severity())
                            .append(")"));
            page.append(contract.schema().get(0).quality().isEmpty() ? "" : "\n");
            contract.dueWithin()
                    .ifPresent(days -> page.append(
                            zh ? "\n最迟每 " + days + " 天报送一次。\n" : "\nA delivery is due every " + days + " days.\n"));
        }
        return page.toString();
    }

    /** @param read whether people read the table, to whom a last column explains it */
    private static String row(boolean read, List<String> cells, String help) {
        return "| "
                + Stream.concat(cells.stream(), read ? Stream.of(help) : Stream.empty())
                        .map(cell -> cell.replace("|", "\\|"))
                        .collect(Collectors.joining(" | "))
                + " |\n";
    }

    private static String rules(Contract.Property p) {
        return Stream.of(
                        Stream.ofNullable(p.classification()),
                        p.logicalTypeOptions().entrySet().stream()
                                .map((Map.Entry<String, Object> e) -> e.getKey() + " `" + e.getValue() + "`"),
                        p.quality().stream()
                                .map(q -> q.arguments() == null
                                        ? "blank < " + q.mustBeLessThan() + " %"
                                        : String.join(", ", q.arguments().validValues())))
                .flatMap(rules -> rules)
                .collect(Collectors.joining(", "));
    }
}
