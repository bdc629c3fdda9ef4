-- One column per item of section 三 over all forms: the printed 总计, never a computed one.
WITH totals AS (
    SELECT report_id, any_value(form) AS form,
           $total_by_item
    FROM requests
    WHERE applicant = 'total'
    GROUP BY report_id
)
SELECT r.report_id, r.series_id, r.issuer_id, r.issuer, r.issuer_kind, r.scope, r.region_code, r.year,
       t.form, r.is_current,
       $items
FROM reports r
LEFT JOIN totals t USING (report_id)
