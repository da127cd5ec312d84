//! `habeas review recommendations FILE`: what a State should do, point by point.

use super::{cut, json_line, read};
use crate::outcome::{Outcome, Trouble};
use crate::terminal;
use crate::verbs::Format;
use clap::Args;
use habeas_review::model::Review;
use std::fmt::Write;
use std::path::PathBuf;

/// List the recommendations of concluding observations or of a peer review, with follow-up flags and due dates.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Recommendations {
    /// The document.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How to print: a list for people, or one JSON object a line.
    #[arg(long, value_name = "FORM", default_value = "text")]
    format: Format,
}

const EXAMPLES: &str = "Examples:
  habeas review recommendations observations.txt
  habeas review recommendations observations.txt --format json | jq 'select(.follow_up)'";

/// Says that a document recommends nothing, and what else there is to see in it.
fn none_in(review: &Review) -> String {
    let name = review.document.symbol.as_deref().unwrap_or("this document");
    let hint = if review.questions.is_empty() { "" } else { "; `habeas review unanswered FILE` lists what it asks" };
    format!("{name}: no recommendations, which stand in concluding observations and in reports of peer reviews{hint}\n")
}

impl Recommendations {
    /// Reads the file and prints the recommendations.
    ///
    /// # Errors
    /// As [`read`] says.
    pub fn run(&self) -> Result<Outcome, Trouble> {
        let review = read(&self.file)?;
        let mut out = String::new();
        match self.format {
            Format::Json => {
                for recommendation in &review.recommendations {
                    out.push_str(&json_line(recommendation)?);
                }
            }
            Format::Text => {
                let document = &review.document;
                if review.recommendations.is_empty() {
                    out = none_in(&review);
                    terminal::print(out.as_bytes())?;
                    return Ok(Outcome::Clean);
                }
                let day = |day: &Option<String>| day.clone().unwrap_or_else(|| "not stated".to_owned());
                // Writing to a string does not fail.
                let _ = writeln!(out, "adopted {}; next report due {}\n", day(&document.adopted), day(&document.next_report));
                for found in &review.recommendations {
                    let flag = if found.follow_up { format!("follow-up, due {}", day(&found.due)) } else { String::new() };
                    let _ = writeln!(out, "{:<9} {:<28} {}", found.cited, flag, cut(&found.text, 160));
                }
            }
        }
        terminal::print(out.as_bytes())?;
        Ok(Outcome::Clean)
    }
}
