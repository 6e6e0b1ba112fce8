package banyan.jobs.publish;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.node.ObjectNode;

/** The HTML report: one file that opens without a network. The page itself is {@code report/report.html}. */
final class Report {
    private static final String ECHARTS = "META-INF/resources/webjars/echarts/5.5.0/echarts.min.js";

    private Report() {}

    /** @param data what the page shows; the shape is described at the top of report.html's script */
    static void write(Path file, ObjectNode data) throws IOException {
        String page = resource("report/report.html");
        String json = data.toString()
                .replace("<", "\\u003c")
                .replace("\u2028", "\\u2028")
                .replace("\u2029", "\\u2029");
        int at = page.indexOf("__DATA__");
        int charts = page.indexOf("__ECHARTS__");
        Files.writeString(
                file,
                page.substring(0, at)
                        + json
                        + page.substring(at + "__DATA__".length(), charts)
                        + resource(ECHARTS)
                        + page.substring(charts + "__ECHARTS__".length()),
                StandardCharsets.UTF_8);
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Report.class.getClassLoader().getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("Cannot find " + name + " on the class path; build the project again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
