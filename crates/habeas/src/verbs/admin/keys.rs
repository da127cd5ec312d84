//! `habeas admin keys`: the public halves of a register's keys, for those who seal for it, watch it or verify it.

use crate::outcome::{Outcome, Trouble};
use crate::registers::{self, Data};
use crate::terminal;
use clap::Args;
use std::fmt::Write as _;

const EXAMPLES: &str = "Example:
  habeas admin keys --data ./clinic

The line `medical` of a clinic is what a police register is made with, so that it seals findings for the clinic and cannot open them:
  habeas admin init --data ./station --elsewhere medical=HEX --codebook standards --origin custody.example/st/0412";

/// Print the public keys of a register: of its log, and of the authority that opens each class.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Keys {
    #[command(flatten)]
    data: Data,
}

impl Keys {
    pub(super) fn run(&self) -> Result<Outcome, Trouble> {
        let folder = registers::find(&self.data.data)?;
        let passphrase = self.data.passphrase.read()?;
        let keys = folder.keys(passphrase.as_ref().map(|text| text.as_str())).map_err(registers::trouble)?;
        let mut out = format!("{:<10} {}\n", "log", keys.log.verifier());
        for (class, authority) in &keys.authorities {
            let hex: String = authority.public.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            let place = if authority.private.is_some() { "opens here" } else { "opens elsewhere" };
            let _ = writeln!(out, "{:<10} {hex}   {place}", class.word());
        }
        terminal::print(out.as_bytes())?;
        Ok(Outcome::Clean)
    }
}
