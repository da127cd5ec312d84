//! `habeas codebook check DIR`: parse and check; every diagnostic of one run.

use super::examples::Examples;
use crate::outcome::{Outcome, Trouble};
use crate::terminal::Terminal;
use crate::verbs::Format;
use crate::{diagnostics, packs, terminal};
use clap::Args;
use habeas_codebook::diagnostic::Severity;

/// Parse a codebook and check it: every mistake at once, each with its line and a help.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  habeas codebook check my-law\n  habeas codebook check my-law --format json | jq .code")]
pub struct Check {
    /// Folder of the codebook, or the name of a pack inside this program.
    #[arg(value_name = "DIR")]
    pack: String,
    /// How to print.
    #[arg(long, default_value = "text")]
    format: Format,
}

impl Check {
    /// Status 2 with any error, 0 with warnings only.
    ///
    /// # Errors
    /// When the folder is not there or cannot be read.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let found = packs::find(&self.pack)?;
        let mut reading = packs::read_found(&found);
        let examples = Examples::of(&packs::timelines(&found));
        reading.diagnostics.extend(reading.codebook.iter().flat_map(|codebook| examples.lacking(codebook)));
        reading.diagnostics.extend(reading.codebook.iter().flat_map(habeas_access::check::check));
        let text = diagnostics::write(&reading.diagnostics, &reading.files, self.format, terminal.paint().0)?;
        terminal::print(&text)?;
        let errors = reading.diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
        let rules = reading.codebook.as_ref().map_or(0, |codebook| codebook.rules.len());
        terminal.note(&format!("{rules} rules read, {errors} errors, {} warnings", reading.diagnostics.len() - errors));
        Ok(if errors > 0 || reading.codebook.is_none() { Outcome::BadInput } else { Outcome::Clean })
    }
}
