//! A parcel: entries of a station's log on their way to the centre, over a line or on a stick, and what the centre makes of them.
//!
//! A parcel carries the headers and sealed parts of the entries from one size to another, and the station's signed checkpoints of both
//! sizes. The centre has kept what it was given before, so it needs no proof: it grows the same tree and compares roots. A station that
//! has two histories has signed both.

use crate::checkpoint::Checkpoint;
use crate::encoding::Reader;
use crate::error::LedgerError;
use crate::leaf::{Class, Header};
use crate::merkle::{self, Edge, Hash, Hashes, leaf_hash};
use crate::note::{Note, VerifierKey};

/// The first bytes of a parcel: domain and version.
pub const DOMAIN: &[u8; 16] = b"habeas-parcel/1\n";

/// The first bytes of a parcel whose entries carry files.
const WITH_FILES: &[u8; 16] = b"habeas-parcel/2\n";

/// Most entries of one parcel.
pub const ENTRIES_LIMIT: usize = 4_096;

const WHAT: &str = "parcel";

/// A sealed file on its way: its class, and what is sealed unless that was erased.
pub type CarriedFile = (Class, Option<Vec<u8>>);

/// An entry on its way: its header, and its sealed parts as far as they are not erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The header's bytes.
    pub header: Vec<u8>,
    /// Sealed parts by class.
    pub parts: Vec<(Class, Vec<u8>)>,
    /// Sealed files that were handed in with it, in the order of the header's list; of one that was erased, the class that it had.
    pub files: Vec<CarriedFile>,
}

/// Entries from one size of a log to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// How many entries come before.
    pub from: u64,
    /// The station's signed checkpoint of those; empty where there are none.
    pub before: String,
    /// Its signed checkpoint after the last entry.
    pub note: String,
    /// The entries, in order.
    pub entries: Vec<Carried>,
}

/// What a parcel is to whoever has kept a part of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It goes on from what was kept: the edge after its last entry, and how many of its entries are kept already.
    Continues {
        /// The right edge of the tree with all of it.
        edge: Box<Edge>,
        /// Entries to pass over.
        kept: usize,
    },
    /// Nothing in it is new.
    Seen,
    /// It begins after what was kept; the parcel before it is missing.
    Ahead,
    /// It belongs to another history: this one of its signed checkpoints cannot be true beside what was kept.
    Forked {
        /// The note.
        theirs: String,
    },
}

impl Parcel {
    /// The bytes to send, with their own hash at the end, so that a copy that broke off is known for one.
    ///
    /// # Errors
    /// [`LedgerError::Unwritable`]: more entries, or larger ones, than a parcel holds.
    pub fn to_bytes(&self) -> Result<Vec<u8>, LedgerError> {
        let too_large = |_| LedgerError::unwritable(WHAT, "a part that is too large");
        if self.entries.len() > ENTRIES_LIMIT {
            return Err(LedgerError::unwritable(WHAT, format!("{} entries; at most {ENTRIES_LIMIT}", self.entries.len())));
        }
        let has_files = self.entries.iter().any(|entry| !entry.files.is_empty());
        let mut bytes = if has_files { WITH_FILES } else { DOMAIN }.to_vec();
        let sealed = |bytes: &mut Vec<u8>, class: &Class, sealed: &[u8]| {
            bytes.push(class.id());
            bytes.extend_from_slice(&u32::try_from(sealed.len()).map_err(too_large)?.to_be_bytes());
            bytes.extend_from_slice(sealed);
            Ok::<(), LedgerError>(())
        };
        bytes.extend_from_slice(&self.from.to_be_bytes());
        for note in [&self.before, &self.note] {
            bytes.extend_from_slice(&u32::try_from(note.len()).map_err(too_large)?.to_be_bytes());
            bytes.extend_from_slice(note.as_bytes());
        }
        bytes.extend_from_slice(&u32::try_from(self.entries.len()).map_err(too_large)?.to_be_bytes());
        for entry in &self.entries {
            bytes.extend_from_slice(&u32::try_from(entry.header.len()).map_err(too_large)?.to_be_bytes());
            bytes.extend_from_slice(&entry.header);
            bytes.push(u8::try_from(entry.parts.len()).map_err(too_large)?);
            entry.parts.iter().try_for_each(|(class, part)| sealed(&mut bytes, class, part))?;
            if has_files {
                bytes.push(u8::try_from(entry.files.len()).map_err(too_large)?);
                // What is sealed is never empty: it has a nonce and a tag.
                entry.files.iter().try_for_each(|(class, file)| sealed(&mut bytes, class, file.as_deref().unwrap_or_default()))?;
            }
        }
        let hash = Hash::of(&bytes);
        bytes.extend_from_slice(&hash.0);
        Ok(bytes)
    }

    /// Reads what [`Parcel::to_bytes`] wrote, and nothing else.
    ///
    /// # Errors
    /// [`LedgerError::Malformed`] with the byte, what was found and what was expected.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LedgerError> {
        let refuse = |found: &str, expected: &str| LedgerError::malformed(WHAT, "its end", found.to_owned(), expected);
        let Some((content, hash)) = bytes.split_last_chunk::<32>() else { return Err(refuse("too few bytes", "a whole parcel")) };
        let has_files = content.starts_with(WITH_FILES);
        if !has_files && !content.starts_with(DOMAIN) {
            return Err(LedgerError::malformed(WHAT, "byte 0", "other words", "`habeas-parcel/1` or `/2` and a newline"));
        }
        if Hash::of(content).0 != *hash {
            return Err(refuse(
                "another hash than its bytes have",
                "a whole parcel: it broke off or was altered on its way; send it again",
            ));
        }
        let mut reader = Reader::new(content, WHAT);
        reader.take(DOMAIN.len(), "the words `habeas-parcel/1`")?;
        let from = reader.u64("number of entries before")?;
        let before = text(&mut reader, "the checkpoint before")?;
        let note = text(&mut reader, "the checkpoint")?;
        let count = length(&mut reader, "number of entries")?;
        if count > ENTRIES_LIMIT {
            return Err(reader.refuse(format!("{count} entries"), "at most 4,096"));
        }
        let mut entries = Vec::new();
        for _ in 0..count {
            let size = length(&mut reader, "length of a header")?;
            let header = reader.take(size, "header")?.to_vec();
            let parts = sealed(&mut reader, "number of parts")?;
            let files = if has_files { sealed(&mut reader, "number of files")? } else { Vec::new() };
            let files = files.into_iter().map(|(class, file)| (class, Some(file).filter(|file| !file.is_empty()))).collect();
            entries.push(Carried { header, parts, files });
        }
        reader.end()?;
        let parcel = Parcel { from, before, note, entries };
        if has_files && parcel.entries.iter().all(|entry| entry.files.is_empty()) {
            return Err(refuse("no file", "a parcel without files says `habeas-parcel/1`"));
        }
        Ok(parcel)
    }

    /// The log that it says it is from; believed only by [`Parcel::judge`].
    ///
    /// # Errors
    /// A note that is no checkpoint.
    pub fn origin(&self) -> Result<String, LedgerError> {
        Ok(Checkpoint::parse(Note::parse(self.note.as_bytes())?.unverified_text())?.origin)
    }

    /// Judges it beside what was kept of the log: `size` entries with these hashes.
    ///
    /// # Errors
    /// A checkpoint that the key has not signed, entries that are not of this log and place, or that do not give the signed root: such a
    /// parcel proves nothing against anybody.
    pub fn judge(&self, key: &VerifierKey, size: u64, hashes: &(impl Hashes + ?Sized)) -> Result<Found, LedgerError> {
        let keys = std::slice::from_ref(key);
        let (after, _) = Checkpoint::open(self.note.as_bytes(), keys)?;
        let before = match self.from {
            0 => Checkpoint::new(key.name(), 0, merkle::EMPTY_ROOT),
            _ => Checkpoint::open(self.before.as_bytes(), keys)?.0,
        };
        let not_proven = |why: String| Err(LedgerError::not_proven(WHAT, why));
        let counted = self.from.saturating_add(self.entries.len() as u64);
        if after.origin != key.name() || before.origin != key.name() || before.size != self.from || after.size != counted {
            return not_proven(format!("its checkpoints are not those of entries {} to {counted} of `{}`", self.from, key.name()));
        }
        let leaves = self.leaves(key.name())?;
        if self.from > size {
            return Ok(Found::Ahead);
        }
        if merkle::root(hashes, self.from)? != before.root {
            return Ok(Found::Forked { theirs: self.before.clone() });
        }
        let mut edge = merkle::edge(hashes, self.from)?;
        let mut at_kept = (edge.size() == size).then(|| edge.root());
        for leaf in leaves {
            edge.push(leaf);
            if edge.size() == size {
                at_kept = Some(edge.root());
            }
        }
        if edge.root() != after.root {
            return not_proven("its entries do not give the root that it signs".to_owned());
        }
        let agrees = match at_kept {
            Some(root) => root == merkle::root(hashes, size)?,
            // It ends before what was kept does.
            None => after.root == merkle::root(hashes, after.size)?,
        };
        if !agrees {
            return Ok(Found::Forked { theirs: self.note.clone() });
        }
        if after.size <= size {
            return Ok(Found::Seen);
        }
        let kept = usize::try_from(size - self.from).unwrap_or(usize::MAX);
        Ok(Found::Continues { edge: Box::new(edge), kept })
    }

    /// The leaf hashes, once each header is of this log and place and each part is the one that it names.
    fn leaves(&self, origin: &str) -> Result<Vec<Hash>, LedgerError> {
        let origin = Hash::of(origin.as_bytes());
        let mut leaves = Vec::with_capacity(self.entries.len());
        for (index, entry) in (self.from..).zip(&self.entries) {
            let header = Header::decode(&entry.header)?;
            let is_named = |(class, sealed): &(Class, Vec<u8>)| header.parts.contains(&(*class, Hash::of(sealed)));
            let is_kept = |((_, file), hash): (&CarriedFile, &Hash)| file.as_ref().is_none_or(|file| Hash::of(file) == *hash);
            let has_files = entry.files.len() == header.attachments.len() && entry.files.iter().zip(&header.attachments).all(is_kept);
            if header.index != index || header.origin != origin || !entry.parts.iter().all(is_named) || !has_files {
                return Err(LedgerError::not_proven(
                    WHAT,
                    format!("entry {index} is of another log or place, or carries other parts or files"),
                ));
            }
            leaves.push(leaf_hash(&entry.header));
        }
        Ok(leaves)
    }
}

/// What is sealed, by class, after how many there are.
fn sealed(reader: &mut Reader<'_>, count: &'static str) -> Result<Vec<(Class, Vec<u8>)>, LedgerError> {
    let mut all = Vec::new();
    for _ in 0..reader.byte(count)? {
        let id = reader.byte("class")?;
        let class = Class::from_id(id).ok_or_else(|| reader.refuse(format!("class {id}"), "a class from 0 to 4"))?;
        let size = length(reader, "length of what is sealed")?;
        all.push((class, reader.take(size, "what is sealed")?.to_vec()));
    }
    Ok(all)
}

fn length(reader: &mut Reader<'_>, what: &'static str) -> Result<usize, LedgerError> {
    let bytes: [u8; 4] = reader.array(what)?;
    let length = u32::from_be_bytes(bytes);
    usize::try_from(length).map_err(|_| reader.refuse(format!("{length}"), "a length that fits"))
}

fn text(reader: &mut Reader<'_>, what: &'static str) -> Result<String, LedgerError> {
    let size = length(reader, what)?;
    let bytes = reader.take(size, what)?;
    String::from_utf8(bytes.to_vec()).map_err(|_| reader.refuse("bytes that are not UTF-8", "a note"))
}
