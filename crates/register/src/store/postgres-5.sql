-- What the entries of a thing are, as far as they were looked at: found again after a start. It says no more than headers do, but for the
-- earliest time of two entries.
CREATE TABLE thing (subject bigint PRIMARY KEY, seen bytea NOT NULL);
