//! `habeas admin backup`: the events and what verifies them, without a key.

use crate::outcome::{Outcome, Trouble};
use crate::registers::{self, Data};
use crate::terminal::{self, Terminal};
use clap::Args;
use std::path::PathBuf;

const EXAMPLES: &str = "Example:
  habeas admin backup --data ./station --to /mnt/backup/2026-03-02

The copy holds no keys: an erasure would mean nothing if the keys came back with it. Back up `keys.db` apart, for days, not years.";

/// Copy a register while it is in use. The copy is whole, can be verified, and opens nothing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Backup {
    #[command(flatten)]
    data: Data,
    /// Folder for the copy; must not be there yet.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

impl Backup {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let (folder, register) = registers::open_reading(&self.data)?;
        let signed = register.backup(&self.to, &folder).map_err(registers::trouble)?;
        terminal.note("the copy holds no keys; back up `keys.db` and `keys` apart");
        terminal::print(format!("{} entries copied to {}\n", signed.size, self.to.display()).as_bytes())?;
        Ok(Outcome::Clean)
    }
}
