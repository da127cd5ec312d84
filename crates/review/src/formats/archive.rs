//! One file out of a zip archive: what a .docx is. Only storing and deflating are known, as the format of documents asks.

use crate::error::ReviewError;
use flate2::read::DeflateDecoder;
use std::io::Read;

/// How large an unpacked file may be: beyond that it is refused, whatever the archive promises.
const LARGEST: u64 = 256 << 20;

const END: [u8; 4] = [0x50, 0x4b, 5, 6];
const ENTRY: [u8; 4] = [0x50, 0x4b, 1, 2];
const LOCAL: [u8; 4] = [0x50, 0x4b, 3, 4];

fn damaged(why: &str) -> ReviewError {
    ReviewError::Damaged { form: "the .docx archive", why: why.to_owned() }
}

fn small(bytes: &[u8], at: usize) -> Option<usize> {
    let pair = bytes.get(at..at.checked_add(2)?)?;
    Some(usize::from(u16::from_le_bytes(pair.try_into().ok()?)))
}

fn large(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_le_bytes(four.try_into().ok()?)).ok()
}

/// The bytes of the file `name` in the archive; nothing where it has no such file.
///
/// # Errors
/// An archive that is cut short, or packed in another way.
pub fn file(archive: &[u8], name: &str) -> Result<Option<Vec<u8>>, ReviewError> {
    let tail = archive.len().saturating_sub(66_000);
    let end = archive[tail..].windows(4).rposition(|window| window == END).map(|at| tail + at).ok_or_else(|| damaged("it has no end"))?;
    let count = small(archive, end + 10).ok_or_else(|| damaged("its end is cut short"))?;
    let mut at = large(archive, end + 16).ok_or_else(|| damaged("its end is cut short"))?;
    for _ in 0..count {
        let entry = entry(archive, at).ok_or_else(|| damaged("its list of files is cut short"))?;
        if entry.name == name.as_bytes() {
            return unpack(archive, &entry).map(Some);
        }
        at = entry.next;
    }
    Ok(None)
}

/// One line of the archive's list of files.
struct Entry<'a> {
    name: &'a [u8],
    method: usize,
    packed: usize,
    local: usize,
    next: usize,
}

fn entry(archive: &[u8], at: usize) -> Option<Entry<'_>> {
    if archive.get(at..at.checked_add(4)?)? != ENTRY {
        return None;
    }
    let (name, extra, comment) = (small(archive, at + 28)?, small(archive, at + 30)?, small(archive, at + 32)?);
    let (method, packed, local) = (small(archive, at + 10)?, large(archive, at + 20)?, large(archive, at + 42)?);
    let next = at + 46 + name + extra + comment;
    Some(Entry { name: archive.get(at + 46..at + 46 + name)?, method, packed, local, next })
}

fn unpack(archive: &[u8], entry: &Entry<'_>) -> Result<Vec<u8>, ReviewError> {
    let body = (|| {
        let at = entry.local;
        if archive.get(at..at.checked_add(4)?)? != LOCAL {
            return None;
        }
        let start = at.checked_add(30)?.checked_add(small(archive, at + 26)?)?.checked_add(small(archive, at + 28)?)?;
        archive.get(start..start.checked_add(entry.packed)?)
    })()
    .ok_or_else(|| damaged("a file in it is cut short"))?;
    match entry.method {
        0 => Ok(body.to_vec()),
        8 => {
            let mut out = Vec::new();
            let read = DeflateDecoder::new(body).take(LARGEST).read_to_end(&mut out);
            read.map_err(|error| damaged(&error.to_string()))?;
            Ok(out)
        }
        other => Err(damaged(&format!("packed by method {other}, which documents do not use"))),
    }
}
