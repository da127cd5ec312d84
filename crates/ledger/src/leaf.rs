//! The header of an entry: what is hashed, published and never erased.
//!
//! `leaf hash = SHA-256(0x00 || header)`. The header binds an entry to its log and place, to the rules in force, to the ciphertexts of its
//! parts and to one text of each field, and holds no personal data. One encoder; one decoder that refuses whatever the encoder would not
//! write, so that an entry has one encoding and one hash.

use crate::encoding::Reader;
use crate::error::LedgerError;
use crate::merkle::{Hash, leaf_hash};

/// The first bytes of a header: domain and version.
pub const DOMAIN: &[u8; 14] = b"habeas-leaf/1\n";

/// Most attachments of one entry.
pub const ATTACHMENTS_LIMIT: usize = 255;

const WHAT: &str = "leaf header";

/// A random 128-bit name: of an event, or of a custody. Not derived from anything, so that it tells nothing.
pub type Handle = [u8; 16];

/// Who may read a part of an entry. The order is the order in the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Anyone.
    Public,
    /// Those who work with the custody.
    Custody,
    /// Identity of persons.
    Identity,
    /// Health.
    Medical,
    /// The named recipient only: lawyer and client, complaints.
    Privileged,
}

impl Class {
    /// All, in their order.
    pub const ALL: [Class; 5] = [Class::Public, Class::Custody, Class::Identity, Class::Medical, Class::Privileged];

    /// The byte that stands for it.
    #[must_use]
    pub fn id(self) -> u8 {
        match self {
            Class::Public => 0,
            Class::Custody => 1,
            Class::Identity => 2,
            Class::Medical => 3,
            Class::Privileged => 4,
        }
    }

    /// The class of a byte.
    #[must_use]
    pub fn from_id(id: u8) -> Option<Self> {
        Class::ALL.into_iter().find(|class| class.id() == id)
    }

    /// Its word in the rule language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Class::Public => "public",
            Class::Custody => "custody",
            Class::Identity => "identity",
            Class::Medical => "medical",
            Class::Privileged => "privileged",
        }
    }

    /// The class of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Class::ALL.into_iter().find(|class| class.word() == word)
    }
}

/// The newest witnessed checkpoint that the log had seen when the entry was made: the entry cannot be older than its cosignatures.
/// Size 0 and a zero root where none had been seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beacon {
    /// Entries of the log that was witnessed.
    pub size: u64,
    /// Its root.
    pub root: Hash,
}

/// The header of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// SHA-256 of the log's origin: a leaf cannot be moved to another log.
    pub origin: Hash,
    /// Place in the log, from 0.
    pub index: u64,
    /// The event's random id.
    pub event: Handle,
    /// The custody's random handle; zero for entries about a station.
    pub custody: Handle,
    /// Kind of the event, or `sealed` where the kind itself would tell. 1 to 255 bytes, no control characters.
    pub kind: String,
    /// Hash of the codebook in force.
    pub codebook: Hash,
    /// When it was recorded: milliseconds since 1970 in UTC. Never lower than the leaf before.
    pub recorded_at_ms: u64,
    /// Lower bound of the time, which the police do not set.
    pub beacon: Beacon,
    /// Key id of the station.
    pub station_key: [u8; 4],
    /// `SHA-256(0x00 || salt16 || officer id)`: the officer can be named later, without being published.
    pub author: Hash,
    /// The event that this one corrects or erases.
    pub corrects: Option<Handle>,
    /// Parts that are there: class, and SHA-256 of the ciphertext; each class once, ascending.
    pub parts: Vec<(Class, Hash)>,
    /// Root over the commitments of all fields, in codebook order ([`crate::fields::root`]).
    pub fields_root: Hash,
    /// SHA-256 of each attachment (video, body map): 0 to 255.
    pub attachments: Vec<Hash>,
}

/// The author's commitment: [`Header::author`].
#[must_use]
pub fn author_commitment(salt: &[u8; 16], officer: &str) -> Hash {
    let mut committed = salt.to_vec();
    committed.extend_from_slice(officer.as_bytes());
    leaf_hash(&committed)
}

impl Header {
    /// The bytes that are hashed and published.
    ///
    /// # Errors
    /// [`LedgerError::Unwritable`]: a kind that is empty, too long or holds control characters; parts out of order; a corrected event
    /// of zeros; too many attachments.
    pub fn encode(&self) -> Result<Vec<u8>, LedgerError> {
        self.check_writable()?;
        let mut bytes = Vec::with_capacity(288 + self.kind.len() + 33 * self.parts.len() + 32 * self.attachments.len());
        bytes.extend_from_slice(DOMAIN);
        bytes.extend_from_slice(&self.origin.0);
        bytes.extend_from_slice(&self.index.to_be_bytes());
        bytes.extend_from_slice(&self.event);
        bytes.extend_from_slice(&self.custody);
        bytes.push(count(self.kind.len()));
        bytes.extend_from_slice(self.kind.as_bytes());
        bytes.extend_from_slice(&self.codebook.0);
        bytes.extend_from_slice(&self.recorded_at_ms.to_be_bytes());
        bytes.extend_from_slice(&self.beacon.size.to_be_bytes());
        bytes.extend_from_slice(&self.beacon.root.0);
        bytes.extend_from_slice(&self.station_key);
        bytes.extend_from_slice(&self.author.0);
        bytes.extend_from_slice(&self.corrects.unwrap_or_default());
        bytes.push(count(self.parts.len()));
        for (class, ciphertext) in &self.parts {
            bytes.push(class.id());
            bytes.extend_from_slice(&ciphertext.0);
        }
        bytes.extend_from_slice(&self.fields_root.0);
        bytes.push(count(self.attachments.len()));
        bytes.extend(self.attachments.iter().flat_map(|hash| hash.0));
        Ok(bytes)
    }

    fn check_writable(&self) -> Result<(), LedgerError> {
        let refuse = |why: String| Err(LedgerError::unwritable(WHAT, why));
        if self.kind.is_empty() || self.kind.len() > 255 || self.kind.chars().any(char::is_control) {
            return refuse(format!("a kind of {} bytes; expected 1 to 255 without control characters", self.kind.len()));
        }
        if self.parts.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
            return refuse("its parts are not in ascending order of class, each once".to_owned());
        }
        if self.attachments.len() > ATTACHMENTS_LIMIT {
            return refuse(format!("{} attachments; at most {ATTACHMENTS_LIMIT}", self.attachments.len()));
        }
        if self.corrects == Some(Handle::default()) {
            return refuse("it corrects the event of all zeros, which stands for none".to_owned());
        }
        Ok(())
    }

    /// Reads what [`Header::encode`] wrote, and nothing else.
    ///
    /// # Errors
    /// [`LedgerError::Malformed`] with the byte, what was found and what was expected.
    pub fn decode(bytes: &[u8]) -> Result<Self, LedgerError> {
        let mut reader = Reader::new(bytes, WHAT);
        if reader.take(DOMAIN.len(), "the words `habeas-leaf/1`")? != DOMAIN {
            return Err(LedgerError::malformed(WHAT, "byte 0", "other words", "`habeas-leaf/1` and a newline"));
        }
        let header = Header {
            origin: reader.hash("origin hash")?,
            index: reader.u64("index")?,
            event: reader.array("event id")?,
            custody: reader.array("custody handle")?,
            kind: kind(&mut reader)?,
            codebook: reader.hash("codebook hash")?,
            recorded_at_ms: reader.u64("recorded_at")?,
            beacon: Beacon { size: reader.u64("beacon size")?, root: reader.hash("beacon root")? },
            station_key: reader.array("station key id")?,
            author: reader.hash("author commitment")?,
            corrects: Some(reader.array("corrected event")?).filter(|id| *id != Handle::default()),
            parts: parts(&mut reader)?,
            fields_root: reader.hash("fields root")?,
            attachments: attachments(&mut reader)?,
        };
        reader.end()?;
        Ok(header)
    }

    /// The hash of the entry in its log.
    ///
    /// # Errors
    /// As [`Header::encode`].
    pub fn leaf_hash(&self) -> Result<Hash, LedgerError> {
        Ok(leaf_hash(&self.encode()?))
    }
}

/// A length that was checked to fit.
fn count(length: usize) -> u8 {
    u8::try_from(length).expect("lengths were checked before writing")
}

fn kind(reader: &mut Reader<'_>) -> Result<String, LedgerError> {
    let length = reader.byte("length of the kind")?;
    let bytes = reader.take(usize::from(length), "kind")?;
    match std::str::from_utf8(bytes) {
        Ok(kind) if !kind.is_empty() && !kind.chars().any(char::is_control) => Ok(kind.to_owned()),
        Ok(_) | Err(_) => Err(reader.refuse("a kind that is empty, not UTF-8 or has control characters", "a word for the kind of event")),
    }
}

fn parts(reader: &mut Reader<'_>) -> Result<Vec<(Class, Hash)>, LedgerError> {
    let length = reader.byte("number of parts")?;
    let mut parts: Vec<(Class, Hash)> = Vec::new();
    for _ in 0..length {
        let id = reader.byte("class")?;
        let class = Class::from_id(id).filter(|class| parts.last().is_none_or(|(before, _)| before < class));
        let Some(class) = class else {
            return Err(reader.refuse(format!("class {id}"), "a class from 0 to 4, higher than the one before"));
        };
        parts.push((class, reader.hash("hash of a ciphertext")?));
    }
    Ok(parts)
}

fn attachments(reader: &mut Reader<'_>) -> Result<Vec<Hash>, LedgerError> {
    let length = reader.byte("number of attachments")?;
    (0..length).map(|_| reader.hash("hash of an attachment")).collect()
}
