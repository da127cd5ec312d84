//! PDF (ISO 32000): kept as it came, so that a signature in it stays good; only what hangs after its end is cut off.

use super::{Cleaned, Refused, Removed};
use std::collections::BTreeSet;

pub(super) const BEGIN: &[u8] = b"%PDF-";
const END: &[u8] = b"%%EOF";

/// The letter, if it is whole.
pub(super) fn cleaned(bytes: &[u8]) -> Result<Cleaned, Refused> {
    let last = |words: &[u8]| bytes.windows(words.len()).rposition(|window| window == words);
    let end = last(END).ok_or(Refused::Broken)?;
    if last(b"startxref").is_none_or(|at| at > end) {
        return Err(Refused::Broken);
    }
    let after = end + END.len();
    let breaks = bytes[after..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).take(2).count();
    let (kept, rest) = bytes.split_at(after + breaks);
    let hangs = rest.iter().any(|byte| !byte.is_ascii_whitespace() && *byte != 0);
    let removed: BTreeSet<Removed> = hangs.then_some(Removed::AfterEnd).into_iter().collect();
    Ok(Cleaned { media: "application/pdf", ending: "pdf", bytes: kept.to_vec(), removed })
}
