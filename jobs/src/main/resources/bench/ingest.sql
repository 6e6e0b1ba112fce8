-- One raw table: every delivered file of it, all text, with lineage and row hash. A record that stands twice in one file counts once;
-- a line that is no record, or a record that breaks its contract, is set aside.
SET preserve_insertion_order = true;

CREATE TEMP TABLE delivered AS
SELECT *, CASE WHEN ${broken} THEN ${rules} END AS broken
FROM (
    SELECT ${names},
        CAST(list_position(getvariable('files'), filename) AS INTEGER) AS file_no,
        sha256(concat_ws(chr(31), ${hashed})) AS row_hash
    FROM read_csv(getvariable('files'), auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', nullstr = '',
        columns = ${columns}, filename = true, store_rejects = true, rejects_table = 'unread_${table}', rejects_scan = 'unread_scan_${table}'));

-- Records keep their order, so a record's number in its file is its line where no line is unreadable and no field runs over lines, as
-- in a generated city.
CREATE TEMP TABLE again AS
SELECT id FROM (
    SELECT rowid AS id, row_number() OVER (PARTITION BY file_no, row_hash ORDER BY rowid) AS nth
    FROM delivered
    WHERE hash(file_no, row_hash) IN (
        SELECT h FROM (SELECT hash(file_no, row_hash) AS h FROM delivered) GROUP BY h HAVING count(*) > 1))
WHERE nth > 1;

CREATE TEMP TABLE place AS
SELECT file_no, min(delivered.rowid) - 2 AS before FROM delivered GROUP BY file_no;

SET preserve_insertion_order = false;

COPY (
    SELECT ${names}, 'direct' AS sender, f.delivery, f.file, delivered.rowid - p.before AS line, f.received_on, row_hash
    FROM delivered JOIN place p USING (file_no) JOIN files f ON f.tbl = '${table}' AND f.file_no = delivered.file_no
    WHERE broken IS NULL AND delivered.rowid NOT IN (SELECT id FROM again)
) TO '${out}/1-raw/${table}.parquet' (FORMAT parquet);

INSERT INTO quarantine
SELECT '${table}', f.file, delivered.rowid - p.before, broken
FROM delivered JOIN place p USING (file_no) JOIN files f ON f.tbl = '${table}' AND f.file_no = delivered.file_no
WHERE broken IS NOT NULL;

INSERT INTO quarantine
SELECT '${table}', s.file_path, u.line, any_value(u.error_message)
FROM unread_${table} u JOIN unread_scan_${table} s USING (scan_id, file_id)
GROUP BY s.file_path, u.line;

INSERT INTO counted
SELECT '${table}', count(*) FROM delivered WHERE broken IS NULL AND rowid NOT IN (SELECT id FROM again);

DROP TABLE delivered;

DROP TABLE again;

DROP TABLE place;
