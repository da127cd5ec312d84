//! `habeas verify fork A B`: two checkpoints of one log: one history, or two?

use super::{Believed, checkpoint_in};
use crate::outcome::{Outcome, Trouble};
use crate::places::Folder;
use crate::terminal::{self, Terminal};
use crate::verbs::Format;
use clap::Args;
use habeas_ledger::checkpoint::Checkpoint;
use habeas_ledger::merkle::Hashes;
use habeas_ledger::note::Note;
use habeas_ledger::tile::{Files, TileHashes};
use habeas_ledger::verify::fork::{Compared, compare};
use habeas_register::stored::StoredRegister;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Compare two checkpoints: notes, receipts, or the folders of two copies of a log or a register.
#[derive(Debug, Args)]
pub(super) struct Fork {
    /// One: a note, a receipt, or the folder of a log or a register.
    #[arg(value_name = "A")]
    pub(super) one: PathBuf,
    /// The other.
    #[arg(value_name = "B")]
    pub(super) other: PathBuf,
    #[command(flatten)]
    pub(super) believed: Believed,
}

impl Fork {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let policy = self.believed.policy()?;
        let (one, other) = (checkpoint_in(&self.one)?, checkpoint_in(&self.other)?);
        let mut compared = None;
        for path in [&self.one, &self.other] {
            let files = files_in(path)?;
            let size = stated_size(&one).max(stated_size(&other));
            let hashes = files.as_deref().map(|files| TileHashes::new(files, size));
            let hashes = hashes.as_ref().map(|hashes| hashes as &dyn Hashes);
            let found = compare(&one, &other, &policy, hashes).map_err(|error| Trouble::Input(error.to_string()))?;
            let settled = !matches!(found, Compared::Unknown { .. });
            compared = Some(found);
            if settled {
                break;
            }
        }
        let paint = terminal.paint();
        let (outcome, text, json) = match compared {
            Some(Compared::Consistent) => {
                (Outcome::Clean, "one history".to_owned(), json!({ "result": "proven", "status": 0, "why": null }))
            }
            Some(Compared::Forked(finding)) => {
                let text =
                    format!("{}  {}; expected {}\n\n{}", paint.bad("FORK"), finding.found, finding.expected, finding.notes.join("\n"));
                let why = format!("{}; expected {}", finding.found, finding.expected);
                (
                    Outcome::Found,
                    text,
                    json!({ "result": "tampered", "status": 1, "code": finding.code.word(), "why": why, "notes": finding.notes }),
                )
            }
            Some(Compared::Unknown { older, newer }) => {
                let why = format!("sizes {older} and {newer}: only the log's hashes can tell; give the folder of a copy of it as A or B");
                (Outcome::Incomplete, why.clone(), json!({ "result": "incomplete", "status": 4, "why": why }))
            }
            None => return Err(Trouble::Input("two checkpoints were expected".to_owned())),
        };
        let out = match self.believed.format {
            Format::Text => format!("{text}\n"),
            Format::Json => format!("{json}\n"),
        };
        terminal::print(out.as_bytes())?;
        Ok(outcome)
    }
}

/// The hashes of a log that a folder holds, as tiles or as a register; nothing where the path is a note or a receipt.
fn files_in(path: &Path) -> Result<Option<Box<dyn Files>>, Trouble> {
    if !path.is_dir() {
        return Ok(None);
    }
    if !path.join("register.db").is_file() {
        return Ok(Some(Box::new(Folder::new(path))));
    }
    let register = StoredRegister::open(path, None).map_err(|error| Trouble::Input(error.to_string()))?;
    Ok(Some(Box::new(register)))
}

/// The size that a note states, believed or not: how far hashes are read.
fn stated_size(note: &[u8]) -> u64 {
    let read = Note::parse(note).and_then(|note| Checkpoint::parse(note.unverified_text()));
    read.map_or(0, |checkpoint| checkpoint.size)
}
