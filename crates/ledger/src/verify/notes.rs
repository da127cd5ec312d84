//! The signed checkpoints that are kept with a log, judged before the entries are read.

use super::{Code, Finding, StoredLog, Trust, epochs};
use crate::merkle::Hash;
use crate::note::Note;
use crate::policy::{Judged, Policy};
use std::collections::{BTreeMap, BTreeSet};

/// A checkpoint that the log's key has signed.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    /// File or row.
    pub name: String,
    /// The note.
    pub text: String,
    /// What the policy says of it.
    pub judged: Judged,
}

/// All that is signed.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Checkpoints of this log by size.
    pub marks: BTreeMap<u64, Vec<Mark>>,
    /// When checkpoints of any known log were witnessed, in seconds: lower bounds of the entries that name them.
    pub beacons: BTreeMap<(u64, Hash), u64>,
    /// Checkpoints of any known log that are kept, witnessed or not.
    pub kept: BTreeSet<(u64, Hash)>,
    /// Notes that are not believed, and forks among those that are.
    pub findings: Vec<Finding>,
}

pub(super) fn judge(log: &(impl StoredLog + ?Sized), trust: &Trust<'_>) -> Notes {
    let mut notes = Notes::default();
    let kept = trust.since.map(|note| ("the note kept from an earlier visit".to_owned(), note.to_vec()));
    for (name, bytes) in log.notes().into_iter().chain(kept) {
        match trust.policy.judge(&bytes) {
            Ok(judged) => notes.add(trust.policy, &log.origin(), name, String::from_utf8_lossy(&bytes).into_owned(), judged),
            Err(error) => {
                let shown = Note::parse(&bytes).map(|note| note.to_string()).unwrap_or_default();
                notes.findings.push(Finding::refusal(Code::Note, &error).file(name).note(shown));
            }
        }
    }
    notes
}

impl Notes {
    fn add(&mut self, policy: &Policy, origin: &str, name: String, text: String, judged: Judged) {
        let (size, root) = (judged.checkpoint.size, judged.checkpoint.root);
        if let Some(at) = judged.witnessed_at {
            let earliest = self.beacons.entry((size, root)).or_insert(at);
            *earliest = (*earliest).min(at);
        }
        self.kept.insert((size, root));
        // A checkpoint of an earlier epoch counts for what was kept of it.
        if judged.checkpoint.origin != origin {
            let Some(epoch) = policy.epochs_before(origin).into_iter().find(|epoch| epoch.origin == judged.checkpoint.origin) else {
                return;
            };
            if size > epoch.kept {
                self.findings.extend(epochs::beyond(&epoch, &name, text, &judged));
                return;
            }
        }
        let marks = self.marks.entry(size).or_default();
        if let Some(other) = marks.iter().find(|mark| mark.judged.checkpoint.root != root) {
            let found = format!(
                "two checkpoints of size {size}: {} with root {}, {name} with root {root}",
                other.name, other.judged.checkpoint.root
            );
            self.findings.push(Finding::new(Code::Fork, found, "one root for one size").note(other.text.clone()).note(text.clone()));
        }
        marks.push(Mark { name, text, judged });
    }

    /// The first witnessed checkpoint that counts the entry at `index`: its size, and when it was witnessed, in seconds.
    pub fn upper_bound(&self, index: u64) -> Option<(u64, u64)> {
        let counting = self.marks.range(index + 1..).flat_map(|(size, marks)| marks.iter().map(|mark| (*size, mark)));
        counting.into_iter().find_map(|(size, mark)| Some((size, mark.judged.witnessed_at?)))
    }
}
