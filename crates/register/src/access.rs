//! One connection to the store with the keys beside it: entries opened as far as the keys here go, and kept open for a while.

use crate::checking::Law;
use crate::entry::{self, Known, Placed};
use crate::error::RegisterError;
use crate::keys::KeyRing;
use crate::lately::Lately;
use crate::remembering::Memory;
use crate::store::{EventRow, Store};
use crate::succession;
use crate::things::Noting;
use habeas_codebook::tree::{ClassId, Codebook};
use habeas_ledger::leaf::{Class, Handle, Header};
use habeas_ledger::merkle::Hash;
use habeas_ledger::sealing::Place;
use habeas_ledger::tile::{self, Files, Kind, Tile, TileHashes};
use habeas_ledger::{LedgerError, merkle};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Entries that the writer keeps open in memory: as many again, the older ones, are on their way out.
pub(crate) const KEPT_BY_WRITER: usize = 8_192;

/// The same for a reader: a long record, and the next.
pub(crate) const KEPT_BY_READER: usize = 1_024;

/// Subjects whose numbers are remembered.
const MOST_SUBJECTS: usize = 8_192;

/// A connection, the keys, and what was opened.
pub(crate) struct Access {
    pub(crate) store: Box<dyn Store>,
    pub(crate) keys: KeyRing,
    pub(crate) codebook: Arc<Codebook>,
    pub(crate) law: Arc<Law>,
    pub(crate) origin: Arc<str>,
    /// Names of earlier epochs, once an entry of one has been met.
    epochs: Option<Vec<(Hash, String)>>,
    /// What was read to judge whom.
    pub(crate) memory: Memory,
    /// Whether what things have seen is stored; whoever makes it again to compare it trusts nothing stored.
    pub(crate) noting: Option<Noting>,
    cache: Lately<u64, Option<Arc<Known>>>,
    /// Number and handle of subjects, for the writer: nobody else gives or takes them.
    subjects: HashMap<ClassId, Lately<String, (i64, Handle)>>,
    /// How many erasures the cache has seen, of how many there were.
    seen_erasures: u64,
    erasures: Arc<AtomicU64>,
}

/// What came of opening the parts of an entry.
pub(crate) struct OpenParts {
    /// Fields of the parts that are open, in their order.
    pub(crate) fields: Vec<Placed>,
    /// Classes of those that are not: the key is elsewhere, or the part was erased.
    pub(crate) sealed: Vec<Class>,
}

impl Access {
    /// A connection that keeps so many entries open.
    pub(crate) fn new(
        store: Box<dyn Store>,
        keys: KeyRing,
        codebook: Arc<Codebook>,
        (origin, erasures): (Arc<str>, Arc<AtomicU64>),
        kept: usize,
    ) -> Self {
        let seen_erasures = erasures.load(Ordering::Acquire);
        Access {
            store,
            keys,
            law: Arc::new(Law::of(&codebook)),
            codebook,
            origin,
            epochs: None,
            memory: Memory::default(),
            noting: None,
            cache: Lately::new(kept),
            subjects: HashMap::new(),
            seen_erasures,
            erasures,
        }
    }

    /// Tells every connection to forget what it has opened: something was erased.
    pub(crate) fn count_erasure(&mut self) {
        self.erasures.fetch_add(1, Ordering::Release);
        self.forget();
    }

    /// Forgets everything that was opened.
    pub(crate) fn forget(&mut self) {
        self.cache.clear();
        self.subjects.clear();
        self.memory = Memory::default();
        self.keys.forget();
    }

    /// The entry at an index, as far as the keys here open it. `None`: not even its kind.
    pub(crate) fn entry(&mut self, index: u64) -> Result<Option<Arc<Known>>, RegisterError> {
        let erasures = self.erasures.load(Ordering::Acquire);
        if erasures != std::mem::replace(&mut self.seen_erasures, erasures) {
            self.forget();
        }
        if let Some(entry) = self.cache.get(&index) {
            return Ok(entry.clone());
        }
        let row = self.store.event(index)?.ok_or_else(|| RegisterError::Absent { what: format!("entry {index}") })?;
        let entry = self.open(&row)?.map(Arc::new);
        self.cache.insert(index, entry.clone(), 1);
        Ok(entry)
    }

    /// Number and handle of a subject, for the writer.
    pub(crate) fn subject(&mut self, class: ClassId, name: &str) -> Result<Option<(i64, Handle)>, RegisterError> {
        let named = self.subjects.entry(class).or_insert_with(|| Lately::new(MOST_SUBJECTS));
        if let Some(known) = named.get(name) {
            return Ok(Some(*known));
        }
        let Some(row) = self.store.subject(&self.codebook.class(class).name, name)? else { return Ok(None) };
        named.insert(row.name, (row.number, row.handle), 1);
        Ok(Some((row.number, row.handle)))
    }

    /// Keeps an entry open that was just stored, as it would open if it were read: it is wanted at once, to judge whom it touches.
    pub(crate) fn keep(&mut self, index: u64, entry: Option<Known>) {
        self.cache.insert(index, entry.map(Arc::new), 1);
    }

    /// An entry from all its fields, as far as the keys here go.
    pub(crate) fn opened(&self, index: u64, header: Header, fields: Vec<Placed>) -> Option<Known> {
        let closed: Vec<Class> = header.parts.iter().map(|(class, _)| *class).filter(|class| !self.keys.holds(*class)).collect();
        let open = fields.into_iter().filter(|placed| !closed.contains(&placed.class)).collect();
        entry::known(&self.codebook, index, header, open, closed)
    }

    /// Opens an entry as it is stored.
    pub(crate) fn open(&mut self, row: &EventRow) -> Result<Option<Known>, RegisterError> {
        let header = Header::decode(&row.header)?;
        let open = self.open_parts(&header, &row.parts)?;
        Ok(entry::known(&self.codebook, row.index, header, open.fields, open.sealed))
    }

    /// Opens the parts whose keys are here.
    pub(crate) fn open_parts(&mut self, header: &Header, parts: &[(Class, Vec<u8>)]) -> Result<OpenParts, RegisterError> {
        let origin = self.origin_of(header)?;
        let mut open = OpenParts { fields: Vec::new(), sealed: Vec::new() };
        for (class, _) in &header.parts {
            let Some((_, sealed)) = parts.iter().find(|(of, _)| of == class) else {
                open.sealed.push(*class);
                continue;
            };
            let place = Place { origin: &origin, event: header.event, class: *class };
            let keys = self.keys.opening_keys(header.custody, *class)?;
            let Some(text) = keys.iter().find_map(|key| key.open(place, sealed).ok()) else {
                if keys.is_empty() {
                    open.sealed.push(*class);
                    continue;
                }
                return Err(RegisterError::Damaged { index: header.index, why: format!("its {} part does not open", class.word()) });
            };
            let fields = entry::read_part(text.reveal(), *class);
            let damaged = || RegisterError::Damaged { index: header.index, why: format!("its {} part is not in its form", class.word()) };
            open.fields.extend(fields.ok_or_else(damaged)?);
        }
        open.fields.sort_by_key(|placed| placed.place);
        Ok(open)
    }

    /// The name that the log had when an entry was made: parts are bound to it. One of an epoch that nobody knows opens nothing.
    pub(crate) fn origin_of(&mut self, header: &Header) -> Result<Arc<str>, RegisterError> {
        if header.origin == Hash::of(self.origin.as_bytes()) {
            return Ok(Arc::clone(&self.origin));
        }
        let epochs = match &mut self.epochs {
            Some(epochs) => epochs,
            unknown @ None => {
                let stated = succession::kept(&mut *self.store)?;
                let old = stated.iter().map(|stated| stated.old.name());
                unknown.insert(old.map(|name| (Hash::of(name.as_bytes()), name.to_owned())).collect())
            }
        };
        let found = epochs.iter().find(|(hash, _)| *hash == header.origin);
        Ok(found.map_or_else(|| Arc::clone(&self.origin), |(_, name)| name.as_str().into()))
    }

    /// The log as C2SP lays it out in files, read from the store.
    pub(crate) fn files(&mut self) -> StoredFiles<'_> {
        StoredFiles(RefCell::new(&mut *self.store))
    }

    /// Hashes from an entry's sibling up to the root of the tree of `size` entries.
    pub(crate) fn prove(&mut self, index: u64, size: u64) -> Result<Vec<Hash>, RegisterError> {
        Ok(merkle::prove_inclusion(&TileHashes::new(&self.files(), size), index, size)?)
    }

    /// The root of the first `size` entries.
    pub(crate) fn root(&mut self, size: u64) -> Result<Hash, RegisterError> {
        Ok(merkle::root(&TileHashes::new(&self.files(), size), size)?)
    }
}

/// Tiles and entry bundles of the stored log, by their paths.
pub(crate) struct StoredFiles<'a>(pub(crate) RefCell<&'a mut dyn Store>);

impl Files for StoredFiles<'_> {
    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        let Ok(asked) = Tile::parse(path) else { return Ok(None) };
        let unreadable = |error: RegisterError| LedgerError::Unreadable { path: path.to_owned(), why: error.to_string() };
        let mut store = self.0.borrow_mut();
        let first = asked.index.saturating_mul(u64::from(tile::WIDTH));
        match asked.kind {
            Kind::Hashes(level) => {
                let Some(stored) = level.checked_mul(tile::HEIGHT) else { return Ok(None) };
                let hashes = store.nodes(stored, first, asked.width).map_err(unreadable)?;
                let whole = hashes.len() == asked.width as usize;
                Ok(whole.then(|| hashes.iter().flat_map(|hash| hash.0).collect()))
            }
            Kind::Entries => {
                let rows = store.events(first, asked.width).map_err(unreadable)?;
                if rows.len() != asked.width as usize {
                    return Ok(None);
                }
                tile::bundle(rows.iter().map(|row| row.header.as_slice())).map(Some)
            }
        }
    }
}
