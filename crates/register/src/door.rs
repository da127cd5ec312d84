//! The one door. Every entry of every kind of user comes through here, in this order:
//!
//! check → authorise → seal each class with the record's key → header → one transaction (event, leaf, edge of the tree, verdicts) →
//! durable → read back and compare → `last.note` → receipt.
//!
//! One thread writes. It takes what is waiting, up to [`MOST_AT_ONCE`], and makes one commit of it: nobody waits for a timer, and the more
//! people write at once the more entries one flush of the disk carries. Each draft stands or falls alone.

use crate::access::Access;
use crate::authorise::{Authorise, Ties};
use crate::checking::{self, Checked};
use crate::draft::{Actor, Draft, Receipt, Remark};
use crate::entry::{self, Known};
use crate::error::RegisterError;
use crate::files;
use crate::judging::{self, Changed};
use crate::maintenance;
use crate::making::{Asked, Made, Making};
use crate::note::LastNote;
use crate::random::Random;
use crate::remembering::{self, LOOKED_BACK};
use crate::settling::{Due, Settled};
use crate::store::{EventRow, Store};
use habeas_codebook::moment::{Moment, Precision};
use habeas_codebook::tree::{ClassId, Codebook};
use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::leaf::{Beacon, Class, Handle, Header};
use habeas_ledger::merkle::{Edge, Hash, leaf_hash};
use habeas_ledger::note::SigningKey;
use habeas_ledger::tile;
use habeas_monitor::Monitor;
use rand_core::Rng as _;
use std::collections::{BTreeSet, HashSet};
use std::sync::mpsc::{Receiver, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};

/// Drafts in one commit at most.
const MOST_AT_ONCE: usize = 2_048;

/// Told to whoever listens: entries that were committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Index of the first new entry.
    pub first: u64,
    /// Index after the last.
    pub end: u64,
    /// Class and id of the subjects whose verdicts changed.
    pub subjects: Vec<(String, String)>,
}

/// Numbers of a draft's subjects, in its order; nothing for one that no entry had named.
type Numbers = Vec<Option<i64>>;

/// Something that is done within a transaction of the writer's.
type Work = Box<dyn FnOnce(&mut Access) -> Result<(), RegisterError> + Send>;

/// Drafts of one actor, and who waits for the answers.
pub(crate) struct Waiting {
    pub(crate) drafts: Vec<Draft>,
    pub(crate) actor: Actor,
    pub(crate) now: Moment,
    /// All or none: a draft that is refused takes the others with it.
    pub(crate) together: bool,
    pub(crate) answer: Sender<Vec<Result<Receipt, RegisterError>>>,
}

/// What came of a draft: a new entry, or the receipt of the time when it was entered before.
enum Outcome {
    New(Box<Entered>),
    Before(Receipt),
}

/// What came of the drafts of each who waits.
type Outcomes = Vec<Vec<Result<Outcome, RegisterError>>>;

/// Subjects that a batch brought from elsewhere may touch and have judged at once; more are left until all is there.
const JUDGED_AT_ONCE: usize = 64;

/// What the writer is asked to do.
pub(crate) enum Task {
    /// Enter drafts of one actor.
    Append(Waiting),
    /// Judge again what time has moved: of these subjects, or so many of all that there are.
    Settle { now: Moment, only: Option<Vec<(String, String)>>, at_once: u32, answer: Sender<Result<Settled, RegisterError>> },
    /// Keep a checkpoint that came back from witnesses; with the setting and the beacon of later entries, if they are enough.
    Witnessed { size: u64, note: String, witnessed: Option<(&'static str, Beacon)>, answer: Sender<Result<(), RegisterError>> },
    /// Take nothing more, for this reason.
    Stop(RegisterError),
    /// Do something else in a transaction of its own.
    Run(Work, Sender<Result<(), RegisterError>>),
}

/// An entry that was made in the open transaction.
struct Entered {
    index: u64,
    row: EventRow,
    recorded_at: Moment,
    touched: BTreeSet<i64>,
    id: String,
    remarks: Vec<Remark>,
}

/// The writer.
pub(crate) struct Door {
    pub(crate) access: Access,
    /// Reads back what was written, through a connection of its own.
    pub(crate) eye: Box<dyn Store>,
    pub(crate) edge: Edge,
    pub(crate) last_ms: u64,
    pub(crate) beacon: Beacon,
    pub(crate) codebook_hash: Hash,
    pub(crate) log_key: Arc<SigningKey>,
    pub(crate) note: LastNote,
    /// How many entries `last.note` is known to count.
    pub(crate) noted: Option<u64>,
    pub(crate) authority: Arc<dyn Authorise>,
    pub(crate) random: Random,
    /// SHA-256 of the log's name.
    pub(crate) origin: Hash,
    pub(crate) listeners: Arc<Mutex<Vec<SyncSender<Change>>>>,
    /// Set once what is stored was not what was written; nothing is taken after that.
    pub(crate) damaged: Option<RegisterError>,
    /// Whom time has moved and who wait to be judged again.
    pub(crate) due: Due,
}

impl Door {
    /// Takes tasks until nobody can send any.
    pub(crate) fn run(mut self, tasks: &Receiver<Task>) {
        let codebook = Arc::clone(&self.access.codebook);
        let monitor = Monitor::new(&codebook);
        let mut next = None;
        while let Some(task) = next.take().or_else(|| tasks.recv().ok()) {
            match task {
                Task::Append(first) => {
                    // What stands or falls together is a commit of its own: it can fall without anybody else's entries.
                    let mut count = if first.together { MOST_AT_ONCE } else { first.drafts.len() };
                    let mut batch = vec![first];
                    while count < MOST_AT_ONCE {
                        match tasks.try_recv() {
                            Ok(Task::Append(more)) if !more.together => {
                                count += more.drafts.len();
                                batch.push(more);
                            }
                            Ok(other) => {
                                next = Some(other);
                                break;
                            }
                            Err(_) => break,
                        }
                    }
                    self.append_batch(&monitor, batch);
                }
                Task::Settle { now, only, at_once, answer } => {
                    let mut waits = || {
                        next = next.take().or_else(|| tasks.try_recv().ok());
                        next.is_some()
                    };
                    let settled = self.settle(&monitor, now, (only.as_deref(), at_once), &mut waits);
                    // Whoever asked may have gone.
                    let _ = answer.send(settled);
                }
                Task::Witnessed { size, note, witnessed, answer } => {
                    let witnessed = witnessed.filter(|(_, beacon)| beacon.size >= self.beacon.size);
                    let kept = self.in_transaction(|door| {
                        door.access.store.put_checkpoint(size, &note)?;
                        witnessed.map_or(Ok(()), |(setting, _)| door.access.store.set(setting, &note))
                    });
                    if let (Ok(()), Some((_, beacon))) = (&kept, witnessed) {
                        self.beacon = beacon;
                    }
                    let _ = answer.send(kept);
                }
                Task::Stop(why) => {
                    self.damaged.get_or_insert(why);
                }
                Task::Run(work, answer) => {
                    let _ = answer.send(self.in_transaction(|door| work(&mut door.access)));
                }
            }
        }
        self.access.store.tidy();
    }

    pub(crate) fn in_transaction<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, RegisterError>) -> Result<T, RegisterError> {
        self.access.store.begin()?;
        let done = work(self).and_then(|done| {
            self.access.keys.flush()?;
            self.access.store.commit()?;
            Ok(done)
        });
        if done.is_err() {
            self.access.store.rollback();
            self.access.keys.abandon();
            self.access.forget();
        }
        done
    }

    fn append_batch(&mut self, monitor: &Monitor<'_>, batch: Vec<Waiting>) {
        let before = (self.edge.clone(), self.last_ms);
        let mut outcomes = Outcomes::new();
        let written = match &self.damaged {
            Some(error) => Err(error.clone()),
            None => self.in_transaction(|door| door.enter_all(monitor, &batch, &mut outcomes)),
        };
        let is_committed = written.is_ok();
        let finished = written.and_then(|changed| self.finish(&before.0, &outcomes, &changed));
        let checkpoint = match finished {
            Ok(checkpoint) => checkpoint,
            Err(error) => {
                // What was committed stays, although nobody is told of it: the same drafts sent again get their receipts.
                if !is_committed {
                    (self.edge, self.last_ms) = before;
                }
                for Waiting { drafts, answer, .. } in batch {
                    let _ = answer.send(drafts.iter().map(|_| Err(error.clone())).collect());
                }
                return;
            }
        };
        for (Waiting { answer, .. }, outcomes) in batch.into_iter().zip(outcomes) {
            let receipts = outcomes.into_iter().map(|outcome| {
                Ok(match outcome? {
                    Outcome::Before(earlier) => earlier,
                    Outcome::New(entered) => Receipt {
                        id: entered.id,
                        index: entered.index,
                        leaf: entered.row.leaf,
                        recorded_at: entered.recorded_at,
                        checkpoint: checkpoint.clone(),
                        remarks: entered.remarks,
                    },
                })
            });
            let _ = answer.send(receipts.collect());
        }
    }

    /// Enters every draft of a batch and judges whom they touch, in the transaction that is open.
    fn enter_all(&mut self, monitor: &Monitor<'_>, batch: &[Waiting], outcomes: &mut Outcomes) -> Result<Vec<Changed>, RegisterError> {
        let stored = self.access.store.size()?;
        if stored != self.edge.size() {
            let why = format!("it holds {stored} entries, this process knows of {}: another process writes to it", self.edge.size());
            return Err(RegisterError::ReadOnly { why });
        }
        let mut touched = BTreeSet::new();
        let latest = batch.iter().map(|waiting| waiting.now).max().unwrap_or(Moment::LONG_AGO);
        // What was brought from elsewhere is history: nobody is told of its breaches tonight.
        let notify = batch.iter().flat_map(|waiting| &waiting.drafts).any(|draft| draft.source.is_none());
        let asked = batch.iter().flat_map(|waiting| waiting.drafts.iter().map(|draft| (draft, &waiting.actor, waiting.now)));
        let elsewhere = Class::ALL.into_iter().filter(|class| !self.access.keys.holds(*class)).collect();
        let making = Making::of(&self.access.law, elsewhere, asked);
        if notify {
            self.judge_put_off(monitor, latest)?;
        }
        making.ahead(|| {
            let mut place = 0;
            for Waiting { drafts, actor, now, together, .. } in batch {
                let mut entered = Vec::with_capacity(drafts.len());
                for draft in drafts {
                    let outcome = match self.enter(monitor, (draft, actor, *now), (&making, place)) {
                        Err(error) if *together || !is_refusal(&error) => return Err(error),
                        outcome => outcome,
                    };
                    if let Ok(Outcome::New(new)) = &outcome {
                        touched.extend(&new.touched);
                    }
                    entered.push(outcome);
                    place += 1;
                }
                outcomes.push(entered);
            }
            Ok(())
        })?;
        let changed = if notify || touched.len() <= JUDGED_AT_ONCE {
            judging::judge_and_store(&mut self.access, monitor, &touched.into_iter().collect::<Vec<_>>(), (latest, notify))?
        } else {
            remembering::put_off(&mut self.access, &touched)?;
            Vec::new()
        };
        self.access.store.set_edge(&self.edge)?;
        Ok(changed)
    }

    /// The way of one draft, up to the open transaction.
    fn enter(&mut self, monitor: &Monitor<'_>, asked: Asked<'_>, (making, place): (&Making<'_>, usize)) -> Result<Outcome, RegisterError> {
        let draft = asked.0;
        let (access, random) = (&mut self.access, &mut self.random);
        let made = making.take(place, random, || checking::corrected(access, draft))?;
        if !self.access.store.put_id(&draft.id, self.edge.size())? {
            return Ok(Outcome::Before(self.entered_before(draft, &made.checked)?));
        }
        let entered = self.enter_new(monitor, asked, made);
        if entered.is_err() {
            self.access.store.drop_id(&draft.id)?;
        }
        entered
    }

    fn enter_new(&mut self, monitor: &Monitor<'_>, (draft, actor, now): Asked<'_>, made: Made) -> Result<Outcome, RegisterError> {
        let checked = &made.checked;
        let numbers = self.known_subjects(&checked.subjects)?;
        if self.authority.refuses() {
            let recent = self.recent(&numbers)?;
            let ties = ties_of(&self.access.codebook, &checked.subjects, &recent);
            self.authority.may_record(actor, draft, &ties).map_err(|refusal| RegisterError::Forbidden { why: refusal.why })?;
        }
        maintenance::refuse_unlawful_erasure(&mut self.access, draft)?;
        let (recorded_ms, behind) = self.recorded_at(now);
        let mut remarks = self.remarks(draft, checked, (recorded_ms, behind), &numbers)?;
        remarks.extend(self.twin(checked, &numbers)?);
        let header = self.header(&made, draft, recorded_ms)?;
        let (header, row, files) = self.seal(header, &made.parts, (&made.files, draft))?;
        let subjects = self.insert(&row, checked)?;
        let index = row.index;
        files.iter().try_for_each(|file| self.access.store.put_file(file))?;
        let Made { checked, ours, files, by, fields, .. } = made;
        let told = entry::Told { index, id: draft.id.clone(), by, recorded_at: draft.recorded_at };
        let known = match fields {
            Some(fields) => self.access.opened(index, header, fields),
            None => Known::of_draft(&self.access.codebook, header, told, checked, (ours, files)),
        };
        self.access.keep(index, known);
        remembering::note(&mut self.access, index, &subjects)?;
        let touched = remembering::touched(&mut self.access, monitor, index, &subjects, now)?;
        self.last_ms = recorded_ms;
        let recorded_at = draft.recorded_at.unwrap_or(moment_of(recorded_ms));
        Ok(Outcome::New(Box::new(Entered { index, row, recorded_at, touched, id: draft.id.clone(), remarks })))
    }

    /// The same draft sent again gives the receipt of the first time; another draft under its id is refused.
    fn entered_before(&mut self, draft: &Draft, checked: &Checked) -> Result<Receipt, RegisterError> {
        let conflict = || RegisterError::Conflict { id: draft.id.clone() };
        let index = self.access.store.index_of(&draft.id)?.ok_or_else(conflict)?;
        let entry = self.access.entry(index)?.ok_or_else(conflict)?;
        let open = checked.fields.iter().filter(|given| !entry.sealed.contains(&given.class));
        let told = open.map(|given| (self.access.codebook.field_names[given.name.index()].as_str(), given.class, &given.spelt));
        let said_before = entry.spelt.iter().map(|(name, class, value)| (name.as_str(), *class, value));
        let mut subjects = (entry.subjects.clone(), checked.subjects.clone());
        subjects.0.sort();
        subjects.1.sort();
        let same_time = entry.at.precision == checked.at.precision
            && (entry.at.precision == Precision::Unknown
                || (entry.at.earliest, entry.at.latest) == (checked.at.earliest, checked.at.latest));
        if entry.kind != checked.kind || !same_time || subjects.0 != subjects.1 || !said_before.eq(told) || !files::are_same(&entry, draft)
        {
            return Err(conflict());
        }
        let leaf = entry.header.leaf_hash()?;
        let checkpoint = self.sign()?;
        let (id, recorded_at) = (draft.id.clone(), entry.recorded_at);
        Ok(Receipt { id, index, leaf, recorded_at, checkpoint, remarks: vec![Remark::Before] })
    }

    /// Numbers of those subjects of a draft that were named before.
    fn known_subjects(&mut self, subjects: &[(ClassId, String)]) -> Result<Numbers, RegisterError> {
        subjects.iter().map(|(class, name)| Ok(self.access.subject(*class, name)?.map(|(number, _)| number))).collect()
    }

    /// The last entries of some subjects, the newest first.
    fn recent(&mut self, numbers: &Numbers) -> Result<Vec<Arc<Known>>, RegisterError> {
        let mut entries = Vec::new();
        for number in numbers.iter().flatten() {
            entries.extend(remembering::recent(&mut self.access, *number)?.iter().cloned());
        }
        entries.sort_unstable_by_key(|entry: &Arc<Known>| std::cmp::Reverse(entry.index));
        entries.dedup_by_key(|entry| entry.index);
        Ok(entries)
    }

    /// An entry among the last that says the same of the same subjects at the same time.
    fn twin(&mut self, checked: &Checked, numbers: &Numbers) -> Result<Option<Remark>, RegisterError> {
        // It names all of them: whoever was never named before has none, and it is enough to look at one.
        let Some(Some(number)) = numbers.first().filter(|_| numbers.iter().all(Option::is_some) && checked.at.is_exact()) else {
            return Ok(None);
        };
        let is_twin = |entry: &&Arc<Known>| {
            let same = entry.kind == checked.kind && entry.at == checked.at;
            same && checked.subjects.iter().all(|subject| entry.subjects.contains(subject))
        };
        let found = remembering::recent(&mut self.access, *number)?.iter().rev().find(is_twin);
        Ok(found.map(|entry| Remark::Also { entry: entry.id.clone() }))
    }

    /// The register's own time of record: never before that of the entry before.
    fn recorded_at(&self, now: Moment) -> (u64, bool) {
        let now = u64::try_from(now.0.div_euclid(1000)).unwrap_or(0);
        (now.max(self.last_ms), now < self.last_ms)
    }

    /// The header without its parts, whose hashes are known once they are sealed.
    fn header(&mut self, made: &Made, draft: &Draft, recorded_ms: u64) -> Result<Header, RegisterError> {
        let checked = &made.checked;
        let mut event = Handle::default();
        self.random.fill_bytes(&mut event);
        Ok(Header {
            origin: self.origin,
            index: self.edge.size(),
            event,
            custody: self.record_handle(checked)?,
            kind: entry::shown_kind(self.access.codebook.kind(checked.kind)),
            codebook: self.codebook_hash,
            recorded_at_ms: recorded_ms,
            beacon: self.beacon,
            station_key: self.log_key.verifier().id(),
            author: made.author,
            corrects: checked.corrects.as_ref().map(|entry| entry.header.event),
            parts: Vec::with_capacity(made.parts.len()),
            fields_root: made.fields_root,
            attachments: Vec::with_capacity(draft.attachments.len()),
        })
    }

    /// The random name of the record that the entry belongs to: its custody, else its person, else its first subject; that of the entry
    /// which it corrects; zeros for what is about no subject.
    fn record_handle(&mut self, checked: &Checked) -> Result<Handle, RegisterError> {
        let codebook = Arc::clone(&self.access.codebook);
        match (entry::record_of(&codebook, &checked.subjects), &checked.corrects) {
            (Some((class, name)), _) => Ok(self.subject(&codebook, *class, name)?.1),
            (None, Some(entry)) => Ok(entry.header.custody),
            (None, None) => Ok(Handle::default()),
        }
    }

    /// Number and handle of a subject; made the first time it is named.
    fn subject(&mut self, codebook: &Codebook, class: ClassId, name: &str) -> Result<(i64, Handle), RegisterError> {
        if let Some(known) = self.access.subject(class, name)? {
            return Ok(known);
        }
        let mut handle = Handle::default();
        self.random.fill_bytes(&mut handle);
        Ok((self.access.store.put_subject(&codebook.class(class).name, name, handle)?, handle))
    }

    fn remarks(
        &mut self,
        draft: &Draft,
        checked: &Checked,
        (recorded_ms, behind): (u64, bool),
        numbers: &Numbers,
    ) -> Result<Vec<Remark>, RegisterError> {
        let law = Arc::clone(&self.access.law);
        let mut remarks = Vec::new();
        if behind {
            remarks.push(Remark::ClockBehind);
        }
        let recorded = draft.recorded_at.unwrap_or(moment_of(recorded_ms));
        if checked.at.precision != Precision::Unknown && recorded.since(checked.at.latest) > law.codebook.late_entry_after {
            remarks.push(Remark::Late);
        }
        let kind = law.codebook.kind(checked.kind);
        for ((class, name), number) in checked.subjects.iter().zip(numbers) {
            let subject = || (law.codebook.class(*class).name.clone(), name.clone());
            let life = number.map(|number| remembering::life(&mut self.access, number)).transpose()?.flatten();
            let (is_alive, closed_at) = (life.is_some(), life.and_then(|life| life.closed_at));
            let is_named = is_alive || number.map_or(Ok(false), |number| self.access.store.names_any(number))?;
            if !is_named && law.is_opened(*class) && !kind.opens.contains(class) {
                remarks.push(Remark::Unknown { subject: subject() });
            } else if closed_at.is_some_and(|closed| closed < checked.at.earliest.0) {
                remarks.push(Remark::Closed { subject: subject() });
            }
        }
        Ok(remarks)
    }

    /// Puts the entry where it is found again; tells whose history it belongs to.
    fn insert(&mut self, row: &EventRow, checked: &Checked) -> Result<Vec<(i64, ClassId)>, RegisterError> {
        let codebook = Arc::clone(&self.access.codebook);
        self.access.store.put_event(row)?;
        let mut nodes = Vec::new();
        self.edge.push_noting(row.leaf, |level, place, hash| {
            if level > 0 && level % tile::HEIGHT == 0 {
                nodes.push((level, place, hash));
            }
        });
        for (level, place, hash) in nodes {
            self.access.store.put_node(level, place, &hash)?;
        }
        // A correction belongs to the history of whatever it corrects, whether it names that or not.
        let corrected = checked.corrects.as_ref().map_or(&[][..], |entry| &entry.subjects);
        let mut subjects = Vec::with_capacity(checked.subjects.len() + corrected.len());
        for (class, name) in checked.subjects.iter().chain(corrected) {
            let (number, _) = self.subject(&codebook, *class, name)?;
            self.access.store.put_naming(number, row.index)?;
            subjects.push((number, *class));
        }
        Ok(subjects)
    }

    fn sign(&self) -> Result<String, RegisterError> {
        let checkpoint = Checkpoint::new(&self.access.origin, self.edge.size(), self.edge.root());
        Ok(checkpoint.sign(&self.log_key)?.to_string())
    }

    /// Signs for what leaves the house: `last.note` has it first.
    fn sign_noted(&mut self) -> Result<String, RegisterError> {
        let checkpoint = self.sign()?;
        if self.noted != Some(self.edge.size()) {
            self.note.write(&checkpoint)?;
            self.noted = Some(self.edge.size());
        }
        Ok(checkpoint)
    }

    /// After the commit: what is stored is what was written, the note follows, whoever listens is told.
    fn finish(
        &mut self,
        before: &Edge,
        outcomes: &[Vec<Result<Outcome, RegisterError>>],
        changed: &[Changed],
    ) -> Result<String, RegisterError> {
        let new = outcomes.iter().flatten().filter_map(|outcome| match outcome {
            Ok(Outcome::New(entered)) => Some(&**entered),
            Ok(Outcome::Before(_)) | Err(_) => None,
        });
        let new: Vec<&Entered> = new.collect();
        if new.is_empty() {
            return self.sign_noted();
        }
        if let Err(error) = self.read_back(before.size(), &new) {
            self.damaged = Some(error.clone());
            return Err(error);
        }
        let checkpoint = self.sign_noted()?;
        self.publish(before.size(), changed)?;
        Ok(checkpoint)
    }

    fn read_back(&mut self, first: u64, new: &[&Entered]) -> Result<(), RegisterError> {
        let count = u32::try_from(new.len()).unwrap_or(u32::MAX);
        let stored = self.eye.events(first, count)?;
        for (place, entered) in new.iter().enumerate() {
            let damaged = |why: &str| Err(RegisterError::Damaged { index: entered.index, why: why.to_owned() });
            let Some(row) = stored.get(place) else { return damaged("it is not there") };
            if *row != entered.row {
                return damaged("its bytes differ");
            }
            if leaf_hash(&row.header) != row.leaf {
                return damaged("its header does not hash to its leaf");
            }
            for (place, hash) in (0..).zip(&Header::decode(&row.header)?.attachments) {
                let stored = self.eye.file(entered.index, place)?.and_then(|file| file.sealed);
                if stored.is_none_or(|sealed| Hash::of(&sealed) != *hash) {
                    return damaged("a file of it is not as it was written");
                }
            }
        }
        Ok(())
    }

    pub(crate) fn publish(&mut self, first: u64, changed: &[Changed]) -> Result<(), RegisterError> {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        if listeners.is_empty() {
            return Ok(());
        }
        let mut subjects = Vec::new();
        for change in changed.iter().filter(|change| change.rows > 0) {
            subjects.extend(self.access.store.subject_numbered(change.subject)?.map(|row| (row.class, row.name)));
        }
        let change = Change { first, end: self.edge.size(), subjects };
        // Who does not keep up, or has gone, is told no more: they see that the line has ended and read anew.
        listeners.retain(|listener| listener.try_send(change.clone()).is_ok());
        Ok(())
    }
}

/// Whether an error says something of the draft, not of the machine.
fn is_refusal(error: &RegisterError) -> bool {
    match error {
        RegisterError::Invalid(_) | RegisterError::Forbidden { .. } | RegisterError::Conflict { .. } | RegisterError::NoKey { .. } => true,
        RegisterError::ReadOnly { .. }
        | RegisterError::Absent { .. }
        | RegisterError::File { .. }
        | RegisterError::Store { .. }
        | RegisterError::Damaged { .. }
        | RegisterError::Ledger(_)
        | RegisterError::Closed => false,
    }
}

fn moment_of(ms: u64) -> Moment {
    Moment(i64::try_from(ms).unwrap_or(i64::MAX / 1000).saturating_mul(1000))
}

/// What earlier entries tie some subjects to, for readers.
pub(crate) fn ties(access: &mut Access, codebook: &Codebook, subjects: &[(ClassId, String)]) -> Result<Ties, RegisterError> {
    let mut indexes = BTreeSet::new();
    for (class, name) in subjects {
        if let Some(row) = access.store.subject(&codebook.class(*class).name, name)? {
            indexes.extend(access.store.naming_last(row.number, LOOKED_BACK)?);
        }
    }
    let mut recent = Vec::new();
    for index in indexes.into_iter().rev() {
        recent.extend(access.entry(index)?);
    }
    Ok(ties_of(codebook, subjects, &recent))
}

/// What some subjects are tied to by their last entries.
fn ties_of(codebook: &Codebook, subjects: &[(ClassId, String)], recent: &[Arc<Known>]) -> Ties {
    let named = |(class, name): &(ClassId, String)| (codebook.class(*class).name.clone(), name.clone());
    let mut seen: HashSet<&(ClassId, String)> = subjects.iter().collect();
    let others = recent.iter().flat_map(|entry| &entry.subjects).filter(|other| seen.insert(other));
    let tied = others.map(named).collect();
    Ties { subjects: subjects.iter().map(named).collect(), tied }
}
