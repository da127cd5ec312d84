//! The log's side: asking every witness of a policy for its cosignature.
//!
//! Call [`ask_all`] from a thread or task of its own, each minute and when somebody asks for a receipt. Custody work never waits for a
//! witness: an entry is acknowledged before anybody is asked, and what is missing shows as unwitnessed time.

use habeas_ledger::Hash;
use habeas_ledger::LedgerError;
use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::merkle::{Hashes, prove_consistency};
use habeas_ledger::note::{Note, Signature};
use habeas_ledger::policy::{Policy, Witness};
use habeas_ledger::witness::Request;
use std::time::Duration;

/// A cosignature is asked for again at most this often after "another size": a witness that keeps changing its mind is left.
const TRIES: usize = 3;

/// An answer longer than this is not read.
const ANSWER_LIMIT: u64 = 64 * 1024;

/// What became of asking one witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It cosigned; the signature was checked.
    Cosigned(Signature),
    /// It has seen a history that this log cannot continue: evidence, to be shown at once.
    Refused {
        /// HTTP status.
        status: u16,
        /// What it said.
        why: String,
    },
    /// It did not answer, or with what is no answer.
    Unreachable {
        /// What happened.
        why: String,
    },
    /// The policy names no address for it: it is asked by other means (a file on a stick).
    NoAddress,
}

/// Makes the request that a witness needs which has seen `old_size` entries.
///
/// # Errors
/// `old_size` above the checkpoint's, or a hash that is not stored.
pub fn request(note: &Note, old_size: u64, hashes: &(impl Hashes + ?Sized)) -> Result<Request, LedgerError> {
    let checkpoint = Checkpoint::parse(note.unverified_text())?;
    Ok(Request { old_size, proof: prove_consistency(hashes, old_size, checkpoint.size)?, note: note.clone() })
}

/// Asks all witnesses of the policy at once, each in a thread of its own, and returns when each has answered or its time is up. In the
/// order of [`Policy::witnesses`].
#[must_use]
pub fn ask_all(policy: &Policy, note: &Note, hashes: &(impl Hashes + Sync + ?Sized), patience: Duration) -> Vec<Asked> {
    std::thread::scope(|scope| {
        let asking: Vec<_> = policy.witnesses().iter().map(|witness| scope.spawn(|| ask(witness, note, hashes, patience))).collect();
        let failed = |_| Asked::Unreachable { why: "asking it failed".to_owned() };
        asking.into_iter().map(|thread| thread.join().unwrap_or_else(failed)).collect()
    })
}

fn ask(witness: &Witness, note: &Note, hashes: &(impl Hashes + ?Sized), patience: Duration) -> Asked {
    let Some(url) = witness.url.as_ref().map(|url| String::from_utf8_lossy(url).into_owned()) else { return Asked::NoAddress };
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(patience)).http_status_as_error(false).build().into();
    let mut old_size = 0;
    for _ in 0..TRIES {
        let body = match request(note, old_size, hashes) {
            Ok(request) => request.to_string(),
            Err(error) => {
                let why = format!("it has seen {old_size} entries, which this log cannot continue: {error}");
                return Asked::Refused { status: 409, why };
            }
        };
        let (status, answer) = match post(&agent, &url, &body) {
            Ok(answered) => answered,
            Err(why) => return Asked::Unreachable { why },
        };
        match status {
            200 => return accept(witness, note, &answer),
            409 => match answer.trim_end().parse() {
                Ok(size) => old_size = size,
                Err(_) => return Asked::Unreachable { why: "it answered 409 without a size".to_owned() },
            },
            _ => return Asked::Refused { status, why: answer.trim_end().to_owned() },
        }
    }
    Asked::Unreachable { why: format!("it named another size {TRIES} times") }
}

/// The newest checkpoints of a log that witnesses publish: name and note of each that answers; name and reason of each that does not.
#[must_use]
pub fn published(policy: &Policy, origin: &str, patience: Duration) -> Vec<(String, Result<Vec<u8>, String>)> {
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(patience)).http_status_as_error(false).build().into();
    let hash = Hash::of(origin.as_bytes()).to_hex();
    let get = |address: &str| -> Result<Vec<u8>, String> {
        let mut answer = agent.get(address).call().map_err(|error| error.to_string())?;
        match answer.status().as_u16() {
            200 => answer.body_mut().with_config().limit(ANSWER_LIMIT).read_to_vec().map_err(|error| error.to_string()),
            status => Err(format!("it answered {status}")),
        }
    };
    let asked = policy.witnesses().iter().map(|witness| {
        let url = witness.url.as_ref().map(|url| String::from_utf8_lossy(url).into_owned());
        let note = url.ok_or_else(|| "the policy names no address".to_owned());
        let note = note.and_then(|url| get(&format!("{}/{hash}/checkpoint", url.trim_end_matches('/'))));
        (witness.shown_name(), note)
    });
    asked.collect()
}

fn post(agent: &ureq::Agent, url: &str, body: &str) -> Result<(u16, String), String> {
    let address = format!("{}/add-checkpoint", url.trim_end_matches('/'));
    let mut answer = agent.post(&address).send(body).map_err(|error| error.to_string())?;
    let text = answer.body_mut().with_config().limit(ANSWER_LIMIT).read_to_string().map_err(|error| error.to_string())?;
    Ok((answer.status().as_u16(), text))
}

/// Takes from an answer the one line that counts: by the witness's known key, and right.
fn accept(witness: &Witness, note: &Note, answer: &str) -> Asked {
    let ours = answer.lines().filter_map(|line| Signature::parse(line).ok()).find(|signature| {
        signature.name == witness.key.name()
            && signature.key_id == witness.key.id()
            && signature.check(note.unverified_text(), &witness.key).is_ok()
    });
    ours.map_or_else(|| Asked::Unreachable { why: "its answer holds no right signature by its known key".to_owned() }, Asked::Cosigned)
}
