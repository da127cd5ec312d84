-- Files that were handed in with an entry, sealed as its parts are. Only what was sealed may go, by order; the row says that it was there.
CREATE TABLE file (
    seq bigint NOT NULL, place bigint NOT NULL CHECK (place BETWEEN 0 AND 254), class bigint NOT NULL, sealed bytea,
    PRIMARY KEY (seq, place)
);
ALTER TABLE file ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE TRIGGER file_is_never_deleted BEFORE DELETE ON file FOR EACH ROW EXECUTE FUNCTION event_stays();
CREATE TRIGGER file_is_never_emptied BEFORE TRUNCATE ON file FOR EACH STATEMENT EXECUTE FUNCTION event_stays();
CREATE TRIGGER file_is_never_changed BEFORE UPDATE ON file FOR EACH ROW
WHEN (NEW.seq <> OLD.seq OR NEW.place <> OLD.place OR NEW.class <> OLD.class
    OR NEW.sealed IS NOT NULL AND NEW.sealed IS DISTINCT FROM OLD.sealed)
EXECUTE FUNCTION event_stays();
