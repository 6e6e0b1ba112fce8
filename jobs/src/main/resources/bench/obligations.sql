-- Obligations: one row per annual report an enterprise in operation owed by the day.
CREATE TEMP TABLE owed AS
SELECT eid, first_year, unnest(range(first_year, ${last_due} + 1)) AS report_year
FROM (
    SELECT eid, greatest(year(established_on), (SELECT min(report_year) FROM known_reports)) AS first_year FROM known_entities
    WHERE entity_kind = 'enterprise' AND status IN ('active', 'suspended') AND established_on IS NOT NULL
        AND EXISTS (FROM known_reports))
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

CREATE TEMP TABLE individuals AS SELECT eid FROM known_entities WHERE entity_kind IN ('individual', 'cooperative');
