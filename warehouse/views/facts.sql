SELECT report_id, year, 'requests' AS fact_table, item AS row_code, applicant AS column_code,
       CAST(value AS DECIMAL(20, 4)) AS value, 'count' AS unit, status, form, raw_text, table_no, "row", col, reason, note
FROM requests
UNION ALL
SELECT report_id, year, 'proactive', item, measure, value, unit, status, form, raw_text, table_no, "row", col, reason, note
FROM proactive
UNION ALL
SELECT report_id, year, 'disputes', channel, outcome,
       CAST(value AS DECIMAL(20, 4)), 'count', status, form, raw_text, table_no, "row", col, reason, note
FROM disputes
UNION ALL
SELECT report_id, year, 'statistics', item, period, value, unit, status, form, raw_text, table_no, "row", col, reason, note
FROM statistics
