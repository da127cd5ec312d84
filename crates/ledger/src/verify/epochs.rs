//! Keys that were changed, and epochs: whom the verifier believes once he has read what old and new keys have signed together, and what an
//! epoch tells of the one before it.

use super::{Code, Finding, StoredLog};
use crate::policy::{Epoch, Judged, Policy};
use crate::succession::Succession;

/// The kind of the entry that an epoch begins with.
pub(super) const DECLARED: &str = "epoch_declared";

/// The policy with every key that a known key hands over to, or took over from; and what is to be told of it.
pub(super) fn believed(log: &(impl StoredLog + ?Sized), policy: &Policy) -> (Policy, Vec<Finding>) {
    let (mut policy, mut findings) = (policy.clone(), Vec::new());
    let mut waiting = Vec::new();
    for (name, bytes) in log.successions() {
        match Succession::open(&bytes) {
            Ok(stated) => waiting.push((name, String::from_utf8_lossy(&bytes).into_owned(), stated)),
            Err(error) => findings.push(Finding::refusal(Code::Note, &error).file(name)),
        }
    }
    loop {
        let before = waiting.len();
        waiting.retain(|(name, text, stated)| match policy.succeed(stated) {
            Ok(false) => true,
            Ok(true) => {
                findings.push(told(stated).file(name.clone()).note(text.clone()));
                false
            }
            Err(error) => {
                findings.push(Finding::new(Code::Fork, error.to_string(), "one successor of a key").file(name.clone()).note(text.clone()));
                false
            }
        });
        if waiting.len() == before {
            break;
        }
    }
    // What only the policy says of earlier epochs is told as well: a mirror of tiles has no statement beside it.
    let stated = |origin: &str| findings.iter().any(|finding: &Finding| finding.found.starts_with(&format!("`{origin}` ends with")));
    let unstated = policy.epochs_before(&log.origin()).into_iter().filter(|epoch| epoch.signed > epoch.kept && !stated(epoch.origin));
    let lost = unstated.map(|epoch| {
        let found = format!("Lost are the entries {} to {} of `{}`, as the policy says", epoch.kept, epoch.signed - 1, epoch.origin);
        Finding::new(Code::Lost, found, "receipts of lost entries stay proof that they were there")
    });
    let lost: Vec<Finding> = lost.collect();
    findings.extend(lost);
    for (name, text, stated) in waiting {
        let found = format!("{} hands over to {}, and neither is known", stated.old, stated.new);
        findings.push(Finding::new(Code::Note, found, "a change of keys signed by a key that the policy knows").file(name).note(text));
    }
    (policy, findings)
}

fn told(stated: &Succession) -> Finding {
    let (old, new, kept) = (&stated.old, &stated.new, stated.kept);
    if !stated.is_epoch() {
        let found = format!("from {kept} entries on the log is signed by {new}, as {old} has signed too");
        return Finding::new(Code::Succession, found, "the old key signs no more than these");
    }
    let goes_on =
        format!("`{}` ends with {kept} entries; the log goes on as `{}`, as the keys of both have signed", old.name(), new.name());
    if stated.lost() == 0 {
        return Finding::new(Code::Succession, goes_on, "the old key signs no more than these");
    }
    let (first, last) = (kept, stated.signed - 1);
    let found = format!("{goes_on}. Lost are its entries {first} to {last}: they were signed and are not here");
    Finding::new(Code::Lost, found, "receipts of lost entries stay proof that they were there")
}

/// What a checkpoint of an earlier epoch proves of entries that the later one has not kept.
pub(super) fn beyond(epoch: &Epoch<'_>, name: &str, text: String, judged: &Judged) -> Option<Finding> {
    let size = judged.checkpoint.size;
    if size <= epoch.signed {
        return None;
    }
    let found = format!("`{}` had {size} entries, as {name} signs; the epoch after it declares that it had {}", epoch.origin, epoch.signed);
    Some(Finding::new(Code::Undeclared, found, "every lost entry declared").file(name.to_owned()).note(text))
}
