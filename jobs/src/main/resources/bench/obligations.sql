-- Obligations: one row per annual report an entity in operation owed by the day; a kind of which no report came owes none.
CREATE TEMP TABLE owed AS
SELECT eid, first_year, unnest(range(first_year, ${last_due} + 1)) AS report_year
FROM (
    SELECT eid, greatest(year(established_on), covered_from) AS first_year FROM known_entities
    JOIN (
        SELECT CASE left(r.credit_code, 2) WHEN '91' THEN 'enterprise' WHEN '92' THEN 'individual' WHEN '93' THEN 'cooperative'
                ELSE e.entity_kind END AS entity_kind, min(report_year) AS covered_from
        FROM known_reports r LEFT JOIN known_entities e USING (eid) GROUP BY 1) USING (entity_kind)
    WHERE entity_kind IN ('enterprise', 'individual', 'cooperative') AND status IN ('active', 'suspended')
        AND established_on IS NOT NULL)
WHERE first_year <= ${last_due};

CREATE TEMP TABLE obligations AS
SELECT o.eid, CAST(o.report_year AS INTEGER) AS report_year, make_date(o.report_year + 1, 6, 30) AS due_on, r.filed_on,
    coalesce(r.filed_on > due_on, false) AS late, r.filed_on IS NULL AS missing,
    CAST(CASE WHEN r.filed_on IS NULL THEN o.report_year - coalesce(max(CASE WHEN r.filed_on IS NOT NULL THEN o.report_year END) OVER (
        PARTITION BY o.eid ORDER BY o.report_year ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), o.first_year - 1)
        ELSE 0 END AS INTEGER) AS missing_run,
    o.report_year = ${last_due} AS latest, r.assets_yuan, r.liabilities_yuan,
    r.assets_yuan = 0 AND r.revenue_yuan = 0 AND r.profit_yuan = 0 AND r.tax_yuan = 0 AS all_zero
FROM owed o LEFT JOIN known_reports r ON r.eid = o.eid AND r.report_year = o.report_year;

COPY (
    SELECT i.entity_id, i.entity_id || '/' || report_year AS record_id, o.* EXCLUDE (eid), ${stamp}
    FROM obligations o JOIN ids i USING (eid)
) TO '${out}/3-scored/obligations.parquet' (FORMAT parquet);

INSERT INTO counted SELECT 'obligations', count(*) FROM obligations;

-- What an entity owed last by a day of a run, as it was filed by then.
CREATE MACRO owed_at(run) AS TABLE
SELECT eid, missing_run AS missing, late AND there AS late, all_zero AND there AS all_zero,
    liabilities_yuan > assets_yuan AND there AS insolvent
FROM (SELECT *, coalesce(filed_on <= run, false) AS there FROM obligations)
WHERE due_on < run AND run <= due_on + INTERVAL 12 MONTH;

CREATE TEMP TABLE individuals AS SELECT eid FROM known_entities WHERE entity_kind IN ('individual', 'cooperative');
