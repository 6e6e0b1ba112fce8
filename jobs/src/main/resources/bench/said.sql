-- What the records of a table say of parties without a good number.
INSERT INTO said
SELECT t_entity_name, coalesce(code_areas(lower(t_area_code)), t_area_code), ${address}, ${day}
FROM (SELECT ${cleaned} FROM '${out}/1-raw/raw_${table}.parquet')
WHERE NOT good(credit(t_credit_code)) AND (t_entity_name IS NOT NULL OR ${address} IS NOT NULL) AND ${day} IS NOT NULL;
