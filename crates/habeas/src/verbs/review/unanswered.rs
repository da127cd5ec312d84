//! `habeas review unanswered FILE`: the list that a coordinator takes into the room.

use super::store::Decisions;
use super::{cut, json_line, read_decided};
use crate::outcome::{Outcome, Trouble};
use crate::terminal;
use crate::verbs::Format;
use clap::Args;
use habeas_review::model::{DocumentKind, Question, Review, Status};
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
        "overridden": question.overridden,
    })
}

fn nearest(question: &Question) -> Option<u32> {
    question.standing_replies().first().copied().or(question.nearest)
}

fn text(review: &Review, open: &[&Question]) -> String {
    let symbol = review.document.symbol.as_deref().unwrap_or("no symbol");
    let asked = review.questions.len();
    if asked == 0 {
        let hint = if review.recommendations.is_empty() { "" } else { "; `habeas review recommendations FILE` lists what it recommends" };
        return format!("{symbol}: it asks nothing{hint}\n");
    }
    let (things, count) = (if asked == 1 { "thing" } else { "things" }, open.len());
    let in_writing = review.document.kind == DocumentKind::ListOfIssues;
    let mut out = if in_writing {
        format!("{symbol}: {asked} {things} asked in writing, {count} to be answered\n")
    } else {
        format!("{symbol}: {asked} {things} asked, {count} of them without a full answer\n")
    };
    let nobody = if in_writing { "To be answered" } else { "Nobody took it up" };
    for (status, title) in [(Status::None, nobody), (Status::Declined, "Declined"), (Status::Partial, "Answered in part")] {
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
    let by = question.asked_by.as_deref().unwrap_or_default();
    let by = format!("¶ {:<4} {by}", question.paragraph);
    let mut out = format!("\n  {}   [{}]\n         {}\n", by.trim_end(), question.id, question.text);
    let decided = question.overridden.as_ref();
    if let Some(reply) = nearest(question).and_then(|number| review.paragraphs.iter().find(|paragraph| paragraph.number == number)) {
        let named = decided.is_some_and(|decided| decided.replies.is_some());
        let word = if named { "reply, as decided" } else { "nearest reply" };
        let _ = writeln!(out, "         {word} ¶ {}: {}", reply.number, cut(&reply.text, 110));
    }
    if let Some(decided) = decided {
        let why = decided.note.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
        let day: String = decided.at.chars().take(10).collect();
        let _ = writeln!(out, "         decided by {} on {day}{why}; computed: {}", decided.by, question.status.word());
    }
    if !question.topics.is_empty() {
        let _ = writeln!(out, "         topics: {}", question.topics.join(", "));
    }
    out
}
