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
use crate::entry::{self, Known, Placed};
use crate::error::RegisterError;
use crate::judging::{self, Changed};
use crate::maintenance;
use crate::note::LastNote;
use crate::remembering::{self, LOOKED_BACK};
use crate::spelling;
use crate::store::{EventRow, Store};
use getrandom::SysRng;
use habeas_codebook::moment::{Moment, Precision};
use habeas_codebook::tree::{ClassId, Codebook};
use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::fields::{self, Field};
use habeas_ledger::leaf::{self, Beacon, Class, Handle, Header};
use habeas_ledger::merkle::{Edge, Hash, leaf_hash};
use habeas_ledger::note::SigningKey;
use habeas_ledger::sealing::{Place, Plaintext};
use habeas_ledger::tile;
use habeas_monitor::Monitor;
use rand_core::{Rng as _, UnwrapErr};
use serde_json::{Value as Json, json};
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

/// What the writer is asked to do.
pub(crate) enum Task {
    /// Enter drafts of one actor.
    Append(Waiting),
    /// Judge again what time has moved; the answer is how many subjects were.
    Settle { now: Moment, answer: Sender<Result<Vec<i64>, RegisterError>> },
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
    pub(crate) listeners: Arc<Mutex<Vec<SyncSender<Change>>>>,
    /// Set once what is stored was not what was written; nothing is taken after that.
    pub(crate) damaged: Option<RegisterError>,
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
                Task::Settle { now, answer } => {
                    let settled = self.settle(&monitor, now);
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

    fn in_transaction<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, RegisterError>) -> Result<T, RegisterError> {
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
        let mut latest = Moment::LONG_AGO;
        // What was brought from elsewhere is history: nobody is told of its breaches tonight.
        let notify = batch.iter().flat_map(|waiting| &waiting.drafts).any(|draft| draft.source.is_none());
        for Waiting { drafts, actor, now, together, .. } in batch {
            latest = latest.max(*now);
            let mut entered = Vec::with_capacity(drafts.len());
            for draft in drafts {
                let outcome = match self.enter(monitor, draft, actor, *now) {
                    Err(error) if *together || !is_refusal(&error) => return Err(error),
                    outcome => outcome,
                };
                if let Ok(Outcome::New(new)) = &outcome {
                    touched.extend(&new.touched);
                }
                entered.push(outcome);
            }
            outcomes.push(entered);
        }
        let changed = judging::judge_and_store(&mut self.access, monitor, &touched, (latest, notify))?;
        self.access.store.set_edge(&self.edge)?;
        Ok(changed)
    }

    /// The way of one draft, up to the open transaction.
    fn enter(&mut self, monitor: &Monitor<'_>, draft: &Draft, actor: &Actor, now: Moment) -> Result<Outcome, RegisterError> {
        let checked = checking::check(&mut self.access, draft, now)?;
        if let Some(receipt) = self.entered_before(draft, &checked)? {
            return Ok(Outcome::Before(receipt));
        }
        let codebook = Arc::clone(&self.access.codebook);
        let recent = self.recent(&checked.subjects)?;
        let ties = ties_of(&codebook, &checked.subjects, &recent);
        self.authority.may_record(actor, draft, &ties).map_err(|refusal| RegisterError::Forbidden { why: refusal.why })?;
        maintenance::refuse_unlawful_erasure(&mut self.access, draft)?;
        let (recorded_ms, behind) = self.recorded_at(now);
        let fields = self.fields(draft, actor, &checked)?;
        let header = self.header(&checked, &fields, (draft, actor), recorded_ms)?;
        let (header, row) = self.seal(header, &fields)?;
        let mut remarks = self.remarks(draft, &checked, recorded_ms, behind)?;
        remarks.extend(twin(&checked, &recent));
        let subjects = self.insert(&row, draft, &checked)?;
        self.access.keep(row.index, header, fields);
        remembering::note(&mut self.access, row.index, &subjects)?;
        let touched = remembering::touched(&mut self.access, monitor, row.index, &subjects, now)?;
        self.last_ms = recorded_ms;
        let recorded_at = draft.recorded_at.unwrap_or(moment_of(recorded_ms));
        Ok(Outcome::New(Box::new(Entered { index: row.index, row, recorded_at, touched, id: draft.id.clone(), remarks })))
    }

    /// The same draft sent again gives the receipt of the first time; another draft under its id is refused.
    fn entered_before(&mut self, draft: &Draft, checked: &Checked) -> Result<Option<Receipt>, RegisterError> {
        let Some(index) = self.access.store.index_of(&draft.id)? else { return Ok(None) };
        let conflict = || RegisterError::Conflict { id: draft.id.clone() };
        let entry = self.access.entry(index)?.ok_or_else(conflict)?;
        let open = |class: Class| !entry.sealed.contains(&class);
        let told: Vec<_> = checked.fields.iter().filter(|(_, class, _)| open(*class)).cloned().collect();
        let mut subjects = (entry.subjects.clone(), checked.subjects.clone());
        subjects.0.sort();
        subjects.1.sort();
        let same_time = entry.at.precision == checked.at.precision
            && (entry.at.precision == Precision::Unknown
                || (entry.at.earliest, entry.at.latest) == (checked.at.earliest, checked.at.latest));
        if entry.kind != checked.kind || !same_time || subjects.0 != subjects.1 || entry.spelt != told {
            return Err(conflict());
        }
        let leaf = entry.header.leaf_hash()?;
        let checkpoint = self.sign()?;
        let (id, recorded_at) = (draft.id.clone(), entry.recorded_at);
        Ok(Some(Receipt { id, index, leaf, recorded_at, checkpoint, remarks: vec![Remark::Before] }))
    }

    /// The last entries of some subjects, the newest first.
    fn recent(&mut self, subjects: &[(ClassId, String)]) -> Result<Vec<Arc<Known>>, RegisterError> {
        let mut entries = Vec::new();
        for (class, name) in subjects {
            if let Some((number, _)) = self.access.subject(*class, name)? {
                entries.extend(remembering::recent(&mut self.access, number)?.iter().cloned());
            }
        }
        entries.sort_unstable_by_key(|entry: &Arc<Known>| std::cmp::Reverse(entry.index));
        entries.dedup_by_key(|entry| entry.index);
        Ok(entries)
    }

    /// The register's own time of record: never before that of the entry before.
    fn recorded_at(&self, now: Moment) -> (u64, bool) {
        let now = u64::try_from(now.0.div_euclid(1000)).unwrap_or(0);
        (now.max(self.last_ms), now < self.last_ms)
    }

    /// All fields of the entry in their order, ours first, each with a fresh salt.
    fn fields(&self, draft: &Draft, actor: &Actor, checked: &Checked) -> Result<Vec<Placed>, RegisterError> {
        let codebook = &self.access.codebook;
        let kind = codebook.kind(checked.kind);
        let seen_as = entry::class_of(kind.seen_as).max(Class::Custody);
        let mut all: Vec<(String, Class, Json)> = vec![
            ("@kind".to_owned(), seen_as, json!(kind.name)),
            ("@id".to_owned(), seen_as, json!(draft.id)),
            ("@at".to_owned(), seen_as, spelling::spell_time(checked.at, codebook)),
        ];
        let mut ours = |name: &str, value: Option<Json>| all.extend(value.map(|value| (format!("@{name}"), seen_as, value)));
        ours("recorded_at", draft.recorded_at.map(|at| json!(spelling::spell_moment(at, codebook))));
        for (class, name) in &checked.subjects {
            ours(&format!("subject.{}", codebook.class(*class).name), Some(json!(name)));
        }
        ours("by", Some(json!(draft.by.as_deref().unwrap_or(&actor.id))));
        ours("corrects_kind", checked.corrects.as_ref().map(|entry| json!(codebook.kind(entry.kind).name)));
        ours("on_behalf_of", draft.on_behalf_of.as_ref().map(|text| json!(text)));
        ours("late_reason", draft.late_reason.as_ref().map(|text| json!(text)));
        ours("source", draft.source.as_ref().map(|text| json!(text)));
        ours("station", draft.station.as_ref().map(|text| json!(text)));
        for attachment in &draft.attachments {
            ours("attachment", Some(json!({"name": attachment.name, "sha256": attachment.hash.to_hex()})));
        }
        all.extend(checked.fields.iter().cloned());
        let mut salts = vec![[0; 16]; all.len()];
        UnwrapErr(SysRng).fill_bytes(salts.as_flattened_mut());
        let placed = all.into_iter().zip(salts).enumerate().map(|(place, ((id, class, value), salt))| {
            let value = serde_json::to_vec(&value).map_err(|error| RegisterError::Store { why: error.to_string() })?;
            let too_many = |_| RegisterError::field("fields", "too many fields", "", "fewer than 65,536");
            let place = u16::try_from(place).map_err(too_many)?;
            Ok(Placed { place, class, field: Field { salt, id, value: Plaintext::new(value) } })
        });
        placed.collect()
    }

    /// The header without its parts, whose hashes are known once they are sealed.
    fn header(
        &mut self,
        checked: &Checked,
        fields: &[Placed],
        (draft, actor): (&Draft, &Actor),
        recorded_ms: u64,
    ) -> Result<Header, RegisterError> {
        let mut event = Handle::default();
        UnwrapErr(SysRng).fill_bytes(&mut event);
        let by = fields.iter().find(|placed| placed.field.id == "@by");
        let author = by.map(|placed| leaf::author_commitment(&placed.field.salt, draft.by.as_deref().unwrap_or(&actor.id)));
        Ok(Header {
            origin: Hash::of(self.access.origin.as_bytes()),
            index: self.edge.size(),
            event,
            custody: self.record_handle(checked)?,
            kind: entry::shown_kind(self.access.codebook.kind(checked.kind)),
            codebook: self.codebook_hash,
            recorded_at_ms: recorded_ms,
            beacon: self.beacon,
            station_key: self.log_key.verifier().id(),
            author: author.unwrap_or_default(),
            corrects: checked.corrects.as_ref().map(|entry| entry.header.event),
            parts: Vec::new(),
            fields_root: fields::root(fields.iter().map(|placed| &placed.field))?,
            attachments: draft.attachments.iter().map(|attachment| attachment.hash).collect(),
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
        UnwrapErr(SysRng).fill_bytes(&mut handle);
        Ok((self.access.store.put_subject(&codebook.class(class).name, name, handle)?, handle))
    }

    fn seal(&mut self, mut header: Header, fields: &[Placed]) -> Result<(Header, EventRow), RegisterError> {
        let mut parts = Vec::new();
        for class in Class::ALL.into_iter().filter(|class| fields.iter().any(|placed| placed.class == *class)) {
            let key = self.access.keys.sealing_key(header.custody, class)?;
            let place = Place { origin: &self.access.origin, event: header.event, class };
            let sealed = key.seal(place, entry::part(fields, class)?.reveal(), &mut UnwrapErr(SysRng))?;
            header.parts.push((class, Hash::of(&sealed)));
            parts.push((class, sealed));
        }
        let bytes = header.encode()?;
        let row = EventRow { index: header.index, leaf: leaf_hash(&bytes), header: bytes, parts };
        Ok((header, row))
    }

    fn remarks(&mut self, draft: &Draft, checked: &Checked, recorded_ms: u64, behind: bool) -> Result<Vec<Remark>, RegisterError> {
        let codebook = Arc::clone(&self.access.codebook);
        let mut remarks = Vec::new();
        if behind {
            remarks.push(Remark::ClockBehind);
        }
        let recorded = draft.recorded_at.unwrap_or(moment_of(recorded_ms));
        if checked.at.precision != Precision::Unknown && recorded.since(checked.at.latest) > codebook.late_entry_after {
            remarks.push(Remark::Late);
        }
        let kind = codebook.kind(checked.kind);
        for (class, name) in &checked.subjects {
            let subject = || (codebook.class(*class).name.clone(), name.clone());
            let number = self.access.subject(*class, name)?.map(|(number, _)| number);
            let life = number.map(|number| self.access.store.life(number)).transpose()?.flatten();
            let is_named = life.is_some() || number.map_or(Ok(false), |number| self.access.store.names_any(number))?;
            if !is_named && codebook.kinds.iter().any(|kind| kind.opens.contains(class)) && !kind.opens.contains(class) {
                remarks.push(Remark::Unknown { subject: subject() });
            } else if life.and_then(|life| life.closed_at).is_some_and(|closed| closed < checked.at.earliest.0) {
                remarks.push(Remark::Closed { subject: subject() });
            }
        }
        Ok(remarks)
    }

    /// Puts the entry where it is found again; tells whose history it belongs to.
    fn insert(&mut self, row: &EventRow, draft: &Draft, checked: &Checked) -> Result<Vec<(i64, ClassId)>, RegisterError> {
        let codebook = Arc::clone(&self.access.codebook);
        self.access.store.put_event(row)?;
        self.access.store.put_id(&draft.id, row.index)?;
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
        let corrected = checked.corrects.as_ref().map(|entry| entry.subjects.clone()).unwrap_or_default();
        let mut subjects = Vec::new();
        for (class, name) in checked.subjects.iter().chain(&corrected) {
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
        }
        Ok(())
    }

    fn publish(&mut self, first: u64, changed: &[Changed]) -> Result<(), RegisterError> {
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

    /// Whether a rule for a subject's class reads the breaches of others.
    fn reads_breaches(&mut self, monitor: &Monitor<'_>, subject: i64) -> Result<bool, RegisterError> {
        let row = self.access.store.subject_numbered(subject)?;
        let class = row.and_then(|row| self.access.codebook.class_named(&row.class));
        Ok(class.is_some_and(|class| monitor.reads_breaches_of(class)))
    }

    /// Judges again whom time has moved.
    fn settle(&mut self, monitor: &Monitor<'_>, now: Moment) -> Result<Vec<i64>, RegisterError> {
        let changed = self.in_transaction(|door| {
            let mut moved: BTreeSet<i64> = door.access.store.moving(now.0, u32::MAX)?.into_iter().collect();
            if monitor.reads_breaches() {
                for subject in moved.clone() {
                    for reader in door.access.store.readers(subject)? {
                        if !moved.contains(&reader) && door.reads_breaches(monitor, reader)? {
                            moved.insert(reader);
                        }
                    }
                }
            }
            judging::judge_and_store(&mut door.access, monitor, &moved, (now, true))
        })?;
        let size = self.edge.size();
        if changed.iter().any(|change| change.rows > 0) {
            self.publish(size, &changed)?;
        }
        Ok(changed.into_iter().map(|change| change.subject).collect())
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

/// An entry that says the same of the same subjects at the same time.
fn twin(checked: &Checked, recent: &[Arc<Known>]) -> Option<Remark> {
    let is_twin = |entry: &&Arc<Known>| {
        let same = entry.kind == checked.kind && entry.at == checked.at && entry.at.is_exact();
        same && checked.subjects.iter().all(|subject| entry.subjects.contains(subject))
    };
    recent.iter().find(is_twin).map(|entry| Remark::Also { entry: entry.id.clone() })
}
