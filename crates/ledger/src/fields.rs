//! Commitments to single fields, so that one can be shown and no other.
//!
//! Each field of an entry is committed to by `SHA-256(0x00 || salt || field id || value)`; the entry's header carries the RFC 6962 root
//! over these, all classes together, in codebook order. The salts stand inside the ciphertexts. Then a lawyer can be shown "lawyer notified
//! at 14:05" with its salt and path, and nothing else; and a ciphertext that opens to two texts under two keys is caught, because the
//! commitments fix one text. A guessable value (yes, no) is kept from guessing by its salt alone.
//!
//! The field id is written with its length before it (one byte): without it `ab` + `c` and `a` + `bc` would be one commitment.

use crate::encoding::Reader;
use crate::error::LedgerError;
use crate::merkle::{self, Hash};
use crate::sealing::Plaintext;

const WHAT: &str = "field opening";

/// One field with the salt of its commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Random, 128 bits, fresh for each field of each entry.
    pub salt: [u8; 16],
    /// The field's name in the codebook, 1 to 255 bytes.
    pub id: String,
    /// Its value in canonical form. Cannot be printed.
    pub value: Plaintext,
}

impl Field {
    /// The leaf that stands for the field.
    ///
    /// # Errors
    /// An id that is empty or longer than 255 bytes.
    pub fn commitment(&self) -> Result<Hash, LedgerError> {
        let length = u8::try_from(self.id.len()).ok().filter(|length| *length > 0);
        let Some(length) = length else {
            return Err(LedgerError::unwritable("field", format!("a name of {} bytes; expected 1 to 255", self.id.len())));
        };
        let mut committed = zeroize::Zeroizing::new(Vec::with_capacity(17 + self.id.len() + self.value.reveal().len()));
        committed.extend_from_slice(&self.salt);
        committed.push(length);
        committed.extend_from_slice(self.id.as_bytes());
        committed.extend_from_slice(self.value.reveal());
        Ok(merkle::leaf_hash(&committed))
    }
}

fn commitments<'f>(fields: impl IntoIterator<Item = &'f Field>) -> Result<Vec<Hash>, LedgerError> {
    fields.into_iter().map(Field::commitment).collect()
}

/// The root over all fields of an entry, in codebook order: the header's `fields_root`. Of no fields, the empty tree's root.
///
/// # Errors
/// As [`Field::commitment`].
pub fn root<'f>(fields: impl IntoIterator<Item = &'f Field>) -> Result<Hash, LedgerError> {
    Ok(merkle::root_of_leaves(&commitments(fields)?))
}

/// One field, shown: with its salt, its place and the path to the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// What is shown.
    pub field: Field,
    /// Its place among the entry's fields.
    pub index: u32,
    /// How many fields the entry has.
    pub count: u32,
    /// Hashes of the others, from the sibling up.
    pub path: Vec<Hash>,
}

/// Opens the field at `index`.
///
/// # Errors
/// An index that is not there.
pub fn open(fields: &[Field], index: u32) -> Result<Opening, LedgerError> {
    let count = u32::try_from(fields.len()).map_err(|_| LedgerError::unwritable(WHAT, "more fields than can be counted"))?;
    let place = usize::try_from(index).ok().and_then(|place| fields.get(place));
    let Some(field) = place else {
        return Err(LedgerError::unwritable(WHAT, format!("field {index} of {count} is not there")));
    };
    let path = merkle::prove_inclusion(&commitments(fields)?, u64::from(index), u64::from(count))?;
    Ok(Opening { field: field.clone(), index, count, path })
}

impl Opening {
    /// Checks that this is what the header with this root commits to.
    ///
    /// # Errors
    /// [`LedgerError::NotProven`].
    pub fn check(&self, fields_root: &Hash) -> Result<(), LedgerError> {
        let commitment = self.field.commitment()?;
        merkle::check_inclusion(u64::from(self.index), u64::from(self.count), &commitment, &self.path, fields_root)
            .map_err(|_| LedgerError::not_proven("field", format!("the entry does not commit to this value of `{}`", self.field.id)))
    }

    /// The bytes that go into a receipt: index, count, salt, length and name, length (4) and value, number of hashes and hashes.
    ///
    /// # Errors
    /// A name or value too long to be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, LedgerError> {
        let too_long = |_| LedgerError::unwritable(WHAT, "a name, value or path too long");
        let mut bytes = self.index.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.count.to_be_bytes());
        bytes.extend_from_slice(&self.field.salt);
        bytes.push(u8::try_from(self.field.id.len()).map_err(too_long)?);
        bytes.extend_from_slice(self.field.id.as_bytes());
        bytes.extend_from_slice(&u32::try_from(self.field.value.reveal().len()).map_err(too_long)?.to_be_bytes());
        bytes.extend_from_slice(self.field.value.reveal());
        bytes.push(u8::try_from(self.path.len()).map_err(too_long)?);
        bytes.extend(self.path.iter().flat_map(|hash| hash.0));
        Ok(bytes)
    }

    /// Reads what [`Opening::to_bytes`] wrote.
    ///
    /// # Errors
    /// Anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LedgerError> {
        let mut reader = Reader::new(bytes, WHAT);
        let opening = Opening::read(&mut reader)?;
        reader.end()?;
        Ok(opening)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, LedgerError> {
        let index = reader.u32("index")?;
        let count = reader.u32("count")?;
        let salt = reader.array("salt")?;
        let length = reader.byte("length of the name")?;
        let id = std::str::from_utf8(reader.take(usize::from(length), "name")?);
        let id =
            id.ok().filter(|id| !id.is_empty()).ok_or_else(|| reader.refuse("a name that is empty or not UTF-8", "the field's name"))?;
        let length = reader.u32("length of the value")?;
        let value = Plaintext::new(reader.take(usize::try_from(length).unwrap_or(usize::MAX), "value")?.to_vec());
        let hashes = reader.byte("number of hashes")?;
        let path = (0..hashes).map(|_| reader.hash("a hash of the path")).collect::<Result<_, _>>()?;
        Ok(Opening { field: Field { salt, id: id.to_owned(), value }, index, count, path })
    }
}
