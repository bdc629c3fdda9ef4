SELECT r.report_id, r.series_id, r.issuer_id, r.issuer, r.issuer_kind, r.scope, r.region_code, r.year,
       t.form, r.is_current,
       $items
FROM reports r
LEFT JOIN request_totals t USING (report_id, year)
