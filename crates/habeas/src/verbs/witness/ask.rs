//! `habeas witness ask DIR --policy P`: have the newest checkpoint of a log's folder cosigned.

use crate::outcome::{Outcome, Trouble};
use crate::places::Folder;
use crate::terminal::{self, Terminal};
use crate::verbs::verify::read_policy;
use crate::witnessing::asking::{self, Asked};
use clap::Args;
use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::note::{Note, Signature};
use habeas_ledger::policy::Policy;
use habeas_ledger::tile::TileHashes;
use habeas_register::folder::DataFolder;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Ask the witnesses of a policy, add their cosignatures to the log's `checkpoint`, and say who answered what.
#[derive(Debug, Args)]
pub struct Ask {
    /// The log's folder: `checkpoint` and `tile/`.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Policy file with the witnesses' addresses.
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// How long to wait for a witness, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    patience: u64,
    /// Ask nobody; write the request to this file, for a witness without a network.
    #[arg(long, value_name = "FILE", requires = "old")]
    request: Option<PathBuf>,
    /// How many entries that witness has seen.
    #[arg(long, value_name = "SIZE")]
    old: Option<u64>,
    /// Ask nobody; take the answer of such a witness from this file.
    #[arg(long, value_name = "FILE", conflicts_with = "request")]
    answered: Option<PathBuf>,
}

impl Ask {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        if DataFolder::is_one(&self.folder) {
            let shown = self.folder.display();
            let why = "a register shows its log to its witnesses itself, while `habeas serve` runs";
            return Err(Trouble::Input(format!(
                "`{shown}` holds a register: {why}; give a folder of tiles, as `/log` of a desk serves them"
            )));
        }
        let policy = read_policy(&self.policy)?;
        let path = self.folder.join("checkpoint");
        let bytes = std::fs::read(&path).map_err(|error| Trouble::reading(&path, &error))?;
        let named = |error| Trouble::Input(format!("{}: {error}", path.display()));
        let size = policy.judge(&bytes).map_err(named)?.checkpoint.size;
        let mut note = Note::parse(&bytes).map_err(named)?;
        let folder = Folder::new(&self.folder);
        let hashes = TileHashes::new(&folder, size);
        if let (Some(file), Some(old)) = (&self.request, self.old) {
            let request = asking::request(&note, old, &hashes).map_err(named)?;
            std::fs::write(file, request.to_string()).map_err(|error| Trouble::writing(&file.display().to_string(), &error))?;
            return Ok(Outcome::Clean);
        }
        let asked = match &self.answered {
            Some(file) => taken(&policy, &note, file)?,
            None => asking::ask_all(&policy, &note, &hashes, Duration::from_secs(self.patience)),
        };
        for answer in &asked {
            if let Asked::Cosigned(signature) = answer {
                note.add(signature.clone());
            }
        }
        keep(&path, &note)?;
        terminal::print(told(&policy, &asked).as_bytes())?;
        let judged = policy.judge(note.to_string().as_bytes()).map_err(named)?;
        terminal.note(if judged.quorum { "witnessed as the policy asks" } else { "not yet witnessed as the policy asks" });
        Ok(if judged.quorum { Outcome::Clean } else { Outcome::Incomplete })
    }
}

/// The answer of a witness that came on a stick.
fn taken(policy: &Policy, note: &Note, file: &Path) -> Result<Vec<Asked>, Trouble> {
    let text = std::fs::read_to_string(file).map_err(|error| Trouble::reading(file, &error))?;
    let lines: Vec<Signature> = text.lines().filter_map(|line| Signature::parse(line).ok()).collect();
    let of = |witness: &habeas_ledger::policy::Witness| {
        let right = lines.iter().find(|line| {
            line.name == witness.key.name()
                && line.key_id == witness.key.id()
                && witness.key.check(note.unverified_text(), &line.bytes).is_ok()
        });
        right.cloned().map_or(Asked::NoAddress, Asked::Cosigned)
    };
    let asked: Vec<Asked> = policy.witnesses().iter().map(of).collect();
    if asked.iter().all(|answer| *answer == Asked::NoAddress) {
        let why = "no right cosignature of this checkpoint by a witness of the policy";
        return Err(Trouble::Input(format!("{}: {why}", file.display())));
    }
    Ok(asked)
}

/// Puts the cosigned checkpoint in the place of the old one: beside it first, then renamed, so that a reader never sees half of it.
fn keep(path: &Path, note: &Note) -> Result<(), Trouble> {
    Checkpoint::parse(note.unverified_text()).map_err(|error| Trouble::Input(error.to_string()))?;
    let fresh = path.with_extension("new");
    let written = std::fs::write(&fresh, note.to_string())
        .and_then(|()| std::fs::File::open(&fresh)?.sync_all())
        .and_then(|()| std::fs::rename(&fresh, path));
    written.map_err(|error| Trouble::writing(&path.display().to_string(), &error))
}

fn told(policy: &Policy, asked: &[Asked]) -> String {
    let mut out = String::new();
    for (witness, answer) in policy.witnesses().iter().zip(asked) {
        let answer = match answer {
            Asked::Cosigned(_) => "cosigned".to_owned(),
            Asked::Refused { status, why } => format!("REFUSED ({status}): {why}"),
            Asked::Unreachable { why } => format!("no answer: {why}"),
            Asked::NoAddress => "not asked: the policy names no address".to_owned(),
        };
        let _ = writeln!(out, "{:<20} {answer}", witness.shown_name());
    }
    out
}
