-- One row per version of one item result of a sample or inspection.
CREATE OR REPLACE TEMP VIEW asking AS
SELECT *,
    t_sample_no AS sample_no, t_item AS item, concat_ws('/', t_sample_no, t_item) AS record_id,
    as_day(t_sampled_on) AS sampled_on,
    as_day(t_reported_on) AS d_reported_on, coalesce(d_reported_on, as_day(t_sampled_on)) AS reported_on,
    code_sampling_kinds(t_kind) AS kind, code_stages(t_stage) AS stage,
    t_product AS product, t_category AS category, code_results(t_result) AS result,
    code_flags(coalesce(t_rechecked, 'N')) = 'Y' AS rechecked,
    t_severity AS severity, t_findings AS findings,
    credit(t_producer_credit_code) AS producer_credit_code, t_producer_name AS producer_name,
    credit(t_credit_code) AS credit_code, t_entity_no AS entity_no, t_entity_name AS entity_name,
    coalesce(code_areas(lower(t_area_code)), t_area_code) AS area_code,
    t_action IS NOT NULL AS withdrawn, as_day(t_changed_on) AS changed_on,
    received_on AS known_from
FROM (SELECT ${cleaned}, received_on, sender, delivery, file, line, row_hash FROM '${out}/1-raw/raw_samplings.parquet');

${links}
CREATE TEMP TABLE typed AS
SELECT ${kept}, changed_on, row_hash, CASE WHEN
        sample_no IS NULL OR is_no_day(t_sampled_on, sampled_on) OR sampled_on IS NULL OR is_no_day(t_reported_on, d_reported_on)
        OR kind IS NULL OR (t_stage IS NOT NULL AND stage IS NULL) OR result IS NULL OR rechecked IS NULL
        OR severity NOT IN ('critical', 'serious', 'minor') OR is_no_day(t_changed_on, changed_on)
        OR sampled_on < DATE '1990-01-01' OR reported_on < DATE '1990-01-01'
    THEN concat_ws('; ',
        CASE WHEN sample_no IS NULL THEN 'sample_no is required' END,
        CASE WHEN is_no_day(t_sampled_on, sampled_on) THEN 'sampled_on cannot be read' END,
        CASE WHEN sampled_on IS NULL THEN 'sampled_on is required' END,
        CASE WHEN is_no_day(t_reported_on, d_reported_on) THEN 'reported_on cannot be read' END,
        CASE WHEN kind IS NULL THEN 'kind is required' END,
        CASE WHEN (t_stage IS NOT NULL AND stage IS NULL) THEN 'stage cannot be read' END,
        CASE WHEN result IS NULL THEN 'result is required' END,
        CASE WHEN rechecked IS NULL THEN 'rechecked cannot be read' END,
        CASE WHEN severity NOT IN ('critical', 'serious', 'minor') THEN 'severity is not one of critical, serious, minor' END,
        CASE WHEN is_no_day(t_changed_on, changed_on) THEN 'changed_on cannot be read' END,
        CASE WHEN sampled_on < DATE '1990-01-01' THEN 'sampled_on is below 1990-01-01' END,
        CASE WHEN reported_on < DATE '1990-01-01' THEN 'reported_on is below 1990-01-01' END) END AS broken
FROM linked;
