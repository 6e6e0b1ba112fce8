-- What individual businesses and cooperatives score on the day by their own index; the records of the day itself are evidence in special.sql.
CREATE OR REPLACE TEMP TABLE ib_costs AS
SELECT eid, 'ib_samplings' AS indicator, reported_on AS on_day, record_id, sample_cost(weight, item, nth, reported_on) AS cost
FROM (
    SELECT *, CAST(CASE WHEN rechecked THEN 60 ELSE 40 END AS DECIMAL(14, 4)) AS weight, nth_alike(eid, item, reported_on, record_id, 12) AS nth
    FROM known_samplings WHERE result = 'fail' AND eid IN (SELECT eid FROM individuals))
WHERE in_months(reported_on, 36)
UNION ALL
SELECT eid, 'ib_penalties', decided_on, record_id, penalty_cost(weight, violation, nth, decided_on)
FROM (
    SELECT *, nth_alike(eid, violation, decided_on, record_id, 24) AS nth
    FROM (
        SELECT *, penalty_weight(kinds, amount_yuan, 50000, 2000) AS weight
        FROM known_penalties WHERE eid IN (SELECT eid FROM individuals))
    WHERE weight > 0)
WHERE in_months(decided_on, 36)
UNION ALL
SELECT eid, CASE WHEN list = 'serious' THEN 'serious' WHEN reason = 'no_report' THEN 'ib_marked_no_report' ELSE 'ib_marked' END, CASE list WHEN 'serious' THEN listed_on END, record_id,
    CAST(CASE WHEN list = 'serious' THEN 1
    WHEN reason = 'unreachable' THEN 180 WHEN reason = 'false_information' THEN 150 ELSE 80 END AS DECIMAL(14, 4))
FROM listed WHERE stands AND (list = 'abnormal' OR (list = 'serious' AND in_months(listed_on, 36)))
UNION ALL
SELECT eid, 'ib_unreachable', NULL, record_id, 1 FROM listed WHERE stands AND list = 'abnormal' AND reason = 'unreachable'
UNION ALL
SELECT eid, unnest(['ib_reports_missing', 'ib_report_late']), NULL, i.entity_id || '/' || report_year,
    unnest([CAST(missing AS INTEGER), CAST(latest AND late AS INTEGER)])
FROM obligations JOIN ids i USING (eid) WHERE due_on < DATE '${at}' AND eid IN (SELECT eid FROM individuals)
UNION ALL
SELECT eid, 'ib_verified', filed_on, record_id, CAST(30 * decay(filed_on) AS DECIMAL(14, 4)) FROM known_complaints
WHERE verified AND case_filed AND in_months(filed_on, 36) AND eid IN (SELECT eid FROM individuals)
UNION ALL
SELECT eid, 'ib_stopped', decided_on, record_id, 1 FROM known_penalties
WHERE in_months(decided_on, 36) AND list_has_any(kinds, ['suspension', 'business_closed', 'licence_revoked'])
    AND eid IN (SELECT eid FROM individuals)
UNION ALL
SELECT eid, 'volume', filed_on, record_id, 1 FROM known_complaints
WHERE outcome NOT IN ('refused', 'withdrawn') AND in_months(filed_on, 12) AND eid IN (SELECT eid FROM individuals);

INSERT INTO measured
SELECT 'individual', eid, DATE '${at}', CAST(round(greatest(0, least(1000, least(age_points + trade_points, 100)
    + least(CASE WHEN silent_points > owed_points THEN 0 ELSE owed_points END + CASE WHEN late THEN 30 ELSE 0 END, 200)
    + least(penalty_points + sampling_points + marked_points + CASE WHEN silent_points > owed_points THEN silent_points ELSE 0 END, 500)
    + least(verified_points + CASE WHEN volume < 3 THEN 0 WHEN volume < 5 THEN 20 WHEN volume < 10 THEN 40 ELSE 60 END, 200)
    - CASE WHEN age >= 36 AND faults = 0 AND missing = 0 THEN 25 ELSE 0 END))) AS INTEGER),
    greatest(floor, CASE WHEN (unreachable > 0 AND missing >= 1) OR missing >= 3 THEN 'C' END)
FROM (
    SELECT e.eid, CAST(months_since(established_on) AS INTEGER) AS age,
        CASE WHEN age < 12 THEN 20 WHEN age < 36 THEN 10 ELSE 0 END AS age_points, trade_points(industry_code) AS trade_points,
        coalesce(c.penalty_points, 0) AS penalty_points, coalesce(c.sampling_points, 0) AS sampling_points,
        coalesce(c.marked_points, 0) AS marked_points, coalesce(c.silent_points, 0) AS silent_points, coalesce(c.unreachable, 0) AS unreachable,
        coalesce(o.missing, 0) AS missing, coalesce(o.late, false) AS late, owed_points(coalesce(o.missing, 0)) AS owed_points, coalesce(c.verified_points, 0) AS verified_points,
        coalesce(c.volume, 0) AS volume, coalesce(c.faults, 0) AS faults, floor
    FROM known_entities e
    LEFT JOIN (
        SELECT eid, sum(cost) FILTER (indicator = 'ib_penalties') AS penalty_points, sum(cost) FILTER (indicator = 'ib_samplings') AS sampling_points,
            sum(cost) FILTER (indicator = 'ib_marked') AS marked_points, sum(cost) FILTER (indicator = 'ib_marked_no_report') AS silent_points,
            count(*) FILTER (indicator = 'ib_unreachable') AS unreachable, sum(cost) FILTER (indicator = 'ib_verified') AS verified_points,
            count(*) FILTER (indicator = 'volume') AS volume, count(*) FILTER (indicator NOT IN ('volume', 'ib_stopped', 'ib_reports_missing', 'ib_report_late')) AS faults,
            CASE WHEN bool_or(indicator IN ('serious', 'ib_stopped')) THEN 'D' WHEN bool_or(indicator IN ('ib_marked', 'ib_marked_no_report')) THEN 'B' END AS floor
        FROM ib_costs WHERE cost > 0 GROUP BY eid) c ON c.eid = e.eid
    LEFT JOIN owed_at(DATE '${at}') o ON o.eid = e.eid
    WHERE status IN ('active', 'suspended') AND entity_kind IN ('individual', 'cooperative')
        AND (DATE '${at}' = DATE '${as_of}' OR coalesce(established_on <= DATE '${at}', true)));
