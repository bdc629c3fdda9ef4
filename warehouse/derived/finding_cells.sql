-- Looked up once at publication, so that the view anomalies need not search every fact for the few that failed.
WITH failed AS (
    SELECT c.report_id, c.year, c.check_id, c.subject
    FROM (FROM check_results WHERE $wanted) c
    JOIN reports r USING (report_id)
    WHERE c.outcome = 'failed' AND r.is_current
),
of_failed AS (
    SELECT report_id, fact_table, row_code, column_code, value, status, raw_text, form
    FROM facts
    WHERE report_id IN (SELECT report_id FROM failed)
)
SELECT f.report_id, f.year, f.check_id, f.subject, t.fact_table, t.row_code, t.column_code, t.value, t.status, t.raw_text
FROM failed f
JOIN rule_cells b ON b.check_id = f.check_id AND b.subject = f.subject
JOIN of_failed t ON t.report_id = f.report_id AND t.fact_table = b.fact_table AND t.row_code = b.row_code
                AND t.column_code = b.column_code AND coalesce(t.form, '') = b.form
ORDER BY f.year, f.report_id, f.check_id, f.subject, t.fact_table, t.row_code, t.column_code
