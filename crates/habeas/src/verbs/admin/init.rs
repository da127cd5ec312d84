//! `habeas admin init`: a fresh register.

use crate::outcome::{Outcome, Trouble};
use crate::packs;
use crate::registers::{self, Data};
use crate::terminal::{self, Terminal};
use clap::Args;

const EXAMPLES: &str = "Examples:
  habeas admin init --data ./station --codebook standards --origin custody.example/st/0412
  HABEAS_PASSPHRASE=… habeas admin init --data ./station --codebook standards --origin custody.example/st/0412
  habeas admin init --data ./keys --database postgresql://habeas@db.example/custody --codebook standards --origin custody.example/st/0412";

/// Make a register: keys, codebook, empty log. Prints the key by which others verify it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Init {
    #[command(flatten)]
    data: Data,
    /// Folder of a codebook, or the name of a pack inside this program.
    #[arg(long, value_name = "PACK")]
    codebook: String,
    /// Name of its log: jurisdiction and log.
    #[arg(long, value_name = "NAME")]
    origin: String,
}

impl Init {
    pub(super) fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let codebook = packs::codebook(&self.codebook, terminal)?;
        let passphrase = self.data.passphrase.read()?;
        let passphrase = passphrase.as_ref().map(|text| text.as_str());
        let folder = registers::create(&self.data, &self.codebook, &codebook, &self.origin, passphrase)?;
        let (_, register) = registers::open(&self.data)?;
        drop(register);
        if folder.has_own_passphrase() {
            terminal.note("no passphrase was given: one was drawn and stands beside the keys");
        }
        let keys = folder.keys(passphrase).map_err(registers::trouble)?;
        terminal::print(format!("{}\n", keys.log.verifier()).as_bytes())?;
        Ok(Outcome::Clean)
    }
}
