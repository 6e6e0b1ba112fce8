-- Records with a day on which something ends, is due, or may be done: those that run, were missed, or are open.
CREATE TEMP TABLE after_workdays AS FROM (VALUES ${workdays}) AS w(begins_on, n, ends_on);

CREATE TEMP TABLE terms AS
SELECT eid, term, source_table, record_id, begins_on, ends_on, CASE how
    WHEN 'due' THEN CASE WHEN DATE '${as_of}' > ends_on THEN 'overdue' ELSE 'running' END
    WHEN 'opens' THEN CASE WHEN DATE '${as_of}' >= ends_on THEN 'open' ELSE 'waiting' END
    ELSE 'running' END AS state
FROM (
    SELECT eid, term, 'complaints' AS source_table, record_id, c.filed_on AS begins_on, CASE WHEN c.n IS NULL
        THEN CAST(c.filed_on + to_days(60) AS DATE) ELSE w.ends_on END AS ends_on, 'due' AS how
    FROM (
        SELECT eid, record_id, filed_on, CASE WHEN kind = 'report' THEN 'report_checked'
                WHEN outcome = 'pending' THEN 'complaint_answered' ELSE 'complaint_mediated' END AS term,
            CASE WHEN kind = 'report' THEN 15 WHEN outcome = 'pending' THEN 7 WHEN filed_on < DATE '2026-04-15' THEN 45 END AS n
        FROM known_complaints
        WHERE filed_on > DATE '${as_of}' - INTERVAL 12 MONTH AND NOT coalesce(closed_on <= DATE '${as_of}', false)
            AND ((kind = 'complaint' AND outcome IN ('pending', 'accepted'))
                OR (kind = 'report' AND outcome = 'pending' AND filed_on < DATE '2026-04-15'))) c
    LEFT JOIN after_workdays w ON w.begins_on = c.filed_on AND w.n = c.n
    UNION ALL
    SELECT eid, 'penalty_published', 'penalties', record_id, decided_on, ends_on, 'due'
    FROM known_penalties LEFT JOIN after_workdays w ON w.begins_on = decided_on AND n = 20
    WHERE decided_on > DATE '${as_of}' - INTERVAL 12 MONTH AND kinds <> ['warning']
        AND NOT coalesce(published_on <= DATE '${as_of}', false)
    UNION ALL
    SELECT eid, 'penalty_publicity', 'penalties', record_id, coalesce(published_on, decided_on), public_until, 'lasts'
    FROM known_penalties WHERE public_until IS NOT NULL AND coalesce(published_on, decided_on) <= DATE '${as_of}'
    UNION ALL
    SELECT eid, 'penalty_repair', 'penalties', record_id, begins, CAST(begins + to_months(CASE
        WHEN begins < DATE '2026-04-01' AND regexp_matches(violation, '食品|餐饮|食用|添加剂|保质期|药品|特种设备') THEN 12
        WHEN begins < DATE '2026-04-01' THEN 6
        WHEN amount_yuan >= 1000000 THEN 12 ELSE 3 END) AS DATE), 'opens'
    FROM (SELECT *, coalesce(published_on, decided_on) AS begins FROM known_penalties)
    WHERE begins <= DATE '${as_of}' AND kinds <> ['warning']
        AND NOT coalesce(NOT list_contains(kinds, 'confiscation') AND amount_yuan <= small_fine, false)
        AND NOT list_has_any(kinds, ['suspension', 'restriction', 'downgrade', 'licence_revoked', 'business_closed'])
    UNION ALL
    SELECT eid, term, 'listings', record_id, listed_on,
        CAST(listed_on + to_months(CASE term WHEN 'abnormal_list_repair' THEN 0 WHEN 'serious_list_repair' THEN 12 ELSE 36 END) AS DATE),
        CASE term WHEN 'serious_list_term' THEN 'lasts' ELSE 'opens' END
    FROM (
        SELECT eid, record_id, listed_on, unnest(CASE list WHEN 'abnormal' THEN ['abnormal_list_repair'] WHEN 'serious'
            THEN ['serious_list_repair', 'serious_list_term'] ELSE [] END) AS term
        FROM known_listings
        WHERE (removed_on IS NULL OR removed_on > DATE '${as_of}') AND (list = 'abnormal' OR DATE '${as_of}' < listed_on + to_months(36))));

COPY (
    SELECT i.entity_id, t.* EXCLUDE (eid), ${stamp} FROM terms t JOIN ids i USING (eid)
) TO '${out}/3-scored/terms.parquet' (FORMAT parquet);
