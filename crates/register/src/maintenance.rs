//! What an operator does with a register: everything derived made again, a copy taken while it runs, a part of a record erased by order.

use crate::access::Access;
use crate::checking;
use crate::door::Task;
use crate::draft::{Actor, Draft, Receipt, exactly};
use crate::entry::{self, Known};
use crate::error::RegisterError;
use crate::folder::DataFolder;
use crate::judging;
use crate::place;
use crate::reading::Signed;
use crate::register::{Place, Register};
use crate::spelling;
use crate::store::{Sqlite, SubjectRow};
use crate::witnessed::REGISTER;
use getrandom::SysRng;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{ClassId, Codebook};
use habeas_ledger::leaf::{Class, Handle, Header};
use habeas_monitor::Monitor;
use rand_core::{Rng as _, UnwrapErr};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// Events read again between two tellings of how far it is.
const STEP: u32 = 1_024;

/// Kinds of the register itself, which every codebook that allows erasures has.
const HOLD_PLACED: &str = "hold placed";
const HOLD_LIFTED: &str = "hold lifted";

/// What is to be erased, and by whose order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Class and id of the subject whose record it is; of a person, also every custody of theirs.
    pub subject: (String, String),
    /// Classes of parts.
    pub classes: Vec<Class>,
    /// Legal ground.
    pub ground: String,
    /// Who approved it: two different persons at least.
    pub approved_by: Vec<String>,
}

/// What came of an erasure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// Receipt of the order.
    pub order: Receipt,
    /// How many sealed parts were destroyed.
    pub parts: usize,
}

impl Register {
    /// Drops every projection and makes it again from the events; `told` hears how many have been read. How many there were.
    ///
    /// # Errors
    /// What the machine says; then everything is as before.
    pub fn rebuild(&self, now: Moment, mut told: impl FnMut(u64) + Send + 'static) -> Result<u64, RegisterError> {
        let (tell, hear) = std::sync::mpsc::channel();
        self.run(move |access| {
            let size = rebuild(access, now, &mut told)?;
            // Whoever asked may have gone.
            let _ = tell.send(size);
            Ok(())
        })?;
        hear.recv().map_err(|_| RegisterError::Closed)
    }

    /// Copies the register into a new folder while it is in use: events and what is derived, the codebook, the policy and the newest note.
    /// No key is copied: `keys.db` and `keys` are backed up apart.
    ///
    /// # Errors
    /// A folder that is there already; what the machine says.
    pub fn backup(&self, to: &Path, from: &DataFolder) -> Result<Signed, RegisterError> {
        let refuse = |path: &Path, why: std::io::Error| RegisterError::File { path: path.to_owned(), why: why.to_string() };
        std::fs::create_dir(to).map_err(|error| refuse(to, error))?;
        let signed = self.checkpoint()?;
        let copy = to.join("register.db");
        match self.place() {
            Place::Sqlite(folder) => Sqlite::reader(&folder.join("register.db"))?.copy_to(&copy)?,
            Place::Postgres { .. } => self.read(|access| place::copy_to_file(&mut *access.store, &copy))?,
        }
        let policy = to.join("policy");
        std::fs::copy(from.path().join("policy"), &policy).map_err(|error| refuse(&policy, error))?;
        from.copy_settings(to)?;
        let codebook = to.join("codebook");
        copy_folder(&from.path().join("codebook"), &codebook).map_err(|error| refuse(&codebook, error))?;
        let note = to.join("last.note");
        std::fs::write(&note, &signed.note).map_err(|error| refuse(&note, error))?;
        Ok(signed)
    }

    /// Erases classes of a record for good: the order is entered, then the keys and the sealed parts are destroyed, then that is entered.
    ///
    /// # Errors
    /// [`RegisterError::Forbidden`] while a hold is on the record, or without two who approved; a codebook without the kinds for it.
    pub fn erase(&self, erasure: &Erasure, actor: &Actor, now: Moment) -> Result<Erased, RegisterError> {
        let codebook = Arc::clone(self.codebook());
        let records = self.read(|access| records_of(access, &codebook, &erasure.subject))?;
        let handles: Vec<String> = records.iter().map(|record| spelling::hex(&record.handle)).collect();
        let words: Vec<&str> = erasure.classes.iter().map(|class| class.word()).collect();
        let mut random = [0; 16];
        UnwrapErr(SysRng).fill_bytes(&mut random);
        let id = format!("erasure-{}", spelling::hex(&random));
        let tied = self.ties(&erasure.subject.0, &erasure.subject.1)?.tied;
        let person = tied.iter().find(|(class, _)| class == "person" && erasure.subject.0 != "person");
        let kind = codebook.kinds.iter().find(|kind| checking::is_same(&kind.name, crate::stored::ERASURE));
        let may_name = |class: &str| kind.is_some_and(|kind| kind.subjects.iter().any(|id| codebook.class(*id).name == class));
        let concerned = std::iter::once(&erasure.subject).chain(person).filter(|(class, _)| may_name(class));
        let concerned = concerned.map(|(class, name)| (class.as_str(), name.as_str()));
        let subjects: Vec<(&str, &str)> = REGISTER.into_iter().chain(concerned).collect();
        let order = Draft::new(&id, crate::stored::ERASURE, exactly(now), &subjects)
            .with("records", json!(handles))
            .with("what", json!(words))
            .with("ground", erasure.ground.as_str())
            .with("approved by", json!(erasure.approved_by));
        let order = self.append(order, actor, now)?;
        let parts = self.destroy(records, erasure.classes.clone(), now)?;
        let done = Draft::new(&format!("{id}-done"), crate::stored::ERASED, exactly(now), &REGISTER).with("order", id.as_str());
        self.append(done, actor, now)?;
        Ok(Erased { order, parts })
    }

    fn destroy(&self, records: Vec<Record>, classes: Vec<Class>, now: Moment) -> Result<usize, RegisterError> {
        let (tell, hear) = std::sync::mpsc::channel();
        self.run(move |access| {
            let mut parts = 0;
            for record in &records {
                for class in &classes {
                    access.keys.destroy(record.handle, *class)?;
                }
                for (index, class) in parts_of(access, record, &classes)? {
                    access.store.erase_part(index, class)?;
                    access.store.erase_files(index, class)?;
                    parts += 1;
                }
            }
            access.store.forget_seen()?;
            access.count_erasure();
            let codebook = Arc::clone(&access.codebook);
            let monitor = Monitor::new(&codebook);
            let numbers: Vec<i64> = records.iter().map(|record| record.number).collect();
            judging::judge_and_store(access, &monitor, &numbers, (now, false))?;
            let _ = tell.send(parts);
            Ok(())
        })?;
        hear.recv().map_err(|_| RegisterError::Closed)
    }

    /// The random name of a subject's record, in hex, as headers, notices and orders to erase have it.
    ///
    /// # Errors
    /// What the machine says.
    pub fn subject_handle(&self, class: &str, id: &str) -> Result<Option<String>, RegisterError> {
        self.read(|access| Ok(access.store.subject(class, id)?.map(|row| spelling::hex(&row.handle))))
    }

    /// Class and id of the subject whose record has this random name.
    ///
    /// # Errors
    /// What the machine says.
    pub fn subject_of_handle(&self, handle: &str) -> Result<Option<(String, String)>, RegisterError> {
        let Some(handle) = spelling::unhex(handle) else { return Ok(None) };
        self.read(|access| Ok(access.store.subject_with(handle)?.map(|row| (row.class, row.name))))
    }

    pub(crate) fn run(&self, work: impl FnOnce(&mut Access) -> Result<(), RegisterError> + Send + 'static) -> Result<(), RegisterError> {
        let (answer, answered) = std::sync::mpsc::channel();
        self.send(Task::Run(Box::new(work), answer))?;
        answered.recv().map_err(|_| RegisterError::Closed)?
    }
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// A record as erasing sees it.
struct Record {
    number: i64,
    handle: Handle,
}

/// The records of a subject: its own and, of a person, those of their custodies.
fn records_of(access: &mut Access, codebook: &Codebook, (class, id): &(String, String)) -> Result<Vec<Record>, RegisterError> {
    let absent = || RegisterError::Absent { what: format!("{class} `{id}`") };
    let own = access.store.subject(class, id)?.ok_or_else(absent)?;
    let mut found = vec![(own.class.clone(), own.name.clone())];
    if class == "person" {
        for index in access.store.naming(own.number)? {
            let Some(entry) = access.entry(index)? else { continue };
            for (class, name) in &entry.subjects {
                let subject = (codebook.class(*class).name.clone(), name.clone());
                if subject.0 == "custody" && !found.contains(&subject) {
                    found.push(subject);
                }
            }
        }
    }
    let rows = found.iter().map(|(class, name)| access.store.subject(class, name)).collect::<Result<Vec<_>, _>>()?;
    Ok(rows.into_iter().flatten().map(|row| Record { number: row.number, handle: row.handle }).collect())
}

/// Sealed parts of some classes that a record still has: the entry and the class of each.
fn parts_of(access: &mut Access, record: &Record, classes: &[Class]) -> Result<Vec<(u64, Class)>, RegisterError> {
    let mut found = Vec::new();
    for index in access.store.naming(record.number)? {
        let Some(row) = access.store.event(index)? else { continue };
        if Header::decode(&row.header)?.custody == record.handle {
            found.extend(row.parts.iter().filter(|(class, _)| classes.contains(class)).map(|(class, _)| (index, *class)));
        }
    }
    Ok(found)
}

/// Refuses an order to erase that fewer than two different persons approved, that names a record nobody has, that a hold forbids (on the
/// record, or on the person whose record it is), or that would erase nothing. Every order comes through here, whoever drafts it.
pub(crate) fn refuse_unlawful_erasure(access: &mut Access, draft: &Draft) -> Result<(), RegisterError> {
    if !checking::is_same(&draft.kind, crate::stored::ERASURE) {
        return Ok(());
    }
    let words = |name: &str| {
        let field = draft.fields.iter().find(|(field, _)| checking::is_same(field, name)).map(|(_, value)| value);
        field.and_then(serde_json::Value::as_array).into_iter().flatten().filter_map(serde_json::Value::as_str)
    };
    if words("approved by").collect::<BTreeSet<_>>().len() < 2 {
        return Err(RegisterError::Forbidden { why: "an erasure is approved by two different persons".to_owned() });
    }
    let codebook = Arc::clone(&access.codebook);
    let classes: Vec<Class> = Class::ALL.into_iter().filter(|class| words("what").any(|word| word == class.word())).collect();
    let (mut covered, mut parts) = (Vec::new(), 0);
    for handle in words("records") {
        let found = spelling::unhex(handle).map(|handle| access.store.subject_with(handle)).transpose()?.flatten();
        let none = || RegisterError::field("fields.records", "no record has this handle", handle, "the handle of a record, in hex");
        let row = found.ok_or_else(none)?;
        parts += parts_of(access, &Record { number: row.number, handle: row.handle }, &classes)?.len();
        covered.extend(persons_of(access, &codebook, row)?);
    }
    if let Some(hold) = hold_on(access, &codebook, &covered)? {
        return Err(RegisterError::Forbidden { why: format!("a hold is on the record by entry `{hold}`; it has to be lifted first") });
    }
    if parts == 0 {
        let asked = classes.iter().map(|class| class.word()).collect::<Vec<_>>().join(", ");
        return Err(RegisterError::field("fields.what", "the record holds nothing of this to erase", &asked, "a class that was recorded"));
    }
    Ok(())
}

/// A record, and those of the persons whom its entries name.
fn persons_of(access: &mut Access, codebook: &Codebook, record: SubjectRow) -> Result<Vec<Record>, RegisterError> {
    let mut names = BTreeSet::new();
    for index in access.store.naming(record.number)? {
        let Some(entry) = access.entry(index)? else { continue };
        let persons = entry.subjects.iter().filter(|(class, _)| codebook.class(*class).name == "person");
        names.extend(persons.map(|(_, name)| name.clone()));
    }
    let mut records = vec![Record { number: record.number, handle: record.handle }];
    // A place names everybody who was there: its record is nobody's.
    if matches!(record.class.as_str(), "place" | "cell" | "officer" | "programme") {
        return Ok(records);
    }
    for name in names {
        let person = access.store.subject("person", &name)?;
        records.extend(person.map(|row| Record { number: row.number, handle: row.handle }));
    }
    Ok(records)
}

/// The entry that placed a hold on one of the records and that none has lifted.
fn hold_on(access: &mut Access, codebook: &Codebook, records: &[Record]) -> Result<Option<String>, RegisterError> {
    for record in records {
        let mut open: Vec<Arc<Known>> = Vec::new();
        for index in access.store.naming(record.number)? {
            let Some(entry) = access.entry(index)? else { continue };
            let kind = codebook.kind(entry.kind).name.as_str();
            if kind == HOLD_PLACED {
                open.push(entry);
            } else if kind == HOLD_LIFTED {
                // A lifting names the hold; one that names none lifts the last.
                let lifted = entry.spelt.iter().find(|(name, ..)| name == "hold").and_then(|(.., value)| value.as_str());
                match lifted {
                    Some(id) => open.retain(|hold| hold.id != id),
                    None => drop(open.pop()),
                }
            }
        }
        if let Some(hold) = open.first() {
            return Ok(Some(hold.id.clone()));
        }
    }
    Ok(None)
}

/// Makes every projection again, in the transaction that is open.
fn rebuild(access: &mut Access, now: Moment, told: &mut dyn FnMut(u64)) -> Result<u64, RegisterError> {
    access.store.drop_projections()?;
    access.forget();
    let codebook = Arc::clone(&access.codebook);
    let size = access.store.size()?;
    let mut subjects = BTreeSet::new();
    let mut next = 0;
    while next < size {
        for row in access.store.events(next, STEP)? {
            next = row.index + 1;
            if let Some(entry) = access.open(&row)? {
                subjects.extend(index_entry(access, &codebook, &entry)?);
            }
        }
        told(next);
    }
    let monitor = Monitor::new(&codebook);
    judging::judge_and_store(access, &monitor, &subjects.into_iter().collect::<Vec<_>>(), (now, false))?;
    Ok(size)
}

/// Puts an entry where it is found again; the numbers of its subjects.
pub(crate) fn index_entry(access: &mut Access, codebook: &Codebook, entry: &Known) -> Result<Vec<i64>, RegisterError> {
    if !access.store.put_id(&entry.id, entry.index)? {
        return Err(RegisterError::Damaged { index: entry.index, why: "its id is that of an earlier entry".to_owned() });
    }
    let record = entry::record_of(codebook, &entry.subjects).cloned();
    let mut named = entry.subjects.clone();
    if let Some(corrected) = corrected(access, codebook, entry)? {
        named.extend(corrected.subjects.iter().cloned());
    }
    let mut numbers = Vec::new();
    for subject in named {
        let handle = (record.as_ref() == Some(&subject)).then_some(entry.header.custody);
        let number = subject_number(access, codebook, &subject, handle)?;
        access.store.put_naming(number, entry.index)?;
        numbers.push(number);
    }
    Ok(numbers)
}

fn corrected(access: &mut Access, codebook: &Codebook, entry: &Known) -> Result<Option<Arc<Known>>, RegisterError> {
    if !codebook.changes(entry.kind) {
        return Ok(None);
    }
    let id = entry.changes();
    match id.map(|id| access.store.index_of(id)).transpose()?.flatten() {
        Some(index) => access.entry(index),
        None => Ok(None),
    }
}

fn subject_number(
    access: &mut Access,
    codebook: &Codebook,
    (class, name): &(ClassId, String),
    handle: Option<Handle>,
) -> Result<i64, RegisterError> {
    let class = &codebook.class(*class).name;
    if let Some(row) = access.store.subject(class, name)? {
        if let Some(handle) = handle.filter(|handle| *handle != row.handle) {
            access.store.set_handle(row.number, handle)?;
        }
        return Ok(row.number);
    }
    let mut fresh = Handle::default();
    UnwrapErr(SysRng).fill_bytes(&mut fresh);
    access.store.put_subject(class, name, handle.unwrap_or(fresh))
}
