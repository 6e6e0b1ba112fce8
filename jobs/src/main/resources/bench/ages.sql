-- What of a record or an enterprise depends on the day that it is measured of.
CREATE OR REPLACE MACRO months_since(d) AS (year(DATE '${at}') - year(d)) * 12 + month(DATE '${at}') - month(d)
    - CASE WHEN day(d) > day(DATE '${at}') AND NOT (d = last_day(d) AND DATE '${at}' = last_day(DATE '${at}')) THEN 1 ELSE 0 END;

CREATE OR REPLACE MACRO in_months(d, n) AS d <= DATE '${at}' AND DATE '${at}' < d + to_months(n);

CREATE OR REPLACE MACRO decay(d) AS CAST(CASE WHEN DATE '${at}' <= d + to_months(6) THEN 1.0 WHEN DATE '${at}' <= d + to_months(12) THEN 0.7
    WHEN DATE '${at}' <= d + to_months(24) THEN 0.4 WHEN DATE '${at}' <= d + to_months(36) THEN 0.2 ELSE 0 END AS DECIMAL(6, 3));

-- What a failed sample costs, and a penalty: dearer each time again, less with age; a small penalty nothing after three months.
CREATE OR REPLACE MACRO sample_cost(weight, item, nth, d) AS
    CAST(weight * CAST(CASE WHEN item IS NULL OR nth <= 1 THEN 1 ELSE 1.5 END AS DECIMAL(6, 3)) * decay(d) AS DECIMAL(14, 4));

CREATE OR REPLACE MACRO penalty_weight(kinds, yuan, large, small) AS CAST(CASE
    WHEN list_has_any(kinds, ['licence_revoked', 'business_closed']) THEN 400
    WHEN list_has_any(kinds, ['suspension', 'restriction', 'downgrade']) THEN 320
    WHEN list_contains(kinds, 'confiscation') OR yuan >= large THEN 220
    WHEN list_contains(kinds, 'fine') AND yuan > small THEN 150
    WHEN list_has_any(kinds, ['fine', 'criticism']) THEN 30 ELSE 0 END AS DECIMAL(14, 4));

CREATE OR REPLACE MACRO penalty_cost(weight, violation, nth, d) AS
    CAST(CASE WHEN weight = 30 AND NOT DATE '${at}' < d + to_months(3) THEN 0 ELSE weight END
        * CAST(CASE WHEN violation IS NULL OR nth <= 1 THEN 1 WHEN nth <= 2 THEN 1.5 ELSE 2 END AS DECIMAL(6, 3))
        * decay(d) AS DECIMAL(14, 4));
