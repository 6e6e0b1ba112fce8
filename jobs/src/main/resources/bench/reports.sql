-- One row per version of the annual report of one enterprise and year.
CREATE OR REPLACE TEMP VIEW asking AS
SELECT *,
    try_cast(amount(t_report_year, 1) AS INTEGER) AS report_year, as_day(t_filed_on) AS filed_on,
    try_cast(amount(t_assets_wan, 10000) AS DECIMAL(20, 2)) AS assets_yuan,
    try_cast(amount(t_liabilities_wan, 10000) AS DECIMAL(20, 2)) AS liabilities_yuan,
    try_cast(amount(t_revenue_wan, 10000) AS DECIMAL(20, 2)) AS revenue_yuan,
    try_cast(amount(t_profit_wan, 10000) AS DECIMAL(20, 2)) AS profit_yuan,
    try_cast(amount(t_tax_wan, 10000) AS DECIMAL(20, 2)) AS tax_yuan,
    try_cast(amount(t_employees, 1) AS INTEGER) AS employees,
    credit(t_credit_code) AS credit_code, t_entity_no AS entity_no, t_entity_name AS entity_name,
    coalesce(code_areas(lower(t_area_code)), t_area_code) AS area_code,
    t_action IS NOT NULL AS withdrawn, as_day(t_changed_on) AS changed_on,
    received_on AS known_from
FROM (SELECT ${cleaned}, received_on, sender, delivery, file, line, row_hash FROM '${out}/1-raw/raw_reports.parquet');

${links}
CREATE TEMP TABLE typed AS
SELECT ${kept}, changed_on, row_hash, CASE WHEN
        report_year IS NULL OR is_no_day(t_filed_on, filed_on) OR filed_on IS NULL
        OR (t_assets_wan IS NOT NULL AND assets_yuan IS NULL) OR (t_liabilities_wan IS NOT NULL AND liabilities_yuan IS NULL)
        OR (t_revenue_wan IS NOT NULL AND revenue_yuan IS NULL) OR (t_profit_wan IS NOT NULL AND profit_yuan IS NULL)
        OR (t_tax_wan IS NOT NULL AND tax_yuan IS NULL) OR (t_employees IS NOT NULL AND employees IS NULL)
        OR is_no_day(t_changed_on, changed_on) OR report_year NOT BETWEEN 1990 AND 2100 OR filed_on < DATE '1990-01-01'
        OR employees < 0
    THEN concat_ws('; ',
        CASE WHEN report_year IS NULL THEN 'report_year is required' END,
        CASE WHEN is_no_day(t_filed_on, filed_on) THEN 'filed_on cannot be read' END,
        CASE WHEN filed_on IS NULL THEN 'filed_on is required' END,
        CASE WHEN (t_assets_wan IS NOT NULL AND assets_yuan IS NULL) THEN 'assets_yuan cannot be read' END,
        CASE WHEN (t_liabilities_wan IS NOT NULL AND liabilities_yuan IS NULL) THEN 'liabilities_yuan cannot be read' END,
        CASE WHEN (t_revenue_wan IS NOT NULL AND revenue_yuan IS NULL) THEN 'revenue_yuan cannot be read' END,
        CASE WHEN (t_profit_wan IS NOT NULL AND profit_yuan IS NULL) THEN 'profit_yuan cannot be read' END,
        CASE WHEN (t_tax_wan IS NOT NULL AND tax_yuan IS NULL) THEN 'tax_yuan cannot be read' END,
        CASE WHEN (t_employees IS NOT NULL AND employees IS NULL) THEN 'employees cannot be read' END,
        CASE WHEN is_no_day(t_changed_on, changed_on) THEN 'changed_on cannot be read' END,
        CASE WHEN report_year NOT BETWEEN 1990 AND 2100 THEN 'report_year is out of bounds' END,
        CASE WHEN filed_on < DATE '1990-01-01' THEN 'filed_on is below 1990-01-01' END,
        CASE WHEN employees < 0 THEN 'employees is below 0' END) END AS broken
FROM (SELECT *, concat_ws('/', coalesce(entity_id, credit_code, entity_no, entity_name), report_year) AS record_id FROM linked);
