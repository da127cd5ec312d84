//! Other ways to be known: a key that the person holds (WebAuthn), and a name at a provider of identities (OpenID Connect).
//!
//! Only what is stored; the ceremonies are in [`crate::account`].

use super::{Accounts, sessions};
use crate::error::DeskError;
use habeas_codebook::moment::Moment;
use rusqlite::{OptionalExtension, params};

/// Bytes of the handle by which a key knows its account.
const HANDLE: usize = 16;
/// Most keys of one account.
const MOST: i64 = 20;

/// A key of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPasskey {
    /// Its id, in base64url.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was added.
    pub made_at: Moment,
    /// When it last signed its owner in.
    pub used_at: Option<Moment>,
    /// Public key, counter and the rest, as JSON.
    pub body: String,
}

impl Accounts {
    /// The handle by which keys know this account: random, so that a key tells nobody whose it is.
    ///
    /// # Errors
    /// When the file cannot be used, or the machine has no randomness.
    pub fn handle(&self, account: &str) -> Result<[u8; HANDLE], DeskError> {
        let fresh = sessions::random::<HANDLE>()?;
        let file = self.file();
        file.execute("INSERT OR IGNORE INTO handle VALUES (?1, ?2)", params![account, fresh])?;
        Ok(file.query_row("SELECT handle FROM handle WHERE account = ?1", [account], |row| row.get(0))?)
    }

    /// The account of a handle.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn of_handle(&self, handle: &[u8]) -> Result<Option<String>, DeskError> {
        Ok(self.file().query_row("SELECT account FROM handle WHERE handle = ?1", [handle], |row| row.get(0)).optional()?)
    }

    /// Stores a key of somebody.
    ///
    /// # Errors
    /// When the key is there already, or the account has twenty; when the file cannot be written.
    pub fn add_passkey(&self, account: &str, key: &StoredPasskey) -> Result<(), DeskError> {
        let write = "INSERT OR IGNORE INTO passkey SELECT ?1, ?2, ?3, ?4, NULL, ?5 \
                     WHERE (SELECT count(*) FROM passkey WHERE account = ?2) < ?6";
        let rows = self.file().execute(write, params![key.id, account, key.name, key.made_at.0, key.body, MOST])?;
        if rows == 1 { Ok(()) } else { Err(DeskError::Input { field: "key", text: "passkeys-too-many" }) }
    }

    /// A key has signed its owner in: when, and what that changed of it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn used_passkey(&self, account: &str, id: &str, body: &str, now: Moment) -> Result<(), DeskError> {
        let write = "UPDATE passkey SET used_at = ?3, body = ?4 WHERE account = ?1 AND id = ?2";
        self.file().execute(write, params![account, id, now.0, body])?;
        Ok(())
    }

    /// The keys of an account, the oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn passkeys(&self, account: &str) -> Result<Vec<StoredPasskey>, DeskError> {
        let file = self.file();
        let mut rows =
            file.prepare_cached("SELECT id, name, made_at, used_at, body FROM passkey WHERE account = ?1 ORDER BY made_at, id")?;
        let keys = rows.query_map([account], |row| {
            let used: Option<i64> = row.get(3)?;
            let made_at = Moment(row.get(2)?);
            Ok(StoredPasskey { id: row.get(0)?, name: row.get(1)?, made_at, used_at: used.map(Moment), body: row.get(4)? })
        })?;
        Ok(keys.collect::<Result<_, _>>()?)
    }

    /// Takes a key away, and says what it was called. `issuer`: the provider of identities that signs people in here.
    ///
    /// # Errors
    /// When it is not a key of this account, when it is the only way in that is left, or when the file cannot be written.
    pub fn drop_passkey(&self, account: &str, id: &str, issuer: Option<&str>) -> Result<String, DeskError> {
        let mut file = self.file();
        let work = file.transaction()?;
        let gone = work.query_row("DELETE FROM passkey WHERE account = ?1 AND id = ?2 RETURNING name", [account, id], |row| row.get(0));
        let name = gone.optional()?.ok_or(DeskError::Absent)?;
        let left = "SELECT EXISTS (SELECT 1 FROM account WHERE id = ?1 AND hash IS NOT NULL)
                    OR EXISTS (SELECT 1 FROM passkey WHERE account = ?1)
                    OR EXISTS (SELECT 1 FROM identity WHERE account = ?1 AND issuer = ?2)";
        if !work.query_row(left, params![account, issuer], |row| row.get::<_, bool>(0))? {
            return Err(DeskError::Input { field: "key", text: "passkeys-only-way" });
        }
        work.commit()?;
        Ok(name)
    }

    /// Says by which name a provider knows an account.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put_identity(&self, issuer: &str, name: &str, account: &str) -> Result<(), DeskError> {
        self.file().execute("INSERT OR REPLACE INTO identity VALUES (?1, ?2, ?3)", [issuer, name, account])?;
        Ok(())
    }

    /// The account that a provider's name stands for: the one it was entered for, else, if `or_id`, the one whose id it is.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn of_identity(&self, issuer: &str, name: &str, or_id: bool) -> Result<Option<String>, DeskError> {
        let find = "SELECT coalesce((SELECT account FROM identity WHERE issuer = ?1 AND name = ?2),
                                    (SELECT id FROM account WHERE id = ?2 AND ?3))";
        Ok(self.file().query_row(find, params![issuer, name, or_id], |row| row.get(0))?)
    }
}
