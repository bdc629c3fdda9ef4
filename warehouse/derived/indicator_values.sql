-- Every rate whose cells all stand in a current report, with a number or without.
WITH current AS (
    SELECT report_id, series_id, issuer_id, issuer, issuer_kind, scope, region_code, province, year, year - 1 AS year_before,
           CASE WHEN issuer_kind <> 'unknown' AND scope <> 'unknown' THEN issuer_id END AS linked_id
    FROM reports
    WHERE is_current AND $beside
),
used AS (
    SELECT fact_table, row_code, column_code,
           list({'indicator': indicator, 'is_top': side = 'numerator'}) AS uses
    FROM indicator_terms
    GROUP BY ALL
),
wanted AS (
    SELECT indicator, count(*) AS terms
    FROM indicator_terms
    GROUP BY indicator
),
doubtful AS (
    -- Cells of rates that an error rule binds which failed, or could not be asked.
    SELECT report_id, fact_table, row_code, column_code, NULL AS form, true AS failed
    FROM (FROM finding_cells WHERE $beside) JOIN rules USING (check_id)
    SEMI JOIN used USING (fact_table, row_code, column_code)
    WHERE severity = 'error'
    UNION ALL
    SELECT c.report_id, b.fact_table, b.row_code, b.column_code, b.form, false
    FROM (FROM check_results WHERE $beside) c
    JOIN (FROM rule_cells SEMI JOIN used USING (fact_table, row_code, column_code)) b USING (check_id, subject)
    WHERE c.outcome = 'not_assessable' AND c.severity = 'error'
),
doubts AS (
    SELECT f.report_id, f.fact_table, f.row_code, f.column_code, bool_or(d.failed) AS failed
    FROM doubtful d
    JOIN (FROM facts WHERE $beside) f ON f.report_id = d.report_id AND f.fact_table = d.fact_table AND f.row_code = d.row_code
                AND f.column_code = d.column_code AND coalesce(d.form, f.form, '') = coalesce(f.form, '')
    GROUP BY ALL
),
inputs AS (
    SELECT f.report_id, f.value, unnest(u.uses, recursive := true), d.failed AS doubt
    FROM (FROM facts WHERE $beside) f
    JOIN used u USING (fact_table, row_code, column_code)
    LEFT JOIN doubts d USING (report_id, fact_table, row_code, column_code)
),
rates AS (
    SELECT i.report_id, i.indicator,
           CASE WHEN count(i.value) FILTER (i.is_top) = count(*) FILTER (i.is_top) THEN sum(i.value) FILTER (i.is_top) END
               AS numerator,
           CASE WHEN count(i.value) FILTER (NOT i.is_top) = count(*) FILTER (NOT i.is_top)
                THEN sum(i.value) FILTER (NOT i.is_top) END AS denominator,
           CASE WHEN bool_or(i.doubt) THEN 'failed' WHEN bool_or(NOT i.doubt) THEN 'not_assessable' ELSE 'passed' END AS inputs
    FROM inputs i
    JOIN wanted w USING (indicator)
    GROUP BY i.report_id, i.indicator, w.terms
    HAVING count(*) = w.terms
),
valued AS (
    SELECT c.*, r.indicator, CAST(r.numerator AS DECIMAL(20, 4)) AS numerator,
           CAST(r.denominator AS DECIMAL(20, 4)) AS denominator,
           CAST(r.numerator AS DOUBLE) / nullif(CAST(r.denominator AS DOUBLE), 0) AS value,
           r.denominator < $least_sample AS is_small, r.inputs
    FROM rates r
    JOIN current c USING (report_id)
)
SELECT v.report_id, v.series_id, v.issuer_id, v.issuer, v.issuer_kind, v.scope, v.region_code, v.province, v.year,
       v.indicator, v.numerator, v.denominator, v.value, v.is_small, v.inputs, p.value AS previous_value,
       v.value - p.value AS change
FROM (FROM valued WHERE $wanted) v
-- Plain equalities: any other condition here and DuckDB compares every row with every row.
LEFT JOIN valued p ON p.linked_id = v.linked_id AND p.scope = v.scope AND p.indicator = v.indicator AND p.year = v.year_before
ORDER BY v.year, v.report_id, v.indicator
