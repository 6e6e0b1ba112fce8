-- The newest 50 records behind each value that counts.
CREATE TEMP TABLE proofs AS
SELECT eid, indicator, list(record_id ORDER BY on_day DESC NULLS LAST, record_id DESC)[1:50] AS evidence, CAST(count(*) AS INTEGER) AS found
FROM (
    SELECT eid, indicator, on_day, record_id, cost FROM facts
    WHERE cost > 0 OR indicator IN ('listed_no_report', 'listed_unreachable', 'listed_serious')
    UNION ALL
    SELECT eid, 'complaints_12m', filed_on, record_id, 1 FROM known_complaints
    WHERE kind <> 'consultation' AND outcome NOT IN ('refused', 'withdrawn') AND in_months(filed_on, 12)
        AND eid IN (SELECT eid FROM wide WHERE complaint_points > 0)
    UNION ALL
    SELECT eid, 'reports_missing', NULL, i.entity_id || '/' || report_year, 1 FROM obligations JOIN ids i USING (eid)
    WHERE missing AND eid IN (SELECT eid FROM wide WHERE missing > 0)
    UNION ALL
    SELECT eid, unnest(['report_late', 'report_all_zero', 'report_insolvent']), NULL, i.entity_id || '/' || report_year, 1
    FROM obligations JOIN ids i USING (eid) WHERE latest AND (late OR all_zero OR liabilities_yuan > assets_yuan))
GROUP BY eid, indicator HAVING max(cost) > 0;

-- What gave points, and which rules set the class.
CREATE TEMP TABLE gave AS
SELECT eid, indicator, 'indicator' AS kind, grp, position, CAST(value AS DECIMAL(20, 4)) AS value, CAST(points AS DECIMAL(14, 4)) AS points,
    CAST(NULL AS VARCHAR) AS class_floor, source_table, CASE WHEN source_table = 'entities' THEN [w.record_id] ELSE p.evidence END AS evidence,
    CASE WHEN source_table = 'entities' THEN 1 ELSE p.found END AS evidence_count
FROM (
    SELECT eid, record_id, 'entity_age' AS indicator, 'basic' AS grp, 0 AS position, age AS value, age_points AS points, 'entities' AS source_table FROM wide WHERE age_points > 0
    UNION ALL SELECT eid, record_id, 'address_kind', 'basic', 0, 1, address_points, 'entities' FROM wide WHERE address_points > 0
    UNION ALL SELECT eid, record_id, 'industry_risk', 'basic', 0, 1, industry_points, 'entities' FROM wide WHERE industry_points > 0
    UNION ALL SELECT eid, record_id, 'unpaid_capital', 'basic', 0, 1, capital_points, 'entities' FROM wide WHERE capital_points > 0
    UNION ALL SELECT eid, record_id, 'reports_missing', 'dynamic', 1, missing, missing_points, 'obligations' FROM wide WHERE missing_points > 0
    UNION ALL SELECT eid, record_id, 'report_late', 'dynamic', 1, 1, 30, 'obligations' FROM wide WHERE late
    UNION ALL SELECT eid, record_id, 'report_all_zero', 'dynamic', 1, 1, 40, 'obligations' FROM wide WHERE all_zero
    UNION ALL SELECT eid, record_id, 'report_insolvent', 'dynamic', 1, 1, 40, 'obligations' FROM wide WHERE insolvent
    UNION ALL SELECT eid, record_id, 'sampling_failures', 'supervision', 2, failures, failure_points, 'samplings' FROM wide WHERE failure_points > 0
    UNION ALL SELECT eid, record_id, 'penalty_decisions', 'supervision', 2, decisions, decision_points, 'penalties' FROM wide WHERE decision_points > 0
    UNION ALL SELECT eid, record_id, 'listed_before', 'supervision', 2, before, before_points, 'listings' FROM wide WHERE before_points > 0
    UNION ALL SELECT eid, record_id, 'listed_no_report', 'supervision', 2, no_report, no_report_points, 'listings' FROM wide WHERE no_report_points > 0
    UNION ALL SELECT eid, record_id, 'listed_other', 'supervision', 2, other, other_points, 'listings' FROM wide WHERE other_points > 0
    UNION ALL SELECT eid, record_id, 'listed_unreachable', 'supervision', 2, unreachable, 180, 'listings' FROM wide WHERE unreachable > 0
    UNION ALL SELECT eid, record_id, 'complaints_12m', 'social', 4, complaints, complaint_points, 'complaints' FROM wide WHERE complaint_points > 0
    UNION ALL SELECT eid, record_id, 'verified_reports', 'social', 4, verified, verified_points, 'complaints' FROM wide WHERE verified_points > 0) w
LEFT JOIN proofs p USING (eid, indicator)
UNION ALL
SELECT eid, indicator, kind, CASE kind WHEN 'bonus' THEN 'bonus' ELSE 'rule' END, 5, NULL, points, class_floor, source_table, evidence,
    CAST(len(evidence) AS INTEGER)
FROM (
SELECT a.eid, a.indicator, kind, points, class_floor, source_table,
    list_sort(list_distinct(flatten(coalesce(list(p.evidence) FILTER (p.evidence IS NOT NULL), []))
        || CASE WHEN of_entity THEN [record_id] ELSE [] END))[1:50] AS evidence
FROM (
    SELECT eid, record_id, r.indicator, r.kind, r.class_floor, r.points, r.source_table,
        unnest(CASE WHEN len(r.named) = 0 THEN [''] ELSE r.named END) AS needs,
        r.indicator IN ('new_with_fault', 'clean_record') AND age > 0 AS of_entity
    FROM (
        SELECT eid, record_id, age, unnest([
            CASE WHEN serious > 0 THEN {'indicator': 'serious_list', 'kind': 'override', 'class_floor': 'D', 'points': 0,
                'source_table': 'listings', 'named': ['listed_serious']} END,
            CASE WHEN stopped > 0 THEN {'indicator': 'operation_stopped', 'kind': 'override', 'class_floor': 'D', 'points': 0,
                'source_table': 'penalties', 'named': ['suspension_in_force']} END,
            CASE WHEN (unreachable > 0 AND missing >= 1) OR missing >= 3 THEN {'indicator': 'unreachable_and_silent', 'kind': 'floor',
                'class_floor': 'C', 'points': 0, 'source_table': 'listings,obligations', 'named': ['listed_unreachable', 'reports_missing']} END,
            CASE WHEN no_report + other + unreachable > 0 THEN {'indicator': 'abnormal_now', 'kind': 'floor', 'class_floor': 'B', 'points': 0,
                'source_table': 'listings', 'named': ['listed_no_report', 'listed_other', 'listed_unreachable']} END,
            CASE WHEN graver > 0 THEN {'indicator': 'penalty_this_year', 'kind': 'floor', 'class_floor': 'B', 'points': 0,
                'source_table': 'penalties', 'named': ['penalties_12m']} END,
            CASE WHEN age < 12 AND (decisions > 0 OR failures > 0 OR no_report + other + unreachable > 0) THEN {'indicator': 'new_with_fault',
                'kind': 'floor', 'class_floor': 'B', 'points': 0, 'source_table': 'entities,listings,penalties,samplings',
                'named': ['penalty_decisions', 'sampling_failures', 'listed_no_report', 'listed_other', 'listed_unreachable']} END,
            CASE WHEN clean THEN {'indicator': 'clean_record', 'kind': 'bonus', 'class_floor': CAST(NULL AS VARCHAR), 'points': -25,
                'source_table': 'complaints,entities,listings,obligations,penalties,samplings', 'named': CAST([] AS VARCHAR[])} END]) AS r
        FROM wide) WHERE r IS NOT NULL) a
LEFT JOIN proofs p ON p.eid = a.eid AND p.indicator = a.needs
GROUP BY a.eid, a.indicator, kind, points, class_floor, source_table, of_entity, record_id);

-- Caps and the one rounding, by running sums: the counted points of an entity add up to its score, whatever the caps cut.
CREATE TEMP TABLE contributions AS
SELECT * EXCLUDE (running, capped, total),
    CAST(round(greatest(0, least(1000, total))) - round(greatest(0, least(1000, total - capped))) AS INTEGER) AS counted
FROM (
    SELECT *, sum(capped) OVER (PARTITION BY eid ORDER BY position, points DESC, indicator ROWS UNBOUNDED PRECEDING) AS total
    FROM (
        SELECT *, CASE grp
                WHEN 'bonus' THEN greatest(running, -60) - greatest(running - points, -60)
                WHEN 'basic' THEN least(running, 120) - least(running - points, 120)
                WHEN 'dynamic' THEN least(running, 200) - least(running - points, 200)
                WHEN 'supervision' THEN least(running, 480) - least(running - points, 480)
                WHEN 'social' THEN least(running, 80) - least(running - points, 80) ELSE 0 END AS capped
        FROM (
            SELECT *, sum(points) OVER (PARTITION BY eid, grp ORDER BY points DESC, indicator ROWS UNBOUNDED PRECEDING) AS running
            FROM gave)));

COPY (
    SELECT i.entity_id, indicator, kind, grp AS "group", value, points, counted, class_floor, source_table, evidence, evidence_count, ${stamp}
    FROM contributions JOIN ids i USING (eid)
) TO '${out}/3-scored/contributions.parquet' (FORMAT parquet);

INSERT INTO counted SELECT 'contributions', count(*) FROM contributions;

-- Who was in a worse class by score at a run of a month than now, and keeps it.
CREATE TEMP TABLE holds AS
SELECT eid, field, CASE field WHEN 'general' THEN 'not_yet_better' ELSE 'ib_not_yet_better' END AS indicator, 'floor' AS kind,
    'rule' AS grp, CAST(was.score AS DECIMAL(20, 4)) AS value, CAST(0 AS DECIMAL(14, 4)) AS points, 0 AS counted, was.class AS class_floor,
    'entities' AS source_table, CAST([] AS VARCHAR[]) AS evidence, 0 AS evidence_count, was.on_day AS run_on
FROM (
    SELECT eid, field, max({'class': class_of(score), 'score': score, 'on_day': on_day}) FILTER (on_day < DATE '${as_of}') AS was,
        coalesce(max(score) FILTER (on_day = DATE '${as_of}'), 0) AS now, max(floor) FILTER (on_day = DATE '${as_of}') AS floor
    FROM measured GROUP BY eid, field)
WHERE was.class > greatest(class_of(now), floor);

COPY (
    SELECT i.entity_id, field, indicator, kind, grp AS "group", value, points, counted, class_floor, source_table, evidence, evidence_count,
        run_on, ${stamp}
    FROM holds JOIN ids i USING (eid)
) TO '${out}/3-scored/holds.parquet' (FORMAT parquet);

-- The class of every entity, or why it has none.
CREATE TEMP TABLE risk_classes AS
SELECT eid, CASE WHEN because IS NOT NULL THEN 'unclassified' ELSE greatest(class_by_score, coalesce(floor, 'A')) END AS risk_class, score,
    class_by_score, CASE WHEN because IS NULL THEN greatest(class_by_score, coalesce(floor, 'A')) END AS city_class,
    CAST(NULL AS VARCHAR) AS province_class, coalesce(reason_codes, []) AS reason_codes, coalesce(top_reasons, []) AS top_reasons, because AS unclassified_because
FROM (
    SELECT *, class_of(score) AS class_by_score
    FROM (
        SELECT e.eid, CASE WHEN status NOT IN ('active', 'suspended') THEN 'not_operating'
                WHEN entity_kind <> 'enterprise' THEN 'not_an_enterprise' END AS because,
            CASE WHEN because IS NULL THEN coalesce(c.score, 0) END AS score, floor, reason_codes, top_reasons
        FROM known_entities e LEFT JOIN (
            SELECT eid, CAST(sum(counted) AS INTEGER) AS score, max(class_floor) AS floor,
                list(indicator ORDER BY class_floor DESC, indicator) FILTER (class_floor IS NOT NULL) AS reason_codes,
                (list(indicator ORDER BY counted DESC, indicator) FILTER (counted > 0))[1:3] AS top_reasons
            FROM (
                SELECT eid, indicator, counted, class_floor FROM contributions
                UNION ALL SELECT eid, indicator, counted, class_floor FROM holds WHERE field = 'general')
            GROUP BY eid) c ON c.eid = e.eid));

COPY (
    SELECT i.entity_id, c.* EXCLUDE (eid), ${stamp} FROM risk_classes c JOIN ids i USING (eid)
) TO '${out}/3-scored/risk_classes.parquet' (FORMAT parquet);

INSERT INTO counted SELECT 'risk_classes', count(*) FROM risk_classes;
