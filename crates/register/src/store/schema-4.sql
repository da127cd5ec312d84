-- Files that were handed in with an entry, sealed as its parts are. Only what was sealed may go, by order; the row says that it was there.
CREATE TABLE file (
    seq INTEGER NOT NULL, place INTEGER NOT NULL CHECK (place BETWEEN 0 AND 254), class INTEGER NOT NULL, sealed BLOB,
    PRIMARY KEY (seq, place)
) STRICT;
CREATE TRIGGER file_is_never_deleted BEFORE DELETE ON file
BEGIN SELECT raise(ABORT, 'a file is never deleted'); END;
CREATE TRIGGER file_is_never_changed BEFORE UPDATE ON file
WHEN NEW.seq <> OLD.seq OR NEW.place <> OLD.place OR NEW.class <> OLD.class OR NEW.sealed IS NOT NULL AND NEW.sealed IS NOT OLD.sealed
BEGIN SELECT raise(ABORT, 'a file is never changed'); END;
