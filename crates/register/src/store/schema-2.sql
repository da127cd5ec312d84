-- Verdicts found by what is asked of many custodies at once: how each rule stands, and what went on in the last hours.
ALTER TABLE verdict ADD COLUMN of_record INTEGER NOT NULL DEFAULT 0 CHECK (of_record IN (0, 1));
ALTER TABLE verdict ADD COLUMN ended_at INTEGER;
UPDATE verdict SET of_record = 1 WHERE rule IS NOT NULL AND json_extract(CAST(detail AS TEXT), '$.record');
-- What is sealed counts as going on until it is judged again.
UPDATE verdict SET ended_at = CASE
    WHEN json_extract(CAST(detail AS TEXT), '$.until') IS NOT NULL THEN json_extract(CAST(detail AS TEXT), '$.until')
    WHEN verdict = 'met_late' THEN due_at + coalesce(json_extract(CAST(detail AS TEXT), '$.late_by'), 0)
    WHEN due_at IS NULL AND json_extract(CAST(detail AS TEXT), '$.over_by') IS NULL
        THEN coalesce(json_extract(CAST(detail AS TEXT), '$.since'), json_extract(CAST(detail AS TEXT), '$.trigger_at'))
    ELSE (SELECT closed_at FROM life WHERE life.subject = verdict.subject)
END WHERE rule IS NOT NULL AND verdict IN ('breached', 'met_late');
CREATE INDEX verdict_by_rule ON verdict (class, rule, verdict) WHERE rule IS NOT NULL AND of_record = 0;
CREATE INDEX verdict_by_end ON verdict (coalesce(ended_at, 9223372036854775807), subject, ordinal)
    WHERE verdict IN ('breached', 'met_late');
