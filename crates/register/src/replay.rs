//! Replay: everything that is derived, made again from the events in a store of its own, and compared with what stands beside them. A list
//! or a verdict that somebody edited by hand differs; so does one that a fault of ours left behind.
//!
//! Nothing is repaired here. Findings name handles and entries, never persons.

use crate::access::{Access, KEPT_BY_WRITER};
use crate::entry::Known;
use crate::error::RegisterError;
use crate::judging::{self, Replayed};
use crate::maintenance::index_entry;
use crate::register::codebook_hash;
use crate::remembering;
use crate::store::rows::{self, Cell, Table};
use crate::store::{EventRow, Sqlite, Store, SubjectRow, VerdictRow};
use crate::storing;
use crate::succession;
use habeas_codebook::moment::Moment;
use habeas_ledger::leaf::{Handle, Header};
use habeas_ledger::merkle::Hash;
use habeas_ledger::verify::{Code, Finding};
use habeas_monitor::{Monitor, Verdict};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Rows read at once.
const ROWS: u32 = 1_024;

/// One comparison on its way.
struct Replay<'a> {
    /// What is stored.
    stored: &'a mut Access,
    /// What was made again.
    made: Access,
    /// Where the stored rows are, for messages.
    shown: &'a str,
    /// Handles of records that entries have.
    records: BTreeSet<Handle>,
    /// Entries that the keys here do not open: what they say cannot be compared.
    closed: BTreeSet<u64>,
    /// The law that entries were made under, by hash.
    laws: BTreeSet<Hash>,
    /// What was read of whom was noted under this law and by this program.
    notes_count: bool,
    findings: Vec<Finding>,
}

/// Makes everything derived again and tells what differs.
pub(crate) fn compare(stored: &mut Access, shown: &str) -> Result<Vec<Finding>, RegisterError> {
    let ring = stored.keys.reader()?;
    let (codebook, origin) = (Arc::clone(&stored.codebook), Arc::clone(&stored.origin));
    let mut made = Access::new(Box::new(Sqlite::scratch()?), ring, Arc::clone(&codebook), (origin, Arc::default()), KEPT_BY_WRITER);
    for (name, note) in succession::notes(&mut *stored.store)? {
        made.store.set(&name, &note)?;
    }
    let (records, closed, laws) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let notes_count = remembering::is_noted_as_here(stored, &codebook_hash(&codebook))?;
    let mut replay = Replay { stored, made, shown, records, closed, laws, notes_count, findings: Vec::new() };
    replay.made.store.begin()?;
    if !replay.read_events()? {
        let found = "what is derived was not compared: the keys of some records are not here";
        let finding = Finding::new(Code::Sealed, found, "indexes and verdicts made again");
        return Ok(vec![finding.file(shown)]);
    }
    replay.find_missing_laws()?;
    replay.compare_ids()?;
    let monitor = Monitor::new(&codebook);
    replay.compare_subjects(&monitor)?;
    replay.find_missing_subjects()?;
    Ok(replay.findings)
}

impl Replay<'_> {
    /// Indexes every entry again; false where a key is missing that this register's own process has.
    fn read_events(&mut self) -> Result<bool, RegisterError> {
        let codebook = Arc::clone(&self.stored.codebook);
        let mut next = 0;
        loop {
            let page = self.stored.store.events(next, ROWS)?;
            let Some(last) = page.last() else { return Ok(true) };
            next = last.index + 1;
            for row in &page {
                self.made.store.put_event(row)?;
                match self.stored.open(row) {
                    Ok(Some(entry)) if self.lacks_key(row, &entry) => return Ok(false),
                    Ok(Some(entry)) => {
                        self.records.insert(entry.header.custody);
                        self.laws.insert(entry.header.codebook);
                        index_entry(&mut self.made, &codebook, &entry)?;
                    }
                    Ok(None) if self.is_whole(row) => return Ok(false),
                    // What does not open although its key is here is told by the walk over the entries.
                    Ok(None) | Err(_) => {
                        self.closed.insert(row.index);
                    }
                }
            }
        }
    }

    /// Whether a part is stored, its class's key is here, and yet it stays closed: its data key is elsewhere, as in a backup.
    fn lacks_key(&self, row: &EventRow, entry: &Known) -> bool {
        entry.sealed.iter().any(|class| self.stored.keys.holds(*class) && row.parts.iter().any(|(of, _)| of == class))
    }

    /// Whether an entry that does not open has all of its parts: then nothing was erased, a key is missing.
    fn is_whole(&self, row: &EventRow) -> bool {
        Header::decode(&row.header).is_ok_and(|header| {
            header.parts.iter().all(|(class, _)| row.parts.iter().any(|(of, _)| of == class) && self.stored.keys.holds(*class))
        })
    }

    fn tell(&mut self, rows: &str, custody: Option<Handle>, index: Option<u64>, found: String, expected: impl Into<String>) {
        let finding = Finding::new(Code::Projection, found, expected).file(format!("{}, {rows}", self.shown));
        let finding = Finding { custody, ..finding };
        self.findings.push(if let Some(index) = index { finding.at(index) } else { finding });
    }

    /// The law that an entry was made under is kept beside the entries, under its hash.
    fn find_missing_laws(&mut self) -> Result<(), RegisterError> {
        for law in std::mem::take(&mut self.laws) {
            if self.stored.store.setting(&format!("codebook {}", law.to_hex()))?.is_none() {
                self.tell("setting", None, None, format!("the codebook {} is not kept", law.to_hex()), "the law that entries name");
            }
        }
        Ok(())
    }

    /// The index of ids.
    fn compare_ids(&mut self) -> Result<(), RegisterError> {
        let mut pages = Pages::new(&rows::ENTRY);
        while let Some(row) = pages.next(&mut *self.stored.store)? {
            let [Cell::Text(id), Cell::Number(seq)] = row.as_slice() else { continue };
            let index = u64::try_from(*seq).ok();
            if self.made.store.index_of(id)? != index && !index.is_some_and(|index| self.closed.contains(&index)) {
                self.tell("entry", None, index, "an id leads to an entry that does not bear it".to_owned(), "what the entry says");
            }
        }
        let mut pages = Pages::new(&rows::ENTRY);
        while let Some(row) = pages.next(&mut *self.made.store)? {
            let [Cell::Text(id), Cell::Number(seq)] = row.as_slice() else { continue };
            if self.stored.store.index_of(id)?.is_none() {
                let index = u64::try_from(*seq).ok();
                self.tell("entry", None, index, "the entry is not found by its id".to_owned(), "its id in the index");
            }
        }
        Ok(())
    }

    /// Subjects as stored: their records, the entries that name them, their verdicts and lives.
    fn compare_subjects(&mut self, monitor: &Monitor<'_>) -> Result<(), RegisterError> {
        let mut pages = Pages::new(&rows::SUBJECT);
        while let Some(row) = pages.next(&mut *self.stored.store)? {
            let Cell::Number(number) = row[0] else { continue };
            let Some(stored) = self.stored.store.subject_numbered(number)? else { continue };
            let Some(made) = self.made.store.subject(&stored.class, &stored.name)? else {
                let naming = self.stored.store.naming(number)?;
                if !naming.iter().any(|index| self.closed.contains(index)) {
                    let found = format!("a {} that no entry names", stored.class);
                    self.tell("subject", Some(stored.handle), None, found, "subjects of entries only");
                }
                continue;
            };
            let is_of_record = self.records.contains(&made.handle) || self.records.contains(&stored.handle);
            if is_of_record && stored.handle != made.handle {
                let found = format!("a {} stands under another record's handle", stored.class);
                self.tell("subject", Some(stored.handle), None, found, habeas_ledger::verify::wording::hex(&made.handle));
            }
            self.compare_naming(&stored, &made)?;
            self.compare_verdicts(monitor, &stored, &made)?;
        }
        Ok(())
    }

    fn compare_naming(&mut self, stored: &SubjectRow, made: &SubjectRow) -> Result<(), RegisterError> {
        let before: BTreeSet<u64> = self.stored.store.naming(stored.number)?.into_iter().collect();
        let after: BTreeSet<u64> = self.made.store.naming(made.number)?.into_iter().collect();
        for index in before.symmetric_difference(&after).copied().collect::<Vec<_>>() {
            let (found, expected) = match before.contains(&index) {
                true if self.closed.contains(&index) => continue,
                true => (format!("the entry is listed for a {} that it does not name", stored.class), "what the entry says"),
                false => (format!("the entry is not listed for a {} that it names", stored.class), "what the entry says"),
            };
            self.tell("naming", Some(stored.handle), Some(index), found, expected);
        }
        Ok(())
    }

    fn compare_verdicts(&mut self, monitor: &Monitor<'_>, stored: &SubjectRow, made: &SubjectRow) -> Result<(), RegisterError> {
        let rows = self.stored.store.verdicts_of(stored.number)?;
        let Some(life) = self.stored.store.life(stored.number)? else {
            self.tell("life", Some(stored.handle), None, format!("a {} was never judged", stored.class), "its verdicts");
            return Ok(());
        };
        let replayed = judging::replay(&mut self.made, monitor, made.number, Moment(life.judged_at))?;
        let Some(Replayed { rows: fresh, read, life: made_life }) = replayed else { return Ok(()) };
        // The next change may be noted early, by what lies ahead of other entries; late it must not be.
        let due = fresh.iter().filter(|(row, _)| row.verdict == Verdict::Pending.as_str()).filter_map(|(row, _)| row.due_at).min();
        let is_late = due.is_some_and(|due| life.moves_at.is_none_or(|at| at > due));
        if is_late || (life.opened_at, life.closed_at, &life.place) != (made_life.opened_at, made_life.closed_at, &made_life.place) {
            let found = format!("opening, close, place or next change of a {} are not what its entries give", stored.class);
            self.tell("life", Some(stored.handle), None, found, "what the entries give");
        }
        if rows.len() != fresh.len() {
            let found = format!("{} verdicts are stored for a {}", rows.len(), stored.class);
            self.tell("verdict", Some(stored.handle), None, found, format!("{}, as judged again", fresh.len()));
        }
        for (row, (made, detail)) in rows.iter().zip(&fresh) {
            // A verdict that was sealed before its end was kept in the clear has none until it is judged again.
            let ended_at = row.ended_at.and(made.ended_at);
            let bare = |row: &VerdictRow| VerdictRow { subject: 0, detail: Vec::new(), ended_at, ..row.clone() };
            let handle = stored.handle;
            let is_same = row.ended_at.is_none_or(|at| made.ended_at == Some(at))
                && bare(row) == bare(made)
                && storing::open_detail(self.stored, handle, row)?.is_none_or(|told| told == *detail);
            if !is_same {
                let rule = made.rule.as_deref().unwrap_or("of a sealed class");
                let found = format!("the verdict of rule {rule} is stored as `{}`", row.verdict);
                self.tell(
                    "verdict",
                    Some(handle),
                    None,
                    found,
                    format!("`{}` with its due time and grounds, as judged again", made.verdict),
                );
            }
        }
        for (read, what) in read {
            let Some(read) = self.made.store.subject_numbered(read)? else { continue };
            let Some(other) = self.stored.store.subject(&read.class, &read.name)? else { continue };
            let noted = self.stored.store.readers(other.number)?.into_iter().find(|(judged, _)| *judged == stored.number);
            // What does not say what was read has the subject judged again each time, and that is right.
            let is_noted = noted.is_some_and(|(_, noted)| noted.is_none_or(|noted| !self.notes_count || what.is_noted_in(&noted)));
            if !is_noted {
                let found = format!("it is not noted that a verdict of a {} rests on what a {} has", stored.class, other.class);
                self.tell("reader", Some(stored.handle), None, found, "the note, by which it is judged again");
            }
        }
        Ok(())
    }

    fn find_missing_subjects(&mut self) -> Result<(), RegisterError> {
        let mut pages = Pages::new(&rows::SUBJECT);
        while let Some(row) = pages.next(&mut *self.made.store)? {
            let Cell::Number(number) = row[0] else { continue };
            let Some(made) = self.made.store.subject_numbered(number)? else { continue };
            if self.stored.store.subject(&made.class, &made.name)?.is_none() {
                let index = self.made.store.naming(number)?.first().copied();
                self.tell("subject", Some(made.handle), index, format!("a {} that entries name is not listed", made.class), "it listed");
            }
        }
        Ok(())
    }
}

/// The rows of a table, a page at a time.
struct Pages {
    table: &'static Table,
    page: std::vec::IntoIter<Vec<Cell>>,
    last: Option<Vec<Cell>>,
}

impl Pages {
    fn new(table: &'static Table) -> Self {
        Pages { table, page: Vec::new().into_iter(), last: None }
    }

    fn next(&mut self, store: &mut dyn Store) -> Result<Option<Vec<Cell>>, RegisterError> {
        if let Some(row) = self.page.next() {
            return Ok(Some(row));
        }
        let page = store.page(self.table, self.last.as_deref(), ROWS)?;
        self.last = page.last().cloned().or(self.last.take());
        self.page = page.into_iter();
        Ok(self.page.next())
    }
}
