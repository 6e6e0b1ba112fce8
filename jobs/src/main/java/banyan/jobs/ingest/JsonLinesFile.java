package banyan.jobs.ingest;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/** One JSON object a line. Numbers stay as written; a nested value is kept as its JSON text. */
final class JsonLinesFile {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private JsonLinesFile() {}

    static void read(Path file, Charset charset, Records records) throws IOException {
        Map<String, Integer> columns = new LinkedHashMap<>();
        try (TextLines lines = new TextLines(file, charset)) {
            TextLines.Line line;
            while ((line = lines.next()) != null) {
                if (line.fault() != null) {
                    records.unreadable(line.number(), line.fault(), line.text());
                } else if (!line.text().isBlank()) {
                    record(line, columns, records);
                }
            }
        }
        records.columns(List.copyOf(columns.keySet()));
    }

    private static void record(TextLines.Line line, Map<String, Integer> columns, Records records) {
        JsonNode node;
        try {
            node = JSON.readTree(line.text());
        } catch (JacksonException e) {
            records.unreadable(line.number(), "line is no JSON object", line.text());
            return;
        }
        if (node == null || !node.isObject()) {
            records.unreadable(line.number(), "line is no JSON object", line.text());
            return;
        }
        node.propertyNames().forEach(name -> columns.computeIfAbsent(name, n -> columns.size()));
        List<String> values = new ArrayList<>(java.util.Collections.nCopies(columns.size(), null));
        node.properties().forEach(field -> values.set(columns.get(field.getKey()), text(field.getValue())));
        records.record(line.number(), values);
    }

    private static String text(JsonNode value) {
        if (value.isNull()) {
            return null;
        }
        String text = value.isString()
                ? value.asString()
                : value.isNumber() ? value.decimalValue().toPlainString() : value.toString();
        return text.isBlank() ? null : text;
    }
}
