//! Where a register is kept, and a register that moves from one place to another.

use crate::error::RegisterError;
use crate::note::LastNote;
use crate::register::{Place, take_lock};
use crate::store::rows::{self, Cell, TABLES};
use crate::store::{Postgres, Sqlite, Store};
use habeas_ledger::merkle::{Edge, leaf_hash};
use std::fmt;
use std::path::Path;

/// Rows that are copied with one statement.
const ROWS: u32 = 1_024;

/// A setting that says that the register goes on elsewhere.
const MOVED: &str = "moved";

impl Place {
    /// The folder of what is not in the database of entries: wrapped keys, `last.note`.
    #[must_use]
    pub fn folder(&self) -> &Path {
        match self {
            Place::Sqlite(folder) | Place::Postgres { folder, .. } => folder,
        }
    }

    /// Opens the store for the one writer; makes it if it is not there.
    pub(crate) fn writer(&self) -> Result<Box<dyn Store>, RegisterError> {
        Ok(match self {
            Place::Sqlite(folder) => Box::new(Sqlite::writer(&folder.join("register.db"))?),
            Place::Postgres { url, .. } => Box::new(Postgres::writer(url)?),
        })
    }

    /// Opens the store for a reader.
    pub(crate) fn reader(&self) -> Result<Box<dyn Store>, RegisterError> {
        Ok(match self {
            Place::Sqlite(folder) => Box::new(Sqlite::reader(&folder.join("register.db"))?),
            Place::Postgres { url, .. } => Box::new(Postgres::reader(url)?),
        })
    }
}

/// The address of a database as it may be shown and stored: without its password.
#[must_use]
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        // `host=… user=… password=…`: what is not an address is not taken apart, since a quoted password may hold anything.
        return if url.contains("password") { "(an address with a password)".to_owned() } else { url.to_owned() };
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let authority = match authority.rsplit_once('@') {
        Some((user, host)) => format!("{}@{host}", user.split(':').next().unwrap_or_default()),
        None => authority.to_owned(),
    };
    let path = match path.split_once('?') {
        Some((path, query)) => {
            let kept: Vec<&str> = query.split('&').filter(|part| !part.starts_with("password=")).collect();
            if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
        }
        None => path.to_owned(),
    };
    format!("{scheme}://{authority}{path}")
}

impl fmt::Debug for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Sqlite(folder) => out.debug_tuple("Sqlite").field(folder).finish(),
            Place::Postgres { url, folder } => {
                out.debug_struct("Postgres").field("url", &without_password(url)).field("folder", folder).finish()
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Sqlite(folder) => write!(out, "{}", folder.display()),
            Place::Postgres { url, .. } => out.write_str(&without_password(url)),
        }
    }
}

/// Refuses a register that has moved: one log must not go on in two places.
pub(crate) fn refuse_moved(store: &mut dyn Store) -> Result<(), RegisterError> {
    match store.setting(MOVED)? {
        Some(to) => Err(RegisterError::ReadOnly { why: format!("it was moved to {to} and goes on there") }),
        None => Ok(()),
    }
}

/// What was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Entries of the log.
    pub entries: u64,
    /// Rows of all tables, entries among them.
    pub rows: u64,
}

/// Moves a closed register from one place to another: every row of every table, the wrapped keys and `last.note`. Everything is read again
/// from the new place and compared, each entry with its hash and the tree with its edge, before it is durable there. The old place stays as
/// it was and takes no more entries. `told` hears how many rows have been copied.
///
/// # Errors
/// [`RegisterError::ReadOnly`] when somebody writes to either place or the register was moved before; [`RegisterError::Store`] when the new
/// place is not empty or does not hold what was written. Then nothing was moved.
pub fn move_register(from: &Place, to: &Place, told: &mut dyn FnMut(u64)) -> Result<Moved, RegisterError> {
    for place in [from, to] {
        std::fs::create_dir_all(place.folder()).map_err(|error| refuse(place.folder(), &error))?;
    }
    let _held = take_lock(&from.folder().join("writer.lock"))?;
    let _held_too = if from.folder() == to.folder() { None } else { Some(take_lock(&to.folder().join("writer.lock"))?) };
    if let Place::Sqlite(folder) = to {
        set_aside_moved(folder)?;
    }
    let (mut old, mut new) = (from.writer()?, to.writer()?);
    refuse_moved(&mut *old)?;
    if new.size()? > 0 || new.setting("origin")?.is_some() {
        return Err(RegisterError::Store { why: "the new place holds a register already; give an empty one".to_owned() });
    }
    old.begin()?;
    new.begin()?;
    let copied = copy(&mut *old, &mut *new, told).and_then(|rows| Ok(Moved { entries: compare(&mut *old, &mut *new)?, rows }));
    let moved = match copied {
        Ok(moved) => moved,
        Err(error) => {
            new.rollback();
            old.rollback();
            return Err(error);
        }
    };
    copy_files(from.folder(), to.folder())?;
    new.commit()?;
    let word = match to {
        Place::Sqlite(_) => "a folder",
        Place::Postgres { .. } => "PostgreSQL",
    };
    old.set(MOVED, word)?;
    old.commit()?;
    Ok(moved)
}

/// A database that stayed behind when its register moved away makes room when the register comes back; it is kept under another name.
fn set_aside_moved(folder: &Path) -> Result<(), RegisterError> {
    let path = folder.join("register.db");
    if !path.is_file() {
        return Ok(());
    }
    let mut old = Sqlite::writer(&path)?;
    if old.setting(MOVED)?.is_none() {
        return Ok(());
    }
    let size = old.size()?;
    old.tidy();
    drop(old);
    let free = (0..).map(|number| folder.join(format!("register.db.moved-{size}-{number}"))).find(|name| !name.exists());
    let aside = free.expect("one of endless names is free");
    std::fs::rename(&path, &aside).map_err(|error| refuse(&aside, &error))
}

fn refuse(path: &Path, error: &dyn fmt::Display) -> RegisterError {
    RegisterError::File { path: path.to_owned(), why: error.to_string() }
}

/// Settings of the store itself, which the other has for itself.
fn is_own(table: &rows::Table, row: &[Cell]) -> bool {
    table.name == rows::SETTING.name && matches!(&row[0], Cell::Text(name) if name.starts_with("schema ") || name == MOVED)
}

fn copy(old: &mut dyn Store, new: &mut dyn Store, told: &mut dyn FnMut(u64)) -> Result<u64, RegisterError> {
    let mut count = 0;
    for table in &TABLES {
        let mut last: Option<Vec<Cell>> = None;
        loop {
            let mut page = old.page(table, last.as_deref(), ROWS)?;
            let Some(row) = page.last() else { break };
            last = Some(row.clone());
            page.retain(|row| !is_own(table, row));
            new.put_rows(table, &page)?;
            count += page.len() as u64;
            told(count);
        }
    }
    Ok(count)
}

/// Copies a store that is being read into a new file.
pub(crate) fn copy_to_file(store: &mut dyn Store, path: &Path) -> Result<(), RegisterError> {
    let mut file = Sqlite::writer(path)?;
    file.begin()?;
    copy(store, &mut file, &mut |_| ())?;
    file.commit()?;
    file.tidy();
    Ok(())
}

/// Both stores hold the same rows, each entry hashes to its leaf, and the leaves make the tree; how many entries there are.
fn compare(old: &mut dyn Store, new: &mut dyn Store) -> Result<u64, RegisterError> {
    let differs = |table: &rows::Table| RegisterError::Store { why: format!("the new place does not hold the same `{}` rows", table.name) };
    for table in &TABLES {
        let (mut before, mut after) = (None::<Vec<Cell>>, None::<Vec<Cell>>);
        loop {
            let (mut left, mut right) = (old.page(table, before.as_deref(), ROWS)?, new.page(table, after.as_deref(), ROWS)?);
            if left.is_empty() && right.is_empty() {
                break;
            }
            before = left.last().cloned().or(before);
            after = right.last().cloned().or(after);
            // Settings are few: they are one page.
            left.retain(|row| !is_own(table, row));
            right.retain(|row| !is_own(table, row));
            if left != right {
                return Err(differs(table));
            }
        }
    }
    let mut edge = Edge::default();
    loop {
        let page = new.events(edge.size(), ROWS)?;
        if page.is_empty() {
            break;
        }
        for row in page {
            if row.index != edge.size() || leaf_hash(&row.header) != row.leaf {
                return Err(RegisterError::Damaged { index: row.index, why: "its header does not hash to its leaf".to_owned() });
            }
            edge.push(row.leaf);
        }
    }
    if new.edge()?.unwrap_or_default() != edge {
        return Err(differs(&rows::EDGE));
    }
    Ok(edge.size())
}

/// Copies the wrapped keys and the newest note. A folder that both places share keeps its own.
fn copy_files(from: &Path, to: &Path) -> Result<(), RegisterError> {
    if from == to {
        return Ok(());
    }
    let (keys, copied) = (from.join("keys.db"), to.join("keys.db"));
    if copied.exists() {
        return Err(refuse(&copied, &"it is there already: the new place must be empty"));
    }
    if keys.exists() {
        let file = rusqlite::Connection::open(&keys).map_err(|error| refuse(&keys, &error))?;
        file.execute("VACUUM INTO ?1", [copied.to_string_lossy().as_ref()]).map_err(|error| refuse(&copied, &error))?;
        std::fs::File::open(&copied).and_then(|file| file.sync_all()).map_err(|error| refuse(&copied, &error))?;
    }
    LastNote::at(&from.join("last.note")).copy(&to.join("last.note"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            ("postgresql://habeas:s3cret@db.example/custody?sslmode=disable", "postgresql://habeas@db.example/custody?sslmode=disable"),
            ("postgresql://habeas:p@ss@db/custody", "postgresql://habeas@db/custody"),
            ("postgresql:///custody?user=habeas&password=s3cret&host=/run", "postgresql:///custody?user=habeas&host=/run"),
            ("postgres://db?password=s3cret", "postgres://db"),
            ("host=db user=habeas password='s3 cret'", "(an address with a password)"),
            ("postgresql:///custody?host=/run/postgresql", "postgresql:///custody?host=/run/postgresql"),
        ] {
            assert_eq!(without_password(url), shown);
            let place = Place::Postgres { url: url.to_owned(), folder: "station".into() };
            assert!(!format!("{place:?} {place}").contains("cret"), "{place:?}");
        }
    }
}
