CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    header BLOB NOT NULL,
    leaf BLOB NOT NULL CHECK (length(leaf) = 32),
    public BLOB, custody BLOB, identity BLOB, medical BLOB, privileged BLOB
) STRICT;
-- Against accidents, not against whoever owns the file: an event stays; only a sealed part may be erased.
CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
BEGIN SELECT raise(ABORT, 'an event is never deleted'); END;
CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
WHEN NEW.seq <> OLD.seq OR NEW.header <> OLD.header OR NEW.leaf <> OLD.leaf
    OR NEW.public IS NOT NULL AND NEW.public IS NOT OLD.public
    OR NEW.custody IS NOT NULL AND NEW.custody IS NOT OLD.custody
    OR NEW.identity IS NOT NULL AND NEW.identity IS NOT OLD.identity
    OR NEW.medical IS NOT NULL AND NEW.medical IS NOT OLD.medical
    OR NEW.privileged IS NOT NULL AND NEW.privileged IS NOT OLD.privileged
BEGIN SELECT raise(ABORT, 'an event is never changed'); END;
CREATE TABLE node (level INTEGER NOT NULL, place INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, place)) STRICT, WITHOUT ROWID;
CREATE TABLE edge (one INTEGER PRIMARY KEY CHECK (one = 1), bytes BLOB NOT NULL) STRICT;
CREATE TABLE checkpoint (size INTEGER NOT NULL, note TEXT NOT NULL, PRIMARY KEY (size, note)) STRICT, WITHOUT ROWID;
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- From here on: projections, made again from events by `habeas admin rebuild`.
CREATE TABLE entry (id TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE subject (
    number INTEGER PRIMARY KEY, class TEXT NOT NULL, name TEXT NOT NULL, handle BLOB NOT NULL, UNIQUE (class, name)
) STRICT;
CREATE TABLE naming (subject INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (subject, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE reader (read INTEGER NOT NULL, judged INTEGER NOT NULL, PRIMARY KEY (read, judged)) STRICT, WITHOUT ROWID;
CREATE TABLE verdict (
    subject INTEGER NOT NULL, ordinal INTEGER NOT NULL, verdict TEXT NOT NULL, due_at INTEGER, class INTEGER NOT NULL,
    rule TEXT, detail BLOB NOT NULL, PRIMARY KEY (subject, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX verdict_by_due ON verdict (verdict, coalesce(due_at, 9223372036854775807), subject, ordinal);
CREATE TABLE life (
    subject INTEGER PRIMARY KEY, opened_at INTEGER, closed_at INTEGER, place TEXT, judged_at INTEGER NOT NULL, moves_at INTEGER
) STRICT;
CREATE INDEX life_by_move ON life (moves_at) WHERE moves_at IS NOT NULL;
CREATE INDEX life_by_place ON life (place) WHERE closed_at IS NULL;

CREATE TABLE outbox (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, body TEXT NOT NULL, tries INTEGER NOT NULL, next_at INTEGER NOT NULL, sent_at INTEGER
) STRICT;
CREATE INDEX outbox_due ON outbox (next_at) WHERE sent_at IS NULL;
