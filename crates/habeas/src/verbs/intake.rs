//! `habeas intake guess FILE`: a mapping file to edit, with an example value beside each column.

use crate::outcome::{Outcome, Trouble};
use crate::terminal::Terminal;
use crate::{logs, packs, terminal};
use clap::{Args, Subcommand};

/// Help to read other people's logs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Propose a mapping file for a foreign table, to be read and edited.
    Guess(Guess),
}

/// Propose a mapping file for a foreign table, to be read and edited.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  habeas intake guess placements.csv --codebook standards > placements.toml")]
pub struct Guess {
    /// The table: CSV, JSON, Parquet or Arrow, also packed as .gz.
    file: String,
    /// Folder of a codebook, or the name of a pack inside this program [default: the one there with most rules]
    #[arg(long, value_name = "PACK")]
    codebook: Option<String>,
}

impl Verb {
    /// Prints the mapping.
    ///
    /// # Errors
    /// When the table or the codebook cannot be read.
    pub fn run(&self, terminal: Terminal) -> Result<Outcome, Trouble> {
        let Verb::Guess(guess) = self;
        let codebook = match &guess.codebook {
            Some(pack) => packs::codebook(pack, terminal)?,
            None => packs::with_most_rules()?,
        };
        let mapping = logs::guess(&guess.file, &codebook, terminal)?;
        terminal::print(mapping.as_bytes())?;
        Ok(Outcome::Clean)
    }
}
