//! Two signed checkpoints of one log: do they belong to one history? Every receipt, visit and export carries a checkpoint, so whoever holds
//! two can ask.

use super::{Code, Finding};
use crate::error::LedgerError;
use crate::merkle::{self, Hashes};
use crate::policy::Policy;

/// What two checkpoints say of each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// One history.
    Consistent,
    /// Two histories: the finding carries both notes, which is all the evidence there needs to be.
    Forked(Box<Finding>),
    /// Of two sizes, and no hashes at hand to tell.
    Unknown {
        /// The smaller size.
        older: u64,
        /// The larger.
        newer: u64,
    },
}

/// Compares two notes. `hashes` are those of the log as one of the two parties stores it, if at hand.
///
/// # Errors
/// A note that a known log has not signed, two notes of two logs, or a machine that fails.
pub fn compare(one: &[u8], other: &[u8], policy: &Policy, hashes: Option<&dyn Hashes>) -> Result<Compared, LedgerError> {
    let (first, second) = (policy.judge(one)?.checkpoint, policy.judge(other)?.checkpoint);
    if first.origin != second.origin {
        let found = format!("`{}` and `{}`", first.origin, second.origin);
        return Err(LedgerError::malformed("checkpoints", "their origins", found, "two checkpoints of one log"));
    }
    let (older, newer) = if first.size <= second.size { (&first, &second) } else { (&second, &first) };
    let forked = |found: String, expected: String| {
        let notes = [one, other].map(|note| String::from_utf8_lossy(note).into_owned());
        let finding = Finding::new(Code::Fork, found, expected).at(older.size.saturating_sub(1));
        Compared::Forked(Box::new(finding.note(&notes[0]).note(&notes[1])))
    };
    if older.size == newer.size {
        let one_root = older.root == newer.root;
        let found = format!("two roots for {} entries: {} and {}", older.size, older.root, newer.root);
        return Ok(if one_root { Compared::Consistent } else { forked(found, "one root for one size".to_owned()) });
    }
    let Some(hashes) = hashes else { return Ok(Compared::Unknown { older: older.size, newer: newer.size }) };
    let roots = (merkle::root(hashes, older.size), merkle::root(hashes, newer.size));
    let (Ok(older_root), Ok(newer_root)) = roots else { return Ok(Compared::Unknown { older: older.size, newer: newer.size }) };
    // The stored log must give one of the two roots, else it says nothing about them.
    match (older_root == older.root, newer_root == newer.root) {
        (true, true) => Ok(Compared::Consistent),
        (false, true) => Ok(forked(
            format!("a checkpoint of {} entries with root {}", older.size, older.root),
            format!("{older_root}, as the log of {} entries begins", newer.size),
        )),
        (true, false) => Ok(forked(
            format!("a checkpoint of {} entries with root {}", newer.size, newer.root),
            format!("{newer_root}, as the log goes on from {} entries", older.size),
        )),
        (false, false) => Ok(Compared::Unknown { older: older.size, newer: newer.size }),
    }
}
