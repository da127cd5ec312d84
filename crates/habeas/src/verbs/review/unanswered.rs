//! `habeas review unanswered FILE`: the list that a coordinator takes into the room.

use super::store::Decisions;
use super::{cut, json_line, read_decided};
use crate::outcome::{Outcome, Trouble};
use crate::terminal;
use crate::verbs::Format;
use clap::Args;
use habeas_review::model::{Question, Review, Status};
use serde_json::json;
use std::fmt::Write;
use std::path::PathBuf;

/// List what nobody answered, what was declined, and what was answered in part.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Unanswered {
    /// The document.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only what nobody took up.
    #[arg(long)]
    only_none: bool,
    #[command(flatten)]
    decisions: Decisions,
    /// How to print: a list for people, or one JSON object a line.
    #[arg(long, value_name = "FORM", default_value = "text")]
    format: Format,
}

const EXAMPLES: &str = "Examples:
  habeas review unanswered record.txt
  habeas review unanswered record.txt --only-none --format json
  habeas review unanswered record.txt --data ./station

For each question: the paragraph, who asked, the words that ask, the nearest reply if there is one, the topics.
The links are computed from shared words: read the reply before saying that there was none.";

impl Unanswered {
    /// Reads the file and prints the list.
    ///
    /// # Errors
    /// As [`read_decided`] says.
    pub fn run(&self) -> Result<Outcome, Trouble> {
        let review = read_decided(&self.file, &self.decisions)?;
        let open = open_questions(&review, self.only_none);
        let out = match self.format {
            Format::Json => open.iter().map(|question| json_line(&row(question))).collect::<Result<String, Trouble>>()?,
            Format::Text => text(&review, &open),
        };
        terminal::print(out.as_bytes())?;
        Ok(Outcome::Clean)
    }
}

/// Nobody took it up, then declined, then in part; each in the order of the record.
fn open_questions(review: &Review, only_none: bool) -> Vec<&Question> {
    let mut open: Vec<&Question> = review.questions.iter().filter(|question| question.standing() != Status::Full).collect();
    open.retain(|question| !only_none || question.standing() == Status::None);
    open.sort_by_key(|question| question.standing());
    open
}

fn row(question: &Question) -> serde_json::Value {
    json!({
        "id": question.id,
        "paragraph": question.paragraph,
        "asked_by": question.asked_by,
        "text": question.text,
        "sentence": question.sentence,
        "status": question.standing(),
        "nearest_reply": nearest(question),
        "topics": question.topics,
    })
}

fn nearest(question: &Question) -> Option<u32> {
    question.standing_replies().first().copied().or(question.nearest)
}

fn text(review: &Review, open: &[&Question]) -> String {
    let symbol = review.document.symbol.as_deref().unwrap_or("no symbol");
    let asked = review.questions.len();
    let mut out = format!("{symbol}: {asked} things asked, {} of them without a full answer\n", open.len());
    for (status, title) in [(Status::None, "Nobody took it up"), (Status::Declined, "Declined"), (Status::Partial, "Answered in part")] {
        let these: Vec<&&Question> = open.iter().filter(|question| question.standing() == status).collect();
        if these.is_empty() {
            continue;
        }
        // Writing to a string does not fail.
        let _ = write!(out, "\n{title} ({})\n", these.len());
        for question in these {
            out.push_str(&entry(review, question));
        }
    }
    out
}

fn entry(review: &Review, question: &Question) -> String {
    let by = question.asked_by.as_deref().unwrap_or("nobody named");
    let mut out = format!("\n  ¶ {:<4} {by}   [{}]\n         {}\n", question.paragraph, question.id, question.text);
    if let Some(reply) = nearest(question).and_then(|number| review.paragraphs.iter().find(|paragraph| paragraph.number == number)) {
        let _ = writeln!(out, "         nearest reply ¶ {}: {}", reply.number, cut(&reply.text, 110));
    }
    if !question.topics.is_empty() {
        let _ = writeln!(out, "         topics: {}", question.topics.join(", "));
    }
    out
}
