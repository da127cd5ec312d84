//! `habeas codebook list`: the packs inside the binary.

use crate::outcome::{Outcome, Trouble};
use crate::verbs::Format;
use crate::{packs, terminal};
use clap::Args;
use serde_json::json;
use std::fmt::Write as _;

/// List the packs inside this program.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  habeas codebook list")]
pub struct List {
    /// How to print.
    #[arg(long, default_value = "text")]
    format: Format,
}

impl List {
    /// Prints name, number of rules and title of each.
    ///
    /// # Errors
    /// When nothing can be printed.
    pub fn run(&self) -> Result<Outcome, Trouble> {
        let mut out = String::new();
        for name in packs::built_in_names() {
            let reading = packs::read(name)?;
            let Some(codebook) = reading.codebook else { continue };
            let rules = codebook.rules.len();
            let _ = match self.format {
                Format::Text => writeln!(out, "{name:<16}{rules:>4} rules  {}", codebook.name),
                Format::Json => {
                    writeln!(out, "{}", json!({"id": name, "name": codebook.name, "version": codebook.version, "rules": rules}))
                }
            };
        }
        terminal::print(out.as_bytes())?;
        Ok(Outcome::Clean)
    }
}
