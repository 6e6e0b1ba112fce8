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

-- Who is classified, and what the registration itself costs.
CREATE MACRO months_since(d) AS (year(DATE '${as_of}') - year(d)) * 12 + month(DATE '${as_of}') - month(d)
    - CASE WHEN day(d) > day(DATE '${as_of}') AND NOT (d = last_day(d) AND DATE '${as_of}' = last_day(DATE '${as_of}')) THEN 1 ELSE 0 END;

CREATE MACRO in_months(d, n) AS d <= DATE '${as_of}' AND DATE '${as_of}' < d + to_months(n);

CREATE MACRO decay(d) AS CAST(CASE WHEN DATE '${as_of}' <= d + to_months(6) THEN 1.0 WHEN DATE '${as_of}' <= d + to_months(12) THEN 0.7
    WHEN DATE '${as_of}' <= d + to_months(24) THEN 0.4 WHEN DATE '${as_of}' <= d + to_months(36) THEN 0.2 ELSE 0 END AS DECIMAL(6, 3));

CREATE TEMP TABLE scoped AS
SELECT eid, record_id, CAST(months_since(established_on) AS INTEGER) AS age,
    CASE WHEN address_kind IN ('cluster', 'hosted', 'virtual') THEN 15 ELSE 0 END AS address_points,
    CASE WHEN regexp_matches(industry_code, '^(13|14|15|27|62)') THEN 30
        WHEN regexp_matches(industry_code, '^(512|515|521|522|525|8030|8040|805|839|8930|663|643)') THEN 15 ELSE 0 END AS industry_points,
    CASE WHEN capital_yuan >= 100000000 AND paid_in_yuan = 0 AND established_on + to_months(12) < DATE '${as_of}' THEN 20
        ELSE 0 END AS capital_points
FROM known_entities
WHERE status IN ('active', 'suspended') AND entity_kind = 'enterprise';

-- The how-manieth record of an entity that is alike in something within some months, records of one day told apart by record_id.
CREATE MACRO nth_alike(eid, same, d, id, months) AS
    count(*) OVER (PARTITION BY eid, same ORDER BY d RANGE BETWEEN to_months(months) PRECEDING AND CURRENT ROW)
    - count(*) OVER (PARTITION BY eid, same, d) + row_number() OVER (PARTITION BY eid, same, d ORDER BY id);

-- What a failed sample costs, and a penalty: dearer each time again, less with age; a small penalty nothing after three months.
CREATE MACRO sample_cost(weight, item, nth, d) AS
    CAST(weight * CAST(CASE WHEN item IS NULL OR nth <= 1 THEN 1 ELSE 1.5 END AS DECIMAL(6, 3)) * decay(d) AS DECIMAL(14, 4));

CREATE MACRO penalty_weight(kinds, yuan, large, small) AS CAST(CASE
    WHEN list_has_any(kinds, ['licence_revoked', 'business_closed']) THEN 400
    WHEN list_has_any(kinds, ['suspension', 'restriction', 'downgrade']) THEN 320
    WHEN list_contains(kinds, 'confiscation') OR yuan >= large THEN 220
    WHEN list_contains(kinds, 'fine') AND yuan > small THEN 150
    WHEN list_has_any(kinds, ['fine', 'criticism']) THEN 30 ELSE 0 END AS DECIMAL(14, 4));

CREATE MACRO penalty_cost(weight, violation, nth, d) AS
    CAST(CASE WHEN weight = 30 AND NOT DATE '${as_of}' < d + to_months(3) THEN 0 ELSE weight END
        * CAST(CASE WHEN violation IS NULL OR nth <= 1 THEN 1 WHEN nth <= 2 THEN 1.5 ELSE 2 END AS DECIMAL(6, 3))
        * decay(d) AS DECIMAL(14, 4));

-- One row per record that an indicator looks at, with its points: a failed sample, a penalty, a verified report, a listing. Where a
-- measure only counts records, each that counts costs 1; a listing that was removed costs 0 and is evidence only.
CREATE TEMP TABLE facts AS
SELECT eid, 'sampling_failures' AS indicator, reported_on AS on_day, record_id, sample_cost(weight, item, nth, reported_on) AS cost
FROM (
    SELECT *, CAST(CASE WHEN rechecked THEN 120 ELSE 80 END AS DECIMAL(14, 4)) AS weight,
        nth_alike(eid, item, reported_on, record_id, 12) AS nth
    FROM known_samplings WHERE result = 'fail' AND eid IS NOT NULL)
WHERE in_months(reported_on, 36)
UNION ALL
SELECT eid, 'penalty_decisions', decided_on, record_id, penalty_cost(weight, violation, nth, decided_on)
FROM (
    SELECT *, nth_alike(eid, violation, decided_on, record_id, 24) AS nth
    FROM (
        SELECT *, penalty_weight(kinds, amount_yuan, 100000, 30000) AS weight
        FROM known_penalties WHERE eid IS NOT NULL)
    WHERE weight > 0)
WHERE in_months(decided_on, 36)
UNION ALL
SELECT eid, 'penalties_12m', decided_on, record_id, 1 FROM known_penalties
WHERE eid IS NOT NULL AND in_months(decided_on, 12) AND (amount_yuan > 30000
    OR list_has_any(kinds, ['confiscation', 'suspension', 'restriction', 'downgrade', 'licence_revoked', 'business_closed']))
UNION ALL
SELECT eid, 'suspension_in_force', decided_on, record_id, 1 FROM known_penalties
WHERE eid IS NOT NULL AND in_months(decided_on, 36) AND list_has_any(kinds, ['suspension', 'licence_revoked', 'business_closed'])
UNION ALL
SELECT eid, 'verified_reports', filed_on, record_id, CAST(20 * decay(filed_on) AS DECIMAL(14, 4)) FROM known_complaints
WHERE eid IS NOT NULL AND kind <> 'consultation' AND verified AND case_filed AND in_months(filed_on, 36)
UNION ALL
SELECT eid, indicator, on_day, record_id, cost
FROM (
    SELECT eid, record_id, unnest([
        CASE WHEN list = 'abnormal' AND removed_on IS NOT NULL AND in_months(removed_on, 36) AND reason <> 'serious_violation'
            THEN {'indicator': 'listed_before', 'on_day': removed_on,
                'cost': CASE reason WHEN 'unreachable' THEN 54 WHEN 'false_information' THEN 45 ELSE 24 END} END,
        CASE WHEN list = 'abnormal' AND reason = 'no_report'
            THEN {'indicator': 'listed_no_report', 'on_day': NULL, 'cost': CAST(stands AS INTEGER)} END,
        CASE WHEN list = 'abnormal' AND stands AND reason IN ('false_information', 'no_disclosure')
            THEN {'indicator': 'listed_other', 'on_day': NULL, 'cost': CASE reason WHEN 'false_information' THEN 150 ELSE 80 END} END,
        CASE WHEN list = 'abnormal' AND reason = 'unreachable'
            THEN {'indicator': 'listed_unreachable', 'on_day': NULL, 'cost': CAST(stands AS INTEGER)} END,
        CASE WHEN list = 'serious' AND in_months(listed_on, 36)
            THEN {'indicator': 'listed_serious', 'on_day': listed_on, 'cost': CAST(stands AS INTEGER)} END], recursive := true)
    FROM (SELECT *, removed_on IS NULL OR removed_on > DATE '${as_of}' AS stands FROM known_listings WHERE eid IS NOT NULL))
WHERE indicator IS NOT NULL;

-- All that is measured of an enterprise, in one row; of the twins listed_no_report and reports_missing only the larger counts.
CREATE TEMP TABLE wide AS
SELECT s.*, coalesce(failures, 0) AS failures, coalesce(failure_points, 0) AS failure_points,
    coalesce(decisions, 0) AS decisions, coalesce(decision_points, 0) AS decision_points, coalesce(graver, 0) AS graver,
    coalesce(stopped, 0) AS stopped, coalesce(verified, 0) AS verified, coalesce(verified_points, 0) AS verified_points,
    coalesce(before, 0) AS before, coalesce(before_points, 0) AS before_points, coalesce(no_report, 0) AS no_report,
    coalesce(other, 0) AS other, coalesce(other_points, 0) AS other_points, coalesce(unreachable, 0) AS unreachable,
    coalesce(serious, 0) AS serious, coalesce(complaints, 0) AS complaints,
    coalesce(missing, 0) AS missing, coalesce(late, false) AS late, coalesce(all_zero, false) AS all_zero,
    coalesce(insolvent, false) AS insolvent,
    CASE WHEN age < 12 THEN 40 WHEN age < 36 THEN 25 WHEN age < 60 THEN 10 ELSE 0 END AS age_points,
    CASE WHEN complaints >= 20 THEN 40 WHEN complaints >= 10 THEN 30 WHEN complaints >= 5 THEN 20 WHEN complaints >= 3 THEN 10
        ELSE 0 END AS complaint_points,
    CASE WHEN missing >= 2 THEN 160 WHEN missing >= 1 THEN 80 ELSE 0 END AS missing_points,
    CASE WHEN no_report >= 1 AND coalesce(missing, 0) = 0 THEN 80 ELSE 0 END AS no_report_points
FROM scoped s
LEFT JOIN (
    SELECT eid, count(*) FILTER (indicator = 'sampling_failures') AS failures, sum(cost) FILTER (indicator = 'sampling_failures') AS failure_points,
        count(*) FILTER (indicator = 'penalty_decisions') AS decisions, sum(cost) FILTER (indicator = 'penalty_decisions') AS decision_points,
        count(*) FILTER (indicator = 'penalties_12m') AS graver, count(*) FILTER (indicator = 'suspension_in_force') AS stopped,
        count(*) FILTER (indicator = 'verified_reports') AS verified, sum(cost) FILTER (indicator = 'verified_reports') AS verified_points,
        count(*) FILTER (indicator = 'listed_before') AS before, sum(cost) FILTER (indicator = 'listed_before') AS before_points,
        count(*) FILTER (indicator = 'listed_no_report') AS no_report,
        count(*) FILTER (indicator = 'listed_other') AS other, sum(cost) FILTER (indicator = 'listed_other') AS other_points,
        count(*) FILTER (indicator = 'listed_unreachable') AS unreachable, count(*) FILTER (indicator = 'listed_serious') AS serious
    FROM facts WHERE cost > 0 GROUP BY eid) f ON f.eid = s.eid
LEFT JOIN (
    SELECT eid, count(*) AS complaints FROM known_complaints
    WHERE eid IS NOT NULL AND kind <> 'consultation' AND outcome NOT IN ('refused', 'withdrawn') AND in_months(filed_on, 12)
    GROUP BY eid) c ON c.eid = s.eid
LEFT JOIN (
    SELECT eid, missing_run AS missing, late, all_zero, liabilities_yuan > assets_yuan AS insolvent FROM obligations WHERE latest
    ) o ON o.eid = s.eid;

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
            CASE WHEN age >= 36 AND decisions = 0 AND failures = 0 AND no_report + other + unreachable + serious = 0 AND missing = 0
                AND verified = 0 THEN {'indicator': 'clean_record', 'kind': 'bonus', 'class_floor': CAST(NULL AS VARCHAR), 'points': -25,
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

-- The class of every entity, or why it has none.
CREATE TEMP TABLE risk_classes AS
SELECT eid, CASE WHEN because IS NOT NULL THEN 'unclassified' ELSE greatest(class_by_score, coalesce(floor, 'A')) END AS risk_class, score,
    class_by_score, CASE WHEN because IS NULL THEN greatest(class_by_score, coalesce(floor, 'A')) END AS city_class,
    CAST(NULL AS VARCHAR) AS province_class, coalesce(reason_codes, []) AS reason_codes, coalesce(top_reasons, []) AS top_reasons, because AS unclassified_because
FROM (
    SELECT *, CASE WHEN score >= 750 THEN 'D' WHEN score >= 500 THEN 'C' WHEN score >= 200 THEN 'B' WHEN score >= 0 THEN 'A' END
        AS class_by_score
    FROM (
        SELECT e.eid, CASE WHEN status NOT IN ('active', 'suspended') THEN 'not_operating'
                WHEN entity_kind <> 'enterprise' THEN 'not_an_enterprise' END AS because,
            CASE WHEN because IS NULL THEN coalesce(c.score, 0) END AS score, floor, reason_codes, top_reasons
        FROM known_entities e LEFT JOIN (
            SELECT eid, CAST(sum(counted) AS INTEGER) AS score, max(class_floor) AS floor,
                list(indicator ORDER BY class_floor DESC, indicator) FILTER (class_floor IS NOT NULL) AS reason_codes,
                (list(indicator ORDER BY counted DESC, indicator) FILTER (counted > 0))[1:3] AS top_reasons
            FROM contributions GROUP BY eid) c ON c.eid = e.eid));

COPY (
    SELECT i.entity_id, c.* EXCLUDE (eid), ${stamp} FROM risk_classes c JOIN ids i USING (eid)
) TO '${out}/3-scored/risk_classes.parquet' (FORMAT parquet);

INSERT INTO counted SELECT 'risk_classes', count(*) FROM risk_classes;
