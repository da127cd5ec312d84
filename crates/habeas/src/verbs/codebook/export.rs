//! `habeas codebook export --mfotl PACK`: the rules for other monitors.

use crate::outcome::{Outcome, Trouble};
use crate::packs;
use crate::terminal::{self, Terminal};
use clap::Args;

const EXAMPLES: &str = "Example:
  habeas codebook export --mfotl my-law > my-law.mfotl

Rules that the logic cannot express are listed as comments, each with the reason.";

/// Write rules in the language of other monitors.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Export {
    /// Folder of a codebook, or the name of a pack inside this program.
    #[arg(value_name = "PACK")]
    codebook: String,
    /// As metric first-order temporal logic, in the syntax of MonPoly.
    #[arg(long, required = true)]
    mfotl: bool,
}

impl Export {
    /// Prints signature and formulas.
    ///
    /// # Errors
    /// A codebook that cannot be read.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let codebook = packs::codebook(&self.codebook, terminal)?;
        terminal::print(habeas_codebook::mfotl::export(&codebook).as_bytes())?;
        Ok(Outcome::Clean)
    }
}
