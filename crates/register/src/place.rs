//! Where a register is kept, and a register that moves from one place to another.

use crate::error::RegisterError;
use crate::note::LastNote;
use crate::opening::take_lock;
use crate::register::Place;
use crate::store::rows::{self, Cell, TABLES};
use crate::store::{Postgres, Sqlite, Store};
use habeas_ledger::merkle::{Edge, leaf_hash};
use std::fmt;
use std::path::Path;

/// Rows that are copied with one statement.
const ROWS: u32 = 1_024;

/// A setting that says that the register goes on elsewhere.
const MOVED: &str = "moved";

/// A setting of the new place: everything is there, and the old place may not know it yet.
const ARRIVING: &str = "arriving";

/// The wrapped keys until everything else has arrived.
const KEYS_ARRIVING: &str = "keys.db.arriving";

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

/// Refuses a register that has moved, or has not quite arrived: one log must not go on in two places.
pub(crate) fn refuse_moved(store: &mut dyn Store) -> Result<(), RegisterError> {
    if let Some(to) = store.setting(MOVED)? {
        return Err(RegisterError::ReadOnly { why: format!("it was moved to {to} and goes on there") });
    }
    if is_arriving(store)? {
        let why = "a move to this place was not finished; run the same `habeas admin migrate` again".to_owned();
        return Err(RegisterError::ReadOnly { why });
    }
    Ok(())
}

fn is_arriving(store: &mut dyn Store) -> Result<bool, RegisterError> {
    Ok(store.setting(ARRIVING)?.is_some_and(|word| !word.is_empty()))
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
/// Wherever it is stopped, at most one of the two places takes entries, and the same call again finishes the move: the new place takes none
/// until the old one is marked, and the old one is marked once the new one is whole.
///
/// # Errors
/// [`RegisterError::ReadOnly`] when somebody writes to either place or the register was moved elsewhere before; [`RegisterError::Store`]
/// when the new place is not empty or does not hold what was written. Then nothing was moved.
pub fn move_register(from: &Place, to: &Place, told: &mut dyn FnMut(u64)) -> Result<Moved, RegisterError> {
    move_in_steps(from, to, told, &mut |_| Ok(()))
}

/// [`move_register`], told of each step that is durable; what `done` refuses stops there.
fn move_in_steps(from: &Place, to: &Place, told: &mut dyn FnMut(u64), done: Done<'_>) -> Result<Moved, RegisterError> {
    for place in [from, to] {
        std::fs::create_dir_all(place.folder()).map_err(|error| refuse(place.folder(), &error))?;
    }
    let _held = take_lock(&from.folder().join("writer.lock"))?;
    let _held_too = if from.folder() == to.folder() { None } else { Some(take_lock(&to.folder().join("writer.lock"))?) };
    if let Place::Sqlite(folder) = to {
        set_aside_moved(folder)?;
    }
    let (mut old, mut new) = (from.writer()?, to.writer()?);
    if is_same_log(&mut *old, &mut *new)? {
        return finish(&mut *old, &mut *new, (from, to), done);
    }
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
    copy_keys(from.folder(), to.folder())?;
    done("the keys are copied")?;
    new.set(ARRIVING, "here")?;
    new.commit()?;
    old.rollback();
    done("the entries have arrived")?;
    Ok(Moved { rows: moved.rows, ..finish(&mut *old, &mut *new, (from, to), done)? })
}

/// Hears of a step; what it refuses stops there.
type Done<'a> = &'a mut dyn FnMut(&str) -> Result<(), RegisterError>;

/// Whether the new place holds what the old one does, entry for entry: a move that was stopped, or is done.
fn is_same_log(old: &mut dyn Store, new: &mut dyn Store) -> Result<bool, RegisterError> {
    let is_one = new.setting("origin")?.is_some() && new.setting("origin")? == old.setting("origin")?;
    let is_known = old.setting(MOVED)?.is_some() || is_arriving(new)?;
    let edges = (old.edge()?.unwrap_or_default(), new.edge()?.unwrap_or_default());
    Ok(is_one && is_known && new.setting(MOVED)?.is_none() && edges.0 == edges.1)
}

/// What is left once the new place is whole: keys under their name, the old place marked, the new one open. Each is done once.
fn finish(old: &mut dyn Store, new: &mut dyn Store, (from, to): (&Place, &Place), done: Done<'_>) -> Result<Moved, RegisterError> {
    let entries = new.size()?;
    if is_arriving(new)? {
        if old.setting(MOVED)?.is_none() {
            compare(old, new)?;
        }
        put_keys(from.folder(), to.folder())?;
        done("the keys are in their place")?;
        let word = match to {
            Place::Sqlite(_) => "a folder",
            Place::Postgres { .. } => "PostgreSQL",
        };
        old.begin()?;
        old.set(MOVED, word)?;
        old.commit()?;
        done("the old place is marked")?;
        new.begin()?;
        new.set(ARRIVING, "")?;
        new.commit()?;
    }
    Ok(Moved { entries, rows: 0 })
}

/// A database that stayed behind when its register moved away makes room when the register comes back; it is kept under another name.
fn set_aside_moved(folder: &Path) -> Result<(), RegisterError> {
    let path = folder.join("register.db");
    if !path.is_file() {
        return Ok(());
    }
    let mut old = Sqlite::writer(&path)?;
    if old.setting(MOVED)?.is_none() {
        old.tidy();
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
    table.name == rows::SETTING.name
        && matches!(&row[0], Cell::Text(name) if name.starts_with("schema ") || name == MOVED || name == ARRIVING)
}

fn copy(old: &mut dyn Store, new: &mut dyn Store, told: &mut dyn FnMut(u64)) -> Result<u64, RegisterError> {
    let mut count = 0;
    for table in &TABLES {
        let mut last: Option<Vec<Cell>> = None;
        loop {
            let mut page = old.page(table, last.as_deref(), table.rows_at_once())?;
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
            let at_once = table.rows_at_once();
            let (mut left, mut right) = (old.page(table, before.as_deref(), at_once)?, new.page(table, after.as_deref(), at_once)?);
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

/// Copies the wrapped keys, under a name of their own until all has arrived. A folder that both places share keeps its own.
fn copy_keys(from: &Path, to: &Path) -> Result<(), RegisterError> {
    if from == to {
        return Ok(());
    }
    if to.join("keys.db").exists() {
        return Err(refuse(&to.join("keys.db"), &"it is there already: the new place must be empty"));
    }
    let (keys, copied) = (from.join("keys.db"), to.join(KEYS_ARRIVING));
    if copied.exists() {
        // Left by a move that was stopped before anything else had arrived.
        std::fs::remove_file(&copied).map_err(|error| refuse(&copied, &error))?;
    }
    if keys.exists() {
        let file = rusqlite::Connection::open(&keys).map_err(|error| refuse(&keys, &error))?;
        file.execute("VACUUM INTO ?1", [copied.to_string_lossy().as_ref()]).map_err(|error| refuse(&copied, &error))?;
        std::fs::File::open(&copied).and_then(|file| file.sync_all()).map_err(|error| refuse(&copied, &error))?;
    }
    Ok(())
}

/// Gives the keys that have arrived their name, and copies the newest note.
fn put_keys(from: &Path, to: &Path) -> Result<(), RegisterError> {
    if from == to {
        return Ok(());
    }
    let arrived = to.join(KEYS_ARRIVING);
    if arrived.exists() {
        let named = std::fs::rename(&arrived, to.join("keys.db")).and_then(|()| std::fs::File::open(to)?.sync_all());
        named.map_err(|error| refuse(&arrived, &error))?;
    }
    LastNote::at(&from.join("last.note")).copy(&to.join("last.note"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use habeas_ledger::merkle::Hash;

    /// A store with three leaves, as a register leaves it.
    fn a_register(folder: &Path) -> Place {
        std::fs::create_dir_all(folder).expect("a folder");
        let place = Place::Sqlite(folder.to_owned());
        let mut store = place.writer().expect("a store");
        let mut edge = Edge::default();
        store.begin().expect("begun");
        store.set("origin", "custody.example/st/0412").expect("a setting");
        for index in 0..3_u64 {
            let header = index.to_be_bytes().to_vec();
            let leaf: Hash = leaf_hash(&header);
            edge.push(leaf);
            store.put_event(&crate::store::EventRow { index, leaf, header, parts: Vec::new() }).expect("an event");
        }
        store.set_edge(&edge).expect("an edge");
        store.commit().expect("durable");
        rusqlite::Connection::open(folder.join("keys.db")).and_then(|file| file.execute_batch("CREATE TABLE wrapped (key)")).expect("keys");
        place
    }

    fn is_open(place: &Place) -> bool {
        let mut store = place.writer().expect("a store");
        store.size().expect("its size") > 0 && refuse_moved(&mut *store).is_ok()
    }

    #[test]
    fn a_move_that_is_stopped_anywhere_leaves_one_register_at_most_and_is_finished_by_the_same_call() {
        let steps = ["the keys are copied", "the entries have arrived", "the keys are in their place", "the old place is marked", "never"];
        for stop in steps {
            let folder = tempfile::tempdir().expect("a folder");
            let from = a_register(&folder.path().join("old"));
            let to = Place::Sqlite(folder.path().join("new"));
            let mut crash = |step: &str| if step == stop { Err(RegisterError::Closed) } else { Ok(()) };
            let first = move_in_steps(&from, &to, &mut |_| (), &mut crash);
            assert_eq!(first.is_ok(), stop == "never");
            let open = (is_open(&from), is_open(&to));
            assert!(open != (true, true), "{stop}: one log in two places");
            let again = move_register(&from, &to, &mut |_| ()).expect("it is finished");
            assert_eq!((again.entries, is_open(&from), is_open(&to)), (3, false, true), "{stop}");
            assert!(to.folder().join("keys.db").is_file() && !to.folder().join(KEYS_ARRIVING).exists(), "{stop}");
        }
    }

    #[test]
    fn a_register_that_went_on_after_a_stopped_move_is_not_overwritten_by_its_older_copy() {
        let folder = tempfile::tempdir().expect("a folder");
        let from = a_register(&folder.path().join("old"));
        let to = Place::Sqlite(folder.path().join("new"));
        let mut crash = |step: &str| if step == "the entries have arrived" { Err(RegisterError::Closed) } else { Ok(()) };
        move_in_steps(&from, &to, &mut |_| (), &mut crash).expect_err("stopped");
        let mut old = from.writer().expect("a store");
        let mut edge = old.edge().expect("an edge").expect("stored");
        edge.push(leaf_hash(b"one more"));
        old.begin().expect("begun");
        let row = crate::store::EventRow { index: 3, leaf: leaf_hash(b"one more"), header: b"one more".to_vec(), parts: Vec::new() };
        old.put_event(&row).and_then(|()| old.set_edge(&edge)).and_then(|()| old.commit()).expect("an event");
        drop(old);
        let refused = move_register(&from, &to, &mut |_| ()).expect_err("the copy is older").to_string();
        assert!(refused.contains("holds a register already"), "{refused}");
        assert!(is_open(&from) && !is_open(&to));
    }

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
