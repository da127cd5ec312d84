//! Files that are handed in with an entry: a photograph, a scanned letter. What is kept is sealed under the record's key for the class of
//! the field that holds its hash, so that whoever may read the field may read the file, and an erasure of the class erases both. The
//! entry's header carries the SHA-256 of what is sealed; name, media type, size and the hashes stand in the entry, in the same class.

use crate::checking::{self, Checked, Law};
use crate::draft::{Draft, LARGEST_FILE, LARGEST_TOGETHER};
use crate::entry::{self, Known};
use crate::error::{RegisterError, problem};
use crate::register::Register;
use habeas_ledger::leaf::{ATTACHMENTS_LIMIT, Class, Header};
use habeas_ledger::merkle::Hash;
use habeas_ledger::sealing::{Place, Plaintext};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Name of the field of ours that tells of a file.
pub(crate) const FILE: &str = "@file";

/// What an entry tells of a file that is kept with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct File {
    /// Class, as the log has it.
    #[serde(skip)]
    pub class: Class,
    /// The rest.
    #[serde(flatten)]
    pub told: Description,
}

/// A file in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// Its place among the files of the entry.
    pub place: u8,
    /// The field whose value is its hash.
    pub field: String,
    /// Name for people.
    pub name: String,
    /// Media type.
    pub media: String,
    /// Size of what is kept, in bytes.
    pub size: u64,
    /// SHA-256 of what is kept, in hex.
    pub sha256: String,
    /// SHA-256 of what was handed in, in hex.
    pub original: String,
    /// What was taken out before it was kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
}

impl File {
    /// Reads what an entry tells. `None`: it is not in its form.
    pub(crate) fn read(class: Class, json: Json) -> Option<Self> {
        serde_json::from_value(json).ok().map(|told| File { class, told })
    }
}

/// What the entry of a draft will tell of its files.
///
/// # Errors
/// [`RegisterError::Invalid`]: too many or too large files, one that belongs to no field, or whose hash its field does not say.
pub(crate) fn described(law: &Law, draft: &Draft, checked: &Checked) -> Result<Vec<File>, RegisterError> {
    if draft.attachments.len() > ATTACHMENTS_LIMIT {
        let found = draft.attachments.len().to_string();
        return Err(RegisterError::field("attachments", "too many files", &found, "at most 255"));
    }
    let together: usize = draft.attachments.iter().map(|handed| handed.bytes.reveal().len()).sum();
    if together > LARGEST_TOGETHER {
        return Err(RegisterError::field("attachments", "the files together are too large", &together.to_string(), "at most 48 MB"));
    }
    let seen_as = entry::class_of(law.codebook.kind(checked.kind).seen_as).max(Class::Custody);
    let mut files = Vec::with_capacity(draft.attachments.len());
    for (place, handed) in (0..).zip(&draft.attachments) {
        let path = format!("fields.{}", handed.field);
        let size = handed.bytes.reveal().len();
        if size > LARGEST_FILE {
            return Err(RegisterError::Invalid(vec![problem(path, "the file is too large", &size.to_string(), "at most 32 MB")]));
        }
        let of = |given: &&checking::Given| checking::is_same(&law.codebook.field_names[given.name.index()], &handed.field);
        let sha256 = handed.hash().to_hex();
        let says = |value: &Json| value.as_str() == Some(&sha256) || value.as_array().is_some_and(|all| all.contains(&json!(sha256)));
        let Some(given) = checked.fields.iter().find(of).filter(|given| says(&given.spelt)) else {
            return Err(RegisterError::Invalid(vec![problem(path, "the field does not say the file's hash", "another", sha256)]));
        };
        let told = Description {
            place,
            field: law.codebook.field_names[given.name.index()].clone(),
            name: handed.name.clone(),
            media: handed.media.clone(),
            size: size as u64,
            sha256,
            original: handed.original.to_hex(),
            removed: handed.removed.clone(),
        };
        files.push(File { class: given.class.max(seen_as), told });
    }
    Ok(files)
}

/// Whether a draft that is sent again hands in what the entry keeps.
pub(crate) fn are_same(entry: &Known, draft: &Draft) -> bool {
    let kept = entry.files.iter().map(|file| file.told.sha256.as_str());
    !entry.sealed.is_empty() || kept.eq(draft.attachments.iter().map(|handed| handed.hash().to_hex()))
}

/// SHA-256 of what somebody hands in.
#[must_use]
pub fn hash(bytes: &[u8]) -> Hash {
    Hash::of(bytes)
}

/// What is to be kept, ready to be sealed: it is wiped from memory when it is dropped.
#[must_use]
pub fn sealable(bytes: Vec<u8>) -> Arc<Plaintext> {
    Arc::new(Plaintext::new(bytes))
}

impl Register {
    /// A file that is kept with an entry, by the entry's index and the file's place. Whether somebody may read it is for whoever asks to
    /// find out first: it is of the class that [`File::class`] says.
    ///
    /// # Errors
    /// [`RegisterError::Absent`]: no such file, it was erased, or its key is not here; [`RegisterError::Damaged`].
    pub fn file(&self, index: u64, place: u8) -> Result<Plaintext, RegisterError> {
        self.read(|access| {
            let absent = |why: &str| RegisterError::Absent { what: format!("file {place} of entry {index}{why}") };
            let row = access.store.event(index)?.ok_or_else(|| absent(""))?;
            let file = access.store.file(index, place)?.ok_or_else(|| absent(""))?;
            let sealed = file.sealed.ok_or_else(|| absent(", which was erased by order,"))?;
            let header = Header::decode(&row.header)?;
            let damaged = |why: &str| RegisterError::Damaged { index, why: format!("its file {place} {why}") };
            if header.attachments.get(usize::from(place)) != Some(&Hash::of(&sealed)) {
                return Err(damaged("is not the one that the entry names"));
            }
            let origin = access.origin_of(&header)?;
            let at = Place { origin: &origin, event: header.event, class: file.class };
            let keys = access.keys.opening_keys(header.custody, file.class)?;
            if keys.is_empty() {
                return Err(absent(", whose key is not here,"));
            }
            keys.iter().find_map(|key| key.open(at, &sealed).ok()).ok_or_else(|| damaged("does not open"))
        })
    }
}
