-- Whom the parties mean: candidates that share a key are weighed; the best is meant if no other and nobody outside is as probable.
CREATE TEMP TABLE written AS
SELECT said_name, said_area, said_address, ${words} FROM (SELECT DISTINCT said_name, said_area, said_address FROM said);

CREATE TEMP TABLE parties AS
SELECT party, any_value(name_key) AS name_key, any_value(core) AS core, any_value(area) AS area_code, any_value(road) AS road,
    any_value(place) AS place, any_value(unit) AS unit
FROM written GROUP BY party;

CREATE TEMP TABLE days AS
SELECT DISTINCT w.party, s.day FROM said s JOIN written w
    ON w.said_name IS NOT DISTINCT FROM s.said_name AND w.said_area IS NOT DISTINCT FROM s.said_area
    AND w.said_address IS NOT DISTINCT FROM s.said_address;

CREATE TEMP TABLE party_keys AS
SELECT DISTINCT party, key FROM (SELECT party, unnest(${keys}) AS key FROM (SELECT *, area_code AS area FROM parties)) WHERE key IS NOT NULL;

CREATE TEMP TABLE bearers AS
SELECT key, trait, count(*) OVER (PARTITION BY key) AS borne FROM (SELECT trait, unnest(keys) AS key FROM traits)
WHERE key IN (SELECT key FROM party_keys);

CREATE TEMP TABLE many AS
SELECT party, bool_or(key LIKE 'name %') AS many_name, bool_or(key LIKE 'place %') AS many_place
FROM party_keys WHERE key IN (SELECT key FROM bearers WHERE borne > ${bearers}) GROUP BY party;

CREATE TEMP TABLE compared AS
SELECT party, day, candidate, ${levels}
FROM (
    SELECT *, coalesce(d.day < c.candidate_to, true) AS on_the_day
    FROM (SELECT DISTINCT party, trait FROM party_keys JOIN bearers USING (key) WHERE borne <= ${bearers})
    JOIN parties p USING (party)
    JOIN days d USING (party)
    JOIN traits c USING (trait)
    WHERE coalesce(d.day >= c.candidate_from, true) AND coalesce(d.day < c.candidate_to + ${live_on}, true));

SET VARIABLE bits = (SELECT round(log2(count(DISTINCT candidate))) FROM traits);

SET VARIABLE prior = ${odds} - getvariable('bits');

CREATE TEMP TABLE weighed AS
SELECT party, day, candidate, max(${weight}) AS weight
FROM compared JOIN (SELECT party, day, ${alike} FROM compared GROUP BY party, day) USING (party, day) LEFT JOIN many USING (party)
GROUP BY party, day, candidate;

CREATE TEMP TABLE meant AS
SELECT party, day, arg_max(candidate, weight) AS eid,
    CAST(pow(2, max(weight) / 100.0 + getvariable('prior')) / (1 + sum(pow(2, weight / 100.0 + getvariable('prior')))) AS DECIMAL(5, 4)) AS probability
FROM weighed GROUP BY party, day;

CREATE TEMP TABLE links AS
SELECT w.said_name, w.said_area, w.said_address, d.day, d.party,
    CASE WHEN m.probability >= ${accept} THEN m.eid END AS eid,
    CASE WHEN m.probability >= ${accept} THEN 'probable' WHEN m.probability >= ${review} THEN 'review' ELSE 'unlinked' END AS tier
FROM (SELECT DISTINCT * FROM said) s
JOIN written w ON w.said_name IS NOT DISTINCT FROM s.said_name AND w.said_area IS NOT DISTINCT FROM s.said_area
    AND w.said_address IS NOT DISTINCT FROM s.said_address
JOIN days d ON d.party = w.party AND d.day = s.day
LEFT JOIN meant m ON m.party = d.party AND m.day = d.day;

COPY (SELECT * FROM links) TO '${out}/2-conformed/links.parquet' (FORMAT parquet);

INSERT INTO counted SELECT 'entity_traits', count(*) FROM traits;

INSERT INTO counted SELECT 'links', count(*) FROM days;

DROP TABLE compared;

DROP TABLE weighed;

DROP TABLE bearers;
