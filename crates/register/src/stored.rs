//! A register's database as a log that can be verified: opened for reading only, repaired never. What a reader believes is derived from
//! bytes that a leaf covers: indexes beside the events are checked against the events, not trusted.

use crate::access::Access;
use crate::entry;
use crate::error::RegisterError;
use crate::keys::{KeyRing, Keys};
use crate::store::{Sqlite, Store as _};
use habeas_codebook::moment::Precision;
use habeas_codebook::tree::Codebook;
use habeas_ledger::LedgerError;
use habeas_ledger::leaf::{Class, Handle, Header};
use habeas_ledger::verify::{Code, Finding, Kept, Opened, Part, Stored, StoredLog};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Entries read at once.
const AT_ONCE: u32 = 1_024;

/// The kind of an entry that orders an erasure.
pub(crate) const ERASURE: &str = "keys_destroyed";

/// A register's database, opened for verification.
pub struct StoredRegister {
    path: PathBuf,
    note: PathBuf,
    origin: String,
    size: u64,
    container: Vec<String>,
    /// Index of the order by which the parts of a record and class were erased.
    orders: BTreeMap<(Handle, Class), u64>,
    access: RefCell<Sqlite>,
    opener: Option<RefCell<Access>>,
}

impl StoredRegister {
    /// Opens the register in a folder. With keys and their codebook, bodies are opened and their fields checked too.
    ///
    /// # Errors
    /// A folder that holds no register, or a file that cannot be read at all.
    pub fn open(folder: &Path, keys: Option<(Keys, Arc<Codebook>)>) -> Result<Self, RegisterError> {
        let path = folder.join("register.db");
        if !path.is_file() {
            return Err(RegisterError::File { path, why: "there is no register here".to_owned() });
        }
        let mut store = Sqlite::reader(&path)?;
        let origin = store.setting("origin")?.unwrap_or_default();
        let size = store.size()?;
        let container = store.container()?;
        let opener = match keys {
            Some((keys, codebook)) => {
                let ring = KeyRing::open_reader(&folder.join("keys.db"), keys)?;
                let store = Box::new(Sqlite::reader(&path)?);
                Some(RefCell::new(Access::new(store, ring, codebook, origin.as_str().into(), Arc::default())))
            }
            None => None,
        };
        let note = folder.join("last.note");
        let mut register =
            StoredRegister { path, note, origin, size, container, orders: BTreeMap::new(), access: RefCell::new(store), opener };
        register.find_orders()?;
        Ok(register)
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
        format!("{}, {rows}", self.path.display())
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
        let kept = self.access.borrow_mut().checkpoints().unwrap_or_default();
        let mut notes: Vec<(String, Vec<u8>)> =
            kept.into_iter().map(|(size, note)| (format!("checkpoint of {size} entries"), note.into_bytes())).collect();
        if let Ok(last) = std::fs::read(&self.note) {
            notes.push(("last.note".to_owned(), last));
        }
        notes
    }

    fn read(&self, each: &mut dyn FnMut(Stored<'_>)) -> Result<Vec<Finding>, LedgerError> {
        let mut findings: Vec<Finding> = Vec::new();
        for line in &self.container {
            let finding = Finding::new(Code::Container, line.clone(), "a database that passes its own check");
            findings.push(finding.file(self.path.display().to_string()));
        }
        let mut next = 0;
        while next < self.size {
            let rows = match self.access.borrow_mut().events(next, AT_ONCE) {
                Ok(rows) => rows,
                Err(error) => {
                    let finding = Finding::new(Code::Container, error.to_string(), "rows that can be read");
                    findings.push(finding.over(next, self.size - 1).file(self.path.display().to_string()));
                    return Ok(findings);
                }
            };
            if rows.is_empty() {
                break;
            }
            for row in rows {
                // A place without a row is told by the walk: it has neither entry nor leaf hash.
                for _missing in next..row.index {
                    each(Stored { bytes: None, leaf: None, parts: None });
                }
                let parts: Vec<Part<'_>> = row.parts.iter().map(|(class, sealed)| Part { class: *class, sealed }).collect();
                each(Stored { bytes: Some(&row.header), leaf: Some(row.leaf), parts: Some(&parts) });
                next = row.index + 1;
            }
        }
        Ok(findings)
    }

    fn kept_in(&self, index: u64) -> Kept {
        Kept { entry: Some(self.shown(&format!("event {index}, header"))), leaf: Some(self.shown(&format!("event {index}, leaf"))) }
    }

    fn erased_by(&self, custody: &Handle, class: Class) -> Option<u64> {
        self.orders.get(&(*custody, class)).copied()
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
