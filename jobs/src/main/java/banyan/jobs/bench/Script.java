package banyan.jobs.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * SQL of a peer, {@code resources/bench/<name>.sql}: statements that end in a semicolon and a line break, with places {@code ${…}} to fill; a
 * comment has lines of its own.
 */
record Script(String name, String text) {
    private static final Pattern PLACE = Pattern.compile("\\$\\{([a-z_]+)}");

    static Script named(String name) {
        String path = "/bench/" + name + ".sql";
        try (InputStream in = Script.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("Cannot find " + path + " on the class path");
            }
            return new Script(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws IllegalStateException if a place has nothing to fill it */
    Script filled(Map<String, String> with) {
        StringBuilder filled = new StringBuilder();
        Matcher place = PLACE.matcher(text);
        while (place.find()) {
            String value = with.get(place.group(1));
            if (value == null) {
                throw new IllegalStateException("Cannot fill " + place.group() + " in bench/" + name + ".sql");
            }
            place.appendReplacement(filled, Matcher.quoteReplacement(value));
        }
        return new Script(name, place.appendTail(filled).toString());
    }

    List<String> statements() {
        return Stream.of(text.replaceAll("(?m)^--.*$", "").split(";[ \t]*\r?\n"))
                .map(String::strip)
                .filter(statement -> !statement.isEmpty())
                .toList();
    }
}
