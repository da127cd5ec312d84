//! `habeas review override FILE QUESTION`: a person's decision beside the computed one.

use super::store::Store;
use super::{json_line, read};
use crate::outcome::{Outcome, Trouble};
use crate::terminal;
use clap::{Args, ValueEnum};
use habeas_review::model::Status;
use habeas_review::tracker::overriding::{Decision, decide};
use std::path::PathBuf;

/// Decide how far a question was answered, or by which paragraphs. The computed value stays beside it, with who decided and when.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Override {
    /// The document.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The question, as the list names it.
    #[arg(value_name = "QUESTION")]
    question: String,
    /// The status instead of the computed one.
    #[arg(long, value_name = "STATUS", required_unless_present = "replies")]
    status: Option<Answer>,
    /// The paragraphs that answer it, instead of the computed ones; separated by commas.
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    replies: Option<Vec<u32>>,
    /// Why.
    #[arg(long, value_name = "TEXT", default_value = "")]
    why: String,
    #[command(flatten)]
    store: Store,
}

/// How far a question was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Answer {
    /// What was asked was given.
    Full,
    /// A part.
    Partial,
    /// It was declined.
    Declined,
    /// Nobody took it up.
    None,
}

const EXAMPLES: &str = "Examples:
  habeas review override record.txt q16.3 --status partial --why \"only at the station\" --by \"A. Orde\" --data ./station
  habeas review override record.txt q24.2 --replies 27 --by \"A. Orde\" --store review.jsonl
  habeas review unanswered record.txt --store review.jsonl

The decision is found again by the words of the question and of the replies, so it holds for a corrected record with other numbers.";

impl Override {
    /// Records the decision.
    ///
    /// # Errors
    /// As [`read`] says, or a question or paragraph that the document does not have.
    pub fn run(&self) -> Result<Outcome, Trouble> {
        let review = read(&self.file)?;
        let status = self.status.map(|answer| match answer {
            Answer::Full => Status::Full,
            Answer::Partial => Status::Partial,
            Answer::Declined => Status::Declined,
            Answer::None => Status::None,
        });
        let decision = Decision { status, replies: self.replies.clone(), why: &self.why };
        let made = self.store.enter(|_, entering| {
            let event = decide(&review, &self.question, &decision, entering).ok_or_else(|| {
                let problem = format!("no question `{}`, or no such paragraph among its replies", self.question);
                Trouble::Input(format!("{}: {problem}; `habeas review unanswered` lists the questions", self.file.display()))
            })?;
            Ok(vec![event])
        })?;
        for event in &made {
            terminal::print(json_line(event)?.as_bytes())?;
        }
        Ok(Outcome::Clean)
    }
}
