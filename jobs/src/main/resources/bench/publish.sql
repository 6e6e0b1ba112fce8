-- Who to inspect first, and why: the first three of the rules that set the class, worst first, and of the three indicators that count most.
CREATE TEMP TABLE reasons AS
SELECT eid, max(text) FILTER (nth = 1) AS reason_1, max(text) FILTER (nth = 2) AS reason_2, max(text) FILTER (nth = 3) AS reason_3
FROM (
    SELECT eid, nth, CASE indicator ${said} ELSE indicator END
        || CASE WHEN kind = 'indicator' THEN '（' || counted || '分）' ELSE '' END AS text
    FROM (
        SELECT eid, indicator, kind, counted, coalesce(CAST(CAST(value AS BIGINT) AS VARCHAR), '') AS value,
            row_number() OVER (PARTITION BY eid ORDER BY class_floor DESC NULLS LAST, counted DESC, indicator) AS nth
        FROM (
            SELECT eid, indicator, kind, value, counted, class_floor FROM contributions
            UNION ALL SELECT eid, indicator, kind, value, counted, class_floor FROM holds WHERE field = 'general')
        WHERE counted > 0 OR class_floor IS NOT NULL
        QUALIFY nth <= 3))
GROUP BY eid;

CREATE TEMP TABLE supervision_list AS
SELECT CAST(row_number() OVER (ORDER BY risk_class DESC, score DESC, entity_id) AS INTEGER) AS rank,
    entity_id, credit_code, name, entity_kind, area_code, coalesce(name_areas(area_code), area_code) AS area_name, industry_code,
    coalesce(name_sectors(sector), sector) AS sector_name, risk_class, score, class_by_score, city_class,
    province_class, array_to_string(reason_codes, ';') AS reason_codes, reason_1, reason_2, reason_3, coalesce(evidence_count, 0) AS evidence_count,
    '${notice}' AS usage_notice, ${stamp}
FROM risk_classes c
JOIN known_entities e USING (eid)
LEFT JOIN reasons r USING (eid)
LEFT JOIN (
    SELECT eid, CAST(sum(evidence_count) AS INTEGER) AS evidence_count FROM contributions
    WHERE kind = 'indicator' AND counted > 0 GROUP BY eid) n USING (eid)
WHERE risk_class <> 'unclassified';

COPY (FROM supervision_list ORDER BY rank) TO '${out}/4-published/supervision_list.parquet' (FORMAT parquet);

COPY (
    SELECT * REPLACE (nullif(reason_codes, '') AS reason_codes) FROM supervision_list ORDER BY rank
) TO '${out}/4-published/supervision_list.csv' (HEADER);

COPY quarantine TO '${out}/quarantine.parquet' (FORMAT parquet);

INSERT INTO counted SELECT 'supervision_list', count(*) FROM supervision_list;

-- The lists of the fields, each in an order of its own.
CREATE TEMP TABLE field_reasons AS
SELECT eid, field, max(text) FILTER (nth = 1) AS reason_1, max(text) FILTER (nth = 2) AS reason_2, max(text) FILTER (nth = 3) AS reason_3
FROM (
    SELECT eid, field, nth, CASE indicator ${said_in_fields} ELSE indicator END
        || CASE WHEN kind = 'indicator' THEN '（' || counted || '分）' ELSE '' END AS text
    FROM (
        SELECT eid, field, indicator, kind, counted, coalesce(regexp_replace(CAST(value AS VARCHAR), '\.?0+$', ''), '') AS value,
            row_number() OVER (PARTITION BY eid, field ORDER BY class_floor DESC NULLS LAST, counted DESC, indicator) AS nth
        FROM (
            SELECT eid, field, indicator, kind, value, counted, class_floor FROM special_contributions
            UNION ALL SELECT eid, field, indicator, kind, value, counted, class_floor FROM holds WHERE field <> 'general')
        WHERE kind <> 'member' AND (counted > 0 OR class_floor IS NOT NULL)
        QUALIFY nth <= 3))
GROUP BY eid, field;

CREATE TEMP TABLE special_list AS
SELECT field, CASE field ${fields} END AS field_name,
    CAST(row_number() OVER (PARTITION BY field ORDER BY combined_class DESC, special_class DESC, score DESC, entity_id) AS INTEGER) AS rank,
    entity_id, credit_code, name, entity_kind, area_code, coalesce(name_areas(area_code), area_code) AS area_name,
    combined_class, special_class, general_class, score, reason_1, reason_2, reason_3, '${notice}' AS usage_notice, ${stamp}
FROM special_classes c
JOIN known_entities e USING (eid)
LEFT JOIN field_reasons r USING (eid, field);

COPY (FROM special_list ORDER BY field, rank) TO '${out}/4-published/special_list.parquet' (FORMAT parquet);

COPY (FROM special_list ORDER BY field, rank) TO '${out}/4-published/special_list.csv' (HEADER);
