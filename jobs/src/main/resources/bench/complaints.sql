-- One row per version of a complaint, report or consultation.
CREATE OR REPLACE TEMP VIEW asking AS
SELECT *,
    t_ticket_no AS record_id, code_complaint_kinds(t_kind) AS kind,
    as_day(t_filed_on) AS filed_on, t_problem AS problem, t_product AS product,
    code_outcomes(coalesce(t_outcome, 'pending')) AS outcome,
    code_flags(coalesce(t_verified, 'N')) = 'Y' AS verified,
    code_flags(coalesce(t_case_filed, 'N')) = 'Y' AS case_filed,
    as_day(t_closed_on) AS closed_on,
    try_cast(amount(t_amount_yuan, 1) AS DECIMAL(18, 2)) AS amount_yuan,
    credit(t_credit_code) AS credit_code, t_entity_no AS entity_no, t_entity_name AS entity_name,
    coalesce(code_areas(lower(t_area_code)), t_area_code) AS area_code,
    t_action IS NOT NULL AS withdrawn, as_day(t_changed_on) AS changed_on,
    received_on AS known_from
FROM (SELECT ${cleaned}, received_on, sender, delivery, file, line, row_hash FROM '${out}/1-raw/raw_complaints.parquet');

${links}
CREATE TEMP TABLE typed AS
SELECT ${kept}, changed_on, row_hash, CASE WHEN
        record_id IS NULL OR kind IS NULL OR is_no_day(t_filed_on, filed_on) OR filed_on IS NULL OR outcome IS NULL
        OR verified IS NULL OR case_filed IS NULL OR is_no_day(t_closed_on, closed_on)
        OR (t_amount_yuan IS NOT NULL AND amount_yuan IS NULL) OR is_no_day(t_changed_on, changed_on)
        OR filed_on < DATE '1990-01-01' OR amount_yuan < 0
    THEN concat_ws('; ',
        CASE WHEN record_id IS NULL THEN 'record_id is required' END,
        CASE WHEN kind IS NULL THEN 'kind is required' END,
        CASE WHEN is_no_day(t_filed_on, filed_on) THEN 'filed_on cannot be read' END,
        CASE WHEN filed_on IS NULL THEN 'filed_on is required' END,
        CASE WHEN outcome IS NULL THEN 'outcome cannot be read' END,
        CASE WHEN verified IS NULL THEN 'verified cannot be read' END,
        CASE WHEN case_filed IS NULL THEN 'case_filed cannot be read' END,
        CASE WHEN is_no_day(t_closed_on, closed_on) THEN 'closed_on cannot be read' END,
        CASE WHEN (t_amount_yuan IS NOT NULL AND amount_yuan IS NULL) THEN 'amount_yuan cannot be read' END,
        CASE WHEN is_no_day(t_changed_on, changed_on) THEN 'changed_on cannot be read' END,
        CASE WHEN filed_on < DATE '1990-01-01' THEN 'filed_on is below 1990-01-01' END,
        CASE WHEN amount_yuan < 0 THEN 'amount_yuan is below 0' END) END AS broken
FROM linked;
