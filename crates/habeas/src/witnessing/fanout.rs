//! Fan-out: the checkpoints of a register that is served, sent to its witnesses in the background.
//!
//! Each minute, and at once when somebody asks for a proof, the newest checkpoint goes to every witness of the folder's `policy` that
//! has an address. No entry waits for it: what comes back is kept and becomes the lower bound in time of later entries; what does not
//! come back is unwitnessed time, which a rule of the codebook counts.

use super::asking::{Asked, ask_all, published};
use habeas_codebook::moment::Moment;
use habeas_ledger::LedgerError;
use habeas_ledger::note::Note;
use habeas_ledger::policy::{Judged, Policy};
use habeas_ledger::tile::{Files, TileHashes};
use habeas_register::{Register, RegisterError};
use std::time::Duration;

/// How long a witness may take.
const PATIENCE: Duration = Duration::from_secs(10);

const SECOND: i64 = 1_000_000;

/// A checkpoint goes out at most this often by itself.
const EVERY: i64 = 60 * SECOND;

/// A log that has not grown is shown again after this long: its witnesses' clocks go on, and so does the lower bound of what comes next.
const QUIET: i64 = 3_600 * SECOND;

/// How long a witness may take to show what it has seen.
const LOOK: Duration = Duration::from_secs(3);

/// The log's side of witnessing, for a register that is served.
pub struct Fanout {
    register: Register,
    policy: Policy,
    /// When witnesses were last asked, and about how many entries.
    asked: Option<(Moment, u64)>,
    /// Who did not sign then, with why; nothing where enough did.
    silent: Option<String>,
    /// When enough of them last answered, and about how many entries.
    witnessed: Option<(Moment, u64)>,
}

/// The register's tiles, for proofs.
struct Tiles<'a>(&'a Register);

impl Files for Tiles<'_> {
    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        self.0.tile(path).map_err(|error| LedgerError::Unreadable { path: path.to_owned(), why: error.to_string() })
    }
}

/// What a turn came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Nobody was asked: there is nothing new, or it is not yet time.
    NotDue,
    /// Enough witnesses have seen this many entries.
    Witnessed(u64),
    /// Not enough have; each that did not sign, with why.
    Unwitnessed(Vec<(String, String)>),
}

impl Fanout {
    /// Nothing where the policy asks for no witness.
    #[must_use]
    pub fn new(register: &Register, policy: Policy) -> Option<Self> {
        policy.asks_for_witnesses().then(|| Fanout { register: register.clone(), policy, asked: None, silent: None, witnessed: None })
    }

    /// Asks the witnesses, if it is time.
    ///
    /// # Errors
    /// What the register's machine says; a witness that does not answer is no error.
    pub fn turn(&mut self, now: Moment) -> Result<Turn, RegisterError> {
        if self.asked.is_none() {
            self.look_back()?;
        }
        let wanted = self.register.take_wanted();
        let signed = self.register.checkpoint()?;
        let since = |last: Option<(Moment, u64)>| last.map_or(i64::MAX, |(at, _)| now.0.saturating_sub(at.0));
        let grown = self.witnessed.is_none_or(|(_, size)| signed.size > size);
        if signed.size == 0 || !(wanted || since(self.asked) >= EVERY) || !(grown || since(self.witnessed) >= QUIET) {
            return Ok(Turn::NotDue);
        }
        self.asked = Some((now, signed.size));
        let mut note = Note::parse(signed.note.as_bytes())?;
        let tiles = Tiles(&self.register);
        let answers = ask_all(&self.policy, &note, &TileHashes::new(&tiles, signed.size), PATIENCE);
        let mut silent = Vec::new();
        let mut cosigned = false;
        for (witness, answer) in self.policy.witnesses().iter().zip(&answers) {
            match answer {
                Asked::Cosigned(signature) => {
                    note.add(signature.clone());
                    cosigned = true;
                }
                Asked::Refused { status, why } => silent.push((witness.shown_name(), format!("REFUSED ({status}): {why}"))),
                Asked::Unreachable { why } => silent.push((witness.shown_name(), format!("no answer: {why}"))),
                Asked::NoAddress => silent.push((witness.shown_name(), "the policy names no address".to_owned())),
            }
        }
        if answers.iter().any(|answer| matches!(answer, Asked::Refused { .. })) {
            self.look_back()?;
        }
        let judged = if cosigned { Some(self.register.keep_witnessed(&note.to_string(), &self.policy, now)?) } else { None };
        if judged.is_some_and(|judged: Judged| judged.quorum) {
            self.witnessed = Some((now, signed.size));
            self.silent = None;
            return Ok(Turn::Witnessed(signed.size));
        }
        self.silent = Some(silent.iter().map(|(name, why)| format!("{name}: {why}")).collect::<Vec<_>>().join("; "));
        Ok(Turn::Unwitnessed(silent))
    }

    /// Looks at what witnesses have seen of this log: if it counts entries that are not here, somebody put yesterday back. Only a
    /// checkpoint that our own key has signed counts: a witness that lies about a size stops nobody.
    fn look_back(&self) -> Result<(), RegisterError> {
        for (name, note) in published(&self.policy, self.register.origin(), LOOK) {
            let judged = note.ok().and_then(|note| self.policy.judge(&note).ok());
            judged.map_or(Ok(()), |judged| self.register.hold_to(&judged, &format!("witness {name}")))?;
        }
        Ok(())
    }

    /// How it stands between two turns.
    ///
    /// # Errors
    /// Who did not sign at the last turn, with why.
    pub fn standing(&self) -> Result<(), String> {
        self.silent.clone().map_or(Ok(()), Err)
    }
}
