//! Zip archives, which a .docx is and in which tables travel. Only storing and deflating are known, as the format of documents asks.

use crate::error::ReviewError;
use flate2::read::DeflateDecoder;
use std::io::{Read, Write};

/// How large an unpacked file may be: beyond that it is refused, whatever the archive promises.
const LARGEST: u64 = 256 << 20;

const END: [u8; 4] = [0x50, 0x4b, 5, 6];
const ENTRY: [u8; 4] = [0x50, 0x4b, 1, 2];
const LOCAL: [u8; 4] = [0x50, 0x4b, 3, 4];

fn damaged(why: &str) -> ReviewError {
    ReviewError::Damaged { form: "the archive", why: why.to_owned() }
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
    let found = entries(archive)?.into_iter().find(|entry| entry.name == name.as_bytes());
    found.map(|entry| unpack(archive, &entry)).transpose()
}

/// Every file of an archive whose name ends in `ending`, with its name without folders.
///
/// # Errors
/// An archive that is cut short, or packed in another way.
pub fn files(archive: &[u8], ending: &str) -> Result<Vec<(String, Vec<u8>)>, ReviewError> {
    let named = entries(archive)?.into_iter().filter_map(|entry| {
        let name = String::from_utf8_lossy(entry.name);
        let name = name.rsplit('/').next().filter(|name| name.ends_with(ending))?.to_owned();
        Some((name, entry))
    });
    named.map(|(name, entry)| Ok((name, unpack(archive, &entry)?))).collect()
}

fn entries(archive: &[u8]) -> Result<Vec<Entry<'_>>, ReviewError> {
    let tail = archive.len().saturating_sub(66_000);
    let end = archive[tail..].windows(4).rposition(|window| window == END).map(|at| tail + at).ok_or_else(|| damaged("it has no end"))?;
    let count = small(archive, end + 10).ok_or_else(|| damaged("its end is cut short"))?;
    let mut at = large(archive, end + 16).ok_or_else(|| damaged("its end is cut short"))?;
    let mut found = Vec::new();
    for _ in 0..count {
        let entry = entry(archive, at).ok_or_else(|| damaged("its list of files is cut short"))?;
        at = entry.next;
        found.push(entry);
    }
    Ok(found)
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

/// Files in a ZIP archive, uncompressed, dated 1980 so that the same files give the same bytes.
#[must_use]
pub fn packed(files: &[(&str, &str)]) -> Vec<u8> {
    const DATED: [u8; 4] = [0, 0, 0x21, 0];
    let small = |n: usize| u16::try_from(n).unwrap_or(u16::MAX).to_le_bytes();
    let large = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
    let (mut out, mut central) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let mut sum = flate2::Crc::new();
        sum.update(text.as_bytes());
        let mut about = Vec::new();
        about.extend(small(20));
        about.extend([0, 0, 0, 0]);
        about.extend(DATED);
        about.extend(sum.sum().to_le_bytes());
        about.extend(large(text.len()));
        about.extend(large(text.len()));
        about.extend(small(name.len()));
        about.extend(small(0));
        central.extend(b"PK\x01\x02");
        central.extend(small(20));
        central.extend(&about);
        central.extend([0; 10]);
        central.extend(large(out.len()));
        central.extend(name.as_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&about);
        // Writing to memory does not fail.
        let _ = write!(out, "{name}{text}");
    }
    let (at, size) = (out.len(), central.len());
    out.extend(central);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(small(files.len()));
    out.extend(small(files.len()));
    out.extend(large(size));
    out.extend(large(at));
    out.extend(small(0));
    out
}
