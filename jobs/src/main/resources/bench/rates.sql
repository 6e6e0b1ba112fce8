-- Complaints of twelve months to what is expected of the like, shrunk by a gamma-Poisson model whose prior is found by its moments. No
-- delivery tells who complained, so that every ticket weighs one.
CREATE TEMP TABLE traders AS
SELECT eid, entity_kind || ' ' || coalesce(sector, '-') || ' ' || CASE WHEN capital_yuan IS NULL THEN 0
        WHEN capital_yuan < 1000000 THEN 1 WHEN capital_yuan < 10000000 THEN 2 ELSE 3 END AS alike,
    CAST(least(12, greatest(1, CASE WHEN established_on IS NULL THEN 12
        WHEN day(established_on) = day(DATE '${as_of}')
            OR (established_on = last_day(established_on) AND DATE '${as_of}' = last_day(DATE '${as_of}')) THEN months
        ELSE months + (day(DATE '${as_of}') - day(established_on)) / 31.0 END)) AS DECIMAL(8, 4)) AS months,
    CAST(coalesce(tickets, 0) AS DECIMAL(14, 4)) AS y, tickets
FROM (
    SELECT *, (year(DATE '${as_of}') - year(established_on)) * 12 + month(DATE '${as_of}') - month(established_on) AS months
    FROM known_entities WHERE status IN ('active', 'suspended'))
LEFT JOIN (
    SELECT eid, CAST(count(*) AS INTEGER) AS tickets FROM known_complaints
    WHERE outcome NOT IN ('refused', 'withdrawn') AND filed_on > DATE '${as_of}' - INTERVAL 12 MONTH
    GROUP BY eid) USING (eid);

CREATE TEMP TABLE expected AS
SELECT eid, y, tickets, CASE WHEN few THEN 'all' ELSE alike END AS counted_alike,
    CAST(CAST(CASE WHEN few THEN all_y / all_months ELSE of_y / of_months END AS DECIMAL(24, 8)) * months AS DECIMAL(24, 8)) AS e
FROM traders
JOIN (
    SELECT alike, sum(months) AS of_months, sum(y) AS of_y, count(*) < 30 OR sum(y) < 5 AS few FROM traders GROUP BY alike) USING (alike)
CROSS JOIN (SELECT sum(months) AS all_months, sum(y) AS all_y FROM traders);

CREATE TEMP TABLE rates AS
SELECT eid, counted_alike, tickets, y, e, prior,
    CAST(floor(CAST((y + prior) / (e + prior) AS DECIMAL(14, 4)) * 100) / 100 AS DECIMAL(14, 4)) AS rate
FROM expected
CROSS JOIN (
    SELECT CAST(CASE WHEN surplus > 0 THEN least(100, greatest(1, squares / surplus)) ELSE 100 END AS DECIMAL(14, 4)) AS prior
    FROM (
        SELECT sum(CAST(CAST(e * e AS DECIMAL(38, 6)) AS DECIMAL(24, 8))) AS squares,
            sum(CAST(CAST(CAST((y - e) * (y - e) AS DECIMAL(38, 6)) - e AS DECIMAL(38, 6)) AS DECIMAL(24, 8))) AS surplus
        FROM expected))
WHERE tickets > 0;

COPY (
    SELECT i.entity_id, counted_alike AS "like", tickets, y AS weighted, CAST(e AS DECIMAL(14, 4)) AS expected, prior, rate, ${stamp}
    FROM rates JOIN ids i USING (eid)
) TO '${out}/3-scored/complaint_rates.parquet' (FORMAT parquet);

DROP TABLE expected;

DROP TABLE traders;
