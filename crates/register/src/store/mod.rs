//! Where a register is kept: one small trait, and each database behind it.
//!
//! Events are the truth; everything else is a projection that can be dropped and made again from them. A store knows nothing of keys,
//! codebooks or hashes: it keeps bytes and answers by index range.

mod line;
mod postgres;
pub(crate) mod rows;
mod sqlite;

pub(crate) use postgres::Postgres;
pub(crate) use sqlite::Sqlite;

use crate::error::RegisterError;
use habeas_ledger::leaf::{Class, Handle};
use habeas_ledger::merkle::{Edge, Hash};
use rows::{Cell, Table};

/// An entry as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EventRow {
    pub(crate) index: u64,
    pub(crate) header: Vec<u8>,
    pub(crate) leaf: Hash,
    /// Sealed parts by class; an erased part is not there.
    pub(crate) parts: Vec<(Class, Vec<u8>)>,
}

/// A file of an entry as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileRow {
    pub(crate) index: u64,
    /// Its place among the files of the entry, as in the entry's header.
    pub(crate) place: u8,
    pub(crate) class: Class,
    /// Nothing where it was erased.
    pub(crate) sealed: Option<Vec<u8>>,
}

/// A subject as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SubjectRow {
    /// Number within this store.
    pub(crate) number: i64,
    pub(crate) class: String,
    pub(crate) name: String,
    /// Its random name in headers.
    pub(crate) handle: Handle,
}

/// A stored verdict. What a rule of a medical or privileged class came to stands sealed in `detail`, its rule too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VerdictRow {
    pub(crate) subject: i64,
    pub(crate) ordinal: i64,
    pub(crate) verdict: String,
    pub(crate) due_at: Option<i64>,
    pub(crate) class: u8,
    pub(crate) rule: Option<String>,
    pub(crate) detail: Vec<u8>,
    /// Judged is only how late the entry was made; not told of what is sealed.
    pub(crate) of_record: bool,
    /// When what a breach or a late deed says came to its end; nothing while it goes on.
    pub(crate) ended_at: Option<i64>,
}

/// How many verdicts of a rule are what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CountRow {
    pub(crate) rule: String,
    pub(crate) verdict: String,
    pub(crate) count: i64,
}

/// What is known of a subject's life and place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LifeRow {
    pub(crate) opened_at: Option<i64>,
    pub(crate) closed_at: Option<i64>,
    pub(crate) place: Option<String>,
    /// When its verdicts were made.
    pub(crate) judged_at: i64,
    /// From when on time alone may change a verdict.
    pub(crate) moves_at: Option<i64>,
}

/// Which verdicts are wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) verdict: Option<String>,
    pub(crate) due_before: Option<i64>,
    pub(crate) place: Option<String>,
    pub(crate) subject: Option<i64>,
    pub(crate) rule: Option<String>,
    /// Only breaches and what was done late that go on, or ended after this moment; in the order of their ends.
    pub(crate) ended_after: Option<i64>,
    pub(crate) after: Option<(i64, i64, i64)>,
    pub(crate) limit: u32,
}

/// A message that waits to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutRow {
    pub(crate) number: i64,
    pub(crate) key: String,
    pub(crate) body: String,
    pub(crate) tries: u32,
    pub(crate) next_at: i64,
    pub(crate) sent_at: Option<i64>,
}

type Stored<T> = Result<T, RegisterError>;

/// A database that a register is kept in. One writes; any number read beside it.
pub(crate) trait Store: Send {
    /// Begins the one transaction of a writer.
    fn begin(&mut self) -> Stored<()>;
    /// Makes it durable: when this returns, a loss of power loses nothing of it.
    fn commit(&mut self) -> Stored<()>;
    /// Forgets it.
    fn rollback(&mut self);
    /// Begins a consistent reading; ends with [`Store::rollback`].
    fn begin_reading(&mut self) -> Stored<()>;

    /// What the database's own check finds wrong with itself; nothing where it has no such check.
    fn container(&mut self) -> Stored<Vec<String>> {
        Ok(Vec::new())
    }

    /// Puts the house in order before the writer leaves; what fails here loses nothing.
    fn tidy(&mut self) {}

    fn setting(&mut self, name: &str) -> Stored<Option<String>>;
    fn set(&mut self, name: &str, value: &str) -> Stored<()>;

    fn size(&mut self) -> Stored<u64>;
    fn edge(&mut self) -> Stored<Option<Edge>>;
    fn set_edge(&mut self, edge: &Edge) -> Stored<()>;
    fn put_event(&mut self, event: &EventRow) -> Stored<()>;
    fn event(&mut self, index: u64) -> Stored<Option<EventRow>>;
    /// At most `count` events from `first` on, in order.
    fn events(&mut self, first: u64, count: u32) -> Stored<Vec<EventRow>>;
    fn put_file(&mut self, file: &FileRow) -> Stored<()>;
    fn file(&mut self, index: u64, place: u8) -> Stored<Option<FileRow>>;
    /// Takes what was sealed out of the files of an entry that have this class.
    fn erase_files(&mut self, index: u64, class: Class) -> Stored<()>;
    fn put_node(&mut self, level: u8, place: u64, hash: &Hash) -> Stored<()>;
    /// Hashes of a level from `first` on; level 0 are leaves.
    fn nodes(&mut self, level: u8, first: u64, count: u32) -> Stored<Vec<Hash>>;
    fn put_checkpoint(&mut self, size: u64, note: &str) -> Stored<()>;
    fn checkpoints(&mut self) -> Stored<Vec<(u64, String)>>;

    /// Notes the index of an id; false, and nothing is changed, if the id is there.
    fn put_id(&mut self, id: &str, index: u64) -> Stored<bool>;
    /// Takes back an id that was noted in the open transaction.
    fn drop_id(&mut self, id: &str) -> Stored<()>;
    fn index_of(&mut self, id: &str) -> Stored<Option<u64>>;
    /// Indexes of events whose header has this kind, found by a scan.
    fn of_header_kind(&mut self, kind: &str) -> Stored<Vec<u64>>;
    /// Takes a sealed part out of an event: the only change that an event allows.
    fn erase_part(&mut self, index: u64, class: Class) -> Stored<()>;
    fn set_handle(&mut self, subject: i64, handle: Handle) -> Stored<()>;
    /// Drops every projection, so that it can be made again.
    fn drop_projections(&mut self) -> Stored<()>;
    fn put_subject(&mut self, class: &str, name: &str, handle: Handle) -> Stored<i64>;
    fn subject(&mut self, class: &str, name: &str) -> Stored<Option<SubjectRow>>;
    /// The subject with this random name, found by a scan.
    fn subject_with(&mut self, handle: Handle) -> Stored<Option<SubjectRow>>;
    fn subject_numbered(&mut self, number: i64) -> Stored<Option<SubjectRow>>;
    fn put_naming(&mut self, subject: i64, index: u64) -> Stored<()>;
    fn naming(&mut self, subject: i64) -> Stored<Vec<u64>>;
    /// The same from an index on, so many at most.
    fn naming_from(&mut self, subject: i64, first: u64, most: u32) -> Stored<Vec<u64>>;
    /// The last of them, the newest first.
    fn naming_last(&mut self, subject: i64, count: u32) -> Stored<Vec<u64>>;
    /// Each of them with its header.
    fn headers_naming(&mut self, subject: i64) -> Stored<Vec<(u64, Vec<u8>)>>;
    fn names_any(&mut self, subject: i64) -> Stored<bool>;
    /// Notes that a subject was read to judge another, and what of it.
    fn put_reader(&mut self, read: i64, judged: i64, what: &[u8]) -> Stored<()>;
    /// For whom a subject was read, and what of it where that is known, by number.
    fn readers(&mut self, read: i64) -> Stored<Vec<(i64, Option<Vec<u8>>)>>;
    /// Forgets what was read of whom, not that it was.
    fn forget_what_was_read(&mut self) -> Stored<()>;
    /// Notes what the entries of a thing are, as far as they were looked at.
    fn put_seen(&mut self, thing: i64, seen: &[u8]) -> Stored<()>;
    fn seen(&mut self, thing: i64) -> Stored<Option<Vec<u8>>>;
    /// Forgets it of every thing.
    fn forget_seen(&mut self) -> Stored<()>;

    fn verdicts_of(&mut self, subject: i64) -> Stored<Vec<VerdictRow>>;
    fn put_verdict(&mut self, row: &VerdictRow) -> Stored<()>;
    fn drop_verdicts(&mut self, subject: i64, from: i64) -> Stored<()>;
    fn verdicts(&mut self, asked: &Asked) -> Stored<Vec<(VerdictRow, SubjectRow, LifeRow)>>;
    /// How the rules of a class stand, by rule and verdict; without how late entries were made.
    fn counts(&mut self, class: u8) -> Stored<Vec<CountRow>>;
    fn put_life(&mut self, subject: i64, life: &LifeRow) -> Stored<()>;
    fn life(&mut self, subject: i64) -> Stored<Option<LifeRow>>;
    /// Lives of a class, at a place or anywhere: those that have not closed, or all.
    fn lives(&mut self, is_open: bool, of: (&str, Option<&str>), after: i64, limit: u32) -> Stored<Vec<(SubjectRow, LifeRow)>>;
    /// How many lives of a class have not closed, by place.
    fn held(&mut self, class: &str) -> Stored<Vec<(Option<String>, i64)>>;
    /// Subjects whose verdicts time may have moved by `now`, by place; those that were judged at that very moment are as they should be.
    fn moving(&mut self, now: i64) -> Stored<Vec<i64>>;

    /// Puts a message in the outbox; false if one with this key is or was there.
    fn put_out(&mut self, key: &str, body: &str, now: i64) -> Stored<bool>;
    fn out_due(&mut self, now: i64, limit: u32) -> Stored<Vec<OutRow>>;
    fn out_tried(&mut self, number: i64, sent_at: Option<i64>, next_at: i64) -> Stored<()>;

    /// Rows of a table by their key, at most `limit`, after a row.
    fn page(&mut self, table: &Table, after: Option<&[Cell]>, limit: u32) -> Stored<Vec<Vec<Cell>>>;
    /// Puts rows in a table as they are.
    fn put_rows(&mut self, table: &Table, rows: &[Vec<Cell>]) -> Stored<()>;
}

/// An index as both databases count.
fn number(index: u64) -> Stored<i64> {
    i64::try_from(index).map_err(|_| RegisterError::Store { why: format!("index {index} is beyond what the store counts") })
}

/// Breaches and what was done late: the only verdicts that end. Both databases keep an index of these, by these words.
const THAT_END: &str = "v.verdict IN ('breached', 'met_late')";

/// A file from its cells, but for what was sealed.
fn read_file((index, place, class): (i64, i64, i64), sealed: Option<Vec<u8>>) -> Stored<FileRow> {
    let of = (u8::try_from(place).ok()).zip(u8::try_from(class).ok().and_then(Class::from_id));
    let wrong = || RegisterError::Store { why: format!("a file of entry {index} stands at the place {place}, with the class {class}") };
    let (place, class) = of.ok_or_else(wrong)?;
    Ok(FileRow { index: unsigned(index), place, class, sealed })
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
