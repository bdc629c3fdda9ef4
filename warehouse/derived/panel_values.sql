-- Measures that every form knows under one name, each as its own form counts it.
WITH current AS (
    SELECT report_id, series_id, issuer_id, issuer, issuer_kind, scope, region_code, province, year, year - 1 AS year_before,
           CASE WHEN issuer_kind <> 'unknown' AND scope <> 'unknown' THEN issuer_id END AS linked_id
    FROM reports
    WHERE is_current AND $beside
),
wanted AS (
    SELECT measure, era, any_value(bridge) AS bridge, count(*) AS terms
    FROM panel_terms
    GROUP BY ALL
),
sums AS (
    SELECT f.report_id, t.measure, t.era, any_value(f.form) AS form, count(*) AS terms,
           CASE WHEN count(f.value) = count(*) THEN sum(f.value) END AS value
    FROM (FROM facts WHERE $beside) f
    JOIN panel_terms t USING (fact_table, row_code, column_code)
    GROUP BY ALL
),
valued AS (
    SELECT c.*, s.measure, CAST(s.value AS DECIMAL(20, 4)) AS value, s.era, s.form, w.bridge
    FROM sums s
    JOIN wanted w USING (measure, era, terms)
    JOIN current c USING (report_id)
    -- A report that holds both tables is taken as its later form counts.
    QUALIFY row_number() OVER (PARTITION BY s.report_id, s.measure ORDER BY s.era DESC) = 1
)
SELECT v.report_id, v.series_id, v.issuer_id, v.issuer, v.issuer_kind, v.scope, v.region_code, v.province, v.year,
       v.measure, v.value, v.form, p.value AS previous_value,
       CASE WHEN p.report_id IS NULL THEN NULL WHEN p.era = v.era THEN 'same' ELSE v.bridge END AS bridge
FROM (FROM valued WHERE $wanted) v
-- Plain equalities: any other condition here and DuckDB compares every row with every row.
LEFT JOIN valued p ON p.linked_id = v.linked_id AND p.scope = v.scope AND p.measure = v.measure AND p.year = v.year_before
ORDER BY v.year, v.report_id, v.measure
