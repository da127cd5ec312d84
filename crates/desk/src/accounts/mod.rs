//! Who may sign in: accounts, sessions, one-time links, half-filled forms. A SQLite file of its own, beside the register and never in it.
//!
//! A password is kept as argon2id, a session and a link as the hash of a random token: whoever reads the file can sign in as nobody.

mod enrolment;
mod glass;
mod handover;
mod keys;
mod papers;
mod password;
mod schema;
mod sessions;
mod trail;
mod whereabouts;

pub use enrolment::Enrolment;
pub use glass::Opened;
pub use handover::Handover;
pub use keys::StoredPasskey;
pub use sessions::{Came, Saved, Session};
pub use trail::{Step, Trace, Way};
pub use whereabouts::{Asked, Slip};

use crate::error::DeskError;
use habeas_codebook::moment::Moment;
use rusqlite::{Connection, OptionalExtension, params};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Wrong passwords in a row before an account is locked.
const TRIES: i64 = 5;
/// How long it is locked, in microseconds.
const LOCKED: i64 = 15 * 60 * 1_000_000;

/// An account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Id as it is recorded, for example `officer:1042`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Roles, as the codebook declares them.
    pub roles: Vec<String>,
    /// Places where the person serves.
    pub places: Vec<String>,
    /// Records that the person is tied to: tie (`own client`, `own case`, `self`, `consent given`), class and id.
    pub ties: Vec<(String, String, String)>,
    /// Language of the pages; empty until chosen.
    pub language: String,
}

/// The file of accounts.
pub struct Accounts {
    file: Mutex<Connection>,
    /// Counts the times that this process ended sessions: whoever holds a stream open looks then whether theirs is one of them.
    endings: watch::Sender<u64>,
}

/// A tie, and the class and id of whom or what it is to.
pub type TieTo = (String, (String, String));

impl Accounts {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, DeskError> {
        let file = Connection::open(path)?;
        file.busy_timeout(std::time::Duration::from_secs(10))?;
        for (name, value) in [("journal_mode", "WAL"), ("synchronous", "FULL"), ("foreign_keys", "ON"), ("trusted_schema", "OFF")] {
            file.pragma_update(None, name, value)?;
        }
        file.execute_batch(schema::SCHEMA)?;
        Ok(Self { file: Mutex::new(file), endings: watch::Sender::new(0) })
    }

    pub(crate) fn file(&self) -> MutexGuard<'_, Connection> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an account, or gives one that is there this name, these roles, places and ties.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put(&self, account: &Account) -> Result<(), DeskError> {
        let mut file = self.file();
        let work = file.transaction()?;
        work.execute(
            "INSERT INTO account (id, name, language) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET name = ?2",
            params![account.id, account.name, account.language],
        )?;
        for table in ["role", "place", "tie"] {
            work.execute(&format!("DELETE FROM account_{table} WHERE account = ?1"), [&account.id])?;
        }
        for role in &account.roles {
            work.execute("INSERT INTO account_role VALUES (?1, ?2)", [&account.id, role])?;
        }
        for place in &account.places {
            work.execute("INSERT INTO account_place VALUES (?1, ?2)", [&account.id, place])?;
        }
        for (tie, class, subject) in &account.ties {
            work.execute("INSERT INTO account_tie VALUES (?1, ?2, ?3, ?4)", [&account.id, tie, class, subject])?;
        }
        Ok(work.commit()?)
    }

    /// An account by id.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn get(&self, id: &str) -> Result<Option<Account>, DeskError> {
        let file = self.file();
        let mut found = file.prepare_cached("SELECT name, language FROM account WHERE id = ?1")?;
        let found = found.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((name, language)) = found else { return Ok(None) };
        let list = |table: &str| -> Result<Vec<String>, DeskError> {
            let mut rows = file.prepare_cached(&format!("SELECT * FROM account_{table} WHERE account = ?1 ORDER BY 2"))?;
            let found = rows.query_map([id], |row| row.get(1))?.collect::<Result<Vec<String>, _>>()?;
            Ok(found)
        };
        let mut ties = file.prepare_cached("SELECT tie, class, subject FROM account_tie WHERE account = ?1 ORDER BY 1, 2, 3")?;
        let ties = ties.query_map([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<Result<Vec<_>, _>>()?;
        Ok(Some(Account { id: id.to_owned(), name, roles: list("role")?, places: list("place")?, ties, language }))
    }

    /// The name that goes with an account, which is all that an entry shows of whoever made it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn name(&self, id: &str) -> Result<Option<String>, DeskError> {
        let file = self.file();
        let mut found = file.prepare_cached("SELECT name FROM account WHERE id = ?1")?;
        Ok(found.query_row([id], |row| row.get(0)).optional()?)
    }

    /// Those who serve at a place: id and name, by name.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn serving_at(&self, place: &str) -> Result<Vec<(String, String)>, DeskError> {
        let file = self.file();
        let mut rows = file.prepare_cached(
            "SELECT account.id, account.name FROM account JOIN account_place ON account_place.account = account.id
             WHERE account_place.place = ?1 ORDER BY account.name LIMIT 200",
        )?;
        Ok(rows.query_map([place], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
    }

    /// Ties of an account, each with the class and id of whom or what it is tied to.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn ties_of(&self, account: &str) -> Result<Vec<TieTo>, DeskError> {
        let file = self.file();
        let mut rows = file.prepare_cached("SELECT tie, class, subject FROM account_tie WHERE account = ?1")?;
        let all = rows.query_map([account], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
        Ok(all.collect::<Result<_, _>>()?)
    }

    /// What somebody opens records for, as they said; empty where they did not.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn purpose(&self, id: &str) -> Result<String, DeskError> {
        let file = self.file();
        let found = file.query_row("SELECT purpose FROM account_purpose WHERE account = ?1", [id], |row| row.get(0)).optional()?;
        Ok(found.unwrap_or_default())
    }

    /// Says what somebody opens records for; empty: what ties them to each.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn set_purpose(&self, id: &str, purpose: &str) -> Result<(), DeskError> {
        self.file().execute("INSERT OR REPLACE INTO account_purpose VALUES (?1, ?2)", [id, purpose])?;
        Ok(())
    }

    /// Chooses the language of an account's pages.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn set_language(&self, id: &str, language: &str) -> Result<(), DeskError> {
        self.file().execute("UPDATE account SET language = ?2 WHERE id = ?1", [id, language])?;
        Ok(())
    }

    /// What keeps somebody out who has shown who they are: `shut` or `locked`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn bar(&self, id: &str, now: Moment) -> Result<Option<&'static str>, DeskError> {
        let find = "SELECT EXISTS (SELECT 1 FROM shut WHERE account = ?1), locked_until > ?2 FROM account WHERE id = ?1";
        let found: Option<(bool, bool)> =
            self.file().query_row(find, params![id, now.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        Ok(match found {
            Some((true, _)) => Some("shut"),
            Some((false, true)) => Some("locked"),
            Some((false, false)) | None => None,
        })
    }

    /// Gives an account a password and the secret of its six-figure codes (20 bytes or more), of which those up to a step of time are used.
    ///
    /// # Errors
    /// When the password is shorter than 12 characters, or the file cannot be written.
    pub fn set_password(&self, id: &str, password: &str, totp: &[u8], used: i64) -> Result<(), DeskError> {
        let (salt, hash) = password::hash(password)?;
        self.file().execute(
            "UPDATE account SET salt = ?2, hash = ?3, totp = ?4, last_code = ?5, tries = 0, locked_until = 0 WHERE id = ?1",
            params![id, salt, hash, totp, used],
        )?;
        Ok(())
    }

    /// Whether name, password and six-figure code are right, and the account is not locked. The same work is done whatever is wrong.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn check_password(&self, id: &str, password: &str, code: &str, now: Moment) -> Result<bool, DeskError> {
        self.attempt(id, password, Some(code), now)
    }

    /// Whether the password is right, of somebody who is signed in already; a wrong one counts as a try.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn knows_password(&self, id: &str, password: &str, now: Moment) -> Result<bool, DeskError> {
        self.attempt(id, password, None, now)
    }

    fn attempt(&self, id: &str, password: &str, code: Option<&str>, now: Moment) -> Result<bool, DeskError> {
        type Row = (Vec<u8>, Vec<u8>, Vec<u8>, i64, i64, i64);
        let found: Option<Row> = self
            .file()
            .query_row(
                "SELECT salt, hash, totp, tries, locked_until, last_code FROM account WHERE id = ?1 AND hash IS NOT NULL",
                [id],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?)),
            )
            .optional()?;
        let Some((salt, hash, secret, tries, locked_until, last_code)) = found else {
            password::pretend(password)?;
            return Ok(false);
        };
        let is_right = password::is_right(password, &salt, &hash)?;
        // A code counts once: the step it belongs to must be later than the last one used.
        let step = match code {
            Some(code) => password::code_step(&secret, code, now).filter(|step| *step > last_code),
            None => Some(last_code),
        };
        let file = self.file();
        match step.filter(|_| is_right && locked_until <= now.0) {
            Some(step) => {
                file.execute("UPDATE account SET tries = 0, last_code = ?2 WHERE id = ?1", params![id, step])?;
                Ok(true)
            }
            None => {
                let locks = if tries + 1 >= TRIES { now.0 + LOCKED } else { locked_until };
                let left = if tries + 1 >= TRIES { 0 } else { tries + 1 };
                file.execute("UPDATE account SET tries = ?2, locked_until = ?3 WHERE id = ?1", params![id, left, locks])?;
                Ok(false)
            }
        }
    }
}

#[cfg(test)]
mod tests;
