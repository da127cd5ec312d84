-- Verdicts found by what is asked of many custodies at once: how each rule stands, and what went on in the last hours.
ALTER TABLE verdict ADD COLUMN of_record bigint NOT NULL DEFAULT 0 CHECK (of_record IN (0, 1));
ALTER TABLE verdict ADD COLUMN ended_at bigint;
UPDATE verdict SET of_record = 1 WHERE rule IS NOT NULL AND (convert_from(detail, 'UTF8')::json ->> 'record')::boolean;
-- What is sealed counts as going on until it is judged again.
UPDATE verdict SET ended_at = CASE
    WHEN convert_from(detail, 'UTF8')::json ->> 'until' IS NOT NULL THEN (convert_from(detail, 'UTF8')::json ->> 'until')::bigint
    WHEN verdict = 'met_late' THEN due_at + coalesce((convert_from(detail, 'UTF8')::json ->> 'late_by')::bigint, 0)
    WHEN due_at IS NULL AND convert_from(detail, 'UTF8')::json ->> 'over_by' IS NULL
        THEN coalesce(convert_from(detail, 'UTF8')::json ->> 'since', convert_from(detail, 'UTF8')::json ->> 'trigger_at')::bigint
    ELSE (SELECT closed_at FROM life WHERE life.subject = verdict.subject)
END WHERE rule IS NOT NULL AND verdict IN ('breached', 'met_late');
CREATE INDEX verdict_by_rule ON verdict (class, rule, verdict) WHERE rule IS NOT NULL AND of_record = 0;
CREATE INDEX verdict_by_end ON verdict (coalesce(ended_at, 9223372036854775807), subject, ordinal)
    WHERE verdict IN ('breached', 'met_late');
