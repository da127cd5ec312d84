-- What was read of whom to judge a subject: a later entry asks only for those judgements that its kind can change. What was noted before
-- says nothing, and has everybody judged again who is named with it.
ALTER TABLE reader ADD COLUMN what BLOB;
