//! WebP (RFC 9649): a RIFF file. Kept are the chunks that the picture and its colours are made of.

use super::{Cleaned, Refused, Removed, take};
use std::collections::BTreeSet;

const KEPT: [&[u8; 4]; 7] = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];

/// Flags of the first chunk that say that a camera's notes and a description follow.
const SAID: u8 = 0x08 | 0x04;

pub(super) fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP")
}

/// The picture without what is said beside it.
pub(super) fn cleaned(bytes: &[u8]) -> Result<Cleaned, Refused> {
    let said = number(&bytes[4..8])?;
    let (whole, after) = take(bytes, said.checked_add(8).ok_or(Refused::Broken)?)?;
    let mut removed = BTreeSet::new();
    if !after.is_empty() {
        removed.insert(Removed::AfterEnd);
    }
    let mut rest = whole.get(12..).ok_or(Refused::Broken)?;
    let (mut kept, mut has_picture, mut is_first) = (Vec::new(), false, true);
    while !rest.is_empty() {
        let (head, content) = take(rest, 8)?;
        let (name, size) = (&head[..4], number(&head[4..])?);
        // A chunk of an odd size is followed by a byte that fills it up.
        let (content, after) = take(content, size.checked_add(size % 2).ok_or(Refused::Broken)?)?;
        if is_first && !matches!(name, b"VP8 " | b"VP8L" | b"VP8X") {
            return Err(Refused::Broken);
        }
        is_first = false;
        has_picture |= matches!(name, b"VP8 " | b"VP8L" | b"ANMF");
        if KEPT.iter().any(|kept| kept.as_slice() == name) {
            kept.extend(head);
            let from = kept.len();
            kept.extend(content);
            if let (b"VP8X", Some(flags)) = (name, kept.get_mut(from)) {
                *flags &= !SAID;
            }
        } else {
            removed.insert(match name {
                b"EXIF" => Removed::Place,
                b"XMP " => Removed::Text,
                _ => Removed::Other,
            });
        }
        rest = after;
    }
    if !has_picture {
        return Err(Refused::Broken);
    }
    let size = u32::try_from(kept.len() + 4).map_err(|_| Refused::Broken)?;
    let bytes = [b"RIFF", size.to_le_bytes().as_slice(), b"WEBP", &kept].concat();
    Ok(Cleaned { media: "image/webp", ending: "webp", bytes, removed })
}

fn number(bytes: &[u8]) -> Result<usize, Refused> {
    let bytes: [u8; 4] = bytes.try_into().map_err(|_| Refused::Broken)?;
    usize::try_from(u32::from_le_bytes(bytes)).map_err(|_| Refused::Broken)
}
