//! A log as files (C2SP tlog-tiles): hashes in tiles of 256, entries in bundles of 256, each at a path that its place tells.
//!
//! Tiles are derived: they can be thrown away and written again from the entries.

use crate::encoding::{Reader, decimal, shown};
use crate::error::LedgerError;
use crate::merkle::{Hash, Hashes, node_hash};
use std::fmt;

/// Hashes of a full tile, entries of a full bundle.
pub const WIDTH: u32 = 256;

/// Levels of the tree that one level of tiles spans.
pub const HEIGHT: u8 = 8;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Entries, each with its length before it.
    Entries,
    /// Hashes of a level: 0 holds leaf hashes, each level above the roots of full tiles below.
    Hashes(u8),
}

/// The place of a file. Its text form is the path below the log's folder or address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// Entries, or a level of hashes.
    pub kind: Kind,
    /// Which one of its level, from 0.
    pub index: u64,
    /// How many it holds: 1 to 256; below 256 the tile is partial.
    pub width: u32,
}

impl fmt::Display for Tile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Entries => write!(out, "tile/entries")?,
            Kind::Hashes(level) => write!(out, "tile/{level}")?,
        }
        let mut groups = vec![format!("{:03}", self.index % 1000)];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(format!("x{:03}", rest % 1000));
            rest /= 1000;
        }
        groups.iter().rev().try_for_each(|group| write!(out, "/{group}"))?;
        if self.width < WIDTH { write!(out, ".p/{}", self.width) } else { Ok(()) }
    }
}

impl Tile {
    /// Reads a path such as `tile/0/x001/234.p/44`.
    ///
    /// # Errors
    /// Any path that [`Tile`] would not write.
    pub fn parse(path: &str) -> Result<Self, LedgerError> {
        let refuse = || LedgerError::malformed("tile", "its path", shown(path), "`tile/LEVEL/NNN`, `tile/entries/NNN`, each with `.p/W`");
        let rest = path.strip_prefix("tile/").ok_or_else(refuse)?;
        let (rest, width) = match rest.split_once(".p/") {
            Some((rest, width)) => (rest, u32::try_from(decimal(width).ok_or_else(refuse)?).map_err(|_| refuse())?),
            None => (rest, WIDTH),
        };
        let (level, groups) = rest.split_once('/').ok_or_else(refuse)?;
        let kind = match level {
            "entries" => Kind::Entries,
            _ => Kind::Hashes(decimal(level).and_then(|level| u8::try_from(level).ok()).filter(|level| *level < 64).ok_or_else(refuse)?),
        };
        let mut index = 0u64;
        for group in groups.split('/') {
            let digits = group.strip_prefix('x').unwrap_or(group);
            let number: u64 = digits.parse().ok().filter(|_| digits.len() == 3).ok_or_else(refuse)?;
            index = index.checked_mul(1000).and_then(|index| index.checked_add(number)).ok_or_else(refuse)?;
        }
        let tile = Tile { kind, index, width };
        if tile.to_string() == path { Ok(tile) } else { Err(refuse()) }
    }

    /// How many bytes a tile of hashes has; of entries it cannot be told beforehand.
    #[must_use]
    pub fn byte_length(&self) -> Option<usize> {
        match self.kind {
            Kind::Entries => None,
            Kind::Hashes(_) => usize::try_from(self.width).ok().map(|width| width * 32),
        }
    }

    /// The hashes that a tile holds.
    ///
    /// # Errors
    /// Another number of bytes than its width tells.
    pub fn hashes(&self, bytes: &[u8]) -> Result<Vec<Hash>, LedgerError> {
        if Some(bytes.len()) != self.byte_length() {
            let expected = format!("{} hashes of 32 bytes", self.width);
            return Err(LedgerError::malformed("tile", self.to_string(), format!("{} bytes", bytes.len()), expected));
        }
        Ok(bytes.as_chunks::<32>().0.iter().map(|chunk| Hash(*chunk)).collect())
    }
}

/// Tiles of hashes of a tree of `size` leaves at one level, from left to right: full ones, and the partial one at the end.
fn level_tiles(kind: Kind, size: u64, level: u8) -> Vec<Tile> {
    let count = size.checked_shr(u32::from(level) * u32::from(HEIGHT)).unwrap_or(0);
    let full = (0..count / u64::from(WIDTH)).map(|index| Tile { kind, index, width: WIDTH });
    let partial = u32::try_from(count % u64::from(WIDTH)).expect("below 256");
    let last = (partial > 0).then_some(Tile { kind, index: count / u64::from(WIDTH), width: partial });
    full.chain(last).collect()
}

/// All files of a log of `size` entries: bundles, then hashes from level 0 up.
#[must_use]
pub fn tiles_of(size: u64) -> Vec<Tile> {
    new_tiles(0, size)
}

/// The files that are new or have grown when a log grows from `old` to `new` entries.
#[must_use]
pub fn new_tiles(old: u64, new: u64) -> Vec<Tile> {
    let levels = (0..HEIGHT).map(|level| (Kind::Hashes(level), level));
    std::iter::once((Kind::Entries, 0))
        .chain(levels)
        .flat_map(|(kind, level)| {
            let shift = u32::from(level) * u32::from(HEIGHT);
            let full_before = (old >> shift) / u64::from(WIDTH);
            let unchanged = old >> shift == new >> shift;
            level_tiles(kind, new, level).into_iter().filter(move |tile| !unchanged && tile.index >= full_before)
        })
        .collect()
}

/// The bytes of a tile of hashes, made from stored hashes.
///
/// # Errors
/// A hash that is not stored; a bundle, which is made of entries by [`bundle`].
pub fn tile_bytes(tile: &Tile, hashes: &(impl Hashes + ?Sized)) -> Result<Vec<u8>, LedgerError> {
    let Kind::Hashes(level) = tile.kind else {
        return Err(LedgerError::unwritable("tile", "a bundle of entries is not made of hashes"));
    };
    let first = tile.index * u64::from(WIDTH);
    let mut bytes = Vec::with_capacity(32 * 256);
    for place in first..first + u64::from(tile.width) {
        bytes.extend_from_slice(&hashes.hash(level * HEIGHT, place)?.0);
    }
    Ok(bytes)
}

/// Writes a bundle: each entry with its length (2 bytes) before it.
///
/// # Errors
/// An entry longer than 65,535 bytes.
pub fn bundle<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, LedgerError> {
    let mut bytes = Vec::new();
    for entry in entries {
        let length = u16::try_from(entry.len());
        let length = length.map_err(|_| LedgerError::unwritable("entry bundle", format!("an entry of {} bytes", entry.len())))?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Ok(bytes)
}

/// Reads a bundle of `width` entries.
///
/// # Errors
/// Bytes that end too early or too late.
pub fn entries(bytes: &[u8], width: u32) -> Result<Vec<&[u8]>, LedgerError> {
    let mut reader = Reader::new(bytes, "entry bundle");
    let mut entries = Vec::new();
    for _ in 0..width {
        let length = reader.u16("length of an entry")?;
        entries.push(reader.take(usize::from(length), "an entry")?);
    }
    reader.end()?;
    Ok(entries)
}

/// Where a log's files are: a folder, an address, a map in a test.
pub trait Files {
    /// The bytes at a path below the log, or nothing if it is not there.
    ///
    /// # Errors
    /// [`LedgerError::Unreadable`]: the disk or the network fails.
    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, LedgerError>;
}

/// Reads complete hashes out of the tiles of a log of `size` entries.
#[derive(Debug)]
pub struct TileHashes<'a, F: ?Sized> {
    files: &'a F,
    size: u64,
}

impl<'a, F: Files + ?Sized> TileHashes<'a, F> {
    /// A reader for the tree of `size` entries.
    pub fn new(files: &'a F, size: u64) -> Self {
        TileHashes { files, size }
    }

    /// The hashes of a tile: as it is at this size, or the full tile if that is there.
    ///
    /// # Errors
    /// A tile that is not there or has the wrong length.
    pub fn tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, LedgerError> {
        let count = self.size.checked_shr(u32::from(level) * u32::from(HEIGHT)).unwrap_or(0);
        let left = count.saturating_sub(index * u64::from(WIDTH)).min(u64::from(WIDTH));
        let width = u32::try_from(left).expect("at most 256");
        let missing = |detail: String| LedgerError::Missing { level: level * HEIGHT, index: index * u64::from(WIDTH), detail };
        if width == 0 {
            return Err(missing(format!(": a log of {} entries has no such tile", self.size)));
        }
        let tile = Tile { kind: Kind::Hashes(level), index, width };
        if let Some(bytes) = self.files.file(&tile.to_string())? {
            return tile.hashes(&bytes);
        }
        let full = Tile { width: WIDTH, ..tile };
        match self.files.file(&full.to_string())? {
            Some(bytes) => Ok(full.hashes(&bytes)?[..usize::try_from(width).expect("at most 256")].to_vec()),
            None => Err(missing(format!(": {tile} is not there"))),
        }
    }
}

impl<F: Files + ?Sized> Hashes for TileHashes<'_, F> {
    fn hash(&self, level: u8, index: u64) -> Result<Hash, LedgerError> {
        let within = level % HEIGHT;
        let first = index.checked_shl(u32::from(within)).filter(|first| first >> within == index);
        let missing = || LedgerError::Missing { level, index, detail: String::new() };
        let first = first.ok_or_else(missing)?;
        let hashes = self.tile(level / HEIGHT, first / u64::from(WIDTH))?;
        let start = usize::try_from(first % u64::from(WIDTH)).expect("below 256");
        let mut row = hashes.get(start..start + (1 << within)).ok_or_else(missing)?.to_vec();
        while row.len() > 1 {
            row = row.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
        }
        row.first().copied().ok_or_else(missing)
    }
}
