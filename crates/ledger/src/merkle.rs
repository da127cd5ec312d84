//! The Merkle tree of RFC 6962: hashes, the right edge that is kept while appending, and the two proofs.
//!
//! An inclusion proof says: this leaf is at this index of the tree with that root. A consistency proof says: the tree with this root is
//! a prefix of the tree with that root. Both are made from stored hashes ([`Hashes`]) and checked from nothing but themselves, by the
//! algorithms of RFC 9162 sections 2.1.3.2 and 2.1.4.2.

use crate::encoding::{Reader, hash_from_base64, shown, to_base64};
use crate::error::LedgerError;
use sha2::{Digest, Sha256};
use std::fmt;

/// A SHA-256 hash: 32 bytes. Shown as base64, as in checkpoints.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// SHA-256 of bytes, without any prefix: for ciphertexts, origins, chapters.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Hash(Sha256::digest(bytes).into())
    }

    /// Reads standard base64 of 32 bytes.
    ///
    /// # Errors
    /// Anything else.
    pub fn from_base64(text: &str) -> Result<Self, LedgerError> {
        hash_from_base64(text).ok_or_else(|| LedgerError::malformed("hash", "its text", shown(text), "32 bytes in base64"))
    }

    /// The hash in lower-case hex, as witnesses use it in addresses.
    #[must_use]
    pub fn to_hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&to_base64(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}

/// The root of a log without entries: SHA-256 of nothing (RFC 6962 section 2.1).
pub const EMPTY_ROOT: Hash = Hash([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
    0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

/// `SHA-256(0x00 || entry)`.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
}

/// `SHA-256(0x01 || left || right)`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// The right edge of a tree: its size, and the root of each full subtree from the largest to the smallest. All that is needed to append
/// and to tell the root; at most 64 hashes whatever the size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    subtrees: Vec<Hash>,
}

impl Edge {
    /// The edge of a log without entries.
    #[must_use]
    pub fn new() -> Self {
        Edge::default()
    }

    /// How many leaves the tree has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: Hash) {
        self.push_noting(leaf, |_, _, _| ());
    }

    /// Appends a leaf, and tells each hash that is now complete and will never change: level, index within the level, hash.
    /// Level 0 is the leaf itself. Who stores them can read any proof back through [`Hashes`].
    pub fn push_noting(&mut self, leaf: Hash, mut note: impl FnMut(u8, u64, Hash)) {
        note(0, self.size, leaf);
        let mut hash = leaf;
        for level in 0..self.size.trailing_ones() {
            let left = self.subtrees.pop().expect("each set bit of the size has its subtree");
            hash = node_hash(&left, &hash);
            note(u8::try_from(level + 1).expect("at most 64 levels"), self.size >> (level + 1), hash);
        }
        self.subtrees.push(hash);
        self.size += 1;
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut subtrees = self.subtrees.iter().rev();
        let Some(smallest) = subtrees.next() else { return EMPTY_ROOT };
        subtrees.fold(*smallest, |right, left| node_hash(left, &right))
    }

    /// Size (8 bytes, big-endian), then the hashes, largest subtree first.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        bytes.extend(self.subtrees.iter().flat_map(|hash| hash.0));
        bytes
    }

    /// Reads what [`Edge::to_bytes`] wrote. Whether it belongs to a certain log is for the root to say.
    ///
    /// # Errors
    /// Another number of hashes than the size has ones in binary.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LedgerError> {
        let mut reader = Reader::new(bytes, "edge of the tree");
        let size = reader.u64("size")?;
        let subtrees = (0..size.count_ones()).map(|_| reader.hash("a subtree")).collect::<Result<_, _>>()?;
        reader.end()?;
        Ok(Edge { size, subtrees })
    }
}

/// Where complete hashes are stored. Level 0 holds the leaf hashes; index `i` of level `l` covers the leaves `i·2^l .. (i+1)·2^l`.
pub trait Hashes {
    /// The hash of a complete subtree.
    ///
    /// # Errors
    /// [`LedgerError::Missing`] when it is not stored.
    fn hash(&self, level: u8, index: u64) -> Result<Hash, LedgerError>;
}

/// Leaf hashes in memory; the levels above are worked out when asked for.
impl Hashes for [Hash] {
    fn hash(&self, level: u8, index: u64) -> Result<Hash, LedgerError> {
        let missing = || LedgerError::Missing { level, index, detail: String::new() };
        let start = index.checked_shl(u32::from(level)).and_then(|start| usize::try_from(start).ok()).ok_or_else(missing)?;
        let end = 1usize.checked_shl(u32::from(level)).and_then(|width| start.checked_add(width)).ok_or_else(missing)?;
        let leaves = self.get(start..end).ok_or_else(missing)?;
        Ok(root_of_leaves(leaves))
    }
}

impl Hashes for Vec<Hash> {
    fn hash(&self, level: u8, index: u64) -> Result<Hash, LedgerError> {
        self.as_slice().hash(level, index)
    }
}

/// The root over leaf hashes.
#[must_use]
pub fn root_of_leaves(leaves: &[Hash]) -> Hash {
    let mut edge = Edge::new();
    for leaf in leaves {
        edge.push(*leaf);
    }
    edge.root()
}

/// The root of the tree of the first `size` leaves.
///
/// # Errors
/// A hash that is not stored.
pub fn root(hashes: &(impl Hashes + ?Sized), size: u64) -> Result<Hash, LedgerError> {
    if size == 0 { Ok(EMPTY_ROOT) } else { subtree(hashes, 0, size) }
}

/// The edge of the tree of the first `size` leaves, to go on appending from there.
///
/// # Errors
/// A hash that is not stored.
pub fn edge(hashes: &(impl Hashes + ?Sized), size: u64) -> Result<Edge, LedgerError> {
    let mut subtrees = Vec::new();
    let mut start = 0u64;
    for level in (0..64u8).rev().filter(|level| size >> level & 1 == 1) {
        subtrees.push(hashes.hash(level, start >> level)?);
        start += 1 << level;
    }
    Ok(Edge { size, subtrees })
}

/// The root over the leaves `start..end`; `start` is a multiple of the largest power of two below the length, as in every recursion here.
fn subtree(hashes: &(impl Hashes + ?Sized), start: u64, end: u64) -> Result<Hash, LedgerError> {
    let length = end - start;
    if length.is_power_of_two() {
        let level = length.trailing_zeros();
        return hashes.hash(u8::try_from(level).expect("at most 64 levels"), start >> level);
    }
    let middle = start + left_width(length);
    Ok(node_hash(&subtree(hashes, start, middle)?, &subtree(hashes, middle, end)?))
}

/// The largest power of two below `length` (which is above 1).
fn left_width(length: u64) -> u64 {
    1 << (length - 1).ilog2()
}

/// Makes the inclusion proof of leaf `index` in the tree of the first `size` leaves: from the leaf's sibling up to the root's child.
///
/// # Errors
/// An index outside the tree, or a hash that is not stored.
pub fn prove_inclusion(hashes: &(impl Hashes + ?Sized), index: u64, size: u64) -> Result<Vec<Hash>, LedgerError> {
    if index >= size {
        return Err(LedgerError::unwritable("inclusion proof", format!("index {index} is not in a tree of {size}")));
    }
    let (mut start, mut end) = (0, size);
    let mut path = Vec::new();
    while end - start > 1 {
        let middle = start + left_width(end - start);
        if index < middle {
            path.push(subtree(hashes, middle, end)?);
            end = middle;
        } else {
            path.push(subtree(hashes, start, middle)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// Makes the proof that the tree of the first `old` leaves is a prefix of the tree of the first `new` leaves.
///
/// # Errors
/// `old` above `new`, or a hash that is not stored.
pub fn prove_consistency(hashes: &(impl Hashes + ?Sized), old: u64, new: u64) -> Result<Vec<Hash>, LedgerError> {
    if old > new {
        return Err(LedgerError::unwritable("consistency proof", format!("a tree of {old} is no prefix of one of {new}")));
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let (mut start, mut end) = (0, new);
    let mut path = Vec::new();
    while old != end {
        let middle = start + left_width(end - start);
        if old <= middle {
            path.push(subtree(hashes, middle, end)?);
            end = middle;
        } else {
            path.push(subtree(hashes, start, middle)?);
            start = middle;
        }
    }
    if start > 0 {
        path.push(subtree(hashes, start, end)?);
    }
    path.reverse();
    Ok(path)
}

/// Checks that `leaf` stands at `index` of the tree of `size` leaves with this root.
///
/// # Errors
/// [`LedgerError::NotProven`] with the reason.
pub fn check_inclusion(index: u64, size: u64, leaf: &Hash, path: &[Hash], root: &Hash) -> Result<(), LedgerError> {
    let fails = |why: String| LedgerError::not_proven("inclusion", why);
    if index >= size {
        return Err(fails(format!("index {index} is not in a tree of {size} entries")));
    }
    let (mut place, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in path {
        if last == 0 {
            return Err(fails(format!("the proof has {} hashes, more than a tree of {size} entries needs", path.len())));
        }
        if place & 1 == 1 || place == last {
            hash = node_hash(sibling, &hash);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(fails(format!("the proof has {} hashes, fewer than a tree of {size} entries needs", path.len())));
    }
    if hash != *root {
        return Err(fails(format!("the proof leads to root {hash}, expected {root}")));
    }
    Ok(())
}

/// Checks that the tree of `old` leaves with `old_root` is a prefix of the tree of `new` leaves with `new_root`.
///
/// # Errors
/// [`LedgerError::NotProven`] with the reason.
pub fn check_consistency(old: u64, new: u64, old_root: &Hash, new_root: &Hash, path: &[Hash]) -> Result<(), LedgerError> {
    let fails = |why: String| LedgerError::not_proven("consistency", why);
    if old > new {
        return Err(fails(format!("the older tree has {old} entries, more than the newer with {new}")));
    }
    if old == new || old == 0 {
        return check_trivial(old, new, (old_root, new_root), path).map_err(fails);
    }
    // The old tree's last full subtree is either given first, or is the old root itself when the old size is a power of two.
    let (mut place, mut last) = (old - 1, new - 1);
    let skipped = place.trailing_ones();
    place >>= skipped;
    last >>= skipped;
    let mut rest = path.iter();
    let seed = if old.is_power_of_two() { Some(old_root) } else { rest.next() };
    let Some(seed) = seed else { return Err(fails("the proof is empty".to_owned())) };
    let (mut older, mut newer) = (*seed, *seed);
    for sibling in rest {
        if last == 0 {
            return Err(fails(format!("the proof has {} hashes, more than needed", path.len())));
        }
        if place & 1 == 1 || place == last {
            older = node_hash(sibling, &older);
            newer = node_hash(sibling, &newer);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            newer = node_hash(&newer, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(fails(format!("the proof has {} hashes, fewer than needed", path.len())));
    }
    if older != *old_root {
        return Err(fails(format!("the proof leads to the older root {older}, expected {old_root}")));
    }
    if newer != *new_root {
        return Err(fails(format!("the proof leads to the newer root {newer}, expected {new_root}")));
    }
    Ok(())
}

/// Two trees of one size have one root and need no proof; the empty tree is a prefix of every tree.
fn check_trivial(old: u64, new: u64, (old_root, new_root): (&Hash, &Hash), path: &[Hash]) -> Result<(), String> {
    if !path.is_empty() {
        return Err(format!("sizes {old} and {new} need no proof, but it has {} hashes", path.len()));
    }
    if old == 0 && *old_root != EMPTY_ROOT {
        return Err(format!("a tree without entries has root {EMPTY_ROOT}, not {old_root}"));
    }
    if old == new && old_root != new_root {
        return Err(format!("two trees of {new} entries with two roots: {old_root} and {new_root}"));
    }
    Ok(())
}
