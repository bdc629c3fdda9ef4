SELECT f.*, d.decision
FROM findings f
LEFT JOIN (
    SELECT series_id, check_id, subject, evidence, arg_max(decision, decided_at) AS decision
    FROM reviews
    GROUP BY ALL
) d USING (series_id, check_id, subject, evidence)
WHERE d.decision IS DISTINCT FROM 'dismiss'
