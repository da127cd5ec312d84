CREATE TABLE event (
    seq bigint PRIMARY KEY CHECK (seq >= 0),
    header bytea NOT NULL,
    leaf bytea NOT NULL CHECK (length(leaf) = 32),
    public bytea, custody bytea, identity bytea, medical bytea, privileged bytea
);
-- Against accidents, not against whoever owns the database: an event stays; only a sealed part may be erased.
CREATE FUNCTION event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an event is never deleted or changed';
END $$;
CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event FOR EACH ROW EXECUTE FUNCTION event_stays();
CREATE TRIGGER event_is_never_emptied BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION event_stays();
CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event FOR EACH ROW
WHEN (NEW.seq <> OLD.seq OR NEW.header <> OLD.header OR NEW.leaf <> OLD.leaf
    OR NEW.public IS NOT NULL AND NEW.public IS DISTINCT FROM OLD.public
    OR NEW.custody IS NOT NULL AND NEW.custody IS DISTINCT FROM OLD.custody
    OR NEW.identity IS NOT NULL AND NEW.identity IS DISTINCT FROM OLD.identity
    OR NEW.medical IS NOT NULL AND NEW.medical IS DISTINCT FROM OLD.medical
    OR NEW.privileged IS NOT NULL AND NEW.privileged IS DISTINCT FROM OLD.privileged)
EXECUTE FUNCTION event_stays();
CREATE TABLE node (level bigint NOT NULL, place bigint NOT NULL, hash bytea NOT NULL, PRIMARY KEY (level, place));
CREATE TABLE edge (one bigint PRIMARY KEY CHECK (one = 1), bytes bytea NOT NULL);
CREATE TABLE checkpoint (size bigint NOT NULL, note text COLLATE "C" NOT NULL, PRIMARY KEY (size, note));
CREATE TABLE setting (name text COLLATE "C" PRIMARY KEY, value text NOT NULL);

-- From here on: projections, made again from events by `habeas admin rebuild`.
CREATE TABLE entry (id text COLLATE "C" PRIMARY KEY, seq bigint NOT NULL);
CREATE TABLE subject (
    number bigint PRIMARY KEY, class text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, handle bytea NOT NULL, UNIQUE (class, name)
);
CREATE TABLE naming (subject bigint NOT NULL, seq bigint NOT NULL, PRIMARY KEY (subject, seq));
CREATE TABLE reader (read bigint NOT NULL, judged bigint NOT NULL, PRIMARY KEY (read, judged));
CREATE TABLE verdict (
    subject bigint NOT NULL, ordinal bigint NOT NULL, verdict text COLLATE "C" NOT NULL, due_at bigint, class bigint NOT NULL,
    rule text COLLATE "C", detail bytea NOT NULL, PRIMARY KEY (subject, ordinal)
);
CREATE INDEX verdict_by_due ON verdict (verdict, coalesce(due_at, 9223372036854775807), subject, ordinal);
CREATE TABLE life (
    subject bigint PRIMARY KEY, opened_at bigint, closed_at bigint, place text COLLATE "C", judged_at bigint NOT NULL, moves_at bigint
);
CREATE INDEX life_by_move ON life (moves_at) WHERE moves_at IS NOT NULL;
CREATE INDEX life_by_place ON life (place) WHERE closed_at IS NULL;

CREATE TABLE outbox (
    number bigint PRIMARY KEY, key text COLLATE "C" NOT NULL UNIQUE, body text NOT NULL, tries bigint NOT NULL, next_at bigint NOT NULL,
    sent_at bigint
);
CREATE INDEX outbox_due ON outbox (next_at) WHERE sent_at IS NULL;
