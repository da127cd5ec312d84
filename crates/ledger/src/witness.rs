//! What a witness answers (C2SP tlog-witness, add-checkpoint), as a function of the request and of what it remembers.
//!
//! The caller keeps the memory: for each log the newest checkpoint that it cosigned. Reading it, [`answer`] and storing the new one must be
//! one atomic step; otherwise two requests at once could roll a log back. The checkpoint is stored before the answer leaves.

use crate::checkpoint::Checkpoint;
use crate::cosignature::CosignerKey;
use crate::encoding::{decimal, hash_from_base64, shown};
use crate::error::LedgerError;
use crate::merkle::{self, Hash};
use crate::note::{Note, VerifierKey};
use std::fmt;

const WHAT: &str = "witness request";

/// Most hashes of a consistency proof that a client may send.
pub const PROOF_LIMIT: usize = 63;

/// Largest request that is read, in bytes.
pub const REQUEST_LIMIT: usize = 256 * 1024;

/// A request: the size that the log believes the witness to have seen, the proof from there, and the new checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Size of the newest checkpoint that the witness has cosigned, as the log believes.
    pub old_size: u64,
    /// Consistency proof from there.
    pub proof: Vec<Hash>,
    /// The new checkpoint.
    pub note: Note,
}

impl fmt::Display for Request {
    /// The body to send, or to carry on a stick.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "old {}", self.old_size)?;
        self.proof.iter().try_for_each(|hash| writeln!(out, "{hash}"))?;
        write!(out, "\n{}", self.note)
    }
}

impl Request {
    /// Reads a request's body.
    ///
    /// # Errors
    /// Any other text; the line is named.
    pub fn parse(body: &[u8]) -> Result<Self, LedgerError> {
        let refuse =
            |line: usize, found: &str, expected: &str| LedgerError::malformed(WHAT, format!("line {line}"), shown(found), expected);
        if body.len() > REQUEST_LIMIT {
            return Err(refuse(1, &format!("{} bytes", body.len()), "at most 256 KiB"));
        }
        let text = std::str::from_utf8(body).map_err(|_| refuse(1, "bytes that are not UTF-8", "UTF-8"))?;
        let Some((head, note)) = text.split_once("\n\n") else {
            return Err(refuse(1, text, "an empty line between the proof and the checkpoint"));
        };
        let mut lines = head.split('\n');
        let old = lines.next().unwrap_or_default();
        let old_size = old.strip_prefix("old ").and_then(decimal).ok_or_else(|| refuse(1, old, "`old` and a size without leading zero"))?;
        let mut proof = Vec::new();
        for (place, line) in lines.enumerate() {
            if place >= PROOF_LIMIT {
                return Err(refuse(place + 2, line, "at most 63 hashes"));
            }
            proof.push(hash_from_base64(line).ok_or_else(|| refuse(place + 2, line, "32 bytes in base64"))?);
        }
        Ok(Request { old_size, proof, note: Note::parse(note.as_bytes())? })
    }

    /// The log that the request says it is from; believed only by [`answer`].
    ///
    /// # Errors
    /// A note that is no checkpoint.
    pub fn checkpoint(&self) -> Result<Checkpoint, LedgerError> {
        Checkpoint::parse(self.note.unverified_text())
    }
}

/// The newest checkpoint of a log that the witness has cosigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Entries.
    pub size: u64,
    /// Root.
    pub root: Hash,
}

/// What the witness answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200: consistent. Store `seen` and `note` before sending `signature`.
    Cosigned {
        /// What the witness has now seen.
        seen: Seen,
        /// The checkpoint with the log's signatures that were checked and the witness's own: what it publishes.
        note: Note,
        /// The signature line: the body of the answer.
        signature: String,
    },
    /// 409: the witness has seen another size than the log believes.
    Conflict {
        /// The size that it has seen.
        size: u64,
    },
    /// 422: not consistent with what was seen. May be evidence of a fork: the request is worth keeping.
    Inconsistent {
        /// What does not hold.
        why: String,
    },
    /// 403: not signed by the log's key.
    Unsigned {
        /// What is wrong.
        why: String,
    },
    /// 404: a log that this witness does not watch.
    UnknownLog {
        /// The log's name as given.
        origin: String,
    },
    /// 400: no request at all.
    BadRequest {
        /// What is wrong.
        why: String,
    },
}

impl Answer {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Answer::Cosigned { .. } => 200,
            Answer::BadRequest { .. } => 400,
            Answer::Unsigned { .. } => 403,
            Answer::UnknownLog { .. } => 404,
            Answer::Conflict { .. } => 409,
            Answer::Inconsistent { .. } => 422,
        }
    }

    /// The body to send.
    #[must_use]
    pub fn body(&self) -> String {
        match self {
            Answer::Cosigned { signature, .. } => signature.clone(),
            Answer::Conflict { size } => format!("{size}\n"),
            Answer::Inconsistent { why } | Answer::Unsigned { why } | Answer::BadRequest { why } => format!("{why}\n"),
            Answer::UnknownLog { origin } => format!("this witness does not watch the log {}\n", shown(origin)),
        }
    }

    /// The content type to send.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        match self {
            Answer::Conflict { .. } => "text/x.tlog.size",
            Answer::Cosigned { .. }
            | Answer::Inconsistent { .. }
            | Answer::Unsigned { .. }
            | Answer::UnknownLog { .. }
            | Answer::BadRequest { .. } => "text/plain; charset=utf-8",
        }
    }
}

/// Answers a request of a log with these keys (none: unknown), given what the witness has seen of it, at `now` (seconds since 1970).
#[must_use]
pub fn answer(request: &Request, log_keys: &[VerifierKey], seen: Option<Seen>, key: &CosignerKey, now: u64) -> Answer {
    match consider(request, log_keys, seen, key, now) {
        Ok(answer) | Err(answer) => answer,
    }
}

fn consider(request: &Request, log_keys: &[VerifierKey], seen: Option<Seen>, key: &CosignerKey, now: u64) -> Result<Answer, Answer> {
    let checkpoint = request.checkpoint().map_err(|error| Answer::BadRequest { why: error.to_string() })?;
    let log_keys: Vec<VerifierKey> = log_keys.iter().filter(|key| key.name() == checkpoint.origin).cloned().collect();
    if log_keys.is_empty() {
        return Err(Answer::UnknownLog { origin: checkpoint.origin });
    }
    let opened = request.note.open(&log_keys).map_err(|error| Answer::Unsigned { why: format!("invalid signature: {error}") })?;
    if request.old_size > checkpoint.size {
        let why = format!("the old size {} is above the checkpoint's size {}", request.old_size, checkpoint.size);
        return Err(Answer::BadRequest { why });
    }
    let seen = seen.unwrap_or(Seen { size: 0, root: merkle::EMPTY_ROOT });
    if request.old_size != seen.size {
        return Err(Answer::Conflict { size: seen.size });
    }
    merkle::check_consistency(seen.size, checkpoint.size, &seen.root, &checkpoint.root, &request.proof)
        .map_err(|error| Answer::Inconsistent { why: format!("consistency proof: {error}") })?;
    let signature = key.cosign(&request.note, now).map_err(|error| Answer::BadRequest { why: error.to_string() })?;
    let trusted = request
        .note
        .signatures()
        .iter()
        .filter(|line| opened.verified.iter().any(|verified| verified.name == line.name && verified.key_id == line.key_id));
    let lines = trusted.cloned().chain([signature.clone()]).collect();
    let note = Note::new(request.note.unverified_text(), lines).map_err(|error| Answer::BadRequest { why: error.to_string() })?;
    Ok(Answer::Cosigned { seen: Seen { size: checkpoint.size, root: checkpoint.root }, note, signature: signature.to_string() })
}
