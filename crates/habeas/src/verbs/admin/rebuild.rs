//! `habeas admin rebuild`: everything that is derived, made again from the events.

use crate::outcome::{Outcome, Trouble};
use crate::registers::{self, Data};
use crate::terminal::{self, Terminal};
use clap::Args;

const EXAMPLES: &str = "Example:
  habeas admin rebuild --data ./station";

/// Drop indexes, subjects and verdicts, and make them again from the events. Needs the keys; the events are not touched.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Rebuild {
    #[command(flatten)]
    data: Data,
}

impl Rebuild {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let (_, register) = registers::open(&self.data)?;
        let size = register.checkpoint().map_err(registers::trouble)?.size;
        let bar = terminal.bar(size, "rebuilding");
        let told = bar.clone();
        let rebuilt = register.rebuild(registers::now(), move |done| told.set_position(done)).map_err(registers::trouble)?;
        bar.finish_and_clear();
        terminal::print(format!("{rebuilt} entries read again\n").as_bytes())?;
        Ok(Outcome::Clean)
    }
}
