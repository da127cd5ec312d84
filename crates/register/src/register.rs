//! A register that is open: the writer's line, a few readers, and what is asked of them.

use crate::access::{Access, KEPT_BY_READER, KEPT_BY_WRITER};
use crate::authorise::{Authorise, Ties};
use crate::door::{self, Change, Door, Task, Waiting};
use crate::draft::{Actor, Draft, Receipt, Remark};
use crate::error::RegisterError;
use crate::judge::Judge;
use crate::judging;
use crate::keys::{KeyRing, Keys};
use crate::note::LastNote;
use crate::opening::{begin, checked_edge, take_lock};
use crate::place::refuse_moved;
use crate::random::Random;
use crate::reading::{self, Entry, Life, Signed};
use crate::readings::Unheard;
use crate::remembering;
use crate::settling;
use crate::store::Store;
use crate::succession;
use crate::witnessed;
use habeas_codebook::moment::Moment;
use habeas_codebook::tree::{ClassId, Codebook};
use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::fields::{self, Field};
use habeas_ledger::leaf::Header;
use habeas_ledger::merkle::Hash;
use habeas_ledger::proof::{Proof, Shown};
use habeas_ledger::tile::Files as _;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

/// Connections that read.
const READERS: usize = 4;

/// Changes that a listener may be behind before it is dropped.
const BEHIND: usize = 1_024;

/// Tasks that may wait for the writer; whoever comes then waits at the door.
const WAITING: usize = 4_096;

/// Where a register is kept.
///
/// Printing a place never shows a password.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder with `register.db`, `keys.db` and `last.note`.
    Sqlite(PathBuf),
    /// A database of PostgreSQL for the entries; wrapped keys and `last.note` stay in a folder of this machine.
    Postgres {
        /// How to reach it: `postgresql:///habeas?host=/run/postgresql&user=habeas`. Its search path names the schema.
        url: String,
        /// The folder of `keys.db` and `last.note`.
        folder: PathBuf,
    },
}

/// How to open a register.
pub struct Options {
    /// Where it is.
    pub place: Place,
    /// The codebook in force.
    pub codebook: Arc<Codebook>,
    /// The log's key and the authorities'.
    pub keys: Keys,
    /// Who may record and read what.
    pub authority: Arc<dyn Authorise>,
    /// Another place for `last.note`, best on another disk; `None`: in the folder.
    pub last_note: Option<PathBuf>,
}

impl Options {
    /// A register in a folder.
    #[must_use]
    pub fn in_folder(folder: impl Into<PathBuf>, codebook: Arc<Codebook>, keys: Keys, authority: Arc<dyn Authorise>) -> Self {
        Options { place: Place::Sqlite(folder.into()), codebook, keys, authority, last_note: None }
    }
}

/// An open register. Clones are the same register.
#[derive(Clone)]
pub struct Register(Arc<Inner>);

struct Inner {
    /// The line to the writer; taken when the register closes.
    tasks: Option<SyncSender<Task>>,
    writer: Option<JoinHandle<()>>,
    readers: Vec<Mutex<Access>>,
    next_reader: AtomicUsize,
    codebook: Arc<Codebook>,
    keys: Keys,
    authority: Arc<dyn Authorise>,
    listeners: Listeners,
    origin: Arc<str>,
    /// Somebody asked for a proof: witnesses should be asked at once.
    wanted: AtomicBool,
    unheard: Unheard,
    /// The clock stands behind the last entry, and that has been entered.
    clock_behind: AtomicBool,
    judge: Judge,
    /// Why nothing is taken and signed any more.
    stopped: OnceLock<RegisterError>,
    place: Place,
}

/// Whoever is told of commits.
type Listeners = Arc<Mutex<Vec<SyncSender<Change>>>>;

/// The line to the writer, and its thread; nothing where the register is only read.
type Writer = (Option<SyncSender<Task>>, Option<JoinHandle<()>>);

impl Inner {
    fn of(options: Options, readers: Vec<Mutex<Access>>, (tasks, writer): Writer, listeners: Listeners) -> Register {
        let Options { place, codebook, keys, authority, .. } = options;
        Register(Arc::new(Inner {
            tasks,
            writer,
            readers,
            next_reader: AtomicUsize::new(0),
            codebook,
            origin: keys.log.verifier().name().into(),
            keys,
            authority,
            listeners,
            wanted: AtomicBool::new(false),
            unheard: Unheard::default(),
            clock_behind: AtomicBool::new(false),
            judge: Judge::default(),
            stopped: OnceLock::new(),
            place,
        }))
    }
}

impl Drop for Inner {
    /// The last clone waits until the writer has finished what it was given, so that the register can be opened again at once.
    fn drop(&mut self) {
        drop(self.tasks.take());
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has told so; nothing of what it was doing was committed.
            let _ = writer.join();
        }
    }
}

impl std::fmt::Debug for Register {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Register({})", self.0.origin)
    }
}

/// The hash of a codebook: over the files of all its packs, each with its path, in reading order.
#[must_use]
pub fn codebook_hash(codebook: &Codebook) -> Hash {
    hash_of_files(codebook.files.iter().map(|file| (file.path.as_str(), file.text.as_str())))
}

pub(crate) fn hash_of_files<'f>(files: impl Iterator<Item = (&'f str, &'f str)>) -> Hash {
    let mut bytes = Vec::new();
    for (path, text) in files {
        for text in [path, text] {
            bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
    }
    Hash::of(&bytes)
}

impl Register {
    /// Opens a register; makes its databases if they are not there. The log's origin is the name of its key.
    ///
    /// # Errors
    /// [`RegisterError::ReadOnly`] when the database is behind what was signed or another process writes to it; a file that cannot be
    /// opened; a register of another origin.
    pub fn open(options: Options) -> Result<Self, RegisterError> {
        Self::open_as(options, false)
    }

    /// [`Register::open`], also with a key that has been changed: to finish the change.
    pub(crate) fn open_as(options: Options, is_changing: bool) -> Result<Self, RegisterError> {
        let place = options.place.clone();
        let folder = place.folder();
        let file = |path: &std::path::Path, error: std::io::Error| RegisterError::File { path: path.to_owned(), why: error.to_string() };
        std::fs::create_dir_all(folder).map_err(|error| file(folder, error))?;
        let wrapped = folder.join("keys.db");
        let lock = take_lock(&folder.join("writer.lock"))?;
        let origin: Arc<str> = options.keys.log.verifier().name().into();
        let erasures = Arc::new(AtomicU64::new(0));
        let access = |store: Box<dyn Store>, kept: usize| -> Result<Access, RegisterError> {
            let ring = KeyRing::open(&wrapped, options.keys.clone())?;
            Ok(Access::new(store, ring, Arc::clone(&options.codebook), (Arc::clone(&origin), Arc::clone(&erasures)), kept))
        };
        let mut writer = access(place.writer()?, KEPT_BY_WRITER)?;
        refuse_moved(&mut *writer.store)?;
        if !is_changing {
            succession::refuse_retired(&mut *writer.store, options.keys.log.verifier())?;
        }
        let hash = codebook_hash(&options.codebook);
        begin(&mut writer, &hash)?;
        remembering::begin_noting(&mut writer, &hash)?;
        remembering::note_things(&mut writer, &hash, true);
        let note = LastNote::at(options.last_note.as_ref().unwrap_or(&folder.join("last.note")));
        let edge = checked_edge(&mut writer, &note, options.keys.log.verifier())?;
        let beacon = witnessed::beacon(&mut *writer.store, &origin, &edge)?;
        let last_ms = match edge.size().checked_sub(1) {
            Some(last) => writer.store.event(last)?.map(|row| Header::decode(&row.header)).transpose()?.map_or(0, |h| h.recorded_at_ms),
            None => 0,
        };
        let reader = |_| {
            let mut reader = access(place.reader()?, KEPT_BY_READER)?;
            remembering::note_things(&mut reader, &hash, false);
            Ok(Mutex::new(reader))
        };
        let readers = (0..READERS).map(reader).collect::<Result<Vec<_>, RegisterError>>()?;
        let listeners = Arc::new(Mutex::new(Vec::new()));
        let (tasks, waiting) = mpsc::sync_channel(WAITING);
        let door = Door {
            access: writer,
            eye: place.reader()?,
            edge,
            last_ms,
            beacon,
            codebook_hash: hash,
            log_key: Arc::clone(&options.keys.log),
            note,
            noted: None,
            authority: Arc::clone(&options.authority),
            random: Random::new(),
            origin: Hash::of(origin.as_bytes()),
            listeners: Arc::clone(&listeners),
            damaged: None,
            due: settling::Due::default(),
        };
        let started = std::thread::Builder::new().name("register".to_owned()).spawn(move || {
            let _held_until_the_last_task = lock;
            door.run(&waiting);
        });
        let writer = Some(started.map_err(|error| file(folder, error))?);
        Ok(Inner::of(options, readers, (Some(tasks), writer), listeners))
    }

    /// Opens a register for reading only, also beside a process that writes to it. Nothing can be entered, and verdicts are as they were
    /// last judged.
    ///
    /// # Errors
    /// A database that is not there or cannot be read.
    pub fn open_reading(options: Options) -> Result<Self, RegisterError> {
        let place = options.place.clone();
        let wrapped = place.folder().join("keys.db");
        let origin: Arc<str> = options.keys.log.verifier().name().into();
        let erasures = Arc::new(AtomicU64::new(0));
        let reader = || -> Result<Mutex<Access>, RegisterError> {
            let ring = KeyRing::open_reader(&wrapped, options.keys.clone())?;
            let shared = (Arc::clone(&origin), Arc::clone(&erasures));
            Ok(Mutex::new(Access::new(place.reader()?, ring, Arc::clone(&options.codebook), shared, KEPT_BY_READER)))
        };
        let readers = (0..READERS).map(|_| reader()).collect::<Result<_, _>>()?;
        Ok(Inner::of(options, readers, (None, None), Arc::default()))
    }

    /// Enters one event. The only way in; [`Register::append_all`] is the same for many.
    ///
    /// # Errors
    /// What is wrong with the draft, who may not, or what the machine says. Then nothing was written.
    pub fn append(&self, draft: Draft, actor: &Actor, now: Moment) -> Result<Receipt, RegisterError> {
        self.append_all(vec![draft], actor, now)?.pop().unwrap_or(Err(RegisterError::Closed))
    }

    /// Enters many events in one commit: each draft stands or falls alone, the answers are in their order.
    ///
    /// # Errors
    /// The register has been closed.
    pub fn append_all(&self, drafts: Vec<Draft>, actor: &Actor, now: Moment) -> Result<Vec<Result<Receipt, RegisterError>>, RegisterError> {
        self.append_as(drafts, actor, now, false)
    }

    /// Enters many events that are one act: all of them, or none. In one commit; the receipts are in the order of the drafts.
    ///
    /// # Errors
    /// What is wrong with the first draft that is refused, or what the machine says. Then nothing of them was written.
    pub fn append_together(&self, drafts: Vec<Draft>, actor: &Actor, now: Moment) -> Result<Vec<Receipt>, RegisterError> {
        self.append_as(drafts, actor, now, true)?.into_iter().collect()
    }

    fn append_as(
        &self,
        drafts: Vec<Draft>,
        actor: &Actor,
        now: Moment,
        together: bool,
    ) -> Result<Vec<Result<Receipt, RegisterError>>, RegisterError> {
        let (answer, answered) = mpsc::channel();
        self.send(Task::Append(Waiting { drafts, actor: actor.clone(), now, together, answer }))?;
        let receipts = answered.recv().map_err(|_| RegisterError::Closed)?;
        let behind = |receipt: &Receipt| receipt.remarks.contains(&Remark::ClockBehind).then(|| receipt.recorded_at.since(now));
        if let Some(behind) = receipts.iter().flatten().filter_map(behind).max() {
            // What was entered stands, whatever becomes of this.
            let _ = self.told_behind(behind, now);
        }
        Ok(receipts)
    }

    /// Enters events of many actors, each as of its own moment: a history lived elsewhere. As many as the writer takes at once are one
    /// commit, and whom they touch is judged once for all of them. Each stands or falls alone, the answers are in their order.
    ///
    /// # Errors
    /// The register has been closed.
    pub fn append_each(&self, entries: Vec<(Draft, Actor, Moment)>) -> Result<Vec<Result<Receipt, RegisterError>>, RegisterError> {
        let mut answers = Vec::with_capacity(entries.len());
        for (draft, actor, now) in entries {
            let (answer, answered) = mpsc::channel();
            self.send(Task::Append(Waiting { drafts: vec![draft], actor, now, together: false, answer }))?;
            answers.push(answered);
        }
        let answers = answers.into_iter().map(|answered| answered.recv().map_err(|_| RegisterError::Closed));
        answers.map(|answer| Ok(answer?.pop().unwrap_or(Err(RegisterError::Closed)))).collect()
    }

    /// Takes and signs nothing more, for this reason; a new start asks again.
    pub(crate) fn stop_for(&self, why: RegisterError) -> Result<(), RegisterError> {
        // Whoever came first has said it.
        let _ = self.0.stopped.set(why.clone());
        self.send(Task::Stop(why))
    }

    pub(crate) fn clock_is_behind(&self) -> &AtomicBool {
        &self.0.clock_behind
    }

    pub(crate) fn unheard(&self) -> &Unheard {
        &self.0.unheard
    }

    pub(crate) fn send(&self, task: Task) -> Result<(), RegisterError> {
        let tasks = self.0.tasks.as_ref().ok_or(RegisterError::Closed)?;
        tasks.send(task).map_err(|_| RegisterError::Closed)
    }

    /// Judges again what time alone has moved; how many subjects that were.
    ///
    /// # Errors
    /// What the machine says.
    pub fn settle(&self, now: Moment) -> Result<usize, RegisterError> {
        self.ask_to_settle(now, None)
    }

    /// The same of some subjects only, by class and id: before several of them are asked about one by one, at the same moment. A reader
    /// beside the writer takes what it finds.
    ///
    /// # Errors
    /// What the machine says.
    pub fn settle_these(&self, subjects: Vec<(String, String)>, now: Moment) -> Result<(), RegisterError> {
        self.settle_own(now, Some(subjects))
    }

    /// Judges again what time has moved, of some subjects or of all, where this process writes.
    pub(crate) fn settle_own(&self, now: Moment, only: Option<Vec<(String, String)>>) -> Result<(), RegisterError> {
        if self.0.tasks.is_none() {
            return Ok(());
        }
        if let Some(subjects) = &only {
            let monitor = self.0.judge.monitor(&self.0.codebook);
            if self.read(|access| settling::moved_of(access, monitor, subjects, now))?.is_empty() {
                return Ok(());
            }
        }
        self.ask_to_settle(now, only).map(|_| ())
    }

    /// Judges whom an import has brought, and tells meanwhile how many that were so far. Nobody is notified of their breaches: they are
    /// history.
    ///
    /// # Errors
    /// What the machine says.
    pub fn judge_brought(&self, now: Moment, mut told: impl FnMut(usize)) -> Result<usize, RegisterError> {
        self.settle_in_steps(now, None, settling::BROUGHT_AT_ONCE, &mut told)
    }

    fn ask_to_settle(&self, now: Moment, only: Option<Vec<(String, String)>>) -> Result<usize, RegisterError> {
        self.settle_in_steps(now, only, settling::SETTLED_AT_ONCE, &mut |_| {})
    }

    fn settle_in_steps(
        &self,
        now: Moment,
        only: Option<Vec<(String, String)>>,
        at_once: u32,
        told: &mut dyn FnMut(usize),
    ) -> Result<usize, RegisterError> {
        let mut subjects = 0;
        loop {
            let (answer, answered) = mpsc::channel();
            self.send(Task::Settle { now, only: only.clone(), at_once, answer })?;
            let settled = answered.recv().map_err(|_| RegisterError::Closed)??;
            subjects += settled.subjects;
            told(subjects);
            if !settled.rest {
                return Ok(subjects);
            }
        }
    }

    /// Notices whatever has fallen due by `now` and puts a notice of each new breach in the outbox: each once, however often this is called
    /// and however long it was not. How many subjects were judged again.
    ///
    /// # Errors
    /// What the machine says.
    pub fn sweep(&self, now: Moment) -> Result<usize, RegisterError> {
        self.settle(now)
    }

    /// Does something with one of the readers.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&mut Access) -> Result<T, RegisterError>) -> Result<T, RegisterError> {
        let first = self.0.next_reader.fetch_add(1, Ordering::Relaxed);
        let readers = &self.0.readers;
        let free = (0..readers.len()).find_map(|step| readers[(first + step) % readers.len()].try_lock().ok());
        let mut access = free.unwrap_or_else(|| readers[first % readers.len()].lock().unwrap_or_else(PoisonError::into_inner));
        access.store.begin_reading()?;
        let done = work(&mut access);
        access.store.rollback();
        done
    }

    /// The codebook in force.
    #[must_use]
    pub fn codebook(&self) -> &Arc<Codebook> {
        &self.0.codebook
    }

    /// Where it is kept.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// The log's origin.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.0.origin
    }

    /// Who decides who may record and read what.
    #[must_use]
    pub fn authority(&self) -> &Arc<dyn Authorise> {
        &self.0.authority
    }

    /// The entries that name a subject, as known at a moment (`None`: now), corrections brought in, in the order of the log.
    ///
    /// # Errors
    /// [`RegisterError::Absent`] for a subject that no entry names.
    pub fn history(&self, class: &str, id: &str, known_at: Option<Moment>) -> Result<Vec<Entry>, RegisterError> {
        self.read(|access| {
            let row = access.store.subject(class, id)?.ok_or_else(|| RegisterError::Absent { what: format!("{class} `{id}`") })?;
            let indexes = access.store.naming(row.number)?;
            reading::history(access, &indexes, known_at)
        })
    }

    /// One entry by its id, as it was made.
    ///
    /// # Errors
    /// [`RegisterError::Absent`].
    pub fn entry(&self, id: &str) -> Result<Entry, RegisterError> {
        self.read(|access| {
            let absent = || RegisterError::Absent { what: format!("entry `{id}`") };
            let index = access.store.index_of(id)?.ok_or_else(absent)?;
            let entry = access.entry(index)?.ok_or_else(absent)?;
            reading::plain(&access.codebook, &entry)
        })
    }

    /// Entries from an index on, as they were made, at most `limit`. Those whose kind the keys here do not open are left out.
    ///
    /// # Errors
    /// What the machine says.
    pub fn scan(&self, first: u64, limit: u32) -> Result<Vec<Entry>, RegisterError> {
        self.read(|access| {
            let mut entries = Vec::new();
            for row in access.store.events(first, limit)? {
                if let Some(entry) = access.entry(row.index)? {
                    entries.push(reading::plain(&access.codebook, &entry)?);
                }
            }
            Ok(entries)
        })
    }

    /// What earlier entries tie a subject to: for rules of access that turn on a custody's person or place.
    ///
    /// # Errors
    /// What the machine says.
    pub fn ties(&self, class: &str, id: &str) -> Result<Ties, RegisterError> {
        self.read(|access| {
            let codebook = Arc::clone(&access.codebook);
            let class = codebook.class_named(class).ok_or_else(|| RegisterError::Absent { what: format!("class `{class}`") })?;
            door::ties(access, &codebook, &[(class, id.to_owned())])
        })
    }

    /// Judges one subject afresh at `now` and hands the hearing and its rows over: for explanations, and for whoever wants the monitor's
    /// own rows.
    ///
    /// # Errors
    /// [`RegisterError::Absent`] for a subject that no entry names.
    pub fn hear(
        &self,
        class: &str,
        id: &str,
        now: Moment,
        tell: &mut dyn FnMut(&habeas_monitor::Hearing<'_>, &[habeas_monitor::Row]),
    ) -> Result<(), RegisterError> {
        let monitor = self.0.judge.monitor(&self.0.codebook);
        self.read(|access| {
            let row = access.store.subject(class, id)?.ok_or_else(|| RegisterError::Absent { what: format!("{class} `{id}`") })?;
            judging::judge_fresh(access, monitor, row.number, now, tell)
        })
    }

    /// Subjects of a class (`custody`) whose life has not closed, at a place or anywhere; at most `limit`, after the cursor.
    ///
    /// # Errors
    /// What the machine says.
    pub fn subjects_open(&self, class: &str, place: Option<&str>, after: Option<i64>, limit: u32) -> Result<Vec<Life>, RegisterError> {
        self.lives(true, (class, place), after, limit)
    }

    /// The same, all of them: a list of whom somebody is responsible for leaves nobody out.
    ///
    /// # Errors
    /// What the machine says.
    pub fn all_open(&self, class: &str, place: Option<&str>) -> Result<Vec<Life>, RegisterError> {
        self.subjects_open(class, place, None, u32::MAX)
    }

    /// Subjects of a class, also those whose life has closed; as [`Register::subjects_open`] else.
    ///
    /// # Errors
    /// What the machine says.
    pub fn subjects(&self, class: &str, place: Option<&str>, after: Option<i64>, limit: u32) -> Result<Vec<Life>, RegisterError> {
        self.lives(false, (class, place), after, limit)
    }

    fn lives(&self, is_open: bool, of: (&str, Option<&str>), after: Option<i64>, limit: u32) -> Result<Vec<Life>, RegisterError> {
        self.read(|access| {
            let rows = access.store.lives(is_open, of, after.unwrap_or(i64::MIN), limit)?;
            Ok(rows.into_iter().map(|(subject, life)| Life::of(subject, life)).collect())
        })
    }

    /// Life and place of one subject.
    ///
    /// # Errors
    /// What the machine says.
    pub fn life(&self, class: &str, id: &str) -> Result<Option<Life>, RegisterError> {
        self.read(|access| {
            let Some(row) = access.store.subject(class, id)? else { return Ok(None) };
            let life = access.store.life(row.number)?;
            Ok(life.map(|life| Life::of(row, life)))
        })
    }

    /// Tells of every commit from now on. A listener that falls far behind is dropped: its line ends, and it should read anew.
    #[must_use]
    pub fn changes(&self) -> Receiver<Change> {
        let (teller, listener) = mpsc::sync_channel(BEHIND);
        self.0.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(teller);
        listener
    }

    /// The newest checkpoint, signed.
    ///
    /// # Errors
    /// What the machine says.
    pub fn checkpoint(&self) -> Result<Signed, RegisterError> {
        self.read(|access| self.sign(access))
    }

    /// The key that this log signs with.
    pub(crate) fn log_key(&self) -> habeas_ledger::note::VerifierKey {
        self.0.keys.log.verifier().clone()
    }

    /// The root of the first `size` entries as they are stored now; nothing where there are not so many.
    pub(crate) fn root_at(&self, size: u64) -> Result<Option<Hash>, RegisterError> {
        self.read(|access| {
            let stored = access.store.edge()?.unwrap_or_default().size();
            (size <= stored).then(|| access.root(size)).transpose()
        })
    }

    /// A checkpoint of the first `size` entries, signed.
    pub(crate) fn checkpoint_at(&self, size: u64) -> Result<String, RegisterError> {
        let root = self.read(|access| access.root(size))?;
        Ok(Checkpoint::new(&self.0.origin, size, root).sign(&self.0.keys.log)?.to_string())
    }

    fn sign(&self, access: &mut Access) -> Result<Signed, RegisterError> {
        self.0.stopped.get().map_or(Ok(()), |why| Err(why.clone()))?;
        let edge = access.store.edge()?.unwrap_or_default();
        let (size, root) = (edge.size(), edge.root());
        let note = Checkpoint::new(&self.0.origin, size, root).sign(&self.0.keys.log)?.to_string();
        Ok(Signed { size, root, note })
    }

    /// The checkpoints that left the house: size and note.
    ///
    /// # Errors
    /// What the machine says.
    pub fn checkpoints(&self) -> Result<Vec<(u64, String)>, RegisterError> {
        self.read(|access| access.store.checkpoints())
    }

    /// As [`Register::receipt`], and it opens every field of the entry, where all of its parts open here; else none. For whoever hands a
    /// whole record on: it can then be checked word by word.
    ///
    /// # Errors
    /// As [`Register::receipt`].
    pub fn open_receipt(&self, index: u64) -> Result<String, RegisterError> {
        let witnessed = self.witnessed_over(index)?;
        self.read(|access| {
            let row = access.store.event(index)?.ok_or_else(|| RegisterError::Absent { what: format!("entry {index}") })?;
            let signed = witnessed.map_or_else(|| self.sign(access), Ok)?;
            let header = Header::decode(&row.header)?;
            let open = access.open_parts(&header, &row.parts)?;
            let fields: Vec<Field> = open.fields.into_iter().map(|placed| placed.field).collect();
            let count = if open.sealed.is_empty() { u32::try_from(fields.len()).unwrap_or(0).min(255) } else { 0 };
            let openings = (0..count).map(|place| fields::open(&fields, place)).collect::<Result<_, _>>()?;
            let extra = Shown { header, openings }.to_bytes()?;
            let path = access.prove(index, signed.size)?;
            Ok(Proof { extra: Some(extra), index, path, checkpoint: signed.note }.to_string())
        })
    }

    /// The receipt of an entry: a C2SP tlog-proof that anybody can check without a network. It carries the newest checkpoint that witnesses
    /// have cosigned, if that counts the entry; else the newest at all, and witnesses are asked at once.
    ///
    /// # Errors
    /// [`RegisterError::Absent`] for an index that is not there.
    pub fn receipt(&self, index: u64) -> Result<String, RegisterError> {
        self.want_witnesses();
        let witnessed = self.witnessed_over(index)?;
        let (proof, signed) = self.read(|access| {
            let row = access.store.event(index)?.ok_or_else(|| RegisterError::Absent { what: format!("entry {index}") })?;
            let signed = witnessed.map_or_else(|| self.sign(access), Ok)?;
            let extra = Shown { header: Header::decode(&row.header)?, openings: Vec::new() }.to_bytes()?;
            let path = access.prove(index, signed.size)?;
            Ok((Proof { extra: Some(extra), index, path, checkpoint: signed.note.clone() }, signed))
        })?;
        // A reader beside the writer keeps nothing: the checkpoint is then held to by whoever holds the receipt.
        if self.0.tasks.is_some() {
            self.keep(signed)?;
        }
        Ok(proof.to_string())
    }

    /// Asks that witnesses be shown the log at once.
    pub fn want_witnesses(&self) {
        self.0.wanted.store(true, Ordering::Relaxed);
    }

    /// Whether somebody has asked for witnesses since this was last called.
    #[must_use]
    pub fn take_wanted(&self) -> bool {
        self.0.wanted.swap(false, Ordering::Relaxed)
    }

    /// Keeps a checkpoint that leaves the house, so that the register can be held to it.
    fn keep(&self, signed: Signed) -> Result<(), RegisterError> {
        self.run(move |access| access.store.put_checkpoint(signed.size, &signed.note))
    }

    /// A file of the log as C2SP tlog-tiles lays it out (`tile/0/000`, `tile/entries/000`); nothing where it has no such file.
    ///
    /// # Errors
    /// What the machine says.
    pub fn tile(&self, path: &str) -> Result<Option<Vec<u8>>, RegisterError> {
        self.read(|access| Ok(access.files().file(path)?))
    }

    /// Which classes this process can open.
    #[must_use]
    pub fn opens(&self) -> BTreeSet<&'static str> {
        let here = self.0.keys.authorities.iter().filter(|(_, authority)| authority.private.is_some());
        here.map(|(class, _)| class.word()).collect()
    }

    /// The class of subjects of this name.
    #[must_use]
    pub fn class(&self, name: &str) -> Option<ClassId> {
        self.0.codebook.class_named(name)
    }
}
