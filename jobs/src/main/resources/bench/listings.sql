-- One row per version of an entry in the abnormal-operation or the serious-dishonesty list.
CREATE OR REPLACE TEMP VIEW asking AS
SELECT *,
    decision_no(t_listing_no) AS listing_no, code_lists(t_list) AS list,
    code_listing_reasons(t_reason) AS reason, t_authority AS authority,
    try_cast(amount(t_report_year, 1) AS INTEGER) AS report_year,
    as_day(t_listed_on) AS listed_on,
    as_day(t_removed_on) AS removed_on,
    t_removal_reason AS removal_reason, as_day(t_repaired_on) AS repaired_on,
    credit(t_credit_code) AS credit_code, t_entity_no AS entity_no, t_entity_name AS entity_name,
    coalesce(code_areas(lower(t_area_code)), t_area_code) AS area_code,
    t_action IS NOT NULL AS withdrawn, as_day(t_changed_on) AS changed_on,
    received_on AS known_from
FROM (SELECT ${cleaned}, received_on, sender, delivery, file, line, row_hash FROM '${out}/1-raw/raw_listings.parquet');

${links}
CREATE TEMP TABLE typed AS
SELECT ${kept}, changed_on, row_hash, CASE WHEN
        record_id = '' OR list IS NULL OR reason IS NULL OR (t_report_year IS NOT NULL AND report_year IS NULL)
        OR is_no_day(t_listed_on, listed_on) OR listed_on IS NULL OR is_no_day(t_removed_on, removed_on)
        OR is_no_day(t_repaired_on, repaired_on) OR is_no_day(t_changed_on, changed_on) OR listed_on < DATE '1990-01-01'
    THEN concat_ws('; ',
        CASE WHEN record_id = '' THEN 'record_id is required' END,
        CASE WHEN list IS NULL THEN 'list is required' END,
        CASE WHEN reason IS NULL THEN 'reason is required' END,
        CASE WHEN (t_report_year IS NOT NULL AND report_year IS NULL) THEN 'report_year cannot be read' END,
        CASE WHEN is_no_day(t_listed_on, listed_on) THEN 'listed_on cannot be read' END,
        CASE WHEN listed_on IS NULL THEN 'listed_on is required' END,
        CASE WHEN is_no_day(t_removed_on, removed_on) THEN 'removed_on cannot be read' END,
        CASE WHEN is_no_day(t_repaired_on, repaired_on) THEN 'repaired_on cannot be read' END,
        CASE WHEN is_no_day(t_changed_on, changed_on) THEN 'changed_on cannot be read' END,
        CASE WHEN listed_on < DATE '1990-01-01' THEN 'listed_on is below 1990-01-01' END) END AS broken
FROM (SELECT *, concat_ws('/', listing_no, coalesce(entity_id, credit_code, name_key(entity_name))) AS record_id FROM linked);
