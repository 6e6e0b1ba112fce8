-- One row per version of a penalty decision, under the enterprise it was imposed on.
CREATE OR REPLACE TEMP VIEW asking AS
SELECT *,
    decision_no(t_decision_no) AS decision_no, t_authority AS authority, as_day(t_decided_on) AS decided_on,
    as_day(t_published_on) AS published_on, t_violation AS violation,
    list_sort(list_distinct([coalesce(code_penalty_kinds(lower(w)), '?') FOR w IN regexp_split_to_array(t_kinds, '[,;、；]\s*')]))
        AS kinds,
    CASE WHEN t_fine_yuan IS NULL THEN 0 ELSE try_cast(amount(t_fine_yuan, 1) AS DECIMAL(18, 2)) END AS fine,
    CASE WHEN t_confiscated_yuan IS NULL THEN 0 ELSE try_cast(amount(t_confiscated_yuan, 1) AS DECIMAL(18, 2)) END AS confiscated,
    fine AS fine_yuan, confiscated AS confiscated_yuan, CAST(fine + confiscated AS DECIMAL(18, 2)) AS amount_yuan,
    as_day(t_repaired_on) AS repaired_on,
    credit(t_credit_code) AS credit_code, t_entity_no AS entity_no, t_entity_name AS entity_name,
    coalesce(code_areas(lower(t_area_code)), t_area_code) AS area_code,
    t_action IS NOT NULL AS withdrawn, as_day(t_changed_on) AS changed_on,
    received_on AS known_from
FROM (SELECT ${cleaned}, received_on, sender, delivery, file, line, row_hash FROM '${out}/1-raw/raw_penalties.parquet');

${links}
CREATE TEMP TABLE typed AS
SELECT ${kept}, changed_on, row_hash, CASE WHEN
        decision_no IS NULL OR is_no_day(t_decided_on, decided_on) OR decided_on IS NULL OR is_no_day(t_published_on, published_on)
        OR kinds IS NULL OR list_contains(kinds, '?') OR fine_yuan IS NULL OR confiscated_yuan IS NULL
        OR is_no_day(t_repaired_on, repaired_on) OR is_no_day(t_changed_on, changed_on) OR decided_on < DATE '1990-01-01'
        OR fine_yuan < 0 OR confiscated_yuan < 0
    THEN concat_ws('; ',
        CASE WHEN decision_no IS NULL THEN 'decision_no is required' END,
        CASE WHEN is_no_day(t_decided_on, decided_on) THEN 'decided_on cannot be read' END,
        CASE WHEN decided_on IS NULL THEN 'decided_on is required' END,
        CASE WHEN is_no_day(t_published_on, published_on) THEN 'published_on cannot be read' END,
        CASE WHEN kinds IS NULL THEN 'kinds is required' END,
        CASE WHEN list_contains(kinds, '?') THEN 'kinds cannot be read' END,
        CASE WHEN fine_yuan IS NULL THEN 'fine_yuan cannot be read' END,
        CASE WHEN confiscated_yuan IS NULL THEN 'confiscated_yuan cannot be read' END,
        CASE WHEN is_no_day(t_repaired_on, repaired_on) THEN 'repaired_on cannot be read' END,
        CASE WHEN is_no_day(t_changed_on, changed_on) THEN 'changed_on cannot be read' END,
        CASE WHEN decided_on < DATE '1990-01-01' THEN 'decided_on is below 1990-01-01' END,
        CASE WHEN fine_yuan < 0 THEN 'fine_yuan is below 0' END,
        CASE WHEN confiscated_yuan < 0 THEN 'confiscated_yuan is below 0' END) END AS broken
FROM (SELECT *, concat_ws('/', decision_no, coalesce(entity_id, credit_code, name_key(entity_name))) AS record_id FROM linked);
