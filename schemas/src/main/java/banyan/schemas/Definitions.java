package banyan.schemas;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The files that define Banyan: contracts, senders, codes and policy. All YAML of the project is read here: plain data only, an
 * unknown or repeated key is refused.
 */
public final class Definitions {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private static final Map<String, SortedMap<String, String>> PACKAGED = new HashMap<>();

    private Definitions() {}

    /** Text of each file of a class-path folder that ends so, sub-folders included: path below the folder → text, sorted by path. */
    public static synchronized SortedMap<String, String> packaged(String folder, String ending) {
        return PACKAGED.computeIfAbsent(folder, f -> read(folder, ending));
    }

    private static SortedMap<String, String> read(String folder, String ending) {
        URL url = Definitions.class.getClassLoader().getResource(folder);
        if (url == null) {
            throw new InvalidDefinition(folder, "the class path holds no such folder; build the project again");
        }
        try {
            URI uri = url.toURI();
            if (!uri.getScheme().equals("jar")) {
                return below(Path.of(uri), ending);
            }
            try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
                return below(jar.getPath("/" + folder), ending);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same for a folder on disk. */
    public static SortedMap<String, String> below(Path folder, String ending) {
        if (!Files.isDirectory(folder)) {
            throw new InvalidDefinition(folder.toString(), "there is no such folder");
        }
        SortedMap<String, String> texts = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                if (file.toString().toLowerCase(Locale.ROOT).endsWith(ending)) {
                    texts.put(
                            folder.relativize(file).toString().replace('\\', '/'),
                            Files.readString(file, StandardCharsets.UTF_8));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return texts;
    }

    /**
     * One YAML file as a record of plain data.
     *
     * @throws InvalidDefinition with line, column and the accepted keys where it has an unknown or repeated key or a wrong type
     */
    public static <T> T yaml(String file, String text, Class<T> type) {
        try {
            T value = YAML.readValue(text, type);
            if (value == null) {
                throw new InvalidDefinition(file, "it is empty");
            }
            return value;
        } catch (DatabindException e) {
            Throwable cause = e.getCause() instanceof InvalidDefinition ? e.getCause() : e;
            throw new InvalidDefinition(file, firstLine(cause.getMessage()) + at(e));
        } catch (JacksonException e) {
            throw new InvalidDefinition(file, firstLine(e.getOriginalMessage()) + at(e));
        }
    }

    private static String at(JacksonException e) {
        return e.getLocation() == null
                ? ""
                : " (line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + ")";
    }

    private static String firstLine(String message) {
        String line = message.lines().findFirst().orElse("");
        return line.replaceAll("Cannot map `null` into type `(\\w+)`.*", "a value of type $1 is missing")
                .replaceAll("\\(class [^)]*\\), not marked as ignorable", "is not a known key");
    }
}
