-- The failed checks of current reports with their suspects and claims, put together once: the view anomalies only takes away
-- what a person dismissed.
WITH failed AS (
    SELECT c.*, r.series_id, r.issuer_id, r.issuer, r.region_code,
           CASE WHEN starts_with(c.check_id, 'narrative.') THEN TRY_CAST(c.subject AS INTEGER) END AS claim_no
    FROM (FROM check_results WHERE $wanted) c
    JOIN reports r USING (report_id)
    WHERE c.outcome = 'failed' AND r.is_current
    -- Rules on single cells give a summary row (all) beside one row per failing cell: the cells are the findings.
    QUALIFY c.subject <> 'all' OR count(*) OVER (PARTITION BY c.report_id, c.check_id) = 1
),
repairs AS (
    SELECT report_id, fact_table, row_code, column_code, arg_min(suggested, solution) AS suggested, true AS is_repair
    FROM suggestions
    WHERE $wanted
    GROUP BY ALL
),
judged AS (
    SELECT b.*, s.suggested, s.is_repair,
           coalesce(bool_or(s.is_repair) OVER (PARTITION BY b.report_id, b.check_id, b.subject), false) AS has_repair
    FROM (FROM finding_cells WHERE $wanted) b
    LEFT JOIN repairs s USING (report_id, fact_table, row_code, column_code)
),
bound AS (
    SELECT report_id, check_id, subject, report_id AS cell_report_id, fact_table, row_code, column_code, value, status,
           raw_text, suggested, is_repair OR NOT has_repair AS is_suspect
    FROM judged
    UNION ALL BY NAME
    SELECT report_id, check_id, subject, cell_report_id, fact_table, row_code, column_code, value, status, raw_text,
           CAST(NULL AS DECIMAL(20, 4)) AS suggested, is_suspect
    FROM compared_cells
    WHERE $wanted
),
suspected AS (
    SELECT report_id, check_id, subject,
           -- Own cells before others. Short lists are sorted when they are whole: ORDER BY inside list() takes ten times as long.
           list_transform(
               list_sort(list({'other': cell_report_id <> report_id, 'report_id': cell_report_id, 'fact_table': fact_table,
                               'row_code': row_code, 'column_code': column_code, 'value': value, 'status': status,
                               'raw_text': raw_text, 'suggested': suggested}) FILTER (is_suspect)),
               lambda c: {'report_id': c.report_id, 'fact_table': c.fact_table, 'row_code': c.row_code,
                          'column_code': c.column_code, 'value': c.value, 'status': c.status, 'raw_text': c.raw_text,
                          'suggested': c.suggested}
           ) AS suspects,
           -- Where a cell stands in another report is no part of it: that report may be replaced by one that reads the same.
           array_to_string(list_transform(
               list_sort(list({'other': cell_report_id <> report_id, 'fact_table': fact_table, 'row_code': row_code,
                               'column_code': column_code, 'status': status, 'raw_text': raw_text})),
               lambda c: concat_ws('=', c.fact_table || '/' || c.row_code || '/' || c.column_code, c.status, c.raw_text)
           ), chr(31)) AS cells
    FROM bound
    GROUP BY ALL
),
wanted AS (
    SELECT report_id, claim_no, sentence
    FROM claims
    WHERE report_id IN (SELECT report_id FROM failed WHERE claim_no IS NOT NULL)
)
SELECT f.report_id, f.series_id, f.year, f.issuer_id, f.issuer, f.region_code, f.check_id, f.subject, f.severity,
       f.verdict, f.left_value, f.right_value, f.difference, f.message_zh, f.message_en,
       coalesce(s.suspects, []) AS suspects, f.claim_no,
       -- Of what was printed, not of how it was judged: a decision holds while this reads the same.
       sha256(concat_ws(chr(30), f.check_id, f.subject, f.left_value, f.right_value, c.sentence, s.cells))[:16] AS evidence
FROM failed f
LEFT JOIN suspected s USING (report_id, check_id, subject)
LEFT JOIN wanted c USING (report_id, claim_no)
ORDER BY f.year, f.report_id, f.check_id, f.subject
