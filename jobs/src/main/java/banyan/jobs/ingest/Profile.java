package banyan.jobs.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.trim;

import banyan.jobs.Quality;
import banyan.schemas.Contract;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * What the records of a delivery are like, as rows of dq_metrics: how many there are, how many are blank in each column, break each rule
 * that warns or were set aside by each rule, and how that compares with the deliveries before it.
 *
 * @param metrics rows of dq_metrics
 * @param refusals of the delivery, each with its file
 * @param remarks of what is unusual
 * @param numbers delivery → how many records it holds; no entry where it holds none
 */
record Profile(List<Row> metrics, List<String> refusals, List<String> remarks, Map<String, Numbers> numbers) {
    /** @param broken those that break a rule */
    record Numbers(long records, long broken) {}

    /** Shares of fewer records, and numbers that are usually smaller, are not compared. Proposed default. */
    private static final long ENOUGH = 20;

    /** A share of blanks is told that differs by more from what is usual. Proposed default. */
    private static final BigDecimal DIFFERENCE = new BigDecimal("0.2");

    /**
     * @param rows records of the files with delivery, and in {@code __broken} the rules they break; read once, and once more where any is
     *     broken
     * @param usual what {@link Quality#usual} says of the deliveries before
     */
    static Profile of(
            Contract contract,
            List<DeliveredFile> files,
            Dataset<Row> rows,
            List<String> columns,
            Map<String, BigDecimal> usual,
            String run) {
        Column good = size(col("__broken")).equalTo(0);
        Map<String, Column> sums = new LinkedHashMap<>();
        columns.forEach(c -> sums.put(
                blank(c),
                Quality.number(good.and(col(c).isNull().or(trim(col(c)).equalTo(""))))));
        sums.putAll(Quality.sums(contract, good));
        List<Column> all = new ArrayList<>(List.of(Quality.number(not(good))));
        sums.forEach((rule, column) -> all.add(column));
        Map<String, Row> counted = new HashMap<>();
        rows.groupBy("delivery")
                .agg(count(lit(1)), all.toArray(Column[]::new))
                .collectAsList()
                .forEach(r -> counted.put(r.getString(0), r));
        Map<String, Map<String, Long>> broken = Quality.brokenOf(
                rows,
                counted.values().stream()
                        .filter(r -> r.getLong(2) > 0)
                        .map(r -> r.getString(0))
                        .toList());
        Profile profile = new Profile(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new HashMap<>());
        for (DeliveredFile file : files) {
            Row row = counted.get(file.sha256());
            if (row == null) {
                continue;
            }
            long records = row.getLong(1);
            long aside = row.getLong(2);
            profile.numbers.put(file.sha256(), new Numbers(records, aside));
            profile.records(contract, file, run, records, usual.get(file.sender() + " records"));
            int at = 3;
            for (String rule : sums.keySet()) {
                profile.share(contract, file, run, rule, records - aside, row.getLong(at++), usual);
            }
            broken.getOrDefault(file.sha256(), Map.of())
                    .forEach((rule, n) ->
                            profile.add(contract, file, run, rule, records, n, null, Quality.Verdict.quarantine));
        }
        return profile;
    }

    private static String blank(String column) {
        return column + " is blank";
    }

    private void records(Contract contract, DeliveredFile file, String run, long records, BigDecimal usual) {
        boolean unusual = usual != null
                && usual.longValue() >= ENOUGH
                && (records * contract.drift() < usual.doubleValue()
                        || records > usual.doubleValue() * contract.drift());
        if (unusual) {
            remarks.add(String.format(
                    Locale.ROOT, "%s: %,d records, where %,d are usual", file.name(), records, usual.longValue()));
        }
        add(contract, file, run, "records", records, 0, usual, verdict(unusual));
    }

    private void share(
            Contract contract,
            DeliveredFile file,
            String run,
            String rule,
            long checked,
            long failed,
            Map<String, BigDecimal> usual) {
        BigDecimal before = usual.get(file.sender() + " " + rule);
        BigDecimal share = checked == 0
                ? BigDecimal.ZERO
                : BigDecimal.valueOf(failed).divide(BigDecimal.valueOf(checked), 4, RoundingMode.HALF_UP);
        String percent =
                share.movePointRight(2).setScale(1, RoundingMode.HALF_UP).toPlainString();
        boolean told = contract.warnings().containsKey(rule) && failed > 0;
        for (Contract.Blanks limit : contract.blanks()) {
            if (rule.equals(blank(limit.column()))
                    && share.movePointRight(2).compareTo(limit.below()) >= 0
                    && checked > 0) {
                String why = String.format(
                        Locale.ROOT,
                        "%s: %s in %s %% of %,d records; the contract of %s expects less than %s %%",
                        file.name(),
                        rule,
                        percent,
                        checked,
                        contract.id(),
                        limit.below().toPlainString());
                (limit.refuses() ? refusals : remarks).add(why);
                told = true;
            }
        }
        if (before != null && checked >= ENOUGH && share.subtract(before).abs().compareTo(DIFFERENCE) > 0) {
            remarks.add(String.format(
                    Locale.ROOT,
                    "%s: %s in %s %% of %,d records, where %s %% are usual",
                    file.name(),
                    rule,
                    percent,
                    checked,
                    before.movePointRight(2).setScale(1, RoundingMode.HALF_UP).toPlainString()));
            told = true;
        }
        add(contract, file, run, rule, checked, failed, before, verdict(told));
    }

    private static Quality.Verdict verdict(boolean told) {
        return told ? Quality.Verdict.warning : Quality.Verdict.pass;
    }

    private void add(
            Contract contract,
            DeliveredFile file,
            String run,
            String rule,
            long checked,
            long failed,
            BigDecimal usual,
            Quality.Verdict verdict) {
        metrics.add(RowFactory.create(
                contract.id(),
                run,
                file.receivedOn(),
                file.sender(),
                file.sha256(),
                file.name(),
                rule,
                checked,
                failed,
                usual,
                verdict.name()));
    }
}
