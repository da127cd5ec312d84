//! `habeas review figures FILE`: every figure stated in a document.

use super::{json_line, read};
use crate::outcome::{Outcome, Trouble};
use crate::terminal;
use crate::verbs::Format;
use clap::Args;
use std::fmt::Write;
use std::path::PathBuf;

/// List every figure stated: where, by whom, what it counts, for which time. Sums that do not add up come last, as questions.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Figures {
    /// The document.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How to print: a table for people, or one JSON object a line.
    #[arg(long, value_name = "FORM", default_value = "text")]
    format: Format,
}

const EXAMPLES: &str = "Examples:
  habeas review figures record.txt
  habeas review figures record.txt --format json | jq 'select(.unit == \"deaths\")'";

impl Figures {
    /// Reads the file and prints the figures.
    ///
    /// # Errors
    /// As [`read`] says.
    pub fn run(&self) -> Result<Outcome, Trouble> {
        let review = read(&self.file)?;
        let mut out = String::new();
        match self.format {
            Format::Json => {
                for figure in &review.figures {
                    out.push_str(&json_line(figure)?);
                }
            }
            Format::Text => {
                for figure in &review.figures {
                    let period = figure.period.as_deref().unwrap_or("no time stated");
                    // Writing to a string does not fail.
                    let _ = writeln!(
                        out,
                        "¶ {:<4} {:>12} {:<11} {period:<22} … {} …",
                        figure.paragraph, figure.value, figure.unit, figure.what
                    );
                }
                for tension in &review.tensions {
                    let at: Vec<String> = tension.paragraphs.iter().map(u32::to_string).collect();
                    let _ = writeln!(out, "to ask about ¶ {}: {}", at.join(", "), tension.about);
                }
            }
        }
        terminal::print(out.as_bytes())?;
        Ok(Outcome::Clean)
    }
}
