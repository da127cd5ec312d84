//! PNG (ISO/IEC 15948): a row of chunks. Kept are those that the picture and its colours are made of.

use super::{Cleaned, Refused, Removed, take};
use std::collections::BTreeSet;

pub(super) const BEGIN: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Picture, palette, transparency, colours, size of a dot, frames.
const KEPT: [&[u8; 4]; 16] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"bKGD", b"pHYs", b"acTL", b"fcTL",
    b"fdAT",
];

/// The picture without what is said beside it.
pub(super) fn cleaned(bytes: &[u8]) -> Result<Cleaned, Refused> {
    let mut kept = BEGIN.to_vec();
    let mut removed = BTreeSet::new();
    let (mut is_first, mut has_picture) = (true, false);
    let mut rest = &bytes[BEGIN.len()..];
    loop {
        let (size, _) = take(rest, 4)?;
        let size = usize::try_from(u32::from_be_bytes([size[0], size[1], size[2], size[3]])).map_err(|_| Refused::Broken)?;
        // Length and name before, a sum of control after it.
        let (chunk, after) = take(rest, size.checked_add(12).ok_or(Refused::Broken)?)?;
        let name = &chunk[4..8];
        if !name.iter().all(u8::is_ascii_alphabetic) || is_first != (name == b"IHDR") {
            return Err(Refused::Broken);
        }
        is_first = false;
        has_picture |= name == b"IDAT";
        if KEPT.iter().any(|kept| kept.as_slice() == name) {
            kept.extend(chunk);
        } else if name[0].is_ascii_uppercase() {
            // The picture cannot be shown without it, and nobody here knows what it is.
            return Err(Refused::Broken);
        } else {
            removed.insert(match name {
                b"eXIf" => Removed::Place,
                b"tEXt" | b"zTXt" | b"iTXt" => Removed::Text,
                b"tIME" => Removed::Camera,
                _ => Removed::Other,
            });
        }
        rest = after;
        if name == b"IEND" {
            break;
        }
    }
    if !rest.is_empty() {
        removed.insert(Removed::AfterEnd);
    }
    if !has_picture {
        return Err(Refused::Broken);
    }
    Ok(Cleaned { media: "image/png", ending: "png", bytes: kept, removed })
}
