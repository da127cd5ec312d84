//! What a verification finds: each finding with a stable code, its place, what was found and what was expected.

use crate::error::LedgerError;
use crate::leaf::{Class, Handle};
use crate::merkle::Hash;
use std::fmt;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// Something was added, changed or removed; or nobody can say that it was not.
    Broken,
    /// Something is not proven: no witness, no key, or lawfully erased. Never shown as green.
    Unproven,
    /// Worth a look; the log itself is sound.
    Notice,
}

/// What is wrong, for machines: stable, one word each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A file or a page of the container is missing, has the wrong length, or does not belong.
    Container,
    /// A header that is not in its one encoding.
    Header,
    /// A header that says another index than its place.
    Index,
    /// A header that belongs to another log.
    Origin,
    /// An entry that does not hash to the leaf that the tree has.
    Leaf,
    /// A tile that does not follow from the entries.
    Tile,
    /// A checkpoint whose root the entries do not give.
    Root,
    /// A stored note that is malformed, or not signed by the log.
    Note,
    /// Two signed checkpoints that cannot both be of one log.
    Fork,
    /// Fewer entries than a signed checkpoint counts.
    Short,
    /// A sealed part whose bytes are not those that the entry names.
    Body,
    /// Fields that are not those that the entry commits to.
    Fields,
    /// A sealed part that is not there, and no order to erase it.
    Missing,
    /// A sealed part that was to be erased and is there.
    Resurrected,
    /// Something derived (an index, a list, a verdict) that does not follow from the entries; the log itself may be sound.
    Projection,
    /// A time that the witnesses' clocks exclude.
    Time,
    /// A time before that of the entry before.
    Clock,
    /// An entry that carries a checkpoint of its own log which counts the entry itself.
    Beacon,
    /// An entry that carries a checkpoint which is not kept here, or not witnessed as the policy asks: it has no lower bound in time.
    Unbound,
    /// Recorded long after it happened.
    Late,
    /// A file of entries that no checkpoint counts yet.
    Ahead,
    /// Another key signs from here on, or the log goes on as a new epoch, as both keys have signed.
    Succession,
    /// An epoch whose first entry does not declare it, or of which more was lost than it declares.
    Undeclared,
    /// Entries that were signed and are lost, as the epoch that goes on without them declares.
    Lost,
    /// Erased by order.
    Erased,
    /// Not yet cosigned as the policy asks.
    Unwitnessed,
    /// Not covered by any signed checkpoint.
    Unsigned,
    /// A sealed part that was not opened, since the key is not here.
    Sealed,
}

impl Code {
    /// The word that programs rely on.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Code::Container => "E-CONTAINER",
            Code::Header => "E-HEADER",
            Code::Index => "E-INDEX",
            Code::Origin => "E-ORIGIN",
            Code::Leaf => "E-LEAF",
            Code::Tile => "E-TILE",
            Code::Root => "E-ROOT",
            Code::Note => "E-NOTE",
            Code::Fork => "E-FORK",
            Code::Short => "E-SHORT",
            Code::Body => "E-BODY",
            Code::Fields => "E-FIELDS",
            Code::Missing => "E-MISSING",
            Code::Resurrected => "E-RESURRECTED",
            Code::Projection => "E-PROJECTION",
            Code::Time => "E-TIME",
            Code::Clock => "E-CLOCK",
            Code::Beacon => "E-BEACON",
            Code::Unbound => "U-BEACON",
            Code::Late => "W-LATE",
            Code::Ahead => "W-AHEAD",
            Code::Succession => "W-KEY",
            Code::Undeclared => "E-EPOCH",
            Code::Lost => "U-LOST",
            Code::Erased => "U-ERASED",
            Code::Unwitnessed => "U-WITNESS",
            Code::Unsigned => "U-SIGNED",
            Code::Sealed => "U-SEALED",
        }
    }

    /// How bad it is.
    #[must_use]
    pub fn weight(self) -> Weight {
        match self {
            Code::Container
            | Code::Header
            | Code::Index
            | Code::Origin
            | Code::Leaf
            | Code::Tile
            | Code::Root
            | Code::Note
            | Code::Fork
            | Code::Short
            | Code::Body
            | Code::Fields
            | Code::Missing
            | Code::Resurrected
            | Code::Projection
            | Code::Time
            | Code::Clock
            | Code::Beacon
            | Code::Undeclared => Weight::Broken,
            Code::Unbound | Code::Lost | Code::Erased | Code::Unwitnessed | Code::Unsigned | Code::Sealed => Weight::Unproven,
            Code::Late | Code::Ahead | Code::Succession => Weight::Notice,
        }
    }

    /// Whether the bytes of the entry itself are in doubt, so that nothing from there on counts as proven.
    pub(crate) fn breaks_the_chain(self) -> bool {
        match self {
            Code::Header | Code::Index | Code::Origin | Code::Leaf | Code::Root | Code::Body | Code::Fields | Code::Missing => true,
            Code::Container | Code::Tile | Code::Note | Code::Fork | Code::Short | Code::Resurrected | Code::Projection => false,
            Code::Time | Code::Clock | Code::Beacon | Code::Unbound | Code::Late | Code::Ahead => false,
            Code::Erased | Code::Unwitnessed | Code::Unsigned | Code::Sealed => false,
            Code::Succession | Code::Undeclared | Code::Lost => false,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.word())
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong, for machines.
    pub code: Code,
    /// First entry concerned, where it is about entries.
    pub index: Option<u64>,
    /// Last entry concerned.
    pub until: Option<u64>,
    /// The file, where it is about one.
    pub file: Option<String>,
    /// The event's id.
    pub event: Option<Handle>,
    /// The custody's handle.
    pub custody: Option<Handle>,
    /// Class of the part, where it is about one.
    pub class: Option<Class>,
    /// Field of the header, where it is about one.
    pub field: Option<&'static str>,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: String,
    /// Signed notes that prove it.
    pub notes: Vec<String>,
}

impl Finding {
    /// A finding without a place.
    pub fn new(code: Code, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Finding {
            code,
            index: None,
            until: None,
            file: None,
            event: None,
            custody: None,
            class: None,
            field: None,
            found: found.into(),
            expected: expected.into(),
            notes: Vec::new(),
        }
    }

    /// About one entry.
    #[must_use]
    pub fn at(mut self, index: u64) -> Self {
        self.index = Some(index);
        self.until = Some(index);
        self
    }

    /// About the entries from `first` to `last`.
    #[must_use]
    pub fn over(mut self, first: u64, last: u64) -> Self {
        self.index = Some(first);
        self.until = Some(last);
        self
    }

    /// About a file.
    #[must_use]
    pub fn file(mut self, path: impl Into<String>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// With a signed note as evidence.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// A refusal as a finding.
    pub(crate) fn refusal(code: Code, error: &LedgerError) -> Self {
        Finding::new(code, error.to_string(), "the form of the standard")
    }
}

/// What a verification comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is proven.
    Proven,
    /// Nothing wrong was found, but not everything could be proven.
    Incomplete,
    /// Something was added, changed, removed or forked.
    Tampered,
}

impl Verdict {
    /// The exit status of `habeas verify`.
    #[must_use]
    pub fn status(self) -> u8 {
        match self {
            Verdict::Proven => 0,
            Verdict::Incomplete => 4,
            Verdict::Tampered => 1,
        }
    }

    /// The word in the report.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Proven => "proven",
            Verdict::Incomplete => "incomplete",
            Verdict::Tampered => "tampered",
        }
    }
}

/// A checkpoint that the log's key has signed and the entries give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    /// Its size.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// Names of the witnesses that cosigned it.
    pub by: Vec<String>,
    /// When the quorum was reached, in seconds since 1970.
    pub at: Option<u64>,
}

/// When an entry was made, by clocks that its author does not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Which entry.
    pub index: u64,
    /// When it says that it was recorded, in milliseconds since 1970.
    pub recorded_at_ms: u64,
    /// Not before: when the checkpoint that it carries was witnessed, in seconds since 1970.
    pub after: Option<u64>,
    /// Not after: when the first checkpoint that counts it was witnessed, in seconds since 1970.
    pub before: Option<u64>,
}

/// All that a verification found, in the order of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The log's origin, as far as it is known.
    pub origin: String,
    /// Entries that are stored.
    pub entries: u64,
    /// When the newest entry was recorded, in milliseconds since 1970; unknown for other people's logs.
    pub newest_ms: Option<u64>,
    /// How many entries from the first on are proven: covered by a signed checkpoint and witnessed as the policy asks, and whole.
    pub proven: u64,
    /// The checkpoint that proves them.
    pub witnessed: Option<Witnessed>,
    /// How many witnesses the policy knows.
    pub witnesses: usize,
    /// When the entry that was asked about was made; nothing where it is not there or cannot be read.
    pub interval: Option<Interval>,
    /// Everything that was found, in index order; what is about no entry comes first.
    pub findings: Vec<Finding>,
}

impl Report {
    /// What it comes to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let weights = || self.findings.iter().map(|finding| finding.code.weight());
        if weights().any(|weight| weight == Weight::Broken) {
            Verdict::Tampered
        } else if weights().any(|weight| weight == Weight::Unproven) {
            Verdict::Incomplete
        } else {
            Verdict::Proven
        }
    }
}
