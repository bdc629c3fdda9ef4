-- One column per item of section 三 over all forms: the printed 总计, never a computed one.
SELECT report_id, year, any_value(form) AS form,
       $total_by_item
FROM requests
WHERE applicant = 'total' AND $wanted
GROUP BY report_id, year
ORDER BY year, report_id
