-- The classes of the fields, under the schemes that the packaged policy adopts.
-- Failed samples by whose fault they are: of who was sampled, and of the producer on the label where that is another.
CREATE TEMP TABLE labelled AS
SELECT eid, record_id, kind, item, severity, reported_on, file, line, s.credit_code, entity_name, producer_credit_code, producer_name, producer
FROM known_samplings s
LEFT JOIN (SELECT credit_code, eid AS producer FROM known_entities WHERE credit_code IS NOT NULL) p ON p.credit_code = producer_credit_code
WHERE kind <> 'inspection';

CREATE TEMP TABLE sample_failures AS
SELECT s.* EXCLUDE (credit_code, entity_name, producer_credit_code, producer_name, producer),
    CASE WHEN producer_credit_code IS NULL AND producer_name IS NULL THEN 'sole'
        WHEN coalesce(producer = eid, false) OR coalesce(producer_credit_code = credit_code, false)
            OR coalesce(name_key(producer_name) = name_key(entity_name), false) THEN 'producer' ELSE 'seller' END AS role
FROM labelled s WHERE eid IS NOT NULL
UNION ALL
SELECT * EXCLUDE (credit_code, entity_name, producer_credit_code, producer_name, producer) REPLACE (producer AS eid), 'producer'
FROM labelled WHERE producer IS NOT NULL AND producer IS DISTINCT FROM eid;

COPY (
    SELECT i.entity_id, s.* EXCLUDE (eid), ${stamp} FROM sample_failures s JOIN ids i USING (eid)
) TO '${out}/3-scored/sample_failures.parquet' (FORMAT parquet);

-- One row per record and indicator of a field that looks at it, with its points; 1 where records are only counted.
CREATE TEMP TABLE field_facts AS
SELECT eid, 'food_failures' AS indicator, reported_on AS on_day, record_id, sample_cost(weight, item, nth, reported_on) AS cost
FROM (
    SELECT *, CAST(CASE WHEN kind = 'monitoring' THEN 5 WHEN role = 'producer' AND severity = 'critical' THEN 40
            WHEN role = 'producer' THEN 30 WHEN role = 'sole' THEN 20 ELSE 10 END AS DECIMAL(14, 4)) AS weight,
        nth_alike(eid, item, reported_on, record_id, 12) AS nth
    FROM sample_failures)
WHERE in_months(reported_on, 36)
UNION ALL
SELECT eid, indicator, on_day, record_id, cost FROM ib_costs WHERE indicator <> 'volume' -- as of the day
UNION ALL
SELECT eid, 'ip_penalties', decided_on, record_id, CAST(CASE WHEN nth <= 1 THEN 60 ELSE 120 END AS DECIMAL(14, 4))
FROM (
    SELECT *, nth_alike(eid, eid, decided_on, record_id, 36) AS nth
    FROM known_penalties
    WHERE regexp_matches(violation, '商标|专利|地理标志|知识产权|商业秘密')
        AND list_has_any(kinds, ['fine', 'confiscation', 'suspension', 'restriction', 'licence_revoked', 'business_closed']))
WHERE in_months(decided_on, 36)
UNION ALL
SELECT eid, indicator, decided_on, record_id, cost
FROM (
    SELECT eid, decided_on, record_id, unnest([
        CASE WHEN food AND grave AND in_months(decided_on, 12) THEN {'indicator': 'food_offences', 'cost': CAST(1 AS DECIMAL(14, 4))} END,
        CASE WHEN food THEN {'indicator': 'food_penalties', 'cost': CAST(CASE WHEN stopped THEN 50
            WHEN list_contains(kinds, 'confiscation') OR amount_yuan >= 100000 THEN 30
            WHEN list_contains(kinds, 'fine') AND amount_yuan > 30000 THEN 15
            WHEN list_has_any(kinds, ['fine', 'criticism']) AND DATE '${as_of}' < decided_on + to_months(3) THEN 5
            ELSE 0 END * decay(decided_on) AS DECIMAL(14, 4))} END], recursive := true)
    FROM (
        SELECT *, coalesce(regexp_matches(violation, '食品|餐饮|食用|添加剂|保质期'), false) AS food,
            list_has_any(kinds, ['licence_revoked', 'business_closed', 'suspension', 'restriction', 'downgrade']) AS stopped,
            stopped OR list_contains(kinds, 'confiscation') OR (list_contains(kinds, 'fine') AND amount_yuan > 30000) AS grave
        FROM known_penalties WHERE in_months(decided_on, 36)))
WHERE indicator IS NOT NULL
UNION ALL
SELECT eid, indicator, filed_on, record_id, cost
FROM (
    SELECT eid, filed_on, record_id, unnest([
        CASE WHEN valid THEN {'indicator': 'volume', 'cost': CAST(1 AS DECIMAL(14, 4))} END,
        CASE WHEN valid AND contains(problem, '食品') THEN {'indicator': 'food_complaints', 'cost': CAST(1 AS DECIMAL(14, 4))} END,
        CASE WHEN valid AND contains(problem, '预付') THEN {'indicator': 'consumer_prepaid', 'cost': CAST(1 AS DECIMAL(14, 4))} END,
        CASE WHEN kind = 'complaint' AND outcome = 'failed' THEN {'indicator': 'consumer_failed', 'cost': CAST(6 AS DECIMAL(14, 4))} END,
        CASE WHEN case_filed OR verified
            THEN {'indicator': 'consumer_cases', 'cost': CAST(CASE WHEN case_filed THEN 15 ELSE 8 END AS DECIMAL(14, 4))} END,
        CASE WHEN (case_filed OR verified) AND regexp_matches(problem, '侵权|假冒|商标|专利|知识产权')
            THEN {'indicator': 'ip_complaints', 'cost': CAST(10 AS DECIMAL(14, 4))} END], recursive := true)
    FROM (SELECT *, outcome NOT IN ('refused', 'withdrawn') AS valid FROM known_complaints WHERE in_months(filed_on, 12)))
WHERE indicator IS NOT NULL
UNION ALL
SELECT eid, 'consumer_repeated', filed_on, record_id, CAST(5 AS DECIMAL(14, 4))
FROM (
    SELECT *, nth_alike(eid, problem, filed_on, record_id, 12) AS nth
    FROM known_complaints
    WHERE outcome NOT IN ('refused', 'withdrawn') AND problem IS NOT NULL AND filed_on >= DATE '${as_of}' - INTERVAL 25 MONTH)
WHERE nth > 1 AND in_months(filed_on, 12);

CREATE TEMP TABLE field_sums AS
SELECT eid, indicator, CAST(count(*) AS INTEGER) AS n, sum(cost) AS points,
    list(record_id ORDER BY on_day DESC NULLS LAST, record_id DESC)[1:50] AS evidence
FROM field_facts WHERE cost > 0 GROUP BY eid, indicator;

DROP TABLE field_facts;

-- All that is measured in the fields, in one row, and in which of them the entity is a member.
CREATE TEMP TABLE field_wide AS
SELECT *, category_points > 0 AS in_food, agency OR ip_penalties > 0 OR ip_complaints > 0 AS in_ip, facing OR volume > 0 AS in_consumer,
    entity_kind IN ('individual', 'cooperative') AS in_individual
FROM (
    SELECT e.eid, record_id, entity_kind, sector, industry_code, least(coalesce(capital_yuan, 0), 1000000000000) AS capital,
        CAST(months_since(established_on) AS INTEGER) AS age, coalesce(o.missing, 0) AS missing, owed_points(coalesce(o.missing, 0)) AS owed_points,
        coalesce(c.risk_class, 'unclassified') AS risk_class, rate,
        CASE WHEN regexp_matches(industry_code, '^(144|135|149[12]|6241)') THEN 40 WHEN regexp_matches(industry_code, '^(13|14|15)') THEN 30
            WHEN regexp_matches(industry_code, '^62') THEN 25 WHEN regexp_matches(industry_code, '^(512|522)') THEN 15
            WHEN regexp_matches(industry_code, '^521') THEN 10 ELSE 0 END AS category_points,
        trade_points(industry_code) AS trade_points,
        coalesce(industry_code LIKE '7520%', false) AS agency,
        coalesce(sector IN ('H', 'O', 'P', 'Q', 'R'), false) OR coalesce(industry_code LIKE '52%', false) AS facing,
        coalesce(COLUMNS('(.*)_n$'), 0) AS '\1', coalesce(COLUMNS('.*_points$'), 0) AS '\0'
    FROM known_entities e
    LEFT JOIN risk_classes c USING (eid)
    LEFT JOIN rates r USING (eid)
    LEFT JOIN owed_at(DATE '${as_of}') o USING (eid)
    LEFT JOIN (
        PIVOT field_sums ON indicator IN ('food_failures', 'food_penalties', 'food_offences', 'food_complaints', 'ip_penalties',
            'ip_complaints', 'consumer_failed', 'consumer_cases', 'consumer_prepaid', 'consumer_repeated', 'ib_penalties', 'ib_samplings',
            'ib_stopped', 'ib_marked', 'ib_marked_no_report', 'ib_unreachable', 'ib_reports_missing', 'ib_report_late', 'ib_verified', 'serious',
            'volume')
        USING max(n) AS n, max(points) AS points GROUP BY eid) f USING (eid)
    WHERE status IN ('active', 'suspended'));

CREATE TEMP TABLE field_gave AS
SELECT g.eid, field, g.indicator, 'indicator' AS kind, grp, position, CAST(value AS DECIMAL(20, 4)) AS value,
    CAST(g.points AS DECIMAL(14, 4)) AS points, CAST(NULL AS VARCHAR) AS class_floor, source_table,
    CASE WHEN source_table = 'entities' THEN [record_id] ELSE coalesce(s.evidence, []) END AS evidence,
    CASE WHEN source_table = 'entities' THEN 1 ELSE coalesce(s.n, 0) END AS evidence_count
FROM (
    SELECT eid, record_id, 'food' AS field, 'food_category' AS indicator, 'food_category' AS proof, 'static' AS grp, 0 AS position,
        1 AS value, category_points AS points, 'entities' AS source_table
    FROM field_wide WHERE in_food
    UNION ALL SELECT eid, record_id, 'food', 'food_scale', '', 'static', 0, capital,
        CASE WHEN capital < 1000000 THEN 0 WHEN capital < 10000000 THEN 3 WHEN capital < 100000000 THEN 6 ELSE 10 END, 'entities'
    FROM field_wide WHERE in_food
    UNION ALL SELECT eid, record_id, 'food', 'food_complaints', 'food_complaints', 'dynamic', 1, food_complaints,
        CASE WHEN food_complaints < 2 THEN 0 WHEN food_complaints < 5 THEN 5 ELSE 10 END, 'complaints' FROM field_wide WHERE in_food
    UNION ALL SELECT eid, record_id, 'food', 'food_failures', 'food_failures', 'dynamic', 1, food_failures, food_failures_points,
        'sample_failures' FROM field_wide WHERE in_food
    UNION ALL SELECT eid, record_id, 'food', 'food_penalties', 'food_penalties', 'dynamic', 1, food_penalties, food_penalties_points,
        'penalties' FROM field_wide WHERE in_food
    UNION ALL SELECT eid, record_id, 'food', 'food_credit', '', 'credit', 2, 1,
        CASE risk_class WHEN 'D' THEN 20 WHEN 'C' THEN 14 WHEN 'B' THEN 7 ELSE 0 END, 'risk_classes' FROM field_wide WHERE in_food
    UNION ALL SELECT eid, record_id, 'ip', 'ip_penalties', 'ip_penalties', 'infringement', 0, ip_penalties, ip_penalties_points,
        'penalties' FROM field_wide WHERE in_ip
    UNION ALL SELECT eid, record_id, 'ip', 'ip_complaints', 'ip_complaints', 'complaints', 2, ip_complaints, ip_complaints_points,
        'complaints' FROM field_wide WHERE in_ip
    UNION ALL SELECT eid, record_id, 'consumer', 'consumer_rate', '', 'rate', 0, rate, CASE WHEN rate < 1.5 THEN 0 WHEN rate < 2.5 THEN 10
            WHEN rate < 4 THEN 20 WHEN rate < 6 THEN 30 ELSE 40 END, 'complaint_rates' FROM field_wide WHERE in_consumer AND rate IS NOT NULL
    UNION ALL SELECT eid, record_id, 'consumer', 'consumer_failed', 'consumer_failed', 'handling', 1, consumer_failed,
        consumer_failed_points, 'complaints' FROM field_wide WHERE in_consumer
    UNION ALL SELECT eid, record_id, 'consumer', 'consumer_cases', 'consumer_cases', 'problems', 2, consumer_cases, consumer_cases_points,
        'complaints' FROM field_wide WHERE in_consumer
    UNION ALL SELECT eid, record_id, 'consumer', 'consumer_prepaid', 'consumer_prepaid', 'problems', 2, consumer_prepaid,
        CASE WHEN consumer_prepaid < 1 THEN 0 WHEN consumer_prepaid < 3 THEN 4 ELSE 12 END, 'complaints' FROM field_wide WHERE in_consumer
    UNION ALL SELECT eid, record_id, 'consumer', 'consumer_repeated', 'consumer_repeated', 'problems', 2, consumer_repeated,
        consumer_repeated_points, 'complaints' FROM field_wide WHERE in_consumer
    UNION ALL SELECT eid, record_id, 'individual', 'ib_age', '', 'basic', 0, age, CASE WHEN age < 12 THEN 20 WHEN age < 36 THEN 10 ELSE 0 END,
        'entities' FROM field_wide WHERE in_individual
    UNION ALL SELECT eid, record_id, 'individual', 'ib_industry', '', 'basic', 0, 1, trade_points, 'entities'
    FROM field_wide WHERE in_individual
    UNION ALL SELECT eid, record_id, 'individual', 'ib_penalties', 'ib_penalties', 'supervision', 2, ib_penalties, ib_penalties_points,
        'penalties' FROM field_wide WHERE in_individual
    UNION ALL SELECT eid, record_id, 'individual', 'ib_samplings', 'ib_samplings', 'supervision', 2, ib_samplings, ib_samplings_points,
        'samplings' FROM field_wide WHERE in_individual
    UNION ALL SELECT eid, record_id, 'individual', 'ib_marked', 'ib_marked', 'supervision', 2, ib_marked, ib_marked_points, 'listings'
    FROM field_wide WHERE in_individual
    UNION ALL SELECT eid, record_id, 'individual', 'ib_marked_no_report', 'ib_marked_no_report', 'supervision', 2, ib_marked_no_report,
        ib_marked_no_report_points, 'listings' FROM field_wide WHERE in_individual AND ib_marked_no_report_points > owed_points
    UNION ALL SELECT eid, record_id, 'individual', 'ib_reports_missing', 'ib_reports_missing', 'dynamic', 1, missing, owed_points, 'obligations'
    FROM field_wide WHERE in_individual AND ib_marked_no_report_points <= owed_points
    UNION ALL SELECT eid, record_id, 'individual', 'ib_report_late', 'ib_report_late', 'dynamic', 1, 1, ib_report_late * 30, 'obligations'
    FROM field_wide WHERE in_individual
    UNION ALL SELECT eid, record_id, 'individual', 'ib_complaints', 'volume', 'social', 3, volume, CASE WHEN volume < 3 THEN 0
            WHEN volume < 5 THEN 20 WHEN volume < 10 THEN 40 ELSE 60 END, 'complaints' FROM field_wide WHERE in_individual
    UNION ALL SELECT eid, record_id, 'individual', 'ib_verified', 'ib_verified', 'social', 3, ib_verified, ib_verified_points, 'complaints'
    FROM field_wide WHERE in_individual) g
LEFT JOIN field_sums s ON s.eid = g.eid AND s.indicator = g.proof
WHERE g.points > 0
UNION ALL
-- Rules, and one row that says that the entity is a member.
SELECT a.eid, field, a.indicator, kind, CASE kind WHEN 'bonus' THEN 'bonus' ELSE 'rule' END, CASE kind WHEN 'bonus' THEN 8 ELSE 9 END, step,
    CAST(a.points AS DECIMAL(14, 4)), class_floor, source_table, evidence, CAST(len(evidence) AS INTEGER)
FROM (
    SELECT r.eid, field, r.indicator, kind, step, r.points, class_floor, source_table,
        list_sort(list_distinct(flatten(coalesce(list(s.evidence) FILTER (s.evidence IS NOT NULL), []))
            || CASE WHEN of_entity THEN [record_id] ELSE [] END))[1:50] AS evidence
    FROM (
        SELECT eid, record_id, r.*, unnest(CASE WHEN len(r.named) = 0 THEN [''] ELSE r.named END) AS needs
        FROM (
            SELECT eid, record_id, unnest([
                CASE WHEN in_food THEN {'field': 'food', 'indicator': 'food', 'kind': 'member', 'step': NULL, 'points': 0, 'class_floor': 'A',
                    'source_table': 'entities', 'of_entity': true, 'named': CAST([] AS VARCHAR[])} END,
                CASE WHEN in_food AND serious > 0 THEN {'field': 'food', 'indicator': 'food_serious_list', 'kind': 'override', 'step': NULL,
                    'points': 0, 'class_floor': 'D', 'source_table': 'listings', 'of_entity': false, 'named': ['serious']} END,
                CASE WHEN in_food AND food_offences > 0 THEN {'field': 'food', 'indicator': 'food_offence', 'kind': 'step', 'step': 1,
                    'points': 0, 'class_floor': 'A', 'source_table': 'penalties', 'of_entity': false, 'named': ['food_offences']} END,
                CASE WHEN in_ip THEN {'field': 'ip', 'indicator': 'ip', 'kind': 'member', 'step': NULL, 'points': 0, 'class_floor': 'A',
                    'source_table': 'complaints,entities,penalties', 'of_entity': agency, 'named': ['ip_penalties', 'ip_complaints']} END,
                CASE WHEN in_ip AND serious > 0 AND ip_penalties > 0 THEN {'field': 'ip', 'indicator': 'ip_serious_list',
                    'kind': 'override', 'step': NULL, 'points': 0, 'class_floor': 'D', 'source_table': 'listings,penalties',
                    'of_entity': false, 'named': ['serious', 'ip_penalties']} END,
                CASE WHEN in_consumer THEN {'field': 'consumer', 'indicator': 'consumer', 'kind': 'member', 'step': NULL, 'points': 0,
                    'class_floor': 'A', 'source_table': 'complaints,entities,listings', 'of_entity': facing,
                    'named': CASE WHEN volume > 0 THEN ['volume'] ELSE CAST([] AS VARCHAR[]) END} END,
                CASE WHEN in_individual THEN {'field': 'individual', 'indicator': 'individual', 'kind': 'member', 'step': NULL, 'points': 0,
                    'class_floor': 'A', 'source_table': 'entities', 'of_entity': true, 'named': CAST([] AS VARCHAR[])} END,
                CASE WHEN in_individual AND serious > 0 THEN {'field': 'individual', 'indicator': 'ib_serious_list', 'kind': 'override',
                    'step': NULL, 'points': 0, 'class_floor': 'D', 'source_table': 'listings', 'of_entity': false, 'named': ['serious']} END,
                CASE WHEN in_individual AND ib_stopped > 0 THEN {'field': 'individual', 'indicator': 'ib_operation_stopped',
                    'kind': 'override', 'step': NULL, 'points': 0, 'class_floor': 'D', 'source_table': 'penalties', 'of_entity': false,
                    'named': ['ib_stopped']} END,
                CASE WHEN in_individual AND ((ib_unreachable > 0 AND missing >= 1) OR missing >= 3) THEN {'field': 'individual',
                    'indicator': 'ib_unreachable_and_silent', 'kind': 'floor', 'step': NULL, 'points': 0, 'class_floor': 'C',
                    'source_table': 'listings,obligations', 'of_entity': false, 'named': ['ib_unreachable', 'ib_reports_missing']} END,
                CASE WHEN in_individual AND ib_marked + ib_marked_no_report > 0 THEN {'field': 'individual', 'indicator': 'ib_abnormal_now',
                    'kind': 'floor', 'step': NULL, 'points': 0, 'class_floor': 'B', 'source_table': 'listings', 'of_entity': false,
                    'named': ['ib_marked', 'ib_marked_no_report']} END,
                CASE WHEN in_individual AND age >= 36 AND missing = 0
                        AND ib_penalties + ib_samplings + ib_marked + ib_marked_no_report + serious + ib_verified = 0
                    THEN {'field': 'individual', 'indicator': 'ib_clean', 'kind': 'bonus', 'step': NULL, 'points': -25, 'class_floor': NULL,
                    'source_table': 'complaints,entities,listings,obligations,penalties,samplings', 'of_entity': true,
                    'named': CAST([] AS VARCHAR[])} END]) AS r
            FROM field_wide WHERE in_food OR in_ip OR in_consumer OR in_individual)
        WHERE r IS NOT NULL) r
    LEFT JOIN field_sums s ON s.eid = r.eid AND s.indicator = r.needs
    GROUP BY r.eid, field, r.indicator, kind, step, r.points, class_floor, source_table, of_entity, record_id) a;

DROP TABLE field_sums;

DROP TABLE field_wide;

CREATE TEMP TABLE special_contributions AS
SELECT * EXCLUDE (running, capped, total, most, position),
    CAST(round(greatest(0, least(most, total))) - round(greatest(0, least(most, total - capped))) AS INTEGER) AS counted
FROM (
    SELECT *, sum(capped) OVER (PARTITION BY eid, field ORDER BY position, points DESC, indicator ROWS UNBOUNDED PRECEDING) AS total
    FROM (
        SELECT *, CASE field WHEN 'food' THEN 120 WHEN 'ip' THEN 270 WHEN 'consumer' THEN 100 ELSE 1000 END AS most,
            CASE grp WHEN 'bonus' THEN greatest(running, -45) - greatest(running - points, -45) WHEN 'rule' THEN 0
                ELSE least(running, cap) - least(running - points, cap) END AS capped
        FROM (
            SELECT *, CASE field || position WHEN 'food0' THEN 40 WHEN 'food1' THEN 60 WHEN 'food2' THEN 20 WHEN 'ip0' THEN 150
                    WHEN 'ip1' THEN 90 WHEN 'ip2' THEN 30 WHEN 'consumer0' THEN 40 WHEN 'consumer1' THEN 30 WHEN 'consumer2' THEN 30
                    WHEN 'individual0' THEN 100 WHEN 'individual1' THEN 200 WHEN 'individual2' THEN 500 WHEN 'individual3' THEN 200 END AS cap,
                sum(points) OVER (PARTITION BY eid, field, position ORDER BY points DESC, indicator ROWS UNBOUNDED PRECEDING) AS running
            FROM field_gave)));

DROP TABLE field_gave;

COPY (
    SELECT i.entity_id, field, indicator, kind, grp AS "group", value, points, counted, class_floor, source_table, evidence,
        evidence_count, ${stamp}
    FROM special_contributions JOIN ids i USING (eid)
) TO '${out}/3-scored/special_contributions.parquet' (FORMAT parquet);

-- The class of each member. Of individual businesses it is the general one in the other fields, too.
CREATE TEMP TABLE special_classes AS
SELECT c.eid, field, special_class, score, class_by_score, special_class AS city_class, CAST(NULL AS VARCHAR) AS province_class,
    CASE WHEN g.risk_class <> 'unclassified' THEN g.risk_class
        WHEN field <> 'individual' THEN max(special_class) FILTER (field = 'individual') OVER (PARTITION BY c.eid) END AS general_class,
    CASE WHEN general_class > special_class THEN general_class ELSE special_class END AS combined_class, reason_codes, top_reasons
FROM (
    SELECT *, greatest(substr('ABCD', CAST(least(4, instr('ABCD', class_by_score) + steps) AS BIGINT), 1), floor) AS special_class
    FROM (
        SELECT *, CASE field WHEN 'food' THEN CASE WHEN score >= 76 THEN 'D' WHEN score >= 51 THEN 'C' WHEN score >= 31 THEN 'B' ELSE 'A' END
            WHEN 'ip' THEN CASE WHEN score >= 90 THEN 'D' WHEN score >= 60 THEN 'C' WHEN score >= 30 THEN 'B' ELSE 'A' END
            WHEN 'consumer' THEN CASE WHEN score >= 75 THEN 'D' WHEN score >= 50 THEN 'C' WHEN score >= 25 THEN 'B' ELSE 'A' END
            ELSE CASE WHEN score >= 750 THEN 'D' WHEN score >= 500 THEN 'C' WHEN score >= 200 THEN 'B' ELSE 'A' END END AS class_by_score
        FROM (
            SELECT eid, field, CAST(sum(counted) AS INTEGER) AS score, max(class_floor) AS floor,
                coalesce(max(value) FILTER (kind = 'step'), 0) AS steps,
                coalesce(list(indicator ORDER BY class_floor DESC, indicator) FILTER (class_floor IS NOT NULL AND kind <> 'member'), [])
                    AS reason_codes,
                coalesce((list(indicator ORDER BY counted DESC, indicator) FILTER (counted > 0))[1:3], []) AS top_reasons
            FROM (
                SELECT eid, field, indicator, kind, value, counted, class_floor FROM special_contributions
                UNION ALL SELECT eid, field, indicator, kind, value, counted, class_floor FROM holds WHERE field <> 'general')
            GROUP BY eid, field))) c
JOIN (SELECT eid, risk_class FROM risk_classes) g USING (eid);

COPY (
    SELECT i.entity_id, c.* EXCLUDE (eid), ${stamp} FROM special_classes c JOIN ids i USING (eid)
) TO '${out}/3-scored/special_classes.parquet' (FORMAT parquet);
