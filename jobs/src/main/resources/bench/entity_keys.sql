-- Numbers and names that one entity alone bears; entities also get a small number of their own, which joins and groups faster.
CREATE TEMP TABLE ids AS
SELECT entity_id, CAST(row_number() OVER () AS INTEGER) AS eid FROM (SELECT DISTINCT entity_id FROM entities);

CREATE TEMP TABLE borne AS
SELECT DISTINCT i.eid, e.credit_code, e.reg_no, e.sender, e.record_no, coalesce(e.area_code, '?') AS area, e.name_key
FROM entities e JOIN ids i USING (entity_id)
WHERE e.entity_id NOT IN (SELECT entity_id FROM entities WHERE withdrawn AND known_to IS NULL);

-- An entity with a credit code has it as its id, so that no other can bear it.
CREATE TEMP TABLE codes AS
SELECT i.entity_id, i.eid FROM ids i WHERE i.eid IN (SELECT eid FROM borne WHERE credit_code IS NOT NULL);

CREATE TEMP TABLE numbers AS
SELECT key, i.eid, i.entity_id
FROM (
    SELECT 'reg_no ' || reg_no AS key, min(eid) AS eid FROM borne WHERE reg_no IS NOT NULL GROUP BY reg_no HAVING min(eid) = max(eid)
    UNION ALL
    SELECT 'entity_no ' || sender || ' ' || record_no, min(eid) FROM borne GROUP BY sender, record_no HAVING min(eid) = max(eid))
JOIN ids i USING (eid);

CREATE TEMP TABLE places AS SELECT area, name_key, min(eid) AS least, max(eid) AS most FROM borne GROUP BY area, name_key;

CREATE TEMP TABLE names AS
SELECT area, name_key, i.eid, i.entity_id
FROM (
    SELECT area, name_key, least AS eid FROM places WHERE least = most
    UNION ALL
    SELECT '*', name_key, min(least) FROM places GROUP BY name_key HAVING min(least) = max(most))
JOIN ids i USING (eid);

COPY (
    SELECT 'credit_code ' || entity_id AS key, entity_id FROM codes
    UNION ALL SELECT key, entity_id FROM numbers
    UNION ALL SELECT 'name ' || area || ' ' || name_key, entity_id FROM names
) TO '${out}/2-conformed/entity_keys.parquet' (FORMAT parquet);

INSERT INTO counted SELECT 'entity_keys', (SELECT count(*) FROM codes) + (SELECT count(*) FROM numbers) + (SELECT count(*) FROM names);

DROP TABLE borne;

DROP TABLE places;
