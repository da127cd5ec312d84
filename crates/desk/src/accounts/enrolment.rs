//! A secret for six-figure codes that somebody is about to use: shown once, theirs when a code made with it comes back.

use super::{Accounts, password, sessions};
use crate::error::DeskError;
use habeas_codebook::moment::Moment;
use rusqlite::{OptionalExtension, params};
use totp_rs::Secret;

/// A secret that nobody confirmed is drawn anew after an hour, in microseconds.
const LASTS: i64 = 3600 * 1_000_000;
/// RFC 4226 asks for 160 bits.
const BYTES: usize = 20;

/// A secret that waits for its first code.
pub struct Enrolment {
    secret: Vec<u8>,
}

impl Enrolment {
    /// For typing into an authenticator: groups of four letters and figures.
    #[must_use]
    pub fn in_groups(&self) -> String {
        let letters: Vec<char> = self.base32().chars().collect();
        letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    /// For scanning (Key URI Format of the authenticators).
    #[must_use]
    pub fn address(&self, account: &str) -> String {
        let name: String = account
            .bytes()
            .map(|b| if b.is_ascii_alphanumeric() || b"-._~".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect();
        format!("otpauth://totp/Habeas:{name}?secret={}&issuer=Habeas", self.base32())
    }

    #[cfg(test)]
    pub(super) fn secret(&self) -> &[u8] {
        &self.secret
    }

    fn base32(&self) -> String {
        Secret::from(self.secret.clone()).to_base32()
    }
}

impl Accounts {
    /// The secret that an account is about to use; drawn if none waits.
    ///
    /// # Errors
    /// When the file cannot be used, or the machine has no randomness.
    pub fn enrolment(&self, account: &str, now: Moment) -> Result<Enrolment, DeskError> {
        let fresh = sessions::random::<BYTES>()?.to_vec();
        let file = self.file();
        file.execute("DELETE FROM enrolment WHERE account = ?1 AND made_at < ?2", params![account, now.0 - LASTS])?;
        file.execute("INSERT OR IGNORE INTO enrolment VALUES (?1, ?2, ?3)", params![account, fresh, now.0])?;
        let secret = file.query_row("SELECT secret FROM enrolment WHERE account = ?1", [account], |row| row.get(0))?;
        Ok(Enrolment { secret })
    }

    /// Sets a password once a code made with the waiting secret is right; that code is used then. Every session of the account ends:
    /// whoever else knew the old password is out. `false`: the code is not right, and nothing was changed.
    ///
    /// # Errors
    /// A password that is too short; trouble with the file.
    pub fn enrol(&self, account: &str, password: &str, code: &str, now: Moment) -> Result<bool, DeskError> {
        let find = "SELECT secret FROM enrolment WHERE account = ?1 AND made_at >= ?2";
        let secret: Option<Vec<u8>> = self.file().query_row(find, params![account, now.0 - LASTS], |row| row.get(0)).optional()?;
        let made = secret.and_then(|secret| password::code_step(&secret, code, now).map(|step| (secret, step)));
        let Some((secret, step)) = made else { return Ok(false) };
        self.set_password(account, password, &secret, step)?;
        self.file().execute("DELETE FROM enrolment WHERE account = ?1", [account])?;
        self.end_all(account)?;
        Ok(true)
    }

    /// Whether the account has a password.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn has_password(&self, account: &str) -> Result<bool, DeskError> {
        let find = "SELECT hash IS NOT NULL FROM account WHERE id = ?1";
        Ok(self.file().query_row(find, [account], |row| row.get(0)).optional()?.unwrap_or_default())
    }

    /// Every account, by id.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn all(&self) -> Result<Vec<super::Account>, DeskError> {
        let ids = {
            let file = self.file();
            let mut rows = file.prepare("SELECT id FROM account ORDER BY id")?;
            rows.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?
        };
        ids.iter().filter_map(|id| self.get(id).transpose()).collect()
    }

    /// Takes away every way to sign in: password, links, keys, names at a provider, sessions. The account stays in the record.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn shut(&self, account: &str) -> Result<(), DeskError> {
        let mut file = self.file();
        let work = file.transaction()?;
        work.execute("UPDATE account SET salt = NULL, hash = NULL, totp = NULL WHERE id = ?1", [account])?;
        for table in ["link", "session", "enrolment", "passkey", "identity"] {
            work.execute(&format!("DELETE FROM {table} WHERE account = ?1"), [account])?;
        }
        work.execute("INSERT OR IGNORE INTO shut VALUES (?1)", [account])?;
        work.commit()?;
        drop(file);
        self.tell_endings();
        Ok(())
    }
}
