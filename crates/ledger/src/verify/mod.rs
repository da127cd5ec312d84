//! Verification: everything that can be recomputed is recomputed, and everything that is found is told.
//!
//! [`log`] walks one log from the first entry to the last, wherever it is stored ([`StoredLog`]): a database, a folder of tiles
//! ([`tiles::TileLog`]). It reads, never repairs, and does not stop at the first finding. [`receipt`] checks a receipt, [`fork`] compares
//! two signed checkpoints. Memory does not grow with the log: it holds the right edge of the tree and what was found.

mod epochs;
mod finding;
pub mod fork;
mod notes;
pub mod receipt;
pub mod tiles;
mod walk;
pub mod wording;

use crate::error::LedgerError;
use crate::fields::Field;
use crate::leaf::{Class, Handle, Header};
use crate::merkle::Hash;
use crate::policy::Policy;

pub use finding::{Code, Finding, Interval, Report, Verdict, Weight, Witnessed};

/// A sealed part as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// Its class.
    pub class: Class,
    /// Nonce, ciphertext and tag.
    pub sealed: &'a [u8],
}

/// One entry as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored<'a> {
    /// The entry's bytes; nothing where they are lost.
    pub bytes: Option<&'a [u8]>,
    /// The leaf hash that is stored beside it, in a tile or a column.
    pub leaf: Option<Hash>,
    /// Sealed parts; nothing where this kind of store keeps none (tiles).
    pub parts: Option<&'a [Part<'a>]>,
}

/// What keys open of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// All fields of the entry, in codebook order.
    pub fields: Vec<Field>,
    /// When it happened, where exactly that is known; milliseconds since 1970.
    pub happened_at_ms: Option<u64>,
}

/// A file of an entry, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptFile {
    /// This kind of store keeps no files.
    Elsewhere,
    /// There is nothing where it should be.
    Lost,
    /// Its bytes were erased; the class that they had.
    Erased(Class),
    /// Its class; nonce, ciphertext and tag.
    Sealed(Class, Vec<u8>),
}

/// Where an entry is kept, for messages: files or tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Of the entry itself.
    pub entry: Option<String>,
    /// Of the leaf hash beside it.
    pub leaf: Option<String>,
}

/// A log, wherever it is stored.
pub trait StoredLog {
    /// The log's origin.
    fn origin(&self) -> String;

    /// How many entries are stored.
    fn size(&self) -> u64;

    /// Whether entries are headers of ours ([`Header`]), or bytes of somebody else's.
    fn is_ours(&self) -> bool;

    /// The signed notes that are kept: a name for messages (a file, a row), and the bytes. Also other logs' checkpoints that served as
    /// beacons.
    fn notes(&self) -> Vec<(String, Vec<u8>)>;

    /// The statements by which the log's key was changed, or a new epoch declared ([`crate::succession`]): a name for messages, and the
    /// note.
    fn successions(&self) -> Vec<(String, Vec<u8>)> {
        Vec::new()
    }

    /// Hands out all entries in order, each once, and tells what is wrong with the container.
    ///
    /// # Errors
    /// Trouble with the machine; what is wrong with the data is a finding.
    fn read(&self, each: &mut dyn FnMut(Stored<'_>)) -> Result<Vec<Finding>, LedgerError>;

    /// Where the entry at `index` is kept.
    fn kept_in(&self, index: u64) -> Kept {
        let _unknown = index;
        Kept::default()
    }

    /// The index of the order by which the parts of this class of this custody were erased, if they were. Read it from the opened fields
    /// of the order itself, never from a table beside: a row that anybody can write would make any loss look lawful.
    fn erased_by(&self, custody: &Handle, class: Class) -> Option<u64> {
        let _none = (custody, class);
        None
    }

    /// The file of an entry at a place of its header's list.
    ///
    /// # Errors
    /// Trouble with the machine.
    fn file(&self, index: u64, place: u8) -> Result<KeptFile, LedgerError> {
        let _none = (index, place);
        Ok(KeptFile::Elsewhere)
    }

    /// Opens the parts of an entry; nothing where a key for one of them is not here.
    ///
    /// # Errors
    /// A part that does not open with its key.
    fn open(&self, header: &Header, parts: &[Part<'_>]) -> Result<Option<Opened>, LedgerError> {
        let _none = (header, parts);
        Ok(None)
    }
}

/// What the verifier believes, and from when on it wonders.
#[derive(Clone, Debug)]
pub struct Trust<'a> {
    /// Known logs and witnesses, and how many of them.
    pub policy: &'a Policy,
    /// A checkpoint that the verifier has kept from an earlier visit.
    pub since: Option<&'a [u8]>,
    /// How far clocks may differ, in milliseconds.
    pub skew_ms: u64,
    /// How long after the fact an entry counts as late, in milliseconds.
    pub late_ms: u64,
    /// An entry of which the reader wants to know when it was made.
    pub entry: Option<u64>,
}

impl<'a> Trust<'a> {
    /// Two minutes of skew, a day until an entry is late.
    #[must_use]
    pub fn new(policy: &'a Policy) -> Self {
        Trust { policy, since: None, skew_ms: 120_000, late_ms: 86_400_000, entry: None }
    }
}

/// Verifies a log.
///
/// # Errors
/// Trouble with reading it; everything else is in the report.
pub fn log(log: &(impl StoredLog + ?Sized), trust: &Trust<'_>) -> Result<Report, LedgerError> {
    let (policy, unheard) = epochs::believed(log, trust.policy);
    let trust = Trust { policy: &policy, ..trust.clone() };
    let mut notes = notes::judge(log, &trust);
    notes.findings.extend(unheard);
    let mut walk = walk::Walk::new(log, &trust, notes);
    let container = log.read(&mut |stored| walk.step(stored))?;
    Ok(walk.report(container))
}
