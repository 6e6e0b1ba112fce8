-- How texts are read. What stands in ${…} is filled from schemas/codes and schemas/contracts at start.

-- Half width, no blanks at the ends, blank is null. Most texts are plain ASCII or hold no wide sign, and few hold a blank: they are
-- only looked at.
CREATE MACRO narrow(t) AS CASE
    WHEN strlen(t) = length(t) OR NOT regexp_matches(t, '[！-～　]') THEN t ELSE translate(t, ${wide}, ${narrow}) END;

CREATE MACRO clean(t) AS CASE
    WHEN contains(t, ' ') OR contains(t, '　') THEN nullif(trim(narrow(t)), '') ELSE narrow(t) END;

CREATE MACRO endless(t) AS t IN ('9999-9-9', '9999-09-09', '9999-12-31', '长期', '永久');

CREATE MACRO as_day(t) AS CASE
    WHEN endless(t) THEN NULL
    WHEN t LIKE '____-__-__' THEN try_cast(t AS DATE)
    ELSE CAST(try_strptime(t, ['%Y/%m/%d', '%Y%m%d', '%Y年%m月%d日', '%Y-%m-%d %H:%M:%S', '%Y.%m.%d']) AS DATE) END;

CREATE MACRO is_no_day(t, d) AS t IS NOT NULL AND d IS NULL AND NOT endless(t);

-- Separators and a currency in brackets are passed over; a unit that is written counts, whatever the column's own is.
CREATE MACRO amount(t, factor) AS CASE
    WHEN strlen(t) <= 9 AND regexp_full_match(t, '[-+]?[0-9]+(\.[0-9]{1,4})?')
    THEN CAST(CAST(t AS DECIMAL(13, 4)) * CAST(factor AS DECIMAL(5, 0)) AS DECIMAL(29, 4))
    WHEN regexp_full_match(t, '[-+]?[0-9]+(\.[0-9]+)?') THEN try_cast(t AS DECIMAL(24, 4)) * CAST(factor AS DECIMAL(5, 0))
    ELSE try_cast(nullif(replace(regexp_extract(regexp_replace(t, '[\s()]|人民币', '', 'g'), '^([-+]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?)(?:万元|元)?$', 1), ',', ''), '')
            AS DECIMAL(24, 4))
        * CAST(CASE WHEN t LIKE '%万元' THEN 10000 WHEN t LIKE '%元' THEN 1 ELSE factor END AS DECIMAL(5, 0)) END;

CREATE MACRO credit(t) AS CASE
    WHEN regexp_full_match(t, '[0-9A-Z]*') THEN t ELSE upper(regexp_replace(t, '[\s\p{Cf}]', '', 'g')) END;

CREATE MACRO well_formed(t) AS regexp_full_match(t, '[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}');

-- Signs that are written for each other are brought to one; signs.sql tells which occur.
CREATE MACRO one(t) AS translate(t, getvariable('written'), getvariable('meant'));

-- Names are matched without blanks, brackets and dots; few hold any.
CREATE MACRO name_key(t) AS CASE
    WHEN regexp_matches(one(t), '[a-z\s\p{Cf}()\[\]{}〔〕【】·•.,，。''"-]')
    THEN nullif(upper(regexp_replace(one(t), '[\s\p{Cf}()\[\]{}〔〕【】·•.,，。''"-]', '', 'g')), '') ELSE one(t) END;

CREATE MACRO address_signs(t) AS upper(regexp_replace(one(t), '[\s\p{Cf}()\[\]{}〔〕【】·•.,，。''"]', '', 'g'));

CREATE MACRO address_key(t) AS nullif(CASE WHEN contains(address_signs(t), '十') THEN
    replace(regexp_replace(regexp_replace(regexp_replace(address_signs(t), '([0-9])十([0-9])', '\1\2', 'g'),
        '([0-9])十', '\10', 'g'), '十([0-9])', '1\1', 'g'), '十', '10')
    ELSE address_signs(t) END, '');

CREATE MACRO decision_no(t) AS translate(regexp_replace(t, '\s', '', 'g'), '[]()【】﹝﹞', '〔〕〔〕〔〕〔〕');

-- The check digit of GB 32100-2015.
CREATE MACRO sign(c, i) AS instr('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(c, i, 1)) - 1;

CREATE MACRO check_digit(c) AS substr('0123456789ABCDEFGHJKLMNPQRTUWXY', CAST((31 - (
    sign(c, 1) + 3 * sign(c, 2) + 9 * sign(c, 3) + 27 * sign(c, 4) + 19 * sign(c, 5) + 26 * sign(c, 6) + 16 * sign(c, 7)
    + 17 * sign(c, 8) + 20 * sign(c, 9) + 29 * sign(c, 10) + 25 * sign(c, 11) + 13 * sign(c, 12) + 8 * sign(c, 13)
    + 24 * sign(c, 14) + 10 * sign(c, 15) + 30 * sign(c, 16) + 28 * sign(c, 17)) % 31) % 31 + 1 AS BIGINT), 1);

-- Whether a credit code has the form of one and the right check digit.
CREATE MACRO good(c) AS coalesce(CASE WHEN well_formed(c) THEN check_digit(c) = right(c, 1) END, false);

-- Code lists: code_<list>(word) is the code a word in lower case means, name_<list>(code) its Chinese name; generated from schemas/codes.
${codes}

-- The how-manieth record of an entity that is alike in something within some months, records of one day told apart by record_id.
CREATE MACRO nth_alike(eid, same, d, id, months) AS
    count(*) OVER (PARTITION BY eid, same ORDER BY d RANGE BETWEEN to_months(months) PRECEDING AND CURRENT ROW)
    - count(*) OVER (PARTITION BY eid, same, d) + row_number() OVER (PARTITION BY eid, same, d ORDER BY id);

-- The class of a score of enterprises, and of individual businesses.
CREATE MACRO class_of(score) AS
    CASE WHEN score >= 750 THEN 'D' WHEN score >= 500 THEN 'C' WHEN score >= 200 THEN 'B' WHEN score >= 0 THEN 'A' END;

-- What so many missing reports in a row cost.
CREATE MACRO owed_points(missing) AS CASE WHEN missing >= 2 THEN 160 WHEN missing >= 1 THEN 80 ELSE 0 END;

-- What its trade costs an individual business.
CREATE MACRO trade_points(industry) AS CASE WHEN regexp_matches(industry, '^(13|14|15|27|62)') THEN 30
    WHEN regexp_matches(industry, '^(512|515|521|522|525|8030|8040|805|839|8930)') THEN 15 ELSE 0 END;

-- Scores of the day and of the runs before it, by the index that an entity is classified by.
CREATE TEMP TABLE measured (field VARCHAR, eid INTEGER, on_day DATE, score INTEGER, floor VARCHAR);
