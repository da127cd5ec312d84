//! How numbers, base64 and hex are spelt in the C2SP texts, and how length-prefixed bytes are read. One spelling each: what has two
//! spellings has two hashes.

use crate::error::LedgerError;
use crate::merkle::Hash;
use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

/// Standard base64 that reads over stray bits after the last whole byte, as the Go programs do that most logs run.
const WITH_STRAY_BITS: GeneralPurpose =
    GeneralPurpose::new(&base64::alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// Standard base64 with padding (RFC 4648 section 4).
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads base64; refuses missing padding and stray bits.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Reads base64 that may have stray bits.
pub(crate) fn from_loose_base64(text: &str) -> Option<Vec<u8>> {
    WITH_STRAY_BITS.decode(text).ok()
}

/// Reads one hash of 32 bytes in base64.
pub(crate) fn hash_from_base64(text: &str) -> Option<Hash> {
    let bytes = from_base64(text)?;
    Some(Hash(bytes.try_into().ok()?))
}

/// Reads a decimal without sign, blank or leading zero.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

/// Shows what was found in a message: short, in backticks, without control characters.
pub(crate) fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(60).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().count() > 60 {
        short.push('…');
    }
    format!("`{short}`")
}

/// Reads fields one after the other from bytes; every refusal names the byte.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    what: &'static str,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Reader { bytes, at: 0, what }
    }

    /// The next `count` bytes, called `field`.
    pub(crate) fn take(&mut self, count: usize, field: &str) -> Result<&'a [u8], LedgerError> {
        let left = self.bytes.len() - self.at;
        if left < count {
            return Err(self.refuse(format!("{left} more bytes"), format!("{count} bytes of {field}")));
        }
        let taken = &self.bytes[self.at..self.at + count];
        self.at += count;
        Ok(taken)
    }

    /// The next `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self, field: &str) -> Result<[u8; N], LedgerError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N, field)?);
        Ok(array)
    }

    pub(crate) fn byte(&mut self, field: &str) -> Result<u8, LedgerError> {
        Ok(self.array::<1>(field)?[0])
    }

    pub(crate) fn u16(&mut self, field: &str) -> Result<u16, LedgerError> {
        Ok(u16::from_be_bytes(self.array(field)?))
    }

    pub(crate) fn u32(&mut self, field: &str) -> Result<u32, LedgerError> {
        Ok(u32::from_be_bytes(self.array(field)?))
    }

    pub(crate) fn u64(&mut self, field: &str) -> Result<u64, LedgerError> {
        Ok(u64::from_be_bytes(self.array(field)?))
    }

    pub(crate) fn hash(&mut self, field: &str) -> Result<Hash, LedgerError> {
        Ok(Hash(self.array(field)?))
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// Nothing may stand after the last field.
    pub(crate) fn end(&self) -> Result<(), LedgerError> {
        if self.is_at_end() {
            return Ok(());
        }
        Err(self.refuse(format!("{} more bytes", self.bytes.len() - self.at), "the end".to_owned()))
    }

    /// A refusal at the byte that was reached.
    pub(crate) fn refuse(&self, found: impl Into<String>, expected: impl Into<String>) -> LedgerError {
        LedgerError::malformed(self.what, format!("byte {}", self.at), found, expected)
    }
}
