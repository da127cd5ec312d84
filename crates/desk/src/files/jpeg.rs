//! JPEG (ITU-T T.81): a row of segments. Kept are those that the picture is made of, its colour profile, and which way up it is.

use super::{Cleaned, Refused, Removed, take};
use std::collections::BTreeSet;

pub(super) const BEGIN: &[u8] = &[0xff, 0xd8, 0xff];

const END: u8 = 0xd9;
const SCAN: u8 = 0xda;
const EXIF: &[u8] = b"Exif\0\0";

/// What becomes of a segment.
enum Fate {
    Keep,
    /// Keep these bytes in its place.
    Instead(Vec<u8>),
    Drop(Removed),
}

/// The picture without what is said beside it.
pub(super) fn cleaned(bytes: &[u8]) -> Result<Cleaned, Refused> {
    let mut kept = bytes[..2].to_vec();
    let mut removed = BTreeSet::new();
    let (mut has_frame, mut has_scan) = (false, false);
    let mut rest = &bytes[2..];
    loop {
        let (marker, after) = marker(rest)?;
        if marker == END {
            kept.extend([0xff, END]);
            if !after.is_empty() {
                removed.insert(Removed::AfterEnd);
            }
            break;
        }
        let (size, _) = take(after, 2)?;
        let size = usize::from(u16::from_be_bytes([size[0], size[1]]));
        let (segment, after) = take(after, size)?;
        let content = segment.get(2..).ok_or(Refused::Broken)?;
        has_frame |= is_frame(marker);
        match fate(marker, content, &mut removed)? {
            Fate::Keep => {
                kept.extend([0xff, marker]);
                kept.extend(segment);
            }
            Fate::Instead(bytes) => kept.extend(bytes),
            Fate::Drop(what) => {
                removed.insert(what);
            }
        }
        rest = after;
        if marker == SCAN {
            has_scan = true;
            let (coded, after) = take(rest, coded(rest)?)?;
            kept.extend(coded);
            rest = after;
        }
    }
    if !has_frame || !has_scan {
        return Err(Refused::Broken);
    }
    Ok(Cleaned { media: "image/jpeg", ending: "jpg", bytes: kept, removed })
}

/// The next marker, past the bytes that may fill the space before it, and what follows.
fn marker(bytes: &[u8]) -> Result<(u8, &[u8]), Refused> {
    let (first, mut rest) = bytes.split_first().ok_or(Refused::Broken)?;
    if *first != 0xff {
        return Err(Refused::Broken);
    }
    loop {
        match rest.split_first() {
            Some((0xff, after)) => rest = after,
            Some((marker, after)) => return Ok((*marker, after)),
            None => return Err(Refused::Broken),
        }
    }
}

/// How many bytes of coded picture come before the next marker.
fn coded(bytes: &[u8]) -> Result<usize, Refused> {
    let is_end = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff);
    bytes.windows(2).position(is_end).ok_or(Refused::Broken)
}

fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

fn fate(marker: u8, content: &[u8], removed: &mut BTreeSet<Removed>) -> Result<Fate, Refused> {
    Ok(match marker {
        // Frame, tables, restart interval, number of lines, scan.
        0xc0..=0xc7 | 0xc9..=0xcf | 0xda..=0xdd => Fate::Keep,
        0xe0 if content.starts_with(b"JFIF\0") && content.len() >= 14 => header(content),
        0xe1 if content.starts_with(EXIF) => exif(&content[EXIF.len()..], removed),
        0xe1 => Fate::Drop(Removed::Text),
        0xe2 if content.starts_with(b"ICC_PROFILE\0") => Fate::Keep,
        // How colours are stored: without it some pictures turn green.
        0xee if content.starts_with(b"Adobe") => Fate::Keep,
        0xed | 0xfe => Fate::Drop(Removed::Text),
        0xe0..=0xef => Fate::Drop(Removed::Other),
        _ => return Err(Refused::Broken),
    })
}

/// The JFIF header without the smaller picture that may stand in it.
fn header(content: &[u8]) -> Fate {
    if content.len() == 14 {
        return Fate::Keep;
    }
    let mut bytes = vec![0xff, 0xe0, 0, 16];
    bytes.extend(&content[..12]);
    bytes.extend([0, 0]);
    Fate::Instead(bytes)
}

/// Of all that a camera says, which way up the picture is: a photograph that lies on its side is worse evidence.
fn exif(tiff: &[u8], removed: &mut BTreeSet<Removed>) -> Fate {
    let Some(tags) = tags(tiff) else { return Fate::Drop(Removed::Camera) };
    if tags.iter().any(|(tag, _)| *tag == 0x8825) {
        removed.insert(Removed::Place);
    }
    let turned = tags.iter().find(|(tag, _)| *tag == 0x0112).and_then(|(_, value)| u8::try_from(*value).ok());
    let Some(turned) = turned.filter(|turned| (2..=8).contains(turned)) else { return Fate::Drop(Removed::Camera) };
    let mut bytes = vec![0xff, 0xe1, 0, 34];
    bytes.extend(EXIF);
    bytes.extend(b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0");
    bytes.extend([turned, 0, 0, 0, 0, 0, 0]);
    // One that was cleaned before says nothing else.
    if bytes.ends_with(tiff) {
        return Fate::Keep;
    }
    removed.insert(Removed::Camera);
    Fate::Instead(bytes)
}

/// Tags of the first directory, each with its value read as one short number.
fn tags(tiff: &[u8]) -> Option<Vec<(u16, u16)>> {
    let is_little = match tiff.get(..2)? {
        b"II" => true,
        b"MM" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let pair: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
    };
    let first: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
    let first = usize::try_from(if is_little { u32::from_le_bytes(first) } else { u32::from_be_bytes(first) }).ok()?;
    let count = usize::from(short(first)?);
    let tag = |number: usize| {
        let at = first.checked_add(2)?.checked_add(number.checked_mul(12)?)?;
        Some((short(at)?, short(at.checked_add(8)?)?))
    };
    (0..count).map(tag).collect()
}
