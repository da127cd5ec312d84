//! What a witness remembers: of each log the newest checkpoint that it cosigned, in an SQLite file of its own.
//!
//! Comparing and storing are one transaction that holds the write lock from its start, and it is on the disk before the answer leaves: two
//! requests at once, two processes on one file, or a crash cannot roll a log back.

use crate::outcome::Trouble;
use habeas_ledger::Hash;
use habeas_ledger::cosignature::CosignerKey;
use habeas_ledger::note::VerifierKey;
use habeas_ledger::witness::{self, Answer, Request, Seen};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use std::path::Path;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS seen (
    origin TEXT PRIMARY KEY,
    origin_hash TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    root BLOB NOT NULL CHECK (length(root) = 32),
    note TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS evidence (
    number INTEGER PRIMARY KEY,
    received_at INTEGER NOT NULL,
    origin TEXT NOT NULL,
    why TEXT NOT NULL,
    request TEXT NOT NULL
) STRICT;
";

/// Signed requests that were not consistent are kept as evidence, this many at most: a log must not fill its witness's disk.
const EVIDENCE_LIMIT: i64 = 10_000;

/// A witness: its memory, its key, and the logs that it watches.
#[derive(Debug)]
pub struct Witness {
    memory: Connection,
    key: CosignerKey,
    logs: Vec<VerifierKey>,
}

impl Witness {
    /// Opens or makes the memory at `path`.
    ///
    /// # Errors
    /// A file that cannot be opened or is no memory of a witness.
    pub fn open(path: &Path, key: CosignerKey, logs: Vec<VerifierKey>) -> Result<Self, Trouble> {
        let trouble = |error: rusqlite::Error| Trouble::Machine(format!("the witness's memory `{}`: {error}", path.display()));
        let memory = Connection::open(path).map_err(trouble)?;
        memory.busy_timeout(std::time::Duration::from_secs(10)).map_err(trouble)?;
        memory.pragma_update(None, "journal_mode", "WAL").map_err(trouble)?;
        memory.pragma_update(None, "synchronous", "FULL").map_err(trouble)?;
        memory.execute_batch(SCHEMA).map_err(trouble)?;
        Ok(Witness { memory, key, logs })
    }

    /// The public key.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        self.key.verifier()
    }

    /// Answers the body of an add-checkpoint request at `now` (seconds since 1970).
    ///
    /// # Errors
    /// A memory that cannot be read or written: then nothing is cosigned.
    pub fn answer(&mut self, body: &[u8], now: u64) -> Result<Answer, Trouble> {
        let request = match Request::parse(body) {
            Ok(request) => request,
            Err(error) => return Ok(Answer::BadRequest { why: error.to_string() }),
        };
        let Ok(checkpoint) = request.checkpoint() else {
            return Ok(Answer::BadRequest { why: "the note is no checkpoint".to_owned() });
        };
        self.compare_and_store(&request, &checkpoint.origin, now)
            .map_err(|error| Trouble::Machine(format!("the witness's memory: {error}")))
    }

    fn compare_and_store(&mut self, request: &Request, origin: &str, now: u64) -> Result<Answer, rusqlite::Error> {
        let step = self.memory.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let seen = remembered(&step, origin)?;
        let answer = witness::answer(request, &self.logs, seen, &self.key, now);
        match &answer {
            Answer::Cosigned { seen, note, .. } => {
                let size = i64::try_from(seen.size).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(2, i64::MAX))?;
                step.execute(
                    "INSERT INTO seen (origin, origin_hash, size, root, note) VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note",
                    params![origin, Hash::of(origin.as_bytes()).to_hex(), size, seen.root.0, note.to_string()],
                )?;
            }
            Answer::Inconsistent { why } => {
                step.execute(
                    "INSERT INTO evidence (received_at, origin, why, request)
                     SELECT ?1, ?2, ?3, ?4 WHERE (SELECT count(*) FROM evidence) < ?5",
                    params![i64::try_from(now).unwrap_or(i64::MAX), origin, why, request.to_string(), EVIDENCE_LIMIT],
                )?;
            }
            Answer::Conflict { .. } | Answer::Unsigned { .. } | Answer::UnknownLog { .. } | Answer::BadRequest { .. } => {}
        }
        step.commit()?;
        Ok(answer)
    }

    /// The newest cosigned checkpoint of the log with this origin hash (lower-case hex), with the log's and the witness's signatures.
    ///
    /// # Errors
    /// A memory that cannot be read.
    pub fn newest(&self, origin_hash: &str) -> Result<Option<String>, Trouble> {
        let found = self.memory.query_row("SELECT note FROM seen WHERE origin_hash = ?1", [origin_hash], |row| row.get(0)).optional();
        found.map_err(|error| Trouble::Machine(format!("the witness's memory: {error}")))
    }
}

fn remembered(step: &Transaction<'_>, origin: &str) -> Result<Option<Seen>, rusqlite::Error> {
    let found: Option<(i64, [u8; 32])> =
        step.query_row("SELECT size, root FROM seen WHERE origin = ?1", [origin], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let seen = found.map(|(size, root)| {
        let size = u64::try_from(size).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(0, size))?;
        Ok(Seen { size, root: Hash(root) })
    });
    seen.transpose()
}
