//! `habeas verify`: was anything added, changed or removed? Offline, read-only; everything that is found is told.

mod export;
mod fork;
mod log;
mod receipt;
mod report;

use super::Format;
use crate::outcome::{Outcome, Trouble};
use crate::terminal::Terminal;
use clap::{Args, Subcommand};
use habeas_ledger::note::VerifierKey;
use habeas_ledger::policy::Policy;
use habeas_ledger::proof::Proof;
use habeas_ledger::succession::Succession;
use std::path::{Path, PathBuf};

/// The verdict on the bytes of an exported record; `Err` says why they are none.
pub(crate) fn bundle(bytes: &[u8], policy: &Policy) -> Result<habeas_ledger::verify::Verdict, String> {
    export::verdict(bytes, policy)
}

const EXAMPLES: &str = "Examples:
  habeas verify log ./station
  habeas verify log ./station --deep
  habeas verify log postgresql://auditor@db.example/custody --policy witnesses.policy
  habeas verify log ./mirror --vkey custody.example/st/0412+1f3c88a0+AZ…
  habeas verify log ./mirror --policy witnesses.policy --since note-of-last-visit
  habeas verify receipt slip.tlog-proof --policy witnesses.policy
  habeas verify export record.json --policy witnesses.policy
  habeas verify fork our.note their.note --policy witnesses.policy
  habeas verify slip.tlog-proof --policy witnesses.policy

Exit status: 0 all proven; 1 tampering or a fork; 2 bad usage or what is no log, receipt or note; 3 trouble with the machine;
4 nothing wrong found, but not everything could be proven (no key, no witness, erased parts).";

/// Verify a log, a receipt, an exported record, or two checkpoints. Without a word for which, it is guessed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Verify {
    #[command(subcommand)]
    what: Option<What>,
    /// A log's folder or address, a receipt, an exported record, or two checkpoints.
    #[arg(value_name = "WHAT", num_args = 1..=2, required = true)]
    guessed: Vec<PathBuf>,
    #[command(flatten)]
    believed: Believed,
}

#[derive(Debug, Subcommand)]
enum What {
    Log(log::Log),
    Receipt(receipt::Receipt),
    Export(export::Export),
    Fork(fork::Fork),
}

/// What an exported record begins with.
pub(super) const BUNDLE: &str = "habeas-record/1";

/// Whom to believe, and how to print.
#[derive(Clone, Debug, Args)]
pub(super) struct Believed {
    /// Policy file (C2SP tlog-policy): known logs and witnesses, and how many of them.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Key of the log, without any witness (for somebody's bare log).
    #[arg(long, value_name = "KEY", conflicts_with = "policy")]
    vkey: Option<String>,
    /// A change of the log's key, as old and new key have signed it (`admin rotate log --statement`); may be repeated.
    #[arg(long, value_name = "FILE")]
    statement: Vec<PathBuf>,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

impl Believed {
    /// Whether the reader has said whom to believe.
    fn is_given(&self) -> bool {
        self.policy.is_some() || self.vkey.is_some()
    }

    fn policy(&self) -> Result<Policy, Trouble> {
        let mut policy = self.named()?;
        for path in &self.statement {
            let refuse = |error: habeas_ledger::LedgerError| Trouble::Input(format!("{}: {error}", path.display()));
            let stated = Succession::open(&read(path)?).map_err(refuse)?;
            if !policy.succeed(&stated).map_err(refuse)? {
                return Err(Trouble::Input(format!("{}: neither of its keys is one that the policy knows", path.display())));
            }
        }
        Ok(policy)
    }

    fn named(&self) -> Result<Policy, Trouble> {
        match (&self.policy, &self.vkey) {
            (Some(path), _) => read_policy(path),
            (None, Some(key)) => {
                let key = VerifierKey::parse(key).map_err(|error| Trouble::Input(format!("--vkey: {error}")))?;
                Ok(Policy::of_log(key))
            }
            (None, None) => {
                Err(Trouble::Input("whose signatures are to be believed? Give --policy FILE, or --vkey KEY of the log".to_owned()))
            }
        }
    }
}

/// Reads a policy file.
///
/// # Errors
/// A file that is not there or is no policy.
pub(super) fn read_policy(path: &Path) -> Result<Policy, Trouble> {
    Policy::parse(&read(path)?).map_err(|error| Trouble::Input(format!("{}: {error}", path.display())))
}

fn read(path: &Path) -> Result<Vec<u8>, Trouble> {
    std::fs::read(path).map_err(|error| Trouble::reading(path, &error))
}

fn is_address(path: &Path) -> bool {
    let schemes = ["https://", "http://", "postgresql://", "postgres://"];
    path.to_str().is_some_and(|named| schemes.iter().any(|scheme| named.starts_with(scheme)))
}

fn is_receipt(bytes: &[u8]) -> bool {
    bytes.starts_with(b"c2sp.org/tlog-proof@")
}

impl Verify {
    /// Verifies what is named.
    ///
    /// # Errors
    /// What cannot be read, or is none of the three.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        match &self.what {
            Some(What::Log(log)) => log.run(terminal),
            Some(What::Receipt(receipt)) => receipt.run(terminal),
            Some(What::Export(export)) => export.run(terminal),
            Some(What::Fork(fork)) => fork.run(terminal),
            None => self.guess()?.run(terminal),
        }
    }

    fn guess(&self) -> Result<Self, Trouble> {
        let believed = self.believed.clone();
        let what = match self.guessed.as_slice() {
            [one, other] => What::Fork(fork::Fork { one: one.clone(), other: other.clone(), believed }),
            [path] if path.is_dir() || path.ends_with("register.db") || is_address(path) => What::Log(log::Log::of(path, believed)),
            [path] if is_receipt(&read(path)?) => What::Receipt(receipt::Receipt::of(path, believed)),
            [path] if export::is_one(&read(path)?) => What::Export(export::Export::of(path, believed)),
            paths => {
                let shown: Vec<String> = paths.iter().map(|path| format!("`{}`", path.display())).collect();
                let expected = "a log's folder, a receipt, an exported record, or two checkpoints";
                return Err(Trouble::Input(format!("{} is no log, receipt or export; expected {expected}", shown.join(", "))));
            }
        };
        Ok(Verify { what: Some(what), guessed: Vec::new(), believed: self.believed.clone() })
    }
}

/// The checkpoint in a file: a note, or the note that a receipt carries, or the newest of a log's or a register's folder.
pub(super) fn checkpoint_in(path: &Path) -> Result<Vec<u8>, Trouble> {
    if path.is_dir() {
        return read(&path.join(if path.join("register.db").is_file() { "last.note" } else { "checkpoint" }));
    }
    let bytes = read(path)?;
    if !is_receipt(&bytes) {
        return Ok(bytes);
    }
    let text = String::from_utf8_lossy(&bytes);
    let proof = Proof::parse(&text).map_err(|error| Trouble::Input(format!("{}: {error}", path.display())))?;
    Ok(proof.checkpoint.into_bytes())
}
