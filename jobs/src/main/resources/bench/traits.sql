-- The periods in which an enterprise bore a name and an address.
CREATE TEMP TABLE traits AS
WITH counting AS (
    SELECT i.eid, e.version, e.established_on, e.changed_on, e.known_from, e.ended_on, ${words}
    FROM (SELECT *, name AS said_name, address AS said_address, area_code AS said_area FROM entities) e JOIN ids i USING (entity_id)
    WHERE i.eid NOT IN (SELECT j.eid FROM entities g JOIN ids j USING (entity_id) WHERE g.withdrawn AND g.known_to IS NULL)
        AND NOT e.withdrawn AND (e.known_to IS NULL OR e.known_to > e.known_from)),
history AS (
    SELECT *, row_number() OVER h AS nth, lag(struct_pack(a := name_key, b := core, c := area, d := road, e := place, f := unit)) OVER h AS before, struct_pack(a := name_key, b := core, c := area, d := road, e := place, f := unit) AS said_now, last_value(ended_on) OVER (h ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS ended
    FROM counting WINDOW h AS (PARTITION BY eid ORDER BY version))
SELECT row_number() OVER () AS trait, eid AS candidate, name_key AS candidate_name_key, core AS candidate_core, area AS candidate_area_code, road AS candidate_road,
    place AS candidate_place, unit AS candidate_unit,
    CASE WHEN nth = 1 THEN established_on - ${before} ELSE coalesce(changed_on, known_from) END AS candidate_from,
    least(lead(CASE WHEN nth = 1 THEN established_on - ${before} ELSE coalesce(changed_on, known_from) END)
        OVER (PARTITION BY eid ORDER BY version), ended) AS candidate_to,
    ${keys} AS keys
FROM history WHERE nth = 1 OR before IS DISTINCT FROM said_now;

CREATE TEMP TABLE said (said_name VARCHAR, said_area VARCHAR, said_address VARCHAR, day DATE);
