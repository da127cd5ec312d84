//! Tables of the file of accounts.

/// Every table. A token is stored as its SHA-256.
pub(super) const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS account (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, language TEXT NOT NULL DEFAULT '',
  salt BLOB, hash BLOB, totp BLOB, last_code INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0, locked_until INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS account_role (
  account TEXT NOT NULL REFERENCES account, role TEXT NOT NULL, PRIMARY KEY (account, role)
) STRICT;
CREATE TABLE IF NOT EXISTS account_place (
  account TEXT NOT NULL REFERENCES account, place TEXT NOT NULL, PRIMARY KEY (account, place)
) STRICT;
CREATE TABLE IF NOT EXISTS account_tie (
  account TEXT NOT NULL REFERENCES account, tie TEXT NOT NULL, class TEXT NOT NULL, subject TEXT NOT NULL,
  PRIMARY KEY (account, class, subject, tie)
) STRICT;
CREATE TABLE IF NOT EXISTS account_purpose (account TEXT PRIMARY KEY REFERENCES account, purpose TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS glass (
  entry TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account, subject TEXT NOT NULL, why TEXT NOT NULL, at INTEGER NOT NULL,
  is_reviewed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS session (
  token BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES account, form_token TEXT NOT NULL,
  begun_at INTEGER NOT NULL, seen_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS paper (name TEXT PRIMARY KEY, body BLOB NOT NULL, kept_at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS link (token BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES account, until INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS draft (
  id TEXT NOT NULL, account TEXT NOT NULL REFERENCES account, address TEXT NOT NULL, body TEXT NOT NULL, saved_at INTEGER NOT NULL,
  PRIMARY KEY (account, id)
) STRICT;
";
