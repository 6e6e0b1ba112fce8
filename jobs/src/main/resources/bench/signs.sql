-- Which of the thousands of signs that stand for another occur in names and addresses: to translate by all of them would take longer than all else.
CREATE TEMP TABLE signs AS
SELECT unnest(string_split(${written}, '')) AS written, unnest(string_split(${meant}, '')) AS meant;

CREATE TEMP TABLE texts AS
SELECT name AS t FROM '${out}/1-raw/raw_registrations.parquet' UNION SELECT address FROM '${out}/1-raw/raw_registrations.parquet'
UNION SELECT entity_name FROM '${out}/1-raw/raw_complaints.parquet' UNION SELECT address FROM '${out}/1-raw/raw_complaints.parquet'
UNION SELECT entity_name FROM '${out}/1-raw/raw_samplings.parquet' UNION SELECT entity_name FROM '${out}/1-raw/raw_penalties.parquet'
UNION SELECT entity_name FROM '${out}/1-raw/raw_reports.parquet' UNION SELECT entity_name FROM '${out}/1-raw/raw_listings.parquet';

DELETE FROM signs WHERE written NOT IN (SELECT DISTINCT unnest(string_split(t, '')) FROM texts WHERE t IS NOT NULL);

SET VARIABLE written = (SELECT coalesce(string_agg(written, '' ORDER BY written), '') FROM signs);

SET VARIABLE meant = (SELECT coalesce(string_agg(meant, '' ORDER BY written), '') FROM signs);

DROP TABLE texts;
