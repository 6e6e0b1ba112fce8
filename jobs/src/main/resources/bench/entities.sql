-- One row per version of an entity.
CREATE TEMP TABLE typed AS
SELECT ${kept}, changed_on, row_hash, CASE WHEN
        (t_credit_code IS NOT NULL AND NOT formed) OR entity_kind IS NULL OR status IS NULL
        OR is_no_day(t_established_on, established_on) OR is_no_day(t_ended_on, ended_on) OR is_no_day(t_changed_on, changed_on)
        OR (t_capital_wan IS NOT NULL AND capital_yuan IS NULL) OR (t_paid_in_wan IS NOT NULL AND paid_in_yuan IS NULL)
        OR (t_industry_code IS NOT NULL AND industry_code IS NULL) OR address_kind IS NULL
        OR record_no IS NULL OR name IS NULL OR name_key IS NULL
        OR established_on < DATE '1900-01-01' OR capital_yuan < 0 OR paid_in_yuan < 0
    THEN concat_ws('; ',
        CASE WHEN t_credit_code IS NOT NULL AND NOT formed THEN 'credit_code has the wrong form' END,
        CASE WHEN entity_kind IS NULL THEN 'entity_kind cannot be read' END,
        CASE WHEN status IS NULL THEN 'status cannot be read' END,
        CASE WHEN is_no_day(t_established_on, established_on) THEN 'established_on cannot be read' END,
        CASE WHEN is_no_day(t_ended_on, ended_on) THEN 'ended_on cannot be read' END,
        CASE WHEN is_no_day(t_changed_on, changed_on) THEN 'changed_on cannot be read' END,
        CASE WHEN t_capital_wan IS NOT NULL AND capital_yuan IS NULL THEN 'capital_yuan cannot be read' END,
        CASE WHEN t_paid_in_wan IS NOT NULL AND paid_in_yuan IS NULL THEN 'paid_in_yuan cannot be read' END,
        CASE WHEN t_industry_code IS NOT NULL AND industry_code IS NULL THEN 'industry_code cannot be read' END,
        CASE WHEN address_kind IS NULL THEN 'address_kind cannot be read' END,
        CASE WHEN record_no IS NULL THEN 'record_no is required' END,
        CASE WHEN name IS NULL OR name_key IS NULL THEN 'name is required' END,
        CASE WHEN established_on < DATE '1900-01-01' THEN 'established_on is below 1900-01-01' END,
        CASE WHEN capital_yuan < 0 THEN 'capital_yuan is below 0' END,
        CASE WHEN paid_in_yuan < 0 THEN 'paid_in_yuan is below 0' END) END AS broken
FROM (
    SELECT *,
        CASE WHEN formed THEN credit_code ELSE coalesce(reg_no, sender || ':' || record_no) END AS entity_id,
        entity_id AS record_id, code_sectors(left(industry_code, 2)) AS sector,
        CASE WHEN formed THEN check_digit(credit_code) = right(credit_code, 1) END AS credit_code_ok
    FROM (SELECT *, coalesce(well_formed(credit_code), false) AS formed FROM (
        SELECT *, credit(t_credit_code) AS credit_code, t_reg_no AS reg_no,
            t_record_no AS record_no, t_name AS name, name_key(t_name) AS name_key,
            code_entity_kinds(coalesce(t_entity_kind, 'enterprise')) AS entity_kind, t_legal_form AS legal_form,
            code_statuses(coalesce(t_status, 'unknown')) AS status,
            as_day(t_established_on) AS established_on,
            as_day(t_ended_on) AS ended_on,
            try_cast(amount(t_capital_wan, 10000) AS DECIMAL(20, 2)) AS capital_yuan,
            try_cast(amount(t_paid_in_wan, 10000) AS DECIMAL(20, 2)) AS paid_in_yuan,
            nullif(regexp_extract(t_industry_code, '^[A-Ta-t]?([0-9]{2,4})$', 1), '') AS industry_code,
            coalesce(code_areas(lower(t_area_code)), t_area_code) AS area_code, t_address AS address,
            code_address_kinds(coalesce(t_address_kind, 'ordinary')) AS address_kind,
            t_action IS NOT NULL AS withdrawn, CAST(NULL AS VARCHAR) AS moved_to, as_day(t_changed_on) AS changed_on,
            received_on AS known_from
        FROM (SELECT ${cleaned}, received_on, sender, delivery, file, line, row_hash FROM '${out}/1-raw/raw_registrations.parquet'))));
