//! The keys of a register: whose they are, which of them are here, and the file of wrapped data keys.
//!
//! Each record (a custody, or a person or place of its own) has a data key for each class. It is wrapped for the authority that may read
//! the class and stands, wrapped, in a database of its own, `keys.db`, which is in no backup of the entries: destroying a row destroys what
//! it opens. A class whose private key is not here gets a fresh data key for each entry, which is forgotten once the entry is sealed: this
//! process can then not open what it sealed.

use crate::error::RegisterError;
use crate::lately::Lately;
use getrandom::SysRng;
use habeas_ledger::leaf::{Class, Handle};
use habeas_ledger::note::SigningKey;
use habeas_ledger::sealing::{AuthorityKey, AuthorityPublic, DataKey, Wrapping};
use rand_core::UnwrapErr;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, params};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Data keys kept open in memory; more are unwrapped again when needed.
const OPEN_LIMIT: usize = 8_192;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS wrapped (
    record BLOB NOT NULL CHECK (length(record) = 16),
    class INTEGER NOT NULL,
    number INTEGER NOT NULL,
    key BLOB NOT NULL,
    PRIMARY KEY (record, class, number)
) STRICT, WITHOUT ROWID;
";

/// Who unwraps data keys: a key in memory, an HSM, a key service.
pub trait Unwrap: Send + Sync + fmt::Debug {
    /// Unwraps a data key, or refuses.
    ///
    /// # Errors
    /// The key was wrapped for another authority, person or class, or the service does not answer.
    fn unwrap_key(&self, wrapped: &[u8], wrapping: Wrapping) -> Result<DataKey, RegisterError>;
}

impl Unwrap for AuthorityKey {
    fn unwrap_key(&self, wrapped: &[u8], wrapping: Wrapping) -> Result<DataKey, RegisterError> {
        Ok(self.unwrap(wrapped, wrapping)?)
    }
}

/// The keys of one authority, the newest first.
#[derive(Debug)]
struct Several(Vec<AuthorityKey>);

impl Unwrap for Several {
    fn unwrap_key(&self, wrapped: &[u8], wrapping: Wrapping) -> Result<DataKey, RegisterError> {
        let mut first = None;
        for key in &self.0 {
            match key.unwrap(wrapped, wrapping) {
                Ok(key) => return Ok(key),
                Err(error) => first = first.or(Some(error)),
            }
        }
        Err(first.map_or(RegisterError::NoKey { class: wrapping.class.word() }, RegisterError::Ledger))
    }
}

/// What this process holds of an authority's key.
#[derive(Clone, Debug)]
pub struct Authority {
    /// Seals for it.
    pub public: AuthorityPublic,
    /// Opens what was sealed for it; nothing where the private key is elsewhere.
    pub private: Option<Arc<dyn Unwrap>>,
}

impl Authority {
    /// An authority whose key is here.
    #[must_use]
    pub fn here(key: AuthorityKey) -> Self {
        Authority { public: key.public(), private: Some(Arc::new(key)) }
    }

    /// The same while its keys are being changed: what older keys wrapped still opens.
    pub(crate) fn here_after(key: AuthorityKey, older: Vec<AuthorityKey>) -> Self {
        if older.is_empty() {
            return Authority::here(key);
        }
        let public = key.public();
        Authority { public, private: Some(Arc::new(Several([vec![key], older].concat()))) }
    }

    /// An authority whose private key is on another machine.
    #[must_use]
    pub fn elsewhere(public: AuthorityPublic) -> Self {
        Authority { public, private: None }
    }
}

/// All keys of a register.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Signs checkpoints; its name is the log's origin.
    pub log: Arc<SigningKey>,
    /// Who may read each class.
    pub authorities: BTreeMap<Class, Authority>,
}

/// The wrapped data keys on disk, and those that are open in memory.
pub(crate) struct KeyRing {
    keys: Keys,
    file: Connection,
    path: PathBuf,
    open: Lately<(Handle, Class), Vec<DataKey>>,
    /// A transaction is open that must be durable before the entries are.
    is_dirty: bool,
    /// Keys were destroyed since the last flush.
    is_shredding: bool,
}

impl KeyRing {
    pub(crate) fn open(path: &Path, keys: Keys) -> Result<Self, RegisterError> {
        let refuse = |error: rusqlite::Error| RegisterError::File { path: path.to_owned(), why: error.to_string() };
        let file = Connection::open(path).map_err(refuse)?;
        file.busy_timeout(std::time::Duration::from_secs(10)).map_err(refuse)?;
        // What is deleted is overwritten: a destroyed key must not stand in a free page.
        for (name, value) in [("secure_delete", "ON"), ("journal_mode", "WAL"), ("synchronous", "FULL"), ("trusted_schema", "OFF")] {
            file.pragma_update(None, name, value).map_err(refuse)?;
        }
        file.execute_batch(SCHEMA).map_err(refuse)?;
        // Statements are planned once, not again for each value that is bound to them.
        file.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(refuse)?;
        #[cfg(unix)]
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .map_err(|error| RegisterError::File { path: path.to_owned(), why: error.to_string() })?;
        Ok(KeyRing { keys, file, path: path.to_owned(), open: Lately::new(OPEN_LIMIT), is_dirty: false, is_shredding: false })
    }

    /// Opens the file for reading only, if it is there: without it nothing opens.
    pub(crate) fn open_reader(path: &Path, keys: Keys) -> Result<Self, RegisterError> {
        let refuse = |error: rusqlite::Error| RegisterError::File { path: path.to_owned(), why: error.to_string() };
        let file = if path.is_file() {
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(refuse)?
        } else {
            let none = Connection::open_in_memory().map_err(refuse)?;
            none.execute_batch(SCHEMA).map_err(refuse)?;
            none
        };
        file.busy_timeout(std::time::Duration::from_secs(10)).map_err(refuse)?;
        Ok(KeyRing { keys, file, path: path.to_owned(), open: Lately::new(OPEN_LIMIT), is_dirty: false, is_shredding: false })
    }

    /// The same file and keys once more, for reading only.
    pub(crate) fn reader(&self) -> Result<Self, RegisterError> {
        Self::open_reader(&self.path, self.keys.clone())
    }

    /// Whether the private key of a class is in this process.
    pub(crate) fn holds(&self, class: Class) -> bool {
        self.authority(class).is_ok_and(|authority| authority.private.is_some())
    }

    /// Destroys the keys of a record and class, within what [`KeyRing::flush`] makes durable.
    pub(crate) fn destroy(&mut self, record: Handle, class: Class) -> Result<(), RegisterError> {
        self.begin()?;
        let gone = self.file.execute("DELETE FROM wrapped WHERE record = ?1 AND class = ?2", params![record, class.id()]);
        gone.map_err(|error| self.refuse(&error))?;
        self.open.take(&(record, class));
        self.is_shredding = true;
        Ok(())
    }

    /// Wraps every data key of a class for its authority's present key, within what [`KeyRing::flush`] makes durable; how many.
    pub(crate) fn rewrap(&mut self, class: Class) -> Result<u64, RegisterError> {
        let private = self.authority(class)?.private.clone().ok_or(RegisterError::NoKey { class: class.word() })?;
        let public = self.authority(class)?.public.clone();
        self.begin()?;
        let (mut count, mut after) = (0, (Handle::default().to_vec(), -1_i64));
        loop {
            let page = self.wrapped_after(class, &after).map_err(|error| self.refuse(&error))?;
            let Some((record, number, _)) = page.last() else { break };
            after = (record.to_vec(), *number);
            for (record, number, wrapped) in &page {
                let wrapping = Wrapping { person: *record, class };
                let fresh = public.wrap(&private.unwrap_key(wrapped, wrapping)?, wrapping, &mut UnwrapErr(SysRng))?;
                let update = "UPDATE wrapped SET key = ?4 WHERE record = ?1 AND class = ?2 AND number = ?3";
                let done = self.file.execute(update, params![record, class.id(), number, fresh]);
                done.map_err(|error| self.refuse(&error))?;
                count += 1;
            }
        }
        // What the old key wrapped is overwritten, as what is destroyed is.
        self.is_shredding = true;
        Ok(count)
    }

    fn wrapped_after(&self, class: Class, after: &(Vec<u8>, i64)) -> Result<Vec<(Handle, i64, Vec<u8>)>, rusqlite::Error> {
        let mut rows = self.file.prepare_cached(
            "SELECT record, number, key FROM wrapped WHERE class = ?1 AND (record, number) > (?2, ?3) ORDER BY record, number LIMIT 1024",
        )?;
        rows.query_map(params![class.id(), after.0, after.1], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
    }

    fn begin(&mut self) -> Result<(), RegisterError> {
        if !self.is_dirty {
            self.file.execute_batch("BEGIN IMMEDIATE").map_err(|error| self.refuse(&error))?;
            self.is_dirty = true;
        }
        Ok(())
    }

    fn refuse(&self, error: &rusqlite::Error) -> RegisterError {
        RegisterError::File { path: self.path.clone(), why: error.to_string() }
    }

    /// The key to seal the next part of this record and class with.
    pub(crate) fn sealing_key(&mut self, record: Handle, class: Class) -> Result<DataKey, RegisterError> {
        let is_here = self.authority(class)?.private.is_some();
        if is_here && let Some(key) = self.opening_keys(record, class)?.first() {
            return Ok(key.clone());
        }
        let key = DataKey::generate(&mut UnwrapErr(SysRng));
        let wrapped = self.authority(class)?.public.wrap(&key, Wrapping { person: record, class }, &mut UnwrapErr(SysRng))?;
        self.store(record, class, &wrapped)?;
        if is_here {
            self.open.insert((record, class), vec![key.clone()], 1);
        }
        Ok(key)
    }

    fn authority(&self, class: Class) -> Result<&Authority, RegisterError> {
        self.keys.authorities.get(&class).ok_or(RegisterError::NoKey { class: class.word() })
    }

    fn store(&mut self, record: Handle, class: Class, wrapped: &[u8]) -> Result<(), RegisterError> {
        self.begin()?;
        let stored = self.file.prepare_cached(
            "INSERT INTO wrapped SELECT ?1, ?2, coalesce(max(number) + 1, 0), ?3 FROM wrapped WHERE record = ?1 AND class = ?2",
        );
        let stored = stored.and_then(|mut insert| insert.execute(params![record, class.id(), wrapped]));
        stored.map(|_| ()).map_err(|error| self.refuse(&error))
    }

    /// Makes new keys durable. Called before the entries that they seal are.
    pub(crate) fn flush(&mut self) -> Result<(), RegisterError> {
        if std::mem::take(&mut self.is_dirty) {
            self.file.execute_batch("COMMIT").map_err(|error| self.refuse(&error))?;
        }
        if std::mem::take(&mut self.is_shredding) {
            // The write-ahead log still holds the page as it was: it is emptied too.
            let emptied = self.file.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
            emptied.map_err(|error| self.refuse(&error))?;
        }
        Ok(())
    }

    /// Forgets keys that were made for entries that were not written.
    pub(crate) fn abandon(&mut self) {
        if std::mem::take(&mut self.is_dirty) {
            // What cannot be rolled back was not begun; the keys would open nothing.
            let _ = self.file.execute_batch("ROLLBACK");
            self.open.clear();
        }
    }

    /// The keys that open parts of this record and class; none where they are not here, or were destroyed.
    pub(crate) fn opening_keys(&mut self, record: Handle, class: Class) -> Result<&[DataKey], RegisterError> {
        if self.open.get(&(record, class)).is_none() {
            let keys = self.unwrap_all(record, class)?;
            if keys.is_empty() {
                return Ok(&[]); // another connection may make one
            }
            self.open.insert((record, class), keys, 1);
        }
        Ok(self.open.get(&(record, class)).map_or(&[], |keys| keys.as_slice()))
    }

    fn unwrap_all(&self, record: Handle, class: Class) -> Result<Vec<DataKey>, RegisterError> {
        let Some(private) = self.keys.authorities.get(&class).and_then(|authority| authority.private.clone()) else {
            return Ok(Vec::new());
        };
        let read = || -> Result<Vec<Vec<u8>>, rusqlite::Error> {
            let mut rows = self.file.prepare_cached("SELECT key FROM wrapped WHERE record = ?1 AND class = ?2 ORDER BY number")?;
            rows.query_map(params![record, class.id()], |row| row.get(0))?.collect()
        };
        let wrapped = read().map_err(|error| self.refuse(&error))?;
        wrapped.iter().map(|wrapped| private.unwrap_key(wrapped, Wrapping { person: record, class })).collect()
    }

    /// Forgets what is open: another connection may have destroyed keys.
    pub(crate) fn forget(&mut self) {
        self.open.clear();
    }
}
