-- By number first (credit code; the old number in its place; the sender's own), then by the name that one entity of the county bears, then
-- by what else is said.
CREATE OR REPLACE TEMP VIEW asked AS
SELECT DISTINCT CASE WHEN regexp_full_match(credit_code, '[0-9]{15}') THEN 'reg_no ' || credit_code
    WHEN credit_code IS NULL AND entity_no IS NOT NULL THEN 'entity_no ' || sender || ' ' || entity_no END AS key
FROM asking WHERE entity_no IS NOT NULL OR length(credit_code) = 15;

CREATE OR REPLACE TEMP TABLE numbers_asked AS SELECT * FROM numbers WHERE key IN (SELECT key FROM asked);

CREATE OR REPLACE TEMP VIEW linked AS
SELECT a.*, l.party, coalesce(a.found, l.eid) AS eid, coalesce(a.found_id, e.entity_id) AS entity_id,
    coalesce(a.found_tier, l.tier, 'unlinked') AS link_tier
FROM (
    SELECT a.*, coalesce(i.eid, o.eid, n.eid) AS found, coalesce(i.entity_id, o.entity_id, n.entity_id) AS found_id,
        CASE WHEN i.eid IS NOT NULL THEN 'credit_code' WHEN o.eid IS NOT NULL THEN split_part(o.key, ' ', 1)
            WHEN n.eid IS NOT NULL THEN 'name_area' END AS found_tier
    FROM (SELECT *, NOT good(credit_code) AS numberless FROM asking) a
    LEFT JOIN codes i ON i.entity_id = a.credit_code
    LEFT JOIN numbers_asked o ON o.key = CASE
        WHEN length(a.credit_code) = 15 THEN 'reg_no ' || a.credit_code
        WHEN a.credit_code IS NULL THEN 'entity_no ' || a.sender || ' ' || a.entity_no END
    LEFT JOIN names n ON n.area = coalesce(a.area_code, '*')
        AND n.name_key = CASE WHEN a.numberless AND i.eid IS NULL AND o.eid IS NULL THEN name_key(a.entity_name) END) a
LEFT JOIN links l ON a.numberless AND l.day = ${day}
    AND coalesce(l.said_name, '') = coalesce(a.entity_name, '') AND coalesce(l.said_area, '') = coalesce(a.area_code, '')
    AND coalesce(l.said_address, '') = coalesce(${address}, '')
LEFT JOIN ids e ON e.eid = l.eid;
