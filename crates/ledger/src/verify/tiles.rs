//! A folder of tiles as a stored log, ours or anybody's: every file that belongs to it is read and compared.

use super::{Code, Finding, Kept, Stored, StoredLog};
use crate::checkpoint::Checkpoint;
use crate::error::LedgerError;
use crate::leaf::DOMAIN;
use crate::merkle::{Hash, Hashes, leaf_hash, root_of_leaves};
use crate::note::Note;
use crate::policy::Policy;
use crate::tile::{self, Files, Kind, Tile, WIDTH};
use std::collections::BTreeSet;
use std::ops::Range;

const ROW: u64 = WIDTH as u64;

/// A log in files.
#[derive(Debug)]
pub struct TileLog<'a, F: ?Sized> {
    files: &'a F,
    paths: BTreeSet<Tile>,
    strangers: Vec<String>,
    notes: Vec<(String, Vec<u8>)>,
    origin: String,
    size: u64,
    ours: bool,
}

impl<'a, F: Files + ?Sized> TileLog<'a, F> {
    /// Looks at a log's files. `paths` are all files below its folder; the notes are those named `checkpoint` or `checkpoint.…`.
    ///
    /// # Errors
    /// The disk or the network fails.
    pub fn new(files: &'a F, paths: &[String], policy: &Policy) -> Result<Self, LedgerError> {
        let mut log = TileLog {
            files,
            paths: BTreeSet::new(),
            strangers: Vec::new(),
            notes: Vec::new(),
            origin: String::new(),
            size: 0,
            ours: false,
        };
        for path in paths {
            if path == "checkpoint" || path.starts_with("checkpoint.") {
                log.notes.push((path.clone(), files.file(path)?.unwrap_or_default()));
            } else if path.starts_with("tile/") {
                match Tile::parse(path) {
                    Ok(tile) => drop(log.paths.insert(tile)),
                    Err(_) => log.strangers.push(path.clone()),
                }
            }
        }
        log.notes.sort();
        let judged: Vec<Checkpoint> = log.notes.iter().filter_map(|(_, note)| Some(policy.judge(note).ok()?.checkpoint)).collect();
        let newest = judged.iter().max_by_key(|checkpoint| checkpoint.size);
        let stated = || log.notes.iter().find_map(|(_, note)| Checkpoint::parse(Note::parse(note).ok()?.unverified_text()).ok());
        log.origin = newest.map(|checkpoint| checkpoint.origin.clone()).or_else(|| Some(stated()?.origin)).unwrap_or_default();
        log.size = newest.map_or(log.stored(), |checkpoint| checkpoint.size.min(log.stored()));
        let first = log.bundle(0)?;
        log.ours = first.is_some_and(|(bundle, width)| {
            tile::entries(&bundle, width).is_ok_and(|entries| entries.first().is_some_and(|entry| entry.starts_with(DOMAIN)))
        });
        Ok(log)
    }

    /// How many entries the files reach to. A row needs a file of its own, so one stray file far out does not make a log of billions.
    fn stored(&self) -> u64 {
        let rows = self.paths.iter().filter(|tile| matches!(tile.kind, Kind::Entries | Kind::Hashes(0)));
        rows.map(reach).max().unwrap_or(0).min((self.paths.len() as u64).saturating_mul(ROW))
    }

    /// The widest file of a row that is there.
    fn widest(&self, kind: Kind, index: u64) -> Option<Tile> {
        let (narrow, wide) = (Tile { kind, index, width: 0 }, Tile { kind, index, width: WIDTH });
        self.paths.range(narrow..=wide).next_back().copied()
    }

    fn bundle(&self, index: u64) -> Result<Option<(Vec<u8>, u32)>, LedgerError> {
        let Some(tile) = self.widest(Kind::Entries, index) else { return Ok(None) };
        Ok(self.files.file(&tile.to_string())?.map(|bytes| (bytes, tile.width)))
    }

    /// Leaf hashes of a row as its widest tile has them.
    fn leaves(&self, index: u64) -> Result<Option<Vec<Hash>>, LedgerError> {
        let Some(tile) = self.widest(Kind::Hashes(0), index) else { return Ok(None) };
        Ok(self.files.file(&tile.to_string())?.and_then(|bytes| tile.hashes(&bytes).ok()))
    }

    /// Files that must be there and are not, and files that do not belong.
    fn check_presence(&self, findings: &mut Vec<Finding>) {
        for tile in tile::tiles_of(self.size) {
            if self.widest(tile.kind, tile.index).is_none_or(|widest| widest.width < tile.width) {
                let finding = Finding::new(Code::Container, "the file is not there", "a file for this place");
                findings.push(spread(finding, &tile, self.size).file(tile.to_string()));
            }
        }
        for path in &self.strangers {
            findings.push(Finding::new(Code::Container, "a file that is no tile", "tiles only, each at its path").file(path.clone()));
        }
    }

    /// Compares every file that the walk does not: rows as they were when they were shorter, and the tiles above.
    fn check_files(&self, roots: &RowRoots, findings: &mut Vec<Finding>) -> Result<(), LedgerError> {
        for tile in &self.paths {
            let Some(bytes) = self.files.file(&tile.to_string())? else { continue };
            if reach(tile) > self.size.next_multiple_of(ROW) {
                findings.push(Finding::new(Code::Ahead, "holds entries that no checkpoint counts yet", "").file(tile.to_string()));
                continue;
            }
            let difference = match tile.kind {
                Kind::Entries | Kind::Hashes(0) => self.short_row_differs(tile, &bytes)?,
                Kind::Hashes(_) => tile::tile_bytes(tile, roots).ok().and_then(|expected| first_difference(&bytes, &expected)),
            };
            if let Some(difference) = difference {
                let finding = Finding::new(Code::Tile, difference, "what follows from the entries");
                findings.push(spread(finding, tile, self.size).file(tile.to_string()));
            }
        }
        Ok(())
    }

    /// Whether a row as it was when it was shorter is no beginning of the row as it is. Where entries and leaf hashes of the row differ,
    /// which is told elsewhere, either will do.
    fn short_row_differs(&self, tile: &Tile, bytes: &[u8]) -> Result<Option<String>, LedgerError> {
        if self.widest(tile.kind, tile.index) == Some(*tile) {
            return Ok(None);
        }
        let row = self.row(tile.index, &mut Vec::new())?;
        let held: Vec<Hash> = match tile.kind {
            Kind::Entries => match tile::entries(bytes, tile.width) {
                Ok(entries) => entries.into_iter().map(leaf_hash).collect(),
                Err(error) => return Ok(Some(error.to_string())),
            },
            Kind::Hashes(_) => match tile.hashes(bytes) {
                Ok(hashes) => hashes,
                Err(error) => return Ok(Some(error.to_string())),
            },
        };
        let fits = |place: usize, hash: &Hash| {
            let (bytes, leaf) = row.at(place);
            leaf == Some(*hash) || bytes.is_some_and(|bytes| leaf_hash(bytes) == *hash) || (leaf.is_none() && bytes.is_none())
        };
        let differing = held.iter().enumerate().position(|(place, hash)| !fits(place, hash));
        Ok(differing.map(|place| format!("another entry {}", tile.index * ROW + place as u64)))
    }

    /// The root of a full row. Where entries and leaf hashes differ, which the walk tells, the tile above says which root it is.
    fn root_of_row(&self, index: u64, row: &Row) -> Result<Hash, LedgerError> {
        let places = 0..usize::try_from(row.width).unwrap_or(0);
        let (mut of_tile, mut of_entries) = (Vec::new(), Vec::new());
        for (bytes, leaf) in places.map(|place| row.at(place)) {
            let hash = bytes.map(leaf_hash);
            of_tile.extend(leaf.or(hash));
            of_entries.extend(hash.or(leaf));
        }
        let by_tile = root_of_leaves(&of_tile);
        if of_tile == of_entries {
            return Ok(by_tile);
        }
        let Some(above) = self.widest(Kind::Hashes(1), index / ROW) else { return Ok(by_tile) };
        let hashes = self.files.file(&above.to_string())?.and_then(|bytes| above.hashes(&bytes).ok()).unwrap_or_default();
        let stored = usize::try_from(index % ROW).ok().and_then(|place| hashes.get(place).copied());
        let by_entries = root_of_leaves(&of_entries);
        Ok(if stored == Some(by_tile) { by_tile } else { by_entries })
    }

    /// A row's leaf hashes: of the entries where they can be read, of the tile where not. Told apart where they differ.
    fn row(&self, index: u64, findings: &mut Vec<Finding>) -> Result<Row, LedgerError> {
        let width = u32::try_from((self.size - index * ROW).min(ROW)).unwrap_or(WIDTH);
        let bundle = self.bundle(index)?;
        let mut entries = None;
        if let Some((bytes, of)) = bundle {
            match bounds(&bytes, of) {
                Ok(bounds) => entries = Some((bytes, bounds)),
                Err(error) => {
                    let tile = Tile { kind: Kind::Entries, index, width: of };
                    findings.push(spread(Finding::refusal(Code::Container, &error), &tile, self.size).file(tile.to_string()));
                }
            }
        }
        let leaves = self.leaves(index)?;
        if leaves.is_none()
            && let Some(tile) = self.widest(Kind::Hashes(0), index)
        {
            let finding = Finding::new(Code::Tile, "a wrong length", format!("{} hashes of 32 bytes", tile.width));
            findings.push(spread(finding, &tile, self.size).file(tile.to_string()));
        }
        Ok(Row { width, entries, leaves })
    }
}

/// The end of what a file spans, in entries.
fn reach(tile: &Tile) -> u64 {
    let level = match tile.kind {
        Kind::Entries => 0,
        Kind::Hashes(level) => u32::from(level),
    };
    let each = ROW.checked_pow(level).unwrap_or(u64::MAX);
    (tile.index.saturating_mul(ROW).saturating_add(u64::from(tile.width))).saturating_mul(each)
}

/// A finding over the entries that a file spans.
fn spread(finding: Finding, tile: &Tile, size: u64) -> Finding {
    let level = match tile.kind {
        Kind::Entries => 0,
        Kind::Hashes(level) => u32::from(level),
    };
    let first = tile.index.saturating_mul(ROW).saturating_mul(ROW.checked_pow(level).unwrap_or(u64::MAX));
    let last = reach(tile).min(size.max(first + 1)).saturating_sub(1);
    finding.over(first, last)
}

fn first_difference(found: &[u8], expected: &[u8]) -> Option<String> {
    if found == expected {
        return None;
    }
    Some(match found.iter().zip(expected).position(|(found, expected)| found != expected) {
        Some(at) => format!("another byte {at}"),
        None => format!("{} bytes instead of {}", found.len(), expected.len()),
    })
}

/// One row of 256 entries as the files have it.
struct Row {
    width: u32,
    /// The bundle, and where each entry stands in it.
    entries: Option<(Vec<u8>, Vec<Range<usize>>)>,
    leaves: Option<Vec<Hash>>,
}

/// Where the entries of a bundle stand.
fn bounds(bundle: &[u8], width: u32) -> Result<Vec<Range<usize>>, LedgerError> {
    let mut end = 0;
    let place = |entry: &[u8]| {
        let start = end + 2;
        end = start + entry.len();
        start..end
    };
    Ok(tile::entries(bundle, width)?.into_iter().map(place).collect())
}

impl Row {
    /// The entry and the leaf hash at a place.
    fn at(&self, place: usize) -> (Option<&[u8]>, Option<Hash>) {
        let bytes = self.entries.as_ref().and_then(|(bundle, bounds)| bundle.get(bounds.get(place)?.clone()));
        (bytes, self.leaves.as_ref().and_then(|leaves| leaves.get(place)).copied())
    }
}

/// The roots of full rows, from which every tile above follows.
#[derive(Default)]
struct RowRoots(Vec<Hash>);

impl Hashes for RowRoots {
    fn hash(&self, level: u8, index: u64) -> Result<Hash, LedgerError> {
        let above = level.checked_sub(8).ok_or(LedgerError::Missing { level, index, detail: String::new() })?;
        self.0.hash(above, index)
    }
}

impl<F: Files + ?Sized> StoredLog for TileLog<'_, F> {
    fn origin(&self) -> String {
        self.origin.clone()
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn is_ours(&self) -> bool {
        self.ours
    }

    fn notes(&self) -> Vec<(String, Vec<u8>)> {
        self.notes.clone()
    }

    fn read(&self, each: &mut dyn FnMut(Stored<'_>)) -> Result<Vec<Finding>, LedgerError> {
        let mut findings = Vec::new();
        self.check_presence(&mut findings);
        let mut roots = RowRoots::default();
        for index in 0..self.size.div_ceil(ROW) {
            let row = self.row(index, &mut findings)?;
            for (bytes, leaf) in (0..usize::try_from(row.width).unwrap_or(0)).map(|place| row.at(place)) {
                each(Stored { bytes, leaf, parts: None });
            }
            if u64::from(row.width) == ROW {
                roots.0.push(self.root_of_row(index, &row)?);
            }
        }
        self.check_files(&roots, &mut findings)?;
        Ok(findings)
    }

    fn kept_in(&self, index: u64) -> Kept {
        let path = |kind| self.widest(kind, index / ROW).map(|tile| tile.to_string());
        Kept { entry: path(Kind::Entries), leaf: path(Kind::Hashes(0)) }
    }
}
