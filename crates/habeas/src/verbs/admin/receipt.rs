//! `habeas admin receipt`: the receipt of an entry, to hand to whom it is about.

use crate::outcome::{Outcome, Trouble};
use crate::registers::{self, Data};
use crate::terminal;
use clap::Args;

const EXAMPLES: &str = "Example:
  habeas admin receipt --data ./station --entry e3 > e3.tlog-proof
  habeas verify receipt e3.tlog-proof --policy ./station/policy        (on any machine, without a network)";

/// Print the receipt of an entry: a C2SP tlog-proof, which shows no field.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Receipt {
    #[command(flatten)]
    data: Data,
    /// Id of the entry.
    #[arg(long, value_name = "ID")]
    entry: String,
}

impl Receipt {
    pub(super) fn run(&self) -> Result<Outcome, Trouble> {
        let (_, register) = registers::open_reading(&self.data)?;
        let entry = register.entry(&self.entry)?;
        terminal::print(register.receipt(entry.index)?.as_bytes())?;
        Ok(Outcome::Clean)
    }
}
