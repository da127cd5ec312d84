//! `habeas review text FILE`: the text that the other verbs read.

use super::unreadable;
use crate::outcome::{Outcome, Trouble};
use crate::terminal;
use clap::Args;
use std::path::PathBuf;

/// Print the text of a document as it is read, whatever form its file has: the lines that an import names are counted in it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Text {
    /// Text, Markdown, HTML, .docx, or a PDF with text in it.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

const EXAMPLES: &str = "Examples:
  habeas review text observations.pdf > observations.txt
  habeas review text record.docx | sed -n 120,130p

Exit status: 0 printed; 2 the file is no text and has none; 3 it could not be read.";

impl Text {
    /// Reads the file and prints its text.
    ///
    /// # Errors
    /// A file that is not there or cannot be read.
    pub fn run(&self) -> Result<Outcome, Trouble> {
        let bytes = std::fs::read(&self.file).map_err(|error| unreadable(&self.file, &error))?;
        let text = habeas_review::text_of(&bytes).map_err(|error| Trouble::Input(format!("{}: {error}", self.file.display())))?;
        terminal::print(text.as_bytes())?;
        Ok(Outcome::Clean)
    }
}
