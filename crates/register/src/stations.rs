//! Stations that work without a line, as their centre sees them. Each keeps a log of its own; what it hands over is checked, kept as it
//! came, countersigned, and entered in the centre's own log, so that one quorum of witnesses covers all.
//!
//! The centre is a station's first witness: of two histories it keeps the one that it saw first, and the other's signed checkpoint as
//! evidence. What a station has sealed stays sealed: its keys are its own. Nothing here knows a network.
//!
//! | below `stations/<name>/` | what it is |
//! | --- | --- |
//! | `register.db` | the station's log, as `habeas verify` reads it |
//! | `policy` | the station's key and the centre's: what verifying believes |
//! | `waiting/` | parcels that came before the one they follow |
//! | `fork-….evidence` | two signed checkpoints that cannot both be true |

use crate::access::{Access, StoredFiles};
use crate::door::Task;
use crate::draft::{Draft, exactly};
use crate::error::RegisterError;
use crate::reading::Signed;
use crate::register::Register;
use crate::store::{EventRow, FileRow, Sqlite, Store};
use crate::witnessed::REGISTER;
use habeas_codebook::moment::Moment;
use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::cosignature::CosignerKey;
use habeas_ledger::leaf::Header;
use habeas_ledger::merkle::{Edge, Hash, leaf_hash};
use habeas_ledger::note::{Note, VerifierKey};
use habeas_ledger::parcel::{Carried, CarriedFile, ENTRIES_LIMIT, Found, Parcel};
use habeas_ledger::tile::{self, TileHashes};
use std::cell::RefCell;
use std::path::{Path, PathBuf};

/// The setting of a kept log that holds its newest countersigned checkpoint.
const NEWEST: &str = "newest checkpoint";
/// The setting of a station that holds how many of its entries the centre has.
const HANDED_OVER: &str = "handed over";
/// The setting of a station that holds when it last entered a checkpoint of the centre.
const CENTRE_SEEN: &str = "centre seen";

/// How often a station enters the centre's newest checkpoint: an entry for each contact would give the next contact something to hand over.
const CENTRE_EVERY: i64 = 3_600 * 1_000_000;

/// Parcels that may wait for the one before them.
const WAITING_LIMIT: usize = 256;

/// Bytes of files in one parcel, unless one entry alone has more: what an entry may have fits into what a centre reads.
const FILES_LIMIT: usize = crate::draft::LARGEST_TOGETHER;

/// The kind by which a station's checkpoint stands in the centre's log.
const STATION_CHECKPOINT: &str = "station checkpoint";

/// What the centre answers.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// It has the log up to here, and signs for it.
    Taken {
        /// Entries that it has.
        size: u64,
        /// The station's checkpoint with the centre's cosignature.
        checkpoint: String,
        /// The newest checkpoint of the centre's own log: a lower bound in time for what the station enters next.
        centre: String,
    },
    /// It lacks what comes before; what came is kept until then.
    Ahead {
        /// Entries that it has.
        size: u64,
    },
    /// The station has signed two histories. The centre keeps the one that it saw first, and both notes.
    Forked {
        /// Both notes, with what they contradict each other in.
        evidence: String,
    },
}

/// A station as its centre knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its log's origin.
    pub origin: String,
    /// Entries that the centre has.
    pub size: u64,
    /// When they were countersigned last.
    pub heard_at: Option<Moment>,
    /// Parcels that wait for one before them.
    pub waiting: usize,
    /// Evidence of a second history.
    pub forks: Vec<PathBuf>,
}

/// The stations of a centre.
pub struct Stations {
    folder: PathBuf,
    keys: Vec<VerifierKey>,
    register: Register,
    cosigner: CosignerKey,
}

fn refuse(path: &Path, why: &std::io::Error) -> RegisterError {
    RegisterError::File { path: path.to_owned(), why: why.to_string() }
}

/// Where a centre keeps the log of a station: below its data folder.
#[must_use]
pub fn kept_in(data: &Path, origin: &str) -> PathBuf {
    data.join("stations").join(folder_name(origin))
}

/// A log's name as a folder's.
fn folder_name(origin: &str) -> String {
    Hash::of(origin.as_bytes()).to_hex()[..16].to_owned()
}

fn moment(seconds: u64) -> Moment {
    Moment(i64::try_from(seconds).unwrap_or(i64::MAX / 1_000_000).saturating_mul(1_000_000))
}

impl Stations {
    /// The stations whose keys are given, kept below the centre's data folder.
    #[must_use]
    pub fn new(data: &Path, keys: Vec<VerifierKey>, register: Register, cosigner: CosignerKey) -> Self {
        Stations { folder: data.join("stations"), keys, register, cosigner }
    }

    /// Takes a parcel, whatever came before: twice the same is once, and one that comes too early waits.
    ///
    /// # Errors
    /// [`RegisterError::Absent`] for a station that the centre does not know; bytes that are no parcel, or one that proves nothing;
    /// trouble with the machine. Then nothing was taken.
    pub fn take(&self, bytes: &[u8], now: Moment) -> Result<Answer, RegisterError> {
        let parcel = Parcel::from_bytes(bytes)?;
        let origin = parcel.origin()?;
        // A station that has changed its key is known by both for a while: the one that has signed counts.
        let of_it = || self.keys.iter().filter(|key| key.name() == origin);
        let signed = of_it().find(|key| Checkpoint::open(parcel.note.as_bytes(), std::slice::from_ref(*key)).is_ok());
        let key = signed.or_else(|| of_it().next());
        let key = key.ok_or_else(|| RegisterError::Absent { what: format!("a station whose log is `{origin}`") })?;
        let folder = self.folder.join(folder_name(&origin));
        let mut kept = Kept::open(&folder, key, self.cosigner.verifier())?;
        // What a crash left unsaid in the centre's log is said first.
        self.enter_kept(&mut kept, now)?;
        let answer = self.judge(&parcel, bytes, key, &mut kept, now)?;
        if !matches!(answer, Answer::Taken { .. }) {
            return Ok(answer);
        }
        self.take_waiting(key, &mut kept, now)?;
        self.taken(&mut kept)
    }

    fn judge(&self, parcel: &Parcel, bytes: &[u8], key: &VerifierKey, kept: &mut Kept, now: Moment) -> Result<Answer, RegisterError> {
        let size = kept.edge.size();
        let found = parcel.judge(key, size, &TileHashes::new(&StoredFiles::of(&mut kept.store), size))?;
        match found {
            Found::Ahead => {
                kept.put_waiting(parcel.from, bytes)?;
                Ok(Answer::Ahead { size: kept.edge.size() })
            }
            Found::Forked { theirs } => self.keep_fork(kept, &theirs, now),
            Found::Seen => self.taken(kept),
            Found::Continues { edge, kept: passed } => {
                let mut note = Note::parse(parcel.note.as_bytes())?;
                let seconds = u64::try_from(now.0 / 1_000_000).unwrap_or(0);
                note.add(self.cosigner.cosign(&note, seconds)?);
                kept.extend(parcel, *edge, passed, &note.to_string())?;
                self.enter_kept(kept, now)?;
                self.taken(kept)
            }
        }
    }

    /// Takes the parcels that waited for what has now come.
    fn take_waiting(&self, key: &VerifierKey, kept: &mut Kept, now: Moment) -> Result<(), RegisterError> {
        while let Some(path) = kept.next_waiting()? {
            let bytes = std::fs::read(&path).map_err(|error| refuse(&path, &error))?;
            let parcel = Parcel::from_bytes(&bytes)?;
            // Whatever comes of it, it waits no longer: what was a fork is kept as evidence.
            self.judge(&parcel, &bytes, key, kept, now)?;
            std::fs::remove_file(&path).map_err(|error| refuse(&path, &error))?;
        }
        Ok(())
    }

    fn taken(&self, kept: &mut Kept) -> Result<Answer, RegisterError> {
        let checkpoint = kept.store.setting(NEWEST)?.unwrap_or_default();
        let centre = self.register.newest_signed()?;
        Ok(Answer::Taken { size: kept.edge.size(), checkpoint, centre: centre.note })
    }

    /// Enters the newest checkpoint of a kept log in the centre's own; once, however often.
    fn enter_kept(&self, kept: &mut Kept, now: Moment) -> Result<(), RegisterError> {
        let Some(note) = kept.store.setting(NEWEST)? else { return Ok(()) };
        let (checkpoint, opened) = Checkpoint::open(note.as_bytes(), std::slice::from_ref(self.cosigner.verifier()))?;
        let id = format!("station-{}-{}", folder_name(&checkpoint.origin), checkpoint.size);
        if self.register.is_entered(&id)? {
            return Ok(());
        }
        let at = opened.verified.iter().find_map(|verified| verified.time).map_or(now, moment);
        let draft = drafted(&id, &checkpoint, "continues", &note, at);
        self.register.enter_own(draft, now.max(at)).map(|_| ())
    }

    /// Keeps both signed checkpoints of a station that has two histories, and enters that it has.
    fn keep_fork(&self, kept: &mut Kept, theirs: &str, now: Moment) -> Result<Answer, RegisterError> {
        let ours = kept.store.setting(NEWEST)?.unwrap_or_default();
        let signed = Checkpoint::parse(Note::parse(theirs.as_bytes())?.unverified_text())?;
        let at_size = Hash::of(theirs.as_bytes()).to_hex();
        let kept_root = kept.root(signed.size.min(kept.edge.size()))?;
        let evidence = format!(
            "The log `{}` has two histories, both signed with its key.\n\
             For {} entries one checkpoint says {}; the entries that the centre holds give {kept_root}.\n\
             Check it: habeas verify fork OURS THEIRS --policy POLICY\n\n--- ours ---\n{ours}\n--- theirs ---\n{theirs}",
            signed.origin, signed.size, signed.root
        );
        let path = kept.folder.join(format!("fork-{}-{}.evidence", signed.size, &at_size[..8]));
        std::fs::write(&path, &evidence).map_err(|error| refuse(&path, &error))?;
        for (name, note) in [("ours", &ours), ("theirs", &theirs.to_owned())] {
            let path = path.with_extension(format!("{name}.note"));
            std::fs::write(&path, note).map_err(|error| refuse(&path, &error))?;
        }
        let id = format!("fork-{}-{}", folder_name(&signed.origin), &at_size[..16]);
        if !self.register.is_entered(&id)? {
            let draft = drafted(&id, &signed, "forked", theirs, now).with("other note", ours);
            self.register.enter_own(draft, now)?;
        }
        Ok(Answer::Forked { evidence })
    }

    /// All stations that the centre knows.
    ///
    /// # Errors
    /// A kept log that cannot be read.
    pub fn list(&self) -> Result<Vec<Known>, RegisterError> {
        let is_first = |(place, key): &(usize, &VerifierKey)| self.keys[..*place].iter().all(|before| before.name() != key.name());
        self.keys.iter().enumerate().filter(is_first).map(|(_, key)| self.known(key)).collect()
    }

    fn known(&self, key: &VerifierKey) -> Result<Known, RegisterError> {
        let folder = self.folder.join(folder_name(key.name()));
        let mut known = Known { origin: key.name().to_owned(), size: 0, heard_at: None, waiting: 0, forks: Vec::new() };
        if !folder.join("register.db").is_file() {
            return Ok(known);
        }
        let mut kept = Kept::open(&folder, key, self.cosigner.verifier())?;
        known.size = kept.edge.size();
        if let Some(note) = kept.store.setting(NEWEST)? {
            let (_, opened) = Checkpoint::open(note.as_bytes(), std::slice::from_ref(self.cosigner.verifier()))?;
            known.heard_at = opened.verified.iter().find_map(|verified| verified.time).map(moment);
        }
        known.waiting = kept.waiting()?.len();
        let files = std::fs::read_dir(&folder).map_err(|error| refuse(&folder, &error))?.filter_map(Result::ok).map(|entry| entry.path());
        known.forks = files.filter(|path| path.extension().is_some_and(|ending| ending == "evidence")).collect();
        known.forks.sort();
        Ok(known)
    }
}

fn drafted(id: &str, checkpoint: &Checkpoint, finding: &str, note: &str, at: Moment) -> Draft {
    Draft::new(id, STATION_CHECKPOINT, exactly(at), &REGISTER)
        .with("station log", checkpoint.origin.as_str())
        .with("size", checkpoint.size)
        .with("root", checkpoint.root.to_string())
        .with("finding", finding)
        .with("signed note", note)
}

/// A station's log as the centre keeps it.
struct Kept {
    folder: PathBuf,
    store: Sqlite,
    edge: Edge,
}

impl Kept {
    fn open(folder: &Path, key: &VerifierKey, centre: &VerifierKey) -> Result<Self, RegisterError> {
        std::fs::create_dir_all(folder.join("waiting")).map_err(|error| refuse(folder, &error))?;
        let mut store = Sqlite::writer(&folder.join("register.db"))?;
        if store.setting("origin")?.is_none() {
            store.begin()?;
            store.set("origin", key.name())?;
            store.commit()?;
            let policy = folder.join("policy");
            let text = format!("log {key}\nwitness centre {centre}\nquorum centre\n");
            std::fs::write(&policy, text).map_err(|error| refuse(&policy, &error))?;
        }
        let policy = folder.join("policy");
        let text = std::fs::read_to_string(&policy).map_err(|error| refuse(&policy, &error))?;
        if !text.lines().any(|line| line == format!("log {key}")) {
            std::fs::write(&policy, format!("log {key}\n{text}")).map_err(|error| refuse(&policy, &error))?;
        }
        let edge = store.edge()?.unwrap_or_default();
        Ok(Kept { folder: folder.to_owned(), store, edge })
    }

    fn root(&mut self, size: u64) -> Result<Hash, RegisterError> {
        let whole = self.edge.size();
        let files = StoredFiles::of(&mut self.store);
        Ok(habeas_ledger::merkle::root(&TileHashes::new(&files, whole), size)?)
    }

    /// Adds the entries of a parcel that are new, with the countersigned checkpoint, in one transaction.
    fn extend(&mut self, parcel: &Parcel, edge: Edge, passed: usize, note: &str) -> Result<(), RegisterError> {
        self.store.begin()?;
        let done = self.put(parcel, passed, note, &edge).and_then(|()| self.store.commit());
        if let Err(error) = done {
            self.store.rollback();
            return Err(error);
        }
        self.edge = edge;
        Ok(())
    }

    fn put(&mut self, parcel: &Parcel, passed: usize, note: &str, after: &Edge) -> Result<(), RegisterError> {
        let mut edge = self.edge.clone();
        for entry in parcel.entries.iter().skip(passed) {
            let Carried { header, parts, files } = entry;
            let row = EventRow { index: edge.size(), leaf: leaf_hash(header), header: header.clone(), parts: parts.clone() };
            self.store.put_event(&row)?;
            for (place, (class, sealed)) in (0..).zip(files) {
                self.store.put_file(&FileRow { index: row.index, place, class: *class, sealed: sealed.clone() })?;
            }
            let mut nodes = Vec::new();
            edge.push_noting(row.leaf, |level, place, hash| {
                if level > 0 && level % tile::HEIGHT == 0 {
                    nodes.push((level, place, hash));
                }
            });
            for (level, place, hash) in nodes {
                self.store.put_node(level, place, &hash)?;
            }
        }
        self.store.set_edge(after)?;
        self.store.put_checkpoint(after.size(), note)?;
        self.store.set(NEWEST, note)
    }

    fn waiting(&self) -> Result<Vec<(u64, PathBuf)>, RegisterError> {
        let folder = self.folder.join("waiting");
        let files = std::fs::read_dir(&folder).map_err(|error| refuse(&folder, &error))?.filter_map(Result::ok).map(|entry| entry.path());
        let number = |path: PathBuf| {
            let from = path.file_stem()?.to_str()?.split('-').next()?.parse().ok()?;
            path.extension().is_some_and(|ending| ending == "parcel").then_some((from, path))
        };
        let mut waiting: Vec<(u64, PathBuf)> = files.filter_map(number).collect();
        waiting.sort();
        Ok(waiting)
    }

    fn next_waiting(&self) -> Result<Option<PathBuf>, RegisterError> {
        let size = self.edge.size();
        Ok(self.waiting()?.into_iter().find(|(from, _)| *from <= size).map(|(_, path)| path))
    }

    /// Puts a parcel by until the one before it has come.
    fn put_waiting(&self, from: u64, bytes: &[u8]) -> Result<(), RegisterError> {
        let folder = self.folder.join("waiting");
        if self.waiting()?.len() >= WAITING_LIMIT {
            let why = format!("{WAITING_LIMIT} parcels wait for earlier ones; bring those first");
            return Err(RegisterError::File { path: folder, why });
        }
        let path = folder.join(format!("{from}-{}.parcel", &Hash::of(bytes).to_hex()[..8]));
        let new = path.with_extension("new");
        std::fs::write(&new, bytes).and_then(|()| std::fs::rename(&new, &path)).map_err(|error| refuse(&path, &error))
    }
}

impl StoredFiles<'_> {
    fn of(store: &mut Sqlite) -> StoredFiles<'_> {
        StoredFiles(RefCell::new(store))
    }
}

/// The sealed files of an entry, in the order of its header.
fn files_of(access: &mut Access, row: &EventRow) -> Result<Vec<CarriedFile>, RegisterError> {
    let count = Header::decode(&row.header)?.attachments.len();
    let mut files = Vec::with_capacity(count);
    for (place, _) in (0..).zip(0..count) {
        let lost = || RegisterError::Damaged { index: row.index, why: format!("its file {place} is not there") };
        let file = access.store.file(row.index, place)?.ok_or_else(lost)?;
        files.push((file.class, file.sealed));
    }
    Ok(files)
}

impl Register {
    /// The newest checkpoint that witnesses have cosigned, else the newest at all.
    fn newest_signed(&self) -> Result<Signed, RegisterError> {
        self.witnessed_over(0)?.map_or_else(|| self.checkpoint(), Ok)
    }

    /// The next parcel for the centre: what comes after the first `from` entries; nothing where there is nothing new.
    ///
    /// # Errors
    /// [`RegisterError::Absent`] where the log is shorter; what the machine says.
    pub fn parcel(&self, from: u64) -> Result<Option<Parcel>, RegisterError> {
        let most = u32::try_from(ENTRIES_LIMIT).unwrap_or(u32::MAX);
        let entries = self.read(|access| {
            if access.store.size()? < from {
                return Err(RegisterError::Absent { what: format!("entry {from}, from which the centre wants to go on,") });
            }
            let mut entries = Vec::new();
            let mut room = FILES_LIMIT;
            for row in access.store.events(from, most)? {
                let files = files_of(access, &row)?;
                let size: usize = files.iter().map(|(_, file)| file.as_ref().map_or(0, Vec::len)).sum();
                if size > room && !entries.is_empty() {
                    break;
                }
                room = room.saturating_sub(size);
                entries.push(Carried { header: row.header, parts: row.parts, files });
            }
            Ok(entries)
        })?;
        if entries.is_empty() {
            return Ok(None);
        }
        let before = if from == 0 { String::new() } else { self.checkpoint_at(from)? };
        let note = self.checkpoint_at(from + entries.len() as u64)?;
        Ok(Some(Parcel { from, before, note, entries }))
    }

    /// How many entries the centre has, as it said last.
    ///
    /// # Errors
    /// What the machine says.
    pub fn handed_over(&self) -> Result<u64, RegisterError> {
        Ok(self.read(|access| access.store.setting(HANDED_OVER))?.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// Keeps what the centre answered: its signature under our checkpoint, which later entries carry as their lower bound, and the
    /// newest checkpoint of its own log as an entry of ours.
    ///
    /// # Errors
    /// A checkpoint that this log does not give, or that a key other than the centre's has signed; what the machine says.
    pub fn keep_answer(&self, size: u64, checkpoint: &str, centre: &str, key: &VerifierKey, now: Moment) -> Result<(), RegisterError> {
        let (ours, opened) = Checkpoint::open(checkpoint.as_bytes(), std::slice::from_ref(key))?;
        let fits = self.read(|access| Ok(access.store.size()? >= ours.size && access.root(ours.size)? == ours.root))?;
        if ours.origin != self.origin() || ours.size != size || !fits {
            let why = format!("the centre signed for {} entries of `{}`, which this log does not give", ours.size, ours.origin);
            return Err(RegisterError::Store { why });
        }
        let beacon = habeas_ledger::leaf::Beacon { size: ours.size, root: ours.root };
        let witnessed = Some((crate::witnessed::WITNESSED, beacon));
        let (answer, answered) = std::sync::mpsc::channel();
        self.send(Task::Witnessed { size, note: checkpoint.to_owned(), witnessed, answer })?;
        answered.recv().map_err(|_| RegisterError::Closed)??;
        self.run(move |access| access.store.set(HANDED_OVER, &size.to_string()))?;
        let at = opened.verified.iter().find_map(|verified| verified.time).map_or(now, moment).min(now);
        self.enter_centre(centre, key.name(), at, now)
    }

    /// Enters the newest checkpoint of the centre, at most once an hour.
    fn enter_centre(&self, centre: &str, watcher: &str, at: Moment, now: Moment) -> Result<(), RegisterError> {
        let checkpoint = Checkpoint::parse(Note::parse(centre.as_bytes())?.unverified_text())?;
        let seen = self.read(|access| access.store.setting(CENTRE_SEEN))?.and_then(|text| text.parse::<i64>().ok());
        if seen.is_some_and(|seen| now.0.saturating_sub(seen) < CENTRE_EVERY) {
            return Ok(());
        }
        let id = format!("centre-{}-{}", checkpoint.size, &Hash::of(centre.as_bytes()).to_hex()[..8]);
        let draft = Draft::new(&id, "checkpoint witnessed", exactly(at), &REGISTER)
            .with("log name", checkpoint.origin.as_str())
            .with("size", checkpoint.size)
            .with("root", checkpoint.root.to_string())
            .with("watchers", vec![watcher])
            .with("signed note", centre);
        if !self.is_entered(&id)? {
            self.enter_own(draft, now)?;
        }
        self.run(move |access| access.store.set(CENTRE_SEEN, &now.0.to_string()))
    }
}
