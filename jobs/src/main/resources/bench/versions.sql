-- The versions of each record, in the order in which they were received: an older state than the known one never counts, a repeat is
-- none. Only records of more than one row, a small part, are sorted. typed → ${table}, under the contract's columns and eid.
INSERT INTO quarantine SELECT '${table}', file, line, broken FROM typed WHERE broken IS NOT NULL;

CREATE TEMP TABLE often AS
SELECT h FROM (SELECT hash(record_id) AS h FROM typed WHERE broken IS NULL) GROUP BY h HAVING count(*) > 1;

CREATE TEMP TABLE ${table} AS
SELECT ${kept}, CAST(NULL AS DATE) AS known_to, 1 AS version
FROM typed WHERE broken IS NULL AND hash(record_id) NOT IN (SELECT h FROM often)
UNION ALL
SELECT ${kept},
    CASE WHEN outdated THEN known_from ELSE lead(known_from) OVER (
        PARTITION BY record_id, outdated ORDER BY known_from, changed_on NULLS FIRST, file, line, delivery) END,
    CAST(row_number() OVER (PARTITION BY record_id ORDER BY known_from, changed_on NULLS FIRST, file, line, delivery) AS INTEGER)
FROM (
    SELECT * FROM (
        SELECT *, coalesce(changed_on < max(changed_on) OVER (
            PARTITION BY record_id ORDER BY known_from, changed_on NULLS FIRST, file, line, delivery
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), false) AS outdated
        FROM typed WHERE broken IS NULL AND hash(record_id) IN (SELECT h FROM often))
    QUALIFY coalesce(lag(row_hash) OVER (
        PARTITION BY record_id, outdated ORDER BY known_from, changed_on NULLS FIRST, file, line, delivery) <> row_hash, true));

COPY (SELECT ${columns} FROM ${table}) TO '${out}/2-conformed/${table}.parquet' (FORMAT parquet);

INSERT INTO counted SELECT '${table}', count(*) FROM ${table};

DROP TABLE typed;

DROP TABLE often;
