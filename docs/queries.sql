-- Twenty questions to the published warehouse, each answered in less than a second over 100,000 reports.
-- Run one with: gongkai sql "…". Every query ends with a semicolon; the comment above it says what it answers.

-- 1. How has the disclosure rate (实质公开率) of the whole country moved? Sums of the parts, not a mean of rates.
SELECT year, sum(numerator) / sum(denominator) AS disclosure_rate, count(*) AS reports
FROM indicators WHERE indicator = 'disclosure_rate' AND inputs <> 'failed' GROUP BY year ORDER BY year;

-- 2. Which provinces disclose most? Small samples count in the sum, as everywhere.
SELECT province, year, sum(numerator) / nullif(sum(denominator), 0) AS disclosure_rate, sum(denominator) AS requests
FROM indicators WHERE indicator = 'disclosure_rate' AND value IS NOT NULL GROUP BY ALL ORDER BY year, disclosure_rate DESC;

-- 3. How do rates differ between kinds of bodies? The median, for reports with at least 30 requests.
SELECT issuer_kind, indicator, median(value) AS median, count(*) AS reports
FROM indicators WHERE NOT is_small AND value IS NOT NULL GROUP BY ALL ORDER BY indicator, issuer_kind;

-- 4. Which bodies' denial rate rose most against the year before?
SELECT year, issuer, value, previous_value, change
FROM indicators WHERE indicator = 'denial_rate' AND NOT is_small AND change IS NOT NULL ORDER BY change DESC LIMIT 20;

-- 5. How often is "not held" the reason for having nothing to give?
SELECT year, sum(numerator) / nullif(sum(denominator), 0) AS not_held_share
FROM indicators WHERE indicator = 'not_held_share' GROUP BY year ORDER BY year;

-- 6. Where do requests end in a dispute more than one time in ten?
SELECT year, issuer, numerator AS disputes, denominator AS requests, value AS dispute_rate
FROM indicators WHERE indicator = 'dispute_rate' AND value > 0.1 AND NOT is_small ORDER BY value DESC LIMIT 50;

-- 7. How often are bodies corrected in review, and in court, over the cases that are closed?
SELECT year, indicator, sum(numerator) AS corrected, sum(denominator) AS closed, sum(numerator) / nullif(sum(denominator), 0) AS rate
FROM indicators WHERE indicator IN ('review_correction_rate_closed', 'litigation_correction_rate_closed') GROUP BY ALL ORDER BY ALL;

-- 8. On how many rates can one not rely, and why?
SELECT year, indicator, count(*) FILTER (value IS NULL) AS without_value, count(*) FILTER (is_small) AS small,
       count(*) FILTER (inputs = 'failed') AS failed_checks, count(*) AS rates
FROM indicators GROUP BY ALL ORDER BY ALL;

-- 9. How many requests did each province receive each year, through all forms since 2014?
SELECT province, year, sum(value) AS requests_received, count(*) AS reports
FROM panel WHERE measure = 'requests_received' GROUP BY ALL ORDER BY ALL;

-- 10. Every measure over the years, with the step at which its definition changes.
SELECT measure, year, sum(value) AS total, bool_or(bridge = 'differs') AS definition_changes
FROM panel GROUP BY ALL ORDER BY ALL;

-- 11. Growth of requests in bodies that reported in both years, only where both years count the same.
SELECT year, sum(value) / nullif(sum(previous_value), 0) - 1 AS growth, count(*) AS bodies
FROM panel WHERE measure = 'requests_received' AND bridge = 'same' AND value IS NOT NULL AND previous_value IS NOT NULL
GROUP BY year ORDER BY year;

-- 12. The history of one body: every measure, year by year.
PIVOT (SELECT measure, year, value FROM panel WHERE issuer_id = (SELECT min(issuer_id) FROM panel))
ON year USING first(value) ORDER BY measure;

-- 13. What is wrong most often, by rule and year?
SELECT check_id, severity, year, count(*) AS findings FROM anomalies GROUP BY ALL ORDER BY findings DESC;

-- 14. The worst errors of a year: the largest differences between a printed total and its parts.
SELECT report_id, issuer, check_id, subject, left_value, right_value, difference, suspects
FROM anomalies WHERE severity = 'error' AND year = (SELECT max(year) FROM reports) ORDER BY abs(difference) DESC LIMIT 20;

-- 15. Which share of each province's reports has an error?
SELECT province, r.year, count(*) AS reports, count(a.report_id) AS with_error, count(a.report_id) / count(*) AS share
FROM reports r LEFT JOIN (SELECT DISTINCT report_id FROM anomalies WHERE severity = 'error') a USING (report_id)
WHERE is_current GROUP BY ALL ORDER BY share DESC;

-- 16. Which cells are suspected most often?
SELECT s.fact_table, s.row_code, s.column_code, count(*) AS findings
FROM (SELECT unnest(suspects) AS s FROM anomalies WHERE severity = 'error') GROUP BY ALL ORDER BY findings DESC LIMIT 20;

-- 17. Bodies whose reports have errors in several years.
SELECT issuer_id, any_value(issuer) AS issuer, count(DISTINCT year) AS years, count(*) AS findings
FROM anomalies WHERE severity = 'error' GROUP BY issuer_id HAVING years > 1 ORDER BY years DESC, findings DESC LIMIT 50;

-- 18. Does a body's disclosure rate go with errors in its report?
SELECT a.report_id IS NOT NULL AS has_error, count(*) AS reports, avg(i.value) AS mean_disclosure_rate
FROM indicators i LEFT JOIN (SELECT DISTINCT report_id FROM anomalies WHERE severity = 'error') a USING (report_id)
WHERE i.indicator = 'disclosure_rate' AND NOT i.is_small GROUP BY ALL;

-- 19. How were requests decided, item by item, in the latest year?
SELECT sum(granted) AS granted, sum(partially_granted) AS partially_granted, sum(denied_internal_affairs) AS internal_affairs,
       sum(unavailable_not_held) AS not_held, sum(rejected_repeat) AS repeated, sum(processed_total) AS processed
FROM requests_wide WHERE is_current AND year = (SELECT max(year) FROM reports);

-- 20. Every fact of one report beside its findings.
SELECT f.fact_table, f.row_code, f.column_code, f.value, f.status, f.raw_text, a.check_id, a.message_zh
FROM facts f LEFT JOIN finding_cells c USING (report_id, fact_table, row_code, column_code)
LEFT JOIN anomalies a ON a.report_id = c.report_id AND a.check_id = c.check_id AND a.subject = c.subject
WHERE f.report_id = (SELECT min(report_id) FROM anomalies) ORDER BY ALL;
