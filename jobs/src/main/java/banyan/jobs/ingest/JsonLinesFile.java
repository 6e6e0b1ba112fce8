package banyan.jobs.ingest;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
        List<String> columns = columns(file, charset);
        records.columns(columns);
        Map<String, Integer> positions = new HashMap<>();
        columns.forEach(name -> positions.put(name, positions.size()));
        try (TextLines lines = new TextLines(file, charset)) {
            TextLines.Line line;
            while ((line = lines.next()) != null) {
                if (line.fault() != null) {
                    records.unreadable(line.number(), line.fault(), line.text());
                } else if (!line.text().isBlank()) {
                    JsonNode object = object(line);
                    if (object == null) {
                        records.unreadable(line.number(), "line is no JSON object", line.text());
                    } else {
                        records.record(line.number(), values(object, positions));
                    }
                }
            }
        }
    }

    /** No header names them, and any line may bring another: a first pass over the file, in order of first appearance. */
    private static List<String> columns(Path file, Charset charset) throws IOException {
        Set<String> columns = new LinkedHashSet<>();
        try (TextLines lines = new TextLines(file, charset)) {
            TextLines.Line line;
            while ((line = lines.next()) != null) {
                JsonNode object = line.fault() == null && !line.text().isBlank() ? object(line) : null;
                if (object != null) {
                    columns.addAll(object.propertyNames());
                }
            }
        }
        return List.copyOf(columns);
    }

    /** Null where the line is no JSON object. */
    private static JsonNode object(TextLines.Line line) {
        try {
            JsonNode node = JSON.readTree(line.text());
            return node != null && node.isObject() ? node : null;
        } catch (JacksonException e) {
            return null;
        }
    }

    private static List<String> values(JsonNode object, Map<String, Integer> positions) {
        List<String> values = new ArrayList<>(Collections.nCopies(positions.size(), null));
        object.properties().forEach(field -> values.set(positions.get(field.getKey()), text(field.getValue())));
        return values;
    }

    private static String text(JsonNode value) {
        if (value.isNull()) {
            return null;
        }
        String text = value.isString()
                ? value.asString()
                : value.isNumber() ? Records.plain(value.decimalValue()) : value.toString();
        return text.isBlank() ? null : text;
    }
}
