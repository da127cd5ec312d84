//! `habeas review import FILE`: everything found in a document, as one JSON object.

use super::read_decided;
use super::store::Decisions;
use crate::outcome::{Outcome, Trouble};
use crate::terminal;
use crate::verbs::Format;
use clap::Args;
use std::path::PathBuf;

/// Read a summary record, concluding observations, a list of issues or a follow-up letter. No network and no model: rules over text, so
/// the same file gives the same bytes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Import {
    /// Text, Markdown, HTML, .docx, or a PDF with text in it.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print JSON; it is printed in any case.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    decisions: Decisions,
    /// How to print: JSON in any case.
    #[arg(long, value_name = "FORM", default_value = "json")]
    format: Format,
}

const EXAMPLES: &str = "Examples:
  habeas review import record.txt > record.json
  habeas review import record.pdf --format json > record.json
  habeas review import observations.docx --json | jq '.recommendations[] | {cited, due}'

Exit status: 0 imported, also with diagnostics; 2 the file is no text of a treaty body; 3 it could not be
read, or the object could not be printed whole.";

impl Import {
    /// Reads the file and prints the object.
    ///
    /// # Errors
    /// As [`read_decided`] says.
    pub fn run(&self) -> Result<Outcome, Trouble> {
        let review = read_decided(&self.file, &self.decisions)?;
        let mut text = serde_json::to_string_pretty(&review)
            .map_err(|error| Trouble::Machine(format!("the import cannot be written as JSON: {error}")))?;
        text.push('\n');
        terminal::print(text.as_bytes()).map_err(whole)?;
        Ok(Outcome::Clean)
    }
}

/// Half an object is no use to whoever reads it: here a reader that went away is told of, unlike behind a list.
fn whole(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Closed => Trouble::Machine("standard output was closed before the whole object was printed".to_owned()),
        Trouble::Input(_) | Trouble::Machine(_) => trouble,
    }
}
