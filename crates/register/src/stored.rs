//! A register's database as a log that can be verified: opened for reading only, repaired never. What a reader believes is derived from
//! bytes that a leaf covers: indexes beside the events are checked against the events, not trusted.

use crate::access::{Access, KEPT_BY_WRITER, StoredFiles};
use crate::entry;
use crate::error::RegisterError;
use crate::keys::{KeyRing, Keys};
use crate::place::refuse_moved;
use crate::register::Place;
use crate::register::hash_of_files;
use crate::replay;
use crate::store::rows::{self, Cell};
use crate::store::{EventRow, Store};
use crate::succession;
use habeas_codebook::moment::Precision;
use habeas_codebook::tree::Codebook;
use habeas_ledger::LedgerError;
use habeas_ledger::leaf::{Class, Handle, Header};
use habeas_ledger::merkle::{Edge, Hash};
use habeas_ledger::tile::{self, Files};
use habeas_ledger::verify::{Code, Finding, Kept, KeptFile, Opened, Part, Stored, StoredLog};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Entries read at once.
const AT_ONCE: u32 = 1_024;

/// The kind of an entry that orders an erasure.
pub(crate) const ERASURE: &str = "keys_destroyed";

/// The kind of the entry that says that it was carried out.
pub(crate) const ERASED: &str = "destruction_done";

/// The kind of an entry by which a station's checkpoint stands in its centre's log.
const STATION_CHECKPOINT: &str = "station_checkpoint";

/// A register's database, opened for verification.
pub struct StoredRegister {
    /// The file or address, for messages.
    shown: String,
    note: PathBuf,
    origin: String,
    size: u64,
    place: Place,
    /// Index of the order by which the parts of a record and class were erased.
    orders: BTreeMap<(Handle, Class), u64>,
    store: RefCell<Box<dyn Store>>,
    opener: Option<RefCell<Access>>,
    /// Whether everything derived is made again and compared.
    deep: bool,
    /// Checkpoints of this log that somebody else holds: name and note.
    held: Vec<(String, String)>,
}

/// What a centre's own entries say of a station: checkpoints that both have signed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    /// The station's log.
    pub origin: String,
    /// Name for messages, and note.
    pub notes: Vec<(String, String)>,
}

impl StoredRegister {
    /// Opens the register in a folder. With keys and their codebook, bodies are opened and their fields checked too.
    ///
    /// # Errors
    /// A folder that holds no register, or a file that cannot be read at all.
    pub fn open(folder: &Path, keys: Option<(Keys, Arc<Codebook>)>) -> Result<Self, RegisterError> {
        Self::open_at(&Place::Sqlite(folder.to_owned()), keys)
    }

    /// The same wherever the entries are kept. The folder of a database of PostgreSQL need not be there: then keys stay closed and
    /// `last.note` is not known.
    ///
    /// # Errors
    /// As [`StoredRegister::open`], and a database that does not answer.
    pub fn open_at(place: &Place, keys: Option<(Keys, Arc<Codebook>)>) -> Result<Self, RegisterError> {
        let folder = place.folder();
        let shown = match place {
            Place::Sqlite(_) => {
                let path = folder.join("register.db");
                if !path.is_file() {
                    return Err(RegisterError::File { path, why: "there is no register here".to_owned() });
                }
                path.display().to_string()
            }
            Place::Postgres { .. } => place.to_string(),
        };
        let mut store = place.reader()?;
        let origin = store.setting("origin")?.unwrap_or_default();
        let size = store.size()?;
        let opener = match keys {
            Some((keys, codebook)) => {
                let ring = KeyRing::open_reader(&folder.join("keys.db"), keys)?;
                Some(RefCell::new(Access::new(place.reader()?, ring, codebook, (origin.as_str().into(), Arc::default()), KEPT_BY_WRITER)))
            }
            None => None,
        };
        let note = folder.join("last.note");
        let (orders, store) = (BTreeMap::new(), RefCell::new(store));
        let mut register =
            StoredRegister { shown, place: place.clone(), note, origin, size, orders, store, opener, deep: false, held: Vec::new() };
        register.find_orders()?;
        Ok(register)
    }

    /// Verification is to make everything derived again too, and to compare it: indexes, subjects, verdicts. Needs the keys, and as much
    /// room for temporary files as the entries take.
    #[must_use]
    pub fn deep(self) -> Self {
        StoredRegister { deep: true, ..self }
    }

    /// The log must also give these checkpoints, which somebody else holds: a name for messages, and the note.
    #[must_use]
    pub fn holding(self, held: Vec<(String, String)>) -> Self {
        StoredRegister { held, ..self }
    }

    /// What the entries of this log, as a centre's, say of its stations. Without the keys to open them, nothing.
    ///
    /// # Errors
    /// What the machine says.
    pub fn stated_of_stations(&self) -> Result<Vec<Stated>, RegisterError> {
        let Some(opener) = &self.opener else { return Ok(Vec::new()) };
        let mut opener = opener.borrow_mut();
        let mut stations: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for index in opener.store.of_header_kind(STATION_CHECKPOINT)? {
            let Ok(Some(entry)) = opener.entry(index) else { continue };
            let text = |name: &str| entry.spelt.iter().find(|(field, ..)| field == name).and_then(|(.., value)| value.as_str());
            let Some(origin) = text("station log") else { continue };
            let notes = stations.entry(origin.to_owned()).or_default();
            let told = |note: &str| (format!("entry {index} of the centre"), note.to_owned());
            notes.extend([text("signed note"), text("other note")].into_iter().flatten().map(told));
        }
        Ok(stations.into_iter().map(|(origin, notes)| Stated { origin, notes }).collect())
    }

    /// Orders to erase, from their own opened fields. Without the keys to open them, an order counts for nothing.
    fn find_orders(&mut self) -> Result<(), RegisterError> {
        let Some(opener) = &self.opener else { return Ok(()) };
        let mut opener = opener.borrow_mut();
        let indexes = opener.store.of_header_kind(ERASURE)?;
        for index in indexes {
            let Ok(Some(order)) = opener.entry(index) else { continue };
            for (handle, class) in entry::erased_by(&order) {
                self.orders.entry((handle, class)).or_insert(index);
            }
        }
        Ok(())
    }

    fn shown(&self, rows: &str) -> String {
        format!("{}, {rows}", self.shown)
    }
}

impl StoredRegister {
    /// Every entry in its order, and what is stored of the tree held against it.
    fn walk(&self, each: &mut dyn FnMut(Stored<'_>)) -> Result<Vec<Finding>, LedgerError> {
        let mut findings: Vec<Finding> = Vec::new();
        if let Err(moved) = refuse_moved(&mut **self.store.borrow_mut()) {
            let finding = Finding::new(Code::Unsigned, moved.to_string(), "the place where it goes on");
            findings.push(finding.file(self.shown.clone()));
        }
        let mut tree = Tree::default();
        let mut next = 0;
        while next < self.size {
            let rows = match self.store.borrow_mut().events(next, AT_ONCE) {
                Ok(rows) => rows,
                Err(error) => {
                    let finding = Finding::new(Code::Container, error.to_string(), "rows that can be read");
                    findings.push(finding.over(next, self.size - 1).file(self.shown.clone()));
                    return Ok(findings);
                }
            };
            if rows.is_empty() {
                break;
            }
            for row in rows {
                // A place without a row is told by the walk, which ends there: it has neither entry nor leaf hash. However many are missing
                // (an index may have been written by hand), one tells it.
                if next < row.index {
                    each(Stored { bytes: None, leaf: None, parts: None });
                }
                let parts: Vec<Part<'_>> = row.parts.iter().map(|(class, sealed)| Part { class: *class, sealed }).collect();
                each(Stored { bytes: Some(&row.header), leaf: Some(row.leaf), parts: Some(&parts) });
                next = row.index + 1;
                tree.grow(&row);
            }
            tree.compare(self, &mut findings);
        }
        tree.compare_end(self, &mut findings);
        self.check_codebooks(&mut findings)?;
        if self.deep {
            findings.extend(self.replay());
        }
        Ok(findings)
    }

    /// The law that was in force stands beside the entries under its hash, which their headers name.
    fn check_codebooks(&self, findings: &mut Vec<Finding>) -> Result<(), LedgerError> {
        let settings = self.store.borrow_mut().page(&rows::SETTING, None, u32::MAX);
        let unreadable = |error: RegisterError| LedgerError::Unreadable { path: self.shown.clone(), why: error.to_string() };
        for row in settings.map_err(unreadable)? {
            let [Cell::Text(name), Cell::Text(text)] = row.as_slice() else { continue };
            let Some(hash) = name.strip_prefix("codebook ") else { continue };
            let files: Vec<(String, String)> = serde_json::from_str(text).unwrap_or_default();
            let made = hash_of_files(files.iter().map(|(path, text)| (path.as_str(), text.as_str()))).to_hex();
            if made != hash {
                let finding =
                    Finding::new(Code::Container, format!("the codebook kept under {hash} hashes to {made}"), "the law as it was");
                findings.push(finding.file(self.shown("setting")));
            }
        }
        Ok(())
    }

    /// Everything derived, made again and compared.
    fn replay(&self) -> Vec<Finding> {
        let told = |found: String| vec![Finding::new(Code::Sealed, found, "indexes and verdicts made again").file(self.shown.clone())];
        let Some(opener) = &self.opener else {
            return told("what is derived was not compared: the keys are not here".to_owned());
        };
        match replay::compare(&mut opener.borrow_mut(), &self.shown) {
            Ok(findings) => findings,
            Err(error) => told(format!("what is derived was not compared: {error}")),
        }
    }
}

/// Inner hashes and the edge as they are stored, held against those that the stored leaves give.
#[derive(Default)]
struct Tree {
    edge: Edge,
    nodes: Vec<(u8, u64, Hash)>,
    levels: BTreeMap<u8, u64>,
    has_gap: bool,
}

impl Tree {
    fn grow(&mut self, row: &EventRow) {
        self.has_gap |= row.index != self.edge.size();
        let nodes = &mut self.nodes;
        self.edge.push_noting(row.leaf, |level, place, hash| {
            if level > 0 && level % tile::HEIGHT == 0 {
                nodes.push((level, place, hash));
            }
        });
    }

    fn compare(&mut self, log: &StoredRegister, findings: &mut Vec<Finding>) {
        for (level, place, hash) in std::mem::take(&mut self.nodes) {
            self.levels.insert(level, place + 1);
            let stored = log.store.borrow_mut().nodes(level, place, 1).unwrap_or_default().first().copied();
            if stored == Some(hash) || self.has_gap {
                continue;
            }
            let found = stored.map_or_else(|| "no hash is stored".to_owned(), |stored| format!("the stored hash is {stored}"));
            let finding = Finding::new(Code::Tile, found, format!("{hash}, which the leaves give"));
            let (first, count) = (place << level, 1_u64 << level);
            findings.push(finding.over(first, first + count - 1).file(log.shown(&format!("node {level}/{place}"))));
        }
    }

    /// What is stored beyond the last node, and the edge.
    fn compare_end(&self, log: &StoredRegister, findings: &mut Vec<Finding>) {
        let mut store = log.store.borrow_mut();
        for level in (tile::HEIGHT..64).step_by(usize::from(tile::HEIGHT)) {
            let after = self.levels.get(&level).copied().unwrap_or(0);
            if !store.nodes(level, after, 1).unwrap_or_default().is_empty() {
                let finding = Finding::new(Code::Tile, "a hash is stored", "none: the log has fewer entries");
                findings.push(finding.file(log.shown(&format!("node {level}/{after}"))));
            }
        }
        let edge = store.edge();
        if !self.has_gap && edge.as_ref().ok() != Some(&Some(self.edge.clone())) && (self.edge.size() > 0 || matches!(edge, Ok(Some(_)))) {
            let found = edge.map_or_else(|error| error.to_string(), |_| "the stored edge is another".to_owned());
            findings.push(Finding::new(Code::Tile, found, "the edge of the tree that the leaves give").file(log.shown("edge")));
        }
    }
}

impl Files for StoredRegister {
    /// The log as tiles and entry bundles, as C2SP lays them out.
    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        let mut store = self.store.borrow_mut();
        StoredFiles(RefCell::new(&mut **store)).file(path)
    }
}

impl StoredLog for StoredRegister {
    fn origin(&self) -> String {
        self.origin.clone()
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn is_ours(&self) -> bool {
        true
    }

    fn notes(&self) -> Vec<(String, Vec<u8>)> {
        let kept = self.store.borrow_mut().checkpoints().unwrap_or_default();
        let mut notes: Vec<(String, Vec<u8>)> =
            kept.into_iter().map(|(size, note)| (format!("checkpoint of {size} entries"), note.into_bytes())).collect();
        if let Ok(last) = crate::note::read(&self.note) {
            notes.push(("last.note".to_owned(), last));
        }
        notes.extend(self.held.iter().map(|(name, note)| (name.clone(), note.clone().into_bytes())));
        notes
    }

    fn successions(&self) -> Vec<(String, Vec<u8>)> {
        let notes = succession::notes(&mut **self.store.borrow_mut()).unwrap_or_default();
        notes.into_iter().map(|(name, note)| (self.shown(&name), note.into_bytes())).collect()
    }

    fn read(&self, each: &mut dyn FnMut(Stored<'_>)) -> Result<Vec<Finding>, LedgerError> {
        // The database's own check takes as long as half of the rest, and is nobody's turn.
        std::thread::scope(|scope| {
            let place = &self.place;
            let own = scope.spawn(|| place.reader()?.container());
            let mut findings = self.walk(each)?;
            let lines = own.join().unwrap_or_else(|_| Ok(vec!["its own check came to no end".to_owned()]));
            for line in lines.unwrap_or_else(|error| vec![error.to_string()]) {
                let finding = Finding::new(Code::Container, line, "a database that passes its own check");
                findings.push(finding.file(self.shown.clone()));
            }
            Ok(findings)
        })
    }

    fn kept_in(&self, index: u64) -> Kept {
        Kept { entry: Some(self.shown(&format!("event {index}, header"))), leaf: Some(self.shown(&format!("event {index}, leaf"))) }
    }

    fn erased_by(&self, custody: &Handle, class: Class) -> Option<u64> {
        self.orders.get(&(*custody, class)).copied()
    }

    fn file(&self, index: u64, place: u8) -> Result<KeptFile, LedgerError> {
        let stored = self.store.borrow_mut().file(index, place);
        let unreadable = |error: RegisterError| LedgerError::Unreadable { path: self.shown("file"), why: error.to_string() };
        Ok(match stored.map_err(unreadable)? {
            None => KeptFile::Lost,
            Some(row) => row.sealed.map_or(KeptFile::Erased(row.class), |sealed| KeptFile::Sealed(row.class, sealed)),
        })
    }

    fn open(&self, header: &Header, parts: &[Part<'_>]) -> Result<Option<Opened>, LedgerError> {
        let Some(opener) = &self.opener else { return Ok(None) };
        let mut opener = opener.borrow_mut();
        let owned: Vec<(Class, Vec<u8>)> = parts.iter().map(|part| (part.class, part.sealed.to_vec())).collect();
        let open = match opener.open_parts(header, &owned) {
            Ok(open) => open,
            Err(RegisterError::Ledger(error)) => return Err(error),
            Err(_) => return Err(LedgerError::Closed { what: "a sealed part" }),
        };
        if !open.sealed.is_empty() {
            return Ok(None);
        }
        let fields = open.fields.iter().map(|placed| placed.field.clone()).collect();
        let codebook = Arc::clone(&opener.codebook);
        let known = entry::known(&codebook, header.index, header.clone(), open.fields, Vec::new());
        // What was brought from elsewhere says so, and is not late here.
        let exact = known.filter(|entry| entry.at.precision == Precision::Exact && !entry.ours.iter().any(|(name, _)| name == "source"));
        let happened_at_ms = exact.and_then(|entry| u64::try_from(entry.at.earliest.0 / 1000).ok());
        Ok(Some(Opened { fields, happened_at_ms }))
    }
}
