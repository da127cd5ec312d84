//! `habeas review override FILE QUESTION`: a person's decision beside the computed one.

use super::store::Store;
use super::{json_line, read};
use crate::outcome::{Outcome, Trouble};
use crate::terminal;
use clap::{Args, ValueEnum};
use habeas_review::model::{Review, Status};
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
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', value_parser = paragraph_number)]
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
        self.check(&review)?;
        let status = self.status.map(|answer| match answer {
            Answer::Full => Status::Full,
            Answer::Partial => Status::Partial,
            Answer::Declined => Status::Declined,
            Answer::None => Status::None,
        });
        let decision = Decision { status, replies: self.replies.clone(), why: &self.why };
        let made = self.store.enter(|_, entering| {
            let event = decide(&review, &self.question, &decision, entering).expect("the question and the paragraphs were checked");
            Ok(vec![event])
        })?;
        for event in &made {
            terminal::print(json_line(event)?.as_bytes())?;
        }
        Ok(Outcome::Clean)
    }

    /// Whether the document has the question and the paragraphs that are named.
    fn check(&self, review: &Review) -> Result<(), Trouble> {
        let wrong = |problem: String| Err(Trouble::Input(format!("{}: {problem}", self.file.display())));
        if !review.questions.iter().any(|question| question.id == self.question) {
            let paragraph = self.question.trim_start_matches('q').split('.').next().and_then(|number| number.parse::<u32>().ok());
            let there = review.questions.iter().filter(|question| Some(question.paragraph) == paragraph);
            let there: Vec<&str> = there.map(|question| question.id.as_str()).collect();
            let hint = match (paragraph, there.is_empty()) {
                (Some(number), false) => format!("paragraph {number} asks {}", there.join(", ")),
                (Some(number), true) => format!("paragraph {number} asks nothing; `habeas review import` lists all questions"),
                (None, _) => "a question is named as in q16.3; `habeas review import` lists all questions".to_owned(),
            };
            return wrong(format!("no question `{}`: {hint}", self.question));
        }
        let numbers = self.replies.iter().flatten();
        match numbers.into_iter().find(|number| !review.paragraphs.iter().any(|paragraph| paragraph.number == **number)) {
            Some(number) => {
                let last = review.paragraphs.last().map_or(0, |paragraph| paragraph.number);
                wrong(format!("no paragraph {number} to answer with; the last is {last}"))
            }
            None => Ok(()),
        }
    }
}

fn paragraph_number(text: &str) -> Result<u32, String> {
    text.trim().parse().map_err(|_| "expected numbers of paragraphs, as in `--replies 27,31`".to_owned())
}
