-- Listings as they stood on the day; those that ended since are over there too.
CREATE OR REPLACE TEMP TABLE listed AS
SELECT *, removed_on IS NULL OR removed_on > DATE '${at}' AS stands
FROM (
    SELECT * REPLACE (CASE WHEN removed_on <= DATE '${as_of}' THEN least(removed_on, DATE '${at}') ELSE removed_on END AS removed_on)
    FROM known_listings WHERE listed_on <= DATE '${at}');

-- Who is classified, and what the registration itself costs.
CREATE OR REPLACE TEMP TABLE scoped AS
SELECT eid, record_id, CAST(months_since(established_on) AS INTEGER) AS age,
    CASE WHEN address_kind IN ('cluster', 'hosted', 'virtual') THEN 15 ELSE 0 END AS address_points,
    CASE WHEN regexp_matches(industry_code, '^(13|14|15|27|62)') THEN 30
        WHEN regexp_matches(industry_code, '^(512|515|521|522|525|8030|8040|805|839|8930|663|643)') THEN 15 ELSE 0 END AS industry_points,
    CASE WHEN capital_yuan >= 100000000 AND paid_in_yuan = 0 AND established_on + to_months(12) < DATE '${at}' THEN 20
        ELSE 0 END AS capital_points
FROM known_entities
WHERE status IN ('active', 'suspended') AND entity_kind = 'enterprise'
    AND (DATE '${at}' = DATE '${as_of}' OR coalesce(established_on <= DATE '${at}', true));

-- One row per record that an indicator looks at, with its points: a failed sample, a penalty, a verified report, a listing. Where a
-- measure only counts records, each that counts costs 1; a listing that was removed costs 0 and is evidence only.
CREATE OR REPLACE TEMP TABLE facts AS
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
    FROM listed WHERE eid IS NOT NULL)
WHERE indicator IS NOT NULL;

-- All that is measured of an enterprise, in one row; of the twins listed_no_report and reports_missing only the larger counts.
CREATE OR REPLACE TEMP TABLE wide AS
SELECT *, age >= 36 AND decisions = 0 AND failures = 0 AND no_report + other + unreachable + serious = 0 AND missing = 0 AND verified = 0
    AS clean
FROM (
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
    owed_points(coalesce(missing, 0)) AS missing_points,
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
LEFT JOIN owed_at(DATE '${at}') o ON o.eid = s.eid);

-- The score alone, with caps and the one rounding, and the worst class of the rules.
INSERT INTO measured
SELECT 'general', eid, DATE '${at}', CAST(round(greatest(0, least(1000,
    least(age_points + address_points + industry_points + capital_points, 120)
    + least(missing_points + CASE WHEN late THEN 30 ELSE 0 END + CASE WHEN all_zero THEN 40 ELSE 0 END + CASE WHEN insolvent THEN 40 ELSE 0 END, 200)
    + least(failure_points + decision_points + before_points + no_report_points + other_points + CASE WHEN unreachable > 0 THEN 180 ELSE 0 END, 480)
    + least(complaint_points + verified_points, 80) - CASE WHEN clean THEN 25 ELSE 0 END))) AS INTEGER),
    CASE WHEN serious > 0 OR stopped > 0 THEN 'D' WHEN (unreachable > 0 AND missing >= 1) OR missing >= 3 THEN 'C'
        WHEN no_report + other + unreachable > 0 OR graver > 0 OR (age < 12 AND (decisions > 0 OR failures > 0)) THEN 'B' END
FROM wide;
